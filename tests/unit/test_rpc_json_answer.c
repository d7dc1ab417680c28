/* HTTP answers and verdicts as values: what each status, content type and body amounts to, for methods that read and methods that
 * write; heads and bodies that are none; and how much of an answer is taken. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "rpc/json_channel_answer.h"

#define JSON "application/json"
#define PROBLEM "application/problem+json"
#define HTML "text/html"

static ouro_error error;
static enum ouro__json_again again;

static int line(struct ouro__json_answer *answer, const char *text)
{
	return ouro__json_answer_line(answer, text, strlen(text));
}

/* A whole answer; type NULL = none. */
static void fill(struct ouro__json_answer *answer, int http, const char *type, const char *body)
{
	char text[128];

	ouro__json_answer_init(answer, 4096);
	(void)snprintf(text, sizeof(text), "HTTP/1.1 %d Word\r\n", http);
	assert_int_equal(line(answer, text), 0);
	if (type) {
		(void)snprintf(text, sizeof(text), "Content-Type: %s\r\n", type);
		assert_int_equal(line(answer, text), 0);
	}
	assert_int_equal(line(answer, "\r\n"), 0);
	assert_int_equal(ouro__json_answer_data(answer, body, strlen(body)), 0);
}

static ouro_status verdict(
	const struct ouro__json_answer *answer, const struct ouro__json_end *end, int reads)
{
	error = (ouro_error)OURO_ERROR_INIT;
	again = OURO__JSON_AGAIN_NEVER;
	return ouro__json_answer_verdict(answer, end, "Method", reads, &again, &error);
}

static const struct ouro__json_end complete = {OURO__JSON_COMPLETE, 1, NULL, "hs.example.org:443"};

struct row {
	int http;
	const char *type;
	const char *body;
	ouro_status read;
	ouro_status write;
	int grpc;
	const char *words;
};

static void expect(const struct row *row)
{
	struct ouro__json_answer answer;

	fill(&answer, row->http, row->type, row->body);
	if (verdict(&answer, &complete, 0) != row->write)
		fail_msg("%d %s: write %d %s", row->http, row->body, (int)error.status, error.text);
	if (verdict(&answer, &complete, 1) != row->read)
		fail_msg("%d %s: read %d %s", row->http, row->body, (int)error.status, error.text);
	if (row->read == OURO_OK) {
		assert_string_equal(error.text, "");
	} else {
		if (!strstr(error.text, row->words) || error.grpc_status != row->grpc)
			fail_msg("%d %s: %s (%d)", row->http, row->body, error.text,
				(int)error.grpc_status);
		assert_int_equal(error.http_status, row->http);
		assert_int_equal((error.flags & OURO_ERROR_RETRYABLE) != 0,
			row->read == OURO_ERR_UNREACHABLE || row->read == OURO_ERR_TIMEOUT);
	}
	ouro__json_answer_done(&answer);
}

#define EXPECT_ALL(rows)                                                                           \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++)                              \
	expect(&(rows)[i])

