/* See replay.h. A call is answered in finish(), on the caller's thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "replay.h"
#include "rpc/wire.h"

#define LINE_MAX_BYTES (1 << 20)
#define REQUEST_MAX ((size_t)64 * 1024)

struct ouro__call {
	const struct ouro__method *method;
	ouro__band band;
};

static const struct replay_answer *find(const struct replay *replay, const char *method)
{
	for (size_t i = 0; i < replay->count; i++)
		if (strcmp(replay->answers[i].method, method) == 0)
			return &replay->answers[i];
	return NULL;
}

static ouro_status replay_start(ouro__channel *channel, const struct ouro__method *method,
	const struct ouro__terms *terms, const void *request, int64_t deadline,
	ouro__call **ret_call, ouro_error *reterr)
{
	ouro__buf buf = OURO__BUF_INIT(REQUEST_MAX);
	ouro_status rc = ouro__wire_encode(method->request, terms->band, request, &buf, reterr);
	ouro__call *call = rc < 0 ? NULL : malloc(sizeof(*call));

	(void)channel;
	(void)deadline;
	ouro__buf_done(&buf);
	if (rc < 0)
		return rc;
	if (!call)
		return ouro__error_nomem(reterr);
	call->method = method;
	call->band = terms->band;
	*ret_call = call;
	return OURO_OK;
}

static ouro_status replay_finish(ouro__channel *channel, ouro__call *call, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	struct replay *replay = (struct replay *)(void *)channel;
	const struct replay_answer *answer = find(replay, call->method->name);
	ouro_status rc;

	if (!(call->method->flags & OURO__METHOD_READ))
		(void)atomic_fetch_add(&replay->writes, 1);
	if (answer)
		rc = ouro__wire_decode(call->method->reply, call->band, answer->data, answer->size,
			arena, ret_reply, reterr);
	else
		rc = ouro__error_set(
			reterr, OURO_ERR_UNSUPPORTED, "%s is not recorded", call->method->name);
	free(call);
	return rc;
}

static ouro_status replay_probe(ouro__channel *channel, const char *const *methods, size_t count,
	int64_t deadline, uint32_t *ret_there, uint64_t *ret_epoch, ouro_error *reterr)
{
	(void)deadline;
	(void)reterr;
	*ret_there = 0;
	*ret_epoch = 1;
	for (size_t i = 0; i < count; i++)
		if (find((struct replay *)(void *)channel, methods[i]))
			*ret_there |= UINT32_C(1) << i;
	return OURO_OK;
}

static uint64_t replay_epoch(ouro__channel *channel)
{
	(void)channel;
	return 1;
}

static void replay_free(ouro__channel *channel)
{
	(void)channel;
}

static const struct ouro__channel_ops replay_ops = {.start = replay_start,
	.finish = replay_finish,
	.probe = replay_probe,
	.epoch = replay_epoch,
	.free = replay_free};

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void take(struct replay *replay, const char *method, const char *hex)
{
	struct replay_answer *answer = &replay->answers[replay->count];
	size_t size = hex ? strlen(hex) / 2 : 0;

	assert_true(replay->count < REPLAY_ANSWERS_MAX);
	answer->data = malloc(size + 1);
	assert_non_null(answer->data);
	for (size_t i = 0; i < size; i++) {
		int high = digit(hex[2 * i]);
		int low = digit(hex[2 * i + 1]);

		assert_true(high >= 0 && low >= 0);
		answer->data[i] = (uint8_t)(high * 16 + low);
	}
	answer->size = size;
	(void)snprintf(answer->method, sizeof(answer->method), "%s", method);
	replay->count++;
}

void replay_open(struct replay *replay, const char *version)
{
	char *line = malloc(LINE_MAX_BYTES);
	char path[1024];
	FILE *file;

	memset(replay, 0, sizeof(*replay));
	replay->channel.ops = &replay_ops;
	(void)snprintf(
		path, sizeof(path), "%s/wire/recordings/%s/grpc.jsonl", OURO_TESTS_DIR, version);
	file = fopen(path, "r");
	assert_non_null(line);
	if (!file)
		fail_msg("%s cannot be read", path);
	while (fgets(line, LINE_MAX_BYTES, file)) {
		json_t *json = json_loads(line, 0, NULL);
		const char *method = json_string_value(json_object_get(json, "method"));

		assert_non_null(method);
		if (json_integer_value(json_object_get(json, "grpc_status")) == 0 &&
			!find(replay, method))
			take(replay, method,
				json_string_value(json_object_get(json, "response_hex")));
		json_decref(json);
	}
	(void)fclose(file);
	free(line);
	assert_true(replay->count > 5);
}

void replay_close(struct replay *replay)
{
	for (size_t i = 0; i < replay->count; i++)
		free(replay->answers[i].data);
	replay->count = 0;
}
