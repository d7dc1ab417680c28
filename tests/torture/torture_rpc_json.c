/* JSON and the HTTP channel when memory runs out, libcurl's own included, and when threads, locks, descriptors and libcurl fail under
 * it: each call ends in time and says how, a write goes out once at most, and not at all if its caller is told that nothing was done.
 * The channel's thread takes part, so that which allocation is the n-th differs a little from run to run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sys.h"
#include "calls_curl.h"
#include "fake_surfaces.h"
#include "fake_tls.h"
#include "headscale/fields.h"
#include "headscale/generation.h"
#include "http_server.h"
#include "rpc/json.h"
#include "rpc/json_channel.h"
#include "rpc/json_request.h"

enum { DEADLINE_MS = 3000, LATE_MS = 20000 };

static int lowest_free(void)
{
	int fd = dup(0);

	assert_true(fd >= 0);
	(void)close(fd);
	return fd;
}

/* A result comes with a success, words and a status with a failure; without a failure below there is none above. */
static int told(ouro_status rc, const ouro_error *error, const void *result)
{
	if (rc == OURO_OK ? result != NULL
			  : !result && torture_refused() && error->status == rc && error->text[0])
		return 1;
	print_message("%s: %s\n", ouro_status_name(rc), error->text);
	return 0;
}

/* What is said of memory is true: when only that ran out, nothing else is blamed. */
static int blamed(ouro_status rc, ouro_status also, const ouro_error *error)
{
	if (rc == OURO_OK || rc == OURO_ERR_NOMEM || rc == also)
		return 1;
	print_message("%s: %s\n", ouro_status_name(rc), error->text);
	return 0;
}

/* ---- texts ---- */

struct part {
	uint64_t number;
	const char *text;
};
struct whole {
	const char *text;
	struct part *one;
	struct ouro__messages many;
	struct ouro__texts texts;
};

static const struct ouro__field part_fields[] = {
	{1, OURO__FIELD_U64_TEXT, 0, 255, offsetof(struct part, number), "number", NULL},
	{2, OURO__FIELD_TEXT, 0, 255, offsetof(struct part, text), "text", NULL},
};
static const struct ouro__message part_message = {"Part", sizeof(struct part), part_fields, 2};
static const struct ouro__field whole_fields[] = {
	{1, OURO__FIELD_TEXT, 0, 255, offsetof(struct whole, text), "text", NULL},
	{2, OURO__FIELD_MESSAGE, 0, 255, offsetof(struct whole, one), "one", &part_message},
	{3, OURO__FIELD_MESSAGES, 0, 255, offsetof(struct whole, many), "many", &part_message},
	{4, OURO__FIELD_TEXTS, 0, 255, offsetof(struct whole, texts), "texts", NULL},
};
static const struct ouro__message whole_message = {"Whole", sizeof(struct whole), whole_fields, 4};
static const struct ouro__field asked_fields[] = {
	{1, OURO__FIELD_TEXT, 0, 255, offsetof(struct part, text), "text", NULL},
	{2, OURO__FIELD_U64, 0, 255, offsetof(struct part, number), "number", NULL},
};
static const struct ouro__message asked_message = {"Asked", sizeof(struct part), asked_fields, 2};

static int there_and_back(void *user)
{
	static char numbers[200];
	struct part part = {UINT64_MAX, numbers};
	void *many[] = {&part, &part};
	const char *texts[] = {"a", "b"};
	const struct whole from = {"text", &part, {many, 2}, {texts, 2}};
	ouro__buf buf = OURO__BUF_INIT(4096);
	ouro_error error = OURO_ERROR_INIT;
	ouro__arena *arena = NULL;
	void *object = NULL;
	ouro_status rc;
	int ok;

	(void)user;
	memset(numbers, '7', sizeof(numbers) - 1);
	torture_arm_now();
	rc = ouro__json_encode(&whole_message, 1, &from, 0, &buf, &error);
	if (rc == OURO_OK) {
		arena = ouro__arena_new((size_t)1 << 20);
		rc = arena ? ouro__json_decode(&whole_message, 1, ouro__buf_str(&buf), buf.size,
				     arena, &object, &error)
			   : ouro__error_nomem(&error);
	}
	(void)torture_disarm();
	ok = told(rc, &error, object) && blamed(rc, OURO_ERR_NOMEM, &error);
	if (ok && object) {
		const struct whole *to = object;

		ok = to->many.count == 2 && to->texts.count == 2 && to->one->number == UINT64_MAX &&
			strcmp(to->one->text, numbers) == 0;
	}
	ouro__buf_done(&buf);
	ouro__arena_free(arena);
	return ok;
}

