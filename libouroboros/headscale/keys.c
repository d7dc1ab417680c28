/* Pre-auth keys; see keys.h. Both ways of naming a user go into a request and the band picks one, so that no server is ever told the
 * words of another: from 0.28 on, the number of a user would be taken for the number of a key. */
#include "headscale/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/sys.h"
#include "base/wipe.h"
#include "headscale/write.h"

#define KEYS_BYTES_MAX ((size_t)64 << 20)

/* Up to 0.25 users go by name. */
static int by_name(const ouro__generation *generation)
{
	return generation->band <= OURO__BAND_D;
}

static int by_id(const ouro__generation *generation)
{
	return (generation->capabilities & OURO_CAN_KEYS_BY_ID) != 0;
}

/* An empty name is a wildcard, and 0 is nobody. */
static ouro_status check_user(const struct ouro__server *server, uint64_t id, const char *name,
	const char *what, ouro_error *reterr)
{
	if (by_name(server->generation) ? !*name : !id)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s: the user has no %s, by which Headscale %s goes", what,
			by_name(server->generation) ? "name" : "number",
			server->generation->version);
	return OURO_OK;
}

static void wipe_text(const char *text)
{
	ouro__wipe((void *)(uintptr_t)text, strlen(text));
}

void ouro__keys_free(struct ouro__keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->count; i++)
		wipe_text(keys->items[i].text);
	ouro__arena_free(keys->arena);
	free(keys);
}

static struct ouro__keys *keys_new(void)
{
	struct ouro__keys *keys = ouro__alloc(1, sizeof(*keys));

	if (!keys)
		return NULL;
	keys->arena = ouro__arena_new(KEYS_BYTES_MAX);
	if (!keys->arena) {
		free(keys);
		return NULL;
	}
	return keys;
}

static void convert(const ouro__generation *generation, const struct ouro__hs_key *from,
	const struct ouro__user *user, struct ouro__key *key)
{
	key->id = from->id;
	/* 0.24 and 0.25 put an e-mail address where they want a name back. */
	if (user && by_name(generation)) {
		key->user_id = user->id;
		key->user_name = user->name;
	} else {
		key->user_id = from->user ? from->user->id : 0;
		key->user_name = from->user ? from->user->name : "";
	}
	key->text = from->key;
	key->tags = from->tags.items;
	key->tag_count = from->tags.count;
	key->expiration = from->expiration;
	key->created = from->created;
	key->reusable = from->reusable;
	key->ephemeral = from->ephemeral;
	key->used = from->used;
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t left = ((const struct ouro__key *)a)->id;
	uint64_t right = ((const struct ouro__key *)b)->id;

	return (left > right) - (left < right);
}

/* Those of the user; others' secrets are not kept. user lives in the arena. */
static ouro_status take_all(struct ouro__keys *keys, const ouro__generation *generation,
	const struct ouro__hs_keys *list, const struct ouro__user *user, const char *what,
	ouro_error *reterr)
{
	keys->items = ouro__arena_alloc(keys->arena, list->keys.count * sizeof(*keys->items));
	if (!keys->items)
		return ouro__error_nomem(reterr);
	for (size_t i = 0; i < list->keys.count; i++) {
		const struct ouro__hs_key *from = list->keys.items[i];
		struct ouro__key *key = &keys->items[keys->count];

		convert(generation, from, user, key);
		if (!user || key->user_id == user->id)
			keys->count++;
		else
			wipe_text(from->key);
	}
	if (keys->count)
		qsort(keys->items, keys->count, sizeof(*keys->items), compare_keys);
	if (keys->count && !keys->items[0].id)
		return ouro__error_set(reterr, OURO_ERR_PROTOCOL,
			"%s: the server's list has a key without a number", what);
	return OURO_OK;
}

/* The caller's may go away before the keys do. */
static const struct ouro__user *keep_user(struct ouro__keys *keys, const struct ouro__user *user)
{
	struct ouro__user *kept = ouro__arena_alloc(keys->arena, sizeof(*kept));

	if (!kept)
		return NULL;
	kept->id = user->id;
	kept->name = ouro__arena_text(keys->arena, user->name, strlen(user->name));
	return kept->name ? kept : NULL;
}

ouro_status ouro__headscale_keys_list(const struct ouro__server *server,
	const struct ouro__user *user, int64_t deadline, struct ouro__keys **ret_keys,
	ouro_error *reterr)
{
	static const char what[] = "reading the pre-auth keys";
	struct ouro__hs_list_keys_request request = {user ? user->name : NULL, user ? user->id : 0};
	struct ouro__keys *keys;
	const struct ouro__user *kept = NULL;
	void *reply = NULL;
	ouro_status rc = OURO_OK;

	if (user)
		rc = check_user(server, user->id, user->name, what, reterr);
	else if (!by_id(server->generation))
		rc = ouro__generation_lacks_capability(server->generation, OURO_CAN_KEYS_BY_ID,
			"reading everybody's pre-auth keys at once", reterr);
	if (rc < 0)
		return rc;
	keys = keys_new();
	if (!keys || (user && !(kept = keep_user(keys, user)))) {
		ouro__keys_free(keys);
		return ouro__error_nomem(reterr);
	}
	rc = ouro__headscale_call(
		server, OURO__OP_LIST_KEYS, &request, what, deadline, keys->arena, &reply, reterr);
	if (rc == OURO_OK)
		rc = take_all(keys, server->generation, reply, kept, what, reterr);
	if (rc == OURO_OK) {
		*ret_keys = keys;
		keys = NULL;
	}
	ouro__keys_free(keys);
	return rc;
}

