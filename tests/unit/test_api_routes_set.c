/* All routes of a node at once: everything is decided before anything is sent; one call where the server has a list, one a change where
 * routes are objects. */
#include "check.h"

#include <stdio.h>

#include "band_world.h"

static struct band_world world;
static ouro_error error;
static char changes[1024];

/* The router's routes; bits of world.approved. */
static const char *const exit4 = "0.0.0.0/0";
static const char *const ten = "10.0.0.0/24";
static const char *const home = "192.168.7.0/24";
static const char *const exit6 = "::/0";
enum { EXIT4 = 1, TEN = 2, HOME = 4, EXIT6 = 8, EXIT = EXIT4 | EXIT6 };

static void begin(ouro__band band, const char *rules)
{
	band_world_open(&world, band, NULL, rules);
}

static ouro_status set(const char *a, const char *b, const char *c)
{
	const char *prefixes[] = {a, b, c};
	size_t count = 0;

	while (count < 3 && prefixes[count])
		count++;
	error = (ouro_error)OURO_ERROR_INIT;
	return ouro_routes_set(world.person, WORLD_ROUTER, prefixes, count, NULL, NULL, &error);
}

static void became(int approved, const char *objects, const char *lists)
{
	assert_int_equal(world.approved, approved);
	assert_string_equal(
		band_world_changes(&world, changes), world.band < OURO__BAND_E ? objects : lists);
}

static void nothing_sent(void)
{
	assert_string_equal(band_world_changes(&world, changes), "");
}

static void done(ouro_status rc)
{
	if (rc < 0)
		fail_msg("%s", error.text);
}

static void test_api_routes_set__exactly_these(void **state)
{
	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		begin(world_bands[b], NULL);
		done(set(home, NULL, NULL));
		became(HOME, "DisableRoute 10.0.0.0/24; EnableRoute 192.168.7.0/24; ",
			"SetApprovedRoutes 192.168.7.0/24; ");
		assert_text_has(world.record, "\"action\":\"routes-set\"");
		assert_text_has(
			world.record, "\"before\":\"10.0.0.0/24\",\"after\":\"192.168.7.0/24\"");
		/* One exit prefix stands for both. */
		done(set(exit6, home, ten));
		became(TEN | HOME | EXIT, "EnableRoute 0.0.0.0/0; EnableRoute 10.0.0.0/24; ",
			"SetApprovedRoutes 0.0.0.0/0 10.0.0.0/24 192.168.7.0/24 ::/0; ");
		done(set(ten, home, exit4));
		nothing_sent();
		done(set(ten, home, home));
		became(TEN | HOME, "DisableRoute 0.0.0.0/0; ",
			"SetApprovedRoutes 10.0.0.0/24 192.168.7.0/24; ");
		done(set(NULL, NULL, NULL));
		became(0, "DisableRoute 10.0.0.0/24; DisableRoute 192.168.7.0/24; ",
			"SetApprovedRoutes ; ");
		assert_int_equal(world.records, 5);
		band_world_close(&world);
	}
}

static void test_api_routes_set__one_refusal_refuses_all(void **state)
{
	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		begin(world_bands[b], "{\"routes\": [\"10.0.0.0/8\"], \"exit_nodes\": false}");
		assert_int_equal(set(home, NULL, NULL), OURO_ERR_DENIED);
		assert_text_has(error.text, "192.168.7.0/24 is outside");
		assert_int_equal(set(ten, exit4, NULL), OURO_ERR_DENIED);
		assert_text_has(error.text, "exit_nodes");
		assert_int_equal(set(ten, "10.7.0.0/24", NULL), OURO_ERR_NOTFOUND);
		assert_text_has(error.text, "has no route 10.7.0.0/24");
		assert_int_equal(set(ten, "100.64.0.0/24", NULL), OURO_ERR_DENIED);
		assert_int_equal(set(ten, "", NULL), OURO_ERR_DENIED);
		nothing_sent();
		assert_text_has(world.record, "\"result\":\"denied\"");
		/* What stays as it is needs no rule: only the change is held against it. */
		world.approved = TEN | HOME | EXIT;
		done(set(home, exit4, NULL));
		became(HOME | EXIT, "DisableRoute 10.0.0.0/24; ",
			"SetApprovedRoutes 0.0.0.0/0 192.168.7.0/24 ::/0; ");
		assert_int_equal(set(home, NULL, NULL), OURO_ERR_DENIED);
		nothing_sent();
		band_world_close(&world);
	}
}

static void test_api_routes_set__only_the_switch(void **state)
{
	(void)state;
	begin(OURO__BAND_H, "{\"routes\": \"none\"}");
	done(set(ten, exit4, NULL));
	became(TEN | EXIT, "", "SetApprovedRoutes 0.0.0.0/0 10.0.0.0/24 ::/0; ");
	assert_int_equal(set(exit4, NULL, NULL), OURO_ERR_DENIED);
	assert_int_equal(set(ten, exit4, home), OURO_ERR_DENIED);
	nothing_sent();
	band_world_close(&world);
}

