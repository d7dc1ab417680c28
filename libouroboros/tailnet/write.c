/* Writes, and reads of what no snapshot holds (pre-auth keys): one call to the server that the decision was made on. After a write,
 * what was read before counts as old. Never repeated here. */
#include "base/sys.h"
#include "tailnet/state.h"

/* What to do, for run(). */
struct job {
	const struct ouro__basis *basis;
	const struct ouro__node *node;
	const char *text; /* name, prefix or user */
	int on;
	int keeps; /* 1: changes nothing that is in a snapshot */
	int64_t expiry;
	const char *const *prefixes;
	size_t count;
	const ouro_registration *registration;
	uint64_t node_id; /* of a registration */
	const struct ouro__user *user;
	const struct ouro__key_wish *wish;
	const struct ouro__key *key;
	struct ouro__keys *keys; /* the answer */
};

typedef ouro_status (*job_fn)(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr);

int64_t ouro__tailnet_write_until(const ouro_tailnet *tailnet)
{
	return ouro__clock_ms() + tailnet->write_timeout_ms;
}

int64_t ouro__tailnet_read_until(const ouro_tailnet *tailnet)
{
	return ouro__clock_ms() + tailnet->read_timeout_ms;
}

int ouro__tailnet_write_again(ouro_status status, const ouro_error *error, int64_t until)
{
	return status == OURO_ERR_UNREACHABLE && (error->flags & OURO_ERROR_RETRYABLE) &&
		ouro__clock_ms() < until;
}

static int is_open(ouro_tailnet *tailnet, ouro_error *ret_failure)
{
	int open;

	(void)pthread_mutex_lock(&tailnet->lock);
	open = ouro__breaker_open(&tailnet->breaker, ouro__clock_ms());
	ouro__tailnet_last_failure(tailnet, ret_failure);
	(void)pthread_mutex_unlock(&tailnet->lock);
	return open;
}

/* The server of the snapshot, if it is still the one that answers. */
static ouro_status take_server(ouro_tailnet *tailnet, const ouro__snapshot *snapshot,
	struct ouro__server *ret_server, ouro_error *reterr)
{
	int same;

	(void)pthread_mutex_lock(&tailnet->lock);
	same = tailnet->server.generation && tailnet->server_number == snapshot->server;
	*ret_server = tailnet->server;
	(void)pthread_mutex_unlock(&tailnet->lock);
	if (same)
		return OURO_OK;
	(void)ouro__error_set(reterr, OURO_ERR_UNREACHABLE,
		"Headscale was replaced since it was asked; nothing was sent");
	reterr->flags |= OURO_ERROR_RETRYABLE;
	return OURO_ERR_UNREACHABLE;
}

/* What a failure says about the server; that it answers well, the reads tell. */
static void judge(ouro_tailnet *tailnet, const struct ouro__server *server, const ouro_error *error)
{
	int replaced = server->epoch && ouro__channel_epoch(server->channel) != server->epoch;

	if (error->origin == OURO_ORIGIN_HEADSCALE && error->status == OURO_ERR_UNSUPPORTED)
		ouro__tailnet_doubt(tailnet);
	if (error->origin != OURO_ORIGIN_NETWORK)
		return;
	ouro__tailnet_doubt(tailnet);
	/* Then the call was held back, or broke off with the connection: the next read sees how things are. */
	if (!replaced)
		ouro__tailnet_record(tailnet, error);
}

static ouro_status run(ouro_tailnet *tailnet, job_fn fn, struct job *job, ouro_error *reterr)
{
	ouro_error error = OURO_ERROR_INIT;
	struct ouro__server server;
	ouro_status rc;

	if (!ouro__tailnet_enter(tailnet))
		return ouro__tailnet_stopped(reterr);
	if (is_open(tailnet, &error)) {
		rc = error.status;
	} else {
		error = (ouro_error)OURO_ERROR_INIT;
		rc = take_server(tailnet, job->basis->snapshot, &server, &error);
		if (rc == OURO_OK) {
			rc = fn(&server, job->basis->until, job, &error);
			if (!job->keeps)
				ouro__tailnet_drop(tailnet);
			if (rc < 0)
				judge(tailnet, &server, &error);
		}
	}
	if (rc < 0)
		ouro__error_copy(reterr, &error);
	ouro__tailnet_leave(tailnet);
	return rc;
}

static ouro_status do_rename(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_rename(server, job->node, job->text, deadline, reterr);
}

static ouro_status do_expire(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_expire(server, job->node, deadline, reterr);
}

static ouro_status do_delete(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_delete(server, job->node, deadline, reterr);
}

