/* Tokens in a store, whichever it is. */
#include "check.h"

#include <pthread.h>
#include <stdio.h>

#include "store_world.h"

static const struct ouro__owner mia = {"github", 19270622, "mia"};
static const struct ouro__owner tom = {"github", 4711, "tom"};

static struct ouro__stored_token make(
	const struct ouro__owner *owner, const char *id, int64_t created, int64_t expires)
{
	struct ouro__stored_token token = {.owner = *owner, .token = OURO_TOKEN_INIT};

	memset(token.digest, 'a', sizeof(token.digest) - 1);
	(void)snprintf(token.token.id, sizeof(token.token.id), "%s", id);
	(void)snprintf(token.token.name, sizeof(token.token.name), "name of %s ü", id);
	token.token.scopes = OURO_TOKEN_READ | OURO_TOKEN_ROUTES;
	token.token.created = created;
	token.token.expires = expires;
	return token;
}

static ouro_status add(struct store_world *world, const struct ouro__owner *owner, const char *id,
	int64_t created, int64_t expires, size_t most)
{
	struct ouro__stored_token token = make(owner, id, created, expires);

	return ouro__store_token_add(world->store, &token, most, created, NULL);
}

static void test_store_tokens__outlive_a_restart(void **state)
{
	struct store_world world;
	struct ouro__stored_token made = make(&mia, "0123456789ab", 1000, INT64_C(1) << 40);
	struct ouro__stored_token found;

	(void)state;
	made.owner.identity = INT64_MAX;
	store_world_open(&world);
	assert_int_equal(ouro__store_token_add(world.store, &made, 50, 1000, NULL), OURO_OK);
	store_world_again(&world);
	memset(&found, 0x55, sizeof(found));
	assert_int_equal(ouro__store_token_get(world.store, "0123456789ab", &found, NULL), OURO_OK);
	assert_string_equal(found.digest, made.digest);
	assert_string_equal(found.owner.provider, "github");
	assert_string_equal(found.owner.login, "mia");
	assert_int_equal(found.owner.identity, INT64_MAX);
	assert_string_equal(found.token.id, made.token.id);
	assert_string_equal(found.token.name, made.token.name);
	assert_int_equal(found.token.scopes, made.token.scopes);
	assert_int_equal(found.token.created, 1000);
	assert_int_equal(found.token.expires, INT64_C(1) << 40);
	assert_int_equal(found.token.used, OURO_TIME_NEVER);
	store_world_close(&world);
}

static void test_store_tokens__are_their_owners(void **state)
{
	struct store_world world;
	struct ouro__stored_token found;
	ouro_token list[50];
	size_t count = 9;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	store_world_open(&world);
	assert_int_equal(add(&world, &mia, "000000000001", 10, 100, 50), OURO_OK);
	assert_int_equal(add(&world, &mia, "000000000002", 20, 100, 50), OURO_OK);
	assert_int_equal(add(&world, &mia, "000000000003", 20, 40, 50), OURO_OK);
	assert_int_equal(add(&world, &tom, "000000000004", 15, 100, 50), OURO_OK);
	assert_int_equal(
		ouro__store_token_list(world.store, &mia, 40, list, 50, &count, NULL), OURO_OK);
	assert_int_equal(count, 2); /* the third is over */
	assert_string_equal(list[0].id, "000000000002");
	assert_string_equal(list[1].id, "000000000001");
	assert_int_equal(
		ouro__store_token_list(world.store, &mia, 39, list, 1, &count, NULL), OURO_OK);
	assert_int_equal(count, 1);

	assert_int_equal(ouro__store_token_drop(world.store, &tom, "000000000001", &error),
		OURO_ERR_NOTFOUND);
	assert_string_equal(error.text, "no such token");
	assert_int_equal(
		ouro__store_token_drop(world.store, &mia, "000000000001", &error), OURO_OK);
	assert_int_equal(ouro__store_token_drop(world.store, &mia, "000000000001", &error),
		OURO_ERR_NOTFOUND);
	assert_int_equal(ouro__store_token_get(world.store, "000000000001", &found, &error),
		OURO_ERR_NOTFOUND);
	assert_int_equal(
		ouro__store_token_get(world.store, "000000000004", &found, &error), OURO_OK);
	assert_string_equal(found.owner.login, "tom");
	store_world_close(&world);
}

