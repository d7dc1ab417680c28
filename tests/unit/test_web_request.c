/* The checks of a request's head, the address behind proxies, and the pieces of an answer. */
#include "request.h"
#include "response.h"
#include "router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HOST                                                                                       \
	{                                                                                          \
		"Host", "vpn.example.org"                                                          \
	}

static const struct web_hosts hosts = {"vpn.example.org", 8080, "/ouroboros/api/"};

/* The status that a head is refused with; 0 if it is accepted. */
static int status_of(const char *method, const char *target, const char *query,
	const struct web_header *headers, size_t count, struct web_request *ret_request)
{
	const struct web_head head = {method, target, query, "1.1", headers, count};
	struct web_refusal refusal = {0, NULL};
	struct web_request request;
	int accepted = web_request_check(
		&head, &hosts, ret_request != NULL ? ret_request : &request, &refusal);

	if (ret_request == NULL)
		web_request_done(&request);
	assert_true(accepted || refusal.text != NULL);
	return accepted ? 0 : refusal.status;
}

static int get(const char *target, const char *query)
{
	static const struct web_header headers[] = {HOST};

	return status_of("GET", target, query, headers, 1, NULL);
}

static int with(const char *method, struct web_header a, struct web_header b)
{
	const struct web_header headers[] = {HOST, a, b};
	size_t count = a.name == NULL ? 1 : b.name == NULL ? 2 : 3;

	return status_of(method, "/", NULL, headers, count, NULL);
}

static int host(const char *value)
{
	const struct web_header headers[] = {{"hOsT", value}};

	return status_of("GET", "/", NULL, headers, 1, NULL);
}

static void test_web_request__methods_and_versions(void **state)
{
	const struct web_header headers[] = {HOST};
	struct web_head head = {"GET", "/", NULL, "1.0", headers, 1};
	struct web_refusal refusal;
	struct web_request request;
	static const char *const others[] = {
		"PUT", "DELETE", "OPTIONS", "get", "PROPFIND", "PATCH", ""};
	size_t i;

	(void)state;
	assert_int_equal(web_request_check(&head, &hosts, &request, &refusal), 1);
	web_request_done(&request);
	head.version = "2.0";
	assert_int_equal(web_request_check(&head, &hosts, &request, &refusal), 0);
	assert_int_equal(refusal.status, 505);
	web_request_done(&request);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(status_of(others[i], "/", NULL, headers, 1, NULL), 405);
	assert_int_equal(status_of("HEAD", "/", NULL, headers, 1, NULL), 0);
}

static int api(const char *method, const char *target, struct web_header more)
{
	const struct web_header headers[] = {HOST, more};

	return status_of(method, target, NULL, headers, more.name != NULL ? 2 : 1, NULL);
}

