/* A bounded set of random ids that are remembered until a time: sessions that were ended, sign-in states that were used. Ids come out
 * of our own seals, so nobody can choose them to collide. Takes its own lock: any thread. */
#ifndef OURO_IDENTITY_SEEN_H
#define OURO_IDENTITY_SEEN_H

#include <stddef.h>
#include <stdint.h>

enum { OURO__SEEN_ID = 16 };
#define OURO__SEEN_MAX ((size_t)100000)

typedef struct ouro__seen ouro__seen;

/* max = most ids; past it the one that entered first is forgotten. NULL = out of memory. */
ouro__seen *ouro__seen_new(size_t max);
void ouro__seen_free(ouro__seen *seen);
/* Remember until (Unix seconds): 1 = it is new, 0 = it was there already. Ids whose time is over at now are dropped first. */
int ouro__seen_add(ouro__seen *seen, const uint8_t id[OURO__SEEN_ID], int64_t until, int64_t now);
/* 1 if it is there. */
int ouro__seen_has(ouro__seen *seen, const uint8_t id[OURO__SEEN_ID]);
size_t ouro__seen_count(ouro__seen *seen);

#endif
