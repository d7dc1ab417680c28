/* Times of JSON; see json_time.h. Days are counted by the Gregorian rule without a time zone or a locale. */
#include "rpc/json_time.h"

#include <ouroboros/common.h>

/* Year 1 is how Go writes "not set". */
#define SECONDS_YEAR_1 INT64_C(-62135596800)
#define SECONDS_LAST INT64_C(253402300799)
#define SECONDS_A_DAY 86400
/* Days from 0000-03-01 to 1970-01-01, and in 400 years. */
#define DAYS_EPOCH 719468
#define DAYS_ERA 146097

struct text {
	const char *at;
	const char *end;
};

static int digits(struct text *text, int count, int64_t *ret_value)
{
	int64_t value = 0;

	for (int i = 0; i < count; i++) {
		if (text->at == text->end || *text->at < '0' || *text->at > '9')
			return 0;
		value = value * 10 + (*text->at++ - '0');
	}
	*ret_value = value;
	return 1;
}

static int take(struct text *text, char c)
{
	if (text->at == text->end || *text->at != c)
		return 0;
	text->at++;
	return 1;
}

static int64_t month_days(int64_t year, int64_t month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* From 1970-01-01; years begin in March here, so that the leap day is the last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t shifted = month <= 2 ? year - 1 : year;
	int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
	int64_t of_era = shifted - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * DAYS_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_EPOCH;
}

static int get_day(struct text *text, int64_t *ret_days)
{
	int64_t year;
	int64_t month;
	int64_t day;

	if (!digits(text, 4, &year) || !take(text, '-') || !digits(text, 2, &month) ||
		!take(text, '-') || !digits(text, 2, &day))
		return 0;
	if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return 0;
	*ret_days = days_of(year, month, day);
	return 1;
}

static int get_clock(struct text *text, int64_t *ret_seconds)
{
	int64_t hour;
	int64_t minute;
	int64_t second;

	if (!digits(text, 2, &hour) || !take(text, ':') || !digits(text, 2, &minute) ||
		!take(text, ':') || !digits(text, 2, &second))
		return 0;
	if (hour > 23 || minute > 59 || second > 59)
		return 0;
	*ret_seconds = hour * 3600 + minute * 60 + second;
	return 1;
}

static int skip_fraction(struct text *text)
{
	int64_t digit;
	int count = 0;

	if (!take(text, '.'))
		return 1;
	while (count < 9 && digits(text, 1, &digit))
		count++;
	return count > 0;
}

static int get_offset(struct text *text, int64_t *ret_seconds)
{
	int64_t hour;
	int64_t minute;
	int64_t sign = 1;

	*ret_seconds = 0;
	if (take(text, 'Z'))
		return 1;
	if (take(text, '-'))
		sign = -1;
	else if (!take(text, '+'))
		return 0;
	if (!digits(text, 2, &hour) || !take(text, ':') || !digits(text, 2, &minute))
		return 0;
	*ret_seconds = sign * (hour * 3600 + minute * 60);
	return hour <= 23 && minute <= 59;
}

int ouro__json_time(const char *text, size_t length, int64_t *ret_seconds)
{
	struct text rest = {text, text + length};
	int64_t days;
	int64_t clock;
	int64_t offset;
	int64_t seconds;

	if (!get_day(&rest, &days) || !take(&rest, 'T') || !get_clock(&rest, &clock) ||
		!skip_fraction(&rest) || !get_offset(&rest, &offset) || rest.at != rest.end)
		return 0;
	seconds = days * SECONDS_A_DAY + clock - offset;
	/* Offsets of that age have seconds, which RFC 3339 cannot say: the first day is "not set". */
	*ret_seconds = seconds < SECONDS_YEAR_1 + SECONDS_A_DAY || seconds > SECONDS_LAST
		? OURO_TIME_NEVER
		: seconds;
	return 1;
}

int ouro__json_time_put(ouro__buf *buf, int64_t seconds)
{
	int64_t days = seconds / SECONDS_A_DAY;
	int64_t clock = seconds % SECONDS_A_DAY;
	int64_t year = 1970;
	int64_t month = 1;

	if (seconds <= SECONDS_YEAR_1 || seconds > SECONDS_LAST)
		return 0;
	if (clock < 0) {
		clock += SECONDS_A_DAY;
		days--;
	}
	/* A year that is not too late, then the right one. */
	year += days / 366 - (days < 0);
	while (days_of(year + 1, 1, 1) <= days)
		year++;
	while (days_of(year, 1, 1) > days)
		year--;
	while (month < 12 && days_of(year, month + 1, 1) <= days)
		month++;
	ouro__buf_format(buf, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month,
		(int)(days - days_of(year, month, 1)) + 1, (int)(clock / 3600),
		(int)(clock / 60 % 60), (int)(clock % 60));
	return 1;
}
