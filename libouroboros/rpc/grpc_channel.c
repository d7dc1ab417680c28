/* The gRPC channel as its callers see it: encoding a request, queueing it, waiting with a deadline,
 * decoding the answer. Any thread; what the I/O thread does is in grpc_channel_io.c. */
#include "rpc/grpc_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/thread.h"
#include "base/wipe.h"
#include "rpc/grpc_channel_int.h"
#include "rpc/wire.h"

#define CONNECT_TIMEOUT_MS 5000
/* Answers under way, all together. */
#define ANSWERS_MAX ((size_t)256 << 20)
#define HTTPS_PORT 443
#define PREFIX_SIZE ((size_t)5)
/* After this long without calls, the next one gets an attempt at once, whatever the back-off says.
 * */
#define IDLE_MS 2000
/* A payload that no protobuf decoder takes. */
#define PROBE_PAYLOAD 0x07

/* ---- calls ---- */

void ouro__grpc_call_drop(struct ouro__call *call)
{
	if (--call->holders > 0)
		return;
	(void)pthread_cond_destroy(&call->done);
	ouro__grpc_answer_done(&call->answer);
	ouro__buf_wipe(&call->request);
	free(call);
}

static ouro_status call_new(const char *name, int reads, int64_t deadline,
	struct ouro__call **ret_call, ouro_error *reterr)
{
	struct ouro__call *call = ouro__alloc(1, sizeof(*call));

	if (!call)
		return ouro__error_nomem(reterr);
	if (!ouro__str_copy(call->name, sizeof(call->name), name)) {
		free(call);
		return ouro__error_set(
			reterr, OURO_ERR_INTERNAL, "%s is too long for a method's name", name);
	}
	if (!ouro__cond_init(&call->done)) {
		free(call);
		return ouro__error_nomem(reterr);
	}
	call->reads = reads;
	call->deadline = deadline;
	call->holders = 1;
	call->error = (ouro_error)OURO_ERROR_INIT;
	call->request = (ouro__buf)OURO__BUF_INIT(OURO__GRPC_REQUEST_MAX + PREFIX_SIZE);
	ouro__buf_append(&call->request, "\0\0\0\0\0", PREFIX_SIZE);
	ouro__grpc_answer_init(&call->answer, OURO__GRPC_ANSWER_MAX);
	*ret_call = call;
	return OURO_OK;
}

static ouro_status seal_prefix(struct ouro__call *call, ouro_error *reterr)
{
	size_t size;

	if (call->request.broken || !call->request.data)
		return ouro__error_nomem(reterr);
	size = call->request.size - PREFIX_SIZE;
	for (size_t i = 0; i < 4; i++)
		call->request.data[1 + i] = (uint8_t)(size >> (24 - 8 * i));
	return OURO_OK;
}

/* Lock held. While the server is known to be down calls fail at once, so that nobody's thread is
 * held. Who asks what answers there (a probe) means now. */
static ouro_status admit(struct ouro__grpc *grpc, const struct ouro__call *call, ouro_error *reterr)
{
	int64_t now = ouro__clock_ms();
	int idle = now - grpc->last_start >= IDLE_MS;

	grpc->last_start = now;
	if (grpc->stopping)
		return ouro__error_set(
			reterr, OURO_ERR_UNREACHABLE, "the connection is being shut down");
	if (grpc->calls >= OURO__GRPC_CALLS_MAX)
		return ouro__error_set(reterr, OURO_ERR_LIMIT,
			"%u calls to Headscale are under way already", OURO__GRPC_CALLS_MAX);
	if (grpc->down && call->method && now < grpc->retry_at && !idle) {
		grpc->wanted = 1;
		ouro__error_copy(reterr, &grpc->down_error);
		return grpc->down_error.status;
	}
	return OURO_OK;
}

