/* form.c: the strict reader of url-encoded texts. Pure: bytes in, fields out; any thread. */
#include "form.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes into out (length bytes are enough). Returns 0 on a bad escape. */
static int decode(const char *data, size_t length, char *out, size_t *ret_length)
{
	size_t i, used = 0;

	for (i = 0; i < length; i++) {
		if (data[i] == '+') {
			out[used++] = ' ';
		} else if (data[i] == '%') {
			int high = -1, low = -1;

			if (length - i > 2) {
				high = hex_value(data[i + 1]);
				low = hex_value(data[i + 2]);
			}
			if (high < 0 || low < 0)
				return 0;
			out[used++] = (char)(unsigned char)(high * 16 + low);
			i += 2;
		} else {
			out[used++] = data[i];
		}
	}
	out[used] = '\0';
	*ret_length = used;
	return 1;
}

/* UTF-8 without controls (tab and line ends are allowed: text boxes send them). */
static int text_valid(const char *data, size_t length)
{
	size_t i = 0;

	while (i < length) {
		uint32_t code = 0;
		size_t size = web_text_utf8(data + i, length - i, &code);

		if (size == 0 || code == 0x7f)
			return 0;
		if (code < 0x20 && code != '\t' && code != '\r' && code != '\n')
			return 0;
		i += size;
	}
	return 1;
}

/* One "name=value" piece; *position is where its decoded texts go in the storage. */
static int parse_field(struct web_form *form, const char *data, size_t length, size_t *position)
{
	const char *equals = memchr(data, '=', length);
	size_t name_length = equals != NULL ? (size_t)(equals - data) : length;
	size_t value_length = equals != NULL ? length - name_length - 1 : 0;
	struct web_field *field;
	char *name = form->storage + *position;
	char *value;

	if (form->count >= WEB_FIELDS_MAX)
		return 0;
	if (!decode(data, name_length, name, &name_length) || name_length == 0 ||
		!text_valid(name, name_length) || web_form_get(form, name) != NULL)
		return 0;
	value = name + name_length + 1;
	if (!decode(equals != NULL ? equals + 1 : data, value_length, value, &value_length) ||
		!text_valid(value, value_length))
		return 0;
	field = &form->fields[form->count++];
	field->name = name;
	field->value = value;
	field->length = value_length;
	*position += name_length + 1 + value_length + 1;
	return 1;
}

int web_form_parse(const char *data, size_t length, struct web_form *ret_form)
{
	struct web_form form = {0};
	size_t start = 0, position = 0;

	if (length == 0) {
		*ret_form = form;
		return 0;
	}
	/* Decoding never grows a text; each field adds at most two NULs where there was at least one separator. */
	form.storage = calloc(1, length + 2 * WEB_FIELDS_MAX + 2);
	if (form.storage == NULL)
		return 500;
	while (start <= length) {
		const char *end = memchr(data + start, '&', length - start);
		size_t size = end != NULL ? (size_t)(end - data) - start : length - start;

		if (size > 0 && !parse_field(&form, data + start, size, &position)) {
			explicit_bzero(form.storage, length + 2 * WEB_FIELDS_MAX + 2);
			free(form.storage);
			return 400;
		}
		start += size + 1;
	}
	*ret_form = form;
	return 0;
}

void web_form_done(struct web_form *form)
{
	size_t i;

	for (i = 0; i < form->count; i++) {
		const char *value = form->fields[i].value;

		explicit_bzero(form->storage + (value - form->storage), form->fields[i].length);
	}
	free(form->storage);
	memset(form, 0, sizeof(*form));
}

const char *web_form_get(const struct web_form *form, const char *name)
{
	size_t i;

	for (i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	return NULL;
}

const char *web_form_text(const struct web_form *form, const char *name)
{
	const char *value = web_form_get(form, name);

	return value != NULL ? value : "";
}
