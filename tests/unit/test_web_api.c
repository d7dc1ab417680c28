/* The API's readers and writers: paths, times, bodies, JSON text, and which failure gets which status. */
#include "api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct web_arena arena;
static struct web_response response;
static struct web_request request;
static struct web_call web = {.request = &request, .response = &response, .arena = &arena};

static const struct api_field fields[] = {{"id", API_ID}, {"text", API_TEXT}, {"flag", API_BOOL},
	{"time", API_TIME}, {"texts", API_TEXTS}, {"number", API_NUMBER}, {NULL, API_TEXT}};
static const struct api_route optional = {WEB_POST, "/v1/x", NULL, 0, fields, "testing"};
static const struct api_route required = {WEB_POST, "/v1/x", NULL, API_BODY, fields, "testing"};
static const struct api_route bare = {WEB_POST, "/v1/x", NULL, 0, NULL, "testing"};

static int setup(void **state)
{
	(void)state;
	web_arena_init(&arena, (size_t)1024 * 1024);
	web_response_init(&response);
	memset(&request, 0, sizeof(request));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	web_arena_done(&arena);
	web_response_done(&response);
	return 0;
}

/* --- paths ------------------------------------------------------------------------------------------------------------- */

static void check_match(
	const char *pattern, const char *path, int wanted, const char *first, const char *second)
{
	const char *params[API_PARAMS_MAX] = {"", ""};

	assert_int_equal(api_match(pattern, path, &arena, params), wanted);
	if (wanted == 1) {
		assert_string_equal(params[0], first);
		assert_string_equal(params[1], second);
	}
}

static void test_web_api__paths(void **state)
{
	(void)state;
	check_match("/v1/node", "/v1/node", 1, "", "");
	check_match("/v1/node", "/v1/node/", 0, "", "");
	check_match("/v1/node", "/v1/nod", 0, "", "");
	check_match("/v1/node/{}", "/v1/node/5", 1, "5", "");
	check_match("/v1/node/{}", "/v1/node/", 0, "", "");
	check_match("/v1/node/{}", "/v1/node/5/x", 0, "", "");
	check_match("/v1/node/{}/rename/{}", "/v1/node/5/rename/caf%C3%a9", 1, "5", "caf\xc3\xa9");
	/* An encoded slash is no separator, and what it hides is no other address. */
	check_match("/v1/node/{}/rename/{}", "/v1/node/5/rename/a%2Fb", 1, "5", "a/b");
	check_match("/v1/node/{}/rename/{}", "/v1/node/5/rename/%2e%2e", 1, "5", "..");
	check_match("/v1/node/{}/expire", "/v1/node/5%2Fexpire", 0, "", "");
}

static void test_web_api__path_segments_are_text(void **state)
{
	static const char *const bad[] = {
		"%", "%4", "%zz", "%00", "%0a", "%7f", "%ff", "%c3", "%ed%a0%80", "%c2%85"};
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(path, sizeof(path), "/v1/node/%s", bad[i]);
		check_match("/v1/node/{}", path, -1, "", "");
	}
}

/* --- times ------------------------------------------------------------------------------------------------------------- */

static void test_web_api__times(void **state)
{
	static const struct {
		const char *text;
		int64_t time;
	} good[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-11-23T07:37:15.783963111Z", 1795419435},
		{"2030-01-02T03:04:05.5+02:00", 1893546245},
		{"2030-01-02t03:04:05z", 1893553445},
		{"2030-01-02T03:04:05-00:30", 1893555245},
		{"2024-02-29T00:00:00Z", 1709164800},
		{"2000-02-29T23:59:59Z", 951868799},
		{"0001-01-01T00:00:00Z", -62135596800},
		{"9999-12-31T23:59:59Z", 253402300799},
	};
	static const char *const bad[] = {"", "tomorrow", "2026-11-23", "2026-11-23 07:37:15Z",
		"2026-11-23T07:37:15", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
		"2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+2:00",
		"2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+02:60",
		"2026-01-01T00:00:00+0200", "2026-01-01T00:00:00Zx", "0000-01-01T00:00:00Z",
		"+026-01-01T00:00:00Z", "2026-1-01T00:00:00Z"};
	int64_t time;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(api_time_read(good[i].text, strlen(good[i].text), &time), 1);
		assert_true(time == good[i].time);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(api_time_read(bad[i], strlen(bad[i]), &time), 0);
}

static void test_web_api__times_are_written(void **state)
{
	static const int64_t times[] = {
		-62135596800, -1, 0, 951868799, 1709164800, 1893546245, 4107542400, 253402300799};
	char text[API_TIME_MAX];
	int64_t time;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		api_time_text(times[i], text);
		assert_int_equal(api_time_read(text, strlen(text), &time), 1);
		assert_true(time == times[i]);
	}
	api_time_text(1795419435, text);
	assert_string_equal(text, "2026-11-23T07:37:15Z");
	api_time_text(INT64_MIN, text);
	assert_string_equal(text, API_TIME_ZERO);
	api_time_text(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
}

/* --- bodies ------------------------------------------------------------------------------------------------------------ */

