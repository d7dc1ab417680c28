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

static ouro_status send_list(const struct ouro__server *server, const struct ouro__node *node,
	const char *const *prefixes, size_t count, const char *what, int64_t deadline,
	ouro_error *reterr)
{
	struct ouro__hs_approve_request request = {node->id, {NULL, count}};
	ouro_status rc;

	request.routes.items = ouro__alloc(count, sizeof(*request.routes.items));
	if (!request.routes.items)
		return ouro__error_nomem(reterr);
	for (size_t i = 0; i < count; i++)
		request.routes.items[i] = prefixes[i];
	rc = ouro__headscale_write(
		server, OURO__OP_SET_APPROVED_ROUTES, &request, what, deadline, NULL, reterr);
	free(request.routes.items);
	return rc;
}

static ouro_status replace_list(const struct ouro__server *server, const struct ouro__node *node,
	keep_fn keep, const char *prefix, const char *what, int64_t deadline, ouro_error *reterr)
{
	const char **prefixes = ouro__alloc(node->route_count, sizeof(*prefixes));
	size_t count = 0;
	ouro_status rc;

	if (!prefixes)
		return ouro__error_nomem(reterr);
	for (size_t i = 0; i < node->route_count; i++)
		if (keep(&node->routes[i], prefix))
			prefixes[count++] = node->routes[i].prefix;
	rc = send_list(server, node, prefixes, count, what, deadline, reterr);
	free(prefixes);
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

static int in_list(const char *const *prefixes, size_t count, const char *prefix)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(prefixes[i], prefix) == 0)
			return 1;
	return 0;
}

/* What a set comes to. Both exit prefixes are one change. */
struct changes {
	size_t withdrawn;
	size_t approved;
	int exit_on;
	int exit_off;
};

static struct changes changes_of(
	const struct ouro__node *node, const char *const *prefixes, size_t count)
{
	struct changes changes = {0};

	for (size_t i = 0; i < node->route_count; i++) {
		const struct ouro_route *route = &node->routes[i];
		int now = (route->flags & OURO_ROUTE_APPROVED) != 0;
		int then = in_list(prefixes, count, route->prefix);

		if (now == then)
			continue;
		if (route->flags & OURO_ROUTE_EXIT) {
			changes.exit_on |= then;
			changes.exit_off |= !then;
		} else {
			changes.approved += then != 0;
			changes.withdrawn += then == 0;
		}
	}
	/* Approving the second of them is no withdrawal of the first. */
	if (changes.exit_on)
		changes.exit_off = 0;
	return changes;
}

/* One call a change, those that withdraw or those that approve; counts what is done. */
static ouro_status set_objects(const struct ouro__server *server, const struct ouro__node *node,
	const char *const *prefixes, size_t count, int approve, int64_t deadline, size_t *done,
	ouro_error *reterr)
{
	for (size_t i = 0; i < node->route_count; i++) {
		const struct ouro_route *route = &node->routes[i];
		int now = (route->flags & OURO_ROUTE_APPROVED) != 0;
		int then = in_list(prefixes, count, route->prefix);
		ouro_status rc;

		if (now == then || then != approve || (route->flags & OURO_ROUTE_EXIT))
			continue;
		rc = approve ? ouro__headscale_route_approve(
				       server, node, route->prefix, deadline, reterr)
			     : ouro__headscale_route_withdraw(
				       server, node, route->prefix, deadline, reterr);
		if (rc < 0)
			return rc;
		(*done)++;
	}
	return OURO_OK;
}

/* Says of a failure half way what was done before it. */
static ouro_status half_way(ouro_status rc, size_t done, size_t all, ouro_error *reterr)
{
	if (!done)
		return rc;
	ouro__error_prefix(reterr, "%zu of %zu changes are done, then", done, all);
	if (rc != OURO_ERR_UNREACHABLE && rc != OURO_ERR_TIMEOUT)
		return rc;
	/* Their meaning is that nothing was changed. */
	ouro__error_restate(reterr, OURO_ERR_UNCERTAIN);
	return OURO_ERR_UNCERTAIN;
}

static ouro_status set_by_objects(const struct ouro__server *server, const struct ouro__node *node,
	const char *const *prefixes, size_t count, const struct changes *changes, int64_t deadline,
	ouro_error *reterr)
{
	ouro_error error = OURO_ERROR_INIT;
	size_t done = 0;
	ouro_status rc = set_objects(server, node, prefixes, count, 0, deadline, &done, &error);

	if (rc == OURO_OK && (changes->exit_on || changes->exit_off)) {
		rc = ouro__headscale_exit_set(server, node, changes->exit_on, deadline, &error);
		done += rc == OURO_OK;
	}
	if (rc == OURO_OK)
		rc = set_objects(server, node, prefixes, count, 1, deadline, &done, &error);
	if (rc < 0) {
		size_t exits = changes->exit_on || changes->exit_off ? 1 : 0;

		rc = half_way(rc, done, changes->withdrawn + changes->approved + exits, &error);
		ouro__error_copy(reterr, &error);
	}
	return rc;
}

/* Nobody's list holds what the device does not have. */
static ouro_status check_list(const struct ouro__node *node, const char *const *prefixes,
	size_t count, const char *what, ouro_error *reterr)
{
	for (size_t i = 0; i < count; i++) {
		const struct ouro_route *route = ouro__node_route_find(node, prefixes[i]);

		if (!route)
			return ouro__error_set(reterr, OURO_ERR_INVALID,
				"%s: the device has no route %.64s", what, prefixes[i]);
		if (!(route->flags & (OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED)))
			return ouro__error_set(reterr, OURO_ERR_INVALID,
				"%s: the device does not offer %.64s now", what, prefixes[i]);
	}
	return OURO_OK;
}

ouro_status ouro__headscale_routes_set(const struct ouro__server *server,
	const struct ouro__node *node, const char *const *prefixes, size_t count, int64_t deadline,
	ouro_error *reterr)
{
	static const char what[] = "setting the approved routes";
	struct changes changes;
	ouro_status rc = gate(server, node, what, reterr);

	if (rc == OURO_OK)
		rc = check_list(node, prefixes, count, what, reterr);
	if (rc < 0)
		return rc;
	changes = changes_of(node, prefixes, count);
	if (!changes.withdrawn && !changes.approved && !changes.exit_on && !changes.exit_off)
		return OURO_OK;
	if (has_objects(server->generation))
		return set_by_objects(server, node, prefixes, count, &changes, deadline, reterr);
	return send_list(server, node, prefixes, count, what, deadline, reterr);
}