/* What the gateway of 0.23 to 0.29 passes on. */
static void test_rpc_json_answer__gateway(void **state)
{
	static const struct row rows[] = {
		{200, JSON, "{}", OURO_OK, OURO_OK, -1, ""},
		{500, JSON, "{\"code\":2,\"message\":\"node not found\",\"details\":[]}",
			OURO_ERR_REJECTED, OURO_ERR_REJECTED, 2, "node not found"},
		{500, JSON, "{\"code\":2,\"message\":\"\"}", OURO_ERR_REJECTED, OURO_ERR_REJECTED,
			2, "no reason given"},
		{404, JSON, "{\"code\":5,\"message\":\"node not found\"}", OURO_ERR_REJECTED,
			OURO_ERR_REJECTED, 5, "node not found"},
		/* A path that the gateway does not have, and the same words for something else. */
		{404, JSON, "{\"code\":5,\"message\":\"Not Found\"}", OURO_ERR_UNSUPPORTED,
			OURO_ERR_UNSUPPORTED, 12, "does not have it (HTTP 404)"},
		{500, JSON, "{\"code\":5,\"message\":\"Not Found\"}", OURO_ERR_REJECTED,
			OURO_ERR_REJECTED, 5, "Not Found"},
		{501, JSON, "{\"code\":12,\"message\":\"Method Not Allowed\"}",
			OURO_ERR_UNSUPPORTED, OURO_ERR_UNSUPPORTED, 12, "(HTTP 501)"},
		{401, JSON, "{\"code\":16,\"message\":\"expired\"}", OURO_ERR_UNAUTHENTICATED,
			OURO_ERR_UNAUTHENTICATED, 16, "refuses the API key: expired"},
		{500, JSON, "{\"code\":13,\"message\":\"failed to validate token\"}",
			OURO_ERR_UNAUTHENTICATED, OURO_ERR_UNAUTHENTICATED, 16,
			"refuses the API key: failed to validate token"},
		{500, JSON, "{\"code\":13,\"message\":\"validating token\"}",
			OURO_ERR_UNAUTHENTICATED, OURO_ERR_UNAUTHENTICATED, 16,
			"refuses the API key: validating token"},
		{500, JSON, "{\"code\":13,\"message\":\"out of order\"}", OURO_ERR_REJECTED,
			OURO_ERR_REJECTED, 13, "out of order"},
		{429, JSON,
			"{\"code\":8,\"message\":\"grpc: received message larger than max (5 vs. 4)\"}",
			OURO_ERR_LIMIT, OURO_ERR_LIMIT, 8, "larger than max"},
		{429, JSON, "{\"code\":8,\"message\":\"quota\"}", OURO_ERR_REJECTED,
			OURO_ERR_REJECTED, 8, "quota"},
		{504, JSON, "{\"code\":4,\"message\":\"late\"}", OURO_ERR_TIMEOUT,
			OURO_ERR_UNCERTAIN, 4, "Method: late"},
		{408, JSON, "{\"code\":1,\"message\":\"gone\"}", OURO_ERR_UNREACHABLE,
			OURO_ERR_UNCERTAIN, 1, "Method: gone"},
		{503, JSON, "{\"code\":14,\"message\":\"down\"}", OURO_ERR_UNREACHABLE,
			OURO_ERR_UNCERTAIN, 14, "Method: down"},
		/* Numbers that are no code. */
		{500, JSON, "{\"code\":0,\"message\":\"odd\"}", OURO_ERR_REJECTED,
			OURO_ERR_REJECTED, 2, "odd"},
		{500, JSON, "{\"code\":17,\"message\":\"odd\"}", OURO_ERR_REJECTED,
			OURO_ERR_REJECTED, 2, "odd"},
	};

	(void)state;
	EXPECT_ALL(rows);
}

static void test_rpc_json_answer__gateway_again(void **state)
{
	struct ouro__json_answer answer;

	(void)state;
	fill(&answer, 503, JSON, "{\"code\":14,\"message\":\"down\"}");
	(void)verdict(&answer, &complete, 1);
	assert_int_equal(again, OURO__JSON_AGAIN_READ);
	ouro__json_answer_done(&answer);
	fill(&answer, 408, JSON, "{\"code\":1,\"message\":\"gone\"}");
	(void)verdict(&answer, &complete, 1);
	assert_int_equal(again, OURO__JSON_AGAIN_NEVER);
	ouro__json_answer_done(&answer);
}

