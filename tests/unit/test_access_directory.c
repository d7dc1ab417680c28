/* The directory: reading map and rules, faults, reload, many threads while it is swapped. */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <ouroboros/tokens.h>

#include "access/access.h"
#include "access/faults.h"
#include "access/prefix.h"
#include "base/buf.h"

static char last_where[512];
static char last_text[512];
static size_t fault_count;

static void on_fault(void *user, const char *where, const char *text)
{
	assert_ptr_equal(user, last_where);
	(void)snprintf(last_where, sizeof(last_where), "%s", where);
	(void)snprintf(last_text, sizeof(last_text), "%s", text);
	fault_count++;
}

static ouro_status load(
	const char *map, const char *rules, ouro_directory **ret_directory, ouro_error *error)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;

	fault_count = 0;
	last_where[0] = '\0';
	last_text[0] = '\0';
	options.user_map = map;
	options.rules = rules;
	return ouro_directory_load(&options, on_fault, last_where, ret_directory, error);
}

static void refuse(const char *map, const char *rules, const char *where, const char *word)
{
	ouro_directory *directory = NULL;
	ouro_error error = OURO_ERROR_INIT;

	assert_int_equal(load(map, rules, &directory, &error), OURO_ERR_CONFIG);
	assert_null(directory);
	assert_int_equal(fault_count, 1);
	assert_string_equal(last_where, where);
	if (!strstr(last_text, word))
		fail_msg("%s: \"%s\" says nothing of %s", where, last_text, word);
	assert_int_equal(error.status, OURO_ERR_CONFIG);
	assert_int_equal(strncmp(error.text, where, strlen(where)), 0);
}

static void refuse_rule(const char *rules, const char *where, const char *word)
{
	refuse("{}", rules, where, word);
}

static void test_access_directory__map(void **state)
{
	ouro_directory *directory = NULL;
	ouro__policy *policy;
	const char *const *users = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(load("{\"19270622\": \"sink\", \"5\": [\"mia\", \"l\xc3\xa4"
			      "b\"], \"9223372036854775807\": \"x\", \"1\": \"sink\"}",
				 NULL, &directory, NULL),
		OURO_OK);
	assert_int_equal(ouro_directory_count(directory), 4);
	policy = ouro__directory_policy(directory);
	assert_int_equal(ouro__policy_users(policy, "github", 5, &users, &count), 1);
	assert_int_equal(count, 2);
	assert_string_equal(users[0], "mia");
	assert_string_equal(users[1],
		"l\xc3\xa4"
		"b");
	assert_int_equal(ouro__policy_users(policy, "github", 19270622, &users, &count), 1);
	assert_string_equal(users[0], "sink");
	assert_int_equal(ouro__policy_users(policy, "github", INT64_MAX, &users, &count), 1);
	assert_int_equal(ouro__policy_users(policy, "github", 1, &users, &count), 1);
	assert_int_equal(ouro__policy_users(policy, "github", 0, &users, &count), 0);
	assert_int_equal(ouro__policy_users(policy, "github", 2, &users, &count), 0);
	assert_int_equal(ouro__policy_users(policy, "gitlab", 5, &users, &count), 0);
	assert_int_equal(ouro__policy_max_nodes(policy), 0);
	ouro_directory_free(directory);
	assert_int_equal(ouro__policy_users(policy, "github", 5, &users, &count),
		1); /* references outlive the directory */
	ouro__policy_unref(policy);
	ouro_directory_free(NULL);
	assert_int_equal(ouro_directory_count(NULL), 0);
}

