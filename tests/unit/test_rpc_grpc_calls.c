/* Calls over a gRPC server in a script: deadlines, bounds, answers that cannot be read, connections that end or go away
 * under them; and each time whether a write was repeated, and what its caller is told. */
#include "grpc_script.h"

enum { RETRYABLE = OURO_ERROR_RETRYABLE };

static void test_rpc_grpc_calls__what_goes_out(void **state)
{
	struct grpc_script *s = grpc_script_new(1);

	(void)state;
	grpc_answers(s, 0, 1, 1);
	grpc_answers(s, 0, 2, 3);
	grpc_open(s, (struct ouro__grpc_options){.authority = "hs.example.com"});
	assert_int_equal(
		grpc_finish(s, grpc_start(s, &grpc_writing, "words", INT64_C(1) << 40)), OURO_OK);
	assert_string_equal(s->reply, "hey");
	assert_int_equal(grpc_call(s, &grpc_reading, ""), OURO_OK);
	grpc_close(s);
	assert_string_equal(
		grpc_got_field(s, 0, 1, ":path"), "/headscale.v1.HeadscaleService/SetText");
	assert_string_equal(
		grpc_got_field(s, 0, 3, ":path"), "/headscale.v1.HeadscaleService/GetText");
	assert_string_equal(grpc_got_field(s, 0, 1, ":scheme"), "http");
	assert_string_equal(grpc_got_field(s, 0, 1, ":authority"), "hs.example.com");
	assert_string_equal(grpc_got_field(s, 0, 1, "authorization"), "Bearer key");
	assert_string_equal(grpc_got_field(s, 0, 1, "grpc-timeout"), "99999999m");
	assert_int_equal(grpc_got(s, "words"), 1);
	grpc_script_free(s);
}

/* Sent, and nobody answers: the stream is reset; a write is in doubt, and nothing is sent twice. */
static void test_rpc_grpc_calls__no_answer_in_time(void **state)
{
	static const struct ouro__terms any = {1, 0};
	const struct {
		const char *text;
	} request = {"without a record"};
	struct grpc_script *s = grpc_script_new(1);
	ouro_error small = OURO_ERROR_INIT;
	ouro__call *call = NULL;
	void *reply = NULL;

	(void)state;
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(
		grpc_finish(s, grpc_start(s, &grpc_reading, "read", 400)), OURO_ERR_TIMEOUT);
	assert_string_equal(s->error.text, "GetText: Headscale did not answer in time");
	assert_int_equal(s->error.flags & RETRYABLE, RETRYABLE);
	assert_int_equal(s->error.origin, OURO_ORIGIN_NETWORK);
	grpc_wait(&s->connections[0].resets, 1);
	assert_int_equal(
		grpc_finish(s, grpc_start(s, &grpc_writing, "write", 400)), OURO_ERR_UNCERTAIN);
	assert_string_equal(s->error.text, "SetText: Headscale did not answer in time");
	assert_int_equal(s->error.flags & RETRYABLE, 0);
	grpc_wait(&s->connections[0].resets, 2);
	/* A caller with an older, smaller record, and one without any. */
	small.size = 8;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(s->channel->ops->start(s->channel, &grpc_reading, &any, &request,
					 ouro__clock_ms() + 200, &call, i ? &small : NULL),
			OURO_OK);
		assert_int_equal(
			s->channel->ops->finish(s->channel, call, NULL, &reply, i ? &small : NULL),
			OURO_ERR_TIMEOUT);
	}
	assert_int_equal(small.flags, 0);
	assert_null(reply);
	grpc_wait(&s->connections[0].resets, 4);
	assert_int_equal(s->made, 1);
	grpc_close(s);
	assert_int_equal(grpc_got(s, "write"), 1);
	assert_int_equal(s->connections[0].requests, 4);
	grpc_script_free(s);
}

/* Waiting for a connection that does not come about: told so, and nothing goes out later. */
static void test_rpc_grpc_calls__no_connection_in_time(void **state)
{
	struct grpc_script *s = grpc_script_new(0);
	ouro__call *calls[4];

	(void)state;
	grpc_open(s, (struct ouro__grpc_options){0});
	for (size_t i = 0; i < 4; i++)
		calls[i] = grpc_start(s, i ? &grpc_writing : &grpc_reading, "words", 150);
	/* From the middle, from the end, and from the beginning of those that wait. */
	for (size_t i = 0; i < 4; i++) {
		static const size_t order[] = {1, 3, 0, 2};

		assert_int_equal(grpc_finish(s, calls[order[i]]), OURO_ERR_UNREACHABLE);
		assert_text_has(s->error.text, "no connection to Headscale in time");
		assert_int_equal(s->error.flags & RETRYABLE, RETRYABLE);
	}
	assert_int_equal(s->made, 1);
	grpc_close(s);
	assert_int_equal(grpc_got(s, "words"), 0);
	grpc_script_free(s);
}

