/* Replies → the one model. The texts stay where the decoder put them: in the arena of the snapshot. */
#include <stdlib.h>
#include <string.h>

#include "headscale/generation.h"

/* A host name is whatever a device says; more than this is of no use to a person. */
#define NAME_BYTES_MAX 255

struct builder {
	ouro__arena *arena;
	const ouro__generation *generation;
	struct owned_route *routes; /* by node, then prefix */
	size_t route_count;
};

struct owned_route {
	uint64_t node_id;
	const struct ouro__hs_route *route;
};

static int is_exit(const char *prefix)
{
	return strcmp(prefix, "0.0.0.0/0") == 0 || strcmp(prefix, "::/0") == 0;
}

static const char *cut(ouro__arena *arena, const char *name)
{
	size_t length = strlen(name);

	if (length <= NAME_BYTES_MAX)
		return name;
	length = NAME_BYTES_MAX;
	while (length && ((unsigned char)name[length] & 0xC0) == 0x80)
		length--;
	return ouro__arena_text(arena, name, length);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, without doubles: some servers send tags in random order, which is no change. */
static int join_tags(ouro__arena *arena, const struct ouro__texts *a, const struct ouro__texts *b,
	struct ouro__node *node)
{
	size_t count = a->count + b->count;
	size_t kept = 0;
	const char **tags;

	if (!count)
		return 1;
	tags = ouro__arena_alloc(arena, count * sizeof(*tags));
	if (!tags)
		return 0;
	if (a->count)
		memcpy(tags, a->items, a->count * sizeof(*tags));
	if (b->count)
		memcpy(tags + a->count, b->items, b->count * sizeof(*tags));
	qsort(tags, count, sizeof(*tags), compare_texts);
	for (size_t i = 0; i < count; i++)
		if (!kept || strcmp(tags[kept - 1], tags[i]) != 0)
			tags[kept++] = tags[i];
	node->tags = tags;
	node->tag_count = kept;
	return 1;
}

static int convert_tags(
	const struct builder *builder, const struct ouro__hs_node *from, struct ouro__node *node)
{
	static const struct ouro__texts none = {NULL, 0};

	if (builder->generation->band >= OURO__BAND_G)
		return join_tags(builder->arena, &from->tags, &none, node);
	if (builder->generation->band <= OURO__BAND_B)
		return join_tags(builder->arena, &from->forced_tags, &from->valid_tags, node);
	return join_tags(builder->arena,
		from->valid_tags.count ? &from->valid_tags : &from->forced_tags, &none, node);
}

/* 0.26 and 0.27.0 say that both exit prefixes are served when one is offered. */
static void mark_exit(struct ouro_route *route)
{
	if (!is_exit(route->prefix))
		return;
	route->flags |= OURO_ROUTE_EXIT;
	if (!(route->flags & OURO_ROUTE_ADVERTISED))
		route->flags &= ~OURO_ROUTE_SERVING;
}

/* 0.26 and later: three lists of prefixes. */
static int convert_lists(
	const struct builder *builder, const struct ouro__hs_node *from, struct ouro__node *node)
{
	const struct {
		const struct ouro__texts *texts;
		uint32_t flag;
	} lists[] = {
		{&from->available_routes, OURO_ROUTE_ADVERTISED},
		{&from->approved_routes, OURO_ROUTE_APPROVED},
		{&from->subnet_routes, OURO_ROUTE_SERVING},
	};
	size_t count = from->available_routes.count + from->approved_routes.count +
		from->subnet_routes.count;
	struct ouro_route *routes;
	size_t at = 0;
	size_t kept = 0;

	if (!count)
		return 1;
	routes = ouro__arena_alloc(builder->arena, count * sizeof(*routes));
	if (!routes)
		return 0;
	for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++)
		for (size_t i = 0; i < lists[l].texts->count; i++) {
			routes[at].prefix = lists[l].texts->items[i];
			routes[at++].flags = lists[l].flag;
		}
	ouro__routes_sort(routes, count);
	for (size_t i = 0; i < count; i++) {
		if (kept && strcmp(routes[kept - 1].prefix, routes[i].prefix) == 0)
			routes[kept - 1].flags |= routes[i].flags;
		else
			routes[kept++] = routes[i];
	}
	for (size_t i = 0; i < kept; i++)
		mark_exit(&routes[i]);
	node->routes = routes;
	node->route_count = kept;
	return 1;
}

/* A router that withdrew its prefix can keep a stale "primary": it serves nothing. */
static uint32_t object_flags(const struct ouro__hs_route *route)
{
	uint32_t flags = 0;
	int exit_route = is_exit(route->prefix);

	if (exit_route)
		flags |= OURO_ROUTE_EXIT;
	if (route->advertised)
		flags |= OURO_ROUTE_ADVERTISED;
	if (route->enabled)
		flags |= OURO_ROUTE_APPROVED;
	if (route->advertised && (route->is_primary || (route->enabled && exit_route)))
		flags |= OURO_ROUTE_SERVING;
	return flags;
}

