/* See http_server.h. The process forks; the child serves with threads (fake_http.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fake_http.h"
#include "http_server.h"

enum { WAIT_MS = 5000 };

static const char count_path[] = "GET /count ";

/* ---- the child ---- */

static json_t *records; /* as recorded, one a line */
static const char *description;
static struct http_counts counts; /* under the server's lock */

/* "GET /api/v1/node " of the request and of the record. */
static int is_asked(const json_t *record, const char *asked)
{
	const json_t *request = json_object_get(record, "request");
	char line[512];

	(void)snprintf(line, sizeof(line), "%s %s ",
		json_string_value(json_object_get(request, "method")),
		json_string_value(json_object_get(request, "path")));
	return strncmp(asked, line, strlen(line)) == 0;
}

/* The first good answer; failing that, the first. */
static const json_t *find(const char *asked)
{
	const json_t *found = NULL;
	const json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		const json_t *response = json_object_get(record, "response");

		if (!is_asked(record, asked))
			continue;
		if (json_integer_value(json_object_get(response, "status")) == 200)
			return response;
		if (!found)
			found = response;
	}
	return found;
}

/* When all but the one that asks have ended. */
static void say_counts(struct fake_http *server, int fd)
{
	static const struct timespec moment = {.tv_nsec = 1000000};
	char text[64];

	for (int i = 0; i < WAIT_MS && fake_http_count(server, &server->threads) > 1; i++)
		(void)nanosleep(&moment, NULL);
	(void)pthread_mutex_lock(&server->lock);
	(void)snprintf(text, sizeof(text), "%u %u", counts.reads, counts.writes);
	counts = (struct http_counts){0, 0};
	(void)pthread_mutex_unlock(&server->lock);
	fake_http_say(fd, text);
}

static int answer(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	const char *asked = fake_http_asked();
	const json_t *response = find(asked);
	const char *body = json_string_value(json_object_get(response, "body"));

	(void)connection;
	(void)request;
	if (strncmp(asked, count_path, sizeof(count_path) - 1) == 0) {
		say_counts(server, fd);
		return 0;
	}
	(void)pthread_mutex_lock(&server->lock);
	if (strncmp(asked, "GET ", 4) == 0)
		counts.reads++;
	else
		counts.writes++;
	(void)pthread_mutex_unlock(&server->lock);
	if (strncmp(asked, "GET /swagger/v1/openapiv2.json ", 31) == 0)
		fake_http_reply(fd, 200, "application/json", description);
	else if (response)
		fake_http_reply(fd, (int)json_integer_value(json_object_get(response, "status")),
			json_string_value(json_object_get(response, "content_type")),
			body ? body : "");
	else
		fake_http_reply(fd, 404, "text/plain", "404 page not found\n");
	return 1;
}

static void serve(const char *socket_path, const char *version, int tell, int end)
{
	static struct fake_http server = {.answer = answer};
	char path[1024];
	char byte;
	FILE *file;
	json_t *record;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)snprintf(
		path, sizeof(path), "%s/wire/recordings/%s/http.jsonl", OURO_TESTS_DIR, version);
	file = fopen(path, "rb");
	records = json_array();
	while (file && (record = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)) != NULL)
		(void)json_array_append_new(records, record);
	fake_http_start(&server, socket_path, 0);
	if (json_array_size(records) > 20)
		(void)!write(tell, server.address, sizeof(server.address));
	while (read(end, &byte, 1) > 0)
		;
	/* Its threads end with it. */
	_exit(0);
}

/* ---- the parent ---- */

void http_server_start(struct http_server *server, const char *socket_path, const char *version,
	const char *surface)
{
	char address[sizeof(((struct fake_http *)NULL)->address)];
	int tell[2];
	int end[2];

	description = surface;
	assert_int_equal(pipe(tell), 0);
	assert_int_equal(pipe(end), 0);
	server->process = fork();
	assert_true(server->process >= 0);
	if (!server->process) {
		(void)close(end[1]);
		serve(socket_path, version, tell[1], end[0]);
	}
	(void)close(tell[1]);
	(void)close(end[0]);
	if (read(tell[0], address, sizeof(address)) != (ssize_t)sizeof(address))
		fail_msg("no server for %s", version);
	(void)close(tell[0]);
	(void)snprintf(server->address, sizeof(server->address), "%.60s", address);
	server->end = end[1];
}

void http_server_stop(struct http_server *server)
{
	int status = 0;

	(void)close(server->end);
	assert_int_equal(waitpid(server->process, &status, 0), server->process);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int reach(const char *place)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct sockaddr_in port = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct sockaddr *address = (const struct sockaddr *)(const void *)&local;
	int is_local = place[0] == '/';
	int fd = socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);

	if (is_local) {
		(void)snprintf(local.sun_path, sizeof(local.sun_path), "%s", place);
	} else {
		port.sin_port = htons((uint16_t)strtoul(strchr(place, ':') + 1, NULL, 10));
		address = (const struct sockaddr *)(const void *)&port;
	}
	assert_int_equal(connect(fd, address, is_local ? sizeof(local) : sizeof(port)), 0);
	return fd;
}

struct http_counts http_server_counts(const struct http_server *server)
{
	struct http_counts seen = {0, 0};
	char text[64] = "";
	size_t used = 0;
	ssize_t got;
	int fd = reach(server->address);

	fake_http_say(fd, "GET /count HTTP/1.1\r\n\r\n");
	while ((got = recv(fd, text + used, sizeof(text) - 1 - used, 0)) > 0)
		used += (size_t)got;
	(void)close(fd);
	assert_int_equal(sscanf(text, "%u %u", &seen.reads, &seen.writes), 2);
	return seen;
}
