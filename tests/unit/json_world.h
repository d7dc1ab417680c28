/* An HTTP channel and a server on loopback that it calls: what the tests of the channel share. */
#ifndef TEST_JSON_WORLD_H
#define TEST_JSON_WORLD_H

#include <stdatomic.h>

#include "fake_http.h"
#include "rpc/json_channel.h"

#define JSON_DEADLINE_MS 3000

struct json_thing {
	uint64_t id;
	const char *name;
};

struct json_world {
	struct fake_http server;
	ouro__channel *channel;
	ouro_error error;
	struct json_thing reply;
	char name[64];
	atomic_int logged;
	char log[512];
};

/* GET /api/v1/thing?id=&name=, POST /api/v1/thing/{id} with a body, POST …/name/{name}, DELETE …, and one that HTTP does not have. */
extern const struct ouro__method json_reading;
extern const struct ouro__method json_writing;
extern const struct ouro__method json_naming;
extern const struct ouro__method json_deleting;
extern const struct ouro__method json_grpc_only;

/* Answers: {"id":"7","name":"seven"}; and none at all. */
int json_good(struct fake_http *server, int fd, unsigned connection, unsigned request);
int json_silent(struct fake_http *server, int fd, unsigned connection, unsigned request);

/* 1 = json_begin() takes a unix socket. */
extern int json_on_socket;

/* Server and channel, with the key "the-key". */
struct json_world *json_begin(fake_http_fn answer);
/* The server, which was stopped, at its old address. */
void json_restart(struct json_world *w);
void json_end(struct json_world *w);
/* A channel to w->server, which runs. */
void json_open(struct json_world *w, const char *key);

/* w->reply, w->name and w->error say what came of it. */
ouro_status json_call_with(struct json_world *w, const struct ouro__method *method, uint64_t epoch,
	const struct json_thing *request, int64_t patience);
/* With {7, "a b"} and enough patience. */
ouro_status json_call(struct json_world *w, const struct ouro__method *method);

unsigned json_requests(struct json_world *w);
unsigned json_connections(struct json_world *w);
/* Wait until there are so many lines: they come after the caller has its answer. */
void json_logged(struct json_world *w, int count);
void json_pause_ms(long ms);

#endif
