/* SQLite behind the vtable of backend.h: one file, ouroboros.db, that only its owner can read. What was acknowledged is on the disk
 * (WAL, every commit synced). The file is looked at before it is changed: another program's, a newer one's or a damaged one stays as it
 * is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/sys.h"
#include "store/lite.h"
#include "store/schema.h"

#define FILE_NAME "ouroboros.db"
/* "Ouro": tells our files from other SQLite files. */
#define APPLICATION_ID 1333097071
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

struct sqlite {
	const struct ouro__lite *lite;
	sqlite3 *db;
	char *path;
	uint32_t timeout_ms;
	dev_t device; /* of the file that was opened */
	ino_t inode;
};

static ouro_status io_error(const struct sqlite *sqlite, int code, ouro_error *reterr)
{
	int cause = sqlite->lite->system_errno(sqlite->db);

	return ouro__error_set(reterr, OURO_ERR_IO, "%s: the disk fails (%s; SQLite's code %d)",
		sqlite->path, cause ? strerror(cause) : "no cause given", code);
}

static ouro_status busy(const struct sqlite *sqlite, ouro_error *reterr)
{
	(void)ouro__error_set(reterr, OURO_ERR_IO,
		"%s was locked by another program for too long; nothing was changed. End that program, or try again",
		sqlite->path);
	ouro__error_retryable(reterr);
	return OURO_ERR_IO;
}

/* What went wrong, in words for the operator. */
static ouro_status failed(const struct sqlite *sqlite, int code, ouro_error *reterr)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return busy(sqlite, reterr);
	case SQLITE_FULL:
		return ouro__error_set(reterr, OURO_ERR_IO,
			"%s: the disk is full; nothing was changed. Make room and try again",
			sqlite->path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ouro__error_set(reterr, OURO_ERR_IO,
			"%s is damaged; it stays as it is. Put it aside and start again, with a copy of it or without",
			sqlite->path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return ouro__error_set(reterr, OURO_ERR_IO,
			"%s cannot be written: file or directory are read-only for this user",
			sqlite->path);
	case SQLITE_CANTOPEN:
		return ouro__error_set(reterr, OURO_ERR_IO, "%s cannot be opened: %s", sqlite->path,
			strerror(sqlite->lite->system_errno(sqlite->db)));
	case SQLITE_NOMEM: return ouro__error_nomem(reterr);
	case SQLITE_CONSTRAINT:
		return ouro__error_set(
			reterr, OURO_ERR_CONFLICT, "%s has such a row already", sqlite->path);
	case SQLITE_IOERR: return io_error(sqlite, code, reterr);
	default:
		return ouro__error_set(reterr, OURO_ERR_INTERNAL, "%s: %s", sqlite->path,
			sqlite->lite->errmsg(sqlite->db));
	}
}

/* How long SQLite may wait for others' locks. */
static void set_wait(const struct sqlite *sqlite, int64_t until)
{
	int64_t left = until - ouro__clock_ms();

	(void)sqlite->lite->busy_timeout(sqlite->db, left > 0 ? (int)left : 0);
}

static int bind(
	const struct sqlite *sqlite, sqlite3_stmt *made, const struct ouro__statement *statement)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < statement->count; i++) {
		const struct ouro__cell *cell = &statement->cells[i];
		char name[24];
		int at;

		(void)snprintf(name, sizeof(name), "$%zu", i + 1);
		at = sqlite->lite->bind_parameter_index(made, name);
		if (!at || cell->null)
			continue;
		rc = cell->text ? sqlite->lite->bind_text(made, at, cell->text, -1, SQLITE_STATIC)
				: sqlite->lite->bind_int64(made, at, cell->number);
	}
	return rc;
}

/* Out of memory shows as a missing text. 1 = ok. */
static int hand_row(
	const struct sqlite *sqlite, sqlite3_stmt *made, const struct ouro__statement *statement)
{
	const char *texts[OURO__COLUMNS_MAX] = {NULL};
	int columns = sqlite->lite->column_count(made);

	for (int i = 0; i < columns && i < OURO__COLUMNS_MAX; i++) {
		int null = sqlite->lite->column_type(made, i) == SQLITE_NULL;

		texts[i] = (const char *)sqlite->lite->column_text(made, i);
		if (!texts[i] && !null)
			return 0;
	}
	if (statement->row)
		statement->row(statement->user, texts);
	return 1;
}

static ouro_status sqlite_run(
	void *state, struct ouro__statement *statement, int64_t until, ouro_error *reterr)
{
	struct sqlite *sqlite = state;
	sqlite3_stmt *made = NULL;
	int64_t before = sqlite->lite->total_changes64(sqlite->db);
	int rc;

	set_wait(sqlite, until);
	rc = sqlite->lite->prepare_v2(sqlite->db, statement->sql, -1, &made, NULL);
	if (rc == SQLITE_OK)
		rc = bind(sqlite, made, statement);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite->lite->step(made);
		if (rc == SQLITE_ROW && !hand_row(sqlite, made, statement))
			rc = SQLITE_NOMEM;
	}
	(void)sqlite->lite->finalize(made);
	if (rc != SQLITE_DONE)
		return failed(sqlite, rc, reterr);
	statement->changed = (uint64_t)(sqlite->lite->total_changes64(sqlite->db) - before);
	return OURO_OK;
}

