/* Text helpers that take lengths and limits. Pure, any thread. ASCII rules only: never the locale. */
#ifndef OURO_BASE_STR_H
#define OURO_BASE_STR_H

#include <stddef.h>
#include <stdint.h>

/* 1 and the value if text is a canonical decimal uint64 (digits only, no leading zero unless "0"). */
int ouro__str_u64(const char *text, size_t length, uint64_t *ret_value);
/* 1 if the bytes are well-formed UTF-8 without NUL. */
int ouro__str_utf8(const char *text, size_t length);
/* Turn C0 controls and DEL into spaces, in place, and cut a torn UTF-8 sequence at the end. */
void ouro__str_one_line(char *text);
/* Copy into room bytes with NUL; 1 if it fitted, 0 (and "") if not. */
int ouro__str_copy(char *to, size_t room, const char *from);
/* 1 if equal, ASCII case folded. */
int ouro__str_same_fold(const char *a, const char *b);
/* 1 if needle occurs in hay, ASCII case folded. */
int ouro__str_has_fold(const char *hay, const char *needle);
/* <0, 0, >0 like strcmp, ASCII case folded. */
int ouro__str_compare_fold(const char *a, const char *b);
int ouro__str_starts(const char *text, const char *prefix);
int ouro__str_ends(const char *text, const char *suffix);
/* Append as a JSON string with quotes; bytes that are not UTF-8 become U+FFFD. */
struct ouro__buf;
void ouro__str_json(struct ouro__buf *buf, const char *text);
/* base64url without padding; ret_text gets NUL. Decoding is strict: 1 = ok. */
void ouro__str_base64url(struct ouro__buf *buf, const uint8_t *data, size_t size);
int ouro__str_unbase64url(
	const char *text, size_t length, uint8_t *ret_data, size_t room, size_t *ret_size);
/* Lower-case hex, NUL behind; room >= 2 * size + 1. */
void ouro__str_hex(char *to, const uint8_t *data, size_t size);
/* Edit distance up to 8 for "did you mean". */
size_t ouro__str_distance(const char *a, const char *b);

#endif