static void test_access_directory__map_faults(void **state)
{
	char name[300];
	char map[1000];
	ouro__buf many = OURO__BUF_INIT(1000);

	(void)state;
	refuse(NULL, NULL, "user_map", "required");
	refuse("", NULL, "user_map", "JSON");
	refuse("[]", NULL, "user_map", "object");
	refuse("{\"5\": \"a\", \"5\": \"b\"}", NULL, "user_map", "duplicate");
	refuse("{\"00000000\": \"jim\"}", NULL, "user_map.00000000", "zero");
	refuse("{\"0\": \"jim\"}", NULL, "user_map.0", "zero");
	refuse("{\"007\": \"jim\"}", NULL, "user_map.007", "as 7");
	refuse("{\"jim\": \"jim\"}", NULL, "user_map.jim", "not the login");
	refuse("{\"-5\": \"jim\"}", NULL, "user_map.-5", "not a GitHub id");
	refuse("{\"+5\": \"jim\"}", NULL, "user_map.+5", "not a GitHub id");
	refuse("{\"\": \"jim\"}", NULL, "user_map.", "not a GitHub id");
	refuse("{\"9223372036854775808\": \"jim\"}", NULL, "user_map.9223372036854775808",
		"larger");
	refuse("{\"99999999999999999999999\": \"jim\"}", NULL, "user_map.99999999999999999999999",
		"larger");
	refuse("{\"5\": \"\"}", NULL, "user_map.5", "empty");
	refuse("{\"5\": 7}", NULL, "user_map.5", "not a text");
	refuse("{\"5\": null}", NULL, "user_map.5", "not a text");
	refuse("{\"5\": \"a\\nb\"}", NULL, "user_map.5", "control");
	refuse("{\"5\": []}", NULL, "user_map.5", "1 to 32");
	refuse("{\"5\": [\"a\", 7]}", NULL, "user_map.5[1]", "not a text");
	refuse("{\"5\": [\"a\", \"b\", \"a\"]}", NULL, "user_map.5[2]", "twice");
	refuse("{\"5\": [[\"a\"]]}", NULL, "user_map.5[0]", "not a text");
	refuse("{\"\x1b[31m\": \"a\"}", NULL, "user_map", "JSON");
	refuse("{\"5\\u0007\": \"a\"}", NULL, "user_map.5 ", "not a GitHub id");
	memset(name, 'n', sizeof(name));
	(void)snprintf(map, sizeof(map), "{\"5\": \"%.256s\"}", name);
	refuse(map, NULL, "user_map.5", "255");
	ouro__buf_text(&many, "{\"5\": [\"u\"");
	for (int i = 0; i < 32; i++)
		ouro__buf_format(&many, ",\"u%d\"", i);
	ouro__buf_text(&many, "]}");
	refuse(ouro__buf_str(&many), NULL, "user_map.5", "33 users");
	ouro__buf_done(&many);
	memset(map, '[', 200);
	map[200] = '\0';
	refuse(map, NULL, "user_map", "deeper");
}

static void test_access_directory__too_large(void **state)
{
	size_t size = (1 << 20) + 16;
	char *map = malloc(size + 1);

	(void)state;
	assert_non_null(map);
	memset(map, ' ', size);
	map[0] = '{';
	map[size - 1] = '}';
	map[size] = '\0';
	refuse(map, NULL, "user_map", "1 MiB");
	free(map);
}

static void test_access_directory__rule_faults(void **state)
{
	(void)state;
	refuse_rule("[]", "rules", "object");
	refuse_rule("{\"renane\": true}", "rules.renane", "did you mean rename?");
	refuse_rule("{\"keeper\": {}}", "rules.keeper", "did you mean keepers?");
	refuse_rule("{\"rename\": \"true\"}", "rules.rename", "without quotes");
	refuse_rule("{\"expire\": 1}", "rules.expire", "true or false");
	refuse_rule("{\"delete\": null}", "rules.delete", "true or false");
	refuse_rule("{\"register\": []}", "rules.register", "true or false");
	refuse_rule("{\"exit_nodes\": \"any\"}", "rules.exit_nodes", "true or false");
	refuse_rule("{\"see_others\": true}", "rules.see_others", "\"none\"");
	refuse_rule("{\"see_others\": \"some\"}", "rules.see_others", "\"none\"");
	refuse_rule("{\"max_nodes\": 0}", "rules.max_nodes", "from 1");
	refuse_rule("{\"max_nodes\": -1}", "rules.max_nodes", "from 1");
	refuse_rule("{\"max_nodes\": \"5\"}", "rules.max_nodes", "from 1");
	refuse_rule("{\"max_nodes\": 1.5}", "rules.max_nodes", "from 1");
	refuse_rule("{\"routes\": true}", "rules.routes", "\"any\"");
	refuse_rule("{\"routes\": \"all\"}", "rules.routes", "\"any\"");
	refuse_rule("{\"routes\": [\"10.0.0.0/8\", 5]}", "rules.routes[1]", "not a text");
	refuse_rule("{\"routes\": [\"10.0.0.1/8\"]}", "rules.routes[0]", "host bits");
	refuse_rule("{\"routes\": [\"0.0.0.0/0\"]}", "rules.routes[0]", "exit_nodes");
	refuse_rule("{\"routes\": [\"100.64.0.0/16\"]}", "rules.routes[0]", "tailnet");
	refuse_rule("{\"routes\": {\"mia\": \"any\"}}", "rules.routes", "everybody else");
	refuse_rule("{\"routes\": {\"default\": \"none\", \"mia\": \"all\"}}", "rules.routes.mia",
		"\"any\"");
	refuse_rule("{\"routes\": {\"default\": \"none\", \"mia\": [\"x\"]}}",
		"rules.routes.mia[0]", "not a prefix");
	refuse_rule("{\"routes\": {\"default\": \"none\", \"\": \"any\"}}", "rules.routes.",
		"no Headscale user");
}

