/* Text helpers; see str.h. */
#include "base/str.h"

#include <string.h>

#include "base/buf.h"

int ouro__str_u64(const char *text, size_t length, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!length || length > 20 || (text[0] == '0' && length > 1))
		return 0;
	for (size_t i = 0; i < length; i++) {
		unsigned digit = (unsigned)(unsigned char)text[i] - '0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return 0;
		value = value * 10 + digit;
	}
	*ret_value = value;
	return 1;
}

/* Bounds of the second byte: narrower behind the leads that could spell surrogates, overlong forms or too much. */
static void utf8_second(unsigned char lead, unsigned char *ret_low, unsigned char *ret_high)
{
	*ret_low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	*ret_high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
}

/* Length of the well-formed sequence at p, 0 if there is none (RFC 3629: no surrogates, no overlong forms). */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
	unsigned char low;
	unsigned char high;
	size_t need;

	if (p[0] < 0x80)
		return p[0] ? 1 : 0;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	need = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	utf8_second(p[0], &low, &high);
	if (need > left || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return need;
}

/* 1 if the next eight bytes are ASCII without NUL. */
static int eight_plain(const unsigned char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	/* Without a high bit, a byte less one has it only if it was NUL. */
	return ((word | (word - ones)) & (ones << 7)) == 0;
}

/* 1 if all is ASCII without NUL, as most texts are. */
static int plain(const unsigned char *p, size_t length)
{
	size_t i = 0;

	if (length < 8) {
		while (i < length && p[i] - 1u < 0x7F)
			i++;
		return i == length;
	}
	for (; i + 8 < length; i += 8)
		if (!eight_plain(p + i))
			return 0;
	/* The last eight, of which some may have been looked at. */
	return eight_plain(p + length - 8);
}

int ouro__str_utf8(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;

	if (plain(p, length))
		return 1;
	while (length) {
		size_t n = utf8_sequence(p, length);

		if (!n)
			return 0;
		p += n;
		length -= n;
	}
	return 1;
}

/* 1 if what is left is the beginning of a sequence and nothing else. */
static int torn(const unsigned char *p, size_t left)
{
	if (left > 3 || p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	for (size_t i = 1; i < left; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return 1;
}

void ouro__str_one_line(char *text)
{
	unsigned char *p = (unsigned char *)text;
	size_t left = strlen(text);

	while (left) {
		size_t n = utf8_sequence(p, left);

		if (!n && torn(p, left)) {
			*p = 0;
			return;
		}
		if (!n)
			*p = '?';
		else if (n == 1 && (*p < 0x20 || *p == 0x7F))
			*p = ' ';
		p += n ? n : 1;
		left -= n ? n : 1;
	}
}

int ouro__str_copy(char *to, size_t room, const char *from)
{
	size_t length = strlen(from);

	if (!room)
		return 0;
	if (length >= room) {
		to[0] = '\0';
		return 0;
	}
	memcpy(to, from, length + 1);
	return 1;
}

static unsigned char fold(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

int ouro__str_compare_fold(const char *a, const char *b)
{
	while (*a && fold(*a) == fold(*b)) {
		a++;
		b++;
	}
	return (int)fold(*a) - (int)fold(*b);
}

int ouro__str_same_fold(const char *a, const char *b)
{
	return ouro__str_compare_fold(a, b) == 0;
}

int ouro__str_has_fold(const char *hay, const char *needle)
{
	if (!*needle)
		return 1;
	for (; *hay; hay++) {
		size_t i = 0;

		while (needle[i] && fold(hay[i]) == fold(needle[i]))
			i++;
		if (!needle[i])
			return 1;
	}
	return 0;
}

int ouro__str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

int ouro__str_ends(const char *text, const char *suffix)
{
	size_t a = strlen(text);
	size_t b = strlen(suffix);

	return a >= b && memcmp(text + a - b, suffix, b) == 0;
}

void ouro__str_json(ouro__buf *buf, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t left = strlen(text);

	ouro__buf_byte(buf, '"');
	while (left) {
		size_t n = utf8_sequence(p, left);

		if (!n)
			ouro__buf_text(buf, "\\ufffd");
		else if (n == 1 && (*p == '"' || *p == '\\'))
			ouro__buf_format(buf, "\\%c", *p);
		else if (n == 1 && (*p < 0x20 || *p == 0x7F))
			ouro__buf_format(buf, "\\u%04x", *p);
		else
			ouro__buf_append(buf, p, n);
		p += n ? n : 1;
		left -= n ? n : 1;
	}
	ouro__buf_byte(buf, '"');
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void ouro__str_base64url(ouro__buf *buf, const uint8_t *data, size_t size)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < size; i++) {
		bits = (bits << 8) | data[i];
		have += 8;
		while (have >= 6) {
			have -= 6;
			ouro__buf_byte(buf, (uint8_t)alphabet[(bits >> have) & 63]);
		}
	}
	if (have)
		ouro__buf_byte(buf, (uint8_t)alphabet[(bits << (6 - have)) & 63]);
}

int ouro__str_unbase64url(
	const char *text, size_t length, uint8_t *ret_data, size_t room, size_t *ret_size)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t size = 0;

	if (length % 4 == 1)
		return 0;
	for (size_t i = 0; i < length; i++) {
		const char *at = text[i] ? strchr(alphabet, text[i]) : NULL;

		if (!at)
			return 0;
		bits = (bits << 6) | (uint32_t)(at - alphabet);
		have += 6;
		if (have < 8)
			continue;
		if (size == room)
			return 0;
		have -= 8;
		ret_data[size++] = (uint8_t)(bits >> have);
	}
	if (bits & ((1u << have) - 1u))
		return 0; /* two spellings of one value would be two names for one secret */
	*ret_size = size;
	return 1;
}

void ouro__str_hex(char *to, const uint8_t *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		to[2 * i] = digits[data[i] >> 4];
		to[2 * i + 1] = digits[data[i] & 15];
	}
	to[2 * size] = '\0';
}

size_t ouro__str_distance(const char *a, const char *b)
{
	enum { LONGEST = 64 };
	size_t row[LONGEST + 1];
	size_t la = strlen(a);
	size_t lb = strlen(b);

	if (la > LONGEST || lb > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (fold(a[i - 1]) != fold(b[j - 1]));

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[lb];
}
