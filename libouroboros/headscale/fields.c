/* How Headscale's messages changed over the years, field by field. Constants. */
#include "headscale/fields_rows.h"

const struct ouro__message ouro__hs_empty = {"empty", sizeof(struct ouro__hs_empty), NULL, 0};

/* 0.24 made the id a number. */
static const struct ouro__field user_fields[] = {
	ROW(ouro__hs_user, 1, "id", U64_TEXT, id, FIRST, OURO__BAND_B),
	ROW(ouro__hs_user, 1, "id", U64, id, OURO__BAND_C, LAST),
	ROW(ouro__hs_user, 2, "name", TEXT, name, FIRST, LAST),
};
const struct ouro__message ouro__hs_user = TABLE(ouro__hs_user, "User", user_fields);

/* The key that a node came with, the secret left out. */
static const struct ouro__field preauthkey_fields[] = {
	ROW(ouro__hs_preauthkey, 5, "ephemeral", BOOL, ephemeral, FIRST, LAST),
};
static const struct ouro__message preauthkey =
	TABLE(ouro__hs_preauthkey, "PreAuthKey", preauthkey_fields);

static const struct ouro__field register_method_values[] = {
	ROW_VALUE(0, "REGISTER_METHOD_UNSPECIFIED"),
	ROW_VALUE(1, "REGISTER_METHOD_AUTH_KEY"),
	ROW_VALUE(2, "REGISTER_METHOD_CLI"),
	ROW_VALUE(3, "REGISTER_METHOD_OIDC"),
};
static const struct ouro__message register_methods = {"RegisterMethod", 0, register_method_values,
	sizeof(register_method_values) / sizeof(register_method_values[0])};

static const struct ouro__field node_fields[] = {
	ROW(ouro__hs_node, 1, "id", U64, id, FIRST, LAST),
	ROW(ouro__hs_node, 5, "ipAddresses", TEXTS, addresses, FIRST, LAST),
	ROW(ouro__hs_node, 6, "name", TEXT, name, FIRST, LAST),
	ROW_SUB(ouro__hs_node, 7, "user", MESSAGE, user, FIRST, LAST, ouro__hs_user),
	ROW(ouro__hs_node, 8, "lastSeen", TIME, last_seen, FIRST, LAST),
	ROW(ouro__hs_node, 10, "expiry", TIME, expiry, FIRST, LAST),
	ROW_SUB(ouro__hs_node, 11, "preAuthKey", MESSAGE, pre_auth_key, FIRST, LAST, preauthkey),
	ROW(ouro__hs_node, 12, "createdAt", TIME, created, FIRST, LAST),
	ROW_SUB(ouro__hs_node, 13, "registerMethod", ENUM, register_method, FIRST, LAST,
		register_methods),
	ROW(ouro__hs_node, 18, "forcedTags", TEXTS, forced_tags, FIRST, OURO__BAND_F1),
	ROW(ouro__hs_node, 20, "validTags", TEXTS, valid_tags, FIRST, OURO__BAND_F1),
	ROW(ouro__hs_node, 21, "givenName", TEXT, given_name, FIRST, LAST),
	ROW(ouro__hs_node, 22, "online", BOOL, online, FIRST, LAST),
	ROW(ouro__hs_node, 23, "approvedRoutes", TEXTS, approved_routes, OURO__BAND_E, LAST),
	ROW(ouro__hs_node, 24, "availableRoutes", TEXTS, available_routes, OURO__BAND_E, LAST),
	ROW(ouro__hs_node, 25, "subnetRoutes", TEXTS, subnet_routes, OURO__BAND_E, LAST),
	ROW(ouro__hs_node, 26, "tags", TEXTS, tags, OURO__BAND_G, LAST),
};
const struct ouro__message ouro__hs_node = TABLE(ouro__hs_node, "Node", node_fields);

static const struct ouro__field node_ref_fields[] = {
	ROW(ouro__hs_node_ref, 1, "id", U64, id, FIRST, LAST),
};
static const struct ouro__message node_ref = TABLE(ouro__hs_node_ref, "Node", node_ref_fields);

static const struct ouro__field route_fields[] = {
	ROW(ouro__hs_route, 1, "id", U64, id, FIRST, OURO__BAND_D),
	ROW_SUB(ouro__hs_route, 2, "node", MESSAGE, node, FIRST, OURO__BAND_D, node_ref),
	ROW(ouro__hs_route, 3, "prefix", TEXT, prefix, FIRST, OURO__BAND_D),
	ROW(ouro__hs_route, 4, "advertised", BOOL, advertised, FIRST, OURO__BAND_D),
	ROW(ouro__hs_route, 5, "enabled", BOOL, enabled, FIRST, OURO__BAND_D),
	ROW(ouro__hs_route, 6, "isPrimary", BOOL, is_primary, FIRST, OURO__BAND_D),
};
const struct ouro__message ouro__hs_route = TABLE(ouro__hs_route, "Route", route_fields);

