/* view_lifetime.h: how long something new shall last, as a choice between a few round spans. Pure but for the arena. */
#ifndef OURO_WEB_VIEW_LIFETIME_H
#define OURO_WEB_VIEW_LIFETIME_H

#include "view_fields.h"

#include <stdint.h>

/* The round spans from shortest to longest (seconds), and longest itself if it is none of them. standard is chosen, or the longest
 * below it. endless: one more choice, "never", with the label "without an end". NULL without memory, or if nothing fits. */
const struct view_choices *view_lifetimes(
	struct web_arena *arena, int64_t shortest, int64_t longest, int64_t standard, int endless);
/* Seconds that a form's text stands for: 1 hour to 3650 days, 0 if it is nothing of the kind. */
int64_t view_lifetime_read(const char *text);
/* "12 hours", "45 days": exact, for whole hours. In the arena. */
const char *view_lifetime_words(struct web_arena *arena, int64_t seconds);

#endif
