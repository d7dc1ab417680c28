/* Connecting: what calls are told while it does not go well, when the next attempt is made, and that nothing leaves before
 * the server has spoken HTTP/2. */
#include "grpc_script.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RETRYABLE = OURO_ERROR_RETRYABLE, SETTINGS = 4 };

static void refuse_from(struct grpc_script *script, size_t first)
{
	for (size_t i = first; i < GRPC_CONNECTIONS_MAX; i++)
		script->connections[i].refuses = OURO_ERR_UNREACHABLE;
}

/* ---- ports that are the wrong ones ---- */

static void test_rpc_grpc_connect__silent_port(void **state)
{
	struct grpc_script *s = grpc_script_new(0);

	(void)state;
	grpc_open(s, (struct ouro__grpc_options){.connect_timeout_ms = 50});
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_UNREACHABLE);
	assert_text_has(s->error.text, "cannot reach Headscale at ");
	assert_text_has(s->error.text, "does not speak HTTP/2 in time");
	assert_int_equal(s->error.flags & RETRYABLE, RETRYABLE);
	grpc_close(s);
	assert_int_equal(grpc_got(s, "words"), 0);
	grpc_script_free(s);
}

/* The same end of a connection says different things: only without TLS, towards a port, is TLS what is missing. */
static void test_rpc_grpc_connect__closed_at_once(void **state)
{
	static const struct {
		const char *endpoint;
		const char *socket_path;
		int plaintext;
		const char *text;
		const char *scheme;
	} rows[] = {
		{"127.0.0.1:50443", NULL, 1, "if it has TLS, do not set plaintext", "http"},
		{"127.0.0.1:50443", NULL, 0, "the server closed the connection", "https"},
		{NULL, "/run/headscale.sock", 0, "the server closed the connection", "http"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct grpc_script *s = grpc_script_new(0);
		char where[128];

		grpc_ends(s, 0, 0);
		grpc_greets(s, 1);
		grpc_answers(s, 1, 1, 1);
		grpc_open(s,
			(struct ouro__grpc_options){.endpoint = rows[i].endpoint,
				.socket_path = rows[i].socket_path,
				.plaintext = rows[i].plaintext});
		assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_UNREACHABLE);
		assert_text_has(s->error.text, rows[i].text);
		(void)snprintf(where, sizeof(where), "cannot reach Headscale at %s: ",
			rows[i].endpoint ? rows[i].endpoint : rows[i].socket_path);
		assert_text_has(s->error.text, where);
		/* After the pause of a second and more the same port is the right one. */
		(void)poll(NULL, 0, 1300);
		assert_int_equal(grpc_call(s, &grpc_writing, "other"), OURO_OK);
		grpc_close(s);
		assert_string_equal(grpc_got_field(s, 1, 1, ":scheme"), rows[i].scheme);
		assert_string_equal(grpc_got_field(s, 1, 1, ":authority"),
			rows[i].endpoint ? rows[i].endpoint : "localhost");
		assert_int_equal(grpc_got(s, "words"), 0);
		grpc_script_free(s);
	}
}

/* SETTINGS in crumbs: more turns than one before the server has said them. */
static void test_rpc_grpc_connect__slow_greeting(void **state)
{
	struct grpc_script *s = grpc_script_new(0);
	uint8_t entries[6 * 20];

	(void)state;
	for (size_t i = 0; i < sizeof(entries); i++)
		entries[i] = i % 6 == 1 ? 0x77 : 0; /* of a number that nobody knows */
	s->connections[0].read_most = 1;
	grpc_says(s, 0, 0, NULL, 0);
	grpc_frame(s, 0, SETTINGS, 0, 0, entries, sizeof(entries));
	grpc_answers(s, 0, 1, 1);
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_OK);
	assert_string_equal(s->reply, "hey");
	grpc_script_free(s);
}

static void test_rpc_grpc_connect__no_memory_for_a_stream(void **state)
{
	struct grpc_script *s = grpc_script_new(1);

	(void)state;
	s->most = 0;
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_NOMEM);
	assert_string_equal(s->error.text, "out of memory");
	grpc_script_free(s);
}

/* ---- the next attempt ---- */

/* While the server is down calls fail at once; the thread tries again by itself, since somebody was refused. */
static void test_rpc_grpc_connect__comes_back_by_itself(void **state)
{
	struct grpc_script *s = grpc_script_new(1);
	int64_t began;

	(void)state;
	s->connections[0].refuses = OURO_ERR_UNREACHABLE;
	grpc_answers(s, 1, 1, 1);
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_call(s, &grpc_reading, ""), OURO_ERR_UNREACHABLE);
	began = ouro__clock_ms();
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_UNREACHABLE);
	assert_text_has(s->error.text, "the script refuses the connection");
	assert_int_equal(s->error.flags & RETRYABLE, RETRYABLE);
	grpc_wait_epoch(s, 1);
	assert_true(ouro__clock_ms() - began >= 700);
	assert_int_equal(grpc_call(s, &grpc_reading, ""), OURO_OK);
	assert_int_equal(s->made, 2);
	grpc_close(s);
	assert_int_equal(grpc_got(s, "words"), 0);
	grpc_script_free(s);
}

