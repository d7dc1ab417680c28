/* mustache_render.c: rendering compiled templates. All state is on the caller's thread; values are pulled when they are
 * needed and never kept. */
#include "mustache_node.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CONTEXTS_MAX 24u
#define PARTIALS_MAX 16u
#define ITEMS_MAX 100000u
#define INDENT_MAX 128u

struct renderer {
	struct web_buf *out;
	struct web_value contexts[CONTEXTS_MAX];
	size_t context_count;
	size_t partials; /* nesting */
	char indent[INDENT_MAX];
	size_t indent_length;
	int failed;
};

int web_value_bytes(struct web_value *ret, const char *text, size_t length)
{
	ret->kind = WEB_VALUE_TEXT;
	ret->text = text;
	ret->length = length;
	return 1;
}

int web_value_text(struct web_value *ret, const char *text)
{
	if (text == NULL)
		return 1;
	return web_value_bytes(ret, text, strlen(text));
}

int web_value_bool(struct web_value *ret, int truth)
{
	ret->kind = truth ? WEB_VALUE_TRUE : WEB_VALUE_FALSE;
	return 1;
}

int web_value_printf(struct web_value *ret, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(ret->small, sizeof(ret->small), format, args);
	va_end(args);
	ret->kind = WEB_VALUE_TEXT;
	ret->text = NULL;
	ret->length = strlen(ret->small);
	return length >= 0;
}

int web_value_number(struct web_value *ret, int64_t number)
{
	return web_value_printf(ret, "%" PRId64, number);
}

int web_value_unsigned(struct web_value *ret, uint64_t number)
{
	return web_value_printf(ret, "%" PRIu64, number);
}

static int container(struct web_value *ret, int kind, const struct web_value_ops *ops,
	const void *object, size_t index)
{
	ret->kind = kind;
	ret->ops = ops;
	ret->object = object;
	ret->index = index;
	return 1;
}

int web_value_object(
	struct web_value *ret, const struct web_value_ops *ops, const void *object, size_t index)
{
	return container(ret, WEB_VALUE_OBJECT, ops, object, index);
}

int web_value_list(
	struct web_value *ret, const struct web_value_ops *ops, const void *object, size_t index)
{
	return container(ret, WEB_VALUE_LIST, ops, object, index);
}

int web_name_is(const char *name, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(name, word, length) == 0;
}

static int member(
	const struct web_value *value, const char *name, size_t length, struct web_value *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (value->kind != WEB_VALUE_OBJECT || value->ops->lookup == NULL)
		return 0;
	return value->ops->lookup(value, name, length, ret);
}

/* The value of a name: "." is the innermost context; of a dotted name only the first part is looked for outwards. */
static void resolve(
	const struct renderer *renderer, const char *name, size_t length, struct web_value *ret)
{
	const char *end = name + length;
	const char *dot = memchr(name, '.', length);
	size_t first = dot != NULL ? (size_t)(dot - name) : length;
	size_t i = renderer->context_count;
	int found = 0;

	memset(ret, 0, sizeof(*ret));
	if (length == 1 && name[0] == '.') {
		if (i > 0)
			*ret = renderer->contexts[i - 1];
		return;
	}
	while (!found && i > 0)
		found = member(&renderer->contexts[--i], name, first, ret);
	while (found && dot != NULL) {
		struct web_value next;

		name = dot + 1;
		dot = memchr(name, '.', (size_t)(end - name));
		found = member(ret, name, dot != NULL ? (size_t)(dot - name) : (size_t)(end - name),
			&next);
		*ret = next;
	}
	if (!found)
		memset(ret, 0, sizeof(*ret));
}

static const char *value_chars(const struct web_value *value)
{
	return value->text != NULL ? value->text : value->small;
}

static void write_value(struct renderer *renderer, const struct web_node *node)
{
	struct web_value value;

	resolve(renderer, node->text, node->length, &value);
	if (value.kind == WEB_VALUE_TRUE)
		web_buf_puts(renderer->out, "true");
	if (value.kind != WEB_VALUE_TEXT)
		return;
	if (node->type == WEB_NODE_RAW)
		web_buf_add(renderer->out, value_chars(&value), value.length);
	else
		web_buf_html(renderer->out, value_chars(&value), value.length);
}

static void write_indent(struct renderer *renderer)
{
	web_buf_add(renderer->out, renderer->indent, renderer->indent_length);
}

