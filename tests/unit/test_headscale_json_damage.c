/* Recorded answers over HTTP and what may become of them: they agree with what a correct decoder found and with protobuf; with members removed, retyped or doubled, they are refused or read - and never give a device to somebody
 * else. */
#include "check.h"

#include <jansson.h>
#include <stdlib.h>

#include "json_recordings.h"
#include "rpc/json.h"
#include "rpc/json_time.h"
#include "rpc/wire.h"

#define TEXT_MAX ((size_t)4 << 20)

/* ---- the same as elsewhere ---- */

static void check_as_protobuf(ouro__band band, const struct json_answer *answer)
{
	ouro__arena *arena = ouro__arena_new(JSON_RECORDING_ARENA_MAX);
	ouro__buf wire = OURO__BUF_INIT(TEXT_MAX);
	ouro__buf json[2] = {OURO__BUF_INIT(TEXT_MAX), OURO__BUF_INIT(TEXT_MAX)};
	void *object[2] = {NULL, NULL};

	object[0] = json_recording_decode(
		answer->message, band, answer->text, strlen(answer->text), arena);
	assert_non_null(object[0]);
	assert_int_equal(ouro__wire_encode(answer->message, band, object[0], &wire, NULL), OURO_OK);
	assert_int_equal(ouro__wire_decode(answer->message, band, wire.data, wire.size, arena,
				 &object[1], NULL),
		OURO_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
			ouro__json_encode(answer->message, band, object[i], 0, &json[i], NULL),
			OURO_OK);
	assert_true(json[0].size > 10);
	assert_string_equal(ouro__buf_str(&json[0]), ouro__buf_str(&json[1]));
	ouro__buf_done(&wire);
	ouro__buf_done(&json[0]);
	ouro__buf_done(&json[1]);
	ouro__arena_free(arena);
}

static void test_headscale_json_damage__as_protobuf(void **state)
{
	(void)state;
	for (size_t r = 0; r < JSON_RECORDINGS; r++) {
		struct json_answer answers[JSON_ANSWERS_MAX];
		size_t count = json_recording_answers(&json_recordings[r], answers);

		for (size_t a = 0; a < count; a++)
			check_as_protobuf(json_recordings[r].band, &answers[a]);
		json_recording_answers_free(answers, count);
	}
}

static void check_time(int64_t time, const json_t *text)
{
	int64_t expected = OURO_TIME_NEVER;

	if (json_is_string(text))
		assert_true(ouro__json_time(
			json_string_value(text), json_string_length(text), &expected));
	assert_true(time == expected);
}

static void check_routes(const struct ouro__node *node, const json_t *list, uint32_t flag)
{
	size_t count = 0;

	for (size_t i = 0; i < node->route_count; i++)
		count += (node->routes[i].flags & flag) != 0;
	assert_int_equal(count, json_array_size(list));
	for (size_t i = 0; i < count; i++) {
		const struct ouro_route *route =
			ouro__node_route_find(node, json_string_value(json_array_get(list, i)));

		assert_non_null(route);
		assert_true(route->flags & flag);
	}
}

static void check_node(const struct ouro__node *node, const json_t *expected)
{
	const json_t *owner = json_object_get(expected, "owner");
	const json_t *routes = json_object_get(expected, "routes");
	const json_t *tags = json_object_get(expected, "tags");

	assert_non_null(node);
	assert_string_equal(node->name, json_string_value(json_object_get(expected, "name")));
	assert_string_equal(
		node->given_name, json_string_value(json_object_get(expected, "given_name")));
	if (json_is_null(owner) || json_is_true(json_object_get(expected, "tagged_devices_owner")))
		assert_int_equal(node->user_id, 0);
	else
		assert_int_equal(node->user_id, json_integer_value(json_object_get(owner, "id")));
	assert_int_equal(!!node->online, json_is_true(json_object_get(expected, "online")));
	check_time(node->expiry, json_object_get(expected, "expiry"));
	check_time(node->last_seen, json_object_get(expected, "last_seen"));
	check_time(node->created, json_object_get(expected, "created_at"));
	assert_int_equal(node->tag_count, json_array_size(tags));
	for (size_t i = 0; i < node->tag_count; i++)
		assert_string_equal(node->tags[i], json_string_value(json_array_get(tags, i)));
	check_routes(node, json_object_get(routes, "available"), OURO_ROUTE_ADVERTISED);
	check_routes(node, json_object_get(routes, "approved"), OURO_ROUTE_APPROVED);
	check_routes(node, json_object_get(routes, "serving"), OURO_ROUTE_SERVING);
}

