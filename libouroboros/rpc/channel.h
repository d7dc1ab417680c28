/* "Call this method with this message, give me that message back, by this deadline." One implementation a transport.
 * A channel is shared by threads; it connects when first used and again after a loss. */
#ifndef OURO_RPC_CHANNEL_H
#define OURO_RPC_CHANNEL_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "rpc/table.h"

/* The method only reads: the channel may repeat it after a lost connection, within the deadline. */
#define OURO__METHOD_READ 0x1u
/* Over HTTP, the request's fields that are not in the path go into the query, or into a JSON body, or into both. */
#define OURO__METHOD_QUERY 0x2u
#define OURO__METHOD_BODY 0x4u

struct ouro__method {
	const char *name; /* "ListNodes" */
	const struct ouro__message *request;
	const struct ouro__message *reply;
	uint32_t flags;
	const char *verb; /* of HTTP: "GET", "POST", "DELETE"; NULL = not to be had over HTTP */
	const char *
		path; /* "/api/v1/node/{nodeId}": {JSON name} stands for that field, percent-encoded */
};

/* In which words a call is said, and to whom. */
struct ouro__terms {
	ouro__band band;
	/* Not 0: only to the server behind the connection of that count (see epoch). After another connect the call is not sent:
	 * UNREACHABLE with OURO_ERROR_RETRYABLE, since the server may be another version now. */
	uint64_t epoch;
};

#define OURO__PROBES_MAX 16u

typedef struct ouro__channel ouro__channel;
typedef struct ouro__call ouro__call; /* one call under way; owned by the caller until finished */

struct ouro__channel_ops {
	/* Queue a call; never blocks on the network. deadline: a point of ouro__clock_ms(). */
	ouro_status (*start)(ouro__channel *channel, const struct ouro__method *method,
		const struct ouro__terms *terms, const void *request, int64_t deadline,
		ouro__call **ret_call, ouro_error *reterr);
	/* Wait for it (at most to its deadline), decode into arena, release the call. ret_reply is in the arena.
	 * Errors: UNREACHABLE (certainly not done), TIMEOUT (a read), UNCERTAIN (a write that may have been done), UNAUTHENTICATED,
	 * PROTOCOL, LIMIT, UNSUPPORTED (no such method there), or REJECTED with origin headscale, grpc_status and the server's text. */
	ouro_status (*finish)(ouro__channel *channel, ouro__call *call, ouro__arena *arena,
		void **ret_reply, ouro_error *reterr);
	/* gRPC: which of these methods (at most OURO__PROBES_MAX) exist? Asked all at once, with undecodable payloads: nothing runs
	 * on the server. Bit i of *ret_there = methods[i] is there; *ret_epoch = the one connection that answered. OK, or as finish
	 * (the first failure); what a proxy answers is not asked for again. NULL = not gRPC. */
	ouro_status (*probe)(ouro__channel *channel, const char *const *methods, size_t count,
		int64_t deadline, uint32_t *ret_there, uint64_t *ret_epoch, ouro_error *reterr);
	/* HTTP: fetch a public page ("/version") without the API key, at most what ret_body holds. OK with any HTTP status; else
	 * UNREACHABLE, TIMEOUT, PROTOCOL, LIMIT. NULL = not HTTP. */
	ouro_status (*get)(ouro__channel *channel, const char *path, int64_t deadline,
		int *ret_http_status, ouro__buf *ret_body, ouro_error *reterr);
	/* Count of connections made; grows with each chance that another server answers. NULL = always 0. */
	uint64_t (*epoch)(ouro__channel *channel);
	/* End every call under way (UNREACHABLE or UNCERTAIN) and refuse new ones, so that all callers leave finish and probe soon;
	 * free comes after that. NULL = calls last until their deadlines. */
	void (*stop)(ouro__channel *channel);
	/* No call is under way any more. */
	void (*free)(ouro__channel *channel);
};

/* Implementations embed this first. */
struct ouro__channel {
	const struct ouro__channel_ops *ops;
};

/* Counts connections made; when it changes, the server may be another version: detect again. */
uint64_t ouro__channel_epoch(ouro__channel *channel);

/* start + finish. */
ouro_status ouro__channel_call(ouro__channel *channel, const struct ouro__method *method,
	const struct ouro__terms *terms, const void *request, int64_t deadline, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr);
/* See ops; NULL is allowed. */
void ouro__channel_stop(ouro__channel *channel);
void ouro__channel_free(ouro__channel *channel);

#endif
