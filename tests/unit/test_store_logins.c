/* Sign-ins and audit lines in a store, whichever it is. */
#include "check.h"

#include <stdio.h>

#include "store/state.h"
#include "store_world.h"

static const struct ouro__owner mia = {"github", 19270622, "mia"};

static struct ouro__stored_login make(const char *id, const char *code, int64_t asked)
{
	struct ouro__stored_login login = {.login = OURO_LOGIN_INIT};

	(void)snprintf(login.login.id, sizeof(login.login.id), "%s", id);
	(void)snprintf(login.login.machine, sizeof(login.login.machine), "Mia's laptop");
	(void)snprintf(login.login.address, sizeof(login.login.address), "192.0.2.7");
	(void)snprintf(login.code, sizeof(login.code), "%s", code);
	memset(login.challenge, 'c', 43);
	login.login.scopes = OURO_TOKEN_ALL;
	login.login.lifetime = 1000;
	login.login.asked = asked;
	login.login.ends = asked + 600;
	login.login.port = code[0] ? 0 : 4711;
	return login;
}

static ouro_status add(struct store_world *world, const char *id, const char *code, int64_t asked,
	ouro_error *error)
{
	struct ouro__stored_login login = make(id, code, asked);

	return ouro__store_login_add(world->store, &login, 4, 3, error);
}

static void test_store_logins__are_found_again(void **state)
{
	struct store_world world;
	struct ouro__stored_login found;

	(void)state;
	store_world_open(&world);
	assert_int_equal(add(&world, "one", "", 10, NULL), OURO_OK);
	assert_int_equal(add(&world, "two", "BCDFGHJK", 10, NULL), OURO_OK);
	store_world_again(&world);
	assert_int_equal(ouro__store_login_get(world.store, "one", NULL, &found, NULL), OURO_OK);
	assert_string_equal(found.login.machine, "Mia's laptop");
	assert_string_equal(found.login.address, "192.0.2.7");
	assert_string_equal(found.code, "");
	assert_int_equal(strlen(found.challenge), 43);
	assert_int_equal(found.login.scopes, OURO_TOKEN_ALL);
	assert_int_equal(found.login.lifetime, 1000);
	assert_int_equal(found.login.asked, 10);
	assert_int_equal(found.login.ends, 610);
	assert_int_equal(found.login.port, 4711);
	assert_int_equal(found.state, OURO__LOGIN_WAITS);
	assert_int_equal(
		ouro__store_login_get(world.store, NULL, "BCDFGHJK", &found, NULL), OURO_OK);
	assert_string_equal(found.login.id, "two");
	assert_int_equal(found.login.port, 0);
	assert_int_equal(
		ouro__store_login_get(world.store, NULL, "two", &found, NULL), OURO_ERR_NOTFOUND);
	assert_int_equal(ouro__store_login_get(world.store, "BCDFGHJK", NULL, &found, NULL),
		OURO_ERR_NOTFOUND);
	store_world_close(&world);
}

static void test_store_logins__are_bounded(void **state)
{
	struct store_world world;
	ouro_error error = OURO_ERROR_INIT;
	struct ouro__stored_login other = make("five", "", 20);

	(void)state;
	store_world_open(&world);
	assert_int_equal(add(&world, "one", "BCDFGHJK", 10, NULL), OURO_OK);
	assert_int_equal(add(&world, "one", "", 10, NULL), OURO_ERR_CONFLICT);
	assert_int_equal(add(&world, "two", "BCDFGHJK", 10, NULL), OURO_ERR_CONFLICT);
	assert_int_equal(add(&world, "two", "", 20, NULL), OURO_OK);
	assert_int_equal(add(&world, "three", "", 20, NULL), OURO_OK);
	assert_int_equal(add(&world, "four", "", 20, &error), OURO_ERR_LIMIT); /* of this address */
	assert_text_has(error.text, "try again in a minute");
	other.login.address[0] = '\0';
	assert_int_equal(ouro__store_login_add(world.store, &other, 4, 0, NULL), OURO_OK);
	other.login.id[0] = 'x';
	assert_int_equal(ouro__store_login_add(world.store, &other, 4, 9, &error),
		OURO_ERR_LIMIT); /* in all */
	/* The first ends at 610 and makes room. */
	assert_int_equal(add(&world, "four", "BCDFGHJK", 610, NULL), OURO_OK);
	store_world_close(&world);
}

static void test_store_logins__are_answered_once(void **state)
{
	struct store_world world;
	struct ouro__stored_login login = make("one", "", 10);
	struct ouro__stored_login found;

	(void)state;
	store_world_open(&world);
	assert_int_equal(add(&world, "one", "", 10, NULL), OURO_OK);
	login.state = OURO__LOGIN_APPROVED;
	login.owner = mia;
	memset(login.granted, 'd', 64);
	assert_int_equal(
		ouro__store_login_answer(world.store, &login, 610, NULL), OURO_ERR_NOTFOUND);
	assert_int_equal(ouro__store_login_answer(world.store, &login, 609, NULL), OURO_OK);
	login.state = OURO__LOGIN_REFUSED;
	assert_int_equal(
		ouro__store_login_answer(world.store, &login, 20, NULL), OURO_ERR_NOTFOUND);
	assert_int_equal(ouro__store_login_get(world.store, "one", NULL, &found, NULL), OURO_OK);
	assert_int_equal(found.state, OURO__LOGIN_APPROVED);
	assert_string_equal(found.granted, login.granted);
	assert_string_equal(found.owner.login, "mia");
	assert_int_equal(found.owner.identity, mia.identity);
	store_world_close(&world);
}

