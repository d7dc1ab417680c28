/* Approving and withdrawing routes: by route objects (up to 0.25), or by replacing the node's list of approved prefixes. The list
 * comes from the node just read: the server has no atomic change of it. */
#include <stdlib.h>
#include <string.h>

#include "headscale/write.h"

static int has_objects(const ouro__generation *generation)
{
	return generation->operations[OURO__OP_GET_ROUTES] != NULL;
}

/* Whether this server may be asked to change a route at all. */
static ouro_status gate(const struct ouro__server *server, const struct ouro__node *node,
	const char *what, ouro_error *reterr)
{
	return ouro__headscale_gate(server,
		has_objects(server->generation) ? OURO__OP_ENABLE_ROUTE
						: OURO__OP_SET_APPROVED_ROUTES,
		node, what, reterr);
}

static ouro_status call_object(const struct ouro__server *server, enum ouro__operation operation,
	const struct ouro_route *route, const char *what, int64_t deadline, ouro_error *reterr)
{
	struct ouro__hs_route_request request = {route->id};

	if (!route->id)
		return ouro__error_set(
			reterr, OURO_ERR_INTERNAL, "%s: the route has no object", what);
	return ouro__headscale_write(server, operation, &request, what, deadline, NULL, reterr);
}

/* What the new list holds: every approved route but those that drop, and those that add. */
typedef int (*keep_fn)(const struct ouro_route *route, const char *prefix);

static int keep_add(const struct ouro_route *route, const char *prefix)
{
	return (route->flags & OURO_ROUTE_APPROVED) || strcmp(route->prefix, prefix) == 0;
}

static int keep_without(const struct ouro_route *route, const char *prefix)
{
	return (route->flags & OURO_ROUTE_APPROVED) && strcmp(route->prefix, prefix) != 0;
}

static int keep_exit_on(const struct ouro_route *route, const char *prefix)
{
	(void)prefix;
	return (route->flags & OURO_ROUTE_APPROVED) ||
		((route->flags & OURO_ROUTE_EXIT) && (route->flags & OURO_ROUTE_ADVERTISED));
}

static int keep_exit_off(const struct ouro_route *route, const char *prefix)
{
	(void)prefix;
	return (route->flags & OURO_ROUTE_APPROVED) && !(route->flags & OURO_ROUTE_EXIT);
}

static ouro_status replace_list(const struct ouro__server *server, const struct ouro__node *node,
	keep_fn keep, const char *prefix, const char *what, int64_t deadline, ouro_error *reterr)
{
	struct ouro__hs_approve_request request = {node->id, {NULL, 0}};
	ouro_status rc;

	request.routes.items = ouro__alloc(node->route_count, sizeof(*request.routes.items));
	if (!request.routes.items)
		return ouro__error_nomem(reterr);
	for (size_t i = 0; i < node->route_count; i++)
		if (keep(&node->routes[i], prefix))
			request.routes.items[request.routes.count++] = node->routes[i].prefix;
	rc = ouro__headscale_write(
		server, OURO__OP_SET_APPROVED_ROUTES, &request, what, deadline, NULL, reterr);
	free(request.routes.items);
	return rc;
}

static ouro_status exit_on(const struct ouro__server *server, const struct ouro__node *node,
	int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "switching the exit node on";
	const struct ouro_route *waiting = NULL;
	size_t offered = 0;
	ouro_status rc = gate(server, node, what, reterr);

	if (rc < 0)
		return rc;

	for (size_t i = 0; i < node->route_count; i++) {
		uint32_t flags = node->routes[i].flags;

		if (!(flags & OURO_ROUTE_EXIT) || !(flags & OURO_ROUTE_ADVERTISED))
			continue;
		offered++;
		if (!(flags & OURO_ROUTE_APPROVED) && !waiting)
			waiting = &node->routes[i];
	}
	if (!offered)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "%s: the device does not offer to be one", what);
	if (!waiting)
		return OURO_OK;
	if (has_objects(server->generation))
		return call_object(server, OURO__OP_ENABLE_ROUTE, waiting, what, deadline, reterr);
	return replace_list(server, node, keep_exit_on, NULL, what, deadline, reterr);
}

