/* Walks tests/access: every folder is one decision {rules, request, expect}. */
#include "check.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include <ouroboros/tokens.h>

#include "access/access.h"

/* Fewer than this means that folders were lost, not that rules went away. */
enum { FEWEST_CASES = 700, USERS_MAX = 8, TEXT_MAX = 256 };

static const char *const folder = OURO_SOURCE_DIR "/tests/access";

static char *read_text(const char *name, const char *file)
{
	char path[512];
	char *text = calloc(1, 4096);
	FILE *in;
	size_t n;

	assert_non_null(text);
	assert_true(
		snprintf(path, sizeof(path), "%s/%s/%s", folder, name, file) < (int)sizeof(path));
	in = fopen(path, "r");
	if (!in)
		fail_msg("%s: cannot be read", path);
	n = fread(text, 1, 4095, in);
	(void)fclose(in);
	while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
		text[--n] = '\0';
	return text;
}

static int action_of(const char *name)
{
	static const struct {
		const char *name;
		int action;
	} actions[] = {{"see-others", OURO_ACTION_SEE_OTHERS}, {"rename", OURO_ACTION_RENAME},
		{"expire", OURO_ACTION_EXPIRE}, {"delete", OURO_ACTION_DELETE},
		{"register", OURO_ACTION_REGISTER}, {"exit-node", OURO_ACTION_EXIT_NODE},
		{"routes", OURO_ACTION_ROUTES}, {"extend", OURO_ACTION_EXTEND},
		{"keys", OURO_ACTION_KEYS}, {"tokens", OURO_ACTION_TOKENS}};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (name && strcmp(actions[i].name, name) == 0)
			return actions[i].action;
	fail_msg("unknown action %s", name ? name : "(none)");
	return -1;
}

struct word {
	const char *name;
	int value;
};

static int word_of(const struct word *words, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].name, name) == 0)
			return words[i].value;
	fail_msg("unknown word %s", name);
	return -1;
}

static int step_of(int action, const char *name)
{
	static const struct word routes[] = {{"approve", OURO__ROUTE_APPROVE},
		{"withdraw", OURO__ROUTE_WITHDRAW}, {"forget", OURO__ROUTE_FORGET},
		{"keep", OURO__ROUTE_KEEP}};
	static const struct word keys[] = {{"list", OURO__KEY_LIST}, {"create", OURO__KEY_CREATE},
		{"revoke", OURO__KEY_REVOKE}};

	if (!name)
		return -1;
	return action == OURO_ACTION_KEYS ? word_of(keys, 3, name) : word_of(routes, 4, name);
}

/* All of them if the case says nothing. */
static uint32_t scopes_of(const json_t *list)
{
	static const struct word scopes[] = {{"read", (int)OURO_TOKEN_READ},
		{"nodes", (int)OURO_TOKEN_NODES}, {"routes", (int)OURO_TOKEN_ROUTES},
		{"keys", (int)OURO_TOKEN_KEYS}};
	uint32_t bits = 0;

	if (!list)
		return OURO_TOKEN_ALL;
	for (size_t i = 0; i < json_array_size(list); i++)
		bits |= (uint32_t)word_of(scopes, 4, json_string_value(json_array_get(list, i)));
	return bits;
}