/* Path, query and body of a request. */
static int ask(void *user)
{
	static const struct ouro__method method = {"Ask", &asked_message, &asked_message,
		OURO__METHOD_QUERY | OURO__METHOD_BODY, "POST", "/api/v1/{number}/x"};
	static const struct part request = {7, "words, and a blank or two"};
	ouro__buf target = OURO__BUF_INIT(4096);
	ouro__buf body = OURO__BUF_INIT(4096);
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;
	int ok;

	(void)user;
	torture_arm_now();
	rc = ouro__json_request(&method, 1, &request, &target, &body, &error);
	(void)torture_disarm();
	ok = told(rc, &error, rc == OURO_OK ? &target : NULL) && blamed(rc, OURO_ERR_NOMEM, &error);
	if (rc == OURO_OK)
		ok = ok &&
			strcmp(ouro__buf_str(&target),
				"/api/v1/7/x?text=words%2C%20and%20a%20blank%20or%20two") == 0 &&
			strcmp(ouro__buf_str(&body), "{\"text\":\"words, and a blank or two\"}") ==
				0;
	ouro__buf_done(&target);
	ouro__buf_done(&body);
	return ok;
}

static void torture_rpc_json__texts(void **state)
{
	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	torture_run("JSON there and back", there_and_back, NULL);
	torture_run("a request's words", ask, NULL);
}

/* ---- calls ---- */

static const struct ouro__terms terms = {OURO__BAND_I, 0};

static struct ouro__json_options options_for(const struct http_server *server, const char *key)
{
	struct ouro__json_options options = {.plaintext = 1, .prefix = "", .api_key = key};

	if (server->address[0] == '/')
		options.socket_path = server->address;
	else
		options.endpoint = server->address;
	return options;
}

/* A channel's whole life with one call. *ret_there: the reply was read. */
static ouro_status call(const struct http_server *server, const struct ouro__method *method,
	const void *request, int *ret_there, ouro_error *error)
{
	const struct ouro__json_options options = options_for(server, "key");
	ouro__arena *arena = ouro__arena_new((size_t)1 << 20);
	ouro__channel *channel = NULL;
	void *reply = NULL;
	ouro_status rc;
	int64_t began = ouro__clock_ms();

	assert_non_null(arena);
	torture_arm_now();
	rc = ouro__json_channel_new(&options, &channel, error);
	if (rc == OURO_OK)
		rc = ouro__channel_call(channel, method, &terms, request,
			ouro__clock_ms() + DEADLINE_MS, arena, &reply, error);
	ouro__channel_free(channel);
	(void)torture_disarm();
	assert_true(ouro__clock_ms() - began < LATE_MS);
	*ret_there = reply != NULL;
	ouro__arena_free(arena);
	return rc;
}

/* What else may be said. libcurl calls it a host that cannot be resolved when it has no memory for that. */
static ouro_status also_blamed(void)
{
	const char *what = torture_refused() ? torture_refused() : "";

	if (strcmp(what, "malloc") == 0 || strcmp(what, "calloc") == 0 ||
		strcmp(what, "realloc") == 0 || strncmp(what, "curl_", 5) == 0)
		return OURO_ERR_NOMEM;
	return strcmp(what, "epoll_create1") == 0 || strcmp(what, "eventfd") == 0 ||
			strcmp(what, "pthread_create") == 0 ||
			strcmp(what, "ouro__library_load") == 0
		? OURO_ERR_IO
		: OURO_ERR_UNREACHABLE;
}

static int read_once(void *user)
{
	static const struct ouro__hs_list_users_request everybody = {0, NULL, NULL};
	const struct http_server *server = user;
	const struct ouro__method *method =
		ouro__generation_of(OURO__BAND_I)->operations[OURO__OP_LIST_USERS];
	ouro_error error = OURO_ERROR_INIT;
	struct http_counts seen;
	int there = 0;
	ouro_status rc = call(server, method, &everybody, &there, &error);

	seen = http_server_counts(server);
	if (rc == OURO_OK && !seen.reads)
		return 0;
	return told(rc, &error, there ? &there : NULL) && seen.reads <= 3 && !seen.writes &&
		blamed(rc, also_blamed(), &error);
}

