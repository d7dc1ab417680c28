/** @file nodes.h
 * What a person can do with devices. Every write reads the node anew, decides on what was read, acts once and writes an
 * audit record; another's node and a missing one are the same OURO_ERR_NOTFOUND. All calls block up to the tailnet's
 * timeouts and may be made from any thread. */
#ifndef OUROBOROS_NODES_H
#define OUROBOROS_NODES_H

#include <ouroboros/model.h>
#include <ouroboros/portal.h>

OURO_BEGIN_DECLS

/** An immutable selection of nodes. @since 0.1 */
typedef struct ouro_node_list ouro_node_list;

/** Whose nodes. @since 0.1 */
enum ouro_scope { OURO_SCOPE_MINE = 0, OURO_SCOPE_OTHERS = 1, OURO_SCOPE_ALL = 2 };
/** Which nodes. @since 0.1 */
enum ouro_filter {
	OURO_FILTER_ALL = 0,     /**< every node */
	OURO_FILTER_ONLINE = 1,  /**< online and not expired */
	OURO_FILTER_OFFLINE = 2, /**< offline and not expired */
	OURO_FILTER_EXPIRED = 3, /**< must log in again */
	OURO_FILTER_WAITING = 4, /**< offers a route or exit node that waits for approval */
	OURO_FILTER_ROUTES = 5   /**< has any route or exit prefix */
};
/** In which order; ties by id. @since 0.1 */
enum ouro_sort {
	OURO_SORT_NAME = 0,      /**< by name, case folded (ASCII) */
	OURO_SORT_LAST_SEEN = 1, /**< online first, then latest first */
	OURO_SORT_EXPIRY = 2,    /**< soonest first, never last */
	OURO_SORT_OWNER = 3      /**< by user name, then name */
};

/** A question for nodes. Zero is the default. @since 0.1 */
typedef struct ouro_nodes_query {
	size_t size;    /**< sizeof, set by OURO_NODES_QUERY_INIT */
	int32_t scope;  /**< enum ouro_scope */
	int32_t filter; /**< enum ouro_filter */
	int32_t sort;   /**< enum ouro_sort */
	const char *
		search; /**< substring of names, host names, addresses, tags, user names or routes; ASCII case folded; NULL = all */
	size_t offset;  /**< skip so many matches */
	size_t limit;   /**< at most so many; 0 = all */
} ouro_nodes_query;

/** Initial value of ouro_nodes_query. @since 0.1 */
#define OURO_NODES_QUERY_INIT                                                                      \
	{                                                                                          \
		sizeof(ouro_nodes_query), 0, 0, 0, 0, 0, 0                                         \
	}

/** About a write. Zero is the default. @since 0.1 */
typedef struct ouro_write_options {
	size_t size; /**< sizeof, set by OURO_WRITE_OPTIONS_INIT */
	uint64_t
		seen; /**< ouro_node_fingerprint() that the decision was based on; 0 = do not check */
	const char
		*address; /**< where the person came from, for the audit record; NULL = unknown */
	const char *
		user; /**< ouro_node_register() only: one of the person's users; NULL = the first */
} ouro_write_options;

/** Initial value of ouro_write_options. @since 0.1 */
#define OURO_WRITE_OPTIONS_INIT                                                                    \
	{                                                                                          \
		sizeof(ouro_write_options), 0, 0, 0                                                \
	}

/** Nodes that the person may see, from a snapshot at most freshness_ms old if Headscale answers.
 * @param person    Who asks.
 * @param query     NULL = own nodes by name.
 * @param ret_list  @b Owned: ouro_node_list_free().
 * @param reterr    May be NULL.
 * @retval OURO_ERR_UNREACHABLE, OURO_ERR_TIMEOUT, OURO_ERR_UNAUTHENTICATED, OURO_ERR_PROTOCOL  and there is no snapshot at all
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_nodes_list(const ouro_person *person,
	const ouro_nodes_query *query, ouro_node_list **ret_list, ouro_error *reterr);
/** Number of nodes in the selection (this page). @since 0.1 */
OURO_API size_t ouro_node_list_count(const ouro_node_list *list);
/** One node. @b Borrowed from the list; NULL out of range. @since 0.1 */
OURO_API const ouro_node *ouro_node_list_at(const ouro_node_list *list, size_t index);
/** Number of matches before offset and limit. @since 0.1 */
OURO_API size_t ouro_node_list_total(const ouro_node_list *list);
/** Number of the person's own nodes before search and filter. @since 0.1 */
OURO_API size_t ouro_node_list_mine_total(const ouro_node_list *list);
/** Number of visible nodes of others before search and filter. @since 0.1 */
OURO_API size_t ouro_node_list_others_total(const ouro_node_list *list);
/** Unix seconds when Headscale said so. @since 0.1 */
OURO_API int64_t ouro_node_list_as_of(const ouro_node_list *list);
/** 1 if older than asked for because Headscale does not answer. @since 0.1 */
OURO_API int ouro_node_list_stale(const ouro_node_list *list);
/** Changes whenever the content of the snapshot changed; the same while it is unchanged. For conditional answers. @since 0.1 */
OURO_API uint64_t ouro_node_list_generation(const ouro_node_list *list);
/** Release. NULL is allowed. @since 0.1 */
OURO_API void ouro_node_list_free(ouro_node_list *list);

