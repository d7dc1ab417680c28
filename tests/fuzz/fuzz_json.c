/* Answers over HTTP, from their text to a struct and back. The input is a byte (generation and message) and the JSON. What is
 * understood must be the same through JSON and through protobuf. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "headscale/fields.h"
#include "rpc/json.h"
#include "rpc/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_MAX ((size_t)4 << 20)
#define ENCODED_MAX ((size_t)16 << 20)

static void *decode(const struct ouro__message *message, ouro__band band, const uint8_t *data,
	size_t size, ouro__arena *arena)
{
	ouro_error error = OURO_ERROR_INIT;
	char *copy = malloc(
		size ? size : 1); /* exact size, and gone afterwards: nothing may point into it */
	void *object = NULL;
	ouro_status rc;

	if (!copy)
		return NULL;
	if (size)
		memcpy(copy, data, size);
	rc = ouro__json_decode(message, band, copy, size, arena, &object, &error);
	free(copy);
	if (rc < 0 &&
		(object || !error.text[0] ||
			(rc != OURO_ERR_PROTOCOL && rc != OURO_ERR_NOMEM && rc != OURO_ERR_LIMIT)))
		abort();
	if (rc >= 0 && !object)
		abort();
	return object;
}

static void same(const ouro__buf *a, const ouro__buf *b)
{
	if (a->size != b->size || (a->size && memcmp(a->data, b->data, a->size) != 0))
		abort();
}

/* JSON -> struct -> JSON -> struct, and struct -> protobuf -> struct: nothing is lost or changed. Texts are UTF-8 or the protobuf
 * writer refuses them. */
static void round_trip(const struct ouro__message *message, ouro__band band, const void *object)
{
	ouro__buf json = OURO__BUF_INIT(ENCODED_MAX);
	ouro__buf wire = OURO__BUF_INIT(ENCODED_MAX);
	ouro__buf json_again = OURO__BUF_INIT(ENCODED_MAX);
	ouro__buf wire_again = OURO__BUF_INIT(ENCODED_MAX);
	ouro__arena *arena = ouro__arena_new(8 * ARENA_MAX);
	void *by_json;
	void *by_wire = NULL;

	if (!arena)
		return;
	if (ouro__json_encode(message, band, object, 0, &json, NULL) < 0 ||
		ouro__wire_encode(message, band, object, &wire, NULL) < 0)
		abort();
	by_json = decode(message, band, json.data, json.size, arena);
	if (!by_json ||
		ouro__wire_decode(message, band, wire.data, wire.size, arena, &by_wire, NULL) < 0)
		abort();
	if (ouro__wire_encode(message, band, by_json, &wire_again, NULL) < 0 ||
		ouro__json_encode(message, band, by_wire, 0, &json_again, NULL) < 0)
		abort();
	same(&wire, &wire_again);
	same(&json, &json_again);
	ouro__buf_done(&json);
	ouro__buf_done(&wire);
	ouro__buf_done(&json_again);
	ouro__buf_done(&wire_again);
	ouro__arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ouro__message *const messages[] = {&ouro__hs_nodes, &ouro__hs_users,
		&ouro__hs_routes, &ouro__hs_keys, &ouro__hs_node_reply, &ouro__hs_empty};
	ouro__arena *arena;
	const struct ouro__message *message;
	ouro__band band;
	void *object;

	if (!size)
		return 0;
	message = messages[data[0] % 6];
	band = (ouro__band)(OURO__BAND_B + data[0] / 6 % 9);
	arena = ouro__arena_new(ARENA_MAX);
	if (!arena)
		return 0;
	object = decode(message, band, data + 1, size - 1, arena);
	if (object)
		round_trip(message, band, object);
	ouro__arena_free(arena);
	return 0;
}
