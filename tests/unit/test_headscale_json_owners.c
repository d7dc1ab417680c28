/* Lists of real servers over HTTP with every byte left out or changed, all versions: whoever's bytes were not touched keeps what is
 * theirs, and nobody gets a device whose owner was not written anew. */
#include "check.h"

#include <stdlib.h>

#include "json_recordings.h"

struct place {
	struct json_range object;
	struct json_range id;    /* the value of its id */
	struct json_range owner; /* the value of its user's id */
	uint64_t number;
	uint64_t user;
};

struct world {
	const struct json_recording *recording;
	struct ouro__hs_nodes *nodes;
	struct ouro__hs_users *users;
	struct ouro__hs_routes *routes; /* NULL = none */
	ouro__arena *arena;
	struct place places[32];
	size_t count;
	unsigned long compared;
	unsigned long refused;
};

static int within(struct json_range range, size_t at)
{
	return at >= range.from && at < range.to;
}

static uint64_t number_at(const char *text, struct json_range range)
{
	return strtoull(text + range.from + (text[range.from] == '"'), NULL, 10);
}

static ouro__snapshot *build(const struct world *world, const struct ouro__hs_nodes *nodes,
	const struct ouro__hs_users *users, const struct ouro__hs_routes *routes)
{
	ouro__snapshot *snapshot = ouro__snapshot_new(JSON_RECORDING_ARENA_MAX);

	if (ouro__headscale_snapshot(snapshot, ouro__generation_of(world->recording->band), nodes,
		    users, routes, NULL) == OURO_OK)
		return snapshot;
	ouro__snapshot_unref(snapshot);
	return NULL;
}

static void find_places(struct world *world, const char *text)
{
	ouro__snapshot *whole = build(world, world->nodes, world->users, world->routes);
	size_t at = json_recording_member(text, 0, "nodes").from + 1;

	assert_non_null(whole);
	while (text[at] == '{') {
		struct place *place = &world->places[world->count++];
		struct json_range user = json_recording_member(text, at, "user");

		assert_true(world->count <= 32 && user.to);
		place->object = (struct json_range){at, json_recording_behind(text, at)};
		place->id = json_recording_member(text, at, "id");
		place->owner = json_recording_member(text, user.from, "id");
		place->number = number_at(text, place->id);
		place->user = ouro__snapshot_node(whole, place->number)->user_id;
		at = place->object.to + strspn(text + place->object.to, " ,\n");
	}
	assert_int_equal(world->count, whole->node_count);
	ouro__snapshot_unref(whole);
}

static const struct place *place_of(const struct world *world, uint64_t number)
{
	for (size_t p = 0; p < world->count; p++)
		if (world->places[p].number == number)
			return &world->places[p];
	return NULL;
}

/* The device or its owner has another number now: nobody can tell. */
static int is_renumbered(const struct place *place, const struct ouro__node *node, size_t touched)
{
	return within(place->id, touched)
		? node->user_id == place->user
		: within(place->owner, touched) && node->id == place->number;
}

/* Byte `touched` of the nodes was damaged: each belongs to whom it belonged, or to nobody. */
static void compare(struct world *world, const ouro__snapshot *snapshot, size_t touched)
{
	for (size_t n = 0; n < snapshot->node_count; n++) {
		const struct ouro__node *node = &snapshot->nodes[n];
		const struct place *place = place_of(world, node->id);
		int renumbered = 0;

		for (size_t p = 0; p < world->count; p++)
			renumbered |= is_renumbered(&world->places[p], node, touched);
		if (place && (node->user_id == place->user || !node->user_id))
			world->compared++;
		else if (!renumbered)
			fail_msg("%s: byte %zu gives device %d to user %d",
				world->recording->folder, touched, (int)node->id,
				(int)node->user_id);
	}
}

static void *read_list(struct world *world, const char *name, const struct ouro__message *message)
{
	char *text = json_recording_body(world->recording, name);
	void *list = text ? json_recording_decode(message, world->recording->band, text,
				    strlen(text), world->arena)
			  : NULL;

	free(text);
	return list;
}

