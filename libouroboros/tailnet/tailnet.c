/* Life of the handle and its health. The handle is counted: a call that is still on the network when the handle is freed keeps the
 * memory until it returns, so that freeing never has to wait longer than it promised. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/sys.h"
#include "tailnet/state.h"

/* ouro_tailnet_free() promises 2 s. */
#define FREE_WAIT_MS 1800

static void destroy(ouro_tailnet *tailnet)
{
	ouro__snapshot_unref(tailnet->snapshot);
	ouro__channel_free(tailnet->channel);
	(void)pthread_cond_destroy(&tailnet->changed);
	(void)pthread_mutex_destroy(&tailnet->lock);
	free(tailnet);
}

int ouro__tailnet_enter(ouro_tailnet *tailnet)
{
	int open;

	(void)pthread_mutex_lock(&tailnet->lock);
	open = !tailnet->stopping;
	if (open)
		tailnet->holders++;
	(void)pthread_mutex_unlock(&tailnet->lock);
	return open;
}

void ouro__tailnet_leave(ouro_tailnet *tailnet)
{
	unsigned left;

	(void)pthread_mutex_lock(&tailnet->lock);
	left = --tailnet->holders;
	if (tailnet->stopping)
		(void)pthread_cond_broadcast(&tailnet->changed);
	(void)pthread_mutex_unlock(&tailnet->lock);
	if (!left)
		destroy(tailnet);
}

int ouro__tailnet_wait(ouro_tailnet *tailnet, int64_t until)
{
	struct timespec at;

	if (ouro__clock_ms() >= until)
		return 0;
	at.tv_sec = (time_t)(until / 1000);
	at.tv_nsec = (long)(until % 1000) * 1000000;
	(void)pthread_cond_timedwait(&tailnet->changed, &tailnet->lock, &at);
	return 1;
}

ouro_status ouro__tailnet_stopped(ouro_error *reterr)
{
	return ouro__error_set(
		reterr, OURO_ERR_UNREACHABLE, "the connection to Headscale is being closed");
}

static int64_t or_default(uint32_t value, int64_t other)
{
	return value ? (int64_t)value : other;
}

static int make_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;
	int ok;

	if (pthread_condattr_init(&attributes) != 0)
		return 0;
	ok = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
		pthread_cond_init(condition, &attributes) == 0;
	(void)pthread_condattr_destroy(&attributes);
	return ok;
}

/* Lock and condition, then the worker; on failure nothing of it is left. */
static int start(ouro_tailnet *tailnet)
{
	if (pthread_mutex_init(&tailnet->lock, NULL) != 0)
		return 0;
	if (!make_condition(&tailnet->changed)) {
		(void)pthread_mutex_destroy(&tailnet->lock);
		return 0;
	}
	tailnet->holders = 2;
	if (pthread_create(&tailnet->worker, NULL, ouro__tailnet_worker, tailnet) == 0)
		return 1;
	(void)pthread_cond_destroy(&tailnet->changed);
	(void)pthread_mutex_destroy(&tailnet->lock);
	return 0;
}

ouro_status ouro__tailnet_new(ouro__channel *channel, const char *endpoint,
	const ouro_tailnet_options *options, ouro_tailnet **ret_tailnet, ouro_error *reterr)
{
	ouro_tailnet *tailnet = ouro__alloc(1, sizeof(*tailnet));

	if (!tailnet) {
		ouro__channel_free(channel);
		return ouro__error_nomem(reterr);
	}
	tailnet->channel = channel;
	tailnet->log.fn = options->log;
	tailnet->log.user = options->log_user;
	tailnet->freshness_ms = or_default(options->freshness_ms, 2000);
	tailnet->read_timeout_ms = or_default(options->read_timeout_ms, 10000);
	tailnet->write_timeout_ms = or_default(options->write_timeout_ms, 15000);
	tailnet->stale_after_ms = or_default(options->stale_after_ms, 1200);
	tailnet->first_view_ms = or_default(options->first_view_ms, 4500);
	tailnet->since = OURO_TIME_NEVER;
	tailnet->answered = OURO_TIME_NEVER;
	tailnet->failure = (ouro_error)OURO_ERROR_INIT;
	(void)snprintf(tailnet->endpoint, sizeof(tailnet->endpoint), "%s", endpoint);
	ouro__str_one_line(tailnet->endpoint);
	if (!start(tailnet)) {
		ouro__channel_free(channel);
		free(tailnet);
		return ouro__error_set(reterr, OURO_ERR_IO, "cannot start a thread");
	}
	*ret_tailnet = tailnet;
	return OURO_OK;
}

