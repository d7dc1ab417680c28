/* The generations that this release serves, and their operations. A call that a server would take for something else has no place
 * here at all: AuthApprove on a registration, MoveNode, GetNode. */
#include "headscale/generation.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

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
METHOD(list_keys, "ListPreAuthKeys", ouro__hs_list_keys_request, ouro__hs_keys, READ | QUERY, "GET",
	"/preauthkey");
METHOD(create_key, "CreatePreAuthKey", ouro__hs_create_key_request, ouro__hs_key_reply, BODY,
	"POST", "/preauthkey");
METHOD(expire_key, "ExpirePreAuthKey", ouro__hs_expire_key_request, ouro__hs_empty, BODY, "POST",
	"/preauthkey/expire");
METHOD(delete_key, "DeletePreAuthKey", ouro__hs_delete_key_request, ouro__hs_empty, QUERY, "DELETE",
	"/preauthkey");

METHOD(list_api_keys, "ListApiKeys", ouro__hs_empty, ouro__hs_api_keys, READ, "GET", "/apikey");

#define EVERYWHERE                                                                                 \
	[OURO__OP_LIST_USERS] = &list_users, [OURO__OP_LIST_NODES] = &list_nodes,                  \
	[OURO__OP_RENAME_NODE] = &rename_node, [OURO__OP_EXPIRE_NODE] = &expire_node,              \
	[OURO__OP_DELETE_NODE] = &delete_node, [OURO__OP_LIST_KEYS] = &list_keys,                  \
	[OURO__OP_CREATE_KEY] = &create_key, [OURO__OP_EXPIRE_KEY] = &expire_key,                  \
	[OURO__OP_LIST_API_KEYS] = &list_api_keys
#define ROUTE_OBJECTS                                                                              \
	[OURO__OP_GET_ROUTES] = &get_routes, [OURO__OP_ENABLE_ROUTE] = &enable_route,              \
	[OURO__OP_DISABLE_ROUTE] = &disable_route, [OURO__OP_DELETE_ROUTE] = &delete_route
/* These are pieces of an initialiser, which no parentheses may surround. NOLINTBEGIN(bugprone-macro-parentheses) */
#define ROUTE_LISTS [OURO__OP_SET_APPROVED_ROUTES] = &set_approved_routes
#define REGISTER [OURO__OP_REGISTER_NODE] = &register_node
#define AUTH_REGISTER [OURO__OP_REGISTER_NODE] = &auth_register
#define DELETE_KEY [OURO__OP_DELETE_KEY] = &delete_key
/* NOLINTEND(bugprone-macro-parentheses) */

/* What came and stayed, from the version on. */
#define SINCE_24 OURO_CAN_USERS_BY_ID
#define SINCE_25 (SINCE_24 | OURO_CAN_SECOND_OWNER)
#define SINCE_27_1 (SINCE_25 | OURO_CAN_SET_EXPIRY)
#define SINCE_28 (SINCE_27_1 | OURO_CAN_TAG_IDENTITY | OURO_CAN_KEYS_BY_ID)
#define SINCE_29                                                                                   \
	(SINCE_28 | OURO_CAN_DNS_LABEL_NAMES | OURO_CAN_SHORT_NAMES | OURO_CAN_KEEP_EXPIRY |       \
		OURO_CAN_NEVER_EXPIRE)

/* 1 = mkey:…, 2 = 24 characters, 3 = hskey-authreq-… */
static const ouro__generation generations[] = {
	{"0.23", OURO__BAND_B, OURO_CAN_FORGET_ROUTES | OURO_CAN_SHORT_NAMES, 1,
		{EVERYWHERE, ROUTE_OBJECTS, REGISTER}},
	{"0.24", OURO__BAND_C, SINCE_24 | OURO_CAN_FORGET_ROUTES | OURO_CAN_SHORT_NAMES, 1,
		{EVERYWHERE, ROUTE_OBJECTS, REGISTER}},
	{"0.25", OURO__BAND_D, SINCE_25 | OURO_CAN_FORGET_ROUTES | OURO_CAN_STALL_ON_EMPTY_NAME, 2,
		{EVERYWHERE, ROUTE_OBJECTS, REGISTER}},
	{"0.26", OURO__BAND_E, SINCE_25, 2, {EVERYWHERE, ROUTE_LISTS, REGISTER}},
	{"0.27", OURO__BAND_F0, SINCE_25, 2, {EVERYWHERE, ROUTE_LISTS, REGISTER}},
	{"0.27.1", OURO__BAND_F1, SINCE_27_1 | OURO_CAN_LOSE_LAST_WITHDRAWAL, 2,
		{EVERYWHERE, ROUTE_LISTS, REGISTER}},
	{"0.28", OURO__BAND_G, SINCE_28 | OURO_CAN_LOSE_LAST_WITHDRAWAL, 2,
		{EVERYWHERE, ROUTE_LISTS, REGISTER, DELETE_KEY}},
	{"0.29", OURO__BAND_H, SINCE_29, 3, {EVERYWHERE, ROUTE_LISTS, AUTH_REGISTER, DELETE_KEY}},
	{"0.30", OURO__BAND_I, SINCE_29, 3, {EVERYWHERE, ROUTE_LISTS, AUTH_REGISTER, DELETE_KEY}},
};
enum { GENERATIONS = sizeof(generations) / sizeof(generations[0]) };

