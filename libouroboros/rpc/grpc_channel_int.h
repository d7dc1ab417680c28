/* Inside of the gRPC channel, shared by grpc_channel.c (callers' side) and grpc_channel_io.c (the
 * I/O thread). */
#ifndef OURO_RPC_GRPC_CHANNEL_INT_H
#define OURO_RPC_GRPC_CHANNEL_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "rpc/calls.h"
#include "rpc/grpc_channel.h"
#include "rpc/grpc_channel_answer.h"

enum ouro__grpc_state {
	OURO__GRPC_QUEUED, /* in the queue, the caller's alone */
	OURO__GRPC_ACTIVE, /* with the I/O thread */
	OURO__GRPC_DONE    /* result is final */
};

/* A call has up to two holders, its caller and the I/O thread; the last one frees it. What has no
 * remark is set before the call is queued and never changed. */
struct ouro__call {
	struct ouro__queued queued;        /* under the channel's lock; first */
	const struct ouro__method *method; /* NULL = a probe */
	char name[64];
	int reads;
	ouro__band band;
	uint64_t epoch; /* the connection that it is meant for; 0 = any */
	int64_t deadline;
	ouro__buf request; /* gRPC prefix and message */
	pthread_cond_t done;
	/* Under the channel's lock. */
	enum ouro__grpc_state state;
	int holders;
	int abandoned; /* its caller has left */
	ouro_status status;
	ouro_error error;
	/* The I/O thread's while ACTIVE, the caller's when DONE. */
	struct ouro__call *next_active;
	struct ouro__connection *connection;
	int32_t id;
	unsigned tries;       /* repeated so often */
	uint64_t asked_epoch; /* the connection that it went over last */
	size_t counted;       /* its share of answer_bytes */
	struct ouro__grpc_answer answer;
};

struct ouro__connection {
	struct ouro__connection *next;
	struct ouro__grpc *grpc;
	ouro__h2 *h2;
	uint64_t epoch;
	int over;
};

struct ouro__grpc {
	ouro__channel base;
	/* Constant after creation. */
	struct ouro__endpoint endpoint;
	char *socket_path; /* NULL = endpoint */
	char *authority;
	char *authorization; /* "Bearer …", NULL = none */
	char where[280];     /* for texts */
	ouro__tls *tls;      /* NULL = plaintext */
	int64_t connect_timeout;
	size_t answers_max;
	ouro__log log;
	ouro__stream *(*stream_new)(void *user);
	void *stream_user;
	int wake_fd; /* work for the thread */
	int stop_fd; /* readable from stop on */
	pthread_t thread;
	int has_thread;
	atomic_uint_fast64_t epoch;

	pthread_mutex_t lock;
	/* Under the lock. */
	struct ouro__queue queue;
	unsigned calls; /* queued and active */
	int stopping;
	int down;           /* the last attempt to connect failed */
	int wanted;         /* a call was refused since then */
	int64_t retry_at;   /* next attempt while down */
	int64_t last_start; /* when a call was last asked for */
	double delay;       /* ms between attempts */
	ouro_error down_error;

	/* The I/O thread's alone. */
	struct ouro__connection *connections; /* the first is current, others drain */
	struct ouro__call *active;
	size_t answer_bytes;
};

/* The I/O thread's function; arg = struct ouro__grpc. */
void *ouro__grpc_io_run(void *arg);
/* Connect and wait until the server has spoken HTTP/2 (grpc_channel_connect.c). */
ouro_status ouro__grpc_connect(struct ouro__grpc *grpc, const struct ouro__h2_sink *sink,
	ouro__h2 **ret_h2, ouro_error *reterr);
/* Hand the request over to a connection. */
ouro_status ouro__grpc_submit(
	struct ouro__grpc *grpc, ouro__h2 *h2, struct ouro__call *call, ouro_error *reterr);
/* With the lock held: one holder less; frees the call after the last. */
void ouro__grpc_call_drop(struct ouro__call *call);

#endif
