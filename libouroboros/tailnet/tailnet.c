/* Life of the handle. The handle is counted: a call that is still on the network when the handle is freed keeps the
 * memory until it returns, so that freeing never has to wait longer than it promised. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/sys.h"
#include "base/thread.h"
#include "tailnet/state.h"

/* ouro_tailnet_free() promises 2 s. */
#define FREE_WAIT_MS 1800

static void destroy(ouro_tailnet *tailnet)
{
	ouro__snapshot_unref(tailnet->snapshot);
	ouro__candidates_free(&tailnet->candidates);
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
	if (ouro__clock_ms() >= until)
		return 0;
	(void)ouro__cond_wait_until(&tailnet->changed, &tailnet->lock, until);
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

/* Lock and condition, then the worker; on failure nothing of it is left. */
static int start(ouro_tailnet *tailnet)
{
	if (pthread_mutex_init(&tailnet->lock, NULL) != 0)
		return 0;
	if (!ouro__cond_init(&tailnet->changed)) {
		(void)pthread_mutex_destroy(&tailnet->lock);
		return 0;
	}
	tailnet->holders = 2;
	if (ouro__thread_start(&tailnet->worker, ouro__tailnet_worker, tailnet))
		return 1;
	(void)pthread_cond_destroy(&tailnet->changed);
	(void)pthread_mutex_destroy(&tailnet->lock);
	return 0;
}

ouro_status ouro__tailnet_over(const struct ouro__candidates *candidates, const char *endpoint,
	const ouro_tailnet_options *options, ouro_tailnet **ret_tailnet, ouro_error *reterr)
{
	ouro_tailnet *tailnet = ouro__alloc(1, sizeof(*tailnet));
	struct ouro__candidates own = *candidates;

	if (!tailnet) {
		ouro__candidates_free(&own);
		return ouro__error_nomem(reterr);
	}
	tailnet->candidates = own;
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
		ouro__candidates_free(&tailnet->candidates);
		free(tailnet);
		return ouro__error_set(reterr, OURO_ERR_IO, "cannot start a thread");
	}
	*ret_tailnet = tailnet;
	return OURO_OK;
}

ouro_status ouro__tailnet_new(ouro__channel *channel, const char *endpoint,
	const ouro_tailnet_options *options, ouro_tailnet **ret_tailnet, ouro_error *reterr)
{
	struct ouro__candidates candidates;

	ouro__candidates_init(&candidates);
	ouro__candidates_add(&candidates, channel, endpoint, 0);
	return ouro__tailnet_over(&candidates, endpoint, options, ret_tailnet, reterr);
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
	ouro__candidates_stop(&tailnet->candidates);

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
