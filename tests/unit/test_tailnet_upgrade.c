/* The server is replaced while we look on: another version, another way to it, and what becomes of reads and writes meanwhile. Over
 * channels without a network. */
#include "check.h"

#include <stdio.h>
#include <time.h>

#include "base/sys.h"
#include "fake_pages.h"
#include "tailnet/candidates.h"
#include "tailnet/tailnet.h"

static struct ouro__hs_user user = {3, "mia"};
static struct fake_channel *grpc;
static struct fake_pages *http;
static ouro_tailnet *tailnet;
static const char *refusal; /* what every call is refused with */
static char log_text[8192];
static unsigned warnings;

static const struct fake_page bad_gateway[] = {{NULL, 502, ""}};

/* Called with the lock of the channel held. */
static ouro_status answer(struct fake_channel *channel, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr)
{
	struct ouro__hs_node *node = ouro__arena_alloc(arena, sizeof(*node));
	struct ouro__messages *list = ouro__arena_alloc(arena, sizeof(*list));
	void **items = ouro__arena_alloc(arena, sizeof(*items));

	(void)channel;
	(void)request;
	if (refusal)
		return ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_UNAUTHENTICATED,
			"Headscale refuses the API key: %s", refusal);
	node->id = 7;
	node->user = &user;
	node->name = node->given_name = "host";
	node->last_seen = node->expiry = node->created = OURO_TIME_NEVER;
	list->items = items;
	list->count = 1;
	items[0] = strcmp(method->name, "ListUsers") == 0 ? (void *)&user : (void *)node;
	if (strcmp(method->name, "GetRoutes") == 0)
		list->count = 0;
	if (method->reply == &ouro__hs_node_reply) {
		struct ouro__hs_node_reply *reply = ouro__arena_alloc(arena, sizeof(*reply));

		reply->node = node;
		*ret_reply = reply;
	} else {
		*ret_reply = list;
	}
	return OURO_OK;
}

static void take_line(void *arg, int level, const char *text)
{
	size_t used = strlen(log_text);

	(void)arg;
	(void)snprintf(log_text + used, sizeof(log_text) - used, "%s\n", text);
	warnings += level == OURO_LOG_WARNING;
}

static int setup(void **state)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	struct ouro__candidates candidates;

	(void)state;
	refusal = NULL;
	log_text[0] = '\0';
	warnings = 0;
	options.freshness_ms = 60000;
	options.stale_after_ms = 60;
	options.first_view_ms = 500;
	options.read_timeout_ms = 2000;
	options.write_timeout_ms = 300;
	options.log = take_line;
	grpc = fake_channel_new(fake_methods_h, answer, NULL);
	http = fake_pages_new(bad_gateway, fake_channel_new(fake_methods_h, answer, NULL));
	ouro__candidates_init(&candidates);
	ouro__candidates_add(&candidates, &grpc->base, "hs:443", 0);
	ouro__candidates_add(&candidates, &http->base, "hs:443", 0);
	assert_int_equal(
		ouro__tailnet_over(&candidates, "hs:443", &options, &tailnet, NULL), OURO_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ouro_tailnet_free(tailnet);
	return 0;
}

static ouro__snapshot *fresh(void)
{
	ouro__snapshot *snapshot = NULL;
	ouro_error error = OURO_ERROR_INIT;

	if (ouro__tailnet_read_fresh(tailnet, &snapshot, &error) < 0)
		fail_msg("%s", error.text);
	return snapshot;
}

static ouro_tailnet_status status(void)
{
	ouro_tailnet_status now = OURO_TAILNET_STATUS_INIT;

	assert_int_equal(ouro_tailnet_status_get(tailnet, &now, NULL), OURO_OK);
	return now;
}

static ouro_status rename_on(const ouro__snapshot *snapshot, ouro_error *reterr)
{
	struct ouro__basis basis = {snapshot, ouro__tailnet_write_until(tailnet)};

	return ouro__tailnet_rename(tailnet, &basis, &snapshot->nodes[0], "new-name", reterr);
}

