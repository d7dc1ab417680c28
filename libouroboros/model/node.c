/* The public view of nodes and routes, and what follows from their values. Pure; any thread. */
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

static const char *text(const char *value)
{
	return value ? value : "";
}

uint64_t ouro_node_id(const ouro_node *node)
{
	return node->data->id;
}

const char *ouro_node_name(const ouro_node *node)
{
	return text(node->data->given_name);
}

const char *ouro_node_host_name(const ouro_node *node)
{
	return text(node->data->name);
}

uint64_t ouro_node_user_id(const ouro_node *node)
{
	return node->data->user_id;
}

const char *ouro_node_user_name(const ouro_node *node)
{
	return text(node->data->user_name);
}

size_t ouro_node_address_count(const ouro_node *node)
{
	return node->data->address_count;
}

const char *ouro_node_address(const ouro_node *node, size_t index)
{
	return index < node->data->address_count ? node->data->addresses[index] : NULL;
}

size_t ouro_node_tag_count(const ouro_node *node)
{
	return node->data->tag_count;
}

const char *ouro_node_tag(const ouro_node *node, size_t index)
{
	return index < node->data->tag_count ? node->data->tags[index] : NULL;
}

size_t ouro_node_route_count(const ouro_node *node)
{
	return node->data->route_count;
}

const ouro_route *ouro_node_route(const ouro_node *node, size_t index)
{
	return index < node->data->route_count ? &node->data->routes[index] : NULL;
}

int ouro_node_online(const ouro_node *node)
{
	return node->data->online;
}

int ouro_node_ephemeral(const ouro_node *node)
{
	return node->data->ephemeral;
}

int64_t ouro_node_expiry(const ouro_node *node)
{
	return node->data->expiry;
}

int64_t ouro_node_last_seen(const ouro_node *node)
{
	return node->data->last_seen;
}

int64_t ouro_node_created(const ouro_node *node)
{
	return node->data->created;
}

int ouro_node_register_method(const ouro_node *node)
{
	return node->data->register_method;
}

int ouro_node_state(const ouro_node *node, int64_t now)
{
	return ouro__node_state(node->data, now);
}

int ouro_node_exit_state(const ouro_node *node)
{
	return ouro__node_exit_state(node->data);
}

int ouro_node_mine(const ouro_node *node)
{
	return node->mine;
}

int ouro_node_kept(const ouro_node *node)
{
	return node->kept;
}

int64_t ouro_node_as_of(const ouro_node *node)
{
	return node->as_of;
}

int ouro_node_stale(const ouro_node *node)
{
	return node->stale;
}

uint64_t ouro_node_fingerprint(const ouro_node *node)
{
	return ouro__node_fingerprint(node->data);
}

void ouro_node_free(ouro_node *node)
{
	if (!node)
		return;
	ouro__snapshot_unref(node->snapshot);
	free(node);
}

const char *ouro_route_prefix(const ouro_route *route)
{
	return text(route->prefix);
}

uint32_t ouro_route_flags(const ouro_route *route)
{
	return route->flags;
}

ouro_status ouro__node_own(ouro__snapshot *snapshot, const struct ouro__node *node, int mine,
	int kept, int stale, ouro_node **ret_node, ouro_error *reterr)
{
	ouro_node *own = ouro__alloc(1, sizeof(*own));

	if (!own)
		return ouro__error_nomem(reterr);
	own->data = node;
	own->snapshot = ouro__snapshot_ref(snapshot);
	own->mine = mine;
	own->kept = kept;
	own->as_of = snapshot->taken_at;
	own->stale = stale;
	*ret_node = own;
	return OURO_OK;
}

const struct ouro_route *ouro__node_route_find(const struct ouro__node *node, const char *prefix)
{
	for (size_t i = 0; i < node->route_count; i++)
		if (strcmp(node->routes[i].prefix, prefix) == 0)
			return &node->routes[i];
	return NULL;
}

int ouro__node_waiting(const struct ouro__node *node)
{
	for (size_t i = 0; i < node->route_count; i++)
		if ((node->routes[i].flags & (OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED)) ==
			OURO_ROUTE_ADVERTISED)
			return 1;
	return 0;
}

int ouro__node_state(const struct ouro__node *node, int64_t now)
{
	if (node->expiry != OURO_TIME_NEVER && node->expiry <= now)
		return OURO_NODE_EXPIRED;
	return node->online ? OURO_NODE_ONLINE : OURO_NODE_OFFLINE;
}

/* One address family offered and approved is enough for "on": traffic of that family goes. */
int ouro__node_exit_state(const struct ouro__node *node)
{
	uint32_t seen = 0;
	int on = 0;

	for (size_t i = 0; i < node->route_count; i++) {
		uint32_t flags = node->routes[i].flags;

		if (!(flags & OURO_ROUTE_EXIT))
			continue;
		seen |= flags;
		if ((flags & OURO_ROUTE_ADVERTISED) && (flags & OURO_ROUTE_APPROVED))
			on = 1;
	}
	if (on)
		return OURO_EXIT_ON;
	if (seen & OURO_ROUTE_ADVERTISED)
		return OURO_EXIT_OFFERED;
	return seen & OURO_ROUTE_APPROVED ? OURO_EXIT_IDLE : OURO_EXIT_NONE;
}

uint64_t ouro__hash_bytes(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

uint64_t ouro__hash_u64(uint64_t hash, uint64_t value)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(value >> (8 * i));
	return ouro__hash_bytes(hash, bytes, sizeof(bytes));
}

uint64_t ouro__hash_text(uint64_t hash, const char *value)
{
	size_t length = value ? strlen(value) : 0;

	return ouro__hash_bytes(ouro__hash_u64(hash, length), value ? value : "", length);
}

/* Not online, last seen, addresses: they change by themselves and nobody decides by them. */
uint64_t ouro__node_fingerprint(const struct ouro__node *node)
{
	uint64_t hash = ouro__hash_u64(OURO__HASH_INIT, node->id);

	hash = ouro__hash_text(hash, node->given_name);
	hash = ouro__hash_u64(hash, node->user_id);
	hash = ouro__hash_u64(hash, (uint64_t)node->expiry);
	hash = ouro__hash_u64(hash, node->tag_count);
	for (size_t i = 0; i < node->tag_count; i++)
		hash = ouro__hash_text(hash, node->tags[i]);
	for (size_t i = 0; i < node->route_count; i++) {
		if (!(node->routes[i].flags & OURO_ROUTE_APPROVED))
			continue;
		hash = ouro__hash_text(hash, node->routes[i].prefix);
	}
	return hash ? hash : 1;
}
