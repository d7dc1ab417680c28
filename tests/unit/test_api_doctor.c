/* The doctor against small servers: what a site that is not as it should be makes it say, and that it ends. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include <ouroboros/doctor.h>

#include "base/str.h"
#include "base/sys.h"
#include "fake_http.h"

enum { FOUND_MAX = 64, TEXT_MAX = 600 };

static struct {
	int level;
	char topic[32];
	char text[TEXT_MAX];
	char advice[TEXT_MAX];
} found[FOUND_MAX];
static size_t found_count;

static void on_finding(void *user, const ouro_finding *finding)
{
	assert_ptr_equal(user, found);
	assert_int_equal(finding->size, sizeof(*finding));
	assert_true(found_count < FOUND_MAX);
	found[found_count].level = finding->level;
	(void)snprintf(found[found_count].topic, 32, "%s", finding->topic);
	(void)snprintf(found[found_count].text, TEXT_MAX, "%s", finding->text);
	(void)snprintf(found[found_count].advice, TEXT_MAX, "%s", finding->advice);
	found_count++;
}

/* Is there a finding of that level with this text, in its text or its advice? */
static int has(int level, const char *topic, const char *text)
{
	for (size_t i = 0; i < found_count; i++)
		if (found[i].level == level && strcmp(found[i].topic, topic) == 0 &&
			(strstr(found[i].text, text) || strstr(found[i].advice, text)))
			return 1;
	return 0;
}

static void expect(int level, const char *topic, const char *text)
{
	if (has(level, topic, text))
		return;
	for (size_t i = 0; i < found_count; i++)
		print_message("%d %s: %s -> %s\n", found[i].level, found[i].topic, found[i].text,
			found[i].advice);
	fail_msg("no finding %d %s: %s", level, topic, text);
}

/* A site: what it does otherwise than it should. */
static struct site {
	struct fake_http front;
	struct fake_http web;
	const char *page; /* what comes of the sign-in page */
	int oidc;         /* Headscale has one */
	int confirms;     /* … and what it sends comes to us */
	int silent;       /* nobody answers */
} site;

static const char page[] = "<!doctype html><p>Sign in</p>";

static void begin(void)
{
	memset(&site, 0, sizeof(site));
	site.page = page;
}

static void say(int fd, const char *head, const char *body)
{
	char all[1024];

	(void)snprintf(all, sizeof(all), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", head,
		strlen(body), body);
	fake_http_say(fd, all);
}

static int answer_web(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	(void)connection;
	(void)request;
	if (fake_http_saw(server, "GET /healthz"))
		say(fd, "200 OK\r\nOuroboros: web", "ok\n");
	else if (fake_http_saw(server, "GET /ouroboros/auth") &&
		fake_http_saw(server, "\r\nHost: 127.0.0.1"))
		say(fd, "200 OK\r\nOuroboros: web", page);
	else
		say(fd, "404 Not Found\r\nOuroboros: web", "");
	return 1;
}

static int answer_front(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	(void)connection;
	(void)request;
	if (site.silent)
		return 1;
	if (fake_http_saw(server, "GET /key?v="))
		say(fd, "200 OK", "{\"publicKey\":\"mkey:1\"}");
	else if (fake_http_saw(server, "GET /ouroboros/auth"))
		say(fd, "200 OK\r\nOuroboros: web", site.page);
	else if (fake_http_saw(server, "POST /register/confirm/"))
		say(fd, site.confirms ? "404 Not Found\r\nOuroboros: web" : "404 Not Found", "");
	else if (fake_http_saw(server, "GET /register/"))
		say(fd, "303 See Other\r\nOuroboros: web\r\nLocation: /ouroboros/auth?then=x", "");
	else if (fake_http_saw(server, "GET /oidc/callback"))
		say(fd, site.oidc ? "400 Bad Request" : "404 Not Found", "");
	else
		say(fd, "404 Not Found", "");
	return 1;
}

static int64_t run_with(const char *const *environment, uint32_t timeout)
{
	ouro_doctor_options options = OURO_DOCTOR_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	int64_t began = ouro__clock_ms();
	size_t wrong = 0;
	size_t counted = 0;

	found_count = 0;
	options.environment = environment;
	options.timeout_ms = timeout;
	assert_int_equal(ouro_doctor_run(&options, on_finding, found, &wrong, &error), OURO_OK);
	for (size_t i = 0; i < found_count; i++)
		counted += found[i].level == OURO_FINDING_WRONG;
	assert_int_equal(wrong, counted);
	return ouro__clock_ms() - began;
}

static int64_t run_site(uint32_t timeout)
{
	char login[160];
	char base[160];
	char listen[160];
	char github[160];
	const char *environment[] = {login, base, listen, github, "GH_CLIENT_ID=Iv1.0",
		"GH_CLIENT_SECRET=s3cretive", "USER_MAP={\"1\":\"mia\"}",
		"HS_SOCKET=/nowhere/headscale.sock", "RULES={\"tokens\":\"off\"}", NULL};
	int64_t took;

	site.front.answer = answer_front;
	site.web.answer = answer_web;
	fake_http_start(&site.front, NULL, 0);
	fake_http_start(&site.web, NULL, 0);
	(void)snprintf(login, sizeof(login), "HS_LOGIN_URL=http://%s", site.front.address);
	(void)snprintf(base, sizeof(base), "BASE_URL=http://%s/ouroboros", site.front.address);
	(void)snprintf(listen, sizeof(listen), "LISTEN=%s", site.web.address);
	(void)snprintf(github, sizeof(github), "GITHUB_URL=http://%s/gh", site.front.address);
	took = run_with(environment, timeout);
	fake_http_stop(&site.web);
	fake_http_stop(&site.front);
	for (size_t i = 0; i < found_count; i++) {
		assert_null(strstr(found[i].text, "s3cretive"));
		assert_null(strstr(found[i].advice, "s3cretive"));
	}
	return took;
}

