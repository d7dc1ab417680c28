/* Recorded answers over HTTP and what may become of them: they agree with what a correct decoder found and with protobuf; with bytes
 * missing or changed, and with members removed, retyped or doubled, they are refused or read - and never give a device to somebody
 * else. */
#include "check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "headscale/generation.h"
#include "model/model.h"
#include "rpc/json.h"
#include "rpc/json_time.h"
#include "rpc/wire.h"

#define ARENA_MAX ((size_t)64 << 20)
#define TEXT_MAX ((size_t)4 << 20)
/* Owners are told apart by these. */
#define USERS_MAX 16

struct recording {
	const char *folder;
	ouro__band band;
};

static const struct recording recordings[] = {
	{"v0.23.0", OURO__BAND_B},
	{"v0.24.3", OURO__BAND_C},
	{"v0.25.1", OURO__BAND_D},
	{"v0.26.1", OURO__BAND_E},
	{"v0.27.1", OURO__BAND_F1},
	{"v0.28.0", OURO__BAND_G},
	{"v0.29.2", OURO__BAND_H},
	{"head", OURO__BAND_I},
};
enum { RECORDINGS = 8 };

static json_t *load_file(const char *folder, const char *name, const char *record_name)
{
	char path[1024];
	FILE *file;
	json_error_t error;
	json_t *record;

	(void)snprintf(
		path, sizeof(path), "%s/wire/recordings/%s/%s", OURO_TESTS_DIR, folder, name);
	file = fopen(path, "rb");
	if (!file)
		return NULL;
	while ((record = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error))) {
		if (!record_name ||
			strcmp(json_string_value(json_object_get(record, "name")), record_name) ==
				0)
			break;
		json_decref(record);
	}
	(void)fclose(file);
	return record;
}

/* The recorded text of a success; free(). NULL = this version has none. */
static char *body_of(const char *folder, const char *record_name)
{
	json_t *record = load_file(folder, "http.jsonl", record_name);
	const json_t *response = json_object_get(record, "response");
	char *text = NULL;

	if (json_integer_value(json_object_get(response, "status")) == 200)
		text = strdup(json_string_value(json_object_get(response, "body")));
	json_decref(record);
	return text;
}

/* In a block of its own size. */
static void *decode(const struct ouro__message *message, ouro__band band, const char *text,
	size_t size, ouro__arena *arena)
{
	char *copy = malloc(size ? size : 1);
	ouro_error error = OURO_ERROR_INIT;
	void *object = NULL;
	ouro_status rc;

	memcpy(copy, text, size);
	rc = ouro__json_decode(message, band, copy, size, arena, &object, &error);
	free(copy);
	assert_true(rc == OURO_OK || (rc == OURO_ERR_PROTOCOL && error.text[0] && !object));
	return object;
}

static const struct {
	const char *name;
	const struct ouro__message *message;
} lists[] = {
	{"list_nodes", &ouro__hs_nodes},
	{"list_users", &ouro__hs_users},
	{"get_routes", &ouro__hs_routes},
	{"get_node_web_1", &ouro__hs_node_reply},
};
enum { LISTS = 4 };

/* ---- the same as elsewhere ---- */

