/* What can go wrong with a file: whose it is, what state it is in, and that it stays as it is. */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "store/schema.h"
#include "store/state.h"
#include "store_world.h"

static const struct ouro__owner mia = {"github", 19270622, "mia"};

/* This file is about SQLite, whatever else may be tested. */
static void place(struct store_world *world)
{
	(void)unsetenv("OURO_TEST_STORE_URL");
	store_world_place(world);
}

static ouro_status try_open(struct store_world *world, uint32_t timeout_ms, ouro_error *error)
{
	ouro_store_options options;
	ouro_store *store = NULL;
	ouro_status rc;

	store_world_options(world, &options);
	options.timeout_ms = timeout_ms;
	*error = (ouro_error)OURO_ERROR_INIT;
	rc = ouro_store_open(&options, &store, error);
	assert_int_equal(store != NULL, rc == OURO_OK);
	if (rc == OURO_OK)
		world->store = store;
	return rc;
}

static void open_new(struct store_world *world)
{
	ouro_error error;

	place(world);
	if (try_open(world, 0, &error) != OURO_OK)
		fail_msg("%s", error.text);
}

static void shut(struct store_world *world)
{
	ouro_store_free(world->store);
	world->store = NULL;
}

static ouro_status add(struct store_world *world, const char *id, ouro_error *error)
{
	struct ouro__stored_token token = {.owner = mia, .token = OURO_TOKEN_INIT};

	(void)snprintf(token.token.id, sizeof(token.token.id), "%s", id);
	token.token.created = 10;
	token.token.expires = 100;
	return ouro__store_token_add(world->store, &token, 100000, 10, error);
}

static void script(struct store_world *world, const char *sql)
{
	ouro_error error = OURO_ERROR_INIT;

	if (world->store->backend->script(
		    world->store->state, sql, ouro__clock_ms() + 5000, &error) != OURO_OK)
		fail_msg("%s", error.text);
}

/* The bytes of the file. */
static char *read_file(const struct store_world *world, size_t *ret_size)
{
	char path[256];
	char *data = malloc(1 << 20);
	FILE *file;

	assert_non_null(data);
	store_world_path(world, "ouroboros.db", path, sizeof(path));
	file = fopen(path, "rb");
	assert_non_null(file);
	*ret_size = fread(data, 1, 1 << 20, file);
	assert_int_equal(fclose(file), 0);
	return data;
}

