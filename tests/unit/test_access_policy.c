/* Map and rules at their limits: one more than may be, characters at the edge, texts as long as
 * they may get, and what happens to the rest when one entry is wrong. */
#include "check.h"

#include <stdio.h>

#include <ouroboros/tokens.h>

#include "access/access.h"
#include "base/buf.h"

struct seen {
	size_t count;
	char where[512];
	char text[512];
};

static void on_fault(void *user, const char *where, const char *text)
{
	struct seen *seen = user;

	seen->count++;
	(void)snprintf(seen->where, sizeof(seen->where), "%s", where);
	(void)snprintf(seen->text, sizeof(seen->text), "%s", text);
}

/* The policy, or NULL and the faults. */
static ouro__policy *make(const char *map, const char *rules, struct seen *seen)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro__policy *made = NULL;
	ouro_status rc;

	memset(seen, 0, sizeof(*seen));
	options.user_map = map;
	options.rules = rules;
	rc = ouro__policy_new(&options, on_fault, seen, &made, &error);
	assert_int_equal(rc, seen->count ? OURO_ERR_CONFIG : OURO_OK);
	assert_int_equal(error.status, rc);
	assert_int_equal(made != NULL, rc == OURO_OK);
	return made;
}

static void one_fault(const char *map, const char *rules, const char *where, const char *word)
{
	struct seen seen;

	assert_null(make(map, rules, &seen));
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.where, where);
	assert_text_has(seen.text, word);
}

static void test_access_policy__options(void **state)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro__policy *made = NULL;

	(void)state;
	options.user_map = "{}";
	assert_int_equal(ouro__policy_new(&options, NULL, NULL, NULL, &error), OURO_ERR_INVALID);
	assert_int_equal(error.status, OURO_ERR_INVALID);
	options.size = 0;
	error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(ouro__policy_new(&options, NULL, NULL, &made, &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "size is not set");
	assert_null(made);
}

static void test_access_policy__names(void **state)
{
	struct seen seen;
	ouro__policy *policy;

	(void)state;
	one_fault("{\"5\": \"a\x7f"
		  "b\"}",
		NULL, "user_map.5", "control");
	/* A name beside one that is none is still held against the others. */
	assert_null(make("{\"5\": [7, \"mia\", \"mia\"]}", NULL, &seen));
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.where, "user_map.5[2]");
	assert_text_has(seen.text, "twice");
	policy = make("{\"5\": [\"mia\", \"Mia\"]}", NULL, &seen);
	assert_int_equal(ouro__policy_count(policy), 1);
	ouro__policy_unref(policy);
}

/* A list of this many prefixes, one of them everybody's rule. */
static const char *prefixes(ouro__buf *rules, int count)
{
	ouro__buf_text(rules, "{\"routes\": [");
	for (int i = 0; i < count; i++)
		ouro__buf_format(rules, "%s\"10.%d.%d.0/24\"", i ? "," : "", i / 256, i % 256);
	ouro__buf_text(rules, "]}");
	assert_false(rules->broken);
	return ouro__buf_str(rules);
}

static void test_access_policy__most_prefixes(void **state)
{
	ouro__buf rules = OURO__BUF_INIT(64 * 1024);
	struct ouro__access_user mia = {"mia", 7};
	struct ouro__subject subject = {0, &mia, 1, OURO_TOKEN_ALL};
	struct ouro__object own = {.exists = 1, .user_id = 7};
	struct ouro__access_request route = {
		.step = OURO__ROUTE_APPROVE, .prefix = "10.0.255.0/24"};
	struct seen seen;
	ouro__policy *policy = make("{}", prefixes(&rules, OURO__POLICY_PREFIXES_MAX), &seen);

	(void)state;
	assert_int_equal(
		ouro__access_decide(policy, &subject, OURO_ACTION_ROUTES, &own, &route, NULL),
		OURO_OK);
	ouro__policy_unref(policy);
	ouro__buf_clear(&rules);
	one_fault("{}", prefixes(&rules, OURO__POLICY_PREFIXES_MAX + 1), "rules.routes",
		"257 prefixes; at most 256");
	ouro__buf_done(&rules);
}

static void test_access_policy__user_of_a_rule(void **state)
{
	char rules[600];
	char name[257];
	struct seen seen;
	struct ouro__access_user user = {name, 7};
	struct ouro__subject subject = {0, &user, 1, OURO_TOKEN_ALL};
	ouro__policy *policy;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[256] = '\0';
	(void)snprintf(rules, sizeof(rules),
		"{\"routes\": {\"default\": \"any\", \"%s\": \"none\"}}", name);
	assert_null(make("{}", rules, &seen));
	assert_int_equal(seen.count, 1);
	assert_text_has(seen.where, "rules.routes.nnn");
	assert_text_has(seen.text, "no Headscale user is called so");
	name[255] = '\0';
	(void)snprintf(rules, sizeof(rules),
		"{\"routes\": {\"default\": \"any\", \"%s\": \"none\"}}", name);
	policy = make("{}", rules, &seen);
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_ROUTES));
	user.name = "mia";
	assert_true(ouro__access_may(policy, &subject, OURO_ACTION_ROUTES));
	ouro__policy_unref(policy);
}

/* A map may be as large as the text may be: each of its people is found. */
static void test_access_policy__many_people(void **state)
{
	enum { PEOPLE = 60000 };
	ouro__buf map = OURO__BUF_INIT(1 << 20);
	const char *const *users = NULL;
	size_t count = 0;
	struct seen seen;
	ouro__policy *policy;

	(void)state;
	for (int i = PEOPLE; i > 0; i--)
		ouro__buf_format(&map, "%s\"%d\":\"u%d\"", i == PEOPLE ? "{" : ",", i, i % 10);
	ouro__buf_byte(&map, '}');
	assert_false(map.broken);
	policy = make(ouro__buf_str(&map), NULL, &seen);
	ouro__buf_done(&map);
	assert_int_equal(ouro__policy_count(policy), PEOPLE);
	for (uint64_t id = 1; id <= PEOPLE; id++) {
		char name[8];

		assert_int_equal(ouro__policy_users(policy, "github", id, &users, &count), 1);
		(void)snprintf(name, sizeof(name), "u%d", (int)(id % 10));
		assert_string_equal(users[0], name);
		assert_int_equal(count, 1);
	}
	assert_int_equal(ouro__policy_users(policy, "github", PEOPLE + 1, &users, &count), 0);
	ouro__policy_unref(policy);
	ouro__policy_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_access_policy__options),
		cmocka_unit_test(test_access_policy__names),
		cmocka_unit_test(test_access_policy__most_prefixes),
		cmocka_unit_test(test_access_policy__user_of_a_rule),
		cmocka_unit_test(test_access_policy__many_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
