/* Endpoints: what is taken as an address, and looking it up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "base/sys.h"
#include "net/endpoint.h"

static void good(const char *text, const char *host, uint16_t port, const char *shown)
{
	struct ouro__endpoint endpoint;
	ouro_error error = OURO_ERROR_INIT;

	assert_int_equal(ouro__endpoint_parse(text, 443, &endpoint, &error), OURO_OK);
	assert_string_equal(endpoint.host, host);
	assert_int_equal(endpoint.port, port);
	assert_string_equal(endpoint.text, shown);
}

static void test_net_endpoint__good(void **state)
{
	(void)state;
	good("hs.example.org:50443", "hs.example.org", 50443, "hs.example.org:50443");
	good("hs", "hs", 443, "hs:443");
	good("127.0.0.1:1", "127.0.0.1", 1, "127.0.0.1:1");
	good("[::1]:65535", "::1", 65535, "[::1]:65535");
	good("[fe80::1%eth0]", "fe80::1%eth0", 443, "[fe80::1%eth0]:443");
}

static void test_net_endpoint__bad(void **state)
{
	static const char *const texts[] = {"", ":1", "a:", "a:0", "a:65536", "a:00080x", "a:-1",
		"a:+1", "a: 1", "a b:1", "::1", "::1:80", "[::1", "[]:1", "[::1]x", "[::1]1",
		"[a/b]:1", "http://a:1", "a/b", "a:1:2", "a:123456", "\xc3\xa4:1", "[v6]]:1"};
	char large[400];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ouro__endpoint endpoint;
		ouro_error error = OURO_ERROR_INIT;

		if (ouro__endpoint_parse(texts[i], 443, &endpoint, &error) != OURO_ERR_INVALID)
			fail_msg("taken: %s", texts[i]);
		assert_true(error.text[0]);
	}
	memset(large, 'a', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	assert_int_equal(
		ouro__endpoint_parse(large, 443, &(struct ouro__endpoint){.port = 0}, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__endpoint_parse(NULL, 443, &(struct ouro__endpoint){.port = 0}, NULL),
		OURO_ERR_INVALID);
}

static void test_net_endpoint__resolve(void **state)
{
	struct ouro__endpoint endpoint;
	struct addrinfo *list = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro__endpoint_parse("127.0.0.1:80", 1, &endpoint, NULL), OURO_OK);
	assert_int_equal(
		ouro__endpoint_resolve(&endpoint, ouro__clock_ms() + 1000, -1, &list, &error),
		OURO_OK);
	assert_int_equal(list->ai_family, AF_INET);
	freeaddrinfo(list);
	assert_int_equal(ouro__endpoint_parse("localhost:80", 1, &endpoint, NULL), OURO_OK);
	list = NULL;
	assert_int_equal(
		ouro__endpoint_resolve(&endpoint, ouro__clock_ms() + 10000, -1, &list, &error),
		OURO_OK);
	assert_non_null(list);
	freeaddrinfo(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net_endpoint__good),
		cmocka_unit_test(test_net_endpoint__bad),
		cmocka_unit_test(test_net_endpoint__resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
