/* Sized options: callers compiled against an older or a newer header, and those who forgot the
 * macro. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/options.h"

struct ours {
	size_t size;
	const char *name;
	uint64_t count;
};

struct older {
	size_t size;
	const char *name;
};

struct newer {
	size_t size;
	const char *name;
	uint64_t count;
	uint64_t later;
};

static void test_base_options__copies_its_own_size(void **state)
{
	struct ours from = {sizeof(from), "a", 7};
	struct ours to = {0};

	(void)state;
	assert_int_equal(ouro__options_import(&to, sizeof(to), &from, NULL), OURO_OK);
	assert_int_equal(to.size, sizeof(to));
	assert_string_equal(to.name, "a");
	assert_int_equal(to.count, 7);
}

static void test_base_options__null_means_defaults(void **state)
{
	struct ours to = {sizeof(to), "kept", 3};

	(void)state;
	assert_int_equal(ouro__options_import(&to, sizeof(to), NULL, NULL), OURO_OK);
	assert_string_equal(to.name, "kept");
	assert_int_equal(to.count, 3);
}

static void test_base_options__older_caller_gets_defaults(void **state)
{
	struct older from = {sizeof(from), "a"};
	struct ours to = {0};

	(void)state;
	assert_int_equal(ouro__options_import(&to, sizeof(to), &from, NULL), OURO_OK);
	assert_int_equal(to.size, sizeof(to)); /* ours, whatever the caller's was */
	assert_string_equal(to.name, "a");
	assert_int_equal(to.count, 0);
}

static void test_base_options__newer_caller_may_leave_news_alone(void **state)
{
	struct newer from = {sizeof(from), "a", 5, 0};
	struct ours to = {0};

	(void)state;
	assert_int_equal(ouro__options_import(&to, sizeof(to), &from, NULL), OURO_OK);
	assert_int_equal(to.size, sizeof(to));
	assert_int_equal(to.count, 5);
}

static void test_base_options__unknown_field_is_refused(void **state)
{
	struct newer from = {sizeof(from), "a", 5, UINT64_C(1) << 63};
	struct ours to = {0};
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro__options_import(&to, sizeof(to), &from, &error), OURO_ERR_INVALID);
	assert_non_null(strstr(error.text, "newer"));
	assert_null(to.name); /* nothing was taken */
}

static void test_base_options__forgotten_size_is_refused(void **state)
{
	struct ours from = {0, "a", 7};
	struct ours to = {0};
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro__options_import(&to, sizeof(to), &from, &error), OURO_ERR_INVALID);
	assert_non_null(strstr(error.text, "size"));
	from.size = sizeof(size_t) - 1;
	assert_int_equal(ouro__options_import(&to, sizeof(to), &from, &error), OURO_ERR_INVALID);
	assert_null(to.name);
	from.size = sizeof(size_t);
	assert_int_equal(ouro__options_import(&to, sizeof(to), &from, &error), OURO_OK);
	assert_null(to.name);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_options__copies_its_own_size),
		cmocka_unit_test(test_base_options__null_means_defaults),
		cmocka_unit_test(test_base_options__older_caller_gets_defaults),
		cmocka_unit_test(test_base_options__newer_caller_may_leave_news_alone),
		cmocka_unit_test(test_base_options__unknown_field_is_refused),
		cmocka_unit_test(test_base_options__forgotten_size_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
