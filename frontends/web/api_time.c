/* api_time.c: times as RFC 3339 writes them. Pure. */
#include "api.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define YEAR_ONE INT64_C(-62135596800)
#define YEAR_LAST INT64_C(253402300799)

/* So many digits at text[*at]; -1 if there are others. */
static int digits(const char *text, size_t length, size_t *at, size_t count)
{
	int value = 0;
	size_t i;

	if (length - *at < count)
		return -1;
	for (i = 0; i < count; i++) {
		char c = text[*at + i];

		if (c < '0' || c > '9')
			return -1;
		value = value * 10 + (c - '0');
	}
	*at += count;
	return value;
}

static int mark(const char *text, size_t length, size_t *at, const char *allowed)
{
	if (*at >= length || text[*at] == '\0' || strchr(allowed, text[*at]) == NULL)
		return 0;
	(*at)++;
	return 1;
}

static int leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && leap(year));
}

/* Days since 1970-01-01. */
static int64_t days_of(int year, int month, int day)
{
	int64_t past = year - 1, days;
	int i;

	days = past * 365 + past / 4 - past / 100 + past / 400 + day - 1;
	for (i = 1; i < month; i++)
		days += days_in(year, i);
	return days - 719162;
}

static int read_date(const char *text, size_t length, size_t *at, int64_t *ret_days)
{
	int year = digits(text, length, at, 4), month, day;

	if (year < 1 || !mark(text, length, at, "-"))
		return 0;
	month = digits(text, length, at, 2);
	if (month < 1 || month > 12 || !mark(text, length, at, "-"))
		return 0;
	day = digits(text, length, at, 2);
	if (day < 1 || day > days_in(year, month) || !mark(text, length, at, "Tt"))
		return 0;
	*ret_days = days_of(year, month, day);
	return 1;
}

static int read_clock(const char *text, size_t length, size_t *at, int64_t *ret_seconds)
{
	int hour = digits(text, length, at, 2), minute, second;

	if (hour < 0 || hour > 23 || !mark(text, length, at, ":"))
		return 0;
	minute = digits(text, length, at, 2);
	if (minute < 0 || minute > 59 || !mark(text, length, at, ":"))
		return 0;
	second = digits(text, length, at, 2);
	if (second < 0 || second > 59)
		return 0;
	*ret_seconds = ((int64_t)hour * 60 + minute) * 60 + second;
	if (!mark(text, length, at, "."))
		return 1;
	if (digits(text, length, at, 1) < 0)
		return 0;
	while (digits(text, length, at, 1) >= 0)
		;
	return 1;
}

/* The offset from UTC in seconds. */
static int read_zone(const char *text, size_t length, size_t *at, int64_t *ret_offset)
{
	int sign, hour, minute;

	*ret_offset = 0;
	if (mark(text, length, at, "Zz"))
		return 1;
	sign = *at < length && text[*at] == '-' ? -1 : 1;
	if (!mark(text, length, at, "+-"))
		return 0;
	hour = digits(text, length, at, 2);
	if (hour < 0 || hour > 23 || !mark(text, length, at, ":"))
		return 0;
	minute = digits(text, length, at, 2);
	if (minute < 0 || minute > 59)
		return 0;
	*ret_offset = (int64_t)sign * (hour * 60 + minute) * 60;
	return 1;
}

int api_time_read(const char *text, size_t length, int64_t *ret_time)
{
	int64_t days, seconds, offset;
	size_t at = 0;

	if (!read_date(text, length, &at, &days) || !read_clock(text, length, &at, &seconds) ||
		!read_zone(text, length, &at, &offset) || at != length)
		return 0;
	*ret_time = days * 86400 + seconds - offset;
	return 1;
}

void api_time_text(int64_t when, char ret[API_TIME_MAX])
{
	time_t seconds = (time_t)(when < YEAR_ONE ? YEAR_ONE : when > YEAR_LAST ? YEAR_LAST : when);
	struct tm parts;

	if (gmtime_r(&seconds, &parts) == NULL ||
		snprintf(ret, API_TIME_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ",
			(parts.tm_year + 1900) % 10000, parts.tm_mon + 1, parts.tm_mday,
			parts.tm_hour, parts.tm_min, parts.tm_sec) >= API_TIME_MAX)
		(void)snprintf(ret, API_TIME_MAX, "%s", API_TIME_ZERO);
}
