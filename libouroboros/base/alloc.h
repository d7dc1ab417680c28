/* Memory: plain allocation that can be made to fail in tests by wrapping malloc, and arenas for lists. */
#ifndef OURO_BASE_ALLOC_H
#define OURO_BASE_ALLOC_H

#include <stddef.h>

/* calloc with an overflow check; NULL when out of memory. Free with free(). */
void *ouro__alloc(size_t count, size_t size);
/* Copy of at most length bytes plus NUL; NULL when out of memory. */
char *ouro__alloc_text(const char *text, size_t length);
/* Copy of a C string; NULL in = NULL out (look at the input to tell). */
char *ouro__alloc_str(const char *text);

/* Blocks that are released together. One thread at a time; read freely once filled. */
typedef struct ouro__arena ouro__arena;

/* max = the most bytes it may ever hold. */
ouro__arena *ouro__arena_new(size_t max);
/* Zeroed memory aligned for anything; NULL when out of memory or over max. */
void *ouro__arena_alloc(ouro__arena *arena, size_t size);
/* Copy with a NUL behind it. */
char *ouro__arena_text(ouro__arena *arena, const char *text, size_t length);
/* Bytes handed out so far. */
size_t ouro__arena_used(const ouro__arena *arena);
void ouro__arena_free(ouro__arena *arena);

#endif
