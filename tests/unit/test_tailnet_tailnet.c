/* The living server: freshness, single flight, staleness, breaker, detection and stopping, over a channel without a network. */
#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/sys.h"
#include "fake_channel.h"
#include "tailnet/tailnet.h"

static struct ouro__hs_user user = {3, "mia"};
static char node_name[64];
static struct fake_channel *fake;
static ouro_tailnet *tailnet;
static int freed;

/* Called with the lock of the channel held. */
static ouro_status answer(struct fake_channel *channel, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr)
{
	struct ouro__hs_node *node = ouro__arena_alloc(arena, sizeof(*node));
	struct ouro__messages *list = ouro__arena_alloc(arena, sizeof(*list));
	void **items = ouro__arena_alloc(arena, sizeof(*items));

	(void)channel;
	(void)reterr;
	node->id = 7;
	node->user = &user;
	node->name = "host";
	node->given_name = node_name;
	node->last_seen = node->expiry = node->created = OURO_TIME_NEVER;
	list->items = items;
	list->count = 1;
	items[0] = strcmp(method->name, "ListUsers") == 0 ? (void *)&user : (void *)node;
	if (strcmp(method->name, "GetRoutes") == 0)
		list->count = 0;
	if (method->reply == &ouro__hs_node_reply) {
		struct ouro__hs_node_reply *reply = ouro__arena_alloc(arena, sizeof(*reply));

		if (strcmp(method->name, "RenameNode") == 0)
			(void)snprintf(node_name, sizeof(node_name), "%s",
				((const struct ouro__hs_rename_request *)request)->new_name);
		reply->node = node;
		*ret_reply = reply;
	} else {
		*ret_reply = list;
	}
	return OURO_OK;
}

static void open_with(const char *methods, ouro_tailnet_options *options)
{
	(void)snprintf(node_name, sizeof(node_name), "first");
	freed = 0;
	fake = fake_channel_new(methods, answer, NULL);
	fake->freed = &freed;
	assert_int_equal(ouro__tailnet_new(&fake->base, "fake", options, &tailnet, NULL), OURO_OK);
}

static ouro_tailnet_options quick(void)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;

	options.freshness_ms = 60000;
	options.stale_after_ms = 60;
	options.first_view_ms = 120;
	options.read_timeout_ms = 2000;
	options.write_timeout_ms = 300;
	return options;
}

static int setup(void **state)
{
	ouro_tailnet_options options = quick();

	(void)state;
	open_with(fake_methods_b, &options);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ouro_tailnet_free(tailnet);
	return freed ? 0 : -1;
}

static ouro__snapshot *read_ok(int stale)
{
	ouro__snapshot *snapshot = NULL;
	ouro_error error = OURO_ERROR_INIT;
	int is_stale = -1;

	assert_int_equal(ouro__tailnet_read(tailnet, &snapshot, &is_stale, &error), OURO_OK);
	assert_int_equal(is_stale, stale);
	assert_int_equal(error.status, OURO_OK);
	return snapshot;
}

static const struct ouro__basis *basis(const ouro__snapshot *snapshot)
{
	static struct ouro__basis one;

	one.snapshot = snapshot;
	one.until = ouro__tailnet_write_until(tailnet);
	return &one;
}

static void pause_ms(long ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};

	(void)nanosleep(&time, NULL);
}

static unsigned lists(void)
{
	return fake_channel_get(fake, &fake->lists);
}

static void test_tailnet_tailnet__opening_asks_nothing(void **state)
{
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;

	(void)state;
	assert_int_equal(
		fake_channel_get(fake, &fake->calls) + fake_channel_get(fake, &fake->probes), 0);
	assert_int_equal(ouro_tailnet_status_get(tailnet, &status, NULL), OURO_OK);
	assert_int_equal(status.reachable, 0);
	assert_int_equal(status.since, OURO_TIME_NEVER);
	assert_string_equal(status.version, "");
	assert_string_equal(status.endpoint, "fake");
}