static void test_api_doctor__as_it_should_be(void **state)
{
	(void)state;
	begin();
	(void)run_site(0);
	expect(OURO_FINDING_OK, "ouroboros-web", "answers at 127.0.0.1:");
	expect(OURO_FINDING_OK, "proxy", "/key goes to Headscale");
	expect(OURO_FINDING_OK, "proxy", "its pages come as they were sent");
	expect(OURO_FINDING_OK, "proxy", "/register/… goes to Ouroboros");
	expect(OURO_FINDING_OK, "proxy", "/register/confirm/… goes to Headscale");
	assert_false(has(OURO_FINDING_WRONG, "proxy", ""));
	assert_false(has(OURO_FINDING_NOTE, "store", ""));
	expect(OURO_FINDING_WRONG, "socket", "/nowhere/headscale.sock: No such file");
	/* What answers there is no GitHub. */
	expect(OURO_FINDING_WRONG, "github", "HTTP 404, which is not what GitHub's API says");
	expect(OURO_FINDING_WRONG, "callback", "no app with this client id");
}

static void test_api_doctor__confirm(void **state)
{
	(void)state;
	begin();
	site.confirms = 1;
	(void)run_site(0);
	expect(OURO_FINDING_NOTE, "proxy", "where it has an OIDC sign-in of its own");
	site.oidc = 1;
	(void)run_site(0);
	expect(OURO_FINDING_WRONG, "proxy", "its OIDC sign-in cannot be finished");
	expect(OURO_FINDING_WRONG, "proxy", "send /register/confirm/* to Headscale");
}

static void test_api_doctor__changed_pages(void **state)
{
	static const char *const pages[] = {"<!doctype html><script src=x></script><p>Sign in</p>",
		"<!doctype html><p>Sign up</p>", ""};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		begin();
		site.page = pages[i];
		(void)run_site(0);
		expect(OURO_FINDING_WRONG, "proxy", "instead of the 29 that were sent");
		expect(OURO_FINDING_WRONG, "proxy", "switch off whatever changes pages");
	}
}

/* Whoever hangs is waited for once, and all of it within the time. */
static void test_api_doctor__ends(void **state)
{
	(void)state;
	begin();
	site.silent = 1;
	assert_true(run_site(1500) < 6000);
	expect(OURO_FINDING_WRONG, "proxy", "/key");
	expect(OURO_FINDING_WRONG, "github", "/user");
}

static void test_api_doctor__nothing_is_set(void **state)
{
	static const char *const empty[] = {NULL};
	ouro_doctor_options options = OURO_DOCTOR_OPTIONS_INIT;

	(void)state;
	assert_int_equal(ouro_doctor_run(NULL, NULL, NULL, NULL, NULL), OURO_ERR_INVALID);
	options.size = 0;
	assert_int_equal(
		ouro_doctor_run(&options, on_finding, found, NULL, NULL), OURO_ERR_INVALID);
	(void)run_with(empty, 2000);
	expect(OURO_FINDING_WRONG, "settings", "HS_LOGIN_URL in the environment");
	assert_false(has(OURO_FINDING_WRONG, "site", ""));
}

static void person(const char *server, const char *token)
{
	ouro_doctor_options options = OURO_DOCTOR_OPTIONS_INIT;
	size_t wrong = 0;

	found_count = 0;
	options.server = server;
	options.token = token;
	options.timeout_ms = 3000;
	assert_int_equal(ouro_doctor_run(&options, on_finding, found, &wrong, NULL), OURO_OK);
	assert_int_equal(wrong, 1);
	for (size_t i = 0; i < found_count; i++)
		assert_true(!token || !strstr(found[i].text, token));
}

static void test_api_doctor__person(void **state)
{
	char url[160];

	(void)state;
	person("vpn.example.org", "ouro_pat_x");
	expect(OURO_FINDING_WRONG, "server", "vpn.example.org is not the URL");
	person("http://127.0.0.1:1/ouroboros", "ouro_pat_x");
	expect(OURO_FINDING_WRONG, "server", "http://127.0.0.1:1/ouroboros");
	begin();
	site.front.answer = answer_front;
	fake_http_start(&site.front, NULL, 0);
	(void)snprintf(url, sizeof(url), "http://%s/ouroboros", site.front.address);
	person(url, NULL);
	expect(OURO_FINDING_WRONG, "token", "there is none");
	expect(OURO_FINDING_WRONG, "token", "ouroboros login");
	/* a web server, and no Ouroboros */
	person(url, "ouro_pat_x");
	expect(OURO_FINDING_WRONG, "server", url);
	fake_http_stop(&site.front);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_api_doctor__as_it_should_be),
		cmocka_unit_test(test_api_doctor__confirm),
		cmocka_unit_test(test_api_doctor__changed_pages),
		cmocka_unit_test(test_api_doctor__ends),
		cmocka_unit_test(test_api_doctor__nothing_is_set),
		cmocka_unit_test(test_api_doctor__person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
