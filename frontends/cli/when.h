/* when.h: times in words and in RFC 3339, and reading them. Pure. */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

#include <stdint.h>

#define CLI_WHEN_MAX 40

/* "2030-01-31T12:00:00Z". Returns ret_text. */
const char *cli_when_exact(int64_t time, char ret_text[CLI_WHEN_MAX]);
/* "in 6 days", "3 hours ago", "now", "never". Returns ret_text. */
const char *cli_when_words(int64_t time, int64_t now, char ret_text[CLI_WHEN_MAX]);
/* "12h", "90d", "2w", "1y", "30m" in seconds; 0 = none. */
int64_t cli_when_duration(const char *text);
/* "2030-01-31" (its beginning, UTC) or "2030-01-31T12:00:00Z"; 0 = neither. */
int64_t cli_when_parse(const char *text);

#endif
