/* How the server fares: what attempts amount to, the log, and what is told about it. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/sys.h"
#include "tailnet/state.h"

/* A failure whose words change all the time is not logged all the time. */
#define COMPLAIN_MS 30000

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

/* Holds the lock. Once when it changes, not once an attempt. */
static int is_news(const ouro_tailnet *tailnet, const ouro_error *result)
{
	if (tailnet->failure.status != result->status)
		return 1;
	return strcmp(tailnet->failure.text, result->text) != 0 &&
		ouro__clock_ms() - tailnet->complained_ms >= COMPLAIN_MS;
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
	changed = is_trouble(result->status) && is_news(tailnet, result);
	silent = tailnet->stopping;
	if (!silent) {
		if (turned)
			tailnet->since = now;
		tailnet->reachable = answer;
		if (answer)
			tailnet->answered = now;
		if (changed)
			tailnet->complained_ms = ouro__clock_ms();
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

/* Holds the lock. */
static void describe_server(const ouro_tailnet *tailnet, ouro_tailnet_status *status)
{
	const struct ouro__server *server = &tailnet->server;

	(void)snprintf(status->endpoint, sizeof(status->endpoint), "%s", tailnet->endpoint);
	(void)ouro__str_copy(status->text, sizeof(status->text), tailnet->failure.text);
	if (!server->generation)
		return;
	status->capabilities = ouro__generation_capabilities(server->generation) | tailnet->hazards;
	status->transport = server->channel->ops->probe ? OURO_TRANSPORT_GRPC : OURO_TRANSPORT_HTTP;
	(void)ouro__str_copy(status->version, sizeof(status->version), tailnet->version);
	if (tailnet->failure.status == OURO_OK)
		(void)snprintf(status->endpoint, sizeof(status->endpoint), "%.255s",
			tailnet->server_place);
	if (tailnet->failure.status == OURO_OK && (status->capabilities & OURO_CAN_ONLY_READ))
		(void)snprintf(status->text, sizeof(status->text), "%s%s%s", tailnet->server_said,
			*tailnet->server_said ? ": " : "", OURO__ONLY_READ_TEXT);
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
	describe_server(tailnet, &status);
	(void)pthread_mutex_unlock(&tailnet->lock);
	status.size = ret_status->size < sizeof(status) ? ret_status->size : sizeof(status);
	memcpy(ret_status, &status, status.size);
	return OURO_OK;
}
