/* What a call looks like over HTTP: path and query, and the body. Pure; any thread. */
#ifndef OURO_RPC_JSON_REQUEST_H
#define OURO_RPC_JSON_REQUEST_H

#include "base/buf.h"
#include "rpc/channel.h"

/* Append path and query to target, which may hold the base already, and the JSON to body (nothing for GET and DELETE, "{}" at least
 * for the others). INVALID: a segment of the path would be empty, "." or "..", or hold "/"; or a text is not UTF-8. UNSUPPORTED: no
 * HTTP form. LIMIT, INTERNAL (the table does not fit the path). */
ouro_status ouro__json_request(const struct ouro__method *method, ouro__band band,
	const void *request, ouro__buf *target, ouro__buf *body, ouro_error *reterr);
/* 1 if the verb is sent with a body. */
int ouro__json_has_body(const char *verb);
/* OK if it is "/path" or "/path?query" as `get` takes it: no space, control, "#", "\" or non-ASCII byte. INVALID. */
ouro_status ouro__json_page_check(const char *path, ouro_error *reterr);
/* OK if it is NULL, "", or "/…" of plain segments without a slash at the end. INVALID. */
ouro_status ouro__json_prefix_check(const char *prefix, ouro_error *reterr);

#endif
