/* The gRPC channel of Headscale 0.23 to 0.29: unary calls over one HTTP/2 connection that a thread
 * of its own keeps. */
#ifndef OURO_RPC_GRPC_CHANNEL_H
#define OURO_RPC_GRPC_CHANNEL_H

#include "base/log.h"
#include "net/stream.h"
#include "rpc/channel.h"

/* The largest answer that is taken. */
#define OURO__GRPC_ANSWER_MAX ((size_t)64 << 20)
/* The largest request, which is also what the server takes. */
#define OURO__GRPC_REQUEST_MAX ((size_t)4 << 20)
/* Calls waiting or under way at a time. */
#define OURO__GRPC_CALLS_MAX 256u

/* Texts are copied. */
struct ouro__grpc_options {
	const char *endpoint; /* "host:port", "[v6]:port", "host" (443); NULL = socket_path */
	const char *socket_path;
	int plaintext;               /* 1: no TLS towards endpoint; a unix socket never has it */
	const char *ca_file;         /* PEM; NULL = the system's */
	const char *api_key;         /* NULL = none (unix socket) */
	const char *authority;       /* :authority; NULL = from the endpoint */
	uint32_t connect_timeout_ms; /* until the server has spoken HTTP/2; 0 = 5000 */
	size_t answers_max;          /* bytes of all answers under way together; 0 = 256 MiB */
	ouro__log log;
	/* For tests: makes the unconnected stream instead of the above; NULL result = out of
	 * memory. */
	ouro__stream *(*stream_new)(void *user);
	void *stream_user;
};

/* Connects when first used. INVALID (bad endpoint), IO (ca_file), NOMEM. */
ouro_status ouro__grpc_channel_new(
	const struct ouro__grpc_options *options, ouro__channel **ret_channel, ouro_error *reterr);

#endif
