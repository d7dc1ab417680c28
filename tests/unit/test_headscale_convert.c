/* Odd replies as the one model: owners, tags, orphans, stale flags, hostile lengths. */
#include "check.h"

#include <stdio.h>

#include "headscale/generation.h"

static ouro__snapshot *snapshot;

static int setup(void **state)
{
	(void)state;
	snapshot = ouro__snapshot_new((size_t)16 << 20);
	return snapshot ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	ouro__snapshot_unref(snapshot);
	return 0;
}

static ouro_status convert(ouro__band band, struct ouro__hs_node *nodes, size_t count,
	const struct ouro__hs_routes *routes)
{
	void *items[8];
	struct ouro__hs_nodes list = {{items, count}};
	struct ouro__hs_users users = {{NULL, 0}};

	for (size_t i = 0; i < count; i++)
		items[i] = &nodes[i];
	return ouro__headscale_snapshot(
		snapshot, ouro__generation_of(band), &list, &users, routes, NULL);
}

static struct ouro__hs_user mia = {3, "mia"};
static struct ouro__hs_user pseudo = {OURO__USER_TAGGED_DEVICES, "tagged-devices"};

static void test_headscale_convert__tagged_nodes_belong_to_nobody(void **state)
{
	const char *tags[] = {"tag:web", "tag:db", "tag:web"};
	struct ouro__hs_node nodes[] = {
		{.id = 3, .name = "c", .given_name = "c", .user = &pseudo, .tags = {tags, 3}},
		{.id = 1, .name = "a", .given_name = "a", .user = &mia, .tags = {tags, 1}},
		{.id = 2, .name = "b", .given_name = "b"},
		{.id = 4, .name = "d", .given_name = "d", .user = &mia},
	};

	(void)state;
	assert_int_equal(convert(OURO__BAND_H, nodes, 4, NULL), OURO_OK);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(snapshot->nodes[i].id, i + 1);
		assert_int_equal(snapshot->nodes[i].user_id, 0);
		assert_string_equal(snapshot->nodes[i].user_name, "");
	}
	assert_int_equal(snapshot->nodes[3].user_id, 3);
	assert_int_equal(snapshot->nodes[2].tag_count, 2);
	assert_string_equal(snapshot->nodes[2].tags[0], "tag:db");
	assert_string_equal(snapshot->nodes[2].tags[1], "tag:web");
}

static void test_headscale_convert__old_tags_keep_the_owner(void **state)
{
	const char *forced[] = {"tag:web"};
	const char *valid[] = {"tag:db", "tag:web"};
	struct ouro__hs_node node = {.id = 1,
		.name = "a",
		.given_name = "a",
		.user = &mia,
		.forced_tags = {forced, 1},
		.valid_tags = {valid, 2}};

	(void)state;
	assert_int_equal(convert(OURO__BAND_B, &node, 1, NULL), OURO_OK);
	assert_int_equal(snapshot->nodes[0].user_id, 3);
	assert_int_equal(snapshot->nodes[0].tag_count, 2);
}

static void test_headscale_convert__route_objects(void **state)
{
	struct ouro__hs_node nodes[] = {
		{.id = 1, .name = "a", .given_name = "a"},
		{.id = 2, .name = "b", .given_name = "b"},
	};
	struct ouro__hs_node_ref one = {1};
	struct ouro__hs_node_ref nine = {9};
	struct ouro__hs_route rows[] = {
		{11, &one, "10.2.0.0/24", 0, 0, 1}, /* stale primary */
		{12, &one, "10.1.0.0/24", 1, 1, 1},
		{13, &one, "10.3.0.0/24", 1, 1, 0},                              /* stand-by */
		{14, &one, "::/0", 1, 1, 0}, {15, NULL, "10.4.0.0/24", 1, 1, 1}, /* orphan */
		{16, &nine, "10.5.0.0/24", 1, 1, 1}, /* of a node that is gone */
	};
	void *items[] = {&rows[0], &rows[1], &rows[2], &rows[3], &rows[4], &rows[5]};
	struct ouro__hs_routes routes = {{items, 6}};
	const struct ouro__node *node;

	(void)state;
	assert_int_equal(convert(OURO__BAND_B, nodes, 2, &routes), OURO_OK);
	node = &snapshot->nodes[0];
	assert_int_equal(node->route_count, 4);
	assert_int_equal(ouro__node_route_find(node, "10.1.0.0/24")->flags,
		OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED | OURO_ROUTE_SERVING);
	assert_int_equal(ouro__node_route_find(node, "10.1.0.0/24")->id, 12);
	assert_int_equal(ouro__node_route_find(node, "10.2.0.0/24")->flags, 0);
	assert_int_equal(ouro__node_route_find(node, "10.3.0.0/24")->flags,
		OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED);
	assert_int_equal(ouro__node_route_find(node, "::/0")->flags,
		OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED | OURO_ROUTE_SERVING | OURO_ROUTE_EXIT);
	assert_int_equal(snapshot->nodes[1].route_count, 0);
}

