/* Reads: from the snapshot if it is fresh, else from the refresh that everybody waits for, else the old one. */
#include "base/sys.h"
#include "tailnet/state.h"

/* Holds the lock. Number of the refresh that a caller who comes now may use: one under way counts only if it began late enough. */
static uint64_t ticket(const ouro_tailnet *tailnet, uint64_t first)
{
	if (tailnet->started > tailnet->finished && tailnet->started >= first)
		return tailnet->started;
	return tailnet->started + 1;
}

/* Holds the lock. */
static void want(ouro_tailnet *tailnet, uint64_t number)
{
	if (tailnet->wanted < number) {
		tailnet->wanted = number;
		(void)pthread_cond_broadcast(&tailnet->changed);
	}
}

/* Holds the lock. What callers get while the breaker is open: the last failure, as one that did nothing. */
static ouro_status refuse(const ouro_tailnet *tailnet, ouro_error *reterr)
{
	ouro_error error;

	ouro__tailnet_last_failure(tailnet, &error);
	ouro__error_copy(reterr, &error);
	return error.status;
}

/* Holds the lock. Waits until the refresh with that number, or a later one, has ended well: OK, or why not. A refresh that was
 * asked for while the breaker is open is not made unless forced. */
static ouro_status await(
	ouro_tailnet *tailnet, uint64_t number, int forced, int64_t until, ouro_error *reterr)
{
	for (;;) {
		if (tailnet->snapshot && tailnet->snapshot_number >= number)
			return OURO_OK;
		if (tailnet->stopping)
			return ouro__tailnet_stopped(reterr);
		if (tailnet->finished >= number) {
			ouro__error_copy(reterr, &tailnet->refresh_failure);
			return tailnet->refresh_failure.status;
		}
		if (!forced && tailnet->started < number &&
			ouro__breaker_open(&tailnet->breaker, ouro__clock_ms()))
			return refuse(tailnet, reterr);
		want(tailnet, number);
		if (!ouro__tailnet_wait(tailnet, until))
			return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_TIMEOUT,
				"Headscale at %s has not answered in time", tailnet->endpoint);
	}
}

/* Holds the lock. */
static int is_fresh(const ouro_tailnet *tailnet)
{
	return tailnet->snapshot && tailnet->snapshot_number >= tailnet->valid_from &&
		ouro__clock_ms() - tailnet->snapshot_ms <= tailnet->freshness_ms;
}

/* Holds the lock. How long a read waits for that refresh. With an old snapshot to show, one patience counts for all who wait for the
 * same refresh: a page of several reads is not several times as late. */
static int64_t patient_until(const ouro_tailnet *tailnet, uint64_t number)
{
	if (!tailnet->snapshot)
		return ouro__clock_ms() + tailnet->first_view_ms;
	return (number == tailnet->started ? tailnet->started_ms : ouro__clock_ms()) +
		tailnet->stale_after_ms;
}

ouro_status ouro__tailnet_read(
	ouro_tailnet *tailnet, ouro__snapshot **ret_snapshot, int *ret_stale, ouro_error *reterr)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = OURO_OK;

	if (!ouro__tailnet_enter(tailnet))
		return ouro__tailnet_stopped(reterr);
	(void)pthread_mutex_lock(&tailnet->lock);
	if (!is_fresh(tailnet)) {
		uint64_t number = ticket(tailnet, tailnet->valid_from);

		rc = await(tailnet, number, 0, patient_until(tailnet, number), &error);
	}
	if (tailnet->snapshot && !tailnet->stopping) {
		*ret_snapshot = ouro__snapshot_ref(tailnet->snapshot);
		*ret_stale = rc < 0;
		rc = OURO_OK;
	} else {
		if (rc == OURO_OK)
			rc = ouro__tailnet_stopped(&error);
		ouro__error_copy(reterr, &error);
	}
	(void)pthread_mutex_unlock(&tailnet->lock);
	ouro__tailnet_leave(tailnet);
	return rc;
}

static ouro_status read_now(
	ouro_tailnet *tailnet, int forced, ouro__snapshot **ret_snapshot, ouro_error *reterr)
{
	ouro_status rc;

	if (!ouro__tailnet_enter(tailnet))
		return ouro__tailnet_stopped(reterr);
	(void)pthread_mutex_lock(&tailnet->lock);
	/* What is decided goes out in the words of the server that is found now. */
	if (!forced)
		tailnet->looks_until = tailnet->started + 1;
	rc = await(tailnet, tailnet->started + 1, forced,
		ouro__clock_ms() + tailnet->read_timeout_ms, reterr);
	if (rc == OURO_OK && ret_snapshot)
		*ret_snapshot = ouro__snapshot_ref(tailnet->snapshot);
	(void)pthread_mutex_unlock(&tailnet->lock);
	ouro__tailnet_leave(tailnet);
	return rc;
}

ouro_status ouro__tailnet_read_fresh(
	ouro_tailnet *tailnet, ouro__snapshot **ret_snapshot, ouro_error *reterr)
{
	return read_now(tailnet, 0, ret_snapshot, reterr);
}

ouro_status ouro_tailnet_check(ouro_tailnet *tailnet, ouro_error *reterr)
{
	if (!tailnet)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "no tailnet");
	return read_now(tailnet, 1, NULL, reterr);
}

void ouro__tailnet_drop(ouro_tailnet *tailnet)
{
	(void)pthread_mutex_lock(&tailnet->lock);
	tailnet->valid_from = tailnet->started + 1;
	(void)pthread_mutex_unlock(&tailnet->lock);
}