static void change(struct fake_channel *channel, const char *methods, int is_down)
{
	(void)pthread_mutex_lock(&channel->lock);
	channel->methods = methods;
	channel->epoch++;
	channel->down = is_down;
	(void)pthread_mutex_unlock(&channel->lock);
}

static void go_to_http(void)
{
	change(grpc, "", 1);
	fake_pages_set(http, fake_pages_of(OURO__BAND_I));
}

static unsigned writes(void)
{
	return fake_channel_get(grpc, &grpc->writes) +
		fake_channel_get(http->calls, &http->calls->writes);
}

static void test_tailnet_upgrade__grpc_vanishes(void **state)
{
	ouro__snapshot *old = fresh();
	ouro__snapshot *now = NULL;
	int stale = 0;

	(void)state;
	assert_string_equal(status().version, "0.29");
	assert_int_equal(status().transport, OURO_TRANSPORT_GRPC);
	/* Down: people see the old list, writers are told that nothing happened. */
	change(grpc, "", 1);
	ouro__tailnet_drop(tailnet);
	assert_int_equal(ouro__tailnet_read(tailnet, &now, &stale, NULL), OURO_OK);
	assert_int_equal(stale, 1);
	assert_ptr_equal(now, old);
	ouro__snapshot_unref(now);
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_ERR_UNREACHABLE);
	assert_text_has(status().text, "HTTP at hs:443: the proxy in front answers HTTP 502");
	assert_string_equal(status().endpoint, "hs:443");
	/* And back as 0.30. */
	go_to_http();
	now = fresh();
	assert_string_equal(status().version, "0.30");
	assert_int_equal(status().transport, OURO_TRANSPORT_HTTP);
	assert_string_equal(status().text, "");
	assert_int_equal(now->node_count, 1);
	assert_int_equal(rename_on(now, NULL), OURO_OK);
	assert_int_equal(fake_channel_get(http->calls, &http->calls->writes), 1);
	ouro__snapshot_unref(now);
	ouro__snapshot_unref(old);
	/* A downgrade. */
	change(grpc, fake_methods_h, 0);
	fake_pages_set(http, bad_gateway);
	change(http->calls, "", 0);
	ouro__snapshot_unref(fresh());
	assert_string_equal(status().version, "0.29");
	assert_int_equal(status().transport, OURO_TRANSPORT_GRPC);
}

