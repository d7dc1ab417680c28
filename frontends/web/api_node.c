/* api_node.c: devices in Headscale's JSON, and what can be done with them. On the request's thread; each handler makes one library
 * call. */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A "now" of another machine's clock: an end so near is a log-out, as the command line of Headscale asks for it. */
#define NOW_SECONDS 60

/* Headscale's user of nodes that belong to a tag. */
#define TAGGED_ID UINT64_C(2147455555)
#define TAGGED_NAME "tagged-devices"

/* Keys of machines are not kept here. The zero key is what Headscale itself shows for one that is not set, and its command line
 * insists on reading one. */
#define ZERO_KEY "0000000000000000000000000000000000000000000000000000000000000000"

static void put_texts(struct web_buf *out, const char *name, const ouro_node *node, size_t count,
	const char *(*text_at)(const ouro_node *node, size_t index))
{
	size_t i;

	api_put_name(out, name);
	web_buf_puts(out, "[");
	for (i = 0; i < count; i++) {
		if (i > 0)
			web_buf_puts(out, ",");
		api_put_text(out, text_at(node, i));
	}
	web_buf_puts(out, "]");
}

static void put_routes(struct web_buf *out, const char *name, const ouro_node *node, uint32_t flag)
{
	size_t count = ouro_node_route_count(node), put = 0, i;

	api_put_name(out, name);
	web_buf_puts(out, "[");
	for (i = 0; i < count; i++) {
		const ouro_route *route = ouro_node_route(node, i);

		if (!(ouro_route_flags(route) & flag))
			continue;
		if (put++ > 0)
			web_buf_puts(out, ",");
		api_put_text(out, ouro_route_prefix(route));
	}
	web_buf_puts(out, "]");
}

/* Of the key that a device joined with only this is known, and only of ephemeral ones it matters. */
static void put_key(struct web_buf *out, const ouro_node *node)
{
	api_put_name(out, "preAuthKey");
	web_buf_puts(out,
		ouro_node_ephemeral(node)
			? "{\"user\":null,\"id\":\"0\",\"key\":\"\",\"reusable\":false,\"ephemeral\":true,"
			  "\"used\":true,\"expiration\":null,\"createdAt\":null,\"aclTags\":[]}"
			: "null");
}

static const char *method_of(const ouro_node *node)
{
	switch (ouro_node_register_method(node)) {
	case OURO_REGISTER_AUTH_KEY: return "REGISTER_METHOD_AUTH_KEY";
	case OURO_REGISTER_CLI: return "REGISTER_METHOD_CLI";
	case OURO_REGISTER_OIDC: return "REGISTER_METHOD_OIDC";
	default: return "REGISTER_METHOD_UNSPECIFIED";
	}
}

/* Whose a node is as Headscale shows it. */
static const char *user_of(const ouro_node *node, uint64_t *ret_id)
{
	*ret_id = ouro_node_user_id(node);
	if (*ret_id != 0 || ouro_node_tag_count(node) == 0)
		return ouro_node_user_name(node);
	*ret_id = TAGGED_ID;
	return TAGGED_NAME;
}

static void put_node(struct web_buf *out, const ouro_node *node)
{
	uint64_t user_id;
	const char *user = user_of(node, &user_id);

	web_buf_puts(out, "{");
	api_put_id(out, "id", ouro_node_id(node));
	api_put_member(out, "machineKey", "mkey:" ZERO_KEY);
	api_put_member(out, "nodeKey", "nodekey:" ZERO_KEY);
	api_put_member(out, "discoKey", "discokey:" ZERO_KEY);
	put_texts(out, "ipAddresses", node, ouro_node_address_count(node), ouro_node_address);
	api_put_member(out, "name", ouro_node_host_name(node));
	api_put_user(out, "user", user_id, user);
	api_put_time(out, "lastSeen", ouro_node_last_seen(node), NULL);
	api_put_time(out, "expiry", ouro_node_expiry(node), NULL);
	put_key(out, node);
	api_put_time(out, "createdAt", ouro_node_created(node), API_TIME_ZERO);
	api_put_member(out, "registerMethod", method_of(node));
	api_put_member(out, "givenName", ouro_node_name(node));
	api_put_flag(out, "online", ouro_node_online(node));
	put_routes(out, "approvedRoutes", node, OURO_ROUTE_APPROVED);
	put_routes(out, "availableRoutes", node, OURO_ROUTE_ADVERTISED);
	put_routes(out, "subnetRoutes", node, OURO_ROUTE_SERVING);
	put_texts(out, "tags", node, ouro_node_tag_count(node), ouro_node_tag);
	web_buf_puts(out, "}");
}