static void test_headscale_json_damage__lists_agree_with_the_oracle(void **state)
{
	(void)state;
	for (size_t r = 0; r < JSON_RECORDINGS; r++) {
		json_t *expected =
			json_recording_file(&json_recordings[r], "http.expected.json", NULL);
		const json_t *nodes = json_object_get(expected, "nodes");
		static const char *const names[] = {"list_nodes", "list_users", "get_routes"};
		char *texts[3];
		ouro__snapshot *snapshot;

		for (size_t i = 0; i < 3; i++)
			texts[i] = json_recording_body(&json_recordings[r], names[i]);
		snapshot = json_recording_snapshot(
			&json_recordings[r], texts[0], strlen(texts[0]), texts[1], texts[2]);
		assert_non_null(snapshot);
		assert_true(json_array_size(nodes) >= 9);
		assert_int_equal(snapshot->node_count, json_array_size(nodes));
		assert_int_equal(
			snapshot->user_count, json_array_size(json_object_get(expected, "users")));
		for (size_t i = 0; i < json_array_size(nodes); i++) {
			const json_t *node = json_array_get(nodes, i);

			check_node(
				ouro__snapshot_node(snapshot,
					(uint64_t)json_integer_value(json_object_get(node, "id"))),
				node);
		}
		ouro__snapshot_unref(snapshot);
		for (size_t i = 0; i < 3; i++)
			free(texts[i]);
		json_decref(expected);
	}
}

/* ---- members ---- */

/* What the damaged answer is read with. */
struct damage {
	ouro__band band;
	const struct ouro__message *message; /* of the damaged answer */
	json_t *root;                        /* that answer */
	struct ouro__hs_nodes *nodes;
	struct ouro__hs_users *users;
	struct ouro__hs_routes *routes; /* NULL = none */
	uint64_t owners[32];            /* by node id, as undamaged */
	struct json_seen seen;
	size_t tried;
	size_t read;
};

/* Whatever was done: a device that is still shown belongs to whom it belonged, or to nobody. */
static void check_owners(const struct damage *damage, const void *object, int owner_touched)
{
	ouro__snapshot *snapshot = ouro__snapshot_new(JSON_RECORDING_ARENA_MAX);
	const struct ouro__message *message = damage->message;

	if (ouro__headscale_snapshot(snapshot, ouro__generation_of(damage->band),
		    message == &ouro__hs_nodes ? object : damage->nodes,
		    message == &ouro__hs_users ? object : damage->users,
		    message == &ouro__hs_routes ? object : damage->routes, NULL) == OURO_OK)
		for (size_t i = 0; i < snapshot->node_count && !owner_touched; i++) {
			const struct ouro__node *node = &snapshot->nodes[i];

			if (node->id < 32 && node->user_id)
				assert_int_equal(node->user_id, damage->owners[node->id]);
		}
	ouro__snapshot_unref(snapshot);
}

/* 1 if it was read. */
static int try_text(struct damage *damage, const char *text, int owner_touched)
{
	ouro__arena *arena = ouro__arena_new(JSON_RECORDING_ARENA_MAX);
	const void *object =
		json_recording_decode(damage->message, damage->band, text, strlen(text), arena);
	int read = object != NULL;

	damage->tried++;
	damage->read += (size_t)read;
	if (object &&
		(damage->message == &ouro__hs_nodes || damage->message == &ouro__hs_users ||
			damage->message == &ouro__hs_routes))
		check_owners(damage, object, owner_touched);
	ouro__arena_free(arena);
	return read;
}

