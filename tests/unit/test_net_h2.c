/* The HTTP/2 engine against a server in a script: answers, cancelling, a server that goes away, and
 * for each request whether the server can have seen it. */
#include "h2_script.h"

#include <stdlib.h>

enum { CANCEL = 8, REFUSED = 7 };

static void test_net_h2__answer(void **state)
{
	struct h2_script *s = h2_script_new();
	struct h2_request *request = h2_ask(s, "body", 4);

	(void)state;
	assert_int_equal(ouro__h2_settled(s->h2), 0);
	assert_int_equal(ouro__h2_busy(s->h2), 1);
	h2_turn(s);
	assert_int_equal(ouro__h2_busy(s->h2), 0);
	assert_int_equal(h2_wrote(s, H2_HEADERS, 1, NULL), 1);
	assert_int_equal(h2_wrote(s, H2_DATA, 1, NULL), 1);
	assert_int_equal(ouro__h2_events(s->h2), POLLIN);
	assert_true(ouro__h2_fd(s->h2) >= 0);
	h2_settings(s, 0, 0);
	/* 103 with a field: nobody hears of it */
	h2_frame(s, H2_HEADERS, H2_END_HEADERS, 1,
		"\x08\x03"
		"103\x00\x01"
		"l\x01"
		"x",
		10);
	h2_status(s, 1, 0);
	h2_frame(s, H2_DATA, 0, 1, "hey", 3);
	h2_frame(s, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1,
		"\x00\x01"
		"t\x01"
		"v",
		5);
	h2_turn(s);
	assert_int_equal(ouro__h2_settled(s->h2), 1);
	assert_string_equal(request->heard, "0 :status=200;0 done;data=hey;1 t=v;1 last;");
	assert_int_equal(request->closed, 1);
	assert_int_equal(request->code, 0);
	assert_int_equal(request->unprocessed, 0);
	assert_int_equal(request->lost, 0);
	assert_int_equal(ouro__h2_open(s->h2), 0);
	assert_int_equal(ouro__h2_usable(s->h2), 1);
	h2_script_free(s);
	ouro__h2_free(NULL);
}

static void test_net_h2__submit_limits(void **state)
{
	struct h2_script *s = h2_script_new();
	struct ouro__h2_field fields[17];
	ouro_error error = OURO_ERROR_INIT;
	int32_t id = 99;

	(void)state;
	for (size_t i = 0; i < 17; i++)
		fields[i] = (struct ouro__h2_field){"name", "value", 0};
	assert_int_equal(
		ouro__h2_submit(s->h2, fields, 17, NULL, 0, NULL, &id, &error), OURO_ERR_INTERNAL);
	assert_text_has(error.text, "takes no request");
	assert_int_equal(id, 99);
	assert_int_equal(ouro__h2_open(s->h2), 0);
	h2_script_free(s);
}

/* Three at once; the middle one, the first and the last go, each once, and nothing else is heard. */
static void test_net_h2__cancel(void **state)
{
	struct h2_script *s = h2_script_new();
	struct h2_request *one = h2_ask(s, "1", 1);
	struct h2_request *two = h2_ask(s, "2", 1);
	struct h2_request *three = h2_ask(s, "3", 1);
	uint32_t code = 0;

	(void)state;
	h2_settings(s, 0, 0);
	h2_turn(s);
	ouro__h2_cancel(s->h2, 77); /* nobody's */
	ouro__h2_cancel(s->h2, two->id);
	h2_turn(s);
	assert_int_equal(h2_wrote(s, H2_RST_STREAM, 3, &code), 1);
	assert_int_equal(code, CANCEL);
	assert_int_equal(two->closed, 1);
	assert_int_equal(two->code, CANCEL);
	assert_int_equal(two->unprocessed, 0); /* all of it was sent: it may have been acted upon */
	assert_int_equal(ouro__h2_open(s->h2), 2);
	ouro__h2_cancel(s->h2, one->id);
	ouro__h2_cancel(s->h2, three->id);
	h2_status(s, 3, 1); /* too late */
	h2_turn(s);
	assert_int_equal(one->closed, 1);
	assert_int_equal(three->closed, 1);
	assert_string_equal(two->heard, "");
	assert_int_equal(ouro__h2_open(s->h2), 0);
	h2_script_free(s);
}

