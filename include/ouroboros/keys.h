/** @file keys.h
 * Pre-auth keys: what a device without a screen joins with (`tailscale up --auth-key=…`). A person makes, sees and ends own ones,
 * within the rule keys; the holder of the server's credentials those of every user. All calls block up to the tailnet's timeouts
 * and may be made from any thread. */
#ifndef OUROBOROS_KEYS_H
#define OUROBOROS_KEYS_H

#include <ouroboros/nodes.h>

OURO_BEGIN_DECLS

/** A pre-auth key; immutable. @since 0.1 */
typedef struct ouro_key ouro_key;
/** Keys, newest first. @since 0.1 */
typedef struct ouro_key_list ouro_key_list;

/** Room for a whole key, NUL included. @since 0.1 */
#define OURO_KEY_TEXT_MAX 160

/** State of a key. @since 0.1 */
enum ouro_key_state {
	OURO_KEY_ALIVE = 0,  /**< a device can join with it */
	OURO_KEY_USED = 1,   /**< made for one device, which has joined */
	OURO_KEY_EXPIRED = 2 /**< its time is over, or it was ended */
};

/** Numeric id at Headscale, never 0. @since 0.1 */
OURO_API uint64_t ouro_key_id(const ouro_key *key);
/** Its beginning, to tell keys apart ("hskey-auth-3f…", "3fa9c1…"); never the whole. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_key_hint(const ouro_key *key);
/** Numeric id of the Headscale user whom devices join as; 0 = a key for tagged devices. @since 0.1 */
OURO_API uint64_t ouro_key_user_id(const ouro_key *key);
/** Name of that user, "" if none. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_key_user_name(const ouro_key *key);
/** Number of tags that devices get. @since 0.1 */
OURO_API size_t ouro_key_tag_count(const ouro_key *key);
/** One tag. @b Borrowed; NULL out of range. @since 0.1 */
OURO_API const char *ouro_key_tag(const ouro_key *key, size_t index);
/** 1 if several devices can join with it. @since 0.1 */
OURO_API int ouro_key_reusable(const ouro_key *key);
/** 1 if its devices vanish when they go. @since 0.1 */
OURO_API int ouro_key_ephemeral(const ouro_key *key);
/** 1 if a device joined with it; of a reusable one only Headscale up to 0.24 says so. @since 0.1 */
OURO_API int ouro_key_used(const ouro_key *key);
/** Its end, Unix seconds. @since 0.1 */
OURO_API int64_t ouro_key_expiration(const ouro_key *key);
/** When it was made, Unix seconds, or OURO_TIME_NEVER. @since 0.1 */
OURO_API int64_t ouro_key_created(const ouro_key *key);
/** enum ouro_key_state at the time @p now (Unix seconds). @since 0.1 */
OURO_API int ouro_key_state(const ouro_key *key, int64_t now);
/** Wipe and release a key that was returned @b owned. NULL is allowed. @since 0.1 */
OURO_API void ouro_key_free(ouro_key *key);

/** What a new key shall be. Zero is the default. @since 0.1 */
typedef struct ouro_key_wish {
	size_t size;       /**< sizeof, set by OURO_KEY_WISH_INIT */
	int32_t reusable;  /**< 1: for several devices */
	int32_t ephemeral; /**< 1: its devices vanish when they go */
	int64_t expires;   /**< Unix seconds; 0 = in an hour */
	const char
		*user; /**< one of the person's users; NULL = the first. The holder must name one */
} ouro_key_wish;

/** Initial value of ouro_key_wish. @since 0.1 */
#define OURO_KEY_WISH_INIT                                                                         \
	{                                                                                          \
		sizeof(ouro_key_wish), 0, 0, 0, 0                                                  \
	}

/** What the rule keys allows a person at this moment; a plain value. @since 0.1 */
typedef struct ouro_key_limits {
	size_t size;       /**< sizeof, set by OURO_KEY_LIMITS_INIT */
	int32_t on;        /**< 0: the rule is off */
	int32_t reusable;  /**< 1: allowed */
	int32_t ephemeral; /**< 1: allowed */
	int64_t until;     /**< furthest end, Unix seconds; OURO_TIME_NEVER = no bound (holder) */
	uint64_t alive;    /**< most keys alive at a time; 0 = no bound */
} ouro_key_limits;

/** Initial value of ouro_key_limits. @since 0.1 */
#define OURO_KEY_LIMITS_INIT                                                                       \
	{                                                                                          \
		sizeof(ouro_key_limits), 0, 0, 0, 0, 0                                             \
	}

/** Filled from the rules; ret_limits->size must be set. @since 0.1 */
OURO_API void ouro_person_key_limits(const ouro_person *person, ouro_key_limits *ret_limits);

/** Own keys, read from Headscale now; the holder gets those of every user.
 * @param person    Who.
 * @param ret_list  @b Owned: ouro_key_list_free().
 * @param reterr    May be NULL.
 * @retval OURO_ERR_DENIED  the rule keys is off
 * @retval OURO_ERR_UNREACHABLE, OURO_ERR_TIMEOUT, OURO_ERR_UNAUTHENTICATED, OURO_ERR_PROTOCOL
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_keys_list(
	const ouro_person *person, ouro_key_list **ret_list, ouro_error *reterr);
/** Number of keys. @since 0.1 */
OURO_API size_t ouro_key_list_count(const ouro_key_list *list);
/** One of them. @b Borrowed from the list; NULL out of range. @since 0.1 */
OURO_API const ouro_key *ouro_key_list_at(const ouro_key_list *list, size_t index);
/** Wipe and release. NULL is allowed. @since 0.1 */
OURO_API void ouro_key_list_free(ouro_key_list *list);

/** Make a key for own devices. Never repeated by itself.
 * @param person    Who.
 * @param wish      NULL = for one device, within an hour.
 * @param options   NULL = defaults.
 * @param ret_text  The whole key, OURO_KEY_TEXT_MAX bytes: a secret, shown once.
 * @param ret_key   NULL, or @b owned: ouro_key_free().
 * @param reterr    May be NULL.
 * @retval OURO_ERR_DENIED     the rule keys: off, too long, not reusable, not ephemeral, or as many are alive as it allows
 * @retval OURO_ERR_INVALID    an end that is not ahead
 * @retval OURO_ERR_NOTFOUND   wish.user is not one of the person's, or unknown to Headscale
 * @retval OURO_ERR_UNCERTAIN  the call broke off: look at the list
 * Other errors as ouro_node_rename(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_key_create(const ouro_person *person,
	const ouro_key_wish *wish, const ouro_write_options *options,
	char ret_text[OURO_KEY_TEXT_MAX], ouro_key **ret_key, ouro_error *reterr);
/** End an own key: nobody joins with it any more. Whose it is, is decided on the key as just read. A key that is over already is
 * a success without a call.
 * @retval OURO_ERR_NOTFOUND  missing or another's: the same
 * Other errors as ouro_key_create(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_key_revoke(const ouro_person *person, uint64_t id,
	const ouro_write_options *options, ouro_error *reterr);

OURO_END_DECLS

#endif
