/* Spans to choose from: what is offered fits within the bound, one is chosen, and only whole offers come back. */
#include "view_render.h"

#include "view_lifetime.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)

static struct web_arena arena;

static int setup(void **state)
{
	(void)state;
	web_arena_init(&arena, 64 * 1024);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	web_arena_done(&arena);
	return 0;
}

/* "3600=1 hour 43200=12 hours* " */
static const char *shown(int64_t shortest, int64_t longest, int64_t standard, int endless)
{
	const struct view_choices *choices =
		view_lifetimes(&arena, shortest, longest, standard, endless);
	struct web_value value = {0};

	if (!choices)
		return "nothing";
	view_choices_value(&value, choices);
	return view_render("{{#.}}{{value}}={{label}}{{#chosen}}*{{/chosen}} {{/.}}", &value);
}

static void test_web_view_lifetime__within_the_bound(void **state)
{
	(void)state;
	assert_string_equal(shown(HOUR, 7 * DAY, HOUR, 0),
		"3600=1 hour* 43200=12 hours 86400=1 day 604800=7 days ");
	/* A bound that is none of the round spans is offered as well. */
	assert_string_equal(shown(DAY, 45 * DAY, 90 * DAY, 0),
		"86400=1 day 604800=7 days 2592000=30 days 3888000=45 days* ");
	assert_string_equal(shown(HOUR, 5 * HOUR, 7 * DAY, 0), "3600=1 hour 18000=5 hours* ");
	assert_string_equal(shown(HOUR, 36 * HOUR, DAY, 0),
		"3600=1 hour 43200=12 hours 86400=1 day* 129600=36 hours ");
	/* A second passes between the bound and the page. */
	assert_string_equal(shown(DAY, 7 * DAY + 1, DAY, 0), "86400=1 day* 604800=7 days ");
}

static void test_web_view_lifetime__edges(void **state)
{
	(void)state;
	assert_string_equal(shown(HOUR, HOUR - 1, HOUR, 0), "nothing");
	assert_string_equal(shown(HOUR, 0, HOUR, 0), "nothing");
	assert_string_equal(shown(HOUR, -5, HOUR, 0), "nothing");
	assert_string_equal(shown(HOUR, -5, HOUR, 1), "never=without an end* ");
	assert_string_equal(shown(DAY, 12 * HOUR, DAY, 0), "nothing");
	assert_string_equal(shown(90 * DAY, INT64_MAX, 90 * DAY, 1),
		"7776000=90 days* 15552000=180 days 31536000=365 days 315360000=3650 days "
		"never=without an end ");
}

static void test_web_view_lifetime__read(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {{"3600", HOUR}, {"604800", 7 * DAY}, {"315360000", 3650 * DAY}, {"", 0},
		{"never", 0}, {"3599", 0}, {"0", 0}, {"-3600", 0}, {"+3600", 0}, {"03600", 0},
		{"3600 ", 0}, {"1h", 0}, {"315360001", 0}, {"18446744073709551615", 0},
		{"18446744073709555216", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(view_lifetime_read(cases[i].text), cases[i].seconds);
}

static void test_web_view_lifetime__no_memory(void **state)
{
	struct web_arena small;

	(void)state;
	web_arena_init(&small, 16);
	assert_null(view_lifetimes(&small, HOUR, DAY, HOUR, 0));
	web_arena_done(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_web_view_lifetime__within_the_bound, setup, teardown),
		cmocka_unit_test_setup_teardown(test_web_view_lifetime__edges, setup, teardown),
		cmocka_unit_test(test_web_view_lifetime__read),
		cmocka_unit_test(test_web_view_lifetime__no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