static void test_headscale_convert__route_lists(void **state)
{
	const char *available[] = {"10.1.0.0/24", "0.0.0.0/0"};
	const char *approved[] = {"10.2.0.0/24", "0.0.0.0/0", "10.2.0.0/24"};
	const char *serving[] = {"0.0.0.0/0"};
	struct ouro__hs_node node = {.id = 1,
		.name = "a",
		.given_name = "a",
		.available_routes = {available, 2},
		.approved_routes = {approved, 3},
		.subnet_routes = {serving, 1}};

	(void)state;
	assert_int_equal(convert(OURO__BAND_H, &node, 1, NULL), OURO_OK);
	assert_int_equal(snapshot->nodes[0].route_count, 3);
	assert_int_equal(ouro__node_route_find(&snapshot->nodes[0], "0.0.0.0/0")->flags,
		OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED | OURO_ROUTE_SERVING | OURO_ROUTE_EXIT);
	assert_int_equal(ouro__node_route_find(&snapshot->nodes[0], "10.1.0.0/24")->flags,
		OURO_ROUTE_ADVERTISED);
	assert_int_equal(ouro__node_route_find(&snapshot->nodes[0], "10.2.0.0/24")->flags,
		OURO_ROUTE_APPROVED);
}

static void test_headscale_convert__long_names_are_cut_between_characters(void **state)
{
	char name[600];
	struct ouro__hs_node node = {
		.id = 1, .name = name, .given_name = name, .register_method = 99};

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "\xc3\xa9", 3);
	assert_int_equal(convert(OURO__BAND_H, &node, 1, NULL), OURO_OK);
	assert_int_equal(strlen(snapshot->nodes[0].name), 254);
	assert_int_equal(strlen(snapshot->nodes[0].given_name), 254);
	assert_int_equal(snapshot->nodes[0].register_method, OURO_REGISTER_UNKNOWN);
}

static void test_headscale_convert__ids_are_unique_and_not_zero(void **state)
{
	struct ouro__hs_node nodes[] = {
		{.id = 5, .name = "a", .given_name = "a"},
		{.id = 5, .name = "b", .given_name = "b"},
	};

	(void)state;
	assert_int_equal(convert(OURO__BAND_H, nodes, 2, NULL), OURO_ERR_PROTOCOL);
	nodes[1].id = 0;
	assert_int_equal(convert(OURO__BAND_H, nodes, 2, NULL), OURO_ERR_PROTOCOL);
}

static void test_headscale_convert__memory_is_bounded(void **state)
{
	struct ouro__hs_node node = {.id = 1, .name = "a", .given_name = "a"};

	(void)state;
	ouro__snapshot_unref(snapshot);
	snapshot = ouro__snapshot_new(64);
	assert_int_equal(convert(OURO__BAND_H, &node, 1, NULL), OURO_ERR_NOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__tagged_nodes_belong_to_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__old_tags_keep_the_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__route_objects, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__route_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__long_names_are_cut_between_characters, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__ids_are_unique_and_not_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__memory_is_bounded, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
