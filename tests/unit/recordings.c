/* See recordings.h. */
#include "check.h"

#include "recordings.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/str.h"
#include "rpc/wire.h"

struct recording recordings[RECORDINGS] = {
	{"v0.23.0", OURO__BAND_B, NULL, NULL},
	{"v0.24.3", OURO__BAND_C, NULL, NULL},
	{"v0.25.1", OURO__BAND_D, NULL, NULL},
	{"v0.26.1", OURO__BAND_E, NULL, NULL},
	{"v0.27.1", OURO__BAND_F1, NULL, NULL},
	{"v0.28.0", OURO__BAND_G, NULL, NULL},
	{"v0.29.2", OURO__BAND_H, NULL, NULL},
};

static FILE *open_file(const char *folder, const char *name)
{
	char path[1024];
	FILE *file;

	(void)snprintf(
		path, sizeof(path), "%s/wire/recordings/%s/%s", OURO_TESTS_DIR, folder, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	return file;
}

json_t *recording_lines(const char *folder, const char *name)
{
	FILE *file = open_file(folder, name);
	json_t *records = json_array();
	json_error_t error;
	json_t *record;

	while ((record = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error)))
		assert_int_equal(json_array_append_new(records, record), 0);
	assert_int_equal(fclose(file), 0);
	assert_true(json_array_size(records) > 100);
	return records;
}

int recordings_load(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDINGS; i++) {
		json_error_t error;
		FILE *file;

		recordings[i].records = recording_lines(recordings[i].folder, "grpc.jsonl");
		file = open_file(recordings[i].folder, "grpc.expected.json");
		recordings[i].expected = json_loadf(file, 0, &error);
		assert_int_equal(fclose(file), 0);
		assert_non_null(recordings[i].expected);
	}
	return 0;
}

int recordings_unload(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDINGS; i++) {
		json_decref(recordings[i].records);
		json_decref(recordings[i].expected);
	}
	return 0;
}

const char *recording_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static unsigned nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

uint8_t *recording_bytes(const char *hex, size_t *ret_size)
{
	size_t size = strlen(hex) / 2;
	uint8_t *bytes = malloc(size ? size : 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)((nibble(hex[2 * i]) << 4) | nibble(hex[2 * i + 1]));
	*ret_size = size;
	return bytes;
}

int64_t recording_seconds(const char *text)
{
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	assert_int_equal(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon,
				 &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec),
		6);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return (int64_t)timegm(&tm);
}

uint64_t recording_number(const json_t *value)
{
	uint64_t number = 0;
	const char *text = json_string_value(value);

	assert_non_null(text);
	assert_true(ouro__str_u64(text, strlen(text), &number));
	return number;
}

static const struct recording_method methods[] = {
	{"ListUsers", &ouro__hs_list_users_request, &ouro__hs_users},
	{"ListNodes", &ouro__hs_list_nodes_request, &ouro__hs_nodes},
	{"GetNode", &ouro__hs_node_request, &ouro__hs_node_reply},
	{"RenameNode", &ouro__hs_rename_request, &ouro__hs_node_reply},
	{"ExpireNode", &ouro__hs_expire_request, &ouro__hs_node_reply},
	{"DeleteNode", &ouro__hs_node_request, &ouro__hs_empty},
	{"RegisterNode", &ouro__hs_register_request, &ouro__hs_node_reply},
	{"AuthRegister", &ouro__hs_auth_register_request, &ouro__hs_node_reply},
	{"GetRoutes", &ouro__hs_empty, &ouro__hs_routes},
	{"EnableRoute", &ouro__hs_route_request, &ouro__hs_empty},
	{"DisableRoute", &ouro__hs_route_request, &ouro__hs_empty},
	{"DeleteRoute", &ouro__hs_route_request, &ouro__hs_empty},
	{"SetApprovedRoutes", &ouro__hs_approve_request, &ouro__hs_node_reply},
	{"ListPreAuthKeys", &ouro__hs_list_keys_request, &ouro__hs_keys},
	{"CreatePreAuthKey", &ouro__hs_create_key_request, &ouro__hs_key_reply},
	{"ExpirePreAuthKey", &ouro__hs_expire_key_request, &ouro__hs_empty},
	{"DeletePreAuthKey", &ouro__hs_delete_key_request, &ouro__hs_empty},
	{"ListApiKeys", &ouro__hs_empty, &ouro__hs_api_keys},
};

