/* Snapshots: what one read of the server said, shared by reference count. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/model.h"

ouro__snapshot *ouro__snapshot_new(size_t max)
{
	ouro__snapshot *snapshot = ouro__alloc(1, sizeof(*snapshot));

	if (!snapshot)
		return NULL;
	snapshot->arena = ouro__arena_new(max);
	if (!snapshot->arena) {
		free(snapshot);
		return NULL;
	}
	atomic_init(&snapshot->references, 1u);
	return snapshot;
}

ouro__snapshot *ouro__snapshot_ref(ouro__snapshot *snapshot)
{
	atomic_fetch_add_explicit(&snapshot->references, 1u, memory_order_relaxed);
	return snapshot;
}

void ouro__snapshot_unref(ouro__snapshot *snapshot)
{
	if (!snapshot ||
		atomic_fetch_sub_explicit(&snapshot->references, 1u, memory_order_acq_rel) != 1u)
		return;
	ouro__arena_free(snapshot->arena);
	free(snapshot);
}

static int compare_nodes(const void *a, const void *b)
{
	uint64_t left = ((const struct ouro__node *)a)->id;
	uint64_t right = ((const struct ouro__node *)b)->id;

	return (left > right) - (left < right);
}

static int compare_users(const void *a, const void *b)
{
	uint64_t left = ((const struct ouro__user *)a)->id;
	uint64_t right = ((const struct ouro__user *)b)->id;

	return (left > right) - (left < right);
}

static int compare_routes(const void *a, const void *b)
{
	return strcmp(
		((const struct ouro_route *)a)->prefix, ((const struct ouro_route *)b)->prefix);
}

static uint64_t hash_node(uint64_t hash, const struct ouro__node *node)
{
	hash = ouro__hash_u64(hash, ouro__node_fingerprint(node));
	hash = ouro__hash_text(hash, node->user_name);
	hash = ouro__hash_text(hash, node->name);
	hash = ouro__hash_u64(hash, node->address_count);
	for (size_t i = 0; i < node->address_count; i++)
		hash = ouro__hash_text(hash, node->addresses[i]);
	hash = ouro__hash_u64(hash, node->route_count);
	for (size_t i = 0; i < node->route_count; i++) {
		hash = ouro__hash_text(hash, node->routes[i].prefix);
		hash = ouro__hash_u64(hash, node->routes[i].flags);
	}
	hash = ouro__hash_u64(hash, (uint64_t)node->last_seen);
	hash = ouro__hash_u64(hash, (uint64_t)node->created);
	hash = ouro__hash_u64(hash, (uint64_t)(unsigned)node->register_method);
	return ouro__hash_u64(hash, (node->online ? 1u : 0u) | (node->ephemeral ? 2u : 0u));
}

ouro_status ouro__snapshot_finish(ouro__snapshot *snapshot, struct ouro__node *nodes,
	size_t node_count, struct ouro__user *users, size_t user_count, ouro_error *reterr)
{
	uint64_t hash = ouro__hash_u64(OURO__HASH_INIT, snapshot->capabilities);

	if (node_count)
		qsort(nodes, node_count, sizeof(*nodes), compare_nodes);
	if (user_count)
		qsort(users, user_count, sizeof(*users), compare_users);
	for (size_t i = 0; i < node_count; i++)
		if (!nodes[i].id || (i && nodes[i].id == nodes[i - 1].id))
			return ouro__error_set(reterr, OURO_ERR_PROTOCOL,
				"the server's list has a node without an id, or one id twice");
	hash = ouro__hash_u64(hash, node_count);
	for (size_t i = 0; i < node_count; i++)
		hash = hash_node(hash, &nodes[i]);
	hash = ouro__hash_u64(hash, user_count);
	for (size_t i = 0; i < user_count; i++)
		hash = ouro__hash_text(ouro__hash_u64(hash, users[i].id), users[i].name);
	snapshot->nodes = nodes;
	snapshot->node_count = node_count;
	snapshot->users = users;
	snapshot->user_count = user_count;
	snapshot->hash = hash;
	return OURO_OK;
}

void ouro__routes_sort(struct ouro_route *routes, size_t count)
{
	if (count)
		qsort(routes, count, sizeof(*routes), compare_routes);
}

const struct ouro__node *ouro__snapshot_node(const ouro__snapshot *snapshot, uint64_t id)
{
	struct ouro__node key = {.id = id};

	if (!snapshot->node_count)
		return NULL;
	return bsearch(&key, snapshot->nodes, snapshot->node_count, sizeof(*snapshot->nodes),
		compare_nodes);
}

const struct ouro__user *ouro__snapshot_user(
	const ouro__snapshot *snapshot, const char *name, size_t *ret_count)
{
	const struct ouro__user *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < snapshot->user_count; i++) {
		if (strcmp(snapshot->users[i].name, name) != 0)
			continue;
		found = &snapshot->users[i];
		count++;
	}
	if (ret_count)
		*ret_count = count;
	return count == 1 ? found : NULL;
}

const struct ouro__node *ouro__snapshot_name_taken(
	const ouro__snapshot *snapshot, uint64_t id, const char *given_name)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		if (snapshot->nodes[i].id != id &&
			ouro__str_same_fold(snapshot->nodes[i].given_name, given_name))
			return &snapshot->nodes[i];
	return NULL;
}
