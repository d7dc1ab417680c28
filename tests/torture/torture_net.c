/* Connections when memory runs out, and when sockets, threads, TLS or the HTTP/2 engine fail: an error
 * of its own kind each, every request told of its end, no descriptor lost. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sys.h"
#include "memory.h"
#include "net/h2.h"
#include "net/stream_memory.h"

enum { BUSY_MS = 20000 };

/* The lowest descriptor that is free: the same before and after, if none was lost. */
static int lowest_free(void)
{
	int fd = dup(0);

	assert_true(fd >= 0);
	(void)close(fd);
	return fd;
}

/* The thread of a look-up closes what it has when it is through, which may be later. */
static void none_lost(int before)
{
	int64_t until = ouro__clock_ms() + BUSY_MS;

	while (lowest_free() != before && ouro__clock_ms() < until)
		(void)poll(NULL, 0, 10);
	assert_int_equal(lowest_free(), before);
}

static int told(ouro_status rc, const ouro_error *error)
{
	if (rc == OURO_OK)
		return 1;
	if (torture_refused() && error->status == rc && error->text[0])
		return 1;
	print_message("%s: %s\n", ouro_status_name(rc), error->text);
	return 0;
}

/* ---- HTTP/2 ---- */

static int on_header(void *request, int block, const char *name, size_t name_size,
	const char *value, size_t value_size)
{
	(void)request;
	(void)block;
	(void)name;
	(void)name_size;
	(void)value;
	(void)value_size;
	return 0;
}

static int on_headers(void *request, int block, int last)
{
	(void)request;
	(void)block;
	(void)last;
	return 0;
}

static int on_data(void *request, const uint8_t *data, size_t size)
{
	(void)request;
	(void)data;
	(void)size;
	return 0;
}

static void on_closed(void *request, const struct ouro__h2_end *end)
{
	int *closed = request;

	*closed += end->lost ? 100 : 1;
}

static int talk(void *user)
{
	static const struct ouro__h2_sink sink = {on_header, on_headers, on_data, on_closed};
	static const char said[] = "\0\0\0\4\0\0\0\0\0\0\0\1\1\5\0\0\0\1\x88";
	const struct ouro__memory_step steps[] = {{said, 9, 0}, {said + 9, 10, 80}};
	const struct ouro__h2_field field = {":method", "POST", 0};
	struct ouro__memory_script script = {.steps = steps, .count = 2};
	ouro_error error = OURO_ERROR_INIT;
	ouro__stream *stream = ouro__stream_memory_new(&script);
	ouro__h2 *h2 = NULL;
	int closed = 0;
	int submitted = 0;
	int32_t id = 0;
	ouro_status rc;

	(void)user;
	script.written = (ouro__buf)OURO__BUF_INIT(4096);
	if (!stream || stream->ops->connect(stream, 0, -1, NULL) < 0)
		return 0;
	torture_arm_now();
	rc = ouro__h2_new(stream, &sink, &h2, &error);
	if (rc == OURO_OK) {
		rc = ouro__h2_submit(
			h2, &field, 1, (const uint8_t *)"body", 4, &closed, &id, &error);
		submitted = rc == OURO_OK;
	}
	for (int i = 0; rc == OURO_OK && i < 3; i++)
		rc = ouro__h2_io(h2, &error);
	(void)torture_disarm();
	/* Answered, or lost with the connection: once. */
	if (rc == OURO_OK ? closed != 1 : closed != (submitted ? 100 : 0) && closed != 1)
		return 0;
	ouro__h2_free(h2);
	ouro__buf_done(&script.written);
	return told(rc, &error);
}

/* The owner gives up where it is told to, and the stream has to be reset. */
struct giving_up {
	int on_headers;
	int closed;
};

static int no_headers(void *request, int block, int last)
{
	(void)block;
	(void)last;
	return ((struct giving_up *)request)->on_headers;
}

static int no_data(void *request, const uint8_t *data, size_t size)
{
	(void)request;
	(void)data;
	(void)size;
	return 1;
}

static void on_given_up(void *request, const struct ouro__h2_end *end)
{
	(void)end;
	((struct giving_up *)request)->closed++;
}

static int give_up(void *user)
{
	static const struct ouro__h2_sink sink = {on_header, no_headers, no_data, on_given_up};
	static const char said[] = "\0\0\0\4\0\0\0\0\0\0\0\1\1\4\0\0\0\1\x88"
				   "\0\0\3\0\0\0\0\0\1hey";
	const struct ouro__memory_step steps[] = {{said, 9, 0}, {said + 9, 22, 80}};
	const struct ouro__h2_field field = {":method", "POST", 0};
	struct ouro__memory_script script = {.steps = steps, .count = 2};
	struct giving_up request = {.on_headers = user != NULL};
	ouro_error error = OURO_ERROR_INIT;
	ouro__stream *stream = ouro__stream_memory_new(&script);
	ouro__h2 *h2 = NULL;
	int32_t id = 0;
	ouro_status rc;

	script.written = (ouro__buf)OURO__BUF_INIT(4096);
	assert_non_null(stream);
	assert_int_equal(stream->ops->connect(stream, 0, -1, NULL), OURO_OK);
	assert_int_equal(ouro__h2_new(stream, &sink, &h2, NULL), OURO_OK);
	assert_int_equal(
		ouro__h2_submit(h2, &field, 1, (const uint8_t *)"body", 4, &request, &id, NULL),
		OURO_OK);
	torture_arm_now();
	rc = ouro__h2_io(h2, &error);
	(void)torture_disarm();
	if (request.closed != 1)
		return 0;
	ouro__h2_free(h2);
	ouro__buf_done(&script.written);
	/* It is not the server that did wrong. */
	if (torture_refused() && strcmp(torture_refused(), "nghttp2_submit_rst_stream") == 0)
		return rc == OURO_ERR_NOMEM && strcmp(error.text, "out of memory") == 0;
	return told(rc, &error);
}

