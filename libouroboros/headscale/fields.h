/* The messages of Headscale's API as this release reads and writes them, over all generations: one struct a message, one
 * table each in fields.c and fields_keys.c. Only fields that we use; the decoder skips the rest (machine keys and pre-auth keys among them). */
#ifndef OURO_HEADSCALE_FIELDS_H
#define OURO_HEADSCALE_FIELDS_H

#include "rpc/table.h"

/* Generations in time; the releases stand in generation.c. 0.27.0 and 0.27.1 are two: the second reads ExpireNode.expiry. */
enum ouro__headscale_band {
	OURO__BAND_B = 2,
	OURO__BAND_C = 3,
	OURO__BAND_D = 4,
	OURO__BAND_E = 5,
	OURO__BAND_F0 = 6,
	OURO__BAND_F1 = 7,
	OURO__BAND_G = 8,
	OURO__BAND_H = 9,
	OURO__BAND_I = 10
};

struct ouro__hs_user {
	uint64_t id;
	const char *name;
};

struct ouro__hs_preauthkey {
	int32_t ephemeral;
};

struct ouro__hs_node {
	uint64_t id;
	struct ouro__texts addresses;
	const char *name;
	struct ouro__hs_user *user;
	int64_t last_seen;
	int64_t expiry;
	struct ouro__hs_preauthkey *pre_auth_key;
	int64_t created;
	int32_t register_method;
	int32_t online;
	struct ouro__texts forced_tags;
	struct ouro__texts valid_tags;
	const char *given_name;
	struct ouro__texts approved_routes;
	struct ouro__texts available_routes;
	struct ouro__texts subnet_routes;
	struct ouro__texts tags;
};

/* The node inside a route object: its id is all we need. */
struct ouro__hs_node_ref {
	uint64_t id;
};

struct ouro__hs_route {
	uint64_t id;
	struct ouro__hs_node_ref *node; /* absent for orphans */
	const char *prefix;
	int32_t advertised;
	int32_t enabled;
	int32_t is_primary;
};

struct ouro__hs_empty {
	char unused;
};

struct ouro__hs_list_users_request {
	uint64_t id;
	const char *name;
	const char *email;
};

struct ouro__hs_users {
	struct ouro__messages users; /* struct ouro__hs_user */
};

struct ouro__hs_list_nodes_request {
	const char *user;
};

struct ouro__hs_nodes {
	struct ouro__messages nodes; /* struct ouro__hs_node */
};

struct ouro__hs_routes {
	struct ouro__messages routes; /* struct ouro__hs_route */
};

/* GetNode, DeleteNode. */
struct ouro__hs_node_request {
	uint64_t node_id;
};

struct ouro__hs_rename_request {
	uint64_t node_id;
	const char *new_name;
};

struct ouro__hs_expire_request {
	uint64_t node_id;
	int64_t expiry; /* OURO_TIME_NEVER = now */
	int32_t disable_expiry;
};

/* RegisterNode and AuthRegister: the second field is "key" or "auth_id". */
struct ouro__hs_register_request {
	const char *user;
	const char *key;
};

struct ouro__hs_route_request {
	uint64_t route_id;
};

struct ouro__hs_approve_request {
	uint64_t node_id;
	struct ouro__texts routes;
};

/* Every reply that is one node. */
struct ouro__hs_node_reply {
	struct ouro__hs_node *node;
};

struct ouro__hs_key {
	const char *user_name; /* up to 0.25; may be an e-mail address */
	struct ouro__hs_user *user;
	uint64_t id;
	const char *key; /* a secret; masked in lists from 0.28 on */
	int32_t reusable;
	int32_t ephemeral;
	int32_t used;
	int64_t expiration;
	int64_t created;
	struct ouro__texts tags;
};

struct ouro__hs_keys {
	struct ouro__messages keys; /* struct ouro__hs_key */
};

struct ouro__hs_key_reply {
	struct ouro__hs_key *key;
};

/* In the requests about keys, both ways of naming the user are filled in: the band picks one. */
struct ouro__hs_list_keys_request {
	const char *user_name;
	uint64_t user_id;
};

struct ouro__hs_create_key_request {
	const char *user_name;
	uint64_t user_id;
	int32_t reusable;
	int32_t ephemeral;
	int64_t expiration;
	struct ouro__texts tags;
};

struct ouro__hs_expire_key_request {
	const char *user_name;
	uint64_t user_id;
	const char *key;
	uint64_t id;
};

struct ouro__hs_delete_key_request {
	uint64_t id;
};

/* A key of Headscale's own API. */
struct ouro__hs_api_key {
	const char *prefix; /* what of it is shown */
	int64_t expiration;
};

struct ouro__hs_api_keys {
	struct ouro__messages keys; /* struct ouro__hs_api_key */
};

extern const struct ouro__message ouro__hs_empty;
extern const struct ouro__message ouro__hs_user;
extern const struct ouro__message ouro__hs_node;
extern const struct ouro__message ouro__hs_route;
extern const struct ouro__message ouro__hs_list_users_request;
extern const struct ouro__message ouro__hs_users;
extern const struct ouro__message ouro__hs_list_nodes_request;
extern const struct ouro__message ouro__hs_nodes;
extern const struct ouro__message ouro__hs_routes;
extern const struct ouro__message ouro__hs_node_request;
extern const struct ouro__message ouro__hs_rename_request;
extern const struct ouro__message ouro__hs_expire_request;
extern const struct ouro__message ouro__hs_register_request;
extern const struct ouro__message ouro__hs_auth_register_request;
extern const struct ouro__message ouro__hs_route_request;
extern const struct ouro__message ouro__hs_approve_request;
extern const struct ouro__message ouro__hs_node_reply;
extern const struct ouro__message ouro__hs_key;
extern const struct ouro__message ouro__hs_keys;
extern const struct ouro__message ouro__hs_key_reply;
extern const struct ouro__message ouro__hs_list_keys_request;
extern const struct ouro__message ouro__hs_create_key_request;
extern const struct ouro__message ouro__hs_expire_key_request;
extern const struct ouro__message ouro__hs_delete_key_request;
extern const struct ouro__message ouro__hs_api_key;
extern const struct ouro__message ouro__hs_api_keys;

#endif
