/* page_table.c: which page answers which request. Paths are below the base path, but for what devices
 * print: those are the host's. */
#include "pages.h"

#define PERSON WEB_NEED_PERSON
#define HOST (WEB_NEED_PERSON | WEB_NEED_ABSOLUTE)
#define WRITE (WEB_NEED_PERSON | WEB_LIMIT_WRITE)

const struct web_route web_page_routes[] = {
	{WEB_GET, "/", page_devices, PERSON, "devices"},
	{WEB_GET, "/dashboard", page_devices, PERSON, "devices"},
	{WEB_GET, "/nodes/{id}", page_node, PERSON, "node:{}"},
	{WEB_GET, "/nodes/{id}/name", page_node_name, PERSON, "node:{}"},
	{WEB_POST, "/nodes/{id}/rename", page_node_rename, WRITE, "node:{}"},
	{WEB_POST, "/nodes/{id}/expire", page_node_expire, WRITE, "node:{}"},
	{WEB_POST, "/nodes/{id}/exit-node", page_node_exit, WRITE, "node:{}"},
	{WEB_POST, "/nodes/{id}/routes/approve", page_node_route_approve, WRITE, "node:{}"},
	{WEB_POST, "/nodes/{id}/routes/withdraw", page_node_route_withdraw, WRITE, "node:{}"},
	{WEB_POST, "/nodes/{id}/routes/forget", page_node_route_forget, WRITE, "node:{}"},
	{WEB_GET, "/nodes/{id}/logout", page_node_logout_ask, PERSON, "node:{}"},
	{WEB_POST, "/nodes/{id}/logout", page_node_expire, WRITE, "node:{}"},
	{WEB_GET, "/nodes/{id}/remove", page_node_remove_ask, PERSON, "node:{}"},
	{WEB_POST, "/nodes/{id}/remove", page_node_remove, WRITE, "node:{}"},
	{WEB_POST, "/nodes/{id}/extend", page_node_extend, WRITE, "node:{}"},
	{WEB_GET, "/routes", page_routes, PERSON, "routes"},
	{WEB_GET, "/keys", page_keys, PERSON, "keys"},
	{WEB_POST, "/keys", page_keys_make, WRITE, "keys"},
	{WEB_GET, "/keys/{id}/revoke", page_key_revoke_ask, PERSON, "keys"},
	{WEB_POST, "/keys/{id}/revoke", page_key_revoke, WRITE, "keys"},
	{WEB_GET, "/tokens", page_tokens, PERSON, "tokens"},
	{WEB_POST, "/tokens", page_tokens_make, WRITE, "tokens"},
	{WEB_GET, "/tokens/{key}/revoke", page_token_revoke_ask, PERSON, "tokens"},
	{WEB_POST, "/tokens/{key}/revoke", page_token_revoke, WRITE, "tokens"},
	{WEB_GET, "/cli", page_cli_code, PERSON, "cli"},
	{WEB_POST, "/cli", page_cli_typed, WRITE, "cli"},
	{WEB_GET, "/cli/{key}", page_cli, PERSON, "cli:{}"},
	{WEB_POST, "/cli/{key}", page_cli_answer, WRITE, "cli:{}"},
	{WEB_GET, "/add", page_add, PERSON, "add"},
	{WEB_POST, "/add", page_add_link, PERSON, "add"},
	{WEB_GET, "/register/{key}", page_register, PERSON, "register:{}"},
	{WEB_GET, "/register/{key}", page_register, HOST, "register:{}"},
	{WEB_GET, "/oidc/register/{key}", page_register, HOST, "register:{}"},
	{WEB_POST, "/register/{key}", page_register_do, HOST | WEB_LIMIT_REGISTER, "register:{}"},
	{WEB_GET, "/register/{key}/wait", page_register_wait, HOST, "register:{}"},
	{WEB_GET, "/register/{key}/not-mine", page_register_not_mine, HOST, "register:{}"},
};

const size_t web_page_route_count = sizeof(web_page_routes) / sizeof(web_page_routes[0]);