void api_answer_node(struct api_call *api, const ouro_node *node)
{
	struct web_buf *out = api_begin(api);

	web_buf_puts(out, "{\"node\":");
	if (node != NULL)
		put_node(out, node);
	else
		web_buf_puts(out, "null");
	web_buf_puts(out, "}\n");
}

/* --- looking ----------------------------------------------------------------------------------------------------------- */

/* Nodes of a scope; Headscale's JSON cannot say how old it is, so what is old is not shown. */
static int read_nodes(struct api_call *api, int scope, ouro_node_list **ret_list)
{
	ouro_nodes_query query = OURO_NODES_QUERY_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status;

	query.scope = scope;
	status = ouro_nodes_list(api->person, &query, ret_list, &error);
	if (status == OURO_OK && ouro_node_list_stale(*ret_list)) {
		ouro_node_list_free(*ret_list);
		*ret_list = NULL;
		status = OURO_ERR_UNREACHABLE;
	}
	if (status < 0)
		api_fail(api, status, &error);
	return status == OURO_OK;
}

struct row {
	const ouro_node *node; /* borrowed from the list */
};

static int by_id(const void *left, const void *right)
{
	uint64_t a = ouro_node_id(((const struct row *)left)->node);
	uint64_t b = ouro_node_id(((const struct row *)right)->node);

	return a < b ? -1 : a > b;
}

static void answer_list(struct api_call *api, struct row *rows, size_t count)
{
	struct web_buf *out = api_begin(api);
	size_t i;

	qsort(rows, count, sizeof(*rows), by_id);
	web_buf_puts(out, "{\"nodes\":[");
	for (i = 0; i < count; i++) {
		if (i > 0)
			web_buf_puts(out, ",");
		put_node(out, rows[i].node);
	}
	web_buf_puts(out, "]}\n");
	api_tag(api);
}

static int is_user_of(const ouro_person *person, const char *name)
{
	size_t i;

	for (i = 0; i < ouro_person_user_count(person); i++)
		if (strcmp(ouro_person_user(person, i), name) == 0)
			return 1;
	return 0;
}

/* A user who has no device that this person may see is the same as none. */
void api_nodes(struct api_call *api)
{
	const char *user = web_form_get(&api->web->request->query, "user");
	struct row *rows;
	ouro_node_list *list = NULL;
	size_t count, kept = 0, i;

	user = user != NULL && user[0] != '\0' ? user : NULL;
	if (!read_nodes(api, user != NULL ? OURO_SCOPE_ALL : OURO_SCOPE_MINE, &list))
		return;
	count = ouro_node_list_count(list);
	rows = calloc(count + 1, sizeof(*rows));
	for (i = 0; rows != NULL && i < count; i++) {
		const ouro_node *node = ouro_node_list_at(list, i);
		uint64_t id;

		if (user == NULL || strcmp(user_of(node, &id), user) == 0)
			rows[kept++].node = node;
	}
	if (rows == NULL) {
		api_fail(api, OURO_ERR_NOMEM, NULL);
	} else if (user != NULL && kept == 0 && !is_user_of(api->person, user)) {
		const struct api_fault fault = {"user not found", NULL};

		api_problem_write(api->web->response, 404, ouro_status_name(OURO_ERR_NOTFOUND),
			api->route->doing, &fault, 1);
	} else {
		answer_list(api, rows, kept);
	}
	free(rows);
	ouro_node_list_free(list);
}

/* The id in the path; 0 and the answer is made if it is no number. No node has the id 0. */
static int node_id(struct api_call *api, uint64_t *ret_id)
{
	const char *text = api->params[0];

	*ret_id = 0;
	if (web_text_id(text, strlen(text), ret_id) || strcmp(text, "0") == 0)
		return 1;
	api_refuse(api, 400, "the id of a node is a decimal number");
	return 0;
}

