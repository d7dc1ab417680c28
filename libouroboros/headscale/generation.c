/* The generations that this release serves, and their operations. */
#include "headscale/generation.h"

#define METHOD(symbol, text, request, reply, flags, verb, path)                                    \
	static const struct ouro__method symbol = {                                                \
		(text), &(request), &(reply), (flags), (verb), "/api/v1" path}
#define READ OURO__METHOD_READ
#define QUERY OURO__METHOD_QUERY
#define BODY OURO__METHOD_BODY

/* Over HTTP one request per operation suits every server that has it: what an older one wants in the query and a newer one in the
 * body goes into both, and registering is a matter of the query even where a body would be accepted (and ignored). */
METHOD(list_users, "ListUsers", ouro__hs_list_users_request, ouro__hs_users, READ | QUERY, "GET",
	"/user");
METHOD(list_nodes, "ListNodes", ouro__hs_list_nodes_request, ouro__hs_nodes, READ | QUERY, "GET",
	"/node");
METHOD(get_routes, "GetRoutes", ouro__hs_empty, ouro__hs_routes, READ, "GET", "/routes");
METHOD(rename_node, "RenameNode", ouro__hs_rename_request, ouro__hs_node_reply, 0, "POST",
	"/node/{nodeId}/rename/{newName}");
METHOD(expire_node, "ExpireNode", ouro__hs_expire_request, ouro__hs_node_reply, QUERY | BODY,
	"POST", "/node/{nodeId}/expire");
METHOD(delete_node, "DeleteNode", ouro__hs_node_request, ouro__hs_empty, 0, "DELETE",
	"/node/{nodeId}");
METHOD(register_node, "RegisterNode", ouro__hs_register_request, ouro__hs_node_reply, QUERY, "POST",
	"/node/register");
METHOD(auth_register, "AuthRegister", ouro__hs_auth_register_request, ouro__hs_node_reply, BODY,
	"POST", "/auth/register");
METHOD(enable_route, "EnableRoute", ouro__hs_route_request, ouro__hs_empty, 0, "POST",
	"/routes/{routeId}/enable");
METHOD(disable_route, "DisableRoute", ouro__hs_route_request, ouro__hs_empty, 0, "POST",
	"/routes/{routeId}/disable");
METHOD(delete_route, "DeleteRoute", ouro__hs_route_request, ouro__hs_empty, 0, "DELETE",
	"/routes/{routeId}");
METHOD(set_approved_routes, "SetApprovedRoutes", ouro__hs_approve_request, ouro__hs_node_reply,
	BODY, "POST", "/node/{nodeId}/approve_routes");

static const ouro__generation generations[] = {
	{
		.version = "0.23",
		.band = OURO__BAND_B,
		.capabilities = OURO_CAN_FORGET_ROUTES,
		.registration_form = 1,
		.operations =
			{
				.list_users = &list_users,
				.list_nodes = &list_nodes,
				.get_routes = &get_routes,
				.rename_node = &rename_node,
				.expire_node = &expire_node,
				.delete_node = &delete_node,
				.register_node = &register_node,
				.enable_route = &enable_route,
				.disable_route = &disable_route,
				.delete_route = &delete_route,
			},
	},
	{
		.version = "0.29",
		.band = OURO__BAND_H,
		.capabilities =
			OURO_CAN_TAG_IDENTITY | OURO_CAN_SECOND_OWNER | OURO_CAN_DNS_LABEL_NAMES,
		.registration_form = 3,
		.operations =
			{
				.list_users = &list_users,
				.list_nodes = &list_nodes,
				.rename_node = &rename_node,
				.expire_node = &expire_node,
				.delete_node = &delete_node,
				.register_node = &auth_register,
				.set_approved_routes = &set_approved_routes,
			},
	},
};

const ouro__generation *ouro__generation_of(ouro__band band)
{
	for (size_t i = 0; i < sizeof(generations) / sizeof(generations[0]); i++)
		if (generations[i].band == band)
			return &generations[i];
	return NULL;
}

const char *ouro__generation_version(const ouro__generation *generation)
{
	return generation->version;
}

uint32_t ouro__generation_capabilities(const ouro__generation *generation)
{
	return generation->capabilities;
}

ouro_status ouro__generation_lacks(
	const ouro__generation *generation, const char *what, const char *where, ouro_error *reterr)
{
	return ouro__error_set(reterr, OURO_ERR_UNSUPPORTED, "Headscale %s has no way of %s: %s",
		generation->version, what, where);
}
