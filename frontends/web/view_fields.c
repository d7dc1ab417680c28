/* view_fields.c: named values in the request's arena. One request, one thread. */
#include "view_fields.h"

static int fields_lookup(
	const struct web_value *self, const char *name, size_t length, struct web_value *ret)
{
	const struct view_fields *fields = self->object;
	size_t i;

	for (i = 0; i < fields->count; i++)
		if (web_name_is(name, length, fields->fields[i].name)) {
			*ret = fields->fields[i].value;
			return 1;
		}
	return 0;
}

static const struct web_value_ops fields_ops = {fields_lookup, NULL};

struct view_fields *view_fields_new(struct web_arena *arena)
{
	return web_arena_alloc(arena, sizeof(struct view_fields));
}

struct web_value *view_field(struct view_fields *fields, const char *name)
{
	struct view_field *field;

	if (!fields || fields->count == VIEW_FIELDS_MAX)
		return NULL;
	field = &fields->fields[fields->count++];
	field->name = name;
	return &field->value;
}

void view_field_text(struct view_fields *fields, const char *name, const char *text)
{
	struct web_value *value = view_field(fields, name);

	if (value)
		web_value_text(value, text);
}

void view_field_bool(struct view_fields *fields, const char *name, int truth)
{
	struct web_value *value = view_field(fields, name);

	if (value)
		web_value_bool(value, truth);
}

void view_field_object(
	struct view_fields *fields, const char *name, const struct view_fields *object)
{
	struct web_value *value = view_field(fields, name);

	if (value && object)
		view_fields_value(object, value);
}

void view_fields_value(const struct view_fields *fields, struct web_value *ret)
{
	if (fields)
		web_value_object(ret, &fields_ops, fields, 0);
}

static int choice_lookup(
	const struct web_value *self, const char *name, size_t length, struct web_value *ret)
{
	const struct view_choice *choice = self->object;

	if (web_name_is(name, length, "value"))
		return web_value_text(ret, choice->value);
	if (web_name_is(name, length, "label"))
		return web_value_text(ret, choice->label);
	if (web_name_is(name, length, "chosen"))
		return web_value_bool(ret, choice->chosen);
	return 0;
}

static const struct web_value_ops choice_ops = {choice_lookup, NULL};

static int choices_item(const struct web_value *self, size_t index, struct web_value *ret)
{
	const struct view_choices *choices = self->object;

	if (index >= choices->count)
		return 0;
	return web_value_object(ret, &choice_ops, &choices->choices[index], 0);
}

static const struct web_value_ops choices_ops = {NULL, choices_item};

int view_choices_value(struct web_value *ret, const struct view_choices *choices)
{
	return web_value_list(ret, &choices_ops, choices, 0);
}

static int texts_item(const struct web_value *self, size_t index, struct web_value *ret)
{
	const struct view_texts *texts = self->object;

	return index < texts->count ? web_value_text(ret, texts->texts[index]) : 0;
}

static const struct web_value_ops texts_ops = {NULL, texts_item};

int view_texts_value(struct web_value *ret, const struct view_texts *texts)
{
	return web_value_list(ret, &texts_ops, texts, 0);
}