static void open_world(struct world *world, size_t r)
{
	memset(world, 0, sizeof(*world));
	world->recording = &json_recordings[r];
	world->arena = ouro__arena_new(JSON_RECORDING_ARENA_MAX);
	world->nodes = read_list(world, "list_nodes", &ouro__hs_nodes);
	world->users = read_list(world, "list_users", &ouro__hs_users);
	world->routes = read_list(world, "get_routes", &ouro__hs_routes);
	assert_non_null(world->nodes);
	assert_non_null(world->users);
	assert_int_equal(world->routes != NULL, world->recording->band <= OURO__BAND_D);
}

static void damage_nodes(struct world *world, const struct json_piece *piece)
{
	for (size_t at = piece->bytes.from; at < piece->bytes.to; at++)
		for (int drop = 0; drop < 2; drop++) {
			ouro__arena *arena = ouro__arena_new(JSON_RECORDING_ARENA_MAX);
			size_t left = 0;
			char *copy = json_piece_damaged(piece, at, drop, &left);
			struct ouro__hs_nodes *nodes = json_recording_decode(
				&ouro__hs_nodes, world->recording->band, copy, left, arena);
			ouro__snapshot *snapshot =
				nodes ? build(world, nodes, world->users, world->routes) : NULL;

			if (snapshot)
				compare(world, snapshot, piece->origin + at - piece->bytes.from);
			else
				world->refused++;
			ouro__snapshot_unref(snapshot);
			ouro__arena_free(arena);
			free(copy);
		}
}

static void test_headscale_json_owners__stay(void **state)
{
	(void)state;
	for (size_t r = 0; r < JSON_RECORDINGS; r++) {
		char *text = json_recording_body(&json_recordings[r], "list_nodes");
		struct json_piece pieces[JSON_PIECES_MAX];
		size_t count = json_recording_pieces(text, 1, pieces);
		struct world world;

		open_world(&world, r);
		find_places(&world, text);
		for (size_t i = 0; i < count; i++)
			damage_nodes(&world, &pieces[i]);
		print_message("%s: %zu bytes, %lu refused\n", json_recordings[r].folder,
			strlen(text), world.refused);
		/* Most damage is inside a text, and the rest is found out. */
		assert_true(world.compared > strlen(text));
		assert_true(world.refused > strlen(text) / 4);
		json_recording_pieces_free(pieces, count);
		ouro__arena_free(world.arena);
		free(text);
	}
}

/* The other two lists damaged: nobody's device changes hands. */
static void damage_other(
	struct world *world, const struct json_piece *piece, const struct ouro__message *message)
{
	int users = message == &ouro__hs_users;

	for (size_t at = piece->bytes.from; at < piece->bytes.to; at++)
		for (int drop = 0; drop < 2; drop++) {
			ouro__arena *arena = ouro__arena_new(JSON_RECORDING_ARENA_MAX);
			size_t left = 0;
			char *copy = json_piece_damaged(piece, at, drop, &left);
			void *list = json_recording_decode(
				message, world->recording->band, copy, left, arena);
			ouro__snapshot *snapshot = list
				? build(world, world->nodes, users ? list : world->users,
					  users ? world->routes : list)
				: NULL;

			for (size_t n = 0; snapshot && n < snapshot->node_count; n++) {
				const struct ouro__node *node = &snapshot->nodes[n];

				assert_int_equal(node->user_id, place_of(world, node->id)->user);
				world->compared++;
			}
			ouro__snapshot_unref(snapshot);
			ouro__arena_free(arena);
			free(copy);
		}
}

static void damage_list(struct world *world, const char *name, const struct ouro__message *message)
{
	char *text = json_recording_body(world->recording, name);
	struct json_piece pieces[JSON_PIECES_MAX];
	size_t count = json_recording_pieces(text, 1, pieces);

	for (size_t i = 0; i < count; i++)
		damage_other(world, &pieces[i], message);
	assert_true(world->compared > strlen(text));
	json_recording_pieces_free(pieces, count);
	free(text);
}

static void test_headscale_json_owners__come_from_nodes_alone(void **state)
{
	(void)state;
	for (size_t r = 0; r < JSON_RECORDINGS; r++) {
		char *nodes = json_recording_body(&json_recordings[r], "list_nodes");
		struct world world;

		open_world(&world, r);
		find_places(&world, nodes);
		damage_list(&world, "list_users", &ouro__hs_users);
		if (world.routes)
			damage_list(&world, "get_routes", &ouro__hs_routes);
		ouro__arena_free(world.arena);
		free(nodes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_json_owners__stay),
		cmocka_unit_test(test_headscale_json_owners__come_from_nodes_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
