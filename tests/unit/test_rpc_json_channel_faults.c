/* The HTTP channel when something goes wrong: servers that break off, garble, stall or are not there, callers that have no time, and
 * a channel that ends in between. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sys.h"
#include "json_world.h"

static const struct json_thing seven = {7, "x"};

/* ---- reads are repeated, twice at most ---- */

static int cut_two(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	return connection > 2 ? json_good(server, fd, connection, request) : 0;
}

static int cut_all(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	(void)server;
	(void)fd;
	(void)connection;
	(void)request;
	return 0;
}

static void test_rpc_json_channel_faults__repeated_twice(void **state)
{
	struct json_world *w = json_begin(cut_two);

	(void)state;
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	assert_int_equal(json_requests(w), 3);
	json_end(w);
	w = json_begin(cut_all);
	assert_int_equal(json_call(w, &json_reading), OURO_ERR_UNREACHABLE);
	assert_int_equal(json_requests(w), 3);
	/* Not where the time would be up before. */
	assert_int_equal(json_call_with(w, &json_reading, 0, &seven, 30), OURO_ERR_UNREACHABLE);
	assert_true(json_requests(w) <= 4);
	json_end(w);
}

/* Counted: 502, 503, 504, and then a good one. */
static int down_for_a_while(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	unsigned seen = fake_http_count(server, &server->requests);

	if (seen > 2)
		return json_good(server, fd, connection, request);
	fake_http_reply(fd, seen == 1 ? 502 : 504, "text/html", "<html>");
	return 1;
}

static int down_503(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	(void)server;
	(void)connection;
	(void)request;
	fake_http_reply(fd, 503, "text/plain", "no server is available");
	return 1;
}

static void test_rpc_json_channel_faults__a_proxy_without_its_server(void **state)
{
	struct json_world *w = json_begin(down_for_a_while);
	uint64_t epoch = ouro__channel_epoch(w->channel);

	(void)state;
	assert_int_equal(json_call(w, &json_reading), OURO_OK);
	assert_int_equal(json_requests(w), 3);
	/* Whoever answers now may be another one. */
	assert_true(ouro__channel_epoch(w->channel) >= epoch + 2);
	json_end(w);
	w = json_begin(down_503);
	assert_int_equal(json_call(w, &json_reading), OURO_ERR_UNREACHABLE);
	assert_text_has(w->error.text, "Headscale is down");
	assert_int_equal(json_requests(w), 3);
	assert_int_equal(json_call(w, &json_writing), OURO_ERR_UNCERTAIN);
	assert_int_equal(json_requests(w), 4);
	json_end(w);
}

static int cut_and_leave(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	(void)fd;
	(void)connection;
	(void)request;
	(void)shutdown(server->listener, SHUT_RDWR);
	return 0;
}

/* It was there, and is not any more: that what was sent broke is said, and the server is known to be down. */
static void test_rpc_json_channel_faults__gone_in_between(void **state)
{
	struct json_world *w = json_begin(cut_and_leave);
	int64_t began;

	(void)state;
	assert_int_equal(json_call(w, &json_reading), OURO_ERR_UNREACHABLE);
	assert_text_has(w->error.text, "cannot reach Headscale at");
	assert_int_equal(json_requests(w), 1);
	began = ouro__clock_ms();
	assert_int_equal(json_call(w, &json_reading), OURO_ERR_UNREACHABLE);
	assert_true(ouro__clock_ms() - began < 500);
	json_end(w);
}

/* ---- answers that are none ---- */

static const char *bytes_now;

static int say_bytes(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	(void)server;
	(void)connection;
	(void)request;
	fake_http_say(fd, bytes_now);
	return 0;
}

