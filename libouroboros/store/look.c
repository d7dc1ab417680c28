/* See look.h. A connection of its own, so that a store which is in use is not disturbed. */
#include "store/look.h"

#include "base/sys.h"
#include "store/schema.h"
#include "store/state.h"

enum { TIMEOUT_MS = 5000 };

/* A change that is taken back. */
static ouro_status try_to_write(
	const struct ouro__backend *backend, void *state, int64_t until, ouro_error *reterr)
{
	const struct ouro__cell cells[] = {OURO__NUMBER(ouro__clock_unix())};
	struct ouro__statement statement = {
		.sql = OURO__STORE_CHECK_SQL, .cells = cells, .count = 1};
	ouro_status rc = backend->script(state, backend->begin, until, reterr);

	if (rc < 0)
		return rc;
	rc = backend->run(state, &statement, until, reterr);
	(void)backend->script(state, "ROLLBACK", until, NULL);
	return rc;
}

static ouro_status look(const struct ouro__backend *backend, void *state, int64_t until,
	enum ouro__store_there *ret_there, ouro_error *reterr)
{
	size_t version = 0;
	ouro_status rc = ouro__schema_version(
		backend, state, &ouro__schema_current, &version, until, reterr);

	if (rc == OURO_OK && version)
		rc = try_to_write(backend, state, until, reterr);
	if (rc < 0)
		return rc;
	if (!version)
		*ret_there = OURO__STORE_NONE;
	else
		*ret_there = version < ouro__schema_current.count ? OURO__STORE_OLDER
								  : OURO__STORE_CURRENT;
	return OURO_OK;
}

ouro_status ouro__store_look(
	const ouro_store_options *options, enum ouro__store_there *ret_there, ouro_error *reterr)
{
	uint32_t timeout = options->timeout_ms ? options->timeout_ms : TIMEOUT_MS;
	int64_t until = ouro__clock_ms() + timeout;
	const struct ouro__backend *backend = NULL;
	void *state = NULL;
	ouro_status rc;

	if (options->url)
		rc = ouro__postgres_open(options->url, timeout, &backend, &state, reterr);
	else
		rc = ouro__sqlite_look(options->directory, timeout, &backend, &state, reterr);
	if (rc == OURO_ERR_NOTFOUND) {
		*ret_there = OURO__STORE_NONE;
		return OURO_OK;
	}
	if (rc < 0)
		return rc;
	rc = look(backend, state, until, ret_there, reterr);
	backend->free(state);
	return rc;
}
