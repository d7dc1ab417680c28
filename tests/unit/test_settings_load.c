/* Settings: the seed's deployment, sources and their order, every fault with its place, notices, filling options. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ouroboros/settings.h>

#include "settings/lines.h"

enum { LOG_MAX = 16 * 1024, PATH_ROOM = 256 };

static char faults[LOG_MAX];
static char notices[LOG_MAX];
static size_t fault_count;
static char folder[PATH_ROOM];

static void append(char *to, const char *where, const char *text)
{
	const char *const parts[] = {where, " => ", text, "\n"};

	for (size_t i = 0; i < 4; i++) {
		size_t used = strlen(to);
		size_t length = strlen(parts[i]);

		assert_true(used + length < LOG_MAX);
		memcpy(to + used, parts[i], length + 1);
	}
}

static void on_fault(void *user, const char *where, const char *text)
{
	assert_ptr_equal(user, faults);
	append(faults, where, text);
	fault_count++;
}

static void on_notice(void *user, const char *where, const char *text)
{
	assert_ptr_equal(user, faults);
	append(notices, where, text);
}

static ouro_status load(const char *file, const char *const *environment,
	ouro_settings **ret_settings, ouro_error *error)
{
	ouro_settings_options options = OURO_SETTINGS_OPTIONS_INIT;

	faults[0] = '\0';
	notices[0] = '\0';
	fault_count = 0;
	options.file = file;
	options.environment = environment;
	options.fault = on_fault;
	options.notice = on_notice;
	options.user = faults;
	return ouro_settings_load(&options, ret_settings, error);
}

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/ouro-settings-XXXXXX");
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"cfg.json", "other.json", "secret", "creds/hs_api_key",
		"creds/session_key", "ca.pem"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(names[i]);
	(void)rmdir("creds");
	if (chdir("/") != 0)
		return -1;
	return rmdir(folder);
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

static void has(const char *where, const char *text)
{
	if (!strstr(where, text))
		fail_msg("\"%s\" is not in:\n%s", text, where);
}

#define BASIC                                                                                      \
	"\"hs_login_url\": \"vpn.example.org\", \"gh_client_id\": \"Iv1.a\", \"gh_client_secret\": \"s\", \"user_map\": {\"5\": \"mia\"}"

/* Loads {BASIC, more} and expects it to work. */
static ouro_settings *works(const char *more, const char *const *environment)
{
	char text[4096];
	ouro_settings *settings = NULL;

	(void)snprintf(text, sizeof(text), "{" BASIC "%s%s}\n", *more ? ",\n" : "", more);
	write_file("cfg.json", text, 0600);
	if (load(NULL, environment, &settings, NULL) < 0)
		fail_msg("%s", faults);
	assert_int_equal(fault_count, 0);
	return settings;
}

/* Loads {BASIC,\n more} and expects exactly one fault there. */
static void fails(const char *more, const char *where, const char *word)
{
	char text[4096];
	ouro_settings *settings = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)snprintf(text, sizeof(text), "{" BASIC ",\n%s}\n", more);
	write_file("cfg.json", text, 0600);
	assert_int_equal(load(NULL, NULL, &settings, &error), OURO_ERR_CONFIG);
	assert_null(settings);
	has(faults, where);
	has(faults, word);
	if (fault_count != 1)
		fail_msg("%zu faults:\n%s", fault_count, faults);
	assert_int_equal(error.status, OURO_ERR_CONFIG);
	assert_int_equal(strncmp(error.text, where, strlen(where)), 0);
}

