/** @file identity.h
 * Sign-in with GitHub and the sealed sessions that follow. */
#ifndef OUROBOROS_IDENTITY_H
#define OUROBOROS_IDENTITY_H

#include <ouroboros/tailnet.h>

OURO_BEGIN_DECLS

/** An account at a sign-in provider; a plain value. @since 0.1 */
typedef struct ouro_identity {
	size_t size;       /**< sizeof, set by OURO_IDENTITY_INIT */
	uint64_t id;       /**< immutable id at the provider, 1 … INT64_MAX */
	char provider[16]; /**< "github" */
	char login[64];    /**< for display only: it can change hands */
} ouro_identity;

/** Initial value of ouro_identity. @since 0.1 */
#define OURO_IDENTITY_INIT                                                                         \
	{                                                                                          \
		sizeof(ouro_identity), 0, {0},                                                     \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

/** A set of sealing keys, a clock and the sessions ended by sign-out. Shared freely between threads. @since 0.1 */
typedef struct ouro_sessions ouro_sessions;

/** How sessions live. @since 0.1 */
typedef struct ouro_sessions_options {
	size_t size; /**< sizeof, set by OURO_SESSIONS_OPTIONS_INIT */
	const char *
		keys; /**< lines "kid:base64 of 32 bytes"; the first seals, all open; NULL = one random key of this process */
	const char *audience;         /**< base URL; bound into every seal; required */
	uint32_t idle_seconds;        /**< 0 = 1800 */
	uint32_t absolute_seconds;    /**< 0 = 43200 */
	int64_t (*clock)(void *user); /**< Unix seconds; NULL = the system's */
	void *clock_user;             /**< handed to clock */
} ouro_sessions_options;

/** Initial value of ouro_sessions_options. @since 0.1 */
#define OURO_SESSIONS_OPTIONS_INIT                                                                 \
	{                                                                                          \
		sizeof(ouro_sessions_options), 0, 0, 0, 0, 0, 0                                    \
	}

/** An open session; a plain value without rights: ask the portal for the person on every request. @since 0.1 */
typedef struct ouro_session {
	size_t size;            /**< sizeof, set by OURO_SESSION_INIT */
	ouro_identity identity; /**< who */
	int64_t authenticated;  /**< Unix seconds of the sign-in */
	int64_t issued;         /**< Unix seconds of the last sealing */
	uint8_t sid[16];        /**< random id of the session */
} ouro_session;

/** Initial value of ouro_session. @since 0.1 */
#define OURO_SESSION_INIT                                                                          \
	{                                                                                          \
		sizeof(ouro_session), OURO_IDENTITY_INIT, 0, 0,                                    \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

/** Room for a sealed session, NUL included. @since 0.1 */
#define OURO_SESSION_TEXT_MAX 512
/** Room for a form token, NUL included. @since 0.1 */
#define OURO_FORM_TOKEN_MAX 64

/** Make a set of sessions.
 * @param options       Required. Keys are @b copied and wiped when freed.
 * @param ret_sessions  @b Owned: ouro_sessions_free().
 * @param reterr        May be NULL.
 * @retval OURO_ERR_CONFIG  a key is malformed, short, doubled or a known sample
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_sessions_new(
	const ouro_sessions_options *options, ouro_sessions **ret_sessions, ouro_error *reterr);
/** Wipe and release. NULL is allowed. @since 0.1 */
OURO_API void ouro_sessions_free(ouro_sessions *sessions);

/** Begin a session with a fresh random id.
 * @param sessions     The set.
 * @param identity     Who signed in just now.
 * @param ret_session  Filled.
 * @param ret_text     Cookie value (base64url), at least OURO_SESSION_TEXT_MAX bytes.
 * @param reterr       May be NULL.
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_session_begin(ouro_sessions *sessions,
	const ouro_identity *identity, ouro_session *ret_session,
	char ret_text[OURO_SESSION_TEXT_MAX], ouro_error *reterr);
/** Open a sealed session and check its times and that it was not ended.
 * @param sessions     The set.
 * @param text         Cookie value; not trusted.
 * @param length       Its length.
 * @param ret_session  Filled.
 * @param ret_renewed  "" or a new cookie value to set (older than 5 minutes), at least OURO_SESSION_TEXT_MAX bytes.
 * @param reterr       May be NULL.
 * @retval OURO_ERR_EXPIRED  idle or absolute time over, or ended
 * @retval OURO_ERR_INVALID  not sealed by one of these keys for this audience
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_session_open(ouro_sessions *sessions, const char *text,
	size_t length, ouro_session *ret_session, char ret_renewed[OURO_SESSION_TEXT_MAX],
	ouro_error *reterr);
/** End a session here: its cookies no longer open. @since 0.1 */
OURO_API void ouro_session_end(ouro_sessions *sessions, const ouro_session *session);
/** Token that forms of this session carry. @p ret_token holds at least OURO_FORM_TOKEN_MAX bytes. @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_session_form_token(ouro_sessions *sessions,
	const ouro_session *session, char ret_token[OURO_FORM_TOKEN_MAX], ouro_error *reterr);
/** Constant-time check of a form token. @retval OURO_ERR_STATE not of this session @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_session_form_check(ouro_sessions *sessions,
	const ouro_session *session, const char *token, size_t length, ouro_error *reterr);

/** GitHub (or GitHub Enterprise) as sign-in provider. Shared freely between threads. @since 0.1 */
typedef struct ouro_github ouro_github;

/** How to use GitHub. Texts are copied. @since 0.1 */
typedef struct ouro_github_options {
	size_t size;               /**< sizeof, set by OURO_GITHUB_OPTIONS_INIT */
	const char *client_id;     /**< required */
	const char *client_secret; /**< required; wiped when freed */
	const char *callback_url;  /**< exact redirect_uri; required */
	const char *url;           /**< NULL = https://github.com */
	const char *api_url; /**< NULL = https://api.github.com, or URL/api/v3 if url is set */
	const char *ca_file; /**< private CA for an Enterprise server; NULL = system's */
	ouro_sessions *
		sessions; /**< seals the sign-in state; required, @b borrowed, must outlive the handle */
	uint32_t timeout_ms; /**< a call; 0 = 10000 */
	ouro_log_fn log;     /**< NULL = silent */
	void *log_user;      /**< handed to log */
} ouro_github_options;

/** Initial value of ouro_github_options. @since 0.1 */
#define OURO_GITHUB_OPTIONS_INIT                                                                   \
	{                                                                                          \
		sizeof(ouro_github_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0                          \
	}

/** Longest purpose text of a sign-in, NUL included. @since 0.1 */
#define OURO_PURPOSE_MAX 128
/** Room for the sealed sign-in state, NUL included. @since 0.1 */
#define OURO_STATE_TEXT_MAX 1024
/** Room for the authorize URL, NUL included. @since 0.1 */
#define OURO_AUTHORIZE_URL_MAX 2048
/** Room for the tag that names the state cookie, NUL included. @since 0.1 */
#define OURO_STATE_TAG_MAX 9

/** @param options  Required.
 * @param ret_github  @b Owned: ouro_github_free(), before the sessions it uses.
 * @param reterr  May be NULL.
 * @retval OURO_ERR_INVALID  something required is missing, or a URL is neither https nor loopback http
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_github_new(
	const ouro_github_options *options, ouro_github **ret_github, ouro_error *reterr);
/** Wipe and release. NULL is allowed. @since 0.1 */
OURO_API void ouro_github_free(ouro_github *github);

/** Begin a sign-in: random state and PKCE verifier, sealed for this browser.
 * @param github      The provider.
 * @param purpose     What to do afterwards, a word of the caller's ("devices", "register:KEY"); printable ASCII, shorter than OURO_PURPOSE_MAX.
 * @param ret_url     Where to send the browser; OURO_AUTHORIZE_URL_MAX bytes.
 * @param ret_sealed  Value of the state cookie (10 minutes); OURO_STATE_TEXT_MAX bytes.
 * @param ret_tag     8 hex digits to name the cookie by, so that tabs can sign in side by side.
 * @param reterr      May be NULL.
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_github_begin(ouro_github *github, const char *purpose,
	char ret_url[OURO_AUTHORIZE_URL_MAX], char ret_sealed[OURO_STATE_TEXT_MAX],
	char ret_tag[OURO_STATE_TAG_MAX], ouro_error *reterr);
/** The tag that belongs to a state from the callback's query; works on any input. @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_github_tag(
	const char *state, size_t length, char ret_tag[OURO_STATE_TAG_MAX], ouro_error *reterr);

/** Finish a sign-in. The state is checked before anything is exchanged; blocks for two calls to GitHub; the token is given
 * back to GitHub and wiped.
 * @param github        The provider.
 * @param code          From the callback's query; not trusted.
 * @param state         From the callback's query; not trusted.
 * @param sealed        Value of the state cookie; not trusted, NULL if absent.
 * @param ret_identity  Filled; size must be set.
 * @param ret_purpose   As given to ouro_github_begin(); OURO_PURPOSE_MAX bytes.
 * @param reterr        May be NULL.
 * @retval OURO_ERR_STATE     no cookie, another browser's, or replayed: nothing was sent to GitHub
 * @retval OURO_ERR_EXPIRED   older than 10 minutes: nothing was sent to GitHub
 * @retval OURO_ERR_PROVIDER  GitHub failed, or refused the code
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_github_finish(ouro_github *github, const char *code,
	const char *state, const char *sealed, ouro_identity *ret_identity,
	char ret_purpose[OURO_PURPOSE_MAX], ouro_error *reterr);

OURO_END_DECLS

#endif
