/* Reading rules: one row a rule, so that the list of known names and the reading cannot drift apart. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "access/policy.h"
#include "base/error.h"

enum { WHERE_MAX = 300 };

static ouro_status read_switch(const struct ouro__rule_place *place, const json_t *value, int *to)
{
	json_type type = json_typeof(value);

	if (type == JSON_TRUE || type == JSON_FALSE)
		*to = type == JSON_TRUE;
	else
		ouro__fault(place->faults, place->where,
			"not a switch; write true or false without quotes");
	return OURO_OK;
}

static ouro_status read_see_others(
	const struct ouro__rule_place *place, const json_t *value, int *to)
{
	const char *text = json_string_value(value);

	if (text && strcmp(text, "all") == 0)
		*to = 1;
	else if (text && strcmp(text, "none") == 0)
		*to = 0;
	else
		ouro__fault(place->faults, place->where, "write \"all\" or \"none\"");
	return OURO_OK;
}

static ouro_status read_max_nodes(
	const struct ouro__rule_place *place, const json_t *value, int *to)
{
	json_int_t most = json_integer_value(value); /* 0 of anything else */

	(void)to;
	if (most > 0)
		place->policy->rules.max_nodes = (uint64_t)most;
	else
		ouro__fault(place->faults, place->where,
			"write a whole number from 1, or leave the rule out for no limit");
	return OURO_OK;
}

static void prefix_fault(struct ouro__faults *faults, const char *where, const char *text,
	const struct ouro__prefix *prefix)
{
	if (!text)
		ouro__fault(faults, where, "not a text; write a prefix such as \"192.168.1.0/24\"");
	else if (!prefix)
		ouro__fault(faults, where,
			"%.64s is not a prefix with its host bits zero; write it like 192.168.1.0/24",
			text);
	else if (ouro__prefix_exit(prefix))
		ouro__fault(faults, where,
			"%.64s is an exit prefix; the rule exit_nodes switches those, \"any\" allows every other route",
			text);
	else
		ouro__fault(faults, where, "%.64s is %s, which no owner may route; remove it", text,
			ouro__prefix_within_reserved(prefix));
}

static ouro_status read_list(const struct ouro__rule_place *place, const char *where,
	const json_t *list, struct ouro__route_rule *ret_rule)
{
	size_t count = json_array_size(list);
	char entry[WHERE_MAX];
	struct ouro__prefix *prefixes;

	if (count > OURO__POLICY_PREFIXES_MAX) {
		ouro__fault(place->faults, where, "%zu prefixes; at most %d", count,
			OURO__POLICY_PREFIXES_MAX);
		return OURO_OK;
	}
	prefixes = ouro__arena_alloc(place->policy->arena, count * sizeof(*prefixes));
	if (!prefixes)
		return ouro__error_nomem(place->faults->reterr);
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));
		int sound = text && ouro__prefix_parse(text, &prefixes[i]);

		(void)snprintf(entry, sizeof(entry), "%.250s[%zu]", where, i);
		if (!sound || ouro__prefix_exit(&prefixes[i]) ||
			ouro__prefix_within_reserved(&prefixes[i]))
			prefix_fault(place->faults, entry, text, sound ? &prefixes[i] : NULL);
	}
	ret_rule->mode = OURO__ROUTES_LIST;
	ret_rule->prefixes = prefixes;
	ret_rule->count = count;
	return OURO_OK;
}

/* "any", "none" or a list. */
static ouro_status read_route_rule(const struct ouro__rule_place *place, const char *where,
	const json_t *value, struct ouro__route_rule *ret_rule)
{
	const char *text = json_string_value(value);

	if (json_typeof(value) == JSON_ARRAY)
		return read_list(place, where, value, ret_rule);
	if (text && strcmp(text, "any") == 0)
		ret_rule->mode = OURO__ROUTES_ANY;
	else if (text && strcmp(text, "none") == 0)
		ret_rule->mode = OURO__ROUTES_NONE;
	else
		ouro__fault(place->faults, where, "write \"any\", \"none\" or a list of prefixes");
	return OURO_OK;
}

