/* view_time.c: times in words, from the texts in messages.c. UTC throughout: the server does not know where people are. */
#include "view_time.h"

#include "messages.h"

#include <ouroboros/common.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define YEAR_2001 INT64_C(978307200)
#define YEAR_9999 INT64_C(253370764800)

static const struct unit {
	int64_t seconds;
	int64_t from; /* used from so many seconds on */
	enum web_message one;
	enum web_message many;
} units[] = {
	{31557600, 63115200, MSG_YEAR, MSG_YEARS},
	{2629800, 8640000, MSG_MONTH, MSG_MONTHS},
	{86400, 86400, MSG_DAY, MSG_DAYS},
	{3600, 3600, MSG_HOUR, MSG_HOURS},
	{60, 60, MSG_MINUTE, MSG_MINUTES},
	{1, 0, MSG_SECOND, MSG_SECONDS},
};

/* A message with {0} into a fixed buffer. */
static void fill(enum web_message id, const char *value, char *ret, size_t size)
{
	const char *text = web_message_text(id);
	const char *hole = strstr(text, "{0}");

	if (hole)
		(void)snprintf(ret, size, "%.*s%s%s", (int)(hole - text), text, value, hole + 3);
	else
		(void)snprintf(ret, size, "%s", text);
}

void view_duration(int64_t seconds, char *ret, size_t size)
{
	const struct unit *unit = units;
	char number[24];
	int64_t count;

	if (seconds < 0)
		seconds = 0;
	while (seconds < unit->from)
		unit++;
	count = seconds / unit->seconds;
	(void)snprintf(number, sizeof(number), "%lld", (long long)count);
	fill(count == 1 ? unit->one : unit->many, number, ret, size);
}

void view_relative(int64_t when, int64_t now, char *ret, size_t size)
{
	char words[48];
	int64_t away = when > now ? when - now : now - when;

	if (away < 60) {
		fill(when > now ? MSG_IN_A_MOMENT : MSG_JUST_NOW, "", ret, size);
		return;
	}
	view_duration(away, words, sizeof(words));
	fill(when > now ? MSG_AHEAD : MSG_AGO, words, ret, size);
}

static int broken_down(int64_t when, struct tm *ret)
{
	time_t seconds = (time_t)when;

	return view_time_known(when) && gmtime_r(&seconds, ret);
}

/* The nth word of a list of words. */
static const char *word(const char *words, int n, int *ret_length)
{
	while (n-- > 0)
		words += strcspn(words, " ") + 1;
	*ret_length = (int)strcspn(words, " ");
	return words;
}

void view_exact(int64_t when, char *ret, size_t size)
{
	struct tm tm;
	const char *month;
	int length;

	*ret = '\0';
	if (!broken_down(when, &tm))
		return;
	month = word(web_message_text(MSG_MONTH_NAMES), tm.tm_mon, &length);
	(void)snprintf(ret, size, "%d %.*s %d, %02d:%02d UTC", tm.tm_mday, length, month,
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
}

void view_clock(int64_t when, char *ret, size_t size)
{
	struct tm tm;

	*ret = '\0';
	if (broken_down(when, &tm))
		(void)snprintf(ret, size, "%02d:%02d UTC", tm.tm_hour, tm.tm_min);
}

int view_time_known(int64_t when)
{
	return when >= YEAR_2001 && when < YEAR_9999;
}

/* object = now, index = the time itself (known times are positive). */
static int lookup(
	const struct web_value *self, const char *name, size_t length, struct web_value *ret)
{
	int64_t when = (int64_t)self->index;
	char text[WEB_VALUE_SMALL] = "";
	struct tm tm;

	if (web_name_is(name, length, "words"))
		view_relative(when, *(const int64_t *)self->object, text, sizeof(text));
	else if (web_name_is(name, length, "exact"))
		view_exact(when, text, sizeof(text));
	else if (web_name_is(name, length, "iso") && broken_down(when, &tm))
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	else
		return 0;
	return web_value_printf(ret, "%s", text);
}

static const struct web_value_ops ops = {lookup, NULL};

int view_time(struct web_value *ret, int64_t when, const int64_t *now)
{
	if (!view_time_known(when))
		return web_value_bool(ret, 0);
	return web_value_object(ret, &ops, now, (size_t)when);
}
