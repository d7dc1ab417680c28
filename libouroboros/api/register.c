/* Registering a pending device for a person. A success says that a node exists, not that the device is in. */
#include <string.h>

#include "api/view.h"
#include "base/options.h"

ouro_status ouro_registration_parse(
	const char *text, size_t length, ouro_registration *ret_reg, ouro_error *reterr)
{
	if (!text || !ret_reg || ret_reg->size < sizeof(*ret_reg))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"reading a key needs a text and OURO_REGISTRATION_INIT");
	return ouro__registration_parse(text, length, ret_reg, reterr);
}

static ouro_status decide(const struct ouro__view *view, const char *user, ouro_error *reterr)
{
	const struct ouro__user *owner = NULL;
	struct ouro__object object = {0};
	ouro_status rc;

	object.own_count = ouro__view_own_count(view);
	rc = ouro__access_decide(
		view->person->policy, &view->subject, OURO_ACTION_REGISTER, &object, NULL, reterr);
	if (rc < 0)
		return rc;
	return ouro__view_user(view, user, "device", &owner, reterr);
}

static void record(const ouro_person *person, const ouro_write_options *options, const char *user,
	uint64_t id, const ouro_node *node, ouro_status rc)
{
	struct ouro__audit_record entry = {0};

	entry.action = "register";
	entry.user = user;
	entry.node = id;
	entry.name = node ? ouro_node_name(node) : NULL;
	entry.after = rc == OURO_OK ? "registered" : NULL;
	entry.result = rc;
	entry.address = options->address;
	ouro__portal_audit(person, &entry);
}

static ouro_node *read_back(const ouro_person *person, uint64_t id)
{
	const struct ouro__node *node;
	struct ouro__view view;
	ouro_node *found = NULL;

	if (ouro__view_read_fresh(person, &view, NULL) < 0)
		return NULL;
	node = id ? ouro__snapshot_node(view.snapshot, id) : NULL;
	if (node && ouro__view_visible(&view, node))
		(void)ouro__view_own(&view, node, &found, NULL);
	ouro__view_done(&view);
	return found;
}

/* Read, decide, register. *ret_again = 1: nothing was sent, and it may be tried anew. */
static ouro_status attempt(const ouro_person *person, const char *user,
	const ouro_registration *registration, int64_t *until, uint64_t *ret_id, int *ret_again,
	ouro_error *reterr)
{
	struct ouro__view view;
	ouro_status rc = ouro__view_read_fresh(person, &view, reterr);

	*ret_again = 0;
	if (rc < 0)
		return rc;
	rc = decide(&view, user, reterr);
	if (rc == OURO_OK) {
		struct ouro__basis basis = {view.snapshot, 0};

		if (!*until)
			*until = ouro__tailnet_write_until(person->portal->tailnet);
		basis.until = *until;
		rc = ouro__tailnet_register(
			person->portal->tailnet, &basis, user, registration, ret_id, reterr);
		*ret_again = ouro__tailnet_write_again(rc, reterr, *until);
	}
	ouro__view_done(&view);
	return rc;
}

ouro_status ouro_node_register(const ouro_person *person, const ouro_registration *registration,
	const ouro_write_options *given, ouro_node **ret_node, ouro_error *reterr)
{
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_node *node = NULL;
	const char *user;
	int64_t until = 0;
	uint64_t id = 0;
	int again = 0;
	ouro_status rc;

	if (!person || !registration || !memchr(registration->key, 0, sizeof(registration->key)))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"registering needs a person and a registration key");
	rc = ouro__options_import(&options, sizeof(options), given, reterr);
	if (rc < 0)
		return rc;
	user = ouro__view_pick_user(person, options.user);
	rc = attempt(person, user, registration, &until, &id, &again, &error);
	if (again)
		rc = attempt(person, user, registration, &until, &id, &again, &error);
	if (rc == OURO_OK)
		node = read_back(person, id);
	else
		ouro__error_copy(reterr, &error);
	record(person, &options, user, id, node, rc);
	if (rc == OURO_OK && ret_node) {
		*ret_node = node;
		node = NULL;
	}
	ouro_node_free(node);
	return rc;
}
