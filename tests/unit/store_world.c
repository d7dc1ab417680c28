/* See store_world.h. */
#include "store_world.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "check.h"
#include "store/backend.h"

static void keep_log(void *user, int level, const char *text)
{
	struct store_world *world = user;

	(void)level;
	(void)snprintf(world->log, sizeof(world->log), "%s", text);
}

static void empty_postgres(const char *url)
{
	static const char drop[] =
		"DROP TABLE IF EXISTS ouroboros_token, ouroboros_login, ouroboros_audit, "
		"ouroboros_check, ouroboros_schema";
	const struct ouro__backend *backend = NULL;
	void *state = NULL;
	struct ouro__statement nothing = {.sql = "SELECT 1"};
	int64_t until = ouro__clock_ms() + 20000;
	ouro_error error = OURO_ERROR_INIT;

	assert_int_equal(ouro__postgres_open(url, 20000, &backend, &state, &error), OURO_OK);
	if (backend->run(state, &nothing, until, &error) != OURO_OK ||
		backend->script(state, drop, until, &error) != OURO_OK)
		fail_msg("%s", error.text);
	backend->free(state);
}

void store_world_options(struct store_world *world, ouro_store_options *options)
{
	*options = (ouro_store_options)OURO_STORE_OPTIONS_INIT;
	options->directory = world->folder;
	options->url = world->url;
	options->log = keep_log;
	options->log_user = world;
}

void store_world_place(struct store_world *world)
{
	memset(world, 0, sizeof(*world));
	world->url = getenv("OURO_TEST_STORE_URL");
	(void)snprintf(world->folder, sizeof(world->folder), "/tmp/ouro-store-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	if (world->url)
		empty_postgres(world->url);
}

static void open_it(struct store_world *world)
{
	ouro_store_options options;
	ouro_error error = OURO_ERROR_INIT;

	store_world_options(world, &options);
	if (ouro_store_open(&options, &world->store, &error) != OURO_OK)
		fail_msg("%s", error.text);
}

void store_world_open(struct store_world *world)
{
	store_world_place(world);
	open_it(world);
}

void store_world_again(struct store_world *world)
{
	ouro_store_free(world->store);
	world->store = NULL;
	open_it(world);
}

void store_world_path(const struct store_world *world, const char *name, char *to, size_t room)
{
	(void)snprintf(to, room, "%s/%s", world->folder, name);
}

void store_world_close(struct store_world *world)
{
	DIR *folder;

	ouro_store_free(world->store);
	folder = opendir(world->folder);
	for (const struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
		char path[512];

		store_world_path(world, entry->d_name, path, sizeof(path));
		if (entry->d_name[0] != '.')
			(void)unlink(path);
	}
	(void)closedir(folder);
	(void)rmdir(world->folder);
}
