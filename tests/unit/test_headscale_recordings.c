/* The recordings of real servers, replayed: what we send is what a correct client sent, byte for byte; what we read is what a
 * correct decoder found; and damaged answers are refused or read, never more. */
#include "check.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/str.h"
#include "headscale/generation.h"
#include "rpc/wire.h"

#define ARENA_MAX ((size_t)64 << 20)

struct recording {
	const char *folder;
	ouro__band band;
	json_t *records; /* array, in order */
	json_t *expected;
};

static struct recording recordings[] = {
	{"v0.23.0", OURO__BAND_B, NULL, NULL},
	{"v0.29.2", OURO__BAND_H, NULL, NULL},
};
enum { RECORDINGS = 2 };

static FILE *open_file(const char *folder, const char *name)
{
	char path[1024];
	FILE *file;

	(void)snprintf(
		path, sizeof(path), "%s/wire/recordings/%s/%s", OURO_TESTS_DIR, folder, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	return file;
}

static int load(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDINGS; i++) {
		FILE *file = open_file(recordings[i].folder, "grpc.jsonl");
		json_error_t error;
		json_t *record;

		recordings[i].records = json_array();
		while ((record = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error)))
			assert_int_equal(json_array_append_new(recordings[i].records, record), 0);
		assert_int_equal(fclose(file), 0);
		assert_true(json_array_size(recordings[i].records) > 100);
		file = open_file(recordings[i].folder, "grpc.expected.json");
		recordings[i].expected = json_loadf(file, 0, &error);
		assert_int_equal(fclose(file), 0);
		assert_non_null(recordings[i].expected);
	}
	return 0;
}

static int unload(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDINGS; i++) {
		json_decref(recordings[i].records);
		json_decref(recordings[i].expected);
	}
	return 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static unsigned nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* In a block of its own size, so that the sanitizer sees every read beyond it. */
static uint8_t *bytes_of(const char *hex, size_t *ret_size)
{
	size_t size = strlen(hex) / 2;
	uint8_t *bytes = malloc(size ? size : 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)((nibble(hex[2 * i]) << 4) | nibble(hex[2 * i + 1]));
	*ret_size = size;
	return bytes;
}

struct method_row {
	const char *method;
	const struct ouro__message *request;
	const struct ouro__message *reply;
};

static const struct method_row methods[] = {
	{"ListUsers", &ouro__hs_list_users_request, &ouro__hs_users},
	{"ListNodes", &ouro__hs_list_nodes_request, &ouro__hs_nodes},
	{"GetNode", &ouro__hs_node_request, &ouro__hs_node_reply},
	{"RenameNode", &ouro__hs_rename_request, &ouro__hs_node_reply},
	{"ExpireNode", &ouro__hs_expire_request, &ouro__hs_node_reply},
	{"DeleteNode", &ouro__hs_node_request, &ouro__hs_empty},
	{"RegisterNode", &ouro__hs_register_request, &ouro__hs_node_reply},
	{"AuthRegister", &ouro__hs_auth_register_request, &ouro__hs_node_reply},
	{"GetRoutes", &ouro__hs_empty, &ouro__hs_routes},
	{"EnableRoute", &ouro__hs_route_request, &ouro__hs_empty},
	{"DisableRoute", &ouro__hs_route_request, &ouro__hs_empty},
	{"DeleteRoute", &ouro__hs_route_request, &ouro__hs_empty},
	{"SetApprovedRoutes", &ouro__hs_approve_request, &ouro__hs_node_reply},
};

static const struct method_row *row_of(const json_t *record)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i].method, text_of(record, "method")) == 0)
			return &methods[i];
	return NULL;
}

static int64_t seconds_of(const char *text)
{
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	assert_int_equal(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon,
				 &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec),
		6);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return (int64_t)timegm(&tm);
}

/* "node_id" and "nodeId" are one name. */
static int same_name(const char *proto, const char *camel)
{
	for (; *proto; proto++, camel++) {
		if (*proto == '_') {
			proto++;
			if (*camel != *proto - 32)
				return 0;
		} else if (*camel != *proto) {
			return 0;
		}
	}
	return !*camel;
}

