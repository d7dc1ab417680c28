/* Where an HTTP/1.1 answer ends: the same whole and byte by byte, and nothing that has two ends is believed. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "rpc/http1.h"

struct outcome {
	enum ouro__http1_result result;
	int ends;
	int keeps;
	int http;
	ouro_status fault;
	char body[128];
	char garbled[128];
};

/* In pieces of so many bytes, then the connection's end. */
static struct outcome read_in(const char *bytes, size_t size, size_t piece)
{
	struct outcome out = {.result = OURO__HTTP1_MORE};
	struct ouro__json_answer answer;
	struct ouro__http1 reader;

	ouro__json_answer_init(&answer, 64);
	ouro__http1_init(&reader);
	for (size_t at = 0; at < size && out.result == OURO__HTTP1_MORE; at += piece)
		out.result = ouro__http1_feed(&reader, &answer, (const uint8_t *)bytes + at,
			size - at < piece ? size - at : piece);
	out.ends = ouro__http1_ends(&reader);
	out.keeps = reader.keeps;
	out.http = answer.http_status;
	out.fault = answer.fault;
	(void)snprintf(out.body, sizeof(out.body), "%s", ouro__buf_str(&answer.body));
	(void)snprintf(
		out.garbled, sizeof(out.garbled), "%s", reader.garbled ? reader.garbled : "");
	ouro__http1_done(&reader);
	ouro__json_answer_done(&answer);
	return out;
}

static struct outcome read_every_way(const char *bytes)
{
	size_t size = strlen(bytes);
	struct outcome whole = read_in(bytes, size, size);

	for (size_t piece = 1; piece < size; piece++) {
		struct outcome out = read_in(bytes, size, piece);

		if (out.result != whole.result || out.ends != whole.ends ||
			out.http != whole.http || out.fault != whole.fault ||
			(whole.result != OURO__HTTP1_REFUSED &&
				strcmp(out.body, whole.body) != 0) ||
			strcmp(out.garbled, whole.garbled) != 0)
			fail_msg("in pieces of %zu: %s", piece, bytes);
	}
	return whole;
}

#define OK "HTTP/1.1 200 OK\r\n"

