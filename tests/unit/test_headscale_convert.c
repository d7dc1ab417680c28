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

/* 0.24 to 0.27: the lists of valid tags are whole, other answers leave them empty. */
static void test_headscale_convert__tags_in_between(void **state)
{
	static const ouro__band between[] = {
		OURO__BAND_C, OURO__BAND_D, OURO__BAND_E, OURO__BAND_F0, OURO__BAND_F1};
	const char *forced[] = {"tag:web"};
	const char *valid[] = {"tag:db", "tag:x"};

	(void)state;
	for (size_t b = 0; b < sizeof(between) / sizeof(between[0]); b++) {
		struct ouro__hs_node nodes[] = {
			{.id = 1,
				.name = "a",
				.given_name = "a",
				.user = &mia,
				.forced_tags = {forced, 1},
				.valid_tags = {valid, 2}},
			{.id = 2,
				.name = "b",
				.given_name = "b",
				.user = &mia,
				.forced_tags = {forced, 1}},
			{.id = 3, .name = "c", .given_name = "c", .user = &mia, .tags = {valid, 2}},
		};

		assert_int_equal(convert(between[b], nodes, 3, NULL), OURO_OK);
		assert_int_equal(snapshot->nodes[0].tag_count, 2);
		assert_string_equal(snapshot->nodes[0].tags[0], "tag:db");
		assert_int_equal(snapshot->nodes[1].tag_count, 1);
		assert_string_equal(snapshot->nodes[1].tags[0], "tag:web");
		assert_int_equal(snapshot->nodes[2].tag_count, 0);
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(snapshot->nodes[i].user_id, 3);
	}
}

/* By OIDC a user may be without a name; the number is the owner. A user numbered 0 is nobody, whatever it is called. */
static void test_headscale_convert__owners_by_number(void **state)
{
	struct ouro__hs_user nameless = {5, ""};
	struct ouro__hs_user shell = {0, "ghost"};
	struct ouro__hs_node nodes[] = {
		{.id = 1, .name = "a", .given_name = "a", .user = &nameless},
		{.id = 2, .name = "b", .given_name = "b", .user = &shell},
		{.id = 3, .name = "c", .given_name = "c", .user = &pseudo},
	};

	(void)state;
	for (ouro__band band = OURO__BAND_B; band <= (ouro__band)OURO__BAND_I; band++) {
		assert_int_equal(convert(band, nodes, 3, NULL), OURO_OK);
		assert_int_equal(snapshot->nodes[0].user_id, 5);
		assert_string_equal(snapshot->nodes[0].user_name, "");
		assert_int_equal(snapshot->nodes[1].user_id, 0);
		assert_string_equal(snapshot->nodes[1].user_name, "");
		assert_int_equal(snapshot->nodes[2].user_id, 0);
	}
}

/* Over beats connected; a date of 1970 is one, "not set" is none. */
static void test_headscale_convert__expired(void **state)
{
	struct ouro__hs_node nodes[] = {
		{.id = 1, .name = "a", .given_name = "a", .online = 1, .expiry = 123},
		{.id = 2, .name = "b", .given_name = "b", .online = 1, .expiry = OURO_TIME_NEVER},
		{.id = 3, .name = "c", .given_name = "c", .expiry = OURO_TIME_NEVER},
		{.id = 4, .name = "d", .given_name = "d", .online = 1, .expiry = 0},
	};
	static const int states[] = {
		OURO_NODE_EXPIRED, OURO_NODE_ONLINE, OURO_NODE_OFFLINE, OURO_NODE_EXPIRED};

	(void)state;
	for (ouro__band band = OURO__BAND_B; band <= (ouro__band)OURO__BAND_I; band++) {
		assert_int_equal(convert(band, nodes, 4, NULL), OURO_OK);
		for (size_t i = 0; i < 4; i++)
			assert_int_equal(
				ouro__node_state(&snapshot->nodes[i], 1800000000), states[i]);
	}
}

