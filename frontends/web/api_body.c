/* api_body.c: bodies, read strictly: known members of the right kind, none twice, nothing deep. On the request's thread. */
#include "api.h"

#include <string.h>
#include <strings.h>

/* Nothing here is deeper than an object with an array in it; the parser below recurses on a small stack. */
#define DEPTH_MAX 8
#define FAULTS_MAX 8

static int too_deep(const char *text, size_t length)
{
	int depth = 0, quoted = 0;
	size_t i;

	for (i = 0; i < length; i++) {
		if (quoted) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				quoted = 0;
			continue;
		}
		quoted = text[i] == '"';
		if ((text[i] == '[' || text[i] == '{') && ++depth > DEPTH_MAX)
			return 1;
		depth -= text[i] == ']' || text[i] == '}';
	}
	return 0;
}

/* No type at all is taken for JSON, as Headscale does. */
static int is_json_type(const char *type)
{
	size_t length;

	if (type == NULL)
		return 1;
	length = strcspn(type, "; ");
	if (length == 16 && strncasecmp(type, "application/json", 16) == 0)
		return 1;
	return length > 5 && strncasecmp(type + length - 5, "+json", 5) == 0;
}

/* "" and "0" are what clients send that mean none. */
static int is_id(const char *text)
{
	uint64_t id;

	return text[0] == '\0' || strcmp(text, "0") == 0 || web_text_id(text, strlen(text), &id);
}

static const char *text_misfit(enum api_kind kind, const json_t *value)
{
	const char *text = json_string_value(value);
	int64_t time;

	if (text == NULL)
		return "expected string";
	if (kind == API_TIME && !api_time_read(text, json_string_length(value), &time))
		return "expected string to be RFC 3339 date-time";
	if (kind == API_ID && !is_id(text))
		return "expected string to be an id";
	return NULL;
}

static const char *misfit(enum api_kind kind, const json_t *value)
{
	if (kind == API_BOOL)
		return json_is_boolean(value) ? NULL : "expected boolean";
	if (kind == API_NUMBER)
		return json_is_integer(value) ? NULL : "expected integer";
	if (kind == API_TEXTS)
		return json_is_array(value) ? NULL : "expected array";
	return text_misfit(kind, value);
}

struct faults {
	struct web_arena *arena;
	struct api_fault list[FAULTS_MAX];
	size_t count;
};

static void note(struct faults *faults, const char *message, const char *location)
{
	if (faults->count < FAULTS_MAX)
		faults->list[faults->count++] = (struct api_fault){message, location};
}

static void check_member(struct faults *faults, const struct api_field *fields, const char *name,
	const json_t *value)
{
	const char *where = web_arena_printf(faults->arena, "body.%s", name);
	const char *wrong;
	size_t i;

	while (fields != NULL && fields->name != NULL && strcmp(fields->name, name) != 0)
		fields++;
	if (fields == NULL || fields->name == NULL) {
		note(faults, "unexpected property", where);
		return;
	}
	if (json_is_null(value))
		return;
	wrong = misfit(fields->kind, value);
	if (wrong != NULL)
		note(faults, wrong, where);
	for (i = 0; wrong == NULL && fields->kind == API_TEXTS && i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			note(faults, "expected string",
				web_arena_printf(faults->arena, "%s[%zu]", where, i));
}

/* 1 if the whole of it is as the row says. */
static int check(struct api_call *api, json_t *root)
{
	struct faults faults = {api->web->arena, {{NULL, NULL}}, 0};
	const char *name;
	json_t *value;

	if (!json_is_object(root))
		note(&faults, "expected object", "body");
	json_object_foreach(root, name, value)
		check_member(&faults, api->route->fields, name, value);
	if (faults.count == 0)
		return 1;
	api_problem_write(
		api->web->response, 422, NULL, "validation failed", faults.list, faults.count);
	return 0;
}

static int invalid(struct api_call *api, int status, const char *message)
{
	const struct api_fault fault = {message, "body"};

	api_problem_write(api->web->response, status, NULL, "validation failed", &fault, 1);
	return 0;
}

int api_body_read(struct api_call *api, const char *text, size_t length, json_t **ret_root)
{
	const char *type = api->web->request->content_type;
	json_error_t error;
	json_t *root;

	*ret_root = NULL;
	if (length == 0) {
		if (!(api->route->needs & API_BODY))
			return 1;
		api_refuse(api, 400, "request body is required");
		return 0;
	}
	if (!is_json_type(type))
		return invalid(api, 415, "a body is sent as application/json");
	if (too_deep(text, length))
		return invalid(api, 400, "nested too deeply");
	root = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (root == NULL)
		return invalid(api, 400, error.text);
	if (!check(api, root)) {
		json_decref(root);
		return 0;
	}
	*ret_root = root;
	return 1;
}

const char *api_text(const struct api_call *api, const char *name)
{
	return json_string_value(json_object_get(api->body, name));
}

uint64_t api_id(const struct api_call *api, const char *name)
{
	const char *text = api_text(api, name);
	uint64_t id = 0;

	return text != NULL && web_text_id(text, strlen(text), &id) ? id : 0;
}

int api_flag(const struct api_call *api, const char *name)
{
	return json_is_true(json_object_get(api->body, name));
}

int64_t api_number(const struct api_call *api, const char *name)
{
	return json_integer_value(json_object_get(api->body, name));
}

int64_t api_time(const struct api_call *api, const char *name)
{
	const json_t *value = json_object_get(api->body, name);
	int64_t time;

	if (!json_is_string(value) ||
		!api_time_read(json_string_value(value), json_string_length(value), &time))
		return OURO_TIME_NEVER;
	return time;
}

const char *const *api_texts(const struct api_call *api, const char *name, size_t *ret_count)
{
	const json_t *value = json_object_get(api->body, name);
	size_t count = json_array_size(value), i;
	const char **texts =
		count > 0 ? web_arena_alloc(api->web->arena, count * sizeof(*texts)) : NULL;

	for (i = 0; texts != NULL && i < count; i++)
		texts[i] = json_string_value(json_array_get(value, i));
	*ret_count = count;
	return texts;
}
