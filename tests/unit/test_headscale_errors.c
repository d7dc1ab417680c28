/* What each version says when it refuses, and what it means: over gRPC, in the gateway's error bodies, and in those of 0.30. */
#include "check.h"

#include <stdio.h>

#include "base/str.h"
#include "recordings.h"

struct meaning {
	const char *name;
	ouro_status status;
};

static const struct meaning meanings[] = {
	{"err_list_nodes_unknown_user", OURO_ERR_NOTFOUND},
	{"err_get_node_unknown", OURO_ERR_NOTFOUND},
	{"err_register_node_unknown_user", OURO_ERR_NOTFOUND},
	{"err_register_node_bad_key", OURO_ERR_KEY_UNKNOWN},
	{"err_register_node_nothing_pending", OURO_ERR_KEY_UNKNOWN},
	{"err_register_node_again", OURO_ERR_KEY_UNKNOWN},
	{"err_auth_register_unknown_user", OURO_ERR_NOTFOUND},
	{"err_auth_register_bad_id", OURO_ERR_KEY_UNKNOWN},
	{"err_auth_register_nothing_pending", OURO_ERR_KEY_UNKNOWN},
	{"err_enable_route_unknown", OURO_ERR_NOTFOUND},
	{"err_disable_route_unknown", OURO_ERR_NOTFOUND},
	{"err_delete_route_unknown", OURO_ERR_NOTFOUND},
	{"err_enable_route_not_advertised", OURO_ERR_REJECTED},
	{"err_set_approved_routes_bad_prefix", OURO_ERR_INVALID},
	{"err_set_approved_routes_unknown_node", OURO_ERR_NOTFOUND},
	{"err_rename_node_duplicate", OURO_ERR_CONFLICT},
	{"err_rename_node_bad_char", OURO_ERR_INVALID},
	{"err_rename_node_too_long", OURO_ERR_INVALID},
	{"err_rename_node_trailing_dash", OURO_ERR_INVALID},
	{"err_rename_node_empty", OURO_ERR_INVALID},
	{"err_rename_node_space", OURO_ERR_INVALID},
	{"err_rename_node_unknown", OURO_ERR_NOTFOUND},
	{"err_expire_node_unknown", OURO_ERR_NOTFOUND},
	{"err_expire_node_both", OURO_ERR_INVALID},
	{"err_delete_node_unknown", OURO_ERR_NOTFOUND},
	{"list_preauthkeys_no_user", OURO_ERR_NOTFOUND},
	{"err_list_preauthkeys_unknown_user", OURO_ERR_NOTFOUND},
	{"err_create_preauthkey_bad_tag", OURO_ERR_INVALID},
	{"err_create_preauthkey_upper_case_tag", OURO_ERR_INVALID},
	{"err_create_preauthkey_space_tag", OURO_ERR_INVALID},
	{"err_create_preauthkey_unknown_user", OURO_ERR_NOTFOUND},
	{"err_expire_preauthkey_again", OURO_ERR_REJECTED},
	{"err_expire_preauthkey_used", OURO_ERR_REJECTED},
	{"err_expire_preauthkey_unknown", OURO_ERR_NOTFOUND},
	{"err_expire_preauthkey_wrong_user", OURO_ERR_REJECTED},
	{"err_delete_preauthkey_unknown", OURO_ERR_NOTFOUND},
	{"auth_expired_key", OURO_ERR_UNAUTHENTICATED},
	{"auth_wrong_secret", OURO_ERR_UNAUTHENTICATED},
	{"auth_malformed_key", OURO_ERR_UNAUTHENTICATED},
	{"auth_unknown_prefix", OURO_ERR_UNAUTHENTICATED},
};
enum { MEANINGS = sizeof(meanings) / sizeof(meanings[0]) };

static const struct meaning *meaning_of(const json_t *record)
{
	for (size_t i = 0; i < MEANINGS; i++)
		if (strcmp(meanings[i].name, recording_text(record, "name")) == 0)
			return &meanings[i];
	return NULL;
}

static void check(const char *folder, const struct meaning *meaning, int code, const char *text)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc =
		ouro__error_from(&error, OURO_ORIGIN_HEADSCALE, OURO_ERR_REJECTED, "%s", text);

	error.grpc_status = code;
	rc = ouro__headscale_error(rc, "trying", &error);
	if (rc != meaning->status)
		fail_msg("%s: %s: %d: %s", folder, meaning->name, (int)rc, text);
	assert_int_equal(error.status, meaning->status);
	assert_int_equal(error.origin, OURO_ORIGIN_HEADSCALE);
	assert_true(ouro__str_starts(error.text, "trying: "));
}

static void test_headscale_errors__over_grpc(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++) {
		size_t checked = 0;
		size_t index;
		json_t *record;

		json_array_foreach(recordings[r].records, index, record)
		{
			const struct meaning *meaning = meaning_of(record);
			int code = (int)json_integer_value(json_object_get(record, "grpc_status"));

			/* What is accepted, or gone altogether. */
			if (!meaning || code == 0 || code == 12)
				continue;
			check(recordings[r].folder, meaning, code,
				recording_text(record, "grpc_message"));
			checked++;
		}
		assert_true(checked >= 22);
	}
}

