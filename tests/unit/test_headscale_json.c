/* The recordings of real servers over HTTP, replayed for every version: what we send means what a correct client sent, what we read is
 * what a correct decoder found, refusals become what gRPC gives for them, and damaged answers are refused or read, never more. */
#include "check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/str.h"
#include "headscale/generation.h"
#include "recorded_request.h"
#include "rpc/json.h"
#include "rpc/json_channel_answer.h"
#include "rpc/json_request.h"
#include "rpc/wire.h"

#define ARENA_MAX ((size_t)64 << 20)
#define TEXT_MAX ((size_t)4 << 20)

struct recording {
	const char *folder;
	ouro__band band;
	json_t *records;
	json_t *grpc; /* NULL = has none */
	json_t *expected;
};

static struct recording recordings[] = {
	{"v0.23.0", OURO__BAND_B, NULL, NULL, NULL},
	{"v0.24.3", OURO__BAND_C, NULL, NULL, NULL},
	{"v0.25.1", OURO__BAND_D, NULL, NULL, NULL},
	{"v0.26.1", OURO__BAND_E, NULL, NULL, NULL},
	{"v0.27.1", OURO__BAND_F1, NULL, NULL, NULL},
	{"v0.28.0", OURO__BAND_G, NULL, NULL, NULL},
	{"v0.29.2", OURO__BAND_H, NULL, NULL, NULL},
	{"head", OURO__BAND_I, NULL, NULL, NULL},
};
enum { RECORDINGS = 8 };

static FILE *open_file(const char *folder, const char *name)
{
	char path[1024];

	(void)snprintf(
		path, sizeof(path), "%s/wire/recordings/%s/%s", OURO_TESTS_DIR, folder, name);
	return fopen(path, "rb");
}

static json_t *load_lines(const char *folder, const char *name)
{
	FILE *file = open_file(folder, name);
	json_t *all = json_array();
	json_error_t error;
	json_t *record;

	assert_non_null(file);
	while ((record = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error)))
		assert_int_equal(json_array_append_new(all, record), 0);
	assert_int_equal(fclose(file), 0);
	assert_true(json_array_size(all) > 80);
	return all;
}

static int load(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDINGS; i++) {
		FILE *file = open_file(recordings[i].folder, "http.expected.json");
		json_error_t error;

		recordings[i].records = load_lines(recordings[i].folder, "http.jsonl");
		if (recordings[i].band < OURO__BAND_I)
			recordings[i].grpc = load_lines(recordings[i].folder, "grpc.jsonl");
		assert_non_null(file);
		recordings[i].expected = json_loadf(file, 0, &error);
		assert_int_equal(fclose(file), 0);
		assert_non_null(recordings[i].expected);
	}
	return 0;
}

static int unload(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDINGS; i++) {
		json_decref(recordings[i].records);
		json_decref(recordings[i].grpc);
		json_decref(recordings[i].expected);
	}
	return 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static json_t *named(const json_t *records, const char *name)
{
	for (size_t i = 0; i < json_array_size(records); i++)
		if (strcmp(text_of(json_array_get(records, i), "name"), name) == 0)
			return json_array_get(records, i);
	return NULL;
}

/* ---- which of our methods a record is ---- */

/* "/a/{x}/b" against "/a/7/b?q": fields gets {"x": "7"} when it fits. */
static int fits(const char *template, const char *path, json_t *fields)
{
	while (*template) {
		char name[64];
		char value[512];
		size_t n = 0;

		if (*template != '{') {
			if (*template ++ != *path++)
				return 0;
			continue;
		}
		n = strcspn(++template, "}");
		assert_true(n < sizeof(name));
		memcpy(name, template, n);
		name[n] = '\0';
		template += n + 1;
		n = strcspn(path, "/?");
		if (!n || n >= sizeof(value))
			return 0;
		memcpy(value, path, n);
		value[n] = '\0';
		path += n;
		(void)json_object_set_new(fields, name, json_string(value));
	}
	return *path == '\0' || *path == '?';
}

