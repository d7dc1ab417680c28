/* Depth of JSON text; see nesting.h. */
#include "base/nesting.h"

int ouro__nesting_within(const char *text, size_t length, size_t max)
{
	size_t depth = 0;
	int quoted = 0;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = 0;
		} else if (c == '"') {
			quoted = 1;
		} else if (c == '[' || c == '{') {
			if (depth == max)
				return 0;
			depth++;
		} else if ((c == ']' || c == '}') && depth) {
			depth--;
		}
	}
	return 1;
}