static void test_rpc_grpc_calls__so_many_at_a_time(void **state)
{
	struct grpc_script *s = grpc_script_new(0);
	ouro__call *calls[OURO__GRPC_CALLS_MAX];

	(void)state;
	grpc_open(s, (struct ouro__grpc_options){0});
	for (size_t i = 0; i < OURO__GRPC_CALLS_MAX; i++)
		calls[i] = grpc_start(s, &grpc_reading, "", 1000);
	assert_int_equal(grpc_call(s, &grpc_writing, "one more"), OURO_ERR_LIMIT);
	assert_string_equal(s->error.text, "256 calls to Headscale are under way already");
	for (size_t i = 0; i < OURO__GRPC_CALLS_MAX; i++)
		assert_int_equal(grpc_finish(s, calls[i]), OURO_ERR_UNREACHABLE);
	/* Those who left made room. */
	assert_int_equal(
		grpc_finish(s, grpc_start(s, &grpc_reading, "", 10)), OURO_ERR_UNREACHABLE);
	grpc_script_free(s);
}

/* Three at once, answered from the last to the first. */
static void test_rpc_grpc_calls__answers_in_any_order(void **state)
{
	struct grpc_script *s = grpc_script_new(1);
	ouro__call *calls[3];

	(void)state;
	grpc_answers(s, 0, 3, 5);
	grpc_answers(s, 0, 3, 1);
	grpc_refuses(s, 0, 3, 3, "5", "node not found");
	grpc_open(s, (struct ouro__grpc_options){0});
	for (size_t i = 0; i < 3; i++)
		calls[i] = grpc_start(s, &grpc_writing, "words", 5000);
	assert_int_equal(grpc_finish(s, calls[0]), OURO_OK);
	assert_int_equal(grpc_finish(s, calls[1]), OURO_ERR_REJECTED);
	assert_string_equal(s->error.text, "node not found");
	assert_int_equal(s->error.grpc_status, 5);
	assert_int_equal(grpc_finish(s, calls[2]), OURO_OK);
	assert_string_equal(s->reply, "hey");
	grpc_close(s);
	assert_int_equal(grpc_got(s, "words"), 3);
	grpc_script_free(s);
}

/* The server said OK to something that is no message. */
static void test_rpc_grpc_calls__answers_that_cannot_be_read(void **state)
{
	static const char *const head[] = {
		":status", "200", "content-type", "application/grpc", NULL};
	static const char *const trailers[] = {"grpc-status", "0", NULL};
	static const struct ouro__terms any = {1, 0};
	const struct {
		const char *text;
	} request = {"words"};
	struct grpc_script *s = grpc_script_new(1);
	ouro_error small = OURO_ERROR_INIT;
	ouro__arena *arena = ouro__arena_new(4096);
	void *reply = NULL;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		grpc_says(s, 0, i + 1, NULL, 0);
		grpc_headers(s, 0, 2 * i + 1, 0, head);
		grpc_frame(s, 0, 0, 0, 2 * i + 1, "\0\0\0\0\1\7", 6);
		grpc_headers(s, 0, 2 * i + 1, 1, trailers);
	}
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_call(s, &grpc_reading, "words"), OURO_ERR_PROTOCOL);
	assert_string_equal(s->error.text, "GetText: the answer is not a well-formed Text message");
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_UNCERTAIN);
	assert_string_equal(s->error.text, "SetText: the answer is not a well-formed Text message");
	small.size = 8;
	assert_int_equal(ouro__channel_call(s->channel, &grpc_writing, &any, &request,
				 ouro__clock_ms() + 5000, arena, &reply, &small),
		OURO_ERR_UNCERTAIN);
	assert_int_equal(small.status, OURO_OK);
	assert_int_equal(ouro__channel_call(s->channel, &grpc_writing, &any, &request,
				 ouro__clock_ms() + 5000, arena, &reply, NULL),
		OURO_ERR_UNCERTAIN);
	assert_null(reply);
	ouro__arena_free(arena);
	grpc_close(s);
	assert_int_equal(grpc_got(s, "words"), 4);
	grpc_script_free(s);
}

