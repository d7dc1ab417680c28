/* The HTTP channel against a real server on loopback and on a unix socket: what it sends, when it repeats and when it must not, the
 * epoch, and how long anybody waits. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sys.h"
#include "json_world.h"

static void test_rpc_json_channel__reads_share_a_connection(void **state)
{
	struct json_world *w = json_begin(json_good);

	(void)state;
	assert_int_equal(ouro__channel_epoch(w->channel), 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(json_call(w, &json_reading), OURO_OK);
	assert_int_equal(w->reply.id, 7);
	assert_string_equal(w->name, "seven");
	assert_int_equal(json_connections(w), 1);
	assert_int_equal(ouro__channel_epoch(w->channel), 1);
	assert_true(fake_http_saw(&w->server, "GET /api/v1/thing?id=7&name=a%20b HTTP/1.1\r\n"));
	assert_true(fake_http_saw(&w->server, "Authorization: Bearer the-key\r\n"));
	assert_true(fake_http_saw(&w->server, w->server.address));
	assert_false(fake_http_saw(&w->server, "Accept-Encoding"));
	json_logged(w, 1);
	assert_text_has(w->log, "connected to Headscale at 127.0.0.1:");
	json_end(w);
}

static void test_rpc_json_channel__what_is_sent(void **state)
{
	struct json_world *w = json_begin(json_good);
	const struct json_thing odd = {7, "b\xc3\xbcro pc?&#%"};

	(void)state;
	assert_int_equal(json_call(w, &json_writing), OURO_OK);
	assert_true(fake_http_saw(&w->server, "POST /api/v1/thing/7 HTTP/1.1\r\n"));
	assert_true(fake_http_saw(&w->server, "Content-Type: application/json\r\n"));
	assert_true(fake_http_saw(&w->server, "\r\n\r\n{\"name\":\"a b\"}"));
	assert_false(fake_http_saw(&w->server, "Expect"));
	assert_int_equal(json_call_with(w, &json_naming, 0, &odd, JSON_DEADLINE_MS), OURO_OK);
	assert_true(fake_http_saw(
		&w->server, "POST /api/v1/thing/7/name/b%C3%BCro%20pc%3F%26%23%25 HTTP/1.1\r\n"));
	assert_true(fake_http_saw(&w->server, "\r\n\r\n{}"));
	assert_int_equal(json_call(w, &json_deleting), OURO_OK);
	assert_true(fake_http_saw(&w->server, "DELETE /api/v1/thing/7 HTTP/1.1\r\n"));
	assert_false(fake_http_saw(&w->server, "Content-Length"));
	json_end(w);
}

static void test_rpc_json_channel__bad_segments_stay_home(void **state)
{
	static const char *const names[] = {"", ".", "..", "a/b", "/", "\xff"};
	struct json_world *w = json_begin(json_good);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct json_thing request = {7, names[i]};

		assert_int_equal(json_call_with(w, &json_naming, 0, &request, JSON_DEADLINE_MS),
			OURO_ERR_INVALID);
	}
	assert_int_equal(json_call_with(w, &json_deleting, 0, &(struct json_thing){0, "x"},
				 JSON_DEADLINE_MS),
		OURO_ERR_INVALID);
	assert_int_equal(json_call(w, &json_grpc_only), OURO_ERR_UNSUPPORTED);
	assert_int_equal(json_connections(w), 0);
	json_end(w);
}

static void test_rpc_json_channel__unix_socket_and_prefix(void **state)
{
	struct json_world *w = calloc(1, sizeof(*w));
	char path[100];
	struct ouro__json_options options = {.socket_path = path, .prefix = "/head-scale/x"};
	ouro__buf body = OURO__BUF_INIT(64);
	int http = 0;

	(void)state;
	(void)snprintf(path, sizeof(path), "/tmp/ouro-json-%d.sock", (int)getpid());
	w->server.answer = json_good;
	fake_http_start(&w->server, path, 0);
	assert_int_equal(ouro__json_channel_new(&options, &w->channel, NULL), OURO_OK);
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	assert_true(fake_http_saw(&w->server, "GET /head-scale/x/api/v1/thing?"));
	assert_true(fake_http_saw(&w->server, "Host: localhost\r\n"));
	assert_false(fake_http_saw(&w->server, "Authorization"));
	assert_int_equal(w->channel->ops->get(w->channel, "/version?x=1",
				 ouro__clock_ms() + JSON_DEADLINE_MS, &http, &body, NULL),
		OURO_OK);
	assert_true(fake_http_saw(&w->server, "GET /head-scale/x/version?x=1 HTTP/1.1\r\n"));
	ouro__buf_done(&body);
	json_end(w);
}

/* A connection costs next to nothing there: each call has its own, and the last one stays to tell whether it is the same server. */
static void test_rpc_json_channel__a_socket_keeps_one(void **state)
{
	struct json_world *w = json_begin(json_good);

	(void)state;
	assert_int_equal(ouro__channel_epoch(w->channel), 1);
	for (unsigned i = 1; i <= 5; i++) {
		assert_int_equal(json_call(w, i == 3 ? &json_writing : &json_reading), OURO_OK);
		assert_int_equal(json_connections(w), i);
		for (int wait = 0;
			wait < 100 && fake_http_count(&w->server, &w->server.threads) > 1; wait++)
			json_pause_ms(10);
		assert_int_equal(fake_http_count(&w->server, &w->server.threads), 1);
	}
	assert_int_equal(ouro__channel_epoch(w->channel), 1);
	json_logged(w, 1);
	assert_text_has(w->log, "connected to Headscale at /tmp/");
	json_end(w);
}