static ouro_status check_wish(const struct ouro__server *server, const struct ouro__user *user,
	const struct ouro__key_wish *wish, const char *what, ouro_error *reterr)
{
	ouro_status rc = ouro__headscale_gate(server, OURO__OP_CREATE_KEY, NULL, what, reterr);

	if (rc < 0)
		return rc;
	/* Without one, the key would be over before it is used. */
	if (wish->expiration == OURO_TIME_NEVER || wish->expiration <= ouro__clock_unix())
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "%s: it needs an end, in the future", what);
	for (size_t i = 0; i < wish->tag_count; i++)
		if (!ouro__str_starts(wish->tags[i], "tag:") || !wish->tags[i][4])
			return ouro__error_set(
				reterr, OURO_ERR_INVALID, "%s: a tag is written tag:name", what);
	if (user)
		return check_user(server, user->id, user->name, what, reterr);
	if (!by_id(server->generation))
		return ouro__generation_lacks_capability(server->generation, OURO_CAN_KEYS_BY_ID,
			"making a pre-auth key that belongs to no user", reterr);
	if (!wish->tag_count)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s: a key that belongs to no user needs tags", what);
	return OURO_OK;
}

/* Its one key of the answer. */
static ouro_status take_one(struct ouro__keys *keys, const ouro__generation *generation,
	const struct ouro__hs_key_reply *reply, const struct ouro__user *user, const char *what,
	ouro_error *reterr)
{
	if (!reply || !reply->key || !reply->key->key[0])
		return ouro__error_set(reterr, OURO_ERR_UNCERTAIN,
			"%s: the server answered without the key; look whether there is a new one",
			what);
	keys->items = ouro__arena_alloc(keys->arena, sizeof(*keys->items));
	if (!keys->items) {
		wipe_text(reply->key->key);
		return ouro__error_nomem(reterr);
	}
	convert(generation, reply->key, user, &keys->items[0]);
	keys->count = 1;
	return OURO_OK;
}

ouro_status ouro__headscale_keys_create(const struct ouro__server *server,
	const struct ouro__user *user, const struct ouro__key_wish *wish, int64_t deadline,
	struct ouro__keys **ret_keys, ouro_error *reterr)
{
	static const char what[] = "making the pre-auth key";
	struct ouro__hs_create_key_request request = {.user_name = user ? user->name : NULL,
		.user_id = user ? user->id : 0,
		.reusable = wish->reusable,
		.ephemeral = wish->ephemeral,
		.expiration = wish->expiration};
	struct ouro__keys *keys;
	const struct ouro__user *kept = NULL;
	void *reply = NULL;
	ouro_status rc = check_wish(server, user, wish, what, reterr);

	if (rc < 0)
		return rc;
	keys = keys_new();
	if (!keys || (user && !(kept = keep_user(keys, user)))) {
		ouro__keys_free(keys);
		return ouro__error_nomem(reterr);
	}
	request.tags.count = wish->tag_count;
	request.tags.items =
		ouro__arena_alloc(keys->arena, wish->tag_count * sizeof(*request.tags.items));
	if (!request.tags.items) {
		rc = ouro__error_nomem(reterr);
	} else {
		for (size_t i = 0; i < wish->tag_count; i++)
			request.tags.items[i] = wish->tags[i];
		rc = ouro__headscale_call(server, OURO__OP_CREATE_KEY, &request, what, deadline,
			keys->arena, &reply, reterr);
	}
	if (rc == OURO_OK)
		rc = take_one(keys, server->generation, reply, kept, what, reterr);
	if (rc == OURO_OK) {
		*ret_keys = keys;
		keys = NULL;
	}
	ouro__keys_free(keys);
	return rc;
}

/* What names the key there must be known: a number, or its whole text and its user. */
static ouro_status check_key(const struct ouro__server *server, const struct ouro__key *key,
	const char *what, ouro_error *reterr)
{
	if (by_id(server->generation)) {
		if (key->id)
			return OURO_OK;
		return ouro__error_set(reterr, OURO_ERR_INVALID, "%s: the key has no number", what);
	}
	if (!key->text[0] || strchr(key->text, '*'))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s: Headscale %s wants the whole key, which is not known", what,
			server->generation->version);
	return check_user(server, key->user_id, key->user_name, what, reterr);
}

ouro_status ouro__headscale_keys_expire(const struct ouro__server *server,
	const struct ouro__key *key, int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "ending the pre-auth key";
	struct ouro__hs_expire_key_request request = {
		key->user_name, key->user_id, key->text, key->id};
	ouro_status rc = ouro__headscale_gate(server, OURO__OP_EXPIRE_KEY, NULL, what, reterr);

	if (rc == OURO_OK)
		rc = check_key(server, key, what, reterr);
	if (rc < 0)
		return rc;
	return ouro__headscale_write(
		server, OURO__OP_EXPIRE_KEY, &request, what, deadline, NULL, reterr);
}

ouro_status ouro__headscale_keys_delete(const struct ouro__server *server,
	const struct ouro__key *key, int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "removing the pre-auth key";
	struct ouro__hs_delete_key_request request = {key->id};
	ouro_status rc = ouro__headscale_gate(server, OURO__OP_DELETE_KEY, NULL, what, reterr);

	if (rc == OURO_OK)
		rc = check_key(server, key, what, reterr);
	if (rc < 0)
		return rc;
	return ouro__headscale_write(
		server, OURO__OP_DELETE_KEY, &request, what, deadline, NULL, reterr);
}
