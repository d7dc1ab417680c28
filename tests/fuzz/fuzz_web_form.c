/* Query strings and form bodies: what is accepted is text without surprises. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct web_form *form)
{
	uint32_t code;

	if (form->count > WEB_FIELDS_MAX)
		abort();
	for (size_t i = 0; i < form->count; i++) {
		const struct web_field *field = &form->fields[i];

		if (!field->name[0] || strlen(field->value) != field->length ||
			web_form_get(form, field->name) != field->value)
			abort();
		for (size_t at = 0; at < field->length;) {
			size_t n = web_text_utf8(field->value + at, field->length - at, &code);

			if (!n || (code < 0x20 && code != '\t' && code != '\r' && code != '\n'))
				abort();
			at += n;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct web_form form;
	char *text = malloc(size ? size : 1); /* exact size and no NUL behind */
	int status;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	status = web_form_parse(text, size, &form);
	free(text);
	if (status == 0) {
		check(&form);
		web_form_done(&form);
	} else if (status != 400 && status != 500) {
		abort();
	}
	return 0;
}
