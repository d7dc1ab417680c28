/* What a device may be called, by generation. */
#include "check.h"

#include "headscale/headscale.h"

static ouro_status check(uint32_t capabilities, const char *name)
{
	return ouro__headscale_name_check(capabilities, name, NULL);
}

static void test_headscale_name__good_everywhere(void **state)
{
	static const char *const names[] = {"a", "q1", "web-1", "1", "x--y",
		"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(check(0, names[i]), OURO_OK);
		assert_int_equal(check(OURO_CAN_DNS_LABEL_NAMES, names[i]), OURO_OK);
	}
}

static void test_headscale_name__bad_everywhere(void **state)
{
	static const char *const names[] = {"", "-x", "x-", "-", "x_y", "a b", "caf\xc3\xa9", "a/b",
		".x", "x.", "a..b", "a\n",
		"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(check(0, names[i]), OURO_ERR_INVALID);
		assert_int_equal(check(OURO_CAN_DNS_LABEL_NAMES, names[i]), OURO_ERR_INVALID);
	}
}

static void test_headscale_name__where_they_differ(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(check(0, "a.b"), OURO_OK);
	assert_int_equal(check(OURO_CAN_DNS_LABEL_NAMES, "a.b"), OURO_ERR_INVALID);
	assert_int_equal(check(0, "Upper"), OURO_ERR_INVALID);
	assert_int_equal(check(OURO_CAN_DNS_LABEL_NAMES, "Upper"), OURO_OK);
	assert_int_equal(ouro__headscale_name_check(0, "Upper", &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "lower-case");
	assert_int_equal(ouro__headscale_name_check(OURO_CAN_DNS_LABEL_NAMES, "a.b", &error),
		OURO_ERR_INVALID);
	assert_text_has(error.text, "Use letters a–z, digits and hyphens, up to 63.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_name__good_everywhere),
		cmocka_unit_test(test_headscale_name__bad_everywhere),
		cmocka_unit_test(test_headscale_name__where_they_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
