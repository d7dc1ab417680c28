/* The store when memory runs out or SQLite fails: what was acknowledged is there, what failed is not, and it goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "memory.h"
#include "store/store.h"

static char folder[] = "/tmp/ouro-torture-XXXXXX";

static const struct ouro__owner mia = {"github", 19270622, "mia"};

static void remove_file(void)
{
	static const char *const names[] = {"ouroboros.db", "ouroboros.db-wal", "ouroboros.db-shm"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
}

static ouro_status open_store(ouro_store **ret_store, ouro_error *error)
{
	ouro_store_options options = OURO_STORE_OPTIONS_INIT;

	options.directory = folder;
	return ouro_store_open(&options, ret_store, error);
}

static struct ouro__stored_token token_of(const char *id)
{
	struct ouro__stored_token token = {.owner = mia, .token = OURO_TOKEN_INIT};

	memset(token.digest, 'd', sizeof(token.digest) - 1);
	(void)snprintf(token.token.id, sizeof(token.token.id), "%s", id);
	(void)snprintf(token.token.name, sizeof(token.token.name), "laptop");
	token.token.created = 10;
	token.token.expires = 1000;
	return token;
}

static ouro_status add(ouro_store *store, const char *id, ouro_error *error)
{
	struct ouro__stored_token token = token_of(id);

	return ouro__store_token_add(store, &token, 50, 10, error);
}

/* 1 if a failure is one: with status and words. */
static int told(ouro_status rc, const ouro_error *error)
{
	if (rc == OURO_ERR_INTERNAL)
		print_message("%s\n", error->text);
	return rc < 0 && rc != OURO_ERR_INTERNAL && error->status == rc && error->text[0];
}

/* Whatever became of the first attempt, the next one finds a file that it can use. */
static int open_once(void *user)
{
	ouro_store *store = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;
	int ok;

	(void)user;
	remove_file();
	torture_arm_now();
	rc = open_store(&store, &error);
	(void)torture_disarm();
	ok = rc == OURO_OK ? store != NULL : !store && told(rc, &error);
	ouro_store_free(store);
	store = NULL;
	if (open_store(&store, NULL) != OURO_OK || add(store, "a", NULL) != OURO_OK)
		ok = 0;
	ouro_store_free(store);
	return ok;
}

static int there(ouro_store *store, const char *id)
{
	struct ouro__stored_token token;

	return ouro__store_token_get(store, id, &token, NULL) == OURO_OK;
}

/* Tokens are added, listed, used and dropped; each is there exactly if that was said. */
static int use_tokens(void *user)
{
	ouro_store *store = user;
	ouro_token list[50];
	ouro_error errors[4] = {OURO_ERROR_INIT, OURO_ERROR_INIT, OURO_ERROR_INIT, OURO_ERROR_INIT};
	ouro_status added, listed, dropped, noted;
	size_t count = 99;
	int ok = 1;

	(void)ouro__store_token_drop(store, &mia, "new", NULL);
	(void)add(store, "old", NULL);
	torture_arm_now();
	added = add(store, "new", &errors[0]);
	listed = ouro__store_token_list(store, &mia, 10, list, 50, &count, &errors[1]);
	ouro__store_token_used(store, "new", 20);
	dropped = ouro__store_token_drop(store, &mia, "old", &errors[2]);
	noted = ouro__store_audit_add(store, 10, "{}", &errors[3]);
	(void)torture_disarm();
	ok &= there(store, "new") == (added == OURO_OK);
	ok &= there(store, "old") == (dropped != OURO_OK);
	ok &= listed < 0 || count == 1u + (added == OURO_OK);
	ok &= added == OURO_OK || told(added, &errors[0]);
	ok &= listed == OURO_OK || told(listed, &errors[1]);
	ok &= dropped == OURO_OK || told(dropped, &errors[2]);
	ok &= noted == OURO_OK || told(noted, &errors[3]);
	return ok && ouro_store_check(store, NULL) == OURO_OK;
}

/* A sign-in becomes a token, both or neither. */
static int redeem(void *user)
{
	ouro_store *store = user;
	struct ouro__stored_login login = {.login = OURO_LOGIN_INIT, .owner = mia};
	struct ouro__stored_token token = token_of("byself");
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	(void)snprintf(login.login.id, sizeof(login.login.id), "one");
	login.login.asked = 10;
	login.login.ends = 600;
	(void)ouro__store_token_drop(store, &mia, "byself", NULL);
	if (ouro__store_login_get(store, "one", NULL, &login, NULL) != OURO_OK) {
		login.state = OURO__LOGIN_APPROVED;
		if (ouro__store_login_add(store, &login, 9, 9, NULL) < 0 ||
			ouro__store_login_answer(store, &login, 10, NULL) < 0)
			return 0;
	}
	torture_arm_now();
	rc = ouro__store_login_redeem(store, "one", &token, 50, 10, &error);
	(void)torture_disarm();
	return (rc == OURO_OK || told(rc, &error)) && there(store, "byself") == (rc == OURO_OK) &&
		(ouro__store_login_get(store, "one", NULL, &login, NULL) == OURO_OK) ==
		(rc != OURO_OK);
}

static void run(const char *name, torture_body body)
{
	ouro_store *store = NULL;

	remove_file();
	assert_int_equal(open_store(&store, NULL), OURO_OK);
	torture_run(name, body, store);
	ouro_store_free(store);
}

static void test_torture_store__open(void **state)
{
	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	torture_run("opening a store", open_once, NULL);
}

static void test_torture_store__tokens(void **state)
{
	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	run("tokens in a store", use_tokens);
}

static void test_torture_store__redeem(void **state)
{
	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	run("a sign-in becomes a token", redeem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_torture_store__open),
		cmocka_unit_test(test_torture_store__tokens),
		cmocka_unit_test(test_torture_store__redeem),
	};
	int failures;

	if (!mkdtemp(folder))
		return 1;
	failures = cmocka_run_group_tests(tests, NULL, NULL);
	remove_file();
	(void)rmdir(folder);
	return failures;
}