static void test_access_directory__all_faults(void **state)
{
	ouro_directory *directory = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(load("{\"0\": \"\", \"x\": 5}", "{\"renane\": true, \"max_nodes\": 0}",
				 &directory, &error),
		OURO_ERR_CONFIG);
	assert_int_equal(fault_count, 6);
	assert_int_equal(strncmp(error.text, "user_map.0: zero", 16), 0);
	assert_int_equal(load("{\"0\": \"\"}", NULL, &directory, NULL), OURO_ERR_CONFIG);
	assert_int_equal(ouro_directory_load(NULL, NULL, NULL, &directory, NULL), OURO_ERR_INVALID);
	assert_int_equal(load("{}", NULL, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_directory_reload(NULL, NULL, NULL, NULL, NULL), OURO_ERR_INVALID);
}

static void test_access_directory__rules_accepted(void **state)
{
	ouro_directory *directory = NULL;
	ouro__policy *policy;
	struct ouro__subject subject = {0, NULL, 0, OURO_TOKEN_ALL};

	(void)state;
	assert_int_equal(
		load("{}",
			"{\"see_others\": \"none\", \"rename\": true, \"expire\": false, \"delete\": false, \"register\": true, \"exit_nodes\": false,"
			"\"routes\": {\"default\": \"none\", \"mia\": [], \"jim\": [\"10.0.0.0/8\", \"2001:db8::/32\"]}, \"max_nodes\": 30,"
			"\"extend_expiry\": \"off\", \"keys\": \"off\"}",
			&directory, NULL),
		OURO_OK);
	policy = ouro__directory_policy(directory);
	assert_int_equal(ouro__policy_max_nodes(policy), 30);
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_SEE_OTHERS));
	assert_true(ouro__access_may(policy, &subject, OURO_ACTION_RENAME));
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_EXPIRE));
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_DELETE));
	assert_true(ouro__access_may(policy, &subject, OURO_ACTION_REGISTER));
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_EXIT_NODE));
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_ROUTES));
	assert_false(ouro__access_may(policy, &subject, -1));
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_EXTEND));
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_KEYS));
	assert_true(ouro__access_may(policy, &subject, OURO_ACTION_TOKENS));
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_TOKENS + 1));
	subject.users = (const struct ouro__access_user[]){{"zoe", 1}, {"jim", 2}};
	subject.user_count = 1;
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_ROUTES));
	subject.user_count = 2;
	assert_true(ouro__access_may(policy, &subject, OURO_ACTION_ROUTES));
	subject.holder = 1;
	for (int action = 0; action < OURO_ACTION_TOKENS; action++)
		assert_true(ouro__access_may(policy, &subject, action));
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_TOKENS));
	assert_false(ouro__access_may(policy, &subject, OURO_ACTION_TOKENS + 1));
	ouro__policy_unref(policy);
	ouro_directory_free(directory);
}

