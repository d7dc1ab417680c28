/* Decisions on what no folder of tests/access can say: arguments that are missing or out of range.
 * Refused or allowed, never a crash, and in words that tell the asker nothing of others. */
#include "check.h"

#include <ouroboros/tokens.h>

#include "access/access.h"

static const struct ouro__access_user mia[] = {{"mia", 7}};
static const struct ouro__subject person = {0, mia, 1, OURO_TOKEN_ALL};
static const struct ouro__subject holder = {1, NULL, 0, OURO_TOKEN_ALL};
static const struct ouro__object own = {.exists = 1, .user_id = 7};

static ouro__policy *policy(const char *rules)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro__policy *made = NULL;

	options.user_map = "{}";
	options.rules = rules;
	assert_int_equal(ouro__policy_new(&options, NULL, NULL, &made, NULL), OURO_OK);
	return made;
}

/* The decision's status, with the text that goes with it. */
static void decided(const ouro__policy *rules, const struct ouro__subject *subject, int action,
	const struct ouro__object *object, const struct ouro__access_request *route,
	ouro_status status, const char *word)
{
	ouro_error error = OURO_ERROR_INIT;

	assert_int_equal(
		ouro__access_decide(rules, subject, action, object, route, &error), status);
	assert_int_equal(error.status, status);
	if (status != OURO_OK)
		assert_text_has(error.text, word);
}

static void test_access_decide__no_object(void **state)
{
	static const struct ouro__object gone = {.exists = 0, .user_id = 7};
	static const struct ouro__object nobodys = {.exists = 1, .user_id = 0};
	ouro__policy *rules = policy("{\"max_nodes\": 1}");

	(void)state;
	decided(rules, &person, OURO_ACTION_RENAME, NULL, NULL, OURO_ERR_NOTFOUND,
		"no such device");
	decided(rules, &person, OURO_ACTION_RENAME, &gone, NULL, OURO_ERR_NOTFOUND,
		"no such device");
	decided(rules, &holder, OURO_ACTION_DELETE, &gone, NULL, OURO_ERR_NOTFOUND,
		"no such device");
	assert_false(ouro__access_owns(&holder, NULL));
	assert_false(ouro__access_owns(&person, NULL));
	assert_false(ouro__access_owns(&person, &nobodys));
	assert_true(ouro__access_owns(&person, &own));
	assert_false(ouro__access_visible(rules, &holder, &gone));
	/* Whoever has nothing yet is below every maximum. */
	decided(rules, &person, OURO_ACTION_REGISTER, NULL, NULL, OURO_OK, NULL);
	decided(rules, &holder, OURO_ACTION_REGISTER, NULL, NULL, OURO_OK, NULL);
	decided(rules, &holder, OURO_ACTION_SEE_OTHERS, NULL, NULL, OURO_OK, NULL);
	ouro__policy_unref(rules);
}

static void test_access_decide__not_an_action(void **state)
{
	ouro__policy *rules = policy(NULL);
	struct ouro__access_request route = {.step = OURO__ROUTE_APPROVE, .prefix = "10.0.0.0/8"};

	(void)state;
	assert_false(ouro__access_may(rules, &holder, -1));
	assert_false(ouro__access_may(rules, &holder, OURO_ACTION_TOKENS + 1));
	decided(rules, &person, OURO_ACTION_SEE_OTHERS - 1, &own, NULL, OURO_ERR_INVALID,
		"not an action");
	decided(rules, &person, OURO_ACTION_TOKENS + 1, &own, NULL, OURO_ERR_INVALID,
		"not an action");
	decided(rules, &person, OURO_ACTION_ROUTES, &own, NULL, OURO_ERR_INVALID, "is missing");
	decided(rules, &person, OURO_ACTION_ROUTES, &own, &route, OURO_OK, NULL);
	route.step = OURO__ROUTE_APPROVE - 1;
	decided(rules, &person, OURO_ACTION_ROUTES, &own, &route, OURO_ERR_INVALID, "is missing");
	route.step = OURO__ROUTE_KEEP + 1;
	decided(rules, &person, OURO_ACTION_ROUTES, &own, &route, OURO_ERR_INVALID, "is missing");
	route.step = OURO__ROUTE_FORGET;
	route.prefix = NULL;
	decided(rules, &person, OURO_ACTION_ROUTES, &own, &route, OURO_ERR_INVALID, "is missing");
	/* The others that need one. */
	decided(rules, &person, OURO_ACTION_EXTEND, &own, NULL, OURO_ERR_INVALID, "is missing");
	decided(rules, &person, OURO_ACTION_KEYS, &own, NULL, OURO_ERR_INVALID, "is missing");
	route.step = OURO__KEY_LIST - 1;
	decided(rules, &person, OURO_ACTION_KEYS, &own, &route, OURO_ERR_INVALID, "is missing");
	route.step = OURO__KEY_REVOKE + 1;
	decided(rules, &person, OURO_ACTION_KEYS, &own, &route, OURO_ERR_INVALID, "is missing");
	route.step = OURO__KEY_REVOKE;
	decided(rules, &person, OURO_ACTION_KEYS, NULL, &route, OURO_ERR_NOTFOUND, "no such key");
	decided(rules, &person, OURO_ACTION_TOKENS, NULL, NULL, OURO_OK, NULL);
	ouro__policy_unref(rules);
}

static void test_access_decide__scopes_by_name(void **state)
{
	static const char text[] = "read,nodes,routes,keys";
	uint32_t scope = OURO_TOKEN_READ;
	const char *at = text;

	(void)state;
	for (; ouro_token_scope_name(scope); scope <<= 1) {
		size_t length = strcspn(at, ",");

		assert_int_equal(strlen(ouro_token_scope_name(scope)), length);
		assert_memory_equal(ouro_token_scope_name(scope), at, length);
		assert_int_equal(ouro_token_scope(at, length), scope);
		assert_int_equal(ouro_token_scope(at, length - 1), 0);
		assert_int_equal(ouro_token_scope(at, length + 1), 0);
		at += length + (at[length] == ',');
	}
	assert_int_equal(scope, OURO_TOKEN_ALL + 1);
	assert_string_equal(at, "");
	assert_null(ouro_token_scope_name(0));
	assert_null(ouro_token_scope_name(OURO_TOKEN_ALL));
	assert_null(ouro_token_scope_name(OURO_TOKEN_READ | OURO_TOKEN_KEYS));
	assert_int_equal(ouro_token_scope(NULL, 0), 0);
	assert_int_equal(ouro_token_scope("", 0), 0);
	assert_int_equal(ouro_token_scope("Read", 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_access_decide__no_object),
		cmocka_unit_test(test_access_decide__not_an_action),
		cmocka_unit_test(test_access_decide__scopes_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
