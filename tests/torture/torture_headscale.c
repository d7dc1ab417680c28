/* Messages, snapshots and writes when memory runs out: an error or a success each time, never a
 * half-filled result, nothing lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/sys.h"
#include "headscale/fields.h"
#include "headscale/headscale.h"
#include "memory.h"
#include "replay.h"
#include "rpc/wire.h"

struct world {
	struct replay replay;
	const ouro__generation *generation;
	ouro__band band;
	ouro__snapshot *snapshot;
};

static int64_t deadline(void)
{
	return ouro__clock_ms() + 10000;
}

/* An error says so and how; a success has its result. */
static int consistent(ouro_status rc, const ouro_error *error, const void *result)
{
	if (rc == OURO_OK)
		return result != NULL;
	return result == NULL && error->status == rc && error->text[0] && rc == OURO_ERR_NOMEM;
}

static int detect_and_read(void *user)
{
	struct world *world = user;
	struct ouro__found found = {0};
	ouro__snapshot *snapshot = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;
	unsigned long failures;
	int ok;

	torture_arm_now();
	rc = ouro__headscale_detect(&world->replay.channel, NULL, NULL, deadline(), &found, &error);
	if (rc == OURO_OK)
		rc = ouro__headscale_read_all(
			OURO__SERVER(&world->replay.channel, found.generation), deadline(),
			&snapshot, &error);
	failures = torture_disarm();
	ok = consistent(rc, &error, snapshot) && (failures || rc == OURO_OK);
	if (snapshot &&
		(snapshot->node_count != world->snapshot->node_count ||
			snapshot->hash != world->snapshot->hash))
		ok = 0;
	ouro__snapshot_unref(snapshot);
	return ok;
}

/* At most one call goes out, whatever happens; a success means that it did. */
static int rename_node(void *user)
{
	struct world *world = user;
	ouro_error error = OURO_ERROR_INIT;
	int before = atomic_load(&world->replay.writes);
	ouro_status rc;

	torture_arm_now();
	rc = ouro__headscale_rename(OURO__SERVER(&world->replay.channel, world->generation),
		&world->snapshot->nodes[0], "atlas", deadline(), &error);
	(void)torture_disarm();
	if (atomic_load(&world->replay.writes) - before > 1)
		return 0;
	return rc == OURO_OK ? atomic_load(&world->replay.writes) == before + 1
			     : error.status == rc && error.text[0];
}

static int switch_exit(void *user)
{
	struct world *world = user;
	ouro_error error = OURO_ERROR_INIT;
	const struct ouro__node *node = ouro__snapshot_node(world->snapshot, 2);
	ouro_status rc;

	torture_arm_now();
	rc = ouro__headscale_exit_set(OURO__SERVER(&world->replay.channel, world->generation), node,
		0, deadline(), &error);
	(void)torture_disarm();
	return rc == OURO_OK || (error.status == rc && error.text[0]);
}

/* The arena says no instead of malloc: one row of bytes less each time. */
static void small_arenas(const struct world *world)
{
	size_t enough = ouro__arena_used(world->snapshot->arena);
	const struct ouro__message *message = &ouro__hs_nodes;
	size_t refused = 0;

	for (size_t i = 0; i < world->replay.count; i++) {
		const struct replay_answer *answer = &world->replay.answers[i];

		if (strcmp(answer->method, "ListNodes") != 0)
			continue;
		for (size_t max = 0; max <= enough; max += 16) {
			ouro__arena *arena = ouro__arena_new(max);
			ouro_error error = OURO_ERROR_INIT;
			void *object = NULL;
			ouro_status rc;

			assert_non_null(arena);
			rc = ouro__wire_decode(message, world->band, answer->data, answer->size,
				arena, &object, &error);
			if (!consistent(rc, &error, object))
				fail_msg("arena of %zu bytes: %s", max, error.text);
			refused += rc < 0;
			ouro__arena_free(arena);
		}
	}
	assert_true(refused > 100 && refused < enough / 16);
}

static void open_world(struct world *world, const char *version, ouro__band band)
{
	struct ouro__found found = {0};
	ouro_error error = OURO_ERROR_INIT;

	memset(world, 0, sizeof(*world));
	world->band = band;
	replay_open(&world->replay, version);
	if (ouro__headscale_detect(&world->replay.channel, NULL, NULL, deadline(), &found, &error) <
		0)
		fail_msg("%s", error.text);
	world->generation = found.generation;
	if (ouro__headscale_read_all(OURO__SERVER(&world->replay.channel, world->generation),
		    deadline(), &world->snapshot, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(world->snapshot->node_count, 10);
}

static void close_world(struct world *world)
{
	ouro__snapshot_unref(world->snapshot);
	replay_close(&world->replay);
}

static void all(const char *version, ouro__band band)
{
	struct world world;

	open_world(&world, version, band);
	torture_run("detecting and reading", detect_and_read, &world);
	small_arenas(&world);
	torture_run("renaming", rename_node, &world);
	torture_run("switching an exit node", switch_exit, &world);
	close_world(&world);
}

static void torture_headscale__oldest(void **state)
{
	(void)state;
	all("v0.23.0", OURO__BAND_B);
}

static void torture_headscale__newest(void **state)
{
	(void)state;
	all("v0.29.2", OURO__BAND_H);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_headscale__oldest),
		cmocka_unit_test(torture_headscale__newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
