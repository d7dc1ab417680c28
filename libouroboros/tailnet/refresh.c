/* The worker: reads the lists when somebody wants them, one read at a time, and remembers which generation answers. */
#include "base/sys.h"
#include "tailnet/state.h"

/* A server that is replaced while we read is read again so often. */
#define ROUNDS 3

/* Why the epoch: another connection may lead to another version of the server. */
ouro_status ouro__tailnet_server(ouro_tailnet *tailnet, int64_t deadline,
	struct ouro__server *ret_server, ouro_error *reterr)
{
	uint64_t epoch = ouro__channel_epoch(tailnet->channel);
	const ouro__generation *generation = NULL;
	const ouro__generation *before;
	ouro_status rc;

	(void)pthread_mutex_lock(&tailnet->lock);
	before = tailnet->generation;
	if (tailnet->generation_epoch == epoch)
		generation = before;
	(void)pthread_mutex_unlock(&tailnet->lock);
	if (!generation) {
		rc = ouro__headscale_detect(tailnet->channel, deadline, &generation, reterr);
		if (rc == OURO_ERR_UNSUPPORTED)
			ouro__tailnet_forget(tailnet);
		if (rc < 0)
			return rc;
		epoch = ouro__channel_epoch(tailnet->channel);
		(void)pthread_mutex_lock(&tailnet->lock);
		tailnet->generation = generation;
		tailnet->generation_epoch = epoch;
		(void)pthread_mutex_unlock(&tailnet->lock);
		if (generation != before)
			ouro__log_line(&tailnet->log, OURO_LOG_INFO,
				"Headscale at %s is version %s", tailnet->endpoint,
				ouro__generation_version(generation));
	}
	*ret_server = (struct ouro__server){tailnet->channel, generation, epoch};
	return OURO_OK;
}

void ouro__tailnet_forget(ouro_tailnet *tailnet)
{
	(void)pthread_mutex_lock(&tailnet->lock);
	tailnet->generation = NULL;
	(void)pthread_mutex_unlock(&tailnet->lock);
}

static int same_server(ouro_tailnet *tailnet)
{
	uint64_t epoch = ouro__channel_epoch(tailnet->channel);
	int same;

	(void)pthread_mutex_lock(&tailnet->lock);
	same = tailnet->generation_epoch == epoch;
	(void)pthread_mutex_unlock(&tailnet->lock);
	return same;
}

static ouro_status refresh(ouro_tailnet *tailnet, ouro__snapshot **ret_snapshot, ouro_error *reterr)
{
	int64_t deadline = ouro__clock_ms() + tailnet->read_timeout_ms;
	ouro_status rc = OURO_OK;

	for (int round = 0; round < ROUNDS; round++) {
		struct ouro__server server;
		ouro__snapshot *snapshot = NULL;

		rc = ouro__tailnet_server(tailnet, deadline, &server, reterr);
		if (rc < 0)
			return rc;
		rc = ouro__headscale_read_all(&server, deadline, &snapshot, reterr);
		if (rc == OURO_OK && (same_server(tailnet) || round == ROUNDS - 1)) {
			snapshot->generation = snapshot->hash;
			*ret_snapshot = snapshot;
			return OURO_OK;
		}
		ouro__snapshot_unref(snapshot);
		/* What was read on a new connection may have been read with the wrong tables. */
		if (rc == OURO_ERR_UNSUPPORTED)
			ouro__tailnet_forget(tailnet);
		else if (rc < 0 && same_server(tailnet))
			return rc;
	}
	return rc;
}

/* Holds the lock. */
static void install(ouro_tailnet *tailnet, ouro__snapshot *snapshot, uint64_t number)
{
	tailnet->finished = number;
	if (snapshot) {
		ouro__snapshot_unref(tailnet->snapshot);
		tailnet->snapshot = snapshot;
		tailnet->snapshot_number = number;
		tailnet->snapshot_ms = ouro__clock_ms();
	}
	(void)pthread_cond_broadcast(&tailnet->changed);
}

void *ouro__tailnet_worker(void *user)
{
	ouro_tailnet *tailnet = user;

	(void)pthread_mutex_lock(&tailnet->lock);
	while (!tailnet->stopping) {
		ouro_error error = OURO_ERROR_INIT;
		ouro__snapshot *snapshot = NULL;
		uint64_t number;

		if (tailnet->wanted <= tailnet->started) {
			(void)pthread_cond_wait(&tailnet->changed, &tailnet->lock);
			continue;
		}
		number = ++tailnet->started;
		tailnet->started_ms = ouro__clock_ms();
		(void)pthread_mutex_unlock(&tailnet->lock);
		error.status = refresh(tailnet, &snapshot, &error);
		ouro__tailnet_record(tailnet, &error);
		(void)pthread_mutex_lock(&tailnet->lock);
		if (error.status < 0)
			tailnet->refresh_failure = error;
		install(tailnet, snapshot, number);
	}
	tailnet->worker_done = 1;
	(void)pthread_cond_broadcast(&tailnet->changed);
	(void)pthread_mutex_unlock(&tailnet->lock);
	ouro__tailnet_leave(tailnet);
	return NULL;
}
