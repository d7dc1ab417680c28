/* Writing: every call reads the node anew, decides on what was read, acts once and writes an audit record, whatever came of it.
 * The steps are the same for all actions, so they stand in one place (run); an action adds its check and its one call. If Headscale
 * was replaced before anything was sent, all of it is done once more: another version may be decided on otherwise. */
#include <stdio.h>
#include <string.h>

#include "api/view.h"
#include "base/options.h"
#include "base/str.h"

struct write {
	const ouro_person *person;
	uint64_t id;
	int action;                    /* enum ouro_action */
	const char *name;              /* of the action, for the audit record */
	const char *argument;          /* new name or prefix */
	int on;                        /* exit switch, or enum ouro__route_step */
	const struct ouro__node *node; /* as just read */
	const char *before;
	const char *after;
	ouro_tailnet *tailnet;
	struct ouro__basis basis;
	const struct ouro__view *view;
	/* Checks beyond access/, sets before and after; OK and *ret_done = 1 when there is nothing to do. */
	ouro_status (*prepare)(struct write *write, int *ret_done, ouro_error *reterr);
	ouro_status (*act)(const struct write *write, ouro_error *reterr);
};

static ouro_status decide(
	struct write *write, const ouro_write_options *options, int *ret_done, ouro_error *reterr)
{
	struct ouro__access_request request = {.step = write->on, .prefix = write->argument};
	struct ouro__object object;
	ouro_status rc;

	write->node = write->id ? ouro__snapshot_node(write->view->snapshot, write->id) : NULL;
	object = ouro__view_object(write->node);
	rc = ouro__access_decide(write->person->policy, &write->view->subject, write->action,
		&object, write->action == OURO_ACTION_ROUTES ? &request : NULL, reterr);
	if (rc < 0 || !write->node)
		return rc;
	if (options->seen && options->seen != ouro__node_fingerprint(write->node))
		return ouro__error_set(reterr, OURO_ERR_CHANGED,
			"%.63s changed since it was shown; nothing was done",
			write->node->given_name);
	return write->prepare ? write->prepare(write, ret_done, reterr) : OURO_OK;
}

static void record(const struct write *write, const ouro_write_options *options, ouro_status rc)
{
	struct ouro__audit_record entry = {0};

	entry.action = write->name;
	entry.node = write->id;
	if (write->node) {
		entry.name = write->node->given_name;
		entry.user = write->node->user_name;
	}
	entry.before = write->before;
	entry.after = write->after;
	entry.result = rc;
	entry.address = options->address;
	ouro__portal_audit(write->person, &entry);
}

/* The node afterwards; that it cannot be read is no failure of the write. */
static void read_back(const struct write *write, ouro_node **ret_node)
{
	const struct ouro__node *node;
	struct ouro__view view;

	*ret_node = NULL;
	if (ouro__view_read_fresh(write->person, &view, NULL) < 0)
		return;
	node = ouro__snapshot_node(view.snapshot, write->id);
	if (node && ouro__view_visible(&view, node))
		(void)ouro__node_own(
			view.snapshot, node, ouro__view_mine(&view, node), ret_node, NULL);
	ouro__view_done(&view);
}

/* Read, decide, act. The view stays for what follows. *ret_again = 1: nothing was sent, and it may be tried anew. */
static ouro_status attempt(struct write *write, const ouro_write_options *options,
	struct ouro__view *view, int *ret_again, ouro_error *reterr)
{
	ouro_error error = OURO_ERROR_INIT;
	int done = 0;
	ouro_status rc = ouro__view_read_fresh(write->person, view, &error);

	*ret_again = 0;
	write->node = NULL;
	write->before = write->after = NULL;
	if (rc == OURO_OK) {
		write->view = view;
		rc = decide(write, options, &done, &error);
	}
	if (rc == OURO_OK && !done) {
		write->basis.snapshot = view->snapshot;
		if (!write->basis.until)
			write->basis.until = ouro__tailnet_write_until(write->tailnet);
		rc = write->act(write, &error);
		*ret_again = ouro__tailnet_write_again(rc, &error, write->basis.until);
	}
	if (rc < 0)
		ouro__error_copy(reterr, &error);
	return rc;
}

static ouro_status run(struct write *write, const ouro_write_options *given, ouro_node **ret_node,
	ouro_error *reterr)
{
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	struct ouro__view view = {0};
	int again = 0;
	ouro_status rc;

	if (!write->person)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "changing a node needs a person");
	rc = ouro__options_import(&options, sizeof(options), given, reterr);
	if (rc < 0)
		return rc;
	write->tailnet = write->person->portal->tailnet;
	rc = attempt(write, &options, &view, &again, reterr);
	if (again) {
		ouro__view_done(&view);
		rc = attempt(write, &options, &view, &again, reterr);
	}
	record(write, &options, rc);
	if (rc == OURO_OK && ret_node)
		read_back(write, ret_node);
	write->view = NULL;
	ouro__view_done(&view);
	return rc;
}

static ouro_status rename_prepare(struct write *write, int *ret_done, ouro_error *reterr)
{
	const ouro__snapshot *snapshot = write->view->snapshot;
	ouro_status rc;

	write->before = write->node->given_name;
	write->after = write->argument;
	if (strcmp(write->node->given_name, write->argument) == 0) {
		*ret_done = 1; /* older servers would refuse it as taken: by itself */
		return OURO_OK;
	}
	rc = ouro__headscale_name_check(snapshot->capabilities, write->argument, reterr);
	if (rc == OURO_OK && ouro__snapshot_name_taken(snapshot, write->id, write->argument))
		rc = ouro__error_set(reterr, OURO_ERR_CONFLICT, "%.63s is taken by another device",
			write->argument);
	return rc;
}

