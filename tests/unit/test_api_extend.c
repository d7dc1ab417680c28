/* The end of a node's key on every generation: set where the server can, refused where it would log the device out, and decided by scope
 * and rule before anything is sent. */
#include "check.h"

#include <stdio.h>

#include "band_world.h"

#define DAY INT64_C(86400)
#define RULES "{\"extend_expiry\": {\"longest\": \"90d\", \"never\": true}}"

static struct band_world world;
static ouro_error error;
static char changes[1024];

static void begin(ouro__band band, const char *rules)
{
	band_world_open(&world, band, NULL, rules);
	error = (ouro_error)OURO_ERROR_INIT;
}

static ouro_status extend(uint64_t id, int64_t expiry)
{
	error = (ouro_error)OURO_ERROR_INIT;
	return ouro_node_extend(world.person, id, expiry, NULL, NULL, &error);
}

static void nothing_sent(void)
{
	assert_string_equal(band_world_changes(&world, changes), "");
}

/* A server that does not read the field would log the device out: it gets no call at all. */
static void test_api_extend__where_the_server_can(void **state)
{
	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		ouro__band band = world_bands[b];
		int64_t end;
		char expected[64];

		begin(band, RULES);
		end = world.now + 90 * DAY;
		if (band < OURO__BAND_F1) {
			assert_int_equal(extend(WORLD_ROUTER, end), OURO_ERR_UNSUPPORTED);
			assert_text_has(error.text, "from 0.27.1 on");
			nothing_sent();
		} else {
			if (extend(WORLD_ROUTER, end) < 0)
				fail_msg("%s", error.text);
			(void)snprintf(
				expected, sizeof(expected), "ExpireNode 7 %lld; ", (long long)end);
			assert_string_equal(band_world_changes(&world, changes), expected);
			assert_text_has(world.record, "\"action\":\"extend\"");
			assert_text_has(world.record, "\"before\":\"2096-10-02T07:06:40Z\"");
			assert_text_has(world.record, "\"after\":\"2093-");
		}
		if (band < OURO__BAND_H) {
			assert_int_equal(
				extend(WORLD_ROUTER, OURO_TIME_NEVER), OURO_ERR_UNSUPPORTED);
			assert_text_has(error.text, "from 0.29 on");
			nothing_sent();
		} else {
			assert_int_equal(extend(WORLD_ROUTER, OURO_TIME_NEVER), OURO_OK);
			assert_string_equal(
				band_world_changes(&world, changes), "ExpireNode 7 never; ");
			assert_text_has(world.record, "\"after\":\"never\"");
		}
		band_world_close(&world);
	}
}

static void test_api_extend__what_is_so_already_is_not_sent(void **state)
{
	(void)state;
	begin(OURO__BAND_H, "{\"extend_expiry\": {\"longest\": \"3650d\", \"never\": true}}");
	assert_int_equal(extend(WORLD_ROUTER, world.expiry), OURO_OK);
	nothing_sent();
	assert_int_equal(extend(WORLD_ROUTER, OURO_TIME_NEVER), OURO_OK);
	(void)band_world_changes(&world, changes);
	assert_int_equal(extend(WORLD_ROUTER, OURO_TIME_NEVER), OURO_OK);
	nothing_sent();
	assert_int_equal(world.records, 3);
	band_world_close(&world);
}

static void test_api_extend__scopes_and_rules(void **state)
{
	(void)state;
	begin(OURO__BAND_H, NULL);
	assert_int_equal(extend(WORLD_ROUTER, world.now + DAY), OURO_ERR_DENIED);
	assert_text_has(error.text, "the rule extend_expiry");
	assert_int_equal(extend(WORLD_PHONE, world.now + DAY), OURO_ERR_NOTFOUND);
	band_world_rules(&world, "{\"extend_expiry\": \"1d\"}");
	assert_int_equal(extend(WORLD_ROUTER, world.now + DAY + 61), OURO_ERR_DENIED);
	assert_text_has(error.text, "1 days that the rule");
	assert_int_equal(extend(WORLD_ROUTER, OURO_TIME_NEVER), OURO_ERR_DENIED);
	assert_text_has(error.text, "without an end");
	assert_int_equal(extend(WORLD_ROUTER, world.now), OURO_ERR_INVALID);
	assert_text_has(error.text, "must lie ahead");
	assert_int_equal(extend(WORLD_ROUTER, 0), OURO_ERR_INVALID);
	assert_int_equal(extend(WORLD_ROUTER, INT64_MIN), OURO_ERR_INVALID);
	band_world_scopes(&world, OURO_TOKEN_READ | OURO_TOKEN_ROUTES | OURO_TOKEN_KEYS);
	assert_int_equal(extend(WORLD_ROUTER, world.now + DAY), OURO_ERR_DENIED);
	assert_text_has(error.text, "lacks the scope nodes");
	nothing_sent();
	assert_int_equal(ouro_node_extend(NULL, WORLD_ROUTER, world.now + DAY, NULL, NULL, NULL),
		OURO_ERR_INVALID);
	band_world_scopes(&world, OURO_TOKEN_NODES);
	assert_int_equal(extend(WORLD_ROUTER, world.now + DAY + 60), OURO_OK);
	band_world_close(&world);
}

static void test_api_extend__the_furthest_end_is_told(void **state)
{
	int never = 1;

	(void)state;
	begin(OURO__BAND_H, NULL);
	assert_int_equal(ouro_person_extend_until(world.person, &never), 0);
	assert_int_equal(never, 0);
	assert_int_equal(ouro_person_extend_until(world.holder, &never), OURO_TIME_NEVER);
	assert_int_equal(never, 1);
	assert_int_equal(ouro_person_extend_until(NULL, &never), 0);
	assert_int_equal(never, 0);
	band_world_rules(&world, "{\"extend_expiry\": \"90d\"}");
	assert_int_equal(ouro_person_extend_until(world.person, NULL), world.now + 90 * DAY);
	band_world_scopes(&world, OURO_TOKEN_READ);
	assert_int_equal(ouro_person_extend_until(world.person, NULL), 0);
	band_world_rules(&world, RULES);
	assert_int_equal(ouro_person_extend_until(world.person, &never), world.now + 90 * DAY);
	assert_int_equal(never, 1);
	band_world_close(&world);
}

static void test_api_extend__not_if_it_changed_meanwhile(void **state)
{
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	ouro_node *node = NULL;

	(void)state;
	begin(OURO__BAND_H, RULES);
	assert_int_equal(ouro_node_get(world.person, WORLD_ROUTER, &node, NULL), OURO_OK);
	options.seen = ouro_node_fingerprint(node);
	ouro_node_free(node);
	world.expiry--;
	assert_int_equal(ouro_node_extend(world.person, WORLD_ROUTER, world.now + DAY, &options,
				 NULL, &error),
		OURO_ERR_CHANGED);
	nothing_sent();
	assert_int_equal(
		ouro_node_extend(world.person, WORLD_ROUTER, world.now + DAY, NULL, &node, &error),
		OURO_OK);
	assert_int_equal(ouro_node_expiry(node), world.now + DAY);
	ouro_node_free(node);
	band_world_close(&world);
}

int main(void)
{
#define CASE(name) cmocka_unit_test(test_api_extend__##name)
	const struct CMUnitTest tests[] = {
		CASE(where_the_server_can),
		CASE(what_is_so_already_is_not_sent),
		CASE(scopes_and_rules),
		CASE(the_furthest_end_is_told),
		CASE(not_if_it_changed_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
