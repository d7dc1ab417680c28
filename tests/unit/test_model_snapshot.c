/* Snapshots: order, look-up, references. */
#include "check.h"

#include "model/model.h"

static ouro__snapshot *make(struct ouro__node *nodes, size_t node_count, struct ouro__user *users,
	size_t user_count, ouro_status expected)
{
	ouro__snapshot *snapshot = ouro__snapshot_new(1 << 16);
	ouro_error error = OURO_ERROR_INIT;

	assert_non_null(snapshot);
	assert_int_equal(
		ouro__snapshot_finish(snapshot, nodes, node_count, users, user_count, &error),
		expected);
	return snapshot;
}

static void test_model_snapshot__empty(void **state)
{
	ouro__snapshot *snapshot = make(NULL, 0, NULL, 0, OURO_OK);
	size_t count = 9;

	(void)state;
	assert_null(ouro__snapshot_node(snapshot, 1));
	assert_null(ouro__snapshot_user(snapshot, "a", &count));
	assert_int_equal(count, 0);
	ouro__snapshot_unref(snapshot);
	ouro__snapshot_unref(NULL);
}

static void test_model_snapshot__sorted_and_found(void **state)
{
	struct ouro__node nodes[] = {{.id = UINT64_MAX, .given_name = "c"},
		{.id = 2, .given_name = "B"}, {.id = 1, .given_name = ""}};
	struct ouro__user users[] = {{9, "z"}, {3, "mia"}, {4, "twin"}, {5, "twin"}};
	ouro__snapshot *snapshot = make(nodes, 3, users, 4, OURO_OK);
	size_t count = 0;

	(void)state;
	assert_int_equal(snapshot->nodes[0].id, 1);
	assert_true(snapshot->nodes[2].id == UINT64_MAX);
	assert_string_equal(ouro__snapshot_node(snapshot, 2)->given_name, "B");
	assert_null(ouro__snapshot_node(snapshot, 3));
	assert_null(ouro__snapshot_node(snapshot, 0));
	assert_int_equal(ouro__snapshot_user(snapshot, "mia", &count)->id, 3);
	assert_int_equal(count, 1);
	assert_null(ouro__snapshot_user(snapshot, "twin", &count));
	assert_int_equal(count, 2);
	assert_null(ouro__snapshot_user(snapshot, "Mia", NULL));
	assert_int_equal(ouro__snapshot_name_taken(snapshot, 1, "b")->id, 2);
	assert_null(ouro__snapshot_name_taken(snapshot, 2, "b"));
	assert_null(ouro__snapshot_name_taken(snapshot, 2, "d"));
	ouro__snapshot_unref(snapshot);
}

static void test_model_snapshot__bad_ids(void **state)
{
	struct ouro__node twice[] = {{.id = 2}, {.id = 2}};
	struct ouro__node zero[] = {{.id = 0}};

	(void)state;
	ouro__snapshot_unref(make(twice, 2, NULL, 0, OURO_ERR_PROTOCOL));
	ouro__snapshot_unref(make(zero, 1, NULL, 0, OURO_ERR_PROTOCOL));
}

static uint64_t hash_of(struct ouro__node *nodes, size_t count)
{
	ouro__snapshot *snapshot = make(nodes, count, NULL, 0, OURO_OK);
	uint64_t hash = snapshot->hash;

	ouro__snapshot_unref(snapshot);
	return hash;
}

static void test_model_snapshot__hash_is_of_the_content(void **state)
{
	struct ouro__node one[] = {{.id = 1, .given_name = "a"}, {.id = 2, .given_name = "b"}};
	struct ouro__node turned[] = {{.id = 2, .given_name = "b"}, {.id = 1, .given_name = "a"}};
	struct ouro__node online[] = {
		{.id = 1, .given_name = "a", .online = 1}, {.id = 2, .given_name = "b"}};
	struct ouro__node seen[] = {
		{.id = 1, .given_name = "a", .last_seen = 5}, {.id = 2, .given_name = "b"}};

	(void)state;
	assert_true(hash_of(one, 2) == hash_of(turned, 2));
	assert_true(hash_of(one, 2) != hash_of(online, 2));
	assert_true(hash_of(one, 2) != hash_of(seen, 2));
	assert_true(hash_of(one, 2) != hash_of(one, 1));
}

static void test_model_snapshot__owned_nodes_keep_it_alive(void **state)
{
	ouro__snapshot *snapshot = ouro__snapshot_new(1 << 16);
	struct ouro__node *nodes = ouro__arena_alloc(snapshot->arena, sizeof(*nodes));
	ouro_node *node = NULL;

	(void)state;
	nodes[0].id = 5;
	nodes[0].given_name = ouro__arena_text(snapshot->arena, "atlas", 5);
	assert_int_equal(ouro__snapshot_finish(snapshot, nodes, 1, NULL, 0, NULL), OURO_OK);
	assert_int_equal(
		ouro__node_own(snapshot, &snapshot->nodes[0], 1, 0, 0, &node, NULL), OURO_OK);
	ouro__snapshot_unref(snapshot);
	assert_string_equal(ouro_node_name(node), "atlas");
	assert_int_equal(ouro_node_mine(node), 1);
	ouro_node_free(node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model_snapshot__empty),
		cmocka_unit_test(test_model_snapshot__sorted_and_found),
		cmocka_unit_test(test_model_snapshot__bad_ids),
		cmocka_unit_test(test_model_snapshot__hash_is_of_the_content),
		cmocka_unit_test(test_model_snapshot__owned_nodes_keep_it_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