void ouro_tailnet_free(ouro_tailnet *tailnet)
{
	int64_t until = ouro__clock_ms() + FREE_WAIT_MS;
	int done;

	if (!tailnet)
		return;
	(void)pthread_mutex_lock(&tailnet->lock);
	tailnet->stopping = 1;
	(void)pthread_cond_broadcast(&tailnet->changed);
	(void)pthread_mutex_unlock(&tailnet->lock);
	ouro__channel_stop(tailnet->channel);

	(void)pthread_mutex_lock(&tailnet->lock);
	while ((!tailnet->worker_done || tailnet->holders > 1) &&
		ouro__tailnet_wait(tailnet, until))
		continue;
	done = tailnet->worker_done;
	(void)pthread_mutex_unlock(&tailnet->lock);
	if (done)
		(void)pthread_join(tailnet->worker, NULL);
	else
		(void)pthread_detach(tailnet->worker);
	ouro__tailnet_leave(tailnet);
}

void ouro__tailnet_last_failure(const ouro_tailnet *tailnet, ouro_error *ret_error)
{
	*ret_error = tailnet->failure;
	if (ret_error->status == OURO_ERR_UNCERTAIN || ret_error->status == OURO_OK)
		ret_error->status = OURO_ERR_UNREACHABLE;
}

/* Did the server itself say something that makes sense? */
static int is_answer(ouro_status status)
{
	switch (status) {
	case OURO_ERR_UNREACHABLE:
	case OURO_ERR_TIMEOUT:
	case OURO_ERR_UNCERTAIN:
	case OURO_ERR_PROTOCOL:
	case OURO_ERR_LIMIT: return 0;
	default: return 1;
	}
}

/* 1 = says nothing about the server. */
static int is_our_own(ouro_status status)
{
	return status == OURO_ERR_NOMEM || status == OURO_ERR_INTERNAL || status == OURO_ERR_IO;
}

static int is_trouble(ouro_status status)
{
	return !is_answer(status) || status == OURO_ERR_UNAUTHENTICATED ||
		status == OURO_ERR_UNSUPPORTED;
}

void ouro__tailnet_record(ouro_tailnet *tailnet, const ouro_error *result)
{
	int64_t now = ouro__clock_unix();
	int answer = is_answer(result->status);
	int turned;
	int changed;
	int silent;

	if (is_our_own(result->status))
		return;
	(void)pthread_mutex_lock(&tailnet->lock);
	turned = tailnet->since == OURO_TIME_NEVER || tailnet->reachable != answer;
	changed = is_trouble(result->status) && tailnet->failure.status != result->status;
	silent = tailnet->stopping;
	if (!silent) {
		if (turned)
			tailnet->since = now;
		tailnet->reachable = answer;
		if (answer)
			tailnet->answered = now;
		if (is_trouble(result->status)) {
			tailnet->failure = *result;
			ouro__breaker_failure(&tailnet->breaker, ouro__clock_ms(),
				(unsigned)ouro__rand_below(256));
		} else {
			tailnet->failure = (ouro_error)OURO_ERROR_INIT;
			ouro__breaker_success(&tailnet->breaker);
		}
	}
	(void)pthread_mutex_unlock(&tailnet->lock);
	if (silent)
		return;
	if (changed)
		ouro__log_line(&tailnet->log, OURO_LOG_WARNING, "Headscale at %s: %s",
			tailnet->endpoint, result->text);
	else if (turned && answer)
		ouro__log_line(
			&tailnet->log, OURO_LOG_INFO, "Headscale at %s answers", tailnet->endpoint);
}

ouro_status ouro_tailnet_status_get(
	ouro_tailnet *tailnet, ouro_tailnet_status *ret_status, ouro_error *reterr)
{
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;

	if (!tailnet || !ret_status || ret_status->size < sizeof(ret_status->size))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"size of the status is not set, use OURO_TAILNET_STATUS_INIT");
	(void)pthread_mutex_lock(&tailnet->lock);
	status.reachable = tailnet->reachable;
	status.last_error = tailnet->failure.status;
	status.since = tailnet->since;
	status.answered = tailnet->answered;
	if (tailnet->generation) {
		status.capabilities = ouro__generation_capabilities(tailnet->generation);
		(void)ouro__str_copy(status.version, sizeof(status.version),
			ouro__generation_version(tailnet->generation));
	}
	(void)ouro__str_copy(status.text, sizeof(status.text), tailnet->failure.text);
	(void)pthread_mutex_unlock(&tailnet->lock);
	(void)ouro__str_copy(status.endpoint, sizeof(status.endpoint), tailnet->endpoint);
	status.size = ret_status->size < sizeof(status) ? ret_status->size : sizeof(status);
	memcpy(ret_status, &status, status.size);
	return OURO_OK;
}
