/* What a call looks like as an HTTP request: path, query and body; and what never becomes one. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include <ouroboros/common.h>

#include "rpc/json.h"
#include "rpc/json_request.h"

#define ROOM ((size_t)1 << 20)

struct thing {
	uint64_t number;
	int32_t flag;
	int32_t method;
	const char *text;
	int64_t time;
	struct ouro__texts texts;
	struct ouro__messages many;
};

#define ROW(number, json, kind, member, sub)                                                       \
	{                                                                                          \
		(number), OURO__FIELD_##kind, 1, 9, offsetof(struct thing, member), (json), (sub)  \
	}

static const struct ouro__field values[] = {
	{0, 0, 0, 0, 0, "NONE", NULL},
	{1, 0, 0, 0, 0, "FIRST", NULL},
};
static const struct ouro__message methods = {"Method", 0, values, 2};
static const struct ouro__field rows[] = {
	ROW(1, "number", U64, number, NULL),
	ROW(3, "flag", BOOL, flag, NULL),
	ROW(4, "method", ENUM, method, &methods),
	ROW(5, "text", TEXT, text, NULL),
	ROW(7, "time", TIME, time, NULL),
};
static const struct ouro__message plain = {"Plain", sizeof(struct thing), rows, 5};
static const struct thing usual = {7, 1, 1, "a/ b&", 1795419133, {NULL, 0}, {NULL, 0}};

static ouro_error error;

/* A message and a request of it with room for so many bytes each; free with done(). */
static ouro__buf target;
static ouro__buf body;

static ouro_status make(const struct ouro__message *message, uint32_t flags, const char *verb,
	const char *path, const void *request)
{
	const struct ouro__method method = {"Do", message, message, flags, verb, path};

	error = (ouro_error)OURO_ERROR_INIT;
	return ouro__json_request(&method, 1, request, &target, &body, &error);
}

static void room(size_t for_target, size_t for_body)
{
	target = (ouro__buf)OURO__BUF_INIT(for_target);
	body = (ouro__buf)OURO__BUF_INIT(for_body);
}

static void done(void)
{
	ouro__buf_done(&target);
	ouro__buf_done(&body);
}

static void requested(uint32_t flags, const char *verb, const char *path,
	const char *expected_target, const char *expected_body)
{
	room(ROOM, ROOM);
	assert_int_equal(make(&plain, flags, verb, path, &usual), OURO_OK);
	assert_string_equal(ouro__buf_str(&target), expected_target);
	assert_string_equal(ouro__buf_str(&body), expected_body);
	done();
}

static void test_rpc_json_request__forms(void **state)
{
	(void)state;
	requested(0, "GET", "/x/{number}", "/x/7", "");
	requested(0, "DELETE", "/x/{number}/y", "/x/7/y", "");
	requested(0, "POST", "/x", "/x", "{}");
	requested(OURO__METHOD_QUERY, "GET", "/x/{number}",
		"/x/7?flag=true&method=FIRST&text=a%2F%20b%26&time=2026-11-23T07%3A32%3A13Z", "");
	requested(OURO__METHOD_BODY, "PUT", "/x/{number}/{time}", "/x/7/2026-11-23T07%3A32%3A13Z",
		"{\"flag\":true,\"method\":\"FIRST\",\"text\":\"a/ b&\"}");
	requested(OURO__METHOD_QUERY | OURO__METHOD_BODY, "POST", "/{number}",
		"/7?flag=true&method=FIRST&text=a%2F%20b%26&time=2026-11-23T07%3A32%3A13Z",
		"{\"flag\":true,\"method\":\"FIRST\",\"text\":\"a/ b&\",\"time\":\"2026-11-23T07:32:13Z\"}");
	/* A brace that is no name stays what it is. */
	requested(0, "GET", "/x/{number", "/x/{number", "");
}

static void refused(const struct ouro__message *message, uint32_t flags, const char *verb,
	const char *path, const void *request, ouro_status status)
{
	room(ROOM, ROOM);
	assert_int_equal(make(message, flags, verb, path, request), status);
	assert_true(error.text[0]);
	done();
}

static void test_rpc_json_request__none(void **state)
{
	(void)state;
	refused(&plain, 0, NULL, NULL, &usual, OURO_ERR_UNSUPPORTED);
	refused(&plain, 0, "GET", NULL, &usual, OURO_ERR_UNSUPPORTED);
	refused(&plain, 0, "GET", "/x/{nosuch}", &usual, OURO_ERR_INTERNAL);
	/* Of the right length, and one that only other generations have. */
	refused(&plain, 0, "GET", "/x/{numbex}", &usual, OURO_ERR_INTERNAL);
}

