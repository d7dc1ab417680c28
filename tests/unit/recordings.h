/* The recordings of real servers as they lie in tests/wire/recordings: loading them, and a channel that answers with them. */
#ifndef TEST_RECORDINGS_H
#define TEST_RECORDINGS_H

#include <jansson.h>

#include "headscale/generation.h"
#include "rpc/channel.h"

#define RECORDING_ARENA_MAX ((size_t)64 << 20)

struct recording {
	const char *folder;
	ouro__band band;
	json_t *records; /* array, in order */
	json_t *expected;
};

/* The gRPC recordings, by age. */
enum { RECORDINGS = 7 };
extern struct recording recordings[RECORDINGS];

/* For cmocka_run_group_tests(). */
int recordings_load(void **state);
int recordings_unload(void **state);
/* One file of recorded calls. Owned by the caller. */
json_t *recording_lines(const char *folder, const char *name);

/* "" if there is none. */
const char *recording_text(const json_t *object, const char *key);
/* In a block of its own size, so that the sanitizer sees every read beyond it; free(). */
uint8_t *recording_bytes(const char *hex, size_t *ret_size);
/* RFC 3339 to Unix seconds. */
int64_t recording_seconds(const char *text);
/* A number that stands there as a text. */
uint64_t recording_number(const json_t *value);

struct recording_method {
	const char *name;
	const struct ouro__message *request;
	const struct ouro__message *reply;
};

/* How this release reads and writes the call of a record; NULL = not one of ours. */
const struct recording_method *recording_method(const json_t *record);
/* The record's answer, decoded. NULL if there is no record of that name. */
void *recording_reply(const struct recording *recording, const char *name,
	const struct ouro__message *message, ouro__arena *arena);

/* A channel that answers what the server of the recording answered to the very same bytes, the first time it got them. Bytes
 * that no client sent to it fail the test. */
ouro__channel *recording_channel_new(const struct recording *recording);

#endif
