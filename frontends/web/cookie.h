/* cookie.h: the Cookie header, read byte for byte. */
#ifndef OURO_WEB_COOKIE_H
#define OURO_WEB_COOKIE_H

#include <stddef.h>

/* A cookie in a Cookie header; borrowed from it. */
struct web_cookie {
	const char *name;
	size_t name_length;
	const char *value;
	size_t length;
};

/* Next cookie after *position (start with 0). 0 at the end. Splits on ';', trims only space and tab. */
int web_cookie_next(
	const char *header, size_t length, size_t *position, struct web_cookie *ret_cookie);
/* How many cookies have exactly this name; the first goes to ret_cookie. More than one = do not believe any. */
size_t web_cookie_find(
	const char *header, size_t length, const char *name, struct web_cookie *ret_cookie);

#endif
