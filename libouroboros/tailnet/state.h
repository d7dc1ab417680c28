/* The inside of a tailnet, for the files of this room. Everything below `lock` is guarded by it; the lock is never held while on
 * the network or in the log callback. */
#ifndef OURO_TAILNET_STATE_H
#define OURO_TAILNET_STATE_H

#include <pthread.h>

#include "base/log.h"
#include "tailnet/breaker.h"
#include "tailnet/candidates.h"
#include "tailnet/tailnet.h"

#define OURO__ONLY_READ_TEXT                                                                       \
	"this Headscale is newer than all that are known; it is read, but nothing is changed until hs_assume names the version that it is like"

struct ouro_tailnet {
	struct ouro__candidates candidates; /* owned; what was found there is the worker's alone */
	ouro__log log;
	char endpoint[256];
	int64_t freshness_ms;
	int64_t read_timeout_ms;
	int64_t write_timeout_ms;
	int64_t stale_after_ms;
	int64_t first_view_ms;

	pthread_mutex_t lock;
	pthread_cond_t
		changed; /* on the monotonic clock: a refresh is wanted or done, somebody left, the end has come */
	pthread_t worker;
	int worker_done;
	int stopping;
	unsigned holders; /* the handle, the worker, every call inside; the last one out frees */

	/* Refreshes are numbered in the order in which they begin. */
	uint64_t wanted;
	uint64_t started;
	int64_t started_ms; /* when the last one began */
	uint64_t finished;
	uint64_t valid_from; /* snapshots of earlier refreshes may miss a write */
	uint64_t
		looks_until; /* refreshes up to this one look first who answers: decisions wait for them */
	ouro__snapshot *snapshot; /* the last one that succeeded */
	uint64_t snapshot_number;
	int64_t snapshot_ms;        /* when it was complete */
	ouro_error failure;         /* of the last attempt; status OK = it succeeded */
	ouro_error refresh_failure; /* of the last refresh that failed */

	struct ouro__server server; /* who answered last; generation NULL = not known */
	uint64_t server_number;     /* grows whenever that is another one, or another connection */
	char server_place[300];
	char server_said[OURO__FOUND_VERSION_MAX]; /* its version in its own words */
	char version[32];                          /* the same in ours: "0.24", "0.24 or 0.25" */
	uint32_t hazards; /* OURO_CAN_* that go wrong with the other of two that look alike */
	int doubt;        /* a call went wrong: find out again who answers, before the next read */

	struct ouro__breaker breaker;
	int reachable;
	int64_t since;
	int64_t answered;
	int64_t complained_ms; /* when a failure was last logged */
};

/* Enter and leave the handle; enter returns 0 when it is being freed. leave may free. */
int ouro__tailnet_enter(ouro_tailnet *tailnet);
void ouro__tailnet_leave(ouro_tailnet *tailnet);
/* Wait for a change until the point of ouro__clock_ms(); 0 = time is up. Holds the lock. */
int ouro__tailnet_wait(ouro_tailnet *tailnet, int64_t until);
/* What a call says when the handle is being freed. */
ouro_status ouro__tailnet_stopped(ouro_error *reterr);

/* Find out who answers before the next read. Without the lock. */
void ouro__tailnet_doubt(ouro_tailnet *tailnet);
/* Note how an attempt ended: status, breaker, log. Without the lock. */
void ouro__tailnet_record(ouro_tailnet *tailnet, const ouro_error *result);
/* What callers get while the breaker is open: the last failure, as one that certainly did nothing. Holds the lock. */
void ouro__tailnet_last_failure(const ouro_tailnet *tailnet, ouro_error *ret_error);
/* The worker's main function; user is the tailnet. */
void *ouro__tailnet_worker(void *user);

#endif
