/* What follows from the values of a node, and their hash. Pure; any thread. */
#include <string.h>

#include "model/model.h"

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
