/* What is loaded at start, and sessions, when memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <ouroboros/directory.h>
#include <ouroboros/identity.h>
#include <ouroboros/settings.h>

#include "base/buf.h"
#include "memory.h"

static const char map[] = "{\"19270622\": \"alice\", \"5\": [\"bob\", \"carol\"], \"7\": \"dora\"}";
static const char rules[] =
	"{\"rename\": false, \"max_nodes\": 5, \"routes\": {\"default\": [\"10.0.0.0/8\"],"
	" \"bob\": [\"192.168.0.0/16\", \"fd00::/8\"], \"carol\": \"none\"},"
	" \"keys\": {\"longest\": \"7d\"}, \"extend_expiry\": \"90d\", \"tokens\": \"off\","
	" \"keepers\": {\"tag:web\": [\"bob\"], \"tag:db\": {\"users\": [\"carol\"]}}}";

/* A file that cannot be read is a fault of the settings, and says so. */
static int unreadable(ouro_status rc, const ouro_error *error)
{
	const char *call = torture_refused();

	return rc == OURO_ERR_CONFIG && call &&
		(strcmp(call, "read") == 0 || strcmp(call, "fstat") == 0) &&
		strstr(error->text, "cannot be read") != NULL;
}

/* Otherwise NOMEM is the only excuse; a fault of the text would be a lie. */
static int excused(ouro_status rc, const ouro_error *error, int result)
{
	if (rc == OURO_OK)
		return result;
	if (unreadable(rc, error))
		return !result && error->status == rc;
	if (rc != OURO_ERR_NOMEM)
		print_message("%s: %s\n", ouro_status_name(rc), error->text);
	return rc == OURO_ERR_NOMEM && !result && error->status == rc && error->text[0];
}

struct texts {
	const char *map;
	const char *rules;
	size_t people;
};

static int load_directory(void *user)
{
	const struct texts *texts = user;
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_directory *directory = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	options.user_map = texts->map;
	options.rules = texts->rules;
	torture_arm_now();
	rc = ouro_directory_load(&options, NULL, NULL, &directory, &error);
	(void)torture_disarm();
	if (directory && ouro_directory_count(directory) != texts->people)
		return 0;
	ouro_directory_free(directory);
	return excused(rc, &error, directory != NULL);
}

/* What was loaded stays as it was if a reload fails. */
static int reload_directory(void *user)
{
	const struct texts *texts = user;
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_directory *directory = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;
	size_t count;

	options.user_map = "{}";
	rc = ouro_directory_load(&options, NULL, NULL, &directory, &error);
	if (rc < 0)
		return 0;
	options.user_map = texts->map;
	options.rules = texts->rules;
	torture_arm_now();
	rc = ouro_directory_reload(directory, &options, NULL, NULL, &error);
	(void)torture_disarm();
	count = ouro_directory_count(directory);
	ouro_directory_free(directory);
	return count == (rc == OURO_OK ? texts->people : 0) && excused(rc, &error, rc == OURO_OK);
}

/* What the settings are read from, beside the file. */
struct sources {
	const char *file;
	const char *const *environment;
};

static int load_settings(void *user)
{
	const struct sources *sources = user;
	ouro_settings_options options = OURO_SETTINGS_OPTIONS_INIT;
	ouro_settings *settings = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	options.file = sources->file;
	options.environment = sources->environment;
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
	struct texts texts = {map, rules, 3};

	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	torture_run("loading a directory", load_directory, &texts);
	torture_run("loading a directory anew", reload_directory, &texts);
}

/* What makes the arena ask for another block: each time another kind of text or list. */
static const struct shape {
	int people;
	int name_length;
	int routed; /* users with a route rule of their own */
	int routed_length;
	int prefixes; /* of each */
	int kept;     /* tags with keepers */
	int kept_length;
	int keepers; /* of each */
} shapes[] = {
	{170, 4, 0, 0, 0, 0, 0, 0},    /* a name */
	{171, 4, 0, 0, 0, 0, 0, 0},    /* the names of a person */
	{600, 200, 0, 0, 0, 0, 0, 0},  /* any of both */
	{1, 4, 250, 3, 0, 0, 0, 0},    /* the rules of users */
	{1, 4, 60, 250, 0, 0, 0, 0},   /* the name of a user with a rule */
	{1, 4, 60, 3, 200, 0, 0, 0},   /* the prefixes of a rule */
	{90, 30, 90, 30, 30, 0, 0, 0}, /* any of them */
	{1, 4, 0, 0, 0, 250, 4, 1},    /* the keepers of tags */
	{1, 4, 0, 0, 0, 60, 240, 1},   /* a tag with keepers */
	{1, 4, 0, 0, 0, 9, 4, 250},    /* the users who keep one, and a name of them */
};

