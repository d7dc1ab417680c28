/* Reading JSON into the tables' structs; see json.h. The outline of the answer is parsed as a whole, its long lists object by object:
 * jansson then works in memory that is still in the cache, and never holds more than one object of a list. */
#include "rpc/json.h"

#include <string.h>

#include "base/str.h"
#include "rpc/json_text.h"
#include "rpc/json_time.h"

struct scope {
	ouro__band band;
	ouro__arena *arena;
	ouro_error *reterr;
	/* The lists that were cut out of the outermost object. */
	struct ouro__json_cut *cut;
};

static ouro_status wrong(const struct scope *scope, const struct ouro__message *message,
	const struct ouro__field *field, const char *what)
{
	return ouro__error_set(scope->reterr, OURO_ERR_PROTOCOL,
		"the answer's \"%s\" (%s) is not %s", field->json, message->name, what);
}

/* ---- single values ---- */

static int get_number(const json_t *json, uint64_t *ret_value)
{
	if (json_is_integer(json) && json_integer_value(json) >= 0) {
		*ret_value = (uint64_t)json_integer_value(json);
		return 1;
	}
	return json_is_string(json) &&
		ouro__str_u64(json_string_value(json), json_string_length(json), ret_value);
}

/* As in protobuf an empty text stands for 0 here. */
static int get_number_text(const json_t *json, uint64_t *ret_value)
{
	if (json_is_string(json) && !json_string_length(json)) {
		*ret_value = 0;
		return 1;
	}
	return get_number(json, ret_value);
}

static int get_enum(const json_t *json, const struct ouro__field *field, int32_t *ret_value)
{
	if (json_is_integer(json)) {
		json_int_t value = json_integer_value(json);

		*ret_value = value < INT32_MIN || value > INT32_MAX ? 0 : (int32_t)value;
		return 1;
	}
	if (!json_is_string(json))
		return 0;
	*ret_value = 0;
	for (size_t i = 0; field->sub && i < field->sub->count; i++)
		if (strcmp(field->sub->fields[i].json, json_string_value(json)) == 0)
			*ret_value = (int32_t)field->sub->fields[i].number;
	return 1;
}

/* jansson has seen to it that a string is UTF-8 without NUL. */
static ouro_status get_text(const struct scope *scope, const json_t *json, const char **ret_text)
{
	char *copy =
		ouro__arena_text(scope->arena, json_string_value(json), json_string_length(json));

	if (!copy)
		return ouro__error_nomem(scope->reterr);
	*ret_text = copy;
	return OURO_OK;
}

static ouro_status get_texts(const struct scope *scope, const struct ouro__message *message,
	const struct ouro__field *field, const json_t *json, struct ouro__texts *texts)
{
	size_t count = json_array_size(json);
	ouro_status rc = OURO_OK;

	if (!json_is_array(json))
		return wrong(scope, message, field, "a list");
	if (!count)
		return OURO_OK;
	texts->items = ouro__arena_alloc(scope->arena, count * sizeof(*texts->items));
	if (!texts->items)
		return ouro__error_nomem(scope->reterr);
	for (size_t i = 0; i < count && rc == OURO_OK; i++) {
		const json_t *item = json_array_get(json, i);

		if (!json_is_string(item))
			return wrong(scope, message, field, "a list of texts");
		rc = get_text(scope, item, &texts->items[texts->count++]);
	}
	return rc;
}

/* ---- objects ---- */

static ouro_status get_object(
	const struct scope *scope, const struct ouro__message *message, json_t *json, void *object);

static void *new_object(const struct scope *scope, const struct ouro__message *message)
{
	char *object = ouro__arena_alloc(scope->arena, message->size);

	for (size_t i = 0; object && i < message->count; i++) {
		const struct ouro__field *field = &message->fields[i];

		if (field->kind == OURO__FIELD_TIME)
			*(int64_t *)(void *)(object + field->offset) = OURO_TIME_NEVER;
		else if (field->kind == OURO__FIELD_TEXT)
			*(const char **)(void *)(object + field->offset) = "";
	}
	return object;
}

static ouro_status get_sub(const struct scope *scope, const struct ouro__message *message,
	const struct ouro__field *field, json_t *json, void **ret_object)
{
	if (!json_is_object(json))
		return wrong(scope, message, field, "an object");
	*ret_object = new_object(scope, field->sub);
	if (!*ret_object)
		return ouro__error_nomem(scope->reterr);
	return get_object(scope, field->sub, json, *ret_object);
}

static ouro_status get_subs(const struct scope *scope, const struct ouro__message *message,
	const struct ouro__field *field, const json_t *json, struct ouro__messages *messages)
{
	size_t count = json_array_size(json);
	ouro_status rc = OURO_OK;

	if (!json_is_array(json))
		return wrong(scope, message, field, "a list");
	if (!count)
		return OURO_OK;
	messages->items = ouro__arena_alloc(scope->arena, count * sizeof(*messages->items));
	if (!messages->items)
		return ouro__error_nomem(scope->reterr);
	for (size_t i = 0; i < count && rc == OURO_OK; i++)
		rc = get_sub(scope, message, field, json_array_get(json, i),
			&messages->items[messages->count++]);
	return rc;
}

