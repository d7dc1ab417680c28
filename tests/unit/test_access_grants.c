/* The rules keys, extend_expiry, tokens and keepers: what they may say, what they say when they say nothing, and what is told about
 * every fault. What follows from them stands in tests/access. */
#include "check.h"

#include <stdio.h>

#include <ouroboros/tokens.h>

#include "access/access.h"
#include "base/buf.h"

#define DAY INT64_C(86400)

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
static ouro__policy *make(const char *rules, struct seen *seen)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro__policy *made = NULL;
	ouro_status rc;

	memset(seen, 0, sizeof(*seen));
	options.user_map = "{}";
	options.rules = rules;
	rc = ouro__policy_new(&options, on_fault, seen, &made, NULL);
	assert_int_equal(rc, seen->count ? OURO_ERR_CONFIG : OURO_OK);
	return made;
}

static ouro__policy *sound(const char *rules)
{
	struct seen seen;
	ouro__policy *policy = make(rules, &seen);

	if (!policy)
		fail_msg("%s: %s: %s", rules, seen.where, seen.text);
	return policy;
}

static void fault(const char *rules, const char *where, const char *word)
{
	struct seen seen;

	if (make(rules, &seen))
		fail_msg("accepted: %s", rules);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.where, where);
	assert_text_has(seen.text, word);
}

static void test_access_grants__defaults(void **state)
{
	ouro__policy *policy = sound(NULL);
	int never = 9;

	(void)state;
	assert_int_equal(ouro__policy_keys(policy)->longest, 0);
	assert_int_equal(ouro__policy_extend(policy, &never), 0);
	assert_int_equal(never, 0);
	assert_int_equal(ouro__policy_token_life(policy), 365 * DAY);
	ouro__policy_unref(policy);
}

static void test_access_grants__values(void **state)
{
	ouro__policy *policy = sound("{\"keys\": {\"longest\": \"36h\", \"reusable\": true},"
				     "\"extend_expiry\": {\"longest\": \"90d\", \"never\": true},"
				     "\"tokens\": \"1h\"}");
	int never = 0;

	(void)state;
	assert_int_equal(ouro__policy_keys(policy)->longest, 36 * 3600);
	assert_int_equal(ouro__policy_keys(policy)->reusable, 1);
	assert_int_equal(ouro__policy_keys(policy)->ephemeral, 0);
	assert_int_equal(ouro__policy_keys(policy)->alive, 10);
	assert_int_equal(ouro__policy_extend(policy, &never), 90 * DAY);
	assert_int_equal(never, 1);
	assert_int_equal(ouro__policy_token_life(policy), 3600);
	ouro__policy_unref(policy);
	policy = sound("{\"keys\": {\"longest\": \"7d\", \"ephemeral\": true, \"alive\": 1},"
		       "\"extend_expiry\": \"3650d\", \"tokens\": \"off\"}");
	assert_int_equal(ouro__policy_keys(policy)->ephemeral, 1);
	assert_int_equal(ouro__policy_keys(policy)->reusable, 0);
	assert_int_equal(ouro__policy_keys(policy)->alive, 1);
	assert_int_equal(ouro__policy_extend(policy, NULL), 3650 * DAY);
	assert_int_equal(ouro__policy_token_life(policy), 0);
	ouro__policy_unref(policy);
}

static void test_access_grants__times(void **state)
{
	static const char *const bad[] = {"\"\"", "\"d\"", "\"0d\"", "\"0h\"", "\"90\"", "\"90 d\"",
		"\"090d\"", "\"+1d\"", "\"-1d\"", "\"1.5d\"", "\"1D\"", "\"1w\"", "\"3651d\"",
		"\"87601h\"", "\"18446744073709551616d\"", "\"18446744073709551615h\"", "90",
		"true", "null", "[]", "\"on\"", "\"OFF\""};
	char rules[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(rules, sizeof(rules), "{\"tokens\": %s}", bad[i]);
		fault(rules, "rules.tokens", "\"off\", or the longest time");
		(void)snprintf(rules, sizeof(rules), "{\"extend_expiry\": %s}", bad[i]);
		fault(rules, "rules.extend_expiry", "\"off\", or the longest time");
		(void)snprintf(rules, sizeof(rules), "{\"keys\": {\"longest\": %s}}", bad[i]);
		fault(rules, "rules.keys.longest", "from \"1h\" to \"3650d\"");
	}
	ouro__policy_unref(sound("{\"tokens\": \"87600h\"}"));
}

