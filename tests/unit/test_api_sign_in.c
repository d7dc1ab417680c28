/* A program's side of signing in at an Ouroboros server, against one that a test plays. */
#include "check.h"

#include <stdio.h>

#include <ouroboros/login.h>

#include "fake_http.h"

#define TOKEN                                                                                      \
	"ouro_pat_0123456789ab_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define BEGUN                                                                                             \
	"{\"id\":\"abc-DEF_1\",\"code\":\"BCDF-GHJK\",\"url\":\"https://vpn.example.org/ouroboros/cli\"," \
	"\"expires\":\"2030-01-31T12:00:00Z\"}"
#define FETCHED                                                                                    \
	"{\"token\":\"" TOKEN                                                                      \
	"\",\"id\":\"0123456789ab\",\"name\":\"laptop\",\"scopes\":[\"read\","                     \
	"\"keys\",\"new\"],\"expires\":\"2030-01-31T12:00:00Z\"}"
#define PROBLEM(type, message)                                                                     \
	"{\"title\":\"x\",\"status\":400,\"type\":\"urn:ouroboros:" type                           \
	"\",\"detail\":\"doing\",\"errors\":[{\"message\":\"" message "\"}]}"

/* What the server answers to the next request. */
static struct {
	int status;
	const char *type;
	const char *body;
} next;
static struct fake_http server;
static char base[160];

static int answer(struct fake_http *from, int fd, unsigned connection, unsigned request)
{
	(void)from;
	(void)connection;
	(void)request;
	fake_http_reply(fd, next.status, next.type, next.body);
	return 1;
}

static void say(int status, const char *type, const char *body)
{
	next.status = status;
	next.type = type;
	next.body = body;
}

static int setup(void **state)
{
	(void)state;
	server = (struct fake_http){.answer = answer};
	fake_http_start(&server, NULL, 0);
	(void)snprintf(base, sizeof(base), "http://%s/ouroboros", server.address);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_http_stop(&server);
	return 0;
}

static ouro_status begin(ouro_sign_in **ret_sign_in, ouro_error *reterr)
{
	ouro_sign_in_options options = OURO_SIGN_IN_OPTIONS_INIT;

	options.server = base;
	options.machine = "mia's \"laptop\"";
	options.scopes = OURO_TOKEN_NODES;
	options.lifetime = (int64_t)30 * 86400;
	options.port = 4711;
	return ouro_sign_in_begin(&options, ret_sign_in, reterr);
}

static void test_api_sign_in__asks_and_fetches(void **state)
{
	ouro_sign_in *sign_in = NULL;
	ouro_token token = OURO_TOKEN_INIT;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	say(200, "application/json", BEGUN);
	assert_int_equal(begin(&sign_in, &error), OURO_OK);
	assert_true(fake_http_saw(&server, "POST /ouroboros/api/v1/login HTTP/1.1"));
	assert_true(fake_http_saw(&server, "\"machine\":\"mia's \\\"laptop\\\"\""));
	assert_true(fake_http_saw(
		&server, "\"scopes\":[\"read\",\"nodes\"],\"lifetime\":\"30d\",\"port\":4711}"));
	/* What proves it is not shown so early. */
	assert_false(fake_http_saw(&server, "verifier"));
	assert_string_equal(ouro_sign_in_id(sign_in), "abc-DEF_1");
	assert_string_equal(ouro_sign_in_code(sign_in), "BCDF-GHJK");
	assert_string_equal(ouro_sign_in_url(sign_in), "https://vpn.example.org/ouroboros/cli");
	assert_true(ouro_sign_in_ends(sign_in) == 1896091200);
	say(202, "application/problem+json",
		PROBLEM("pending", "somebody still has to approve it"));
	assert_int_equal(
		ouro_sign_in_finish(sign_in, "gr", text, &token, &error), OURO_ERR_PENDING);
	assert_true(fake_http_saw(&server, "\"verifier\":\""));
	assert_true(fake_http_saw(&server, "\"grant\":\"gr\"}"));
	say(403, "application/problem+json", PROBLEM("refused", "the person refused"));
	error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(
		ouro_sign_in_finish(sign_in, NULL, text, &token, &error), OURO_ERR_REFUSED);
	assert_string_equal(error.text, "the person refused");
	assert_false(fake_http_saw(&server, "\"grant\""));
	say(200, "application/json", FETCHED);
	assert_int_equal(ouro_sign_in_finish(sign_in, "gr", text, &token, &error), OURO_OK);
	assert_string_equal(text, TOKEN);
	assert_string_equal(token.name, "laptop");
	assert_int_equal(token.scopes, OURO_TOKEN_READ | OURO_TOKEN_KEYS);
	assert_true(token.created == OURO_TIME_NEVER && token.expires == 1896091200);
	ouro_sign_in_free(sign_in);
}

static void test_api_sign_in__what_else_answers(void **state)
{
	static const struct {
		int http;
		const char *type;
		const char *body;
		ouro_status status;
		const char *text;
	} rows[] = {
		{404, "text/plain", "404 page not found", OURO_ERR_PROTOCOL, "no Ouroboros"},
		{200, "text/html", "<html></html>", OURO_ERR_PROTOCOL, "no Ouroboros"},
		{200, "application/json", "[]", OURO_ERR_PROTOCOL, "no Ouroboros"},
		{200, "application/json", "{}", OURO_ERR_PROTOCOL, "no beginning"},
		{200, "application/json",
			"{\"id\":\"a b\",\"code\":\"\",\"url\":\"https://x.example\",\"expires\":\"2030-01-31T12:00:00Z\"}",
			OURO_ERR_PROTOCOL, "no beginning"},
		{200, "application/json",
			"{\"id\":\"a\",\"code\":\"\",\"url\":\"file:///etc/passwd\",\"expires\":\"2030-01-31T12:00:00Z\"}",
			OURO_ERR_PROTOCOL, "no beginning"},
		{200, "application/json",
			"{\"id\":\"a\",\"code\":\"\\u001b[2J\",\"url\":\"https://x.example\",\"expires\":\"2030-01-31T12:00:00Z\"}",
			OURO_ERR_PROTOCOL, "no beginning"},
		{501, "application/problem+json", PROBLEM("off", "there is no store"), OURO_ERR_OFF,
			"there is no store"},
		{422, "application/problem+json", PROBLEM("invalid", "expected 1024"),
			OURO_ERR_INVALID, "expected 1024"},
		{429, "application/problem+json", PROBLEM("limit", "wait"), OURO_ERR_LIMIT,
			"try again in a minute"},
		{502, "text/html", "<html></html>", OURO_ERR_UNREACHABLE, "is down"},
		{503, "text/plain", "", OURO_ERR_UNREACHABLE, "is down"},
		{503, "application/problem+json", PROBLEM("io", "the disk is full"), OURO_ERR_IO,
			"the disk is full"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ouro_sign_in *sign_in = NULL;
		ouro_error error = OURO_ERROR_INIT;

		say(rows[i].http, rows[i].type, rows[i].body);
		assert_int_equal(begin(&sign_in, &error), rows[i].status);
		assert_text_has(error.text, rows[i].text);
		assert_null(sign_in);
	}
}

static void test_api_sign_in__a_token_that_is_none(void **state)
{
	static const char *const bodies[] = {"{}", "{\"token\":\"\"}",
		"{\"token\":\"a\\nb\",\"id\":\"x\",\"name\":\"x\",\"expires\":\"2030-01-31T12:00:00Z\"}",
		"{\"token\":\"a\",\"id\":\"x\",\"name\":\"x\",\"expires\":\"tomorrow\"}"};
	ouro_sign_in *sign_in = NULL;
	char text[OURO_TOKEN_TEXT_MAX] = "";

	(void)state;
	say(200, "application/json", BEGUN);
	assert_int_equal(begin(&sign_in, NULL), OURO_OK);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		say(200, "application/json", bodies[i]);
		assert_int_equal(
			ouro_sign_in_finish(sign_in, NULL, text, NULL, NULL), OURO_ERR_PROTOCOL);
		assert_string_equal(text, "");
	}
	ouro_sign_in_free(sign_in);
}

static void test_api_sign_in__wrong_wishes(void **state)
{
	static const char *const servers[] = {NULL, "", "vpn.example.org", "http://vpn.example.org",
		"https://vpn.example.org/", "https://u:p@vpn.example.org", "ftp://vpn.example.org"};
	ouro_sign_in_options options = OURO_SIGN_IN_OPTIONS_INIT;
	ouro_sign_in *sign_in = NULL;

	(void)state;
	options.machine = "laptop";
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		options.server = servers[i];
		assert_int_equal(ouro_sign_in_begin(&options, &sign_in, NULL), OURO_ERR_INVALID);
	}
	options.server = base;
	options.machine = "";
	assert_int_equal(ouro_sign_in_begin(&options, &sign_in, NULL), OURO_ERR_INVALID);
	options.machine = "0123456789012345678901234567890123456789012345678901234567890123";
	assert_int_equal(ouro_sign_in_begin(&options, &sign_in, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_sign_in_begin(NULL, &sign_in, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_sign_in_finish(NULL, NULL, NULL, NULL, NULL), OURO_ERR_INVALID);
	assert_string_equal(ouro_sign_in_url(NULL), "");
	assert_string_equal(ouro_sign_in_code(NULL), "");
	assert_string_equal(ouro_sign_in_id(NULL), "");
	assert_true(ouro_sign_in_ends(NULL) == 0);
	ouro_sign_in_free(NULL);
	assert_int_equal(server.requests, 0);
}

static void test_api_sign_in__out(void **state)
{
	(void)state;
	say(200, "application/json", "{}");
	assert_int_equal(ouro_sign_out(base, NULL, TOKEN, 0, NULL), OURO_OK);
	assert_true(fake_http_saw(&server, "POST /ouroboros/api/v1/logout HTTP/1.1"));
	assert_true(fake_http_saw(&server, "Authorization: Bearer " TOKEN "\r\n"));
	say(401, "application/problem+json", PROBLEM("token", "unknown"));
	assert_int_equal(ouro_sign_out(base, NULL, TOKEN, 0, NULL), OURO_ERR_TOKEN);
	assert_int_equal(ouro_sign_out(base, NULL, "a\r\nb", 0, NULL), OURO_ERR_TOKEN);
	assert_int_equal(ouro_sign_out(base, NULL, NULL, 0, NULL), OURO_ERR_TOKEN);
	assert_int_equal(ouro_sign_out("http://x.example", NULL, TOKEN, 0, NULL), OURO_ERR_INVALID);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_api_sign_in__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(asks_and_fetches),
		CASE(what_else_answers),
		CASE(a_token_that_is_none),
		CASE(wrong_wishes),
		CASE(out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
