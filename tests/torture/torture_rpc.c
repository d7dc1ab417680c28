/* The gRPC channel when memory runs out, and when threads, locks, descriptors, TLS or the HTTP/2 engine fail under it: each
 * call ends in time and says how, a write goes out once at most, and not at all if its caller is told that nothing was done. Its
 * own thread takes part, so that which allocation is the n-th differs a little from run to run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sys.h"
#include "memory.h"
#include "net/stream_memory.h"
#include "rpc/grpc_channel.h"
#include "rpc/wire.h"

enum { STREAMS_MAX = 6, BEFORE_REQUEST = 120, DEADLINE_MS = 400, LATE_MS = 20000 };

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
static const struct ouro__method reading = {
	"GetWhole", &whole_message, &whole_message, OURO__METHOD_READ, NULL, NULL};
static const struct ouro__method writing = {
	"SetWhole", &whole_message, &whole_message, 0, NULL, NULL};

/* ---- descriptors ---- */

static int lowest_free(void)
{
	int fd = dup(0);

	assert_true(fd >= 0);
	(void)close(fd);
	return fd;
}

static void none_lost(int before)
{
	int64_t until = ouro__clock_ms() + LATE_MS;

	while (lowest_free() != before && ouro__clock_ms() < until)
		(void)poll(NULL, 0, 10);
	assert_int_equal(lowest_free(), before);
}

static int told(ouro_status rc, const ouro_error *error)
{
	if (rc == OURO_OK || (torture_refused() && error->status == rc && error->text[0]))
		return 1;
	print_message("%s: %s\n", ouro_status_name(rc), error->text);
	return 0;
}

/* ---- messages ---- */

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
	rc = ouro__wire_encode(&whole_message, 1, &from, &buf, &error);
	if (rc == OURO_OK) {
		arena = ouro__arena_new((size_t)1 << 20);
		rc = arena ? ouro__wire_decode(
				     &whole_message, 1, buf.data, buf.size, arena, &object, &error)
			   : ouro__error_nomem(&error);
	}
	(void)torture_disarm();
	if (rc == OURO_OK) {
		const struct whole *to = object;

		ok = to->many.count == 2 && to->texts.count == 2 && to->one->number == UINT64_MAX &&
			strcmp(to->one->text, numbers) == 0;
	} else {
		/* Never "too large", never "malformed". */
		ok = rc == OURO_ERR_NOMEM && !object && told(rc, &error);
	}
	ouro__buf_done(&buf);
	ouro__arena_free(arena);
	return ok;
}

static void torture_rpc__messages(void **state)
{
	(void)state;
	torture_kinds(TORTURE_MEMORY);
	torture_run("a message there and back", there_and_back, NULL);
}

/* ---- calls ---- */

static const char settings[] = "\0\0\0\4\0\0\0\0\0";
static const char answer[] = "\0\0\x20\1\4\0\0\0\1"
			     "\x88\0\x0c"
			     "content-type\x10"
			     "application/grpc"
			     "\0\0\x0a\0\0\0\0\0\1"
			     "\0\0\0\0\5\x0a\3hey"
			     "\0\0\x0f\1\5\0\0\0\1\0\x0b"
			     "grpc-status\1"
			     "0";
/* Status 13: what a probe is answered by a method that is there. */
static const char unread[] = "\0\0\x30\1\5\0\0\0\1"
			     "\x88\0\x0c"
			     "content-type\x10"
			     "application/grpc"
			     "\0\x0b"
			     "grpc-status\2"
			     "13";
static const struct ouro__memory_step answering[] = {
	{settings, sizeof(settings) - 1, 0},
	{answer, sizeof(answer) - 1, BEFORE_REQUEST},
};
static const struct ouro__memory_step refusing[] = {
	{settings, sizeof(settings) - 1, 0},
	{unread, sizeof(unread) - 1, BEFORE_REQUEST},
};

struct world {
	struct ouro__memory_script scripts[STREAMS_MAX];
	size_t made;
	ouro_error error;
	char reply[8];
};

static ouro__stream *next_stream(void *user)
{
	struct world *world = user;

	return world->made < STREAMS_MAX ? ouro__stream_memory_new(&world->scripts[world->made++])
					 : NULL;
}

static void begin(struct world *world, const struct ouro__memory_step *steps)
{
	memset(world, 0, sizeof(*world));
	world->error = (ouro_error)OURO_ERROR_INIT;
	for (size_t i = 0; i < STREAMS_MAX; i++)
		world->scripts[i] = (struct ouro__memory_script){
			.steps = steps, .count = 2, .written = OURO__BUF_INIT(4096)};
}

/* How often the whole word went out. */
static int end(struct world *world, const char *word)
{
	size_t length = strlen(word);
	int count = 0;

	for (size_t i = 0; i < STREAMS_MAX; i++) {
		ouro__buf *written = &world->scripts[i].written;

		for (size_t at = 0; at + length <= written->size; at++)
			count += memcmp(written->data + at, word, length) == 0;
		ouro__buf_done(written);
	}
	return count;
}