static void test_access_grants__faults(void **state)
{
	(void)state;
	fault("{\"tokens\": {}}", "rules.tokens", "\"off\"");
	fault("{\"keys\": \"7d\"}", "rules.keys", "{\"longest\": \"7d\"}");
	fault("{\"keys\": true}", "rules.keys", "\"off\", or an object");
	fault("{\"keys\": {}}", "rules.keys", "lacks the longest time");
	fault("{\"keys\": {\"longest\": \"7d\", \"reusable\": 1}}", "rules.keys.reusable",
		"true or false");
	fault("{\"keys\": {\"longest\": \"7d\", \"ephemeral\": \"true\"}}", "rules.keys.ephemeral",
		"true or false");
	fault("{\"keys\": {\"longest\": \"7d\", \"alive\": 0}}", "rules.keys.alive", "from 1");
	fault("{\"keys\": {\"longest\": \"7d\", \"alive\": \"3\"}}", "rules.keys.alive", "from 1");
	fault("{\"keys\": {\"longest\": \"7d\", \"alife\": 3}}", "rules.keys.alife",
		"did you mean alive?");
	fault("{\"extend_expiry\": {}}", "rules.extend_expiry", "lacks the longest time");
	fault("{\"extend_expiry\": {\"never\": true}}", "rules.extend_expiry",
		"lacks the longest time");
	fault("{\"extend_expiry\": {\"longest\": \"1d\", \"never\": \"no\"}}",
		"rules.extend_expiry.never", "true or false");
	fault("{\"extend_expiry\": {\"longest\": \"1d\", \"ever\": true}}",
		"rules.extend_expiry.ever", "did you mean never?");
}

static void test_access_grants__keeper_faults(void **state)
{
	char rules[600];

	(void)state;
	(void)snprintf(rules, sizeof(rules), "{\"keepers\": {\"tag:%0252d\": [\"mia\"]}}", 1);
	assert_null(make(rules, &(struct seen){0}));
	(void)snprintf(rules, sizeof(rules), "{\"keepers\": {\"tag:%0251d\": [\"mia\"]}}", 1);
	ouro__policy_unref(sound(rules));
	fault("{\"keepers\": []}", "rules.keepers", "{\"tag:printer\": [\"mia\"]}");
	fault("{\"keepers\": {\"printer\": [\"mia\"]}}", "rules.keepers.printer", "not a tag");
	fault("{\"keepers\": {\"tag:\": [\"mia\"]}}", "rules.keepers.tag:", "not a tag");
	fault("{\"keepers\": {\"tag:a b\": [\"mia\"]}}", "rules.keepers.tag:a b", "a space");
	fault("{\"keepers\": {\"tag:a\x7f\": [\"mia\"]}}", "rules.keepers.tag:a ",
		"a control character");
	fault("{\"keepers\": {\"tag:a\": \"mia\"}}", "rules.keepers.tag:a", "write a list");
	fault("{\"keepers\": {\"tag:a\": []}}", "rules.keepers.tag:a", "write a list of 1 to 256");
	fault("{\"keepers\": {\"tag:a\": [\"\"]}}", "rules.keepers.tag:a[0]", "empty");
	fault("{\"keepers\": {\"tag:a\": [\"mia\", 5]}}", "rules.keepers.tag:a[1]", "not a text");
	fault("{\"keepers\": {\"tag:a\": [\"mia\", \"tom\", \"mia\"]}}", "rules.keepers.tag:a[2]",
		"twice");
	fault("{\"keepers\": {\"tag:a\": {\"remove\": true}}}", "rules.keepers.tag:a.users",
		"write a list");
	fault("{\"keepers\": {\"tag:a\": {\"users\": [\"mia\"], \"remove\": 1}}}",
		"rules.keepers.tag:a.remove", "true or false");
	fault("{\"keepers\": {\"tag:a\": {\"users\": [\"mia\"], \"removed\": true}}}",
		"rules.keepers.tag:a.removed", "did you mean remove?");
}

