/* Reading everything: the lists are asked for at once and waited for together. */
#include "base/sys.h"
#include "headscale/generation.h"

/* Three answers of at most 64 MiB in their decoded form. */
#define SNAPSHOT_BYTES_MAX ((size_t)256 << 20)

enum { CALLS = 3 };

struct reading {
	const struct ouro__method *method; /* NULL = not asked for */
	const void *request;
	ouro__call *call;
	void *reply;
};

static ouro_status start_all(const struct ouro__server *server, int64_t deadline,
	struct reading readings[CALLS], ouro_error *reterr)
{
	const struct ouro__terms terms = {server->generation->band, server->epoch};

	for (size_t i = 0; i < CALLS; i++) {
		ouro_status rc;

		if (!readings[i].method)
			continue;
		rc = server->channel->ops->start(server->channel, readings[i].method, &terms,
			readings[i].request, deadline, &readings[i].call, reterr);
		if (rc < 0) {
			readings[i].call = NULL;
			ouro__error_prefix(
				reterr, "reading the devices (%s)", readings[i].method->name);
			return rc;
		}
	}
	return OURO_OK;
}

/* Every call that was started is finished, whatever happened before; the first error is kept. */
static ouro_status finish_all(ouro__channel *channel, ouro__arena *arena, ouro_status rc,
	struct reading readings[CALLS], ouro_error *reterr)
{
	for (size_t i = 0; i < CALLS; i++) {
		ouro_error error = OURO_ERROR_INIT;
		ouro_status one;

		if (!readings[i].call)
			continue;
		one = channel->ops->finish(
			channel, readings[i].call, arena, &readings[i].reply, &error);
		if (one >= 0 || rc < 0)
			continue;
		rc = one;
		ouro__error_prefix(&error, "reading the devices (%s)", readings[i].method->name);
		ouro__error_copy(reterr, &error);
	}
	return rc;
}

ouro_status ouro__headscale_read_all(const struct ouro__server *server, int64_t deadline,
	ouro__snapshot **ret_snapshot, ouro_error *reterr)
{
	static const struct ouro__hs_list_nodes_request all_nodes = {NULL};
	static const struct ouro__hs_list_users_request all_users = {0, NULL, NULL};
	static const struct ouro__hs_empty empty = {0};
	struct reading readings[CALLS] = {
		{server->generation->operations[OURO__OP_LIST_NODES], &all_nodes, NULL, NULL},
		{server->generation->operations[OURO__OP_LIST_USERS], &all_users, NULL, NULL},
		{server->generation->operations[OURO__OP_GET_ROUTES], &empty, NULL, NULL},
	};
	ouro__snapshot *snapshot = ouro__snapshot_new(SNAPSHOT_BYTES_MAX);
	ouro_status rc;

	if (!snapshot)
		return ouro__error_nomem(reterr);
	snapshot->taken_at = ouro__clock_unix();
	snapshot->taken_ms = ouro__clock_ms();
	rc = start_all(server, deadline, readings, reterr);
	rc = finish_all(server->channel, snapshot->arena, rc, readings, reterr);
	if (rc == OURO_OK)
		rc = ouro__headscale_snapshot(snapshot, server->generation, readings[0].reply,
			readings[1].reply, readings[2].reply, reterr);
	if (rc == OURO_OK) {
		*ret_snapshot = snapshot;
		snapshot = NULL;
	}
	ouro__snapshot_unref(snapshot);
	return rc;
}