/* Lock held. The thread comes with the first call: a channel that is only there in case costs nothing. */
static ouro_status begin(struct ouro__grpc *grpc, ouro_error *reterr)
{
	if (grpc->has_thread)
		return OURO_OK;
	if (!ouro__thread_start(&grpc->thread, ouro__grpc_io_run, grpc))
		return ouro__error_set(reterr, OURO_ERR_IO, "cannot start a thread");
	grpc->has_thread = 1;
	return OURO_OK;
}

static ouro_status queue_up(struct ouro__grpc *grpc, struct ouro__call *call, ouro_error *reterr)
{
	ouro_status rc = seal_prefix(call, reterr);

	if (rc < 0)
		return rc;
	(void)pthread_mutex_lock(&grpc->lock);
	rc = admit(grpc, call, reterr);
	if (rc >= 0)
		rc = begin(grpc, reterr);
	if (rc >= 0) {
		grpc->calls++;
		ouro__queue_add(&grpc->queue, &call->queued);
	}
	(void)pthread_mutex_unlock(&grpc->lock);
	return rc;
}

/* Also after a refusal: the thread plans its next attempt by what is wanted. */
static void wake(const struct ouro__grpc *grpc)
{
	(void)eventfd_write(grpc->wake_fd, 1);
}

static ouro_status launch(struct ouro__grpc *grpc, struct ouro__call *call, ouro_error *reterr)
{
	ouro_status rc = queue_up(grpc, call, reterr);

	wake(grpc);
	return rc;
}

/* Wait until the call is done or its time is up. Afterwards the caller may read the answer if it is
 * done, and must drop it. */
static ouro_status await(struct ouro__grpc *grpc, struct ouro__call *call, ouro_error *reterr)
{
	ouro_status rc;
	int late = 0;

	(void)pthread_mutex_lock(&grpc->lock);
	while (call->state != OURO__GRPC_DONE && !late)
		late = !ouro__cond_wait_until(&call->done, &grpc->lock, call->deadline);
	if (call->state == OURO__GRPC_DONE) {
		rc = call->status;
		if (rc < 0)
			ouro__error_copy(reterr, &call->error);
	} else if (call->state == OURO__GRPC_QUEUED) {
		/* A repeated call was sent before, but what may be repeated has done nothing. */
		ouro__queue_remove(&grpc->queue, &call->queued);
		grpc->calls--;
		rc = ouro__call_too_late(call->name, call->reads, 0, reterr);
	} else {
		call->abandoned = 1;
		rc = ouro__call_too_late(call->name, call->reads, 1, reterr);
		(void)eventfd_write(grpc->wake_fd, 1);
	}
	(void)pthread_mutex_unlock(&grpc->lock);
	return rc;
}

static void drop(struct ouro__grpc *grpc, struct ouro__call *call)
{
	(void)pthread_mutex_lock(&grpc->lock);
	ouro__grpc_call_drop(call);
	(void)pthread_mutex_unlock(&grpc->lock);
}

/* ---- operations ---- */

static ouro_status grpc_start(ouro__channel *channel, const struct ouro__method *method,
	const struct ouro__terms *terms, const void *request, int64_t deadline,
	ouro__call **ret_call, ouro_error *reterr)
{
	struct ouro__grpc *grpc = (struct ouro__grpc *)channel;
	struct ouro__call *call = NULL;
	ouro_status rc = call_new(
		method->name, (method->flags & OURO__METHOD_READ) != 0, deadline, &call, reterr);

	if (!call)
		return rc;
	call->method = method;
	call->band = terms->band;
	call->epoch = terms->epoch;
	rc = ouro__wire_encode(method->request, terms->band, request, &call->request, reterr);
	if (rc >= 0)
		rc = launch(grpc, call, reterr);
	if (rc < 0) {
		drop(grpc, call);
		return rc;
	}
	*ret_call = call;
	return OURO_OK;
}

static ouro_status decode(
	const struct ouro__call *call, ouro__arena *arena, void **ret_reply, ouro_error *reterr)
{
	const ouro__buf *body = &call->answer.body;
	ouro_status rc = ouro__wire_decode(call->method->reply, call->band,
		(const uint8_t *)ouro__buf_str(body), body->size, arena, ret_reply, reterr);

	return rc < 0 ? ouro__call_undecoded(call->name, call->reads, rc, reterr) : rc;
}

