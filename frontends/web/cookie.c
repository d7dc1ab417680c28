/* cookie.c: reading the Cookie header. Pure: any thread.
 *
 * Names are compared byte for byte: a reader that folds case or trims more than a browser does would let a page on a
 * sibling host plant a cookie that stands in for a __Host- one. */
#include "cookie.h"

#include <string.h>

static int blank(char c)
{
	return c == ' ' || c == '\t';
}

int web_cookie_next(
	const char *header, size_t length, size_t *position, struct web_cookie *ret_cookie)
{
	while (*position < length) {
		const char *piece = header + *position;
		size_t left = length - *position;
		const char *semicolon = memchr(piece, ';', left);
		size_t size = semicolon != NULL ? (size_t)(semicolon - piece) : left;
		const char *equals;

		*position += size + (semicolon != NULL ? 1 : 0);
		while (size > 0 && blank(piece[0])) {
			piece++;
			size--;
		}
		while (size > 0 && blank(piece[size - 1]))
			size--;
		equals = memchr(piece, '=', size);
		if (equals == NULL || equals == piece)
			continue; /* nameless: nothing that we set */
		ret_cookie->name = piece;
		ret_cookie->name_length = (size_t)(equals - piece);
		ret_cookie->value = equals + 1;
		ret_cookie->length = size - ret_cookie->name_length - 1;
		return 1;
	}
	return 0;
}

size_t web_cookie_find(
	const char *header, size_t length, const char *name, struct web_cookie *ret_cookie)
{
	struct web_cookie cookie;
	size_t position = 0, count = 0, name_length = strlen(name);

	while (web_cookie_next(header, length, &position, &cookie)) {
		if (cookie.name_length != name_length ||
			memcmp(cookie.name, name, name_length) != 0)
			continue;
		if (count++ == 0)
			*ret_cookie = cookie;
	}
	return count;
}
