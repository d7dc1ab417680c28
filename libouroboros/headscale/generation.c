/* The generations that this release serves, and their operations. */
#include "headscale/generation.h"

#define METHOD(symbol, text, request, reply, flags)                                                \
	static const struct ouro__method symbol = {(text), &(request), &(reply), (flags)}

METHOD(list_users, "ListUsers", ouro__hs_list_users_request, ouro__hs_users, OURO__METHOD_READ);
METHOD(list_nodes, "ListNodes", ouro__hs_list_nodes_request, ouro__hs_nodes, OURO__METHOD_READ);
METHOD(get_routes, "GetRoutes", ouro__hs_empty, ouro__hs_routes, OURO__METHOD_READ);
METHOD(rename_node, "RenameNode", ouro__hs_rename_request, ouro__hs_node_reply, 0);
METHOD(expire_node, "ExpireNode", ouro__hs_expire_request, ouro__hs_node_reply, 0);
METHOD(delete_node, "DeleteNode", ouro__hs_node_request, ouro__hs_empty, 0);
METHOD(register_node, "RegisterNode", ouro__hs_register_request, ouro__hs_node_reply, 0);
METHOD(auth_register, "AuthRegister", ouro__hs_auth_register_request, ouro__hs_node_reply, 0);
METHOD(enable_route, "EnableRoute", ouro__hs_route_request, ouro__hs_empty, 0);
METHOD(disable_route, "DisableRoute", ouro__hs_route_request, ouro__hs_empty, 0);
METHOD(delete_route, "DeleteRoute", ouro__hs_route_request, ouro__hs_empty, 0);
METHOD(set_approved_routes, "SetApprovedRoutes", ouro__hs_approve_request, ouro__hs_node_reply, 0);

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
