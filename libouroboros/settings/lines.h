/* On which line a key of a JSON text stands, for fault reports. Pure. */
#ifndef OURO_SETTINGS_LINES_H
#define OURO_SETTINGS_LINES_H

#include <stddef.h>

/* Line (from 1) of a key of the outermost object, or of its member child (NULL = the key itself; if it has none, the key's line). 0 =
 * not found. The text must be valid JSON; keys that are written with escapes are not found. */
size_t ouro__line_of_key(const char *text, size_t length, const char *key, const char *child);

#endif
