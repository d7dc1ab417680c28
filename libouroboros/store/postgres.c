/* PostgreSQL behind the vtable of backend.h. The connection is made when a statement needs it and made anew when it was lost; a
 * statement is sent a second time only if it changes nothing by itself. The server gives up a little before we do, so that most
 * failures are certain. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sys.h"
#include "base/wipe.h"
#include "store/pq.h"
#include "store/schema.h"

enum {
	REST_MS = 1000,    /* after it could not be reached: nobody waits for it again so soon */
	CELLS_MAX = 16,    /* of a statement */
	LEFTOVERS_MAX = 64 /* reads before a statement; more than a server says on its own */
};

/* Numbers of types, fixed in every PostgreSQL. */
#define OID_BIGINT 20
#define OID_TEXT 25

struct postgres {
	const struct ouro__pq *pq;
	char *url; /* a secret */
	uint32_t timeout_ms;
	PGconn *connection; /* NULL = none */
	int64_t rest;       /* point of ouro__clock_ms() before which "down" is the answer */
	ouro_error down;
};

static void quiet(void *user, const PGresult *result)
{
	(void)user;
	(void)result;
}

static void drop(struct postgres *postgres)
{
	if (postgres->connection)
		postgres->pq->finish(postgres->connection);
	postgres->connection = NULL;
}

static ouro_status retryable(ouro_error *reterr, ouro_status status)
{
	ouro__error_retryable(reterr);
	return status;
}

static ouro_status too_slow(ouro_error *reterr)
{
	return retryable(reterr,
		ouro__error_set(reterr, OURO_ERR_TIMEOUT,
			"PostgreSQL did not answer in time; nothing was changed"));
}

/* 1 = ready, 0 = time is up, or the socket is of no use: the next look at the connection tells. */
static int wait_for(const struct postgres *postgres, short events, int64_t until)
{
	struct pollfd ready = {postgres->pq->socket(postgres->connection), events, 0};
	int n;

	do {
		int64_t left = until - ouro__clock_ms();

		if (left <= 0 || ready.fd < 0)
			return 0;
		n = poll(&ready, 1, left > INT16_MAX ? INT16_MAX : (int)left);
	} while (n <= 0);
	return 1;
}

/* libpq's words end with a newline, and may be several lines. No password is in them. */
static ouro_status unreachable(const struct postgres *postgres, ouro_error *reterr)
{
	char text[180];

	(void)snprintf(text, sizeof(text), "%s", postgres->pq->errorMessage(postgres->connection));
	for (size_t length = strlen(text); length && text[length - 1] == '\n';)
		text[--length] = '\0';
	return retryable(reterr,
		ouro__error_set(reterr, OURO_ERR_IO, "PostgreSQL cannot be reached: %s", text));
}

static ouro_status dial(struct postgres *postgres, int64_t until, ouro_error *reterr)
{
	/* Kerberos would be set up for each connection, for the few who ask for it in the URL: what comes later wins. */
	const char *const keys[] = {
		"gssencmode", "dbname", "fallback_application_name", "client_encoding", NULL};
	const char *const values[] = {"disable", postgres->url, "ouroboros", "UTF8", NULL};
	PostgresPollingStatusType step = PGRES_POLLING_WRITING;

	postgres->connection = postgres->pq->connectStartParams(keys, values, 1);
	if (!postgres->connection)
		return ouro__error_nomem(reterr);
	(void)postgres->pq->setNoticeReceiver(postgres->connection, quiet, NULL);
	if (postgres->pq->status(postgres->connection) == CONNECTION_BAD)
		return unreachable(postgres, reterr);
	while (step != PGRES_POLLING_OK) {
		if (!wait_for(postgres, step == PGRES_POLLING_READING ? POLLIN : POLLOUT, until))
			return too_slow(reterr);
		step = postgres->pq->connectPoll(postgres->connection);
		if (step == PGRES_POLLING_FAILED)
			return unreachable(postgres, reterr);
	}
	return OURO_OK;
}