/* Who asks what answers there always gets an attempt; the pause grows all the same; and after two quiet seconds the
 * next call gets one. */
static void test_rpc_grpc_connect__pauses(void **state)
{
	static const char *const methods[] = {"GetText"};
	static const struct ouro__terms any = {1, 0};
	const struct {
		const char *text;
	} request = {"words"};
	struct grpc_script *s = grpc_script_new(1);
	ouro_error small = OURO_ERROR_INIT;
	ouro__call *call = NULL;
	uint32_t there = 77;
	uint64_t epoch = 77;

	(void)state;
	refuse_from(s, 0);
	grpc_open(s, (struct ouro__grpc_options){0});
	for (size_t i = 0; i < 9; i++) {
		assert_int_equal(grpc_probe(s, methods, 1, &there, &epoch), OURO_ERR_UNREACHABLE);
		assert_int_equal(s->made, i + 1);
	}
	assert_int_equal(there, 77);
	assert_int_equal(epoch, 77);
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_UNREACHABLE);
	small.size = 8;
	assert_int_equal(s->channel->ops->start(s->channel, &grpc_reading, &any, &request,
				 ouro__clock_ms() + 1000, &call, &small),
		OURO_ERR_UNREACHABLE);
	assert_int_equal(s->channel->ops->start(s->channel, &grpc_reading, &any, &request,
				 ouro__clock_ms() + 1000, &call, NULL),
		OURO_ERR_UNREACHABLE);
	assert_int_equal(small.status, OURO_OK);
	assert_null(call);
	assert_int_equal(s->made, 9);
	(void)poll(NULL, 0, 2100);
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_UNREACHABLE);
	assert_int_equal(s->made, 10);
	grpc_script_free(s);
}

/* Two reads lose their connection, and there is none to be had: each waits its own turn and gives up after two. What comes in
 * between is told at once. */
static void test_rpc_grpc_connect__repeats_while_down(void **state)
{
	struct grpc_script *s = grpc_script_new(1);
	ouro__call *calls[2];

	(void)state;
	grpc_ends(s, 0, 2);
	refuse_from(s, 1);
	grpc_open(s, (struct ouro__grpc_options){0});
	for (size_t i = 0; i < 2; i++)
		calls[i] = grpc_start(s, &grpc_reading, "read", 5000);
	grpc_wait(&s->made, 2);
	(void)poll(NULL, 0, 20);
	assert_int_equal(grpc_call(s, &grpc_writing, "write"), OURO_ERR_UNREACHABLE);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(grpc_finish(s, calls[i]), OURO_ERR_UNREACHABLE);
		assert_text_has(s->error.text, "the script refuses the connection");
	}
	assert_in_range(s->made, 3, 6);
	grpc_close(s);
	assert_int_equal(grpc_got(s, "read"), 2);
	assert_int_equal(grpc_got(s, "write"), 0);
	grpc_script_free(s);
}

/* Connecting takes longer than the second call would have waited: both go out at once then. */
static void test_rpc_grpc_connect__slowly(void **state)
{
	struct grpc_script *s = grpc_script_new(1);
	ouro__call *calls[2];

	(void)state;
	grpc_ends(s, 0, 2);
	s->connections[1].slow_ms = 250;
	grpc_answers(s, 1, 2, 1);
	grpc_answers(s, 1, 2, 3);
	grpc_open(s, (struct ouro__grpc_options){0});
	for (size_t i = 0; i < 2; i++)
		calls[i] = grpc_start(s, &grpc_reading, "read", 5000);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(grpc_finish(s, calls[i]), OURO_OK);
	assert_int_equal(s->made, 2);
	grpc_close(s);
	assert_int_equal(grpc_got(s, "read"), 4);
	grpc_script_free(s);
}

/* ---- stopping ---- */

static void test_rpc_grpc_connect__stopped_while_waiting(void **state)
{
	struct grpc_script *s = grpc_script_new(0);
	ouro__call *call;
	int64_t began = ouro__clock_ms();

	(void)state;
	grpc_open(s, (struct ouro__grpc_options){.connect_timeout_ms = 60000});
	call = grpc_start(s, &grpc_writing, "words", 30000);
	grpc_wait(&s->made, 1);
	(void)poll(NULL, 0, 20);
	ouro__channel_stop(s->channel);
	assert_int_equal(grpc_finish(s, call), OURO_ERR_UNREACHABLE);
	assert_true(ouro__clock_ms() - began < 10000);
	grpc_close(s);
	assert_int_equal(grpc_got(s, "words"), 0);
	grpc_script_free(s);
}

