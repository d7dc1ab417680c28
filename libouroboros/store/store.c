/* The store's door: opening, and whose turn it is. One connection is enough, since what is asked of it takes microseconds, and
 * commits queue at the disk anyway. Nobody waits for a turn longer than the time-out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/options.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/thread.h"
#include "store/schema.h"
#include "store/state.h"

enum { TIMEOUT_MS = 5000, CHECK_MS = 1000 };

int64_t ouro__row_number(const char *text, int64_t missing)
{
	return text ? strtoll(text, NULL, 10) : missing;
}

void ouro__row_text(char *to, size_t room, const char *text)
{
	(void)snprintf(to, room, "%s", text ? text : "");
}

static ouro_status open_backend(
	ouro_store *store, const ouro_store_options *options, ouro_error *reterr)
{
	if (!options->url)
		return ouro__sqlite_open(options->directory, store->timeout_ms, &store->backend,
			&store->state, reterr);
	if (!ouro__str_starts(options->url, "postgresql://") &&
		!ouro__str_starts(options->url, "postgres://"))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the store's URL is of no known kind; write postgresql://USER@HOST/DATABASE");
	return ouro__postgres_open(
		options->url, store->timeout_ms, &store->backend, &store->state, reterr);
}

static ouro_store *new_store(const ouro_store_options *options)
{
	ouro_store *store = ouro__alloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_MS;
	store->log = (ouro__log){options->log, options->log_user};
	if (!ouro__cond_init(&store->left)) {
		free(store);
		return NULL;
	}
	if (pthread_mutex_init(&store->lock, NULL) != 0) {
		(void)pthread_cond_destroy(&store->left);
		free(store);
		return NULL;
	}
	return store;
}

/* A server that is away may come back: only what time does not mend keeps the store from opening. */
static ouro_status first_look(ouro_store *store, int server, ouro_error *reterr)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = ouro_store_check(store, &error);

	if (rc < 0 && server && rc != OURO_ERR_UNSUPPORTED && rc != OURO_ERR_NOMEM) {
		ouro__log_line(&store->log, OURO_LOG_WARNING, "store: %s; tried again when needed",
			error.text);
		return OURO_OK;
	}
	if (rc < 0)
		ouro__error_copy(reterr, &error);
	return rc;
}

ouro_status ouro_store_open(
	const ouro_store_options *given, ouro_store **ret_store, ouro_error *reterr)
{
	ouro_store_options options = OURO_STORE_OPTIONS_INIT;
	ouro_store *store;
	ouro_status rc;

	if (!given || !ret_store)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "opening a store: options or result are missing");
	rc = ouro__options_import(&options, sizeof(options), given, reterr);
	if (rc < 0)
		return rc;
	if (!options.url && (!options.directory || !options.directory[0]))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "a store needs a directory or a URL: none given");
	store = new_store(&options);
	if (!store)
		return ouro__error_nomem(reterr);
	rc = open_backend(store, &options, reterr);
	if (rc == OURO_OK)
		rc = first_look(store, options.url != NULL, reterr);
	if (rc < 0) {
		ouro_store_free(store);
		return rc;
	}
	*ret_store = store;
	return OURO_OK;
}

void ouro_store_free(ouro_store *store)
{
	if (!store)
		return;
	if (store->backend)
		store->backend->free(store->state);
	(void)pthread_cond_destroy(&store->left);
	(void)pthread_mutex_destroy(&store->lock);
	free(store);
}

/* Wait for one's turn. */
static ouro_status enter(ouro_store *store, int64_t until, ouro_error *reterr)
{
	int mine = 0;

	(void)pthread_mutex_lock(&store->lock);
	while (store->taken && ouro__cond_wait_until(&store->left, &store->lock, until)) {
	}
	if (!store->taken)
		store->taken = mine = 1;
	(void)pthread_mutex_unlock(&store->lock);
	if (mine) {
		store->backend->settle(store->state);
		return OURO_OK;
	}
	(void)ouro__error_set(reterr, OURO_ERR_TIMEOUT,
		"the store is too slow: others were still waiting for it when time was up; nothing was changed");
	ouro__error_retryable(reterr);
	return OURO_ERR_TIMEOUT;
}

static void leave(ouro_store *store)
{
	(void)pthread_mutex_lock(&store->lock);
	store->taken = 0;
	(void)pthread_cond_signal(&store->left);
	(void)pthread_mutex_unlock(&store->lock);
}

ouro_status ouro__store_read(
	ouro_store *store, struct ouro__statement *statement, ouro_error *reterr)
{
	int64_t until = ouro__clock_ms() + store->timeout_ms;
	ouro_status rc = enter(store, until, reterr);

	if (rc < 0)
		return rc;
	rc = store->backend->run(store->state, statement, until, reterr);
	leave(store);
	return rc;
}

static ouro_status run_one(
	ouro_store *store, struct ouro__change *change, int64_t until, ouro_error *reterr)
{
	ouro_status rc = store->backend->run(store->state, &change->statement, until, reterr);

	if (rc == OURO_OK && change->none < 0 && !change->statement.changed)
		rc = ouro__error_set(reterr, change->none, "%s", change->none_text);
	return rc;
}

static ouro_status run_all(ouro_store *store, struct ouro__change *changes, size_t count,
	int64_t until, ouro_error *reterr)
{
	struct ouro__change begin = {.statement.sql = store->backend->begin};
	struct ouro__change commit = {.statement.sql = "COMMIT", .statement.writes = 1};
	ouro_status rc = run_one(store, &begin, until, reterr);

	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == OURO_OK && i < count; i++)
		rc = run_one(store, &changes[i], until, reterr);
	if (rc == OURO_OK)
		rc = run_one(store, &commit, until, reterr);
	if (rc < 0) /* fails where nothing is open any more: then there is nothing to take back */
		(void)store->backend->script(store->state, "ROLLBACK", until, NULL);
	return rc;
}

ouro_status ouro__store_change(ouro_store *store, uint32_t timeout_ms, struct ouro__change *changes,
	size_t count, ouro_error *reterr)
{
	int64_t until = ouro__clock_ms() + timeout_ms;
	ouro_status rc = enter(store, until, reterr);

	if (rc < 0)
		return rc;
	if (count == 1) {
		changes->statement.writes = 1;
		rc = run_one(store, changes, until, reterr);
	} else {
		rc = run_all(store, changes, count, until, reterr);
	}
	leave(store);
	return rc;
}

/* Waits for little: whoever asks whether all is well has no time. */
ouro_status ouro_store_check(ouro_store *store, ouro_error *reterr)
{
	struct ouro__cell cells[1];
	struct ouro__change change = {
		.statement = {.sql = OURO__STORE_CHECK_SQL, .cells = cells, .count = 1}};
	ouro_status rc;

	if (!store)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "checking a store: the store is missing");
	rc = store->backend->alive(store->state, reterr);
	if (rc < 0)
		return rc;
	cells[0] = OURO__NUMBER(ouro__clock_unix());
	return ouro__store_change(store,
		store->timeout_ms < CHECK_MS ? store->timeout_ms : CHECK_MS, &change, 1, reterr);
}
