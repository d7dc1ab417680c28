/* What every generation of Headscale can be asked, in one form. Stateless: takes a channel and a generation, blocks until the
 * deadline (a point of ouro__clock_ms()) at the latest, may be called from any thread. Writes are never repeated. */
#ifndef OURO_HEADSCALE_HEADSCALE_H
#define OURO_HEADSCALE_HEADSCALE_H

#include <ouroboros/nodes.h>

#include "model/model.h"
#include "rpc/channel.h"

typedef struct ouro__generation ouro__generation; /* constants; see generation.h */

/* Who is spoken to: the channel, the generation behind it, and the connection on which that was found out. */
struct ouro__server {
	ouro__channel *channel;
	const ouro__generation *generation;
	uint64_t epoch; /* see ouro__terms; 0 = do not care */
	int ouroboros; /* one of ours in front: it speaks this generation whatever is behind it, and decides by that */
};
#define OURO__SERVER(channel, generation) (&(struct ouro__server){(channel), (generation), 0, 0})

/* "0.23" … ; static text. */
const char *ouro__generation_version(const ouro__generation *generation);
/* OURO_CAN_* bits. */
uint32_t ouro__generation_capabilities(const ouro__generation *generation);

#define OURO__FOUND_VERSION_MAX 48

/* What was found behind a channel. Zero = nothing. */
struct ouro__found {
	const ouro__generation *generation;
	uint64_t epoch;   /* the connection on which it was found out; 0 = it does not matter */
	const char *page; /* HTTP: the page that decided; static */
	int certain;      /* its twin was ruled out */
	int ouroboros;    /* see ouro__server */
	char version
		[OURO__FOUND_VERSION_MAX]; /* in the server's own words; "" = it was not asked or does not say */
};

/* What is likely at a unix socket that was not asked before, for `last` below. */
extern const struct ouro__found ouro__found_on_socket;

/* Find out which generation answers, by probing methods (gRPC) or by public pages (HTTP); no key, no effect on the server.
 * last: what was found the time before, or NULL; decides what is asked for first. assumed: taken for a server whose version cannot
 * be told or is newer than known, or NULL (then one that is newer becomes ouro__generation_newer()).
 *   UNSUPPORTED  Headscale, but none that this release serves, in words
 *   PROTOCOL     something else answers; says what
 *   others       as the channel says: UNREACHABLE, TIMEOUT … */
ouro_status ouro__headscale_detect(ouro__channel *channel, const struct ouro__found *last,
	const ouro__generation *assumed, int64_t deadline, struct ouro__found *ret_found,
	ouro_error *reterr);
/* The other generation that something found over gRPC may be (0.25 for 0.24, 0.27.1 for 0.27.0: same methods), NULL = none, or it was
 * ruled out. */
const ouro__generation *ouro__headscale_vague(const struct ouro__found *found);
/* Ask the same server over HTTP which of the two it is; without a clear answer the safe one stays. */
void ouro__headscale_refine(ouro__channel *http, int64_t deadline, struct ouro__found *found);
/* 1 if servers of that generation speak gRPC. */
int ouro__headscale_has_grpc(const ouro__generation *generation);

/* Nodes, routes and users; the calls run in parallel. *ret_snapshot has one reference. UNSUPPORTED: a method is gone, so the
 * server is another version now. */
ouro_status ouro__headscale_read_all(const struct ouro__server *server, int64_t deadline,
	ouro__snapshot **ret_snapshot, ouro_error *reterr);

/* Writes. The node must be from a read that began after the request for the write came in. Their answers are not handed out:
 * they lack fields on most servers (online, tags, routes being served); read again instead. */
/* The present name = OK without a call. */
ouro_status ouro__headscale_rename(const struct ouro__server *server, const struct ouro__node *node,
	const char *name, int64_t deadline, ouro_error *reterr);
ouro_status ouro__headscale_expire(const struct ouro__server *server, const struct ouro__node *node,
	int64_t deadline, ouro_error *reterr);
ouro_status ouro__headscale_delete(const struct ouro__server *server, const struct ouro__node *node,
	int64_t deadline, ouro_error *reterr);
/* The device must log in again at expiry (Unix seconds, in the future), or with OURO_TIME_NEVER not at all. UNSUPPORTED where the
 * server would log it out at once instead (OURO_CAN_SET_EXPIRY, OURO_CAN_NEVER_EXPIRE). */
ouro_status ouro__headscale_extend(const struct ouro__server *server, const struct ouro__node *node,
	int64_t expiry, int64_t deadline, ouro_error *reterr);
/* Both exit prefixes as one. on = 1 needs at least one offered (INVALID otherwise). */
ouro_status ouro__headscale_exit_set(const struct ouro__server *server,
	const struct ouro__node *node, int on, int64_t deadline, ouro_error *reterr);
/* prefix: exactly as in the node's routes (INVALID otherwise), no exit prefix. Already so = OK without a call. */
ouro_status ouro__headscale_route_approve(const struct ouro__server *server,
	const struct ouro__node *node, const char *prefix, int64_t deadline, ouro_error *reterr);
ouro_status ouro__headscale_route_withdraw(const struct ouro__server *server,
	const struct ouro__node *node, const char *prefix, int64_t deadline, ouro_error *reterr);
ouro_status ouro__headscale_route_forget(const struct ouro__server *server,
	const struct ouro__node *node, const char *prefix, int64_t deadline, ouro_error *reterr);
/* Make the approved prefixes exactly these: each one of the node's routes (INVALID otherwise) and offered or approved already; of the
 * exit prefixes none, or all that are offered. One call where the server has a list; before, one a change, withdrawals first: the
 * status of the one that failed, but UNCERTAIN instead of one that promises that nothing happened if some were made. Already so = OK
 * without a call. */
ouro_status ouro__headscale_routes_set(const struct ouro__server *server,
	const struct ouro__node *node, const char *const *prefixes, size_t count, int64_t deadline,
	ouro_error *reterr);
/* user: stored name. NOTFOUND: unknown, several have it, or (found out beforehand) it only stands for a user who has none.
 * KEY_UNKNOWN also for a key of a form that this generation does not use (then nothing is sent; an Ouroboros gets any). */
ouro_status ouro__headscale_register(const struct ouro__server *server, const char *user,
	const ouro_registration *registration, int64_t deadline, uint64_t *ret_id,
	ouro_error *reterr);

/* Is it a name there? Pure. INVALID with the rule in words. */
ouro_status ouro__headscale_name_check(uint32_t capabilities, const char *name, ouro_error *reterr);
/* ouro_registration_parse() without the argument checks: pure. ret_registration->size is set by the caller. */
ouro_status ouro__registration_parse(
	const char *text, size_t length, ouro_registration *ret_registration, ouro_error *reterr);

#endif
