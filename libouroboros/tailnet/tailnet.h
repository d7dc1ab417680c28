/* One Headscale server as a live thing: a snapshot of what it says, kept fresh by one worker thread, and the writes.
 * Any thread; no lock is held while on the network; every wait has an end. */
#ifndef OURO_TAILNET_TAILNET_H
#define OURO_TAILNET_TAILNET_H

#include <ouroboros/tailnet.h>

#include "headscale/headscale.h"
#include "headscale/keys.h"
#include "model/model.h"
#include "rpc/channel.h"

struct ouro__candidates;

/* Snapshot for showing: at most freshness_ms old and younger than the last write; after stale_after_ms (first_view_ms if there
 * is none at all) or a failure the old one with *ret_stale = 1. *ret_snapshot: ouro__snapshot_unref(). */
ouro_status ouro__tailnet_read(
	ouro_tailnet *tailnet, ouro__snapshot **ret_snapshot, int *ret_stale, ouro_error *reterr);
/* Snapshot for deciding: from a read that began after this call, or an error. Never an old one. */
ouro_status ouro__tailnet_read_fresh(
	ouro_tailnet *tailnet, ouro__snapshot **ret_snapshot, ouro_error *reterr);
/* What was read before now is not fresh any more. The writes below do it themselves, whatever their result. */
void ouro__tailnet_drop(ouro_tailnet *tailnet);

/* What a write was decided on, and until when (a point of ouro__clock_ms()) it may last. */
struct ouro__basis {
	const ouro__snapshot *snapshot; /* from ouro__tailnet_read_fresh() */
	int64_t until;
};
/* until of a write that begins now. */
int64_t ouro__tailnet_write_until(const ouro_tailnet *tailnet);
/* until of a read of keys that begins now. */
int64_t ouro__tailnet_read_until(const ouro_tailnet *tailnet);
/* 1 if nothing was sent, so that the write may be decided anew on a fresh read and tried once more. */
int ouro__tailnet_write_again(ouro_status status, const ouro_error *error, int64_t until);

/* Writes: one call, see headscale.h, to the very server that the snapshot is from. If another one may answer by now nothing is sent:
 * UNREACHABLE with OURO_ERROR_RETRYABLE, and it is for the caller to read and decide anew. node is of the snapshot. */
ouro_status ouro__tailnet_rename(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, const char *name, ouro_error *reterr);
ouro_status ouro__tailnet_expire(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, ouro_error *reterr);
ouro_status ouro__tailnet_delete(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, ouro_error *reterr);
ouro_status ouro__tailnet_exit_set(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, int on, ouro_error *reterr);
ouro_status ouro__tailnet_route_approve(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, const char *prefix, ouro_error *reterr);
ouro_status ouro__tailnet_route_withdraw(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, const char *prefix, ouro_error *reterr);
ouro_status ouro__tailnet_route_forget(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, const char *prefix, ouro_error *reterr);
ouro_status ouro__tailnet_extend(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, int64_t expiry, ouro_error *reterr);
ouro_status ouro__tailnet_routes_set(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__node *node, const char *const *prefixes, size_t count,
	ouro_error *reterr);
/* *ret_id: the node that now exists. */
ouro_status ouro__tailnet_register(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const char *user, const ouro_registration *registration, uint64_t *ret_id,
	ouro_error *reterr);

/* Pre-auth keys, see headscale/keys.h: also to the server of the snapshot alone, which user is from. Reading them may be tried again
 * under the same condition. *ret_keys: ouro__keys_free(). */
ouro_status ouro__tailnet_keys_list(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__user *user, struct ouro__keys **ret_keys, ouro_error *reterr);
ouro_status ouro__tailnet_keys_create(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__user *user, const struct ouro__key_wish *wish,
	struct ouro__keys **ret_keys, ouro_error *reterr);
ouro_status ouro__tailnet_keys_expire(ouro_tailnet *tailnet, const struct ouro__basis *basis,
	const struct ouro__key *key, ouro_error *reterr);

/* When the API key ends, by the list of the server that answered the last read; see ouro__headscale_api_key_until(). */
ouro_status ouro__tailnet_api_key_until(
	ouro_tailnet *tailnet, const char *key, int64_t *ret_until, ouro_error *reterr);

/* A tailnet over any ways to it: takes their channels, also on failure. endpoint is for display. options: timings and log only. */
ouro_status ouro__tailnet_over(const struct ouro__candidates *candidates, const char *endpoint,
	const ouro_tailnet_options *options, ouro_tailnet **ret_tailnet, ouro_error *reterr);
/* The same over one channel. */
ouro_status ouro__tailnet_new(ouro__channel *channel, const char *endpoint,
	const ouro_tailnet_options *options, ouro_tailnet **ret_tailnet, ouro_error *reterr);

#endif
