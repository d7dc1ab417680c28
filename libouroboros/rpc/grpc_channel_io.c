/* The I/O thread of a gRPC channel: the only one that touches connections. It connects when a call
 * asks for it, keeps reading while nothing goes on (so that a server that shuts down is let go at
 * once), drains connections that were told to go away while a new one takes over, and repeats calls
 * where that is safe. It holds the lock only to move calls, never while it waits. */
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/sys.h"
#include "rpc/grpc_channel_int.h"

#define CONNECTIONS_MAX 4u
#define ANY_TRIES 1u
#define DELAY_FIRST_MS 1000.0
#define DELAY_FACTOR 1.6
#define DELAY_MAX_MS 30000.0

/* ---- the end of a call ---- */

static void leave_active(struct ouro__grpc *grpc, struct ouro__call *call)
{
	struct ouro__call **at = &grpc->active;

	while (*at != call)
		at = &(*at)->next_active;
	*at = call->next_active;
	grpc->answer_bytes -= call->counted;
	call->counted = 0;
	call->connection = NULL;
}

/* Lock held; the call is in no list. */
static void complete(struct ouro__grpc *grpc, struct ouro__call *call, ouro_status status,
	const ouro_error *error)
{
	call->status = status;
	if (error)
		call->error = *error;
	call->state = OURO__GRPC_DONE;
	grpc->calls--;
	(void)pthread_cond_signal(&call->done);
	ouro__grpc_call_drop(call);
}

/* Lock held. 1 = the call is queued again, after a short random wait. */
static int repeat(struct ouro__grpc *grpc, struct ouro__call *call, enum ouro__grpc_again again)
{
	int64_t wait = ouro__call_pause_ms(call->tries);
	unsigned most = call->reads ? OURO__READ_TRIES : ANY_TRIES;

	if (again == OURO__GRPC_AGAIN_NEVER || (again == OURO__GRPC_AGAIN_READ && !call->reads))
		return 0;
	/* A call whose caller has left is past its deadline. */
	if (grpc->stopping || call->tries >= most || ouro__clock_ms() + wait >= call->deadline)
		return 0;
	call->tries++;
	call->queued.not_before = ouro__clock_ms() + wait;
	ouro__grpc_answer_done(&call->answer);
	call->state = OURO__GRPC_QUEUED;
	ouro__queue_add(&grpc->queue, &call->queued);
	call->holders--;
	return 1;
}

static struct ouro__grpc *owner(const struct ouro__call *call)
{
	return call->connection->grpc;
}

static void on_closed(void *user, const struct ouro__h2_end *end)
{
	struct ouro__call *call = user;
	struct ouro__grpc *grpc = owner(call);
	enum ouro__grpc_again again = OURO__GRPC_AGAIN_NEVER;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status = ouro__grpc_answer_verdict(
		&call->answer, end, call->name, call->reads, &again, &error);

	/* What a proxy says to a probe is an answer: the same port may be asked over HTTP next. */
	if (!call->method && error.http_status)
		again = OURO__GRPC_AGAIN_NEVER;
	leave_active(grpc, call);
	(void)pthread_mutex_lock(&grpc->lock);
	if (status == OURO_OK || !repeat(grpc, call, again))
		complete(grpc, call, status, status == OURO_OK ? NULL : &error);
	(void)pthread_mutex_unlock(&grpc->lock);
}

/* ---- what comes in ---- */

static int on_header(void *user, int block, const char *name, size_t name_size, const char *value,
	size_t value_size)
{
	struct ouro__call *call = user;

	(void)block;
	return ouro__grpc_answer_header(&call->answer, name, name_size, value, value_size);
}

static int on_headers_done(void *user, int block, int last)
{
	struct ouro__call *call = user;

	return ouro__grpc_answer_headers_done(&call->answer, block, last);
}

static int on_data(void *user, const uint8_t *data, size_t size)
{
	struct ouro__call *call = user;
	struct ouro__grpc *grpc = owner(call);
	size_t before = call->answer.body.size;
	int rc = ouro__grpc_answer_data(&call->answer, data, size);
	size_t grown = call->answer.body.size - before;

	call->counted += grown;
	grpc->answer_bytes += grown;
	if (rc || grpc->answer_bytes <= grpc->answers_max)
		return rc;
	call->answer.fault = OURO_ERR_LIMIT;
	call->answer.fault_text = "too many large answers at a time";
	return 1;
}

static const struct ouro__h2_sink sink = {
	.header = on_header,
	.headers_done = on_headers_done,
	.data = on_data,
	.closed = on_closed,
};

/* ---- connections ---- */

