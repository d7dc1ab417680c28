/* Answers of real servers with every byte cut off, left out or changed: refused or read, never more - and whoever's bytes were not
 * touched keeps what is theirs. */
#include "check.h"

#include <stdlib.h>

#include "recordings.h"
#include "rpc/wire.h"

static void try_damaged(
	const struct recording_method *method, ouro__band band, const uint8_t *bytes, size_t size)
{
	ouro__arena *arena = ouro__arena_new((size_t)4 << 20);
	ouro_error error = OURO_ERROR_INIT;
	void *object = NULL;
	ouro_status rc =
		ouro__wire_decode(method->reply, band, bytes, size, arena, &object, &error);

	if (rc == OURO_OK)
		assert_non_null(object);
	else
		assert_true(rc == OURO_ERR_PROTOCOL || rc == OURO_ERR_NOMEM);
	ouro__arena_free(arena);
}

/* What is done to one byte: left out, or changed by these bits. */
static const uint8_t flips[] = {0x01, 0x80, 0xFF};
enum { DAMAGES = 1 + sizeof(flips) };

/* Into a block of the right size, so that the sanitizer sees every read beyond it; free(). */
static uint8_t *damaged(
	const uint8_t *bytes, size_t size, size_t at, size_t damage, size_t *ret_size)
{
	size_t drop = damage == 0;
	uint8_t *copy = malloc(size);

	assert_non_null(copy);
	memcpy(copy, bytes, at);
	memcpy(copy + at, bytes + at + drop, size - at - drop);
	if (!drop)
		copy[at] ^= flips[damage - 1];
	*ret_size = size - drop;
	return copy;
}

static void damage_all(
	const struct recording_method *method, ouro__band band, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t *exact = malloc(i ? i : 1);

		assert_non_null(exact);
		memcpy(exact, bytes, i);
		try_damaged(method, band, exact, i);
		free(exact);
		for (size_t d = 0; d < DAMAGES; d++) {
			size_t left = 0;
			uint8_t *copy = damaged(bytes, size, i, d, &left);

			try_damaged(method, band, copy, left);
			free(copy);
		}
	}
}

/* The same answer was there before. */
static int is_repeated(const json_t *records, size_t index)
{
	const json_t *record = json_array_get(records, index);
	const char *hex = recording_text(record, "response_hex");
	const char *method = recording_text(record, "method");

	for (size_t i = 0; i < index; i++) {
		const json_t *other = json_array_get(records, i);

		if (strcmp(recording_text(other, "response_hex"), hex) == 0 &&
			strcmp(recording_text(other, "method"), method) == 0)
			return 1;
	}
	return 0;
}

/* Every different answer that was recorded of a call of ours. */
static void test_headscale_damage__does_no_harm(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		size_t seen = 0;
		size_t index;
		json_t *record;

		json_array_foreach(recordings[r].records, index, record)
		{
			const struct recording_method *method = recording_method(record);
			size_t size = 0;
			uint8_t *bytes;

			if (!method || is_repeated(recordings[r].records, index) ||
				!*recording_text(record, "response_hex"))
				continue;
			bytes = recording_bytes(recording_text(record, "response_hex"), &size);
			damage_all(method, recordings[r].band, bytes, size);
			free(bytes);
			seen++;
		}
		assert_true(seen >= 20);
	}
}

/* ---- owners ---- */

/* One node of the list: where it stands, header included, and whose it is. */
struct place {
	size_t begin;
	size_t end;
	uint64_t id;
	uint64_t owner;
};

struct world {
	const struct recording *recording;
	struct ouro__hs_users *users;
	struct ouro__hs_routes *routes;
	ouro__arena *arena;
	struct place places[32];
	size_t count;
	unsigned long compared;
	unsigned long refused;
};

static ouro__snapshot *read_nodes(struct world *world, const uint8_t *bytes, size_t size)
{
	ouro__snapshot *snapshot = ouro__snapshot_new((size_t)4 << 20);
	ouro_error error = OURO_ERROR_INIT;
	void *nodes = NULL;
	ouro_status rc = ouro__wire_decode(&ouro__hs_nodes, world->recording->band, bytes, size,
		snapshot->arena, &nodes, &error);

	if (rc == OURO_OK)
		rc = ouro__headscale_snapshot(snapshot, ouro__generation_of(world->recording->band),
			nodes, world->users, world->routes, &error);
	if (rc == OURO_OK)
		return snapshot;
	assert_true(rc == OURO_ERR_PROTOCOL || rc == OURO_ERR_NOMEM);
	ouro__snapshot_unref(snapshot);
	return NULL;
}