const struct recording_method *recording_method(const json_t *record)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i].name, recording_text(record, "method")) == 0)
			return &methods[i];
	return NULL;
}

void *recording_reply(const struct recording *recording, const char *name,
	const struct ouro__message *message, ouro__arena *arena)
{
	size_t index;
	json_t *record;

	json_array_foreach(recording->records, index, record)
	{
		void *object = NULL;
		size_t size = 0;
		uint8_t *bytes;

		if (strcmp(recording_text(record, "name"), name) != 0)
			continue;
		bytes = recording_bytes(recording_text(record, "response_hex"), &size);
		assert_int_equal(ouro__wire_decode(message, recording->band, bytes, size, arena,
					 &object, NULL),
			OURO_OK);
		free(bytes);
		return object;
	}
	return NULL;
}

struct replaying {
	ouro__channel base;
	const struct recording *recording;
};

struct ouro__call {
	const struct ouro__method *method;
	const json_t *record;
};

static int same_bytes(const json_t *record, const ouro__buf *buf)
{
	size_t size = 0;
	uint8_t *bytes = recording_bytes(recording_text(record, "request_hex"), &size);
	int same = size == buf->size && (!size || memcmp(bytes, buf->data, size) == 0);

	free(bytes);
	return same;
}

static ouro_status replay_start(ouro__channel *channel, const struct ouro__method *method,
	const struct ouro__terms *terms, const void *request, int64_t deadline,
	ouro__call **ret_call, ouro_error *reterr)
{
	const struct recording *recording = ((struct replaying *)channel)->recording;
	ouro__buf buf = OURO__BUF_INIT(1 << 20);
	ouro__call *call = malloc(sizeof(*call));
	size_t index;
	json_t *record;

	(void)deadline;
	assert_non_null(call);
	assert_int_equal(terms->band, recording->band);
	assert_int_equal(
		ouro__wire_encode(method->request, terms->band, request, &buf, reterr), OURO_OK);
	call->method = method;
	call->record = NULL;
	json_array_foreach(recording->records, index, record)
	{
		if (strcmp(recording_text(record, "method"), method->name) == 0 &&
			same_bytes(record, &buf)) {
			call->record = record;
			break;
		}
	}
	if (!call->record)
		fail_msg("%s: nobody ever called %s like that", recording->folder, method->name);
	ouro__buf_done(&buf);
	*ret_call = call;
	return OURO_OK;
}

static ouro_status replay_finish(ouro__channel *channel, ouro__call *call, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	const json_t *record = call->record;
	int code = (int)json_integer_value(json_object_get(record, "grpc_status"));
	ouro_status rc;

	if (code) {
		rc = ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_REJECTED, "%s",
			recording_text(record, "grpc_message"));
		if (reterr)
			reterr->grpc_status = code;
	} else {
		size_t size = 0;
		uint8_t *bytes = recording_bytes(recording_text(record, "response_hex"), &size);

		rc = ouro__wire_decode(call->method->reply,
			((struct replaying *)channel)->recording->band, bytes, size, arena,
			ret_reply, reterr);
		free(bytes);
	}
	free(call);
	return rc;
}

static void replay_free(ouro__channel *channel)
{
	free(channel);
}

ouro__channel *recording_channel_new(const struct recording *recording)
{
	static const struct ouro__channel_ops ops = {
		.start = replay_start, .finish = replay_finish, .free = replay_free};
	struct replaying *replaying = malloc(sizeof(*replaying));

	assert_non_null(replaying);
	replaying->base.ops = &ops;
	replaying->recording = recording;
	return &replaying->base;
}
