/* What a page may offer is what the call then does: ouro_node_may() on own, kept and others' nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ouroboros/nodes.h>

#include "fake_server.h"
#include "tailnet/tailnet.h"

struct world {
	struct fake_server server;
	ouro_tailnet *tailnet;
	ouro_directory *directory;
	ouro_portal *portal;
	ouro_person *mia;
};

static void open_world(struct world *world, const char *rules)
{
	ouro_tailnet_options tailnet = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_portal_options portal = OURO_PORTAL_OPTIONS_INIT;
	ouro_identity identity = OURO_IDENTITY_INIT;

	memset(world, 0, sizeof(*world));
	fake_server_init(&world->server);
	assert_int_equal(
		ouro__tailnet_new(&world->server.channel, "fake", &tailnet, &world->tailnet, NULL),
		OURO_OK);
	directory.user_map = "{\"7\":\"sink\"}";
	directory.rules = rules;
	assert_int_equal(
		ouro_directory_load(&directory, NULL, NULL, &world->directory, NULL), OURO_OK);
	assert_int_equal(
		ouro_portal_new(world->tailnet, world->directory, &portal, &world->portal, NULL),
		OURO_OK);
	identity.id = 7;
	memcpy(identity.provider, "github", 7);
	assert_int_equal(ouro_portal_person(world->portal, &identity, &world->mia, NULL), OURO_OK);
}

static void close_world(struct world *world)
{
	ouro_person_free(world->mia);
	ouro_portal_free(world->portal);
	ouro_directory_free(world->directory);
	ouro_tailnet_free(world->tailnet);
}

static int may(const struct world *world, const ouro_person *person, uint64_t id, int action)
{
	ouro_node *node = NULL;
	int result;

	(void)world;
	assert_int_equal(ouro_node_get(person, id, &node, NULL), OURO_OK);
	result = ouro_node_may(person, node, action);
	ouro_node_free(node);
	return result;
}

/* What removing really answers: a refusal sends nothing. */
static ouro_status removes(const struct world *world, uint64_t id)
{
	return ouro_node_delete(world->mia, id, NULL, NULL);
}

static void test_api_may__own_and_others(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, "{\"rename\": false}");
	assert_true(may(&world, world.mia, FAKE_LAPTOP, OURO_ACTION_DELETE));
	assert_true(may(&world, world.mia, FAKE_LAPTOP, OURO_ACTION_EXPIRE));
	assert_false(may(&world, world.mia, FAKE_LAPTOP, OURO_ACTION_RENAME));
	assert_false(may(&world, world.mia, FAKE_LAPTOP, OURO_ACTION_EXTEND));
	assert_false(may(&world, world.mia, FAKE_LAPTOP, 4711));
	assert_false(may(&world, world.mia, FAKE_PHONE, OURO_ACTION_EXPIRE));
	assert_false(may(&world, world.mia, FAKE_TAGGED, OURO_ACTION_EXPIRE));
	assert_false(may(&world, world.mia, FAKE_ORPHAN, OURO_ACTION_EXPIRE));
	assert_false(ouro_node_may(world.mia, NULL, OURO_ACTION_EXPIRE));
	close_world(&world);
}

static void test_api_may__kept(void **state)
{
	static const struct {
		const char *rules;
		int expire;
		int remove;
	} cases[] = {
		{"{\"keepers\": {\"tag:web\": [\"sink\"]}}", 1, 0},
		{"{\"keepers\": {\"tag:web\": {\"users\": [\"sink\"], \"remove\": true}}}", 1, 1},
		{"{\"keepers\": {\"tag:web\": {\"users\": [\"sink\"], \"remove\": true}}, "
		 "\"delete\": false}",
			1, 0},
		{"{\"keepers\": {\"tag:web\": {\"users\": [\"sink\"], \"remove\": true}}, "
		 "\"expire\": false}",
			0, 1},
		{"{\"keepers\": {\"tag:web\": [\"jim\"], \"tag:db\": [\"sink\"]}}", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world world;

		open_world(&world, cases[i].rules);
		assert_int_equal(
			may(&world, world.mia, FAKE_TAGGED, OURO_ACTION_EXPIRE), cases[i].expire);
		assert_int_equal(
			may(&world, world.mia, FAKE_TAGGED, OURO_ACTION_DELETE), cases[i].remove);
		/* Own ones as ever. */
		assert_int_equal(may(&world, world.mia, FAKE_ROUTER, OURO_ACTION_EXPIRE),
			strstr(cases[i].rules, "expire") == NULL);
		assert_int_equal(removes(&world, FAKE_TAGGED) == OURO_OK, cases[i].remove);
		close_world(&world);
	}
}

static void test_api_may__holder(void **state)
{
	struct world world;
	ouro_person *holder = NULL;

	(void)state;
	open_world(&world, "{\"delete\": false}");
	assert_int_equal(ouro_person_holder(world.portal, &holder, NULL), OURO_OK);
	assert_true(may(&world, holder, FAKE_TAGGED, OURO_ACTION_DELETE));
	assert_true(may(&world, holder, FAKE_PHONE, OURO_ACTION_DELETE));
	ouro_person_free(holder);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_api_may__own_and_others),
		cmocka_unit_test(test_api_may__kept),
		cmocka_unit_test(test_api_may__holder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
