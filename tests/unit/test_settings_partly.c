/* Settings with faults, for whoever wants to know what else is wrong. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "settings/partly.h"

static char path[] = "/tmp/ouro-partly-XXXXXX";
static size_t faults;

static void on_fault(void *user, const char *where, const char *text)
{
	(void)user;
	(void)where;
	(void)text;
	faults++;
}

static ouro_settings *load(const char *text)
{
	ouro_settings_options options = OURO_SETTINGS_OPTIONS_INIT;
	ouro_settings *settings = NULL;
	ouro_error error = OURO_ERROR_INIT;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	faults = 0;
	options.file = path;
	options.fault = on_fault;
	assert_int_equal(ouro_settings_load(&options, &settings, NULL), OURO_ERR_CONFIG);
	assert_null(settings);
	faults = 0;
	assert_int_equal(ouro__settings_load_partly(&options, &settings, &error), OURO_ERR_CONFIG);
	assert_int_equal(error.status, OURO_ERR_CONFIG);
	assert_non_null(settings);
	return settings;
}

static void test_settings_partly__what_is_sound(void **state)
{
	ouro_settings *settings = load("{\"hs_login_url\": \"https://vpn.example.org\","
				       " \"listen\": \"nowhere\", \"hs_adress\": 1}");

	(void)state;
	assert_int_equal(faults, 5); /* listen, the unknown one, and three that are required */
	assert_string_equal(
		ouro_settings_text(settings, "hs_login_url"), "https://vpn.example.org");
	assert_string_equal(
		ouro_settings_text(settings, "base_url"), "https://vpn.example.org/ouroboros");
	assert_null(ouro_settings_text(settings, "listen"));
	assert_true(ouro__settings_faulty(settings, "listen"));
	assert_false(ouro__settings_faulty(settings, "hs_login_url"));
	assert_false(ouro__settings_faulty(settings, "user_map"));
	assert_false(ouro__settings_faulty(settings, "no_such_key"));
	assert_string_equal(ouro_settings_text(settings, "log_level"), "info");
	assert_string_equal(ouro_settings_file(settings), path);
	ouro_settings_free(settings);
}

static void test_settings_partly__nothing_is_sound(void **state)
{
	ouro_settings *settings = load("{");

	(void)state;
	assert_int_equal(faults, 1);
	assert_null(ouro_settings_text(settings, "hs_socket"));
	assert_null(ouro_settings_text(settings, "log_level"));
	ouro_settings_free(settings);
}

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd >= 0 ? close(fd) : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_partly__what_is_sound),
		cmocka_unit_test(test_settings_partly__nothing_is_sound),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