static void shape_texts(const struct shape *shape, ouro__buf *people, ouro__buf *routes)
{
	for (int i = 1; i <= shape->people; i++)
		ouro__buf_format(
			people, "%s\"%d\":\"%0*d\"", i == 1 ? "{" : ",", i, shape->name_length, i);
	ouro__buf_byte(people, '}');
	ouro__buf_text(routes, "{\"routes\":{\"default\":\"none\"");
	for (int i = 0; i < shape->routed; i++) {
		ouro__buf_format(routes, ",\"%0*d\":[", shape->routed_length, i);
		for (int j = 0; j < shape->prefixes; j++)
			ouro__buf_format(routes, "%s\"10.%d.%d.0/24\"", j ? "," : "", i, j);
		ouro__buf_byte(routes, ']');
	}
	ouro__buf_text(routes, "},\"keepers\":{");
	for (int i = 0; i < shape->kept; i++) {
		ouro__buf_format(routes, "%s\"tag:%0*d\":[", i ? "," : "", shape->kept_length, i);
		for (int j = 0; j < shape->keepers; j++)
			ouro__buf_format(routes, "%s\"%0*d\"", j ? "," : "", 30, j);
		ouro__buf_byte(routes, ']');
	}
	ouro__buf_text(routes, "}}");
	assert_false(people->broken || routes->broken);
}

static void torture_load__large_directories(void **state)
{
	(void)state;
	torture_kinds(TORTURE_MEMORY);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		ouro__buf people = OURO__BUF_INIT(1 << 20);
		ouro__buf routes = OURO__BUF_INIT(1 << 20);
		struct texts texts;

		shape_texts(&shapes[i], &people, &routes);
		texts = (struct texts){
			ouro__buf_str(&people), ouro__buf_str(&routes), (size_t)shapes[i].people};
		torture_run("loading a large directory", load_directory, &texts);
		ouro__buf_done(&people);
		ouro__buf_done(&routes);
	}
}

__attribute__((format(printf, 2, 3))) static void write_file(
	const char *path, const char *format, ...)
{
	FILE *file = fopen(path, "w");
	va_list args;

	assert_non_null(file);
	va_start(args, format);
	(void)vfprintf(file, format, args);
	va_end(args);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void torture_load__settings(void **state)
{
	char folder[] = "/tmp/ouro-torture-XXXXXX";
	char path[64];
	char credential[64];
	char by_file[100];
	char by_directory[100];
	const char *const plain[] = {"LISTEN=127.0.0.1:8080", "LOG_LEVEL=debug", NULL};
	const char *const objects[] = {"LISTEN=127.0.0.1:8080", "RULES={\"rename\": true}", NULL};
	const char *const secret_file[] = {"LISTEN=127.0.0.1:8080", by_file, NULL};
	const char *const credentials[] = {"LISTEN=127.0.0.1:8080", by_directory, NULL};
	const char *const *const environments[] = {plain, objects, secret_file, credentials};

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/cfg.json", folder);
	(void)snprintf(credential, sizeof(credential), "%s/session_key", folder);
	(void)snprintf(by_file, sizeof(by_file), "SESSION_KEY_FILE=%s", credential);
	(void)snprintf(by_directory, sizeof(by_directory), "CREDENTIALS_DIRECTORY=%s", folder);
	write_file(credential, "a:secret\n");
	write_file(path,
		"{\"hs_login_url\": \"https://vpn.example.org\", \"gh_client_id\": \"Iv1.0\","
		" \"gh_client_secret\": \"x\","
		" \"trusted_proxies\": [\"127.0.0.1\", \"10.0.0.0/8\"],"
		" \"user_map\": %s, \"rules\": %s}",
		map, rules);
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	for (size_t i = 0; i < sizeof(environments) / sizeof(environments[0]); i++) {
		struct sources sources = {path, environments[i]};

		torture_run("loading settings", load_settings, &sources);
	}
	assert_int_equal(remove(path), 0);
	assert_int_equal(remove(credential), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void torture_load__sessions(void **state)
{
	ouro_identity identity = OURO_IDENTITY_INIT;

	(void)state;
	identity.id = 19270622;
	memcpy(identity.provider, "github", 7);
	memcpy(identity.login, "mia", 4);
	torture_kinds(TORTURE_MEMORY);
	torture_run("signing in", sign_in, &identity);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_load__directory),
		cmocka_unit_test(torture_load__large_directories),
		cmocka_unit_test(torture_load__settings),
		cmocka_unit_test(torture_load__sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
