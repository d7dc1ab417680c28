/* The I/O thread of an HTTP channel: the only one that touches libcurl (callers wake it, nothing more). It turns queued calls into
 * transfers, ends those whose callers have left, and repeats reads where that is worth while. It holds the lock only to move calls,
 * never while it waits. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "rpc/json_channel_int.h"

#define DELAY_FIRST_MS 1000.0
#define DELAY_FACTOR 1.6
#define DELAY_MAX_MS 30000.0
#define WAIT_MAX_MS 60000
/* Whoever waited so long for a connection has found the server down. */
#define PATIENCE_MS 1000

/* ---- the end of a call ---- */

/* Whoever is active is in that list. */
static void leave_active(struct ouro__json *json, struct ouro__call *call)
{
	struct ouro__call **at = &json->active;

	while (*at && *at != call)
		at = &(*at)->next_active;
	if (*at)
		*at = call->next_active;
	json->answer_bytes -= call->counted;
	call->counted = 0;
	(void)json->lib->multi_remove_handle(json->multi, call->easy);
	ouro__json_handle_done(call);
}

/* Lock held; the call is in no list. */
static void complete(struct ouro__json *json, struct ouro__call *call, ouro_status status,
	const ouro_error *error)
{
	call->status = status;
	if (error)
		call->error = *error;
	call->state = OURO__JSON_DONE;
	json->calls--;
	(void)pthread_cond_signal(&call->done);
	ouro__json_call_drop(call);
}

/* Lock held. 1 = the call is queued again, after a short random wait. */
static int repeat(struct ouro__json *json, struct ouro__call *call)
{
	int64_t wait = ouro__call_pause_ms(call->tries);

	if (!call->reads || json->stopping || call->abandoned || call->tries >= OURO__READ_TRIES ||
		ouro__clock_ms() + wait >= call->deadline)
		return 0;
	call->tries++;
	call->sent = 0;
	call->queued.not_before = ouro__clock_ms() + wait;
	ouro__json_answer_done(&call->answer);
	call->state = OURO__JSON_QUEUED;
	ouro__queue_add(&json->queue, &call->queued);
	call->holders--;
	return 1;
}

/* Lock held. No connection came about. */
static void connect_failed(struct ouro__json *json, const ouro_error *error)
{
	double jitter = 0.8 + (double)ouro__rand_below(401) / 1000.0;

	json->down = 1;
	json->down_error = *error;
	json->retry_at = ouro__clock_ms() + (int64_t)(json->delay * jitter);
	json->delay = json->delay * DELAY_FACTOR > DELAY_MAX_MS ? DELAY_MAX_MS
								: json->delay * DELAY_FACTOR;
	ouro__json_pool_broken(&json->pool);
}

static ouro_status judge(const struct ouro__call *call, const struct ouro__json_end *end,
	enum ouro__json_again *again, ouro_error *error)
{
	*again = OURO__JSON_AGAIN_NEVER;
	if (!end->sent && end->how != OURO__JSON_STARVED)
		return ouro__json_answer_unsent(
			end->where, call->name, call->replaced, end->text, error);
	if (!call->method)
		return ouro__json_answer_public(&call->answer, end, call->name, again, error);
	return ouro__json_answer_verdict(&call->answer, end, call->name, call->reads, again, error);
}

/* Lock held. 1 = the server could not be reached. A caller with little patience proves nothing. */
static int is_unreachable(const struct ouro__json *json, const struct ouro__call *call,
	const struct ouro__json_end *end)
{
	if (call->sent || call->replaced || json->stopping || end->how == OURO__JSON_STARVED)
		return 0;
	return !call->abandoned ||
		(ouro__clock_ms() - call->began >= PATIENCE_MS && json->last_ready < call->began);
}

/* Lock held: what the end of a call says about the server. Returns 1 if it could not be reached. */
static int learn(struct ouro__json *json, const struct ouro__call *call,
	const struct ouro__json_end *end, const ouro_error *error)
{
	if (is_unreachable(json, call, end)) {
		connect_failed(json, error);
		return 1;
	}
	if (!call->sent)
		return 0;
	json->delay = DELAY_FIRST_MS;
	if ((end->how != OURO__JSON_COMPLETE && !call->abandoned) ||
		ouro__json_answer_stands_in(&call->answer))
		ouro__json_pool_broken(&json->pool);
	return 0;
}