static void test_access_directory__bad_questions(void **state)
{
	ouro_directory *directory = NULL;
	ouro__policy *policy;
	struct ouro__subject holder = {1, NULL, 0, OURO_TOKEN_ALL};
	struct ouro__object object = {.exists = 1, .user_id = 1};
	struct ouro__access_request route = {.step = 9, .prefix = "10.0.0.0/8"};

	(void)state;
	assert_int_equal(load("{}", NULL, &directory, NULL), OURO_OK);
	policy = ouro__directory_policy(directory);
	assert_int_equal(
		ouro__access_decide(policy, &holder, -1, &object, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(
		ouro__access_decide(policy, &holder, 10, &object, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(
		ouro__access_decide(policy, &holder, OURO_ACTION_ROUTES, &object, NULL, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro__access_decide(policy, &holder, OURO_ACTION_ROUTES, &object, &route, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__access_decide(policy, &holder, OURO_ACTION_RENAME, NULL, NULL, NULL),
		OURO_ERR_NOTFOUND);
	assert_false(ouro__access_visible(policy, &holder, NULL));
	assert_true(ouro__access_exit_prefix("0.0.0.0/0"));
	assert_true(ouro__access_exit_prefix("::0/0"));
	assert_false(ouro__access_exit_prefix("10.0.0.0/8"));
	assert_false(ouro__access_exit_prefix("x"));
	assert_false(ouro__access_exit_prefix(NULL));
	ouro__policy_unref(policy);
	ouro_directory_free(directory);
}

static void test_access_directory__reload(void **state)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_directory *directory = NULL;
	ouro__policy *before;
	ouro__policy *after;
	const char *const *users;
	size_t count;

	(void)state;
	assert_int_equal(load("{\"5\": \"mia\"}", NULL, &directory, NULL), OURO_OK);
	before = ouro__directory_policy(directory);
	options.user_map = "{\"0\": \"mia\"}";
	fault_count = 0;
	assert_int_equal(ouro_directory_reload(directory, &options, on_fault, last_where, NULL),
		OURO_ERR_CONFIG);
	assert_int_equal(fault_count, 1);
	assert_int_equal(ouro_directory_count(directory), 1);
	options.user_map = "{}";
	assert_int_equal(ouro_directory_reload(directory, &options, NULL, NULL, NULL), OURO_OK);
	assert_int_equal(ouro_directory_count(directory), 0);
	after = ouro__directory_policy(directory);
	assert_int_equal(ouro__policy_users(before, "github", 5, &users, &count), 1);
	assert_int_equal(ouro__policy_users(after, "github", 5, &users, &count), 0);
	ouro__policy_unref(after);
	ouro__policy_unref(before);
	ouro_directory_free(directory);
}

static atomic_int stop;

static void *read_on(void *user)
{
	ouro_directory *directory = user;
	size_t *wrong = calloc(1, sizeof(*wrong));

	while (wrong && !atomic_load(&stop)) {
		ouro__policy *policy = ouro__directory_policy(directory);
		const char *const *users = NULL;
		size_t count = 0;
		int mapped = ouro__policy_users(policy, "github", 5, &users, &count);

		/* Map and rules belong together: never one of the old and the other of the new. */
		*wrong += !mapped ||
			(strcmp(users[0], "mia") == 0) != (ouro__policy_max_nodes(policy) == 1);
		ouro__policy_unref(policy);
	}
	return wrong;
}

static void test_access_directory__swap_under_load(void **state)
{
	ouro_directory_options one = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_directory_options two = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_directory *directory = NULL;
	pthread_t threads[4];

	(void)state;
	one.user_map = "{\"5\": \"mia\"}";
	one.rules = "{\"max_nodes\": 1}";
	two.user_map = "{\"5\": \"jim\"}";
	two.rules = "{\"max_nodes\": 2}";
	assert_int_equal(ouro_directory_load(&one, NULL, NULL, &directory, NULL), OURO_OK);
	atomic_store(&stop, 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, directory), 0);
	for (int i = 0; i < 500; i++)
		assert_int_equal(
			ouro_directory_reload(directory, i & 1 ? &one : &two, NULL, NULL, NULL),
			OURO_OK);
	atomic_store(&stop, 1);
	for (size_t i = 0; i < 4; i++) {
		void *wrong = NULL;

		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_non_null(wrong);
		assert_int_equal(*(size_t *)wrong, 0);
		free(wrong);
	}
	ouro_directory_free(directory);
}

static void test_access_directory__prefix_text(void **state)
{
	static const char *const pairs[][2] = {{"10.0.0.0/8", "10.0.0.0/8"},
		{"192.0.2.1", "192.0.2.1/32"}, {"2001:DB8:0::/32", "2001:db8::/32"},
		{"::1", "::1/128"}};
	struct ouro__prefix prefix;
	char text[OURO__PREFIX_TEXT_MAX];
	const char *const names[] = {"listen", NULL, "hs_address"};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_true(ouro__prefix_parse_loose(pairs[i][0], &prefix));
		ouro__prefix_text(&prefix, text);
		assert_string_equal(text, pairs[i][1]);
	}
	assert_false(ouro__prefix_parse("192.0.2.1", &prefix));
	assert_string_equal(ouro__fault_nearest("hs_adress", names, 3), "hs_address");
	assert_null(ouro__fault_nearest("x", names, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_access_directory__map),
		cmocka_unit_test(test_access_directory__map_faults),
		cmocka_unit_test(test_access_directory__too_large),
		cmocka_unit_test(test_access_directory__rule_faults),
		cmocka_unit_test(test_access_directory__all_faults),
		cmocka_unit_test(test_access_directory__rules_accepted),
		cmocka_unit_test(test_access_directory__bad_questions),
		cmocka_unit_test(test_access_directory__reload),
		cmocka_unit_test(test_access_directory__swap_under_load),
		cmocka_unit_test(test_access_directory__prefix_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
