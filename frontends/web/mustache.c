/* mustache.c: compiling templates into an array of nodes. Rendering is in mustache_render.c.
 *
 * A set is built by one thread and immutable afterwards. */
#include "mustache_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELIMITER_MAX 16u
#define SECTIONS_MAX 32u

struct compiler {
	struct web_template *template;
	size_t capacity; /* of nodes */
	size_t position; /* of what was not compiled yet */
	char open[DELIMITER_MAX];
	char close[DELIMITER_MAX];
	size_t sections[SECTIONS_MAX]; /* open sections, as node indexes */
	size_t section_count;
	size_t line; /* of the tag at hand, for faults */
	char *fault;
	size_t fault_size;
};

/* A tag in the source. */
struct tag {
	size_t start;
	size_t end;          /* after the closing delimiter */
	char kind;           /* '#', '^', '/', '!', '>', '=', '&', '{' or 'v' */
	const char *content; /* trimmed */
	size_t length;
};

static int fault_at(struct compiler *compiler, const char *text, const char *name, size_t length)
{
	(void)snprintf(compiler->fault, compiler->fault_size, "%s:%zu: %s%s%.*s",
		compiler->template->name, compiler->line, text, length > 0 ? " " : "",
		(int)(length < 60 ? length : 60), name);
	return -1;
}

static int add_node(struct compiler *compiler, int type, const char *text, size_t length)
{
	struct web_template *template = compiler->template;
	struct web_node *node;

	if (template->count == compiler->capacity) {
		size_t capacity = compiler->capacity > 0 ? compiler->capacity * 2 : 32;
		struct web_node *nodes = realloc(template->nodes, capacity * sizeof(*nodes));

		if (nodes == NULL)
			return fault_at(compiler, "out of memory", "", 0);
		template->nodes = nodes;
		compiler->capacity = capacity;
	}
	node = &template->nodes[template->count++];
	memset(node, 0, sizeof(*node));
	node->type = type;
	node->text = text;
	node->length = length;
	return 0;
}

static int line_starts(const struct compiler *compiler, size_t position)
{
	return position == 0 || compiler->template->source[position - 1] == '\n';
}

static int add_text(struct compiler *compiler, size_t from, size_t to)
{
	if (from >= to)
		return 0;
	if (add_node(compiler, WEB_NODE_TEXT, compiler->template->source + from, to - from) < 0)
		return -1;
	compiler->template->nodes[compiler->template->count - 1].line_start =
		line_starts(compiler, from);
	return 0;
}

static const char *find(const char *text, size_t length, const char *word, size_t word_length)
{
	size_t i;

	for (i = 0; word_length <= length && i <= length - word_length; i++)
		if (memcmp(text + i, word, word_length) == 0)
			return text + i;
	return NULL;
}

static void trim(const char **text, size_t *length)
{
	while (*length > 0 && strchr(" \t\r\n", (*text)[0]) != NULL) {
		(*text)++;
		(*length)--;
	}
	while (*length > 0 && strchr(" \t\r\n", (*text)[*length - 1]) != NULL)
		(*length)--;
}

/* Number of the line that at stands in. */
static size_t line_at(const char *source, const char *at)
{
	size_t line = 1;

	while ((source = memchr(source, '\n', (size_t)(at - source))) != NULL) {
		line++;
		source++;
	}
	return line;
}

/* Next tag: 1 and *ret, 0 if there is none, -1 on a fault. */
static int next_tag(struct compiler *compiler, struct tag *ret)
{
	const struct web_template *template = compiler->template;
	const char *source = template->source, *start, *end;
	size_t open = strlen(compiler->open);
	char closing[DELIMITER_MAX + 2];

	start = find(source + compiler->position, template->length - compiler->position,
		compiler->open, open);
	if (start == NULL)
		return 0;
	compiler->line = line_at(source, start);
	ret->start = (size_t)(start - source);
	start += open;
	ret->kind = 'v';
	if (start < source + template->length && *start != '\0' &&
		strchr("#^/!>=&{", *start) != NULL)
		ret->kind = *start++;
	(void)snprintf(closing, sizeof(closing), "%s%s",
		ret->kind == '{'           ? "}"
			: ret->kind == '=' ? "="
					   : "",
		compiler->close);
	end = find(start, template->length - (size_t)(start - source), closing, strlen(closing));
	if (end == NULL)
		return fault_at(compiler, "a tag is not closed", "", 0);
	ret->end = (size_t)(end - source) + strlen(closing);
	ret->content = start;
	ret->length = (size_t)(end - start);
	trim(&ret->content, &ret->length);
	if (ret->length == 0 && ret->kind != '!')
		return fault_at(compiler, "a tag is empty", "", 0);
	return 1;
}