static int write_once(void *user)
{
	static const struct ouro__hs_rename_request request = {7, "renamed-box"};
	const struct http_server *server = user;
	const struct ouro__method *method =
		ouro__generation_of(OURO__BAND_I)->operations[OURO__OP_RENAME_NODE];
	ouro_error error = OURO_ERROR_INIT;
	struct http_counts seen;
	int there = 0;
	ouro_status rc = call(server, method, &request, &there, &error);

	seen = http_server_counts(server);
	if (seen.writes > 1 || seen.reads || (rc == OURO_OK && !seen.writes))
		return 0;
	if (rc != OURO_OK && rc != OURO_ERR_UNCERTAIN && seen.writes) {
		print_message("%s though it went out: %s\n", ouro_status_name(rc), error.text);
		return 0;
	}
	if (rc == OURO_ERR_UNCERTAIN)
		return told(rc, &error, NULL);
	return told(rc, &error, there ? &there : NULL) && blamed(rc, also_blamed(), &error);
}

static int get_once(void *user)
{
	const struct http_server *server = user;
	const struct ouro__json_options options = options_for(server, NULL);
	ouro__buf body = OURO__BUF_INIT(4096);
	ouro_error error = OURO_ERROR_INIT;
	ouro__channel *channel = NULL;
	int http = 0;
	ouro_status rc;

	torture_arm_now();
	rc = ouro__json_channel_new(&options, &channel, &error);
	if (rc == OURO_OK)
		rc = channel->ops->get(
			channel, "/version", ouro__clock_ms() + DEADLINE_MS, &http, &body, &error);
	ouro__channel_free(channel);
	(void)torture_disarm();
	ouro__buf_done(&body);
	return told(rc, &error, http == 200 ? &http : NULL) && blamed(rc, also_blamed(), &error);
}

static void make_calls(const char *socket_path)
{
	struct http_server server;
	int before = lowest_free();

	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	http_server_start(&server, socket_path, "head", fake_surface_i);
	torture_run("a read over HTTP", read_once, &server);
	torture_run("a write over HTTP", write_once, &server);
	torture_run("a page over HTTP", get_once, &server);
	http_server_stop(&server);
	assert_int_equal(lowest_free(), before);
}

static void torture_rpc_json__calls(void **state)
{
	(void)state;
	make_calls(NULL);
}

static void torture_rpc_json__calls_on_a_socket(void **state)
{
	char path[60];

	(void)state;
	(void)snprintf(path, sizeof(path), "/tmp/ouro-torture-%d.sock", (int)getpid());
	make_calls(path);
	(void)unlink(path);
}

/* ---- channels that come to nothing ---- */

static int reach_nobody(void *user)
{
	const struct ouro__json_options *options = user;
	static const struct ouro__hs_rename_request request = {7, "renamed-box"};
	const struct ouro__method *method =
		ouro__generation_of(OURO__BAND_I)->operations[OURO__OP_RENAME_NODE];
	ouro_error error = OURO_ERROR_INIT;
	ouro__channel *channel = NULL;
	void *reply = NULL;
	ouro_status rc;

	torture_arm_now();
	rc = ouro__json_channel_new(options, &channel, &error);
	if (rc == OURO_OK)
		rc = ouro__channel_call(channel, method, &terms, &request,
			ouro__clock_ms() + LATE_MS, NULL, &reply, &error);
	ouro__channel_free(channel);
	(void)torture_disarm();
	/* Never in doubt: nothing can have gone out. */
	if (rc == OURO_OK || rc == OURO_ERR_UNCERTAIN || error.status != rc || !error.text[0])
		return 0;
	return torture_refused() || rc == OURO_ERR_UNREACHABLE;
}

static void torture_rpc_json__nobody(void **state)
{
	static struct ouro__json_options local = {
		.socket_path = "/nonexistent/headscale.sock", .prefix = "/x"};
	struct ouro__json_options tls = {.endpoint = "127.0.0.1:1", .api_key = "key"};
	struct fake_tls_identity authority;
	int before = lowest_free();

	(void)state;
	fake_tls_identity(&authority, "IP:127.0.0.1");
	tls.ca_file = authority.file;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	torture_run("HTTP on a unix socket", reach_nobody, &local);
	torture_run("HTTP on a TLS port", reach_nobody, &tls);
	fake_tls_forget(&authority);
	assert_int_equal(lowest_free(), before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_rpc_json__texts),
		cmocka_unit_test(torture_rpc_json__calls),
		cmocka_unit_test(torture_rpc_json__calls_on_a_socket),
		cmocka_unit_test(torture_rpc_json__nobody),
	};

	torture_curl_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