static ouro_status grpc_finish(ouro__channel *channel, ouro__call *call, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	struct ouro__grpc *grpc = (struct ouro__grpc *)channel;
	ouro_status rc = await(grpc, call, reterr);

	if (rc >= 0)
		rc = decode(call, arena, ret_reply, reterr);
	drop(grpc, call);
	return rc;
}

/* Two connections may lead to two versions of the server. */
static ouro_status replaced(ouro_error *reterr)
{
	ouro_status rc = ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
		"the connection to Headscale was replaced while finding out its version");

	ouro__error_retryable(reterr);
	return rc;
}

static ouro_status probe_start(struct ouro__grpc *grpc, const char *method, int64_t deadline,
	struct ouro__call **ret_call, ouro_error *reterr)
{
	struct ouro__call *call = NULL;
	ouro_status rc = call_new(method, 1, deadline, &call, reterr);

	if (!call)
		return rc;
	ouro__buf_byte(&call->request, PROBE_PAYLOAD);
	rc = queue_up(grpc, call, reterr);
	if (rc < 0)
		drop(grpc, call);
	else
		*ret_call = call;
	return rc;
}

/* OK and what was found out, or why not. */
static ouro_status probe_finish(struct ouro__grpc *grpc, struct ouro__call *call, int *ret_there,
	uint64_t *ret_epoch, ouro_error *reterr)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = await(grpc, call, &error);

	*ret_epoch = call->asked_epoch;
	drop(grpc, call);
	/* "error unmarshalling request": the method is there and has not run. */
	*ret_there = rc == OURO_ERR_REJECTED && error.grpc_status == 13;
	if (*ret_there || rc == OURO_ERR_UNSUPPORTED)
		return OURO_OK;
	/* Nobody answers such a payload with a success. */
	if (rc >= 0)
		rc = ouro__error_from(&error, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
			"a gRPC server answers, but not like Headscale");
	ouro__error_copy(reterr, &error);
	return rc;
}

static ouro_status grpc_probe(ouro__channel *channel, const char *const *methods, size_t count,
	int64_t deadline, uint32_t *ret_there, uint64_t *ret_epoch, ouro_error *reterr)
{
	struct ouro__grpc *grpc = (struct ouro__grpc *)channel;
	struct ouro__call *calls[OURO__PROBES_MAX] = {NULL};
	ouro_error ignored = OURO_ERROR_INIT;
	ouro_status rc = OURO_OK;
	uint64_t epoch = 0;
	uint32_t there = 0;
	size_t started = 0;

	while (started < count && rc >= 0) {
		rc = probe_start(grpc, methods[started], deadline, &calls[started], reterr);
		started++;
	}
	/* Once for all: a connection that comes to nothing would be tried again for those that came after. */
	wake(grpc);
	for (size_t i = 0; i < count && calls[i]; i++) {
		uint64_t asked = 0;
		int found = 0;
		ouro_status one =
			probe_finish(grpc, calls[i], &found, &asked, rc < 0 ? &ignored : reterr);

		if (found)
			there |= UINT32_C(1) << i;
		if (rc < 0)
			continue;
		rc = one;
		if (rc >= 0 && i && asked != epoch)
			rc = replaced(reterr);
		epoch = asked;
	}
	if (rc < 0)
		return rc;
	*ret_there = there;
	*ret_epoch = epoch;
	return OURO_OK;
}

static uint64_t grpc_epoch(ouro__channel *channel)
{
	return atomic_load(&((struct ouro__grpc *)channel)->epoch);
}

static void grpc_stop(ouro__channel *channel)
{
	struct ouro__grpc *grpc = (struct ouro__grpc *)channel;

	(void)pthread_mutex_lock(&grpc->lock);
	grpc->stopping = 1;
	(void)pthread_mutex_unlock(&grpc->lock);
	(void)eventfd_write(grpc->stop_fd, 1);
	(void)eventfd_write(grpc->wake_fd, 1);
}

