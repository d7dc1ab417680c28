/* Answers and verdicts as values: every HTTP and gRPC outcome, for methods that read and methods that write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "rpc/grpc_channel_answer.h"

static int header(struct ouro__grpc_answer *answer, const char *name, const char *value)
{
	return ouro__grpc_answer_header(answer, name, strlen(name), value, strlen(value));
}

static void start(struct ouro__grpc_answer *answer)
{
	ouro__grpc_answer_init(answer, 100);
	assert_int_equal(header(answer, ":status", "200"), 0);
	assert_int_equal(header(answer, "content-type", "application/grpc+proto"), 0);
}

static ouro_status verdict(const struct ouro__grpc_answer *answer, const struct ouro__h2_end *end,
	int reads, enum ouro__grpc_again *again, ouro_error *error)
{
	*error = (ouro_error)OURO_ERROR_INIT;
	return ouro__grpc_answer_verdict(answer, end, "Method", reads, again, error);
}

static void expect_grpc(
	const char *code, const char *text, ouro_status read, ouro_status write, const char *shown)
{
	const struct ouro__h2_end end = {.code = 0};
	struct ouro__grpc_answer answer;
	enum ouro__grpc_again again;
	ouro_error error;

	start(&answer);
	assert_int_equal(header(&answer, "grpc-status", code), 0);
	assert_int_equal(header(&answer, "grpc-message", text), 0);
	assert_int_equal(ouro__grpc_answer_headers_done(&answer, 0, 1), 0);
	if (verdict(&answer, &end, 0, &again, &error) != write)
		fail_msg("%s %s: write %d", code, text, (int)error.status);
	if (verdict(&answer, &end, 1, &again, &error) != read)
		fail_msg("%s %s: read %d", code, text, (int)error.status);
	assert_string_equal(error.text, shown);
	ouro__grpc_answer_done(&answer);
}

static void test_rpc_grpc_answer__status(void **state)
{
	(void)state;
	expect_grpc("5", "node not found", OURO_ERR_REJECTED, OURO_ERR_REJECTED, "node not found");
	expect_grpc("2", "", OURO_ERR_REJECTED, OURO_ERR_REJECTED, "no reason given");
	/* bytes that are no text */
	expect_grpc("9", "%C8", OURO_ERR_REJECTED, OURO_ERR_REJECTED, "no reason given");
	expect_grpc("13", "validating token", OURO_ERR_UNAUTHENTICATED, OURO_ERR_UNAUTHENTICATED,
		"Method: Headscale refuses the API key: validating token");
	expect_grpc("13", "failed to validate token", OURO_ERR_UNAUTHENTICATED,
		OURO_ERR_UNAUTHENTICATED,
		"Method: Headscale refuses the API key: failed to validate token");
	expect_grpc(
		"2", "validating token", OURO_ERR_REJECTED, OURO_ERR_REJECTED, "validating token");
	expect_grpc("13", "out of order", OURO_ERR_REJECTED, OURO_ERR_REJECTED, "out of order");
	expect_grpc("16", "invalid token", OURO_ERR_UNAUTHENTICATED, OURO_ERR_UNAUTHENTICATED,
		"Method: Headscale refuses the API key: invalid token");
	expect_grpc("12", "unknown method X for service S", OURO_ERR_UNSUPPORTED,
		OURO_ERR_UNSUPPORTED, "Method: unknown method X for service S");
	expect_grpc("12", "unknown service S", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL,
		"Method: a gRPC server answers, but it is not Headscale (unknown service)");
	expect_grpc("8", "grpc: received message larger than max (5 vs. 4)", OURO_ERR_LIMIT,
		OURO_ERR_LIMIT, "Method: grpc: received message larger than max (5 vs. 4)");
	expect_grpc("8", "quota", OURO_ERR_REJECTED, OURO_ERR_REJECTED, "quota");
	expect_grpc("4", "late", OURO_ERR_TIMEOUT, OURO_ERR_UNCERTAIN, "Method: late");
	expect_grpc("1", "gone", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN, "Method: gone");
	expect_grpc("14", "down", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN, "Method: down");
}

static void expect_message(const char *wire, const char *want)
{
	struct ouro__grpc_answer answer;

	start(&answer);
	assert_int_equal(header(&answer, "grpc-message", wire), 0);
	assert_string_equal(ouro__buf_str(&answer.message), want);
	ouro__grpc_answer_done(&answer);
}

