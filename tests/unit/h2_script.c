/* See h2_script.h. */
#include "h2_script.h"

#include <stdio.h>
#include <stdlib.h>

enum { PREFACE = 24, HEAD = 9 };

static int header(void *user, int block, const char *name, size_t name_size, const char *value,
	size_t value_size)
{
	struct h2_request *request = user;
	size_t used = strlen(request->heard);

	(void)snprintf(request->heard + used, sizeof(request->heard) - used, "%d %.*s=%.*s;", block,
		(int)name_size, name, value_size < 20 ? (int)value_size : 20, value);
	return request->script->give_up && strcmp(request->script->give_up, "header") == 0;
}

static int headers_done(void *user, int block, int last)
{
	struct h2_request *request = user;
	size_t used = strlen(request->heard);

	(void)snprintf(request->heard + used, sizeof(request->heard) - used, "%d %s;", block,
		last ? "last" : "done");
	return request->script->give_up && strcmp(request->script->give_up, "headers_done") == 0;
}

static int data(void *user, const uint8_t *bytes, size_t size)
{
	struct h2_request *request = user;
	size_t used = strlen(request->heard);

	request->data_size += size;
	if (size < 20)
		(void)snprintf(request->heard + used, sizeof(request->heard) - used, "data=%.*s;",
			(int)size, (const char *)bytes);
	return request->script->give_up && strcmp(request->script->give_up, "data") == 0;
}

static void closed(void *user, const struct ouro__h2_end *end)
{
	struct h2_request *request = user;

	assert_int_equal(request->closed, 0); /* exactly once */
	assert_int_equal(end->error != NULL, end->lost);
	request->closed = 1;
	request->unprocessed = end->unprocessed;
	request->lost = end->lost;
	request->code = end->code;
	if (end->error)
		(void)snprintf(request->error, sizeof(request->error), "%s", end->error->text);
}

static const struct ouro__h2_sink sink = {header, headers_done, data, closed};

struct h2_script *h2_script_new(void)
{
	struct h2_script *script = calloc(1, sizeof(*script));
	ouro__stream *stream;

	assert_non_null(script);
	script->memory.steps = script->steps;
	script->memory.written = (ouro__buf)OURO__BUF_INIT(4 << 20);
	script->error = (ouro_error)OURO_ERROR_INIT;
	stream = ouro__stream_memory_new(&script->memory);
	assert_non_null(stream);
	assert_int_equal(stream->ops->connect(stream, 0, -1, NULL), OURO_OK);
	assert_int_equal(ouro__h2_new(stream, &sink, &script->h2, NULL), OURO_OK);
	return script;
}

void h2_script_free(struct h2_script *script)
{
	ouro__h2_free(script->h2);
	for (size_t i = 0; i < script->request_count; i++)
		assert_int_equal(script->requests[i].closed, 1);
	for (size_t i = 0; i < script->memory.count; i++)
		ouro__buf_done(&script->server[i]);
	ouro__buf_done(&script->memory.written);
	free(script);
}

void h2_says(struct h2_script *script, const void *bytes, size_t size)
{
	assert_true(script->memory.count < H2_STEPS_MAX);
	script->steps[script->memory.count++] = (struct ouro__memory_step){bytes, size, 0};
}

void h2_frame(
	struct h2_script *script, int type, int flags, uint32_t id, const void *bytes, size_t size)
{
	const uint8_t head[HEAD] = {(uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size,
		(uint8_t)type, (uint8_t)flags, (uint8_t)(id >> 24), (uint8_t)(id >> 16),
		(uint8_t)(id >> 8), (uint8_t)id};
	ouro__buf *buf = &script->server[script->memory.count];

	*buf = (ouro__buf)OURO__BUF_INIT(1 << 20);
	ouro__buf_append(buf, head, sizeof(head));
	if (size)
		ouro__buf_append(buf, bytes, size);
	assert_false(buf->broken);
	h2_says(script, buf->data, buf->size);
}

void h2_settings(struct h2_script *script, uint16_t name, uint32_t value)
{
	const uint8_t entry[6] = {(uint8_t)(name >> 8), (uint8_t)name, (uint8_t)(value >> 24),
		(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};

	h2_frame(script, H2_SETTINGS, 0, 0, entry, name ? sizeof(entry) : 0);
}

void h2_status(struct h2_script *script, uint32_t id, int end)
{
	h2_frame(script, H2_HEADERS, H2_END_HEADERS | (end ? H2_END_STREAM : 0), id, "\x88", 1);
}

void h2_goaway(struct h2_script *script, uint32_t last, uint32_t code, const char *text)
{
	const uint8_t head[8] = {(uint8_t)(last >> 24), (uint8_t)(last >> 16), (uint8_t)(last >> 8),
		(uint8_t)last, 0, 0, 0, (uint8_t)code};
	ouro__buf bytes = OURO__BUF_INIT(1024);

	ouro__buf_append(&bytes, head, sizeof(head));
	ouro__buf_text(&bytes, text);
	h2_frame(script, H2_GOAWAY, 0, 0, bytes.data, bytes.size);
	ouro__buf_done(&bytes);
}

void h2_ends(struct h2_script *script)
{
	script->memory.read_ends_at = SIZE_MAX;
}

struct h2_request *h2_ask(struct h2_script *script, const void *body, size_t size)
{
	static const struct ouro__h2_field fields[] = {{":method", "POST", 0},
		{":scheme", "http", 0}, {":path", "/x", 0}, {":authority", "x", 0},
		{"authorization", "Bearer secret", 1}};
	struct h2_request *request = &script->requests[script->request_count];

	assert_true(script->request_count < H2_REQUESTS_MAX);
	request->script = script;
	assert_int_equal(ouro__h2_submit(script->h2, fields, sizeof(fields) / sizeof(fields[0]),
				 body, size, request, &request->id, NULL),
		OURO_OK);
	script->request_count++;
	return request;
}

void h2_turn(struct h2_script *script)
{
	if (ouro__h2_io(script->h2, &script->error) < 0)
		fail_msg("%s", script->error.text);
}

void h2_over(struct h2_script *script, ouro_status status, const char *word)
{
	assert_int_equal(ouro__h2_io(script->h2, &script->error), status);
	assert_int_equal(script->error.status, status);
	if (!strstr(script->error.text, word))
		fail_msg("\"%s\" says nothing of %s", script->error.text, word);
	assert_int_equal(ouro__h2_open(script->h2), 0);
	assert_int_equal(ouro__h2_usable(script->h2), 0);
}

static uint32_t big(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		bytes[3];
}

size_t h2_wrote(const struct h2_script *script, int type, uint32_t id, uint32_t *ret_number)
{
	const ouro__buf *written = &script->memory.written;
	size_t at = PREFACE;
	size_t count = 0;

	while (at + HEAD <= written->size) {
		const uint8_t *frame = written->data + at;
		size_t size = (size_t)frame[0] << 16 | (size_t)frame[1] << 8 | frame[2];

		at += HEAD + size;
		if (frame[3] != type || big(frame + 5) != id || at > written->size)
			continue;
		count++;
		if (ret_number && size >= 4)
			*ret_number = big(frame + HEAD);
	}
	return count;
}