/* The same device, told by route objects and by lists, looks the same. */
static void test_headscale_convert__both_ways_look_alike(void **state)
{
	const char *available[] = {"0.0.0.0/0", "10.1.0.0/24", "10.2.0.0/24"};
	const char *approved[] = {"::/0", "10.1.0.0/24", "0.0.0.0/0"};
	/* 0.26 and 0.27.0 name both exit prefixes as soon as one is offered. */
	const char *serving[] = {"0.0.0.0/0", "10.1.0.0/24", "::/0"};
	struct ouro__hs_node by_lists = {.id = 1,
		.name = "a",
		.given_name = "a",
		.available_routes = {available, 3},
		.approved_routes = {approved, 3},
		.subnet_routes = {serving, 3}};
	struct ouro__hs_node plain = {.id = 1, .name = "a", .given_name = "a"};
	struct ouro__hs_node_ref one = {1};
	struct ouro__hs_route rows[] = {
		{11, &one, "10.2.0.0/24", 1, 0, 0},
		{12, &one, "10.1.0.0/24", 1, 1, 1},
		{13, &one, "0.0.0.0/0", 1, 1, 0},
		{14, &one, "::/0", 0, 1, 0},
		{0, &one, "10.7.0.0/24", 1, 1, 0}, /* not to be acted upon */
		{15, &one, "", 1, 1, 0},
	};
	void *items[] = {&rows[0], &rows[1], &rows[2], &rows[3], &rows[4], &rows[5]};
	struct ouro__hs_routes routes = {{items, 6}};
	static const struct ouro_route wanted[] = {{"0.0.0.0/0", 15, 0}, {"10.1.0.0/24", 7, 0},
		{"10.2.0.0/24", 1, 0}, {"::/0", 10, 0}};

	(void)state;
	for (ouro__band band = OURO__BAND_B; band <= (ouro__band)OURO__BAND_I; band++) {
		int objects = band <= OURO__BAND_D;
		const struct ouro__node *node;

		assert_int_equal(
			convert(band, objects ? &plain : &by_lists, 1, objects ? &routes : NULL),
			OURO_OK);
		node = &snapshot->nodes[0];
		assert_int_equal(node->route_count, 4);
		for (size_t i = 0; i < 4; i++) {
			assert_string_equal(node->routes[i].prefix, wanted[i].prefix);
			assert_int_equal(node->routes[i].flags, wanted[i].flags);
			assert_int_equal(node->routes[i].id != 0, objects);
		}
		assert_int_equal(ouro__node_exit_state(node), OURO_EXIT_ON);
	}
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

/* Whatever does not fit any more: an error, never a half. */
static void bounded(ouro__band band)
{
	char name[400];
	const char *texts[] = {"tag:web", "tag:db"};
	const char *prefixes[] = {"10.1.0.0/24", "0.0.0.0/0"};
	struct ouro__hs_node node = {.id = 1, .name = name, .given_name = name};
	struct ouro__hs_node_ref one = {1};
	struct ouro__hs_route row = {11, &one, "10.2.0.0/24", 1, 1, 1};
	void *items[] = {&row};
	struct ouro__hs_routes routes = {{items, 1}};
	size_t refused = 0;
	ouro_status rc = OURO_ERR_NOMEM;

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	node.forced_tags = (struct ouro__texts){texts, 2};
	node.tags = node.forced_tags;
	node.available_routes = (struct ouro__texts){prefixes, 2};
	for (size_t max = 0; rc != OURO_OK; max += 16) {
		ouro__snapshot_unref(snapshot);
		snapshot = ouro__snapshot_new(max);
		rc = convert(band, &node, 1, band <= OURO__BAND_D ? &routes : NULL);
		assert_true(rc == OURO_OK || rc == OURO_ERR_NOMEM);
		refused++;
		assert_true(max < 4096);
	}
	assert_true(refused > 20);
}

static void test_headscale_convert__memory_is_bounded(void **state)
{
	(void)state;
	bounded(OURO__BAND_B);
	bounded(OURO__BAND_C);
	bounded(OURO__BAND_H);
}

/* A name of nothing but the middles of characters, which no decoder lets through. */
static void test_headscale_convert__nothing_is_left_of_a_broken_name(void **state)
{
	char name[300];
	struct ouro__hs_node node = {.id = 1, .name = name, .given_name = "n"};

	(void)state;
	memset(name, 0x80, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(convert(OURO__BAND_H, &node, 1, NULL), OURO_OK);
	assert_string_equal(snapshot->nodes[0].name, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__tagged_nodes_belong_to_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__old_tags_keep_the_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__tags_in_between, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__owners_by_number, setup, teardown),
		cmocka_unit_test_setup_teardown(test_headscale_convert__expired, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__both_ways_look_alike, setup, teardown),
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
		cmocka_unit_test_setup_teardown(
			test_headscale_convert__nothing_is_left_of_a_broken_name, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