static void test_headscale_json_damage__as_protobuf(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++)
		for (size_t l = 0; l < LISTS; l++) {
			char *text = body_of(recordings[r].folder, lists[l].name);
			ouro__arena *arena = ouro__arena_new(ARENA_MAX);
			ouro__buf wire = OURO__BUF_INIT(TEXT_MAX);
			ouro__buf json[2] = {OURO__BUF_INIT(TEXT_MAX), OURO__BUF_INIT(TEXT_MAX)};
			ouro__band band = recordings[r].band;
			void *object[2] = {NULL, NULL};

			if (text) {
				object[0] =
					decode(lists[l].message, band, text, strlen(text), arena);
				assert_non_null(object[0]);
				assert_int_equal(ouro__wire_encode(lists[l].message, band,
							 object[0], &wire, NULL),
					OURO_OK);
				assert_int_equal(
					ouro__wire_decode(lists[l].message, band, wire.data,
						wire.size, arena, &object[1], NULL),
					OURO_OK);
				for (size_t i = 0; i < 2; i++)
					assert_int_equal(ouro__json_encode(lists[l].message, band,
								 object[i], 0, &json[i], NULL),
						OURO_OK);
				assert_true(json[0].size > 20);
				assert_string_equal(
					ouro__buf_str(&json[0]), ouro__buf_str(&json[1]));
			}
			ouro__buf_done(&wire);
			ouro__buf_done(&json[0]);
			ouro__buf_done(&json[1]);
			ouro__arena_free(arena);
			free(text);
		}
}

static ouro__snapshot *snapshot_of(const struct recording *recording, const char *nodes_text,
	size_t nodes_size, const char *users_text, const char *routes_text)
{
	ouro__snapshot *snapshot = ouro__snapshot_new(ARENA_MAX);
	ouro__band band = recording->band;
	void *nodes = decode(&ouro__hs_nodes, band, nodes_text, nodes_size, snapshot->arena);
	void *users =
		decode(&ouro__hs_users, band, users_text, strlen(users_text), snapshot->arena);
	void *routes = routes_text
		? decode(&ouro__hs_routes, band, routes_text, strlen(routes_text), snapshot->arena)
		: NULL;

	if (nodes && users && (routes || !routes_text) &&
		ouro__headscale_snapshot(
			snapshot, ouro__generation_of(band), nodes, users, routes, NULL) == OURO_OK)
		return snapshot;
	ouro__snapshot_unref(snapshot);
	return NULL;
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
	for (size_t r = 0; r < RECORDINGS; r++) {
		json_t *expected = load_file(recordings[r].folder, "http.expected.json", NULL);
		const json_t *nodes = json_object_get(expected, "nodes");
		char *texts[3];
		ouro__snapshot *snapshot;

		for (size_t i = 0; i < 3; i++)
			texts[i] = body_of(recordings[r].folder, lists[i].name);
		snapshot =
			snapshot_of(&recordings[r], texts[0], strlen(texts[0]), texts[1], texts[2]);
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

/* ---- bytes ---- */

static void try_bytes(const struct recording *recording, size_t l, const char *text, size_t size)
{
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);

	(void)decode(lists[l].message, recording->band, text, size, arena);
	ouro__arena_free(arena);
}

/* Every byte of the small ones, a sample of the others: dropped, changed, and cut off there. */
static void test_headscale_json_damage__bytes(void **state)
{
	static const char changes[] = {'"', '\\', '{', '}', '[', ']', ',', ':', '0', '\0', '\x80'};
	size_t tried = 0;

	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++)
		for (size_t l = 0; l < LISTS; l++) {
			char *text = body_of(recordings[r].folder, lists[l].name);
			size_t size = text ? strlen(text) : 0;
			size_t step = size / 220 + 1;

			for (size_t i = 0; i < size; i += step) {
				char *damaged = strdup(text);
				char kept = text[i];

				try_bytes(&recordings[r], l, damaged, i);
				damaged[i] = changes[tried++ % sizeof(changes)];
				try_bytes(&recordings[r], l, damaged, size);
				damaged[i] = (char)(kept ^ (char)(1 << (tried % 8)));
				try_bytes(&recordings[r], l, damaged, size);
				memmove(damaged + i, text + i + 1, size - i - 1);
				try_bytes(&recordings[r], l, damaged, size - 1);
				free(damaged);
			}
			free(text);
		}
	assert_true(tried > 4000);
}

/* ---- members ---- */

struct damage {
	const struct recording *recording;
	json_t *root; /* a list of nodes */
	const char *users;
	const char *routes;
	uint64_t owners[32]; /* by node id, as undamaged */
	size_t tried;
	size_t read;
};

