/* The Headscale users that a person can name, and the operator in the shoes of one of them. Any thread. */
#include <stdlib.h>
#include <string.h>

#include <ouroboros/portal.h>

#include "api/view.h"
#include "base/alloc.h"

struct ouro_user_list {
	ouro__snapshot *snapshot;
	const struct ouro__user *items; /* borrowed from the snapshot, or own below */
	size_t count;
	struct ouro__user *own;
};

/* Own users, as many as the server has. */
static ouro_status pick_own(const struct ouro__view *view, ouro_user_list *list, ouro_error *reterr)
{
	list->own = ouro__alloc(view->subject.user_count + 1, sizeof(*list->own));
	if (!list->own)
		return ouro__error_nomem(reterr);
	for (size_t i = 0; i < view->subject.user_count; i++) {
		if (view->users[i].id)
			/* The snapshot's own text: the person may be gone before the list. */
			list->own[list->count++] =
				*ouro__snapshot_user(view->snapshot, view->users[i].name, NULL);
	}
	list->items = list->own;
	return OURO_OK;
}

ouro_status ouro_users_list(
	const ouro_person *person, ouro_user_list **ret_list, ouro_error *reterr)
{
	struct ouro__view view;
	ouro_user_list *list;
	ouro_status rc;

	if (!person || !ret_list)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "a list needs a person");
	list = ouro__alloc(1, sizeof(*list));
	if (!list)
		return ouro__error_nomem(reterr);
	rc = ouro__view_read(person, &view, reterr);
	if (rc < 0) {
		free(list);
		return rc;
	}
	list->snapshot = ouro__snapshot_ref(view.snapshot);
	if (person->holder) {
		list->items = view.snapshot->users;
		list->count = view.snapshot->user_count;
	} else {
		rc = pick_own(&view, list, reterr);
	}
	ouro__view_done(&view);
	if (rc < 0) {
		ouro_user_list_free(list);
		return rc;
	}
	*ret_list = list;
	return OURO_OK;
}

size_t ouro_user_list_count(const ouro_user_list *list)
{
	return list ? list->count : 0;
}

const char *ouro_user_list_name(const ouro_user_list *list, size_t index)
{
	return list && index < list->count ? list->items[index].name : NULL;
}

uint64_t ouro_user_list_id(const ouro_user_list *list, size_t index)
{
	return list && index < list->count ? list->items[index].id : 0;
}

void ouro_user_list_free(ouro_user_list *list)
{
	if (!list)
		return;
	ouro__snapshot_unref(list->snapshot);
	free(list->own);
	free(list);
}

/* Is there exactly one such user? */
static ouro_status check_user(const ouro_person *person, const char *user, ouro_error *reterr)
{
	struct ouro__view view;
	const struct ouro__user *found;
	size_t count = 0;
	ouro_status rc = ouro__view_read(person, &view, reterr);

	if (rc < 0)
		return rc;
	found = ouro__snapshot_user(view.snapshot, user, &count);
	if (count > 1)
		rc = ouro__error_set(reterr, OURO_ERR_NOTFOUND,
			"Headscale has several users named %.80s: the administrator must rename one",
			user);
	else if (!found || found->id == OURO__USER_TAGGED_DEVICES)
		rc = ouro__error_set(
			reterr, OURO_ERR_NOTFOUND, "Headscale has no user %.80s", user);
	ouro__view_done(&view);
	return rc;
}

ouro_status ouro_person_as(
	ouro_portal *portal, const char *user, ouro_person **ret_person, ouro_error *reterr)
{
	ouro_person *person = NULL;
	ouro_status rc;

	if (!portal || !user || !*user || !ret_person)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "a person needs a portal and the name of a user");
	rc = ouro_person_holder(portal, &person, reterr);
	if (rc < 0)
		return rc;
	rc = check_user(person, user, reterr);
	if (rc == OURO_OK) {
		person->shoes = ouro__alloc_str(user);
		if (!person->shoes)
			rc = ouro__error_nomem(reterr);
	}
	if (rc < 0) {
		ouro_person_free(person);
		return rc;
	}
	person->holder = 0;
	person->only[0] = person->shoes;
	person->users = person->only;
	person->user_count = 1;
	(void)memcpy(person->identity.provider, "operator", sizeof("operator"));
	*ret_person = person;
	return OURO_OK;
}