static void write_file(const struct store_world *world, const char *data, size_t size)
{
	char path[256];
	FILE *file;

	store_world_path(world, "ouroboros.db", path, sizeof(path));
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

/* It does not open, with these words, and not one byte of the file changes. */
static void stays_as_it_is(struct store_world *world, ouro_status status, const char *words)
{
	size_t before_size;
	size_t after_size;
	char *before = read_file(world, &before_size);
	char *after;
	ouro_error error;

	if (try_open(world, 500, &error) != status || !strstr(error.text, words))
		fail_msg("%d, not %d: %s", error.status, status, error.text);
	assert_text_has(error.text, world->folder);
	after = read_file(world, &after_size);
	assert_int_equal(before_size, after_size);
	assert_memory_equal(before, after, before_size);
	free(before);
	free(after);
}

static mode_t mode_of(const struct store_world *world, const char *name)
{
	struct stat info;
	char path[256];

	store_world_path(world, name, path, sizeof(path));
	assert_int_equal(stat(path, &info), 0);
	return info.st_mode & 0777;
}

static void test_store_sqlite__is_its_owners_alone(void **state)
{
	struct store_world world;
	char path[256];
	mode_t before = umask(0);

	(void)state;
	open_new(&world);
	assert_int_equal(add(&world, "a", NULL), OURO_OK);
	assert_int_equal(mode_of(&world, "ouroboros.db"), 0600);
	assert_int_equal(mode_of(&world, "ouroboros.db-wal"), 0600);
	assert_int_equal(mode_of(&world, "ouroboros.db-shm"), 0600);
	shut(&world);
	store_world_path(&world, "ouroboros.db", path, sizeof(path));
	assert_int_equal(chmod(path, 0644), 0);
	store_world_again(&world);
	assert_int_equal(mode_of(&world, "ouroboros.db"), 0600);
	store_world_close(&world);
	(void)umask(before);
}

static void test_store_sqlite__makes_its_directory(void **state)
{
	struct store_world world;
	ouro_store_options options;
	char path[128];
	ouro_error error = OURO_ERROR_INIT;
	ouro_store *store = NULL;

	(void)state;
	place(&world);
	store_world_options(&world, &options);
	store_world_path(&world, "new", path, sizeof(path));
	options.directory = path;
	assert_int_equal(ouro_store_open(&options, &store, &error), OURO_OK);
	ouro_store_free(store);
	assert_int_equal(mode_of(&world, "new"), 0700);
	store_world_path(&world, "new/ouroboros.db", path, sizeof(path));
	assert_int_equal(unlink(path), 0);
	store_world_path(&world, "new", path, sizeof(path));
	assert_int_equal(rmdir(path), 0);
	store_world_path(&world, "not/there", path, sizeof(path));
	assert_int_equal(ouro_store_open(&options, &store, &error), OURO_ERR_IO);
	assert_text_has(error.text, "cannot be made: No such file");
	store_world_close(&world);
}

static void test_store_sqlite__empty_file_is_a_new_one(void **state)
{
	struct store_world world;

	(void)state;
	place(&world);
	write_file(&world, "", 0); /* as a start that was cut off leaves it */
	store_world_again(&world);
	assert_int_equal(add(&world, "a", NULL), OURO_OK);
	store_world_close(&world);
}

static void test_store_sqlite__newer(void **state)
{
	struct store_world world;

	(void)state;
	open_new(&world);
	script(&world, "PRAGMA user_version = 2; PRAGMA journal_mode = DELETE");
	shut(&world);
	stays_as_it_is(&world, OURO_ERR_UNSUPPORTED,
		"was made by a newer Ouroboros (schema 2); start that one. Nothing was changed");
	store_world_close(&world);
}

static void test_store_sqlite__another_programs(void **state)
{
	struct store_world world;

	(void)state;
	open_new(&world);
	script(&world, "PRAGMA application_id = 7; PRAGMA user_version = 0");
	script(&world, "PRAGMA journal_mode = DELETE");
	shut(&world);
	stays_as_it_is(&world, OURO_ERR_IO, "is another program's database");
	store_world_close(&world);
}

static void test_store_sqlite__damaged(void **state)
{
	static const char nonsense[] = "This is not a database, whatever its name may say.\n";
	struct store_world world;
	char *data;
	size_t size;
	int damaged = 0;

	(void)state;
	open_new(&world);
	for (int i = 0; i < 60; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "%d", i);
		assert_int_equal(add(&world, id, NULL), OURO_OK);
	}
	script(&world, "PRAGMA journal_mode = DELETE");
	shut(&world);
	data = read_file(&world, &size);
	assert_true(size >= 8 * 4096);
	/* Each page in its turn. What belongs to the audit record or is not used may go unnoticed, the tokens not. */
	for (size_t at = 0; at < size; at += 4096) {
		ouro_error error;
		char *copy = malloc(size);

		assert_non_null(copy);
		memcpy(copy, data, size);
		memset(copy + at, 0x5a, 4096);
		write_file(&world, copy, size);
		free(copy);
		if (try_open(&world, 500, &error) == OURO_OK) {
			shut(&world);
			continue;
		}
		assert_int_equal(error.status, OURO_ERR_IO);
		assert_text_has(error.text, "is damaged; it stays as it is");
		damaged++;
	}
	assert_in_range(damaged, 4, 64);
	memset(data, 0x5a, 4096);
	write_file(&world, data, size);
	stays_as_it_is(&world, OURO_ERR_IO, "is damaged");
	write_file(&world, nonsense, sizeof(nonsense) - 1);
	stays_as_it_is(&world, OURO_ERR_IO, "is damaged");
	free(data);
	store_world_close(&world);
}

static void test_store_sqlite__full(void **state)
{
	struct store_world world;
	ouro_error error = OURO_ERROR_INIT;
	struct ouro__stored_token found;
	char id[16];
	int count = 0;

	(void)state;
	open_new(&world);
	script(&world, "PRAGMA max_page_count = 16");
	do
		(void)snprintf(id, sizeof(id), "%d", count++);
	while (count < 1000 && add(&world, id, &error) == OURO_OK);
	assert_int_equal(error.status, OURO_ERR_IO);
	assert_text_has(
		error.text, "the disk is full; nothing was changed. Make room and try again");
	assert_in_range(count, 10, 900);
	/* What was acknowledged is there, what failed is not, and it goes on when there is room. */
	assert_int_equal(ouro__store_token_get(world.store, id, &found, NULL), OURO_ERR_NOTFOUND);
	(void)snprintf(id, sizeof(id), "%d", count - 2);
	assert_int_equal(ouro__store_token_get(world.store, id, &found, NULL), OURO_OK);
	script(&world, "PRAGMA max_page_count = 1000");
	(void)snprintf(id, sizeof(id), "%d", count - 1);
	assert_int_equal(add(&world, id, NULL), OURO_OK);
	store_world_close(&world);
}