/* 0.30's problem documents. */
static void test_rpc_json_answer__problems(void **state)
{
	static const struct row rows[] = {
		{400, PROBLEM, "{\"title\":\"Bad Request\",\"detail\":\"no\"}", OURO_ERR_REJECTED,
			OURO_ERR_REJECTED, 3, "no"},
		{422, PROBLEM,
			"{\"detail\":\"validation failed\",\"errors\":[{\"message\":\"too short\"},"
			"{\"message\":\"\"},{\"location\":\"body\"},7,{\"message\":\"too short\"},"
			"{\"message\":\"no name\"}]}",
			OURO_ERR_REJECTED, OURO_ERR_REJECTED, 3,
			"validation failed: too short; no name"},
		{422, PROBLEM, "{\"errors\":[{\"message\":\"alone\"}]}", OURO_ERR_REJECTED,
			OURO_ERR_REJECTED, 3, "alone"},
		{401, PROBLEM, "{\"detail\":\"invalid key\"}", OURO_ERR_UNAUTHENTICATED,
			OURO_ERR_UNAUTHENTICATED, 16, "refuses the API key: invalid key"},
		{404, PROBLEM, "{\"title\":\"Not Found\"}", OURO_ERR_REJECTED, OURO_ERR_REJECTED, 5,
			"Not Found"},
		{405, PROBLEM, "{}", OURO_ERR_UNSUPPORTED, OURO_ERR_UNSUPPORTED, 12, "(HTTP 405)"},
		{501, PROBLEM, "{}", OURO_ERR_UNSUPPORTED, OURO_ERR_UNSUPPORTED, 12, "(HTTP 501)"},
		{408, PROBLEM, "{\"detail\":\"late\"}", OURO_ERR_UNREACHABLE, OURO_ERR_UNREACHABLE,
			2, "late"},
		{409, PROBLEM, "{\"detail\":\"there already\"}", OURO_ERR_REJECTED,
			OURO_ERR_REJECTED, 6, "there already"},
		{413, PROBLEM, "{\"detail\":\"too large\"}", OURO_ERR_LIMIT, OURO_ERR_LIMIT, 2,
			"too large"},
		{418, PROBLEM, "{\"detail\":7}", OURO_ERR_REJECTED, OURO_ERR_REJECTED, 2,
			"no reason given"},
		{500, PROBLEM, "{\"detail\":\"broken\"}", OURO_ERR_REJECTED, OURO_ERR_REJECTED, 13,
			"broken"},
		/* A proxy that speaks the same language answers for a server that is not there. */
		{502, PROBLEM, "{\"detail\":\"x\"}", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN, -1,
			"Headscale is down"},
		{503, PROBLEM, "{\"detail\":\"x\"}", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN, -1,
			"Headscale is down"},
		{504, PROBLEM, "{\"detail\":\"x\"}", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN, -1,
			"Headscale is down"},
		/* Not an object, or not JSON. */
		{400, PROBLEM, "[]", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1,
			"not Headscale's API"},
		{500, PROBLEM, "{\"detail\":", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1,
			"not Headscale's API"},
		{500, PROBLEM, "", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1,
			"not Headscale's API"},
	};

	(void)state;
	EXPECT_ALL(rows);
}

/* More causes than there is room for. */
static void test_rpc_json_answer__many_causes(void **state)
{
	struct ouro__json_answer answer;
	ouro__buf body = OURO__BUF_INIT(4000);

	(void)state;
	ouro__buf_text(&body, "{\"detail\":\"first\",\"errors\":[{\"message\":\"cause 0\"}");
	for (int i = 1; i < 60; i++)
		ouro__buf_format(&body, ",{\"message\":\"cause %d\"}", i);
	ouro__buf_text(&body, "]}");
	fill(&answer, 422, PROBLEM, ouro__buf_str(&body));
	ouro__buf_done(&body);
	assert_int_equal(verdict(&answer, &complete, 1), OURO_ERR_REJECTED);
	assert_text_has(error.text, "first: cause 0; cause 1; cause 2");
	assert_true(strlen(error.text) < sizeof(error.text));
	ouro__json_answer_done(&answer);
}

