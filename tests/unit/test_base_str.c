/* Text helpers: strict about what they accept, and never past the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_base_str__u64_takes_canonical_decimals(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {{"0", 0}, {"1", 1}, {"10", 10}, {"18446744073709551615", UINT64_MAX},
		{"9223372036854775808", UINT64_C(1) << 63}};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		uint64_t value = 77;

		assert_int_equal(ouro__str_u64(good[i].text, strlen(good[i].text), &value), 1);
		assert_true(value == good[i].value);
	}
}

static void test_base_str__u64_refuses_the_rest(void **state)
{
	static const char *const bad[] = {"", "00", "01", "+1", "-1", " 1", "1 ", "1a", "0x1",
		"18446744073709551616", "18446744073709551620", "99999999999999999999",
		"100000000000000000000", "1\xd9\xa1"};
	uint64_t value = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (ouro__str_u64(bad[i], strlen(bad[i]), &value))
			fail_msg("\"%s\" was taken", bad[i]);
	assert_int_equal(ouro__str_u64("1\0", 2, &value), 0);
	assert_true(value == 77);
	assert_int_equal(ouro__str_u64("123", 2, &value), 1);
	assert_true(value == 12);
}

static void test_base_str__utf8_follows_the_standard(void **state)
{
	static const char *const good[] = {"", "abc", "\x7f", "\xc2\x80", "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf", "a\xe2\x82\xacz"};
	static const char *const bad[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41",
		"\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "\xf0\x90\x80\x41", "\xf0\x90\x41\x80"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!ouro__str_utf8(good[i], strlen(good[i])))
			fail_msg("good %zu was refused", i);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (ouro__str_utf8(bad[i], strlen(bad[i])))
			fail_msg("bad %zu was taken", i);
	assert_int_equal(ouro__str_utf8("a\0b", 3), 0);
}

/* Eight bytes are looked at in one go: what is wrong is found wherever it stands, and what is right is not mistaken. */
static void test_base_str__utf8_at_every_place(void **state)
{
	char text[40];

	(void)state;
	for (size_t length = 1; length < sizeof(text); length++)
		for (size_t at = 0; at < length; at++) {
			memset(text, at % 2 ? '\x01' : '\x7f', sizeof(text));
			assert_int_equal(ouro__str_utf8(text, length), 1);
			text[at] = '\0';
			assert_int_equal(ouro__str_utf8(text, length), 0);
			text[at] = '\x80';
			assert_int_equal(ouro__str_utf8(text, length), 0);
			text[at] = '\xc3';
			assert_int_equal(ouro__str_utf8(text, length), 0);
			if (at + 1 == length)
				continue;
			text[at + 1] = '\xbc';
			assert_int_equal(ouro__str_utf8(text, length), 1);
			text[length - 1] = '\0';
			assert_int_equal(ouro__str_utf8(text, length), 0);
		}
}

static void one_line(const char *from, const char *expected)
{
	char text[64];

	assert_true(strlen(from) < sizeof(text));
	memcpy(text, from, strlen(from) + 1);
	ouro__str_one_line(text);
	assert_string_equal(text, expected);
}

static void test_base_str__one_line_is_clean(void **state)
{
	(void)state;
	one_line("", "");
	one_line("a\r\nb\tc\x7f\x1b[0m", "a  b c  [0m");
	one_line("\xe2\x82\xac", "\xe2\x82\xac");
	one_line("a\xff\x80z", "a??z");
	one_line("abcdef\xe2\x82", "abcdef"); /* torn at the end */
	one_line("abcdef\xf0\x9f\x98", "abcdef");
	one_line("abcdef\xc3", "abcdef");
}

static void test_base_str__copy_is_whole_or_nothing(void **state)
{
	char to[4] = "zzz";

	(void)state;
	assert_int_equal(ouro__str_copy(to, sizeof(to), "abc"), 1);
	assert_string_equal(to, "abc");
	assert_int_equal(ouro__str_copy(to, sizeof(to), "abcd"), 0);
	assert_string_equal(to, "");
	assert_int_equal(ouro__str_copy(to, 1, ""), 1);
	to[0] = 'k';
	assert_int_equal(ouro__str_copy(to, 0, ""), 0);
	assert_int_equal(to[0], 'k');
}

static void test_base_str__folding_is_ascii_only(void **state)
{
	(void)state;
	assert_int_equal(ouro__str_same_fold("Atlas-7", "aTLAS-7"), 1);
	assert_int_equal(ouro__str_same_fold("atlas", "atlas7"), 0);
	assert_int_equal(ouro__str_same_fold("[", "{"), 0); /* 32 apart, but no letters */
	assert_int_equal(ouro__str_same_fold("@", "`"), 0);
	assert_int_equal(ouro__str_same_fold("\xc3\x84", "\xc3\xa4"), 0);
	assert_true(ouro__str_compare_fold("Alpha", "beta") < 0);
	assert_true(ouro__str_compare_fold("b", "A") > 0);
	assert_true(ouro__str_compare_fold("a", "ab") < 0);
	assert_true(ouro__str_compare_fold("z", "\xc3\xa4") < 0);
	assert_int_equal(ouro__str_compare_fold("", ""), 0);
}

