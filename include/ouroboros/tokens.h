/** @file tokens.h
 * Personal tokens: limited keys for programs, bound to an identity. A person who is taken out of the user map loses them at once.
 * Only a digest is kept; a token is shown once. All calls block on the store at most; any thread. Without a store they are
 * OURO_ERR_OFF. */
#ifndef OUROBOROS_TOKENS_H
#define OUROBOROS_TOKENS_H

#include <ouroboros/portal.h>

OURO_BEGIN_DECLS

/** Look at own nodes, routes and keys, and at others' as far as the rules allow. Every token has it. @since 0.1 */
#define OURO_TOKEN_READ 0x1u
/** Rename, log out, remove, register and extend own nodes. @since 0.1 */
#define OURO_TOKEN_NODES 0x2u
/** Approve, withdraw and forget routes, switch exit nodes. @since 0.1 */
#define OURO_TOKEN_ROUTES 0x4u
/** Make and end pre-auth keys. @since 0.1 */
#define OURO_TOKEN_KEYS 0x8u
/** All of them. @since 0.1 */
#define OURO_TOKEN_ALL 0xfu

/** The scope that a name means: "read", "nodes", "routes", "keys".
 * @param name    Not trusted; NULL is nothing.
 * @param length  Its length in bytes.
 * @return one of OURO_TOKEN_*, 0 for other names. Any thread. @since 0.1 */
OURO_API uint32_t ouro_token_scope(const char *name, size_t length);
/** The name of one scope, as in the API and on the command line.
 * @return @b borrowed static text; NULL if it is not exactly one that is known, so that counting up from OURO_TOKEN_READ by doubling
 * ends after the last. Any thread. @since 0.1 */
OURO_API const char *ouro_token_scope_name(uint32_t scope);

/** Room for a token's id, NUL included. @since 0.1 */
#define OURO_TOKEN_ID_MAX 16
/** Room for a whole token ("ouro_pat_" id "_" secret), NUL included. @since 0.1 */
#define OURO_TOKEN_TEXT_MAX 96
/** Longest name of a token, in bytes, NUL included. @since 0.1 */
#define OURO_TOKEN_NAME_MAX 64

/** What is known of a token; a plain value. @since 0.1 */
typedef struct ouro_token {
	size_t size;                    /**< sizeof, set by OURO_TOKEN_INIT */
	char id[OURO_TOKEN_ID_MAX];     /**< lower-case hex */
	char name[OURO_TOKEN_NAME_MAX]; /**< as given; UTF-8 without control characters */
	uint32_t scopes;                /**< OURO_TOKEN_* */
	int64_t created;                /**< Unix seconds */
	int64_t expires;                /**< Unix seconds */
	int64_t used; /**< last use, to the minute, Unix seconds; OURO_TIME_NEVER = not yet */
} ouro_token;

/** Initial value of ouro_token. @since 0.1 */
#define OURO_TOKEN_INIT                                                                            \
	{                                                                                          \
		sizeof(ouro_token), {0}, {0}, 0, 0, 0, 0                                           \
	}

/** What a new token shall be. Zero is the default. @since 0.1 */
typedef struct ouro_token_wish {
	size_t size;      /**< sizeof, set by OURO_TOKEN_WISH_INIT */
	const char *name; /**< required; 1 … 63 bytes of UTF-8 */
	uint32_t scopes;  /**< OURO_TOKEN_*; READ is added */
	int64_t expires;  /**< Unix seconds; 0 = in 90 days, or as far ahead as the rules allow */
} ouro_token_wish;

/** Initial value of ouro_token_wish. @since 0.1 */
#define OURO_TOKEN_WISH_INIT                                                                       \
	{                                                                                          \
		sizeof(ouro_token_wish), 0, 0, 0                                                   \
	}

/** A person's tokens, newest first. @since 0.1 */
typedef struct ouro_token_list ouro_token_list;

/** The furthest end that the rules let this person give a token at this moment: Unix seconds; 0 = tokens are off (rule, or no
 * store). @since 0.1 */
OURO_API int64_t ouro_person_tokens_until(const ouro_person *person);

