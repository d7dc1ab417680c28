/* Arbitrary templates over a small world of values: the input is a template and, after a NUL, the
 * partial "p". */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH_MAX = 2, ITEMS = 2 };
#define OUTPUT_MAX ((size_t)64 * 1024)

static int lookup(
	const struct web_value *self, const char *name, size_t length, struct web_value *ret);
static int item(const struct web_value *self, size_t index, struct web_value *ret);

static const struct web_value_ops ops = {lookup, item};

/* index counts the depth, so that lists within lists come to an end. */
static int lookup(
	const struct web_value *self, const char *name, size_t length, struct web_value *ret)
{
	if (web_name_is(name, length, "t"))
		return web_value_text(ret, "<a href='x'>\"&\xc2\xa0\xff</a>");
	if (web_name_is(name, length, "b"))
		return web_value_bool(ret, 1);
	if (web_name_is(name, length, "n"))
		return web_value_number(ret, INT64_MIN);
	if (web_name_is(name, length, "e"))
		return web_value_text(ret, "");
	if (web_name_is(name, length, "o") && self->index < DEPTH_MAX)
		return web_value_object(ret, &ops, self->object, self->index + 1);
	if (web_name_is(name, length, "l"))
		return self->index < DEPTH_MAX
			? web_value_list(ret, &ops, self->object, self->index + 1)
			: web_value_bool(ret, 0);
	return 0;
}

static int item(const struct web_value *self, size_t index, struct web_value *ret)
{
	return index < ITEMS ? web_value_object(ret, &ops, self->object, self->index) : 0;
}

static void render(const struct web_templates *templates)
{
	struct web_value root = {.kind = WEB_VALUE_OBJECT, .ops = &ops};
	struct web_buf out;

	web_buf_init(&out, OUTPUT_MAX);
	if (web_templates_render(templates, "main", &root, 1, &out) == 0 &&
		(out.failed || out.length > OUTPUT_MAX))
		abort();
	web_buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t first = nul ? (size_t)(nul - data) : size;
	size_t second = nul ? size - first - 1 : 0;
	struct web_template_source sources[2] = {{"main", NULL, first}, {"p", NULL, second}};
	struct web_templates *templates = NULL;
	char fault[128] = "";
	char *main_text = malloc(first ? first : 1); /* exact sizes and no NUL behind */
	char *partial_text = malloc(second ? second : 1);

	if (main_text && partial_text) {
		if (first)
			memcpy(main_text, data, first);
		if (second)
			memcpy(partial_text, nul + 1, second);
		sources[0].text = main_text;
		sources[1].text = partial_text;
		if (web_templates_new(sources, 2, size & 1, &templates, fault, sizeof(fault)) == 0)
			render(templates);
		else if (templates || !memchr(fault, 0, sizeof(fault)) || !fault[0])
			abort();
	}
	web_templates_free(templates);
	free(main_text);
	free(partial_text);
	return 0;
}