static uint64_t number_of(const json_t *value)
{
	uint64_t number = 0;
	const char *text = json_string_value(value);

	assert_non_null(text);
	assert_true(ouro__str_u64(text, strlen(text), &number));
	return number;
}

/* Fill the request struct from the recorded fields. */
static void fill(
	const struct ouro__field *field, char *object, const json_t *value, ouro__arena *arena)
{
	void *at = object + field->offset;

	if (field->kind == OURO__FIELD_U64 || field->kind == OURO__FIELD_U64_TEXT) {
		*(uint64_t *)at = number_of(value);
	} else if (field->kind == OURO__FIELD_BOOL) {
		*(int32_t *)at = json_is_true(value);
	} else if (field->kind == OURO__FIELD_TEXT) {
		*(const char **)at = json_string_value(value);
	} else if (field->kind == OURO__FIELD_TIME) {
		*(int64_t *)at = seconds_of(json_string_value(value));
	} else {
		struct ouro__texts *texts = at;

		assert_int_equal(field->kind, OURO__FIELD_TEXTS);
		texts->count = json_array_size(value);
		texts->items = ouro__arena_alloc(arena, texts->count * sizeof(*texts->items));
		for (size_t i = 0; i < texts->count; i++)
			texts->items[i] = json_string_value(json_array_get(value, i));
	}
}

static void *request_of(
	const struct ouro__message *message, ouro__band band, json_t *fields, ouro__arena *arena)
{
	char *object = ouro__arena_alloc(arena, message->size);
	const char *key;
	json_t *value;

	for (size_t i = 0; i < message->count; i++)
		if (message->fields[i].kind == OURO__FIELD_TIME)
			*(int64_t *)(void *)(object + message->fields[i].offset) = OURO_TIME_NEVER;
	json_object_foreach(fields, key, value)
	{
		int found = 0;

		for (size_t i = 0; i < message->count && !found; i++) {
			const struct ouro__field *field = &message->fields[i];

			found = same_name(key, field->json) && field->first <= band &&
				band <= field->last;
			if (found)
				fill(field, object, value, arena);
		}
		assert_true(found);
	}
	return object;
}

static void check_request(
	const struct recording *recording, const json_t *record, const struct method_row *row)
{
	ouro__buf buf = OURO__BUF_INIT(1 << 20);
	ouro__arena *arena = ouro__arena_new(1 << 20);
	size_t size = 0;
	uint8_t *bytes = bytes_of(text_of(record, "request_hex"), &size);
	void *request = request_of(
		row->request, recording->band, json_object_get(record, "request"), arena);

	assert_int_equal(
		ouro__wire_encode(row->request, recording->band, request, &buf, NULL), OURO_OK);
	if (buf.size != size || (size && memcmp(buf.data, bytes, size) != 0))
		fail_msg("%s: %s is written otherwise", recording->folder, text_of(record, "name"));
	free(bytes);
	ouro__buf_done(&buf);
	ouro__arena_free(arena);
}

static void test_headscale_recordings__requests_are_the_same_bytes(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		size_t checked = 0;
		size_t index;
		json_t *record;

		json_array_foreach(recordings[r].records, index, record)
		{
			const struct method_row *row = row_of(record);
			const char *name = text_of(record, "name");

			/* Sent as raw bytes on purpose, or a method that this generation lacks. */
			if (!row || ouro__str_starts(name, "probe_") ||
				strcmp(name, "wrong_content") == 0 ||
				json_integer_value(json_object_get(record, "grpc_status")) == 12)
				continue;
			check_request(&recordings[r], record, row);
			checked++;
		}
		assert_true(checked > 50);
	}
}

static void test_headscale_recordings__every_answer_is_read(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		size_t checked = 0;
		size_t index;
		json_t *record;

		json_array_foreach(recordings[r].records, index, record)
		{
			const struct method_row *row = row_of(record);
			ouro_error error = OURO_ERROR_INIT;
			ouro__arena *arena;
			void *object = NULL;
			uint8_t *bytes;
			size_t size = 0;

			if (!row || !json_is_string(json_object_get(record, "response_hex")))
				continue;
			bytes = bytes_of(text_of(record, "response_hex"), &size);
			arena = ouro__arena_new(ARENA_MAX);
			assert_int_equal(ouro__wire_decode(row->reply, recordings[r].band, bytes,
						 size, arena, &object, &error),
				OURO_OK);
			if (row->reply == &ouro__hs_node_reply)
				assert_true(((struct ouro__hs_node_reply *)object)->node->id);
			ouro__arena_free(arena);
			free(bytes);
			checked++;
		}
		assert_true(checked > 20);
	}
}

