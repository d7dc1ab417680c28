/* Writing: every call reads the node anew, decides on what was read, acts once and writes an audit record, whatever came of it.
 * The steps are the same for all actions, so they stand in one place; an action adds its check and its one call. If Headscale
 * was replaced before anything was sent, all of it is done once more: another version may be decided on otherwise. */
#include "api/write.h"

#include "base/options.h"

static ouro_status decide(struct ouro__write *write, const ouro_write_options *options,
	int *ret_done, ouro_error *reterr)
{
	struct ouro__object object;
	ouro_status rc;

	write->node = write->id ? ouro__snapshot_node(write->view->snapshot, write->id) : NULL;
	object = ouro__view_object(write->node);
	rc = ouro__access_decide(write->person->policy, &write->view->subject, write->action,
		&object, &write->request, reterr);
	if (rc < 0 || !write->node)
		return rc;
	if (options->seen && options->seen != ouro__node_fingerprint(write->node))
		return ouro__error_set(reterr, OURO_ERR_CHANGED,
			"%.63s changed since it was shown; nothing was done",
			write->node->given_name);
	return write->prepare ? write->prepare(write, ret_done, reterr) : OURO_OK;
}

static void record(
	const struct ouro__write *write, const ouro_write_options *options, ouro_status rc)
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
static void read_back(const struct ouro__write *write, ouro_node **ret_node)
{
	const struct ouro__node *node;
	struct ouro__view view;

	*ret_node = NULL;
	if (ouro__view_read_fresh(write->person, &view, NULL) < 0)
		return;
	node = ouro__snapshot_node(view.snapshot, write->id);
	if (node && ouro__view_visible(&view, node))
		(void)ouro__view_own(&view, node, ret_node, NULL);
	ouro__view_done(&view);
}

/* Read, decide, act. The view stays for what follows. *ret_again = 1: nothing was sent, and it may be tried anew. */
static ouro_status attempt(struct ouro__write *write, const ouro_write_options *options,
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

ouro_status ouro__write_run(struct ouro__write *write, const ouro_write_options *given,
	ouro_node **ret_node, ouro_error *reterr)
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
