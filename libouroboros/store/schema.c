/* The tables; see schema.h. Times are Unix seconds, digests lower-case hex. */
#include "store/schema.h"

#include <stdio.h>

/* "used" is NULL until a token is used. */
#define TOKENS                                                                                        \
	"CREATE TABLE ouroboros_token ("                                                              \
	"id TEXT NOT NULL PRIMARY KEY, digest TEXT NOT NULL, provider TEXT NOT NULL, "                \
	"identity BIGINT NOT NULL, login TEXT NOT NULL, name TEXT NOT NULL, scopes BIGINT NOT NULL, " \
	"created BIGINT NOT NULL, expires BIGINT NOT NULL, used BIGINT);"                             \
	"CREATE INDEX ouroboros_token_identity ON ouroboros_token (provider, identity);"

/* "code" is NULL where a browser brings the grant back, "granted" where a person types the code. Who answered stands in
 * provider, identity and login. */
#define LOGINS                                                                                           \
	"CREATE TABLE ouroboros_login ("                                                                 \
	"id TEXT NOT NULL PRIMARY KEY, code TEXT UNIQUE, machine TEXT NOT NULL, address TEXT NOT NULL, " \
	"challenge TEXT NOT NULL, scopes BIGINT NOT NULL, lifetime BIGINT NOT NULL, "                    \
	"asked BIGINT NOT NULL, ends BIGINT NOT NULL, port BIGINT NOT NULL, state BIGINT NOT NULL, "     \
	"granted TEXT, provider TEXT, identity BIGINT, login TEXT);"

#define AUDIT(number)                                                                              \
	"CREATE TABLE ouroboros_audit ("                                                           \
	"number " number " PRIMARY KEY, at BIGINT NOT NULL, line TEXT NOT NULL);"                  \
	"CREATE INDEX ouroboros_audit_at ON ouroboros_audit (at);"

/* One row that a check of the store writes. */
#define CHECK "CREATE TABLE ouroboros_check (one BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL);"

static const char *const steps[][2] = {
	/* 1 */
	{TOKENS LOGINS AUDIT("INTEGER") CHECK,
		TOKENS LOGINS AUDIT("BIGINT GENERATED ALWAYS AS IDENTITY") CHECK},
};

const struct ouro__schema ouro__schema_current = {steps, sizeof(steps) / sizeof(steps[0])};

ouro_status ouro__schema_version(const struct ouro__backend *backend, void *state,
	const struct ouro__schema *schema, size_t *ret_version, int64_t until, ouro_error *reterr)
{
	int64_t version = 0;
	ouro_status rc = backend->version(state, &version, until, reterr);

	if (rc < 0)
		return rc;
	if (version < 0 || (uint64_t)version > schema->count)
		return ouro__error_set(reterr, OURO_ERR_UNSUPPORTED,
			"%s was made by a newer Ouroboros (schema %lld); start that one. Nothing was changed",
			backend->name(state), (long long)version);
	*ret_version = (size_t)version;
	return OURO_OK;
}

ouro_status ouro__schema_check(const struct ouro__backend *backend, void *state,
	const struct ouro__schema *schema, int64_t until, ouro_error *reterr)
{
	size_t version = 0;

	return ouro__schema_version(backend, state, schema, &version, until, reterr);
}

/* Inside of a transaction. Another program may have been quicker, so the version is read again. */
static ouro_status migrate(const struct ouro__backend *backend, void *state,
	const struct ouro__schema *schema, int64_t until, ouro_error *reterr)
{
	size_t version = 0;
	char text[128];
	ouro_status rc = backend->script(state, backend->prepare, until, reterr);

	if (rc == OURO_OK)
		rc = ouro__schema_version(backend, state, schema, &version, until, reterr);
	for (; rc == OURO_OK && version < schema->count; version++)
		rc = backend->script(state, schema->steps[version][backend->steps], until, reterr);
	if (rc < 0)
		return rc;
	backend->set_version(text, sizeof(text), schema->count);
	return backend->script(state, text, until, reterr);
}

ouro_status ouro__schema_bring(const struct ouro__backend *backend, void *state,
	const struct ouro__schema *schema, int64_t until, ouro_error *reterr)
{
	size_t version = 0;
	ouro_status rc = ouro__schema_version(backend, state, schema, &version, until, reterr);

	if (rc < 0 || version == schema->count)
		return rc;
	rc = backend->script(state, backend->begin, until, reterr);
	if (rc < 0)
		return rc;
	rc = migrate(backend, state, schema, until, reterr);
	if (rc == OURO_OK)
		rc = backend->script(state, "COMMIT", until, reterr);
	if (rc < 0) {
		(void)backend->script(state, "ROLLBACK", until, NULL);
		ouro__error_prefix(reterr, "making the tables");
	}
	return rc;
}
