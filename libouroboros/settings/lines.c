/* Finding lines; see lines.h. */
#include "settings/lines.h"

#include <string.h>

struct scan {
	const char *text;
	size_t length;
	size_t at;
	size_t line;
	size_t depth;
};

/* Reads over a string that begins at scan->at; its content is [*ret_begin, *ret_begin + *ret_size). 1 if a colon follows. */
static int take_string(struct scan *scan, const char **ret_begin, size_t *ret_size)
{
	size_t i = scan->at + 1;

	*ret_begin = scan->text + i;
	while (i < scan->length && scan->text[i] != '"')
		i += scan->text[i] == '\\' ? 2 : 1;
	if (i >= scan->length) {
		scan->at = scan->length;
		*ret_size = 0;
		return 0;
	}
	*ret_size = (size_t)(scan->text + i - *ret_begin);
	scan->at = ++i;
	while (i < scan->length && strchr(" \t\r\n", scan->text[i]) && scan->text[i])
		i++;
	return i < scan->length && scan->text[i] == ':';
}

static void take_other(struct scan *scan)
{
	char c = scan->text[scan->at++];

	if (c == '\n')
		scan->line++;
	else if (c == '{' || c == '[')
		scan->depth++;
	else if ((c == '}' || c == ']') && scan->depth)
		scan->depth--;
}

static int same(const char *begin, size_t size, const char *key)
{
	return strlen(key) == size && memcmp(begin, key, size) == 0;
}

size_t ouro__line_of_key(const char *text, size_t length, const char *key, const char *child)
{
	struct scan scan = {text, length, 0, 1, 0};
	size_t found = 0;
	int inside = 0;

	while (scan.at < length) {
		const char *begin;
		size_t size;

		if (text[scan.at] != '"') {
			take_other(&scan);
			continue;
		}
		if (!take_string(&scan, &begin, &size))
			continue;
		if (scan.depth == 1) {
			inside = same(begin, size, key);
			if (inside)
				found = scan.line;
			if (inside && !child)
				return found;
		} else if (scan.depth == 2 && inside && same(begin, size, child)) {
			return scan.line;
		}
	}
	return found;
}