/* Everybody else: proxies, portals, other programs. */
static void test_rpc_json_answer__strangers(void **state)
{
	static const struct row rows[] = {
		{401, "text/plain", "Unauthorized", OURO_ERR_UNAUTHENTICATED,
			OURO_ERR_UNAUTHENTICATED, 16, "refuses the API key"},
		{401, "text/plain", "Unauthorized\r\n", OURO_ERR_UNAUTHENTICATED,
			OURO_ERR_UNAUTHENTICATED, 16, "refuses the API key"},
		{500, NULL, "Unauthorized\n", OURO_ERR_UNAUTHENTICATED, OURO_ERR_UNAUTHENTICATED,
			16, "refuses the API key"},
		{500, NULL, "\n", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1, "no content type"},
		{500, NULL, "Unauthorised\n", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1,
			"answers HTTP 500 (no content type)"},
		{401, HTML, "Unauthorized", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1, "web page"},
		{401, "text/plain", "who are you", OURO_ERR_UNAUTHENTICATED,
			OURO_ERR_UNAUTHENTICATED, -1, "the proxy in front answers HTTP 401"},
		{403, HTML, "<html>", OURO_ERR_REJECTED, OURO_ERR_REJECTED, -1,
			"the proxy in front answers HTTP 403"},
		{404, "text/plain", "404 page not found\n", OURO_ERR_UNSUPPORTED,
			OURO_ERR_UNSUPPORTED, 12, "(HTTP 404)"},
		{404, "text/plain", "nothing", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1,
			"not Headscale's API"},
		{405, "text/plain", "", OURO_ERR_UNSUPPORTED, OURO_ERR_UNSUPPORTED, 12,
			"(HTTP 405)"},
		{405, HTML, "<html>", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1, "web page"},
		{405, "application/xhtml+xml", "<html>", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1,
			"web page"},
		{400, HTML, "<h1>400 Bad Request</h1>", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1,
			"web page"},
		{400, HTML, "<center>The plain HTTP request was sent to HTTPS port</center>",
			OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1,
			"the port speaks TLS: do not set plaintext"},
		{400, "text/plain", "Client sent an HTTP request to an HTTPS server.\n",
			OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1,
			"the port speaks TLS: do not set plaintext"},
		{429, "text/plain", "slowly", OURO_ERR_UNREACHABLE, OURO_ERR_UNREACHABLE, -1,
			"HTTP 429"},
		{502, HTML, "<html>", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN, -1,
			"HTTP 502: Headscale is down"},
		{503, HTML, "<html>", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN, -1,
			"HTTP 503: Headscale is down"},
		{504, HTML, "<html>", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN, -1,
			"HTTP 504: Headscale is down"},
		{200, HTML, "<html>", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1,
			"with a web page instead"},
		{200, NULL, "hello", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1, "no content type"},
		{200, "application/grpc+proto", "", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1,
			"speaks gRPC, not HTTP"},
		{204, JSON, "", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1, "answers HTTP 204"},
		{302, HTML, "<html>", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1, "a redirect to"},
		/* This may follow on a deed, as may whatever a server says of itself. */
		{303, HTML, "<html>", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1, "a redirect to"},
		{500, HTML, "<html>", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1, "web page"},
		/* JSON of somebody else. */
		{500, JSON, "{\"error\":\"x\"}", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN, -1,
			"not Headscale's API"},
		{500, JSON, "{\"code\":\"2\",\"message\":\"x\"}", OURO_ERR_PROTOCOL,
			OURO_ERR_UNCERTAIN, -1, "not Headscale's API"},
		{400, JSON, "{\"code\":2,\"message\":7}", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1,
			"not Headscale's API"},
		{400, JSON, "{\"code\":2", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL, -1,
			"not Headscale's API"},
	};

	(void)state;
	EXPECT_ALL(rows);
}

/* An error body that would cost much is not read at all. */
static void test_rpc_json_answer__large_error(void **state)
{
	struct ouro__json_answer answer;
	static const char begin[] = "{\"code\":2,\"message\":\"x\"}";
	char *body = calloc(1, 70001);

	(void)state;
	memset(body, ' ', 70000);
	memcpy(body, begin, sizeof(begin) - 1);
	ouro__json_answer_init(&answer, 100000);
	assert_int_equal(line(&answer, "HTTP/1.1 500 Word\r\n"), 0);
	assert_int_equal(line(&answer, "Content-Type: " JSON "\r\n"), 0);
	assert_int_equal(ouro__json_answer_data(&answer, body, 70000), 0);
	assert_int_equal(verdict(&answer, &complete, 1), OURO_ERR_PROTOCOL);
	ouro__json_answer_done(&answer);
	free(body);
}

/* ---- transfers that broke ---- */

