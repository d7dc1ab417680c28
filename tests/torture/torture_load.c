/* What is loaded at start, and sessions, when memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <ouroboros/directory.h>
#include <ouroboros/identity.h>
#include <ouroboros/settings.h>

#include "memory.h"

static const char map[] = "{\"19270622\": \"alice\", \"5\": [\"bob\", \"carol\"], \"7\": \"dora\"}";
static const char rules[] =
	"{\"rename\": false, \"max_nodes\": 5, \"routes\": {\"default\": [\"10.0.0.0/8\"],"
	" \"bob\": [\"192.168.0.0/16\", \"fd00::/8\"], \"carol\": \"none\"}}";

/* NOMEM is the only excuse; a fault of the text would be a lie. */
static int excused(ouro_status rc, const ouro_error *error, int result)
{
	if (rc == OURO_OK)
		return result;
	if (rc != OURO_ERR_NOMEM)
		print_message("%s: %s\n", ouro_status_name(rc), error->text);
	return rc == OURO_ERR_NOMEM && !result && error->status == rc && error->text[0];
}

static int load_directory(void *user)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_directory *directory = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	(void)user;
	options.user_map = map;
	options.rules = rules;
	torture_arm_now();
	rc = ouro_directory_load(&options, NULL, NULL, &directory, &error);
	(void)torture_disarm();
	ouro_directory_free(directory);
	return excused(rc, &error, directory != NULL);
}

static int load_settings(void *user)
{
	static const char *const environment[] = {"LISTEN=127.0.0.1:8080", "LOG_LEVEL=debug", NULL};
	ouro_settings_options options = OURO_SETTINGS_OPTIONS_INIT;
	ouro_settings *settings = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	options.file = user;
	options.environment = environment;
	torture_arm_now();
	rc = ouro_settings_load(&options, &settings, &error);
	(void)torture_disarm();
	if (settings && strcmp(ouro_settings_text(settings, "listen"), "127.0.0.1:8080") != 0)
		return 0;
	ouro_settings_free(settings);
	return excused(rc, &error, settings != NULL);
}

static int sign_in(void *user)
{
	ouro_sessions_options options = OURO_SESSIONS_OPTIONS_INIT;
	ouro_sessions *sessions = NULL;
	ouro_session session = OURO_SESSION_INIT;
	ouro_session opened = OURO_SESSION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX];
	char token[OURO_FORM_TOKEN_MAX];
	ouro_status rc;

	options.audience = "https://vpn.example.org/ouroboros";
	torture_arm_now();
	rc = ouro_sessions_new(&options, &sessions, &error);
	if (rc == OURO_OK)
		rc = ouro_session_begin(sessions, user, &session, text, &error);
	if (rc == OURO_OK)
		rc = ouro_session_open(sessions, text, strlen(text), &opened, renewed, &error);
	if (rc == OURO_OK)
		rc = ouro_session_form_token(sessions, &opened, token, &error);
	if (rc == OURO_OK)
		ouro_session_end(sessions, &opened);
	(void)torture_disarm();
	if (rc == OURO_OK &&
		ouro_session_open(sessions, text, strlen(text), &opened, renewed, &error) !=
			OURO_ERR_EXPIRED)
		return 0; /* ended means ended, memory or not */
	ouro_sessions_free(sessions);
	return rc == OURO_OK || (error.status == rc && error.text[0]);
}

static void torture_load__directory(void **state)
{
	(void)state;
	torture_run("loading a directory", load_directory, NULL);
}

static void torture_load__settings(void **state)
{
	char path[64];
	FILE *file;
	int fd = memfd_create("settings", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	file = fdopen(dup(fd), "w");
	assert_non_null(file);
	(void)fprintf(file,
		"{\"hs_login_url\": \"https://vpn.example.org\", \"gh_client_id\": \"Iv1.0\","
		" \"gh_client_secret\": \"x\","
		" \"trusted_proxies\": [\"127.0.0.1\", \"10.0.0.0/8\"],"
		" \"user_map\": %s, \"rules\": %s}",
		map, rules);
	assert_int_equal(fclose(file), 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	torture_run("loading settings", load_settings, path);
	(void)close(fd);
}

static void torture_load__sessions(void **state)
{
	ouro_identity identity = OURO_IDENTITY_INIT;

	(void)state;
	identity.id = 19270622;
	memcpy(identity.provider, "github", 7);
	memcpy(identity.login, "mia", 4);
	torture_run("signing in", sign_in, &identity);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_load__directory),
		cmocka_unit_test(torture_load__settings),
		cmocka_unit_test(torture_load__sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
