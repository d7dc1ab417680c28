/* Reading the rules that give people more than 0.3.1 did: pre-auth keys, a later expiry, tokens. All of them are bounded by a
 * time ahead, so there is one reading of such times. */
#include <stdio.h>
#include <string.h>

#include "access/policy.h"
#include "base/str.h"

enum { WHERE_MAX = 300, HOUR = 3600, DAY = 24 * HOUR, LONGEST_DAYS = 3650, ALIVE = 10 };

/* "12h", "90d": 1 and the seconds, or 0. */
static int read_time(const char *text, int64_t *ret_seconds)
{
	size_t length = text ? strlen(text) : 0;
	uint64_t number = 0;
	uint64_t unit;

	if (length < 2 || (text[length - 1] != 'h' && text[length - 1] != 'd'))
		return 0;
	unit = text[length - 1] == 'h' ? HOUR : DAY;
	if (!ouro__str_u64(text, length - 1, &number) || !number ||
		number > (uint64_t)LONGEST_DAYS * DAY / unit)
		return 0;
	*ret_seconds = (int64_t)(number * unit);
	return 1;
}

static int is_off(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && strcmp(text, "off") == 0;
}

/* A time, or "off" (0); a fault otherwise. */
static void read_time_or_off(
	const struct ouro__rule_place *place, const json_t *value, int64_t *ret_seconds)
{
	if (is_off(value))
		*ret_seconds = 0;
	else if (!read_time(json_string_value(value), ret_seconds))
		ouro__fault(place->faults, place->where,
			"write \"off\", or the longest time in hours or days, from \"1h\" to \"3650d\"");
}

ouro_status ouro__rule_read_tokens(
	const struct ouro__rule_place *place, const json_t *value, int *to)
{
	(void)to;
	read_time_or_off(place, value, &place->policy->rules.token_life);
	return OURO_OK;
}

/* A member of a rule that is an object. */
struct member {
	const char *name;
	int64_t *seconds; /* exactly one of these is set */
	int *on;
	uint64_t *number;
	int seen;
};

static void read_member(const struct ouro__rule_place *place, const char *where,
	const json_t *value, struct member *member)
{
	json_type type = json_typeof(value);
	json_int_t number = json_integer_value(value); /* 0 of anything else */

	member->seen = 1;
	if (member->seconds && !read_time(json_string_value(value), member->seconds))
		ouro__fault(place->faults, where,
			"write a time in hours or days, from \"1h\" to \"3650d\"");
	if (member->on && type != JSON_TRUE && type != JSON_FALSE)
		ouro__fault(
			place->faults, where, "not a switch; write true or false without quotes");
	else if (member->on)
		*member->on = type == JSON_TRUE;
	if (member->number && number <= 0)
		ouro__fault(place->faults, where, "write a whole number from 1");
	else if (member->number)
		*member->number = (uint64_t)number;
}

/* At most 8 members; the first is required. */
static void read_members(const struct ouro__rule_place *place, const json_t *object,
	struct member *members, size_t count)
{
	const char *names[8];
	char where[WHERE_MAX];
	const char *name;
	json_t *value;

	for (size_t i = 0; i < count; i++)
		names[i] = members[i].name;
	/* jansson's iteration takes a plain pointer but does not write. */
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		size_t i = 0;

		(void)snprintf(where, sizeof(where), "%.60s.%.200s", place->where, name);
		while (i < count && strcmp(members[i].name, name) != 0)
			i++;
		if (i < count)
			read_member(place, where, value, &members[i]);
		else
			ouro__fault(place->faults, where, "unknown; did you mean %s?",
				ouro__fault_nearest(name, names, count));
	}
	if (!members[0].seen)
		ouro__fault(place->faults, place->where,
			"lacks the longest time; add \"%s\": \"7d\"", members[0].name);
}

ouro_status ouro__rule_read_extend(
	const struct ouro__rule_place *place, const json_t *value, int *to)
{
	struct ouro__rules *rules = &place->policy->rules;
	struct member members[] = {{.name = "longest", .seconds = &rules->extend},
		{.name = "never", .on = &rules->extend_never}};

	(void)to;
	if (json_typeof(value) == JSON_OBJECT)
		read_members(place, value, members, sizeof(members) / sizeof(members[0]));
	else
		read_time_or_off(place, value, &rules->extend);
	return OURO_OK;
}

ouro_status ouro__rule_read_keys(const struct ouro__rule_place *place, const json_t *value, int *to)
{
	struct ouro__keys_rule *keys = &place->policy->rules.keys;
	struct member members[] = {{.name = "longest", .seconds = &keys->longest},
		{.name = "reusable", .on = &keys->reusable},
		{.name = "ephemeral", .on = &keys->ephemeral},
		{.name = "alive", .number = &keys->alive}};

	(void)to;
	if (is_off(value))
		return OURO_OK;
	keys->alive = ALIVE;
	if (json_typeof(value) == JSON_OBJECT)
		read_members(place, value, members, sizeof(members) / sizeof(members[0]));
	else
		ouro__fault(place->faults, place->where,
			"write \"off\", or an object like {\"longest\": \"7d\"}");
	return OURO_OK;
}
