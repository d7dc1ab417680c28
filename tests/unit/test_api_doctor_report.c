/* Findings: their texts, their advice, and ends that come near. */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>

#include "api/doctor_report.h"
#include "base/sys.h"

static void test_api_doctor_report__collects(void **state)
{
	struct ouro__report report = {.topic = "one"};

	(void)state;
	ouro__report_advise(&report, "to nobody");
	for (int i = 0; i < 40; i++)
		ouro__report_add(&report, i % 3, "%d\nsecond \033[31mline", i);
	report.topic = "two";
	ouro__report_add(&report, OURO_FINDING_WRONG, "last");
	ouro__report_advise(&report, "do %s", "this");
	ouro__report_advise(&report, "no, %s", "that");
	assert_int_equal(report.count, 41);
	assert_int_equal(report.lost, 0);
	assert_string_equal(report.items[39].text, "39 second  [31mline");
	assert_string_equal(report.items[39].topic, "one");
	assert_null(report.items[39].advice);
	assert_string_equal(report.items[40].topic, "two");
	assert_string_equal(report.items[40].advice, "no, that");
	assert_int_equal(ouro__report_wrong(&report), 14);
	ouro__report_done(&report);
	assert_int_equal(report.count, 0);
	ouro__report_done(&report);
}

static void ends(int64_t from_now, int level, const char *before, const char *after)
{
	struct ouro__report report = {.topic = "key"};
	int64_t until = ouro__clock_unix() + from_now;
	char day[OURO__DAY_TEXT_MAX];
	char whole[128];

	ouro__report_day(until, day);
	ouro__report_end(&report, "the key", until, 14, "renew it");
	assert_int_equal(report.count, 1);
	assert_int_equal(report.items[0].level, level);
	(void)snprintf(whole, sizeof(whole), "the key %s %s%s", before, day, after);
	assert_string_equal(report.items[0].text, whole);
	if (level == OURO_FINDING_OK)
		assert_null(report.items[0].advice);
	else
		assert_string_equal(report.items[0].advice, "renew it");
	ouro__report_done(&report);
}

static void test_api_doctor_report__ends(void **state)
{
	struct ouro__report report = {.topic = "key"};
	char day[OURO__DAY_TEXT_MAX];

	(void)state;
	ends(14 * 86400 + 60, OURO_FINDING_OK, "ends on", ", in 14 days");
	ends(14 * 86400 - 60, OURO_FINDING_NOTE, "ends on", ", in 13 days");
	ends(86400 + 60, OURO_FINDING_NOTE, "ends on", ", in 1 day");
	ends(3600, OURO_FINDING_NOTE, "ends on", ", in 0 days");
	ends(-3600, OURO_FINDING_WRONG, "is over since", "");
	ends(-90 * 86400, OURO_FINDING_WRONG, "is over since", "");
	ouro__report_end(&report, "the key", OURO_TIME_NEVER, 14, "renew it");
	assert_string_equal(report.items[0].text, "the key has no end");
	assert_int_equal(report.items[0].level, OURO_FINDING_OK);
	ouro__report_done(&report);
	ouro__report_day(0, day);
	assert_string_equal(day, "1970-01-01");
	ouro__report_day(INT64_MAX - 1, day);
	assert_string_equal(day, "a day that has no date");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_api_doctor_report__collects),
		cmocka_unit_test(test_api_doctor_report__ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
