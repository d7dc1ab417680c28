/* Recognising generations by the methods that they have. */
#include "check.h"

#include "base/sys.h"
#include "fake_channel.h"
#include "headscale/generation.h"

static ouro_status detect(
	const char *methods, const ouro__generation **ret_generation, ouro_error *reterr)
{
	struct fake_channel *fake = fake_channel_new(methods, NULL, NULL);
	ouro_status rc = ouro__headscale_detect(
		&fake->base, ouro__clock_ms() + 1000, ret_generation, reterr);

	assert_int_equal(fake->calls, 0);
	ouro__channel_free(&fake->base);
	return rc;
}

static void test_headscale_detect__served(void **state)
{
	const ouro__generation *generation = NULL;

	(void)state;
	assert_int_equal(detect(fake_methods_b, &generation, NULL), OURO_OK);
	assert_string_equal(ouro__generation_version(generation), "0.23");
	assert_int_equal(ouro__generation_capabilities(generation), OURO_CAN_FORGET_ROUTES);
	assert_int_equal(detect(fake_methods_h, &generation, NULL), OURO_OK);
	assert_string_equal(ouro__generation_version(generation), "0.29");
	assert_int_equal(ouro__generation_capabilities(generation),
		OURO_CAN_TAG_IDENTITY | OURO_CAN_SECOND_OWNER | OURO_CAN_DNS_LABEL_NAMES);
}

static void test_headscale_detect__recognised_but_not_served(void **state)
{
	static const struct {
		const char *methods;
		const char *version;
	} rows[] = {
		{" GetUser ListMachines ", "0.22"},
		{" ListNodes ListUsers GetRoutes ", "0.24 or 0.25"},
		{" ListNodes ListUsers SetApprovedRoutes ", "0.26"},
		{" ListNodes Health SetApprovedRoutes ", "0.27"},
		{" ListNodes Health DeletePreAuthKey SetApprovedRoutes ", "0.28"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const ouro__generation *generation = NULL;
		ouro_error error = OURO_ERROR_INIT;

		assert_int_equal(
			detect(rows[i].methods, &generation, &error), OURO_ERR_UNSUPPORTED);
		assert_null(generation);
		assert_text_has(error.text, rows[i].version);
		assert_text_has(error.text, "it serves 0.23 and 0.29");
	}
}

static void test_headscale_detect__something_else(void **state)
{
	const ouro__generation *generation = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(detect(" GetThings ", &generation, &error), OURO_ERR_UNSUPPORTED);
	assert_text_has(error.text, "not Headscale");
}

static void test_headscale_detect__failures_pass_through(void **state)
{
	struct fake_channel *fake = fake_channel_new(fake_methods_b, NULL, NULL);
	const ouro__generation *generation = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	fake->down = 1;
	assert_int_equal(
		ouro__headscale_detect(&fake->base, ouro__clock_ms() + 1000, &generation, &error),
		OURO_ERR_UNREACHABLE);
	assert_int_equal(error.status, OURO_ERR_UNREACHABLE);
	assert_int_equal(error.origin, OURO_ORIGIN_NETWORK);
	assert_int_equal(
		ouro__headscale_detect(&fake->base, ouro__clock_ms() + 1000, &generation, NULL),
		OURO_ERR_UNREACHABLE);
	ouro__channel_free(&fake->base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_detect__served),
		cmocka_unit_test(test_headscale_detect__recognised_but_not_served),
		cmocka_unit_test(test_headscale_detect__something_else),
		cmocka_unit_test(test_headscale_detect__failures_pass_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