/* The connection comes about, but too late: nothing goes out over it. */
static void test_rpc_grpc_connect__stopped_while_connecting(void **state)
{
	struct grpc_script *s = grpc_script_new(1);

	(void)state;
	s->connections[0].stops = 1;
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_UNREACHABLE);
	assert_string_equal(s->error.text, "the connection is being shut down");
	grpc_close(s);
	assert_int_equal(s->connections[0].requests, 0);
	assert_int_equal(grpc_got(s, "words"), 0);
	grpc_script_free(s);
}

/* ---- real sockets ---- */

static ouro_status call_real(
	const struct ouro__grpc_options *options, ouro_error *error, const char *text)
{
	static const struct ouro__terms any = {1, 0};
	const struct {
		const char *text;
	} request = {text};
	ouro__channel *channel = NULL;
	void *reply = NULL;
	ouro_status rc;

	*error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(ouro__grpc_channel_new(options, &channel, error), OURO_OK);
	rc = ouro__channel_call(channel, &grpc_writing, &any, &request, ouro__clock_ms() + 10000,
		NULL, &reply, error);
	ouro__channel_free(channel);
	return rc;
}

static void test_rpc_grpc_connect__sockets(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	struct ouro__grpc_options options = {.socket_path = "/nonexistent/headscale.sock"};
	ouro_error error;
	char endpoint[64];
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(call_real(&options, &error, ""), OURO_ERR_UNREACHABLE);
	assert_text_has(error.text, "cannot reach Headscale at /nonexistent/headscale.sock: ");
	assert_text_has(error.text, "No such file");
	/* Bound, but nobody listens. */
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(endpoint, sizeof(endpoint), "127.0.0.1:%u", ntohs(address.sin_port));
	options = (struct ouro__grpc_options){.endpoint = endpoint, .plaintext = 1};
	assert_int_equal(call_real(&options, &error, ""), OURO_ERR_UNREACHABLE);
	assert_text_has(error.text, "connect: Connection refused");
	options.plaintext = 0;
	assert_int_equal(call_real(&options, &error, ""), OURO_ERR_UNREACHABLE);
	assert_text_has(error.text, "connect: Connection refused");
	assert_int_equal(close(listener), 0);
}

static void refused(struct ouro__grpc_options options, ouro_status status, const char *text)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro__channel *channel = NULL;

	assert_int_equal(ouro__grpc_channel_new(&options, &channel, &error), status);
	assert_int_equal(error.status, status);
	assert_text_has(error.text, text);
	assert_null(channel);
}

static void test_rpc_grpc_connect__keys(void **state)
{
	char large[4098];

	(void)state;
	memset(large, 'k', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	refused((struct ouro__grpc_options){.socket_path = "/s", .api_key = ""}, OURO_ERR_INVALID,
		"empty or too long");
	refused((struct ouro__grpc_options){.socket_path = "/s", .api_key = large},
		OURO_ERR_INVALID, "empty or too long");
	refused((struct ouro__grpc_options){.socket_path = "/s", .api_key = "a\x7f"},
		OURO_ERR_INVALID, "a character that no key has");
	refused((struct ouro__grpc_options){.socket_path = "/s", .api_key = "a b"},
		OURO_ERR_INVALID, "a character that no key has");
	refused((struct ouro__grpc_options){0}, OURO_ERR_INVALID,
		"neither an address nor a socket is given");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_grpc_connect__silent_port),
		cmocka_unit_test(test_rpc_grpc_connect__closed_at_once),
		cmocka_unit_test(test_rpc_grpc_connect__slow_greeting),
		cmocka_unit_test(test_rpc_grpc_connect__no_memory_for_a_stream),
		cmocka_unit_test(test_rpc_grpc_connect__comes_back_by_itself),
		cmocka_unit_test(test_rpc_grpc_connect__pauses),
		cmocka_unit_test(test_rpc_grpc_connect__repeats_while_down),
		cmocka_unit_test(test_rpc_grpc_connect__slowly),
		cmocka_unit_test(test_rpc_grpc_connect__stopped_while_waiting),
		cmocka_unit_test(test_rpc_grpc_connect__stopped_while_connecting),
		cmocka_unit_test(test_rpc_grpc_connect__sockets),
		cmocka_unit_test(test_rpc_grpc_connect__keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
