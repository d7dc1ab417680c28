/* A gRPC server in a test's hand: what it says on each connection and after how many whole requests, and what it
 * got. The channel's I/O thread runs it; a test reads atomics at any time, and the rest once the channel is freed. */
#ifndef GRPC_SCRIPT_H
#define GRPC_SCRIPT_H

#include <stdatomic.h>

#include "check.h"

#include "base/sys.h"
#include "rpc/grpc_channel.h"

enum { GRPC_CONNECTIONS_MAX = 16, GRPC_STEPS_MAX = 24 };

struct grpc_step {
	ouro__buf bytes;
	size_t after; /* so many whole requests */
	int ends;     /* the connection, once the bytes are read */
};

struct grpc_connection {
	struct grpc_script *script;
	struct grpc_step steps[GRPC_STEPS_MAX];
	size_t step_count;
	ouro_status refuses;    /* OURO_OK = connects */
	size_t read_most;       /* bytes that a read gives; 0 = all */
	int stops;              /* 1: the channel is told to stop while it connects */
	int slow_ms;            /* connecting takes so long */
	atomic_size_t requests; /* whole ones: their bodies have ended */
	atomic_size_t resets;
	ouro__buf written;
};

struct grpc_script {
	struct grpc_connection connections[GRPC_CONNECTIONS_MAX];
	atomic_size_t made;
	size_t most; /* connections; more are refused for want of memory */
	ouro__channel *channel;
	ouro_error error;
	char reply[64]; /* the text of the last good answer */
};

/* GetText, which reads, and SetText, which does not: a message {1: text} there and back. */
extern const struct ouro__method grpc_reading;
extern const struct ouro__method grpc_writing;
extern const struct ouro__message grpc_text;

/* Every connection begins with SETTINGS, if speaks. */
struct grpc_script *grpc_script_new(int speaks);
/* Makes the channel; what options do not say is "API key: key". */
void grpc_open(struct grpc_script *script, struct ouro__grpc_options options);
/* Frees the channel: now everything can be looked at. */
void grpc_close(struct grpc_script *script);
void grpc_script_free(struct grpc_script *script);

/* The connection says these bytes after so many requests. */
void grpc_says(struct grpc_script *script, size_t connection, size_t after, const void *bytes,
	size_t size);
/* The connection greets: for a script that does not speak by itself. */
void grpc_greets(struct grpc_script *script, size_t connection);
/* One frame more in the same step. */
void grpc_frame(struct grpc_script *script, size_t connection, int type, int flags, uint32_t id,
	const void *bytes, size_t size);
/* HEADERS: pairs of name and value up to NULL; ":status" first, if it is there. */
void grpc_headers(struct grpc_script *script, size_t connection, uint32_t id, int last,
	const char *const *pairs);
/* A whole answer after so many requests: the text "hey" and status 0, or only a status and words. */
void grpc_answers(struct grpc_script *script, size_t connection, size_t after, uint32_t id);
void grpc_refuses(struct grpc_script *script, size_t connection, size_t after, uint32_t id,
	const char *status, const char *words);
/* GOAWAY: what is above this id was not looked at. */
void grpc_goes_away(struct grpc_script *script, size_t connection, size_t after, uint32_t last);
/* The connection ends after so many requests. */
void grpc_ends(struct grpc_script *script, size_t connection, size_t after);

/* Starts a call that has so long; fails the test if it cannot be started. */
ouro__call *grpc_start(struct grpc_script *script, const struct ouro__method *method,
	const char *text, int64_t ms);
ouro_status grpc_finish(struct grpc_script *script, ouro__call *call);
/* Both, with five seconds. */
ouro_status grpc_call(
	struct grpc_script *script, const struct ouro__method *method, const char *text);
ouro_status grpc_probe(struct grpc_script *script, const char *const *methods, size_t count,
	uint32_t *ret_there, uint64_t *ret_epoch);
/* Waits until the number is there; fails the test after ten seconds. */
void grpc_wait(const atomic_size_t *number, size_t value);
void grpc_wait_epoch(const struct grpc_script *script, uint64_t epoch);

/* After grpc_close: how often all connections together got this in a request's body. */
size_t grpc_got(const struct grpc_script *script, const char *word);
/* After grpc_close: a header field of the request with that id, "" = it had none. */
const char *grpc_got_field(
	const struct grpc_script *script, size_t connection, uint32_t id, const char *name);

#endif
