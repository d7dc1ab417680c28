/* text.c: see text.h. What is wide and what is invisible is asked of the C library's table for UTF-8, which is loaded when the first
 * character beyond ASCII comes. On the main thread. */
#include "text.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#define DISTANCE_MAX 64

/* ---- a text that grows ---- */

static int reserve(struct cli_text *text, size_t more)
{
	size_t room = text->room ? text->room : 256;
	char *data;

	if (text->broken || more > SIZE_MAX / 4 - text->size)
		return 0;
	if (text->size + more < text->room)
		return 1;
	while (room <= text->size + more)
		room *= 2;
	data = realloc(text->data, room);
	if (data == NULL) {
		text->broken = 1;
		return 0;
	}
	text->data = data;
	text->room = room;
	return 1;
}

void cli_text_add(struct cli_text *text, const char *data, size_t size)
{
	if (!reserve(text, size + 1))
		return;
	memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = '\0';
}

void cli_text_put(struct cli_text *text, const char *string)
{
	cli_text_add(text, string, strlen(string));
}

void cli_text_format(struct cli_text *text, const char *format, ...)
{
	va_list arguments;
	va_list again;
	int size;

	va_start(arguments, format);
	va_copy(again, arguments);
	size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size >= 0 && reserve(text, (size_t)size + 1)) {
		(void)vsnprintf(text->data + text->size, (size_t)size + 1, format, again);
		text->size += (size_t)size;
	}
	va_end(again);
}

const char *cli_text_str(const struct cli_text *text)
{
	return text->data != NULL ? text->data : "";
}

void cli_text_clear(struct cli_text *text)
{
	text->size = 0;
	if (text->data != NULL)
		text->data[0] = '\0';
}

void cli_text_done(struct cli_text *text)
{
	free(text->data);
	*text = (struct cli_text){0};
}

void cli_text_wipe(struct cli_text *text)
{
	if (text->data != NULL)
		cli_wipe(text->data, text->room);
	cli_text_done(text);
}

/* ---- characters ---- */

/* The table of UTF-8, whatever the environment says; NULL if the system has none. */
static locale_t table(void)
{
	static locale_t found;
	static int looked;

	if (!looked) {
		looked = 1;
		found = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
		if (found == (locale_t)0)
			found = newlocale(LC_CTYPE_MASK, "en_US.UTF-8", (locale_t)0);
	}
	return found;
}

/* Columns of a character beyond ASCII; -1 = not to be shown. */
static int columns_of(int32_t character)
{
	locale_t before;
	int columns;

	if (table() == (locale_t)0)
		return -1;
	before = uselocale(table());
	columns = wcwidth((wchar_t)character);
	(void)uselocale(before);
	return columns;
}

/* Direction marks, joiners, soft hyphens, byte order marks, tags: they change what is seen without being seen. */
static int is_invisible(int32_t character)
{
	static const struct {
		int32_t first;
		int32_t last;
	} ranges[] = {{0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160},
		{0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},
		{0x2060, 0x206f}, {0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
		{0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xe000, 0xf8ff}, {0x1bca0, 0x1bca3},
		{0x1d173, 0x1d17a}, {0xe0000, 0x10ffff}};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (character >= ranges[i].first && character <= ranges[i].last)
			return 1;
	return 0;
}

int32_t cli_decode(const char *data, size_t size, size_t *ret_length)
{
	static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *bytes = (const unsigned char *)data;
	size_t length = bytes[0] < 0x80     ? 1
		: (bytes[0] & 0xe0) == 0xc0 ? 2
		: (bytes[0] & 0xf0) == 0xe0 ? 3
		: (bytes[0] & 0xf8) == 0xf0 ? 4
					    : 0;
	int32_t character;

	*ret_length = 1;
	if (length == 1)
		return bytes[0];
	if (length == 0 || length > size)
		return -1;
	character = bytes[0] & (0x7f >> length);
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return -1;
		character = character << 6 | (bytes[i] & 0x3f);
	}
	if (character < least[length] || character > 0x10ffff ||
		(character >= 0xd800 && character <= 0xdfff))
		return -1;
	*ret_length = length;
	return character;
}

int cli_is_plain(int32_t character)
{
	if (character < 0x80)
		return character >= 0x20 && character != 0x7f;
	return character > 0x9f && !is_invisible(character) && columns_of(character) >= 0;
}

void cli_text_safe(struct cli_text *text, const char *untrusted)
{
	size_t size = strlen(untrusted);
	size_t length;

	for (size_t at = 0; at < size; at += length) {
		int32_t character = cli_decode(untrusted + at, size - at, &length);

		if (character == '\\')
			cli_text_put(text, "\\\\");
		/* A mark on the character before it, where there is none, would sit on something of ours. */
		else if (cli_is_plain(character) &&
			(at > 0 || character < 0x80 || columns_of(character) > 0))
			cli_text_add(text, untrusted + at, length);
		else if (character < 0x100)
			cli_text_format(text, "\\x%02x", (unsigned char)untrusted[at + length - 1]);
		else
			cli_text_format(text, character < 0x10000 ? "\\u%04x" : "\\u{%x}",
				(unsigned)character);
	}
}

size_t cli_width(const char *safe)
{
	size_t size = strlen(safe);
	size_t width = 0;
	size_t length;

	for (size_t at = 0; at < size; at += length) {
		int32_t character = cli_decode(safe + at, size - at, &length);
		int columns = character < 0x80 ? 1 : columns_of(character);

		width += columns > 0 ? (size_t)columns : 0;
	}
	return width;
}

size_t cli_fit(const char *safe, size_t columns)
{
	size_t size = strlen(safe);
	size_t width = 0;
	size_t at = 0;
	size_t length;

	for (; at < size; at += length) {
		int32_t character = cli_decode(safe + at, size - at, &length);
		int more = character < 0x80 ? 1 : columns_of(character);

		width += more > 0 ? (size_t)more : 0;
		if (width > columns)
			break;
	}
	return at;
}

/* ---- words ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int cli_same_fold(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

static unsigned least_of(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

unsigned cli_distance(const char *a, const char *b)
{
	unsigned rows[3][DISTANCE_MAX + 1];
	size_t width = strlen(b);

	if (strlen(a) > DISTANCE_MAX || width > DISTANCE_MAX)
		return 99;
	for (size_t j = 0; j <= width; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *last = rows[(i + 2) % 3];
		const unsigned *before = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= width; j++) {
			int same = lower(a[i - 1]) == lower(b[j - 1]);

			row[j] = least_of(last[j] + 1, row[j - 1] + 1, last[j - 1] + !same);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
				lower(a[i - 2]) == lower(b[j - 1]) && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
	}
	return rows[strlen(a) % 3][width];
}

int cli_number(const char *text, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (*text == '\0')
		return 0;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (digit > 9 || number > (UINT64_MAX - digit) / 10)
			return 0;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return 1;
}

void cli_wipe(void *data, size_t size)
{
	explicit_bzero(data, size);
}