static void test_store_logins__become_a_token_or_stay(void **state)
{
	struct store_world world;
	struct ouro__stored_login login = make("one", "", 10);
	struct ouro__stored_token token = {.owner = mia, .token = OURO_TOKEN_INIT};
	struct ouro__stored_token found;

	(void)state;
	(void)snprintf(token.token.id, sizeof(token.token.id), "000000000001");
	token.token.created = 20;
	token.token.expires = 1020;
	store_world_open(&world);
	assert_int_equal(add(&world, "one", "", 10, NULL), OURO_OK);
	assert_int_equal(ouro__store_login_redeem(world.store, "one", &token, 50, 20, NULL),
		OURO_ERR_NOTFOUND); /* nobody answered */
	login.state = OURO__LOGIN_APPROVED;
	login.owner = mia;
	assert_int_equal(ouro__store_login_answer(world.store, &login, 20, NULL), OURO_OK);
	assert_int_equal(
		ouro__store_login_redeem(world.store, "one", &token, 0, 20, NULL), OURO_ERR_LIMIT);
	assert_int_equal(ouro__store_login_get(world.store, "one", NULL, &login, NULL), OURO_OK);
	assert_int_equal(ouro__store_login_redeem(world.store, "one", &token, 50, 610, NULL),
		OURO_ERR_NOTFOUND); /* over */
	assert_int_equal(ouro__store_token_get(world.store, token.token.id, &found, NULL),
		OURO_ERR_NOTFOUND);
	assert_int_equal(
		ouro__store_login_redeem(world.store, "one", &token, 50, 20, NULL), OURO_OK);
	assert_int_equal(ouro__store_token_get(world.store, token.token.id, &found, NULL), OURO_OK);
	token.token.id[0] = '9';
	assert_int_equal(ouro__store_login_redeem(world.store, "one", &token, 50, 20, NULL),
		OURO_ERR_NOTFOUND); /* once */
	store_world_close(&world);
}

static void take_count(void *user, const char *const *texts)
{
	*(int64_t *)user = ouro__row_number(texts[0], -1);
}

static int64_t number(struct store_world *world, const char *sql)
{
	int64_t value = -2;
	struct ouro__statement statement = {.sql = sql, .row = take_count, .user = &value};

	assert_int_equal(ouro__store_read(world->store, &statement, NULL), OURO_OK);
	return value;
}

static void test_store_logins__audit_is_bounded(void **state)
{
	enum { TIDY = 128, DAY = 86400 };
	static const char line[] = "{\"name\":\"a'b \xc3\xbc\"}";
	struct store_world world;
	struct ouro__change skip = {.statement = {.sql = "UPDATE ouroboros_audit SET at = at"}};

	(void)state;
	store_world_open(&world);
	if (world.url)
		skip.statement.sql = "SELECT setval(pg_get_serial_sequence("
				     "'ouroboros_audit', 'number'), 100000)";
	else
		skip.statement.sql =
			"INSERT INTO ouroboros_audit VALUES (100000, 500000000, 'far')";
	assert_int_equal(ouro__store_audit_add(world.store, 1000, line, NULL), OURO_OK);
	assert_int_equal(number(&world,
				 "SELECT count(*) FROM ouroboros_audit WHERE line = "
				 "'{\"name\":\"a''b \xc3\xbc\"}' AND at = 1000"),
		1);
	/* After 400 days, and not before. */
	for (int i = 1; i < TIDY; i++)
		assert_int_equal(
			ouro__store_audit_add(world.store, 400 * DAY, "{}", NULL), OURO_OK);
	assert_int_equal(ouro__store_audit_add(world.store, 1000 + 400 * DAY, "{}", NULL), OURO_OK);
	assert_int_equal(number(&world, "SELECT count(*) FROM ouroboros_audit"), TIDY + 1);
	for (int i = 0; i < TIDY; i++)
		assert_int_equal(
			ouro__store_audit_add(world.store, 1001 + 400 * DAY, "{}", NULL), OURO_OK);
	assert_int_equal(number(&world, "SELECT min(at) FROM ouroboros_audit"), 400 * DAY);
	assert_int_equal(number(&world, "SELECT count(*) FROM ouroboros_audit"), 2 * TIDY);
	/* More than 100,000 of them. */
	assert_int_equal(ouro__store_change(world.store, 5000, &skip, 1, NULL), OURO_OK);
	for (int i = 0; i < TIDY; i++)
		assert_int_equal(
			ouro__store_audit_add(world.store, 1001 + 400 * DAY, "{}", NULL), OURO_OK);
	assert_in_range(number(&world, "SELECT min(number) FROM ouroboros_audit"), 2, 200);
	store_world_close(&world);
}

static void test_store_logins__lost_lines_are_told(void **state)
{
	struct store_world world;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	store_world_open(&world);
	(void)snprintf(error.text, sizeof(error.text), "why");
	for (int i = 0; i < 3; i++) {
		ouro__store_audit_lost(world.store, &error);
		assert_string_equal(world.log,
			"store: audit records that were not kept there: 1; they are in the audit log only. why");
	}
	world.log[0] = '\0';
	world.store->lost_told -= 60000; /* a minute later */
	ouro__store_audit_lost(world.store, &error);
	assert_text_has(world.log, "not kept there: 3;");
	store_world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_logins__are_found_again),
		cmocka_unit_test(test_store_logins__are_bounded),
		cmocka_unit_test(test_store_logins__are_answered_once),
		cmocka_unit_test(test_store_logins__become_a_token_or_stay),
		cmocka_unit_test(test_store_logins__audit_is_bounded),
		cmocka_unit_test(test_store_logins__lost_lines_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