static ouro_status sqlite_script(void *state, const char *sql, int64_t until, ouro_error *reterr)
{
	struct sqlite *sqlite = state;
	int rc;

	set_wait(sqlite, until);
	rc = sqlite->lite->exec(sqlite->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? OURO_OK : failed(sqlite, rc, reterr);
}

static void take_number(void *user, const char *const *texts)
{
	int64_t *number = user;

	*number = texts[0] ? strtoll(texts[0], NULL, 10) : 0;
}

static ouro_status number_of(struct sqlite *sqlite, const char *sql, int64_t *ret_number,
	int64_t until, ouro_error *reterr)
{
	struct ouro__statement statement = {.sql = sql, .row = take_number, .user = ret_number};

	return sqlite_run(sqlite, &statement, until, reterr);
}

static ouro_status sqlite_version(
	void *state, int64_t *ret_version, int64_t until, ouro_error *reterr)
{
	return number_of(state, "PRAGMA user_version", ret_version, until, reterr);
}

static void sqlite_set_version(char *to, size_t room, size_t version)
{
	(void)snprintf(to, room, "PRAGMA user_version = %zu", version);
}

static const char *sqlite_name(const void *state)
{
	return ((const struct sqlite *)state)->path;
}

static void sqlite_free(void *state)
{
	struct sqlite *sqlite = state;

	if (!sqlite)
		return;
	if (sqlite->db)
		(void)sqlite->lite->close_v2(sqlite->db);
	free(sqlite->path);
	free(sqlite);
}

/* The file that is open may have been taken away: what is written then is lost. */
static ouro_status sqlite_alive(void *state, ouro_error *reterr)
{
	const struct sqlite *sqlite = state;
	struct stat info;

	if (stat(sqlite->path, &info) == 0 && info.st_dev == sqlite->device &&
		info.st_ino == sqlite->inode)
		return OURO_OK;
	return ouro__error_set(reterr, OURO_ERR_IO,
		"%s was taken away or replaced while it was in use; start Ouroboros again",
		sqlite->path);
}

static void sqlite_settle(void *state)
{
	const struct sqlite *sqlite = state;

	if (!sqlite->lite->get_autocommit(sqlite->db))
		(void)sqlite->lite->exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
}

static const struct ouro__backend backend = {.run = sqlite_run,
	.settle = sqlite_settle,
	.script = sqlite_script,
	.version = sqlite_version,
	.begin = "BEGIN IMMEDIATE",
	.prepare = "PRAGMA application_id = " TEXT(APPLICATION_ID),
	.set_version = sqlite_set_version,
	.steps = OURO__STEP_SQLITE,
	.name = sqlite_name,
	.alive = sqlite_alive,
	.free = sqlite_free};

static ouro_status os_error(const char *path, const char *what, ouro_error *reterr)
{
	return ouro__error_set(
		reterr, OURO_ERR_IO, "%s cannot be %s: %s", path, what, strerror(errno));
}

/* Make the file as its owner's alone, or see that it is. Nobody's locks are lost by it: a file that exists is not opened here. */
static ouro_status own_file(struct sqlite *sqlite, const char *directory, ouro_error *reterr)
{
	struct stat info;
	int fd;

	if (mkdir(directory, 0700) != 0 && errno != EEXIST)
		return os_error(directory, "made", reterr);
	fd = open(sqlite->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)close(fd);
	else if (errno != EEXIST)
		return os_error(sqlite->path, "made", reterr);
	if (stat(sqlite->path, &info) != 0)
		return os_error(sqlite->path, "read", reterr);
	if (!S_ISREG(info.st_mode))
		return ouro__error_set(
			reterr, OURO_ERR_IO, "%s is not a regular file", sqlite->path);
	if ((info.st_mode & (S_IRWXG | S_IRWXO)) && chmod(sqlite->path, 0600) != 0)
		return os_error(sqlite->path, "closed to others (chmod 600)", reterr);
	sqlite->device = info.st_dev;
	sqlite->inode = info.st_ino;
	return OURO_OK;
}

/* Whose file is it? Reads only. */
static ouro_status look(struct sqlite *sqlite, int64_t until, ouro_error *reterr)
{
	int64_t application = 0;
	int64_t objects = 0;
	ouro_status rc = number_of(sqlite, "PRAGMA application_id", &application, until, reterr);

	if (rc == OURO_OK)
		rc = number_of(
			sqlite, "SELECT count(*) FROM sqlite_schema", &objects, until, reterr);
	if (rc == OURO_OK && objects && application != APPLICATION_ID)
		return ouro__error_set(reterr, OURO_ERR_IO,
			"%s is another program's database; it stays as it is. Name another state_dir",
			sqlite->path);
	return rc;
}

/* Small caches: a token is one page. The log is folded back early, so that it stays small too. */
static ouro_status set_up(struct sqlite *sqlite, int64_t until, ouro_error *reterr)
{
	static const char pragmas[] =
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -256; "
		"PRAGMA wal_autocheckpoint = 128; PRAGMA journal_size_limit = 1048576; "
		"PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF";

	return sqlite_script(sqlite, pragmas, until, reterr);
}

static void take_word(void *user, const char *const *texts)
{
	int *sound = user;

	*sound = texts[0] && strcmp(texts[0], "ok") == 0;
}

/* The tokens are looked through whole; a damaged audit record shows when it is written to. */
static ouro_status sound(struct sqlite *sqlite, int64_t until, ouro_error *reterr)
{
	int is_sound = 0;
	struct ouro__statement statement = {
		.sql = "PRAGMA quick_check(ouroboros_token)", .row = take_word, .user = &is_sound};
	ouro_status rc = sqlite_run(sqlite, &statement, until, reterr);

	if (rc == OURO_OK && !is_sound)
		rc = failed(sqlite, SQLITE_CORRUPT, reterr);
	return rc;
}

/* Open what is there, and see that it is ours and not newer. */
static ouro_status open_there(struct sqlite *sqlite, int64_t until, ouro_error *reterr)
{
	ouro_status rc;
	int code = sqlite->lite->open_v2(sqlite->path, &sqlite->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (!sqlite->db)
		return ouro__error_nomem(reterr);
	if (code != SQLITE_OK)
		return failed(sqlite, code, reterr);
	(void)sqlite->lite->extended_result_codes(sqlite->db, 1);
	rc = look(sqlite, until, reterr);
	if (rc == OURO_OK)
		rc = ouro__schema_check(&backend, sqlite, &ouro__schema_current, until, reterr);
	return rc;
}

static ouro_status open_file(struct sqlite *sqlite, const char *directory, ouro_error *reterr)
{
	int64_t until = ouro__clock_ms() + sqlite->timeout_ms;
	ouro_status rc = own_file(sqlite, directory, reterr);

	if (rc == OURO_OK)
		rc = open_there(sqlite, until, reterr);
	if (rc == OURO_OK)
		rc = set_up(sqlite, until, reterr);
	if (rc == OURO_OK)
		rc = ouro__schema_bring(&backend, sqlite, &ouro__schema_current, until, reterr);
	return rc == OURO_OK ? sound(sqlite, until, reterr) : rc;
}

/* Changes nothing. */
static ouro_status look_at_file(struct sqlite *sqlite, const char *directory, ouro_error *reterr)
{
	int64_t until = ouro__clock_ms() + sqlite->timeout_ms;
	int64_t version = 0;
	struct stat info;
	ouro_status rc;

	(void)directory;
	if (stat(sqlite->path, &info) != 0 && errno == ENOENT)
		return ouro__error_set(reterr, OURO_ERR_NOTFOUND, "%s is not there", sqlite->path);
	rc = open_there(sqlite, until, reterr);
	if (rc == OURO_OK)
		rc = sqlite_version(sqlite, &version, until, reterr);
	/* Without tables there is nothing that could be damaged. */
	return rc == OURO_OK && version ? sound(sqlite, until, reterr) : rc;
}

typedef ouro_status (*open_fn)(struct sqlite *sqlite, const char *directory, ouro_error *reterr);

static ouro_status open_with(open_fn fn, const char *directory, uint32_t timeout_ms,
	const struct ouro__backend **ret_backend, void **ret_state, ouro_error *reterr)
{
	struct sqlite *sqlite = ouro__alloc(1, sizeof(*sqlite));
	size_t size = strlen(directory) + sizeof("/" FILE_NAME);
	ouro_status rc;

	if (!sqlite)
		return ouro__error_nomem(reterr);
	sqlite->timeout_ms = timeout_ms;
	sqlite->path = ouro__alloc(1, size);
	if (!sqlite->path) {
		sqlite_free(sqlite);
		return ouro__error_nomem(reterr);
	}
	(void)snprintf(sqlite->path, size, "%s/" FILE_NAME, directory);
	rc = ouro__lite_get(&sqlite->lite, reterr);
	if (rc == OURO_OK)
		rc = fn(sqlite, directory, reterr);
	if (rc < 0) {
		sqlite_free(sqlite);
		return rc;
	}
	*ret_backend = &backend;
	*ret_state = sqlite;
	return OURO_OK;
}

ouro_status ouro__sqlite_open(const char *directory, uint32_t timeout_ms,
	const struct ouro__backend **ret_backend, void **ret_state, ouro_error *reterr)
{
	return open_with(open_file, directory, timeout_ms, ret_backend, ret_state, reterr);
}

ouro_status ouro__sqlite_look(const char *directory, uint32_t timeout_ms,
	const struct ouro__backend **ret_backend, void **ret_state, ouro_error *reterr)
{
	return open_with(look_at_file, directory, timeout_ms, ret_backend, ret_state, reterr);
}
