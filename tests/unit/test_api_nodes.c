/* The public entry points against a server without a network: who may do what, and that a refusal sends nothing. */
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
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro_error error = OURO_ERROR_INIT;

	memset(world, 0, sizeof(*world));
	fake_server_init(&world->server);
	assert_int_equal(ouro__tailnet_new(
				 &world->server.channel, "fake", &tailnet, &world->tailnet, &error),
		OURO_OK);
	directory.user_map = "{\"19270622\":\"sink\"}";
	directory.rules = rules;
	assert_int_equal(
		ouro_directory_load(&directory, NULL, NULL, &world->directory, &error), OURO_OK);
	portal.audit = keep_audit;
	portal.audit_user = world;
	assert_int_equal(
		ouro_portal_new(world->tailnet, world->directory, &portal, &world->portal, &error),
		OURO_OK);
	identity.id = 19270622;
	memcpy(identity.provider, "github", 7);
	memcpy(identity.login, "mia", 4);
	assert_int_equal(
		ouro_portal_person(world->portal, &identity, &world->mia, &error), OURO_OK);
}

static void close_world(struct world *world)
{
	ouro_person_free(world->mia);
	ouro_portal_free(world->portal);
	ouro_directory_free(world->directory);
	ouro_tailnet_free(world->tailnet);
}

enum { RENAME, EXPIRE, DELETE, EXIT_ON, APPROVE, WITHDRAW, ACTIONS };

static ouro_status act(const struct world *world, int action, uint64_t id, ouro_error *error)
{
	switch (action) {
	case RENAME: return ouro_node_rename(world->mia, id, "atlas", NULL, NULL, error);
	case EXPIRE: return ouro_node_expire(world->mia, id, NULL, NULL, error);
	case DELETE: return ouro_node_delete(world->mia, id, NULL, error);
	case EXIT_ON: return ouro_node_exit_node_set(world->mia, id, 1, NULL, NULL, error);
	case APPROVE:
		return ouro_route_approve(world->mia, id, "192.168.7.0/24", NULL, NULL, error);
	default: return ouro_route_withdraw(world->mia, id, "10.0.0.0/24", NULL, NULL, error);
	}
}

static void test_api_nodes__not_yours_and_missing_are_the_same(void **state)
{
	static const uint64_t not_mine[] = {
		FAKE_PHONE, FAKE_TAGGED, FAKE_ORPHAN, 4711, 0, UINT64_MAX};
	struct world world;
	ouro_error missing = OURO_ERROR_INIT;

	(void)state;
	open_world(&world, NULL);
	(void)act(&world, RENAME, 4711, &missing);
	for (int action = 0; action < ACTIONS; action++)
		for (size_t i = 0; i < sizeof(not_mine) / sizeof(not_mine[0]); i++) {
			ouro_error error = OURO_ERROR_INIT;

			assert_int_equal(
				act(&world, action, not_mine[i], &error), OURO_ERR_NOTFOUND);
			assert_string_equal(error.text, missing.text);
		}
	assert_int_equal(world.server.changes, 0);
	close_world(&world);
}

static void test_api_nodes__own_nodes_obey(void **state)
{
	static const char *const sent[ACTIONS] = {"RenameNode 4 atlas", "ExpireNode 4",
		"DeleteNode 4", "SetApprovedRoutes 4 ", "SetApprovedRoutes 4 ",
		"SetApprovedRoutes 4"};

	(void)state;
	for (int action = 0; action < ACTIONS; action++) {
		struct world world;
		ouro_error error = OURO_ERROR_INIT;

		open_world(&world, NULL);
		if (act(&world, action, FAKE_ROUTER, &error) != OURO_OK)
			fail_msg("action %d: %s", action, error.text);
		assert_int_equal(world.server.changes, 1);
		assert_memory_equal(world.server.last, sent[action], strlen(sent[action]));
		assert_non_null(strstr(world.audit, "\"result\":\"ok\""));
		close_world(&world);
	}
}

static void test_api_nodes__rules_forbid(void **state)
{
	static const char rules[] =
		"{\"rename\":false,\"expire\":false,\"delete\":false,\"exit_nodes\":false,"
		"\"routes\":\"none\",\"register\":false}";
	ouro_registration registration = OURO_REGISTRATION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	struct world world;

	(void)state;
	open_world(&world, rules);
	for (int action = 0; action < ACTIONS; action++)
		assert_int_equal(act(&world, action, FAKE_ROUTER, &error), OURO_ERR_DENIED);
	memcpy(registration.key, "hskey-authreq-abcdefghijklmnopqrstuvwx", 39);
	registration.form = 3;
	assert_int_equal(
		ouro_node_register(world.mia, &registration, NULL, NULL, &error), OURO_ERR_DENIED);
	assert_int_equal(world.server.changes, 0);
	assert_non_null(strstr(world.audit, "\"result\":\"denied\""));
	close_world(&world);
}

