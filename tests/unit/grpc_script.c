/* See grpc_script.h. */
#include "grpc_script.h"

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"

enum { PREFACE = 24, HEAD = 9, WAIT_MS = 10000 };

struct text {
	const char *text;
};

static const struct ouro__field text_fields[] = {
	{1, OURO__FIELD_TEXT, 0, 255, offsetof(struct text, text), "text", NULL},
};
const struct ouro__message grpc_text = {"Text", sizeof(struct text), text_fields, 1};
const struct ouro__method grpc_reading = {
	"GetText", &grpc_text, &grpc_text, OURO__METHOD_READ, NULL, NULL};
const struct ouro__method grpc_writing = {"SetText", &grpc_text, &grpc_text, 0, NULL, NULL};

/* ---- the stream ---- */

struct stream {
	ouro__stream base;
	struct grpc_connection *connection;
	int fd; /* readable while a read would do something */
	size_t step;
	size_t offset;
	size_t parsed;
};

static uint32_t big(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		bytes[3];
}

static size_t frame_size(const uint8_t *frame)
{
	return HEAD + ((size_t)frame[0] << 16 | (size_t)frame[1] << 8 | frame[2]);
}

static const struct grpc_step *current(struct stream *self)
{
	struct grpc_connection *connection = self->connection;
	const struct grpc_step *step = &connection->steps[self->step];

	if (self->step == connection->step_count ||
		atomic_load(&connection->requests) < step->after)
		return NULL;
	return step;
}

static void update(struct stream *self)
{
	eventfd_t ignored;

	(void)eventfd_read(self->fd, &ignored);
	if (current(self))
		(void)eventfd_write(self->fd, 1);
}

static ouro_status stream_connect(
	ouro__stream *base, int64_t deadline, int stop_fd, ouro_error *reterr)
{
	struct stream *self = (struct stream *)base;
	struct grpc_connection *connection = self->connection;

	(void)deadline;
	(void)stop_fd;
	if (connection->stops)
		ouro__channel_stop(connection->script->channel);
	if (connection->slow_ms)
		(void)poll(NULL, 0, connection->slow_ms);
	if (connection->refuses < 0)
		return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, connection->refuses,
			"the script refuses the connection");
	update(self);
	return OURO_OK;
}

static ssize_t stream_read(ouro__stream *base, void *data, size_t size, ouro_error *reterr)
{
	struct stream *self = (struct stream *)base;
	const struct grpc_step *step = current(self);
	size_t n;

	(void)reterr;
	if (!step)
		return OURO__STREAM_AGAIN;
	n = step->bytes.size - self->offset;
	if (!n)
		return 0; /* only a step that ends stays when it is read */
	if (self->connection->read_most && n > self->connection->read_most)
		n = self->connection->read_most;
	n = n > size ? size : n;
	memcpy(data, step->bytes.data + self->offset, n);
	self->offset += n;
	if (self->offset == step->bytes.size && !step->ends) {
		self->step++;
		self->offset = 0;
	}
	update(self);
	return (ssize_t)n;
}

static ssize_t stream_write(ouro__stream *base, const void *data, size_t size, ouro_error *reterr)
{
	struct stream *self = (struct stream *)base;
	struct grpc_connection *connection = self->connection;
	ouro__buf *written = &connection->written;

	(void)reterr;
	ouro__buf_append(written, data, size);
	if (written->broken)
		abort();
	while (written->size >= self->parsed + HEAD) {
		const uint8_t *frame = written->data + self->parsed;

		if (written->size < self->parsed + frame_size(frame))
			break;
		self->parsed += frame_size(frame);
		if (frame[3] == NGHTTP2_DATA && frame[4] & NGHTTP2_FLAG_END_STREAM)
			(void)atomic_fetch_add(&connection->requests, 1);
		if (frame[3] == NGHTTP2_RST_STREAM)
			(void)atomic_fetch_add(&connection->resets, 1);
	}
	update(self);
	return (ssize_t)size;
}