/* What was decided on one server is not done on another. */
static void test_tailnet_upgrade__writes_stay_with_their_server(void **state)
{
	ouro__snapshot *old = fresh();
	ouro__snapshot *now;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	go_to_http();
	now = fresh();
	assert_int_equal(rename_on(old, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(
		ouro__tailnet_write_again(OURO_ERR_UNREACHABLE, &error, ouro__clock_ms() + 100), 1);
	assert_int_equal(
		ouro__tailnet_write_again(OURO_ERR_UNREACHABLE, &error, ouro__clock_ms() - 1), 0);
	assert_int_equal(
		ouro__tailnet_write_again(OURO_ERR_UNCERTAIN, &error, ouro__clock_ms() + 100), 0);
	error.flags = 0;
	assert_int_equal(
		ouro__tailnet_write_again(OURO_ERR_UNREACHABLE, &error, ouro__clock_ms() + 100), 0);
	assert_int_equal(writes(), 0);
	assert_int_equal(rename_on(now, &error), OURO_OK);
	assert_int_equal(writes(), 1);
	ouro__snapshot_unref(now);
	ouro__snapshot_unref(old);
}

/* Nobody has read since the connection changed: the channel holds the write back. */
static void test_tailnet_upgrade__a_new_connection_holds_writes_back(void **state)
{
	ouro__snapshot *old = fresh();
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	change(grpc, fake_methods_of(OURO__BAND_G), 0);
	assert_int_equal(rename_on(old, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(error.flags, OURO_ERROR_RETRYABLE);
	assert_int_equal(writes(), 0);
	assert_int_equal(status().reachable, 1); /* that is no failure of the server */
	assert_int_equal(status().last_error, OURO_OK);
	ouro__snapshot_unref(old);
	old = fresh();
	assert_string_equal(status().version, "0.28");
	assert_int_equal(rename_on(old, &error), OURO_OK);
	assert_int_equal(writes(), 1);
	ouro__snapshot_unref(old);
}

static void test_tailnet_upgrade__a_lost_write_is_not_known(void **state)
{
	ouro__snapshot *old = fresh();
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	fake_channel_set(grpc, &grpc->hanging, 1);
	assert_int_equal(rename_on(old, &error), OURO_ERR_UNCERTAIN);
	assert_int_equal(
		ouro__tailnet_write_again(OURO_ERR_UNCERTAIN, &error, ouro__clock_ms() + 1000), 0);
	assert_int_equal(writes(), 1);
	fake_channel_set(grpc, &grpc->hanging, 0);
	grpc->probes = 0;
	/* The next read finds out first who is there. */
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_OK);
	assert_int_equal(fake_channel_get(grpc, &grpc->probes), 1);
	ouro__snapshot_unref(old);
}

/* The connection to a proxy stayed; a write finds a method missing. */
static void test_tailnet_upgrade__missing_methods_raise_doubt(void **state)
{
	ouro__snapshot *old = fresh();
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	(void)pthread_mutex_lock(&grpc->lock);
	grpc->methods = fake_methods_b;
	(void)pthread_mutex_unlock(&grpc->lock);
	{
		struct ouro__basis basis = {old, ouro__tailnet_write_until(tailnet)};
		ouro_registration registration = OURO_REGISTRATION_INIT;
		uint64_t id = 0;

		registration.form = 3;
		(void)snprintf(registration.key, sizeof(registration.key), "hskey-authreq-x");
		assert_int_equal(
			ouro__tailnet_register(tailnet, &basis, "mia", &registration, &id, &error),
			OURO_ERR_UNSUPPORTED);
	}
	ouro__snapshot_unref(old);
	ouro__snapshot_unref(fresh());
	assert_string_equal(status().version, "0.23");
}

/* Behind a proxy that keeps its connections another server has come, a moment after the last look: decisions look again, so that
 * nothing is said in the words of the one before. */
static void come(struct fake_channel *channel, const char *methods)
{
	(void)pthread_mutex_lock(&channel->lock);
	channel->methods = methods;
	(void)pthread_mutex_unlock(&channel->lock);
}

static void test_tailnet_upgrade__decisions_look_first(void **state)
{
	ouro__snapshot *snapshot = fresh();
	struct ouro__basis basis = {snapshot, ouro__tailnet_write_until(tailnet)};
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_string_equal(status().version, "0.29");
	/* Rolled back, to one for which a new expiry means at once. */
	come(grpc, fake_methods_b);
	ouro__snapshot_unref(fresh());
	assert_string_equal(status().version, "0.23");
	/* What was decided before belongs to the other one, though the connection is the same. */
	assert_int_equal(
		ouro__tailnet_rename(tailnet, &basis, &snapshot->nodes[0], "new-name", &error),
		OURO_ERR_UNREACHABLE);
	assert_text_has(error.text, "was replaced");
	assert_int_equal(writes(), 0);
	ouro__snapshot_unref(snapshot);
	/* Upgraded, to one that takes the number of a user for the number of a key. */
	come(grpc, fake_methods_of(OURO__BAND_G));
	ouro__snapshot_unref(fresh());
	assert_string_equal(status().version, "0.28");
	/* Looking on is no decision. */
	(void)pthread_mutex_lock(&grpc->lock);
	grpc->probes = 0;
	(void)pthread_mutex_unlock(&grpc->lock);
	for (int i = 0; i < 5; i++) {
		int stale = 0;

		ouro__tailnet_drop(tailnet);
		assert_int_equal(ouro__tailnet_read(tailnet, &snapshot, &stale, NULL), OURO_OK);
		ouro__snapshot_unref(snapshot);
	}
	assert_int_equal(fake_channel_get(grpc, &grpc->probes), 0);
}

static void test_tailnet_upgrade__a_newer_one_is_only_read(void **state)
{
	static const struct fake_page newer[] = {
		{"/version", 200, "{\"version\":\"v0.33.1\"}"}, {NULL, 404, ""}};
	ouro__snapshot *snapshot;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	change(grpc, "", 1);
	fake_pages_set(http, newer);
	snapshot = fresh();
	assert_text_has(status().version, "newer");
	assert_text_has(status().text, "v0.33.1");
	assert_text_has(status().text, "hs_assume");
	assert_int_equal(status().last_error, OURO_OK);
	assert_int_equal(rename_on(snapshot, &error), OURO_ERR_UNSUPPORTED);
	assert_text_has(error.text, "hs_assume");
	assert_int_equal(writes(), 0);
	assert_text_has(log_text, "hs_assume");
	assert_int_equal(warnings, 1);
	ouro__snapshot_unref(snapshot);
	ouro__snapshot_unref(fresh());
	assert_int_equal(warnings, 1);
}

static void test_tailnet_upgrade__keys_that_are_refused(void **state)
{
	(void)state;
	refusal = "validating token";
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_ERR_UNAUTHENTICATED);
	assert_text_has(status().text, "is not, or no longer, one of this server's");
	refusal = "invalid token";
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_ERR_UNAUTHENTICATED);
	assert_text_has(status().text, "has expired");
	assert_string_equal(status().version, "0.29");
	refusal = NULL;
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_OK);
	assert_string_equal(status().text, "");
}