/* The gateway of 0.23 to 0.29 wraps the same code and text. */
static void check_gateway(const char *folder)
{
	json_t *records = recording_lines(folder, "http.jsonl");
	size_t checked = 0;
	size_t index;
	json_t *record;

	json_array_foreach(records, index, record)
	{
		const json_t *response = json_object_get(record, "response");
		const struct meaning *meaning = meaning_of(record);
		json_t *body = json_loads(recording_text(response, "body"), 0, NULL);

		if (meaning && body && json_object_get(body, "code") &&
			json_integer_value(json_object_get(response, "status")) != 501) {
			check(folder, meaning,
				(int)json_integer_value(json_object_get(body, "code")),
				recording_text(body, "message"));
			checked++;
		}
		json_decref(body);
	}
	assert_true(checked >= 18);
	json_decref(records);
}

static void test_headscale_errors__over_the_gateway(void **state)
{
	(void)state;
	for (size_t r = 0; r < RECORDINGS; r++)
		check_gateway(recordings[r].folder);
}

/* What the HTTP channel makes of a status. */
static int code_of(int http_status)
{
	switch (http_status) {
	case 400: return 3;
	case 401: return 16;
	case 404: return 5;
	case 409: return 6;
	default: return 2;
	}
}

/* 0.30: the context is in detail, the cause in errors[].message. */
static void test_headscale_errors__of_0_30(void **state)
{
	json_t *records = recording_lines("head", "http.jsonl");
	size_t checked = 0;
	size_t index;
	json_t *record;

	(void)state;
	json_array_foreach(records, index, record)
	{
		const json_t *response = json_object_get(record, "response");
		const struct meaning *meaning = meaning_of(record);
		int status = (int)json_integer_value(json_object_get(response, "status"));
		const json_t *causes;
		char text[1024];
		json_t *body;
		int n;

		if (!meaning || status == 200)
			continue;
		assert_string_equal(
			recording_text(response, "content_type"), "application/problem+json");
		body = json_loads(recording_text(response, "body"), 0, NULL);
		assert_non_null(body);
		causes = json_object_get(body, "errors");
		n = snprintf(text, sizeof(text), "%s", recording_text(body, "detail"));
		for (size_t i = 0; i < json_array_size(causes); i++)
			n += snprintf(text + n, sizeof(text) - (size_t)n, ": %s",
				recording_text(json_array_get(causes, i), "message"));
		check("head", meaning, code_of(status), text);
		/* A kind that the channel does not know leaves the words. */
		if (meaning->status != OURO_ERR_UNAUTHENTICATED &&
			!ouro__str_starts(text, "invalid tag") &&
			strcmp(meaning->name, "err_expire_node_both") != 0)
			check("head", meaning, 2, text);
		json_decref(body);
		checked++;
	}
	assert_true(checked >= 24);
	json_decref(records);
}

static void test_headscale_errors__words_before_codes(void **state)
{
	static const struct {
		ouro_status status;
		int code;
		const char *text;
	} rows[] = {
		{OURO_ERR_OTHER_OWNER, 2, "node was previously registered with a different user"},
		{OURO_ERR_OTHER_OWNER, 6,
			"registering node: node key already in use by another machine"},
		{OURO_ERR_NOTFOUND, 2, "expected exactly one user, found 2"},
		{OURO_ERR_CONFLICT, 2,
			"constraint failed: UNIQUE constraint failed: users.name (2067)"},
		{OURO_ERR_CONFLICT, 2,
			"duplicate key value violates unique constraint (SQLSTATE 23505)"},
		{OURO_ERR_CONFLICT, 13, "creating user: user already exists"},
		{OURO_ERR_UNAUTHENTICATED, 13, "failed to validate token"},
		{OURO_ERR_UNAUTHENTICATED, 13, "validating token"},
		{OURO_ERR_INVALID, 3, "whatever"},
		{OURO_ERR_NOTFOUND, 5, "whatever"},
		{OURO_ERR_CONFLICT, 6, "whatever"},
		{OURO_ERR_UNAUTHENTICATED, 16, "whatever"},
		{OURO_ERR_REJECTED, 2, "whatever"},
		{OURO_ERR_REJECTED, 13, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct meaning meaning = {"a made-up one", rows[i].status};

		check("none", &meaning, rows[i].code, rows[i].text);
	}
}

/* Only a refusal has words that mean something. */
static void test_headscale_errors__others_stay(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	(void)ouro__error_from(&error, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE, "host not found");
	assert_int_equal(ouro__headscale_error(OURO_ERR_UNREACHABLE, "trying", &error),
		OURO_ERR_UNREACHABLE);
	assert_string_equal(error.text, "trying: host not found");
	assert_int_equal(
		ouro__headscale_error(OURO_ERR_REJECTED, "trying", NULL), OURO_ERR_REJECTED);
	error.size = 4;
	assert_int_equal(
		ouro__headscale_error(OURO_ERR_REJECTED, "trying", &error), OURO_ERR_REJECTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_errors__over_grpc),
		cmocka_unit_test(test_headscale_errors__over_the_gateway),
		cmocka_unit_test(test_headscale_errors__of_0_30),
		cmocka_unit_test(test_headscale_errors__words_before_codes),
		cmocka_unit_test(test_headscale_errors__others_stay),
	};

	return cmocka_run_group_tests(tests, recordings_load, recordings_unload);
}