static void expect_broken(int http, enum ouro__json_how how, int sent, ouro_status read,
	ouro_status write, enum ouro__json_again then, const char *words)
{
	const struct ouro__json_end end = {how, sent, "it broke", "here"};
	struct ouro__json_answer answer;

	if (http)
		fill(&answer, http, JSON, "{");
	else
		ouro__json_answer_init(&answer, 10);
	assert_int_equal(verdict(&answer, &end, 0), write);
	assert_int_equal(verdict(&answer, &end, 1), read);
	assert_int_equal(again, then);
	assert_text_has(error.text, words);
	error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(ouro__json_answer_public(&answer, &end, "/version", &again, &error), read);
	assert_text_has(error.text, "/version: ");
	ouro__json_answer_done(&answer);
}

static void test_rpc_json_answer__broken(void **state)
{
	(void)state;
	expect_broken(0, OURO__JSON_LOST, 1, OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN,
		OURO__JSON_AGAIN_READ, "it broke");
	expect_broken(0, OURO__JSON_LOST, 0, OURO_ERR_UNREACHABLE, OURO_ERR_UNREACHABLE,
		OURO__JSON_AGAIN_READ, "it broke");
	/* The answer had begun. */
	expect_broken(200, OURO__JSON_LOST, 1, OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN,
		OURO__JSON_AGAIN_NEVER, "it broke");
	expect_broken(0, OURO__JSON_LATE, 1, OURO_ERR_TIMEOUT, OURO_ERR_UNCERTAIN,
		OURO__JSON_AGAIN_NEVER, "did not answer in time");
	expect_broken(0, OURO__JSON_LATE, 0, OURO_ERR_UNREACHABLE, OURO_ERR_UNREACHABLE,
		OURO__JSON_AGAIN_READ, "it broke");
	expect_broken(0, OURO__JSON_GARBLED, 1, OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN,
		OURO__JSON_AGAIN_NEVER, "it broke");
	expect_broken(0, OURO__JSON_GARBLED, 0, OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL,
		OURO__JSON_AGAIN_NEVER, "it broke");
}

/* Callers may want no words, or have an older, shorter struct for them. */
static void test_rpc_json_answer__without_words(void **state)
{
	struct ouro__json_answer answer;
	ouro_error small = OURO_ERROR_INIT;

	(void)state;
	fill(&answer, 500, JSON, "{\"code\":2,\"message\":\"no\"}");
	small.size = offsetof(ouro_error, http_status);
	assert_int_equal(ouro__json_answer_verdict(&answer, &complete, "Method", 1, &again, NULL),
		OURO_ERR_REJECTED);
	assert_int_equal(ouro__json_answer_verdict(&answer, &complete, "Method", 1, &again, &small),
		OURO_ERR_REJECTED);
	assert_int_equal(small.http_status, 0);
	ouro__json_answer_done(&answer);
}

/* ---- heads ---- */

static void test_rpc_json_answer__status_lines(void **state)
{
	static const char *const good[] = {
		"HTTP/1.1 200 OK\r\n", "HTTP/1.0 200\r\n", "HTTP/1.1 200 \n"};
	static const char *const bad[] = {"HTTP/1.1\r\n", "HTTP/1.1 \r\n", "HTTP/1.1 20\r\n",
		"HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 20x OK\r\n", "HTTP/1.1 2/0 OK\r\n",
		"HTTP/1.1 20/ OK\r\n", "HTTP/1.1 020 OK\r\n", "HTTP/1.1 -20 OK\r\n",
		"HTTP/1.1 x00 OK\r\n", "HTTP/1.1 20: OK\r\n", "HTTP/1.1 2:0 OK\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct ouro__json_answer answer;

		ouro__json_answer_init(&answer, 10);
		assert_int_equal(line(&answer, good[i]), 0);
		assert_int_equal(answer.http_status, 200);
		ouro__json_answer_done(&answer);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ouro__json_answer answer;

		ouro__json_answer_init(&answer, 10);
		if (!line(&answer, bad[i]))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(verdict(&answer, &complete, 1), OURO_ERR_PROTOCOL);
		assert_text_has(error.text, "the status line is not HTTP");
		/* Also for a page, and for a write it is not known what was done. */
		assert_int_equal(ouro__json_answer_public(&answer, &complete, "/x", &again, &error),
			OURO_ERR_PROTOCOL);
		assert_int_equal(verdict(&answer, &complete, 0), OURO_ERR_UNCERTAIN);
		ouro__json_answer_done(&answer);
	}
}