static ouro_status exit_off(const struct ouro__server *server, const struct ouro__node *node,
	int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "switching the exit node off";
	const struct ouro_route *approved = NULL;
	ouro_status rc = gate(server, node, what, reterr);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < node->route_count && !approved; i++)
		if ((node->routes[i].flags & OURO_ROUTE_EXIT) &&
			(node->routes[i].flags & OURO_ROUTE_APPROVED))
			approved = &node->routes[i];
	if (!approved)
		return OURO_OK;
	/* One object stands for both families. */
	if (has_objects(server->generation))
		return call_object(
			server, OURO__OP_DISABLE_ROUTE, approved, what, deadline, reterr);
	return replace_list(server, node, keep_exit_off, NULL, what, deadline, reterr);
}

ouro_status ouro__headscale_exit_set(const struct ouro__server *server,
	const struct ouro__node *node, int on, int64_t deadline, ouro_error *reterr)
{
	return on ? exit_on(server, node, deadline, reterr)
		  : exit_off(server, node, deadline, reterr);
}

/* The route to act on; an exit prefix goes through the switch, so that both families stay one. */
static ouro_status find(const struct ouro__server *server, const struct ouro__node *node,
	const char *prefix, const char *what, const struct ouro_route **ret_route,
	ouro_error *reterr)
{
	const struct ouro_route *route = ouro__node_route_find(node, prefix);
	ouro_status rc = gate(server, node, what, reterr);

	if (rc < 0)
		return rc;
	if (!route)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s: the device has no route %.64s", what, prefix);
	if (route->flags & OURO_ROUTE_EXIT)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s: %.64s is switched as exit node", what, prefix);
	*ret_route = route;
	return OURO_OK;
}

ouro_status ouro__headscale_route_approve(const struct ouro__server *server,
	const struct ouro__node *node, const char *prefix, int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "approving the route";
	const struct ouro_route *route = NULL;
	ouro_status rc = find(server, node, prefix, what, &route, reterr);

	if (!route)
		return rc;
	if (!(route->flags & OURO_ROUTE_ADVERTISED))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s: the device does not offer %.64s now", what, prefix);
	if (route->flags & OURO_ROUTE_APPROVED)
		return OURO_OK;
	if (has_objects(server->generation))
		return call_object(server, OURO__OP_ENABLE_ROUTE, route, what, deadline, reterr);
	return replace_list(server, node, keep_add, prefix, what, deadline, reterr);
}

ouro_status ouro__headscale_route_withdraw(const struct ouro__server *server,
	const struct ouro__node *node, const char *prefix, int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "withdrawing the route";
	const struct ouro_route *route = NULL;
	ouro_status rc = find(server, node, prefix, what, &route, reterr);

	if (!route)
		return rc;
	if (!(route->flags & OURO_ROUTE_APPROVED))
		return OURO_OK;
	if (has_objects(server->generation))
		return call_object(server, OURO__OP_DISABLE_ROUTE, route, what, deadline, reterr);
	return replace_list(server, node, keep_without, prefix, what, deadline, reterr);
}

ouro_status ouro__headscale_route_forget(const struct ouro__server *server,
	const struct ouro__node *node, const char *prefix, int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "forgetting the route";
	const struct ouro_route *route;
	ouro_status rc = ouro__headscale_gate(server, OURO__OP_DELETE_ROUTE, node, what, reterr);

	if (rc < 0)
		return rc;
	route = ouro__node_route_find(node, prefix);
	if (!route)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s: the device has no route %.64s", what, prefix);
	if (route->flags & OURO_ROUTE_ADVERTISED)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s: the device still offers %.64s", what, prefix);
	return call_object(server, OURO__OP_DELETE_ROUTE, route, what, deadline, reterr);
}