/** One node that the person may see, from the snapshot.
 * @param person    Who asks.
 * @param id        Node id.
 * @param ret_node  @b Owned: ouro_node_free().
 * @param reterr    May be NULL.
 * @retval OURO_ERR_NOTFOUND  missing, or not visible for this person
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_node_get(
	const ouro_person *person, uint64_t id, ouro_node **ret_node, ouro_error *reterr);

/** Check a name by the rule of the server's generation without calling it.
 * @retval OURO_ERR_INVALID   not a name there; the text says the rule
 * @retval OURO_ERR_CONFLICT  another visible or invisible node has it in the snapshot
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_node_name_check(
	const ouro_person *person, uint64_t id, const char *name, ouro_error *reterr);

/** Rename an own node. Setting the present name succeeds without a call.
 * @param person    Who.
 * @param id        Node id.
 * @param name      New name; checked first.
 * @param options   NULL = defaults.
 * @param ret_node  NULL, or @b owned: the node afterwards; set to NULL if the write is done but could not be read back.
 * @param reterr    May be NULL.
 * @retval OURO_ERR_NOTFOUND   missing, another's or tagged
 * @retval OURO_ERR_DENIED     rules
 * @retval OURO_ERR_INVALID    not a name there
 * @retval OURO_ERR_CONFLICT   taken
 * @retval OURO_ERR_CHANGED    options.seen differs; nothing was done
 * @retval OURO_ERR_UNCERTAIN  the call broke off
 * @retval OURO_ERR_REJECTED   the server refused; its words are in the text
 * @retval OURO_ERR_UNSUPPORTED  this version has no such operation, or is newer than known (OURO_CAN_ONLY_READ); nothing was sent
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_node_rename(const ouro_person *person, uint64_t id,
	const char *name, const ouro_write_options *options, ouro_node **ret_node,
	ouro_error *reterr);
/** Log an own node out: it stays in the list and must log in again. Errors as ouro_node_rename(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_node_expire(const ouro_person *person, uint64_t id,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
/** Put the end of an own node's key off (or bring it nearer): at @p expiry it must log in again.
 * @param person    Who.
 * @param id        Node id.
 * @param expiry    Unix seconds, in the future; OURO_TIME_NEVER = no end at all.
 * @param options   NULL = defaults.
 * @param ret_node  As with ouro_node_rename().
 * @param reterr    May be NULL.
 * @retval OURO_ERR_DENIED       rules: extend_expiry is off, or that is further ahead than it allows
 * @retval OURO_ERR_INVALID      not in the future
 * @retval OURO_ERR_UNSUPPORTED  needs OURO_CAN_SET_EXPIRY, or OURO_CAN_NEVER_EXPIRE; nothing was sent
 * Other errors as ouro_node_rename(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_node_extend(const ouro_person *person, uint64_t id,
	int64_t expiry, const ouro_write_options *options, ouro_node **ret_node,
	ouro_error *reterr);
/** The furthest end that the rules let this person give a node's key at this moment: Unix seconds, 0 = the rule is off,
 * OURO_TIME_NEVER = no bound (holder).
 * @param person     Who.
 * @param ret_never  May be NULL. 1 = no end at all is allowed too, 0 = not.
 * @since 0.1 */
OURO_API int64_t ouro_person_extend_until(const ouro_person *person, int *ret_never);
/** 1 if scopes and rules let this person do enum ouro_action with this very node: ouro_person_may() for an own one; for a kept one
 * removing only where the rule keepers says so; 0 for another's. For showing; every call checks by itself. @since 0.1 */
