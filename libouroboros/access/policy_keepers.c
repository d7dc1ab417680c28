/* The rule keepers: who looks after nodes that carry a tag. Read into a list by tag; looked up for every node that is shown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/policy.h"
#include "base/error.h"
#include "base/str.h"

enum { WHERE_MAX = 300, TAG_MAX_BYTES = 255 };

static const char *tag_fault(const char *tag)
{
	if (!ouro__str_starts(tag, "tag:") || !tag[4])
		return "not a tag; write it like \"tag:printer\"";
	if (strlen(tag) > TAG_MAX_BYTES)
		return "longer than 255 bytes; no tag is called so";
	for (const char *p = tag; *p; p++)
		if ((unsigned char)*p <= 0x20 || *p == 0x7f)
			return "holds a space or a control character; write the tag as the policy has it";
	return NULL;
}

/* The same sound name stands before it in the list. */
static int doubled(const json_t *list, size_t index)
{
	const char *name = json_string_value(json_array_get(list, index));

	for (size_t i = 0; i < index; i++) {
		const char *other = json_string_value(json_array_get(list, i));

		if (other && strcmp(other, name) == 0)
			return 1;
	}
	return 0;
}

static ouro_status read_users(const struct ouro__rule_place *place, const char *where,
	const json_t *list, struct ouro__keeper_rule *rule)
{
	size_t count = json_array_size(list); /* 0 of anything else */
	const char **users = NULL;
	char entry[WHERE_MAX];

	if (!count || count > OURO__POLICY_KEEPERS_MAX) {
		ouro__fault(place->faults, where,
			"write a list of 1 to %d Headscale users, like [\"mia\"]",
			OURO__POLICY_KEEPERS_MAX);
		return OURO_OK;
	}
	users = ouro__arena_alloc(place->policy->arena, count * sizeof(*users));
	if (!users)
		return ouro__error_nomem(place->faults->reterr);
	for (size_t i = 0; i < count; i++) {
		const json_t *name = json_array_get(list, i);
		const char *fault = ouro__policy_name_fault(name);

		(void)snprintf(entry, sizeof(entry), "%.280s[%zu]", where, i);
		if (fault || doubled(list, i)) {
			ouro__fault(place->faults, entry, "%s",
				fault ? fault : "the same user twice; write him once");
			continue;
		}
		users[i] = ouro__arena_text(
			place->policy->arena, json_string_value(name), json_string_length(name));
		if (!users[i])
			return ouro__error_nomem(place->faults->reterr);
	}
	rule->users = users;
	rule->user_count = count;
	return OURO_OK;
}

/* {"users": [...], "remove": true} */
static ouro_status read_object(const struct ouro__rule_place *place, const char *where,
	const json_t *object, struct ouro__keeper_rule *rule)
{
	static const char *const names[] = {"users", "remove"};
	const json_t *remove = json_object_get(object, "remove");
	char member[WHERE_MAX];
	const char *name;
	json_t *value;

	/* jansson's iteration takes a plain pointer but does not write. */
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		if (strcmp(name, names[0]) == 0 || strcmp(name, names[1]) == 0)
			continue;
		(void)snprintf(member, sizeof(member), "%.200s.%.90s", where, name);
		ouro__fault(place->faults, member, "unknown; did you mean %s?",
			ouro__fault_nearest(name, names, 2));
	}
	if (remove && !json_is_boolean(remove)) {
		(void)snprintf(member, sizeof(member), "%.200s.remove", where);
		ouro__fault(
			place->faults, member, "not a switch; write true or false without quotes");
	}
	rule->remove = json_is_true(remove);
	(void)snprintf(member, sizeof(member), "%.200s.users", where);
	return read_users(place, member, json_object_get(object, "users"), rule);
}

static int by_tag(const void *a, const void *b)
{
	return strcmp(((const struct ouro__keeper_rule *)a)->tag,
		((const struct ouro__keeper_rule *)b)->tag);
}

ouro_status ouro__rule_read_keepers(
	const struct ouro__rule_place *place, const json_t *value, int *to)
{
	struct ouro__rules *rules = &place->policy->rules;
	struct ouro__keeper_rule *list;
	char where[WHERE_MAX];
	const char *tag;
	json_t *keepers;
	size_t count = 0;

	(void)to;
	if (json_typeof(value) != JSON_OBJECT) {
		ouro__fault(place->faults, place->where,
			"not an object; write {\"tag:printer\": [\"mia\"]}");
		return OURO_OK;
	}
	list = ouro__arena_alloc(place->policy->arena, json_object_size(value) * sizeof(*list));
	if (!list)
		return ouro__error_nomem(place->faults->reterr);
	json_object_foreach((json_t *)(uintptr_t)value, tag, keepers)
	{
		struct ouro__keeper_rule *rule = &list[count++];
		const char *fault = tag_fault(tag);
		ouro_status rc;

		(void)snprintf(where, sizeof(where), "%.30s.%.200s", place->where, tag);
		if (fault)
			ouro__fault(place->faults, where, "%s", fault);
		rc = json_typeof(keepers) == JSON_OBJECT ? read_object(place, where, keepers, rule)
							 : read_users(place, where, keepers, rule);
		rule->tag = ouro__arena_text(place->policy->arena, tag, strlen(tag));
		if (rc < 0 || !rule->tag)
			return ouro__error_nomem(place->faults->reterr);
	}
	if (count)
		qsort(list, count, sizeof(*list), by_tag);
	rules->keepers = list;
	rules->keepers_count = count;
	return OURO_OK;
}

static const struct ouro__keeper_rule *find(const struct ouro__rules *rules, const char *tag)
{
	struct ouro__keeper_rule key = {.tag = tag};

	if (!rules->keepers_count)
		return NULL;
	return bsearch(&key, rules->keepers, rules->keepers_count, sizeof(*rules->keepers), by_tag);
}

static int names(const struct ouro__keeper_rule *rule, const struct ouro__access_user *user)
{
	for (size_t i = 0; i < rule->user_count; i++)
		if (user->id && strcmp(rule->users[i], user->name) == 0)
			return 1;
	return 0;
}

const struct ouro__access_user *ouro__policy_keeper(const ouro__policy *policy,
	const struct ouro__subject *subject, const struct ouro__object *object, int *ret_remove)
{
	const struct ouro__access_user *first = NULL;
	int remove = 0;

	for (size_t t = 0; t < object->tag_count; t++) {
		const struct ouro__keeper_rule *rule = find(&policy->rules, object->tags[t]);

		for (size_t i = 0; rule && i < subject->user_count; i++) {
			const struct ouro__access_user *user = &subject->users[i];

			if (!names(rule, user))
				continue;
			remove |= rule->remove;
			if (!first || user < first)
				first = user;
		}
	}
	if (ret_remove)
		*ret_remove = remove;
	return first;
}
