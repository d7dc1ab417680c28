/* See recorded_request.h. */
#include "recorded_request.h"

#include "check.h"

#include <string.h>

#include "recordings.h"

/* "node_id" and "nodeId" are one name. */
static int same_name(const char *proto, const char *camel)
{
	for (; *proto; proto++, camel++) {
		if (*proto == '_') {
			proto++;
			if (*camel != *proto - 32)
				return 0;
		} else if (*camel != *proto) {
			return 0;
		}
	}
	return !*camel;
}

/* Fill the request struct from the recorded fields. */
static void fill(
	const struct ouro__field *field, char *object, const json_t *value, ouro__arena *arena)
{
	void *at = object + field->offset;

	if (field->kind == OURO__FIELD_U64 || field->kind == OURO__FIELD_U64_TEXT) {
		*(uint64_t *)at = recording_number(value);
	} else if (field->kind == OURO__FIELD_BOOL) {
		*(int32_t *)at = json_is_true(value) ||
			(json_is_string(value) && strcmp(json_string_value(value), "true") == 0);
	} else if (field->kind == OURO__FIELD_TEXT) {
		*(const char **)at = json_string_value(value);
	} else if (field->kind == OURO__FIELD_TIME) {
		*(int64_t *)at = recording_seconds(json_string_value(value));
	} else {
		struct ouro__texts *texts = at;

		assert_int_equal(field->kind, OURO__FIELD_TEXTS);
		texts->count = json_array_size(value);
		texts->items = ouro__arena_alloc(arena, texts->count * sizeof(*texts->items));
		for (size_t i = 0; i < texts->count; i++)
			texts->items[i] = json_string_value(json_array_get(value, i));
	}
}

void *recording_request(
	const struct ouro__message *message, ouro__band band, json_t *fields, ouro__arena *arena)
{
	char *object = ouro__arena_alloc(arena, message->size);
	const char *key;
	json_t *value;

	for (size_t i = 0; i < message->count; i++)
		if (message->fields[i].kind == OURO__FIELD_TIME)
			*(int64_t *)(void *)(object + message->fields[i].offset) = OURO_TIME_NEVER;
	json_object_foreach(fields, key, value)
	{
		int found = 0;

		for (size_t i = 0; i < message->count && !found; i++) {
			const struct ouro__field *field = &message->fields[i];

			found = same_name(key, field->json) && field->first <= band &&
				band <= field->last;
			if (found)
				fill(field, object, value, arena);
		}
		if (!found)
			return NULL;
	}
	return object;
}