/* 1 if the tag is alone on its line: *ret_before = where that line starts, *ret_after = where the next one does. */
static int standalone(const struct compiler *compiler, const struct tag *tag, size_t *ret_before,
	size_t *ret_after)
{
	const struct web_template *template = compiler->template;
	size_t before = tag->start, after = tag->end;

	if (tag->kind == 'v' || tag->kind == '&' || tag->kind == '{')
		return 0;
	while (before > 0 && strchr(" \t", template->source[before - 1]) != NULL)
		before--;
	if (!line_starts(compiler, before))
		return 0;
	while (after < template->length && strchr(" \t", template->source[after]) != NULL)
		after++;
	if (after < template->length && template->source[after] == '\r')
		after++;
	if (after < template->length && template->source[after] != '\n')
		return 0;
	*ret_before = before;
	*ret_after = after < template->length ? after + 1 : after;
	return 1;
}

static int set_delimiters(struct compiler *compiler, const struct tag *tag)
{
	size_t open = 0, gap;

	while (open < tag->length && strchr(" \t\r\n", tag->content[open]) == NULL)
		open++;
	for (gap = open; gap < tag->length && strchr(" \t\r\n", tag->content[gap]) != NULL; gap++)
		;
	if (open == 0 || open >= DELIMITER_MAX || gap == tag->length ||
		tag->length - gap >= DELIMITER_MAX ||
		memchr(tag->content, '=', tag->length) != NULL)
		return fault_at(compiler, "bad delimiters", tag->content, tag->length);
	memcpy(compiler->open, tag->content, open);
	compiler->open[open] = '\0';
	memcpy(compiler->close, tag->content + gap, tag->length - gap);
	compiler->close[tag->length - gap] = '\0';
	return 0;
}

static int open_section(struct compiler *compiler, const struct tag *tag)
{
	if (compiler->section_count == SECTIONS_MAX)
		return fault_at(compiler, "too many nested sections at", tag->content, tag->length);
	compiler->sections[compiler->section_count++] = compiler->template->count;
	return add_node(compiler, tag->kind == '#' ? WEB_NODE_SECTION : WEB_NODE_INVERTED,
		tag->content, tag->length);
}

static int close_section(struct compiler *compiler, const struct tag *tag)
{
	struct web_node *node;

	if (compiler->section_count == 0)
		return fault_at(
			compiler, "nothing is open to be closed by", tag->content, tag->length);
	node = &compiler->template->nodes[compiler->sections[--compiler->section_count]];
	if (node->length != tag->length || memcmp(node->text, tag->content, tag->length) != 0)
		return fault_at(
			compiler, "another section is open than", tag->content, tag->length);
	node->end = compiler->template->count;
	return 0;
}

static int add_partial(struct compiler *compiler, const struct tag *tag, int alone, size_t line)
{
	struct web_node *node;

	if (add_node(compiler, WEB_NODE_PARTIAL, tag->content, tag->length) < 0)
		return -1;
	node = &compiler->template->nodes[compiler->template->count - 1];
	node->line = compiler->line;
	if (alone) {
		node->indent = compiler->template->source + line;
		node->indent_length = tag->start - line;
	}
	return 0;
}