static void test_rpc_grpc_answer__message(void **state)
{
	char large[6000];

	(void)state;
	expect_message("plain", "plain");
	expect_message("%", "%");
	expect_message("%4", "%4");
	expect_message("%41", "A");
	expect_message("%4/%4:%4@%4G%4`%4g%aA", "%4/%4:%4@%4G%4`%4g\xaa");
	expect_message("%zz%4x%x4%C3%a4%", "%zz%4x%x4\xc3\xa4%");
	memset(large, 'a', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	struct ouro__grpc_answer answer;

	start(&answer);
	assert_int_equal(header(&answer, "grpc-message", large), 0);
	assert_int_equal(answer.message.size, OURO__GRPC_MESSAGE_MAX);
	assert_false(answer.message.broken);
	ouro__grpc_answer_done(&answer);
}

static void test_rpc_grpc_answer__http(void **state)
{
	static const struct {
		const char *status;
		ouro_status read;
		ouro_status write;
	} rows[] = {
		{"200", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN},
		{"400", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL},
		{"401", OURO_ERR_UNAUTHENTICATED, OURO_ERR_UNAUTHENTICATED},
		{"403", OURO_ERR_REJECTED, OURO_ERR_REJECTED},
		{"404", OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL},
		{"429", OURO_ERR_UNREACHABLE, OURO_ERR_UNREACHABLE},
		{"500", OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN},
		{"502", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN},
		{"503", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN},
		{"504", OURO_ERR_UNREACHABLE, OURO_ERR_UNCERTAIN},
	};
	const struct ouro__h2_end end = {.code = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ouro__grpc_answer answer;
		enum ouro__grpc_again again;
		ouro_error error;

		ouro__grpc_answer_init(&answer, 100);
		assert_int_equal(header(&answer, ":status", rows[i].status), 0);
		/* Not gRPC's type, though it begins like it. */
		assert_int_equal(header(&answer, "content-type", "application/grpcweb"), 0);
		assert_int_equal(ouro__grpc_answer_headers_done(&answer, 0, 0), 0);
		assert_int_equal(ouro__grpc_answer_data(&answer, (const uint8_t *)"<html>", 6), 0);
		assert_int_equal(verdict(&answer, &end, 0, &again, &error), rows[i].write);
		assert_int_equal(verdict(&answer, &end, 1, &again, &error), rows[i].read);
		assert_int_equal(error.http_status, answer.http_status);
		assert_int_equal(error.grpc_status, -1);
		ouro__grpc_answer_done(&answer);
	}
}

static void test_rpc_grpc_answer__ends(void **state)
{
	const struct ouro__h2_end refused = {.unprocessed = 1, .code = 7};
	const struct ouro__h2_end calm = {.code = 11};
	const struct ouro__h2_end internal = {.code = 2};
	const struct ouro__h2_end lost = {.lost = 1};
	const struct ouro__h2_end unsent = {.lost = 1, .unprocessed = 1};
	struct ouro__grpc_answer answer;
	enum ouro__grpc_again again;
	ouro_error error;

	(void)state;
	start(&answer);
	assert_int_equal(verdict(&answer, &refused, 0, &again, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(again, OURO__GRPC_AGAIN_ANY);
	assert_int_equal(verdict(&answer, &calm, 1, &again, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(again, OURO__GRPC_AGAIN_NEVER);
	assert_int_equal(verdict(&answer, &internal, 1, &again, &error), OURO_ERR_PROTOCOL);
	assert_int_equal(verdict(&answer, &internal, 0, &again, &error), OURO_ERR_UNCERTAIN);
	assert_int_equal(verdict(&answer, &lost, 0, &again, &error), OURO_ERR_UNCERTAIN);
	assert_int_equal(again, OURO__GRPC_AGAIN_READ);
	assert_int_equal(verdict(&answer, &unsent, 0, &again, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(again, OURO__GRPC_AGAIN_ANY);
	/* After headers nothing is repeated. */
	assert_int_equal(ouro__grpc_answer_headers_done(&answer, 0, 0), 0);
	assert_int_equal(verdict(&answer, &lost, 1, &again, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(again, OURO__GRPC_AGAIN_NEVER);
	ouro__grpc_answer_done(&answer);
}

static void test_rpc_grpc_answer__body(void **state)
{
	const struct ouro__h2_end end = {.code = 0};
	static const uint8_t wire[] = {0, 0, 0, 0, 3, 'a', 'b', 'c', 0};
	struct ouro__grpc_answer answer;
	enum ouro__grpc_again again;
	ouro_error error;

	(void)state;
	start(&answer);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(ouro__grpc_answer_data(&answer, wire + i, 1), 0);
	assert_int_equal(header(&answer, "grpc-status", "0"), 0);
	assert_int_equal(ouro__grpc_answer_headers_done(&answer, 1, 1), 0);
	assert_int_equal(verdict(&answer, &end, 0, &again, &error), OURO_OK);
	assert_memory_equal(answer.body.data, "abc", 3);
	/* Trailers count more than a reset or a loss behind them. */
	assert_int_equal(
		verdict(&answer, &(struct ouro__h2_end){.code = 2}, 0, &again, &error), OURO_OK);
	assert_int_equal(
		verdict(&answer, &(struct ouro__h2_end){.lost = 1}, 0, &again, &error), OURO_OK);
	assert_int_equal(ouro__grpc_answer_data(&answer, wire, 1), 1);
	assert_int_equal(verdict(&answer, &end, 1, &again, &error), OURO_ERR_PROTOCOL);
	ouro__grpc_answer_done(&answer);

	/* 101 is over the limit of 100, and is refused before a byte is kept. */
	start(&answer);
	assert_int_equal(ouro__grpc_answer_data(&answer, (const uint8_t *)"\0\0\0\0\x65", 5), 1);
	assert_null(answer.body.data);
	assert_int_equal(verdict(&answer, &(struct ouro__h2_end){.code = 8}, 1, &again, &error),
		OURO_ERR_LIMIT);
	ouro__grpc_answer_done(&answer);
}

/* What a proxy may write for a status: only 0 to 16 in plain decimal are codes, the rest is UNKNOWN. */
static void test_rpc_grpc_answer__status_numbers(void **state)
{
	static const struct {
		const char *text;
		int code;
	} rows[] = {{"0", 0}, {"9", 9}, {"10", 10}, {"16", 16}, {"17", 2}, {"1/", 2}, {"05", 2},
		{"x", 2}, {"/", 2}, {"", 2}, {"116", 2}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ouro__grpc_answer answer;

		start(&answer);
		assert_int_equal(header(&answer, "grpc-status", rows[i].text), 0);
		assert_int_equal(answer.grpc_status, rows[i].code);
		/* The same again is no fault. */
		assert_int_equal(header(&answer, "grpc-status", rows[i].text), 0);
		assert_int_equal(answer.fault, OURO_OK);
		ouro__grpc_answer_done(&answer);
	}
}

static void test_rpc_grpc_answer__types(void **state)
{
	static const struct {
		const char *type;
		int grpc;
	} rows[] = {{"application/grpc", 1}, {"application/grpc;charset=utf-8", 1},
		{"application/grpc+proto", 1}, {"application/grpc-web", 0}, {"text/html", 0},
		{"application/json; charset=utf-8", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ouro__grpc_answer answer;

		ouro__grpc_answer_init(&answer, 100);
		assert_int_equal(header(&answer, ":status", "20"), 0); /* no status */
		assert_int_equal(answer.http_status, 0);
		assert_int_equal(header(&answer, "content-type", rows[i].type), 0);
		assert_int_equal(header(&answer, "server", "nginx"), 0);
		assert_int_equal(header(&answer, "grpc-massage", "nobody's"), 0);
		assert_int_equal(answer.grpc_type, rows[i].grpc);
		assert_int_equal(answer.message.size, 0);
		ouro__grpc_answer_done(&answer);
	}
}

/* The first fault is the one that is told, and nothing more is taken. */
static void test_rpc_grpc_answer__faults(void **state)
{
	const struct ouro__h2_end end = {.code = 8};
	struct ouro__grpc_answer answer;
	enum ouro__grpc_again again;
	ouro_error error;

	(void)state;
	start(&answer);
	assert_int_equal(ouro__grpc_answer_headers_done(&answer, 0, 0), 0);
	assert_int_equal(ouro__grpc_answer_headers_done(&answer, 1, 0), 1);
	assert_int_equal(header(&answer, "grpc-status", "0"), 0);
	assert_int_equal(header(&answer, "grpc-status", "5"), 1);
	assert_int_equal(answer.grpc_status, 0);
	assert_int_equal(ouro__grpc_answer_data(&answer, (const uint8_t *)"\0\0\0\0\1x", 6), 1);
	assert_null(answer.body.data);
	assert_int_equal(verdict(&answer, &end, 1, &again, &error), OURO_ERR_PROTOCOL);
	assert_string_equal(
		error.text, "Method: a second header block in the middle of the answer");
	assert_int_equal(again, OURO__GRPC_AGAIN_NEVER);
	assert_int_equal(verdict(&answer, &end, 0, &again, &error), OURO_ERR_UNCERTAIN);
	ouro__grpc_answer_done(&answer);

	start(&answer);
	assert_int_equal(ouro__grpc_answer_data(&answer, (const uint8_t *)"\1\0\0\0\1x", 6), 1);
	assert_int_equal(verdict(&answer, &end, 1, &again, &error), OURO_ERR_PROTOCOL);
	assert_string_equal(error.text, "Method: a compressed message, which was not asked for");
	ouro__grpc_answer_done(&answer);
}

/* Trailers came, but something is missing before or in them. */
static void expect_ended(
	struct ouro__grpc_answer *answer, ouro_status read, ouro_status write, const char *text)
{
	const struct ouro__h2_end end = {.code = 0};
	enum ouro__grpc_again again;
	ouro_error error;

	assert_int_equal(verdict(answer, &end, 0, &again, &error), write);
	assert_int_equal(again, OURO__GRPC_AGAIN_NEVER);
	assert_int_equal(verdict(answer, &end, 1, &again, &error), read);
	assert_int_equal(again, OURO__GRPC_AGAIN_NEVER);
	assert_string_equal(error.text, text);
	ouro__grpc_answer_done(answer);
}

static void test_rpc_grpc_answer__incomplete(void **state)
{
	struct ouro__grpc_answer answer;

	(void)state;
	start(&answer);
	assert_int_equal(ouro__grpc_answer_headers_done(&answer, 0, 1), 0);
	expect_ended(&answer, OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN,
		"Method: the answer has no grpc-status");
	start(&answer);
	assert_int_equal(header(&answer, "grpc-status", "0"), 0);
	assert_int_equal(ouro__grpc_answer_headers_done(&answer, 0, 1), 0);
	expect_ended(&answer, OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN,
		"Method: the answer is cut short or empty");
	start(&answer);
	assert_int_equal(ouro__grpc_answer_data(&answer, (const uint8_t *)"\0\0\0\0\2x", 6), 0);
	assert_int_equal(header(&answer, "grpc-status", "0"), 0);
	assert_int_equal(ouro__grpc_answer_headers_done(&answer, 1, 1), 0);
	expect_ended(&answer, OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN,
		"Method: the answer is cut short or empty");
	/* The stream ends without trailers. */
	start(&answer);
	assert_int_equal(ouro__grpc_answer_headers_done(&answer, 0, 0), 0);
	expect_ended(&answer, OURO_ERR_PROTOCOL, OURO_ERR_UNCERTAIN,
		"Method: the answer ends without a grpc-status");
	/* A page, headers only. */
	ouro__grpc_answer_init(&answer, 100);
	assert_int_equal(header(&answer, ":status", "404"), 0);
	assert_int_equal(ouro__grpc_answer_headers_done(&answer, 0, 1), 0);
	expect_ended(&answer, OURO_ERR_PROTOCOL, OURO_ERR_PROTOCOL,
		"Method: the server answers HTTP 404: it is not a gRPC port of Headscale");
}

static void test_rpc_grpc_answer__lost_for_other_reasons(void **state)
{
	ouro_error why = OURO_ERROR_INIT;
	ouro_error small = OURO_ERROR_INIT;
	const struct ouro__h2_end broken = {.lost = 1, .error = &why};
	const struct ouro__h2_end unsent = {.lost = 1, .unprocessed = 1, .error = &why};
	const struct ouro__h2_end odd = {.code = 77};
	struct ouro__grpc_answer answer;
	enum ouro__grpc_again again;
	ouro_error error;

	(void)state;
	why.status = OURO_ERR_PROTOCOL;
	memcpy(why.text, "frames", 7);
	start(&answer);
	assert_int_equal(verdict(&answer, &broken, 1, &again, &error), OURO_ERR_PROTOCOL);
	assert_int_equal(again, OURO__GRPC_AGAIN_NEVER);
	assert_string_equal(error.text, "Method: frames");
	assert_int_equal(verdict(&answer, &broken, 0, &again, &error), OURO_ERR_UNCERTAIN);
	/* Certain, but no better next time. */
	assert_int_equal(verdict(&answer, &unsent, 0, &again, &error), OURO_ERR_PROTOCOL);
	assert_int_equal(again, OURO__GRPC_AGAIN_NEVER);
	assert_int_equal(verdict(&answer, &odd, 1, &again, &error), OURO_ERR_PROTOCOL);
	assert_string_equal(error.text, "Method: the request was reset (unknown code, 77)");
	assert_int_equal(ouro__grpc_answer_verdict(&answer, &odd, "Method", 1, &again, NULL),
		OURO_ERR_PROTOCOL);
	small.size = 8;
	assert_int_equal(ouro__grpc_answer_verdict(&answer, &broken, "Method", 0, &again, &small),
		OURO_ERR_UNCERTAIN);
	assert_int_equal(small.status, OURO_OK);
	ouro__grpc_answer_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_grpc_answer__status),
		cmocka_unit_test(test_rpc_grpc_answer__message),
		cmocka_unit_test(test_rpc_grpc_answer__http),
		cmocka_unit_test(test_rpc_grpc_answer__ends),
		cmocka_unit_test(test_rpc_grpc_answer__body),
		cmocka_unit_test(test_rpc_grpc_answer__status_numbers),
		cmocka_unit_test(test_rpc_grpc_answer__types),
		cmocka_unit_test(test_rpc_grpc_answer__faults),
		cmocka_unit_test(test_rpc_grpc_answer__incomplete),
		cmocka_unit_test(test_rpc_grpc_answer__lost_for_other_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
