/* A generation = a band of the field tables plus a table of operations. An empty slot answers UNSUPPORTED by itself, with the
 * version that has the operation. Constants. */
#ifndef OURO_HEADSCALE_GENERATION_H
#define OURO_HEADSCALE_GENERATION_H

#include "headscale/fields.h"
#include "headscale/headscale.h"

struct ouro__operations {
	const struct ouro__method *list_users;
	const struct ouro__method *list_nodes;
	const struct ouro__method
		*get_routes; /* route objects; NULL = routes are lists on the node */
	const struct ouro__method *rename_node;
	const struct ouro__method *expire_node;
	const struct ouro__method *delete_node;
	const struct ouro__method *register_node;
	const struct ouro__method *enable_route;
	const struct ouro__method *disable_route;
	const struct ouro__method *delete_route;
	const struct ouro__method *set_approved_routes;
};

struct ouro__generation {
	const char *version; /* "0.23" */
	ouro__band band;
	uint32_t capabilities;     /* OURO_CAN_* */
	int32_t registration_form; /* ouro_registration.form that its links carry */
	struct ouro__operations operations;
};

/* What this release serves, for texts: "0.23 and 0.29". */
#define OURO__GENERATIONS_SERVED "0.23 and 0.29"

/* The generation of a band; NULL if this release does not serve it. */
const ouro__generation *ouro__generation_of(ouro__band band);
/* UNSUPPORTED: what is the operation in words, since and until are versions or NULL. */
ouro_status ouro__generation_lacks(const ouro__generation *generation, const char *what,
	const char *where, ouro_error *reterr);

/* errors.c: turn a refusal of the server (REJECTED with its words in reterr) into the status that it means; others stay.
 * what is put in front ("renaming the device"). */
ouro_status ouro__headscale_error(ouro_status status, const char *what, ouro_error *reterr);

/* convert.c: replies as a snapshot. routes may be NULL. All three are in the snapshot's arena. */
ouro_status ouro__headscale_snapshot(ouro__snapshot *snapshot, const ouro__generation *generation,
	const struct ouro__hs_nodes *nodes, const struct ouro__hs_users *users,
	const struct ouro__hs_routes *routes, ouro_error *reterr);

#endif