static void test_tailnet_tailnet__fresh_snapshots_are_shared(void **state)
{
	ouro__snapshot *one = read_ok(0);
	ouro__snapshot *two = read_ok(0);
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;

	(void)state;
	assert_ptr_equal(one, two);
	assert_int_equal(lists(), 1);
	assert_int_equal(one->node_count, 1);
	assert_string_equal(one->nodes[0].given_name, "first");
	assert_string_equal(one->nodes[0].user_name, "mia");
	assert_int_equal(ouro_tailnet_status_get(tailnet, &status, NULL), OURO_OK);
	assert_int_equal(status.reachable, 1);
	assert_int_equal(status.last_error, OURO_OK);
	assert_string_equal(status.version, "0.23");
	assert_int_equal(status.capabilities & OURO_CAN_FORGET_ROUTES, OURO_CAN_FORGET_ROUTES);
	assert_int_equal(status.transport, OURO_TRANSPORT_GRPC);
	assert_true(status.answered != OURO_TIME_NEVER && status.since != OURO_TIME_NEVER);
	ouro__snapshot_unref(one);
	ouro__snapshot_unref(two);
}

static void test_tailnet_tailnet__old_ones_are_read_again(void **state)
{
	ouro_tailnet_options options = quick();
	ouro__snapshot *one;
	ouro__snapshot *two;

	(void)state;
	ouro_tailnet_free(tailnet);
	options.freshness_ms = 20;
	options.stale_after_ms = 5000;
	open_with(fake_methods_b, &options);
	one = read_ok(0);
	pause_ms(40);
	two = read_ok(0);
	assert_ptr_not_equal(one, two);
	assert_int_equal(lists(), 2);
	/* Nothing changed: the same generation, for conditional answers. */
	assert_true(one->generation == two->generation);
	ouro__snapshot_unref(one);
	ouro__snapshot_unref(two);
}

static void *read_in_thread(void *arg)
{
	ouro__snapshot **ret = arg;
	int stale = -1;

	if (ouro__tailnet_read(tailnet, ret, &stale, NULL) < 0 || stale)
		*ret = NULL;
	return NULL;
}

static void test_tailnet_tailnet__many_readers_one_read(void **state)
{
	enum { READERS = 16 };
	ouro_tailnet_options options = quick();
	ouro__snapshot *snapshots[READERS] = {NULL};
	pthread_t threads[READERS];

	(void)state;
	ouro_tailnet_free(tailnet);
	options.first_view_ms = 10000;
	open_with(fake_methods_b, &options);
	fake_channel_set(fake, &fake->hanging, 1);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, read_in_thread, &snapshots[i]), 0);
	assert_true(fake_channel_await_waiting(fake, 1));
	pause_ms(20);
	fake_channel_set(fake, &fake->hanging, 0);
	for (size_t i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_non_null(snapshots[i]);
		assert_ptr_equal(snapshots[i], snapshots[0]);
	}
	for (size_t i = 0; i < READERS; i++)
		ouro__snapshot_unref(snapshots[i]);
	assert_int_equal(lists(), 1);
}

static void test_tailnet_tailnet__a_hung_server_shows_the_old_one(void **state)
{
	ouro__snapshot *one = read_ok(0);
	ouro__snapshot *two;
	int64_t begin;

	(void)state;
	fake_channel_set(fake, &fake->hanging, 1);
	ouro__tailnet_drop(tailnet);
	begin = ouro__clock_ms();
	two = read_ok(1);
	assert_true(ouro__clock_ms() - begin >= 55);
	assert_true(ouro__clock_ms() - begin < 1000);
	assert_ptr_equal(one, two);
	ouro__snapshot_unref(one);
	ouro__snapshot_unref(two);
	/* The same read goes on and is shown when it is there. */
	fake_channel_set(fake, &fake->hanging, 0);
	pause_ms(50);
	one = read_ok(0);
	ouro__snapshot_unref(one);
	assert_int_equal(lists(), 2);
}

static void test_tailnet_tailnet__first_view_has_an_end(void **state)
{
	ouro__snapshot *snapshot = NULL;
	ouro_error error = OURO_ERROR_INIT;
	int64_t begin = ouro__clock_ms();
	int stale = 0;

	(void)state;
	fake_channel_set(fake, &fake->hanging, 1);
	assert_int_equal(ouro__tailnet_read(tailnet, &snapshot, &stale, &error), OURO_ERR_TIMEOUT);
	assert_true(ouro__clock_ms() - begin >= 115);
	assert_null(snapshot);
	assert_int_equal(error.status, OURO_ERR_TIMEOUT);
	assert_text_has(error.text, "fake");
}

