/* api_match.c: paths of the API against patterns, segment by segment. A segment is decoded after the path was split, so that an encoded
 * slash is a character of a name and nothing else. Pure but for the arena. */
#include "api.h"

#include <string.h>

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

	return c != '\0' && found != NULL ? (int)(found - digits) : -1;
}

/* UTF-8 without controls. */
static int is_text(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length) {
		uint32_t code = 0;
		size_t size = web_text_utf8(text + i, length - i, &code);

		if (size == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			return 0;
		i += size;
	}
	return 1;
}

/* The decoded segment in the arena; NULL if it is no text. */
static const char *decode(struct web_arena *arena, const char *text, size_t length)
{
	char *out = web_arena_alloc(arena, length + 1);
	size_t i, used = 0;

	if (out == NULL)
		return NULL;
	for (i = 0; i < length; i++) {
		int high = -1, low = -1;

		if (text[i] != '%') {
			out[used++] = text[i];
			continue;
		}
		if (length - i > 2) {
			high = hex_value(text[i + 1]);
			low = hex_value(text[i + 2]);
		}
		if (high < 0 || low < 0)
			return NULL;
		out[used++] = (char)(unsigned char)(high * 16 + low);
		i += 2;
	}
	out[used] = '\0';
	return is_text(out, used) ? out : NULL;
}

int api_match(const char *pattern, const char *path, struct web_arena *arena,
	const char *params[API_PARAMS_MAX])
{
	size_t count = 0;
	int texts = 1;

	while (*pattern != '\0') {
		size_t length;

		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return 0;
			continue;
		}
		length = strcspn(path, "/");
		if (length == 0 || count == API_PARAMS_MAX)
			return 0;
		params[count] = decode(arena, path, length);
		if (params[count] == NULL) {
			params[count] = "";
			texts = 0;
		}
		count++;
		path += length;
		pattern += 2; /* {} */
	}
	if (*path != '\0')
		return 0;
	return texts ? 1 : -1;
}
