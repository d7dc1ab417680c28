/* Allocation helpers and the arena: a chain of growing blocks, freed as one. */
#include "base/alloc.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_FIRST_BLOCK ((size_t)4096)
#define ARENA_LARGEST_BLOCK ((size_t)1 << 20)

struct block {
	struct block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) unsigned char data[];
};

struct ouro__arena {
	struct block *head;
	size_t next_size;
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
	arena->next_size = ARENA_FIRST_BLOCK;
	arena->max = max;
	return arena;
}

static struct block *grow(ouro__arena *arena, size_t size)
{
	size_t want = arena->next_size > size ? arena->next_size : size;
	struct block *block;

	if (want > SIZE_MAX - sizeof(*block))
		return NULL;
	block = malloc(sizeof(*block) + want);
	if (!block)
		return NULL;
	block->next = arena->head;
	block->size = want;
	block->used = 0;
	arena->head = block;
	if (arena->next_size < ARENA_LARGEST_BLOCK)
		arena->next_size *= 2;
	return block;
}

void *ouro__arena_alloc(ouro__arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t) - 1;
	struct block *block = arena->head;
	void *out;

	if (!size)
		size = 1;
	if (size > SIZE_MAX - align)
		return NULL;
	size = (size + align) & ~align;
	if (size > arena->max - arena->used)
		return NULL;
	if (!block || block->size - block->used < size)
		block = grow(arena, size);
	if (!block)
		return NULL;
	out = block->data + block->used;
	block->used += size;
	arena->used += size;
	memset(out, 0, size);
	return out;
}

char *ouro__arena_text(ouro__arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		return NULL;
	copy = ouro__arena_alloc(arena, length + 1);
	if (copy && length)
		memcpy(copy, text, length);
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
