/* Inside of detection: one file a way of asking. */
#ifndef OURO_HEADSCALE_DETECT_H
#define OURO_HEADSCALE_DETECT_H

#include "headscale/generation.h"

/* detect_grpc.c, detect_http.c: see ouro__headscale_detect(). */
ouro_status ouro__detect_grpc(ouro__channel *channel, const ouro__generation *assumed,
	int64_t deadline, struct ouro__found *ret_found, ouro_error *reterr);
ouro_status ouro__detect_http(ouro__channel *channel, const struct ouro__found *last,
	const ouro__generation *assumed, int64_t deadline, struct ouro__found *ret_found,
	ouro_error *reterr);

/* What a version text tells. */
enum ouro__said {
	OURO__SAID_NOTHING, /* "dev", a pre-release, a build with changes: look at what the server can do instead */
	OURO__SAID_KNOWN,
	OURO__SAID_NEWER,
	OURO__SAID_OLDER
};
/* *ret_generation is set for OURO__SAID_KNOWN only. Pure. */
enum ouro__said ouro__detect_version(const char *text, const ouro__generation **ret_generation);

/* What a server can do, from its own description (OpenAPI 2 or 3, JSON). */
struct ouro__surface {
	unsigned operations; /* verbs and paths below /api/v1 */
	uint32_t marks;      /* what tells the versions apart; detect_surface.c */
};
/* PROTOCOL: no such description. NOMEM. Pure; the text is hostile. */
ouro_status ouro__surface_read(const char *text, size_t size, struct ouro__surface *ret_surface);
/* The generation that can do exactly this, 0.24 standing for 0.25 too; NULL = none. */
const ouro__generation *ouro__surface_generation(const struct ouro__surface *surface);
/* 1 if it can do all that the newest one can, and something else. */
int ouro__surface_newer(const struct ouro__surface *surface);
/* 1 if it is 0.22 or older. */
int ouro__surface_older(const struct ouro__surface *surface);

#endif