static void expect_type(const char *text, const char *type)
{
	struct ouro__json_answer answer;

	ouro__json_answer_init(&answer, 10);
	assert_int_equal(line(&answer, "HTTP/1.1 200 OK\r\n"), 0);
	assert_int_equal(line(&answer, text), 0);
	assert_string_equal(answer.content_type, type);
	ouro__json_answer_done(&answer);
}

static void test_rpc_json_answer__content_types(void **state)
{
	(void)state;
	expect_type("Content-Type: application/json\r\n", JSON);
	expect_type("CONTENT-TYPE:Application/JSON; charset=utf-8\r\n", JSON);
	expect_type("content-type: \t application/json \t\r\n", JSON);
	expect_type("content-type:application/json\tx\r\n", JSON);
	expect_type("content-type:\r\n", "");
	expect_type("content-type: \t", "");
	expect_type("content-type", "");
	expect_type("content-typo: application/json\r\n", "");
	expect_type("content-types: application/json\r\n", "");
	/* Cut to what there is room for. */
	expect_type(
		"content-type: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n",
		"012345678901234567890123456789012345678901234567890123456789012");
}

static void test_rpc_json_answer__redirects(void **state)
{
	struct ouro__json_answer answer;

	(void)state;
	ouro__json_answer_init(&answer, 10);
	assert_int_equal(line(&answer, "HTTP/1.1 302 Found\r\n"), 0);
	/* What stands behind may hold a secret. */
	assert_int_equal(
		line(&answer, "Location: https://sso.example.org/in?token=s3cret#x\r\n"), 0);
	assert_int_equal(line(&answer, "\r\n"), 0);
	assert_int_equal(verdict(&answer, &complete, 1), OURO_ERR_PROTOCOL);
	assert_text_has(error.text, "a redirect to \"https://sso.example.org/in\"");
	assert_null(strstr(error.text, "s3cret"));
	/* A status line begins anew: what 103 said is not what the answer says. */
	assert_int_equal(line(&answer, "HTTP/1.1 200 OK\r\n"), 0);
	assert_string_equal(answer.location, "");
	ouro__json_answer_done(&answer);
}

