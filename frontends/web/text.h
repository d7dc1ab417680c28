/* text.h: growing byte buffer with a maximum, and a small arena for the texts of one request. Both belong to one request
 * and so to one thread. A failed buffer stays failed: write freely, ask once at the end. */
#ifndef OURO_WEB_TEXT_H
#define OURO_WEB_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define WEB_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define WEB_PRINTF(fmt, first)
#endif

/* Growing buffer; data is always NUL-terminated when not NULL. */
struct web_buf {
	char *data;
	size_t length;
	size_t capacity;
	size_t maximum; /* more than this fails */
	int failed;     /* 1: out of memory or over the maximum; nothing is added any more */
};

void web_buf_init(struct web_buf *buf, size_t maximum);
void web_buf_done(struct web_buf *buf);
void web_buf_add(struct web_buf *buf, const char *data, size_t length);
void web_buf_puts(struct web_buf *buf, const char *text);
void web_buf_printf(struct web_buf *buf, const char *format, ...) WEB_PRINTF(2, 3);
void web_buf_vprintf(struct web_buf *buf, const char *format, va_list args) WEB_PRINTF(2, 0);
/* Text for HTML bodies and double-quoted attributes: & < > " ' as entities; invalid UTF-8, C0 (but tab, newline), C1,
 * U+2028/9 and bidirectional controls as U+FFFD. */
void web_buf_html(struct web_buf *buf, const char *data, size_t length);
/* Percent-encodes all but the unreserved characters of RFC 3986: for one path segment or one query value. */
void web_buf_url(struct web_buf *buf, const char *data, size_t length);

/* Memory that lives as long as the request. */
struct web_arena_block;
struct web_arena {
	struct web_arena_block *first;
	size_t used; /* bytes in all */
	size_t maximum;
};

void web_arena_init(struct web_arena *arena, size_t maximum);
void web_arena_done(struct web_arena *arena);
/* Zeroed; NULL if out of memory or over the maximum. Aligned for any type. */
void *web_arena_alloc(struct web_arena *arena, size_t size);
/* Never NULL: "" if there is no memory. */
const char *web_arena_copy(struct web_arena *arena, const char *data, size_t length);
const char *web_arena_printf(struct web_arena *arena, const char *format, ...) WEB_PRINTF(2, 3);

/* Decimal, canonical (no sign, no leading zero), 1 … UINT64_MAX. 1 if it is one. */
int web_text_id(const char *text, size_t length, uint64_t *ret_id);
/* Bytes of the UTF-8 character at data, 0 if it is not valid there; the code point goes to ret_code. */
size_t web_text_utf8(const char *data, size_t length, uint32_t *ret_code);

#endif