static void test_rpc_json_channel__options(void **state)
{
	static const struct ouro__json_options bad[] = {
		{.endpoint = NULL},
		{.endpoint = "https://x"},
		{.endpoint = "x:0"},
		{.endpoint = "x", .prefix = "x"},
		{.endpoint = "x", .prefix = "/x/"},
		{.endpoint = "x", .prefix = "/"},
		{.endpoint = "x", .prefix = "/../y"},
		{.endpoint = "x", .prefix = "/a?b"},
		{.endpoint = "x", .prefix = "//y"},
		{.endpoint = "x", .api_key = ""},
		{.endpoint = "x", .api_key = "a b"},
		{.endpoint = "x", .api_key = "a\r\nX: y"},
	};
	const struct ouro__json_options no_file = {.endpoint = "x", .ca_file = "/nonexistent/ca"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ouro_error error = OURO_ERROR_INIT;
		ouro__channel *channel = NULL;

		assert_int_equal(
			ouro__json_channel_new(&bad[i], &channel, &error), OURO_ERR_INVALID);
		assert_true(error.text[0]);
		assert_null(channel);
	}
	assert_int_equal(
		ouro__json_channel_new(&no_file, &(ouro__channel *){NULL}, NULL), OURO_ERR_IO);
}

static void test_rpc_json_channel__public_pages(void **state)
{
	struct json_world *w = json_begin(json_good);
	ouro__buf body = OURO__BUF_INIT(25);
	int http = 0;

	(void)state;
	assert_int_equal(w->channel->ops->get(w->channel, "/version",
				 ouro__clock_ms() + JSON_DEADLINE_MS, &http, &body, &w->error),
		OURO_OK);
	assert_int_equal(http, 200);
	assert_string_equal(ouro__buf_str(&body), "{\"id\":\"7\",\"name\":\"seven\"}");
	assert_false(fake_http_saw(&w->server, "Authorization"));
	body.max = 24;
	assert_int_equal(w->channel->ops->get(w->channel, "/version",
				 ouro__clock_ms() + JSON_DEADLINE_MS, &http, &body, &w->error),
		OURO_ERR_LIMIT);
	assert_int_equal(w->channel->ops->get(
				 w->channel, "version", ouro__clock_ms(), &http, &body, &w->error),
		OURO_ERR_INVALID);
	assert_int_equal(
		w->channel->ops->get(w->channel, "/a b", ouro__clock_ms(), &http, &body, &w->error),
		OURO_ERR_INVALID);
	ouro__buf_done(&body);
	json_end(w);
}