static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned value;

		if (*text == '%' && sscanf(text + 1, "%2x", &value) == 1) {
			*to++ = (char)value;
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static void unescape_all(json_t *fields)
{
	const char *key;
	json_t *value;
	void *tmp;

	json_object_foreach_safe(fields, tmp, key, value)
	{
		char text[1024];

		if (!json_is_string(value))
			continue;
		assert_true(ouro__str_copy(text, sizeof(text), json_string_value(value)));
		unescape(text);
		(void)json_object_set_new(fields, key, json_string(text));
	}
}

static json_t *query_of(const char *path)
{
	const char *at = strchr(path, '?');
	json_t *query = json_object();

	while (at) {
		const char *next = strchr(++at, '&');
		size_t size = next ? (size_t)(next - at) : strlen(at);
		size_t name = strcspn(at, "=");
		char key[64];

		assert_true(name < sizeof(key) && name < size);
		memcpy(key, at, name);
		key[name] = '\0';
		(void)json_object_set_new(query, key, json_stringn(at + name + 1, size - name - 1));
		at = next;
	}
	unescape_all(query);
	return query;
}

/* GetNode is in no generation, but its answers are as good as others. */
static const struct ouro__method get_node = {"GetNode", &ouro__hs_node_request,
	&ouro__hs_node_reply, OURO__METHOD_READ, "GET", "/api/v1/node/{nodeId}"};
static const struct ouro__method old_register = {"RegisterNode", &ouro__hs_register_request,
	&ouro__hs_node_reply, OURO__METHOD_QUERY, "POST", "/api/v1/node/register"};

static const struct ouro__method *method_of(
	const struct recording *recording, const json_t *record, json_t **ret_fields)
{
	const ouro__generation *generation = ouro__generation_of(recording->band);
	const json_t *request = json_object_get(record, "request");
	const char *path = text_of(request, "path");

	assert_non_null(generation);
	for (size_t i = 0; i < OURO__OPERATIONS + 2; i++) {
		const struct ouro__method *method = i < OURO__OPERATIONS ? generation->operations[i]
			: i == OURO__OPERATIONS                          ? &get_node
									 : &old_register;
		json_t *fields = json_object();

		if (method && strcmp(method->verb, text_of(request, "method")) == 0 &&
			fits(method->path, path, fields)) {
			json_t *query = query_of(path);

			unescape_all(fields);
			if (method->flags & OURO__METHOD_QUERY)
				(void)json_object_update(fields, query);
			json_decref(query);
			*ret_fields = fields;
			return method;
		}
		json_decref(fields);
	}
	return NULL;
}

/* Requests that the recorder shaped wrongly on purpose. */
static int is_odd(const json_t *record)
{
	const char *name = text_of(record, "name");

	return ouro__str_starts(name, "shape_") || ouro__str_starts(name, "auth_") ||
		ouro__str_starts(name, "plain_") || ouro__str_starts(name, "socket_");
}

/* ---- requests ---- */

static void same_request(const struct recording *recording, const json_t *record,
	const struct ouro__method *method, const void *request)
{
	const json_t *sent = json_object_get(record, "request");
	const char *name = text_of(record, "name");
	ouro__buf target = OURO__BUF_INIT(TEXT_MAX);
	ouro__buf body = OURO__BUF_INIT(TEXT_MAX);
	char ours[1024];
	char theirs[1024];
	json_t *query[2];
	json_t *json[2];

	assert_int_equal(ouro__json_request(method, recording->band, request, &target, &body, NULL),
		OURO_OK);
	assert_true(ouro__str_copy(ours, sizeof(ours), ouro__buf_str(&target)));
	assert_true(ouro__str_copy(theirs, sizeof(theirs), text_of(sent, "path")));
	query[0] = query_of(ours);
	query[1] = query_of(theirs);
	ours[strcspn(ours, "?")] = '\0';
	theirs[strcspn(theirs, "?")] = '\0';
	unescape(ours);
	unescape(theirs);
	if (strcmp(ours, theirs) != 0 || !json_equal(query[0], query[1]))
		fail_msg("%s: %s goes to %s", recording->folder, name, ouro__buf_str(&target));
	json[0] = json_loadb(ouro__buf_str(&body), body.size, 0, NULL);
	json[1] = json_loads(text_of(sent, "body"), 0, NULL);
	/* An empty list is written out, where the recorder may have left it out. */
	if (json[0] && json[1] && json_array_size(json_object_get(json[0], "aclTags")) == 0 &&
		!json_object_get(json[1], "aclTags"))
		(void)json_object_del(json[0], "aclTags");
	/* Nor is {} where no body is declared. */
	if (json[0] && !json[1] && !json_object_size(json[0]))
		json[1] = json_object();
	if (!json_equal(json[0], json[1]) && (json[0] || json[1]))
		fail_msg("%s: %s has the body %s", recording->folder, name, ouro__buf_str(&body));
	for (size_t i = 0; i < 2; i++) {
		json_decref(query[i]);
		json_decref(json[i]);
	}
	ouro__buf_done(&target);
	ouro__buf_done(&body);
}

static void test_headscale_json__requests_mean_the_same(void **state)
{
	size_t all = 0;

	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		size_t checked = 0;
		size_t index;
		json_t *record;

		json_array_foreach(recordings[r].records, index, record)
		{
			json_t *fields = NULL;
			const struct ouro__method *method =
				is_odd(record) ? NULL : method_of(&recordings[r], record, &fields);
			json_t *body;
			ouro__arena *arena;
			void *request;

			if (!method)
				continue;
			body = json_loads(
				text_of(json_object_get(record, "request"), "body"), 0, NULL);
			if (body && (method->flags & OURO__METHOD_BODY))
				(void)json_object_update(fields, body);
			arena = ouro__arena_new(1 << 20);
			request = recording_request(
				method->request, recordings[r].band, fields, arena);
			/* Id 0 and empty texts do not leave the house; fields of later versions
			 * neither. */
			if (request && !strstr(text_of(record, "name"), "id_0") &&
				!strstr(text_of(record, "name"), "empty")) {
				same_request(&recordings[r], record, method, request);
				checked++;
			}
			ouro__arena_free(arena);
			json_decref(body);
			json_decref(fields);
		}
		print_message("%s: %zu requests\n", recordings[r].folder, checked);
		assert_true(checked > 40);
		all += checked;
	}
	assert_true(all > 400);
}

