/* A generation = a band of the field tables plus a table of operations. An empty slot answers UNSUPPORTED by itself, with the
 * version that has the operation. Constants. */
#ifndef OURO_HEADSCALE_GENERATION_H
#define OURO_HEADSCALE_GENERATION_H

#include "headscale/fields.h"
#include "headscale/headscale.h"

enum ouro__operation {
	OURO__OP_LIST_USERS,
	OURO__OP_LIST_NODES,
	OURO__OP_GET_ROUTES, /* route objects; without it, routes are lists on the node */
	OURO__OP_RENAME_NODE,
	OURO__OP_EXPIRE_NODE,
	OURO__OP_DELETE_NODE,
	OURO__OP_REGISTER_NODE,
	OURO__OP_ENABLE_ROUTE,
	OURO__OP_DISABLE_ROUTE,
	OURO__OP_DELETE_ROUTE,
	OURO__OP_SET_APPROVED_ROUTES,
	OURO__OP_LIST_KEYS,
	OURO__OP_CREATE_KEY,
	OURO__OP_EXPIRE_KEY,
	OURO__OP_DELETE_KEY,
	OURO__OP_LIST_API_KEYS,
	OURO__OPERATIONS
};

struct ouro__generation {
	const char *version; /* "0.23"; for people */
	ouro__band band;
	uint32_t capabilities;     /* OURO_CAN_*; OURO_CAN_ONLY_READ: every write is refused here */
	int32_t registration_form; /* ouro_registration.form that its links carry */
	const struct ouro__method *operations[OURO__OPERATIONS]; /* NULL = it cannot do that */
};

/* What this release serves, for texts. */
#define OURO__GENERATIONS_SERVED "0.23 to 0.30"

/* The generation of a band; NULL if there is none. */
const ouro__generation *ouro__generation_of(ouro__band band);
/* "0.27", "0.27.1", "v0.29.2" (a later patch counts as its minor version); NULL if it is no version of this form or none that is
 * served. "0.27" is 0.27.0: what is safe there is safe for both. */
const ouro__generation *ouro__generation_by_version(const char *version);
/* Newer than all known: read like the newest, writes refused (OURO_CAN_ONLY_READ) until the setting hs_assume names a version. */
const ouro__generation *ouro__generation_newer(void);
/* UNSUPPORTED for an operation that the generation lacks, or for any write if it only reads; names the versions that have it.
 * what: "forgetting the route". */
ouro_status ouro__generation_lacks(const ouro__generation *generation,
	enum ouro__operation operation, const char *what, ouro_error *reterr);
/* The same for something behind a capability. */
ouro_status ouro__generation_lacks_capability(const ouro__generation *generation,
	uint32_t capability, const char *what, ouro_error *reterr);

/* errors.c: turn a refusal of the server (REJECTED with its words in reterr) into the status that it means; others stay.
 * what is put in front ("renaming the device"). */
ouro_status ouro__headscale_error(ouro_status status, const char *what, ouro_error *reterr);

/* convert.c: replies as a snapshot. routes may be NULL. All three are in the snapshot's arena. */
ouro_status ouro__headscale_snapshot(ouro__snapshot *snapshot, const ouro__generation *generation,
	const struct ouro__hs_nodes *nodes, const struct ouro__hs_users *users,
	const struct ouro__hs_routes *routes, ouro_error *reterr);

#endif
