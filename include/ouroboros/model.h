/** @file model.h
 * What Headscale knows, as immutable values: nodes and their routes.
 *
 * A list and everything borrowed from it may be read from any thread until the list is freed.
 * All texts are valid UTF-8 without control characters' guarantee: escape them for where they go. */
#ifndef OUROBOROS_MODEL_H
#define OUROBOROS_MODEL_H

#include <ouroboros/error.h>

OURO_BEGIN_DECLS

/** One device of the tailnet. @since 0.1 */
typedef struct ouro_node ouro_node;
/** One prefix that a node offers or may carry. @since 0.1 */
typedef struct ouro_route ouro_route;

/** State of a node in the order of truth: expired wins over online, online over last seen. @since 0.1 */
enum ouro_node_state {
	OURO_NODE_OFFLINE = 0, /**< no connection to Headscale now */
	OURO_NODE_ONLINE = 1,  /**< Headscale believes it connected (up to 16 minutes late) */
	OURO_NODE_EXPIRED = 2  /**< its key is over: it must log in again */
};

/** How a node joined. @since 0.1 */
enum ouro_register_method {
	OURO_REGISTER_UNKNOWN = 0,  /**< the server does not say */
	OURO_REGISTER_AUTH_KEY = 1, /**< with a pre-auth key */
	OURO_REGISTER_CLI = 2,      /**< by registration key: a link or the administrator */
	OURO_REGISTER_OIDC = 3      /**< through Headscale's own OIDC */
};

/** What exit-node traffic through a node looks like (both address families are one switch). @since 0.1 */
enum ouro_exit_state {
	OURO_EXIT_NONE = 0,    /**< not offered and not approved */
	OURO_EXIT_OFFERED = 1, /**< offered, waiting for approval */
	OURO_EXIT_ON = 2,      /**< offered and approved */
	OURO_EXIT_IDLE = 3     /**< approved although the node does not offer it now */
};

/** The node offers this prefix now. @since 0.1 */
#define OURO_ROUTE_ADVERTISED 0x1u
/** The prefix is allowed here. @since 0.1 */
#define OURO_ROUTE_APPROVED 0x2u
/** Traffic goes through this node now. @since 0.1 */
#define OURO_ROUTE_SERVING 0x4u
/** 0.0.0.0/0 or ::/0. @since 0.1 */
#define OURO_ROUTE_EXIT 0x8u

/** Numeric id, never 0. @since 0.1 */
OURO_API uint64_t ouro_node_id(const ouro_node *node);
/** Name that others type (MagicDNS label); may be empty on some servers. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_node_name(const ouro_node *node);
/** Host name that the device itself reported; any Unicode. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_node_host_name(const ouro_node *node);
/** Numeric id of the Headscale user, 0 if the node belongs to nobody (tagged). @since 0.1 */
OURO_API uint64_t ouro_node_user_id(const ouro_node *node);
/** Name of the Headscale user, "" if none. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_node_user_name(const ouro_node *node);
/** Number of addresses. @since 0.1 */
OURO_API size_t ouro_node_address_count(const ouro_node *node);
/** One address as text. @b Borrowed; NULL if @p index is out of range. @since 0.1 */
OURO_API const char *ouro_node_address(const ouro_node *node, size_t index);
/** Number of effective tags. @since 0.1 */
OURO_API size_t ouro_node_tag_count(const ouro_node *node);
/** One tag, "tag:…". @b Borrowed; NULL if @p index is out of range. @since 0.1 */
OURO_API const char *ouro_node_tag(const ouro_node *node, size_t index);
/** Number of routes, exit prefixes included. @since 0.1 */
OURO_API size_t ouro_node_route_count(const ouro_node *node);
/** One route. @b Borrowed; NULL if @p index is out of range. @since 0.1 */
OURO_API const ouro_route *ouro_node_route(const ouro_node *node, size_t index);
/** 1 if Headscale says connected. Prefer ouro_node_state(). @since 0.1 */
OURO_API int ouro_node_online(const ouro_node *node);
/** 1 if it joined with an ephemeral key and vanishes when it goes. @since 0.1 */
OURO_API int ouro_node_ephemeral(const ouro_node *node);
/** End of the node's key, Unix seconds, or OURO_TIME_NEVER. @since 0.1 */
OURO_API int64_t ouro_node_expiry(const ouro_node *node);
/** Last connect or disconnect, Unix seconds, or OURO_TIME_NEVER. @since 0.1 */
OURO_API int64_t ouro_node_last_seen(const ouro_node *node);
/** When it joined, Unix seconds, or OURO_TIME_NEVER. @since 0.1 */
OURO_API int64_t ouro_node_created(const ouro_node *node);
/** enum ouro_register_method. @since 0.1 */
OURO_API int ouro_node_register_method(const ouro_node *node);
/** enum ouro_node_state at the time @p now (Unix seconds). @since 0.1 */
OURO_API int ouro_node_state(const ouro_node *node, int64_t now);
/** enum ouro_exit_state. @since 0.1 */
OURO_API int ouro_node_exit_state(const ouro_node *node);
/** 1 if the person whom this node was read for owns it. @since 0.1 */
OURO_API int ouro_node_mine(const ouro_node *node);
/** 1 if the person whom this node was read for keeps it: it carries a tag that the rule keepers gives to the person. Such a node
 * is listed among the person's own; ouro_node_mine() is 1 too. @since 0.1 */
OURO_API int ouro_node_kept(const ouro_node *node);
/** Unix seconds when Headscale said all this. @since 0.1 */
OURO_API int64_t ouro_node_as_of(const ouro_node *node);
/** 1 if that is older than was asked for because Headscale does not answer, or not yet: what was done since may not show. @since 0.1 */
OURO_API int ouro_node_stale(const ouro_node *node);
/** Fingerprint of what a person could change or decide by (name, owner, tags, expiry, approvals), never 0.
 * Give it back as ouro_write_options.seen to have a write refused when the node changed meanwhile. @since 0.1 */
OURO_API uint64_t ouro_node_fingerprint(const ouro_node *node);
/** Release a node that was returned @b owned. NULL is allowed. @since 0.1 */
OURO_API void ouro_node_free(ouro_node *node);

/** Prefix in CIDR notation exactly as the node announced it. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_route_prefix(const ouro_route *route);
/** OURO_ROUTE_* bits. @since 0.1 */
OURO_API uint32_t ouro_route_flags(const ouro_route *route);

OURO_END_DECLS

#endif
