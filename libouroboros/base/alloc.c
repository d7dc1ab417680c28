/* Allocation helpers and the arena: a chain of growing blocks, freed as one. */
#include "base/alloc.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks grow with the arena, so that little of it is not used in the end. */
#define ARENA_FIRST_BLOCK ((size_t)4096)
#define ARENA_SMALLEST_BLOCK ((size_t)512)
#define ARENA_LARGEST_BLOCK ((size_t)1 << 20)

struct block {
	struct block *next;
	alignas(max_align_t) unsigned char data[];
};

struct ouro__arena {
	struct block *head;
	unsigned char *at; /* what is left of the head's data; NULL while there is none */
	size_t left;
	size_t used;
	size_t max;
};

void *ouro__alloc(size_t count, size_t size)
{
	return calloc(count ? count : 1, size ? size : 1);
}

char *ouro__alloc_text(const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		return NULL;
	copy = malloc(length + 1);
	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *ouro__alloc_str(const char *text)
{
	return text ? ouro__alloc_text(text, strlen(text)) : NULL;
}

ouro__arena *ouro__arena_new(size_t max)
{
	ouro__arena *arena = ouro__alloc(1, sizeof(*arena));

	if (!arena)
		return NULL;
	arena->max = max;
	return arena;
}

/* size bytes at the beginning of a new block. Apart from take(), which is short then and often called. */
__attribute__((noinline)) static void *take_new(ouro__arena *arena, size_t size)
{
	size_t want = arena->head ? arena->used / 8 : ARENA_FIRST_BLOCK;
	struct block *block;

	if (want < ARENA_SMALLEST_BLOCK)
		want = ARENA_SMALLEST_BLOCK;
	if (want > ARENA_LARGEST_BLOCK)
		want = ARENA_LARGEST_BLOCK;
	if (want < size)
		want = size;
	if (want > SIZE_MAX - sizeof(*block))
		return NULL;
	block = malloc(sizeof(*block) + want);
	if (!block)
		return NULL;
	block->next = arena->head;
	arena->head = block;
	arena->at = block->data + size;
	arena->left = want - size;
	arena->used += size;
	return block->data;
}

/* align: a power of two, at most that of a block's data. */
static void *take(ouro__arena *arena, size_t size, size_t align)
{
	const size_t max = arena->max - arena->used;
	const size_t skip = (0 - (uintptr_t)arena->at) & (align - 1);
	unsigned char *out;

	if (size > max || skip > max - size)
		return NULL;
	if (size > arena->left || skip > arena->left - size)
		return take_new(arena, size);
	out = arena->at + skip;
	arena->at = out + size;
	arena->left -= skip + size;
	arena->used += skip + size;
	return out;
}

void *ouro__arena_alloc(ouro__arena *arena, size_t size)
{
	void *out = take(arena, size ? size : 1, alignof(max_align_t));

	if (out)
		memset(out, 0, size ? size : 1);
	return out;
}

char *ouro__arena_text(ouro__arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		return NULL;
	/* Texts lie side by side. */
	copy = take(arena, length + 1, 1);
	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

size_t ouro__arena_used(const ouro__arena *arena)
{
	return arena->used;
}

void ouro__arena_free(ouro__arena *arena)
{
	struct block *block = arena ? arena->head : NULL;

	while (block) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
	free(arena);
}
