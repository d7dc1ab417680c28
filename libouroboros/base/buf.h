/* A growing byte buffer with a maximum. After a failed append it is "broken": later appends do nothing, so that a chain of
 * appends needs one check at its end. */
#ifndef OURO_BASE_BUF_H
#define OURO_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

typedef struct ouro__buf {
	uint8_t *data; /* NULL while empty; always one NUL behind size */
	size_t size;
	size_t capacity;
	size_t max;
	int broken; /* 0, or OURO__BUF_FULL, with OURO__BUF_NOMEM added where memory ran out */
} ouro__buf;

#define OURO__BUF_FULL 1
#define OURO__BUF_NOMEM 2

#define OURO__BUF_INIT(limit)                                                                      \
	{                                                                                          \
		NULL, 0, 0, (limit), 0                                                             \
	}

void ouro__buf_append(ouro__buf *buf, const void *data, size_t size);
void ouro__buf_text(ouro__buf *buf, const char *text);
void ouro__buf_byte(ouro__buf *buf, uint8_t byte);
void ouro__buf_format(ouro__buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Room for size more bytes at data + size (add to size afterwards); NULL = broken. */
uint8_t *ouro__buf_reserve(ouro__buf *buf, size_t size);
/* Drop the first size bytes. */
void ouro__buf_consume(ouro__buf *buf, size_t size);
/* Empty it, keep the memory, clear broken. */
void ouro__buf_clear(ouro__buf *buf);
/* Free; the buffer is empty and usable afterwards. */
void ouro__buf_done(ouro__buf *buf);
/* Wipe, then free: for secrets. */
void ouro__buf_wipe(ouro__buf *buf);
/* Text of the buffer, "" when empty. Borrowed. */
const char *ouro__buf_str(const ouro__buf *buf);

#endif