/* Beyond the server's limit of streams a request waits here: cancelled, nothing went out. */
static void test_net_h2__cancel_waiting(void **state)
{
	struct h2_script *s = h2_script_new();
	struct h2_request *one = NULL;
	struct h2_request *two = NULL;

	(void)state;
	h2_settings(s, 3, 1);
	h2_turn(s);
	one = h2_ask(s, "1", 1);
	two = h2_ask(s, "2", 1);
	h2_turn(s);
	assert_int_equal(h2_wrote(s, H2_HEADERS, 3, NULL), 0);
	ouro__h2_cancel(s->h2, two->id);
	assert_int_equal(two->closed, 1); /* at once */
	assert_int_equal(two->unprocessed, 1);
	assert_int_equal(two->code, CANCEL);
	h2_status(s, 1, 1);
	h2_turn(s);
	assert_int_equal(one->closed, 1);
	assert_int_equal(one->code, 0);
	h2_turn(s);
	assert_int_equal(h2_wrote(s, H2_HEADERS, 3, NULL), 0);
	h2_script_free(s);
}

static void test_net_h2__goaway(void **state)
{
	struct h2_script *s = h2_script_new();
	struct h2_request *seen = NULL;
	struct h2_request *unseen = NULL;
	struct h2_request *waiting = NULL;
	int32_t id = 99;

	(void)state;
	h2_settings(s, 3, 2);
	h2_turn(s);
	seen = h2_ask(s, "1", 1);
	unseen = h2_ask(s, "2", 1);
	waiting = h2_ask(s, "3", 1);
	h2_turn(s);
	h2_goaway(s, 1, 0, "restarting\n");
	h2_turn(s);
	assert_int_equal(waiting->closed, 1);
	assert_int_equal(waiting->unprocessed, 1);
	assert_int_equal(waiting->code, REFUSED);
	assert_int_equal(unseen->closed, 1);
	assert_int_equal(unseen->unprocessed, 1);
	assert_int_equal(seen->closed, 0);
	assert_int_equal(ouro__h2_usable(s->h2), 0);
	assert_int_equal(
		ouro__h2_submit(s->h2, NULL, 0, NULL, 0, NULL, &id, NULL), OURO_ERR_INTERNAL);
	assert_int_equal(id, 99);
	h2_status(s, 1, 1);
	/* The answer still comes; with it the connection has nothing left to do. */
	h2_over(s, OURO_ERR_UNREACHABLE, "the server closed the connection: restarting ");
	assert_int_equal(seen->closed, 1);
	assert_int_equal(seen->code, 0);
	assert_int_equal(seen->unprocessed, 0);
	h2_over(s, OURO_ERR_UNREACHABLE, "the server closed the connection"); /* and stays so */
	h2_script_free(s);
}

static void test_net_h2__goaway_words(void **state)
{
	static char words[150];
	struct h2_script *s = h2_script_new();
	struct h2_request *request = h2_ask(s, "1", 1);

	(void)state;
	memset(words, 'w', sizeof(words) - 1);
	h2_settings(s, 0, 0);
	h2_goaway(s, 1, 0, "");
	h2_turn(s);
	h2_goaway(s, 1, 0, words); /* cut to what we keep */
	h2_ends(s);
	h2_over(s, OURO_ERR_UNREACHABLE, "closed the connection: wwww");
	assert_true(strlen(s->error.text) < 120);
	assert_int_equal(request->lost, 1);
	assert_int_equal(request->unprocessed, 0);
	assert_text_has(request->error, "closed the connection: wwww");
	h2_script_free(s);
}

/* Each place where the owner can say no: the stream is reset, the others go on. */
static void test_net_h2__given_up(void **state)
{
	static const char *const places[] = {"header", "headers_done", "data"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct h2_script *s = h2_script_new();
		struct h2_request *request = h2_ask(s, "1", 1);
		struct h2_request *other = h2_ask(s, "2", 1);

		h2_settings(s, 0, 0);
		h2_turn(s);
		s->give_up = places[i];
		h2_status(s, 1, 0);
		h2_frame(s, H2_DATA, 0, 1, "hey", 3);
		h2_turn(s);
		assert_int_equal(h2_wrote(s, H2_RST_STREAM, 1, NULL), 1);
		assert_int_equal(request->closed, 1);
		assert_int_not_equal(request->code, 0);
		assert_int_equal(request->unprocessed, 0);
		s->give_up = NULL;
		h2_status(s, 3, 1);
		h2_turn(s);
		assert_int_equal(other->closed, 1);
		assert_int_equal(other->code, 0);
		h2_script_free(s);
	}
}

