/** @file portal.h
 * The door: identities become persons here, and only persons can do anything. */
#ifndef OUROBOROS_PORTAL_H
#define OUROBOROS_PORTAL_H

#include <ouroboros/directory.h>
#include <ouroboros/identity.h>
#include <ouroboros/store.h>
#include <ouroboros/tailnet.h>

OURO_BEGIN_DECLS

/** A tailnet, a directory and a place for the audit record. Shared freely between threads. @since 0.1 */
typedef struct ouro_portal ouro_portal;
/** Somebody with the rights of the moment; immutable, any thread. Get one per request. @since 0.1 */
typedef struct ouro_person ouro_person;

/** Receives one audit record: a JSON object on one line, without a newline. Called in order, one at a time. @since 0.1 */
typedef void (*ouro_audit_fn)(void *user, const char *line, size_t length);

/** What a portal may be given. Zero is the default. @since 0.1 */
typedef struct ouro_portal_options {
	size_t size;                  /**< sizeof, set by OURO_PORTAL_OPTIONS_INIT */
	ouro_audit_fn audit;          /**< NULL = no record */
	void *audit_user;             /**< handed to audit */
	int64_t (*clock)(void *user); /**< Unix seconds; NULL = the system's */
	void *clock_user;             /**< handed to clock */
	ouro_store *
		store; /**< personal tokens and a second copy of the audit record; NULL = none: tokens are off. @b Borrowed: must outlive the portal */
} ouro_portal_options;

/** Initial value of ouro_portal_options. @since 0.1 */
#define OURO_PORTAL_OPTIONS_INIT                                                                   \
	{                                                                                          \
		sizeof(ouro_portal_options), 0, 0, 0, 0, 0                                         \
	}

/** What a person may be allowed to do with nodes. @since 0.1 */
enum ouro_action {
	OURO_ACTION_SEE_OTHERS = 0, /**< see other people's nodes and routes */
	OURO_ACTION_RENAME = 1,     /**< rename own nodes */
	OURO_ACTION_EXPIRE = 2,     /**< log own nodes out */
	OURO_ACTION_DELETE = 3,     /**< remove own nodes */
	OURO_ACTION_REGISTER = 4,   /**< add nodes */
	OURO_ACTION_EXIT_NODE = 5,  /**< switch own exit nodes */
	OURO_ACTION_ROUTES = 6,     /**< approve, withdraw and forget own routes */
	OURO_ACTION_EXTEND = 7,     /**< put off the end of own nodes' keys */
	OURO_ACTION_KEYS = 8,       /**< make, see and end own pre-auth keys */
	OURO_ACTION_TOKENS = 9      /**< make, see and revoke own personal tokens */
};

/** Join the parts.
 * @param tailnet     @b Borrowed: must outlive the portal.
 * @param directory   @b Borrowed: must outlive the portal.
 * @param options     NULL = defaults.
 * @param ret_portal  @b Owned: ouro_portal_free().
 * @param reterr      May be NULL.
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_portal_new(ouro_tailnet *tailnet,
	ouro_directory *directory, const ouro_portal_options *options, ouro_portal **ret_portal,
	ouro_error *reterr);
/** Release, after its persons. NULL is allowed. @since 0.1 */
OURO_API void ouro_portal_free(ouro_portal *portal);

/** The person behind an identity, with the map and the rules of this moment.
 * @param portal      The portal.
 * @param identity    From ouro_github_finish() or a session.
 * @param ret_person  @b Owned: ouro_person_free().
 * @param reterr      May be NULL.
 * @retval OURO_ERR_UNMAPPED  nobody gave this account a user
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_portal_person(ouro_portal *portal,
	const ouro_identity *identity, ouro_person **ret_person, ouro_error *reterr);
/** The holder of the tailnet's own credentials: sees every node as its own, no rules; the audit record says "holder".
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_person_holder(
	ouro_portal *portal, ouro_person **ret_person, ouro_error *reterr);
/** The holder of the tailnet's own credentials in the shoes of one Headscale user: owns what that user owns and nothing else, by the
 * rules of the portal's directory at this moment; the audit record says "operator". Asks the server whether there is such a user.
 * @param portal      The portal.
 * @param user        Name of a Headscale user.
 * @param ret_person  @b Owned: ouro_person_free().
 * @param reterr      May be NULL.
 * @retval OURO_ERR_NOTFOUND  the server has no user of that name, or several
 * @retval OURO_ERR_UNREACHABLE, OURO_ERR_TIMEOUT, OURO_ERR_UNAUTHENTICATED, OURO_ERR_PROTOCOL  as ouro_nodes_list()
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_person_as(
	ouro_portal *portal, const char *user, ouro_person **ret_person, ouro_error *reterr);
/** Release. NULL is allowed. @since 0.1 */
OURO_API void ouro_person_free(ouro_person *person);
/** Number of Headscale users of this person. @since 0.1 */
OURO_API size_t ouro_person_user_count(const ouro_person *person);
/** Name of one of them; the first is the one new devices join as. @b Borrowed; NULL out of range. @since 0.1 */
OURO_API const char *ouro_person_user(const ouro_person *person, size_t index);
/** 1 if the rules let this person do enum ouro_action with own nodes. For showing; every call checks by itself.
 * @since 0.1 */
OURO_API int ouro_person_may(const ouro_person *person, int action);
/** OURO_TOKEN_* bits (tokens.h): what the credentials at hand are good for. All of them unless a personal token is used.
 * @since 0.1 */
OURO_API uint32_t ouro_person_scopes(const ouro_person *person);
/** Who it is; id 0 for the holder. @b Borrowed. @since 0.1 */
OURO_API const ouro_identity *ouro_person_identity(const ouro_person *person);

/** Headscale users that a person can name. @since 0.1 */
typedef struct ouro_user_list ouro_user_list;

/** The person's own users that the server has now; the holder gets all that the server shows. From a snapshot like ouro_nodes_list().
 * @param person    Who.
 * @param ret_list  @b Owned: ouro_user_list_free().
 * @param reterr    May be NULL.
 * @retval OURO_ERR_UNREACHABLE, OURO_ERR_TIMEOUT, OURO_ERR_UNAUTHENTICATED, OURO_ERR_PROTOCOL  as ouro_nodes_list()
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_users_list(
	const ouro_person *person, ouro_user_list **ret_list, ouro_error *reterr);
/** Number of users. @since 0.1 */
OURO_API size_t ouro_user_list_count(const ouro_user_list *list);
/** Name of one of them; may be empty on some servers. @b Borrowed; NULL out of range. @since 0.1 */
OURO_API const char *ouro_user_list_name(const ouro_user_list *list, size_t index);
/** Numeric id of one of them, 0 out of range. @since 0.1 */
OURO_API uint64_t ouro_user_list_id(const ouro_user_list *list, size_t index);
/** Release. NULL is allowed. @since 0.1 */
OURO_API void ouro_user_list_free(ouro_user_list *list);

OURO_END_DECLS

#endif
