/* The set of seen.h: a ring in order of entry over a chained hash table; both grow together up to the maximum. Ids enter with nearly
 * equal life times, so the head of the ring is (nearly) the first to end. */
#include "identity/seen.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { FIRST_ROOM = 64 };
#define NONE UINT32_MAX

struct entry {
	uint8_t id[OURO__SEEN_ID];
	int64_t until;
	uint32_t next; /* in its chain */
};

struct ouro__seen {
	pthread_mutex_t lock;
	struct entry *ring;
	uint32_t *chains; /* room of them */
	size_t room;
	size_t head;
	size_t count;
	size_t max;
};

static uint32_t *chain_of(const ouro__seen *seen, const uint8_t *id)
{
	uint64_t hash;

	memcpy(&hash, id, sizeof(hash));
	return &seen->chains[seen->room ? hash % seen->room : 0];
}

static void link_entry(ouro__seen *seen, size_t at)
{
	uint32_t *chain = chain_of(seen, seen->ring[at].id);

	seen->ring[at].next = *chain;
	*chain = (uint32_t)at;
}

static void drop_head(ouro__seen *seen)
{
	uint32_t *link = chain_of(seen, seen->ring[seen->head].id);

	while (*link != (uint32_t)seen->head)
		link = &seen->ring[*link].next;
	*link = seen->ring[seen->head].next;
	if (++seen->head >= seen->room)
		seen->head = 0;
	seen->count--;
}

/* 1 = there is more room now. */
static int grow(ouro__seen *seen)
{
	size_t room = seen->room ? seen->room * 2 : FIRST_ROOM;
	struct entry *ring;
	uint32_t *chains;
	size_t count = seen->count;

	if (room > seen->max)
		room = seen->max;
	if (room <= seen->room)
		return 0;
	ring = ouro__alloc(room, sizeof(*ring));
	chains = ouro__alloc(room, sizeof(*chains));
	if (!ring || !chains) {
		free(ring);
		free(chains);
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		ring[i] = seen->ring[(seen->head + i) % seen->room];
	free(seen->ring);
	free(seen->chains);
	seen->ring = ring;
	seen->chains = chains;
	seen->room = room;
	seen->head = 0;
	memset(chains, 0xff, room * sizeof(*chains));
	for (size_t i = 0; i < count; i++)
		link_entry(seen, i);
	return 1;
}

static int find(const ouro__seen *seen, const uint8_t *id)
{
	for (uint32_t at = *chain_of(seen, id); at != NONE; at = seen->ring[at].next)
		if (memcmp(seen->ring[at].id, id, OURO__SEEN_ID) == 0)
			return 1;
	return 0;
}

ouro__seen *ouro__seen_new(size_t max)
{
	ouro__seen *seen = ouro__alloc(1, sizeof(*seen));

	if (!seen)
		return NULL;
	seen->max = max < 1 ? 1 : max > OURO__SEEN_MAX ? OURO__SEEN_MAX : max;
	/* The first room is taken now: remembering may then never fail. */
	if (!grow(seen) || pthread_mutex_init(&seen->lock, NULL) != 0) {
		free(seen->ring);
		free(seen->chains);
		free(seen);
		return NULL;
	}
	return seen;
}

void ouro__seen_free(ouro__seen *seen)
{
	if (!seen)
		return;
	(void)pthread_mutex_destroy(&seen->lock);
	free(seen->ring);
	free(seen->chains);
	free(seen);
}

int ouro__seen_add(ouro__seen *seen, const uint8_t id[OURO__SEEN_ID], int64_t until, int64_t now)
{
	int fresh;

	(void)pthread_mutex_lock(&seen->lock);
	while (seen->count && seen->ring[seen->head].until <= now)
		drop_head(seen);
	fresh = !find(seen, id);
	if (fresh) {
		size_t at;

		if (seen->count == seen->room && !grow(seen))
			drop_head(seen);
		at = seen->head + seen->count;
		if (at >= seen->room)
			at -= seen->room; /* head and count are below room */
		memcpy(seen->ring[at].id, id, OURO__SEEN_ID);
		seen->ring[at].until = until;
		seen->count++;
		link_entry(seen, at);
	}
	(void)pthread_mutex_unlock(&seen->lock);
	return fresh;
}

int ouro__seen_has(ouro__seen *seen, const uint8_t id[OURO__SEEN_ID])
{
	int has;

	(void)pthread_mutex_lock(&seen->lock);
	has = find(seen, id);
	(void)pthread_mutex_unlock(&seen->lock);
	return has;
}

size_t ouro__seen_count(ouro__seen *seen)
{
	size_t count;

	(void)pthread_mutex_lock(&seen->lock);
	count = seen->count;
	(void)pthread_mutex_unlock(&seen->lock);
	return count;
}
