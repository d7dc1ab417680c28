/* A whole life of the library when memory runs out: open, list, look, rename, close, with the
 * tailnet's own thread at work. Which allocation is the n-th differs from run to run here, so
 * that a number that passed says less than in the other tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ouroboros/keys.h>

#include "memory.h"
#include "replay.h"
#include "tailnet/tailnet.h"

/* The name, the key, and what of the routes of device 1 the recording shows as approved. */
enum { MOST_WRITES = 4 };

struct world {
	struct replay replay;
	ouro_tailnet_options options;
	ouro_tailnet *tailnet;
	ouro_directory *directory;
	ouro_portal *portal;
	ouro_person *mia;
	ouro_node_list *list;
	ouro_node *node;
	ouro_key_list *keys;
	ouro_key *key;
	char text[OURO_KEY_TEXT_MAX];
};

static void see_line(void *user, const char *line, size_t length)
{
	(void)user;
	if (!length || line[0] != '{' || line[length - 1] != '}')
		fail_msg("audit: %s", line);
}

static ouro_status open_all(struct world *world, ouro_error *error)
{
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_portal_options portal = OURO_PORTAL_OPTIONS_INIT;
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro_status rc = ouro__tailnet_new(
		&world->replay.channel, "replay", &world->options, &world->tailnet, error);

	directory.user_map = "{\"19270622\":\"alice\"}";
	directory.rules = "{\"keys\":{\"longest\":\"1d\",\"alive\":99},"
			  "\"keepers\":{\"tag:web\":{\"users\":[\"alice\"],\"remove\":true}}}";
	portal.audit = see_line;
	identity.id = 19270622;
	memcpy(identity.provider, "github", 7);
	memcpy(identity.login, "mia", 4);
	if (rc == OURO_OK)
		rc = ouro_directory_load(&directory, NULL, NULL, &world->directory, error);
	if (rc == OURO_OK)
		rc = ouro_portal_new(
			world->tailnet, world->directory, &portal, &world->portal, error);
	if (rc == OURO_OK)
		rc = ouro_portal_person(world->portal, &identity, &world->mia, error);
	return rc;
}

static ouro_status use_all(struct world *world, ouro_error *error)
{
	ouro_nodes_query query = OURO_NODES_QUERY_INIT;
	ouro_status rc;

	query.scope = OURO_SCOPE_ALL;
	query.sort = OURO_SORT_OWNER;
	query.search = "a";
	rc = ouro_nodes_list(world->mia, &query, &world->list, error);
	if (rc == OURO_OK)
		rc = ouro_node_get(world->mia, 1, &world->node, error);
	ouro_node_free(world->node);
	world->node = NULL;
	if (rc == OURO_OK)
		rc = ouro_node_rename(world->mia, 1, "atlas", NULL, &world->node, error);
	if (rc == OURO_OK)
		rc = ouro_keys_list(world->mia, &world->keys, error);
	if (rc == OURO_OK)
		rc = ouro_key_create(world->mia, NULL, NULL, world->text, &world->key, error);
	if (rc == OURO_OK)
		rc = ouro_routes_set(world->mia, 1, NULL, 0, NULL, NULL, error);
	return rc;
}

static void close_all(struct world *world)
{
	ouro_key_free(world->key);
	ouro_key_list_free(world->keys);
	ouro_node_free(world->node);
	ouro_node_list_free(world->list);
	ouro_person_free(world->mia);
	ouro_portal_free(world->portal);
	ouro_directory_free(world->directory);
	ouro_tailnet_free(world->tailnet);
	world->key = NULL;
	world->keys = NULL;
	world->node = NULL;
	world->list = NULL;
	world->mia = NULL;
	world->portal = NULL;
	world->directory = NULL;
	world->tailnet = NULL;
}

static int live(void *user)
{
	struct world *world = user;
	ouro_error error = OURO_ERROR_INIT;
	unsigned long failures;
	ouro_status rc;
	int ok;

	atomic_store(&world->replay.writes, 0);
	memset(world->text, 0, sizeof(world->text));
	torture_arm_now();
	rc = open_all(world, &error);
	if (rc == OURO_OK)
		rc = use_all(world, &error);
	failures = torture_disarm();
	ok = rc == OURO_OK || (failures && error.status == rc && error.text[0]);
	if (world->list && ouro_node_list_count(world->list) == 0)
		ok = 0;
	if (rc == OURO_OK && atomic_load(&world->replay.writes) < 2)
		ok = 0;
	if (atomic_load(&world->replay.writes) > MOST_WRITES)
		ok = 0;
	if (rc == OURO_OK && (!world->text[0] || ouro_key_list_count(world->keys) == 0))
		ok = 0;
	if (!ok)
		print_message("%s: %s, %lu failures\n", ouro_status_name(rc), error.text, failures);
	close_all(world);
	return ok;
}

static void run(const char *version)
{
	struct world world;

	memset(&world, 0, sizeof(world));
	world.options = (ouro_tailnet_options)OURO_TAILNET_OPTIONS_INIT;
	/* Long enough for a busy machine. None of it passes: failures end a call at once. */
	world.options.read_timeout_ms = 30000;
	world.options.write_timeout_ms = 30000;
	world.options.stale_after_ms = 30000;
	world.options.first_view_ms = 30000;
	replay_open(&world.replay, version);
	torture_run("a whole life", live, &world);
	replay_close(&world.replay);
}

static void torture_portal__oldest(void **state)
{
	(void)state;
	run("v0.23.0");
}

static void torture_portal__newest(void **state)
{
	(void)state;
	run("v0.29.2");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_portal__oldest),
		cmocka_unit_test(torture_portal__newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
