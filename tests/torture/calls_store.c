/* SQLite: the functions that our code has from store/lite.h; see calls.h. Each says what the real one says when the disk or memory
 * fails. */
#include <stddef.h>

#include "calls.h"
#include "store/lite.h"

/* The linker's own names. NOLINTBEGIN(bugprone-reserved-identifier) */
ouro_status __real_ouro__lite_get(const struct ouro__lite **ret_lite, ouro_error *reterr);
ouro_status __wrap_ouro__lite_get(const struct ouro__lite **ret_lite, ouro_error *reterr);
/* NOLINTEND(bugprone-reserved-identifier) */

/* The real ones; set before the others can be called. */
static const struct ouro__lite *real;

#define FAILING(name, type, bad, parameters, arguments)                                            \
	static type name parameters                                                                \
	{                                                                                          \
		return torture_refuse(TORTURE_CALLS, "sqlite3_" #name) ? (bad)                     \
								       : real->name arguments;     \
	}

FAILING(open_v2, int, SQLITE_NOMEM, (const char *name, sqlite3 **to, int flags, const char *vfs),
	(name, to, flags, vfs))
FAILING(exec, int, SQLITE_IOERR,
	(sqlite3 * db, const char *sql, int (*row)(void *, int, char **, char **), void *user,
		char **text),
	(db, sql, row, user, text))
FAILING(prepare_v2, int, SQLITE_NOMEM,
	(sqlite3 * db, const char *sql, int size, sqlite3_stmt **to, const char **tail),
	(db, sql, size, to, tail))
FAILING(bind_text, int, SQLITE_NOMEM,
	(sqlite3_stmt * made, int at, const char *text, int size, void (*release)(void *)),
	(made, at, text, size, release))
FAILING(bind_int64, int, SQLITE_NOMEM, (sqlite3_stmt * made, int at, sqlite3_int64 number),
	(made, at, number))
FAILING(step, int, SQLITE_FULL, (sqlite3_stmt * made), (made))
FAILING(column_text, const unsigned char *, NULL, (sqlite3_stmt * made, int at), (made, at))

ouro_status __wrap_ouro__lite_get(const struct ouro__lite **ret_lite, ouro_error *reterr)
{
	static struct ouro__lite ours;
	ouro_status rc = OURO_OK;

	if (torture_refuse(TORTURE_CALLS, "ouro__lite_get"))
		return ouro__error_set(reterr, OURO_ERR_IO, "SQLite cannot be loaded");
	if (!real && (rc = __real_ouro__lite_get(&real, reterr)) == OURO_OK) {
		ours = *real;
		ours.open_v2 = open_v2;
		ours.exec = exec;
		ours.prepare_v2 = prepare_v2;
		ours.bind_text = bind_text;
		ours.bind_int64 = bind_int64;
		ours.step = step;
		ours.column_text = column_text;
	}
	*ret_lite = &ours;
	return rc;
}
