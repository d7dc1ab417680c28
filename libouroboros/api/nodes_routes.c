/* Routes of a node: one at a time, or all at once; how a change goes is in write.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/write.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"

static const char *route_words(uint32_t flags)
{
	if (!(flags & OURO_ROUTE_APPROVED))
		return "not approved";
	return flags & OURO_ROUTE_ADVERTISED ? "approved" : "approved, not advertised";
}

static ouro_status route_prepare(struct ouro__write *write, int *ret_done, ouro_error *reterr)
{
	const struct ouro_route *route = ouro__node_route_find(write->node, write->argument);
	uint32_t flags = route ? route->flags : 0;

	if (!route || (flags & OURO_ROUTE_EXIT))
		return ouro__error_set(reterr, OURO_ERR_NOTFOUND, "%.63s has no route %.64s",
			write->node->given_name, write->argument);
	write->before = route_words(flags);
	if (write->request.step == OURO__ROUTE_FORGET) {
		write->after = "forgotten";
		if (flags & OURO_ROUTE_ADVERTISED)
			return ouro__error_set(reterr, OURO_ERR_INVALID,
				"%.63s still offers %.64s; only a route that is offered no more can be forgotten",
				write->node->given_name, write->argument);
		return OURO_OK;
	}
	write->after = write->request.step == OURO__ROUTE_APPROVE ? "approved" : "not approved";
	if (write->request.step == OURO__ROUTE_APPROVE && !(flags & OURO_ROUTE_ADVERTISED))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%.63s does not offer %.64s now; nothing to approve",
			write->node->given_name, write->argument);
	if (((flags & OURO_ROUTE_APPROVED) != 0) == (write->request.step == OURO__ROUTE_APPROVE))
		*ret_done = 1;
	return OURO_OK;
}

static ouro_status route_act(const struct ouro__write *write, ouro_error *reterr)
{
	switch (write->request.step) {
	case OURO__ROUTE_APPROVE:
		return ouro__tailnet_route_approve(
			write->tailnet, &write->basis, write->node, write->argument, reterr);
	case OURO__ROUTE_WITHDRAW:
		return ouro__tailnet_route_withdraw(
			write->tailnet, &write->basis, write->node, write->argument, reterr);
	default:
		return ouro__tailnet_route_forget(
			write->tailnet, &write->basis, write->node, write->argument, reterr);
	}
}

static ouro_status route_run(const ouro_person *person, uint64_t id, const char *prefix, int step,
	const char *name, const ouro_write_options *options, ouro_node **ret_node,
	ouro_error *reterr)
{
	struct ouro__write write = {.person = person, .id = id, .action = OURO_ACTION_ROUTES};
	char argument[64]; /* the audit record names the prefix in "action" order: action prefix */
	char action[96];

	if (!prefix || !ouro__str_copy(argument, sizeof(argument), prefix))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "a route needs a prefix like 10.0.0.0/24");
	(void)snprintf(action, sizeof(action), "%s %s", name, argument);
	ouro__str_one_line(action);
	write.name = action;
	write.argument = argument;
	write.request.step = step;
	write.request.prefix = argument;
	write.prepare = route_prepare;
	write.act = route_act;
	return ouro__write_run(&write, options, ret_node, reterr);
}

ouro_status ouro_route_approve(const ouro_person *person, uint64_t id, const char *prefix,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	return route_run(person, id, prefix, OURO__ROUTE_APPROVE, "route-approve", options,
		ret_node, reterr);
}

ouro_status ouro_route_withdraw(const ouro_person *person, uint64_t id, const char *prefix,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	return route_run(person, id, prefix, OURO__ROUTE_WITHDRAW, "route-withdraw", options,
		ret_node, reterr);
}

ouro_status ouro_route_forget(const ouro_person *person, uint64_t id, const char *prefix,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	return route_run(
		person, id, prefix, OURO__ROUTE_FORGET, "route-forget", options, ret_node, reterr);
}

enum { SET_MOST = 1024 };

/* What a set is about; the texts are for the audit record. */
struct set {
	const char *const *given;
	size_t given_count;
	int exit;          /* an exit prefix is among them */
	const char **list; /* what is approved afterwards; texts of the node */
	size_t count;
	ouro__buf before;
	ouro__buf after;
};

static int is_given(const struct set *set, const char *prefix)
{
	for (size_t i = 0; i < set->given_count; i++)
		if (strcmp(set->given[i], prefix) == 0)
			return 1;
	return 0;
}

static ouro_status decide_change(const struct ouro__write *write, int action, int step,
	const char *prefix, ouro_error *reterr)
{
	struct ouro__access_request request = {.step = step, .prefix = prefix};
	struct ouro__object object = ouro__view_object(write->node);

	return ouro__access_decide(
		write->person->policy, &write->view->subject, action, &object, &request, reterr);
}

/* A prefix that shall be approved. */
static ouro_status check_wanted(
	const struct ouro__write *write, const char *prefix, ouro_error *reterr)
{
	const struct ouro_route *route = ouro__node_route_find(write->node, prefix);
	ouro_status rc;

	if (route && (route->flags & OURO_ROUTE_APPROVED))
		return OURO_OK;
	rc = decide_change(write, OURO_ACTION_ROUTES, OURO__ROUTE_APPROVE, prefix, reterr);
	if (rc < 0)
		return rc;
	if (!route)
		return ouro__error_set(reterr, OURO_ERR_NOTFOUND, "%.63s has no route %.64s",
			write->node->given_name, prefix);
	if (!(route->flags & OURO_ROUTE_ADVERTISED))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%.63s does not offer %.64s now; nothing to approve",
			write->node->given_name, prefix);
	return OURO_OK;
}