static void test_settings_load__seed_environment(void **state)
{
	static const char *const environment[] = {"PATH=/bin", "HS_IS_REMOTE=true",
		"HS_ADDRESS=my.server.com:443", "HS_API_KEY=key", "HS_LOGIN_URL=my.server.com",
		"GH_CLIENT_ID=id", "GH_CLIENT_SECRET=secret", "USER_MAP={ \"19270622\": \"sink\" }",
		"HS_ADRESS=not looked at", NULL};
	ouro_settings *settings = NULL;
	ouro_tailnet_options tailnet = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_github_options github = OURO_GITHUB_OPTIONS_INIT;
	ouro_directory *made = NULL;

	(void)state;
	if (load(NULL, environment, &settings, NULL) < 0)
		fail_msg("%s", faults);
	assert_null(ouro_settings_file(settings));
	assert_int_equal(ouro_settings_number(settings, "hs_is_remote"), 1);
	assert_string_equal(ouro_settings_text(settings, "hs_login_url"), "https://my.server.com");
	assert_string_equal(
		ouro_settings_text(settings, "base_url"), "https://my.server.com/ouroboros");
	assert_string_equal(ouro_settings_text(settings, "user_map"), "{\"19270622\":\"sink\"}");
	assert_string_equal(ouro_settings_text(settings, "rules"), "{}");
	assert_string_equal(ouro_settings_text(settings, "listen"), "127.0.0.1:8080");
	assert_string_equal(ouro_settings_text(settings, "log_level"), "info");
	assert_int_equal(ouro_settings_number(settings, "web_threads"), 32);
	assert_null(ouro_settings_text(settings, "session_key"));
	assert_null(ouro_settings_text(settings, "no_such_key"));
	assert_int_equal(ouro_settings_number(settings, "no_such_key"), 0);
	ouro_settings_tailnet(settings, &tailnet);
	assert_string_equal(tailnet.address, "my.server.com:443");
	assert_string_equal(tailnet.api_key, "key");
	assert_int_equal(tailnet.plaintext, 0);
	assert_int_equal(tailnet.transport, OURO_TRANSPORT_AUTO);
	assert_null(tailnet.ca_file);
	assert_string_equal(tailnet.login_url, ouro_settings_text(settings, "hs_login_url"));
	assert_null(tailnet.assume);
	ouro_settings_directory(settings, &directory);
	assert_int_equal(ouro_directory_load(&directory, NULL, NULL, &made, NULL), OURO_OK);
	assert_int_equal(ouro_directory_count(made), 1);
	ouro_directory_free(made);
	ouro_settings_github(settings, &github);
	assert_string_equal(github.client_id, "id");
	assert_string_equal(github.client_secret, "secret");
	assert_string_equal(github.url, "https://github.com");
	assert_null(github.api_url);
	has(notices, "session_key");
	ouro_settings_free(settings);
	ouro_settings_free(NULL);
}

static void test_settings_load__seed_file(void **state)
{
	ouro_settings *settings;
	ouro_tailnet_options tailnet = OURO_TAILNET_OPTIONS_INIT;

	(void)state;
	settings = works(
		"\"hs_is_remote\": false, \"hs_address\": \"\", \"hs_bin_path\": \"headscale\", \"hs_socket\": \"/run/hs.sock\"",
		NULL);
	assert_string_equal(ouro_settings_file(settings), "cfg.json");
	has(notices, "cfg.json:2: hs_bin_path => ignored");
	ouro_settings_tailnet(settings, &tailnet);
	assert_null(tailnet.address);
	assert_null(tailnet.api_key);
	assert_string_equal(tailnet.socket_path, "/run/hs.sock");
	ouro_settings_free(settings);
}

static void test_settings_load__environment_wins(void **state)
{
	static const char *const environment[] = {"LISTEN=127.0.0.1:9", "LOG_LEVEL=DEBUG",
		"HS_SOCKET=", "RULES={\"rename\":false}", "listen=127.0.0.1:10", "WEB_THREADS=64",
		"LISTEN=second", NULL};
	ouro_settings *settings;

	(void)state;
	settings = works(
		"\"listen\": \"127.0.0.1:8\", \"hs_socket\": \"/run/x\", \"rules\": {\"expire\": false}",
		environment);
	assert_string_equal(ouro_settings_text(settings, "listen"), "127.0.0.1:9");
	assert_string_equal(ouro_settings_text(settings, "log_level"), "debug");
	assert_string_equal(
		ouro_settings_text(settings, "hs_socket"), "/run/x"); /* empty is unset */
	assert_string_equal(ouro_settings_text(settings, "rules"), "{\"rename\":false}");
	assert_int_equal(ouro_settings_number(settings, "web_threads"), 64);
	ouro_settings_free(settings);
}