static void try_dump(struct damage *damage, int owner_touched)
{
	char *text = json_dumps(damage->root, JSON_COMPACT);

	(void)try_text(damage, text, owner_touched);
	free(text);
}

/* The member twice, written by hand: jansson cannot. The marker is a name that nobody has. */
static void try_double(struct damage *damage, json_t *object, const char *key, json_t *value)
{
	static const char marker[] = "\"@@\":0";
	char *one = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	ouro__buf text = OURO__BUF_INIT(TEXT_MAX);
	char *all;
	char *at;

	(void)json_object_set_new(object, "@@", json_integer(0));
	all = json_dumps(damage->root, JSON_COMPACT);
	(void)json_object_del(object, "@@");
	at = strstr(all, marker);
	assert_non_null(at);
	ouro__buf_append(&text, all, (size_t)(at - all));
	ouro__buf_format(&text, "\"%s\":%s", key, one);
	ouro__buf_text(&text, at + sizeof(marker) - 1);
	/* Twice is never read, whichever of the two would have been meant. */
	assert_int_equal(try_text(damage, ouro__buf_str(&text), 0), 0);
	ouro__buf_done(&text);
	free(all);
	free(one);
}

static void damage_object(struct damage *damage, json_t *object);

static void damage_member(struct damage *damage, json_t *object, const char *key)
{
	static const char *const types[] = {"null", "true", "0", "-1", "1.5", "\"\"", "\"x\"", "[]",
		"{}", "[{}]", "[1]", "[\"x\"]", "\"18446744073709551616\"",
		"\"0001-01-01T00:00:00Z\"", "{\"id\":{}}", "99999999999999"};
	json_t *value = json_incref(json_object_get(object, key));

	(void)json_object_del(object, key);
	try_dump(damage, 0);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		(void)json_object_set_new(object, key, json_loads(types[i], JSON_DECODE_ANY, NULL));
		/* Another number in an id is another id: nobody can tell. */
		try_dump(damage,
			strcmp(key, "id") == 0 && (types[i][0] == '9' || types[i][0] == '0'));
	}
	(void)json_object_set(object, key, value);
	try_double(damage, object, key, value);
	if (json_is_object(value))
		damage_object(damage, value);
	/* Objects in a list are alike; those of the answer's own list come one by one. */
	else if (object != damage->root && json_is_object(json_array_get(value, 0)))
		damage_object(damage, json_array_get(value, 0));
	json_decref(value);
}

static void damage_object(struct damage *damage, json_t *object)
{
	const char *names[64];
	size_t count = 0;
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		assert_true(count < 64);
		names[count++] = strdup(key);
	}
	for (size_t i = 0; i < count; i++) {
		damage_member(damage, object, names[i]);
		free((void *)(uintptr_t)names[i]);
	}
}

/* Each object of a list between its neighbours: what is far away is not read differently, and it is quicker. */
static void damage_list(struct damage *damage, json_t *answer)
{
	const char *name = json_object_iter_key(json_object_iter(answer));
	json_t *list = json_object_get(answer, name);

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *near;
		char *text = json_dumps(json_array_get(list, i), JSON_COMPACT);
		int is_new = json_seen_add(&damage->seen, text, strlen(text));

		free(text);
		if (!is_new)
			continue;
		near = json_array();
		for (size_t k = i ? i - 1 : 0; k < json_array_size(list) && k <= i + 1; k++)
			(void)json_array_append(near, json_array_get(list, k));
		damage->root = json_pack("{s:o}", name, near);
		damage_object(damage, json_array_get(list, i));
		json_decref(damage->root);
	}
}

