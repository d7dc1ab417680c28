/* Times in words: each unit from its first second on, one and many, ahead and ago, and values that
 * are no time at all. */
#include "view_render.h"

#include <ouroboros/common.h>

#include "view_time.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static const int64_t now = 1700000000; /* 14 November 2023, 22:13:20 UTC */

static void lasts(int64_t seconds, const char *words)
{
	char text[32];

	view_duration(seconds, text, sizeof(text));
	assert_string_equal(text, words);
}

static void test_web_view_time__durations(void **state)
{
	(void)state;
	lasts(-5, "0 seconds");
	lasts(0, "0 seconds");
	lasts(1, "1 second");
	lasts(59, "59 seconds");
	lasts(60, "1 minute");
	lasts(119, "1 minute");
	lasts(120, "2 minutes");
	lasts(HOUR - 1, "59 minutes");
	lasts(HOUR, "1 hour");
	lasts(2 * HOUR, "2 hours");
	lasts(DAY - 1, "23 hours");
	lasts(DAY, "1 day");
	lasts(99 * DAY,
		"99 days"); /* days for longer than one month: lives of 90 days are common */
	lasts(100 * DAY, "3 months");
	lasts(700 * DAY, "22 months");
	lasts(INT64_C(731) * DAY, "2 years");
	lasts(INT64_C(36525) * DAY, "100 years");
}

static void is_said(int64_t when, const char *words)
{
	char text[48];

	view_relative(when, now, text, sizeof(text));
	assert_string_equal(text, words);
}

static void test_web_view_time__relative(void **state)
{
	(void)state;
	is_said(now, "just now");
	is_said(now - 59, "just now");
	is_said(now + 1, "in less than a minute");
	is_said(now + 59, "in less than a minute");
	is_said(now + 60, "in 1 minute");
	is_said(now - 60, "1 minute ago");
	is_said(now - 3 * DAY, "3 days ago");
	is_said(now + 6 * DAY, "in 6 days");
}

static void test_web_view_time__exact(void **state)
{
	static const struct {
		int64_t when;
		const char *exact;
		const char *clock;
	} cases[] = {
		{978307200, "1 January 2001, 00:00 UTC", "00:00 UTC"},
		{1700000000, "14 November 2023, 22:13 UTC", "22:13 UTC"},
		{1796479380, "5 December 2026, 14:03 UTC", "14:03 UTC"},
		{INT64_C(253370764799), "31 December 9998, 23:59 UTC", "23:59 UTC"},
		{978307199, "", ""},
		{INT64_C(253370764800), "", ""},
		{0, "", ""},
		{-62135596800, "", ""}, /* what some servers write for "never" */
		{OURO_TIME_NEVER, "", ""},
		{INT64_MAX, "", ""},
		{INT64_MIN, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[48];

		view_exact(cases[i].when, text, sizeof(text));
		assert_string_equal(text, cases[i].exact);
		view_clock(cases[i].when, text, sizeof(text));
		assert_string_equal(text, cases[i].clock);
		assert_int_equal(view_time_known(cases[i].when), *cases[i].exact != '\0');
	}
}

static void test_web_view_time__value(void **state)
{
	static const char template[] =
		"{{words}}|{{exact}}|{{iso}}|{{other}}{{^exact}}none{{/exact}}";
	struct web_value value = {0};

	(void)state;
	assert_int_equal(view_time(&value, now - 2 * DAY, &now), 1);
	assert_string_equal(view_render(template, &value),
		"2 days ago|12 November 2023, 22:13 UTC|2023-11-12T22:13:20Z|");
	value = (struct web_value){0};
	assert_int_equal(view_time(&value, OURO_TIME_NEVER, &now), 1);
	assert_int_equal(value.kind, WEB_VALUE_FALSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_view_time__durations),
		cmocka_unit_test(test_web_view_time__relative),
		cmocka_unit_test(test_web_view_time__exact),
		cmocka_unit_test(test_web_view_time__value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
