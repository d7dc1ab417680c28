/* The Cookie header: cookies lie within it, in order, and a name that is found twice is seen
 * twice. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_name(const struct web_cookie *cookie, const char *name)
{
	return cookie->name_length == strlen(name) &&
		memcmp(cookie->name, name, cookie->name_length) == 0;
}

static void check_part(const char *header, size_t size, const char *part, size_t length)
{
	if (part < header || part + length > header + size || memchr(part, ';', length))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char name[] = "__Host-ouro";
	char *header = malloc(size ? size : 1); /* exact size and no NUL behind */
	struct web_cookie cookie;
	struct web_cookie found;
	size_t position = 0;
	size_t named = 0;

	if (!header)
		return 0;
	if (size)
		memcpy(header, data, size);
	for (size_t before = 0; web_cookie_next(header, size, &position, &cookie);
		before = position) {
		if (position > size || position <= before)
			abort();
		check_part(header, size, cookie.name, cookie.name_length);
		check_part(header, size, cookie.value, cookie.length);
		if (is_name(&cookie, name))
			named++;
	}
	if (web_cookie_find(header, size, name, &found) != named ||
		(named && !is_name(&found, name)))
		abort();
	free(header);
	return 0;
}