static void test_settings_load__values(void **state)
{
	ouro_settings *settings;
	ouro_tailnet_options tailnet = OURO_TAILNET_OPTIONS_INIT;

	(void)state;
	write_file("ca.pem", "x", 0644);
	settings = works(
		"\"hs_is_remote\": \"True\", \"hs_address\": \"[2001:db8::1]:50443\", \"hs_api_key\": \"k\", \"hs_plaintext\": 1,"
		"\"hs_transport\": \"grpc\", \"hs_ca_file\": \"ca.pem\", \"trusted_proxies\": [\"127.0.0.1\", \"10.0.0.0/8\", \"::1\"],"
		"\"base_url\": \"http://localhost:8080/ouro/\", \"github_url\": \"https://git.example.org/\", \"web_threads\": 8,"
		"\"state_dir\": null, \"session_key\": \"a:b\"",
		NULL);
	assert_string_equal(
		ouro_settings_text(settings, "trusted_proxies"), "127.0.0.1/32,10.0.0.0/8,::1/128");
	assert_string_equal(ouro_settings_text(settings, "base_url"), "http://localhost:8080/ouro");
	assert_string_equal(ouro_settings_text(settings, "github_url"), "https://git.example.org");
	assert_int_equal(ouro_settings_number(settings, "web_threads"), 8);
	assert_null(ouro_settings_text(settings, "state_dir"));
	ouro_settings_tailnet(settings, &tailnet);
	assert_string_equal(tailnet.address, "[2001:db8::1]:50443");
	assert_string_equal(tailnet.ca_file, "ca.pem");
	assert_int_equal(tailnet.plaintext, 1);
	assert_int_equal(tailnet.transport, OURO_TRANSPORT_GRPC);
	has(notices, "hs_plaintext => the API key travels");
	ouro_settings_free(settings);
	settings = works(
		"\"trusted_proxies\": \" 192.0.2.1 , 198.51.100.0/24\", \"hs_transport\": \"http\", \"hs_address\": \"x:1\","
		"\"hs_assume\": \"v0.27.1\"",
		NULL);
	assert_string_equal(
		ouro_settings_text(settings, "trusted_proxies"), "192.0.2.1/32,198.51.100.0/24");
	has(notices, "hs_address => ignored");
	ouro_settings_tailnet(settings, &tailnet);
	assert_int_equal(tailnet.transport, OURO_TRANSPORT_HTTP);
	assert_string_equal(tailnet.assume, "0.27.1");
	assert_non_null(tailnet.login_url); /* for its public pages, on the socket too */
	ouro_settings_free(settings);
	settings = works("\"hs_assume\": \"0.30\"", NULL);
	assert_string_equal(ouro_settings_text(settings, "hs_assume"), "0.30");
	ouro_settings_free(settings);
}

static void test_settings_load__login_url(void **state)
{
	static const struct {
		const char *given;
		const char *login;
		const char *base;
		const char *notice;
	} cases[] = {
		{"vpn.example.org", "https://vpn.example.org", "https://vpn.example.org/ouroboros",
			""},
		{"https://vpn.example.org/", "https://vpn.example.org",
			"https://vpn.example.org/ouroboros", ""},
		{"vpn.example.org:8443", "https://vpn.example.org:8443",
			"https://vpn.example.org:8443/ouroboros", ""},
		{"https://vpn.example.org/hs/", "https://vpn.example.org/hs",
			"https://vpn.example.org/ouroboros", ""},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080",
			"http://127.0.0.1:8080/ouroboros", ""},
		{"http://vpn.example.org:8080", "http://vpn.example.org:8080",
			"https://vpn.example.org/ouroboros", "without TLS"},
		{"http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080",
			"https://[2001:db8::1]/ouroboros", "without TLS"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char variable[128];
		const char *const environment[] = {variable, NULL};
		ouro_settings *settings;

		(void)snprintf(variable, sizeof(variable), "HS_LOGIN_URL=%s", cases[i].given);
		settings = works("", environment);
		assert_string_equal(ouro_settings_text(settings, "hs_login_url"), cases[i].login);
		assert_string_equal(ouro_settings_text(settings, "base_url"), cases[i].base);
		has(notices, cases[i].notice);
		ouro_settings_free(settings);
	}
}

