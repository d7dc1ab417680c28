/* view_time.h: times in words. Pure; any thread. */
#ifndef OURO_WEB_VIEW_TIME_H
#define OURO_WEB_VIEW_TIME_H

#include "mustache.h"

#include <stdint.h>

/* "2 minutes", "3 days": the largest whole unit. ret holds at least 32 bytes. */
void view_duration(int64_t seconds, char *ret, size_t size);
/* "in 6 days", "3 days ago", "just now". */
void view_relative(int64_t when, int64_t now, char *ret, size_t size);
/* "5 December 2026, 14:03 UTC". */
void view_exact(int64_t when, char *ret, size_t size);
/* "14:03 UTC". */
void view_clock(int64_t when, char *ret, size_t size);
/* 1 if it is a time that can be shown: set, and not one of the odd early values that some servers write for "now". */
int view_time_known(int64_t when);
/* An object with iso, exact and words; false if the time is not known. now must outlive the rendering. */
int view_time(struct web_value *ret, int64_t when, const int64_t *now);

#endif