static void write_text(struct renderer *renderer, const struct web_node *node)
{
	const char *text = node->text;
	size_t left = node->length;
	int starts = node->line_start;

	if (renderer->indent_length == 0) {
		web_buf_add(renderer->out, text, left);
		return;
	}
	while (left > 0) {
		const char *newline = memchr(text, '\n', left);
		size_t size = newline != NULL ? (size_t)(newline - text) + 1 : left;

		if (starts)
			write_indent(renderer);
		web_buf_add(renderer->out, text, size);
		text += size;
		left -= size;
		starts = 1;
	}
}

static void render_nodes(
	struct renderer *renderer, const struct web_template *template, size_t from, size_t to);

static void render_with(struct renderer *renderer, const struct web_template *template, size_t from,
	size_t to, const struct web_value *context)
{
	if (renderer->context_count == CONTEXTS_MAX) {
		renderer->failed = 1;
		return;
	}
	renderer->contexts[renderer->context_count++] = *context;
	render_nodes(renderer, template, from, to);
	renderer->context_count--;
}

static int list_item(const struct web_value *list, size_t index, struct web_value *ret)
{
	memset(ret, 0, sizeof(*ret));
	return list->ops->item != NULL && index < ITEMS_MAX && list->ops->item(list, index, ret);
}

static int truthy(const struct web_value *value)
{
	struct web_value item;

	if (value->kind == WEB_VALUE_LIST)
		return list_item(value, 0, &item);
	return value->kind != WEB_VALUE_FALSE &&
		!(value->kind == WEB_VALUE_TEXT && value->length == 0);
}

static void render_section(
	struct renderer *renderer, const struct web_template *template, size_t index)
{
	const struct web_node *node = &template->nodes[index];
	struct web_value value, item;
	size_t i;

	resolve(renderer, node->text, node->length, &value);
	if (node->type == WEB_NODE_INVERTED) {
		if (!truthy(&value))
			render_nodes(renderer, template, index + 1, node->end);
		return;
	}
	if (value.kind == WEB_VALUE_LIST) {
		for (i = 0; !renderer->failed && list_item(&value, i, &item); i++)
			render_with(renderer, template, index + 1, node->end, &item);
	} else if (value.kind == WEB_VALUE_TRUE) {
		render_nodes(renderer, template, index + 1, node->end);
	} else if (truthy(&value)) {
		render_with(renderer, template, index + 1, node->end, &value);
	}
}

static void render_partial(struct renderer *renderer, const struct web_node *node)
{
	size_t before = renderer->indent_length;

	if (node->partial == NULL)
		return;
	if (renderer->partials == PARTIALS_MAX || node->indent_length > INDENT_MAX - before) {
		renderer->failed = 1;
		return;
	}
	if (node->indent_length > 0)
		memcpy(renderer->indent + before, node->indent, node->indent_length);
	renderer->indent_length += node->indent_length;
	renderer->partials++;
	render_nodes(renderer, node->partial, 0, node->partial->count);
	renderer->partials--;
	renderer->indent_length = before;
}

static void render_nodes(
	struct renderer *renderer, const struct web_template *template, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to && !renderer->failed; i++) {
		const struct web_node *node = &template->nodes[i];

		switch (node->type) {
		case WEB_NODE_TEXT: write_text(renderer, node); break;
		case WEB_NODE_LINE: write_indent(renderer); break;
		case WEB_NODE_VARIABLE:
		case WEB_NODE_RAW: write_value(renderer, node); break;
		case WEB_NODE_PARTIAL: render_partial(renderer, node); break;
		default:
			render_section(renderer, template, i);
			i = node->end - 1;
			break;
		}
	}
}

int web_templates_render(const struct web_templates *templates, const char *name,
	const struct web_value *contexts, size_t context_count, struct web_buf *out)
{
	const struct web_template *template = web_templates_find(templates, name, strlen(name));
	struct renderer renderer;

	if (template == NULL || context_count > CONTEXTS_MAX / 2)
		return -1;
	memset(&renderer, 0, sizeof(renderer));
	renderer.out = out;
	if (context_count > 0)
		memcpy(renderer.contexts, contexts, context_count * sizeof(*contexts));
	renderer.context_count = context_count;
	render_nodes(&renderer, template, 0, template->count);
	return renderer.failed || out->failed ? -1 : 0;
}
