/* form.h: query strings and url-encoded bodies, read strictly. A pure function over bytes; the form owns its storage. */
#ifndef OURO_WEB_FORM_H
#define OURO_WEB_FORM_H

#include <stddef.h>

#define WEB_FIELDS_MAX 32

struct web_field {
	const char *name; /* decoded, NUL-terminated */
	const char *
		value; /* decoded, NUL-terminated, contains no NUL itself; valid UTF-8 without C0 but \t \r \n */
	size_t length; /* of value */
};

struct web_form {
	size_t count;
	struct web_field fields[WEB_FIELDS_MAX];
	char *storage;
};

/* 0, or the HTTP status of the refusal (400, or 500 without memory). Refuses bad escapes, %00, invalid UTF-8, controls,
 * empty names, more than WEB_FIELDS_MAX fields and any name that comes twice. On 0 release with web_form_done(). */
int web_form_parse(const char *data, size_t length, struct web_form *ret_form);
/* Wipes (forms carry tokens) and releases. */
void web_form_done(struct web_form *form);
/* Value of a field, NULL if there is none. */
const char *web_form_get(const struct web_form *form, const char *name);
/* Value of a field, "" if there is none. */
const char *web_form_text(const struct web_form *form, const char *name);

#endif
