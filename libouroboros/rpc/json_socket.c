/* The HTTP channel on a unix socket as its callers see it: making a request, attempts, waiting with a deadline, decoding the answer.
 * Any thread; each call is made by its caller's thread alone, what they share is under the lock. */
#include "rpc/json_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ouroboros/common.h>

#include "base/alloc.h"
#include "base/sys.h"
#include "base/thread.h"
#include "base/wipe.h"
#include "rpc/json_request.h"
#include "rpc/json_socket_int.h"

#define CONNECT_TIMEOUT_MS 5000u
#define TARGET_MAX ((size_t)64 * 1024)
#define HEAD_MAX ((size_t)8 * 1024)
#define LOCKS 3

/* ---- calls ---- */

static void call_free(struct ouro__call *call)
{
	if (!call)
		return;
	ouro__json_answer_done(&call->answer);
	ouro__http1_done(&call->reader);
	ouro__buf_wipe(&call->request);
	free(call);
}

/* max: the largest answer. */
static struct ouro__call *call_new(struct ouro__json_socket_channel *channel, const char *name,
	int reads, int64_t deadline, size_t max)
{
	struct ouro__call *call = ouro__alloc(1, sizeof(*call));

	if (!call)
		return NULL;
	/* A path may be longer; it is only for texts. */
	(void)snprintf(call->name, sizeof(call->name), "%.63s", name);
	call->channel = channel;
	call->reads = reads;
	call->deadline = deadline;
	call->request = (ouro__buf)OURO__BUF_INIT(TARGET_MAX + HEAD_MAX + OURO__JSON_REQUEST_MAX);
	ouro__json_answer_init(&call->answer, max);
	ouro__http1_init(&call->reader);
	return call;
}

/* body NULL = none is sent. */
static ouro_status write_request(
	struct ouro__call *call, const ouro__buf *target, const ouro__buf *body, ouro_error *reterr)
{
	const char *key = call->method ? call->channel->authorization : NULL;
	ouro__buf *request = &call->request;

	ouro__buf_format(request, "%s ", call->method ? call->method->verb : "GET");
	ouro__buf_append(request, target->data, target->size);
	ouro__buf_text(request,
		" HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ouroboros/" OURO_VERSION
		"\r\nAccept: application/json\r\n");
	if (key)
		ouro__buf_format(request, "%s\r\n", key);
	if (body)
		ouro__buf_format(request,
			"Content-Type: application/json\r\nContent-Length: %zu\r\n", body->size);
	ouro__buf_text(request, "\r\n");
	if (body)
		ouro__buf_append(request, body->data, body->size);
	return target->broken || request->broken ? ouro__error_nomem(reterr) : OURO_OK;
}

/* What is shared says whether one more may begin; then it does. */
static ouro_status launch(struct ouro__call *call, ouro_error *reterr)
{
	struct ouro__json_socket_channel *channel = call->channel;
	ouro_status rc = OURO_OK;

	(void)pthread_mutex_lock(&channel->lock);
	if (channel->stopping)
		rc = ouro__error_set(
			reterr, OURO_ERR_UNREACHABLE, "the connection is being shut down");
	else if (channel->calls >= OURO__JSON_CALLS_MAX)
		rc = ouro__error_set(reterr, OURO_ERR_LIMIT,
			"%u calls to Headscale are under way already", OURO__JSON_CALLS_MAX);
	else
		channel->calls++;
	(void)pthread_mutex_unlock(&channel->lock);
	if (rc == OURO_OK)
		ouro__json_socket_begin(call, 0);
	return rc;
}

static ouro_status judge(
	const struct ouro__call *call, enum ouro__json_again *again, ouro_error *error)
{
	const struct ouro__json_end *end = &call->end;

	*again = OURO__JSON_AGAIN_NEVER;
	if (call->late)
		return ouro__call_too_late(call->name, call->reads, end->sent, error);
	if (!end->sent && end->how != OURO__JSON_STARVED)
		return ouro__json_answer_unsent(
			end->where, call->name, call->replaced, end->text, error);
	if (!call->method)
		return ouro__json_answer_public(&call->answer, end, call->name, again, error);
	return ouro__json_answer_verdict(&call->answer, end, call->name, call->reads, again, error);
}

/* 1 = another attempt is worth while, and the pause before it is over. Who finds nobody on a socket is answered at once: several lists
 * that broke off together would wait one after the other. */