/* ---- answers ---- */

/* Both texts are cut somewhere behind that. */
static int same_start(const char *a, const char *b)
{
	for (size_t i = 0; i < 200 && (a[i] || b[i]); i++)
		if (a[i] != b[i])
			return 0;
	return 1;
}

/* The answer goes through the same hands as in the channel. */
static ouro_status receive(const json_t *record, const struct ouro__method *method, ouro__band band,
	ouro__arena *arena, void **ret_object, ouro_error *error)
{
	const json_t *response = json_object_get(record, "response");
	const json_t *body = json_object_get(response, "body");
	const struct ouro__json_end end = {OURO__JSON_COMPLETE, 1, NULL, "vpn.example.org:443"};
	enum ouro__json_again again;
	struct ouro__json_answer answer;
	char line[256];
	int size;
	ouro_status rc;

	ouro__json_answer_init(&answer, TEXT_MAX);
	size = snprintf(line, sizeof(line), "HTTP/1.1 %d Whatever\r\n",
		(int)json_integer_value(json_object_get(response, "status")));
	assert_int_equal(ouro__json_answer_line(&answer, line, (size_t)size), 0);
	size = snprintf(
		line, sizeof(line), "Content-Type: %s\r\n", text_of(response, "content_type"));
	assert_int_equal(ouro__json_answer_line(&answer, line, (size_t)size), 0);
	assert_int_equal(
		ouro__json_answer_data(&answer, json_string_value(body), json_string_length(body)),
		0);
	rc = ouro__json_answer_verdict(&answer, &end, method->name,
		(method->flags & OURO__METHOD_READ) != 0, &again, error);
	if (rc == OURO_OK)
		rc = ouro__json_decode(method->reply, band, ouro__buf_str(&answer.body),
			answer.body.size, arena, ret_object, error);
	ouro__json_answer_done(&answer);
	return rc;
}

