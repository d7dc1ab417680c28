/* The HTTP/2 engine against servers that break the rules, flood, unfold a few bytes into a huge list
 * or are none at all: one clear error each, bounded work, and no request that is lost silently. */
#include "h2_script.h"

#include "net/h2_sniff.h"

static const uint8_t nothing[16384];

static void test_net_h2_hostile__not_http2(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *word;
	} cases[] = {
		{"HTTP/1.1 400 Bad Request\r\n\r\n", 28, "HTTP/1"},
		{"\x15\x03\x01\x00\x02\x02\x46", 7, "speaks TLS"},
		{"\x16\x03\x03\x00\x02\x02\x46", 7, "speaks TLS"},
		{"<!doctype html>", 15, "web page"},
		{"SSH-2.0-OpenSSH_9.2\r\n", 21, "does not speak HTTP/2"},
		/* a large first frame, another kind, an acknowledgement, a stream of its own */
		{"\x01\0\0\x04\0\0\0\0\0", 9, "does not speak HTTP/2"},
		{"\0\0\0\x06\0\0\0\0\0", 9, "does not speak HTTP/2"},
		{"\0\0\0\x04\x01\0\0\0\0", 9, "does not speak HTTP/2"},
		{"\0\0\0\x04\0\0\0\0\x01", 9, "does not speak HTTP/2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t most = 0; most < 3; most++) {
			struct h2_script *s = h2_script_new();
			struct h2_request *request = h2_ask(s, "1", 1);

			s->memory.read_most = most; /* in one piece, or byte by byte */
			h2_says(s, cases[i].bytes, cases[i].size);
			h2_over(s, OURO_ERR_PROTOCOL, cases[i].word);
			assert_int_equal(request->lost, 1);
			assert_text_has(request->error, cases[i].word);
			assert_int_equal(ouro__h2_settled(s->h2), 0);
			h2_script_free(s);
		}
	}
}

static void test_net_h2_hostile__sniff(void **state)
{
	static const char settings[] = "\0\0\x12\x04\0\0\0\0\0";

	(void)state;
	for (size_t size = 0; size <= 9; size++)
		assert_int_equal(ouro__h2_sniff((const uint8_t *)settings, size, NULL), OURO_OK);
	/* Not enough to tell yet. */
	assert_int_equal(ouro__h2_sniff((const uint8_t *)"HTTP", 4, NULL), OURO_OK);
	assert_int_equal(ouro__h2_sniff((const uint8_t *)"\x16", 1, NULL), OURO_OK);
	assert_int_equal(ouro__h2_sniff((const uint8_t *)"\x16\x04", 2, NULL), OURO_OK);
	assert_int_equal(ouro__h2_sniff((const uint8_t *)"HTTQ/", 5, NULL), OURO_OK);
}

