/* The HTTP channel as its callers see it: making a request, queueing it, waiting with a deadline, decoding the answer. Any thread;
 * what the I/O thread does is in json_channel_io.c. */
#include "rpc/json_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/thread.h"
#include "base/wipe.h"
#include "net/endpoint.h"
#include "net/stream.h"
#include "rpc/json_channel_int.h"
#include "rpc/json_request.h"
#include "rpc/json_socket.h"

#define CONNECT_TIMEOUT_MS 5000
#define HTTPS_PORT 443
#define HTTP_PORT 80
#define URL_MAX ((size_t)64 * 1024)
/* After this long without calls, the next one gets an attempt at once, whatever the back-off says. */
#define IDLE_MS 2000
#define DELAY_FIRST_MS 1000.0
/* Connections at a time, and how many of them are kept. */
#define CONNECTIONS_MAX 32L
#define KEPT_MAX 6L

/* ---- calls ---- */

void ouro__json_call_drop(struct ouro__call *call)
{
	if (--call->holders > 0)
		return;
	(void)pthread_cond_destroy(&call->done);
	ouro__json_answer_done(&call->answer);
	ouro__buf_wipe(&call->url);
	ouro__buf_wipe(&call->body);
	free(call);
}

/* max: the largest answer. */
static struct ouro__call *call_new(
	struct ouro__json *json, const char *name, int reads, int64_t deadline, size_t max)
{
	struct ouro__call *call = ouro__alloc(1, sizeof(*call));

	if (!call)
		return NULL;
	if (!ouro__cond_init(&call->done)) {
		free(call);
		return NULL;
	}
	/* A path may be longer; it is only for texts. */
	(void)snprintf(call->name, sizeof(call->name), "%.63s", name);
	call->json = json;
	call->reads = reads;
	call->deadline = deadline;
	call->holders = 1;
	call->error = (ouro_error)OURO_ERROR_INIT;
	call->url = (ouro__buf)OURO__BUF_INIT(URL_MAX);
	call->body = (ouro__buf)OURO__BUF_INIT(OURO__JSON_REQUEST_MAX);
	ouro__buf_text(&call->url, json->base_url);
	ouro__json_answer_init(&call->answer, max);
	return call;
}

/* Lock held. While the server is known to be down calls fail at once, so that nobody's thread is held; one at a time tries. Who asks
 * what answers there (a public page) means now. */
static ouro_status admit(struct ouro__json *json, const struct ouro__call *call, ouro_error *reterr)
{
	int64_t now = ouro__clock_ms();
	int idle = now - json->last_start >= IDLE_MS;

	json->last_start = now;
	if (json->stopping)
		return ouro__error_set(
			reterr, OURO_ERR_UNREACHABLE, "the connection is being shut down");
	if (json->calls >= OURO__JSON_CALLS_MAX)
		return ouro__error_set(reterr, OURO_ERR_LIMIT,
			"%u calls to Headscale are under way already", OURO__JSON_CALLS_MAX);
	if (json->down && call->method && now < json->retry_at && !idle) {
		ouro__error_copy(reterr, &json->down_error);
		return json->down_error.status;
	}
	if (json->down)
		json->retry_at = now + (int64_t)json->delay;
	return OURO_OK;
}

/* Without descriptors libcurl makes one that nobody can wake. */
static ouro_status make_multi(
	struct ouro__json *json, const struct ouro__curl *lib, ouro_error *reterr)
{
	CURLM *multi = lib->multi_init();

	if (!multi)
		return ouro__error_nomem(reterr);
	if (lib->multi_wakeup(multi) != CURLM_OK) {
		(void)lib->multi_cleanup(multi);
		return ouro__error_set(reterr, OURO_ERR_IO, "no file descriptors left");
	}
	json->multi = multi;
	return OURO_OK;
}