static void test_net_h2__refused_stream(void **state)
{
	struct h2_script *s = h2_script_new();
	struct h2_request *request = h2_ask(s, "1", 1);

	(void)state;
	h2_settings(s, 0, 0);
	h2_turn(s);
	h2_frame(s, H2_RST_STREAM, 0, 1, "\0\0\0\x07", 4);
	h2_turn(s);
	assert_int_equal(request->closed, 1);
	assert_int_equal(request->code, REFUSED);
	assert_int_equal(request->unprocessed, 1); /* by its own word, though all was sent */
	h2_script_free(s);
}

/* A body larger than what is gathered in one go, to a server that takes it all. */
static void test_net_h2__large_body(void **state)
{
	enum { SIZE = 700 * 1024 };
	struct h2_script *s = h2_script_new();
	char *body = calloc(1, SIZE);
	struct h2_request *request;

	(void)state;
	assert_non_null(body);
	h2_settings(s, 4, 1 << 20);
	h2_frame(s, H2_WINDOW_UPDATE, 0, 0, "\0\x0f\0\0", 4);
	h2_turn(s);
	request = h2_ask(s, body, SIZE);
	s->memory.write_most = 100 * 1024;
	h2_turn(s);
	assert_true(s->memory.written.size > SIZE);
	h2_status(s, 1, 1);
	h2_turn(s);
	assert_int_equal(request->code, 0);
	assert_int_equal(request->unprocessed, 0);
	h2_script_free(s);
	free(body);
}

/* An answer larger than one turn reads: the engine says that it has more to do. */
static void test_net_h2__large_answer(void **state)
{
	enum { FRAME = 16384, FRAMES = 140 };
	static const uint8_t crumbs[FRAME] = {0};
	struct h2_script *s = h2_script_new();
	struct h2_request *request = h2_ask(s, "1", 1);

	(void)state;
	h2_settings(s, 0, 0);
	h2_turn(s);
	h2_frame(s, H2_SETTINGS, H2_ACK, 0, NULL, 0); /* the windows are what we said */
	h2_status(s, 1, 0);
	for (int i = 0; i < FRAMES; i++)
		h2_frame(s, H2_DATA, i == FRAMES - 1 ? H2_END_STREAM : 0, 1, crumbs, FRAME);
	h2_turn(s);
	assert_int_equal(ouro__h2_busy(s->h2), 1);
	while (ouro__h2_busy(s->h2))
		h2_turn(s);
	assert_int_equal(request->closed, 1);
	assert_int_equal(request->data_size, FRAME * FRAMES);
	h2_script_free(s);
}

static void test_net_h2__freed_while_open(void **state)
{
	struct h2_script *s = h2_script_new();
	struct h2_request *sent = h2_ask(s, "1", 1);
	struct h2_request *never = NULL;

	(void)state;
	h2_turn(s);
	never = h2_ask(s, "2", 1);
	ouro__h2_free(s->h2);
	s->h2 = NULL;
	assert_int_equal(sent->lost, 1);
	assert_int_equal(sent->unprocessed, 0);
	assert_text_has(sent->error, "the connection was closed");
	assert_int_equal(never->lost, 1);
	assert_int_equal(never->unprocessed, 1);
	h2_script_free(s);
}

static void test_net_h2__no_error_record(void **state)
{
	struct h2_script *s = h2_script_new();
	ouro_error small = OURO_ERROR_INIT;

	(void)state;
	small.size = 8;
	h2_ends(s);
	assert_int_equal(ouro__h2_io(s->h2, NULL), OURO_ERR_UNREACHABLE);
	assert_int_equal(ouro__h2_io(s->h2, &small), OURO_ERR_UNREACHABLE);
	assert_int_equal(small.status, 0);
	h2_script_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net_h2__answer),
		cmocka_unit_test(test_net_h2__submit_limits),
		cmocka_unit_test(test_net_h2__cancel),
		cmocka_unit_test(test_net_h2__cancel_waiting),
		cmocka_unit_test(test_net_h2__goaway),
		cmocka_unit_test(test_net_h2__goaway_words),
		cmocka_unit_test(test_net_h2__given_up),
		cmocka_unit_test(test_net_h2__refused_stream),
		cmocka_unit_test(test_net_h2__large_body),
		cmocka_unit_test(test_net_h2__large_answer),
		cmocka_unit_test(test_net_h2__freed_while_open),
		cmocka_unit_test(test_net_h2__no_error_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
