/** @file login.h
 * A program signs in at an Ouroboros server for the person in front of it: it asks, the person approves on a page, it fetches a
 * personal token. What the program alone knows (the verifier) never leaves it before that. With the token,
 * ouro_tailnet_options.address = the server and ouro_person_holder() are all that a program needs to act as that person. */
#ifndef OUROBOROS_LOGIN_H
#define OUROBOROS_LOGIN_H

#include <ouroboros/tokens.h>

OURO_BEGIN_DECLS

/** A sign-in that was begun here. For one thread at a time. @since 0.1 */
typedef struct ouro_sign_in ouro_sign_in;

/** What to ask for. Texts are copied. @since 0.1 */
typedef struct ouro_sign_in_options {
	size_t size;         /**< sizeof, set by OURO_SIGN_IN_OPTIONS_INIT */
	const char *server;  /**< "https://vpn.example.org/ouroboros"; required */
	const char *ca_file; /**< PEM file of a private certificate authority; NULL = system's */
	const char *machine; /**< name of this machine; becomes the token's name; required */
	uint32_t scopes;     /**< OURO_TOKEN_*; 0 = all of them */
	int64_t lifetime;    /**< of the token, seconds; 0 = what the server gives */
	int32_t port; /**< where the program listens on 127.0.0.1 for the browser; 0 = a person types the code */
	uint32_t timeout_ms; /**< one call; 0 = 10000 */
} ouro_sign_in_options;

/** Initial value of ouro_sign_in_options. @since 0.1 */
#define OURO_SIGN_IN_OPTIONS_INIT                                                                  \
	{                                                                                          \
		sizeof(ouro_sign_in_options), 0, 0, 0, 0, 0, 0, 0                                  \
	}

/** Ask the server. Blocks for one call.
 * @param options      Required.
 * @param ret_sign_in  @b Owned: ouro_sign_in_free().
 * @param reterr       May be NULL.
 * @retval OURO_ERR_INVALID  the server is not an https URL (http on this machine), or it does not take the wish
 * @retval OURO_ERR_OFF      the server gives no tokens
 * @retval OURO_ERR_LIMIT    too many wait there; try again in a minute
 * @retval OURO_ERR_PROTOCOL there is no Ouroboros, or one without this
 * @retval OURO_ERR_UNREACHABLE, OURO_ERR_TIMEOUT, OURO_ERR_IO (libcurl is missing)
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_sign_in_begin(
	const ouro_sign_in_options *options, ouro_sign_in **ret_sign_in, ouro_error *reterr);
/** The page that the person opens; https, or http on this machine. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_sign_in_url(const ouro_sign_in *sign_in);
/** What the person types there, "" if the program listens. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_sign_in_code(const ouro_sign_in *sign_in);
/** Id that the browser brings back beside the grant. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_sign_in_id(const ouro_sign_in *sign_in);
/** When the server stops waiting, Unix seconds. @since 0.1 */
OURO_API int64_t ouro_sign_in_ends(const ouro_sign_in *sign_in);
/** Fetch the token, once. Blocks for one call.
 * @param sign_in    From ouro_sign_in_begin().
 * @param grant      What the browser brought; NULL where there is no port.
 * @param ret_text   The whole token, OURO_TOKEN_TEXT_MAX bytes: a secret, for the caller to wipe.
 * @param ret_token  NULL, or filled; size must be set.
 * @param reterr     May be NULL.
 * @retval OURO_ERR_PENDING  nobody answered yet; ask again in a few seconds
 * @retval OURO_ERR_REFUSED  the person refused
 * @retval OURO_ERR_TOKEN    over, fetched already, or the grant is not the one
 * Other errors as ouro_sign_in_begin(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_sign_in_finish(ouro_sign_in *sign_in, const char *grant,
	char ret_text[OURO_TOKEN_TEXT_MAX], ouro_token *ret_token, ouro_error *reterr);
/** Wipe and release. NULL is allowed. @since 0.1 */
OURO_API void ouro_sign_in_free(ouro_sign_in *sign_in);

/** Have the server revoke the token that the program has. Blocks for one call.
 * @param server      As in ouro_sign_in_options.
 * @param ca_file     As there.
 * @param token       The whole token.
 * @param timeout_ms  0 = 10000.
 * @param reterr      May be NULL.
 * @retval OURO_ERR_TOKEN  the server does not know it, or not any more
 * Other errors as ouro_sign_in_begin(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_sign_out(const char *server, const char *ca_file,
	const char *token, uint32_t timeout_ms, ouro_error *reterr);

OURO_END_DECLS

#endif
