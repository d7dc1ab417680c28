/* The worker: reads the lists when somebody wants them, one read at a time, and finds out which server answers, on which way. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/sys.h"
#include "tailnet/state.h"

/* A server that is replaced while we read is read again so often. */
#define ROUNDS 3
/* What people are warned of. */
#define HAZARDS (OURO_CAN_STALL_ON_EMPTY_NAME | OURO_CAN_LOSE_LAST_WITHDRAWAL)

void ouro__tailnet_doubt(ouro_tailnet *tailnet)
{
	(void)pthread_mutex_lock(&tailnet->lock);
	tailnet->doubt = 1;
	(void)pthread_mutex_unlock(&tailnet->lock);
}

static void tell(ouro_tailnet *tailnet, const struct ouro__server *server)
{
	uint32_t capabilities = ouro__generation_capabilities(server->generation);

	ouro__log_line(&tailnet->log, OURO_LOG_INFO,
		"Headscale at %s is version %s%s%s%s, spoken to over %s at %s", tailnet->endpoint,
		tailnet->version, *tailnet->server_said ? " (" : "", tailnet->server_said,
		*tailnet->server_said ? ")" : "", server->channel->ops->probe ? "gRPC" : "HTTP",
		tailnet->server_place);
	if (capabilities & OURO_CAN_ONLY_READ)
		ouro__log_line(&tailnet->log, OURO_LOG_WARNING, "Headscale at %s: %s",
			tailnet->endpoint, OURO__ONLY_READ_TEXT);
}

/* Take over what the candidates have found. */
static void take_found(ouro_tailnet *tailnet)
{
	const struct ouro__candidates *candidates = &tailnet->candidates;
	const struct ouro__candidate *item = &candidates->items[candidates->chosen];
	const struct ouro__found *found = &candidates->found;
	const struct ouro__server now = {
		item->channel, found->generation, found->epoch, found->ouroboros};
	const ouro__generation *other;
	struct ouro__server before;

	(void)pthread_mutex_lock(&tailnet->lock);
	before = tailnet->server;
	if (before.channel != now.channel || before.generation != now.generation ||
		before.epoch != now.epoch)
		tailnet->server_number++;
	tailnet->server = now;
	(void)snprintf(tailnet->server_place, sizeof(tailnet->server_place), "%s", item->place);
	if (*found->version || before.generation != now.generation)
		(void)snprintf(
			tailnet->server_said, sizeof(tailnet->server_said), "%s", found->version);
	/* Nothing in what they do tells these two apart: both are named. */
	other = ouro__headscale_vague(found);
	(void)snprintf(tailnet->version, sizeof(tailnet->version), "%s%s%s",
		ouro__generation_version(now.generation), other ? " or " : "",
		other ? ouro__generation_version(other) : "");
	tailnet->hazards = other ? ouro__generation_capabilities(other) & HAZARDS : 0;
	(void)pthread_mutex_unlock(&tailnet->lock);
	if (before.channel != now.channel || before.generation != now.generation)
		tell(tailnet, &now);
}

/* Nobody answers, or nobody whom we understand. */
static void lose_server(ouro_tailnet *tailnet, ouro_status status)
{
	(void)pthread_mutex_lock(&tailnet->lock);
	tailnet->doubt = 1;
	if (status == OURO_ERR_UNSUPPORTED) {
		tailnet->server_number++;
		tailnet->server.generation = NULL;
	}
	(void)pthread_mutex_unlock(&tailnet->lock);
}

/* The server that is known, or found now (*ret_anew = 1), for the refresh that began last. */
static ouro_status find_server(ouro_tailnet *tailnet, int64_t deadline, struct ouro__server *ret,
	uint64_t *ret_number, int *ret_anew, ouro_error *reterr)
{
	int64_t age;
	ouro_status rc;

	(void)pthread_mutex_lock(&tailnet->lock);
	age = tailnet->started <= tailnet->looks_until ? 0 : OURO__CANDIDATES_LOOK_MS;
	*ret_anew = tailnet->doubt;
	tailnet->doubt = 0;
	(void)pthread_mutex_unlock(&tailnet->lock);
	if (*ret_anew)
		ouro__candidates_doubt(&tailnet->candidates);
	*ret_anew = *ret_anew || !ouro__candidates_hold(&tailnet->candidates, age);
	if (*ret_anew) {
		rc = ouro__candidates_find(&tailnet->candidates, deadline, reterr);
		if (rc < 0) {
			lose_server(tailnet, rc);
			return rc;
		}
		take_found(tailnet);
	}
	(void)pthread_mutex_lock(&tailnet->lock);
	*ret = tailnet->server;
	*ret_number = tailnet->server_number;
	(void)pthread_mutex_unlock(&tailnet->lock);
	return OURO_OK;
}

/* Might another way, or another version's words, do better? */
static int is_doubtful(ouro_status status)
{
	return status == OURO_ERR_UNSUPPORTED || status == OURO_ERR_UNREACHABLE ||
		status == OURO_ERR_PROTOCOL || status == OURO_ERR_TIMEOUT;
}

/* What an administrator, or a person at an Ouroboros server, has to do about a key that is refused. */
static void explain_key(const ouro_tailnet *tailnet, ouro_error *error)
{
	if (error->status != OURO_ERR_UNAUTHENTICATED || error->origin != OURO_ORIGIN_HEADSCALE)
		return;
	if (tailnet->candidates.site)
		(void)snprintf(error->text, sizeof(error->text),
			"the token is not accepted (over, revoked, or of another server): run ouroboros login %.120s",
			tailnet->endpoint);
	else if (ouro__str_has_fold(error->text, "invalid token"))
		ouro__error_prefix(error,
			"the API key has expired: make a new one (headscale apikeys create) and set hs_api_key");
	else
		ouro__error_prefix(error,
			"the API key is not, or no longer, one of this server's: check hs_api_key (headscale apikeys list)");
}

static ouro_status refresh(ouro_tailnet *tailnet, ouro__snapshot **ret_snapshot, ouro_error *reterr)
{
	int64_t deadline = ouro__clock_ms() + tailnet->read_timeout_ms;
	ouro_status rc = OURO_OK;

	for (int round = 0; round < ROUNDS; round++) {
		ouro__snapshot *snapshot = NULL;
		struct ouro__server server;
		uint64_t number = 0;
		int anew = 0;

		rc = find_server(tailnet, deadline, &server, &number, &anew, reterr);
		if (rc < 0)
			return rc;
		rc = ouro__headscale_read_all(&server, deadline, &snapshot, reterr);
		if (rc == OURO_OK) {
			snapshot->generation = snapshot->hash;
			snapshot->server = number;
			*ret_snapshot = snapshot;
			return OURO_OK;
		}
		explain_key(tailnet, reterr);
		if (!is_doubtful(rc))
			return rc;
		ouro__tailnet_doubt(tailnet);
		/* Looked at just now, and still there: looking again tells nothing new. */
		if (anew && rc != OURO_ERR_UNSUPPORTED &&
			(server.ouroboros || ouro__channel_epoch(server.channel) == server.epoch))
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