static ouro_status read_user_routes(const struct ouro__rule_place *place, const json_t *value)
{
	struct ouro__rules *rules = &place->policy->rules;
	struct ouro__route_rule *list;
	char where[WHERE_MAX];
	const char *user;
	json_t *rule;
	ouro_status rc;

	list = ouro__arena_alloc(place->policy->arena, json_object_size(value) * sizeof(*list));
	if (!list)
		return ouro__error_nomem(place->faults->reterr);
	rules->user_routes = list;
	if (!json_object_get(value, "default"))
		ouro__fault(place->faults, place->where,
			"says nothing about everybody else; add \"default\": \"none\", \"any\" or a list");
	json_object_foreach((json_t *)(uintptr_t)value, user, rule)
	{
		int other = strcmp(user, "default") == 0;
		struct ouro__route_rule *to =
			other ? &rules->routes : &list[rules->user_routes_count];

		(void)snprintf(where, sizeof(where), "%.30s.%.200s", place->where, user);
		if (!*user || strlen(user) > 255)
			ouro__fault(place->faults, where,
				"no Headscale user is called so; write a user's name or \"default\"");
		rc = read_route_rule(place, where, rule, to);
		if (rc < 0)
			return rc;
		if (other)
			continue;
		to->user = ouro__arena_text(place->policy->arena, user, strlen(user));
		if (!to->user)
			return ouro__error_nomem(place->faults->reterr);
		rules->user_routes_count++;
	}
	return OURO_OK;
}

static ouro_status read_routes(const struct ouro__rule_place *place, const json_t *value, int *to)
{
	(void)to;
	if (json_typeof(value) == JSON_OBJECT)
		return read_user_routes(place, value);
	return read_route_rule(place, place->where, value, &place->policy->rules.routes);
}

#define NO_FIELD SIZE_MAX

static const struct row {
	const char *name;
	ouro__rule_read_fn read;
	size_t field; /* of struct ouro__rules, for the readers that take one */
} rows[] = {
	{"see_others", read_see_others, offsetof(struct ouro__rules, see_others)},
	{"rename", read_switch, offsetof(struct ouro__rules, rename)},
	{"expire", read_switch, offsetof(struct ouro__rules, expire)},
	{"delete", read_switch, offsetof(struct ouro__rules, remove)},
	{"register", read_switch, offsetof(struct ouro__rules, enroll)},
	{"exit_nodes", read_switch, offsetof(struct ouro__rules, exit_nodes)},
	{"routes", read_routes, NO_FIELD},
	{"max_nodes", read_max_nodes, NO_FIELD},
	{"extend_expiry", ouro__rule_read_extend, NO_FIELD},
	{"keys", ouro__rule_read_keys, NO_FIELD},
	{"tokens", ouro__rule_read_tokens, NO_FIELD},
	{"keepers", ouro__rule_read_keepers, NO_FIELD},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static void unknown(const char *name, const char *where, struct ouro__faults *faults)
{
	const char *names[ROW_COUNT];

	for (size_t i = 0; i < ROW_COUNT; i++)
		names[i] = rows[i].name;
	ouro__fault(faults, where, "unknown rule; did you mean %s?",
		ouro__fault_nearest(name, names, ROW_COUNT));
}

ouro_status ouro__policy_read_rules(
	ouro__policy *policy, const json_t *json, struct ouro__faults *faults)
{
	char where[WHERE_MAX];
	const char *name;
	json_t *value;
	ouro_status rc;

	if (json_typeof(json) != JSON_OBJECT) {
		ouro__fault(faults, "rules", "not an object; write {\"<rule>\": <value>}");
		return OURO_OK;
	}
	json_object_foreach((json_t *)(uintptr_t)json, name, value)
	{
		struct ouro__rule_place place = {policy, faults, where};
		size_t i = 0;

		(void)snprintf(where, sizeof(where), "rules.%.200s", name);
		while (i < ROW_COUNT && strcmp(rows[i].name, name) != 0)
			i++;
		if (i == ROW_COUNT) {
			unknown(name, where, faults);
			continue;
		}
		rc = rows[i].read(&place, value,
			rows[i].field == NO_FIELD
				? NULL
				: (int *)(void *)((char *)&policy->rules + rows[i].field));
		if (rc < 0)
			return rc;
	}
	return OURO_OK;
}