/* Two reads whose answers do not fit together: the later one is given up, the first one is not. */
static void test_rpc_grpc_calls__answers_under_way_are_bounded(void **state)
{
	static const char *const head[] = {
		":status", "200", "content-type", "application/grpc", NULL};
	static const char *const trailers[] = {"grpc-status", "0", NULL};
	struct grpc_script *s = grpc_script_new(1);
	ouro__call *first;
	ouro__call *second;

	(void)state;
	grpc_says(s, 0, 2, NULL, 0);
	grpc_headers(s, 0, 1, 0, head);
	grpc_frame(s, 0, 0, 0, 1, "\0\0\0\0\5\x0a\3h", 8);
	grpc_headers(s, 0, 3, 0, head);
	grpc_frame(s, 0, 0, 0, 3, "\0\0\0\0\x7f\x0a\3hello", 13);
	grpc_answers(s, 0, 3, 5);
	grpc_says(s, 0, 3, NULL, 0);
	grpc_frame(s, 0, 0, 0, 1, "ey", 2);
	grpc_headers(s, 0, 1, 1, trailers);
	grpc_open(s, (struct ouro__grpc_options){.answers_max = 8});
	first = grpc_start(s, &grpc_reading, "", 5000);
	second = grpc_start(s, &grpc_reading, "", 5000);
	assert_int_equal(grpc_finish(s, second), OURO_ERR_LIMIT);
	assert_string_equal(s->error.text, "GetText: too many large answers at a time");
	/* What is through counts no more: another one fits beside the first. */
	assert_int_equal(grpc_call(s, &grpc_reading, ""), OURO_OK);
	assert_int_equal(grpc_finish(s, first), OURO_OK);
	assert_string_equal(s->reply, "hey");
	grpc_close(s);
	assert_int_equal(s->connections[0].requests, 3);
	assert_int_equal(s->connections[0].resets, 1);
	grpc_script_free(s);
}

/* More bytes than one message: the stream is reset, and a write is in doubt. */
static void test_rpc_grpc_calls__more_than_a_message(void **state)
{
	static const char *const head[] = {
		":status", "200", "content-type", "application/grpc", NULL};
	struct grpc_script *s = grpc_script_new(1);

	(void)state;
	grpc_says(s, 0, 1, NULL, 0);
	grpc_headers(s, 0, 1, 0, head);
	grpc_frame(s, 0, 0, 0, 1, "\0\0\0\0\0\0", 6);
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_UNCERTAIN);
	assert_string_equal(s->error.text, "SetText: more than one message");
	grpc_close(s);
	assert_int_equal(s->connections[0].resets, 1);
	assert_int_equal(grpc_got(s, "words"), 1);
	grpc_script_free(s);
}

static void test_rpc_grpc_calls__a_name_that_is_too_long(void **state)
{
	static const struct ouro__method method = {
		"AMethodWhoseNameIsLongerThanAnyThatThereHasEverBeenInAnyVersionOfIt", &grpc_text,
		&grpc_text, 0, NULL, NULL};
	struct grpc_script *s = grpc_script_new(1);

	(void)state;
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_call(s, &method, ""), OURO_ERR_INTERNAL);
	assert_text_has(s->error.text, "too long for a method's name");
	assert_int_equal(s->made, 0);
	grpc_script_free(s);
}

/* Lost twice: the second wait would go beyond the deadline, so that the caller hears of it at once. */
static void test_rpc_grpc_calls__not_repeated_beyond_the_deadline(void **state)
{
	struct grpc_script *s = grpc_script_new(1);
	int64_t began = ouro__clock_ms();
	ouro_status rc;

	(void)state;
	grpc_ends(s, 0, 1);
	grpc_ends(s, 1, 1);
	grpc_open(s, (struct ouro__grpc_options){0});
	rc = grpc_finish(s, grpc_start(s, &grpc_reading, "words", 380));
	if (ouro__clock_ms() - began < 380) {
		assert_int_equal(rc, OURO_ERR_UNREACHABLE);
		assert_text_has(s->error.text, "GetText: the server closed the connection");
	}
	grpc_close(s);
	assert_true(s->made <= 2);
	assert_true(grpc_got(s, "words") <= 2);
	grpc_script_free(s);
}