static void *reply_named(const struct recording *recording, const char *name,
	const struct ouro__message *message, ouro__arena *arena)
{
	size_t index;
	json_t *record;

	json_array_foreach(recording->records, index, record)
	{
		void *object = NULL;
		size_t size = 0;
		uint8_t *bytes;

		if (strcmp(text_of(record, "name"), name) != 0)
			continue;
		bytes = bytes_of(text_of(record, "response_hex"), &size);
		assert_int_equal(ouro__wire_decode(message, recording->band, bytes, size, arena,
					 &object, NULL),
			OURO_OK);
		free(bytes);
		return object;
	}
	return NULL;
}

static ouro__snapshot *snapshot_of(const struct recording *recording)
{
	ouro__snapshot *snapshot = ouro__snapshot_new(ARENA_MAX);
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = ouro__headscale_snapshot(snapshot, ouro__generation_of(recording->band),
		reply_named(recording, "list_nodes", &ouro__hs_nodes, snapshot->arena),
		reply_named(recording, "list_users", &ouro__hs_users, snapshot->arena),
		recording->band == OURO__BAND_B
			? reply_named(recording, "get_routes", &ouro__hs_routes, snapshot->arena)
			: NULL,
		&error);

	assert_int_equal(rc, OURO_OK);
	return snapshot;
}

static void check_time(int64_t time, const json_t *text)
{
	if (json_is_null(text))
		assert_int_equal(time, OURO_TIME_NEVER);
	else
		assert_int_equal(time, seconds_of(json_string_value(text)));
}

static int listed(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
			return 1;
	return 0;
}

static void check_flag(const struct ouro__node *node, const json_t *list, uint32_t flag)
{
	size_t count = 0;

	for (size_t i = 0; i < node->route_count; i++) {
		const struct ouro_route *route = &node->routes[i];

		if (!(route->flags & flag))
			continue;
		count++;
		assert_true(listed(list, route->prefix));
	}
	assert_int_equal(count, json_array_size(list));
}

static void check_lists(const struct ouro__node *node, const json_t *expected)
{
	const json_t *tags = json_object_get(expected, "tags");
	const json_t *addresses = json_object_get(expected, "addresses");
	const json_t *routes = json_object_get(expected, "routes");

	assert_int_equal(node->tag_count, json_array_size(tags));
	for (size_t i = 0; i < node->tag_count; i++)
		assert_string_equal(node->tags[i], json_string_value(json_array_get(tags, i)));
	assert_int_equal(node->address_count, json_array_size(addresses));
	for (size_t i = 0; i < node->address_count; i++)
		assert_string_equal(
			node->addresses[i], json_string_value(json_array_get(addresses, i)));
	check_flag(node, json_object_get(routes, "available"), OURO_ROUTE_ADVERTISED);
	check_flag(node, json_object_get(routes, "approved"), OURO_ROUTE_APPROVED);
	check_flag(node, json_object_get(routes, "serving"), OURO_ROUTE_SERVING);
}

