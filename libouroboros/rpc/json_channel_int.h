/* Inside of the HTTP channel, shared by json_channel.c (callers' side) and json_channel_io.c (the I/O thread). */
#ifndef OURO_RPC_JSON_CHANNEL_INT_H
#define OURO_RPC_JSON_CHANNEL_INT_H

#include <pthread.h>

#include "net/curl.h"
#include "rpc/calls.h"
#include "rpc/json_channel.h"
#include "rpc/json_channel_answer.h"
#include "rpc/json_channel_pool.h"

enum ouro__json_state {
	OURO__JSON_QUEUED, /* in the queue, the caller's alone */
	OURO__JSON_ACTIVE, /* with the I/O thread */
	OURO__JSON_DONE    /* result is final */
};

/* A call has up to two holders, its caller and the I/O thread; the last one frees it. What has no remark is set before the call is
 * queued and never changed. */
struct ouro__call {
	struct ouro__queued queued; /* under the channel's lock; first */
	struct ouro__json *json;
	const struct ouro__method *method; /* NULL = a public page */
	char name[64];                     /* for texts */
	int reads;
	ouro__band band;
	uint64_t epoch; /* the server that it is meant for; 0 = any */
	int64_t deadline;
	ouro__buf url;
	ouro__buf body;
	pthread_cond_t done;
	/* Under the channel's lock. */
	enum ouro__json_state state;
	int holders;
	int abandoned; /* its caller has left */
	int sent;      /* bytes of the request may have left */
	ouro_status status;
	ouro_error error;
	/* The I/O thread's while ACTIVE, the caller's when DONE. */
	struct ouro__call *next_active;
	CURL *easy;
	struct curl_slist *headers;
	int64_t began;  /* when it was handed to libcurl */
	int replaced;   /* not sent: the server is not the one that was meant */
	int no_socket;  /* there was no descriptor for a connection */
	unsigned tries; /* repeated so often */
	size_t counted; /* its share of answer_bytes */
	struct ouro__json_answer answer;
	char curl_text[CURL_ERROR_SIZE];
};

struct ouro__json {
	ouro__channel base;
	/* Constant after creation. */
	char *base_url;      /* "https://host:port/prefix" */
	size_t site;         /* so much of it stands before the path */
	char *ca_file;       /* NULL = the system's */
	char *authorization; /* "Authorization: Bearer …", NULL = none */
	char where[280];     /* for texts */
	int plaintext;
	long connect_timeout;
	ouro__log log;

	pthread_mutex_t lock;
	int has_lock;
	/* Made under the lock with the first call, constant from then on. */
	const struct ouro__curl *lib;
	CURLM *multi; /* the I/O thread's, curl_multi_wakeup excepted */
	pthread_t thread;
	int has_thread;
	/* Under the lock. */
	struct ouro__queue queue;
	unsigned calls; /* queued and active */
	int stopping;
	int down;           /* the last attempt to connect failed */
	int64_t retry_at;   /* next attempt while down */
	int64_t last_start; /* when a call was last asked for */
	double delay;       /* ms between attempts */
	ouro_error down_error;
	struct ouro__json_pool pool; /* in part the I/O thread's alone */

	/* The I/O thread's alone. */
	struct ouro__call *active;
	size_t answer_bytes;
	int64_t last_ready; /* when a connection stood */
	struct ouro__reached reached;
};

/* The I/O thread's function; arg = struct ouro__json. */
void *ouro__json_io_run(void *arg);
/* Make the handle for a call (json_channel_curl.c); 0 = out of memory. The I/O thread's. */
int ouro__json_handle(struct ouro__json *json, struct ouro__call *call);
/* Release it; the handle is in no multi any more. */
void ouro__json_handle_done(struct ouro__call *call);
/* How the transfer ended. text is call->curl_text or static. */
struct ouro__json_end ouro__json_end_of(
	const struct ouro__json *json, struct ouro__call *call, CURLcode code);
/* With the lock held: one holder less; frees the call after the last. */
void ouro__json_call_drop(struct ouro__call *call);

#endif
