/* A channel that answers from the recordings of a real server: requests are encoded, answers
 * decoded from recorded bytes, so that the whole way of a message takes part. Any thread. */
#ifndef TORTURE_REPLAY_H
#define TORTURE_REPLAY_H

#include <stdatomic.h>

#include "rpc/channel.h"

enum { REPLAY_ANSWERS_MAX = 96 };

struct replay_answer {
	char method[32];
	uint8_t *data;
	size_t size;
};

struct replay {
	ouro__channel channel;                            /* first */
	struct replay_answer answers[REPLAY_ANSWERS_MAX]; /* the first good one of each method */
	size_t count;
	atomic_int writes; /* calls that would have changed something */
};

/* version: a folder of tests/wire/recordings. Fails the test if it cannot be read. */
void replay_open(struct replay *replay, const char *version);
void replay_close(struct replay *replay);

#endif
