/* One attempt of a call on a unix socket, in its caller's thread: a connection of its own, the request, the answer. */
#include <errno.h>
#include <stdio.h>

#include "base/sys.h"
#include "base/thread.h"
#include "rpc/json_socket_int.h"

/* Connections at a time. */
#define CONNECTIONS_MAX 32u
/* Answers under way, all together. */
#define ANSWERS_MAX ((size_t)256 << 20)
#define PIECE_SIZE ((size_t)4 * 1024)

static const char text_stopping[] = "the connection is being shut down";

static void over(struct ouro__call *call, enum ouro__json_how how, const char *text)
{
	call->attempt = OURO__ATTEMPT_OVER;
	call->end.how = how;
	call->end.text = text;
}

static void over_for(struct ouro__call *call, const ouro_error *error)
{
	int starved = error->status == OURO_ERR_NOMEM;

	(void)snprintf(call->text, sizeof(call->text), "%s",
		error->os_errno == EMFILE || error->os_errno == ENFILE ? "no file descriptors left"
								       : error->text);
	over(call, starved ? OURO__JSON_STARVED : OURO__JSON_LOST, call->text);
}

/* ---- connecting ---- */

/* 1 = there is one; 0 with the attempt over, or not begun. */
static int take_slot(struct ouro__call *call, int wait)
{
	struct ouro__json_socket_channel *channel = call->channel;
	int late = 0;

	(void)pthread_mutex_lock(&channel->lock);
	while (wait && !late && !channel->stopping && channel->connections >= CONNECTIONS_MAX)
		late = !ouro__cond_wait_until(&channel->freed, &channel->lock, call->deadline);
	if (channel->stopping) {
		over(call, OURO__JSON_LOST, text_stopping);
	} else if (channel->connections < CONNECTIONS_MAX) {
		channel->connections++;
		call->has_slot = 1;
	} else if (late) {
		call->late = 1;
		over(call, OURO__JSON_LATE, "no connection in time");
	}
	(void)pthread_mutex_unlock(&channel->lock);
	return call->has_slot;
}

/* The connection stands and the request is about to leave: the last moment to say no. */
static int may_send(struct ouro__call *call)
{
	struct ouro__json_socket_channel *channel = call->channel;
	struct ouro__json_pool *pool = &channel->pool;
	int room;

	(void)pthread_mutex_lock(&channel->lock);
	/* A server that was replaced has closed its old connections before this one came about. */
	ouro__json_pool_settle(pool);
	channel->down = 0;
	room = ouro__json_pool_made(pool, call->stream->ops->fd(call->stream), call);
	if (room)
		ouro__json_pool_connected(pool, call);
	(void)pthread_mutex_lock(&channel->pool_lock);
	call->replaced = call->epoch && !ouro__json_pool_holds(pool, call->epoch);
	(void)pthread_mutex_unlock(&channel->pool_lock);
	call->end.sent = room && !call->replaced && !channel->stopping;
	(void)pthread_mutex_unlock(&channel->lock);
	return call->end.sent;
}

static void write_some(struct ouro__call *call)
{
	while (call->written < call->request.size) {
		ouro_error error = OURO_ERROR_INIT;
		ssize_t n =
			call->stream->ops->write(call->stream, call->request.data + call->written,
				call->request.size - call->written, &error);

		if (n == OURO__STREAM_AGAIN)
			return;
		/* Whoever refuses the rest may have said why. */
		call->written = n > 0 ? call->written + (size_t)n : call->request.size;
	}
}

void ouro__json_socket_begin(struct ouro__call *call, int wait)
{
	struct ouro__json_socket_channel *channel = call->channel;
	int64_t until = ouro__clock_ms() + channel->connect_timeout_ms;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	call->attempt = OURO__ATTEMPT_NONE;
	call->written = 0;
	call->replaced = 0;
	call->late = 0;
	call->end = (struct ouro__json_end){OURO__JSON_LOST, 0, "", channel->path};
	ouro__http1_done(&call->reader);
	ouro__json_answer_done(&call->answer);
	if (!take_slot(call, wait))
		return;
	if (ouro__clock_ms() >= call->deadline) {
		call->late = 1;
		over(call, OURO__JSON_LATE, "no connection in time");
		return;
	}
	call->stream = ouro__stream_unix_new(channel->path);
	rc = call->stream
		? call->stream->ops->connect(call->stream,
			  until < call->deadline ? until : call->deadline, channel->stop_fd, &error)
		: ouro__error_nomem(&error);
	if (!call->stream || rc < 0) {
		over_for(call, &error);
		return;
	}
	if (!may_send(call)) {
		over(call, OURO__JSON_LOST, text_stopping);
		return;
	}
	call->attempt = OURO__ATTEMPT_SENT;
	write_some(call);
}