static void test_settings_load__faults(void **state)
{
	(void)state;
	fails("\"hs_adress\": \"x\"", "cfg.json:2: hs_adress", "did you mean hs_address?");
	fails("\"Listen\": \"x\"", "cfg.json:2: Listen", "did you mean listen?");
	fails("\n\"hs_is_remote\": \"maybe\"", "cfg.json:3: hs_is_remote", "true or false");
	fails("\"hs_is_remote\": 2", "cfg.json:2: hs_is_remote", "true or false");
	fails("\"hs_is_remote\": []", "cfg.json:2: hs_is_remote", "true or false");
	fails("\"listen\": 8080", "cfg.json:2: listen", "text in quotes");
	fails("\"listen\": \"8080\"", "cfg.json:2: listen", "ADDRESS:PORT");
	fails("\"listen\": \"127.0.0.1:65536\"", "cfg.json:2: listen", "ADDRESS:PORT");
	fails("\"listen\": \"vpn.example.org:80\"", "cfg.json:2: listen", "numeric");
	fails("\"hs_address\": \"https://x:443\"", "cfg.json:2: hs_address", "without https://");
	fails("\"hs_address\": \"x:0\"", "cfg.json:2: hs_address", "port");
	fails("\"hs_address\": \"a b:1\"", "cfg.json:2: hs_address", "port");
	fails("\"hs_api_key\": \"two words\"", "cfg.json:2: hs_api_key", "blank");
	fails("\"hs_transport\": \"grcp\"", "cfg.json:2: hs_transport", "did you mean grpc?");
	fails("\"hs_assume\": \"newest\"", "cfg.json:2: hs_assume", "like 0.30");
	fails("\"hs_assume\": \"v\"", "cfg.json:2: hs_assume", "like 0.30");
	fails("\"hs_assume\": \"30\"", "cfg.json:2: hs_assume", "like 0.30");
	fails("\"hs_assume\": \"0.\"", "cfg.json:2: hs_assume", "like 0.30");
	fails("\"hs_assume\": \"0.30.\"", "cfg.json:2: hs_assume", "like 0.30");
	fails("\"hs_assume\": \"0.30.1.2\"", "cfg.json:2: hs_assume", "like 0.30");
	fails("\"hs_assume\": \"0.3000\"", "cfg.json:2: hs_assume", "like 0.30");
	fails("\"hs_assume\": \"0.30-beta\"", "cfg.json:2: hs_assume", "like 0.30");
	fails("\"hs_assume\": 0.30", "cfg.json:2: hs_assume", "text in quotes");
	fails("\"log_level\": \"loud\"", "cfg.json:2: log_level", "did you mean");
	fails("\"base_url\": \"http://vpn.example.org/ouroboros\"", "cfg.json:2: base_url",
		"https://");
	fails("\"base_url\": \"vpn.example.org\"", "cfg.json:2: base_url", "not a URL");
	fails("\"base_url\": \"https://vpn.example.org/a?b\"", "cfg.json:2: base_url", "not a URL");
	fails("\"base_url\": \"https://u:p@vpn.example.org/\"", "cfg.json:2: base_url",
		"not a URL");
	fails("\"base_url\": \"https://vpn.example.org/a/../b\"", "cfg.json:2: base_url",
		"not a URL");
	fails("\"trusted_proxies\": \"10.0.0.1/8\"", "cfg.json:2: trusted_proxies", "host bits");
	fails("\"trusted_proxies\": [\"10.0.0.0/8\", 5]", "cfg.json:2: trusted_proxies",
		"list of texts");
	fails("\"trusted_proxies\": [\"0.0.0.0/0\"]", "cfg.json:2: trusted_proxies",
		"trust everybody");
	fails("\"trusted_proxies\": \"127.0.0.1,,10.0.0.0/8\"", "cfg.json:2: trusted_proxies",
		"not an address");
	fails("\"web_threads\": 0", "cfg.json:2: web_threads", "4 to 1024");
	fails("\"web_threads\": 3", "cfg.json:2: web_threads", "4 to 1024");
	fails("\"web_threads\": 1025", "cfg.json:2: web_threads", "4 to 1024");
	fails("\"web_threads\": \"many\"", "cfg.json:2: web_threads", "4 to 1024");
	fails("\"web_threads\": 1.5", "cfg.json:2: web_threads", "number");
	fails("\"hs_ca_file\": \"missing.pem\"", "cfg.json:2: hs_ca_file", "cannot be read");
	fails("\"github_url\": \"http://github.com\"", "cfg.json:2: github_url", "https://");
	fails("\"audit_log\": \"a\\nb\"", "cfg.json:2: audit_log", "control character");
	fails("\"rules\": []", "cfg.json:2: rules", "JSON object");
	fails("\"rules\": \"{}\"", "cfg.json:2: rules", "JSON object");
	fails("\"rules\": {\n\"rename\": 1}", "cfg.json:3: rules.rename", "true or false");
	fails("\"rules\": {\n\n\"routes\": [\"10.0.0.0/8\",\n\"x\"]}",
		"cfg.json:4: rules.routes[1]", "not a prefix");
	fails("\"rules\": {\"renane\": true}", "cfg.json:2: rules.renane", "did you mean rename?");
	fails("\"hs_is_remote\": true, \"hs_address\": \"x:1\"", "hs_api_key",
		"HS_API_KEY in the environment");
	fails("\"hs_is_remote\": true, \"hs_api_key\": \"x\"", "hs_address", "required");
}