static void test_store_tokens__are_bounded(void **state)
{
	struct store_world world;
	struct ouro__stored_token made = make(&mia, "000000000001", 50, 900);
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	store_world_open(&world);
	assert_int_equal(add(&world, &mia, "000000000001", 10, 30, 2), OURO_OK);
	assert_int_equal(add(&world, &mia, "000000000002", 10, 100, 2), OURO_OK);
	made.token.id[0] = '9';
	assert_int_equal(ouro__store_token_add(world.store, &made, 2, 29, &error), OURO_ERR_LIMIT);
	assert_text_has(error.text, "revoke one first");
	assert_int_equal(add(&world, &tom, "000000000003", 10, 100, 2), OURO_OK);
	/* The first is over, and makes room. */
	assert_int_equal(ouro__store_token_add(world.store, &made, 2, 30, &error), OURO_OK);
	/* The same id again: it fails, and what went with it is taken back. */
	assert_int_equal(
		ouro__store_token_add(world.store, &made, 9, 100, &error), OURO_ERR_CONFLICT);
	assert_int_equal(ouro__store_token_get(world.store, "000000000002", &made, NULL), OURO_OK);
	store_world_close(&world);
}

static void test_store_tokens__use_is_noted_once_a_minute(void **state)
{
	static const struct {
		int64_t at;
		int64_t used;
	} cases[] = {{1000, 1000}, {1059, 1000}, {1060, 1060}, {1100, 1060}, {5000, 5000}};
	struct store_world world;
	struct ouro__stored_token found;

	(void)state;
	store_world_open(&world);
	assert_int_equal(add(&world, &mia, "000000000001", 10, 9000, 2), OURO_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ouro__store_token_used(world.store, "000000000001", cases[i].at);
		assert_int_equal(
			ouro__store_token_get(world.store, "000000000001", &found, NULL), OURO_OK);
		assert_int_equal(found.token.used, cases[i].used);
	}
	ouro__store_token_used(world.store, "none", 1);
	store_world_close(&world);
}

/* Texts are values, never statements. */
static void test_store_tokens__texts_are_values(void **state)
{
	static const char evil[] = "'); DROP TABLE ouroboros_token; --";
	struct store_world world;
	struct ouro__stored_token made = make(&mia, "000000000001", 10, 100);

	(void)state;
	(void)snprintf(made.token.name, sizeof(made.token.name), "%s", evil);
	(void)snprintf(made.owner.login, sizeof(made.owner.login), "$1 \\ \" %s", "?");
	store_world_open(&world);
	assert_int_equal(ouro__store_token_add(world.store, &made, 50, 10, NULL), OURO_OK);
	memset(&made, 0, sizeof(made));
	assert_int_equal(ouro__store_token_get(world.store, evil, &made, NULL), OURO_ERR_NOTFOUND);
	assert_int_equal(ouro__store_token_get(world.store, "000000000001", &made, NULL), OURO_OK);
	assert_string_equal(made.token.name, evil);
	assert_string_equal(made.owner.login, "$1 \\ \" ?");
	store_world_close(&world);
}

enum { THREADS = 6, EACH = 20 };

struct worker {
	struct store_world *world;
	int number;
	int failures;
};

static void *work(void *arg)
{
	struct worker *worker = arg;

	for (int i = 0; i < EACH; i++) {
		char id[OURO_TOKEN_ID_MAX];
		struct ouro__stored_token found;

		(void)snprintf(id, sizeof(id), "%02d%010d", worker->number, i);
		worker->failures += add(worker->world, &mia, id, 10, 100, 1000) != OURO_OK;
		worker->failures +=
			ouro__store_token_get(worker->world->store, id, &found, NULL) != OURO_OK ||
			strcmp(found.token.id, id) != 0;
		worker->failures +=
			ouro__store_audit_add(worker->world->store, 10, "{}", NULL) != OURO_OK;
		if (i % 2)
			worker->failures += ouro__store_token_drop(worker->world->store, &mia, id,
						    NULL) != OURO_OK;
	}
	return NULL;
}

static void test_store_tokens__many_threads(void **state)
{
	struct store_world world;
	struct worker workers[THREADS];
	pthread_t threads[THREADS];
	ouro_token list[THREADS * EACH];
	size_t count = 0;

	(void)state;
	store_world_open(&world);
	for (int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){&world, i, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(workers[i].failures, 0);
	}
	assert_int_equal(ouro__store_token_list(world.store, &mia, 10, list,
				 sizeof(list) / sizeof(list[0]), &count, NULL),
		OURO_OK);
	assert_int_equal(count, THREADS * EACH / 2);
	store_world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_tokens__outlive_a_restart),
		cmocka_unit_test(test_store_tokens__are_their_owners),
		cmocka_unit_test(test_store_tokens__are_bounded),
		cmocka_unit_test(test_store_tokens__use_is_noted_once_a_minute),
		cmocka_unit_test(test_store_tokens__texts_are_values),
		cmocka_unit_test(test_store_tokens__many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