static void test_web_request__api(void **state)
{
	static const char *const methods[] = {
		"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
	static const char *const bad[] = {"/ouroboros/api/%", "/ouroboros/api/%4",
		"/ouroboros/api/%zz", "/ouroboros/api//x", "/ouroboros/api/../x",
		"/ouroboros/api/a b", "/ouroboros/api/\\", "/ouroboros/api/<"};
	const struct web_header none = {NULL, NULL}, length = {"Content-Length", "2"};
	const struct web_header secret[] = {HOST, {"Authorization", "Bearer x"}};
	struct web_request request;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		assert_int_equal(api(methods[i], "/ouroboros/api/v1/node", none), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(api("GET", bad[i], none), 400);
	assert_int_equal(api("POST", "/ouroboros/api/v1/node/5/rename/a%2Fb", none), 0);
	assert_int_equal(api("DELETE", "/ouroboros/api", none), 405);
	assert_int_equal(api("POST", "/ouroboros/apix/", none), 411);
	assert_int_equal(api("POST", "/ouroboros/api/v1/x", length), 0);
	assert_int_equal(api("DELETE", "/ouroboros/api/v1/x", length), 0);
	assert_int_equal(api("PATCH", "/ouroboros/api/v1/x", length), 0);
	assert_int_equal(api("GET", "/ouroboros/api/v1/x", length), 0);
	assert_int_equal(
		api("POST", "/ouroboros/api/v1/x", (struct web_header){"Content-Length", "16385"}),
		413);
	assert_int_equal(api("POST", "/ouroboros/api/v1/x",
				 (struct web_header){"Transfer-Encoding", "chunked"}),
		501);
	/* A page has no use for the header, and so does not see it. */
	assert_int_equal(status_of("GET", "/ouroboros/x", NULL, secret, 2, &request), 0);
	assert_null(request.authorization);
	web_request_done(&request);
	assert_int_equal(status_of("GET", "/ouroboros/api/x", NULL, secret, 2, &request), 0);
	assert_string_equal(request.authorization, "Bearer x");
	assert_int_equal(request.api, 1);
	web_request_done(&request);
	/* Known for the API before anything is refused, so that the answer is a problem document. */
	assert_int_equal(status_of("GET", "/ouroboros/api/x", NULL, NULL, 0, &request), 400);
	assert_int_equal(request.api, 1);
	web_request_done(&request);
}

static void test_web_request__hosts(void **state)
{
	const struct web_header two[] = {HOST, {"host", "vpn.example.org"}};
	const struct web_header loopback[] = {{"Host", "127.0.0.1:8080"}};
	struct web_request request;
	static const char *const bad[] = {"", "a b", "vpn.example.org:", "vpn.example.org:0",
		"vpn.example.org:99999", "user@vpn.example.org", "vpn.example.org/x", "[::1", "[]",
		"vpn_example"};
	size_t i;

	(void)state;
	assert_int_equal(host("vpn.example.org"), 0);
	assert_int_equal(host("VPN.example.org"), 0);
	assert_int_equal(host("vpn.example.org:443"), 0);
	assert_int_equal(host("vpn.example.org:8443"), 421);
	assert_int_equal(host("evil.example"), 421);
	assert_int_equal(host("vpn.example.org.evil.example"), 421);
	assert_int_equal(host("vpn.example.org."), 421);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(host(bad[i]), 400);
	assert_int_equal(status_of("GET", "/", NULL, two, 2, NULL), 400);
	assert_int_equal(status_of("GET", "/", NULL, NULL, 0, NULL), 400);
	assert_int_equal(status_of("GET", "/healthz", NULL, loopback, 1, &request), 0);
	assert_int_equal(request.loopback_host, 1);
	web_request_done(&request);
	assert_int_equal(status_of("GET", "/healthz", NULL, two, 1, &request), 0);
	assert_int_equal(request.loopback_host, 0);
	web_request_done(&request);
}

static void test_web_request__lengths(void **state)
{
	const struct web_header none = {NULL, NULL};
	static const char *const bad[] = {"+3", "-1", "0x3", "3, 3", "3 3", "", "3.0", "a"};
	size_t i;

	(void)state;
	assert_int_equal(with("POST", none, none), 411);
	assert_int_equal(with("POST", (struct web_header){"Content-Length", "3"}, none), 0);
	assert_int_equal(with("POST", (struct web_header){"Content-Length", "16384"}, none), 0);
	assert_int_equal(with("POST", (struct web_header){"Content-Length", "16385"}, none), 413);
	assert_int_equal(
		with("POST", (struct web_header){"Content-Length", "9000000000000000000"}, none),
		413);
	assert_int_equal(
		with("POST", (struct web_header){"Content-Length", "18446744073709551619"}, none),
		413);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			with("POST", (struct web_header){"Content-Length", bad[i]}, none), 400);
	assert_int_equal(with("POST", (struct web_header){"Content-Length", "3"},
				 (struct web_header){"content-length", "3"}),
		400);
	assert_int_equal(with("POST", (struct web_header){"Content-Length", "3"},
				 (struct web_header){"Transfer-Encoding", "chunked"}),
		501);
	assert_int_equal(
		with("GET", (struct web_header){"Transfer-Encoding", "identity"}, none), 501);
	assert_int_equal(with("GET", (struct web_header){"Content-Length", "1"}, none), 400);
	assert_int_equal(with("GET", (struct web_header){"Content-Length", "0"}, none), 0);
}

static void test_web_request__headers(void **state)
{
	static const char *const single[] = {
		"Cookie", "Authorization", "Origin", "Content-Type", "Sec-Fetch-Site"};
	struct web_header many[WEB_HEADERS_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		assert_int_equal(with("GET", (struct web_header){single[i], "a"},
					 (struct web_header){single[i], "a"}),
			400);
	assert_int_equal(
		with("GET", (struct web_header){"X", "a\x01"}, (struct web_header){NULL, NULL}),
		400);
	assert_int_equal(
		with("GET", (struct web_header){"X", "a\tb"}, (struct web_header){NULL, NULL}), 0);
	for (i = 0; i < WEB_HEADERS_MAX; i++)
		many[i] = (struct web_header){i == 0 ? "Host" : "X", "vpn.example.org"};
	assert_int_equal(status_of("GET", "/", NULL, many, WEB_HEADERS_MAX - 1, NULL), 0);
	assert_int_equal(status_of("GET", "/", NULL, many, WEB_HEADERS_MAX, NULL), 431);
}

static void test_web_request__paths_and_queries(void **state)
{
	static const char *const bad[] = {"", "x", "*", "//", "/a//b", "/.", "/../x", "/a/./b",
		"/a/..", "/%2e", "/a%00", "/a b", "/a\\b", "/a;b", "/a\"b", "/<", "/\xc3\xb6",
		"http://vpn.example.org/", "/a?b", "/a#b", "/@x"};
	char longer[1100];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(get(bad[i], NULL), 400);
	assert_int_equal(get("/register/mkey:0a-B_c~d.e", NULL), 0);
	memset(longer, 'a', sizeof(longer));
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(get(longer, NULL), 414);
	assert_int_equal(get("/", "a=1&b=2"), 0);
	assert_int_equal(get("/", ""), 0);
	assert_int_equal(get("/", "a=1&a=2"), 400);
	assert_int_equal(get("/", "a=%00"), 400);
}

static const char *address(const char *peer, const char *forwarded, const char *trusted)
{
	static char text[WEB_ADDRESS_MAX];

	web_request_address(peer, forwarded, trusted, text);
	return text;
}

static void test_web_request__addresses_behind_proxies(void **state)
{
	(void)state;
	assert_string_equal(address("203.0.113.9", "1.2.3.4", NULL), "203.0.113.9");
	assert_string_equal(address("203.0.113.9", "1.2.3.4", "10.0.0.0/8"), "203.0.113.9");
	assert_string_equal(address("10.1.2.3", "1.2.3.4", "10.0.0.0/8"), "1.2.3.4");
	assert_string_equal(address("10.1.2.3", "6.6.6.6, 1.2.3.4", "10.0.0.0/8"), "1.2.3.4");
	assert_string_equal(
		address("10.1.2.3", "6.6.6.6, 1.2.3.4, 10.9.9.9", "10.0.0.0/8"), "1.2.3.4");
	assert_string_equal(
		address("10.1.2.3", "6.6.6.6, junk, 10.9.9.9", "10.0.0.0/8"), "10.9.9.9");
	assert_string_equal(address("127.0.0.1", "2001:db8::1", "127.0.0.1, ::1"), "2001:db8::1");
	assert_string_equal(address("127.0.0.1", NULL, "127.0.0.1"), "127.0.0.1");
	assert_string_equal(address("127.0.0.1", "", "127.0.0.1"), "127.0.0.1");
	assert_string_equal(address("10.128.0.1", "1.1.1.1", "10.0.0.0/9"), "10.128.0.1");
	assert_string_equal(address("10.127.0.1", "1.1.1.1", "10.0.0.0/9"), "1.1.1.1");
	assert_string_equal(address("10.127.0.1", "1.1.1.1", "0.0.0.0/0"), "1.1.1.1");
}

static void test_web_request__trusted_lists(void **state)
{
	char bad[64];

	(void)state;
	assert_int_equal(web_trusted_valid(NULL, bad, sizeof(bad)), 1);
	assert_int_equal(web_trusted_valid("10.0.0.0/8, fd00::/8 127.0.0.1", bad, sizeof(bad)), 1);
	assert_int_equal(web_trusted_valid("10.0.0.0/8,10.0.0.0/33", bad, sizeof(bad)), 0);
	assert_string_equal(bad, "10.0.0.0/33");
	assert_int_equal(web_trusted_valid("10.0.0.0/08", bad, sizeof(bad)), 0);
	assert_int_equal(web_trusted_valid("proxy", bad, sizeof(bad)), 0);
}

static void test_web_router__patterns(void **state)
{
	struct web_param params[WEB_PARAMS_MAX];

	(void)state;
	assert_int_equal(
		web_pattern_match("/nodes/{id}", "/nodes/18446744073709551615", params), 1);
	assert_true(params[0].id == UINT64_MAX);
	assert_int_equal(
		web_pattern_match("/nodes/{id}", "/nodes/18446744073709551616", params), 0);
	assert_int_equal(web_pattern_match("/nodes/{id}", "/nodes/0", params), 0);
	assert_int_equal(web_pattern_match("/nodes/{id}", "/nodes/05", params), 0);
	assert_int_equal(web_pattern_match("/nodes/{id}", "/nodes/-5", params), 0);
	assert_int_equal(web_pattern_match("/nodes/{id}", "/nodes/", params), 0);
	assert_int_equal(web_pattern_match("/nodes/{id}", "/nodes/5/", params), 0);
	assert_int_equal(web_pattern_match("/nodes/{id}/rename", "/nodes/5/rename", params), 1);
	assert_int_equal(web_pattern_match("/nodes/{id}/rename", "/nodes/5", params), 0);
	assert_int_equal(web_pattern_match("/register/{key}", "/register/mkey:ab", params), 1);
	assert_int_equal(params[0].length, 7);
	assert_int_equal(web_pattern_match("/register/{key}", "/register/a/b", params), 0);
	assert_int_equal(web_pattern_match("/", "/", params), 1);
	assert_int_equal(web_pattern_match("/", "/x", params), 0);
}

static void test_web_response__writes_one_answer(void **state)
{
	struct web_response response;
	struct web_buf out;

	(void)state;
	web_response_init(&response);
	web_buf_init(&out, 65536);
	web_response_text(&response, 404, "nothing");
	assert_int_equal(web_response_header(&response, "X-A", "b"), 1);
	assert_int_equal(web_response_header(&response, "X-B", "a\r\nX-C: d"), 0);
	assert_int_equal(web_response_header(&response, "X-B", "\xc3\xb6"), 0);
	assert_int_equal(web_response_write(&response, "X-Common: 1\r\n", 0, &out), 1);
	assert_int_equal(strncmp(out.data, "HTTP/1.1 404 Not Found\r\n", 24), 0);
	assert_non_null(strstr(out.data, "\r\nContent-Length: 8\r\n"));
	assert_non_null(strstr(out.data, "\r\nCache-Control: no-store\r\n"));
	assert_non_null(strstr(out.data, "\r\nX-Common: 1\r\n"));
	assert_non_null(strstr(out.data, "\r\nX-A: b\r\n"));
	assert_null(strstr(out.data, "X-C:"));
	assert_non_null(strstr(out.data, "\r\n\r\nnothing\n"));
	web_buf_done(&out);
	assert_int_equal(web_response_write(&response, "", 1, &out), 1);
	assert_non_null(strstr(out.data, "\r\nContent-Length: 8\r\n"));
	assert_string_equal(strstr(out.data, "\r\n\r\n"), "\r\n\r\n");
	web_buf_done(&out);
	web_response_done(&response);
}

static void test_web_response__redirects_only_to_own_paths(void **state)
{
	static const char *const bad[] = {"//evil.example", "https://evil.example",
		"/\\evil.example", "evil", "", "/a/../b", "/a?x=\r\nSet-Cookie: a", "/%2f/evil",
		"/x?<script>", "/./x"};
	struct web_response response;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		web_response_init(&response);
		web_response_see(&response, "/ouroboros", bad[i]);
		assert_string_equal(response.headers.data, "Location: /ouroboros/\r\n");
		web_response_done(&response);
	}
	web_response_init(&response);
	web_response_see(&response, "/ouroboros", "/nodes/5?done=renamed");
	assert_int_equal(response.status, 303);
	assert_string_equal(response.headers.data, "Location: /ouroboros/nodes/5?done=renamed\r\n");
	web_response_done(&response);
}

static void test_web_response__etags(void **state)
{
	struct web_response response;

	(void)state;
	web_response_init(&response);
	assert_int_equal(web_response_etag(&response, NULL, 255), 0);
	assert_string_equal(response.etag, "W/\"00000000000000ff\"");
	assert_int_equal(web_response_etag(&response, "\"00000000000000fe\"", 255), 0);
	assert_int_equal(response.status, 200);
	assert_int_equal(web_response_etag(&response, "\"x\", W/\"00000000000000ff\"", 255), 1);
	assert_int_equal(response.status, 304);
	web_response_done(&response);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_request__methods_and_versions),
		cmocka_unit_test(test_web_request__api),
		cmocka_unit_test(test_web_request__hosts),
		cmocka_unit_test(test_web_request__lengths),
		cmocka_unit_test(test_web_request__headers),
		cmocka_unit_test(test_web_request__paths_and_queries),
		cmocka_unit_test(test_web_request__addresses_behind_proxies),
		cmocka_unit_test(test_web_request__trusted_lists),
		cmocka_unit_test(test_web_router__patterns),
		cmocka_unit_test(test_web_response__writes_one_answer),
		cmocka_unit_test(test_web_response__redirects_only_to_own_paths),
		cmocka_unit_test(test_web_response__etags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