static void torture_net__h2(void **state)
{
	int before = lowest_free();

	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	torture_run("an HTTP/2 connection", talk, NULL);
	torture_run("giving up at the body", give_up, NULL);
	torture_run("giving up at the headers", give_up, &before);
	none_lost(before);
}

/* ---- sockets ---- */

struct server {
	int fd;
	struct ouro__endpoint endpoint;
};

static void listen_here(struct server *server, const char *host)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	char text[64];

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->fd >= 0);
	assert_int_equal(bind(server->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->fd, 1024), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(text, sizeof(text), "%s:%u", host, (unsigned)ntohs(address.sin_port));
	assert_int_equal(ouro__endpoint_parse(text, 0, &server->endpoint, NULL), OURO_OK);
}

/* One byte each way; reading is only tried, for nobody is there to say something. */
static int exchange(void *user)
{
	const struct server *server = user;
	ouro_error error = OURO_ERROR_INIT;
	ouro__stream *stream;
	ouro_status rc = OURO_ERR_NOMEM;
	ssize_t n = 0;
	char byte = 'x';
	int accepted = -1;

	torture_arm_now();
	stream = ouro__stream_tcp_new(&server->endpoint);
	if (stream)
		rc = stream->ops->connect(stream, ouro__clock_ms() + BUSY_MS, -1, &error);
	if (stream && rc == OURO_OK) {
		n = stream->ops->write(stream, &byte, 1, &error);
		if (n == 1)
			n = stream->ops->read(stream, &byte, 1, &error);
	}
	(void)torture_disarm();
	ouro__stream_free(stream);
	if (rc == OURO_OK) {
		accepted = accept(server->fd, NULL, NULL);
		(void)close(accepted);
	}
	if (!stream)
		return torture_refused() != NULL;
	if (n == OURO__STREAM_FAILED)
		return error.status == OURO_ERR_UNREACHABLE && error.os_errno == ECONNRESET;
	return (rc < 0 || n == OURO__STREAM_AGAIN) && told(rc, &error);
}

static int look_up(void *user)
{
	const struct server *server = user;
	ouro_error error = OURO_ERROR_INIT;
	struct addrinfo *list = NULL;
	ouro_status rc;

	torture_arm_now();
	rc = ouro__endpoint_resolve(
		&server->endpoint, ouro__clock_ms() + BUSY_MS, -1, &list, &error);
	(void)torture_disarm();
	if ((list != NULL) != (rc == OURO_OK))
		return 0;
	if (list)
		freeaddrinfo(list);
	return told(rc, &error);
}

static void torture_net__sockets(void **state)
{
	struct server server;
	struct server named;
	int before;

	(void)state;
	listen_here(&server, "127.0.0.1");
	listen_here(&named, "localhost");
	before = lowest_free();
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	torture_run("a TCP connection", exchange, &server);
	torture_run("looking up a name", look_up, &named);
	none_lost(before);
	(void)close(server.fd);
	(void)close(named.fd);
}

/* ---- TLS ---- */

/* The server says something that is not TLS, so that the connection never comes about: what fails
 * before that has to say so itself. */
static int shake_hands(void *user)
{
	static const struct ouro__memory_step steps[] = {{"HTTP/1.1 400 Bad Request\r\n", 26, 0}};
	struct ouro__memory_script script = {.steps = steps, .count = 1};
	const char *host = user;
	ouro_error error = OURO_ERROR_INIT;
	ouro__tls *tls = NULL;
	ouro__stream *stream = NULL;
	ouro_status rc;

	script.written = (ouro__buf)OURO__BUF_INIT(64 * 1024);
	torture_arm_now();
	rc = ouro__tls_new(NULL, "h2", &tls, &error);
	if (rc == OURO_OK) {
		stream = ouro__stream_tls_new(tls, ouro__stream_memory_new(&script), host);
		if (stream)
			rc = stream->ops->connect(stream, ouro__clock_ms() + BUSY_MS, -1, &error);
		else
			rc = ouro__error_nomem(&error);
	}
	(void)torture_disarm();
	ouro__stream_free(stream);
	ouro__tls_free(tls);
	ouro__buf_done(&script.written);
	if (!torture_refused())
		return rc == OURO_ERR_PROTOCOL && strstr(error.text, "does not speak TLS") != NULL;
	return rc < 0 && error.status == rc && error.text[0];
}

static void torture_net__tls(void **state)
{
	static char name[] = "vpn.example.org";
	static char address[] = "127.0.0.1";
	int before = lowest_free();

	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	torture_run("TLS to a name", shake_hands, name);
	torture_run("TLS to an address", shake_hands, address);
	none_lost(before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_net__h2),
		cmocka_unit_test(torture_net__sockets),
		cmocka_unit_test(torture_net__tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
