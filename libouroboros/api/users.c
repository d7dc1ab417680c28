/* The person's Headscale users as the server has them. Any thread. */
#include <ouroboros/portal.h>

#include "api/view.h"

ouro_status ouro_person_user_id(
	const ouro_person *person, size_t index, uint64_t *ret_id, ouro_error *reterr)
{
	struct ouro__view view;
	uint64_t id = 0;
	ouro_status rc;

	if (!person || !ret_id)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "a user's id needs a person");
	if (index >= person->user_count)
		return ouro__error_set(
			reterr, OURO_ERR_NOTFOUND, "this person has no user number %zu", index);
	rc = ouro__view_read(person, &view, reterr);
	if (rc < 0)
		return rc;
	if (index < view.subject.user_count)
		id = view.users[index].id;
	ouro__view_done(&view);
	if (!id)
		return ouro__error_set(reterr, OURO_ERR_NOTFOUND,
			"Headscale has no user %s, or several of that name", person->users[index]);
	*ret_id = id;
	return OURO_OK;
}