static void test_api_nodes__changed_meanwhile_does_nothing(void **state)
{
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_node *node = NULL;
	struct world world;

	(void)state;
	open_world(&world, NULL);
	assert_int_equal(ouro_node_get(world.mia, FAKE_LAPTOP, &node, &error), OURO_OK);
	options.seen = ouro_node_fingerprint(node);
	ouro_node_free(node);
	world.server.nodes[FAKE_LAPTOP].given_name = "renamed-elsewhere";
	assert_int_equal(
		ouro_node_delete(world.mia, FAKE_LAPTOP, &options, &error), OURO_ERR_CHANGED);
	assert_int_equal(world.server.changes, 0);
	close_world(&world);
}

static void test_api_nodes__owner_change_between_page_and_click(void **state)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_node *node = NULL;
	struct world world;

	(void)state;
	open_world(&world, NULL);
	assert_int_equal(ouro_node_get(world.mia, FAKE_LAPTOP, &node, &error), OURO_OK);
	assert_true(ouro_node_mine(node));
	ouro_node_free(node);
	world.server.nodes[FAKE_LAPTOP].user = &world.server.users[1];
	assert_int_equal(ouro_node_delete(world.mia, FAKE_LAPTOP, NULL, &error), OURO_ERR_NOTFOUND);
	assert_int_equal(world.server.changes, 0);
	close_world(&world);
}

static void test_api_nodes__names_are_checked_before_the_call(void **state)
{
	ouro_error error = OURO_ERROR_INIT;
	struct world world;

	(void)state;
	open_world(&world, NULL);
	assert_int_equal(ouro_node_rename(world.mia, FAKE_LAPTOP, "a_b", NULL, NULL, &error),
		OURO_ERR_INVALID);
	assert_int_equal(ouro_node_rename(world.mia, FAKE_LAPTOP, "phone", NULL, NULL, &error),
		OURO_ERR_CONFLICT);
	assert_int_equal(
		ouro_node_rename(world.mia, FAKE_LAPTOP, "../../5/expire", NULL, NULL, &error),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro_node_rename(world.mia, FAKE_LAPTOP, "laptop", NULL, NULL, &error), OURO_OK);
	assert_int_equal(world.server.changes, 0);
	close_world(&world);
}

static void test_api_nodes__the_servers_refusal_is_told(void **state)
{
	ouro_error error = OURO_ERROR_INIT;
	struct world world;

	(void)state;
	open_world(&world, NULL);
	world.server.write_result = OURO_ERR_REJECTED;
	world.server.write_text = "node name is not unique: atlas";
	assert_int_equal(ouro_node_rename(world.mia, FAKE_LAPTOP, "atlas", NULL, NULL, &error),
		OURO_ERR_CONFLICT);
	world.server.write_result = OURO_ERR_UNCERTAIN;
	world.server.write_text = "the connection broke";
	assert_int_equal(
		ouro_node_delete(world.mia, FAKE_LAPTOP, NULL, &error), OURO_ERR_UNCERTAIN);
	assert_non_null(strstr(world.audit, "\"result\":\"uncertain\""));
	assert_int_equal(world.server.changes, 2);
	close_world(&world);
}

static void test_api_nodes__routes_that_are_not_offered(void **state)
{
	ouro_error error = OURO_ERROR_INIT;
	struct world world;

	(void)state;
	open_world(&world, "{\"routes\":[\"192.168.0.0/16\"]}");
	assert_int_equal(
		ouro_route_approve(world.mia, FAKE_ROUTER, "10.9.0.0/24", NULL, NULL, &error),
		OURO_ERR_DENIED);
	assert_int_equal(
		ouro_route_approve(world.mia, FAKE_ROUTER, "192.168.8.0/24", NULL, NULL, &error),
		OURO_ERR_NOTFOUND);
	assert_int_equal(
		ouro_route_approve(world.mia, FAKE_ROUTER, "0.0.0.0/0", NULL, NULL, &error),
		OURO_ERR_DENIED);
	assert_int_equal(ouro_node_exit_node_set(world.mia, FAKE_LAPTOP, 1, NULL, NULL, &error),
		OURO_ERR_INVALID);
	assert_int_equal(world.server.changes, 0);
	assert_int_equal(
		ouro_route_approve(world.mia, FAKE_ROUTER, "192.168.7.0/24", NULL, NULL, &error),
		OURO_OK);
	assert_int_equal(world.server.changes, 1);
	close_world(&world);
}