/* Whatever was done to the text: a device that is still shown belongs to whom it belonged, or to nobody. */
static void try_text(struct damage *damage, const char *text, int owner_touched)
{
	ouro__snapshot *snapshot =
		snapshot_of(damage->recording, text, strlen(text), damage->users, damage->routes);

	damage->tried++;
	if (!snapshot)
		return;
	damage->read++;
	for (size_t i = 0; i < snapshot->node_count && !owner_touched; i++) {
		const struct ouro__node *node = &snapshot->nodes[i];

		if (node->id < 32 && node->user_id)
			assert_int_equal(node->user_id, damage->owners[node->id]);
	}
	ouro__snapshot_unref(snapshot);
}

static void try_dump(struct damage *damage, int owner_touched)
{
	char *text = json_dumps(damage->root, JSON_COMPACT);

	try_text(damage, text, owner_touched);
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
	assert_null(snapshot_of(
		damage->recording, ouro__buf_str(&text), text.size, damage->users, damage->routes));
	damage->tried++;
	ouro__buf_done(&text);
	free(all);
	free(one);
}

static void damage_object(struct damage *damage, json_t *object, unsigned depth);

static void damage_member(struct damage *damage, json_t *object, const char *key, unsigned depth)
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
		damage_object(damage, value, depth + 1);
	for (size_t i = 0; i < json_array_size(value) && i < 5; i++)
		if (i != 2 && i != 3 && json_is_object(json_array_get(value, i)))
			damage_object(damage, json_array_get(value, i), depth + 1);
	json_decref(value);
}

static void damage_object(struct damage *damage, json_t *object, unsigned depth)
{
	const char *names[64];
	size_t count = 0;
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) if (count < 64) names[count++] = strdup(key);
	for (size_t i = 0; i < count; i++) {
		damage_member(damage, object, names[i], depth);
		free((void *)(uintptr_t)names[i]);
	}
}

static void test_headscale_json_damage__members(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		struct damage damage = {.recording = &recordings[r]};
		char *nodes = body_of(recordings[r].folder, "list_nodes");
		char *users = body_of(recordings[r].folder, "list_users");
		char *routes = body_of(recordings[r].folder, "get_routes");
		ouro__snapshot *snapshot =
			snapshot_of(&recordings[r], nodes, strlen(nodes), users, routes);

		assert_non_null(snapshot);
		for (size_t i = 0; i < snapshot->node_count; i++)
			damage.owners[snapshot->nodes[i].id % 32] = snapshot->nodes[i].user_id;
		ouro__snapshot_unref(snapshot);
		damage.users = users;
		damage.routes = routes;
		damage.root = json_loads(nodes, 0, NULL);
		damage_object(&damage, damage.root, 0);
		print_message("%s: %zu damaged, %zu of them read\n", recordings[r].folder,
			damage.tried, damage.read);
		assert_true(damage.tried > 700 && damage.read > 50 && damage.read < damage.tried);
		json_decref(damage.root);
		free(nodes);
		free(users);
		free(routes);
	}
}

/* ---- memory ---- */

static void test_headscale_json_damage__bytes_a_node(void **state)
{
	char *text = body_of("head", "list_nodes");
	json_t *root = json_loads(text, 0, NULL);
	json_t *nodes = json_object_get(root, "nodes");
	size_t first = json_array_size(nodes);

	(void)state;
	for (size_t i = first; i < 2000; i++)
		(void)json_array_append(nodes, json_array_get(nodes, i % first));
	free(text);
	text = json_dumps(root, JSON_COMPACT);
	{
		ouro__arena *arena = ouro__arena_new(ARENA_MAX);

		assert_non_null(decode(&ouro__hs_nodes, OURO__BAND_I, text, strlen(text), arena));
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
		cmocka_unit_test(test_headscale_json_damage__bytes),
		cmocka_unit_test(test_headscale_json_damage__members),
		cmocka_unit_test(test_headscale_json_damage__bytes_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
