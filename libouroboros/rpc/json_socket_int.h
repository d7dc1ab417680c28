/* Inside of the HTTP channel on a unix socket, shared by json_socket.c (calls) and json_socket_io.c (one attempt of a call). */
#ifndef OURO_RPC_JSON_SOCKET_INT_H
#define OURO_RPC_JSON_SOCKET_INT_H

#include <pthread.h>

#include "net/stream.h"
#include "rpc/calls.h"
#include "rpc/http1.h"
#include "rpc/json_channel_pool.h"
#include "rpc/json_socket.h"

struct ouro__json_socket_channel;

enum ouro__attempt {
	OURO__ATTEMPT_NONE, /* not begun: no connection was free */
	OURO__ATTEMPT_SENT, /* the request is on its way */
	OURO__ATTEMPT_OVER  /* end says how it ended */
};

/* The caller's alone. */
struct ouro__call {
	struct ouro__json_socket_channel *channel;
	const struct ouro__method *method; /* NULL = a public page */
	char name[64];                     /* for texts */
	int reads;
	ouro__band band;
	uint64_t epoch; /* the server that it is meant for; 0 = any */
	int64_t deadline;
	ouro__buf request; /* head and body */
	struct ouro__json_answer answer;
	unsigned tries; /* repeated so often */
	/* Of the present attempt. */
	enum ouro__attempt attempt;
	ouro__stream *stream;
	int has_slot;
	size_t written;
	int replaced; /* not sent: the server is not the one that was meant */
	int late;     /* its time was up */
	struct ouro__http1 reader;
	size_t counted; /* its share of answer_bytes */
	struct ouro__json_end end;
	char text[256]; /* end.text may be this */
};

struct ouro__json_socket_channel {
	ouro__channel base;
	/* Constant after creation. */
	char *path;
	char *prefix;        /* "/name" or "" */
	char *authorization; /* "Authorization: Bearer …", NULL = none */
	uint32_t connect_timeout_ms;
	ouro__log log;
	int stop_fd; /* readable when stopping */

	pthread_mutex_t lock;
	pthread_mutex_t pool_lock; /* the pool's own, taken inside */
	pthread_cond_t freed;      /* a connection */
	int has_locks;             /* so many of the three */
	/* Under the lock. */
	unsigned calls;
	unsigned connections;
	int stopping;
	int down; /* the last attempt found nobody */
	size_t answer_bytes;
	struct ouro__json_pool pool;
	ouro__stream *kept; /* idle, so that the epoch has a witness; NULL = none */
	struct ouro__reached reached;
};

/* Connect and send what goes without waiting. wait: for a free connection, until the deadline. */
void ouro__json_socket_begin(struct ouro__call *call, int wait);
/* Go on until the attempt is over. */
void ouro__json_socket_await(struct ouro__call *call);
/* What the attempt says about the server; its connection is kept or closed. Returns 1 if the server could not be reached. */
int ouro__json_socket_learn(struct ouro__call *call);

#endif