static void test_base_str__finds_parts(void **state)
{
	(void)state;
	assert_int_equal(ouro__str_has_fold("Subnet-Router", "net-rOU"), 1);
	assert_int_equal(ouro__str_has_fold("aab", "ab"), 1);
	assert_int_equal(ouro__str_has_fold("ab", "abc"), 0);
	assert_int_equal(ouro__str_has_fold("", "a"), 0);
	assert_int_equal(ouro__str_has_fold("", ""), 1);
	assert_int_equal(ouro__str_starts("mkey:1", "mkey:"), 1);
	assert_int_equal(ouro__str_starts("mk", "mkey:"), 0);
	assert_int_equal(ouro__str_ends("key_file", "_file"), 1);
	assert_int_equal(ouro__str_ends("file", "_file"), 0);
	assert_int_equal(ouro__str_ends("x", ""), 1);
}

static void json(const char *from, const char *expected)
{
	ouro__buf buf = OURO__BUF_INIT(1024);

	ouro__str_json(&buf, from);
	assert_string_equal(ouro__buf_str(&buf), expected);
	ouro__buf_done(&buf);
}

static void test_base_str__json_escapes(void **state)
{
	(void)state;
	json("", "\"\"");
	json("a\"b\\c/", "\"a\\\"b\\\\c/\"");
	json("\n\x1f\x7f", "\"\\u000a\\u001f\\u007f\"");
	json("\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xe2\x82\xac\xf0\x9f\x98\x80\"");
	json("a\xffz\xe2\x82", "\"a\\ufffdz\\ufffd\\ufffd\"");
}

static void test_base_str__base64url_goes_both_ways(void **state)
{
	uint8_t data[64];
	uint8_t back[64];
	size_t size = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 + 251);
	for (size_t n = 0; n <= sizeof(data); n++) {
		ouro__buf buf = OURO__BUF_INIT(256);

		ouro__str_base64url(&buf, data, n);
		assert_int_equal(buf.size, (n * 4 + 2) / 3);
		assert_int_equal(
			ouro__str_unbase64url(ouro__buf_str(&buf), buf.size, back, n, &size), 1);
		assert_int_equal(size, n);
		if (n) {
			assert_memory_equal(back, data, n);
			assert_int_equal(ouro__str_unbase64url(
						 ouro__buf_str(&buf), buf.size, back, n - 1, &size),
				0);
		}
		ouro__buf_done(&buf);
	}
}

static void test_base_str__base64url_has_one_spelling(void **state)
{
	static const char *const bad[] = {
		"A", "AAAAA", "AB", "AAB", "AA==", "AA A", "AA+/", "AA\n", "\xc3\xa4zz"};
	uint8_t back[16];
	size_t size = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (ouro__str_unbase64url(bad[i], strlen(bad[i]), back, sizeof(back), &size))
			fail_msg("\"%s\" was taken", bad[i]);
	assert_int_equal(ouro__str_unbase64url("A\0AA", 4, back, sizeof(back), &size), 0);
	assert_int_equal(size, 77);
	assert_int_equal(ouro__str_unbase64url("_-8", 3, back, sizeof(back), &size), 1);
	assert_int_equal(size, 2);
	assert_int_equal(back[0], 0xff);
	assert_int_equal(back[1], 0xef);
}

static void test_base_str__hex(void **state)
{
	static const uint8_t data[] = {0x00, 0x0f, 0xf0, 0xff, 0xa5};
	char text[11];

	(void)state;
	ouro__str_hex(text, data, sizeof(data));
	assert_string_equal(text, "000ff0ffa5");
	ouro__str_hex(text, data, 0);
	assert_string_equal(text, "");
}

static void test_base_str__distance(void **state)
{
	char longest[80];

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(ouro__str_distance("hs_address", "hs_address"), 0);
	assert_int_equal(ouro__str_distance("hs_adress", "hs_address"), 1);
	assert_int_equal(ouro__str_distance("HS_ADDRESS", "hs_address"), 0);
	assert_int_equal(ouro__str_distance("", "abc"), 3);
	assert_int_equal(ouro__str_distance("kitten", "sitting"), 3);
	assert_true(ouro__str_distance(longest, "a") > 8);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_str__u64_takes_canonical_decimals),
		cmocka_unit_test(test_base_str__u64_refuses_the_rest),
		cmocka_unit_test(test_base_str__utf8_follows_the_standard),
		cmocka_unit_test(test_base_str__utf8_at_every_place),
		cmocka_unit_test(test_base_str__one_line_is_clean),
		cmocka_unit_test(test_base_str__copy_is_whole_or_nothing),
		cmocka_unit_test(test_base_str__folding_is_ascii_only),
		cmocka_unit_test(test_base_str__finds_parts),
		cmocka_unit_test(test_base_str__json_escapes),
		cmocka_unit_test(test_base_str__base64url_goes_both_ways),
		cmocka_unit_test(test_base_str__base64url_has_one_spelling),
		cmocka_unit_test(test_base_str__hex),
		cmocka_unit_test(test_base_str__distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