static int add_tag(struct compiler *compiler, const struct tag *tag)
{
	size_t before = tag->start, after = tag->end;
	int alone = standalone(compiler, tag, &before, &after);

	if (add_text(compiler, compiler->position, before) < 0)
		return -1;
	if (!alone && line_starts(compiler, tag->start) &&
		add_node(compiler, WEB_NODE_LINE, "", 0) < 0)
		return -1;
	compiler->position = after;
	switch (tag->kind) {
	case '#':
	case '^': return open_section(compiler, tag);
	case '/': return close_section(compiler, tag);
	case '>': return add_partial(compiler, tag, alone, before);
	case '=': return set_delimiters(compiler, tag);
	case '!': return 0;
	case '&':
	case '{': return add_node(compiler, WEB_NODE_RAW, tag->content, tag->length);
	default: return add_node(compiler, WEB_NODE_VARIABLE, tag->content, tag->length);
	}
}

static int compile(struct web_template *template, char *fault, size_t fault_size)
{
	struct compiler compiler = {.template = template,
		.open = "{{",
		.close = "}}",
		.fault = fault,
		.fault_size = fault_size};
	struct tag tag;
	int found;

	while ((found = next_tag(&compiler, &tag)) > 0)
		if (add_tag(&compiler, &tag) < 0)
			return -1;
	if (found < 0)
		return -1;
	if (compiler.section_count > 0) {
		const struct web_node *node =
			&template->nodes[compiler.sections[compiler.section_count - 1]];

		return fault_at(&compiler, "not closed:", node->text, node->length);
	}
	return add_text(&compiler, compiler.position, template->length);
}

const struct web_template *web_templates_find(
	const struct web_templates *templates, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < templates->count; i++)
		if (strlen(templates->items[i].name) == length &&
			memcmp(templates->items[i].name, name, length) == 0)
			return &templates->items[i];
	return NULL;
}

static int resolve_partials(
	struct web_templates *templates, int strict, char *fault, size_t fault_size)
{
	size_t i, j;

	for (i = 0; i < templates->count; i++) {
		struct web_template *template = &templates->items[i];

		for (j = 0; j < template->count; j++) {
			struct web_node *node = &template->nodes[j];

			if (node->type != WEB_NODE_PARTIAL)
				continue;
			node->partial = web_templates_find(templates, node->text, node->length);
			if (node->partial != NULL || !strict)
				continue;
			(void)snprintf(fault, fault_size, "%s:%zu: there is no template %.*s",
				template->name, node->line,
				(int)(node->length < 60 ? node->length : 60), node->text);
			return -1;
		}
	}
	return 0;
}

static int copy_source(struct web_template *template, const struct web_template_source *source)
{
	size_t name_length = strlen(source->name);

	template->name = malloc(name_length + 1);
	template->source = malloc(source->length + 1);
	if (template->name == NULL || template->source == NULL)
		return -1;
	memcpy(template->name, source->name, name_length + 1);
	if (source->length > 0)
		memcpy(template->source, source->text, source->length);
	template->source[source->length] = '\0';
	template->length = source->length;
	return 0;
}

int web_templates_new(const struct web_template_source *sources, size_t count, int strict,
	struct web_templates **ret_templates, char *fault, size_t fault_size)
{
	struct web_templates *templates = calloc(1, sizeof(*templates));
	size_t i;

	(void)snprintf(fault, fault_size, "out of memory");
	if (templates == NULL)
		return -1;
	templates->items = calloc(count > 0 ? count : 1, sizeof(*templates->items));
	if (templates->items == NULL)
		goto failed;
	for (i = 0; i < count; i++) {
		templates->count = i + 1;
		if (copy_source(&templates->items[i], &sources[i]) < 0 ||
			compile(&templates->items[i], fault, fault_size) < 0)
			goto failed;
	}
	if (resolve_partials(templates, strict, fault, fault_size) < 0)
		goto failed;
	*ret_templates = templates;
	return 0;
failed:
	web_templates_free(templates);
	return -1;
}

void web_templates_free(struct web_templates *templates)
{
	size_t i;

	if (templates == NULL)
		return;
	for (i = 0; i < templates->count; i++) {
		free(templates->items[i].name);
		free(templates->items[i].source);
		free(templates->items[i].nodes);
	}
	free(templates->items);
	free(templates);
}

int web_templates_has(const struct web_templates *templates, const char *name)
{
	return web_templates_find(templates, name, strlen(name)) != NULL;
}