/* What the server refused, in its own words; a few classes of SQLSTATE mean something to us. */
static ouro_status refused(
	const struct postgres *postgres, const PGresult *result, ouro_error *reterr)
{
	const char *code = postgres->pq->resultErrorField(result, PG_DIAG_SQLSTATE);
	const char *text = postgres->pq->resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	code = code ? code : "";
	text = text ? text : "no reason given";
	if (strcmp(code, "57014") == 0 || strcmp(code, "55P03") == 0)
		return too_slow(reterr);
	if (strcmp(code, "23505") == 0)
		return ouro__error_set(
			reterr, OURO_ERR_CONFLICT, "PostgreSQL has such a row already");
	if (strcmp(code, "53100") == 0)
		return ouro__error_set(reterr, OURO_ERR_IO,
			"PostgreSQL's disk is full; nothing was changed. Make room and try again");
	if (strcmp(code, "25006") == 0)
		return ouro__error_set(reterr, OURO_ERR_IO,
			"PostgreSQL is read-only (a standby?); nothing was changed. Name the primary in store_url");
	return ouro__error_set(reterr, OURO_ERR_IO,
		"PostgreSQL refused: %.120s (SQLSTATE %.5s); nothing was changed", text, code);
}

static void hand_rows(const struct postgres *postgres, const PGresult *result,
	const struct ouro__statement *statement)
{
	int rows = postgres->pq->ntuples(result);
	int columns = postgres->pq->nfields(result);

	for (int row = 0; statement->row && row < rows; row++) {
		const char *texts[OURO__COLUMNS_MAX] = {NULL};

		for (int i = 0; i < columns && i < OURO__COLUMNS_MAX; i++)
			if (!postgres->pq->getisnull(result, row, i))
				texts[i] = postgres->pq->getvalue(result, row, i);
		statement->row(statement->user, texts);
	}
}

static int send(const struct postgres *postgres, const struct ouro__statement *statement)
{
	Oid types[CELLS_MAX];
	const char *texts[CELLS_MAX];
	char numbers[CELLS_MAX][24];

	if (!statement->count) /* the simple way also takes several at once */
		return postgres->pq->sendQuery(postgres->connection, statement->sql);
	for (size_t i = 0; i < statement->count && i < CELLS_MAX; i++) {
		const struct ouro__cell *cell = &statement->cells[i];
		int number = !cell->text && !cell->null;

		types[i] = number ? OID_BIGINT : OID_TEXT;
		(void)snprintf(numbers[i], sizeof(numbers[i]), "%" PRId64, cell->number);
		texts[i] = number ? numbers[i] : cell->text;
	}
	return postgres->pq->sendQueryParams(postgres->connection, statement->sql,
		(int)statement->count, types, texts, NULL, NULL, 0);
}

/* The next answer of the statement, NULL if there is none any more, or none in time. */
static PGresult *next_result(struct postgres *postgres, int64_t until, int *ret_late)
{
	while (postgres->pq->isBusy(postgres->connection)) {
		if (!wait_for(postgres, POLLIN, until)) {
			*ret_late = 1;
			return NULL;
		}
		if (!postgres->pq->consumeInput(postgres->connection))
			break; /* then an error is the answer */
	}
	return postgres->pq->getResult(postgres->connection);
}

/* All answers of what was sent. *ret_lost = 1: the connection broke off, or time was up; it was dropped. */
static ouro_status receive(struct postgres *postgres, struct ouro__statement *statement,
	int64_t until, int *ret_lost, ouro_error *reterr)
{
	ouro_status rc = OURO_OK;
	int late = 0;
	PGresult *result;

	while ((result = next_result(postgres, until, &late)) != NULL) {
		ExecStatusType status = postgres->pq->resultStatus(result);

		if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
			hand_rows(postgres, result, statement);
			statement->changed = strtoull(postgres->pq->cmdTuples(result), NULL, 10);
		} else if (rc == OURO_OK) {
			rc = refused(postgres, result, reterr);
		}
		postgres->pq->clear(result);
	}
	*ret_lost = late || postgres->pq->status(postgres->connection) == CONNECTION_BAD;
	if (!*ret_lost)
		return rc;
	rc = late ? too_slow(reterr) : unreachable(postgres, reterr);
	drop(postgres);
	return rc;
}