/* Under way when the owner says stop: nothing is begun anew. */
static void test_rpc_grpc_calls__stopped_under_way(void **state)
{
	struct grpc_script *s = grpc_script_new(1);
	ouro__call *reading;
	ouro__call *writing;

	(void)state;
	grpc_open(s, (struct ouro__grpc_options){0});
	reading = grpc_start(s, &grpc_reading, "", 5000);
	writing = grpc_start(s, &grpc_writing, "words", 5000);
	grpc_wait(&s->connections[0].requests, 2);
	ouro__channel_stop(s->channel);
	assert_int_equal(grpc_finish(s, reading), OURO_ERR_UNREACHABLE);
	assert_text_has(s->error.text, "GetText: the connection was closed");
	assert_int_equal(grpc_finish(s, writing), OURO_ERR_UNCERTAIN);
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_UNREACHABLE);
	assert_text_has(s->error.text, "being shut down");
	grpc_close(s);
	assert_int_equal(s->made, 1);
	assert_int_equal(grpc_got(s, "words"), 1);
	grpc_script_free(s);
}

/* Connections that go away one after the other, each with a call that is not answered yet: four are kept, the oldest is
 * let go, and its write is in doubt and not repeated. */
static void test_rpc_grpc_calls__connections_that_drain(void **state)
{
	enum { COUNT = 5 };
	struct grpc_script *s = grpc_script_new(1);
	ouro__call *calls[COUNT];

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		grpc_goes_away(s, i, 1, 1);
		if (i)
			grpc_answers(s, i, 1, 1);
	}
	/* Answers only once all are there: the last connection has the only reader. */
	for (size_t i = 1; i < COUNT; i++)
		s->connections[i].steps[2].after = i == COUNT - 1 ? 1 : 2;
	grpc_open(s, (struct ouro__grpc_options){0});
	for (size_t i = 0; i < COUNT; i++) {
		calls[i] = grpc_start(s, &grpc_writing, "words", 3000);
		grpc_wait_epoch(s, i + 1);
		grpc_wait(&s->connections[i].requests, 1);
	}
	assert_int_equal(grpc_finish(s, calls[0]), OURO_ERR_UNCERTAIN);
	assert_text_has(s->error.text, "the connection was closed");
	assert_int_equal(grpc_finish(s, calls[COUNT - 1]), OURO_OK);
	for (size_t i = 1; i < COUNT - 1; i++) {
		assert_int_equal(grpc_finish(s, calls[i]), OURO_ERR_UNCERTAIN);
		assert_text_has(s->error.text, "did not answer in time");
	}
	assert_int_equal(s->made, COUNT);
	grpc_close(s);
	for (size_t i = 0; i < COUNT; i++)
		assert_true(s->connections[i].requests <= 2);
	grpc_script_free(s);
}

/* Refused by GOAWAY twice: a write goes over to the next connection once, and not a second time. */
static void test_rpc_grpc_calls__refused_twice(void **state)
{
	struct grpc_script *s = grpc_script_new(1);

	(void)state;
	grpc_goes_away(s, 0, 1, 0);
	grpc_goes_away(s, 1, 1, 0);
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_call(s, &grpc_writing, "words"), OURO_ERR_UNREACHABLE);
	assert_int_equal(s->error.flags & RETRYABLE, RETRYABLE);
	grpc_close(s);
	assert_int_equal(s->made, 2);
	assert_int_equal(grpc_got(s, "words"), 2);
	grpc_script_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_grpc_calls__what_goes_out),
		cmocka_unit_test(test_rpc_grpc_calls__no_answer_in_time),
		cmocka_unit_test(test_rpc_grpc_calls__no_connection_in_time),
		cmocka_unit_test(test_rpc_grpc_calls__so_many_at_a_time),
		cmocka_unit_test(test_rpc_grpc_calls__answers_in_any_order),
		cmocka_unit_test(test_rpc_grpc_calls__answers_that_cannot_be_read),
		cmocka_unit_test(test_rpc_grpc_calls__answers_under_way_are_bounded),
		cmocka_unit_test(test_rpc_grpc_calls__more_than_a_message),
		cmocka_unit_test(test_rpc_grpc_calls__a_name_that_is_too_long),
		cmocka_unit_test(test_rpc_grpc_calls__not_repeated_beyond_the_deadline),
		cmocka_unit_test(test_rpc_grpc_calls__stopped_under_way),
		cmocka_unit_test(test_rpc_grpc_calls__connections_that_drain),
		cmocka_unit_test(test_rpc_grpc_calls__refused_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
