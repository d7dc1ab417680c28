/* A person's look at the tailnet; see view.h. Ownership is by the numeric user ids of the snapshot that is decided on: a user
 * who was made again under an old name is somebody else. Any thread, one view a thread. */
#include "api/view.h"

#include <string.h>

static void resolve(struct ouro__view *view)
{
	const ouro_person *person = view->person;
	size_t count = person->user_count < OURO__POLICY_USERS_MAX ? person->user_count
								   : OURO__POLICY_USERS_MAX;

	for (size_t i = 0; i < count; i++) {
		/* Several users of one name: nobody can tell whose nodes they are, so the name owns nothing. */
		const struct ouro__user *user =
			ouro__snapshot_user(view->snapshot, person->users[i], NULL);

		view->users[i].name = person->users[i];
		view->users[i].id = user && user->id != OURO__USER_TAGGED_DEVICES ? user->id : 0;
	}
	view->subject.holder = person->holder;
	view->subject.users = view->users;
	view->subject.user_count = count;
	view->subject.scopes = person->scopes;
}

ouro_status ouro__view_read(
	const ouro_person *person, struct ouro__view *ret_view, ouro_error *reterr)
{
	ouro_status rc;

	memset(ret_view, 0, sizeof(*ret_view));
	rc = ouro__tailnet_read(
		person->portal->tailnet, &ret_view->snapshot, &ret_view->stale, reterr);
	if (rc < 0)
		return rc;
	ret_view->person = person;
	resolve(ret_view);
	return OURO_OK;
}

ouro_status ouro__view_read_fresh(
	const ouro_person *person, struct ouro__view *ret_view, ouro_error *reterr)
{
	ouro_status rc;

	memset(ret_view, 0, sizeof(*ret_view));
	rc = ouro__tailnet_read_fresh(person->portal->tailnet, &ret_view->snapshot, reterr);
	if (rc < 0)
		return rc;
	ret_view->person = person;
	resolve(ret_view);
	return OURO_OK;
}

void ouro__view_done(struct ouro__view *view)
{
	ouro__snapshot_unref(view->snapshot);
	view->snapshot = NULL;
}

struct ouro__object ouro__view_object(const struct ouro__node *node)
{
	struct ouro__object object = {0};

	if (!node)
		return object;
	object.exists = 1;
	object.user_id = node->user_id;
	object.user_name = node->user_name;
	object.tagged = !node->user_id && node->tag_count;
	object.tags = node->tags;
	object.tag_count = node->tag_count;
	return object;
}

int ouro__view_mine(const struct ouro__view *view, const struct ouro__node *node)
{
	struct ouro__object object = ouro__view_object(node);

	return ouro__access_owns(&view->subject, &object) ||
		ouro__access_keeps(view->person->policy, &view->subject, &object);
}

int ouro__view_kept(const struct ouro__view *view, const struct ouro__node *node)
{
	struct ouro__object object = ouro__view_object(node);

	return ouro__access_keeps(view->person->policy, &view->subject, &object);
}

int ouro__view_visible(const struct ouro__view *view, const struct ouro__node *node)
{
	struct ouro__object object = ouro__view_object(node);

	return ouro__access_visible(view->person->policy, &view->subject, &object);
}

size_t ouro__view_own_count(const struct ouro__view *view)
{
	size_t count = 0;

	for (size_t i = 0; i < view->snapshot->node_count; i++) {
		struct ouro__object object = ouro__view_object(&view->snapshot->nodes[i]);

		count += ouro__access_owns(&view->subject, &object) != 0;
	}
	return count;
}

ouro_status ouro__view_own(const struct ouro__view *view, const struct ouro__node *node,
	ouro_node **ret_node, ouro_error *reterr)
{
	return ouro__node_own(view->snapshot, node, ouro__view_mine(view, node),
		ouro__view_kept(view, node), view->stale, ret_node, reterr);
}

const char *ouro__view_pick_user(const ouro_person *person, const char *wanted)
{
	if (person->holder)
		return wanted;
	for (size_t i = 0; i < person->user_count; i++)
		if (!wanted || strcmp(person->users[i], wanted) == 0)
			return person->users[i];
	return NULL;
}

ouro_status ouro__view_user(const struct ouro__view *view, const char *name, const char *what,
	const struct ouro__user **ret_user, ouro_error *reterr)
{
	const struct ouro__user *user;
	size_t count = 0;

	if (!name || !*name)
		return ouro__error_set(reterr, OURO_ERR_NOTFOUND,
			"the %s needs one of your own users to belong to", what);
	user = ouro__snapshot_user(view->snapshot, name, &count);
	if (!user || user->id == OURO__USER_TAGGED_DEVICES)
		return ouro__error_set(reterr, OURO_ERR_NOTFOUND,
			count > 1
				? "Headscale has several users named %.80s: the administrator must rename one"
				: "Headscale has no user %.80s: the administrator must create it or mend the user map",
			name);
	*ret_user = user;
	return OURO_OK;
}

ouro_status ouro__view_not_found(const struct ouro__view *view, ouro_error *reterr)
{
	struct ouro__object missing = {0};

	return ouro__access_decide(
		view->person->policy, &view->subject, OURO_ACTION_RENAME, &missing, NULL, reterr);
}