static const struct ouro__field list_users_request_fields[] = {
	ROW(ouro__hs_list_users_request, 1, "id", U64, id, OURO__BAND_C, LAST),
	ROW(ouro__hs_list_users_request, 2, "name", TEXT, name, OURO__BAND_C, LAST),
	ROW(ouro__hs_list_users_request, 3, "email", TEXT, email, OURO__BAND_C, LAST),
};
const struct ouro__message ouro__hs_list_users_request =
	TABLE(ouro__hs_list_users_request, "ListUsersRequest", list_users_request_fields);

static const struct ouro__field users_fields[] = {
	ROW_SUB(ouro__hs_users, 1, "users", MESSAGES, users, FIRST, LAST, ouro__hs_user),
};
const struct ouro__message ouro__hs_users =
	TABLE(ouro__hs_users, "ListUsersResponse", users_fields);

static const struct ouro__field list_nodes_request_fields[] = {
	ROW(ouro__hs_list_nodes_request, 1, "user", TEXT, user, FIRST, LAST),
};
const struct ouro__message ouro__hs_list_nodes_request =
	TABLE(ouro__hs_list_nodes_request, "ListNodesRequest", list_nodes_request_fields);

static const struct ouro__field nodes_fields[] = {
	ROW_SUB(ouro__hs_nodes, 1, "nodes", MESSAGES, nodes, FIRST, LAST, ouro__hs_node),
};
const struct ouro__message ouro__hs_nodes =
	TABLE(ouro__hs_nodes, "ListNodesResponse", nodes_fields);

static const struct ouro__field routes_fields[] = {
	ROW_SUB(ouro__hs_routes, 1, "routes", MESSAGES, routes, FIRST, OURO__BAND_D,
		ouro__hs_route),
};
const struct ouro__message ouro__hs_routes =
	TABLE(ouro__hs_routes, "GetRoutesResponse", routes_fields);

static const struct ouro__field node_request_fields[] = {
	ROW(ouro__hs_node_request, 1, "nodeId", U64, node_id, FIRST, LAST),
};
const struct ouro__message ouro__hs_node_request =
	TABLE(ouro__hs_node_request, "NodeRequest", node_request_fields);

static const struct ouro__field rename_request_fields[] = {
	ROW(ouro__hs_rename_request, 1, "nodeId", U64, node_id, FIRST, LAST),
	ROW(ouro__hs_rename_request, 2, "newName", TEXT, new_name, FIRST, LAST),
};
const struct ouro__message ouro__hs_rename_request =
	TABLE(ouro__hs_rename_request, "RenameNodeRequest", rename_request_fields);

/* Before their first generation these fields are ignored and the node is logged out at once: the bands keep them home. */
static const struct ouro__field expire_request_fields[] = {
	ROW(ouro__hs_expire_request, 1, "nodeId", U64, node_id, FIRST, LAST),
	ROW(ouro__hs_expire_request, 2, "expiry", TIME, expiry, OURO__BAND_F1, LAST),
	ROW(ouro__hs_expire_request, 3, "disableExpiry", BOOL, disable_expiry, OURO__BAND_H, LAST),
};
const struct ouro__message ouro__hs_expire_request =
	TABLE(ouro__hs_expire_request, "ExpireNodeRequest", expire_request_fields);

static const struct ouro__field register_request_fields[] = {
	ROW(ouro__hs_register_request, 1, "user", TEXT, user, FIRST, LAST),
	ROW(ouro__hs_register_request, 2, "key", TEXT, key, FIRST, LAST),
};
const struct ouro__message ouro__hs_register_request =
	TABLE(ouro__hs_register_request, "RegisterNodeRequest", register_request_fields);

static const struct ouro__field auth_register_request_fields[] = {
	ROW(ouro__hs_register_request, 1, "user", TEXT, user, OURO__BAND_H, LAST),
	ROW(ouro__hs_register_request, 2, "authId", TEXT, key, OURO__BAND_H, LAST),
};
const struct ouro__message ouro__hs_auth_register_request =
	TABLE(ouro__hs_register_request, "AuthRegisterRequest", auth_register_request_fields);

static const struct ouro__field route_request_fields[] = {
	ROW(ouro__hs_route_request, 1, "routeId", U64, route_id, FIRST, OURO__BAND_D),
};
const struct ouro__message ouro__hs_route_request =
	TABLE(ouro__hs_route_request, "RouteRequest", route_request_fields);

static const struct ouro__field approve_request_fields[] = {
	ROW(ouro__hs_approve_request, 1, "nodeId", U64, node_id, OURO__BAND_E, LAST),
	ROW(ouro__hs_approve_request, 2, "routes", TEXTS, routes, OURO__BAND_E, LAST),
};
const struct ouro__message ouro__hs_approve_request =
	TABLE(ouro__hs_approve_request, "SetApprovedRoutesRequest", approve_request_fields);

static const struct ouro__field node_reply_fields[] = {
	ROW_SUB(ouro__hs_node_reply, 1, "node", MESSAGE, node, FIRST, LAST, ouro__hs_node),
};
const struct ouro__message ouro__hs_node_reply =
	TABLE(ouro__hs_node_reply, "NodeResponse", node_reply_fields);