/* The status of the refusal, 0 if the body is accepted. */
static int body_status(const struct api_route *route, const char *text)
{
	struct api_call api = {&web, route, {"", ""}, NULL, NULL};
	json_t *root = NULL;
	int accepted = api_body_read(&api, text, strlen(text), &root);

	json_decref(root);
	return accepted ? 0 : response.status;
}

static int body(const char *text)
{
	return body_status(&optional, text);
}

static void test_web_api__bodies(void **state)
{
	(void)state;
	assert_int_equal(body(""), 0);
	assert_int_equal(body("{}"), 0);
	assert_int_equal(
		body(" {\"flag\":true,\"id\":\"18446744073709551615\",\"text\":\"\"}\n"), 0);
	assert_int_equal(
		body("{\"id\":\"\",\"time\":\"2030-01-02T03:04:05Z\",\"texts\":[\"a\"]}"), 0);
	assert_int_equal(body("{\"id\":\"0\",\"number\":-5,\"texts\":[]}"), 0);
	assert_int_equal(body("{\"id\":null,\"flag\":null,\"time\":null,\"texts\":null}"), 0);
	assert_int_equal(body_status(&required, ""), 400);
	assert_int_equal(body_status(&required, "{}"), 0);
	assert_int_equal(body_status(&bare, "{}"), 0);
	assert_int_equal(body_status(&bare, "{\"id\":\"5\"}"), 422);
}

static void test_web_api__bodies_refused(void **state)
{
	static const char *const broken[] = {"{", "}", "{\"id\":\"5\"} x", "{\"id\":\"5\",}",
		"{\"id\":\"5\",\"id\":\"6\"}", "{\"text\":\"\\u0000\"}", "{\"text\":\"\xff\"}",
		"[[[[[[[[[[]]]]]]]]]]",
		"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}",
		"{\"number\":99999999999999999999}", "{'id':'5'}"};
	static const char *const wrong[] = {"null", "[]", "5", "\"x\"", "true", "{\"nonsense\":1}",
		"{\"id\":5}", "{\"id\":\"x\"}", "{\"id\":\"-1\"}", "{\"id\":\"05\"}",
		"{\"id\":\"18446744073709551616\"}", "{\"text\":5}", "{\"flag\":\"true\"}",
		"{\"flag\":1}", "{\"time\":\"tomorrow\"}", "{\"time\":5}", "{\"texts\":\"a\"}",
		"{\"texts\":[5]}", "{\"texts\":[null]}", "{\"texts\":{}}", "{\"number\":\"5\"}",
		"{\"number\":1.5}", "{\"ID\":\"5\"}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(body(broken[i]), 400);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(body(wrong[i]), 422);
	/* Brackets in a text are no depth. */
	assert_int_equal(body("{\"text\":\"[[[[[[[[[[[[[[\\\"{{{{{{{{{{\"}"), 0);
}

static void test_web_api__every_fault_is_named(void **state)
{
	json_t *root, *errors;

	(void)state;
	assert_int_equal(body("{\"id\":5,\"nonsense\":1,\"texts\":[\"a\",5]}"), 422);
	assert_string_equal(response.content_type, "application/problem+json");
	root = json_loadb(response.body.data, response.body.length, 0, NULL);
	assert_non_null(root);
	assert_string_equal(
		json_string_value(json_object_get(root, "title")), "Unprocessable Entity");
	assert_string_equal(
		json_string_value(json_object_get(root, "detail")), "validation failed");
	assert_int_equal(json_integer_value(json_object_get(root, "status")), 422);
	errors = json_object_get(root, "errors");
	assert_int_equal(json_array_size(errors), 3);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(errors, 0), "location")),
		"body.id");
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(errors, 2), "location")),
		"body.texts[1]");
	json_decref(root);
}

static void test_web_api__content_types(void **state)
{
	static const char *const good[] = {"application/json", "Application/JSON",
		"application/json; charset=utf-8", "application/json ;x",
		"application/merge-patch+json"};
	static const char *const bad[] = {"", "text/plain", "application/jsonx", "json", "+json",
		"application/x-www-form-urlencoded", "text/plain; application/json"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		request.content_type = good[i];
		assert_int_equal(body("{}"), 0);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		request.content_type = bad[i];
		assert_int_equal(body("{}"), 415);
		assert_int_equal(body(""), 0);
	}
}

static void test_web_api__members(void **state)
{
	struct api_call api = {&web, &optional, {"", ""}, NULL, NULL};
	static const char text[] = "{\"id\":\"7\",\"text\":\"t\",\"flag\":true,\"number\":9,"
				   "\"time\":\"1970-01-01T00:00:09Z\",\"texts\":[\"a\",\"b\"]}";
	const char *const *texts;
	size_t count;

	(void)state;
	assert_int_equal(api_body_read(&api, text, strlen(text), &api.body), 1);
	assert_true(api_id(&api, "id") == 7);
	assert_string_equal(api_text(&api, "text"), "t");
	assert_int_equal(api_flag(&api, "flag"), 1);
	assert_int_equal(api_number(&api, "number"), 9);
	assert_int_equal(api_time(&api, "time"), 9);
	texts = api_texts(&api, "texts", &count);
	assert_int_equal(count, 2);
	assert_string_equal(texts[1], "b");
	json_decref(api.body);
	api.body = NULL;
	assert_true(api_id(&api, "id") == 0);
	assert_null(api_text(&api, "text"));
	assert_int_equal(api_flag(&api, "flag"), 0);
	assert_int_equal(api_number(&api, "number"), 0);
	assert_true(api_time(&api, "time") == OURO_TIME_NEVER);
	assert_null(api_texts(&api, "texts", &count));
	assert_int_equal(count, 0);
}

