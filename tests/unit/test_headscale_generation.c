/* The generations: what each can do, how it is named, and what is said where something is missing. */
#include "check.h"

#include "headscale/generation.h"

struct row {
	ouro__band band;
	const char *version;
	int32_t form;
	uint32_t can;
	int routes_are_objects;
	const char *registers_by;
	int deletes_keys;
};

#define FORGET OURO_CAN_FORGET_ROUTES
#define SHORT OURO_CAN_SHORT_NAMES
#define IDS OURO_CAN_USERS_BY_ID
#define TWO OURO_CAN_SECOND_OWNER
#define STALL OURO_CAN_STALL_ON_EMPTY_NAME
#define DATE OURO_CAN_SET_EXPIRY
#define LOSE OURO_CAN_LOSE_LAST_WITHDRAWAL
#define TAGS OURO_CAN_TAG_IDENTITY
#define KEYS OURO_CAN_KEYS_BY_ID
#define LABEL OURO_CAN_DNS_LABEL_NAMES
#define KEEP OURO_CAN_KEEP_EXPIRY
#define NEVER OURO_CAN_NEVER_EXPIRE
#define NEWEST (SHORT | IDS | TWO | DATE | TAGS | KEYS | LABEL | KEEP | NEVER)

static const struct row rows[] = {
	{OURO__BAND_B, "0.23", 1, FORGET | SHORT, 1, "RegisterNode", 0},
	{OURO__BAND_C, "0.24", 1, FORGET | SHORT | IDS, 1, "RegisterNode", 0},
	{OURO__BAND_D, "0.25", 2, FORGET | IDS | TWO | STALL, 1, "RegisterNode", 0},
	{OURO__BAND_E, "0.26", 2, IDS | TWO, 0, "RegisterNode", 0},
	{OURO__BAND_F0, "0.27", 2, IDS | TWO, 0, "RegisterNode", 0},
	{OURO__BAND_F1, "0.27.1", 2, IDS | TWO | DATE | LOSE, 0, "RegisterNode", 0},
	{OURO__BAND_G, "0.28", 2, IDS | TWO | DATE | LOSE | TAGS | KEYS, 0, "RegisterNode", 1},
	{OURO__BAND_H, "0.29", 3, NEWEST, 0, "AuthRegister", 1},
	{OURO__BAND_I, "0.30", 3, NEWEST, 0, "AuthRegister", 1},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static int can(const ouro__generation *generation, enum ouro__operation operation)
{
	return generation->operations[operation] != NULL;
}

static void test_headscale_generation__table(void **state)
{
	static const enum ouro__operation everywhere[] = {OURO__OP_LIST_USERS, OURO__OP_LIST_NODES,
		OURO__OP_RENAME_NODE, OURO__OP_EXPIRE_NODE, OURO__OP_DELETE_NODE,
		OURO__OP_REGISTER_NODE, OURO__OP_LIST_KEYS, OURO__OP_CREATE_KEY,
		OURO__OP_EXPIRE_KEY, OURO__OP_LIST_API_KEYS};

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const ouro__generation *at = ouro__generation_of(rows[i].band);

		assert_non_null(at);
		assert_string_equal(ouro__generation_version(at), rows[i].version);
		assert_int_equal(at->band, rows[i].band);
		assert_int_equal(at->registration_form, rows[i].form);
		assert_int_equal(ouro__generation_capabilities(at), rows[i].can);
		for (size_t o = 0; o < sizeof(everywhere) / sizeof(everywhere[0]); o++)
			assert_true(can(at, everywhere[o]));
		assert_int_equal(can(at, OURO__OP_GET_ROUTES), rows[i].routes_are_objects);
		assert_int_equal(can(at, OURO__OP_ENABLE_ROUTE), rows[i].routes_are_objects);
		assert_int_equal(can(at, OURO__OP_DISABLE_ROUTE), rows[i].routes_are_objects);
		assert_int_equal(can(at, OURO__OP_DELETE_ROUTE), rows[i].routes_are_objects);
		assert_int_equal(
			can(at, OURO__OP_SET_APPROVED_ROUTES), !rows[i].routes_are_objects);
		assert_string_equal(
			at->operations[OURO__OP_REGISTER_NODE]->name, rows[i].registers_by);
		assert_int_equal(can(at, OURO__OP_DELETE_KEY), rows[i].deletes_keys);
	}
	assert_null(ouro__generation_of(0));
	assert_null(ouro__generation_of(1));
	assert_null(ouro__generation_of(OURO__BAND_I + 1));
}