static void test_tailnet_tailnet__fresh_reads_never_take_the_old_one(void **state)
{
	ouro__snapshot *one = read_ok(0);
	ouro__snapshot *two = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro__tailnet_read_fresh(tailnet, &two, NULL), OURO_OK);
	assert_ptr_not_equal(one, two);
	assert_int_equal(lists(), 2);
	ouro__snapshot_unref(one);
	ouro__snapshot_unref(two);
	two = NULL;
	fake_channel_set(fake, &fake->down, 1);
	assert_int_equal(ouro__tailnet_read_fresh(tailnet, &two, &error), OURO_ERR_UNREACHABLE);
	assert_null(two);
	assert_text_has(error.text, "connection refused");
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_ERR_UNREACHABLE);
	fake_channel_set(fake, &fake->down, 0);
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_OK);
}

static void *fresh_in_thread(void *arg)
{
	ouro__snapshot **ret = arg;

	if (ouro__tailnet_read_fresh(tailnet, ret, NULL) < 0)
		*ret = NULL;
	return NULL;
}

/* A read that is under way began too early for a writer who comes now. */
static void test_tailnet_tailnet__fresh_reads_begin_after_the_call(void **state)
{
	ouro__snapshot *early = NULL;
	ouro__snapshot *late[2] = {NULL, NULL};
	pthread_t threads[3];
	int64_t since;

	(void)state;
	fake_channel_set(fake, &fake->hanging, 1);
	assert_int_equal(pthread_create(&threads[0], NULL, fresh_in_thread, &early), 0);
	assert_true(fake_channel_await_waiting(fake, 1));
	pause_ms(5);
	since = ouro__clock_ms();
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&threads[i + 1], NULL, fresh_in_thread, &late[i]), 0);
	pause_ms(60);
	fake_channel_set(fake, &fake->hanging, 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_non_null(early);
	assert_non_null(late[0]);
	assert_ptr_equal(late[0], late[1]);
	assert_true(late[0]->taken_ms >= since);
	assert_int_equal(lists(), 2);
	ouro__snapshot_unref(early);
	ouro__snapshot_unref(late[0]);
	ouro__snapshot_unref(late[1]);
}

static void test_tailnet_tailnet__people_see_their_own_writes(void **state)
{
	ouro__snapshot *one = read_ok(0);
	ouro__snapshot *two;

	(void)state;
	assert_int_equal(
		ouro__tailnet_rename(tailnet, basis(one), &one->nodes[0], "second", NULL), OURO_OK);
	two = read_ok(0);
	assert_string_equal(two->nodes[0].given_name, "second");
	assert_string_equal(one->nodes[0].given_name, "first");
	assert_true(one->generation != two->generation);
	assert_int_equal(fake_channel_get(fake, &fake->writes), 1);
	ouro__snapshot_unref(one);
	ouro__snapshot_unref(two);
}

static void test_tailnet_tailnet__lost_writes_are_uncertain_and_not_repeated(void **state)
{
	ouro__snapshot *one = read_ok(0);
	ouro__snapshot *two;
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;
	int64_t begin;

	(void)state;
	fake_channel_set(fake, &fake->hanging, 1);
	begin = ouro__clock_ms();
	assert_int_equal(ouro__tailnet_delete(tailnet, basis(one), &one->nodes[0], NULL),
		OURO_ERR_UNCERTAIN);
	assert_true(ouro__clock_ms() - begin >= 295);
	assert_int_equal(fake_channel_get(fake, &fake->writes), 1);
	assert_int_equal(ouro_tailnet_status_get(tailnet, &status, NULL), OURO_OK);
	assert_int_equal(status.reachable, 0);
	assert_int_equal(status.last_error, OURO_ERR_UNCERTAIN);
	fake_channel_set(fake, &fake->hanging, 0);
	/* It may have been done: what was read before is not fresh. */
	assert_int_equal(lists(), 1);
	pause_ms(10);
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_OK);
	two = read_ok(0);
	assert_int_equal(lists(), 2);
	ouro__snapshot_unref(one);
	ouro__snapshot_unref(two);
}

