/* The service's secrets for an operator: which variables are added to an environment, and which are left as they are. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "credstore.h"

static char folder[] = "/tmp/ouro-credstore-XXXXXX";

static void put(const char *name, mode_t mode)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY, mode);
	assert_true(fd >= 0);
	(void)close(fd);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	put("ouroboros.gh_client_secret", 0600);
	put("ouroboros.session_key", 0600);
	put("hs_api_key", 0600);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {
		"ouroboros.gh_client_secret", "ouroboros.session_key", "hs_api_key"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

/* The texts that are added to these, a line each. */
static const char *added(const char *const *environment, const char *directory)
{
	static char lines[1024];
	struct cli_credstore credstore = {0};
	size_t i;

	lines[0] = '\0';
	assert_int_equal(cli_credstore_take(&credstore, environment, directory), CLI_OK);
	for (i = 0; environment[i]; i++)
		assert_ptr_equal(credstore.environment[i], environment[i]);
	for (size_t used = 0; credstore.environment[i] && used < sizeof(lines); i++)
		used += (size_t)snprintf(
			lines + used, sizeof(lines) - used, "%s\n", credstore.environment[i]);
	cli_credstore_done(&credstore);
	assert_null(credstore.environment);
	return lines;
}

static void test_cli_credstore__what_is_there_is_named(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const others[] = {"HOME=/", "GH_CLIENT_SECRETS=x", "SESSION_KEY=", NULL};
	char expected[256];

	(void)state;
	(void)snprintf(expected, sizeof(expected),
		"GH_CLIENT_SECRET_FILE=%s/ouroboros.gh_client_secret\n"
		"SESSION_KEY_FILE=%s/ouroboros.session_key\n",
		folder, folder);
	assert_string_equal(added(none, folder), expected);
	assert_string_equal(added(others, folder), expected);
	assert_string_equal(added(none, "/nowhere"), "");
	assert_string_equal(added(none, NULL), "");
}

static void test_cli_credstore__what_is_said_stays(void **state)
{
	static const char *const value[] = {"GH_CLIENT_SECRET=s", NULL};
	static const char *const file[] = {"SESSION_KEY_FILE=/etc/key", NULL};
	static const char *const directory[] = {"CREDENTIALS_DIRECTORY=/run/secrets", NULL};
	char expected[256];

	(void)state;
	(void)snprintf(
		expected, sizeof(expected), "SESSION_KEY_FILE=%s/ouroboros.session_key\n", folder);
	assert_string_equal(added(value, folder), expected);
	(void)snprintf(expected, sizeof(expected),
		"GH_CLIENT_SECRET_FILE=%s/ouroboros.gh_client_secret\n", folder);
	assert_string_equal(added(file, folder), expected);
	assert_string_equal(added(directory, folder), "");
}

static void test_cli_credstore__a_path_that_is_too_long(void **state)
{
	static const char *const none[] = {NULL};
	char directory[256];

	(void)state;
	memset(directory, '/', sizeof(directory));
	memcpy(directory + sizeof(directory) - strlen(folder) - 1, folder, strlen(folder) + 1);
	assert_string_equal(added(none, directory), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cli_credstore__what_is_there_is_named),
		cmocka_unit_test(test_cli_credstore__what_is_said_stays),
		cmocka_unit_test(test_cli_credstore__a_path_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