/* It keeps what reading needs; ouro__headscale_write() refuses the rest. */
static const ouro__generation newer = {"newer than 0.30", OURO__BAND_I,
	SINCE_29 | OURO_CAN_ONLY_READ, 3, {EVERYWHERE, ROUTE_LISTS, AUTH_REGISTER, DELETE_KEY}};

const ouro__generation *ouro__generation_of(ouro__band band)
{
	for (size_t i = 0; i < GENERATIONS; i++)
		if (generations[i].band == band)
			return &generations[i];
	return NULL;
}

const ouro__generation *ouro__generation_newer(void)
{
	return &newer;
}

/* A number of at most three digits and what stands behind it; -1 = none. */
static int number(const char **text)
{
	size_t length = strspn(*text, "0123456789");
	uint64_t value = 0;

	if (!length || length > 3 || !ouro__str_u64(*text, length, &value))
		return -1;
	*text += length;
	return (int)value;
}

const ouro__generation *ouro__generation_by_version(const char *version)
{
	const ouro__generation *found = NULL;
	int minor;
	int patch = 0;

	if (*version == 'v')
		version++;
	if (!ouro__str_starts(version, "0."))
		return NULL;
	version += 2;
	minor = number(&version);
	if (minor < 0)
		return NULL;
	if (*version == '.') {
		version++;
		patch = number(&version);
	}
	if (patch < 0 || *version)
		return NULL;
	for (size_t i = 0; i < GENERATIONS; i++) {
		const char *at = generations[i].version + 2;
		int first_patch = 0;

		if (number(&at) != minor)
			continue;
		if (*at == '.') {
			at++;
			first_patch = number(&at);
		}
		if (first_patch <= patch)
			found = &generations[i];
	}
	return found;
}

const char *ouro__generation_version(const ouro__generation *generation)
{
	return generation->version;
}

uint32_t ouro__generation_capabilities(const ouro__generation *generation)
{
	return generation->capabilities;
}

/* The first and the last generation that has it: an operation, or (if capability is not 0) a capability. */
static void find_range(enum ouro__operation operation, uint32_t capability,
	const ouro__generation **ret_first, const ouro__generation **ret_last)
{
	*ret_first = NULL;
	*ret_last = NULL;
	for (size_t i = 0; i < GENERATIONS; i++) {
		const ouro__generation *at = &generations[i];

		if (capability ? !(at->capabilities & capability) : !at->operations[operation])
			continue;
		if (!*ret_first)
			*ret_first = at;
		*ret_last = at;
	}
}

static ouro_status lacks(const ouro__generation *generation, enum ouro__operation operation,
	uint32_t capability, const char *what, ouro_error *reterr)
{
	const ouro__generation *first;
	const ouro__generation *last;

	if (generation->capabilities & OURO_CAN_ONLY_READ)
		return ouro__error_set(reterr, OURO_ERR_UNSUPPORTED,
			"%s: this Headscale is newer than all that are known here (" OURO__GENERATIONS_SERVED
			"), so nothing is changed on it; hs_assume=0.30 has it treated as that version",
			what);
	find_range(operation, capability, &first, &last);
	if (last->band < generation->band)
		return ouro__error_set(reterr, OURO_ERR_UNSUPPORTED,
			"Headscale %s has no way of %s: only versions up to %s have one",
			generation->version, what, last->version);
	return ouro__error_set(reterr, OURO_ERR_UNSUPPORTED,
		"Headscale %s has no way of %s: only versions from %s on have one",
		generation->version, what, first->version);
}

ouro_status ouro__generation_lacks(const ouro__generation *generation,
	enum ouro__operation operation, const char *what, ouro_error *reterr)
{
	return lacks(generation, operation, 0, what, reterr);
}

ouro_status ouro__generation_lacks_capability(const ouro__generation *generation,
	uint32_t capability, const char *what, ouro_error *reterr)
{
	return lacks(generation, OURO__OPERATIONS, capability, what, reterr);
}