static void grpc_free(ouro__channel *channel)
{
	struct ouro__grpc *grpc = (struct ouro__grpc *)channel;

	if (grpc->has_thread) {
		grpc_stop(channel);
		(void)pthread_join(grpc->thread, NULL);
	}
	if (grpc->wake_fd >= 0)
		(void)close(grpc->wake_fd);
	if (grpc->stop_fd >= 0)
		(void)close(grpc->stop_fd);
	(void)pthread_mutex_destroy(&grpc->lock);
	ouro__tls_free(grpc->tls);
	ouro__wipe_free(grpc->authorization);
	free(grpc->authority);
	free(grpc->socket_path);
	free(grpc);
}

static const struct ouro__channel_ops grpc_ops = {
	.start = grpc_start,
	.finish = grpc_finish,
	.probe = grpc_probe,
	.epoch = grpc_epoch,
	.stop = grpc_stop,
	.free = grpc_free,
};

/* ---- creation ---- */

static ouro_status set_target(
	struct ouro__grpc *grpc, const struct ouro__grpc_options *options, ouro_error *reterr)
{
	const char *authority = "localhost";
	ouro_status rc;

	if (options->endpoint) {
		rc = ouro__endpoint_parse(options->endpoint, HTTPS_PORT, &grpc->endpoint, reterr);
		if (rc < 0)
			return rc;
		if (!options->plaintext) {
			rc = ouro__tls_new(options->ca_file, "h2", &grpc->tls, reterr);
			if (rc < 0)
				return rc;
		}
		authority = grpc->endpoint.text;
		(void)snprintf(grpc->where, sizeof(grpc->where), "%s", grpc->endpoint.text);
	} else if (options->socket_path) {
		grpc->socket_path = ouro__alloc_str(options->socket_path);
		if (!grpc->socket_path)
			return ouro__error_nomem(reterr);
		(void)snprintf(grpc->where, sizeof(grpc->where), "%.270s", options->socket_path);
	} else if (!options->stream_new) {
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "neither an address nor a socket is given");
	}
	grpc->authority = ouro__alloc_str(options->authority ? options->authority : authority);
	return grpc->authority ? OURO_OK : ouro__error_nomem(reterr);
}

static ouro_status make_wakes(struct ouro__grpc *grpc, ouro_error *reterr)
{
	grpc->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	grpc->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (grpc->wake_fd < 0 || grpc->stop_fd < 0)
		return ouro__error_set(reterr, OURO_ERR_IO, "no file descriptors left");
	return OURO_OK;
}

ouro_status ouro__grpc_channel_new(
	const struct ouro__grpc_options *options, ouro__channel **ret_channel, ouro_error *reterr)
{
	struct ouro__grpc *grpc = ouro__alloc(1, sizeof(*grpc));
	ouro_status rc;

	if (!grpc)
		return ouro__error_nomem(reterr);
	grpc->base.ops = &grpc_ops;
	grpc->wake_fd = -1;
	grpc->stop_fd = -1;
	(void)pthread_mutex_init(&grpc->lock, NULL);
	grpc->connect_timeout =
		options->connect_timeout_ms ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
	grpc->log = options->log;
	grpc->stream_new = options->stream_new;
	grpc->stream_user = options->stream_user;
	grpc->answers_max = options->answers_max ? options->answers_max : ANSWERS_MAX;
	grpc->last_start = INT64_MIN / 2;
	rc = set_target(grpc, options, reterr);
	if (rc >= 0 && options->api_key)
		rc = ouro__key_field("Bearer ", options->api_key, &grpc->authorization, reterr);
	if (rc >= 0)
		rc = make_wakes(grpc, reterr);
	if (rc < 0) {
		grpc_free(&grpc->base);
		return rc;
	}
	*ret_channel = &grpc->base;
	return OURO_OK;
}