/* One address family was approved elsewhere: switching on approves both. */
static void test_api_routes_set__half_a_switch(void **state)
{
	(void)state;
	begin(OURO__BAND_H, NULL);
	world.approved = TEN | EXIT4;
	done(set(ten, exit4, NULL));
	became(TEN | EXIT, "", "SetApprovedRoutes 0.0.0.0/0 10.0.0.0/24 ::/0; ");
	world.approved = TEN | EXIT6;
	done(set(ten, NULL, NULL));
	became(TEN, "", "SetApprovedRoutes 10.0.0.0/24; ");
	band_world_close(&world);
}

static void test_api_routes_set__whose_and_what_for(void **state)
{
	static const uint64_t others[] = {WORLD_PHONE, WORLD_PRINTER, 4711, 0};
	const char *const prefixes[] = {home};

	(void)state;
	begin(OURO__BAND_H, "{\"routes\": \"none\"}");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(
			ouro_routes_set(world.person, others[i], prefixes, 1, NULL, NULL, NULL),
			OURO_ERR_NOTFOUND);
	assert_int_equal(ouro_routes_set(world.person, WORLD_PHONE, NULL, 0, NULL, NULL, NULL),
		OURO_ERR_NOTFOUND);
	/* Nothing would change, but the token is not made for it. */
	band_world_scopes(&world, OURO_TOKEN_READ | OURO_TOKEN_NODES | OURO_TOKEN_KEYS);
	assert_int_equal(set(ten, NULL, NULL), OURO_ERR_DENIED);
	assert_text_has(error.text, "lacks the scope routes");
	nothing_sent();
	band_world_close(&world);
}

static void test_api_routes_set__what_is_not_offered(void **state)
{
	const char *const exits[] = {exit4};

	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		begin(world_bands[b], NULL);
		/* The phone of the other user offers nothing at all; the holder may act on it. */
		error = (ouro_error)OURO_ERROR_INIT;
		assert_int_equal(
			ouro_routes_set(world.holder, WORLD_PHONE, exits, 1, NULL, NULL, &error),
			OURO_ERR_INVALID);
		assert_text_has(error.text, "does not offer to be an exit node");
		nothing_sent();
		band_world_close(&world);
	}
}

/* Where it is one call a change, a failure half way says how far it came, and promises nothing. */
static void test_api_routes_set__half_way(void **state)
{
	(void)state;
	begin(OURO__BAND_C, NULL);
	world.fail = "EnableRoute";
	world.fail_after = 0;
	world.fail_status = OURO_ERR_UNREACHABLE;
	assert_int_equal(set(home, NULL, NULL), OURO_ERR_UNCERTAIN);
	assert_text_has(error.text, "1 of 2 changes are done, then: ");
	assert_int_equal(error.status, OURO_ERR_UNCERTAIN);
	became(0, "DisableRoute 10.0.0.0/24; ", "");
	assert_text_has(world.record, "\"result\":\"uncertain\"");
	world.fail_status = OURO_ERR_REJECTED;
	world.fail_after = 1;
	assert_int_equal(set(home, ten, exit4), OURO_ERR_REJECTED);
	assert_text_has(error.text, "1 of 3 changes are done, then: ");
	became(EXIT, "EnableRoute 0.0.0.0/0; ", "");
	/* Nothing is done yet: it stays what it is. */
	world.fail_after = 0;
	world.fail_status = OURO_ERR_UNREACHABLE;
	assert_int_equal(set(exit4, ten, NULL), OURO_ERR_UNREACHABLE);
	assert_null(strstr(error.text, "changes are done"));
	nothing_sent();
	band_world_close(&world);
}

static void test_api_routes_set__decided_anew_on_another_server(void **state)
{
	(void)state;
	begin(OURO__BAND_H, NULL);
	world.replace = 1;
	done(set(home, NULL, NULL));
	became(HOME, "", "SetApprovedRoutes 192.168.7.0/24; ");
	assert_int_equal(world.records, 1);
	world.replace = 1;
	world.other_owner = WORLD_TOM;
	assert_int_equal(set(ten, NULL, NULL), OURO_ERR_NOTFOUND);
	nothing_sent();
	band_world_close(&world);
}

static void test_api_routes_set__arguments(void **state)
{
	const char *const gap[] = {ten, NULL};
	const char *many[1025];

	(void)state;
	begin(OURO__BAND_H, NULL);
	for (size_t i = 0; i < 1025; i++)
		many[i] = ten;
	assert_int_equal(
		ouro_routes_set(NULL, WORLD_ROUTER, gap, 1, NULL, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_routes_set(world.person, WORLD_ROUTER, NULL, 1, NULL, NULL, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro_routes_set(world.person, WORLD_ROUTER, gap, 2, NULL, NULL, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro_routes_set(world.person, WORLD_ROUTER, many, 1025, NULL, NULL, NULL),
		OURO_ERR_LIMIT);
	assert_int_equal(
		ouro_routes_set(world.person, WORLD_ROUTER, many, 1024, NULL, NULL, NULL), OURO_OK);
	nothing_sent();
	band_world_close(&world);
}

int main(void)
{
#define CASE(name) cmocka_unit_test(test_api_routes_set__##name)
	const struct CMUnitTest tests[] = {
		CASE(exactly_these),
		CASE(one_refusal_refuses_all),
		CASE(only_the_switch),
		CASE(half_a_switch),
		CASE(whose_and_what_for),
		CASE(what_is_not_offered),
		CASE(half_way),
		CASE(decided_anew_on_another_server),
		CASE(arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