static ouro_status rename_act(const struct write *write, ouro_error *reterr)
{
	return ouro__tailnet_rename(
		write->tailnet, &write->basis, write->node, write->argument, reterr);
}

ouro_status ouro_node_rename(const ouro_person *person, uint64_t id, const char *name,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	struct write write = {
		.person = person, .id = id, .action = OURO_ACTION_RENAME, .name = "rename"};

	if (!name)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "renaming needs a name");
	write.argument = name;
	write.prepare = rename_prepare;
	write.act = rename_act;
	return run(&write, options, ret_node, reterr);
}

static ouro_status expire_prepare(struct write *write, int *ret_done, ouro_error *reterr)
{
	(void)ret_done;
	(void)reterr;
	write->before = ouro__node_state(write->node, ouro__portal_now(write->person->portal)) ==
			OURO_NODE_EXPIRED
		? "expired"
		: "valid";
	write->after = "expired";
	return OURO_OK;
}

static ouro_status expire_act(const struct write *write, ouro_error *reterr)
{
	return ouro__tailnet_expire(write->tailnet, &write->basis, write->node, reterr);
}

ouro_status ouro_node_expire(const ouro_person *person, uint64_t id,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	struct write write = {
		.person = person, .id = id, .action = OURO_ACTION_EXPIRE, .name = "expire"};

	write.prepare = expire_prepare;
	write.act = expire_act;
	return run(&write, options, ret_node, reterr);
}

static ouro_status delete_act(const struct write *write, ouro_error *reterr)
{
	return ouro__tailnet_delete(write->tailnet, &write->basis, write->node, reterr);
}

ouro_status ouro_node_delete(const ouro_person *person, uint64_t id,
	const ouro_write_options *options, ouro_error *reterr)
{
	struct write write = {
		.person = person, .id = id, .action = OURO_ACTION_DELETE, .name = "delete"};

	write.act = delete_act;
	return run(&write, options, NULL, reterr);
}

static ouro_status exit_prepare(struct write *write, int *ret_done, ouro_error *reterr)
{
	int state = ouro__node_exit_state(write->node);
	int approved = state == OURO_EXIT_ON || state == OURO_EXIT_IDLE;

	write->before = approved ? "on" : "off";
	write->after = write->on ? "on" : "off";
	if (write->on && (state == OURO_EXIT_NONE || state == OURO_EXIT_IDLE))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%.63s does not offer to be an exit node; run on it: tailscale set --advertise-exit-node",
			write->node->given_name);
	if (!write->on && !approved)
		*ret_done = 1;
	return OURO_OK;
}

static ouro_status exit_act(const struct write *write, ouro_error *reterr)
{
	return ouro__tailnet_exit_set(
		write->tailnet, &write->basis, write->node, write->on, reterr);
}

ouro_status ouro_node_exit_node_set(const ouro_person *person, uint64_t id, int on,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	struct write write = {
		.person = person, .id = id, .action = OURO_ACTION_EXIT_NODE, .name = "exit-node"};

	write.on = on != 0;
	write.prepare = exit_prepare;
	write.act = exit_act;
	return run(&write, options, ret_node, reterr);
}

static const char *route_words(uint32_t flags)
{
	if (!(flags & OURO_ROUTE_APPROVED))
		return "not approved";
	return flags & OURO_ROUTE_ADVERTISED ? "approved" : "approved, not advertised";
}

static ouro_status route_prepare(struct write *write, int *ret_done, ouro_error *reterr)
{
	const struct ouro_route *route = ouro__node_route_find(write->node, write->argument);
	uint32_t flags = route ? route->flags : 0;

	if (!route || (flags & OURO_ROUTE_EXIT))
		return ouro__error_set(reterr, OURO_ERR_NOTFOUND, "%.63s has no route %.64s",
			write->node->given_name, write->argument);
	write->before = route_words(flags);
	if (write->on == OURO__ROUTE_FORGET) {
		write->after = "forgotten";
		if (flags & OURO_ROUTE_ADVERTISED)
			return ouro__error_set(reterr, OURO_ERR_INVALID,
				"%.63s still offers %.64s; only a route that is offered no more can be forgotten",
				write->node->given_name, write->argument);
		return OURO_OK;
	}
	write->after = write->on == OURO__ROUTE_APPROVE ? "approved" : "not approved";
	if (write->on == OURO__ROUTE_APPROVE && !(flags & OURO_ROUTE_ADVERTISED))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%.63s does not offer %.64s now; nothing to approve",
			write->node->given_name, write->argument);
	if (((flags & OURO_ROUTE_APPROVED) != 0) == (write->on == OURO__ROUTE_APPROVE))
		*ret_done = 1;
	return OURO_OK;
}

static ouro_status route_act(const struct write *write, ouro_error *reterr)
{
	switch (write->on) {
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
	struct write write = {.person = person, .id = id, .action = OURO_ACTION_ROUTES, .on = step};
	char argument[64]; /* the audit record names the prefix in "action" order: action prefix */
	char action[96];

	if (!prefix || !ouro__str_copy(argument, sizeof(argument), prefix))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "a route needs a prefix like 10.0.0.0/24");
	(void)snprintf(action, sizeof(action), "%s %s", name, argument);
	ouro__str_one_line(action);
	write.name = action;
	write.argument = argument;
	write.prepare = route_prepare;
	write.act = route_act;
	return run(&write, options, ret_node, reterr);
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