/* The list is nothing but nodes: 0x0a, length, node. */
static void find_places(struct world *world, const uint8_t *bytes, size_t size)
{
	ouro__snapshot *whole = read_nodes(world, bytes, size);
	size_t at = 0;

	assert_non_null(whole);
	while (at < size) {
		struct place *place = &world->places[world->count++];
		size_t length = 0;
		unsigned shift = 0;

		assert_true(world->count <= 32);
		place->begin = at;
		assert_int_equal(bytes[at++], 0x0a);
		do {
			length |= (size_t)(bytes[at] & 0x7F) << shift;
			shift += 7;
		} while (bytes[at++] & 0x80);
		assert_int_equal(bytes[at], 0x08); /* the id comes first, of one byte */
		place->id = bytes[at + 1];
		place->owner = ouro__snapshot_node(whole, place->id)->user_id;
		at += length;
		place->end = at;
	}
	assert_int_equal(at, size);
	assert_int_equal(world->count, whole->node_count);
	ouro__snapshot_unref(whole);
}

/* Byte `touched` was damaged: every other node is there as it was, or is not there at all. */
static void compare(struct world *world, const ouro__snapshot *snapshot, size_t touched)
{
	for (size_t p = 0; p < world->count; p++) {
		const struct place *place = &world->places[p];
		const struct ouro__node *node = ouro__snapshot_node(snapshot, place->id);

		if (!node || (touched >= place->begin && touched < place->end))
			continue;
		if (node->user_id != place->owner)
			fail_msg("%s: byte %zu gives device %d to user %d",
				world->recording->folder, touched, (int)place->id,
				(int)node->user_id);
		world->compared++;
	}
}

static void test_headscale_damage__owners_stay(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		struct world world = {.recording = &recordings[r]};
		const json_t *record = NULL;
		uint8_t *bytes;
		size_t size = 0;

		for (size_t i = 0; i < json_array_size(recordings[r].records) && !record; i++) {
			const json_t *at = json_array_get(recordings[r].records, i);

			if (strcmp(recording_text(at, "name"), "list_nodes") == 0)
				record = at;
		}
		assert_non_null(record);
		world.arena = ouro__arena_new(RECORDING_ARENA_MAX);
		world.users = recording_reply(
			world.recording, "list_users", &ouro__hs_users, world.arena);
		if (recordings[r].band <= OURO__BAND_D)
			world.routes = recording_reply(
				world.recording, "get_routes", &ouro__hs_routes, world.arena);
		bytes = recording_bytes(recording_text(record, "response_hex"), &size);
		find_places(&world, bytes, size);
		for (size_t i = 0; i < size; i++)
			for (size_t d = 0; d < DAMAGES; d += 1 + i % sizeof(flips)) {
				size_t left = 0;
				uint8_t *copy = damaged(bytes, size, i, d, &left);
				ouro__snapshot *snapshot = read_nodes(&world, copy, left);

				if (snapshot)
					compare(&world, snapshot, i);
				else
					world.refused++;
				ouro__snapshot_unref(snapshot);
				free(copy);
			}
		/* Most damage is inside a text, and the rest is found out. */
		assert_true(world.compared > size);
		assert_true(world.refused > 100);
		free(bytes);
		ouro__arena_free(world.arena);
	}
}

/* The routes' answer damaged: nobody's device changes hands. */
static void test_headscale_damage__routes_give_no_owner(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORDINGS && recordings[r].band <= OURO__BAND_D; r++) {
		ouro__arena *arena = ouro__arena_new(RECORDING_ARENA_MAX);
		struct ouro__hs_nodes *nodes =
			recording_reply(&recordings[r], "list_nodes", &ouro__hs_nodes, arena);
		struct ouro__hs_users *users =
			recording_reply(&recordings[r], "list_users", &ouro__hs_users, arena);
		const json_t *record = NULL;
		uint8_t *bytes;
		size_t size = 0;

		for (size_t i = 0; i < json_array_size(recordings[r].records) && !record; i++) {
			const json_t *at = json_array_get(recordings[r].records, i);

			if (strcmp(recording_text(at, "name"), "get_routes") == 0)
				record = at;
		}
		assert_non_null(record);
		bytes = recording_bytes(recording_text(record, "response_hex"), &size);
		for (size_t i = 0; i < size; i++) {
			ouro__snapshot *snapshot = ouro__snapshot_new((size_t)4 << 20);
			size_t left = 0;
			uint8_t *copy = damaged(bytes, size, i, i % DAMAGES, &left);
			void *routes = NULL;

			if (ouro__wire_decode(&ouro__hs_routes, recordings[r].band, copy, left,
				    snapshot->arena, &routes, NULL) == OURO_OK) {
				assert_int_equal(ouro__headscale_snapshot(snapshot,
							 ouro__generation_of(recordings[r].band),
							 nodes, users, routes, NULL),
					OURO_OK);
				for (size_t n = 0; n < snapshot->node_count; n++) {
					const struct ouro__hs_node *node = nodes->nodes.items[n];

					assert_int_equal(snapshot->nodes[n].id, node->id);
					assert_int_equal(
						snapshot->nodes[n].user_id, node->user->id);
				}
			}
			ouro__snapshot_unref(snapshot);
			free(copy);
		}
		free(bytes);
		ouro__arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_damage__does_no_harm),
		cmocka_unit_test(test_headscale_damage__owners_stay),
		cmocka_unit_test(test_headscale_damage__routes_give_no_owner),
	};

	return cmocka_run_group_tests(tests, recordings_load, recordings_unload);
}
