/* Writes that are the same in every generation. One call each, never repeated. */
#include <string.h>

#include "headscale/generation.h"
#include "headscale/write.h"

/* A reply to a write is one node; a hostile server gets no more room than this. */
#define REPLY_BYTES_MAX ((size_t)8 << 20)

ouro_status ouro__headscale_write(const struct ouro__server *server,
	const struct ouro__method *method, const void *request, const char *what, int64_t deadline,
	uint64_t *ret_node_id, ouro_error *reterr)
{
	const struct ouro__terms terms = {server->generation->band, server->epoch};
	ouro_error error = OURO_ERROR_INIT;
	ouro__arena *arena = ouro__arena_new(REPLY_BYTES_MAX);
	void *reply = NULL;
	ouro_status rc;

	if (!arena)
		return ouro__error_nomem(reterr);
	rc = ouro__channel_call(
		server->channel, method, &terms, request, deadline, arena, &reply, &error);
	if (rc < 0) {
		rc = ouro__headscale_error(rc, what, &error);
		if (reterr && reterr->size >= sizeof(*reterr))
			*reterr = error;
	} else if (ret_node_id) {
		const struct ouro__hs_node_reply *node_reply = reply;

		*ret_node_id = node_reply->node ? node_reply->node->id : 0;
	}
	ouro__arena_free(arena);
	return rc;
}

ouro_status ouro__headscale_rename(const struct ouro__server *server, const struct ouro__node *node,
	const char *name, int64_t deadline, ouro_error *reterr)
{
	struct ouro__hs_rename_request request = {node->id, name};
	ouro_status rc = ouro__headscale_name_check(server->generation->capabilities, name, reterr);

	if (rc < 0)
		return rc;
	return ouro__headscale_write(server, server->generation->operations.rename_node, &request,
		"renaming the device", deadline, NULL, reterr);
}

ouro_status ouro__headscale_expire(const struct ouro__server *server, const struct ouro__node *node,
	int64_t deadline, ouro_error *reterr)
{
	struct ouro__hs_expire_request request = {node->id, OURO_TIME_NEVER, 0};

	return ouro__headscale_write(server, server->generation->operations.expire_node, &request,
		"logging the device out", deadline, NULL, reterr);
}

ouro_status ouro__headscale_delete(const struct ouro__server *server, const struct ouro__node *node,
	int64_t deadline, ouro_error *reterr)
{
	struct ouro__hs_node_request request = {node->id};

	return ouro__headscale_write(server, server->generation->operations.delete_node, &request,
		"removing the device", deadline, NULL, reterr);
}

ouro_status ouro__headscale_register(const struct ouro__server *server, const char *user,
	const ouro_registration *registration, int64_t deadline, uint64_t *ret_id,
	ouro_error *reterr)
{
	struct ouro__hs_register_request request = {user, registration->key};
	uint64_t id = 0;
	ouro_status rc;

	/* To the server an empty user is a wildcard. */
	if (!user || !user[0] || !registration->key[0])
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "registering a device needs a user and a key");
	if (registration->form != server->generation->registration_form)
		return ouro__error_set(reterr, OURO_ERR_KEY_UNKNOWN,
			"registering the device: the key is not of the form that Headscale %s hands out; run the command on the "
			"device again and open the new link",
			server->generation->version);
	rc = ouro__headscale_write(server, server->generation->operations.register_node, &request,
		"registering the device", deadline, &id, reterr);
	if (rc < 0)
		return rc;
	if (!id)
		return ouro__error_set(reterr, OURO_ERR_UNCERTAIN,
			"registering the device: the server answered without saying which device; look whether it is there");
	*ret_id = id;
	return OURO_OK;
}