static int stream_fd(const ouro__stream *base)
{
	return ((const struct stream *)base)->fd;
}

static short stream_want(const ouro__stream *base, short events)
{
	(void)base;
	return events;
}

static void stream_free(ouro__stream *base)
{
	(void)close(((struct stream *)base)->fd);
	free(base);
}

static const struct ouro__stream_ops ops = {.connect = stream_connect,
	.read = stream_read,
	.write = stream_write,
	.fd = stream_fd,
	.want = stream_want,
	.free = stream_free};

static ouro__stream *next_stream(void *user)
{
	struct grpc_script *script = user;
	size_t number = atomic_fetch_add(&script->made, 1);
	struct stream *self;

	if (number >= script->most)
		return NULL;
	/* In the I/O thread, where an assertion could not end the test. */
	self = calloc(1, sizeof(*self));
	if (!self)
		abort();
	self->base.ops = &ops;
	self->connection = &script->connections[number];
	self->parsed = PREFACE;
	self->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (self->fd < 0)
		abort();
	return &self->base;
}

/* ---- the script ---- */

struct grpc_script *grpc_script_new(int speaks)
{
	struct grpc_script *script = calloc(1, sizeof(*script));

	assert_non_null(script);
	script->most = GRPC_CONNECTIONS_MAX;
	script->error = (ouro_error)OURO_ERROR_INIT;
	for (size_t i = 0; i < GRPC_CONNECTIONS_MAX; i++) {
		script->connections[i].script = script;
		script->connections[i].written = (ouro__buf)OURO__BUF_INIT(1 << 20);
		if (speaks)
			grpc_greets(script, i);
	}
	return script;
}

void grpc_open(struct grpc_script *script, struct ouro__grpc_options options)
{
	options.stream_new = next_stream;
	options.stream_user = script;
	if (!options.api_key)
		options.api_key = "key";
	assert_int_equal(ouro__grpc_channel_new(&options, &script->channel, NULL), OURO_OK);
}

void grpc_close(struct grpc_script *script)
{
	ouro__channel_free(script->channel);
	script->channel = NULL;
}

void grpc_script_free(struct grpc_script *script)
{
	grpc_close(script);
	for (size_t i = 0; i < GRPC_CONNECTIONS_MAX; i++) {
		for (size_t j = 0; j < GRPC_STEPS_MAX; j++)
			ouro__buf_done(&script->connections[i].steps[j].bytes);
		ouro__buf_done(&script->connections[i].written);
	}
	free(script);
}

void grpc_says(
	struct grpc_script *script, size_t connection, size_t after, const void *bytes, size_t size)
{
	struct grpc_connection *at = &script->connections[connection];
	struct grpc_step *step = &at->steps[at->step_count++];

	assert_true(at->step_count <= GRPC_STEPS_MAX);
	step->bytes = (ouro__buf)OURO__BUF_INIT(1 << 20);
	step->after = after;
	ouro__buf_append(&step->bytes, bytes, size);
}