static int compare_owned(const void *a, const void *b)
{
	const struct owned_route *left = a;
	const struct owned_route *right = b;

	if (left->node_id != right->node_id)
		return left->node_id < right->node_id ? -1 : 1;
	return strcmp(left->route->prefix, right->route->prefix);
}

/* Up to 0.25: route objects; the orphans among them belong to no node. */
static int collect_objects(struct builder *builder, const struct ouro__hs_routes *routes)
{
	if (!routes || !routes->routes.count)
		return 1;
	builder->routes =
		ouro__arena_alloc(builder->arena, routes->routes.count * sizeof(*builder->routes));
	if (!builder->routes)
		return 0;
	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct ouro__hs_route *route = routes->routes.items[i];

		if (!route->id || !route->node || !route->node->id || !route->prefix[0])
			continue;
		builder->routes[builder->route_count].node_id = route->node->id;
		builder->routes[builder->route_count++].route = route;
	}
	if (builder->route_count)
		qsort(builder->routes, builder->route_count, sizeof(*builder->routes),
			compare_owned);
	return 1;
}

static size_t first_object(const struct builder *builder, uint64_t node_id)
{
	size_t low = 0;
	size_t high = builder->route_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (builder->routes[middle].node_id < node_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int convert_objects(const struct builder *builder, struct ouro__node *node)
{
	size_t first = first_object(builder, node->id);
	size_t count = 0;
	struct ouro_route *routes;

	while (first + count < builder->route_count &&
		builder->routes[first + count].node_id == node->id)
		count++;
	if (!count)
		return 1;
	routes = ouro__arena_alloc(builder->arena, count * sizeof(*routes));
	if (!routes)
		return 0;
	for (size_t i = 0; i < count; i++) {
		const struct ouro__hs_route *route = builder->routes[first + i].route;

		routes[i].prefix = route->prefix;
		routes[i].flags = object_flags(route);
		routes[i].id = route->id;
	}
	node->routes = routes;
	node->route_count = count;
	return 1;
}

/* Tagged nodes belong to nobody where tags are an identity, whichever user the answer happens to show. A user may have no name (from
 * 0.24 on, by OIDC): the id is what counts. */
static void convert_owner(
	const struct builder *builder, const struct ouro__hs_node *from, struct ouro__node *node)
{
	int nobody = !from->user || !from->user->id ||
		from->user->id == OURO__USER_TAGGED_DEVICES ||
		((builder->generation->capabilities & OURO_CAN_TAG_IDENTITY) && node->tag_count);

	node->user_id = nobody ? 0 : from->user->id;
	node->user_name = nobody ? "" : from->user->name;
}

static int convert_node(
	const struct builder *builder, const struct ouro__hs_node *from, struct ouro__node *node)
{
	node->id = from->id;
	node->given_name = cut(builder->arena, from->given_name);
	node->name = cut(builder->arena, from->name);
	node->addresses = from->addresses.items;
	node->address_count = from->addresses.count;
	node->expiry = from->expiry;
	node->last_seen = from->last_seen;
	node->created = from->created;
	node->online = from->online;
	node->ephemeral = from->pre_auth_key && from->pre_auth_key->ephemeral;
	node->register_method = from->register_method >= OURO_REGISTER_AUTH_KEY &&
			from->register_method <= OURO_REGISTER_OIDC
		? from->register_method
		: OURO_REGISTER_UNKNOWN;
	if (!node->given_name || !node->name || !convert_tags(builder, from, node))
		return 0;
	convert_owner(builder, from, node);
	return builder->generation->operations[OURO__OP_GET_ROUTES]
		? convert_objects(builder, node)
		: convert_lists(builder, from, node);
}

ouro_status ouro__headscale_snapshot(ouro__snapshot *snapshot, const ouro__generation *generation,
	const struct ouro__hs_nodes *nodes, const struct ouro__hs_users *users,
	const struct ouro__hs_routes *routes, ouro_error *reterr)
{
	struct builder builder = {snapshot->arena, generation, NULL, 0};
	struct ouro__node *to_nodes =
		ouro__arena_alloc(snapshot->arena, nodes->nodes.count * sizeof(*to_nodes));
	struct ouro__user *to_users =
		ouro__arena_alloc(snapshot->arena, users->users.count * sizeof(*to_users));

	if (!to_nodes || !to_users || !collect_objects(&builder, routes))
		return ouro__error_nomem(reterr);
	for (size_t i = 0; i < nodes->nodes.count; i++)
		if (!convert_node(&builder, nodes->nodes.items[i], &to_nodes[i]))
			return ouro__error_nomem(reterr);
	for (size_t i = 0; i < users->users.count; i++) {
		const struct ouro__hs_user *user = users->users.items[i];

		to_users[i].id = user->id;
		to_users[i].name = user->name;
	}
	snapshot->capabilities = generation->capabilities;
	return ouro__snapshot_finish(
		snapshot, to_nodes, nodes->nodes.count, to_users, users->users.count, reterr);
}
