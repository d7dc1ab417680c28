/* A look at a store: tells what is there and leaves it as it is. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/look.h"

static char folder[] = "/tmp/ouro-look-XXXXXX";
static char path[sizeof(folder) + 32];
static ouro_error error;

static ouro_store_options where(void)
{
	ouro_store_options options = OURO_STORE_OPTIONS_INIT;

	options.directory = folder;
	options.timeout_ms = 500;
	return options;
}

static ouro_status look(enum ouro__store_there *ret_there)
{
	ouro_store_options options = where();

	error = (ouro_error)OURO_ERROR_INIT;
	return ouro__store_look(&options, ret_there, &error);
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void test_store_look__nothing_is_made(void **state)
{
	enum ouro__store_there there = OURO__STORE_CURRENT;

	(void)state;
	assert_int_equal(look(&there), OURO_OK);
	assert_int_equal(there, OURO__STORE_NONE);
	assert_int_equal(access(path, F_OK), -1);
	/* an empty file is an empty database */
	there = OURO__STORE_CURRENT;
	write_file("");
	assert_int_equal(look(&there), OURO_OK);
	assert_int_equal(there, OURO__STORE_NONE);
	assert_int_equal(unlink(path), 0);
}

static void test_store_look__in_use(void **state)
{
	enum ouro__store_there there = OURO__STORE_NONE;
	ouro_store_options options = where();
	ouro_store *store = NULL;
	struct stat before;
	struct stat after;

	(void)state;
	assert_int_equal(ouro_store_open(&options, &store, NULL), OURO_OK);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(look(&there), OURO_OK);
	assert_int_equal(there, OURO__STORE_CURRENT);
	assert_int_equal(stat(path, &after), 0);
	assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
	assert_int_equal(before.st_size, after.st_size);
	/* and it goes on being used */
	assert_int_equal(ouro_store_check(store, NULL), OURO_OK);
	ouro_store_free(store);
	assert_int_equal(look(&there), OURO_OK);
	assert_int_equal(there, OURO__STORE_CURRENT);
	assert_int_equal(unlink(path), 0);
}

static void test_store_look__damage(void **state)
{
	enum ouro__store_there there = OURO__STORE_NONE;
	ouro_store_options options = where();

	(void)state;
	write_file(
		"this is no database, but it is long enough to be taken for one that is damaged");
	assert_int_equal(look(&there), OURO_ERR_IO);
	assert_text_has(error.text, path);
	assert_text_has(error.text, "is damaged");
	assert_int_equal(unlink(path), 0);
	options.directory = NULL;
	options.url = "mysql://x:hunter2@127.0.0.1/db";
	error = (ouro_error)OURO_ERROR_INIT;
	assert_true(ouro__store_look(&options, &there, &error) < 0);
	assert_null(strstr(error.text, "hunter2"));
	options.url = "postgresql://x:hunter2@127.0.0.1:1/db";
	error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(ouro__store_look(&options, &there, &error), OURO_ERR_IO);
	assert_null(strstr(error.text, "hunter2"));
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/ouroboros.db", folder);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char name[sizeof(path) + 8];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_look__nothing_is_made),
		cmocka_unit_test(test_store_look__in_use),
		cmocka_unit_test(test_store_look__damage),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
