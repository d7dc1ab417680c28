/* The HTTP channel: Headscale's JSON API, which is the gateway of 0.23 to 0.29 and the only way to 0.30 and later. HTTP/1.1 over
 * https or http on libcurl, where a thread of its own does the network, or over a unix socket (json_socket.h). It keeps the invariants of rpc/README.md, and
 * has `get` for public pages instead of `probe`. */
#ifndef OURO_RPC_JSON_CHANNEL_H
#define OURO_RPC_JSON_CHANNEL_H

#include "base/log.h"
#include "rpc/channel.h"

/* The largest answer that is taken. */
#define OURO__JSON_ANSWER_MAX ((size_t)64 << 20)
/* The largest request: Headscale 0.30 takes no more. */
#define OURO__JSON_REQUEST_MAX ((size_t)1 << 20)
/* Calls waiting or under way at a time. */
#define OURO__JSON_CALLS_MAX 256u

/* Texts are copied. */
struct ouro__json_options {
	const char *endpoint;    /* "host:port", "[v6]:port", "host" (443; 80 if plaintext); NULL =
				    socket_path */
	const char *socket_path; /* HTTP on a unix socket, as of 0.30 */
	int plaintext;       /* 1: http towards endpoint; 0: https, certificate always checked */
	const char *prefix;  /* in front of every path, for a proxy that serves Headscale below one:
				"/headscale"; NULL or "" = none; no slash at the end */
	const char *ca_file; /* PEM that replaces the system's; NULL = the system's */
	const char *api_key; /* NULL = none (unix socket) */
	uint32_t connect_timeout_ms; /* look-up, connect and TLS; 0 = 5000 */
	ouro__log log;
};

/* Connects when first used; for an endpoint that loads libcurl and starts its thread, and without libcurl calls fail with IO. Proxies
 * named by the environment are not used: the key goes to the configured server and to nobody else.
 *
 * Operations (channel.h): start, finish, get, epoch, stop, free; probe is NULL. A method without an HTTP form is UNSUPPORTED at start.
 * `get` takes "/path" or "/path?query", sends no key, and takes an answer up to ret_body->max (LIMIT above it).
 * `epoch` begins with 1. It stays while one kept connection after the other overlaps in time, since the same server is behind all of
 * them; it grows when the last one is lost, whenever the server could not be reached, and when a proxy answers 502, 503 or 504 for it.
 * Reading it before a detection and again afterwards tells whether one and the same server answered. Towards a server that keeps no
 * connections it also grows one second after the last answer.
 * Errors as over gRPC, with grpc_status and the server's text; http_status besides.
 *
 * INVALID (bad endpoint, prefix or key), IO (ca_file, no file descriptors left), NOMEM. */
ouro_status ouro__json_channel_new(
	const struct ouro__json_options *options, ouro__channel **ret_channel, ouro_error *reterr);

#endif
