/* "Call this method with this message, give me that message back, by this deadline." One implementation a transport.
 * A channel is shared by threads; it connects when first used and again after a loss. */
#ifndef OURO_RPC_CHANNEL_H
#define OURO_RPC_CHANNEL_H

#include "base/alloc.h"
#include "base/error.h"
#include "rpc/table.h"

/* The method only reads: the channel may repeat it after a lost connection, within the deadline. */
#define OURO__METHOD_READ 0x1u

struct ouro__method {
	const char *name; /* "ListNodes" */
	const struct ouro__message *request;
	const struct ouro__message *reply;
	uint32_t flags;
};

typedef struct ouro__channel ouro__channel;
typedef struct ouro__call ouro__call; /* one call under way; owned by the caller until finished */

struct ouro__channel_ops {
	/* Queue a call; never blocks on the network. deadline: a point of ouro__clock_ms(). */
	ouro_status (*start)(ouro__channel *channel, const struct ouro__method *method,
		ouro__band band, const void *request, int64_t deadline, ouro__call **ret_call,
		ouro_error *reterr);
	/* Wait for it (at most to its deadline), decode into arena, release the call. ret_reply is in the arena.
	 * Errors: UNREACHABLE (certainly not done), TIMEOUT (a read), UNCERTAIN (a write that may have been done), UNAUTHENTICATED,
	 * PROTOCOL, LIMIT, UNSUPPORTED (no such method there), or REJECTED with origin headscale, grpc_status and the server's text. */
	ouro_status (*finish)(ouro__channel *channel, ouro__call *call, ouro__arena *arena,
		void **ret_reply, ouro_error *reterr);
	/* Does the method exist? Sends an undecodable payload: nothing runs on the server. OK, UNSUPPORTED, or as finish. */
	ouro_status (*probe)(
		ouro__channel *channel, const char *method, int64_t deadline, ouro_error *reterr);
	/* Count of connections made. NULL = always 0. */
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
	ouro__band band, const void *request, int64_t deadline, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr);
/* See ops; NULL is allowed. */
void ouro__channel_stop(ouro__channel *channel);
void ouro__channel_free(ouro__channel *channel);

#endif
