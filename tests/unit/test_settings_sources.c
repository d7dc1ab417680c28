/* Where a setting may come from, and which one wins: secret files, systemd's credentials, files that
 * others may read, a file that is none. And what the readers of settings say to wrong questions. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ouroboros/settings.h>

#include "settings/lines.h"

#define BASIC                                                                                      \
	"\"hs_login_url\": \"vpn.example.org\", \"gh_client_id\": \"Iv1.a\","                      \
	" \"user_map\": {\"5\": \"mia\"}"

enum { PATH_ROOM = 256 };

static char folder[PATH_ROOM];
static char said[8192];
static size_t fault_count;

static void keep(const char *where, const char *text)
{
	size_t used = strlen(said);

	(void)snprintf(said + used, sizeof(said) - used, "%s => %s\n", where, text);
}

static void on_fault(void *user, const char *where, const char *text)
{
	(void)user;
	keep(where, text);
	fault_count++;
}

static void on_notice(void *user, const char *where, const char *text)
{
	(void)user;
	keep(where, text);
}

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/ouro-sources-XXXXXX");
	return mkdtemp(folder) && chdir(folder) == 0 && mkdir("creds", 0700) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"cfg.json", "secret", "creds/hs_api_key",
		"creds/session_key", "creds/gh_client_secret"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)remove(names[i]);
	(void)rmdir("creds");
	return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	FILE *out;

	(void)unlink(name);
	out = fopen(name, "w");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(name, mode), 0);
}

static ouro_status load(const char *const *environment, ouro_settings **ret_settings)
{
	ouro_settings_options options = OURO_SETTINGS_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	said[0] = '\0';
	fault_count = 0;
	*ret_settings = NULL;
	options.environment = environment;
	options.fault = on_fault;
	options.notice = on_notice;
	rc = ouro_settings_load(&options, ret_settings, &error);
	assert_int_equal(error.status, rc);
	assert_int_equal(*ret_settings != NULL, rc == OURO_OK);
	return rc;
}

static ouro_settings *works(const char *const *environment)
{
	ouro_settings *settings;

	if (load(environment, &settings) < 0)
		fail_msg("%s", said);
	return settings;
}

/* Exactly one fault, with these words. */
static void fails(const char *const *environment, const char *words)
{
	ouro_settings *settings;

	assert_int_equal(load(environment, &settings), OURO_ERR_CONFIG);
	assert_int_equal(fault_count, 1);
	assert_text_has(said, words);
}

static void test_settings_sources__strongest_secret(void **state)
{
	static const char *const plain[] = {"GH_CLIENT_SECRET=plain", NULL};
	ouro_settings *settings;

	(void)state;
	write_file("secret", "named", 0600);
	write_file("cfg.json", "{" BASIC ", \"gh_client_secret_file\": \"secret\"}", 0600);
	settings = works(NULL);
	assert_string_equal(ouro_settings_text(settings, "gh_client_secret"), "named");
	ouro_settings_free(settings);
	settings = works(plain); /* the environment is stronger than what the file names */
	assert_string_equal(ouro_settings_text(settings, "gh_client_secret"), "plain");
	ouro_settings_free(settings);
	write_file("secret", "in it: a blank\n", 0600);
	fails(NULL, "gh_client_secret => holds a blank");
}

static void test_settings_sources__credentials(void **state)
{
	char directory[4400];
	char key_file[PATH_ROOM + 60];
	const char *const environment[] = {directory, "GH_CLIENT_SECRET=s", NULL};
	const char *const named[] = {directory, key_file, "GH_CLIENT_SECRET=s", NULL};
	ouro_settings *settings;
	size_t used;

	(void)state;
	write_file("cfg.json", "{" BASIC "}", 0600);
	write_file("creds/session_key", "a:x", 0644);
	(void)snprintf(directory, sizeof(directory), "CREDENTIALS_DIRECTORY=creds");
	settings = works(environment); /* not a directory of systemd's: it would be absolute */
	assert_null(ouro_settings_text(settings, "session_key"));
	ouro_settings_free(settings);
	(void)snprintf(directory, sizeof(directory), "CREDENTIALS_DIRECTORY=%s/creds//", folder);
	(void)snprintf(key_file, sizeof(key_file), "SESSION_KEY_FILE=%s/creds/session_key", folder);
	settings = works(named);
	assert_string_equal(ouro_settings_text(settings, "session_key"), "a:x");
	ouro_settings_free(settings);
	/* Beside that directory, or below the root or none: an ordinary file, open to others. */
	(void)snprintf(directory, sizeof(directory), "CREDENTIALS_DIRECTORY=%s/cre", folder);
	fails(named, "open to others");
	(void)snprintf(directory, sizeof(directory), "CREDENTIALS_DIRECTORY=%s/other", folder);
	fails(named, "open to others");
	(void)snprintf(directory, sizeof(directory), "CREDENTIALS_DIRECTORY=/");
	fails(named, "open to others");
	(void)snprintf(directory, sizeof(directory), "CREDENTIALS_DIRECTORY=creds");
	fails(named, "open to others");
	/* Too long for a path: nothing is there. */
	(void)snprintf(directory, sizeof(directory), "CREDENTIALS_DIRECTORY=/");
	used = strlen(directory);
	memset(directory + used, 'x', 4096);
	directory[used + 4096] = '\0';
	settings = works(environment);
	assert_null(ouro_settings_text(settings, "session_key"));
	ouro_settings_free(settings);
}

