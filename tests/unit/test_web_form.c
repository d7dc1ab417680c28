/* The strict readers of queries, forms and cookies. */
#include "cookie.h"
#include "form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *data, size_t length, int status)
{
	struct web_form form = {0};

	assert_int_equal(web_form_parse(data, length, &form), status);
	web_form_done(&form);
}

static void test_web_form__reads_fields(void **state)
{
	static const char data[] = "name=al%C3%B6+x&seen=12&empty=&bare&&a%26b=%3D";
	struct web_form form;

	(void)state;
	assert_int_equal(web_form_parse(data, sizeof(data) - 1, &form), 0);
	assert_int_equal(form.count, 5);
	assert_string_equal(web_form_get(&form, "name"), "al\xc3\xb6 x");
	assert_int_equal(form.fields[0].length, 6);
	assert_string_equal(web_form_get(&form, "empty"), "");
	assert_string_equal(web_form_get(&form, "bare"), "");
	assert_string_equal(web_form_get(&form, "a&b"), "=");
	assert_null(web_form_get(&form, "nothing"));
	assert_string_equal(web_form_text(&form, "nothing"), "");
	web_form_done(&form);
	check("", 0, 0);
	check("a=%0A%0d%09", 11, 0);
}

static void test_web_form__refuses_bad_encoding(void **state)
{
	static const char *const bad[] = {"a=%", "a=%4", "a=%zz", "a=%4g", "%=1", "a=%00", "a%00=1",
		"a=%01", "a=%7f", "a=%ff", "a=%c0%80", "a=%ed%a0%80", "a=%f4%90%80%80", "a=%c3",
		"=1", "a=\x01"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(bad[i], strlen(bad[i]), 400);
	check("a=\0b", 4, 400);
	/* An escape that is cut off by the end of the bytes, although more follow in memory. */
	check("a=%41", 4, 400);
}

static void test_web_form__refuses_duplicates(void **state)
{
	(void)state;
	check("a=1&b=2&a=1", 11, 400);
	check("a=1&%61=2", 9, 400);
	check("a=1&A=2", 7, 0);
}

static void test_web_form__bounds_the_number_of_fields(void **state)
{
	char data[1024];
	size_t length = 0;
	int i;

	(void)state;
	for (i = 0; i < WEB_FIELDS_MAX + 1; i++) {
		if (i == WEB_FIELDS_MAX)
			check(data, length, 0);
		length += (size_t)snprintf(
			data + length, sizeof(data) - length, "%sf%d=1", i > 0 ? "&" : "", i);
	}
	check(data, length, 400);
	memset(data, '&', sizeof(data));
	check(data, sizeof(data), 0);
}

static size_t find(const char *header, const char *name, char *ret, size_t size)
{
	struct web_cookie cookie = {0};
	size_t count = web_cookie_find(header, strlen(header), name, &cookie);

	(void)snprintf(
		ret, size, "%.*s", (int)cookie.length, cookie.value != NULL ? cookie.value : "");
	return count;
}

static void test_web_cookie__compares_names_byte_for_byte(void **state)
{
	char value[64];

	(void)state;
	assert_int_equal(find("__HOST-s=evil; __Host-s=good", "__Host-s", value, sizeof(value)), 1);
	assert_string_equal(value, "good");
	assert_int_equal(find("\xe2\x80\x80__Host-s=evil", "__Host-s", value, sizeof(value)), 0);
	assert_int_equal(find("__Host-s =evil", "__Host-s", value, sizeof(value)), 0);
	assert_int_equal(
		find("x__Host-s=evil; __Host-sx=evil", "__Host-s", value, sizeof(value)), 0);
	assert_int_equal(find("\v__Host-s=evil", "__Host-s", value, sizeof(value)), 0);
}

static void test_web_cookie__counts_doubles(void **state)
{
	char value[64];

	(void)state;
	assert_int_equal(find("s=1;s=2", "s", value, sizeof(value)), 2);
	assert_int_equal(find("a=1;\t s=x=y \t; b", "s", value, sizeof(value)), 1);
	assert_string_equal(value, "x=y");
	assert_int_equal(find("", "s", value, sizeof(value)), 0);
	assert_int_equal(find(";;; =s; s", "s", value, sizeof(value)), 0);
	assert_int_equal(find("s=", "s", value, sizeof(value)), 1);
	assert_string_equal(value, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_form__reads_fields),
		cmocka_unit_test(test_web_form__refuses_bad_encoding),
		cmocka_unit_test(test_web_form__refuses_duplicates),
		cmocka_unit_test(test_web_form__bounds_the_number_of_fields),
		cmocka_unit_test(test_web_cookie__compares_names_byte_for_byte),
		cmocka_unit_test(test_web_cookie__counts_doubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
