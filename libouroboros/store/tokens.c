/* Tokens in the store. */
#include <string.h>

#include "base/sys.h"
#include "store/state.h"

/* A use is noted in passing. */
enum { USED_MS = 250, USED_REST_MS = 60000, USED_STEP = 60 };

#define COLUMNS "id, name, scopes, created, expires, used"

static const char no_token[] = "no such token";
static const char too_many[] = "there are as many tokens as one may have; revoke one first";

/* The first six columns. */
static void read_token(ouro_token *token, const char *const *texts)
{
	*token = (ouro_token)OURO_TOKEN_INIT;
	ouro__row_text(token->id, sizeof(token->id), texts[0]);
	ouro__row_text(token->name, sizeof(token->name), texts[1]);
	token->scopes = (uint32_t)ouro__row_number(texts[2], 0);
	token->created = ouro__row_number(texts[3], 0);
	token->expires = ouro__row_number(texts[4], 0);
	token->used = ouro__row_number(texts[5], OURO_TIME_NEVER);
}

void ouro__token_changes(struct ouro__token_changes *set, const struct ouro__stored_token *token,
	size_t most, int64_t now)
{
	const struct ouro__cell cells[] = {OURO__TEXT(token->token.id), OURO__TEXT(token->digest),
		OURO__TEXT(token->owner.provider), OURO__NUMBER(token->owner.identity),
		OURO__TEXT(token->owner.login), OURO__TEXT(token->token.name),
		OURO__NUMBER(token->token.scopes), OURO__NUMBER(token->token.created),
		OURO__NUMBER(token->token.expires), OURO__NUMBER(most)};

	_Static_assert(sizeof(cells) == sizeof(set->cells), "all of them");
	memcpy(set->cells, cells, sizeof(cells));
	set->now[0] = OURO__NUMBER(now);
	set->changes[0] = (struct ouro__change){
		.statement = {.sql = "DELETE FROM ouroboros_token WHERE expires <= $1",
			.cells = set->now,
			.count = 1}};
	set->changes[1] = (struct ouro__change){
		.statement = {.sql = "INSERT INTO ouroboros_token (id, digest, provider, identity, "
				     "login, name, scopes, created, expires) "
				     "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 "
				     "WHERE (SELECT count(*) FROM ouroboros_token "
				     "WHERE provider = $3 AND identity = $4) < $10",
			.cells = set->cells,
			.count = sizeof(cells) / sizeof(cells[0])},
		.none = OURO_ERR_LIMIT,
		.none_text = too_many};
}

ouro_status ouro__store_token_add(ouro_store *store, const struct ouro__stored_token *token,
	size_t most, int64_t now, ouro_error *reterr)
{
	struct ouro__token_changes set;

	ouro__token_changes(&set, token, most, now);
	return ouro__store_change(store, store->timeout_ms, set.changes, 2, reterr);
}

struct found {
	struct ouro__stored_token *token;
	int any;
};

static void take_token(void *user, const char *const *texts)
{
	struct found *found = user;
	struct ouro__owner *owner = &found->token->owner;

	found->any = 1;
	read_token(&found->token->token, texts);
	ouro__row_text(found->token->digest, sizeof(found->token->digest), texts[6]);
	ouro__row_text(owner->provider, sizeof(owner->provider), texts[7]);
	owner->identity = (uint64_t)ouro__row_number(texts[8], 0);
	ouro__row_text(owner->login, sizeof(owner->login), texts[9]);
}

ouro_status ouro__store_token_get(
	ouro_store *store, const char *id, struct ouro__stored_token *ret_token, ouro_error *reterr)
{
	const struct ouro__cell cells[] = {OURO__TEXT(id)};
	struct found found = {ret_token, 0};
	struct ouro__statement statement = {.sql = "SELECT " COLUMNS
						   ", digest, provider, identity, login "
						   "FROM ouroboros_token WHERE id = $1",
		.cells = cells,
		.count = 1,
		.row = take_token,
		.user = &found};
	ouro_status rc = ouro__store_read(store, &statement, reterr);

	if (rc == OURO_OK && !found.any)
		rc = ouro__error_set(reterr, OURO_ERR_NOTFOUND, "%s", no_token);
	return rc;
}

struct list {
	ouro_token *tokens;
	size_t room;
	size_t count;
};

static void take_item(void *user, const char *const *texts)
{
	struct list *list = user;

	if (list->count < list->room)
		read_token(&list->tokens[list->count++], texts);
}

ouro_status ouro__store_token_list(ouro_store *store, const struct ouro__owner *owner, int64_t now,
	ouro_token *ret_tokens, size_t room, size_t *ret_count, ouro_error *reterr)
{
	const struct ouro__cell cells[] = {
		OURO__TEXT(owner->provider), OURO__NUMBER(owner->identity), OURO__NUMBER(now)};
	struct list list = {ret_tokens, room, 0};
	struct ouro__statement statement = {.sql = "SELECT " COLUMNS " FROM ouroboros_token "
						   "WHERE provider = $1 AND identity = $2 "
						   "AND expires > $3 ORDER BY created DESC, id",
		.cells = cells,
		.count = 3,
		.row = take_item,
		.user = &list};
	ouro_status rc = ouro__store_read(store, &statement, reterr);

	if (rc == OURO_OK)
		*ret_count = list.count;
	return rc;
}

/* 1 = not now: noting a use failed a moment ago. */
static int rests(ouro_store *store)
{
	int does;

	(void)pthread_mutex_lock(&store->lock);
	does = ouro__clock_ms() < store->used_rest;
	(void)pthread_mutex_unlock(&store->lock);
	return does;
}

void ouro__store_token_used(ouro_store *store, const char *id, int64_t now)
{
	const struct ouro__cell cells[] = {
		OURO__TEXT(id), OURO__NUMBER(now), OURO__NUMBER(now - USED_STEP)};
	/* Another replica may have been quicker. */
	struct ouro__change change = {
		.statement = {.sql = "UPDATE ouroboros_token SET used = $2 "
				     "WHERE id = $1 AND (used IS NULL OR used <= $3)",
			.cells = cells,
			.count = 3}};

	if (rests(store) || ouro__store_change(store, USED_MS, &change, 1, NULL) == OURO_OK)
		return;
	(void)pthread_mutex_lock(&store->lock);
	store->used_rest = ouro__clock_ms() + USED_REST_MS;
	(void)pthread_mutex_unlock(&store->lock);
}

ouro_status ouro__store_token_drop(
	ouro_store *store, const struct ouro__owner *owner, const char *id, ouro_error *reterr)
{
	const struct ouro__cell cells[] = {
		OURO__TEXT(id), OURO__TEXT(owner->provider), OURO__NUMBER(owner->identity)};
	struct ouro__change change = {
		.statement = {.sql = "DELETE FROM ouroboros_token "
				     "WHERE id = $1 AND provider = $2 AND identity = $3",
			.cells = cells,
			.count = 3},
		.none = OURO_ERR_NOTFOUND,
		.none_text = no_token};

	return ouro__store_change(store, store->timeout_ms, &change, 1, reterr);
}