static void check_node(const struct ouro__node *node, const json_t *expected, int64_t now)
{
	static const char *const register_methods[] = {"REGISTER_METHOD_UNSPECIFIED",
		"REGISTER_METHOD_AUTH_KEY", "REGISTER_METHOD_CLI", "REGISTER_METHOD_OIDC"};
	const json_t *owner = json_object_get(expected, "owner");

	assert_non_null(node);
	assert_string_equal(node->name, text_of(expected, "name"));
	assert_string_equal(node->given_name, text_of(expected, "given_name"));
	if (json_is_null(owner) ||
		json_is_true(json_object_get(expected, "tagged_devices_owner"))) {
		assert_int_equal(node->user_id, 0);
		assert_string_equal(node->user_name, "");
	} else {
		assert_int_equal(node->user_id, json_integer_value(json_object_get(owner, "id")));
		assert_string_equal(node->user_name, text_of(owner, "name"));
	}
	assert_int_equal(!!node->online, json_is_true(json_object_get(expected, "online")));
	assert_string_equal(
		register_methods[node->register_method], text_of(expected, "register_method"));
	check_time(node->expiry, json_object_get(expected, "expiry"));
	check_time(node->last_seen, json_object_get(expected, "last_seen"));
	check_time(node->created, json_object_get(expected, "created_at"));
	assert_int_equal(ouro__node_state(node, now) == OURO_NODE_EXPIRED,
		json_is_true(json_object_get(expected, "expired")));
	check_lists(node, expected);
}

static void test_headscale_recordings__lists_agree_with_the_oracle(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		ouro__snapshot *snapshot = snapshot_of(&recordings[r]);
		const json_t *nodes = json_object_get(recordings[r].expected, "nodes");
		const json_t *users = json_object_get(recordings[r].expected, "users");
		int64_t now = seconds_of(text_of(recordings[r].expected, "recorded_at"));
		size_t ephemeral = 0;

		assert_int_equal(snapshot->node_count, json_array_size(nodes));
		for (size_t i = 0; i < json_array_size(nodes); i++) {
			const json_t *node = json_array_get(nodes, i);
			uint64_t id = (uint64_t)json_integer_value(json_object_get(node, "id"));

			check_node(ouro__snapshot_node(snapshot, id), node, now);
			ephemeral += ouro__snapshot_node(snapshot, id)->ephemeral != 0;
		}
		assert_int_equal(ephemeral, 1); /* node 8, "runner" */
		assert_true(ouro__snapshot_node(snapshot, 8)->ephemeral);
		assert_int_equal(snapshot->user_count, json_array_size(users));
		for (size_t i = 0; i < json_array_size(users); i++) {
			assert_int_equal(snapshot->users[i].id,
				json_integer_value(
					json_object_get(json_array_get(users, i), "id")));
			assert_string_equal(
				snapshot->users[i].name, text_of(json_array_get(users, i), "name"));
		}
		ouro__snapshot_unref(snapshot);
	}
}

/* The order in which users were recorded does not matter; what was said does. */
static void test_headscale_recordings__same_content_same_hash(void **state)
{
	ouro__snapshot *one = snapshot_of(&recordings[0]);
	ouro__snapshot *two = snapshot_of(&recordings[0]);
	ouro__snapshot *other = snapshot_of(&recordings[1]);

	(void)state;
	assert_true(one->hash == two->hash);
	assert_true(one->hash != other->hash);
	ouro__snapshot_unref(one);
	ouro__snapshot_unref(two);
	ouro__snapshot_unref(other);
}

static void try_damaged(
	const struct method_row *row, ouro__band band, const uint8_t *bytes, size_t size)
{
	ouro__arena *arena = ouro__arena_new((size_t)4 << 20);
	ouro_error error = OURO_ERROR_INIT;
	void *object = NULL;
	ouro_status rc = ouro__wire_decode(row->reply, band, bytes, size, arena, &object, &error);

	if (rc == OURO_OK)
		assert_non_null(object);
	else
		assert_true(rc == OURO_ERR_PROTOCOL || rc == OURO_ERR_NOMEM);
	ouro__arena_free(arena);
}

/* Every cut, every byte left out, every byte changed. */
static void damage(const struct method_row *row, ouro__band band, const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size);

	assert_non_null(copy);
	for (size_t i = 0; i < size; i++) {
		static const uint8_t flips[] = {0x01, 0x80, 0xFF};
		uint8_t *exact = malloc(i ? i : 1);

		assert_non_null(exact);
		memcpy(exact, bytes, i);
		try_damaged(row, band, exact, i);
		free(exact);
		memcpy(copy, bytes, i);
		memcpy(copy + i, bytes + i + 1, size - i - 1);
		try_damaged(row, band, copy, size - 1);
		memcpy(copy, bytes, size);
		for (size_t f = 0; f < sizeof(flips); f++) {
			copy[i] = bytes[i] ^ flips[f];
			try_damaged(row, band, copy, size);
		}
	}
	free(copy);
}