static ouro_status exchange(struct postgres *postgres, struct ouro__statement *statement,
	int64_t until, int *ret_lost, int *ret_sent, ouro_error *reterr)
{
	ouro_status rc;

	*ret_sent = send(postgres, statement);
	if (*ret_sent)
		return receive(postgres, statement, until, ret_lost, reterr);
	rc = unreachable(postgres, reterr);
	*ret_lost = 1;
	drop(postgres);
	return rc;
}

static ouro_status set_limits(struct postgres *postgres, int64_t until, ouro_error *reterr)
{
	char text[160];
	struct ouro__statement statement = {.sql = text};
	uint32_t limit = postgres->timeout_ms - postgres->timeout_ms / 4;
	int lost = 0;
	int sent = 0;

	(void)snprintf(text, sizeof(text),
		"SET statement_timeout = %u; SET lock_timeout = %u; SET idle_in_transaction_session_timeout = %u",
		limit, limit, postgres->timeout_ms);
	return exchange(postgres, &statement, until, &lost, &sent, reterr);
}

static const struct ouro__backend backend;

/* A connection, and unless one only looks, the tables of this version. */
static ouro_status connect_anew(
	struct postgres *postgres, int only_look, int64_t until, ouro_error *reterr)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	if (ouro__clock_ms() < postgres->rest) {
		ouro__error_copy(reterr, &postgres->down);
		return postgres->down.status;
	}
	rc = dial(postgres, until, &error);
	if (rc == OURO_OK)
		rc = set_limits(postgres, until, &error);
	/* The statements of it find the connection that is there. */
	if (rc == OURO_OK && !only_look)
		rc = ouro__schema_bring(&backend, postgres, &ouro__schema_current, until, &error);
	if (rc == OURO_OK)
		return OURO_OK;
	drop(postgres);
	postgres->down = error;
	postgres->rest = ouro__clock_ms() + REST_MS;
	ouro__error_copy(reterr, &error);
	return rc;
}

/* What came while nobody asked: most often that the server went away. */
static void look(struct postgres *postgres)
{
	for (int i = 0; postgres->connection && i < LEFTOVERS_MAX; i++) {
		struct pollfd ready = {postgres->pq->socket(postgres->connection), POLLIN, 0};
		int sound = postgres->pq->status(postgres->connection) == CONNECTION_OK;

		if (sound && poll(&ready, 1, 0) <= 0)
			return;
		if (!sound || !postgres->pq->consumeInput(postgres->connection))
			drop(postgres);
		else
			(void)postgres->pq->isBusy(postgres->connection); /* takes it in */
	}
}

static ouro_status postgres_run(
	void *state, struct ouro__statement *statement, int64_t until, ouro_error *reterr)
{
	struct postgres *postgres = state;
	ouro_status rc = OURO_OK;

	for (int again = 0; again < 2; again++) {
		int inside = postgres->connection &&
			postgres->pq->transactionStatus(postgres->connection) != PQTRANS_IDLE;
		int lost = 0;
		int sent = 0;

		if (!inside)
			look(postgres);
		if (!postgres->connection) {
			rc = connect_anew(postgres, 0, until, reterr);
			if (rc < 0)
				return rc;
		}
		rc = exchange(postgres, statement, until, &lost, &sent, reterr);
		if (!lost)
			return rc;
		if (statement->writes && sent)
			return ouro__error_set(reterr, OURO_ERR_UNCERTAIN,
				"PostgreSQL went away or was too slow during a write: it may or may not have happened");
		if (inside || ouro__clock_ms() >= until)
			return rc;
	}
	return rc;
}

static ouro_status postgres_script(void *state, const char *sql, int64_t until, ouro_error *reterr)
{
	struct postgres *postgres = state;
	struct ouro__statement statement = {.sql = sql};
	int lost = 0;
	int sent = 0;

	if (!postgres->connection)
		return ouro__error_set(
			reterr, OURO_ERR_IO, "PostgreSQL went away; nothing was changed");
	return exchange(postgres, &statement, until, &lost, &sent, reterr);
}