static void test_settings_load__all_at_once(void **state)
{
	ouro_settings *settings = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	write_file("cfg.json",
		"{\n\"hs_is_remote\": true,\n\"hs_adress\": \"x:1\",\n\"listen\": \"x\",\n\"user_map\": {\n"
		"  \"00000000\": \"jim\",\n  \"007\": \"jim\",\n  \"mia\": \"mia\",\n  \"5\": [],\n  \"6\": [\"a\", \"a\"]\n}\n}\n",
		0600);
	assert_int_equal(load(NULL, NULL, &settings, &error), OURO_ERR_CONFIG);
	has(faults, "cfg.json:3: hs_adress => unknown key");
	has(faults, "cfg.json:4: listen");
	has(faults, "cfg.json:6: user_map.00000000 => zero");
	has(faults, "cfg.json:7: user_map.007 => leading zeros; write the GitHub id as 7");
	has(faults, "cfg.json:8: user_map.mia => not a GitHub id");
	has(faults, "cfg.json:9: user_map.5 => a list of 0");
	has(faults, "cfg.json:10: user_map.6[1] => the same user twice");
	has(faults, "hs_address => required");
	has(faults, "hs_api_key => required");
	has(faults, "hs_login_url => required");
	has(faults, "gh_client_id => required");
	has(faults, "gh_client_secret => required");
	assert_int_equal(fault_count, 12);
	has(error.text, "cfg.json:3: hs_adress");
}

static void broken(const char *text, const char *where, const char *word)
{
	ouro_settings *settings = NULL;

	write_file("other.json", text, 0600);
	assert_int_equal(load("other.json", NULL, &settings, NULL), OURO_ERR_CONFIG);
	assert_int_equal(fault_count, 1);
	has(faults, where);
	has(faults, word);
}

static void test_settings_load__broken_files(void **state)
{
	ouro_settings *settings = NULL;
	char *big = malloc((1 << 20) + 2);
	char deep[100];

	(void)state;
	assert_non_null(big);
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	broken("{\n\"listen\": \"x\",\n}", "other.json:3", "not valid JSON");
	broken("{\n\"hs_api_key\": \"CANARY\"\n\"x\": 1}", "other.json:3", "not valid JSON");
	broken("{\"hs_api_key\": CANARY}", "other.json:1", "not valid JSON");
	assert_null(strstr(faults, "CANARY"));
	broken("{\n\"listen\": \"x\",\n\"listen\": \"y\"}", "other.json:3", "twice");
	broken("{\"user_map\": {\"5\": \"a\",\n\"5\": \"b\"}}", "other.json:2", "twice");
	broken("[]", "other.json", "not a JSON object");
	broken("", "other.json", "not valid JSON");
	broken(deep, "other.json", "deeper");
	memset(big, ' ', (1 << 20) + 1);
	big[(1 << 20) + 1] = '\0';
	broken(big, "other.json", "larger");
	free(big);
	assert_int_equal(load("no/such.json", NULL, &settings, NULL), OURO_ERR_CONFIG);
	has(faults, "no/such.json => cannot be read");
	assert_int_equal(load("/", NULL, &settings, NULL), OURO_ERR_CONFIG);
	has(faults, "not a regular file");
	assert_int_equal(ouro_settings_load(NULL, NULL, NULL), OURO_ERR_INVALID);
	assert_null(settings);
}