/* Another connection's lock: from then until ROLLBACK. */
struct other {
	const struct ouro__backend *backend;
	void *state;
};

static void say(struct other *other, const char *sql)
{
	assert_int_equal(
		other->backend->script(other->state, sql, ouro__clock_ms() + 1000, NULL), OURO_OK);
}

static void open_other(const struct store_world *world, struct other *other)
{
	assert_int_equal(
		ouro__sqlite_open(world->folder, 1000, &other->backend, &other->state, NULL),
		OURO_OK);
}

static void test_store_sqlite__locked(void **state)
{
	struct store_world world;
	struct other other = {NULL, NULL};
	struct ouro__stored_token found;
	ouro_error error = OURO_ERROR_INIT;
	int64_t begin;

	(void)state;
	place(&world);
	assert_int_equal(try_open(&world, 300, &error), OURO_OK);
	assert_int_equal(add(&world, "a", NULL), OURO_OK);
	open_other(&world, &other);
	say(&other, "BEGIN IMMEDIATE");
	begin = ouro__clock_ms();
	assert_int_equal(add(&world, "b", &error), OURO_ERR_IO);
	assert_in_range(ouro__clock_ms() - begin, 250, 4000);
	assert_text_has(
		error.text, "was locked by another program for too long; nothing was changed");
	assert_true(error.flags & OURO_ERROR_RETRYABLE);
	assert_int_equal(ouro_store_check(world.store, &error), OURO_ERR_IO);
	/* Who only looks is not held up, and a use that cannot be noted is let go. */
	assert_int_equal(ouro__store_token_get(world.store, "a", &found, NULL), OURO_OK);
	begin = ouro__clock_ms();
	ouro__store_token_used(world.store, "a", 20);
	assert_in_range(ouro__clock_ms() - begin, 200, 4000);
	begin = ouro__clock_ms();
	ouro__store_token_used(world.store, "a", 20);
	assert_in_range(ouro__clock_ms() - begin, 0, 150); /* not tried again so soon */
	say(&other, "ROLLBACK");
	assert_int_equal(add(&world, "b", &error), OURO_OK);
	assert_int_equal(ouro_store_check(world.store, &error), OURO_OK);
	world.store->used_rest = 0;
	ouro__store_token_used(world.store, "a", 20);
	assert_int_equal(ouro__store_token_get(world.store, "a", &found, NULL), OURO_OK);
	assert_int_equal(found.token.used, 20);
	other.backend->free(other.state);
	store_world_close(&world);
}

static void test_store_sqlite__locked_when_it_is_opened(void **state)
{
	struct store_world world;
	struct other other = {NULL, NULL};
	ouro_error error;

	(void)state;
	open_new(&world);
	shut(&world);
	open_other(&world, &other);
	say(&other, "BEGIN EXCLUSIVE");
	assert_int_equal(try_open(&world, 300, &error), OURO_ERR_IO);
	assert_text_has(error.text, "was locked by another program");
	say(&other, "ROLLBACK");
	other.backend->free(other.state);
	assert_int_equal(try_open(&world, 300, &error), OURO_OK);
	store_world_close(&world);
}

static void *add_slowly(void *arg)
{
	(void)add(arg, "slow", NULL);
	return NULL;
}

static int is_taken(struct store_world *world)
{
	int taken;

	(void)pthread_mutex_lock(&world->store->lock);
	taken = world->store->taken;
	(void)pthread_mutex_unlock(&world->store->lock);
	return taken;
}

/* Others wait for their turn no longer than they would for the store itself. */
static void test_store_sqlite__turns_are_bounded(void **state)
{
	struct store_world world;
	struct other other = {NULL, NULL};
	ouro_error error = OURO_ERROR_INIT;
	pthread_t thread;
	int64_t begin;

	(void)state;
	open_new(&world);
	open_other(&world, &other);
	say(&other, "BEGIN IMMEDIATE");
	assert_int_equal(pthread_create(&thread, NULL, add_slowly, &world), 0);
	begin = ouro__clock_ms();
	while (!is_taken(&world) && ouro__clock_ms() - begin < 5000) {
	}
	begin = ouro__clock_ms();
	assert_int_equal(ouro_store_check(world.store, &error), OURO_ERR_TIMEOUT);
	assert_in_range(ouro__clock_ms() - begin, 900, 4500);
	assert_text_has(error.text, "the store is too slow");
	say(&other, "ROLLBACK");
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(ouro_store_check(world.store, &error), OURO_OK);
	other.backend->free(other.state);
	store_world_close(&world);
}

