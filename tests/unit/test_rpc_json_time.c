/* RFC 3339 as Headscale writes it and beyond: every form right and wrong, and every day there and back. */
#include "check.h"

#include <time.h>

#include <ouroboros/common.h>

#include "base/buf.h"
#include "rpc/json_time.h"

static void test_rpc_json_time__read(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} good[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01T00:00:00.9Z", 0},
		{"1969-12-31T23:59:59.999999999Z", -1},
		{"2000-02-29T12:00:00+00:00", 951825600},
		{"2026-11-23T08:02:13.5+00:30", 1795419133},
		{"2026-11-22T19:32:13-12:00", 1795419133},
		{"2026-11-24T07:31:13+23:59", 1795419133},
		{"2038-01-19T03:14:08Z", INT64_C(2147483648)},
		{"9999-12-31T23:59:59Z", INT64_C(253402300799)},
		{"0001-01-02T00:00:00Z", INT64_C(-62135510400)},
		{"0001-01-01T00:53:28+00:53", OURO_TIME_NEVER},
		{"0001-01-01T00:00:00Z", OURO_TIME_NEVER},
		{"0001-01-01T00:00:00.5Z", OURO_TIME_NEVER},
		{"0000-06-01T00:00:00Z", OURO_TIME_NEVER},
		{"0001-01-01T01:00:00+02:00", OURO_TIME_NEVER},
		{"0000-01-01T00:00:00Z", OURO_TIME_NEVER},
		{"9999-12-31T23:59:59-01:00", OURO_TIME_NEVER},
	};
	static const char *const bad[] = {"", "2026", "2026-11-23", "2026-11-23T07:32:13",
		"2026-11-23t07:32:13Z", "2026-11-23T07:32:13z", "2026-11-23 07:32:13Z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-00T00:00:00Z",
		"2026-11-23T24:00:00Z", "2026-11-23T00:60:00Z", "2026-11-23T00:00:60Z",
		"2026-11-23T00:00:00.Z", "2026-11-23T00:00:00.0000000001Z",
		"2026-11-23T00:00:00,5Z", "2026-11-23T00:00:00+2:00", "2026-11-23T00:00:00+0200",
		"2026-11-23T00:00:00+02:x0", "2026-11-23T00:00:00+x2:00",
		"2026-11-23T00:00:00+24:00", "2026-11-23T00:00:00+00:60", "2026-11-23T00:00:00ZZ",
		" 2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z ", "+2026-11-23T00:00:00Z",
		"12026-11-23T00:00:00Z", "-001-11-23T00:00:00Z"};
	int64_t seconds = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!ouro__json_time(good[i].text, strlen(good[i].text), &seconds) ||
			seconds != good[i].seconds)
			fail_msg("%s: %lld", good[i].text, (long long)seconds);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ouro__json_time(bad[i], strlen(bad[i]), &seconds))
			fail_msg("%s: taken", bad[i]);
}

static void test_rpc_json_time__written(void **state)
{
	(void)state;
	/* Every day of 400 years around the turn, against the C library, and back. */
	for (int64_t day = -80000; day < 66097; day += 1) {
		time_t at = (time_t)(day * 86400 + (day * 7919 & 0x7FFF));
		ouro__buf buf = OURO__BUF_INIT(64);
		char text[64];
		struct tm tm;
		int64_t back = 0;

		assert_non_null(gmtime_r(&at, &tm));
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		assert_int_equal(ouro__json_time_put(&buf, (int64_t)at), 1);
		assert_string_equal(ouro__buf_str(&buf), text);
		assert_int_equal(ouro__json_time(text, strlen(text), &back), 1);
		assert_true(back == (int64_t)at);
		ouro__buf_done(&buf);
	}
	for (int64_t i = 0; i < 2; i++) {
		ouro__buf buf = OURO__BUF_INIT(64);

		assert_int_equal(ouro__json_time_put(&buf, i ? INT64_MIN : OURO_TIME_NEVER), 0);
		ouro__buf_done(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_json_time__read),
		cmocka_unit_test(test_rpc_json_time__written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