static void test_tailnet_tailnet__all_writes_reach_the_server(void **state)
{
	static const struct ouro_route routes[] = {
		{"0.0.0.0/0", OURO_ROUTE_ADVERTISED | OURO_ROUTE_EXIT, 1},
		{"10.0.0.0/24", OURO_ROUTE_ADVERTISED, 2},
		{"10.1.0.0/24", OURO_ROUTE_APPROVED, 3},
	};
	static const struct ouro__node node = {.id = 7, .routes = routes, .route_count = 3};
	ouro_registration registration = OURO_REGISTRATION_INIT;
	ouro__snapshot *one = read_ok(0);
	uint64_t id = 0;

	(void)state;
	registration.form = 1;
	(void)snprintf(registration.key, sizeof(registration.key), "mkey:00");
	assert_int_equal(ouro__tailnet_expire(tailnet, basis(one), &node, NULL), OURO_OK);
	assert_string_equal(fake->last, "ExpireNode");
	assert_int_equal(ouro__tailnet_delete(tailnet, basis(one), &node, NULL), OURO_OK);
	assert_string_equal(fake->last, "DeleteNode");
	assert_int_equal(ouro__tailnet_exit_set(tailnet, basis(one), &node, 1, NULL), OURO_OK);
	assert_string_equal(fake->last, "EnableRoute");
	assert_int_equal(
		ouro__tailnet_route_approve(tailnet, basis(one), &node, "10.0.0.0/24", NULL),
		OURO_OK);
	assert_string_equal(fake->last, "EnableRoute");
	assert_int_equal(
		ouro__tailnet_route_withdraw(tailnet, basis(one), &node, "10.1.0.0/24", NULL),
		OURO_OK);
	assert_string_equal(fake->last, "DisableRoute");
	assert_int_equal(
		ouro__tailnet_route_forget(tailnet, basis(one), &node, "10.1.0.0/24", NULL),
		OURO_OK);
	assert_string_equal(fake->last, "DeleteRoute");
	assert_int_equal(
		ouro__tailnet_register(tailnet, basis(one), "mia", &registration, &id, NULL),
		OURO_OK);
	assert_string_equal(fake->last, "RegisterNode");
	assert_int_equal(id, 7);
	ouro__snapshot_unref(one);
}

static void test_tailnet_tailnet__a_dead_server_costs_little(void **state)
{
	ouro__snapshot *one = read_ok(0);
	ouro__snapshot *fresh = NULL;
	ouro_error error = OURO_ERROR_INIT;
	unsigned probes;
	unsigned calls;

	(void)state;
	fake_channel_set(fake, &fake->down, 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(
			ouro__tailnet_read_fresh(tailnet, &fresh, NULL), OURO_ERR_UNREACHABLE);
	probes = fake_channel_get(fake, &fake->probes);
	calls = fake_channel_get(fake, &fake->calls);
	assert_int_equal(ouro__tailnet_read_fresh(tailnet, &fresh, &error), OURO_ERR_UNREACHABLE);
	assert_text_has(error.text, "connection refused");
	assert_int_equal(ouro__tailnet_rename(tailnet, basis(one), &one->nodes[0], "x", &error),
		OURO_ERR_UNREACHABLE);
	ouro__tailnet_drop(tailnet);
	ouro__snapshot_unref(read_ok(1));
	assert_int_equal(fake_channel_get(fake, &fake->probes), probes);
	assert_int_equal(fake_channel_get(fake, &fake->calls), calls);
	/* A readiness check asks all the same, and its success closes the breaker. */
	fake_channel_set(fake, &fake->down, 0);
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_OK);
	assert_int_equal(ouro__tailnet_read_fresh(tailnet, &fresh, &error), OURO_OK);
	ouro__snapshot_unref(fresh);
	ouro__snapshot_unref(one);
}

