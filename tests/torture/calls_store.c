/* SQLite; see calls_loaded.h. Each says what the real one says when the disk or memory fails. */
#include <sqlite3.h>

#include "calls_loaded.h"

LOADED(sqlite3_open_v2, int, SQLITE_NOMEM,
	(const char *name, sqlite3 **to, int flags, const char *vfs), (name, to, flags, vfs))
LOADED(sqlite3_exec, int, SQLITE_IOERR,
	(sqlite3 * db, const char *sql, int (*row)(void *, int, char **, char **), void *user,
		char **text),
	(db, sql, row, user, text))
LOADED(sqlite3_prepare_v2, int, SQLITE_NOMEM,
	(sqlite3 * db, const char *sql, int size, sqlite3_stmt **to, const char **tail),
	(db, sql, size, to, tail))
LOADED(sqlite3_bind_text, int, SQLITE_NOMEM,
	(sqlite3_stmt * made, int at, const char *text, int size, void (*release)(void *)),
	(made, at, text, size, release))
LOADED(sqlite3_bind_int64, int, SQLITE_NOMEM, (sqlite3_stmt * made, int at, sqlite3_int64 number),
	(made, at, number))
LOADED(sqlite3_step, int, SQLITE_FULL, (sqlite3_stmt * made), (made))
LOADED(sqlite3_column_text, const unsigned char *, NULL, (sqlite3_stmt * made, int at), (made, at))
