/* The growing buffer: its maximum holds, and once broken it stays broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void test_base_buf__is_text_when_empty(void **state)
{
	ouro__buf buf = OURO__BUF_INIT(10);

	(void)state;
	assert_string_equal(ouro__buf_str(&buf), "");
	ouro__buf_append(&buf, NULL, 0);
	assert_int_equal(buf.broken, 0);
	assert_int_equal(buf.size, 0);
	assert_string_equal(ouro__buf_str(&buf), "");
	ouro__buf_done(&buf);
}

static void test_base_buf__appends_of_all_kinds(void **state)
{
	ouro__buf buf = OURO__BUF_INIT(100);
	uint8_t *at;

	(void)state;
	ouro__buf_text(&buf, "one");
	ouro__buf_byte(&buf, ',');
	ouro__buf_format(&buf, "%s=%d", "two", 2);
	ouro__buf_append(&buf, ";x", 1);
	at = ouro__buf_reserve(&buf, 5);
	assert_non_null(at);
	memcpy(at, "three", 6); /* a NUL behind it always fits */
	buf.size += 5;
	ouro__buf_byte(&buf, '!');
	assert_string_equal(ouro__buf_str(&buf), "one,two=2;three!");
	assert_int_equal(buf.size, 16);
	ouro__buf_done(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.capacity, 0);
}

static void test_base_buf__grows_and_keeps_content(void **state)
{
	ouro__buf buf = OURO__BUF_INIT(100000);

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		ouro__buf_byte(&buf, (uint8_t)(i % 251));
	assert_int_equal(buf.broken, 0);
	assert_int_equal(buf.size, 100000);
	for (size_t i = 0; i < buf.size; i++)
		assert_int_equal(buf.data[i], i % 251);
	assert_int_equal(buf.data[buf.size], 0);
	ouro__buf_done(&buf);
}

static void test_base_buf__maximum_is_exact(void **state)
{
	ouro__buf buf = OURO__BUF_INIT(8);

	(void)state;
	ouro__buf_text(&buf, "12345678");
	assert_int_equal(buf.broken, 0);
	ouro__buf_text(&buf, "");
	assert_int_equal(buf.broken, 0);
	ouro__buf_byte(&buf, '9');
	assert_int_equal(buf.broken, 1);
	assert_string_equal(ouro__buf_str(&buf), "12345678");
	ouro__buf_done(&buf);
}

static void test_base_buf__stays_broken_until_cleared(void **state)
{
	ouro__buf buf = OURO__BUF_INIT(4);

	(void)state;
	ouro__buf_text(&buf, "ab");
	ouro__buf_text(&buf, "too long");
	ouro__buf_byte(&buf, 'c'); /* would fit, but there would be a gap in the text */
	ouro__buf_format(&buf, "%d", 1);
	assert_null(ouro__buf_reserve(&buf, 0));
	assert_int_equal(buf.broken, 1);
	assert_string_equal(ouro__buf_str(&buf), "ab");
	ouro__buf_clear(&buf);
	assert_int_equal(buf.broken, 0);
	assert_string_equal(ouro__buf_str(&buf), "");
	ouro__buf_text(&buf, "abcd");
	assert_string_equal(ouro__buf_str(&buf), "abcd");
	ouro__buf_done(&buf);
}

static void test_base_buf__absurd_sizes_break_it(void **state)
{
	ouro__buf small = OURO__BUF_INIT(4);
	ouro__buf empty = OURO__BUF_INIT(0);

	(void)state;
	ouro__buf_text(&small, "x");
	assert_null(ouro__buf_reserve(&small, SIZE_MAX));
	assert_int_equal(small.broken, 1);
	ouro__buf_byte(&empty, 'x');
	assert_int_equal(empty.broken, 1);
	assert_int_equal(empty.size, 0);
	ouro__buf_done(&small);
	ouro__buf_done(&empty);
}

static void test_base_buf__consumes_from_the_front(void **state)
{
	ouro__buf buf = OURO__BUF_INIT(16);

	(void)state;
	ouro__buf_consume(&buf, 3);
	assert_int_equal(buf.size, 0);
	ouro__buf_text(&buf, "abcdef");
	ouro__buf_consume(&buf, 0);
	ouro__buf_consume(&buf, 2);
	assert_string_equal(ouro__buf_str(&buf), "cdef");
	ouro__buf_text(&buf, "gh");
	assert_string_equal(ouro__buf_str(&buf), "cdefgh");
	ouro__buf_consume(&buf, 99);
	assert_string_equal(ouro__buf_str(&buf), "");
	assert_int_equal(buf.size, 0);
	ouro__buf_done(&buf);
}

static void test_base_buf__can_be_used_again_after_wiping(void **state)
{
	ouro__buf buf = OURO__BUF_INIT(16);

	(void)state;
	ouro__buf_wipe(&buf);
	ouro__buf_text(&buf, "secret");
	ouro__buf_wipe(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.size, 0);
	ouro__buf_text(&buf, "again");
	assert_string_equal(ouro__buf_str(&buf), "again");
	ouro__buf_done(&buf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_buf__is_text_when_empty),
		cmocka_unit_test(test_base_buf__appends_of_all_kinds),
		cmocka_unit_test(test_base_buf__grows_and_keeps_content),
		cmocka_unit_test(test_base_buf__maximum_is_exact),
		cmocka_unit_test(test_base_buf__stays_broken_until_cleared),
		cmocka_unit_test(test_base_buf__absurd_sizes_break_it),
		cmocka_unit_test(test_base_buf__consumes_from_the_front),
		cmocka_unit_test(test_base_buf__can_be_used_again_after_wiping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
