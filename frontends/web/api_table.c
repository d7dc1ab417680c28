/* api_table.c: the addresses of the API, those of Headscale 0.30 and ours. Static data. The first row that fits is taken, so words
 * stand before {}. */
#include "api.h"

static const struct api_field no_fields[] = {{NULL, API_TEXT}};
static const struct api_field expire_fields[] = {
	{"expiry", API_TIME}, {"disableExpiry", API_BOOL}, {NULL, API_TEXT}};
static const struct api_field routes_fields[] = {{"routes", API_TEXTS}, {NULL, API_TEXT}};
static const struct api_field register_fields[] = {
	{"user", API_TEXT}, {"authId", API_TEXT}, {NULL, API_TEXT}};
static const struct api_field key_fields[] = {{"user", API_ID}, {"reusable", API_BOOL},
	{"ephemeral", API_BOOL}, {"expiration", API_TIME}, {"aclTags", API_TEXTS},
	{NULL, API_TEXT}};
static const struct api_field id_fields[] = {{"id", API_ID}, {NULL, API_TEXT}};
static const struct api_field login_fields[] = {{"machine", API_TEXT}, {"challenge", API_TEXT},
	{"scopes", API_TEXTS}, {"lifetime", API_TEXT}, {"port", API_NUMBER}, {NULL, API_TEXT}};
static const struct api_field redeem_fields[] = {
	{"id", API_TEXT}, {"verifier", API_TEXT}, {"grant", API_TEXT}, {NULL, API_TEXT}};

#define NOT_USERS "making, renaming and removing users is the administrator's business"
#define NOT_TAGS "tags are given by the administrator"
#define NOT_ADDRESSES "addresses of nodes are the administrator's business"
#define NOT_DEBUG "nodes are added by their own registration only"
#define NOT_AUTH "sign-ins of others are answered on the pages or by the administrator"
#define NOT_API_KEYS                                                                               \
	"keys of the server are the administrator's; personal tokens are made on the page /tokens"
#define NOT_POLICY "the policy is the administrator's business"

const struct api_route api_routes[] = {
	{WEB_GET, "/v1/node", api_nodes, 0, no_fields, "listing nodes"},
	{WEB_POST, "/v1/node/register", api_node_register, API_REGISTER, no_fields,
		"registering node"},
	{WEB_POST, "/v1/node/backfillips", NULL, 0, NULL, NOT_ADDRESSES},
	{WEB_GET, "/v1/node/{}", api_node, 0, no_fields, "getting node"},
	{WEB_DELETE, "/v1/node/{}", api_node_delete, API_WRITE, no_fields, "deleting node"},
	{WEB_POST, "/v1/node/{}/expire", api_node_expire, API_WRITE, expire_fields,
		"expiring node"},
	{WEB_POST, "/v1/node/{}/rename/{}", api_node_rename, API_WRITE, no_fields, "renaming node"},
	{WEB_POST, "/v1/node/{}/approve_routes", api_node_routes, API_WRITE | API_BODY,
		routes_fields, "setting approved routes"},
	{WEB_POST, "/v1/node/{}/tags", NULL, 0, NULL, NOT_TAGS},
	{WEB_POST, "/v1/debug/node", NULL, 0, NULL, NOT_DEBUG},
	{WEB_POST, "/v1/auth/register", api_auth_register, API_REGISTER | API_BODY, register_fields,
		"registering node"},
	{WEB_POST, "/v1/auth/approve", NULL, 0, NULL, NOT_AUTH},
	{WEB_POST, "/v1/auth/reject", NULL, 0, NULL, NOT_AUTH},
	{WEB_GET, "/v1/preauthkey", api_keys, 0, no_fields, "listing pre-auth keys"},
	{WEB_POST, "/v1/preauthkey", api_key_create, API_WRITE | API_BODY, key_fields,
		"creating pre-auth key"},
	{WEB_POST, "/v1/preauthkey/expire", api_key_expire, API_WRITE | API_BODY, id_fields,
		"expiring pre-auth key"},
	{WEB_DELETE, "/v1/preauthkey", api_key_delete, API_WRITE, no_fields,
		"deleting pre-auth key"},
	{WEB_GET, "/v1/user", api_users, 0, no_fields, "listing users"},
	{WEB_POST, "/v1/user", NULL, 0, NULL, NOT_USERS},
	{WEB_POST, "/v1/user/{}/rename/{}", NULL, 0, NULL, NOT_USERS},
	{WEB_DELETE, "/v1/user/{}", NULL, 0, NULL, NOT_USERS},
	{WEB_GET, "/v1/apikey", api_own_token, 0, no_fields, "listing api keys"},
	{WEB_POST, "/v1/apikey", NULL, 0, NULL, NOT_API_KEYS},
	{WEB_POST, "/v1/apikey/expire", NULL, 0, NULL, NOT_API_KEYS},
	{WEB_DELETE, "/v1/apikey/{}", NULL, 0, NULL, NOT_API_KEYS},
	{WEB_GET, "/v1/policy", NULL, 0, NULL, NOT_POLICY},
	{WEB_PUT, "/v1/policy", NULL, 0, NULL, NOT_POLICY},
	{WEB_POST, "/v1/policy/check", NULL, 0, NULL, NOT_POLICY},
	{WEB_GET, "/v1/health", api_health, 0, no_fields, "asking Headscale"},
	{WEB_GET, "/v1/openapi.yaml", api_openapi_yaml, API_PUBLIC, no_fields, "describing"},
	{WEB_GET, "/v1/openapi.json", api_openapi_json, API_PUBLIC, no_fields, "describing"},
	{WEB_POST, "/v1/login", api_login, API_PUBLIC | API_LOGIN | API_BODY, login_fields,
		"beginning sign-in"},
	{WEB_POST, "/v1/login/redeem", api_login_redeem, API_PUBLIC | API_REDEEM | API_BODY,
		redeem_fields, "fetching token"},
	{WEB_POST, "/v1/logout", api_logout, 0, no_fields, "giving token back"},
};
const size_t api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);
