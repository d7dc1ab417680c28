/* text.h: a text that grows, and what a terminal may be shown of one that came from the network. No terminal is written to here. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* A text that grows. Zero is an empty one; broken = out of memory, what was added since is lost. */
struct cli_text {
	char *data; /* NUL-terminated, NULL while empty */
	size_t size;
	size_t room;
	int broken;
};

void cli_text_add(struct cli_text *text, const char *data, size_t size);
void cli_text_put(struct cli_text *text, const char *string);
void cli_text_format(struct cli_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same with all that a terminal could obey, or that could make a line look like another, made visible: "\x1b", "\u202e". */
void cli_text_safe(struct cli_text *text, const char *untrusted);
/* Never NULL. */
const char *cli_text_str(const struct cli_text *text);
/* Forget the content, keep the memory. */
void cli_text_clear(struct cli_text *text);
void cli_text_done(struct cli_text *text);
/* The same after wiping. */
void cli_text_wipe(struct cli_text *text);

/* Columns that a safe text takes on a terminal. */
size_t cli_width(const char *safe);
/* Bytes of a safe text that fit into so many columns. */
size_t cli_fit(const char *safe, size_t columns);
/* Reads one character of UTF-8 from at most size bytes; *ret_length is 1 or more. -1 = not UTF-8. */
int32_t cli_decode(const char *data, size_t size, size_t *ret_length);
/* 1 if a terminal may be shown the character as it is. */
int cli_is_plain(int32_t character);

/* 1 if the texts are the same apart from the case of ASCII letters. */
int cli_same_fold(const char *a, const char *b);
/* How many letters have to change to make one of the other; at most 99. */
unsigned cli_distance(const char *a, const char *b);
/* 1 if the whole text is a decimal number that fits. */
int cli_number(const char *text, uint64_t *ret_number);
/* Overwrite a secret. */
void cli_wipe(void *data, size_t size);

#endif