static struct ouro__connection *current(struct ouro__grpc *grpc)
{
	struct ouro__connection *first = grpc->connections;

	return first && ouro__h2_usable(first->h2) ? first : NULL;
}

static void connection_free(struct ouro__connection *connection)
{
	ouro__h2_free(connection->h2);
	free(connection);
}

/* Forget connections that are over, and the oldest draining ones beyond the limit. */
static void sweep(struct ouro__grpc *grpc)
{
	struct ouro__connection **at = &grpc->connections;
	unsigned kept = 0;

	while (*at) {
		struct ouro__connection *connection = *at;

		if (!connection->over && kept < CONNECTIONS_MAX) {
			kept++;
			at = &connection->next;
		} else {
			*at = connection->next;
			connection_free(connection);
		}
	}
}

/* Lock held. An attempt has failed: every call that waits for it fails, or waits for its next try.
 * */
static void connect_failed(struct ouro__grpc *grpc, ouro_status status, const ouro_error *error)
{
	struct ouro__queued *item = grpc->queue.first;
	int64_t now = ouro__clock_ms();
	double jitter = 0.8 + (double)ouro__rand_below(401) / 1000.0;

	grpc->down = 1;
	grpc->wanted = 0;
	grpc->down_error = *error;
	grpc->retry_at = now + (int64_t)(grpc->delay * jitter);
	grpc->delay = grpc->delay * DELAY_FACTOR > DELAY_MAX_MS ? DELAY_MAX_MS
								: grpc->delay * DELAY_FACTOR;
	grpc->queue = (struct ouro__queue){NULL, NULL};
	while (item) {
		struct ouro__call *call = (struct ouro__call *)item;

		item = item->next;

		call->holders++;
		if (call->tries && call->queued.not_before > now) {
			ouro__queue_add(&grpc->queue, &call->queued);
			call->holders--;
		} else if (!call->tries || !repeat(grpc, call, OURO__GRPC_AGAIN_ANY)) {
			complete(grpc, call, status, error);
		}
	}
}

static void connect_now(struct ouro__grpc *grpc)
{
	struct ouro__connection *connection = ouro__alloc(1, sizeof(*connection));
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = OURO_ERR_NOMEM;

	if (connection)
		rc = ouro__grpc_connect(grpc, &sink, &connection->h2, &error);
	else
		(void)ouro__error_nomem(&error);
	if (rc < 0) {
		free(connection);
		(void)pthread_mutex_lock(&grpc->lock);
		connect_failed(grpc, rc, &error);
		(void)pthread_mutex_unlock(&grpc->lock);
		ouro__log_line(&grpc->log, OURO_LOG_WARNING, "%s", error.text);
		return;
	}
	connection->grpc = grpc;
	connection->next = grpc->connections;
	grpc->connections = connection;
	connection->epoch = atomic_fetch_add(&grpc->epoch, 1) + 1;
	(void)pthread_mutex_lock(&grpc->lock);
	grpc->down = 0;
	grpc->delay = DELAY_FIRST_MS;
	(void)pthread_mutex_unlock(&grpc->lock);
	ouro__log_line(&grpc->log, OURO_LOG_INFO, "connected to Headscale at %s", grpc->where);
}

/* ---- the loop ---- */

/* Lock held: take the next call whose time has come. */
static struct ouro__call *take_due(struct ouro__grpc *grpc, int64_t now)
{
	struct ouro__call *call = (struct ouro__call *)ouro__queue_take(&grpc->queue, now);

	if (!call)
		return NULL;
	call->state = OURO__GRPC_ACTIVE;
	call->holders++;
	return call;
}

/* The call was worded for the server of an earlier connection; this one may be another version. */
static void refuse_replaced(struct ouro__grpc *grpc, struct ouro__call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status = ouro__error_from(&error, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
		"%s: the connection to Headscale was made anew, and what answers there has to be found out first",
		call->name);

	error.flags |= OURO_ERROR_RETRYABLE;
	(void)pthread_mutex_lock(&grpc->lock);
	complete(grpc, call, status, &error);
	(void)pthread_mutex_unlock(&grpc->lock);
}

static void submit_due(struct ouro__grpc *grpc, struct ouro__connection *connection)
{
	for (;;) {
		ouro_error error = OURO_ERROR_INIT;
		const struct ouro__h2_end unsent = {.unprocessed = 1, .lost = 1, .error = &error};
		struct ouro__call *call;

		(void)pthread_mutex_lock(&grpc->lock);
		call = grpc->stopping ? NULL : take_due(grpc, ouro__clock_ms());
		(void)pthread_mutex_unlock(&grpc->lock);
		if (!call)
			return;
		if (call->epoch && call->epoch != connection->epoch) {
			refuse_replaced(grpc, call);
			continue;
		}
		call->connection = connection;
		call->asked_epoch = connection->epoch;
		call->next_active = grpc->active;
		grpc->active = call;
		if (ouro__grpc_submit(grpc, connection->h2, call, &error) < 0) {
			/* Whatever the reason: nothing went out, and it may go well next time. */
			error.status = OURO_ERR_UNREACHABLE;
			on_closed(call, &unsent);
		}
	}
}