static void test_settings_sources__broken_credential(void **state)
{
	char directory[PATH_ROOM + 40];
	const char *const environment[] = {directory, "GH_CLIENT_SECRET=s", NULL};

	(void)state;
	(void)snprintf(directory, sizeof(directory), "CREDENTIALS_DIRECTORY=%s/creds", folder);
	write_file("cfg.json", "{" BASIC "}", 0600);
	assert_int_equal(mkdir("creds/session_key", 0700), 0);
	fails(environment, "credential: session_key => ");
	assert_text_has(said, "cannot be read: not a regular file");
	assert_int_equal(rmdir("creds/session_key"), 0);
	write_file("creds/session_key", "", 0600);
	fails(environment, "credential: session_key => ");
	assert_text_has(said, "is empty");
}

static void test_settings_sources__not_a_file(void **state)
{
	(void)state;
	assert_int_equal(mkdir("cfg.json", 0700), 0);
	fails(NULL, "./cfg.json => cannot be read: not a regular file");
	assert_int_equal(rmdir("cfg.json"), 0);
}

/* Others may read the file: only a secret that stands in it is worth a word. */
static void test_settings_sources__shared_file(void **state)
{
	ouro_settings *settings;

	(void)state;
	write_file("secret", "named", 0600);
	write_file("cfg.json", "{" BASIC ", \"gh_client_secret_file\": \"secret\"}", 0640);
	settings = works(NULL);
	assert_null(strstr(said, "others may read"));
	ouro_settings_free(settings);
	write_file("cfg.json", "{" BASIC ", \"gh_client_secret\": \"s\"}", 0604);
	settings = works(NULL);
	assert_text_has(said, "gh_client_secret => a secret in a file that others may read");
	ouro_settings_free(settings);
}

static void test_settings_sources__plaintext(void **state)
{
	static const char *const near[] = {"HS_IS_REMOTE=1", "HS_PLAINTEXT=1", "HS_API_KEY=k",
		"HS_ADDRESS=127.0.0.1:50443", "GH_CLIENT_SECRET=s", NULL};
	static const char *const far[] = {"HS_IS_REMOTE=1", "HS_PLAINTEXT=1", "HS_API_KEY=k",
		"HS_ADDRESS=vpn.example.org:50443", "GH_CLIENT_SECRET=s", NULL};
	ouro_settings *settings;

	(void)state;
	write_file("cfg.json", "{" BASIC "}", 0600);
	settings = works(near); /* nobody is on the way */
	assert_null(strstr(said, "without TLS"));
	ouro_settings_free(settings);
	settings = works(far);
	assert_text_has(said, "environment: hs_plaintext => the API key travels");
	ouro_settings_free(settings);
}

static void test_settings_sources__kinds(void **state)
{
	static const struct {
		const char *more;
		const char *words;
	} cases[] = {
		{"\"hs_is_remote\": {}", "write true or false"},
		{"\"hs_is_remote\": 1.5", "write true or false"},
		{"\"web_threads\": true", "write a number"},
		{"\"web_threads\": [1]", "write a number"},
		{"\"listen\": false", "write a text in quotes"},
		{"\"listen\": [\"127.0.0.1:1\"]", "write a text in quotes"},
		{"\"trusted_proxies\": 5", "write a list of texts"},
		{"\"trusted_proxies\": {}", "write a list of texts"},
		{"\"trusted_proxies\": [\"127.0.0.1,::1\"]", "write a list of texts"},
		{"\"rules\": 5", "write a JSON object"},
		{"\"rules\": true", "write a JSON object"},
	};
	ouro_settings *settings;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[400];

		(void)snprintf(text, sizeof(text), "{" BASIC ", \"gh_client_secret\": \"s\",\n%s}",
			cases[i].more);
		write_file("cfg.json", text, 0600);
		fails(NULL, cases[i].words);
		assert_text_has(said, "cfg.json:2: ");
	}
	write_file("cfg.json",
		"{" BASIC ", \"gh_client_secret\": \"s\", \"hs_is_remote\": false,"
		" \"hs_plaintext\": true, \"trusted_proxies\": []}",
		0600);
	settings = works(NULL);
	assert_int_equal(ouro_settings_number(settings, "hs_is_remote"), 0);
	assert_int_equal(ouro_settings_number(settings, "hs_plaintext"), 1);
	assert_null(ouro_settings_text(settings, "trusted_proxies"));
	ouro_settings_free(settings);
}

