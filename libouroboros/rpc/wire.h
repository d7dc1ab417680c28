/* Protobuf's wire format for any table of table.h. Pure; any thread. Reading is tolerant the way protobuf asks for (unknown
 * fields, wrong wire types and fields outside the band are skipped) and strict about what could hurt (lengths, depth, UTF-8). */
#ifndef OURO_RPC_WIRE_H
#define OURO_RPC_WIRE_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "rpc/table.h"

/* Deepest nesting of messages that is read, groups included. */
#define OURO__WIRE_DEPTH_MAX 32

/* Append the message in the order of its table. LIMIT: does not fit into buf; NOMEM. */
ouro_status ouro__wire_encode(const struct ouro__message *message, ouro__band band,
	const void *object, ouro__buf *buf, ouro_error *reterr);
/* *ret_object is the message's struct in the arena, which bounds what an answer can take. data may go away afterwards.
 * PROTOCOL: not protobuf, or a text that is not UTF-8 or holds NUL. NOMEM: also when the arena is full. */
ouro_status ouro__wire_decode(const struct ouro__message *message, ouro__band band,
	const uint8_t *data, size_t size, ouro__arena *arena, void **ret_object,
	ouro_error *reterr);

#endif
