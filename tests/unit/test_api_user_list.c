/* Users that a person can name, and the operator in the shoes of one of them: over a server without a network. */
#include "check.h"

#include <ouroboros/nodes.h>

#include "fake_server.h"
#include "tailnet/tailnet.h"

struct world {
	struct fake_server server;
	ouro_tailnet *tailnet;
	ouro_directory *directory;
	ouro_portal *portal;
	char audit[4096];
};

static void keep_audit(void *user, const char *line, size_t length)
{
	struct world *world = user;

	assert_true(length < sizeof(world->audit));
	memcpy(world->audit, line, length);
	world->audit[length] = '\0';
}

static void open_world(struct world *world, const char *rules)
{
	ouro_tailnet_options tailnet = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_portal_options portal = OURO_PORTAL_OPTIONS_INIT;

	memset(world, 0, sizeof(*world));
	fake_server_init(&world->server);
	assert_int_equal(
		ouro__tailnet_new(&world->server.channel, "fake", &tailnet, &world->tailnet, NULL),
		OURO_OK);
	directory.user_map = "{\"1\":\"sink\"}";
	directory.rules = rules;
	assert_int_equal(
		ouro_directory_load(&directory, NULL, NULL, &world->directory, NULL), OURO_OK);
	portal.audit = keep_audit;
	portal.audit_user = world;
	assert_int_equal(
		ouro_portal_new(world->tailnet, world->directory, &portal, &world->portal, NULL),
		OURO_OK);
}

static void close_world(struct world *world)
{
	ouro_portal_free(world->portal);
	ouro_directory_free(world->directory);
	ouro_tailnet_free(world->tailnet);
}

static void test_api_user_list__in_a_users_shoes(void **state)
{
	struct world world;
	ouro_person *sink = NULL;
	ouro_node_list *list = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	(void)state;
	open_world(&world, "{\"see_others\":\"none\",\"expire\":false}");
	assert_int_equal(ouro_person_as(world.portal, "sink", &sink, &error), OURO_OK);
	assert_int_equal(ouro_person_user_count(sink), 1);
	assert_string_equal(ouro_person_user(sink, 0), "sink");
	assert_int_equal(ouro_nodes_list(sink, NULL, &list, &error), OURO_OK);
	assert_true(ouro_node_list_count(list) > 0);
	assert_int_equal(ouro_node_list_others_total(list), 0);
	for (size_t i = 0; i < ouro_node_list_count(list); i++)
		assert_string_equal(ouro_node_user_name(ouro_node_list_at(list, i)), "sink");
	ouro_node_list_free(list);
	/* Another's is as good as missing, own ones obey the rules. */
	rc = ouro_node_rename(sink, FAKE_PHONE, "atlas", NULL, NULL, &error);
	assert_int_equal(rc, OURO_ERR_NOTFOUND);
	error = (ouro_error)OURO_ERROR_INIT;
	rc = ouro_node_expire(sink, FAKE_ROUTER, NULL, NULL, &error);
	assert_int_equal(rc, OURO_ERR_DENIED);
	assert_int_equal(world.server.changes, 0);
	assert_int_equal(ouro_node_rename(sink, FAKE_ROUTER, "atlas", NULL, NULL, &error), OURO_OK);
	assert_text_has(world.audit, "operator");
	ouro_person_free(sink);
	close_world(&world);
}

static void test_api_user_list__whose_shoes(void **state)
{
	struct world world;
	ouro_person *person = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	open_world(&world, NULL);
	assert_int_equal(
		ouro_person_as(world.portal, "nobody", &person, &error), OURO_ERR_NOTFOUND);
	assert_text_has(error.text, "nobody");
	assert_int_equal(ouro_person_as(world.portal, "", &person, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_person_as(world.portal, NULL, &person, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_person_as(NULL, "sink", &person, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_person_as(world.portal, "sink", NULL, NULL), OURO_ERR_INVALID);
	assert_null(person);
	close_world(&world);
}

static void test_api_user_list__names(void **state)
{
	struct world world;
	ouro_person *holder = NULL;
	ouro_person *sink = NULL;
	ouro_user_list *list = NULL;
	size_t all;

	(void)state;
	open_world(&world, NULL);
	assert_int_equal(ouro_person_holder(world.portal, &holder, NULL), OURO_OK);
	assert_int_equal(ouro_users_list(holder, &list, NULL), OURO_OK);
	all = ouro_user_list_count(list);
	assert_true(all > 1);
	assert_null(ouro_user_list_name(list, all));
	assert_int_equal(ouro_user_list_id(list, all), 0);
	ouro_user_list_free(list);
	assert_int_equal(ouro_person_as(world.portal, "sink", &sink, NULL), OURO_OK);
	assert_int_equal(ouro_users_list(sink, &list, NULL), OURO_OK);
	/* A list outlives the person whom it was read for. */
	ouro_person_free(sink);
	assert_int_equal(ouro_user_list_count(list), 1);
	assert_string_equal(ouro_user_list_name(list, 0), "sink");
	assert_true(ouro_user_list_id(list, 0) > 0);
	ouro_user_list_free(list);
	ouro_user_list_free(NULL);
	assert_int_equal(ouro_user_list_count(NULL), 0);
	assert_int_equal(ouro_users_list(NULL, &list, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_users_list(holder, NULL, NULL), OURO_ERR_INVALID);
	ouro_person_free(holder);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_api_user_list__in_a_users_shoes),
		cmocka_unit_test(test_api_user_list__whose_shoes),
		cmocka_unit_test(test_api_user_list__names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