void grpc_greets(struct grpc_script *script, size_t connection)
{
	grpc_says(script, connection, 0, NULL, 0);
	grpc_frame(script, connection, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

static ouro__buf *last_step(struct grpc_script *script, size_t connection)
{
	struct grpc_connection *at = &script->connections[connection];

	return &at->steps[at->step_count - 1].bytes;
}

void grpc_frame(struct grpc_script *script, size_t connection, int type, int flags, uint32_t id,
	const void *bytes, size_t size)
{
	const uint8_t head[HEAD] = {(uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size,
		(uint8_t)type, (uint8_t)flags, (uint8_t)(id >> 24), (uint8_t)(id >> 16),
		(uint8_t)(id >> 8), (uint8_t)id};
	ouro__buf *to = last_step(script, connection);

	ouro__buf_append(to, head, sizeof(head));
	ouro__buf_append(to, bytes, size);
	assert_false(to->broken);
}

void grpc_headers(struct grpc_script *script, size_t connection, uint32_t id, int last,
	const char *const *pairs)
{
	ouro__buf block = OURO__BUF_INIT(8192);

	/* Literals without indexing, short enough for a length of one byte each. */
	for (; *pairs; pairs += 2) {
		assert_true(strlen(pairs[0]) < 127 && strlen(pairs[1]) < 127);
		ouro__buf_byte(&block, 0);
		ouro__buf_byte(&block, (uint8_t)strlen(pairs[0]));
		ouro__buf_text(&block, pairs[0]);
		ouro__buf_byte(&block, (uint8_t)strlen(pairs[1]));
		ouro__buf_text(&block, pairs[1]);
	}
	grpc_frame(script, connection, NGHTTP2_HEADERS,
		NGHTTP2_FLAG_END_HEADERS | (last ? NGHTTP2_FLAG_END_STREAM : 0), id, block.data,
		block.size);
	ouro__buf_done(&block);
}

void grpc_answers(struct grpc_script *script, size_t connection, size_t after, uint32_t id)
{
	static const char *const head[] = {
		":status", "200", "content-type", "application/grpc", NULL};
	static const char *const trailers[] = {"grpc-status", "0", NULL};

	grpc_says(script, connection, after, NULL, 0);
	grpc_headers(script, connection, id, 0, head);
	grpc_frame(script, connection, NGHTTP2_DATA, 0, id, "\0\0\0\0\5\x0a\3hey", 10);
	grpc_headers(script, connection, id, 1, trailers);
}

void grpc_refuses(struct grpc_script *script, size_t connection, size_t after, uint32_t id,
	const char *status, const char *words)
{
	const char *const head[] = {":status", "200", "content-type", "application/grpc",
		"grpc-status", status, "grpc-message", words, NULL};

	grpc_says(script, connection, after, NULL, 0);
	grpc_headers(script, connection, id, 1, head);
}

void grpc_goes_away(struct grpc_script *script, size_t connection, size_t after, uint32_t last)
{
	const uint8_t payload[8] = {0, 0, 0, (uint8_t)last, 0, 0, 0, 0};

	grpc_says(script, connection, after, NULL, 0);
	grpc_frame(script, connection, NGHTTP2_GOAWAY, 0, 0, payload, sizeof(payload));
}

void grpc_ends(struct grpc_script *script, size_t connection, size_t after)
{
	struct grpc_connection *at = &script->connections[connection];

	grpc_says(script, connection, after, NULL, 0);
	at->steps[at->step_count - 1].ends = 1;
}

/* ---- calls ---- */

ouro__call *grpc_start(
	struct grpc_script *script, const struct ouro__method *method, const char *text, int64_t ms)
{
	static const struct ouro__terms any = {1, 0};
	const struct text request = {text};
	ouro__call *call = NULL;

	assert_int_equal(script->channel->ops->start(script->channel, method, &any, &request,
				 ouro__clock_ms() + ms, &call, NULL),
		OURO_OK);
	return call;
}

ouro_status grpc_finish(struct grpc_script *script, ouro__call *call)
{
	ouro__arena *arena = ouro__arena_new(4096);
	void *reply = NULL;
	ouro_status rc;

	script->error = (ouro_error)OURO_ERROR_INIT;
	script->reply[0] = '\0';
	rc = script->channel->ops->finish(script->channel, call, arena, &reply, &script->error);
	assert_int_equal(script->error.status, rc);
	assert_int_equal(reply != NULL, rc == OURO_OK);
	if (reply)
		(void)snprintf(script->reply, sizeof(script->reply), "%s",
			((const struct text *)reply)->text);
	ouro__arena_free(arena);
	return rc;
}

ouro_status grpc_call(
	struct grpc_script *script, const struct ouro__method *method, const char *text)
{
	static const struct ouro__terms any = {1, 0};
	const struct text request = {text};
	ouro__call *call = NULL;
	ouro_status rc;

	script->error = (ouro_error)OURO_ERROR_INIT;
	rc = script->channel->ops->start(script->channel, method, &any, &request,
		ouro__clock_ms() + 5000, &call, &script->error);
	assert_int_equal(script->error.status, rc);
	return rc < 0 ? rc : grpc_finish(script, call);
}

ouro_status grpc_probe(struct grpc_script *script, const char *const *methods, size_t count,
	uint32_t *ret_there, uint64_t *ret_epoch)
{
	ouro_status rc;

	script->error = (ouro_error)OURO_ERROR_INIT;
	rc = script->channel->ops->probe(script->channel, methods, count, ouro__clock_ms() + 5000,
		ret_there, ret_epoch, &script->error);
	assert_int_equal(script->error.status, rc);
	return rc;
}

void grpc_wait(const atomic_size_t *number, size_t value)
{
	int64_t until = ouro__clock_ms() + WAIT_MS;

	while (atomic_load(number) < value && ouro__clock_ms() < until)
		(void)poll(NULL, 0, 2);
	assert_true(atomic_load(number) >= value);
}

void grpc_wait_epoch(const struct grpc_script *script, uint64_t epoch)
{
	int64_t until = ouro__clock_ms() + WAIT_MS;

	while (ouro__channel_epoch(script->channel) < epoch && ouro__clock_ms() < until)
		(void)poll(NULL, 0, 2);
	assert_true(ouro__channel_epoch(script->channel) >= epoch);
}

/* ---- what it got ---- */

size_t grpc_got(const struct grpc_script *script, const char *word)
{
	size_t length = strlen(word);
	size_t count = 0;

	for (size_t i = 0; i < GRPC_CONNECTIONS_MAX; i++) {
		const ouro__buf *written = &script->connections[i].written;

		for (size_t at = 0; at + length <= written->size; at++)
			count += memcmp(written->data + at, word, length) == 0;
	}
	return count;
}

/* Looks at one block; returns 1 if the field is in it. */
static int inflate(nghttp2_hd_inflater *inflater, const uint8_t *data, size_t size,
	const char *name, char *value, size_t room)
{
	int flags = 0;
	int found = 0;

	while (!(flags & NGHTTP2_HD_INFLATE_FINAL)) {
		nghttp2_nv field;
		ssize_t n = nghttp2_hd_inflate_hd2(inflater, &field, &flags, data, size, 1);

		assert_true(n >= 0);
		data += n;
		size -= (size_t)n;
		if (!(flags & NGHTTP2_HD_INFLATE_EMIT) || field.namelen != strlen(name) ||
			memcmp(field.name, name, field.namelen) != 0)
			continue;
		found = 1;
		(void)snprintf(value, room, "%.*s", (int)field.valuelen, (const char *)field.value);
	}
	(void)nghttp2_hd_inflate_end_headers(inflater);
	return found;
}

const char *grpc_got_field(
	const struct grpc_script *script, size_t connection, uint32_t id, const char *name)
{
	static char value[512];
	const ouro__buf *written = &script->connections[connection].written;
	nghttp2_hd_inflater *inflater = NULL;
	char one[sizeof(value)];
	size_t at = PREFACE;

	value[0] = '\0';
	assert_int_equal(nghttp2_hd_inflate_new(&inflater), 0);
	while (at + HEAD <= written->size) {
		const uint8_t *frame = written->data + at;

		at += frame_size(frame);
		if (at > written->size)
			break;
		if (frame[3] == NGHTTP2_HEADERS &&
			inflate(inflater, frame + HEAD, frame_size(frame) - HEAD, name, one,
				sizeof(one)) &&
			big(frame + 5) == id)
			(void)snprintf(value, sizeof(value), "%s", one);
	}
	nghttp2_hd_inflate_del(inflater);
	return value;
}
