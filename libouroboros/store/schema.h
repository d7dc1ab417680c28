/* Bringing a database to the tables of this version: steps that are never changed once they were released, only added to. */
#ifndef OURO_STORE_SCHEMA_H
#define OURO_STORE_SCHEMA_H

#include "store/backend.h"

enum { OURO__STEP_SQLITE = 0, OURO__STEP_POSTGRES = 1 };

struct ouro__schema {
	const char *const (*steps)[2]; /* for SQLite, for PostgreSQL */
	size_t count;                  /* the version after the last of them */
};

extern const struct ouro__schema ouro__schema_current;

/* Only look: UNSUPPORTED if the database is newer. */
ouro_status ouro__schema_check(const struct ouro__backend *backend, void *state,
	const struct ouro__schema *schema, int64_t until, ouro_error *reterr);
/* The version there is, 0 = no tables yet. UNSUPPORTED as before. */
ouro_status ouro__schema_version(const struct ouro__backend *backend, void *state,
	const struct ouro__schema *schema, size_t *ret_version, int64_t until, ouro_error *reterr);
/* Do what is missing, all or nothing. UNSUPPORTED: the database is newer; it stays as it is. */
ouro_status ouro__schema_bring(const struct ouro__backend *backend, void *state,
	const struct ouro__schema *schema, int64_t until, ouro_error *reterr);

#endif
