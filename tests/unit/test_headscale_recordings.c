/* The recordings of real servers, replayed: what we send is what a correct client sent, byte for byte; what we read is what a
 * correct decoder found. Damage: test_headscale_damage.c. Refusals: test_headscale_errors.c. */
#include "check.h"

#include <stdlib.h>

#include "base/str.h"
#include "base/sys.h"
#include "headscale/keys.h"
#include "recorded_request.h"
#include "recordings.h"
#include "rpc/wire.h"

static void check_request(
	const struct recording *recording, const json_t *record, const struct recording_method *row)
{
	ouro__buf buf = OURO__BUF_INIT(1 << 20);
	ouro__arena *arena = ouro__arena_new(1 << 20);
	size_t size = 0;
	uint8_t *bytes = recording_bytes(recording_text(record, "request_hex"), &size);
	void *request = recording_request(
		row->request, recording->band, json_object_get(record, "request"), arena);

	assert_non_null(request);
	assert_int_equal(
		ouro__wire_encode(row->request, recording->band, request, &buf, NULL), OURO_OK);
	if (buf.size != size || (size && memcmp(buf.data, bytes, size) != 0))
		fail_msg("%s: %s is written otherwise", recording->folder,
			recording_text(record, "name"));
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
			const struct recording_method *row = recording_method(record);
			const char *name = recording_text(record, "name");

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
			const struct recording_method *row = recording_method(record);
			ouro_error error = OURO_ERROR_INIT;
			ouro__arena *arena;
			void *object = NULL;
			uint8_t *bytes;
			size_t size = 0;

			if (!row || !json_is_string(json_object_get(record, "response_hex")))
				continue;
			bytes = recording_bytes(recording_text(record, "response_hex"), &size);
			arena = ouro__arena_new(RECORDING_ARENA_MAX);
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

/* The way the library does it: three calls, each of which some client made with the very same bytes. */
static ouro__snapshot *snapshot_of(const struct recording *recording)
{
	ouro__channel *channel = recording_channel_new(recording);
	ouro__snapshot *snapshot = NULL;
	ouro_error error = OURO_ERROR_INIT;

	assert_int_equal(ouro__headscale_read_all(
				 OURO__SERVER(channel, ouro__generation_of(recording->band)),
				 ouro__clock_ms() + 1000, &snapshot, &error),
		OURO_OK);
	ouro__channel_free(channel);
	return snapshot;
}

static void check_time(int64_t time, const json_t *text)
{
	if (json_is_null(text))
		assert_int_equal(time, OURO_TIME_NEVER);
	else
		assert_int_equal(time, recording_seconds(json_string_value(text)));
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
	assert_string_equal(node->name, recording_text(expected, "name"));
	assert_string_equal(node->given_name, recording_text(expected, "given_name"));
	if (json_is_null(owner) ||
		json_is_true(json_object_get(expected, "tagged_devices_owner"))) {
		assert_int_equal(node->user_id, 0);
		assert_string_equal(node->user_name, "");
	} else {
		assert_int_equal(node->user_id, json_integer_value(json_object_get(owner, "id")));
		assert_string_equal(node->user_name, recording_text(owner, "name"));
	}
	assert_int_equal(!!node->online, json_is_true(json_object_get(expected, "online")));
	assert_string_equal(register_methods[node->register_method],
		recording_text(expected, "register_method"));
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
		int64_t now =
			recording_seconds(recording_text(recordings[r].expected, "recorded_at"));
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
			assert_string_equal(snapshot->users[i].name,
				recording_text(json_array_get(users, i), "name"));
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

static void check_key(const struct ouro__key *key, const json_t *expected, uint64_t user)
{
	const json_t *tags = json_object_get(expected, "tags");

	assert_int_equal(key->id, json_integer_value(json_object_get(expected, "id")));
	assert_int_equal(key->user_id, user);
	assert_string_equal(key->text, recording_text(expected, "key"));
	assert_int_equal(!!key->reusable, json_is_true(json_object_get(expected, "reusable")));
	assert_int_equal(!!key->ephemeral, json_is_true(json_object_get(expected, "ephemeral")));
	assert_int_equal(!!key->used, json_is_true(json_object_get(expected, "used")));
	check_time(key->expiration, json_object_get(expected, "expiration"));
	check_time(key->created, json_object_get(expected, "created_at"));
	assert_int_equal(key->tag_count, json_array_size(tags));
	for (size_t i = 0; i < key->tag_count; i++)
		assert_true(listed(tags, key->tags[i]));
}

static const json_t *key_expected(const struct recording *recording, uint64_t id)
{
	const json_t *keys = json_object_get(recording->expected, "preauthkeys");

	for (size_t i = 0; i < json_array_size(keys); i++) {
		const json_t *key = json_array_get(keys, i);

		if (json_integer_value(json_object_get(key, "id")) == (json_int_t)id)
			return key;
	}
	fail_msg("%s: a key %d too many", recording->folder, (int)id);
	return NULL;
}

static void test_headscale_recordings__keys_agree_with_the_oracle(void **state)
{
	static const struct ouro__user users[] = {{1, "alice"}, {2, "bob"}, {3, "carol"}};

	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		ouro__channel *channel = recording_channel_new(&recordings[r]);
		const struct ouro__server server = {
			channel, ouro__generation_of(recordings[r].band), 0, 0};
		size_t expected =
			json_array_size(json_object_get(recordings[r].expected, "preauthkeys"));
		size_t seen = 0;

		for (size_t u = 0; u < 3; u++) {
			struct ouro__keys *keys = NULL;

			assert_int_equal(ouro__headscale_keys_list(&server, &users[u],
						 ouro__clock_ms() + 1000, &keys, NULL),
				OURO_OK);
			for (size_t i = 0; i < keys->count; i++) {
				const struct ouro__key *key = &keys->items[i];

				check_key(key, key_expected(&recordings[r], key->id), users[u].id);
				assert_string_equal(key->user_name, users[u].name);
			}
			seen += keys->count;
			ouro__keys_free(keys);
		}
		if (recordings[r].band >= OURO__BAND_G) {
			struct ouro__keys *keys = NULL;

			assert_int_equal(seen, expected - 1); /* one is nobody's */
			assert_int_equal(ouro__headscale_keys_list(&server, NULL,
						 ouro__clock_ms() + 1000, &keys, NULL),
				OURO_OK);
			seen = keys->count;
			check_key(&keys->items[7], key_expected(&recordings[r], 8), 0);
			ouro__keys_free(keys);
		}
		assert_int_equal(seen, expected);
		ouro__channel_free(channel);
	}
}

/* A key read from the list is ended in the words that the server took. */
static void test_headscale_recordings__keys_are_ended_as_recorded(void **state)
{
	static const struct ouro__user alice = {1, "alice"};

	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		ouro__channel *channel = recording_channel_new(&recordings[r]);
		const struct ouro__server server = {
			channel, ouro__generation_of(recordings[r].band), 0, 0};
		struct ouro__keys *keys = NULL;

		assert_int_equal(ouro__headscale_keys_list(
					 &server, &alice, ouro__clock_ms() + 1000, &keys, NULL),
			OURO_OK);
		assert_int_equal(keys->items[0].id, 1);
		assert_int_equal(ouro__headscale_keys_expire(
					 &server, &keys->items[0], ouro__clock_ms() + 1000, NULL),
			OURO_OK);
		ouro__keys_free(keys);
		ouro__channel_free(channel);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_recordings__requests_are_the_same_bytes),
		cmocka_unit_test(test_headscale_recordings__every_answer_is_read),
		cmocka_unit_test(test_headscale_recordings__lists_agree_with_the_oracle),
		cmocka_unit_test(test_headscale_recordings__same_content_same_hash),
		cmocka_unit_test(test_headscale_recordings__keys_agree_with_the_oracle),
		cmocka_unit_test(test_headscale_recordings__keys_are_ended_as_recorded),
	};

	return cmocka_run_group_tests(tests, recordings_load, recordings_unload);
}