static void test_net_h2_hostile__breaks_the_rules(void **state)
{
	static const struct {
		int type;
		int flags;
		uint32_t id;
		const char *payload;
		size_t size;
	} frames[] = {
		{H2_DATA, 0, 0, "x", 1},                            /* data of no stream */
		{H2_HEADERS, H2_END_HEADERS, 2, "\x88", 1},         /* a stream of its own */
		{H2_HEADERS, H2_END_HEADERS, 1, "\xff\xff\xff", 3}, /* no header list */
		{H2_SETTINGS, 0, 0, "x", 1},                        /* half an entry */
		{H2_WINDOW_UPDATE, 0, 0, "\0\0\0\0", 4},            /* by nothing */
		{H2_PING, 0, 0, "short", 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct h2_script *s = h2_script_new();
		struct h2_request *request = h2_ask(s, "1", 1);

		h2_settings(s, 0, 0);
		h2_turn(s);
		h2_frame(s, frames[i].type, frames[i].flags, frames[i].id, frames[i].payload,
			frames[i].size);
		h2_over(s, OURO_ERR_PROTOCOL, "breaks the rules of HTTP/2");
		assert_int_equal(h2_wrote(s, H2_GOAWAY, 0, NULL), 1);
		assert_int_equal(request->lost, 1);
		assert_int_equal(request->unprocessed, 0);
		h2_script_free(s);
	}
}

/* Few bytes on the wire, much behind them. */
static void test_net_h2_hostile__header_bombs(void **state)
{
	static const uint8_t entry[6] = {0x40, 1, 'n', 0x7f, 0xb9, 0x16};
	uint8_t large[sizeof(entry) + 3000 + 40];
	uint8_t many[200];

	(void)state;
	/* one entry of 3000 bytes for the table, then forty times "that one" */
	memset(large, 0xbe, sizeof(large));
	memcpy(large, entry, sizeof(entry));
	memset(large + sizeof(entry), 'v', 3000);
	memset(many, 0x90, sizeof(many)); /* "accept-encoding: gzip, deflate" */
	for (int i = 0; i < 2; i++) {
		struct h2_script *s = h2_script_new();
		struct h2_request *request = h2_ask(s, "1", 1);
		struct h2_request *other = h2_ask(s, "2", 1);

		h2_settings(s, 0, 0);
		h2_turn(s);
		h2_status(s, 1, 0);
		h2_frame(s, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, i ? many : large,
			i ? sizeof(many) : sizeof(large));
		h2_turn(s);
		assert_int_equal(request->closed, 1);
		assert_int_not_equal(request->code, 0);
		assert_null(strstr(request->heard, "1 last"));
		assert_int_equal(h2_wrote(s, H2_RST_STREAM, 1, NULL), 1);
		h2_status(s, 3, 1);
		h2_turn(s);
		assert_int_equal(other->code, 0);
		h2_script_free(s);
	}
}

static void flood(int type, uint32_t id, const void *payload, size_t size, size_t times)
{
	enum { AT_ONCE = 10 };
	struct h2_script *s = h2_script_new();
	struct h2_request *request = h2_ask(s, "1", 1);
	ouro__buf frames = OURO__BUF_INIT(1 << 20);
	ouro_status rc = OURO_OK;

	h2_settings(s, 0, 0);
	h2_status(s, 1, 0);
	h2_turn(s);
	h2_frame(s, type, 0, id, payload, size);
	for (size_t i = 0; i < AT_ONCE; i++)
		ouro__buf_append(&frames, s->steps[s->memory.count - 1].data,
			s->steps[s->memory.count - 1].size);
	for (size_t i = 0; rc == OURO_OK && i < times / AT_ONCE; i++) {
		s->steps[s->memory.count - 1] =
			(struct ouro__memory_step){frames.data, frames.size, 0};
		h2_says(s, frames.data, frames.size);
		rc = ouro__h2_io(s->h2, &s->error);
	}
	assert_int_equal(rc, OURO_ERR_PROTOCOL);
	assert_text_has(s->error.text, "floods the connection");
	assert_int_equal(request->lost, 1);
	assert_true(s->memory.written.size < (1 << 20));
	ouro__buf_done(&frames);
	h2_script_free(s);
}

static void test_net_h2_hostile__floods(void **state)
{
	(void)state;
	/* Frames that are nothing, answered or not; crumbs of an answer; large ones of a kind that
	 * nobody knows. */
	flood(H2_WINDOW_UPDATE, 1, "\0\0\0\1", 4, 11000);
	flood(H2_PING, 0, "12345678", 8, 11000);
	flood(H2_DATA, 1, "crumb", 5, 11000);
	flood(99, 0, nothing, sizeof(nothing), 1200);
}

/* The stream breaks: before, within and after a request; what the server can have seen is told. */
static void test_net_h2_hostile__broken_stream(void **state)
{
	size_t all;
	int told_unseen = 0;
	int told_seen = 0;
	struct h2_script *whole = h2_script_new();

	(void)state;
	(void)h2_ask(whole, "0123456789", 10);
	h2_turn(whole);
	all = whole->memory.written.size;
	h2_script_free(whole);
	for (size_t cut = 1; cut <= all; cut++) {
		struct h2_script *s = h2_script_new();
		struct h2_request *request = h2_ask(s, "0123456789", 10);
		ouro_status rc;

		s->memory.write_fails_at = cut;
		rc = ouro__h2_io(s->h2, &s->error);
		if (rc == OURO_OK) {
			h2_settings(s, 0, 0); /* to be acknowledged, which fails */
			rc = ouro__h2_io(s->h2, &s->error);
		}
		assert_int_equal(rc, OURO_ERR_UNREACHABLE);
		assert_text_has(s->error.text, "by script");
		assert_int_equal(request->lost, 1);
		assert_int_equal(request->unprocessed, cut < all);
		told_unseen += request->unprocessed;
		told_seen += !request->unprocessed;
		h2_script_free(s);
	}
	assert_true(told_unseen > 0 && told_seen == 1);
}

/* Writing fails, and there is an answer that says why: that is the better word. */
static void test_net_h2_hostile__last_words(void **state)
{
	struct h2_script *s = h2_script_new();
	struct h2_request *request = h2_ask(s, "1", 1);

	(void)state;
	s->memory.write_fails_at = 10;
	h2_says(s, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
	h2_over(s, OURO_ERR_PROTOCOL, "HTTP/1");
	assert_int_equal(request->unprocessed, 1);
	h2_script_free(s);
	s = h2_script_new();
	(void)h2_ask(s, "1", 1);
	s->memory.write_fails_at = 10;
	h2_ends(s); /* an end explains nothing: the first error stays */
	h2_over(s, OURO_ERR_UNREACHABLE, "by script");
	h2_script_free(s);
	s = h2_script_new();
	request = h2_ask(s, "1", 1);
	h2_settings(s, 0, 0);
	s->memory.read_fails_at = 9;
	h2_over(s, OURO_ERR_UNREACHABLE, "by script");
	assert_int_equal(request->unprocessed, 0);
	h2_script_free(s);
}

/* A stream that takes a little, or nothing, every other time: it all arrives in the end. */
static void test_net_h2_hostile__hesitant(void **state)
{
	struct h2_script *s = h2_script_new();
	struct h2_request *request = h2_ask(s, "0123456789", 10);
	int waited = 0;

	(void)state;
	s->memory.blink = 1;
	s->memory.write_most = 7;
	s->memory.read_most = 3;
	h2_settings(s, 0, 0);
	for (int i = 0; i < 200 && h2_wrote(s, H2_DATA, 1, NULL) == 0; i++) {
		h2_turn(s);
		waited += ouro__h2_events(s->h2) == (POLLIN | POLLOUT);
	}
	assert_true(waited > 0);
	h2_status(s, 1, 1);
	for (int i = 0; i < 200 && !request->closed; i++)
		h2_turn(s);
	assert_string_equal(request->heard, "0 :status=200;0 last;");
	assert_int_equal(request->code, 0);
	h2_script_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net_h2_hostile__not_http2),
		cmocka_unit_test(test_net_h2_hostile__sniff),
		cmocka_unit_test(test_net_h2_hostile__breaks_the_rules),
		cmocka_unit_test(test_net_h2_hostile__header_bombs),
		cmocka_unit_test(test_net_h2_hostile__floods),
		cmocka_unit_test(test_net_h2_hostile__broken_stream),
		cmocka_unit_test(test_net_h2_hostile__last_words),
		cmocka_unit_test(test_net_h2_hostile__hesitant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
