/* Answers of a server, from their bytes to a snapshot. The input is a byte (odd = newest
 * generation, even = oldest), two lengths of two bytes, and three messages one after the other:
 * nodes, users, and, as the rest, routes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "headscale/generation.h"
#include "rpc/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_MAX ((size_t)1 << 20)
#define ENCODED_MAX ((size_t)4 << 20)

static void *decode(const struct ouro__message *message, ouro__band band, const uint8_t *data,
	size_t size, ouro__arena *arena)
{
	ouro_error error = OURO_ERROR_INIT;
	uint8_t *copy = malloc(
		size ? size : 1); /* exact size, and gone afterwards: nothing may point into it */
	void *object = NULL;
	ouro_status rc;

	if (!copy)
		return NULL;
	if (size)
		memcpy(copy, data, size);
	rc = ouro__wire_decode(message, band, copy, size, arena, &object, &error);
	free(copy);
	if (rc < 0 &&
		(object || !error.text[0] || (rc != OURO_ERR_PROTOCOL && rc != OURO_ERR_NOMEM)))
		abort();
	if (rc >= 0 && !object)
		abort();
	return object;
}

/* What was understood can be written, and what is written is understood as the same. */
static void round_trip(const struct ouro__message *message, ouro__band band, const void *object)
{
	ouro__buf first = OURO__BUF_INIT(ENCODED_MAX);
	ouro__buf second = OURO__BUF_INIT(ENCODED_MAX);
	ouro__arena *arena = ouro__arena_new(4 * ARENA_MAX);
	void *again = NULL;

	if (!arena)
		return;
	if (ouro__wire_encode(message, band, object, &first, NULL) < 0)
		abort();
	again = decode(message, band, first.data, first.size, arena);
	if (!again || ouro__wire_encode(message, band, again, &second, NULL) < 0)
		abort();
	if (first.size != second.size ||
		(first.size && memcmp(first.data, second.data, first.size) != 0))
		abort();
	ouro__buf_done(&first);
	ouro__buf_done(&second);
	ouro__arena_free(arena);
}

static void look(const ouro__snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->node_count; i++) {
		const struct ouro__node *node = &snapshot->nodes[i];

		if (!node->id || (i && snapshot->nodes[i - 1].id >= node->id))
			abort();
		if (ouro__snapshot_node(snapshot, node->id) != node ||
			strlen(node->given_name) > 255 || strlen(node->name) > 255)
			abort();
		if (!node->user_id != !node->user_name[0] &&
			node->user_id == OURO__USER_TAGGED_DEVICES)
			abort();
		(void)ouro__node_state(node, 0);
		(void)ouro__node_exit_state(node);
		(void)ouro__node_waiting(node);
		(void)ouro__snapshot_name_taken(snapshot, node->id, node->given_name);
		for (size_t r = 0; r < node->route_count; r++)
			if (!ouro__node_route_find(node, node->routes[r].prefix))
				abort();
	}
	for (size_t i = 0; i < snapshot->user_count; i++)
		(void)ouro__snapshot_user(snapshot, snapshot->users[i].name, NULL);
}

static size_t part(const uint8_t *at, size_t left)
{
	size_t wanted = (size_t)at[0] << 8 | at[1];

	return wanted < left ? wanted : left;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const ouro__band bands[] = {OURO__BAND_B, OURO__BAND_H, OURO__BAND_C, OURO__BAND_D,
		OURO__BAND_E, OURO__BAND_F0, OURO__BAND_F1, OURO__BAND_G, OURO__BAND_I};
	ouro__band band = bands[size ? data[0] % sizeof(bands) : 0];
	const ouro__generation *generation = ouro__generation_of(band);
	ouro__snapshot *snapshot;
	size_t node_size;
	size_t user_size;
	void *nodes;
	void *users;
	void *routes = NULL;

	if (size < 5 || !generation)
		return 0;
	node_size = part(data + 1, size - 5);
	user_size = part(data + 3, size - 5 - node_size);
	snapshot = ouro__snapshot_new(ARENA_MAX);
	if (!snapshot)
		return 0;
	nodes = decode(&ouro__hs_nodes, band, data + 5, node_size, snapshot->arena);
	users = decode(&ouro__hs_users, band, data + 5 + node_size, user_size, snapshot->arena);
	if (generation->operations[OURO__OP_GET_ROUTES])
		routes = decode(&ouro__hs_routes, band, data + 5 + node_size + user_size,
			size - 5 - node_size - user_size, snapshot->arena);
	if (nodes)
		round_trip(&ouro__hs_nodes, band, nodes);
	if (users)
		round_trip(&ouro__hs_users, band, users);
	if (routes)
		round_trip(&ouro__hs_routes, band, routes);
	if (nodes && users &&
		ouro__headscale_snapshot(snapshot, generation, nodes, users, routes, NULL) ==
			OURO_OK)
		look(snapshot);
	ouro__snapshot_unref(snapshot);
	return 0;
}