static void env_fails(const char *variable, const char *where, const char *word)
{
	const char *const environment[] = {variable, NULL};
	ouro_settings *settings = NULL;

	write_file("cfg.json", "{" BASIC "}", 0600);
	assert_int_equal(load(NULL, environment, &settings, NULL), OURO_ERR_CONFIG);
	has(faults, where);
	has(faults, word);
	if (fault_count != 1)
		fail_msg("%s", faults);
}

static void test_settings_load__environment_faults(void **state)
{
	(void)state;
	env_fails("LISTEN=x", "environment: listen => ", "ADDRESS:PORT");
	env_fails("LISTEN=\xff", "environment: listen => ", "UTF-8");
	env_fails("USER_MAP={\"5\": }", "environment: user_map => ", "not valid JSON");
	env_fails("USER_MAP={\"5\":\"a\",\"5\":\"b\"}", "environment: user_map => ", "twice");
	env_fails("USER_MAP={\"05\":\"a\"}", "environment: user_map.05 => ", "leading zeros");
	env_fails("USER_MAP=[]", "environment: user_map => ", "not a JSON object");
	env_fails("RULES={\"routes\":\"all\"}", "environment: rules.routes => ", "any");
	env_fails("HS_API_KEY_FILE=/no/such", "environment: hs_api_key_file => ", "cannot be read");
}

static void test_settings_load__secret_files(void **state)
{
	static const char *const by_env[] = {"GH_CLIENT_SECRET_FILE=secret", NULL};
	static const char *const both[] = {
		"GH_CLIENT_SECRET_FILE=secret", "GH_CLIENT_SECRET=x", NULL};
	static const char *const plain[] = {"GH_CLIENT_SECRET=plain", NULL};
	ouro_settings *settings = NULL;
	char longest[4200];

	(void)state;
	write_file("secret", "from file\n\n", 0600);
	settings = works("\"session_key_file\": \"secret\"", NULL);
	assert_string_equal(
		ouro_settings_text(settings, "session_key"), "from file\n"); /* one newline goes */
	assert_string_equal(ouro_settings_text(settings, "session_key_file"), "secret");
	assert_null(strstr(notices, "session_key"));
	ouro_settings_free(settings);
	write_file("secret", "fromfile\n", 0400);
	settings = works("", by_env); /* over the secret in the file */
	assert_string_equal(ouro_settings_text(settings, "gh_client_secret"), "fromfile");
	ouro_settings_free(settings);
	settings = works("", plain);
	assert_string_equal(ouro_settings_text(settings, "gh_client_secret"), "plain");
	ouro_settings_free(settings);
	write_file("cfg.json", "{" BASIC "}", 0600);
	assert_int_equal(load(NULL, both, &settings, NULL), OURO_ERR_CONFIG);
	has(faults, "environment: gh_client_secret_file => gh_client_secret is given as well");
	fails("\"gh_client_secret_file\": \"secret\"", "cfg.json:2: gh_client_secret_file",
		"as well");
	write_file("secret", "x", 0640);
	fails("\"hs_api_key_file\": \"secret\"", "cfg.json:2: hs_api_key_file", "chmod 600");
	write_file("secret", "x", 0604);
	fails("\"hs_api_key_file\": \"secret\"", "cfg.json:2: hs_api_key_file", "chmod 600");
	write_file("secret", "", 0600);
	fails("\"hs_api_key_file\": \"secret\"", "cfg.json:2: hs_api_key_file", "empty");
	write_file("secret", "\xff\xfe", 0600);
	fails("\"hs_api_key_file\": \"secret\"", "cfg.json:2: hs_api_key_file", "not text");
	memset(longest, 'k', sizeof(longest));
	longest[4097] = '\0';
	write_file("secret", longest, 0600);
	fails("\"hs_api_key_file\": \"secret\"", "cfg.json:2: hs_api_key_file", "larger");
}