/* Every byte that a text may hold arrives as itself. */
static void test_rpc_json_request__every_byte(void **state)
{
	static const char kept[] =
		"-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";

	(void)state;
	for (int c = 1; c < 0x80; c++) {
		const char text[] = {'x', (char)c, '\0'};
		const struct thing o = {.number = 1, .text = text, .time = OURO_TIME_NEVER};
		char want[16];

		if (strchr(kept, c))
			(void)snprintf(want, sizeof(want), "/x%c", c);
		else
			(void)snprintf(want, sizeof(want), "/x%%%02X", (unsigned)c);
		room(ROOM, ROOM);
		assert_int_equal(make(&plain, 0, "GET", "/{text}", &o),
			c == '/' ? OURO_ERR_INVALID : OURO_OK);
		if (c != '/')
			assert_string_equal(ouro__buf_str(&target), want);
		done();
	}
}

static void test_rpc_json_request__segments(void **state)
{
	static const char *const good[] = {".x", "..x", "...", "x.", "x..", "~"};
	static const char *const bad[] = {"", ".", "..", "a/b", "/", "\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct thing o = usual;

		o.text = good[i];
		room(ROOM, ROOM);
		assert_int_equal(make(&plain, 0, "GET", "/{text}/y", &o), OURO_OK);
		done();
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct thing o = usual;

		o.text = bad[i];
		refused(&plain, 0, "GET", "/{text}/y", &o, OURO_ERR_INVALID);
	}
}

/* Lists and messages have no form in a path or a query. */
static void test_rpc_json_request__lists_stay_in_bodies(void **state)
{
	static const struct ouro__field fields[] = {
		ROW(1, "number", U64, number, NULL),
		ROW(6, "texts", TEXTS, texts, NULL),
		ROW(9, "many", MESSAGES, many, &plain),
	};
	static const struct ouro__message lists = {"Lists", sizeof(struct thing), fields, 3};

	(void)state;
	refused(&lists, 0, "GET", "/{texts}", &usual, OURO_ERR_INVALID);
	refused(&lists, 0, "GET", "/{many}", &usual, OURO_ERR_INVALID);
	refused(&lists, OURO__METHOD_QUERY, "GET", "/{number}", &usual, OURO_ERR_INVALID);
}

static void test_rpc_json_request__bounds(void **state)
{
	struct thing o = usual;
	char *text = calloc(1, 70001);

	(void)state;
	memset(text, 'x', 70000);
	o.text = text;
	refused(&plain, 0, "GET", "/{text}", &o, OURO_ERR_LIMIT);
	refused(&plain, OURO__METHOD_QUERY, "GET", "/x", &o, OURO_ERR_LIMIT);
	text[10] = '\xff';
	refused(&plain, OURO__METHOD_QUERY, "GET", "/x", &o, OURO_ERR_INVALID);
	free(text);
	room(8, ROOM);
	assert_int_equal(make(&plain, 0, "GET", "/a/longer/path", &usual), OURO_ERR_LIMIT);
	done();
	room(ROOM, 1);
	assert_int_equal(make(&plain, 0, "POST", "/x", &usual), OURO_ERR_LIMIT);
	done();
	room(ROOM, 8);
	assert_int_equal(make(&plain, OURO__METHOD_BODY, "POST", "/x", &usual), OURO_ERR_LIMIT);
	done();
}

/* More rows than there are bits to remember which of them stand in the path. */
static void test_rpc_json_request__many_rows(void **state)
{
	static struct ouro__field fields[40];
	static char names[40][8];
	static const struct ouro__message wide = {"Wide", sizeof(uint64_t) * 40, fields, 40};
	uint64_t numbers[40];

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "f%zu", i);
		fields[i] = (struct ouro__field){(uint32_t)i + 1, OURO__FIELD_U64, 0, 255,
			i * sizeof(uint64_t), names[i], NULL};
		numbers[i] = i == 31 || i == 35 ? i : 0;
	}
	room(ROOM, ROOM);
	assert_int_equal(
		make(&wide, OURO__METHOD_QUERY | OURO__METHOD_BODY, "POST", "/{f31}", numbers),
		OURO_OK);
	assert_string_equal(ouro__buf_str(&target), "/31?f35=35");
	assert_string_equal(ouro__buf_str(&body), "{\"f35\":\"35\"}");
	done();
	refused(&wide, 0, "GET", "/{f35}", numbers, OURO_ERR_INTERNAL);
}

static void test_rpc_json_request__public_paths(void **state)
{
	static const char *const good[] = {"/", "/version", "/a?b=c&d", "/~x"};
	static const char *const bad[] = {
		"", "x", "/a b", "/a\x7f", "/a\xc3\xa4", "/a#b", "/a\\b", "/a\n", "http://x/"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(ouro__json_page_check(good[i], NULL), OURO_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ouro__json_page_check(bad[i], NULL) != OURO_ERR_INVALID)
			fail_msg("taken: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_json_request__forms),
		cmocka_unit_test(test_rpc_json_request__none),
		cmocka_unit_test(test_rpc_json_request__every_byte),
		cmocka_unit_test(test_rpc_json_request__segments),
		cmocka_unit_test(test_rpc_json_request__lists_stay_in_bodies),
		cmocka_unit_test(test_rpc_json_request__bounds),
		cmocka_unit_test(test_rpc_json_request__many_rows),
		cmocka_unit_test(test_rpc_json_request__public_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
