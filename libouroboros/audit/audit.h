/* The record of who did what: one JSON object on one line, fields always in the same order. Pure. */
#ifndef OURO_AUDIT_AUDIT_H
#define OURO_AUDIT_AUDIT_H

#include <ouroboros/error.h>

#include "base/buf.h"

/* Enough for the longest line with every text at its maximum; longer texts are cut. */
#define OURO__AUDIT_LINE_MAX 12288

/* All texts are borrowed and may be NULL (written as null). */
struct ouro__audit_record {
	int64_t time;         /* Unix seconds */
	const char *provider; /* "github"; ignored for the holder */
	uint64_t identity;    /* id at the provider */
	const char *login;
	int holder;         /* 1 = holder of the server's credentials */
	const char *user;   /* Headscale user it was done as */
	const char *action; /* "rename", "route-approve" … */
	uint64_t node;      /* 0 = none (null) */
	const char *name;   /* node's name */
	const char *before;
	const char *after;
	ouro_status result;  /* written as ouro_status_name() */
	const char *address; /* where the person came from */
	const char *
		token; /* id of the personal token that it was done by; the field is left out if NULL */
};

/* {"time":"2026-01-02T03:04:05Z","person":"github:19270622","login":"mia","user":"mia","action":"rename","node":"5",
 *  "name":"atlas","before":"atlas","after":"hermes","result":"ok","address":"192.0.2.7"}
 * person is "holder" for the holder of the credentials; node is text because ids pass 2^53.
 * line: empty, with a maximum of at least OURO__AUDIT_LINE_MAX. No newline.
 * OURO_ERR_NOMEM if it does not fit. */
ouro_status ouro__audit_line(
	const struct ouro__audit_record *record, ouro__buf *line, ouro_error *reterr);

#endif
