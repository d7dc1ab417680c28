/* URLs and nesting: what administrators write, what may not pass. */
#include "check.h"

#include "base/nesting.h"
#include "base/url.h"

static void test_base_url__accepted(void **state)
{
	static const struct {
		const char *text;
		const char *host;
		const char *authority;
		unsigned port;
		const char *path;
		int safe;
	} cases[] = {
		{"https://vpn.example.org", "vpn.example.org", "vpn.example.org", 0, "", 1},
		{"https://vpn.example.org:8443/a/b-c.d_e~f/", "vpn.example.org",
			"vpn.example.org:8443", 8443, "/a/b-c.d_e~f/", 1},
		{"http://127.0.0.1:65535/", "127.0.0.1", "127.0.0.1:65535", 65535, "/", 1},
		{"http://127.9.9.9", "127.9.9.9", "127.9.9.9", 0, "", 1},
		{"http://LocalHost", "LocalHost", "LocalHost", 0, "", 1},
		{"http://[::1]:80", "::1", "[::1]:80", 80, "", 1},
		{"http://[2001:db8::1]", "2001:db8::1", "[2001:db8::1]", 0, "", 0},
		{"http://example.org", "example.org", "example.org", 0, "", 0},
		{"http://localhost.example.org", "localhost.example.org", "localhost.example.org",
			0, "", 0},
		{"http://127.0.0.1.example.org", "127.0.0.1.example.org", "127.0.0.1.example.org",
			0, "", 0},
	};
	struct ouro__url url;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(ouro__url_parse(cases[i].text, &url));
		assert_string_equal(url.host, cases[i].host);
		assert_string_equal(url.authority, cases[i].authority);
		assert_int_equal(url.port, cases[i].port);
		assert_string_equal(url.path, cases[i].path);
		assert_int_equal(ouro__url_safe(&url), cases[i].safe);
	}
}

static void test_base_url__refused(void **state)
{
	static const char *const cases[] = {"", "vpn.example.org", "https:/x", "https://",
		"https:///x", "HTTPS://x", "ftp://x", "https://u@x", "https://u:p@x", "https://x:0",
		"https://x:", "https://x:65536", "https://x:08", "https://x:+8", "https://x:8a",
		"https://x y", "https://x\n", "https://-x", "https://.x", "https://a..b",
		"https://[::1", "https://[x]", "https://[::1]x", "https://::1", "https://x?q",
		"https://x/#f", "https://x/?q", "https://x/a%2fb", "https://x//a", "https://x/./a",
		"https://x/../a", "https://x/a/..", "https://x/.", "https://x/a\\b",
		"https://\xc3\xa4", "javascript:alert(1)"};
	char longest[600];
	struct ouro__url url;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (ouro__url_parse(cases[i], &url))
			fail_msg("accepted: %s", cases[i]);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "https://x/", 10);
	longest[OURO__URL_MAX] = '\0';
	assert_true(ouro__url_parse(longest, &url));
	longest[OURO__URL_MAX] = 'a';
	longest[OURO__URL_MAX + 1] = '\0';
	assert_false(ouro__url_parse(longest, &url));
	memcpy(longest + 8, "aaaa", 4);
	longest[8 + 254] = '\0';
	assert_false(ouro__url_parse(longest, &url));
	longest[8 + 253] = '\0';
	assert_true(ouro__url_parse(longest, &url));
	assert_false(ouro__url_authority("a\0b", 3, &url));
	assert_false(ouro__url_authority("", 0, &url));
}

static void test_base_url__nesting(void **state)
{
	(void)state;
	assert_true(ouro__nesting_within("", 0, 0));
	assert_true(ouro__nesting_within("5", 1, 0));
	assert_false(ouro__nesting_within("[", 1, 0));
	assert_true(ouro__nesting_within("[{},[],{}]", 10, 2));
	assert_false(ouro__nesting_within("[{},[[]],{}]", 12, 2));
	assert_true(ouro__nesting_within("[\"[[[[\\\"[[[\"]", 14, 1));
	assert_false(ouro__nesting_within("\"\\\\\"[[", 6, 1));
	assert_true(ouro__nesting_within("]]]]]]", 6, 0));
	assert_true(ouro__nesting_within("\"\\", 2, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_url__accepted),
		cmocka_unit_test(test_base_url__refused),
		cmocka_unit_test(test_base_url__nesting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
