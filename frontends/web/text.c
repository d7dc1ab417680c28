/* text.c: the growing buffer, the arena and the encodings of text. No state of its own: any thread, each with its own
 * buffers. */
#include "text.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK 4096u

void web_buf_init(struct web_buf *buf, size_t maximum)
{
	memset(buf, 0, sizeof(*buf));
	buf->maximum = maximum;
}

void web_buf_done(struct web_buf *buf)
{
	free(buf->data);
	web_buf_init(buf, buf->maximum);
}

/* Room for `more` bytes and a NUL. */
static int buf_reserve(struct web_buf *buf, size_t more)
{
	size_t capacity = buf->capacity > 0 ? buf->capacity : 256;
	char *data;

	if (buf->failed)
		return 0;
	if (more > buf->maximum || buf->length > buf->maximum - more) {
		buf->failed = 1;
		return 0;
	}
	if (buf->data != NULL && buf->length + more < buf->capacity)
		return 1;
	while (capacity <= buf->length + more)
		capacity *= 2;
	data = realloc(buf->data, capacity);
	if (data == NULL) {
		buf->failed = 1;
		return 0;
	}
	buf->data = data;
	buf->capacity = capacity;
	return 1;
}

void web_buf_add(struct web_buf *buf, const char *data, size_t length)
{
	if (!buf_reserve(buf, length))
		return;
	if (length > 0)
		memcpy(buf->data + buf->length, data, length);
	buf->length += length;
	buf->data[buf->length] = '\0';
}

void web_buf_puts(struct web_buf *buf, const char *text)
{
	web_buf_add(buf, text, strlen(text));
}

void web_buf_vprintf(struct web_buf *buf, const char *format, va_list args)
{
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0) {
		buf->failed = 1;
		return;
	}
	if (!buf_reserve(buf, (size_t)length))
		return;
	(void)vsnprintf(buf->data + buf->length, (size_t)length + 1, format, args);
	buf->length += (size_t)length;
}

void web_buf_printf(struct web_buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	web_buf_vprintf(buf, format, args);
	va_end(args);
}

size_t web_text_utf8(const char *data, size_t length, uint32_t *ret_code)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first;
	uint32_t code;
	size_t size, i;

	if (length == 0)
		return 0;
	first = (unsigned char)data[0];
	if (first < 0x80) {
		*ret_code = first;
		return 1;
	}
	if (first >= 0xc2 && first <= 0xdf)
		size = 2;
	else if ((first & 0xf0) == 0xe0)
		size = 3;
	else if (first >= 0xf0 && first <= 0xf4)
		size = 4;
	else
		return 0;
	if (size > length)
		return 0;
	code = first & (0x7fu >> size);
	for (i = 1; i < size; i++) {
		if (((unsigned char)data[i] & 0xc0) != 0x80)
			return 0;
		code = (code << 6) | ((unsigned char)data[i] & 0x3fu);
	}
	if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return size;
}

/* What must not reach a page: controls, line separators, and marks that turn the direction of the text after them. */
static int code_hidden(uint32_t code)
{
	if (code < 0x20)
		return code != '\t' && code != '\n' && code != '\r';
	if (code >= 0x7f && code <= 0x9f)
		return 1;
	return code == 0x2028 || code == 0x2029 || (code >= 0x202a && code <= 0x202e) ||
		(code >= 0x2066 && code <= 0x2069);
}

static const char *html_entity(uint32_t code)
{
	switch (code) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void web_buf_html(struct web_buf *buf, const char *data, size_t length)
{
	size_t start = 0, i = 0;

	while (i < length) {
		uint32_t code = 0;
		size_t size = web_text_utf8(data + i, length - i, &code);
		const char *instead = NULL;

		if (size == 0 || code_hidden(code)) {
			instead = "\xef\xbf\xbd";
			size = size == 0 ? 1 : size;
		} else if (size == 1) {
			instead = html_entity(code);
		}
		if (instead != NULL) {
			web_buf_add(buf, data + start, i - start);
			web_buf_puts(buf, instead);
			start = i + size;
		}
		i += size;
	}
	web_buf_add(buf, data + start, length - start);
}

void web_buf_url(struct web_buf *buf, const char *data, size_t length)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)data[i];
		char escaped[3];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '.' || c == '_' || c == '~') {
			web_buf_add(buf, data + i, 1);
			continue;
		}
		escaped[0] = '%';
		escaped[1] = hex[c >> 4];
		escaped[2] = hex[c & 15];
		web_buf_add(buf, escaped, 3);
	}
}

struct web_arena_block {
	struct web_arena_block *next;
	size_t used;
	size_t capacity;
	alignas(max_align_t) char data[];
};

void web_arena_init(struct web_arena *arena, size_t maximum)
{
	arena->first = NULL;
	arena->used = 0;
	arena->maximum = maximum;
}

void web_arena_done(struct web_arena *arena)
{
	while (arena->first != NULL) {
		struct web_arena_block *next = arena->first->next;

		free(arena->first);
		arena->first = next;
	}
	arena->used = 0;
}

void *web_arena_alloc(struct web_arena *arena, size_t size)
{
	const size_t step = alignof(max_align_t);
	struct web_arena_block *block = arena->first;
	void *memory;

	if (size > arena->maximum || arena->used > arena->maximum - size)
		return NULL;
	size = (size + step - 1) / step * step;
	if (block == NULL || block->capacity - block->used < size) {
		size_t capacity = size > ARENA_BLOCK ? size : ARENA_BLOCK;

		block = malloc(sizeof(*block) + capacity);
		if (block == NULL)
			return NULL;
		block->next = arena->first;
		block->used = 0;
		block->capacity = capacity;
		arena->first = block;
	}
	memory = block->data + block->used;
	block->used += size;
	arena->used += size;
	memset(memory, 0, size);
	return memory;
}

const char *web_arena_copy(struct web_arena *arena, const char *data, size_t length)
{
	char *copy;

	if (length >= SIZE_MAX - 64)
		return "";
	copy = web_arena_alloc(arena, length + 1);
	if (copy == NULL)
		return "";
	if (length > 0)
		memcpy(copy, data, length);
	return copy;
}

const char *web_arena_printf(struct web_arena *arena, const char *format, ...)
{
	const char *text = "";
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length >= 0) {
		char *copy = web_arena_alloc(arena, (size_t)length + 1);

		if (copy != NULL) {
			va_start(args, format);
			(void)vsnprintf(copy, (size_t)length + 1, format, args);
			va_end(args);
			text = copy;
		}
	}
	return text;
}

int web_text_id(const char *text, size_t length, uint64_t *ret_id)
{
	uint64_t value = 0;
	size_t i;

	if (length == 0 || length > 20 || text[0] == '0')
		return 0;
	for (i = 0; i < length; i++) {
		uint64_t digit;

		if (text[i] < '0' || text[i] > '9')
			return 0;
		digit = (uint64_t)(text[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return 0;
		value = value * 10 + digit;
	}
	*ret_id = value;
	return 1;
}
