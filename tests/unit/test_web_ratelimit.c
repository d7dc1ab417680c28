/* Token buckets, their hash, and the buffers and encodings of text. */
#include "ratelimit.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_web_ratelimit__siphash_is_siphash(void **state)
{
	/* The vectors of the paper: key 00 … 0f, input 00 … 0e. */
	uint8_t key[16], input[15];
	size_t i;

	(void)state;
	for (i = 0; i < 16; i++)
		key[i] = (uint8_t)i;
	for (i = 0; i < 15; i++)
		input[i] = (uint8_t)i;
	assert_true(web_siphash(key, input, 15) == 0xa129ca6149be45e5u);
	assert_true(web_siphash(key, input, 0) == 0x726fdb47dd0e0e31u);
}

static void test_web_ratelimit__burst_then_rate(void **state)
{
	struct web_limits *limits = web_limits_new(100);
	int64_t now = 1000;
	int i;

	(void)state;
	assert_non_null(limits);
	for (i = 0; i < 10; i++)
		assert_int_equal(
			web_limits_take_address(limits, WEB_BUCKET_SIGNIN, "192.0.2.1", now), 0);
	assert_int_equal(web_limits_take_address(limits, WEB_BUCKET_SIGNIN, "192.0.2.1", now), 6);
	assert_int_equal(web_limits_take_address(limits, WEB_BUCKET_SIGNIN, "192.0.2.2", now), 0);
	assert_int_equal(web_limits_take_address(limits, WEB_BUCKET_CALLBACK, "192.0.2.1", now), 0);
	assert_true(
		web_limits_take_address(limits, WEB_BUCKET_SIGNIN, "192.0.2.1", now + 5500) > 0);
	assert_int_equal(
		web_limits_take_address(limits, WEB_BUCKET_SIGNIN, "192.0.2.1", now + 6100), 0);
	/* A long pause fills the bucket to its burst and not beyond. */
	now += 86400000;
	for (i = 0; i < 10; i++)
		assert_int_equal(
			web_limits_take_address(limits, WEB_BUCKET_SIGNIN, "192.0.2.1", now), 0);
	assert_true(web_limits_take_address(limits, WEB_BUCKET_SIGNIN, "192.0.2.1", now) > 0);
	web_limits_free(limits);
}

static void test_web_ratelimit__ipv6_counts_by_network(void **state)
{
	struct web_limits *limits = web_limits_new(100);
	char address[64];
	int i, refused = 0;

	(void)state;
	assert_non_null(limits);
	for (i = 0; i < 10000; i++) {
		(void)snprintf(address, sizeof(address), "2001:db8:0:1::%x", (unsigned)i);
		refused += web_limits_take_address(limits, WEB_BUCKET_SIGNIN, address, 5) > 0;
	}
	assert_int_equal(refused, 9990);
	assert_int_equal(
		web_limits_take_address(limits, WEB_BUCKET_SIGNIN, "2001:db8:0:2::1", 5), 0);
	web_limits_free(limits);
}

static void test_web_ratelimit__a_full_table_goes_on(void **state)
{
	struct web_limits *limits = web_limits_new(100);
	uint32_t i;
	int refused = 0;

	(void)state;
	assert_non_null(limits);
	for (i = 0; i < 100000; i++)
		refused += web_limits_take(limits, WEB_BUCKET_WRITE, &i, sizeof(i), (int64_t)i) > 0;
	assert_int_equal(refused, 0);
	web_limits_free(limits);
}

static void html(const char *text, size_t length, const char *expected)
{
	struct web_buf buf;

	web_buf_init(&buf, 4096);
	web_buf_html(&buf, text, length);
	assert_int_equal(buf.failed, 0);
	assert_string_equal(buf.data != NULL ? buf.data : "", expected);
	web_buf_done(&buf);
}

static void test_web_text__html(void **state)
{
	(void)state;
	html("", 0, "");
	html("plain", 5, "plain");
	html("<a href=\"x\">'&'</a>", 19, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
	html("\xc3\xb6\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\xc3\xb6\xe2\x82\xac\xf0\x9f\x98\x80");
	html("a\xff"
	     "b",
		3,
		"a\xef\xbf\xbd"
		"b");
	html("\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd");
	html("\xc3", 1, "\xef\xbf\xbd");
	html("\x1b[31m", 5, "\xef\xbf\xbd[31m");
	html("\xc2\x85", 2, "\xef\xbf\xbd");
	html("\xe2\x80\xae"
	     "x",
		4,
		"\xef\xbf\xbd"
		"x");
	html("a\0b", 3,
		"a\xef\xbf\xbd"
		"b");
	html("a\nb\t", 4, "a\nb\t");
}

static void test_web_text__buffers_have_a_maximum(void **state)
{
	struct web_buf buf;
	struct web_arena arena;

	(void)state;
	web_buf_init(&buf, 10);
	web_buf_puts(&buf, "12345");
	web_buf_printf(&buf, "%d", 67890);
	assert_int_equal(buf.failed, 0);
	assert_string_equal(buf.data, "1234567890");
	web_buf_add(&buf, "x", 1);
	assert_int_equal(buf.failed, 1);
	web_buf_done(&buf);
	web_buf_url(&buf, "a/ \xff", 4);
	assert_string_equal(buf.data, "a%2F%20%FF");
	web_buf_done(&buf);
	web_arena_init(&arena, 10000);
	assert_non_null(web_arena_alloc(&arena, 9000));
	assert_null(web_arena_alloc(&arena, 2000));
	assert_string_equal(web_arena_copy(&arena, "abcdef", 3), "abc");
	assert_string_equal(web_arena_printf(&arena, "%s-%d", "x", 5), "x-5");
	web_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_ratelimit__siphash_is_siphash),
		cmocka_unit_test(test_web_ratelimit__burst_then_rate),
		cmocka_unit_test(test_web_ratelimit__ipv6_counts_by_network),
		cmocka_unit_test(test_web_ratelimit__a_full_table_goes_on),
		cmocka_unit_test(test_web_text__html),
		cmocka_unit_test(test_web_text__buffers_have_a_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
