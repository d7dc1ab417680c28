/* Changes of a node that are not about routes; how they go is in write.c. */
#include <string.h>

#include "api/write.h"
#include "base/buf.h"
#include "rpc/json_time.h"

static ouro_status rename_prepare(struct ouro__write *write, int *ret_done, ouro_error *reterr)
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

static ouro_status rename_act(const struct ouro__write *write, ouro_error *reterr)
{
	return ouro__tailnet_rename(
		write->tailnet, &write->basis, write->node, write->argument, reterr);
}

ouro_status ouro_node_rename(const ouro_person *person, uint64_t id, const char *name,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	struct ouro__write write = {
		.person = person, .id = id, .action = OURO_ACTION_RENAME, .name = "rename"};

	if (!name)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "renaming needs a name");
	write.argument = name;
	write.prepare = rename_prepare;
	write.act = rename_act;
	return ouro__write_run(&write, options, ret_node, reterr);
}

static ouro_status expire_prepare(struct ouro__write *write, int *ret_done, ouro_error *reterr)
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

static ouro_status expire_act(const struct ouro__write *write, ouro_error *reterr)
{
	return ouro__tailnet_expire(write->tailnet, &write->basis, write->node, reterr);
}

ouro_status ouro_node_expire(const ouro_person *person, uint64_t id,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	struct ouro__write write = {
		.person = person, .id = id, .action = OURO_ACTION_EXPIRE, .name = "expire"};

	write.prepare = expire_prepare;
	write.act = expire_act;
	return ouro__write_run(&write, options, ret_node, reterr);
}

/* For the audit record. */
struct expiry_words {
	ouro__buf before;
	ouro__buf after;
};

static const char *expiry_words(ouro__buf *words, int64_t expiry)
{
	ouro__buf_clear(words);
	if (expiry == OURO_TIME_NEVER || !ouro__json_time_put(words, expiry))
		ouro__buf_text(words, expiry == OURO_TIME_NEVER ? "never" : "?");
	return ouro__buf_str(words);
}

static ouro_status extend_prepare(struct ouro__write *write, int *ret_done, ouro_error *reterr)
{
	struct expiry_words *words = write->more;

	write->before = expiry_words(&words->before, write->node->expiry);
	write->after = expiry_words(&words->after, write->expiry);
	if (write->expiry <= ouro__portal_now(write->person->portal))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the end of a key must lie ahead; to end it at once, log the device out");
	*ret_done = write->node->expiry == write->expiry;
	return OURO_OK;
}

static ouro_status extend_act(const struct ouro__write *write, ouro_error *reterr)
{
	return ouro__tailnet_extend(
		write->tailnet, &write->basis, write->node, write->expiry, reterr);
}

ouro_status ouro_node_extend(const ouro_person *person, uint64_t id, int64_t expiry,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	struct expiry_words words = {OURO__BUF_INIT(64), OURO__BUF_INIT(64)};
	struct ouro__write write = {
		.person = person, .id = id, .action = OURO_ACTION_EXTEND, .name = "extend"};
	ouro_status rc;

	write.expiry = expiry;
	if (person)
		write.request.ahead = ouro__portal_ahead(person->portal, expiry);
	write.prepare = extend_prepare;
	write.act = extend_act;
	write.more = &words;
	rc = ouro__write_run(&write, options, ret_node, reterr);
	ouro__buf_done(&words.after);
	ouro__buf_done(&words.before);
	return rc;
}

int64_t ouro_person_extend_until(const ouro_person *person, int *ret_never)
{
	int64_t longest;
	int never = 0;

	if (ret_never)
		*ret_never = 0;
	if (!person || !ouro_person_may(person, OURO_ACTION_EXTEND))
		return 0;
	longest = ouro__policy_extend(person->policy, &never);
	if (ret_never)
		*ret_never = person->holder || never;
	return person->holder ? OURO_TIME_NEVER : ouro__portal_now(person->portal) + longest;
}

static ouro_status delete_act(const struct ouro__write *write, ouro_error *reterr)
{
	return ouro__tailnet_delete(write->tailnet, &write->basis, write->node, reterr);
}

ouro_status ouro_node_delete(const ouro_person *person, uint64_t id,
	const ouro_write_options *options, ouro_error *reterr)
{
	struct ouro__write write = {
		.person = person, .id = id, .action = OURO_ACTION_DELETE, .name = "delete"};

	write.act = delete_act;
	return ouro__write_run(&write, options, NULL, reterr);
}

static ouro_status exit_prepare(struct ouro__write *write, int *ret_done, ouro_error *reterr)
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

static ouro_status exit_act(const struct ouro__write *write, ouro_error *reterr)
{
	return ouro__tailnet_exit_set(
		write->tailnet, &write->basis, write->node, write->on, reterr);
}

ouro_status ouro_node_exit_node_set(const ouro_person *person, uint64_t id, int on,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr)
{
	struct ouro__write write = {
		.person = person, .id = id, .action = OURO_ACTION_EXIT_NODE, .name = "exit-node"};

	write.on = on != 0;
	write.prepare = exit_prepare;
	write.act = exit_act;
	return ouro__write_run(&write, options, ret_node, reterr);
}
