/* One connection to a database, behind a vtable: SQLite (sqlite.c) and PostgreSQL (postgres.c). Statements are written once, in what
 * both understand; values stand in them as $1, $2 … Not for two threads at a time: store.c sees to that. */
#ifndef OURO_STORE_BACKEND_H
#define OURO_STORE_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"

/* A value of a statement. */
struct ouro__cell {
	const char *text; /* NULL = number, or NULL of SQL */
	int64_t number;
	int null;
};

#define OURO__NUMBER(value)                                                                        \
	(struct ouro__cell)                                                                        \
	{                                                                                          \
		NULL, (int64_t)(value), 0                                                          \
	}
#define OURO__TEXT(value)                                                                          \
	(struct ouro__cell)                                                                        \
	{                                                                                          \
		(value), 0, 0                                                                      \
	}
/* A text that is there if "there" is, else NULL of SQL. */
#define OURO__TEXT_IF(there, value)                                                                \
	(struct ouro__cell)                                                                        \
	{                                                                                          \
		(there) ? (value) : NULL, 0, !(there)                                              \
	}

/* One row: texts of its columns, NULL where SQL has it. Borrowed for the call. */
typedef void (*ouro__row_fn)(void *user, const char *const *texts);

#define OURO__COLUMNS_MAX 16

struct ouro__statement {
	const char *sql;
	const struct ouro__cell *cells; /* $1 … */
	size_t count;
	ouro__row_fn row; /* NULL = no rows wanted */
	void *user;
	int writes; /* by itself, outside of a transaction: whether it happened may stay unknown */
	uint64_t changed; /* set: rows that were changed */
};

/* Every call ends by the point "until" of ouro__clock_ms(), as far as the disk lets it. Errors of all of them:
 *   OURO_ERR_IO           locked for too long, full, damaged, read-only, cannot be reached …
 *   OURO_ERR_TIMEOUT      no answer in time; nothing was changed
 *   OURO_ERR_UNCERTAIN    the connection broke off during a write
 *   OURO_ERR_UNSUPPORTED  the schema is newer
 *   OURO_ERR_CONFLICT     such a row is there already
 *   OURO_ERR_NOMEM */
struct ouro__backend {
	ouro_status (*run)(
		void *state, struct ouro__statement *statement, int64_t until, ouro_error *reterr);
	/* Between two calls: take back what one left open because even taking back failed, for want of memory say. */
	void (*settle)(void *state);
	/* Several statements without values and rows. */
	ouro_status (*script)(void *state, const char *sql, int64_t until, ouro_error *reterr);
	/* The schema's version, 0 = nothing there yet. Where nothing is connected yet, it connects and makes no tables. */
	ouro_status (*version)(
		void *state, int64_t *ret_version, int64_t until, ouro_error *reterr);
	void (*set_version)(char *to, size_t room, size_t version); /* the statement for it */
	const char *begin; /* of a transaction that writes */
	const char
		*prepare; /* first in a migration's transaction: nobody else migrates meanwhile */
	size_t steps;     /* which of the texts of a step (schema.c) */
	/* What texts call it: the file, "the PostgreSQL database". */
	const char *(*name)(const void *state);
	/* Looks for what writing would not notice. */
	ouro_status (*alive)(void *state, ouro_error *reterr);
	void (*free)(void *state);
};

/* Makes the file if it is missing, and its directory. */
ouro_status ouro__sqlite_open(const char *directory, uint32_t timeout_ms,
	const struct ouro__backend **ret_backend, void **ret_state, ouro_error *reterr);
/* The same of a file that is there, without changing it; NOTFOUND if it is not. */
ouro_status ouro__sqlite_look(const char *directory, uint32_t timeout_ms,
	const struct ouro__backend **ret_backend, void **ret_state, ouro_error *reterr);
/* Does not connect: the first statement does, and each after the connection was lost. */
ouro_status ouro__postgres_open(const char *url, uint32_t timeout_ms,
	const struct ouro__backend **ret_backend, void **ret_state, ouro_error *reterr);

#endif