/* A channel's whole life with one call. */
static ouro_status call(struct world *world, const struct ouro__method *method)
{
	static const struct ouro__terms any = {1, 0};
	const struct ouro__grpc_options options = {
		.stream_new = next_stream, .stream_user = world, .api_key = "key"};
	const struct whole request = {.text = "words that are said once"};
	ouro__arena *arena = ouro__arena_new(4096);
	ouro__channel *channel = NULL;
	void *reply = NULL;
	ouro_status rc;

	assert_non_null(arena);
	torture_arm_now();
	rc = ouro__grpc_channel_new(&options, &channel, &world->error);
	if (rc == OURO_OK)
		rc = ouro__channel_call(channel, method, &any, &request,
			ouro__clock_ms() + DEADLINE_MS, arena, &reply, &world->error);
	ouro__channel_free(channel);
	(void)torture_disarm();
	if (rc == OURO_OK)
		memcpy(world->reply, ((const struct whole *)reply)->text, 4);
	else if (reply)
		fail_msg("a reply with %s", ouro_status_name(rc));
	ouro__arena_free(arena);
	return rc;
}

static int read_once(void *user)
{
	struct world world;
	ouro_status rc;
	int count;

	(void)user;
	begin(&world, answering);
	rc = call(&world, &reading);
	count = end(&world, "words that are said once");
	if (rc == OURO_OK)
		return count >= 1 && strcmp(world.reply, "hey") == 0;
	return rc != OURO_ERR_UNCERTAIN && told(rc, &world.error);
}

static int write_once(void *user)
{
	struct world world;
	ouro_status rc;
	int count;

	(void)user;
	begin(&world, answering);
	rc = call(&world, &writing);
	count = end(&world, "words that are said once");
	if (count > 1)
		return 0;
	if (rc == OURO_OK)
		return count == 1 && strcmp(world.reply, "hey") == 0;
	/* What could not be handed to HTTP/2 did not go out, and is not called in doubt. */
	if (rc == OURO_ERR_UNCERTAIN && torture_refused() &&
		strcmp(torture_refused(), "nghttp2_submit_request") == 0)
		return 0;
	/* In doubt or certainly not done. */
	return (rc == OURO_ERR_UNCERTAIN || count == 0) && told(rc, &world.error);
}

static int probe_once(void *user)
{
	static const char *const methods[] = {"GetWhole"};
	struct world world;
	const struct ouro__grpc_options options = {
		.stream_new = next_stream, .stream_user = &world, .authority = "hs.example.com"};
	ouro__channel *channel = NULL;
	uint32_t there = 77;
	uint64_t epoch = 77;
	ouro_status rc;

	(void)user;
	begin(&world, refusing);
	torture_arm_now();
	rc = ouro__grpc_channel_new(&options, &channel, &world.error);
	if (rc == OURO_OK)
		rc = channel->ops->probe(channel, methods, 1, ouro__clock_ms() + DEADLINE_MS,
			&there, &epoch, &world.error);
	ouro__channel_free(channel);
	(void)torture_disarm();
	(void)end(&world, "key");
	if (rc == OURO_OK)
		return there == 1 && epoch >= 1 && epoch <= world.made;
	return there == 77 && epoch == 77 && told(rc, &world.error);
}

static void torture_rpc__calls(void **state)
{
	int before = lowest_free();

	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	torture_run("a read over gRPC", read_once, NULL);
	torture_run("a write over gRPC", write_once, NULL);
	torture_run("a probe over gRPC", probe_once, NULL);
	none_lost(before);
}

/* ---- real sockets, which nobody listens at ---- */

static int reach_nobody(void *user)
{
	static const struct ouro__terms any = {1, 0};
	const struct ouro__grpc_options *options = user;
	const struct whole request = {.text = "words"};
	ouro_error error = OURO_ERROR_INIT;
	ouro__channel *channel = NULL;
	void *reply = NULL;
	ouro_status rc;

	torture_arm_now();
	rc = ouro__grpc_channel_new(options, &channel, &error);
	if (rc == OURO_OK)
		rc = ouro__channel_call(channel, &writing, &any, &request,
			ouro__clock_ms() + LATE_MS, NULL, &reply, &error);
	ouro__channel_free(channel);
	(void)torture_disarm();
	/* Never in doubt: nothing can have gone out. */
	if (rc == OURO_OK || rc == OURO_ERR_UNCERTAIN || error.status != rc || !error.text[0])
		return 0;
	return torture_refused() || rc == OURO_ERR_UNREACHABLE;
}

static void torture_rpc__sockets(void **state)
{
	static struct ouro__grpc_options local = {
		.socket_path = "/nonexistent/headscale.sock", .authority = "hs.example.com"};
	static struct ouro__grpc_options plain = {
		.endpoint = "127.0.0.1:1", .plaintext = 1, .api_key = "key"};
	static struct ouro__grpc_options tls = {.endpoint = "127.0.0.1:1", .api_key = "key"};
	int before = lowest_free();

	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	torture_run("a unix socket", reach_nobody, &local);
	torture_run("a TCP port", reach_nobody, &plain);
	torture_run("a TLS port", reach_nobody, &tls);
	none_lost(before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_rpc__messages),
		cmocka_unit_test(torture_rpc__calls),
		cmocka_unit_test(torture_rpc__sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
