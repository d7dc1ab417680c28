/* Growing byte buffer; see buf.h. Not shared between threads. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

uint8_t *ouro__buf_reserve(ouro__buf *buf, size_t size)
{
	size_t capacity = buf->capacity ? buf->capacity : 128;
	uint8_t *data;

	if (buf->broken || size > buf->max - buf->size) {
		buf->broken |= OURO__BUF_FULL;
		return NULL;
	}
	if (buf->data && buf->capacity - buf->size > size)
		return buf->data + buf->size;
	while (capacity - buf->size <= size)
		capacity = capacity > SIZE_MAX / 2 ? SIZE_MAX : capacity * 2;
	/* Not realloc: it could leave a copy of a secret behind. */
	data = malloc(capacity);
	if (!data) {
		buf->broken = OURO__BUF_FULL | OURO__BUF_NOMEM;
		return NULL;
	}
	if (buf->data) {
		memcpy(data, buf->data, buf->size);
		ouro__wipe(buf->data, buf->size);
		free(buf->data);
	}
	buf->data = data;
	buf->capacity = capacity;
	data[buf->size] = 0;
	return data + buf->size;
}

void ouro__buf_append(ouro__buf *buf, const void *data, size_t size)
{
	uint8_t *at = ouro__buf_reserve(buf, size);

	if (!at)
		return;
	if (size)
		memcpy(at, data, size);
	buf->size += size;
	buf->data[buf->size] = 0;
}

void ouro__buf_text(ouro__buf *buf, const char *text)
{
	ouro__buf_append(buf, text, strlen(text));
}

void ouro__buf_byte(ouro__buf *buf, uint8_t byte)
{
	ouro__buf_append(buf, &byte, 1);
}

void ouro__buf_format(ouro__buf *buf, const char *format, ...)
{
	va_list args;
	va_list again;
	uint8_t *at;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	at = n < 0 ? NULL : ouro__buf_reserve(buf, (size_t)n);
	if (at) {
		(void)vsnprintf((char *)at, (size_t)n + 1, format, again);
		buf->size += (size_t)n;
	} else {
		buf->broken |= OURO__BUF_FULL;
	}
	va_end(again);
}

void ouro__buf_consume(ouro__buf *buf, size_t size)
{
	if (size >= buf->size) {
		buf->size = 0;
	} else if (size) {
		memmove(buf->data, buf->data + size, buf->size - size);
		buf->size -= size;
	}
	if (buf->data)
		buf->data[buf->size] = 0;
}

void ouro__buf_clear(ouro__buf *buf)
{
	buf->size = 0;
	buf->broken = 0;
	if (buf->data)
		buf->data[0] = 0;
}

void ouro__buf_done(ouro__buf *buf)
{
	free(buf->data);
	buf->data = NULL;
	buf->size = 0;
	buf->capacity = 0;
	buf->broken = 0;
}

void ouro__buf_wipe(ouro__buf *buf)
{
	if (buf->data)
		ouro__wipe(buf->data, buf->capacity);
	ouro__buf_done(buf);
}

const char *ouro__buf_str(const ouro__buf *buf)
{
	return buf->data ? (const char *)buf->data : "";
}
