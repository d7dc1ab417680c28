/* A channel without a network: a test says which methods exist and what they answer. Requests and replies go through the real
 * encoder and decoder. Any thread. */
#ifndef TEST_FAKE_CHANNEL_H
#define TEST_FAKE_CHANNEL_H

#include <pthread.h>

#include "headscale/fields.h"
#include "rpc/channel.h"

struct fake_channel;

/* Make the reply (a struct of the method's reply message; may live in the arena or be static), or fail like a server. */
typedef ouro_status (*fake_answer_fn)(struct fake_channel *fake, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr);

struct fake_channel {
	ouro__channel base;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const char *methods;   /* those that exist, each between spaces: " ListNodes ListUsers " */
	fake_answer_fn answer; /* called with the lock held */
	void *user;
	int hanging; /* answers wait until this is 0 again */
	int deaf;    /* as stop = NULL: calls last until their deadline */
	int down;    /* UNREACHABLE at once */
	uint64_t epoch;
	int stopped;
	unsigned probes;
	unsigned calls;     /* that went out; finished ones included */
	unsigned lists;     /* ListNodes that began */
	unsigned writes;    /* calls of methods that do not only read */
	int waiting;        /* calls that hang now */
	int *freed;         /* set to 1 by free, if not NULL */
	char last[64];      /* name of the last method called */
	uint8_t sent[1024]; /* the message of that call; not if it is larger */
	size_t sent_size;
};

/* Calls that are meant for another epoch do not go out, as with the real channels. Everything zero, epoch 1. Owned by whoever gets &fake->base; released by ouro__channel_free(). */
struct fake_channel *fake_channel_new(const char *methods, fake_answer_fn answer, void *user);
void fake_channel_set(struct fake_channel *fake, int *member, int value);
unsigned fake_channel_get(struct fake_channel *fake, const unsigned *member);
/* Wait until so many calls hang; 0 after 5 s. */
int fake_channel_await_waiting(struct fake_channel *fake, int count);
/* A refusal as a server words it. */
ouro_status fake_refuse(ouro_error *reterr, int grpc_status, const char *text);

/* Methods of a generation, and of the two that most tests use. */
const char *fake_methods_of(ouro__band band);
extern const char fake_methods_b[];
extern const char fake_methods_h[];

#endif