static int pause_before(struct ouro__call *call)
{
	struct ouro__json_socket_channel *channel = call->channel;
	int64_t until = ouro__clock_ms() + ouro__call_pause_ms(call->tries);
	int down;

	(void)pthread_mutex_lock(&channel->lock);
	down = channel->down;
	(void)pthread_mutex_unlock(&channel->lock);
	if (down || !call->reads || call->tries >= OURO__READ_TRIES || until >= call->deadline)
		return 0;
	call->tries++;
	/* Nothing is ready ever, unless all is being stopped. */
	return ouro__stream_wait(channel->stop_fd, POLLIN, until, -1, NULL) == OURO_ERR_TIMEOUT;
}

/* Attempts until one is final. */
static ouro_status settle(struct ouro__call *call, ouro_error *reterr)
{
	struct ouro__json_socket_channel *channel = call->channel;

	for (;;) {
		enum ouro__json_again again;
		ouro_error error = OURO_ERROR_INIT;
		ouro_status rc;
		int failed;
		int news = 0;

		if (call->attempt == OURO__ATTEMPT_NONE)
			ouro__json_socket_begin(call, 1);
		ouro__json_socket_await(call);
		rc = judge(call, &again, &error);
		failed = ouro__json_socket_learn(call);
		if (call->end.sent || failed) {
			(void)pthread_mutex_lock(&channel->lock);
			news = ouro__reached_news(&channel->reached, failed ? &error : NULL);
			(void)pthread_mutex_unlock(&channel->lock);
		}
		if (news)
			ouro__reached_log(&channel->log, channel->path, failed ? &error : NULL);
		if (rc != OURO_OK && again == OURO__JSON_AGAIN_READ && pause_before(call)) {
			call->attempt = OURO__ATTEMPT_NONE;
			continue;
		}
		if (rc != OURO_OK)
			ouro__error_copy(reterr, &error);
		return rc;
	}
}

static void end_call(struct ouro__call *call)
{
	struct ouro__json_socket_channel *channel = call->channel;

	(void)pthread_mutex_lock(&channel->lock);
	channel->calls--;
	(void)pthread_mutex_unlock(&channel->lock);
	call_free(call);
}

/* ---- operations ---- */

static ouro_status socket_start(ouro__channel *channel, const struct ouro__method *method,
	const struct ouro__terms *terms, const void *request, int64_t deadline,
	ouro__call **ret_call, ouro_error *reterr)
{
	struct ouro__json_socket_channel *self = (struct ouro__json_socket_channel *)channel;
	ouro__buf target = OURO__BUF_INIT(TARGET_MAX);
	ouro__buf body = OURO__BUF_INIT(OURO__JSON_REQUEST_MAX);
	struct ouro__call *call = call_new(self, method->name,
		(method->flags & OURO__METHOD_READ) != 0, deadline, OURO__JSON_ANSWER_MAX);
	ouro_status rc = call ? OURO_OK : ouro__error_nomem(reterr);

	if (rc < 0)
		goto out;
	call->method = method;
	call->band = terms->band;
	call->epoch = terms->epoch;
	ouro__buf_text(&target, self->prefix);
	rc = ouro__json_request(method, terms->band, request, &target, &body, reterr);
	if (rc >= 0)
		rc = write_request(
			call, &target, ouro__json_has_body(method->verb) ? &body : NULL, reterr);
	if (rc >= 0)
		rc = launch(call, reterr);
	if (rc < 0)
		goto out;
	*ret_call = call;
	call = NULL;
out:
	call_free(call);
	ouro__buf_wipe(&body);
	ouro__buf_wipe(&target);
	return rc;
}

static ouro_status socket_finish(ouro__channel *channel, ouro__call *call, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	ouro_status rc = settle(call, reterr);

	(void)channel;
	if (rc >= 0)
		rc = ouro__json_answer_reply(
			&call->answer, call->method, call->band, arena, ret_reply, reterr);
	end_call(call);
	return rc;
}

static ouro_status socket_get(ouro__channel *channel, const char *path, int64_t deadline,
	int *ret_http_status, ouro__buf *ret_body, ouro_error *reterr)
{
	struct ouro__json_socket_channel *self = (struct ouro__json_socket_channel *)channel;
	size_t max = ret_body->max < OURO__JSON_ANSWER_MAX ? ret_body->max : OURO__JSON_ANSWER_MAX;
	ouro__buf target = OURO__BUF_INIT(TARGET_MAX);
	struct ouro__call *call = NULL;
	ouro_status rc = ouro__json_page_check(path, reterr);

	if (rc < 0)
		goto out;
	call = call_new(self, path, 1, deadline, max);
	if (!call) {
		rc = ouro__error_nomem(reterr);
		goto out;
	}
	ouro__buf_text(&target, self->prefix);
	ouro__buf_text(&target, path);
	rc = write_request(call, &target, NULL, reterr);
	if (rc >= 0)
		rc = launch(call, reterr);
	if (rc < 0)
		goto out;
	rc = settle(call, reterr);
	if (rc >= 0)
		rc = ouro__json_answer_page(&call->answer, ret_http_status, ret_body, reterr);
	end_call(call);
	call = NULL;
out:
	call_free(call);
	ouro__buf_done(&target);
	return rc;
}