static void test_api_nodes__lists_show_what_may_be_seen(void **state)
{
	ouro_nodes_query query = OURO_NODES_QUERY_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_node_list *list = NULL;
	ouro_node *node = NULL;
	struct world world;

	(void)state;
	open_world(&world, NULL);
	query.scope = OURO_SCOPE_ALL;
	assert_int_equal(ouro_nodes_list(world.mia, &query, &list, &error), OURO_OK);
	assert_int_equal(ouro_node_list_mine_total(list), 2);
	assert_int_equal(ouro_node_list_others_total(list), 3);
	assert_int_equal(ouro_node_id(ouro_node_list_at(list, 0)), FAKE_LAPTOP);
	assert_null(ouro_node_list_at(list, 5));
	ouro_node_list_free(list);
	query.search = "192.168.7";
	assert_int_equal(ouro_nodes_list(world.mia, &query, &list, &error), OURO_OK);
	assert_int_equal(ouro_node_list_total(list), 1);
	assert_int_equal(ouro_node_id(ouro_node_list_at(list, 0)), FAKE_ROUTER);
	ouro_node_list_free(list);
	close_world(&world);

	open_world(&world, "{\"see_others\":\"none\"}");
	query.search = NULL;
	assert_int_equal(ouro_nodes_list(world.mia, &query, &list, &error), OURO_OK);
	assert_int_equal(ouro_node_list_count(list), 2);
	assert_int_equal(ouro_node_list_others_total(list), 0);
	ouro_node_list_free(list);
	assert_int_equal(ouro_node_get(world.mia, FAKE_PHONE, &node, &error), OURO_ERR_NOTFOUND);
	close_world(&world);
}

static void test_api_nodes__register_is_for_ones_own_user(void **state)
{
	ouro_registration registration = OURO_REGISTRATION_INIT;
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_node *node = NULL;
	struct world world;

	(void)state;
	open_world(&world, NULL);
	memcpy(registration.key, "hskey-authreq-abcdefghijklmnopqrstuvwx", 39);
	registration.form = 3;
	options.user = "jim";
	assert_int_equal(ouro_node_register(world.mia, &registration, &options, &node, &error),
		OURO_ERR_NOTFOUND);
	assert_int_equal(world.server.changes, 0);
	assert_int_equal(
		ouro_node_register(world.mia, &registration, NULL, &node, &error), OURO_OK);
	assert_string_equal(
		world.server.last, "AuthRegister sink hskey-authreq-abcdefghijklmnopqrstuvwx");
	ouro_node_free(node);
	close_world(&world);

	open_world(&world, "{\"max_nodes\":2}");
	assert_int_equal(
		ouro_node_register(world.mia, &registration, NULL, &node, &error), OURO_ERR_DENIED);
	assert_int_equal(world.server.changes, 0);
	close_world(&world);
}

static void test_api_nodes__a_removed_person_is_unmapped_at_once(void **state)
{
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_person *person = NULL;
	struct world world;

	(void)state;
	open_world(&world, NULL);
	identity.id = 19270622;
	memcpy(identity.provider, "github", 7);
	directory.user_map = "{";
	assert_int_equal(ouro_directory_reload(world.directory, &directory, NULL, NULL, &error),
		OURO_ERR_CONFIG);
	assert_int_equal(ouro_portal_person(world.portal, &identity, &person, &error), OURO_OK);
	ouro_person_free(person);
	directory.user_map = "{\"1\":\"jim\"}";
	assert_int_equal(
		ouro_directory_reload(world.directory, &directory, NULL, NULL, &error), OURO_OK);
	assert_int_equal(
		ouro_portal_person(world.portal, &identity, &person, &error), OURO_ERR_UNMAPPED);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_api_nodes__not_yours_and_missing_are_the_same),
		cmocka_unit_test(test_api_nodes__own_nodes_obey),
		cmocka_unit_test(test_api_nodes__rules_forbid),
		cmocka_unit_test(test_api_nodes__changed_meanwhile_does_nothing),
		cmocka_unit_test(test_api_nodes__owner_change_between_page_and_click),
		cmocka_unit_test(test_api_nodes__names_are_checked_before_the_call),
		cmocka_unit_test(test_api_nodes__the_servers_refusal_is_told),
		cmocka_unit_test(test_api_nodes__routes_that_are_not_offered),
		cmocka_unit_test(test_api_nodes__lists_show_what_may_be_seen),
		cmocka_unit_test(test_api_nodes__register_is_for_ones_own_user),
		cmocka_unit_test(test_api_nodes__a_removed_person_is_unmapped_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