static void test_headscale_recordings__damaged_answers_do_no_harm(void **state)
{
	static const char *const names[] = {
		"list_users", "get_routes", "get_node_db_1", "rename_node"};

	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		size_t index;
		json_t *record;

		json_array_foreach(recordings[r].records, index, record)
		{
			int wanted = 0;
			size_t size = 0;
			uint8_t *bytes;

			for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
				wanted |= strcmp(text_of(record, "name"), names[n]) == 0;
			if (!wanted || !json_is_string(json_object_get(record, "response_hex")))
				continue;
			bytes = bytes_of(text_of(record, "response_hex"), &size);
			assert_true(size > 0);
			damage(row_of(record), recordings[r].band, bytes, size);
			free(bytes);
		}
	}
}

/* Every refusal that was recorded for a method of ours becomes the status that it means. */
static void test_headscale_recordings__refusals_get_a_meaning(void **state)
{
	static const struct {
		const char *name;
		ouro_status status;
	} rows[] = {
		{"err_get_node_unknown", OURO_ERR_NOTFOUND},
		{"err_register_node_unknown_user", OURO_ERR_NOTFOUND},
		{"err_register_node_bad_key", OURO_ERR_KEY_UNKNOWN},
		{"err_register_node_nothing_pending", OURO_ERR_KEY_UNKNOWN},
		{"err_register_node_again", OURO_ERR_KEY_UNKNOWN},
		{"err_auth_register_unknown_user", OURO_ERR_NOTFOUND},
		{"err_auth_register_bad_id", OURO_ERR_KEY_UNKNOWN},
		{"err_auth_register_nothing_pending", OURO_ERR_KEY_UNKNOWN},
		{"err_enable_route_unknown", OURO_ERR_NOTFOUND},
		{"err_enable_route_not_advertised", OURO_ERR_REJECTED},
		{"err_set_approved_routes_bad_prefix", OURO_ERR_INVALID},
		{"err_set_approved_routes_unknown_node", OURO_ERR_NOTFOUND},
		{"err_rename_node_duplicate", OURO_ERR_CONFLICT},
		{"err_rename_node_bad_char", OURO_ERR_INVALID},
		{"err_rename_node_too_long", OURO_ERR_INVALID},
		{"err_rename_node_space", OURO_ERR_INVALID},
		{"err_rename_node_unknown", OURO_ERR_NOTFOUND},
		{"err_expire_node_unknown", OURO_ERR_NOTFOUND},
		{"err_delete_node_unknown", OURO_ERR_NOTFOUND},
	};
	size_t checked = 0;

	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++)
		for (size_t i = 0; i < json_array_size(recordings[r].records); i++)
			for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
				const json_t *record = json_array_get(recordings[r].records, i);
				ouro_error error = OURO_ERROR_INIT;
				ouro_status rc;

				if (strcmp(text_of(record, "name"), rows[n].name) != 0)
					continue;
				rc = ouro__error_from(&error, OURO_ORIGIN_HEADSCALE,
					OURO_ERR_REJECTED, "%s", text_of(record, "grpc_message"));
				error.grpc_status = (int32_t)json_integer_value(
					json_object_get(record, "grpc_status"));
				if (ouro__headscale_error(rc, "trying", &error) != rows[n].status)
					fail_msg("%s: %s", rows[n].name,
						text_of(record, "grpc_message"));
				assert_int_equal(error.status, rows[n].status);
				assert_int_equal(error.origin, OURO_ORIGIN_HEADSCALE);
				checked++;
			}
	assert_true(checked >= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_recordings__requests_are_the_same_bytes),
		cmocka_unit_test(test_headscale_recordings__every_answer_is_read),
		cmocka_unit_test(test_headscale_recordings__lists_agree_with_the_oracle),
		cmocka_unit_test(test_headscale_recordings__same_content_same_hash),
		cmocka_unit_test(test_headscale_recordings__damaged_answers_do_no_harm),
		cmocka_unit_test(test_headscale_recordings__refusals_get_a_meaning),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