static void *read_list(const struct json_recording *recording, const char *name,
	const struct ouro__message *message, ouro__arena *arena)
{
	char *text = json_recording_body(recording, name);
	void *list = text
		? json_recording_decode(message, recording->band, text, strlen(text), arena)
		: NULL;

	free(text);
	return list;
}

/* Whose they are in the undamaged list. */
static void note_owners(struct damage *damage, const struct ouro__hs_nodes *nodes)
{
	ouro__snapshot *whole = ouro__snapshot_new(JSON_RECORDING_ARENA_MAX);

	memset(damage->owners, 0, sizeof(damage->owners));
	assert_int_equal(ouro__headscale_snapshot(whole, ouro__generation_of(damage->band), nodes,
				 damage->users, damage->routes, NULL),
		OURO_OK);
	for (size_t i = 0; i < whole->node_count; i++)
		damage->owners[whole->nodes[i].id % 32] = whole->nodes[i].user_id;
	ouro__snapshot_unref(whole);
}

static void damage_answer(
	struct damage *damage, const struct json_answer *answer, ouro__arena *arena)
{
	json_t *root = json_loads(answer->text, 0, NULL);

	note_owners(damage,
		answer->message == &ouro__hs_nodes
			? json_recording_decode(answer->message, damage->band, answer->text,
				  strlen(answer->text), arena)
			: damage->nodes);
	damage->message = answer->message;
	damage->root = root;
	damage_object(damage, root);
	damage_list(damage, root);
	json_decref(root);
}

/* Of every different answer to a reading call of ours. */
static void test_headscale_json_damage__members(void **state)
{
	(void)state;
	for (size_t r = 0; r < JSON_RECORDINGS; r++) {
		ouro__arena *arena = ouro__arena_new(JSON_RECORDING_ARENA_MAX);
		struct json_answer answers[JSON_ANSWERS_MAX];
		size_t count = json_recording_answers(&json_recordings[r], answers);
		const struct json_recording *recording = &json_recordings[r];
		struct damage damage = {.band = recording->band,
			.nodes = read_list(recording, "list_nodes", &ouro__hs_nodes, arena),
			.users = read_list(recording, "list_users", &ouro__hs_users, arena),
			.routes = read_list(recording, "get_routes", &ouro__hs_routes, arena)};

		for (size_t a = 0; a < count; a++)
			damage_answer(&damage, &answers[a], arena);
		print_message("%s: %zu damaged, %zu of them read\n", json_recordings[r].folder,
			damage.tried, damage.read);
		assert_true(damage.tried > 10000 && damage.read > damage.tried / 10 &&
			damage.read < damage.tried);
		json_recording_answers_free(answers, count);
		ouro__arena_free(arena);
	}
}

/* ---- memory ---- */

static void test_headscale_json_damage__bytes_a_node(void **state)
{
	char *text = json_recording_body(&json_recordings[JSON_RECORDINGS - 1], "list_nodes");
	json_t *root = json_loads(text, 0, NULL);
	json_t *nodes = json_object_get(root, "nodes");
	size_t first = json_array_size(nodes);

	(void)state;
	for (size_t i = first; i < 2000; i++)
		(void)json_array_append(nodes, json_array_get(nodes, i % first));
	free(text);
	text = json_dumps(root, JSON_COMPACT);
	{
		ouro__arena *arena = ouro__arena_new(JSON_RECORDING_ARENA_MAX);

		assert_non_null(json_recording_decode(
			&ouro__hs_nodes, OURO__BAND_I, text, strlen(text), arena));
		assert_true(ouro__arena_used(arena) / 2000 <= 500);
		ouro__arena_free(arena);
	}
	free(text);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_json_damage__as_protobuf),
		cmocka_unit_test(test_headscale_json_damage__lists_agree_with_the_oracle),
		cmocka_unit_test(test_headscale_json_damage__members),
		cmocka_unit_test(test_headscale_json_damage__bytes_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
