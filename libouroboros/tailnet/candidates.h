/* The ways on which one Headscale server may be reached, the preferred one first, and which of them answers. The list is constant once
 * a tailnet has it; what was found belongs to its worker alone. */
#ifndef OURO_TAILNET_CANDIDATES_H
#define OURO_TAILNET_CANDIDATES_H

#include "base/log.h"
#include "headscale/headscale.h"

#define OURO__CANDIDATES_MAX 3u
/* Behind a proxy a connection may outlive the server: what was found is looked at again after so long, by whoever reads next. */
#define OURO__CANDIDATES_LOOK_MS 10000

struct ouro__candidate {
	ouro__channel *channel; /* owned */
	char place[300];        /* "vpn.example.org:443", "https://…", "/run/…": for texts */
	int direct;             /* a unix socket: nothing is in between */
};

struct ouro__candidates {
	struct ouro__candidate items[OURO__CANDIDATES_MAX];
	size_t count;
	const ouro__generation *assumed; /* hs_assume; NULL = none */
	int restricted;                  /* the settings forbid other ways */
	int site; /* the only way is a URL that a person gave: an Ouroboros server is looked for */
	ouro__channel *
		pages; /* owned; for the server's public pages only, where gRPC does not tell; NULL = none */
	ouro__log *log; /* owned; what the channels log to */

	size_t chosen;            /* which one answered last; count = none yet */
	struct ouro__found found; /* behind it */
	int64_t looked_ms;        /* when that was found out */
	int64_t told_ms;   /* when HTTP was last asked which of two neighbours it is; 0 = ask */
	int64_t prefer_ms; /* when better ones are tried first again */
	int64_t prefer_delay;
};

/* Nothing chosen, no channels. */
void ouro__candidates_init(struct ouro__candidates *candidates);
/* What channels say of their connections is for debugging: a way that leads nowhere is no trouble while another one does. NULL = out of
 * memory. */
ouro__log *ouro__candidates_log(struct ouro__candidates *candidates, const ouro__log *log);
/* Takes the channel. */
void ouro__candidates_add(
	struct ouro__candidates *candidates, ouro__channel *channel, const char *place, int direct);
/* 1 if gRPC is spoken there. */
int ouro__candidate_grpc(const struct ouro__candidate *candidate);

/* A call went wrong: another server may have come on the old connection. What HTTP told of the version is asked for again. */
void ouro__candidates_doubt(struct ouro__candidates *candidates);
/* 1 if what was found still holds: same connection, and looked at within the last ms (or nothing in between). */
int ouro__candidates_hold(const struct ouro__candidates *candidates, int64_t ms);
/* Walk them until one answers: the one that did last, then the others in their order. On success chosen and found are set; a failure
 * leaves them and names what tells the most, and where. */
ouro_status ouro__candidates_find(
	struct ouro__candidates *candidates, int64_t deadline, ouro_error *reterr);

/* See ouro__channel_stop() and ouro__channel_free(). */
void ouro__candidates_stop(struct ouro__candidates *candidates);
void ouro__candidates_free(struct ouro__candidates *candidates);

#endif