/* ---- never twice ---- */

static int cut_second(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	/* The first connection answers once; the second request on it gets nothing. */
	if (connection == 1 && request == 2)
		return 0;
	return json_good(server, fd, connection, request);
}

static void test_rpc_json_channel__a_read_is_repeated(void **state)
{
	struct json_world *w = json_begin(cut_second);
	uint64_t epoch;

	(void)state;
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	epoch = ouro__channel_epoch(w->channel);
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	assert_int_equal(json_connections(w), 2);
	assert_true(ouro__channel_epoch(w->channel) > epoch);
	json_end(w);
}

static int cut_writes(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	if (!fake_http_saw(server, "GET "))
		return 0;
	return json_good(server, fd, connection, request);
}

static void test_rpc_json_channel__a_write_never_is(void **state)
{
	struct json_world *w = json_begin(cut_writes);
	uint64_t epoch;

	(void)state;
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	epoch = ouro__channel_epoch(w->channel);
	assert_int_equal(json_call(w, &json_writing), OURO_ERR_UNCERTAIN);
	assert_int_equal(json_call(w, &json_deleting), OURO_ERR_UNCERTAIN);
	json_pause_ms(300);
	assert_int_equal(json_requests(w), 3);
	assert_int_equal(json_connections(w), 3);
	/* The server was not reached: look again who it is. */
	assert_true(ouro__channel_epoch(w->channel) > epoch);
	json_end(w);
}

static void test_rpc_json_channel__writes_use_their_own_connections(void **state)
{
	struct json_world *w = json_begin(json_good);
	uint64_t epoch;

	(void)state;
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	epoch = ouro__channel_epoch(w->channel);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			json_call_with(w, &json_writing, epoch, &(struct json_thing){7, "x"}, 2000),
			OURO_OK);
	assert_int_equal(json_connections(w), 4);
	assert_int_equal(ouro__channel_epoch(w->channel), epoch);
	/* Reads are still on the first. */
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	assert_int_equal(json_connections(w), 4);
	json_end(w);
}

/* ---- the epoch ---- */

static void test_rpc_json_channel__a_replaced_server_gets_nothing(void **state)
{
	static const struct json_thing request = {7, "x"};
	struct json_world *w = json_begin(json_good);
	uint64_t epoch;

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(json_call(w, &json_reading), OURO_OK);
		epoch = ouro__channel_epoch(w->channel);
		assert_int_equal(json_call_with(w, &json_writing, epoch, &request, 2000), OURO_OK);
		/* As in a restart: the old connections end, then there is a listener again. */
		fake_http_hang_up(&w->server);
		assert_int_equal(json_call_with(w, i & 1 ? &json_writing : &json_reading, epoch,
					 &request, 2000),
			OURO_ERR_UNREACHABLE);
		assert_int_equal(w->error.flags & OURO_ERROR_RETRYABLE, OURO_ERROR_RETRYABLE);
		assert_text_has(w->error.text, "made anew");
		assert_int_equal(json_requests(w), 2 * (unsigned)(i + 1));
		assert_true(ouro__channel_epoch(w->channel) > epoch);
	}
	json_end(w);
}

static void test_rpc_json_channel__idle_loss_shows_in_the_epoch(void **state)
{
	struct json_world *w = json_begin(json_good);
	uint64_t epoch;

	(void)state;
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	epoch = ouro__channel_epoch(w->channel);
	fake_http_hang_up(&w->server);
	for (int i = 0; i < 100 && ouro__channel_epoch(w->channel) == epoch; i++)
		json_pause_ms(10);
	assert_int_equal(ouro__channel_epoch(w->channel), epoch + 1);
	/* A detection before and after sees one and the same server. */
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	assert_int_equal(ouro__channel_epoch(w->channel), epoch + 1);
	json_end(w);
}