static ouro_status get_value(const struct scope *scope, const struct ouro__message *message,
	const struct ouro__field *field, json_t *json, void *at)
{
	switch ((enum ouro__field_kind)field->kind) {
	case OURO__FIELD_U64:
		return get_number(json, at) ? OURO_OK
					    : wrong(scope, message, field, "a number without sign");
	case OURO__FIELD_U64_TEXT:
		return get_number_text(json, at)
			? OURO_OK
			: wrong(scope, message, field, "a number without sign");
	case OURO__FIELD_BOOL:
		if (!json_is_boolean(json))
			return wrong(scope, message, field, "true or false");
		*(int32_t *)at = json_is_true(json);
		return OURO_OK;
	case OURO__FIELD_ENUM:
		return get_enum(json, field, at) ? OURO_OK : wrong(scope, message, field, "a name");
	case OURO__FIELD_TEXT:
		return json_is_string(json) ? get_text(scope, json, at)
					    : wrong(scope, message, field, "a text");
	case OURO__FIELD_TEXTS: return get_texts(scope, message, field, json, at);
	case OURO__FIELD_TIME:
		return json_is_string(json) &&
				ouro__json_time(
					json_string_value(json), json_string_length(json), at)
			? OURO_OK
			: wrong(scope, message, field, "a time");
	case OURO__FIELD_MESSAGE: return get_sub(scope, message, field, json, at);
	case OURO__FIELD_MESSAGES: return get_subs(scope, message, field, json, at);
	}
	return OURO_OK;
}

/* Servers write members in the order of the table: the search goes on where the last one ended. */
static const struct ouro__field *find(
	const struct ouro__message *message, ouro__band band, const char *name, size_t *hint)
{
	for (size_t n = 0, i = *hint; n < message->count; n++, i++) {
		const struct ouro__field *field;

		if (i >= message->count)
			i = 0;
		field = &message->fields[i];
		if (field->json[0] == name[0] && field->first <= band && band <= field->last &&
			strcmp(field->json, name) == 0) {
			*hint = i + 1;
			return field;
		}
	}
	return NULL;
}

static ouro_status get_object(
	const struct scope *scope, const struct ouro__message *message, json_t *json, void *object)
{
	ouro_status rc = OURO_OK;
	size_t hint = 0;

	for (void *at = json_object_iter(json); at && rc == OURO_OK;
		at = json_object_iter_next(json, at)) {
		json_t *value = json_object_iter_value(at);
		const struct ouro__field *field =
			find(message, scope->band, json_object_iter_key(at), &hint);

		if (field && !json_is_null(value))
			rc = get_value(
				scope, message, field, value, (char *)object + field->offset);
	}
	return rc;
}

/* ---- the answer ---- */

/* One list that was cut out; field = NULL: nobody wants it, but it has to be JSON all the same. */
static ouro_status get_list(const struct scope *scope, const struct ouro__json_list *list,
	const struct ouro__message *message, const struct ouro__field *field,
	struct ouro__messages *messages)
{
	ouro_status rc = OURO_OK;

	if (field) {
		messages->items =
			ouro__arena_alloc(scope->arena, list->count * sizeof(*messages->items));
		if (!messages->items)
			return ouro__error_nomem(scope->reterr);
	}
	for (size_t i = 0; i < list->count && rc == OURO_OK; i++) {
		const struct ouro__json_piece piece = ouro__json_piece_of(scope->cut, list, i);
		json_t *json = ouro__json_load(scope->cut->text + piece.at, piece.size,
			piece.values, piece.at, &rc, scope->reterr);

		if (json && field)
			rc = get_sub(
				scope, message, field, json, &messages->items[messages->count++]);
		json_decref(json);
	}
	return rc;
}

static const struct ouro__json_list *list_of(const struct ouro__json_cut *cut, size_t member)
{
	for (size_t i = 0; i < cut->count; i++)
		if (cut->lists[i].member == member)
			return &cut->lists[i];
	return NULL;
}

/* As get_object, for the outline. jansson keeps the order of members, so a list is known by its place. */
static ouro_status get_outline(
	const struct scope *scope, const struct ouro__message *message, json_t *json, void *object)
{
	ouro_status rc = OURO_OK;
	size_t member = 0;
	size_t hint = 0;

	for (void *at = json_object_iter(json); at && rc == OURO_OK;
		at = json_object_iter_next(json, at), member++) {
		json_t *value = json_object_iter_value(at);
		const struct ouro__json_list *list = list_of(scope->cut, member);
		const struct ouro__field *field =
			find(message, scope->band, json_object_iter_key(at), &hint);
		void *to = field ? (char *)object + field->offset : NULL;

		if (list && field && field->kind != OURO__FIELD_MESSAGES)
			rc = wrong(scope, message, field, "of this type");
		else if (list)
			rc = get_list(scope, list, message, field, to);
		else if (field && !json_is_null(value))
			rc = get_value(scope, message, field, value, to);
	}
	return rc;
}

ouro_status ouro__json_decode(const struct ouro__message *message, ouro__band band,
	const char *text, size_t size, ouro__arena *arena, void **ret_object, ouro_error *reterr)
{
	struct ouro__json_cut cut;
	struct scope scope = {band, arena, reterr, &cut};
	ouro_status rc = ouro__json_cut(&cut, text, size, reterr);
	void *object = NULL;
	json_t *json = NULL;

	if (rc < 0)
		goto out;
	json = ouro__json_load(
		ouro__buf_str(&cut.outline), cut.outline.size, cut.outline_values, 0, &rc, reterr);
	if (!json)
		goto out;
	object = new_object(&scope, message);
	rc = object ? get_outline(&scope, message, json, object) : ouro__error_nomem(reterr);
	if (rc >= 0)
		*ret_object = object;
out:
	json_decref(json);
	ouro__json_cut_done(&cut);
	return rc;
}