/* As many as may be, each found; one more is refused. */
static void test_access_grants__many_keepers(void **state)
{
	ouro__buf rules = OURO__BUF_INIT(64 * 1024);
	struct ouro__access_user user = {"", 7};
	struct ouro__subject subject = {0, &user, 1, OURO_TOKEN_ALL};
	const char *tag = "tag:t";
	struct ouro__object object = {.exists = 1, .tagged = 1, .tags = &tag, .tag_count = 1};
	ouro__policy *policy;
	char name[16];

	(void)state;
	for (int most = OURO__POLICY_KEEPERS_MAX; most <= OURO__POLICY_KEEPERS_MAX + 1; most++) {
		ouro__buf_clear(&rules);
		ouro__buf_text(&rules, "{\"keepers\": {\"tag:z\": [\"zoe\"], \"tag:t\": [");
		for (int i = 0; i < most; i++)
			ouro__buf_format(&rules, "%s\"u%d\"", i ? "," : "", i);
		ouro__buf_text(&rules, "], \"tag:a\": [\"ann\"]}}");
		assert_false(rules.broken);
		if (most > OURO__POLICY_KEEPERS_MAX) {
			fault(ouro__buf_str(&rules), "rules.keepers.tag:t", "1 to 256");
			break;
		}
		policy = sound(ouro__buf_str(&rules));
		user.name = name;
		for (int i = 0; i <= most; i++) {
			(void)snprintf(name, sizeof(name), "u%d", i);
			assert_int_equal(ouro__access_keeps(policy, &subject, &object), i < most);
		}
		user.name = "ann";
		assert_false(ouro__access_keeps(policy, &subject, &object));
		tag = "tag:a";
		assert_true(ouro__access_keeps(policy, &subject, &object));
		tag = "tag:t";
		ouro__policy_unref(policy);
	}
	ouro__buf_done(&rules);
}

/* Whose own it is does not keep it, the holder keeps nothing, and there is nothing to keep where nothing is. */
static void test_access_grants__keeping_is_not_owning(void **state)
{
	static const char *const tags[] = {"tag:a"};
	static const struct ouro__access_user mia[] = {{"mia", 7}};
	struct ouro__subject subject = {0, mia, 1, OURO_TOKEN_ALL};
	struct ouro__object object = {.exists = 1, .user_id = 7, .tags = tags, .tag_count = 1};
	ouro__policy *policy = sound("{\"keepers\": {\"tag:a\": [\"mia\"]}}");
	ouro__policy *none = sound("{}");

	(void)state;
	assert_false(ouro__access_keeps(policy, &subject, &object));
	object.user_id = 8;
	assert_true(ouro__access_keeps(policy, &subject, &object));
	assert_false(ouro__access_owns(&subject, &object));
	assert_false(ouro__access_keeps(none, &subject, &object));
	assert_false(ouro__access_keeps(policy, &subject, NULL));
	subject.holder = 1;
	assert_false(ouro__access_keeps(policy, &subject, &object));
	subject.holder = 0;
	object.exists = 0;
	assert_false(ouro__access_keeps(policy, &subject, &object));
	ouro__policy_unref(none);
	ouro__policy_unref(policy);
}

/* What is refused says which scope is missing, or what the rule allows. */
static void test_access_grants__words(void **state)
{
	static const struct ouro__access_user mia[] = {{"mia", 7}};
	static const struct ouro__object own = {.exists = 1, .user_id = 7};
	struct ouro__subject subject = {0, mia, 1, OURO_TOKEN_READ};
	struct ouro__access_request request = {.step = OURO__KEY_CREATE, .ahead = 100 * DAY};
	ouro__policy *policy =
		sound("{\"keys\": {\"longest\": \"36h\"}, \"extend_expiry\": \"90d\"}");
	static const struct {
		int action;
		const char *word;
	} lacks[] = {{OURO_ACTION_RENAME, "lacks the scope nodes"},
		{OURO_ACTION_EXIT_NODE, "lacks the scope routes"},
		{OURO_ACTION_KEYS, "lacks the scope keys"}};

	(void)state;
	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++) {
		ouro_error error = OURO_ERROR_INIT;

		assert_int_equal(ouro__access_decide(
					 policy, &subject, lacks[i].action, &own, &request, &error),
			OURO_ERR_DENIED);
		assert_text_has(error.text, lacks[i].word);
	}
	subject.scopes = OURO_TOKEN_NODES | OURO_TOKEN_KEYS;
	for (int action = OURO_ACTION_EXTEND; action <= OURO_ACTION_KEYS; action++) {
		ouro_error error = OURO_ERROR_INIT;

		assert_int_equal(
			ouro__access_decide(policy, &subject, action, &own, &request, &error),
			OURO_ERR_DENIED);
		assert_text_has(error.text,
			action == OURO_ACTION_EXTEND ? "90 days that the rule extend_expiry"
						     : "36 hours that the rule keys");
	}
	ouro__policy_unref(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_access_grants__defaults),
		cmocka_unit_test(test_access_grants__values),
		cmocka_unit_test(test_access_grants__times),
		cmocka_unit_test(test_access_grants__faults),
		cmocka_unit_test(test_access_grants__keeper_faults),
		cmocka_unit_test(test_access_grants__many_keepers),
		cmocka_unit_test(test_access_grants__keeping_is_not_owning),
		cmocka_unit_test(test_access_grants__words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
