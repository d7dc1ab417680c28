/* Pre-auth keys, whatever way the server names them: user name and text (up to 0.25), user number and text (0.26, 0.27), their own
 * number (0.28 and later). Same rules as headscale.h. */
#ifndef OURO_HEADSCALE_KEYS_H
#define OURO_HEADSCALE_KEYS_H

#include "headscale/headscale.h"

struct ouro__key {
	uint64_t id;
	uint64_t user_id;      /* 0 = nobody (a key for tagged nodes) */
	const char *user_name; /* as in the user that was asked for, or as the server says it */
	const char *
		text; /* a secret: whole up to 0.27 and in the answer to creating it; masked afterwards */
	const char *const *tags;
	size_t tag_count;
	int64_t expiration; /* OURO_TIME_NEVER = not set, which servers take for expired */
	int64_t created;
	int reusable;
	int ephemeral;
	int used; /* of a reusable one only up to 0.24 */
};

/* By id. Owned: ouro__keys_free() wipes the secrets. */
struct ouro__keys {
	struct ouro__key *items;
	size_t count;
	ouro__arena *arena;
};

struct ouro__key_wish {
	int reusable;
	int ephemeral;
	int64_t expiration; /* in the future; there is no "never" */
	const char *const *tags;
	size_t tag_count;
};

/* Keys of a user from a snapshot. user NULL = everybody's, from 0.28 on (UNSUPPORTED before). INVALID: the user has no number, or
 * no name where keys go by name. */
ouro_status ouro__headscale_keys_list(const struct ouro__server *server,
	const struct ouro__user *user, int64_t deadline, struct ouro__keys **ret_keys,
	ouro_error *reterr);
/* *ret_keys holds the one new key, in full. user NULL = for tagged nodes, from 0.28 on; then it needs tags. */
ouro_status ouro__headscale_keys_create(const struct ouro__server *server,
	const struct ouro__user *user, const struct ouro__key_wish *wish, int64_t deadline,
	struct ouro__keys **ret_keys, ouro_error *reterr);
/* key: from a list. 0.28 and 0.29 answer OK for one that does not exist. */
ouro_status ouro__headscale_keys_expire(const struct ouro__server *server,
	const struct ouro__key *key, int64_t deadline, ouro_error *reterr);
/* From 0.28 on. */
ouro_status ouro__headscale_keys_delete(const struct ouro__server *server,
	const struct ouro__key *key, int64_t deadline, ouro_error *reterr);
/* NULL is allowed. */
void ouro__keys_free(struct ouro__keys *keys);

#endif
