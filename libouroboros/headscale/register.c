/* Registering a pending device. The server takes a user by the name that it has stored, and an empty or unknown one can mean somebody
 * else: what is sent is certain, or nothing is sent. */
#include <string.h>

#include "headscale/write.h"

#define USERS_BYTES_MAX ((size_t)8 << 20)

static const char what[] = "registering the device";

/* From 0.28 on a user without a stored name is shown by e-mail address, by the provider's id (a URL) or by number. */
static int may_be_substitute(const ouro__generation *generation, const char *user)
{
	return generation->band >= OURO__BAND_G &&
		(strchr(user, '@') || strchr(user, '/') ||
			strspn(user, "0123456789") == strlen(user));
}

/* The server's own search goes by stored names alone. */
static ouro_status check_stored(
	const struct ouro__server *server, const char *user, int64_t deadline, ouro_error *reterr)
{
	const struct ouro__hs_list_users_request request = {0, user, NULL};
	ouro__arena *arena = ouro__arena_new(USERS_BYTES_MAX);
	void *reply = NULL;
	size_t count = 0;
	ouro_status rc;

	if (!arena)
		return ouro__error_nomem(reterr);
	rc = ouro__headscale_call(
		server, OURO__OP_LIST_USERS, &request, what, deadline, arena, &reply, reterr);
	if (rc == OURO_OK)
		count = ((const struct ouro__hs_users *)reply)->users.count;
	ouro__arena_free(arena);
	if (rc < 0 || count == 1)
		return rc;
	return ouro__error_set(reterr, OURO_ERR_NOTFOUND,
		count ? "%s: Headscale has several users named %.80s; the administrator must rename one"
		      : "%s: Headscale shows a user as %.80s but has stored no name for them; the administrator must give them one",
		what, user);
}

/* 0.24 and 0.25 look alike over gRPC; the wrong one of the two refuses the key by itself. */
static int form_fits(const ouro__generation *generation, int32_t form)
{
	if (generation->band == OURO__BAND_C || generation->band == OURO__BAND_D)
		return form == 1 || form == 2;
	return form == generation->registration_form;
}

ouro_status ouro__headscale_register(const struct ouro__server *server, const char *user,
	const ouro_registration *registration, int64_t deadline, uint64_t *ret_id,
	ouro_error *reterr)
{
	struct ouro__hs_register_request request = {user, registration->key};
	uint64_t id = 0;
	ouro_status rc = ouro__headscale_gate(server, OURO__OP_REGISTER_NODE, NULL, what, reterr);

	if (rc < 0)
		return rc;
	/* To the server an empty user is a wildcard. */
	if (!user || !user[0] || !registration->key[0])
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s: it needs a user with a name and a key", what);
	if (!server->ouroboros && !form_fits(server->generation, registration->form))
		return ouro__error_set(reterr, OURO_ERR_KEY_UNKNOWN,
			"%s: the key is not of the form that Headscale %s hands out; run the command on the device again and open "
			"the new link",
			what, server->generation->version);
	if (may_be_substitute(server->generation, user))
		rc = check_stored(server, user, deadline, reterr);
	if (rc < 0)
		return rc;
	rc = ouro__headscale_write(
		server, OURO__OP_REGISTER_NODE, &request, what, deadline, &id, reterr);
	if (rc < 0)
		return rc;
	if (!id)
		return ouro__error_set(reterr, OURO_ERR_UNCERTAIN,
			"%s: the server answered without saying which device; look whether it is there",
			what);
	*ret_id = id;
	return OURO_OK;
}
