/* What is kept: personal tokens, sign-ins that wait, audit lines. Any thread: one connection, which calls take in turn; every call
 * ends within the store's time-out. Times are Unix seconds of the caller's clock; secrets come as digests only. Errors of all of them:
 * those of backend.h but CONFLICT, which only ouro__store_login_add() has. */
#ifndef OURO_STORE_STORE_H
#define OURO_STORE_STORE_H

#include <ouroboros/store.h>
#include <ouroboros/tokens.h>

#include "base/error.h"

/* SHA-256 as lower-case hex, with NUL. */
#define OURO__DIGEST_MAX 65

/* Who a token or an answer belongs to. */
struct ouro__owner {
	char provider[16];
	uint64_t identity; /* up to INT64_MAX */
	char login[64];
};

struct ouro__stored_token {
	struct ouro__owner owner;
	char digest[OURO__DIGEST_MAX];
	ouro_token token;
};

/* Add a token that ends later than now, unless the owner has "most" of them already: LIMIT. Those that are over go away. */
ouro_status ouro__store_token_add(ouro_store *store, const struct ouro__stored_token *token,
	size_t most, int64_t now, ouro_error *reterr);
/* NOTFOUND: there is none. One that is over may still be found. */
ouro_status ouro__store_token_get(ouro_store *store, const char *id,
	struct ouro__stored_token *ret_token, ouro_error *reterr);
/* The owner's that are not over, newest first; at most "room" of them. */
ouro_status ouro__store_token_list(ouro_store *store, const struct ouro__owner *owner, int64_t now,
	ouro_token *ret_tokens, size_t room, size_t *ret_count, ouro_error *reterr);
/* Used now. A favour: it waits for little, is not tried again for a minute after it failed, and says nothing. */
void ouro__store_token_used(ouro_store *store, const char *id, int64_t now);
/* NOTFOUND: no such token of this owner. */
ouro_status ouro__store_token_drop(
	ouro_store *store, const struct ouro__owner *owner, const char *id, ouro_error *reterr);

enum ouro__login_state { OURO__LOGIN_WAITS = 0, OURO__LOGIN_APPROVED = 1, OURO__LOGIN_REFUSED = 2 };

struct ouro__stored_login {
	ouro_login login;
	char code[OURO_LOGIN_CODE_MAX];   /* "" = none */
	char challenge[OURO__DIGEST_MAX]; /* base64url, as the program gave it */
	int state;                        /* enum ouro__login_state */
	char granted[OURO__DIGEST_MAX];   /* digest of the grant, "" = none */
	struct ouro__owner owner;         /* who answered */
};

/* CONFLICT: the id or the code is there already. LIMIT: "most" wait, or "most_address" from this address. Those that are over
 * go away. */
ouro_status ouro__store_login_add(ouro_store *store, const struct ouro__stored_login *login,
	size_t most, size_t most_address, ouro_error *reterr);
/* By id, or by code if that is not NULL. NOTFOUND: none. One that is over may still be found. */
ouro_status ouro__store_login_get(ouro_store *store, const char *id, const char *code,
	struct ouro__stored_login *ret_login, ouro_error *reterr);
/* Set state, granted and owner of the one that waits. NOTFOUND: none, over, or answered already. */
ouro_status ouro__store_login_answer(
	ouro_store *store, const struct ouro__stored_login *login, int64_t now, ouro_error *reterr);
/* An approved one becomes a token, both or neither. NOTFOUND: none, over, or done already; LIMIT as for token_add. */
ouro_status ouro__store_login_redeem(ouro_store *store, const char *id,
	const struct ouro__stored_token *token, size_t most, int64_t now, ouro_error *reterr);

/* Keep an audit line. The oldest go when there are more than 100,000, or after 400 days. */
ouro_status ouro__store_audit_add(
	ouro_store *store, int64_t at, const char *line, ouro_error *reterr);
/* Say in the log that a line could not be kept; once in a minute. */
void ouro__store_audit_lost(ouro_store *store, const ouro_error *error);

#endif