static void take_number(void *user, const char *const *texts)
{
	int64_t *number = user;

	*number = texts[0] ? strtoll(texts[0], NULL, 10) : 0;
}

static ouro_status postgres_version(
	void *state, int64_t *ret_version, int64_t until, ouro_error *reterr)
{
	struct postgres *postgres = state;
	int64_t there = 0;
	struct ouro__statement statement = {.sql = "SELECT count(*) FROM pg_catalog.pg_class "
						   "WHERE oid = to_regclass('ouroboros_schema')",
		.row = take_number,
		.user = &there};
	int lost = 0;
	int sent = 0;
	ouro_status rc = OURO_OK;

	*ret_version = 0;
	if (!postgres->connection)
		rc = connect_anew(postgres, 1, until, reterr);
	if (rc == OURO_OK)
		rc = exchange(postgres, &statement, until, &lost, &sent, reterr);
	if (rc < 0 || !there)
		return rc;
	statement.sql = "SELECT max(version) FROM ouroboros_schema";
	statement.user = ret_version;
	return exchange(postgres, &statement, until, &lost, &sent, reterr);
}

static void postgres_set_version(char *to, size_t room, size_t version)
{
	(void)snprintf(to, room, "UPDATE ouroboros_schema SET version = %zu", version);
}

static const char *postgres_name(const void *state)
{
	(void)state;
	return "the PostgreSQL database";
}

static ouro_status postgres_alive(void *state, ouro_error *reterr)
{
	(void)state; /* writing notices everything */
	(void)reterr;
	return OURO_OK;
}

static void postgres_settle(void *state)
{
	struct postgres *postgres = state;

	if (postgres->connection &&
		postgres->pq->transactionStatus(postgres->connection) != PQTRANS_IDLE)
		drop(postgres);
}

static void postgres_free(void *state)
{
	struct postgres *postgres = state;

	if (!postgres)
		return;
	drop(postgres);
	ouro__wipe_free(postgres->url);
	free(postgres);
}

/* The number of the lock has no meaning but that all of us use it. */
static const struct ouro__backend backend = {.run = postgres_run,
	.settle = postgres_settle,
	.script = postgres_script,
	.version = postgres_version,
	.set_version = postgres_set_version,
	.begin = "BEGIN",
	.prepare = "SELECT pg_advisory_xact_lock(727466303401);"
		   "CREATE TABLE IF NOT EXISTS ouroboros_schema (version BIGINT NOT NULL);"
		   "INSERT INTO ouroboros_schema (version) "
		   "SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM ouroboros_schema)",
	.steps = OURO__STEP_POSTGRES,
	.name = postgres_name,
	.alive = postgres_alive,
	.free = postgres_free};

/* In form only. The parser's own words would show the URL, password and all. */
static ouro_status check_url(const struct ouro__pq *pq, const char *url, ouro_error *reterr)
{
	char *words = NULL;
	PQconninfoOption *parts = pq->conninfoParse(url, &words);

	pq->freemem(words);
	if (!parts)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the store's URL is malformed; write postgresql://USER:PASSWORD@HOST/DATABASE, "
			"with special characters as %%XX");
	pq->conninfoFree(parts);
	return OURO_OK;
}

ouro_status ouro__postgres_open(const char *url, uint32_t timeout_ms,
	const struct ouro__backend **ret_backend, void **ret_state, ouro_error *reterr)
{
	const struct ouro__pq *pq = NULL;
	struct postgres *postgres;
	ouro_status rc = ouro__pq_get(&pq, reterr);

	if (rc == OURO_OK)
		rc = check_url(pq, url, reterr);
	if (rc < 0)
		return rc;
	postgres = ouro__alloc(1, sizeof(*postgres));
	if (!postgres)
		return ouro__error_nomem(reterr);
	postgres->pq = pq;
	postgres->timeout_ms = timeout_ms;
	postgres->url = ouro__alloc_str(url);
	if (!postgres->url) {
		free(postgres);
		return ouro__error_nomem(reterr);
	}
	*ret_backend = &backend;
	*ret_state = postgres;
	return OURO_OK;
}
