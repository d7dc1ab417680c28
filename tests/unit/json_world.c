/* See json_world.h. */
#include "check.h"

#include "json_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"

static const struct ouro__field thing_fields[] = {
	{1, OURO__FIELD_U64, 0, 255, offsetof(struct json_thing, id), "id", NULL},
	{2, OURO__FIELD_TEXT, 0, 255, offsetof(struct json_thing, name), "name", NULL},
};
static const struct ouro__message thing = {"Thing", sizeof(struct json_thing), thing_fields, 2};
const struct ouro__method json_reading = {
	"GetThing", &thing, &thing, OURO__METHOD_READ | OURO__METHOD_QUERY, "GET", "/api/v1/thing"};
const struct ouro__method json_writing = {
	"SetThing", &thing, &thing, OURO__METHOD_BODY, "POST", "/api/v1/thing/{id}"};
const struct ouro__method json_naming = {
	"NameThing", &thing, &thing, 0, "POST", "/api/v1/thing/{id}/name/{name}"};
const struct ouro__method json_deleting = {
	"DeleteThing", &thing, &thing, 0, "DELETE", "/api/v1/thing/{id}"};
const struct ouro__method json_grpc_only = {"OnlyGrpc", &thing, &thing, 0, NULL, NULL};

void json_pause_ms(long ms)
{
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	(void)nanosleep(&time, NULL);
}

static void on_log(void *user, int level, const char *text)
{
	struct json_world *w = user;

	(void)level;
	(void)snprintf(w->log, sizeof(w->log), "%s", text);
	w->logged++;
}

/* The line comes after the caller has its answer. */
void json_logged(struct json_world *w, int count)
{
	for (int i = 0; i < 200 && atomic_load(&w->logged) < count; i++)
		json_pause_ms(10);
	assert_int_equal(atomic_load(&w->logged), count);
}

int json_good(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	(void)server;
	(void)connection;
	(void)request;
	fake_http_reply(fd, 200, "application/json", "{\"id\":\"7\",\"name\":\"seven\"}");
	return 1;
}

void json_open(struct json_world *w, const char *key)
{
	struct ouro__json_options options = {.endpoint = w->server.address,
		.plaintext = 1,
		.api_key = key,
		.connect_timeout_ms = 1500,
		.log = {on_log, w}};

	if (w->server.address[0] == '/') {
		options.socket_path = w->server.address;
		options.endpoint = NULL;
	}
	w->error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(ouro__json_channel_new(&options, &w->channel, &w->error), OURO_OK);
}

int json_on_socket;

void json_restart(struct json_world *w)
{
	char address[sizeof(w->server.address)];

	memcpy(address, w->server.address, sizeof(address));
	if (address[0] == '/')
		fake_http_start(&w->server, address, 0);
	else
		fake_http_start(
			&w->server, NULL, (uint16_t)strtoul(strchr(address, ':') + 1, NULL, 10));
}

struct json_world *json_begin(fake_http_fn answer)
{
	struct json_world *w = calloc(1, sizeof(*w));
	char path[100];

	w->server.answer = answer;
	w->server.user = w;
	(void)snprintf(path, sizeof(path), "/tmp/ouro-world-%d.sock", (int)getpid());
	fake_http_start(&w->server, json_on_socket ? path : NULL, 0);
	json_open(w, "the-key");
	return w;
}

void json_end(struct json_world *w)
{
	ouro__channel_free(w->channel);
	fake_http_stop(&w->server);
	free(w);
}

ouro_status json_call_with(struct json_world *w, const struct ouro__method *method, uint64_t epoch,
	const struct json_thing *request, int64_t patience)
{
	const struct ouro__terms terms = {1, epoch};
	ouro__arena *arena = ouro__arena_new(1 << 20);
	void *reply = NULL;
	ouro_status rc;

	w->error = (ouro_error)OURO_ERROR_INIT;
	rc = ouro__channel_call(w->channel, method, &terms, request, ouro__clock_ms() + patience,
		arena, &reply, &w->error);
	w->reply = (struct json_thing){0, NULL};
	if (rc == OURO_OK) {
		w->reply.id = ((struct json_thing *)reply)->id;
		(void)snprintf(w->name, sizeof(w->name), "%s", ((struct json_thing *)reply)->name);
	}
	ouro__arena_free(arena);
	return rc;
}

ouro_status json_call(struct json_world *w, const struct ouro__method *method)
{
	static const struct json_thing request = {7, "a b"};

	return json_call_with(w, method, 0, &request, JSON_DEADLINE_MS);
}

unsigned json_requests(struct json_world *w)
{
	return fake_http_count(&w->server, &w->server.requests);
}

unsigned json_connections(struct json_world *w)
{
	return fake_http_count(&w->server, &w->server.connections);
}

int json_silent(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	(void)server;
	(void)fd;
	(void)connection;
	(void)request;
	return 1;
}