static void same_refusal(const struct recording *recording, const json_t *record,
	const struct ouro__method *method, ouro_status rc, const ouro_error *error)
{
	const char *name = text_of(record, "name");
	const json_t *grpc = named(recording->grpc, name);
	json_int_t status = json_integer_value(json_object_get(grpc, "grpc_status"));

	if (!grpc || strcmp(text_of(grpc, "method"), method->name) != 0)
		return;
	if (status == 0) {
		if (rc != OURO_OK)
			fail_msg("%s: %s: %s", recording->folder, name, error->text);
		return;
	}
	assert_true(rc < 0);
	if (status == 12 || rc == OURO_ERR_UNAUTHENTICATED)
		return;
	/* Texts with random ids in them differ between the two servers. */
	if (error->grpc_status != status)
		fail_msg("%s: %s: code %d instead of %d: %s", recording->folder, name,
			(int)error->grpc_status, (int)status, error->text);
	if (!strstr(text_of(grpc, "grpc_message"), "hskey") &&
		!same_start(error->text, text_of(grpc, "grpc_message")))
		fail_msg("%s: %s: \"%s\" instead of \"%s\"", recording->folder, name, error->text,
			text_of(grpc, "grpc_message"));
	assert_int_equal(rc, OURO_ERR_REJECTED);
}

/* What problem documents and bare texts mean. */
static void check_status(const json_t *record, ouro_status rc, const ouro_error *error)
{
	const json_t *response = json_object_get(record, "response");
	json_int_t http = json_integer_value(json_object_get(response, "status"));
	int problem = strcmp(text_of(response, "content_type"), "application/problem+json") == 0;

	if (http == 200)
		assert_int_equal(rc, OURO_OK);
	else
		assert_true(rc < 0 && error->text[0]);
	if (ouro__str_starts(text_of(record, "name"), "auth_") && http != 200)
		assert_int_equal(rc, OURO_ERR_UNAUTHENTICATED);
	if (problem && http != 401) {
		json_t *body = json_loads(text_of(response, "body"), 0, NULL);
		const json_t *first = json_array_get(json_object_get(body, "errors"), 0);

		assert_int_equal(rc, OURO_ERR_REJECTED);
		assert_int_equal(error->grpc_status,
			http == 400 || http == 422 ? 3
				: http == 404      ? 5
				: http == 409      ? 6
						   : 13);
		assert_text_has(error->text, text_of(body, "detail"));
		if (first && strlen(text_of(first, "message")) < 100)
			assert_text_has(error->text, text_of(first, "message"));
		json_decref(body);
	}
}

static void test_headscale_json__every_answer_is_understood(void **state)
{
	size_t all = 0;

	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		size_t checked = 0;
		size_t index;
		json_t *record;

		json_array_foreach(recordings[r].records, index, record)
		{
			json_t *fields = NULL;
			const struct ouro__method *method =
				method_of(&recordings[r], record, &fields);
			ouro__arena *arena = ouro__arena_new(ARENA_MAX);
			ouro_error error = OURO_ERROR_INIT;
			void *object = NULL;

			if (method) {
				ouro_status rc = receive(
					record, method, recordings[r].band, arena, &object, &error);

				check_status(record, rc, &error);
				same_refusal(&recordings[r], record, method, rc, &error);
				if (rc == OURO_OK && method->reply == &ouro__hs_node_reply)
					assert_non_null(
						((struct ouro__hs_node_reply *)object)->node);
				checked++;
			}
			ouro__arena_free(arena);
			json_decref(fields);
		}
		print_message("%s: %zu answers\n", recordings[r].folder, checked);
		assert_true(checked > 50);
		all += checked;
	}
	assert_true(all > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_json__requests_mean_the_same),
		cmocka_unit_test(test_headscale_json__every_answer_is_understood),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
