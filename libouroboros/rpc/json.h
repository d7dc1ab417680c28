/* JSON for any table of table.h, the way Headscale's HTTP API words it: lowerCamelCase names, 64-bit numbers as decimal texts,
 * RFC 3339 times, enums by name. Pure; any thread. Reading gives the same structs as wire.h for the same state of a server. It is
 * tolerant where the API grows (unknown members, fields outside the band, and null for absent) and strict elsewhere. */
#ifndef OURO_RPC_JSON_H
#define OURO_RPC_JSON_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "rpc/table.h"

/* Deepest nesting of objects and lists that is read, the outermost object included. */
#define OURO__JSON_DEPTH_MAX 32u

/* Rows of a message, as bits by their place in the table. */
typedef uint32_t ouro__json_rows;

/* Append the object. Fields of the rows in leave_out, and what is empty, zero or OURO_TIME_NEVER, are left out; lists of texts are
 * always written, [] as well. INVALID: a text is not UTF-8. LIMIT: does not fit into buf. */
ouro_status ouro__json_encode(const struct ouro__message *message, ouro__band band,
	const void *object, ouro__json_rows leave_out, ouro__buf *buf, ouro_error *reterr);
/* Append one field as it stands in a path or a query, not percent-encoded: 17, true, 2030-01-02T03:04:05Z. Nothing when it is empty,
 * zero or OURO_TIME_NEVER. INVALID: not UTF-8, or a list or a message. */
ouro_status ouro__json_plain(
	const struct ouro__field *field, const void *object, ouro__buf *buf, ouro_error *reterr);
/* *ret_object is the message's struct in the arena, which bounds what an answer can take; besides it the cost is bounded: lists of
 * objects that stand directly in the outermost object are read object by object, each at most 16 MiB and 65 536 values. text may go
 * away afterwards. PROTOCOL: not JSON of this message (the text names the member), a member twice, too deep. LIMIT: more than that.
 * NOMEM: also when the arena is full. */
ouro_status ouro__json_decode(const struct ouro__message *message, ouro__band band,
	const char *text, size_t size, ouro__arena *arena, void **ret_object, ouro_error *reterr);

#endif