/* Lock held. The first call brings libcurl and the thread: a channel that is only there in case costs nothing. */
static ouro_status begin(struct ouro__json *json, const struct ouro__curl *lib, ouro_error *reterr)
{
	ouro_status rc;

	if (json->has_thread)
		return OURO_OK;
	json->lib = lib;
	rc = json->multi ? OURO_OK : make_multi(json, lib, reterr);
	if (rc < 0)
		return rc;
	(void)lib->multi_setopt(json->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, CONNECTIONS_MAX);
	(void)lib->multi_setopt(json->multi, CURLMOPT_MAXCONNECTS, KEPT_MAX);
	(void)lib->multi_setopt(json->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	if (!ouro__thread_start(&json->thread, ouro__json_io_run, json))
		return ouro__error_set(reterr, OURO_ERR_IO, "cannot start a thread");
	json->has_thread = 1;
	return OURO_OK;
}

static ouro_status launch(struct ouro__json *json, struct ouro__call *call, ouro_error *reterr)
{
	const struct ouro__curl *lib = NULL;
	ouro_status rc;

	if (call->url.broken || call->body.broken)
		return ouro__error_nomem(reterr);
	rc = ouro__curl_get(&lib, reterr);
	if (rc < 0)
		return rc;
	(void)pthread_mutex_lock(&json->lock);
	rc = admit(json, call, reterr);
	if (rc >= 0)
		rc = begin(json, lib, reterr);
	if (rc >= 0) {
		json->calls++;
		ouro__queue_add(&json->queue, &call->queued);
	}
	(void)pthread_mutex_unlock(&json->lock);
	if (rc >= 0)
		(void)json->lib->multi_wakeup(json->multi);
	return rc;
}

/* Wait until the call is done or its time is up. Afterwards the caller may read the answer if it is done, and must drop it. */
static ouro_status await(struct ouro__json *json, struct ouro__call *call, ouro_error *reterr)
{
	ouro_status rc;
	int late = 0;

	(void)pthread_mutex_lock(&json->lock);
	while (call->state != OURO__JSON_DONE && !late)
		late = !ouro__cond_wait_until(&call->done, &json->lock, call->deadline);
	if (call->state == OURO__JSON_DONE) {
		rc = call->status;
		if (rc < 0)
			ouro__error_copy(reterr, &call->error);
	} else if (call->state == OURO__JSON_QUEUED) {
		ouro__queue_remove(&json->queue, &call->queued);
		json->calls--;
		rc = ouro__call_too_late(call->name, call->reads, call->sent, reterr);
	} else {
		/* From here on it will not be sent, if it was not. */
		call->abandoned = 1;
		rc = ouro__call_too_late(call->name, call->reads, call->sent, reterr);
	}
	late = call->abandoned;
	(void)pthread_mutex_unlock(&json->lock);
	if (late)
		(void)json->lib->multi_wakeup(json->multi);
	return rc;
}

static void drop(struct ouro__json *json, struct ouro__call *call)
{
	(void)pthread_mutex_lock(&json->lock);
	ouro__json_call_drop(call);
	(void)pthread_mutex_unlock(&json->lock);
}

/* ---- operations ---- */

static ouro_status json_start(ouro__channel *channel, const struct ouro__method *method,
	const struct ouro__terms *terms, const void *request, int64_t deadline,
	ouro__call **ret_call, ouro_error *reterr)
{
	struct ouro__json *json = (struct ouro__json *)channel;
	struct ouro__call *call = call_new(json, method->name,
		(method->flags & OURO__METHOD_READ) != 0, deadline, OURO__JSON_ANSWER_MAX);
	ouro_status rc;

	if (!call)
		return ouro__error_nomem(reterr);
	call->method = method;
	call->band = terms->band;
	call->epoch = terms->epoch;
	rc = ouro__json_request(method, terms->band, request, &call->url, &call->body, reterr);
	if (rc >= 0)
		rc = launch(json, call, reterr);
	if (rc < 0) {
		drop(json, call);
		return rc;
	}
	*ret_call = call;
	return OURO_OK;
}

static ouro_status json_finish(ouro__channel *channel, ouro__call *call, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	struct ouro__json *json = (struct ouro__json *)channel;
	ouro_status rc = await(json, call, reterr);

	if (rc >= 0)
		rc = ouro__json_answer_reply(
			&call->answer, call->method, call->band, arena, ret_reply, reterr);
	drop(json, call);
	return rc;
}

static ouro_status json_get(ouro__channel *channel, const char *path, int64_t deadline,
	int *ret_http_status, ouro__buf *ret_body, ouro_error *reterr)
{
	struct ouro__json *json = (struct ouro__json *)channel;
	struct ouro__call *call;
	ouro_status rc = ouro__json_page_check(path, reterr);

	if (rc < 0)
		return rc;
	call = call_new(json, path, 1, deadline,
		ret_body->max < OURO__JSON_ANSWER_MAX ? ret_body->max : OURO__JSON_ANSWER_MAX);
	if (!call)
		return ouro__error_nomem(reterr);
	ouro__buf_text(&call->url, path);
	rc = launch(json, call, reterr);
	if (rc >= 0)
		rc = await(json, call, reterr);
	if (rc >= 0)
		rc = ouro__json_answer_page(&call->answer, ret_http_status, ret_body, reterr);
	drop(json, call);
	return rc;
}

static uint64_t json_epoch(ouro__channel *channel)
{
	struct ouro__json *json = (struct ouro__json *)channel;
	uint64_t epoch;

	(void)pthread_mutex_lock(&json->lock);
	epoch = ouro__json_pool_epoch(&json->pool);
	(void)pthread_mutex_unlock(&json->lock);
	return epoch;
}

static void json_stop(ouro__channel *channel)
{
	struct ouro__json *json = (struct ouro__json *)channel;

	(void)pthread_mutex_lock(&json->lock);
	json->stopping = 1;
	if (json->has_thread)
		(void)json->lib->multi_wakeup(json->multi);
	(void)pthread_mutex_unlock(&json->lock);
}

static void json_free(ouro__channel *channel)
{
	struct ouro__json *json = (struct ouro__json *)channel;

	if (json->has_thread) {
		json_stop(channel);
		(void)pthread_join(json->thread, NULL);
	}
	/* Closes the kept connections, and tells the pool of each. */
	if (json->multi)
		(void)json->lib->multi_cleanup(json->multi);
	ouro__json_pool_done(&json->pool);
	if (json->has_lock)
		(void)pthread_mutex_destroy(&json->lock);
	ouro__wipe_free(json->authorization);
	free(json->ca_file);
	free(json->base_url);
	free(json);
}

static const struct ouro__channel_ops json_ops = {
	.start = json_start,
	.finish = json_finish,
	.get = json_get,
	.epoch = json_epoch,
	.stop = json_stop,
	.free = json_free,
};

/* ---- creation ---- */

static ouro_status set_base(
	struct ouro__json *json, const char *host, const char *prefix, ouro_error *reterr)
{
	ouro__buf url = OURO__BUF_INIT(URL_MAX);
	ouro_status rc;

	rc = ouro__json_prefix_check(prefix, reterr);
	if (rc < 0)
		return rc;
	ouro__buf_format(&url, "%s://%s", json->plaintext ? "http" : "https", host);
	json->site = url.size;
	ouro__buf_text(&url, prefix ? prefix : "");
	json->base_url = url.broken ? NULL : ouro__alloc_str(ouro__buf_str(&url));
	ouro__buf_done(&url);
	return json->base_url ? OURO_OK : ouro__error_nomem(reterr);
}

/* The file is read with each connection; what is wrong with it now is said now. */
static ouro_status take_ca(struct ouro__json *json, const char *ca_file, ouro_error *reterr)
{
	ouro__tls *tls = NULL;
	ouro_status rc;

	if (!ca_file)
		return OURO_OK;
	rc = ouro__tls_new(ca_file, "http/1.1", &tls, reterr);
	ouro__tls_free(tls);
	if (rc < 0)
		return rc;
	json->ca_file = ouro__alloc_str(ca_file);
	return json->ca_file ? OURO_OK : ouro__error_nomem(reterr);
}

static ouro_status set_target(
	struct ouro__json *json, const struct ouro__json_options *options, ouro_error *reterr)
{
	struct ouro__endpoint endpoint;
	ouro_status rc;

	json->plaintext = options->plaintext;
	rc = ouro__endpoint_parse(
		options->endpoint, options->plaintext ? HTTP_PORT : HTTPS_PORT, &endpoint, reterr);
	if (rc >= 0 && !options->plaintext)
		rc = take_ca(json, options->ca_file, reterr);
	if (rc < 0)
		return rc;
	(void)snprintf(json->where, sizeof(json->where), "%s", endpoint.text);
	return set_base(json, endpoint.text, options->prefix, reterr);
}

ouro_status ouro__json_channel_new(
	const struct ouro__json_options *options, ouro__channel **ret_channel, ouro_error *reterr)
{
	struct ouro__json *json;
	ouro_status rc = OURO_OK;

	if (!options->endpoint)
		return ouro__json_socket_new(options, ret_channel, reterr);
	json = ouro__alloc(1, sizeof(*json));
	if (!json)
		return ouro__error_nomem(reterr);
	json->base.ops = &json_ops;
	json->pool.watch_fd = -1;
	json->connect_timeout = options->connect_timeout_ms ? (long)options->connect_timeout_ms
							    : CONNECT_TIMEOUT_MS;
	json->log = options->log;
	json->last_start = INT64_MIN / 2;
	json->delay = DELAY_FIRST_MS;
	json->has_lock = pthread_mutex_init(&json->lock, NULL) == 0;
	if (!json->has_lock)
		rc = ouro__error_nomem(reterr);
	else if (!ouro__json_pool_init(&json->pool, &json->lock))
		rc = ouro__error_set(reterr, OURO_ERR_IO, "no file descriptors left");
	if (rc >= 0)
		rc = set_target(json, options, reterr);
	if (rc >= 0 && options->api_key)
		rc = ouro__key_field(
			"Authorization: Bearer ", options->api_key, &json->authorization, reterr);
	if (rc < 0) {
		json_free(&json->base);
		return rc;
	}
	*ret_channel = &json->base;
	return OURO_OK;
}