static void test_rpc_http1__whole_answers(void **state)
{
	static const struct {
		const char *bytes;
		const char *body;
		int keeps;
	} rows[] = {
		{OK "Content-Length: 2\r\n\r\n{}", "{}", 1},
		{OK "content-length:2 \t\r\nConnection: keep-alive\r\n\r\n{}", "{}", 1},
		{OK "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "{}", 1},
		{OK "Content-Length: 2\r\nConnection: close\r\n\r\n{}", "{}", 0},
		{OK "Content-Length: 2\r\nConnection: Keep-Alive, close\r\n\r\n{}", "{}", 0},
		{OK "Content-Length: 0\r\n\r\n", "", 1},
		{"HTTP/1.0 200 OK\nContent-Length: 2\n\n{}", "{}", 0},
		{"HTTP/1.1 204 No Content\r\n\r\n", "", 1},
		{OK "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", 1},
		{OK "Transfer-Encoding: Chunked\r\n\r\n1\r\n{\r\n00a;x=\"y\"\r\n\"a\":\"0123\"\r\n1 \r\n}\r\n0\r\n\r\n",
			"{\"a\":\"0123\"}", 1},
		{OK "Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\nContent-Length: 9\nX: y\n\n", "{}",
			1},
		{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nContent-Length: 9\r\n\r\n" OK
		 "Content-Length: 2\r\n\r\n{}",
			"{}", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome out = read_every_way(rows[i].bytes);

		if (out.result != OURO__HTTP1_DONE || strcmp(out.body, rows[i].body) != 0 ||
			out.keeps != rows[i].keeps || out.ends)
			fail_msg("row %zu: %d \"%s\" %d", i, (int)out.result, out.body, out.keeps);
	}
}

static void test_rpc_http1__the_end_ends_it(void **state)
{
	struct outcome out = read_every_way(OK "X: y\r\n\r\n{}");

	(void)state;
	assert_int_equal(out.result, OURO__HTTP1_MORE);
	assert_int_equal(out.ends, 1);
	assert_int_equal(out.keeps, 0);
	assert_string_equal(out.body, "{}");
}

/* Cut anywhere they are not whole. */
static void test_rpc_http1__cut_answers(void **state)
{
	static const char *const rows[] = {OK "Content-Length: 2\r\n\r\n{}",
		OK "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 2\r\n\r\n{}"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t size = 0; size < strlen(rows[i]); size++) {
			struct outcome out = read_in(rows[i], size, size + 1);

			if (out.result != OURO__HTTP1_MORE || out.ends)
				fail_msg("row %zu cut at %zu is taken", i, size);
		}
}

static void test_rpc_http1__what_is_not_believed(void **state)
{
	static const struct {
		const char *bytes;
		const char *why;
	} rows[] = {
		{"HTTP/2 200\r\n\r\n", "version"},
		{"HTTP/1.10 200 OK\r\n\r\n", "version"},
		{OK "Content-Length: -1\r\n\r\n", "Content-Length"},
		{OK "Content-Length: +1\r\n\r\n", "Content-Length"},
		{OK "Content-Length:\r\n\r\n", "Content-Length"},
		{OK "Content-Length: 2, 2\r\n\r\n{}", "Content-Length"},
		{OK "Content-Length: 0x2\r\n\r\n{}", "Content-Length"},
		{OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "Content-Length"},
		{OK "Content-Length: 18446744073709551618\r\n\r\n{}", "Content-Length"},
		{OK "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
			"at once"},
		{OK "Transfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding"},
		{OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
			"Transfer-Encoding"},
		{OK "Transfer-Encoding: chunked\r\n\r\n\r\n", "without its size"},
		{OK "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n", "without its size"},
		{OK "Transfer-Encoding: chunked\r\n\r\n2x\r\n{}\r\n", "without its size"},
		{OK "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n", "longer"},
		{OK "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "never ends"},
		{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", "another protocol"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome out = read_every_way(rows[i].bytes);

		if (out.result != OURO__HTTP1_GARBLED || !strstr(out.garbled, rows[i].why))
			fail_msg("row %zu: %d \"%s\"", i, (int)out.result, out.garbled);
	}
	assert_int_equal(
		read_in("HTTP/1.1 200 OK\r\nA\0b: c\r\n\r\n", 26, 26).result, OURO__HTTP1_GARBLED);
}

static void test_rpc_http1__bounds(void **state)
{
	static char head[OURO__JSON_HEAD_MAX + 64] = OK;
	struct outcome out = read_every_way(OK "Content-Length: 65\r\n\r\n");

	(void)state;
	assert_int_equal(out.result, OURO__HTTP1_REFUSED);
	assert_int_equal(out.fault, OURO_ERR_LIMIT);
	out = read_every_way(
		OK "Transfer-Encoding: chunked\r\n\r\n41\r\n"
		   "0123456789012345678901234567890123456789012345678901234567890123!");
	assert_int_equal(out.result, OURO__HTTP1_REFUSED);
	assert_int_equal(out.fault, OURO_ERR_LIMIT);
	/* A line that does not end. */
	memset(head + sizeof(OK) - 1, 'x', sizeof(head) - sizeof(OK));
	out = read_in(head, sizeof(head) - 1, 1000);
	assert_int_equal(out.result, OURO__HTTP1_REFUSED);
	assert_int_equal(out.fault, OURO_ERR_PROTOCOL);
	/* Trailers that do not. */
	(void)snprintf(head, sizeof(head), "%sTransfer-Encoding: chunked\r\n\r\n0\r\n", OK);
	for (size_t at = strlen(head); at + 3 < sizeof(head); at += 3)
		memcpy(head + at, "x:\n", 4);
	out = read_in(head, strlen(head), 1000);
	assert_int_equal(out.result, OURO__HTTP1_GARBLED);
	assert_text_has(out.garbled, "trailers");
}

/* What is not HTTP reaches the answer, which knows what it is. */
static void test_rpc_http1__other_things(void **state)
{
	static const char settings[] = "\0\0\6\4\0\0\0\0\0\0\5\0\0\100\0";
	struct outcome out = read_in("SSH-2.0-OpenSSH_9.2\r\n", 21, 21);

	(void)state;
	assert_int_equal(out.result, OURO__HTTP1_REFUSED);
	assert_int_equal(out.fault, OURO_ERR_PROTOCOL);
	assert_int_equal(read_in(settings, sizeof(settings) - 1, 64).result, OURO__HTTP1_REFUSED);
	assert_int_equal(read_in("HTTPS", 5, 2).result, OURO__HTTP1_REFUSED);
	out = read_in("HTT", 3, 1);
	assert_int_equal(out.result, OURO__HTTP1_MORE);
	assert_int_equal(out.ends, 0);
}

/* Nobody keeps a connection on which more came than was asked for. */
static void test_rpc_http1__more_than_the_answer(void **state)
{
	static const char two[] = OK "Content-Length: 2\r\n\r\n{}" OK;
	struct outcome out = read_in(two, sizeof(two) - 1, sizeof(two));

	(void)state;
	assert_int_equal(out.result, OURO__HTTP1_DONE);
	assert_string_equal(out.body, "{}");
	assert_int_equal(out.keeps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_http1__whole_answers),
		cmocka_unit_test(test_rpc_http1__the_end_ends_it),
		cmocka_unit_test(test_rpc_http1__cut_answers),
		cmocka_unit_test(test_rpc_http1__what_is_not_believed),
		cmocka_unit_test(test_rpc_http1__bounds),
		cmocka_unit_test(test_rpc_http1__other_things),
		cmocka_unit_test(test_rpc_http1__more_than_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