static uint64_t socket_epoch(ouro__channel *channel)
{
	struct ouro__json_socket_channel *self = (struct ouro__json_socket_channel *)channel;
	uint64_t epoch;

	(void)pthread_mutex_lock(&self->lock);
	ouro__json_pool_settle(&self->pool);
	ouro__json_pool_judge(&self->pool);
	(void)pthread_mutex_lock(&self->pool_lock);
	epoch = ouro__json_pool_epoch(&self->pool);
	(void)pthread_mutex_unlock(&self->pool_lock);
	(void)pthread_mutex_unlock(&self->lock);
	return epoch;
}

static void socket_stop(ouro__channel *channel)
{
	struct ouro__json_socket_channel *self = (struct ouro__json_socket_channel *)channel;
	const uint64_t one = 1;

	(void)pthread_mutex_lock(&self->lock);
	self->stopping = 1;
	(void)pthread_cond_broadcast(&self->freed);
	(void)pthread_mutex_unlock(&self->lock);
	/* A counter at its top stays readable. */
	(void)!write(self->stop_fd, &one, sizeof(one));
}

static void socket_free(ouro__channel *channel)
{
	struct ouro__json_socket_channel *self = (struct ouro__json_socket_channel *)channel;

	ouro__stream_free(self->kept);
	ouro__json_pool_done(&self->pool);
	if (self->stop_fd >= 0)
		(void)close(self->stop_fd);
	if (self->has_locks > 2)
		(void)pthread_cond_destroy(&self->freed);
	if (self->has_locks > 1)
		(void)pthread_mutex_destroy(&self->pool_lock);
	if (self->has_locks > 0)
		(void)pthread_mutex_destroy(&self->lock);
	ouro__wipe_free(self->authorization);
	free(self->prefix);
	free(self->path);
	free(self);
}

static const struct ouro__channel_ops socket_ops = {
	.start = socket_start,
	.finish = socket_finish,
	.get = socket_get,
	.epoch = socket_epoch,
	.stop = socket_stop,
	.free = socket_free,
};

/* ---- creation ---- */

static int make_locks(struct ouro__json_socket_channel *self)
{
	self->has_locks += pthread_mutex_init(&self->lock, NULL) == 0;
	self->has_locks += self->has_locks == 1 && pthread_mutex_init(&self->pool_lock, NULL) == 0;
	self->has_locks += self->has_locks == 2 && ouro__cond_init(&self->freed);
	return self->has_locks == LOCKS;
}

static ouro_status make_texts(struct ouro__json_socket_channel *self,
	const struct ouro__json_options *options, ouro_error *reterr)
{
	ouro_status rc = ouro__json_prefix_check(options->prefix, reterr);

	if (rc >= 0 && !options->socket_path)
		rc = ouro__error_set(
			reterr, OURO_ERR_INVALID, "neither an address nor a socket is given");
	if (rc < 0)
		return rc;
	self->path = ouro__alloc_str(options->socket_path);
	self->prefix = ouro__alloc_str(options->prefix ? options->prefix : "");
	if (!self->path || !self->prefix)
		return ouro__error_nomem(reterr);
	return options->api_key ? ouro__key_field("Authorization: Bearer ", options->api_key,
					  &self->authorization, reterr)
				: OURO_OK;
}

ouro_status ouro__json_socket_new(
	const struct ouro__json_options *options, ouro__channel **ret_channel, ouro_error *reterr)
{
	struct ouro__json_socket_channel *self = ouro__alloc(1, sizeof(*self));
	ouro_status rc;

	if (!self)
		return ouro__error_nomem(reterr);
	self->base.ops = &socket_ops;
	self->pool.watch_fd = -1;
	self->connect_timeout_ms =
		options->connect_timeout_ms ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
	self->log = options->log;
	self->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!make_locks(self))
		rc = ouro__error_nomem(reterr);
	else if (self->stop_fd < 0 || !ouro__json_pool_init(&self->pool, &self->pool_lock))
		rc = ouro__error_set(reterr, OURO_ERR_IO, "no file descriptors left");
	else
		rc = make_texts(self, options, reterr);
	if (rc < 0) {
		socket_free(&self->base);
		return rc;
	}
	*ret_channel = &self->base;
	return OURO_OK;
}