/* Calls whose callers have left are reset, so that the server stops too. */
static void cancel_abandoned(struct ouro__grpc *grpc)
{
	struct ouro__call *call = grpc->active;

	while (call) {
		struct ouro__call *next = call->next_active;
		int abandoned;

		(void)pthread_mutex_lock(&grpc->lock);
		abandoned = call->abandoned;
		(void)pthread_mutex_unlock(&grpc->lock);
		/* This can end that one call and no other. */
		if (abandoned)
			ouro__h2_cancel(call->connection->h2, call->id);
		call = next;
	}
}

struct plan {
	int connect; /* a call is due, or the next attempt of a server that is missed */
	int stop;
	int64_t wake_at; /* INT64_MAX = when something happens */
};

static struct plan plan_next(struct ouro__grpc *grpc)
{
	struct plan plan = {.wake_at = INT64_MAX};
	int64_t now = ouro__clock_ms();

	(void)pthread_mutex_lock(&grpc->lock);
	plan.stop = grpc->stopping;
	plan.connect = ouro__queue_due(&grpc->queue, now, &plan.wake_at);
	if (grpc->down && grpc->wanted) {
		if (grpc->retry_at <= now)
			plan.connect = 1;
		else if (grpc->retry_at < plan.wake_at)
			plan.wake_at = grpc->retry_at;
	}
	(void)pthread_mutex_unlock(&grpc->lock);
	return plan;
}

/* For poll; what is planned is less than a minute ahead. */
static int time_left(int64_t wake_at)
{
	int64_t left = wake_at - ouro__clock_ms();

	if (wake_at == INT64_MAX)
		return -1;
	return left < 0 ? 0 : (int)left;
}

static void wait_and_serve(struct ouro__grpc *grpc, int64_t wake_at)
{
	struct pollfd fds[CONNECTIONS_MAX + 1] = {{.fd = grpc->wake_fd, .events = POLLIN}};
	int left = time_left(wake_at);
	nfds_t count = 1;
	eventfd_t ignored;

	for (const struct ouro__connection *at = grpc->connections; at; at = at->next) {
		fds[count].fd = ouro__h2_fd(at->h2);
		fds[count++].events = ouro__h2_events(at->h2);
		if (ouro__h2_busy(at->h2))
			left = 0;
	}
	(void)poll(fds, count, left);
	if (fds[0].revents)
		(void)eventfd_read(grpc->wake_fd, &ignored);
	for (struct ouro__connection *at = grpc->connections; at; at = at->next) {
		ouro_error error = OURO_ERROR_INIT;

		if (ouro__h2_io(at->h2, &error) < 0) {
			at->over = 1;
			ouro__log_line(&grpc->log, OURO_LOG_INFO,
				"connection to Headscale at %s ended: %s", grpc->where, error.text);
		}
	}
}

static void end_all(struct ouro__grpc *grpc)
{
	ouro_error error = OURO_ERROR_INIT;
	struct ouro__call *call;

	while (grpc->connections) {
		struct ouro__connection *first = grpc->connections;

		grpc->connections = first->next;
		connection_free(first);
	}
	(void)ouro__error_from(&error, OURO_ORIGIN_LIBRARY, OURO_ERR_UNREACHABLE,
		"the connection is being shut down");
	(void)pthread_mutex_lock(&grpc->lock);
	while ((call = take_due(grpc, INT64_MAX)) != NULL)
		complete(grpc, call, error.status, &error);
	(void)pthread_mutex_unlock(&grpc->lock);
}

void *ouro__grpc_io_run(void *arg)
{
	struct ouro__grpc *grpc = arg;

	grpc->delay = DELAY_FIRST_MS;
	for (;;) {
		struct plan plan = plan_next(grpc);

		if (plan.stop)
			break;
		sweep(grpc);
		if (plan.connect && !current(grpc)) {
			connect_now(grpc);
			sweep(grpc);
			if (!current(grpc))
				continue;
		}
		if (current(grpc))
			submit_due(grpc, current(grpc));
		cancel_abandoned(grpc);
		wait_and_serve(grpc, plan.wake_at);
	}
	end_all(grpc);
	return NULL;
}