/** Own tokens that are not over. A person who came by a token sees that one alone.
 * @param person    Who.
 * @param ret_list  @b Owned: ouro_token_list_free().
 * @param reterr    May be NULL.
 * @retval OURO_ERR_OFF  no store, or the rule tokens is off
 * @retval OURO_ERR_IO, OURO_ERR_TIMEOUT  the store
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_tokens_list(
	const ouro_person *person, ouro_token_list **ret_list, ouro_error *reterr);
/** Number of tokens. @since 0.1 */
OURO_API size_t ouro_token_list_count(const ouro_token_list *list);
/** One of them. @b Borrowed; NULL out of range. @since 0.1 */
OURO_API const ouro_token *ouro_token_list_at(const ouro_token_list *list, size_t index);
/** Release. NULL is allowed. @since 0.1 */
OURO_API void ouro_token_list_free(ouro_token_list *list);

/** Make a token. When it returns OK the token is on disk.
 * @param person     Who; not by a token, and not the holder (DENIED).
 * @param wish       Required.
 * @param address    For the audit record; NULL = unknown.
 * @param ret_text   The whole token, OURO_TOKEN_TEXT_MAX bytes: a secret, for the caller to wipe.
 * @param ret_token  NULL, or filled; size must be set.
 * @param reterr     May be NULL.
 * @retval OURO_ERR_INVALID  no name, unknown scopes, or an end that is not ahead
 * @retval OURO_ERR_DENIED   the end is further ahead than the rule tokens allows
 * @retval OURO_ERR_LIMIT    50 tokens are there already
 * @retval OURO_ERR_OFF, OURO_ERR_IO, OURO_ERR_TIMEOUT  as ouro_tokens_list()
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_token_create(const ouro_person *person,
	const ouro_token_wish *wish, const char *address, char ret_text[OURO_TOKEN_TEXT_MAX],
	ouro_token *ret_token, ouro_error *reterr);
/** Revoke an own token; by a token only that very one. It is refused from the next request on, by every replica.
 * @retval OURO_ERR_NOTFOUND  no such token, or another's
 * Other errors as ouro_tokens_list(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_token_revoke(
	const ouro_person *person, const char *id, const char *address, ouro_error *reterr);

/** The person behind a token, with the map and the rules of this moment, limited to the token's scopes.
 * @param portal      The portal.
 * @param text        The token; not trusted. Compared in constant time.
 * @param length      Its length.
 * @param ret_person  @b Owned: ouro_person_free().
 * @param reterr      May be NULL.
 * @retval OURO_ERR_TOKEN     not a token, unknown, over or revoked: one and the same text
 * @retval OURO_ERR_UNMAPPED  the account is not in the user map any more
 * @retval OURO_ERR_OFF, OURO_ERR_IO, OURO_ERR_TIMEOUT  as ouro_tokens_list()
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_portal_person_by_token(ouro_portal *portal,
	const char *text, size_t length, ouro_person **ret_person, ouro_error *reterr);
/** Id of the token that this person came by, "" if none. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_person_token(const ouro_person *person);

/** Room for the id of a sign-in, NUL included. @since 0.1 */
#define OURO_LOGIN_ID_MAX 64
/** Room for the code that a person types ("BCDF-GHJK"), NUL included. @since 0.1 */
#define OURO_LOGIN_CODE_MAX 16
/** Room for what the browser carries back to the program, NUL included. @since 0.1 */
#define OURO_LOGIN_GRANT_MAX 64
/** Room for the name of the machine, NUL included. @since 0.1 */
#define OURO_LOGIN_MACHINE_MAX 64

/** What a program asks for. @since 0.1 */
typedef struct ouro_login_wish {
	size_t size;         /**< sizeof, set by OURO_LOGIN_WISH_INIT */
	const char *machine; /**< name of the machine it runs on; becomes the token's name */
	const char *
		challenge; /**< base64url of the SHA-256 of a random verifier of 43 … 128 characters [A-Za-z0-9._~-] */
	uint32_t scopes;  /**< OURO_TOKEN_*; READ is added */
	int64_t lifetime; /**< of the token, seconds; 0 = 90 days, or as long as the rules allow */
	int32_t port; /**< where the program listens on 127.0.0.1 (1024 … 65535); 0 = no browser there: a person types the code */
} ouro_login_wish;

/** Initial value of ouro_login_wish. @since 0.1 */
#define OURO_LOGIN_WISH_INIT                                                                       \
	{                                                                                          \
		sizeof(ouro_login_wish), 0, 0, 0, 0, 0                                             \
	}