static uint64_t number(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* What a request says of the thing that it is about. */
static struct ouro__object object_of(const json_t *given, const char **ret_tags)
{
	const json_t *tags = json_object_get(given, "tags");
	struct ouro__object object = {0};

	object.exists = json_is_object(given);
	object.user_id = number(given, "user_id");
	object.user_name = json_string_value(json_object_get(given, "user_name"));
	object.tagged = json_is_true(json_object_get(given, "tagged"));
	object.tags = ret_tags;
	object.tag_count = json_array_size(tags);
	assert_true(object.tag_count <= USERS_MAX);
	for (size_t i = 0; i < object.tag_count; i++)
		ret_tags[i] = json_string_value(json_array_get(tags, i));
	return object;
}

static struct ouro__access_request details_of(const json_t *request, int action)
{
	const json_t *ahead = json_object_get(request, "ahead");
	struct ouro__access_request details = {0};

	details.step = step_of(action, json_string_value(json_object_get(request, "step")));
	details.prefix = json_string_value(json_object_get(request, "prefix"));
	details.ahead = json_is_string(ahead) ? OURO_TIME_NEVER : json_integer_value(ahead);
	details.reusable = json_is_true(json_object_get(request, "reusable"));
	details.ephemeral = json_is_true(json_object_get(request, "ephemeral"));
	details.alive = number(request, "alive");
	return details;
}

static ouro_status decide(const ouro__policy *policy, const json_t *request, ouro_error *error)
{
	struct ouro__access_user users[USERS_MAX] = {{NULL, 0}};
	const char *tags[USERS_MAX] = {NULL};
	struct ouro__subject subject = {0, users, 0, 0};
	struct ouro__object object = object_of(json_object_get(request, "object"), tags);
	struct ouro__access_request details;
	const json_t *list = json_object_get(request, "users");
	const char *name = json_string_value(json_object_get(request, "action"));
	int action;

	subject.holder = json_is_true(json_object_get(request, "holder"));
	subject.scopes = scopes_of(json_object_get(request, "scopes"));
	subject.user_count = json_array_size(list);
	assert_true(subject.user_count <= USERS_MAX);
	for (size_t i = 0; i < subject.user_count; i++) {
		users[i].name = json_string_value(json_object_get(json_array_get(list, i), "name"));
		users[i].id = number(json_array_get(list, i), "id");
	}
	object.own_count = number(request, "own_count");
	if (name && strcmp(name, "see") == 0)
		return ouro__access_visible(policy, &subject, &object) ? OURO_OK
								       : OURO_ERR_NOTFOUND;
	action = action_of(name);
	details = details_of(request, action);
	return ouro__access_decide(policy, &subject, action, &object, &details, error);
}

static void print_fault(void *user, const char *where, const char *text)
{
	print_error("%s: %s: %s\n", (const char *)user, where, text);
}

/* 1 = as expected. */
static int run(char *name, char (*notfounds)[TEXT_MAX])
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char *rules = read_text(name, "rules");
	char *text = read_text(name, "request");
	char *expect = read_text(name, "expect");
	json_t *request = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ouro__policy *policy = NULL;
	const char *action;
	const char *got;
	char *notfound;
	int right;

	assert_non_null(request);
	action = json_string_value(json_object_get(request, "action"));
	notfound = notfounds[action && strcmp(action, "keys") == 0];
	options.user_map = "{}";
	options.rules = rules;
	if (ouro__policy_new(&options, print_fault, name, &policy, &error) < 0)
		fail_msg("%s: rules have faults", name);
	got = ouro_status_name(decide(policy, request, &error));
	right = strcmp(got, expect) == 0;
	if (!right)
		print_error("%s: expected %s, got %s (%s)\n", name, expect, got, error.text);
	if (error.status == OURO_ERR_NOTFOUND && !*notfound)
		(void)snprintf(notfound, TEXT_MAX, "%s", error.text);
	if (error.status == OURO_ERR_NOTFOUND && strcmp(notfound, error.text) != 0) {
		print_error("%s: a telling text: %s\n", name, error.text);
		right = 0;
	}
	ouro__policy_unref(policy);
	json_decref(request);
	free(expect);
	free(text);
	free(rules);
	return right;
}

static void test_access_cases__all_folders(void **state)
{
	char notfounds[2][TEXT_MAX] = {"", ""}; /* of devices, of keys */
	size_t count = 0;
	size_t wrong = 0;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "README.md") == 0)
			continue;
		wrong += !run(entry->d_name, notfounds);
		count++;
	}
	(void)closedir(dir);
	print_message("%zu access cases\n", count);
	assert_int_equal(wrong, 0);
	assert_true(count >= FEWEST_CASES);
	assert_string_not_equal(notfounds[0], "");
	assert_string_not_equal(notfounds[1], "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_access_cases__all_folders)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
