/* Walks tests/access: every folder is one decision {rules, request, expect}. */
#include "check.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include <ouroboros/portal.h>

#include "access/access.h"

/* Fewer than this means that folders were lost, not that rules went away. */
enum { FEWEST_CASES = 280, USERS_MAX = 8 };

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
		{"routes", OURO_ACTION_ROUTES}};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (name && strcmp(actions[i].name, name) == 0)
			return actions[i].action;
	fail_msg("unknown action %s", name ? name : "(none)");
	return -1;
}

static int step_of(const char *name)
{
	if (!name)
		return -1;
	if (strcmp(name, "approve") == 0)
		return OURO__ROUTE_APPROVE;
	if (strcmp(name, "withdraw") == 0)
		return OURO__ROUTE_WITHDRAW;
	if (strcmp(name, "forget") == 0)
		return OURO__ROUTE_FORGET;
	fail_msg("unknown step %s", name);
	return -1;
}

static uint64_t number(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static ouro_status decide(const ouro__policy *policy, const json_t *request, ouro_error *error)
{
	struct ouro__access_user users[USERS_MAX] = {{NULL, 0}};
	struct ouro__subject subject = {0, users, 0};
	struct ouro__object object = {0};
	struct ouro__route_request route;
	const json_t *given = json_object_get(request, "object");
	const json_t *list = json_object_get(request, "users");
	const char *action = json_string_value(json_object_get(request, "action"));

	subject.holder = json_is_true(json_object_get(request, "holder"));
	subject.user_count = json_array_size(list);
	assert_true(subject.user_count <= USERS_MAX);
	for (size_t i = 0; i < subject.user_count; i++) {
		users[i].name = json_string_value(json_object_get(json_array_get(list, i), "name"));
		users[i].id = number(json_array_get(list, i), "id");
	}
	object.exists = json_is_object(given);
	object.user_id = number(given, "user_id");
	object.user_name = json_string_value(json_object_get(given, "user_name"));
	object.tagged = json_is_true(json_object_get(given, "tagged"));
	object.own_count = number(request, "own_count");
	route.step = step_of(json_string_value(json_object_get(request, "step")));
	route.prefix = json_string_value(json_object_get(request, "prefix"));
	if (action && strcmp(action, "see") == 0)
		return ouro__access_visible(policy, &subject, &object) ? OURO_OK
								       : OURO_ERR_NOTFOUND;
	return ouro__access_decide(
		policy, &subject, action_of(action), &object, route.prefix ? &route : NULL, error);
}

static void print_fault(void *user, const char *where, const char *text)
{
	print_error("%s: %s: %s\n", (const char *)user, where, text);
}

/* 1 = as expected. */
static int run(char *name, char *notfound, size_t room)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char *rules = read_text(name, "rules");
	char *text = read_text(name, "request");
	char *expect = read_text(name, "expect");
	json_t *request = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ouro__policy *policy = NULL;
	const char *got;
	int right;

	assert_non_null(request);
	options.user_map = "{}";
	options.rules = rules;
	if (ouro__policy_new(&options, print_fault, name, &policy, &error) < 0)
		fail_msg("%s: rules have faults", name);
	got = ouro_status_name(decide(policy, request, &error));
	right = strcmp(got, expect) == 0;
	if (!right)
		print_error("%s: expected %s, got %s (%s)\n", name, expect, got, error.text);
	if (error.status == OURO_ERR_NOTFOUND && !*notfound)
		(void)snprintf(notfound, room, "%s", error.text);
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
	char notfound[256] = "";
	size_t count = 0;
	size_t wrong = 0;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "README.md") == 0)
			continue;
		wrong += !run(entry->d_name, notfound, sizeof(notfound));
		count++;
	}
	(void)closedir(dir);
	print_message("%zu access cases\n", count);
	assert_int_equal(wrong, 0);
	assert_true(count >= FEWEST_CASES);
	assert_string_not_equal(notfound, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_access_cases__all_folders)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
