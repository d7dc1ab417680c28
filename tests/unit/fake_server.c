/* See fake_server.h. Calls are answered in finish(), on the caller's thread. */
#include "fake_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ouro__call {
	const struct ouro__method *method;
	char words[192];
	uint64_t id;
};

static const char *const laptop_addresses[] = {"100.64.0.1", "fd7a:115c:a1e0::1"};
static const char *const tags[] = {"tag:web"};
static const char *const available[] = {"0.0.0.0/0", "10.0.0.0/24", "192.168.7.0/24", "::/0"};
static const char *const serving[] = {"10.0.0.0/24"};
static struct ouro__hs_user pseudo = {UINT64_C(2147455555), "tagged-devices"};
static struct ouro__hs_user gone = {9, "sink"};

static struct ouro__texts texts(const char *const *items, size_t count)
{
	struct ouro__texts out = {NULL, count};

	memcpy(&out.items, &items, sizeof(items));
	return out;
}

static void describe(ouro__call *call, const struct ouro__method *method, const void *request)
{
	if (strcmp(method->name, "RenameNode") == 0) {
		const struct ouro__hs_rename_request *rename = request;

		call->id = rename->node_id;
		(void)snprintf(call->words, sizeof(call->words), "%llu %s",
			(unsigned long long)rename->node_id, rename->new_name);
	} else if (strcmp(method->name, "SetApprovedRoutes") == 0) {
		const struct ouro__hs_approve_request *approve = request;
		size_t at = (size_t)snprintf(call->words, sizeof(call->words), "%llu",
			(unsigned long long)approve->node_id);

		call->id = approve->node_id;
		for (size_t i = 0; i < approve->routes.count && at < sizeof(call->words); i++)
			at += (size_t)snprintf(call->words + at, sizeof(call->words) - at, " %s",
				approve->routes.items[i]);
	} else if (strcmp(method->name, "AuthRegister") == 0) {
		const struct ouro__hs_register_request *reg = request;

		(void)snprintf(call->words, sizeof(call->words), "%s %s", reg->user, reg->key);
	} else if (strcmp(method->name, "ExpireNode") == 0) {
		call->id = ((const struct ouro__hs_expire_request *)request)->node_id;
		(void)snprintf(
			call->words, sizeof(call->words), "%llu", (unsigned long long)call->id);
	} else if (strcmp(method->name, "DeleteNode") == 0) {
		call->id = ((const struct ouro__hs_node_request *)request)->node_id;
		(void)snprintf(
			call->words, sizeof(call->words), "%llu", (unsigned long long)call->id);
	}
}

static ouro_status fake_start(ouro__channel *channel, const struct ouro__method *method,
	const struct ouro__terms *terms, const void *request, int64_t deadline,
	ouro__call **ret_call, ouro_error *reterr)
{
	ouro__call *call = calloc(1, sizeof(*call));

	(void)channel;
	(void)terms;
	(void)deadline;
	if (!call)
		return ouro__error_nomem(reterr);
	call->method = method;
	describe(call, method, request);
	*ret_call = call;
	return OURO_OK;
}

static void list_nodes(struct fake_server *server, ouro__arena *arena, struct ouro__hs_nodes *reply)
{
	server->lists++;
	reply->nodes.items = ouro__arena_alloc(arena, FAKE_NODES * sizeof(void *));
	for (size_t i = 1; i <= FAKE_NODES; i++)
		if (server->nodes[i].id)
			reply->nodes.items[reply->nodes.count++] = &server->nodes[i];
}

static void list_users(struct fake_server *server, ouro__arena *arena, struct ouro__hs_users *reply)
{
	reply->users.count = server->user_count;
	reply->users.items = ouro__arena_alloc(
		arena, sizeof(server->users) / sizeof(server->users[0]) * sizeof(void *));
	for (size_t i = 0; i < server->user_count; i++)
		reply->users.items[i] = &server->users[i];
}