struct job {
	struct json_world *w;
	uint64_t epoch;
	ouro_status rc;
};

static void *read_once(void *arg)
{
	struct job *job = arg;
	const struct json_thing request = {7, "x"};
	const struct ouro__terms terms = {1, job->epoch};
	ouro__arena *arena = ouro__arena_new(1 << 20);
	void *reply = NULL;

	job->rc = ouro__channel_call(job->w->channel, &json_reading, &terms, &request,
		ouro__clock_ms() + JSON_DEADLINE_MS, arena, &reply, NULL);
	ouro__arena_free(arena);
	return NULL;
}

static int slow(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	json_pause_ms(100);
	return json_good(server, fd, connection, request);
}

static void test_rpc_json_channel__parallel_reads_are_one_server(void **state)
{
	struct json_world *w = json_begin(slow);
	struct job jobs[12];
	pthread_t threads[12];
	uint64_t epoch;

	(void)state;
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	epoch = ouro__channel_epoch(w->channel);
	for (size_t i = 0; i < 12; i++) {
		jobs[i] = (struct job){w, epoch, OURO_ERR_INTERNAL};
		assert_int_equal(pthread_create(&threads[i], NULL, read_once, &jobs[i]), 0);
	}
	for (size_t i = 0; i < 12; i++) {
		(void)pthread_join(threads[i], NULL);
		assert_int_equal(jobs[i].rc, OURO_OK);
	}
	assert_true(json_connections(w) > 1);
	assert_int_equal(ouro__channel_epoch(w->channel), epoch);
	json_end(w);
}

static int closing(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	(void)server;
	(void)connection;
	(void)request;
	fake_http_say(fd,
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
		"Content-Length: 10\r\n\r\n{\"id\":\"7\"}");
	return 0;
}

/* Towards a server that keeps no connections nothing could ever be done otherwise. */
static void test_rpc_json_channel__a_server_that_keeps_nothing(void **state)
{
	static const struct json_thing request = {7, "x"};
	struct json_world *w = json_begin(closing);
	uint64_t epoch = 0;

	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(json_call(w, &json_reading), OURO_OK);
		epoch = ouro__channel_epoch(w->channel);
		assert_int_equal(json_call_with(w, &json_reading, epoch, &request, 2000), OURO_OK);
		assert_int_equal(json_call_with(w, &json_writing, epoch, &request, 2000), OURO_OK);
		assert_int_equal(ouro__channel_epoch(w->channel), epoch);
	}
	json_pause_ms(1100);
	assert_true(ouro__channel_epoch(w->channel) > epoch);
	assert_int_equal(
		json_call_with(w, &json_writing, epoch, &request, 2000), OURO_ERR_UNREACHABLE);
	json_end(w);
}

/* ---- nobody there ---- */

static void test_rpc_json_channel__nobody_there(void **state)
{
	struct json_world *w = json_begin(json_good);
	int64_t began;
	uint64_t epoch = ouro__channel_epoch(w->channel);

	(void)state;
	fake_http_stop(&w->server);
	assert_int_equal(json_call(w, &json_writing), OURO_ERR_UNREACHABLE);
	assert_int_equal(w->error.flags & OURO_ERROR_RETRYABLE, OURO_ERROR_RETRYABLE);
	assert_text_has(w->error.text, "cannot reach Headscale at ");
	assert_text_has(w->error.text, w->server.address);
	assert_true(ouro__channel_epoch(w->channel) > epoch);
	/* At once, and without a line in the log for each. */
	began = ouro__clock_ms();
	for (int i = 0; i < 50; i++)
		assert_int_equal(json_call(w, &json_reading), OURO_ERR_UNREACHABLE);
	assert_true(ouro__clock_ms() - began < 500);
	json_logged(w, 1);
	/* It comes back; after some quiet the next call tries. A socket's attempt costs nothing: there each call tries. */
	json_restart(w);
	if (!json_on_socket)
		json_pause_ms(2100);
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	json_end(w);
}