/* As a user who may read and not write; 0 = as expected. */
static int reads_only(struct store_world *world)
{
	ouro_error error;

	if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
		return 2;
	if (try_open(world, 500, &error) != OURO_ERR_IO)
		return 3;
	return strstr(error.text, "cannot be ") ? 0 : 4;
}

static void test_store_sqlite__read_only(void **state)
{
	static const mode_t modes[][2] = {{0555, 0600}, {0555, 0444}, {0000, 0600}};
	struct store_world world;
	char path[256];

	(void)state;
	open_new(&world);
	assert_int_equal(add(&world, "a", NULL), OURO_OK);
	shut(&world);
	store_world_path(&world, "ouroboros.db", path, sizeof(path));
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		int status = -1;
		pid_t child;

		assert_int_equal(chmod(path, modes[i][1]), 0);
		assert_int_equal(chmod(world.folder, modes[i][0]), 0);
		child = fork();
		if (child == 0)
			_exit(reads_only(&world));
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		assert_int_equal(chmod(world.folder, 0700), 0);
	}
	store_world_again(&world);
	store_world_close(&world);
}

/* A file that was taken away goes on to exist for who has it open: what is written to it is lost. */
static void test_store_sqlite__taken_away(void **state)
{
	struct store_world world;
	char path[256];
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	open_new(&world);
	assert_int_equal(ouro_store_check(world.store, &error), OURO_OK);
	store_world_path(&world, "ouroboros.db", path, sizeof(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ouro_store_check(world.store, &error), OURO_ERR_IO);
	assert_text_has(error.text, "was taken away or replaced while it was in use");
	write_file(&world, "x", 1);
	assert_int_equal(ouro_store_check(world.store, &error), OURO_ERR_IO);
	store_world_close(&world);
}

static void test_store_sqlite__not_a_file(void **state)
{
	struct store_world world;
	char path[256];
	ouro_error error;

	(void)state;
	place(&world);
	store_world_path(&world, "ouroboros.db", path, sizeof(path));
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(try_open(&world, 500, &error), OURO_ERR_IO);
	assert_text_has(error.text, "is not a regular file");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0); /* and nobody waits for it */
	assert_int_equal(try_open(&world, 500, &error), OURO_ERR_IO);
	assert_text_has(error.text, "is not a regular file");
	store_world_close(&world);
}

static void test_store_sqlite__wrong_calls(void **state)
{
	ouro_store_options options = OURO_STORE_OPTIONS_INIT;
	ouro_store *store = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro_store_open(NULL, &store, &error), OURO_ERR_INVALID);
	assert_int_equal(ouro_store_open(&options, NULL, &error), OURO_ERR_INVALID);
	assert_int_equal(ouro_store_open(&options, &store, &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "a directory or a URL");
	options.directory = "";
	assert_int_equal(ouro_store_open(&options, &store, &error), OURO_ERR_INVALID);
	options.url = "mysql://a:secret@b/c";
	assert_int_equal(ouro_store_open(&options, &store, &error), OURO_ERR_INVALID);
	assert_null(strstr(error.text, "secret"));
	options.size = 0;
	assert_int_equal(ouro_store_open(&options, &store, &error), OURO_ERR_INVALID);
	assert_int_equal(ouro_store_check(NULL, &error), OURO_ERR_INVALID);
	assert_null(store);
	ouro_store_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_sqlite__is_its_owners_alone),
		cmocka_unit_test(test_store_sqlite__makes_its_directory),
		cmocka_unit_test(test_store_sqlite__empty_file_is_a_new_one),
		cmocka_unit_test(test_store_sqlite__newer),
		cmocka_unit_test(test_store_sqlite__another_programs),
		cmocka_unit_test(test_store_sqlite__damaged),
		cmocka_unit_test(test_store_sqlite__full),
		cmocka_unit_test(test_store_sqlite__locked),
		cmocka_unit_test(test_store_sqlite__locked_when_it_is_opened),
		cmocka_unit_test(test_store_sqlite__turns_are_bounded),
		cmocka_unit_test(test_store_sqlite__read_only),
		cmocka_unit_test(test_store_sqlite__taken_away),
		cmocka_unit_test(test_store_sqlite__not_a_file),
		cmocka_unit_test(test_store_sqlite__wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