/** A sign-in that waits; a plain value. @since 0.1 */
typedef struct ouro_login {
	size_t size;                          /**< sizeof, set by OURO_LOGIN_INIT */
	char id[OURO_LOGIN_ID_MAX];           /**< names it in links */
	char machine[OURO_LOGIN_MACHINE_MAX]; /**< what the program says of itself: not trusted */
	char address[64];                     /**< where it was asked from, "" if unknown */
	uint32_t scopes;                      /**< OURO_TOKEN_* */
	int64_t lifetime;                     /**< of the token, seconds */
	int64_t asked;                        /**< Unix seconds */
	int64_t ends;                         /**< when it stops waiting, 10 minutes later */
	int32_t port;                         /**< 0 = the person types the code */
} ouro_login;

/** Initial value of ouro_login. @since 0.1 */
#define OURO_LOGIN_INIT                                                                            \
	{                                                                                          \
		sizeof(ouro_login), {0}, {0}, {0}, 0, 0, 0, 0, 0                                   \
	}

/** A program begins to sign in. Nothing is granted by it.
 * @param portal     The portal.
 * @param wish       Required; not trusted.
 * @param address    Where it was asked from, NULL = unknown.
 * @param ret_login  Filled; size must be set. Its id belongs to the program (and to the link that it opens).
 * @param ret_code   What a person types if wish.port is 0, "" otherwise.
 * @param reterr     May be NULL.
 * @retval OURO_ERR_INVALID  something of the wish is malformed
 * @retval OURO_ERR_DENIED   the life is longer than the rule tokens allows
 * @retval OURO_ERR_LIMIT    too many wait; try again in a minute
 * @retval OURO_ERR_OFF, OURO_ERR_IO, OURO_ERR_TIMEOUT  as ouro_tokens_list()
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_login_begin(ouro_portal *portal,
	const ouro_login_wish *wish, const char *address, ouro_login *ret_login,
	char ret_code[OURO_LOGIN_CODE_MAX], ouro_error *reterr);
/** What waits for approval. @p text is the id from a link (only of those with a port), or a code that the person typed (only of
 * those without; case and hyphens do not matter).
 * @retval OURO_ERR_NOTFOUND  none such, over, or answered already
 * @retval OURO_ERR_DENIED    by a token, or the holder
 * Other errors as ouro_tokens_list(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_login_find(const ouro_person *person, const char *text,
	size_t length, ouro_login *ret_login, ouro_error *reterr);
/** Approve or refuse, once.
 * @param person     Who; the token will be that person's. Not by a token.
 * @param id         From ouro_login_find().
 * @param approve    1, or 0 to refuse.
 * @param ret_grant  If approved: what the browser takes to 127.0.0.1:port, "" if port is 0.
 * @param address    For the audit record; NULL = unknown.
 * @param reterr     May be NULL.
 * @retval OURO_ERR_NOTFOUND  none such, over, or answered already
 * @retval OURO_ERR_DENIED    rules, or by a token, or the holder
 * @retval OURO_ERR_LIMIT     50 tokens are there already; the sign-in still waits
 * Other errors as ouro_tokens_list(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_login_answer(const ouro_person *person, const char *id,
	int approve, const char *address, char ret_grant[OURO_LOGIN_GRANT_MAX], ouro_error *reterr);
/** The program fetches its token, once.
 * @param portal     The portal.
 * @param id         From ouro_login_begin().
 * @param verifier   What the challenge is the digest of.
 * @param grant      What the browser brought; NULL or "" only if there was no port.
 * @param ret_text   The whole token, OURO_TOKEN_TEXT_MAX bytes: a secret.
 * @param ret_token  NULL, or filled; size must be set.
 * @param reterr     May be NULL.
 * @retval OURO_ERR_PENDING  nobody answered yet; ask again in a few seconds
 * @retval OURO_ERR_REFUSED  the person refused
 * @retval OURO_ERR_TOKEN    none such, over, fetched already, or verifier or grant are wrong: one and the same text
 * Other errors as ouro_tokens_list(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_login_redeem(ouro_portal *portal, const char *id,
	const char *verifier, const char *grant, char ret_text[OURO_TOKEN_TEXT_MAX],
	ouro_token *ret_token, ouro_error *reterr);

OURO_END_DECLS

#endif
