/* Writes that are the same in every generation. One call each, never repeated. */
#include <string.h>

#include "base/sys.h"
#include "headscale/write.h"

/* A reply to a write is one node; a hostile server gets no more room than this. */
#define REPLY_BYTES_MAX ((size_t)8 << 20)

ouro_status ouro__headscale_gate(const struct ouro__server *server, enum ouro__operation operation,
	const struct ouro__node *node, const char *what, ouro_error *reterr)
{
	const ouro__generation *generation = server->generation;
	const struct ouro__method *method = generation->operations[operation];
	int only_read = (generation->capabilities & OURO_CAN_ONLY_READ) != 0;

	if (!method || (only_read && !(method->flags & OURO__METHOD_READ)))
		return ouro__generation_lacks(generation, operation, what, reterr);
	if (node && !node->id)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "%s: the device has no number", what);
	return OURO_OK;
}

ouro_status ouro__headscale_call(const struct ouro__server *server, enum ouro__operation operation,
	const void *request, const char *what, int64_t deadline, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	const struct ouro__terms terms = {server->generation->band, server->epoch};
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = ouro__headscale_gate(server, operation, NULL, what, reterr);

	if (rc < 0)
		return rc;
	rc = ouro__channel_call(server->channel, server->generation->operations[operation], &terms,
		request, deadline, arena, ret_reply, &error);
	if (rc < 0) {
		rc = ouro__headscale_error(rc, what, &error);
		ouro__error_copy(reterr, &error);
	}
	return rc;
}

ouro_status ouro__headscale_write(const struct ouro__server *server, enum ouro__operation operation,
	const void *request, const char *what, int64_t deadline, uint64_t *ret_node_id,
	ouro_error *reterr)
{
	ouro__arena *arena = ouro__arena_new(REPLY_BYTES_MAX);
	void *reply = NULL;
	ouro_status rc;

	if (!arena)
		return ouro__error_nomem(reterr);
	rc = ouro__headscale_call(
		server, operation, request, what, deadline, arena, &reply, reterr);
	if (rc == OURO_OK && ret_node_id) {
		const struct ouro__hs_node_reply *node_reply = reply;

		*ret_node_id = node_reply->node ? node_reply->node->id : 0;
	}
	ouro__arena_free(arena);
	return rc;
}

ouro_status ouro__headscale_rename(const struct ouro__server *server, const struct ouro__node *node,
	const char *name, int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "renaming the device";
	struct ouro__hs_rename_request request = {node->id, name};
	ouro_status rc = ouro__headscale_gate(server, OURO__OP_RENAME_NODE, node, what, reterr);

	if (rc < 0)
		return rc;
	/* Up to 0.26 a server would find the name taken: by this very device. */
	if (*name && strcmp(name, node->given_name) == 0)
		return OURO_OK;
	rc = ouro__headscale_name_check(server->generation->capabilities, name, reterr);
	if (rc < 0)
		return rc;
	return ouro__headscale_write(
		server, OURO__OP_RENAME_NODE, &request, what, deadline, NULL, reterr);
}

ouro_status ouro__headscale_expire(const struct ouro__server *server, const struct ouro__node *node,
	int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "logging the device out";
	struct ouro__hs_expire_request request = {node->id, OURO_TIME_NEVER, 0};
	ouro_status rc = ouro__headscale_gate(server, OURO__OP_EXPIRE_NODE, node, what, reterr);

	if (rc < 0)
		return rc;
	return ouro__headscale_write(
		server, OURO__OP_EXPIRE_NODE, &request, what, deadline, NULL, reterr);
}

/* The same method logs a device out if the server does not read the field: the capability stands between. */
ouro_status ouro__headscale_extend(const struct ouro__server *server, const struct ouro__node *node,
	int64_t expiry, int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "setting when the device must log in again";
	int never = expiry == OURO_TIME_NEVER;
	uint32_t needed = never ? OURO_CAN_NEVER_EXPIRE : OURO_CAN_SET_EXPIRY;
	struct ouro__hs_expire_request request = {node->id, expiry, never};
	ouro_status rc = ouro__headscale_gate(server, OURO__OP_EXPIRE_NODE, node, what, reterr);

	if (rc < 0)
		return rc;
	if (!(server->generation->capabilities & needed))
		return ouro__generation_lacks_capability(server->generation, needed, what, reterr);
	if (expiry <= ouro__clock_unix())
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "%s: that point in time is past", what);
	return ouro__headscale_write(
		server, OURO__OP_EXPIRE_NODE, &request, what, deadline, NULL, reterr);
}

ouro_status ouro__headscale_delete(const struct ouro__server *server, const struct ouro__node *node,
	int64_t deadline, ouro_error *reterr)
{
	static const char what[] = "removing the device";
	struct ouro__hs_node_request request = {node->id};
	ouro_status rc = ouro__headscale_gate(server, OURO__OP_DELETE_NODE, node, what, reterr);

	if (rc < 0)
		return rc;
	return ouro__headscale_write(
		server, OURO__OP_DELETE_NODE, &request, what, deadline, NULL, reterr);
}