static void test_settings_load__credentials(void **state)
{
	char directory[PATH_ROOM + 40];
	char key_file[PATH_ROOM + 60];
	const char *const environment[] = {directory, NULL};
	const char *const stronger[] = {directory, "HS_API_KEY=env", NULL};
	const char *const named[] = {directory, key_file, NULL};
	ouro_settings *settings;

	(void)state;
	(void)snprintf(directory, sizeof(directory), "CREDENTIALS_DIRECTORY=%s/creds", folder);
	(void)snprintf(key_file, sizeof(key_file), "SESSION_KEY_FILE=%s/creds/session_key", folder);
	assert_int_equal(mkdir("creds", 0700), 0);
	write_file("creds/hs_api_key", "cred\n", 0644); /* systemd decides who may read it */
	write_file("creds/session_key", "a:x", 0440);
	settings = works("\"hs_api_key\": \"file\"", environment);
	assert_string_equal(ouro_settings_text(settings, "hs_api_key"), "cred");
	assert_string_equal(ouro_settings_text(settings, "session_key"), "a:x");
	assert_string_equal(ouro_settings_text(settings, "gh_client_secret"), "s");
	ouro_settings_free(settings);
	settings = works("", stronger);
	assert_string_equal(ouro_settings_text(settings, "hs_api_key"), "env");
	ouro_settings_free(settings);
	settings = works("", named);
	assert_string_equal(ouro_settings_text(settings, "session_key"), "a:x");
	ouro_settings_free(settings);
	/* A path that leaves the directory is an ordinary file again. */
	write_file("secret", "a:x", 0644);
	(void)snprintf(key_file, sizeof(key_file), "SESSION_KEY_FILE=%s/creds/../secret", folder);
	settings = NULL;
	assert_int_equal(load(NULL, named, &settings, NULL), OURO_ERR_CONFIG);
	has(faults, "chmod 600");
}

static void test_settings_load__notices(void **state)
{
	ouro_settings *settings = NULL;

	(void)state;
	write_file("cfg.json",
		"{\"hs_login_url\": \"v\", \"gh_client_id\": \"i\", \"gh_client_secret\": \"CANARY\", \"user_map\": {}}",
		0644);
	assert_int_equal(load(NULL, NULL, &settings, NULL), OURO_OK);
	has(notices, "cfg.json:1: user_map => empty");
	has(notices, "cfg.json:1: gh_client_secret => a secret in a file that others may read");
	assert_null(strstr(notices, "CANARY"));
	ouro_settings_free(settings);
}

static void test_settings_load__lines(void **state)
{
	static const char text[] =
		"{\n \"a\": \"b\\\"\",\n \"b\": [\n{\"c\": 1}],\n \"m\":\n {\"a\" : 1,\n\"z\": {\"q\": 2}},\n\n\"z\": 3}";

	(void)state;
	assert_int_equal(ouro__line_of_key(text, sizeof(text) - 1, "a", NULL), 2);
	assert_int_equal(ouro__line_of_key(text, sizeof(text) - 1, "b", NULL), 3);
	assert_int_equal(ouro__line_of_key(text, sizeof(text) - 1, "m", "a"), 6);
	assert_int_equal(ouro__line_of_key(text, sizeof(text) - 1, "m", "z"), 7);
	assert_int_equal(ouro__line_of_key(text, sizeof(text) - 1, "m", "q"), 5);
	assert_int_equal(ouro__line_of_key(text, sizeof(text) - 1, "z", NULL), 9);
	assert_int_equal(ouro__line_of_key(text, sizeof(text) - 1, "q", NULL), 0);
	for (size_t length = 0; length < sizeof(text); length++)
		assert_true(ouro__line_of_key(text, length, "z", "q") <= 9);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_settings_load__##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(seed_environment),
		CASE(seed_file),
		CASE(environment_wins),
		CASE(values),
		CASE(login_url),
		CASE(faults),
		CASE(all_at_once),
		CASE(broken_files),
		CASE(environment_faults),
		CASE(secret_files),
		CASE(credentials),
		CASE(notices),
		CASE(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
