/* What a node's values amount to. */
#include "check.h"

#include "model/model.h"

static ouro_node view(const struct ouro__node *data)
{
	ouro_node node = {.data = data, .mine = 1};

	return node;
}

#define A OURO_ROUTE_ADVERTISED
#define P OURO_ROUTE_APPROVED
#define X OURO_ROUTE_EXIT

static void test_model_node__accessors(void **state)
{
	static const char *const addresses[] = {"100.64.0.1", "fd7a:115c:a1e0::1"};
	static const char *const tags[] = {"tag:web"};
	static const struct ouro_route routes[] = {{"10.0.0.0/24", A, 4}};
	static const struct ouro__node data = {9, 3, "mia", "atlas", "Atlas Host", addresses, 2,
		tags, 1, routes, 1, 50, 60, 70, OURO_REGISTER_CLI, 1, 1};
	static const struct ouro__node empty = {.id = 1};
	ouro_node node = view(&data);
	ouro_node bare = view(&empty);

	(void)state;
	assert_int_equal(ouro_node_id(&node), 9);
	assert_int_equal(ouro_node_user_id(&node), 3);
	assert_string_equal(ouro_node_user_name(&node), "mia");
	assert_string_equal(ouro_node_name(&node), "atlas");
	assert_string_equal(ouro_node_host_name(&node), "Atlas Host");
	assert_int_equal(ouro_node_address_count(&node), 2);
	assert_string_equal(ouro_node_address(&node, 1), "fd7a:115c:a1e0::1");
	assert_null(ouro_node_address(&node, 2));
	assert_int_equal(ouro_node_tag_count(&node), 1);
	assert_string_equal(ouro_node_tag(&node, 0), "tag:web");
	assert_null(ouro_node_tag(&node, 1));
	assert_int_equal(ouro_node_route_count(&node), 1);
	assert_string_equal(ouro_route_prefix(ouro_node_route(&node, 0)), "10.0.0.0/24");
	assert_int_equal(ouro_route_flags(ouro_node_route(&node, 0)), A);
	assert_null(ouro_node_route(&node, 1));
	assert_int_equal(ouro_node_expiry(&node), 50);
	assert_int_equal(ouro_node_last_seen(&node), 60);
	assert_int_equal(ouro_node_created(&node), 70);
	assert_int_equal(ouro_node_register_method(&node), OURO_REGISTER_CLI);
	assert_int_equal(ouro_node_online(&node), 1);
	assert_int_equal(ouro_node_ephemeral(&node), 1);
	assert_int_equal(ouro_node_mine(&node), 1);
	assert_string_equal(ouro_node_name(&bare), "");
	assert_string_equal(ouro_node_user_name(&bare), "");
	assert_null(ouro_node_address(&bare, 0));
	ouro_node_free(NULL);
}

static void test_model_node__expired_wins_over_online(void **state)
{
	struct ouro__node data = {.id = 1, .online = 1, .expiry = OURO_TIME_NEVER};
	ouro_node node = view(&data);

	(void)state;
	assert_int_equal(ouro_node_state(&node, INT64_MAX - 1), OURO_NODE_ONLINE);
	data.expiry = 100;
	assert_int_equal(ouro_node_state(&node, 99), OURO_NODE_ONLINE);
	assert_int_equal(ouro_node_state(&node, 100), OURO_NODE_EXPIRED);
	data.expiry = 0; /* 1970 is long ago */
	assert_int_equal(ouro_node_state(&node, 100), OURO_NODE_EXPIRED);
	data.expiry = OURO_TIME_NEVER;
	data.online = 0;
	assert_int_equal(ouro_node_state(&node, 100), OURO_NODE_OFFLINE);
}

static void exit_is(uint32_t v4, uint32_t v6, int expected)
{
	struct ouro_route routes[] = {
		{"0.0.0.0/0", v4 | X, 1}, {"10.0.0.0/24", A | P, 2}, {"::/0", v6 | X, 3}};
	struct ouro__node data = {.id = 1, .routes = routes, .route_count = 3};
	ouro_node node = view(&data);

	assert_int_equal(ouro_node_exit_state(&node), expected);
}