static void change(struct fake_server *server, const ouro__call *call)
{
	struct ouro__hs_node *node = call->id <= FAKE_NODES ? &server->nodes[call->id] : NULL;

	if (strcmp(call->method->name, "DeleteNode") == 0 && node)
		node->id = 0;
	if (strcmp(call->method->name, "ExpireNode") == 0 && node)
		node->expiry = 1000;
	if (strcmp(call->method->name, "RenameNode") == 0 && node) {
		(void)snprintf(server->renamed, sizeof(server->renamed), "%.60s",
			strchr(call->words, ' ') + 1);
		node->given_name = server->renamed;
	}
}

static ouro_status fake_finish(ouro__channel *channel, ouro__call *call, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	struct fake_server *server = (struct fake_server *)(void *)channel;
	void *reply = ouro__arena_alloc(arena, call->method->reply->size);
	ouro_status rc = OURO_OK;

	if (strcmp(call->method->name, "ListNodes") == 0) {
		list_nodes(server, arena, reply);
	} else if (strcmp(call->method->name, "ListUsers") == 0) {
		list_users(server, arena, reply);
	} else {
		server->changes++;
		(void)snprintf(server->last, sizeof(server->last), "%s %s", call->method->name,
			call->words);
		if (server->write_result < 0)
			rc = ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, server->write_result,
				"%s", server->write_text);
		else
			change(server, call);
		if (call->method->reply == &ouro__hs_node_reply)
			((struct ouro__hs_node_reply *)reply)->node =
				&server->nodes[call->id ? call->id : FAKE_LAPTOP];
	}
	free(call);
	if (rc == OURO_OK)
		*ret_reply = reply;
	return rc;
}

static ouro_status fake_probe(ouro__channel *channel, const char *const *methods, size_t count,
	int64_t deadline, uint32_t *ret_there, uint64_t *ret_epoch, ouro_error *reterr)
{
	static const char there[] =
		" ListNodes SetApprovedRoutes Health DeletePreAuthKey CheckPolicy ";

	(void)channel;
	(void)deadline;
	(void)reterr;
	*ret_there = 0;
	*ret_epoch = 1;
	for (size_t i = 0; i < count; i++)
		if (strstr(there, methods[i]))
			*ret_there |= UINT32_C(1) << i;
	return OURO_OK;
}

static void fake_free(ouro__channel *channel)
{
	(void)channel;
}

static uint64_t fake_epoch(ouro__channel *channel)
{
	(void)channel;
	return 1;
}

static const struct ouro__channel_ops fake_ops = {.start = fake_start,
	.finish = fake_finish,
	.probe = fake_probe,
	.epoch = fake_epoch,
	.free = fake_free};

static void add_node(
	struct fake_server *server, size_t id, const char *name, struct ouro__hs_user *user)
{
	struct ouro__hs_node *node = &server->nodes[id];

	node->id = id;
	node->name = name;
	node->given_name = name;
	node->user = user;
	node->addresses = texts(laptop_addresses, 2);
	node->last_seen = 1700000000;
	node->expiry = OURO_TIME_NEVER;
	node->created = 1600000000;
}

void fake_server_init(struct fake_server *server)
{
	memset(server, 0, sizeof(*server));
	server->channel.ops = &fake_ops;
	server->users[0] = (struct ouro__hs_user){1, "sink"};
	server->users[1] = (struct ouro__hs_user){2, "jim"};
	server->user_count = 2;
	add_node(server, FAKE_LAPTOP, "laptop", &server->users[0]);
	add_node(server, FAKE_PHONE, "phone", &server->users[1]);
	add_node(server, FAKE_TAGGED, "web-1", &pseudo);
	server->nodes[FAKE_TAGGED].tags = texts(tags, 1);
	add_node(server, FAKE_ROUTER, "router", &server->users[0]);
	server->nodes[FAKE_ROUTER].online = 1;
	server->nodes[FAKE_ROUTER].available_routes = texts(available, 4);
	server->nodes[FAKE_ROUTER].approved_routes = texts(serving, 1);
	server->nodes[FAKE_ROUTER].subnet_routes = texts(serving, 1);
	add_node(server, FAKE_ORPHAN, "orphan", &gone);
}
