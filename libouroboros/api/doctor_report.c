/* Findings; see doctor_report.h. */
#include "api/doctor_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/sys.h"

#define ROOM_FIRST 16u
#define DAY 86400

static struct ouro__remark *next(struct ouro__report *report)
{
	if (report->count == report->room) {
		size_t room = report->room ? 2 * report->room : ROOM_FIRST;
		struct ouro__remark *items = realloc(report->items, room * sizeof(*items));

		if (!items)
			return NULL;
		report->items = items;
		report->room = room;
	}
	return &report->items[report->count];
}

static __attribute__((format(printf, 1, 0))) char *line(const char *format, va_list arguments)
{
	char text[OURO__REMARK_MAX];

	(void)vsnprintf(text, sizeof(text), format, arguments);
	ouro__str_one_line(text);
	return ouro__alloc_str(text);
}

void ouro__report_add(struct ouro__report *report, int level, const char *format, ...)
{
	struct ouro__remark *remark = next(report);
	char *text;
	va_list arguments;

	va_start(arguments, format);
	text = line(format, arguments);
	va_end(arguments);
	if (!remark || !text) {
		free(text);
		report->lost = 1;
		return;
	}
	*remark = (struct ouro__remark){level, report->topic, text, NULL};
	report->count++;
}

void ouro__report_advise(struct ouro__report *report, const char *format, ...)
{
	struct ouro__remark *remark;
	va_list arguments;

	if (!report->count || report->lost)
		return;
	remark = &report->items[report->count - 1];
	free(remark->advice);
	va_start(arguments, format);
	remark->advice = line(format, arguments);
	va_end(arguments);
	report->lost |= !remark->advice;
}

size_t ouro__report_wrong(const struct ouro__report *report)
{
	size_t wrong = 0;

	for (size_t i = 0; i < report->count; i++)
		wrong += report->items[i].level == OURO_FINDING_WRONG;
	return wrong;
}

void ouro__report_done(struct ouro__report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->items[i].text);
		free(report->items[i].advice);
	}
	free(report->items);
	*report = (struct ouro__report){.topic = NULL};
}

void ouro__report_day(int64_t when, char ret_text[OURO__DAY_TEXT_MAX])
{
	time_t time = (time_t)when;
	struct tm parts;

	if (!gmtime_r(&time, &parts) || !strftime(ret_text, OURO__DAY_TEXT_MAX, "%Y-%m-%d", &parts))
		(void)snprintf(ret_text, OURO__DAY_TEXT_MAX, "a day that has no date");
}

int64_t ouro__report_days_left(int64_t until, int64_t now)
{
	return (until - now) / DAY;
}

void ouro__report_end(struct ouro__report *report, const char *what, int64_t until,
	int64_t warn_days, const char *advice)
{
	int64_t now = ouro__clock_unix();
	int64_t days = ouro__report_days_left(until, now);
	char day[OURO__DAY_TEXT_MAX];

	if (until == OURO_TIME_NEVER) {
		ouro__report_add(report, OURO_FINDING_OK, "%s has no end", what);
		return;
	}
	ouro__report_day(until, day);
	if (until <= now)
		ouro__report_add(report, OURO_FINDING_WRONG, "%s is over since %s", what, day);
	else
		ouro__report_add(report, days < warn_days ? OURO_FINDING_NOTE : OURO_FINDING_OK,
			"%s ends on %s, in %lld day%s", what, day, (long long)days,
			days == 1 ? "" : "s");
	if (days < warn_days)
		ouro__report_advise(report, "%s", advice);
}
