/* Both sides of an HTTP/2 connection in a test's hand: an ouro__h2 on a memory stream, the server's
 * frames as bytes, and a record of what was heard of each request. One thread. */
#ifndef H2_SCRIPT_H
#define H2_SCRIPT_H

#include "check.h"

#include "net/h2.h"
#include "net/stream_memory.h"

enum { H2_STEPS_MAX = 1300, H2_REQUESTS_MAX = 8, H2_HEARD_MAX = 2048 };

/* Frame types and flags, by RFC 9113. */
enum {
	H2_DATA = 0,
	H2_HEADERS = 1,
	H2_RST_STREAM = 3,
	H2_SETTINGS = 4,
	H2_PING = 6,
	H2_GOAWAY = 7,
	H2_WINDOW_UPDATE = 8,
	H2_ACK = 1,
	H2_END_STREAM = 1,
	H2_END_HEADERS = 4
};

struct h2_script;

struct h2_request {
	struct h2_script *script;
	char heard[H2_HEARD_MAX]; /* "0 :status=200;done;data=hey;1 x=y;last;closed" */
	size_t data_size;
	int closed;
	int unprocessed;
	int lost;
	uint32_t code;
	char error[256];
	int32_t id;
};

struct h2_script {
	struct ouro__memory_step steps[H2_STEPS_MAX];
	struct ouro__memory_script memory;
	ouro__buf server[H2_STEPS_MAX]; /* what the steps point into, where it was made here */
	ouro__h2 *h2;
	ouro_error error;
	struct h2_request requests[H2_REQUESTS_MAX];
	size_t request_count;
	const char *give_up; /* "header", "headers_done" or "data": where the sink says no */
};

/* A connection without a server's word yet. */
struct h2_script *h2_script_new(void);
/* Closes the connection, if that is not done. */
void h2_script_free(struct h2_script *script);

/* The server says these bytes, after what it said before. */
void h2_says(struct h2_script *script, const void *bytes, size_t size);
void h2_frame(
	struct h2_script *script, int type, int flags, uint32_t id, const void *bytes, size_t size);
/* SETTINGS with one entry; 0 = none. */
void h2_settings(struct h2_script *script, uint16_t name, uint32_t value);
/* HEADERS with ":status: 200". */
void h2_status(struct h2_script *script, uint32_t id, int end);
void h2_goaway(struct h2_script *script, uint32_t last, uint32_t code, const char *text);
/* The server ends the connection once all is read. */
void h2_ends(struct h2_script *script);

/* A request with a body; fails the test if it is not taken. */
struct h2_request *h2_ask(struct h2_script *script, const void *body, size_t size);
/* One turn that has to go well. */
void h2_turn(struct h2_script *script);
/* One turn that ends the connection with this status and word. */
void h2_over(struct h2_script *script, ouro_status status, const char *word);
/* How many frames of the type the client wrote for the stream; the last one's payload as a number
 * of 32 bits, if asked for. */
size_t h2_wrote(const struct h2_script *script, int type, uint32_t id, uint32_t *ret_number);

#endif