static void test_settings_sources__questions(void **state)
{
	static const char *const environment[] = {
		"GH_CLIENT_SECRET=s", "GH_CLIENT_ID=9223372036854775808", NULL};
	ouro_tailnet_options tailnet = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_github_options github = OURO_GITHUB_OPTIONS_INIT;
	ouro_settings_options options = OURO_SETTINGS_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_settings *settings = NULL;

	(void)state;
	options.size = 0;
	assert_int_equal(ouro_settings_load(&options, &settings, &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "size is not set");
	assert_null(settings);
	write_file("cfg.json", "{" BASIC "}", 0600);
	settings = works(environment);
	assert_null(ouro_settings_text(NULL, "listen"));
	assert_null(ouro_settings_text(settings, NULL));
	assert_null(ouro_settings_file(NULL));
	assert_string_equal(ouro_settings_file(settings), "cfg.json");
	assert_int_equal(ouro_settings_number(settings, "listen"), 0); /* not a number */
	assert_int_equal(ouro_settings_number(settings, "session_key"), 0);
	assert_int_equal(ouro_settings_number(settings, "gh_client_id"), 0); /* too large a one */
	ouro_settings_tailnet(NULL, &tailnet);
	ouro_settings_tailnet(settings, NULL);
	ouro_settings_directory(NULL, &directory);
	ouro_settings_directory(settings, NULL);
	ouro_settings_github(NULL, &github);
	ouro_settings_github(settings, NULL);
	assert_null(tailnet.socket_path);
	assert_null(directory.user_map);
	assert_null(github.client_id);
	ouro_settings_free(settings);
}

/* The store's two places, and its URL as the secret that it is. */
static void test_settings_sources__store(void **state)
{
	static const char *const secret_file[] = {"STORE_URL_FILE=secret", "STATE_DIR=state", NULL};
	static const char *const wrong[] = {"STORE_URL=sqlite://secret-word", NULL};
	ouro_store_options options = OURO_STORE_OPTIONS_INIT;
	ouro_settings *settings;

	(void)state;
	write_file("cfg.json", "{" BASIC "}", 0600);
	settings = works((const char *const[]){"GH_CLIENT_SECRET=s", NULL});
	ouro_settings_store(settings, &options);
	assert_null(options.directory);
	assert_null(options.url);
	ouro_settings_store(NULL, &options);
	ouro_settings_store(settings, NULL);
	ouro_settings_free(settings);

	write_file("cfg.json", "{" BASIC ", \"gh_client_secret\": \"s\"}", 0600);
	write_file("secret", "postgres://a:b@c/d\n", 0600);
	settings = works(secret_file);
	ouro_settings_store(settings, &options);
	assert_string_equal(options.directory, "state");
	assert_string_equal(options.url, "postgres://a:b@c/d");
	ouro_settings_free(settings);
	write_file("secret", "postgres://a:b@c/d\n", 0644);
	fails(secret_file, "environment: store_url_file => secret is open to others");
	fails(wrong, "environment: store_url => not a URL of PostgreSQL");
	assert_null(strstr(said, "secret-word"));
	write_file("secret", "x", 0600);
	write_file("cfg.json",
		"{" BASIC ", \"gh_client_secret\": \"s\",\n\"state_dir\": \"secret/a\"}", 0600);
	fails(NULL, "cfg.json:2: state_dir => secret/a is not there and cannot be made in secret");
}

/* Texts that are no JSON are not found in, and not read past. */
static void test_settings_sources__odd_lines(void **state)
{
	static const char unbalanced[] = "}]\n{\"a\":1}";
	static const char with_nul[] = "{\"a\" \0:1,\n\"b\" :2}";
	static const char unended[] = "{\"a\\";

	(void)state;
	assert_int_equal(ouro__line_of_key(unbalanced, sizeof(unbalanced) - 1, "a", NULL), 2);
	assert_int_equal(ouro__line_of_key(with_nul, sizeof(with_nul) - 1, "a", NULL), 0);
	assert_int_equal(ouro__line_of_key(with_nul, sizeof(with_nul) - 1, "b", NULL), 2);
	assert_int_equal(ouro__line_of_key(unended, sizeof(unended) - 1, "a", NULL), 0);
	assert_int_equal(ouro__line_of_key("{\"a\" ", 5, "a", NULL), 0);
	assert_int_equal(ouro__line_of_key("{\"a\" ", 4, "a", NULL), 0);
	assert_int_equal(ouro__line_of_key("", 0, "a", NULL), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_settings_sources__##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(strongest_secret),
		CASE(credentials),
		CASE(broken_credential),
		CASE(not_a_file),
		CASE(shared_file),
		CASE(plaintext),
		CASE(kinds),
		CASE(questions),
		CASE(store),
		CASE(odd_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