void api_node(struct api_call *api)
{
	ouro_node_list *list = NULL;
	const ouro_node *found = NULL;
	ouro_error error = OURO_ERROR_INIT;
	uint64_t id;
	size_t i;

	if (!node_id(api, &id) || !read_nodes(api, OURO_SCOPE_MINE, &list))
		return;
	for (i = 0; i < ouro_node_list_count(list) && found == NULL; i++)
		if (ouro_node_id(ouro_node_list_at(list, i)) == id)
			found = ouro_node_list_at(list, i);
	if (found != NULL) {
		api_answer_node(api, found);
		api_tag(api);
	} else {
		/* In the words of a refused change. */
		(void)snprintf(error.text, sizeof(error.text), "%s",
			"there is no such device, or it is not yours");
		api_fail(api, OURO_ERR_NOTFOUND, &error);
	}
	ouro_node_list_free(list);
}

/* --- changing ---------------------------------------------------------------------------------------------------------- */

static ouro_write_options options_of(const struct api_call *api)
{
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;

	options.address = api->web->request->address;
	return options;
}

/* The end of every change: the node afterwards, or why not. Takes node. */
static void changed(
	struct api_call *api, ouro_status status, const ouro_error *error, ouro_node *node)
{
	if (status == OURO_OK)
		api_answer_node(api, node);
	else
		api_fail(api, status, error);
	ouro_node_free(node);
}

void api_node_rename(struct api_call *api)
{
	ouro_write_options options = options_of(api);
	ouro_error error = OURO_ERROR_INIT;
	ouro_node *node = NULL;
	ouro_status status;
	uint64_t id;

	if (!node_id(api, &id))
		return;
	status = ouro_node_rename(api->person, id, api->params[1], &options, &node, &error);
	changed(api, status, &error, node);
}

void api_node_expire(struct api_call *api)
{
	ouro_write_options options = options_of(api);
	ouro_error error = OURO_ERROR_INIT;
	int64_t until = api_time(api, "expiry");
	int never = api_flag(api, "disableExpiry");
	ouro_node *node = NULL;
	ouro_status status;
	uint64_t id;

	if (!node_id(api, &id))
		return;
	if (never && until != OURO_TIME_NEVER) {
		api_refuse(api, 400, "cannot set both disable_expiry and expiry");
		return;
	}
	if (never || (until != OURO_TIME_NEVER && until > api->web->now + NOW_SECONDS))
		status = ouro_node_extend(api->person, id, until, &options, &node, &error);
	else
		status = ouro_node_expire(api->person, id, &options, &node, &error);
	changed(api, status, &error, node);
}

void api_node_delete(struct api_call *api)
{
	ouro_write_options options = options_of(api);
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status;
	uint64_t id;

	if (!node_id(api, &id))
		return;
	status = ouro_node_delete(api->person, id, &options, &error);
	if (status == OURO_OK)
		api_answer_empty(api);
	else
		api_fail(api, status, &error);
}

void api_node_routes(struct api_call *api)
{
	ouro_write_options options = options_of(api);
	ouro_error error = OURO_ERROR_INIT;
	ouro_node *node = NULL;
	ouro_status status;
	size_t count;
	const char *const *prefixes = api_texts(api, "routes", &count);
	uint64_t id;

	if (!node_id(api, &id))
		return;
	if (count > 0 && prefixes == NULL)
		status = OURO_ERR_NOMEM;
	else
		status = ouro_routes_set(api->person, id, prefixes, count, &options, &node, &error);
	changed(api, status, &error, node);
}

/* --- adding ------------------------------------------------------------------------------------------------------------ */

static void register_key(struct api_call *api, const char *key, const char *user)
{
	ouro_registration registration = OURO_REGISTRATION_INIT;
	ouro_write_options options = options_of(api);
	ouro_error error = OURO_ERROR_INIT;
	ouro_node *node = NULL;
	ouro_status status;

	options.user = user != NULL && user[0] != '\0' ? user : NULL;
	key = key != NULL ? key : "";
	status = ouro_registration_parse(key, strlen(key), &registration, &error);
	if (status == OURO_OK)
		status = ouro_node_register(api->person, &registration, &options, &node, &error);
	changed(api, status, &error, node);
}

void api_node_register(struct api_call *api)
{
	const struct web_form *query = &api->web->request->query;

	register_key(api, web_form_get(query, "key"), web_form_get(query, "user"));
}

void api_auth_register(struct api_call *api)
{
	register_key(api, api_text(api, "authId"), api_text(api, "user"));
}
