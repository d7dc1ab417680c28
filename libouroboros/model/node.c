/* The public view of nodes and routes. Pure; any thread. */
#include <stdlib.h>

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
