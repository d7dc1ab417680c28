/* Findings as they are collected: one owner, one thread at a time. */
#ifndef OURO_API_DOCTOR_REPORT_H
#define OURO_API_DOCTOR_REPORT_H

#include <ouroboros/doctor.h>

/* Longest text. */
#define OURO__REMARK_MAX 1024

struct ouro__remark {
	int level;
	const char *topic; /* static */
	char *text;        /* owned, as advice; one line */
	char *advice;
};

struct ouro__report {
	const char *topic; /* of what is added next; static */
	struct ouro__remark *items;
	size_t count;
	size_t room;
	int lost; /* out of memory: something is missing */
};

/* Add a finding under the topic of the moment; texts from outside become one clean line. */
void ouro__report_add(struct ouro__report *report, int level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What to do about the last one that was added. */
void ouro__report_advise(struct ouro__report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* How many are wrong. */
size_t ouro__report_wrong(const struct ouro__report *report);
void ouro__report_done(struct ouro__report *report);

/* "2026-12-24" of Unix seconds, UTC. */
#define OURO__DAY_TEXT_MAX 32
void ouro__report_day(int64_t when, char ret_text[OURO__DAY_TEXT_MAX]);
/* Days left, rounded down; an end in the past is negative or 0. */
int64_t ouro__report_days_left(int64_t until, int64_t now);
/* What ends on a day: fine, a note below warn_days, wrong once it is over. what: "the API key". advice: to renew it. */
void ouro__report_end(struct ouro__report *report, const char *what, int64_t until,
	int64_t warn_days, const char *advice);

#endif