/* ---- time ---- */

static void test_rpc_json_channel__nobody_waits_longer(void **state)
{
	static const struct json_thing request = {7, "x"};
	struct json_world *w = json_begin(json_silent);
	int64_t began = ouro__clock_ms();

	(void)state;
	assert_int_equal(json_call_with(w, &json_reading, 0, &request, 300), OURO_ERR_TIMEOUT);
	assert_int_equal(json_call_with(w, &json_writing, 0, &request, 300), OURO_ERR_UNCERTAIN);
	assert_true(ouro__clock_ms() - began < 1500);
	/* Their connections are closed, so that the server stops too. */
	for (int i = 0; i < 100 && fake_http_count(&w->server, &w->server.threads); i++)
		json_pause_ms(10);
	assert_int_equal(fake_http_count(&w->server, &w->server.threads), 0);
	json_end(w);
}

static void test_rpc_json_channel__stop_ends_calls(void **state)
{
	struct json_world *w = json_begin(json_silent);
	struct job job = {w, 0, OURO_OK};
	pthread_t thread;
	int64_t began;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, read_once, &job), 0);
	while (!json_requests(w))
		json_pause_ms(5);
	began = ouro__clock_ms();
	ouro__channel_stop(w->channel);
	(void)pthread_join(thread, NULL);
	assert_int_equal(job.rc, OURO_ERR_UNREACHABLE);
	assert_int_equal(json_call(w, &json_writing), OURO_ERR_UNREACHABLE);
	json_end(w);
	assert_true(ouro__clock_ms() - began < 1000);
}

int main(void)
{
	const struct CMUnitTest both[] = {
		cmocka_unit_test(test_rpc_json_channel__what_is_sent),
		cmocka_unit_test(test_rpc_json_channel__bad_segments_stay_home),
		cmocka_unit_test(test_rpc_json_channel__public_pages),
		cmocka_unit_test(test_rpc_json_channel__a_write_never_is),
		cmocka_unit_test(test_rpc_json_channel__a_replaced_server_gets_nothing),
		cmocka_unit_test(test_rpc_json_channel__idle_loss_shows_in_the_epoch),
		cmocka_unit_test(test_rpc_json_channel__parallel_reads_are_one_server),
		cmocka_unit_test(test_rpc_json_channel__a_server_that_keeps_nothing),
		cmocka_unit_test(test_rpc_json_channel__nobody_there),
		cmocka_unit_test(test_rpc_json_channel__nobody_waits_longer),
		cmocka_unit_test(test_rpc_json_channel__stop_ends_calls),
	};
	const struct CMUnitTest tcp[] = {
		cmocka_unit_test(test_rpc_json_channel__reads_share_a_connection),
		cmocka_unit_test(test_rpc_json_channel__options),
		cmocka_unit_test(test_rpc_json_channel__a_read_is_repeated),
		cmocka_unit_test(test_rpc_json_channel__writes_use_their_own_connections),
	};
	const struct CMUnitTest sockets[] = {
		cmocka_unit_test(test_rpc_json_channel__unix_socket_and_prefix),
		cmocka_unit_test(test_rpc_json_channel__a_socket_keeps_one),
	};
	int failed;

	/* A proxy of the environment is not for us. */
	(void)setenv("http_proxy", "http://127.0.0.1:9", 1);
	(void)setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
	failed = cmocka_run_group_tests_name("tcp", both, NULL, NULL);
	failed += cmocka_run_group_tests_name("tcp alone", tcp, NULL, NULL);
	json_on_socket = 1;
	failed += cmocka_run_group_tests_name("sockets", both, NULL, NULL);
	return failed + cmocka_run_group_tests_name("sockets alone", sockets, NULL, NULL);
}
