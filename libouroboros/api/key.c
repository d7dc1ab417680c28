/* The value of a pre-auth key: what may be shown of it. Pure; any thread. */
#include <stdlib.h>
#include <string.h>

#include "api/keys.h"
#include "base/str.h"
#include "base/wipe.h"

uint64_t ouro_key_id(const ouro_key *key)
{
	return key->id;
}

const char *ouro_key_hint(const ouro_key *key)
{
	return key->hint;
}

uint64_t ouro_key_user_id(const ouro_key *key)
{
	return key->user_id;
}

const char *ouro_key_user_name(const ouro_key *key)
{
	return key->user_name;
}

size_t ouro_key_tag_count(const ouro_key *key)
{
	return key->tag_count;
}

const char *ouro_key_tag(const ouro_key *key, size_t index)
{
	return index < key->tag_count ? key->tags[index] : NULL;
}

int ouro_key_reusable(const ouro_key *key)
{
	return key->reusable;
}

int ouro_key_ephemeral(const ouro_key *key)
{
	return key->ephemeral;
}

int ouro_key_used(const ouro_key *key)
{
	return key->used;
}

int64_t ouro_key_expiration(const ouro_key *key)
{
	return key->expiration;
}

int64_t ouro_key_created(const ouro_key *key)
{
	return key->created;
}

static int state(int reusable, int used, int64_t expiration, int64_t now)
{
	if (used && !reusable)
		return OURO_KEY_USED;
	return expiration > now ? OURO_KEY_ALIVE : OURO_KEY_EXPIRED;
}

int ouro_key_state(const ouro_key *key, int64_t now)
{
	return state(key->reusable, key->used, key->expiration, now);
}

/* Without an end, servers take a key for one that is over. */
static int64_t end_of(const struct ouro__key *key)
{
	if (key->expiration != OURO_TIME_NEVER)
		return key->expiration;
	return key->created == OURO_TIME_NEVER ? 0 : key->created;
}

int ouro__key_state(const struct ouro__key *key, int64_t now)
{
	return key->expiration == OURO_TIME_NEVER
		? state(key->reusable, key->used, 0, now)
		: state(key->reusable, key->used, key->expiration, now);
}

/* From 0.28 on twelve characters behind the word name a key, and the secret follows; before, all of it is secret, and an eighth of it
 * is enough to tell keys apart. What comes masked ("-***", "…") is cut where the mask begins. */
void ouro__key_hint(const char *text, char *ret_hint)
{
	static const char word[] = "hskey-auth-";
	size_t length = 0;
	size_t most;

	while (text[length] > ' ' && text[length] <= '~' && text[length] != '*')
		length++;
	if (ouro__str_starts(text, word))
		most = sizeof(word) - 1 + 12;
	else
		most = text[length] || length >= 48 ? 6 : length / 8;
	if (length > most)
		length = most;
	memcpy(ret_hint, text, length);
	memcpy(ret_hint + length, "\xe2\x80\xa6", 4);
}

static int copy_tags(const struct ouro__key *key, ouro__arena *arena, struct ouro_key *ret_key)
{
	const char **tags = ouro__arena_alloc(arena, key->tag_count * sizeof(*tags));

	if (!tags)
		return 0;
	for (size_t i = 0; i < key->tag_count; i++) {
		tags[i] = ouro__arena_text(arena, key->tags[i], strlen(key->tags[i]));
		if (!tags[i])
			return 0;
	}
	ret_key->tags = tags;
	ret_key->tag_count = key->tag_count;
	return 1;
}

int ouro__key_copy(
	const struct ouro__key *key, int nobodys, ouro__arena *arena, struct ouro_key *ret_key)
{
	const char *name = nobodys ? "" : key->user_name;

	memset(ret_key, 0, sizeof(*ret_key));
	ret_key->id = key->id;
	ret_key->user_id = nobodys ? 0 : key->user_id;
	ret_key->user_name = ouro__arena_text(arena, name, strlen(name));
	ret_key->expiration = end_of(key);
	ret_key->created = key->created;
	ret_key->reusable = key->reusable;
	ret_key->ephemeral = key->ephemeral;
	ret_key->used = key->used;
	ouro__key_hint(key->text, ret_key->hint);
	return ret_key->user_name && copy_tags(key, arena, ret_key);
}

void ouro_key_free(ouro_key *key)
{
	if (!key)
		return;
	ouro__arena_free(key->arena);
	ouro__wipe(key, sizeof(*key));
	free(key);
}

size_t ouro_key_list_count(const ouro_key_list *list)
{
	return list ? list->count : 0;
}

const ouro_key *ouro_key_list_at(const ouro_key_list *list, size_t index)
{
	return list && index < list->count ? &list->items[index] : NULL;
}

void ouro_key_list_free(ouro_key_list *list)
{
	if (!list)
		return;
	ouro__arena_free(list->arena);
	free(list);
}
