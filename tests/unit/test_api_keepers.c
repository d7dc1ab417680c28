/* Nodes that somebody keeps, on every generation: they are listed among the person's own, and what keepers may do is done, the rest is
 * refused without a call. */
#include "check.h"

#include <stdio.h>

#include "band_world.h"

#define KEEPS "{\"keepers\": {\"tag:printer\": [\"mia\"]}}"
#define REMOVES                                                                                    \
	"{\"max_nodes\": 3, \"keepers\": {\"tag:printer\": {\"users\": [\"mia\"], \"remove\": true}}}"

static struct band_world world;
static ouro_error error;
static char changes[1024];

static void begin(ouro__band band, const char *rules)
{
	band_world_open(&world, band, NULL, rules);
	error = (ouro_error)OURO_ERROR_INIT;
}

/* 2 kept, 1 own, 0 neither, -1 not visible. */
static int standing(const ouro_person *person, uint64_t id)
{
	ouro_node *node = NULL;
	int got = -1;

	if (ouro_node_get(person, id, &node, NULL) == OURO_OK)
		got = ouro_node_kept(node) ? 2 * ouro_node_mine(node) : ouro_node_mine(node);
	ouro_node_free(node);
	return got;
}

static void test_api_keepers__listed_among_ones_own(void **state)
{
	ouro_nodes_query query = OURO_NODES_QUERY_INIT;
	ouro_node_list *list = NULL;

	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		/* Up to 0.27 the backup is mia's as well. */
		int identity = world_bands[b] >= OURO__BAND_G;

		begin(world_bands[b],
			"{\"see_others\": \"none\", \"keepers\": {\"tag:printer\": [\"mia\"]}}");
		assert_int_equal(standing(world.person, WORLD_ROUTER), 1);
		assert_int_equal(standing(world.person, WORLD_PHONE), -1);
		assert_int_equal(standing(world.person, WORLD_PRINTER), 2);
		assert_int_equal(standing(world.person, WORLD_BACKUP), identity ? -1 : 1);
		assert_int_equal(standing(world.holder, WORLD_PRINTER), 1);
		assert_int_equal(ouro_nodes_list(world.person, &query, &list, NULL), OURO_OK);
		assert_int_equal(ouro_node_list_mine_total(list), identity ? 2 : 3);
		assert_int_equal(ouro_node_list_others_total(list), 0);
		for (size_t i = 0; i < ouro_node_list_count(list); i++) {
			const ouro_node *node = ouro_node_list_at(list, i);

			assert_int_equal(ouro_node_mine(node), 1);
			assert_int_equal(ouro_node_kept(node), ouro_node_id(node) == WORLD_PRINTER);
		}
		ouro_node_list_free(list);
		band_world_rules(&world, "{\"keepers\": {\"tag:printer\": [\"tom\"]}}");
		assert_int_equal(standing(world.person, WORLD_PRINTER), 0);
		band_world_rules(&world, KEEPS);
		band_world_scopes(&world, OURO_TOKEN_NODES);
		assert_int_equal(standing(world.person, WORLD_PRINTER), -1);
		assert_int_equal(standing(world.person, WORLD_ROUTER), -1);
		band_world_close(&world);
	}
}

static void test_api_keepers__look_after_it(void **state)
{
	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		begin(world_bands[b], KEEPS);
		assert_int_equal(ouro_node_rename(world.person, WORLD_PRINTER, "kitchen", NULL,
					 NULL, &error),
			OURO_OK);
		assert_int_equal(
			ouro_node_expire(world.person, WORLD_PRINTER, NULL, NULL, &error), OURO_OK);
		assert_string_equal(band_world_changes(&world, changes),
			"RenameNode 9 kitchen; ExpireNode 9 now; ");
		assert_int_equal(ouro_node_delete(world.person, WORLD_PRINTER, NULL, &error),
			OURO_ERR_DENIED);
		assert_text_has(error.text, "the rule keepers");
		band_world_rules(&world, "{\"keepers\": {\"tag:printer\": [\"tom\"]}}");
		assert_int_equal(ouro_node_rename(world.person, WORLD_PRINTER, "kitchen", NULL,
					 NULL, &error),
			OURO_ERR_NOTFOUND);
		assert_string_equal(band_world_changes(&world, changes), "");
		band_world_rules(&world, REMOVES);
		assert_int_equal(
			ouro_node_delete(world.person, WORLD_PRINTER, NULL, NULL), OURO_OK);
		assert_string_equal(band_world_changes(&world, changes), "DeleteNode 9; ");
		band_world_close(&world);
	}
}

/* Neither a name that the server does not know nor one that two have keeps anything. */
static void test_api_keepers__only_users_that_there_are(void **state)
{
	(void)state;
	begin(OURO__BAND_H, KEEPS);
	assert_int_equal(standing(world.person, WORLD_PRINTER), 2);
	band_world_close(&world);
	begin(OURO__BAND_H, KEEPS);
	world.tom = "mia";
	assert_int_equal(standing(world.person, WORLD_PRINTER), 0);
	band_world_close(&world);
	band_world_open(&world, OURO__BAND_H, "{\"5\": \"zoe\"}",
		"{\"keepers\": {\"tag:printer\": [\"zoe\"]}}");
	assert_int_equal(standing(world.person, WORLD_PRINTER), 0);
	band_world_close(&world);
}

/* max_nodes is about one's own devices. */
static void test_api_keepers__not_held_against_anybody(void **state)
{
	static const char link[] = "https://vpn.example.org/register/"
				   "hskey-authreq-abcdefghijklmnopqrstuvwx";
	ouro_registration registration = OURO_REGISTRATION_INIT;

	(void)state;
	assert_int_equal(ouro_registration_parse(link, strlen(link), &registration, NULL), OURO_OK);
	begin(OURO__BAND_H,
		"{\"max_nodes\": 2, \"keepers\": {\"tag:printer\": [\"mia\"], \"tag:backup\": [\"mia\"]}}");
	assert_int_equal(
		ouro_node_register(world.person, &registration, NULL, NULL, &error), OURO_OK);
	band_world_rules(&world, "{\"max_nodes\": 1}");
	assert_int_equal(ouro_node_register(world.person, &registration, NULL, NULL, &error),
		OURO_ERR_DENIED);
	band_world_close(&world);
}

int main(void)
{
#define CASE(name) cmocka_unit_test(test_api_keepers__##name)
	const struct CMUnitTest tests[] = {
		CASE(listed_among_ones_own),
		CASE(look_after_it),
		CASE(only_users_that_there_are),
		CASE(not_held_against_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
