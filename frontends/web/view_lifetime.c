/* view_lifetime.c: spans to choose from, and what a form sends of them. One request, one thread. */
#include "view_lifetime.h"

#include "messages.h"

#include <string.h>

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define LONGEST (3650 * DAY)

static const int64_t spans[] = {
	HOUR, 12 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY};

#define SPANS (sizeof(spans) / sizeof(spans[0]))

const char *view_lifetime_words(struct web_arena *arena, int64_t seconds)
{
	int days = seconds >= DAY && seconds % DAY == 0;
	int64_t count = seconds / (days ? DAY : HOUR);

	if (count == 1)
		return web_message_text(days ? MSG_DAY : MSG_HOUR);
	return web_message(arena, days ? MSG_DAYS : MSG_HOURS,
		web_arena_printf(arena, "%lld", (long long)count), NULL);
}

static void add(struct web_arena *arena, struct view_choice *choice, int64_t seconds)
{
	choice->value = web_arena_printf(arena, "%lld", (long long)seconds);
	choice->label = view_lifetime_words(arena, seconds);
}

const struct view_choices *view_lifetimes(
	struct web_arena *arena, int64_t shortest, int64_t longest, int64_t standard, int endless)
{
	struct view_choice *choices = web_arena_alloc(arena, (SPANS + 2) * sizeof(*choices));
	struct view_choices *list = web_arena_alloc(arena, sizeof(*list));
	size_t chosen = 0;
	size_t i;

	if (!choices || !list)
		return NULL;
	if (longest > LONGEST)
		longest = LONGEST;
	longest -= longest % HOUR;
	for (i = 0; i < SPANS && spans[i] <= longest; i++) {
		if (spans[i] < shortest)
			continue;
		if (spans[i] <= standard)
			chosen = list->count;
		add(arena, &choices[list->count++], spans[i]);
	}
	if (longest >= shortest && (i == 0 || spans[i - 1] != longest)) {
		if (longest <= standard)
			chosen = list->count;
		add(arena, &choices[list->count++], longest);
	}
	if (endless) {
		choices[list->count].value = "never";
		choices[list->count++].label = web_message_text(MSG_ENDLESS);
	}
	choices[chosen].chosen = list->count > 0;
	list->choices = choices;
	return list->count > 0 ? list : NULL;
}

int64_t view_lifetime_read(const char *text)
{
	uint64_t seconds = 0;

	if (!web_text_id(text, strlen(text), &seconds) || seconds < (uint64_t)HOUR ||
		seconds > (uint64_t)LONGEST)
		return 0;
	return (int64_t)seconds;
}