static void test_rpc_json_channel_faults__garbled(void **state)
{
	static const struct {
		const char *bytes;
		ouro_status read;
		const char *words;
	} rows[] = {
		{"", OURO_ERR_UNREACHABLE, ""},
		{"HTTP/1.1 100 Continue\r\n\r\n", OURO_ERR_UNREACHABLE, ""},
		{"HTTP/1.1 200 OK\r\n", OURO_ERR_UNREACHABLE, "without an answer"},
		{"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n", OURO_ERR_UNREACHABLE,
			"without an answer"},
		{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{}",
			OURO_ERR_UNREACHABLE, ""},
		{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n{]}",
			OURO_ERR_PROTOCOL, "GetThing: the answer is not well-formed JSON"},
		{"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", OURO_ERR_PROTOCOL, "Length"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: nonsense\r\n\r\n", OURO_ERR_PROTOCOL, ""},
		{"HTTP/9.9 200 OK\r\n\r\n", OURO_ERR_PROTOCOL, ""},
		{"HTTP/1.1 2x0 OK\r\n\r\n", OURO_ERR_PROTOCOL, ""},
		{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", OURO_ERR_PROTOCOL,
			"compressed"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", OURO_ERR_LIMIT,
			"larger than is taken"},
		{"SSH-2.0-OpenSSH_9.2\r\n", OURO_ERR_PROTOCOL, "does not speak HTTP"},
		{"\x15\x03\x01\x7f\x02\x02\x16", OURO_ERR_PROTOCOL, "the port speaks TLS"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_world *w;

		bytes_now = rows[i].bytes;
		w = json_begin(say_bytes);
		if (json_call(w, &json_reading) != rows[i].read ||
			!strstr(w->error.text, rows[i].words))
			fail_msg("row %zu: %d %s", i, (int)w->error.status, w->error.text);
		assert_true(w->error.text[0]);
		/* A write may have been done, whatever came back. */
		if (json_call(w, &json_writing) != OURO_ERR_UNCERTAIN)
			fail_msg("row %zu: %d %s", i, (int)w->error.status, w->error.text);
		json_end(w);
	}
}

/* What is unusual but right is read: pieces, trailers, an interim answer, the connection's end as the answer's. */
static void test_rpc_json_channel_faults__odd_but_whole(void **state)
{
	static const char *const rows[] = {
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
		"4\r\n{\"id\r\n6\r\n\":\"7\"}\r\n0\r\nX-Sum: 1\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n"
		"\r\n{\"id\":\"7\"}",
		"HTTP/1.0 200 OK\nContent-Type: application/json\n\n{\"id\":\"7\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_world *w;

		bytes_now = rows[i];
		w = json_begin(say_bytes);
		if (json_call(w, &json_reading) != OURO_OK)
			fail_msg("row %zu: %s", i, w->error.text);
		assert_int_equal(w->reply.id, 7);
		assert_int_equal(json_call(w, &json_writing), OURO_OK);
		json_end(w);
	}
}

static void test_rpc_json_channel_faults__each_failure_is_logged_once(void **state)
{
	struct json_world *w = json_begin(json_good);
	ouro__buf body = OURO__BUF_INIT(100);
	int http = 0;

	(void)state;
	fake_http_stop(&w->server);
	/* Who asks what answers there gets an attempt each time, however long the others would wait by now. */
	for (int i = 0; i < 12; i++)
		assert_int_equal(w->channel->ops->get(w->channel, "/version",
					 ouro__clock_ms() + 3000, &http, &body, &w->error),
			OURO_ERR_UNREACHABLE);
	json_logged(w, 1);
	assert_text_has(w->log, "cannot reach Headscale at");
	ouro__channel_stop(w->channel);
	assert_int_equal(w->channel->ops->get(w->channel, "/version", ouro__clock_ms() + 3000,
				 &http, &body, &w->error),
		OURO_ERR_UNREACHABLE);
	assert_text_has(w->error.text, "shut down");
	json_restart(w);
	ouro__buf_done(&body);
	json_end(w);
}

/* ---- time ---- */

static ouro__call *start(struct json_world *w, int64_t deadline)
{
	static const struct ouro__terms any = {1, 0};
	ouro__call *call = NULL;

	assert_int_equal(w->channel->ops->start(w->channel, &json_reading, &any, &seven, deadline,
				 &call, &w->error),
		OURO_OK);
	return call;
}

static ouro_status finish(struct json_world *w, ouro__call *call)
{
	ouro__arena *arena = ouro__arena_new(4096);
	void *reply = NULL;
	ouro_status rc;

	w->error = (ouro_error)OURO_ERROR_INIT;
	rc = w->channel->ops->finish(w->channel, call, arena, &reply, &w->error);
	ouro__arena_free(arena);
	return rc;
}

static void test_rpc_json_channel_faults__no_time(void **state)
{
	struct json_world *w = json_begin(json_silent);

	(void)state;
	/* Too late before it began: sometimes it has left by then, sometimes not. */
	for (int i = 0; i < 100; i++) {
		ouro_status rc = json_call_with(w, &json_writing, 0, &seven, i & 1 ? -1 : -5000);

		assert_true(rc == OURO_ERR_UNREACHABLE || rc == OURO_ERR_UNCERTAIN);
	}
	/* Nobody comes for the answer: the transfer ends by itself. */
	ouro__call *call = start(w, ouro__clock_ms() + 100);

	json_pause_ms(1500);
	assert_int_equal(finish(w, call), OURO_ERR_TIMEOUT);
	assert_text_has(w->error.text, "did not answer in time");
	assert_int_equal(w->error.flags & OURO_ERROR_RETRYABLE, OURO_ERROR_RETRYABLE);
	json_end(w);
	w = json_begin(json_good);
	/* As good as no deadline. */
	assert_int_equal(
		finish(w, start(w, ouro__clock_ms() + INT64_C(1) * 24 * 3600 * 1000)), OURO_OK);
	json_end(w);
}

/* As many as are taken; then one more. */
static void test_rpc_json_channel_faults__too_many(void **state)
{
	static ouro__call *calls[OURO__JSON_CALLS_MAX];
	struct json_world *w = json_begin(json_silent);

	(void)state;
	for (size_t i = 0; i < OURO__JSON_CALLS_MAX; i++)
		calls[i] = start(w, ouro__clock_ms() + 20000);
	assert_int_equal(json_call(w, &json_reading), OURO_ERR_LIMIT);
	assert_text_has(w->error.text, "256 calls");
	ouro__channel_stop(w->channel);
	for (size_t i = 0; i < OURO__JSON_CALLS_MAX; i++)
		assert_int_equal(finish(w, calls[i]), OURO_ERR_UNREACHABLE);
	json_end(w);
}

/* Also calls that wait to be repeated. */
static void test_rpc_json_channel_faults__stopped_while_it_waits(void **state)
{
	struct json_world *w = json_begin(cut_all);

	(void)state;
	for (int i = 0; i < 10; i++) {
		unsigned before = json_requests(w);
		ouro__call *call = start(w, ouro__clock_ms() + 5000);

		while (json_requests(w) == before)
			json_pause_ms(1);
		json_pause_ms(10);
		ouro__channel_stop(w->channel);
		assert_int_equal(finish(w, call), OURO_ERR_UNREACHABLE);
		ouro__channel_free(w->channel);
		json_open(w, "the-key");
	}
	json_end(w);
}

/* Without descriptors nothing is reached, and that is said at once; with them again it is. */
static void test_rpc_json_channel_faults__no_descriptors(void **state)
{
	struct json_world *w = json_begin(json_good);
	ouro_status seen[2] = {OURO_OK, OURO_OK};
	struct rlimit before;
	struct rlimit few;
	int next = dup(0);

	(void)state;
	assert_true(next > 0);
	(void)close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	/* Too few to begin with; then enough for that, and none for a connection. On a socket there is nothing to begin with. */
	for (int more = 0; more < (json_on_socket ? 1 : 10) && seen[1] != OURO_ERR_UNREACHABLE;
		more++) {
		int64_t began = ouro__clock_ms();

		few.rlim_cur = (rlim_t)next + (rlim_t)more;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		seen[more > 0] = json_call(w, &json_writing);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		assert_text_has(w->error.text, "no file descriptors left");
		assert_true(ouro__clock_ms() - began < JSON_DEADLINE_MS - 500);
	}
	assert_int_equal(seen[0], json_on_socket ? OURO_ERR_UNREACHABLE : OURO_ERR_IO);
	assert_int_equal(seen[1], json_on_socket ? OURO_OK : OURO_ERR_UNREACHABLE);
	/* The server of this test may have suffered as well. */
	fake_http_stop(&w->server);
	json_restart(w);
	json_pause_ms(2100);
	assert_int_equal(json_call(w, &json_writing), OURO_OK);
	json_end(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_json_channel_faults__repeated_twice),
		cmocka_unit_test(test_rpc_json_channel_faults__a_proxy_without_its_server),
		cmocka_unit_test(test_rpc_json_channel_faults__gone_in_between),
		cmocka_unit_test(test_rpc_json_channel_faults__garbled),
		cmocka_unit_test(test_rpc_json_channel_faults__odd_but_whole),
		cmocka_unit_test(test_rpc_json_channel_faults__each_failure_is_logged_once),
		cmocka_unit_test(test_rpc_json_channel_faults__no_time),
		cmocka_unit_test(test_rpc_json_channel_faults__too_many),
		cmocka_unit_test(test_rpc_json_channel_faults__stopped_while_it_waits),
		cmocka_unit_test(test_rpc_json_channel_faults__no_descriptors),
	};

	int failed = cmocka_run_group_tests_name("tcp", tests, NULL, NULL);

	json_on_socket = 1;
	return failed + cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
