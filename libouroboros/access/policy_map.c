/* Reading user_map: GitHub ids to Headscale users. Faults name the entry and what to write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/policy.h"
#include "base/error.h"
#include "base/str.h"

enum { NAME_MAX_BYTES = 255, WHERE_MAX = 300 };

const char *ouro__policy_name_fault(const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text)
		return "not a text; write the name of a Headscale user in quotes";
	if (!*text)
		return "empty; write the name of a Headscale user";
	if (strlen(text) > NAME_MAX_BYTES)
		return "longer than 255 bytes; no Headscale user is called so";
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return "holds a control character; write the name as `headscale users list` shows it";
	return NULL;
}

static int all_digits(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* 1 and the id, or 0 and a fault. */
static int read_id(
	const char *key, const char *where, struct ouro__faults *faults, uint64_t *ret_id)
{
	uint64_t id = 0;

	if (ouro__str_u64(key, strlen(key), &id) && id > 0 && id <= INT64_MAX) {
		*ret_id = id;
		return 1;
	}
	if (!all_digits(key))
		ouro__fault(faults, where,
			"not a GitHub id; write the number that https://api.github.com/users/NAME shows as \"id\", not the login");
	else if (strspn(key, "0") == strlen(key))
		ouro__fault(faults, where,
			"zero is nobody's GitHub id; replace this sample by the id of a person, or remove it");
	else if (key[0] == '0')
		ouro__fault(faults, where, "leading zeros; write the GitHub id as %.20s",
			key + strspn(key, "0"));
	else
		ouro__fault(faults, where, "larger than any GitHub id; check the number");
	return 0;
}

/* The name, a sound one, is already in the list of this entry. */
static int doubled(const json_t *list, size_t index)
{
	const char *name = json_string_value(json_array_get(list, index));

	for (size_t i = 0; i < index; i++) {
		const char *other = json_string_value(json_array_get(list, i));

		if (other && strcmp(name, other) == 0)
			return 1;
	}
	return 0;
}

static int check_names(const json_t *value, const char *where, struct ouro__faults *faults)
{
	size_t count = json_array_size(value);
	size_t before = faults->count;
	char place[WHERE_MAX];

	if (json_typeof(value) != JSON_ARRAY) {
		const char *fault = ouro__policy_name_fault(value);

		if (fault)
			ouro__fault(faults, where, "%s", fault);
		return !fault;
	}
	if (count < 1 || count > OURO__POLICY_USERS_MAX) {
		ouro__fault(faults, where, "a list of %zu users; write 1 to %d", count,
			OURO__POLICY_USERS_MAX);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		const char *fault = ouro__policy_name_fault(json_array_get(value, i));

		(void)snprintf(place, sizeof(place), "%.200s[%zu]", where, i);
		if (fault)
			ouro__fault(faults, place, "%s", fault);
		else if (doubled(value, i))
			ouro__fault(faults, place, "the same user twice; write him once");
	}
	return faults->count == before;
}

static int add(ouro__policy *policy, uint64_t id, const json_t *value)
{
	int list = json_typeof(value) == JSON_ARRAY;
	size_t count = list ? json_array_size(value) : 1;
	const char **users = ouro__arena_alloc(policy->arena, count * sizeof(*users));
	struct ouro__policy_entry *entry = &policy->entries[policy->count];

	if (!users)
		return 0;
	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(list ? json_array_get(value, i) : value);

		users[i] = ouro__arena_text(policy->arena, name, strlen(name));
		if (!users[i])
			return 0;
	}
	entry->id = id;
	entry->users = users;
	entry->count = count;
	policy->count++;
	return 1;
}

static int by_id(const void *a, const void *b)
{
	uint64_t left = ((const struct ouro__policy_entry *)a)->id;
	uint64_t right = ((const struct ouro__policy_entry *)b)->id;

	return (left > right) - (left < right);
}

ouro_status ouro__policy_read_map(
	ouro__policy *policy, const json_t *json, struct ouro__faults *faults)
{
	size_t size = json_object_size(json);
	char where[WHERE_MAX];
	const char *key;
	json_t *value;
	uint64_t id = 0;

	if (json_typeof(json) != JSON_OBJECT) {
		ouro__fault(faults, "user_map",
			"not an object; write {\"<GitHub id>\": \"<Headscale user>\"}");
		return OURO_OK;
	}
	policy->entries = ouro__arena_alloc(policy->arena, size * sizeof(*policy->entries));
	if (!policy->entries)
		return ouro__error_nomem(faults->reterr);
	/* jansson's iteration takes a plain pointer but does not write. */
	json_object_foreach((json_t *)(uintptr_t)json, key, value)
	{
		int sound;

		(void)snprintf(where, sizeof(where), "user_map.%.200s", key);
		sound = read_id(key, where, faults, &id);
		sound &= check_names(value, where, faults);
		if (sound && !add(policy, id, value))
			return ouro__error_nomem(faults->reterr);
	}
	if (policy->count)
		qsort(policy->entries, policy->count, sizeof(*policy->entries), by_id);
	return OURO_OK;
}