static void test_rpc_json_answer__compressed(void **state)
{
	static const struct {
		const char *text;
		int refused;
	} rows[] = {
		{"Content-Encoding: identity\r\n", 0},
		{"Content-Encoding: gzip\r\n", 1},
		{"Content-Encoding: identitx\r\n", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ouro__json_answer answer;

		ouro__json_answer_init(&answer, 10);
		assert_int_equal(line(&answer, "HTTP/1.1 200 OK\r\n"), 0);
		assert_int_equal(line(&answer, rows[i].text), rows[i].refused);
		assert_int_equal(verdict(&answer, &complete, 1), OURO_ERR_PROTOCOL);
		assert_int_equal(strstr(error.text, "compressed") != NULL, rows[i].refused);
		ouro__json_answer_done(&answer);
	}
}

static void test_rpc_json_answer__endless_heads(void **state)
{
	struct ouro__json_answer answer;
	char *long_line = malloc(30001);
	unsigned taken = 0;

	(void)state;
	ouro__json_answer_init(&answer, 10);
	while (taken < 1000 && !line(&answer, "X: y\r\n"))
		taken++;
	assert_int_equal(taken, OURO__JSON_FIELDS_MAX);
	assert_text_has(answer.fault_text, "does not end");
	ouro__json_answer_done(&answer);
	memset(long_line, 'x', 30000);
	long_line[30000] = '\0';
	assert_int_equal(line(&answer, long_line), 0);
	assert_int_equal(line(&answer, long_line), 0);
	assert_int_equal(line(&answer, long_line), 1);
	/* The first fault is what is said. */
	assert_int_equal(line(&answer, "HTTP/1.1 x\r\n"), 1);
	assert_text_has(answer.fault_text, "does not end");
	assert_int_equal(ouro__json_answer_data(&answer, "x", 1), 1);
	ouro__json_answer_done(&answer);
	free(long_line);
}

/* ---- bodies ---- */

static void test_rpc_json_answer__too_large(void **state)
{
	struct ouro__json_answer answer;

	(void)state;
	ouro__json_answer_init(&answer, 4);
	assert_int_equal(line(&answer, "HTTP/1.1 200 OK\r\n"), 0);
	assert_int_equal(ouro__json_answer_data(&answer, "abc", 3), 0);
	assert_int_equal(ouro__json_answer_data(&answer, "de", 2), 1);
	assert_int_equal(verdict(&answer, &complete, 1), OURO_ERR_LIMIT);
	assert_int_equal(verdict(&answer, &complete, 0), OURO_ERR_UNCERTAIN);
	ouro__json_answer_done(&answer);
}

/* Bytes without a status line. */
static void test_rpc_json_answer__not_http(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *words;
	} rows[] = {
		/* HTTP/2's SETTINGS, whole and nearly so */
		{"\0\0\0\4\0\0\0\0\0", 9, "the port speaks gRPC"},
		{"\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64", 15, "the port speaks gRPC"},
		{"\0\0\0\4\0\0\0\0", 8, "does not speak HTTP"},
		{"\1\0\0\4\0\0\0\0\0", 9, "does not speak HTTP"},
		{"\0\0\0\5\0\0\0\0\0", 9, "does not speak HTTP"},
		{"\0\0\0\4\0\0\0\0\1", 9, "does not speak HTTP"},
		/* TLS: an alert, a handshake */
		{"\x15\3\1\0\2\2\x16", 7, "the port speaks TLS"},
		{"\x16\3", 2, "the port speaks TLS"},
		{"\x16\4", 2, "does not speak HTTP"},
		{"\x16", 1, "does not speak HTTP"},
		{"SSH-2.0-x\r\n", 11, "does not speak HTTP"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ouro__json_end end = {OURO__JSON_LOST, 1, "refused by us", "here"};
		struct ouro__json_answer answer;
		uint8_t *exact = malloc(rows[i].size);

		memcpy(exact, rows[i].bytes, rows[i].size);
		ouro__json_answer_init(&answer, 100);
		assert_int_equal(ouro__json_answer_data(&answer, exact, rows[i].size), 1);
		assert_int_equal(verdict(&answer, &end, 1), OURO_ERR_PROTOCOL);
		assert_text_has(error.text, rows[i].words);
		ouro__json_answer_done(&answer);
		free(exact);
	}
}

static void test_rpc_json_answer__pages(void **state)
{
	struct ouro__json_answer answer;

	(void)state;
	/* Every whole answer is a success. */
	fill(&answer, 404, HTML, "<html>");
	assert_int_equal(
		ouro__json_answer_public(&answer, &complete, "/x", &again, &error), OURO_OK);
	ouro__json_answer_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_json_answer__gateway),
		cmocka_unit_test(test_rpc_json_answer__gateway_again),
		cmocka_unit_test(test_rpc_json_answer__problems),
		cmocka_unit_test(test_rpc_json_answer__many_causes),
		cmocka_unit_test(test_rpc_json_answer__strangers),
		cmocka_unit_test(test_rpc_json_answer__large_error),
		cmocka_unit_test(test_rpc_json_answer__broken),
		cmocka_unit_test(test_rpc_json_answer__without_words),
		cmocka_unit_test(test_rpc_json_answer__status_lines),
		cmocka_unit_test(test_rpc_json_answer__content_types),
		cmocka_unit_test(test_rpc_json_answer__redirects),
		cmocka_unit_test(test_rpc_json_answer__compressed),
		cmocka_unit_test(test_rpc_json_answer__endless_heads),
		cmocka_unit_test(test_rpc_json_answer__too_large),
		cmocka_unit_test(test_rpc_json_answer__not_http),
		cmocka_unit_test(test_rpc_json_answer__pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