/* --- writing ----------------------------------------------------------------------------------------------------------- */

static void test_web_api__texts_are_escaped(void **state)
{
	struct web_buf out;

	(void)state;
	web_buf_init(&out, 4096);
	api_put_text(&out, "a\"\\\b\f\n\r\t\x01\x1f\x7f/\xc3\xa9\xff\xe2\x80\xae");
	assert_string_equal(out.data,
		"\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f/\xc3\xa9\xef\xbf\xbd\xe2\x80\xae\"");
	web_buf_done(&out);
	api_put_text(&out, "");
	assert_string_equal(out.data, "\"\"");
	web_buf_done(&out);
}

static void test_web_api__members_are_separated(void **state)
{
	struct web_buf out;

	(void)state;
	web_buf_init(&out, 4096);
	web_buf_puts(&out, "{");
	api_put_id(&out, "id", UINT64_MAX);
	api_put_flag(&out, "on", 1);
	api_put_time(&out, "never", OURO_TIME_NEVER, NULL);
	api_put_time(&out, "unset", OURO_TIME_NEVER, API_TIME_ZERO);
	api_put_user(&out, "nobody", 0, "x");
	web_buf_puts(&out, "}");
	assert_string_equal(out.data,
		"{\"id\":\"18446744073709551615\",\"on\":true,\"never\":null,"
		"\"unset\":\"0001-01-01T00:00:00Z\",\"nobody\":null}");
	web_buf_done(&out);
}

/* --- statuses ---------------------------------------------------------------------------------------------------------- */

static void test_web_api__statuses(void **state)
{
	static const struct {
		ouro_status status;
		int http;
	} rows[] = {
		{OURO_ERR_INVALID, 400},
		{OURO_ERR_NOTFOUND, 404},
		{OURO_ERR_DENIED, 403},
		{OURO_ERR_UNMAPPED, 403},
		{OURO_ERR_CONFLICT, 409},
		{OURO_ERR_REJECTED, 400},
		{OURO_ERR_UNREACHABLE, 503},
		{OURO_ERR_TIMEOUT, 503},
		{OURO_ERR_UNCERTAIN, 504},
		{OURO_ERR_UNAUTHENTICATED, 502},
		{OURO_ERR_PROTOCOL, 502},
		{OURO_ERR_UNSUPPORTED, 501},
		{OURO_ERR_CHANGED, 409},
		{OURO_ERR_KEY_UNKNOWN, 404},
		{OURO_ERR_OTHER_OWNER, 409},
		{OURO_ERR_TOKEN, 401},
		{OURO_ERR_OFF, 501},
		{OURO_ERR_PENDING, 202},
		{OURO_ERR_REFUSED, 403},
		{OURO_ERR_IO, 503},
		{OURO_ERR_NOMEM, 500},
		{OURO_ERR_INTERNAL, 500},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(api_http_status(rows[i].status), rows[i].http);
}

static void test_web_api__what_is_inside_stays_inside(void **state)
{
	static struct web_app app;
	struct api_call api = {&web, &optional, {"", ""}, NULL, NULL};
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	web.app = &app;
	(void)snprintf(error.text, sizeof(error.text), "10.0.0.5 refuses the key hskey-x");
	api_fail(&api, OURO_ERR_UNREACHABLE, &error);
	assert_null(strstr(response.body.data, "10.0.0.5"));
	assert_non_null(strstr(response.body.data, "urn:ouroboros:unreachable"));
	assert_non_null(strstr(response.headers.data, "Retry-After: 5\r\n"));
	web_response_reset(&response);
	(void)snprintf(error.text, sizeof(error.text), "attic is taken by another device");
	api_fail(&api, OURO_ERR_CONFLICT, &error);
	assert_non_null(strstr(response.body.data, "attic is taken"));
	assert_int_equal(response.status, 409);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_web_api__paths, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_web_api__path_segments_are_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_web_api__times, setup, teardown),
		cmocka_unit_test_setup_teardown(test_web_api__times_are_written, setup, teardown),
		cmocka_unit_test_setup_teardown(test_web_api__bodies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_web_api__bodies_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_web_api__every_fault_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(test_web_api__content_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_web_api__members, setup, teardown),
		cmocka_unit_test_setup_teardown(test_web_api__texts_are_escaped, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_web_api__members_are_separated, setup, teardown),
		cmocka_unit_test_setup_teardown(test_web_api__statuses, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_web_api__what_is_inside_stays_inside, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