static void finish(struct ouro__json *json, struct ouro__call *call, CURLcode code)
{
	struct ouro__json_end end = ouro__json_end_of(json, call, code);
	enum ouro__json_again again = OURO__JSON_AGAIN_NEVER;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status = judge(call, &end, &again, &error);
	long connects = 0;
	int failed;

	(void)json->lib->easy_getinfo(call->easy, CURLINFO_NUM_CONNECTS, &connects);
	leave_active(json, call);
	ouro__json_pool_release(&json->pool, call, end.how == OURO__JSON_COMPLETE && connects > 0);
	(void)pthread_mutex_lock(&json->lock);
	failed = learn(json, call, &end, &error);
	/* A first attempt that finds nobody is answered at once; what was sent before may wait. */
	if (failed && call->tries)
		again = OURO__JSON_AGAIN_READ;
	if (status == OURO_OK || again == OURO__JSON_AGAIN_NEVER || !repeat(json, call))
		complete(json, call, status, status == OURO_OK ? NULL : &error);
	(void)pthread_mutex_unlock(&json->lock);
	if ((end.sent || failed) && ouro__reached_news(&json->reached, failed ? &error : NULL))
		ouro__reached_log(&json->log, json->where, failed ? &error : NULL);
}

/* ---- the loop ---- */

/* Lock held: take the next call whose time has come. */
static struct ouro__call *take_due(struct ouro__json *json, int64_t now)
{
	struct ouro__call *call = (struct ouro__call *)ouro__queue_take(&json->queue, now);

	if (!call)
		return NULL;
	call->state = OURO__JSON_ACTIVE;
	call->holders++;
	return call;
}

static void start_due(struct ouro__json *json)
{
	for (;;) {
		ouro_error error = OURO_ERROR_INIT;
		struct ouro__call *call;

		(void)pthread_mutex_lock(&json->lock);
		call = json->stopping ? NULL : take_due(json, ouro__clock_ms());
		(void)pthread_mutex_unlock(&json->lock);
		if (!call)
			return;
		call->replaced = 0;
		call->no_socket = 0;
		call->began = ouro__clock_ms();
		if (ouro__json_handle(json, call)) {
			if (json->lib->multi_add_handle(json->multi, call->easy) == CURLM_OK) {
				call->next_active = json->active;
				json->active = call;
				continue;
			}
			ouro__json_handle_done(call);
		}
		(void)ouro__error_nomem(&error);
		(void)pthread_mutex_lock(&json->lock);
		complete(json, call, error.status, &error);
		(void)pthread_mutex_unlock(&json->lock);
	}
}

/* Calls whose callers have left; their connections are closed, so that the server stops too. */
static void cancel_abandoned(struct ouro__json *json)
{
	struct ouro__call *call = json->active;

	while (call) {
		struct ouro__call *next = call->next_active;
		int abandoned;

		(void)pthread_mutex_lock(&json->lock);
		abandoned = call->abandoned;
		(void)pthread_mutex_unlock(&json->lock);
		if (abandoned)
			finish(json, call, CURLE_ABORTED_BY_CALLBACK);
		call = next;
	}
}

static void reap(struct ouro__json *json)
{
	CURLMsg *message;
	int left;

	while ((message = json->lib->multi_info_read(json->multi, &left)) != NULL) {
		CURLcode code = message->data.result;
		char *user = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)json->lib->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
		/* The message is gone after this. */
		finish(json, (struct ouro__call *)(void *)user, code);
	}
}

/* Until something happens or the next call is due. 0 = stop. */
static int plan_next(struct ouro__json *json, int *ret_wait)
{
	int64_t now = ouro__clock_ms();
	int64_t wake_at = now + WAIT_MAX_MS;
	int stopping;

	(void)pthread_mutex_lock(&json->lock);
	stopping = json->stopping;
	if (ouro__queue_due(&json->queue, now, &wake_at))
		wake_at = now;
	(void)pthread_mutex_unlock(&json->lock);
	*ret_wait = (int)(wake_at - now);
	return !stopping;
}

static void end_all(struct ouro__json *json)
{
	ouro_error error = OURO_ERROR_INIT;
	struct ouro__call *call;

	while (json->active) {
		(void)snprintf(json->active->curl_text, sizeof(json->active->curl_text), "%s",
			"the connection is being shut down");
		finish(json, json->active, CURLE_ABORTED_BY_CALLBACK);
	}
	(void)ouro__error_from(&error, OURO_ORIGIN_LIBRARY, OURO_ERR_UNREACHABLE,
		"the connection is being shut down");
	(void)pthread_mutex_lock(&json->lock);
	while ((call = take_due(json, INT64_MAX)) != NULL)
		complete(json, call, error.status, &error);
	(void)pthread_mutex_unlock(&json->lock);
}

void *ouro__json_io_run(void *arg)
{
	struct ouro__json *json = arg;
	struct curl_waitfd watch = {.fd = json->pool.watch_fd, .events = CURL_WAIT_POLLIN};
	int running = 0;
	int wait = 0;

	while (plan_next(json, &wait)) {
		start_due(json);
		cancel_abandoned(json);
		(void)json->lib->multi_perform(json->multi, &running);
		reap(json);
		ouro__json_pool_settle(&json->pool);
		ouro__json_pool_judge(&json->pool);
		if (!plan_next(json, &wait))
			break;
		(void)json->lib->multi_poll(json->multi, &watch, 1, wait, NULL);
	}
	end_all(json);
	return NULL;
}