static void test_headscale_generation__newer(void **state)
{
	const ouro__generation *newer = ouro__generation_newer();

	(void)state;
	assert_string_equal(ouro__generation_version(newer), "newer than 0.30");
	assert_int_equal(newer->band, OURO__BAND_I);
	assert_int_equal(newer->capabilities, NEWEST | OURO_CAN_ONLY_READ);
	assert_true(can(newer, OURO__OP_LIST_USERS) && can(newer, OURO__OP_LIST_NODES));
	assert_false(can(newer, OURO__OP_GET_ROUTES));
}

static void test_headscale_generation__by_version(void **state)
{
	static const struct {
		const char *text;
		ouro__band band; /* 0 = none */
	} texts[] = {
		{"0.23", OURO__BAND_B},
		{"v0.23.0", OURO__BAND_B},
		{"0.24.3", OURO__BAND_C},
		{"0.25", OURO__BAND_D},
		{"0.26.1", OURO__BAND_E},
		{"0.27", OURO__BAND_F0},
		{"0.27.0", OURO__BAND_F0},
		{"0.27.1", OURO__BAND_F1},
		{"v0.27.12", OURO__BAND_F1},
		{"0.28", OURO__BAND_G},
		{"0.29.2", OURO__BAND_H},
		{"0.30", OURO__BAND_I},
		{"0.30.7", OURO__BAND_I},
		{"0.22", 0},
		{"0.22.3", 0},
		{"0.31", 0},
		{"0.3", 0},
		{"1.23", 0},
		{"0.", 0},
		{"0.x", 0},
		{"0.27.", 0},
		{"0.27.x", 0},
		{"0.27.1x", 0},
		{"0.27.1.1", 0},
		{"0.27-beta", 0},
		{"0.027", 0},
		{"0.9999", 0},
		{"0.30.9999", 0},
		{" 0.27", 0},
		{"0.27 ", 0},
		{"dev", 0},
		{"", 0},
		{"v", 0},
		{"vv0.27", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const ouro__generation *found = ouro__generation_by_version(texts[i].text);

		if (texts[i].band ? found != ouro__generation_of(texts[i].band) : found != NULL)
			fail_msg("%s", texts[i].text);
	}
	/* What a generation calls itself finds it again. */
	for (size_t i = 0; i < ROWS; i++)
		assert_ptr_equal(ouro__generation_by_version(rows[i].version),
			ouro__generation_of(rows[i].band));
}

static void test_headscale_generation__what_is_missing_is_said(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro__generation_lacks(ouro__generation_of(OURO__BAND_E),
				 OURO__OP_DELETE_ROUTE, "forgetting the route", &error),
		OURO_ERR_UNSUPPORTED);
	assert_int_equal(error.origin, OURO_ORIGIN_LIBRARY);
	assert_string_equal(error.text,
		"Headscale 0.26 has no way of forgetting the route: only versions up to 0.25 have one");
	assert_int_equal(ouro__generation_lacks(ouro__generation_of(OURO__BAND_F1),
				 OURO__OP_DELETE_KEY, "removing the key", &error),
		OURO_ERR_UNSUPPORTED);
	assert_string_equal(error.text,
		"Headscale 0.27.1 has no way of removing the key: only versions from 0.28 on have one");
	assert_int_equal(ouro__generation_lacks_capability(ouro__generation_of(OURO__BAND_F0),
				 OURO_CAN_SET_EXPIRY, "setting a date", &error),
		OURO_ERR_UNSUPPORTED);
	assert_string_equal(error.text,
		"Headscale 0.27 has no way of setting a date: only versions from 0.27.1 on have one");
	assert_int_equal(ouro__generation_lacks_capability(ouro__generation_newer(),
				 OURO_CAN_SET_EXPIRY, "setting a date", &error),
		OURO_ERR_UNSUPPORTED);
	assert_text_has(error.text, "setting a date: ");
	assert_text_has(error.text, "newer than all that are known here (0.23 to 0.30)");
	assert_text_has(error.text, "hs_assume=0.30");
	/* Nobody has to want the text. */
	assert_int_equal(ouro__generation_lacks(ouro__generation_newer(), OURO__OP_DELETE_ROUTE,
				 "forgetting the route", NULL),
		OURO_ERR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_generation__table),
		cmocka_unit_test(test_headscale_generation__newer),
		cmocka_unit_test(test_headscale_generation__by_version),
		cmocka_unit_test(test_headscale_generation__what_is_missing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