static void test_model_node__exit_state(void **state)
{
	(void)state;
	exit_is(0, 0, OURO_EXIT_NONE);
	exit_is(A, A, OURO_EXIT_OFFERED);
	exit_is(A, 0, OURO_EXIT_OFFERED);
	exit_is(A | P, A | P, OURO_EXIT_ON);
	exit_is(0, A | P, OURO_EXIT_ON);
	exit_is(A, A | P, OURO_EXIT_ON);
	exit_is(P, P, OURO_EXIT_IDLE);
	exit_is(P, A, OURO_EXIT_OFFERED);
}

static void test_model_node__waiting(void **state)
{
	struct ouro_route routes[] = {
		{"10.0.0.0/24", A | P, 1}, {"10.1.0.0/24", P, 2}, {"10.2.0.0/24", 0, 3}};
	struct ouro__node data = {.id = 1, .routes = routes, .route_count = 3};

	(void)state;
	assert_false(ouro__node_waiting(&data));
	routes[2].flags = A;
	assert_true(ouro__node_waiting(&data));
	assert_ptr_equal(ouro__node_route_find(&data, "10.1.0.0/24"), &routes[1]);
	assert_null(ouro__node_route_find(&data, "10.1.0.0/2"));
}

static void test_model_node__fingerprint(void **state)
{
	static const char *const tags[] = {"tag:a", "tag:b"};
	struct ouro_route routes[] = {{"10.0.0.0/24", A | P, 1}, {"10.1.0.0/24", A, 2}};
	struct ouro__node data = {.id = 1,
		.given_name = "a",
		.user_id = 3,
		.tags = tags,
		.tag_count = 1,
		.routes = routes,
		.route_count = 2,
		.expiry = 9};
	struct ouro__node other = data;
	uint64_t before = ouro__node_fingerprint(&data);

	(void)state;
	assert_true(before != 0);
	other.online = 1;
	other.last_seen = 7;
	other.name = "renamed host";
	assert_true(ouro__node_fingerprint(&other) == before);
	routes[1].flags = 0;
	assert_true(ouro__node_fingerprint(&other) == before);
	routes[1].flags = A | P;
	assert_true(ouro__node_fingerprint(&other) != before);
	routes[1].flags = A;
	other = data;
	other.given_name = "b";
	assert_true(ouro__node_fingerprint(&other) != before);
	other = data;
	other.user_id = 4;
	assert_true(ouro__node_fingerprint(&other) != before);
	other = data;
	other.tag_count = 2;
	assert_true(ouro__node_fingerprint(&other) != before);
	other = data;
	other.expiry = OURO_TIME_NEVER;
	assert_true(ouro__node_fingerprint(&other) != before);
}

static void test_model_node__hash(void **state)
{
	(void)state;
	/* Known values of FNV-1a. */
	assert_true(ouro__hash_bytes(OURO__HASH_INIT, "", 0) == UINT64_C(0xcbf29ce484222325));
	assert_true(ouro__hash_bytes(OURO__HASH_INIT, "foobar", 6) == UINT64_C(0x85944171f73967e8));
	assert_true(ouro__hash_text(ouro__hash_text(OURO__HASH_INIT, "a"), "bc") !=
		ouro__hash_text(ouro__hash_text(OURO__HASH_INIT, "ab"), "c"));
	assert_true(ouro__hash_text(OURO__HASH_INIT, NULL) == ouro__hash_text(OURO__HASH_INIT, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model_node__accessors),
		cmocka_unit_test(test_model_node__expired_wins_over_online),
		cmocka_unit_test(test_model_node__exit_state),
		cmocka_unit_test(test_model_node__waiting),
		cmocka_unit_test(test_model_node__fingerprint),
		cmocka_unit_test(test_model_node__hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
