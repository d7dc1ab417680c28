/* What a device may be called, by generation. */
#include "check.h"

#include "headscale/headscale.h"

/* The three rules that there are. */
#define OLD OURO_CAN_SHORT_NAMES                                /* 0.23, 0.24 */
#define MIDDLE 0u                                               /* 0.25 to 0.28 */
#define LABEL (OURO_CAN_DNS_LABEL_NAMES | OURO_CAN_SHORT_NAMES) /* 0.29 and later */

static ouro_status check(uint32_t capabilities, const char *name)
{
	return ouro__headscale_name_check(capabilities, name, NULL);
}

static void test_headscale_name__good_everywhere(void **state)
{
	static const char *const names[] = {"aa", "q1", "web-1", "11", "x--y",
		"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(check(OLD, names[i]), OURO_OK);
		assert_int_equal(check(MIDDLE, names[i]), OURO_OK);
		assert_int_equal(check(LABEL, names[i]), OURO_OK);
	}
}

static void test_headscale_name__bad_everywhere(void **state)
{
	static const char *const names[] = {"", "-x", "x-", "-", "x_y", "a b", "caf\xc3\xa9", "a/b",
		"{a}", ".x", "x.", "a..b", "a\n",
		"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(check(OLD, names[i]), OURO_ERR_INVALID);
		assert_int_equal(check(MIDDLE, names[i]), OURO_ERR_INVALID);
		assert_int_equal(check(LABEL, names[i]), OURO_ERR_INVALID);
	}
}

static void test_headscale_name__where_they_differ(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(check(OLD, "a.b"), OURO_OK);
	assert_int_equal(check(MIDDLE, "a.b"), OURO_OK);
	assert_int_equal(check(LABEL, "a.b"), OURO_ERR_INVALID);
	assert_int_equal(check(OLD, "Upper"), OURO_ERR_INVALID);
	assert_int_equal(check(MIDDLE, "Upper"), OURO_ERR_INVALID);
	assert_int_equal(check(LABEL, "Upper"), OURO_OK);
	assert_int_equal(check(OLD, "a"), OURO_OK);
	assert_int_equal(check(MIDDLE, "a"), OURO_ERR_INVALID);
	assert_int_equal(check(LABEL, "A"), OURO_OK);
	assert_int_equal(ouro__headscale_name_check(OLD, "Upper", &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "lower-case");
	assert_text_has(error.text, "up to 63");
	assert_int_equal(ouro__headscale_name_check(MIDDLE, "x", &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "2 to 63");
	assert_int_equal(ouro__headscale_name_check(LABEL, "a.b", &error), OURO_ERR_INVALID);
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