OURO_API int ouro_node_may(const ouro_person *person, const ouro_node *node, int action);
/** Remove an own node for good. Errors as ouro_node_rename(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_node_delete(const ouro_person *person, uint64_t id,
	const ouro_write_options *options, ouro_error *reterr);
/** Switch exit-node traffic of an own node, IPv4 and IPv6 as one.
 * 1 approves what it offers, 0 withdraws both.
 * @retval OURO_ERR_INVALID  switched on, but it offers no exit prefix
 * Other errors as ouro_node_rename(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_node_exit_node_set(const ouro_person *person, uint64_t id,
	int on, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
/** Approve a prefix that an own node advertises; exactly as announced, exit prefixes only through the switch.
 * @retval OURO_ERR_DENIED  outside the rules, or the tailnet's own, loopback or link-local range
 * Other errors as ouro_node_rename(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_route_approve(const ouro_person *person, uint64_t id,
	const char *prefix, const ouro_write_options *options, ouro_node **ret_node,
	ouro_error *reterr);
/** Withdraw the approval of a prefix of an own node. Errors as ouro_node_rename(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_route_withdraw(const ouro_person *person, uint64_t id,
	const char *prefix, const ouro_write_options *options, ouro_node **ret_node,
	ouro_error *reterr);
/** Forget a prefix that an own node no longer offers (needs OURO_CAN_FORGET_ROUTES).
 * @retval OURO_ERR_UNSUPPORTED  this version has no such list
 * Other errors as ouro_node_rename(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_route_forget(const ouro_person *person, uint64_t id,
	const char *prefix, const ouro_write_options *options, ouro_node **ret_node,
	ouro_error *reterr);

/** Make the approved prefixes of an own node exactly these: what is missing is approved, what is too many is withdrawn; both exit
 * prefixes are one switch. Every change is decided first; nothing is done if one is refused. Where the server has a list (0.26 and
 * later) it is one call; before, one a route, and a failure half way says what was done.
 * @param person    Who.
 * @param id        Node id.
 * @param prefixes  @p count texts, as announced; may be NULL if @p count is 0.
 * @param count     Number of prefixes.
 * @param options   NULL = defaults.
 * @param ret_node  As with ouro_node_rename().
 * @param reterr    May be NULL.
 * Errors as ouro_route_approve() and ouro_node_exit_node_set(). @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_routes_set(const ouro_person *person, uint64_t id,
	const char *const *prefixes, size_t count, const ouro_write_options *options,
	ouro_node **ret_node, ouro_error *reterr);

/** Longest registration key, NUL included. @since 0.1 */
#define OURO_REGISTRATION_MAX 80

/** A registration key; a plain value. @since 0.1 */
typedef struct ouro_registration {
	size_t size;                     /**< sizeof, set by OURO_REGISTRATION_INIT */
	int32_t form;                    /**< 1 mkey:…, 2 24 characters, 3 hskey-authreq-… */
	char key[OURO_REGISTRATION_MAX]; /**< as Headscale wants it */
} ouro_registration;

/** Initial value of ouro_registration. @since 0.1 */
#define OURO_REGISTRATION_INIT                                                                     \
	{                                                                                          \
		sizeof(ouro_registration), 0,                                                      \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

/** Read a key out of what a person pasted: a key, or a link ending in /register/KEY or /oidc/register/KEY. A link to
 * /auth/… is refused: it belongs to an SSH check. The bare id of such a check has the form of a key (3) and cannot be told from
 * one: take that form from people as a whole link only, since Headscale 0.29 ends when such an id is registered.
 * @param text     Not trusted; surrounding white space is dropped.
 * @param length   Bytes of text; at most 2048.
 * @param ret_reg  Filled; size must be set.
 * @param reterr   May be NULL.
 * @retval OURO_ERR_INVALID  none of the known forms
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_registration_parse(
	const char *text, size_t length, ouro_registration *ret_reg, ouro_error *reterr);

/** Register a pending device for the person. A success means that a node exists, not that the device is online: poll
 * ouro_node_get(). Never repeated by itself. *ret_node as with ouro_node_rename(): NULL if it could not be read back.
 * @retval OURO_ERR_KEY_UNKNOWN  used up, expired or unknown
 * @retval OURO_ERR_OTHER_OWNER  somebody else's device (up to 0.24)
 * @retval OURO_ERR_DENIED       rules (register, max_nodes)
 * @retval OURO_ERR_UNCERTAIN    the call broke off
 * @retval OURO_ERR_NOTFOUND     options.user is not one of the person's, or unknown to Headscale
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_node_register(const ouro_person *person,
	const ouro_registration *registration, const ouro_write_options *options,
	ouro_node **ret_node, ouro_error *reterr);

OURO_END_DECLS

#endif
