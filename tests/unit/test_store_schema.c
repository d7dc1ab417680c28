/* Bringing a database from every older version to this one, all or nothing. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/sys.h"
#include "store/schema.h"
#include "store_world.h"

/* A database without a schema, on either backend. */
struct bare {
	struct store_world world;
	const struct ouro__backend *backend;
	void *state;
};

static int64_t soon(void)
{
	return ouro__clock_ms() + 10000;
}

static void open_bare(struct bare *bare)
{
	static const char drop[] = "DROP TABLE ouroboros_token; DROP TABLE ouroboros_login; "
				   "DROP TABLE ouroboros_audit; DROP TABLE ouroboros_check";
	struct ouro__statement nothing = {.sql = "SELECT 1"};
	ouro_error error = OURO_ERROR_INIT;
	char version[128];
	ouro_status rc;

	store_world_place(&bare->world);
	rc = bare->world.url
		? ouro__postgres_open(bare->world.url, 10000, &bare->backend, &bare->state, &error)
		: ouro__sqlite_open(
			  bare->world.folder, 10000, &bare->backend, &bare->state, &error);
	if (rc == OURO_OK)
		rc = bare->backend->run(bare->state, &nothing, soon(), &error);
	if (rc == OURO_OK)
		rc = bare->backend->script(bare->state, drop, soon(), &error);
	bare->backend->set_version(version, sizeof(version), 0);
	if (rc == OURO_OK)
		rc = bare->backend->script(bare->state, version, soon(), &error);
	if (rc < 0)
		fail_msg("%s", error.text);
}

static void close_bare(struct bare *bare)
{
	if (bare->world.url) /* SQLite's file goes away */
		assert_int_equal(
			bare->backend->script(bare->state,
				"DROP TABLE ouroboros_token, ouroboros_schema", soon(), NULL),
			OURO_OK);
	bare->backend->free(bare->state);
	store_world_close(&bare->world);
}

static int64_t version_of(const struct bare *bare)
{
	int64_t version = -1;

	assert_int_equal(bare->backend->version(bare->state, &version, soon(), NULL), OURO_OK);
	return version;
}

static ouro_status bring(
	const struct bare *bare, const struct ouro__schema *schema, ouro_error *error)
{
	*error = (ouro_error)OURO_ERROR_INIT;
	return ouro__schema_bring(bare->backend, bare->state, schema, soon(), error);
}

static int works(const struct bare *bare, const char *sql)
{
	struct ouro__statement statement = {.sql = sql};

	return bare->backend->run(bare->state, &statement, soon(), NULL) == OURO_OK;
}

#define BOTH(text)                                                                                 \
	{                                                                                          \
		text, text                                                                         \
	}

static const char *const steps[][2] = {
	BOTH("CREATE TABLE ouroboros_token (a BIGINT); INSERT INTO ouroboros_token VALUES (7)"),
	BOTH("ALTER TABLE ouroboros_token ADD COLUMN b BIGINT; UPDATE ouroboros_token SET b = a"),
	BOTH("CREATE TABLE ouroboros_check (c BIGINT); INSERT INTO nowhere VALUES (1)"),
};

static void test_store_schema__from_nothing(void **state)
{
	struct bare bare;
	ouro_error error;

	(void)state;
	open_bare(&bare);
	assert_int_equal(version_of(&bare), 0);
	assert_int_equal(bring(&bare, &ouro__schema_current, &error), OURO_OK);
	assert_int_equal(version_of(&bare), (int64_t)ouro__schema_current.count);
	assert_true(works(&bare, "SELECT id, digest FROM ouroboros_token"));
	assert_int_equal(bring(&bare, &ouro__schema_current, &error), OURO_OK); /* nothing to do */
	if (bare.world.url)
		assert_true(works(
			&bare, "DROP TABLE ouroboros_login, ouroboros_audit, ouroboros_check"));
	close_bare(&bare);
}

static void test_store_schema__step_by_step(void **state)
{
	struct bare bare;
	ouro_error error;
	const struct ouro__schema first = {steps, 1};
	const struct ouro__schema second = {steps, 2};

	(void)state;
	open_bare(&bare);
	assert_int_equal(bring(&bare, &first, &error), OURO_OK);
	assert_int_equal(version_of(&bare), 1);
	assert_int_equal(bring(&bare, &second, &error), OURO_OK);
	assert_int_equal(version_of(&bare), 2);
	/* What was there went along. */
	assert_true(works(&bare,
		"INSERT INTO ouroboros_token (a, b) "
		"SELECT 1 / CASE WHEN b = 7 THEN 1 ELSE 0 END, 1 FROM ouroboros_token"));
	assert_int_equal(bring(&bare, &first, &error), OURO_ERR_UNSUPPORTED);
	assert_text_has(error.text, "a newer Ouroboros (schema 2)");
	assert_int_equal(ouro__schema_check(bare.backend, bare.state, &first, soon(), NULL),
		OURO_ERR_UNSUPPORTED);
	assert_int_equal(
		ouro__schema_check(bare.backend, bare.state, &second, soon(), NULL), OURO_OK);
	close_bare(&bare);
}

static void test_store_schema__all_or_nothing(void **state)
{
	struct bare bare;
	ouro_error error;
	const struct ouro__schema broken = {steps, 3};
	const struct ouro__schema second = {steps, 2};

	(void)state;
	open_bare(&bare);
	assert_int_not_equal(bring(&bare, &broken, &error), OURO_OK);
	assert_text_has(error.text, "making the tables: ");
	assert_int_equal(version_of(&bare), 0);
	assert_false(works(&bare, "SELECT 1 FROM ouroboros_token"));
	assert_false(works(&bare, "SELECT 1 FROM ouroboros_check"));
	assert_int_equal(bring(&bare, &second, &error), OURO_OK);
	assert_int_not_equal(bring(&bare, &broken, &error), OURO_OK);
	assert_int_equal(version_of(&bare), 2); /* and it is as it was */
	assert_true(works(&bare, "SELECT a, b FROM ouroboros_token"));
	assert_false(works(&bare, "SELECT 1 FROM ouroboros_check"));
	close_bare(&bare);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_schema__from_nothing),
		cmocka_unit_test(test_store_schema__step_by_step),
		cmocka_unit_test(test_store_schema__all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