/* The exit switch, if it is to be another than it is. */
static ouro_status check_exit(
	const struct ouro__write *write, const struct set *set, ouro_error *reterr)
{
	const struct ouro__node *node = write->node;
	int waiting = 0;
	int approved = 0;

	for (size_t i = 0; i < node->route_count; i++) {
		uint32_t flags = node->routes[i].flags;

		if (!(flags & OURO_ROUTE_EXIT))
			continue;
		approved |= (flags & OURO_ROUTE_APPROVED) != 0;
		waiting |= !(flags & OURO_ROUTE_APPROVED) && (flags & OURO_ROUTE_ADVERTISED);
	}
	if (set->exit ? approved && !waiting : !approved)
		return OURO_OK;
	if (set->exit && !waiting)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%.63s does not offer to be an exit node; run on it: tailscale set --advertise-exit-node",
			node->given_name);
	return decide_change(write, OURO_ACTION_EXIT_NODE, 0, NULL, reterr);
}

static ouro_status check_all(struct ouro__write *write, struct set *set, ouro_error *reterr)
{
	const struct ouro__node *node = write->node;
	ouro_status rc;

	set->exit = 0;
	for (size_t i = 0; i < set->given_count; i++) {
		if (ouro__access_exit_prefix(set->given[i])) {
			set->exit = 1;
			continue;
		}
		rc = check_wanted(write, set->given[i], reterr);
		if (rc < 0)
			return rc;
	}
	for (size_t i = 0; i < node->route_count; i++) {
		const struct ouro_route *route = &node->routes[i];

		if ((route->flags & OURO_ROUTE_EXIT) || !(route->flags & OURO_ROUTE_APPROVED) ||
			is_given(set, route->prefix))
			continue;
		rc = decide_change(
			write, OURO_ACTION_ROUTES, OURO__ROUTE_WITHDRAW, route->prefix, reterr);
		if (rc < 0)
			return rc;
	}
	return check_exit(write, set, reterr);
}

static void put_prefix(ouro__buf *words, const char *prefix)
{
	ouro__buf_format(words, "%s%s", words->size ? " " : "", prefix);
}

/* Fills list and texts; *ret_same: it is so already. */
static ouro_status fill(
	struct ouro__write *write, struct set *set, int *ret_same, ouro_error *reterr)
{
	const struct ouro__node *node = write->node;

	*ret_same = 1;
	free(set->list);
	set->count = 0;
	set->list = ouro__alloc(node->route_count, sizeof(*set->list));
	if (!set->list)
		return ouro__error_nomem(reterr);
	ouro__buf_clear(&set->before);
	ouro__buf_clear(&set->after);
	for (size_t i = 0; i < node->route_count; i++) {
		const struct ouro_route *route = &node->routes[i];
		int now = (route->flags & OURO_ROUTE_APPROVED) != 0;
		int then =
			(route->flags & OURO_ROUTE_EXIT) ? set->exit : is_given(set, route->prefix);

		/* A stale exit route is no part of the switch. */
		then = then && (route->flags & (OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED));
		if (now)
			put_prefix(&set->before, route->prefix);
		if (then) {
			put_prefix(&set->after, route->prefix);
			set->list[set->count++] = route->prefix;
		}
		*ret_same &= now == then;
	}
	write->before = ouro__buf_str(&set->before);
	write->after = ouro__buf_str(&set->after);
	return OURO_OK;
}

static ouro_status set_prepare(struct ouro__write *write, int *ret_done, ouro_error *reterr)
{
	struct set *set = write->more;
	ouro_status rc = check_all(write, set, reterr);

	return rc < 0 ? rc : fill(write, set, ret_done, reterr);
}

static ouro_status set_act(const struct ouro__write *write, ouro_error *reterr)
{
	const struct set *set = write->more;

	return ouro__tailnet_routes_set(
		write->tailnet, &write->basis, write->node, set->list, set->count, reterr);
}

ouro_status ouro_routes_set(const ouro_person *person, uint64_t id, const char *const *prefixes,
	size_t count, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	struct ouro__write write = {
		.person = person, .id = id, .action = OURO_ACTION_ROUTES, .name = "routes-set"};
	struct set set = {.given = prefixes,
		.given_count = count,
		.before = OURO__BUF_INIT(SET_MOST * 64),
		.after = OURO__BUF_INIT(SET_MOST * 64)};
	ouro_status rc;

	if (count && !prefixes)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "routes need their prefixes");
	if (count > SET_MOST)
		return ouro__error_set(
			reterr, OURO_ERR_LIMIT, "%zu routes at once; at most %d", count, SET_MOST);
	for (size_t i = 0; i < count; i++)
		if (!prefixes[i])
			return ouro__error_set(
				reterr, OURO_ERR_INVALID, "routes need their prefixes");
	/* Whose node it is and whether routes may be touched at all; each change is decided in prepare. */
	write.request.step = OURO__ROUTE_KEEP;
	write.prepare = set_prepare;
	write.act = set_act;
	write.more = &set;
	rc = ouro__write_run(&write, options, ret_node, reterr);
	ouro__buf_done(&set.after);
	ouro__buf_done(&set.before);
	free(set.list);
	return rc;
}
