/* Error records: first text wins, prefixes go in front, nothing overflows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static void test_base_error__sets_status_and_text(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro__error_set(&error, OURO_ERR_DENIED, "rule %d", 7), OURO_ERR_DENIED);
	assert_int_equal(error.status, OURO_ERR_DENIED);
	assert_string_equal(error.text, "rule 7");
	assert_int_equal(error.grpc_status, -1);
}

static void test_base_error__keeps_one_line(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	(void)ouro__error_from(&error, OURO_ORIGIN_HEADSCALE, OURO_ERR_REJECTED, "a\nb\x1b[31m");
	assert_string_equal(error.text, "a b [31m");
	assert_int_equal(error.origin, OURO_ORIGIN_HEADSCALE);
}

static void test_base_error__prefix_goes_in_front_and_fits(void **state)
{
	ouro_error error = OURO_ERROR_INIT;
	char longest[400];

	(void)state;
	(void)ouro__error_set(&error, OURO_ERR_IO, "no such file");
	ouro__error_prefix(&error, "reading %s", "cfg.json");
	assert_string_equal(error.text, "reading cfg.json: no such file");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	(void)ouro__error_set(&error, OURO_ERR_IO, "%s", longest);
	ouro__error_prefix(&error, "%s", longest);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

static void test_base_error__tolerates_null_and_small_records(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro__error_set(NULL, OURO_ERR_NOMEM, "x"), OURO_ERR_NOMEM);
	error.size = 8;
	(void)ouro__error_set(&error, OURO_ERR_NOMEM, "x");
	assert_string_equal(error.text, "");
}

static void test_base_error__names_every_status(void **state)
{
	(void)state;
	for (ouro_status status = OURO_ERR_REFUSED; status <= OURO_OK; status++) {
		assert_string_not_equal(ouro_status_name(status), "unknown");
		assert_true(strlen(ouro_status_text(status)) > 3);
	}
	assert_string_equal(ouro_status_name(77), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_error__sets_status_and_text),
		cmocka_unit_test(test_base_error__keeps_one_line),
		cmocka_unit_test(test_base_error__prefix_goes_in_front_and_fits),
		cmocka_unit_test(test_base_error__tolerates_null_and_small_records),
		cmocka_unit_test(test_base_error__names_every_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
