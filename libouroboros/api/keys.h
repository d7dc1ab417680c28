/* A pre-auth key as it is handed out: copies without the secret. */
#ifndef OURO_API_KEYS_H
#define OURO_API_KEYS_H

#include <ouroboros/keys.h>

#include "api/view.h"
#include "headscale/keys.h"

#define OURO__KEY_HINT_MAX 40

struct ouro_key {
	uint64_t id;
	uint64_t user_id;
	const char *user_name;
	const char *const *tags;
	size_t tag_count;
	int64_t expiration;
	int64_t created;
	int reusable;
	int ephemeral;
	int used;
	char hint[OURO__KEY_HINT_MAX];
	ouro__arena *arena; /* of the texts; owned, NULL = the list's */
};

struct ouro_key_list {
	struct ouro_key *items;
	size_t count;
	ouro__arena *arena;
};

/* enum ouro_key_state */
int ouro__key_state(const struct ouro__key *key, int64_t now);
/* The beginning of a key's text, as far as it is no secret; ret_hint holds OURO__KEY_HINT_MAX bytes. */
void ouro__key_hint(const char *text, char *ret_hint);
/* Copy without the secret; texts go to the arena. nobodys = 1: its devices belong to their tags. 0 = out of memory. */
int ouro__key_copy(
	const struct ouro__key *key, int nobodys, ouro__arena *arena, struct ouro_key *ret_key);

#endif