static void test_tailnet_tailnet__the_breaker_lets_one_through_later(void **state)
{
	ouro__snapshot *fresh = NULL;

	(void)state;
	fake_channel_set(fake, &fake->down, 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(
			ouro__tailnet_read_fresh(tailnet, &fresh, NULL), OURO_ERR_UNREACHABLE);
	fake_channel_set(fake, &fake->down, 0);
	assert_int_equal(ouro__tailnet_read_fresh(tailnet, &fresh, NULL), OURO_ERR_UNREACHABLE);
	pause_ms(1050);
	assert_int_equal(ouro__tailnet_read_fresh(tailnet, &fresh, NULL), OURO_OK);
	ouro__snapshot_unref(fresh);
}

static void upgrade(int new_connection)
{
	(void)pthread_mutex_lock(&fake->lock);
	fake->methods = fake_methods_h;
	fake->epoch += new_connection ? 1 : 0;
	(void)pthread_mutex_unlock(&fake->lock);
}

static void assert_version(const char *version)
{
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;

	assert_int_equal(ouro_tailnet_status_get(tailnet, &status, NULL), OURO_OK);
	assert_string_equal(status.version, version);
}

static void test_tailnet_tailnet__another_connection_is_detected_anew(void **state)
{
	ouro__snapshot *snapshot = read_ok(0);
	unsigned probes = fake_channel_get(fake, &fake->probes);

	(void)state;
	ouro__snapshot_unref(snapshot);
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_OK);
	assert_int_equal(fake_channel_get(fake, &fake->probes), probes); /* remembered */
	upgrade(1);
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_OK);
	assert_version("0.29");
	snapshot = read_ok(0);
	assert_int_equal(snapshot->capabilities & OURO_CAN_TAG_IDENTITY, OURO_CAN_TAG_IDENTITY);
	ouro__snapshot_unref(snapshot);
}

/* Behind a proxy the connection may stay while the server is replaced. */
static void test_tailnet_tailnet__a_missing_method_is_detected_anew(void **state)
{
	ouro__snapshot *snapshot = read_ok(0);

	(void)state;
	upgrade(0);
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_OK);
	assert_version("0.29");
	ouro__snapshot_unref(snapshot);
}

static void test_tailnet_tailnet__versions_not_served_are_named(void **state)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;

	(void)state;
	(void)pthread_mutex_lock(&fake->lock);
	fake->methods = " GetUser ListMachines GetRoutes ";
	(void)pthread_mutex_unlock(&fake->lock);
	assert_int_equal(ouro_tailnet_check(tailnet, &error), OURO_ERR_UNSUPPORTED);
	assert_text_has(error.text, "0.22 or older");
	assert_int_equal(ouro_tailnet_status_get(tailnet, &status, NULL), OURO_OK);
	assert_int_equal(status.reachable, 1);
	assert_int_equal(status.last_error, OURO_ERR_UNSUPPORTED);
	assert_text_has(status.text, "0.22 or older");
}

static void *free_in_thread(void *arg)
{
	(void)arg;
	ouro_tailnet_free(tailnet);
	return NULL;
}

/* Somebody is inside when the handle goes. */
static void test_tailnet_tailnet__freeing_ends_what_is_under_way(void **state)
{
	ouro_tailnet_options options = quick();
	ouro__snapshot *snapshot = NULL;
	pthread_t reader;
	pthread_t freer;
	int64_t begin;

	(void)state;
	ouro_tailnet_free(tailnet);
	options.first_view_ms = 20000;
	options.write_timeout_ms = 20000;
	options.read_timeout_ms = 20000;
	open_with(fake_methods_b, &options);
	fake_channel_set(fake, &fake->hanging, 1);
	assert_int_equal(pthread_create(&reader, NULL, fresh_in_thread, &snapshot), 0);
	assert_true(fake_channel_await_waiting(fake, 1));
	begin = ouro__clock_ms();
	assert_int_equal(pthread_create(&freer, NULL, free_in_thread, NULL), 0);
	assert_int_equal(pthread_join(freer, NULL), 0);
	assert_int_equal(pthread_join(reader, NULL), 0);
	assert_true(ouro__clock_ms() - begin < 1900);
	assert_null(snapshot);
	assert_int_equal(freed, 1);
	open_with(fake_methods_b, &options);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_tailnet_tailnet__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(opening_asks_nothing),
		CASE(fresh_snapshots_are_shared),
		CASE(old_ones_are_read_again),
		CASE(many_readers_one_read),
		CASE(a_hung_server_shows_the_old_one),
		CASE(first_view_has_an_end),
		CASE(fresh_reads_never_take_the_old_one),
		CASE(fresh_reads_begin_after_the_call),
		CASE(people_see_their_own_writes),
		CASE(lost_writes_are_uncertain_and_not_repeated),
		CASE(all_writes_reach_the_server),
		CASE(a_dead_server_costs_little),
		CASE(the_breaker_lets_one_through_later),
		CASE(another_connection_is_detected_anew),
		CASE(a_missing_method_is_detected_anew),
		CASE(versions_not_served_are_named),
		CASE(freeing_ends_what_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