static void test_tailnet_upgrade__trouble_is_logged_once(void **state)
{
	(void)state;
	change(grpc, "", 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_ERR_UNREACHABLE);
	assert_int_equal(warnings, 1);
	assert_text_has(log_text, "HTTP 502");
	/* Another failure is news. */
	fake_pages_set(http, fake_pages_of(OURO__BAND_I));
	refusal = "validating token";
	for (int i = 0; i < 3; i++)
		assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_ERR_UNAUTHENTICATED);
	assert_int_equal(warnings, 2);
	/* The same with other words is not, for a while. */
	refusal = "invalid token";
	assert_int_equal(ouro_tailnet_check(tailnet, NULL), OURO_ERR_UNAUTHENTICATED);
	assert_int_equal(warnings, 2);
}

/* A server that was away for a while is seen within seconds of its return, by people who keep trying. */
static void test_tailnet_upgrade__return_is_noticed(void **state)
{
	static const struct timespec pause = {0, 50 * 1000000};
	int64_t until = ouro__clock_ms() + 4000;
	ouro__snapshot *snapshot = NULL;
	int64_t back;

	(void)state;
	change(grpc, "", 1);
	while (ouro__clock_ms() < until) {
		assert_int_equal(
			ouro__tailnet_read_fresh(tailnet, &snapshot, NULL), OURO_ERR_UNREACHABLE);
		(void)nanosleep(&pause, NULL);
	}
	go_to_http();
	back = ouro__clock_ms();
	while (ouro__tailnet_read_fresh(tailnet, &snapshot, NULL) < 0)
		(void)nanosleep(&pause, NULL);
	assert_true(ouro__clock_ms() - back < 3500);
	ouro__snapshot_unref(snapshot);
}

static void test_tailnet_upgrade__nobody_looks(void **state)
{
	static const struct timespec pause = {0, 300 * 1000000};

	(void)state;
	ouro__snapshot_unref(fresh());
	change(grpc, "", 1);
	grpc->probes = http->gets = 0;
	(void)nanosleep(&pause, NULL);
	assert_int_equal(fake_channel_get(grpc, &grpc->probes), 0);
	assert_int_equal(http->gets, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_tailnet_upgrade__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(grpc_vanishes),
		CASE(writes_stay_with_their_server),
		CASE(a_new_connection_holds_writes_back),
		CASE(a_lost_write_is_not_known),
		CASE(missing_methods_raise_doubt),
		CASE(decisions_look_first),
		CASE(a_newer_one_is_only_read),
		CASE(keys_that_are_refused),
		CASE(trouble_is_logged_once),
		CASE(return_is_noticed),
		CASE(nobody_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