/* ---- the answer ---- */

static int count(struct ouro__call *call, size_t size)
{
	struct ouro__json_socket_channel *channel = call->channel;
	int fits;

	(void)pthread_mutex_lock(&channel->lock);
	fits = size <= ANSWERS_MAX - channel->answer_bytes;
	if (fits) {
		channel->answer_bytes += size;
		call->counted += size;
	}
	(void)pthread_mutex_unlock(&channel->lock);
	if (!fits) {
		call->answer.fault = OURO_ERR_LIMIT;
		call->answer.fault_text = "too many large answers at a time";
	}
	return fits;
}

static void take(struct ouro__call *call, const uint8_t *data, size_t size)
{
	if (!count(call, size)) {
		over(call, OURO__JSON_LOST, "");
		return;
	}
	switch (ouro__http1_feed(&call->reader, &call->answer, data, size)) {
	case OURO__HTTP1_MORE: return;
	case OURO__HTTP1_DONE: over(call, OURO__JSON_COMPLETE, ""); return;
	case OURO__HTTP1_GARBLED: over(call, OURO__JSON_GARBLED, call->reader.garbled); return;
	case OURO__HTTP1_REFUSED: over(call, OURO__JSON_LOST, ""); return;
	default: return;
	}
}

static void closed(struct ouro__call *call)
{
	if (ouro__http1_ends(&call->reader))
		over(call, OURO__JSON_COMPLETE, "");
	else
		over(call, OURO__JSON_LOST,
			call->answer.head_ended
				? "the connection was closed before the answer's end"
				: "the connection was closed without an answer");
}

static void wait_for(struct ouro__call *call)
{
	short events = call->written < call->request.size ? POLLIN | POLLOUT : POLLIN;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = ouro__stream_wait(call->stream->ops->fd(call->stream), events,
		call->deadline, call->channel->stop_fd, &error);

	if (rc == OURO_ERR_TIMEOUT) {
		call->late = 1;
		over(call, OURO__JSON_LATE, "");
	} else if (rc < 0 && error.os_errno) {
		over_for(call, &error);
	} else if (rc < 0) {
		over(call, OURO__JSON_LOST, text_stopping);
	}
}

void ouro__json_socket_await(struct ouro__call *call)
{
	uint8_t piece[PIECE_SIZE];

	while (call->attempt == OURO__ATTEMPT_SENT) {
		ouro_error error = OURO_ERROR_INIT;
		ssize_t n;

		write_some(call);
		n = call->stream->ops->read(call->stream, piece, sizeof(piece), &error);
		if (n > 0)
			take(call, piece, (size_t)n);
		else if (n == 0)
			closed(call);
		else if (n == OURO__STREAM_AGAIN)
			wait_for(call);
		else
			over_for(call, &error);
	}
}

/* ---- what it says about the server ---- */

/* Lock held: as long as one connection after the other overlaps, the same server is behind all of them. */
static void leave(struct ouro__json_socket_channel *channel, struct ouro__call *call)
{
	int whole = call->end.how == OURO__JSON_COMPLETE;
	ouro__stream *old = call->stream;

	ouro__json_pool_settle(&channel->pool);
	if (whole && call->reader.keeps) {
		old = channel->kept;
		channel->kept = call->stream;
	}
	call->stream = NULL;
	if (old && old->ops->fd(old) >= 0)
		ouro__json_pool_closed(&channel->pool, old->ops->fd(old));
	ouro__stream_free(old);
	ouro__json_pool_release(&channel->pool, call, whole);
	ouro__json_pool_judge(&channel->pool);
}

int ouro__json_socket_learn(struct ouro__call *call)
{
	struct ouro__json_socket_channel *channel = call->channel;
	int mine = call->end.how == OURO__JSON_STARVED || call->late || call->replaced;
	int failed;

	(void)pthread_mutex_lock(&channel->lock);
	if (call->stream)
		leave(channel, call);
	failed = !call->end.sent && !mine && !channel->stopping;
	channel->down |= failed;
	if (failed || (call->end.sent && call->end.how != OURO__JSON_COMPLETE && !mine) ||
		ouro__json_answer_stands_in(&call->answer)) {
		(void)pthread_mutex_lock(&channel->pool_lock);
		ouro__json_pool_broken(&channel->pool);
		(void)pthread_mutex_unlock(&channel->pool_lock);
	}
	channel->answer_bytes -= call->counted;
	call->counted = 0;
	if (call->has_slot) {
		channel->connections--;
		(void)pthread_cond_signal(&channel->freed);
	}
	call->has_slot = 0;
	(void)pthread_mutex_unlock(&channel->lock);
	return failed;
}