static ouro_status do_exit(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_exit_set(server, job->node, job->on, deadline, reterr);
}

static ouro_status do_approve(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_route_approve(server, job->node, job->text, deadline, reterr);
}

static ouro_status do_withdraw(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_route_withdraw(server, job->node, job->text, deadline, reterr);
}

static ouro_status do_forget(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_route_forget(server, job->node, job->text, deadline, reterr);
}

static ouro_status do_extend(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_extend(server, job->node, job->expiry, deadline, reterr);
}

static ouro_status do_routes(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_routes_set(
		server, job->node, job->prefixes, job->count, deadline, reterr);
}

static ouro_status do_keys_list(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_keys_list(server, job->user, deadline, &job->keys, reterr);
}

static ouro_status do_keys_create(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_keys_create(
		server, job->user, job->wish, deadline, &job->keys, reterr);
}

static ouro_status do_keys_expire(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_keys_expire(server, job->key, deadline, reterr);
}

static ouro_status do_register(
	const struct ouro__server *server, int64_t deadline, struct job *job, ouro_error *reterr)
{
	return ouro__headscale_register(
		server, job->text, job->registration, deadline, &job->node_id, reterr);
}

ouro_status ouro__tailnet_rename(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, const char *name, ouro_error *reterr)
{
	struct job job = {.basis = basis, .node = node, .text = name};

	return run(tailnet, do_rename, &job, reterr);
}

ouro_status ouro__tailnet_expire(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, ouro_error *reterr)
{
	struct job job = {.basis = basis, .node = node};

	return run(tailnet, do_expire, &job, reterr);
}

ouro_status ouro__tailnet_delete(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, ouro_error *reterr)
{
	struct job job = {.basis = basis, .node = node};

	return run(tailnet, do_delete, &job, reterr);
}

ouro_status ouro__tailnet_exit_set(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, int on, ouro_error *reterr)
{
	struct job job = {.basis = basis, .node = node, .on = on};

	return run(tailnet, do_exit, &job, reterr);
}

ouro_status ouro__tailnet_route_approve(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, const char *prefix, ouro_error *reterr)
{
	struct job job = {.basis = basis, .node = node, .text = prefix};

	return run(tailnet, do_approve, &job, reterr);
}

ouro_status ouro__tailnet_route_withdraw(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, const char *prefix, ouro_error *reterr)
{
	struct job job = {.basis = basis, .node = node, .text = prefix};

	return run(tailnet, do_withdraw, &job, reterr);
}

ouro_status ouro__tailnet_route_forget(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, const char *prefix, ouro_error *reterr)
{
	struct job job = {.basis = basis, .node = node, .text = prefix};

	return run(tailnet, do_forget, &job, reterr);
}

ouro_status ouro__tailnet_register(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const char *user, const ouro_registration *registration, uint64_t *ret_id,
	ouro_error *reterr)
{
	struct job job = {.basis = basis, .text = user, .registration = registration};
	ouro_status rc = run(tailnet, do_register, &job, reterr);

	if (rc == OURO_OK)
		*ret_id = job.node_id;
	return rc;
}

ouro_status ouro__tailnet_extend(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, int64_t expiry, ouro_error *reterr)
{
	struct job job = {.basis = basis, .node = node, .expiry = expiry};

	return run(tailnet, do_extend, &job, reterr);
}

ouro_status ouro__tailnet_routes_set(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, const char *const *prefixes, size_t count,
	ouro_error *reterr)
{
	struct job job = {.basis = basis, .node = node, .prefixes = prefixes, .count = count};

	return run(tailnet, do_routes, &job, reterr);
}

ouro_status ouro__tailnet_keys_list(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__user *user, struct ouro__keys **ret_keys, ouro_error *reterr)
{
	struct job job = {.basis = basis, .user = user, .keeps = 1};
	ouro_status rc = run(tailnet, do_keys_list, &job, reterr);

	if (rc == OURO_OK)
		*ret_keys = job.keys;
	return rc;
}

ouro_status ouro__tailnet_keys_create(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__user *user, const struct ouro__key_wish *wish,
	struct ouro__keys **ret_keys, ouro_error *reterr)
{
	struct job job = {.basis = basis, .user = user, .wish = wish, .keeps = 1};
	ouro_status rc = run(tailnet, do_keys_create, &job, reterr);

	if (rc == OURO_OK)
		*ret_keys = job.keys;
	return rc;
}

ouro_status ouro__tailnet_keys_expire(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__key *key, ouro_error *reterr)
{
	struct job job = {.basis = basis, .key = key, .keeps = 1};

	return run(tailnet, do_keys_expire, &job, reterr);
}
