/* Streams on sockets: what connects, what a refusal, a wait that is over and a stop say, and the end
 * of the other side. Loopback only. */
#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/sys.h"
#include "net/stream.h"

enum { SOON_MS = 10000 };

static int listen_tcp(char *ret_address, size_t room)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(ret_address, room, "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
	return fd;
}

static ouro__stream *tcp(const char *address)
{
	struct ouro__endpoint endpoint;
	ouro__stream *stream;

	assert_int_equal(ouro__endpoint_parse(address, 0, &endpoint, NULL), OURO_OK);
	stream = ouro__stream_tcp_new(&endpoint);
	assert_non_null(stream);
	assert_int_equal(stream->ops->fd(stream), -1);
	return stream;
}

static ouro_status dial(ouro__stream *stream, int64_t wait, int stop_fd, ouro_error *error)
{
	*error = (ouro_error)OURO_ERROR_INIT;
	return stream->ops->connect(stream, ouro__clock_ms() + wait, stop_fd, error);
}

/* Waits until reading says something. */
static ssize_t read_some(ouro__stream *stream, void *to, size_t size, ouro_error *error)
{
	ssize_t n = stream->ops->read(stream, to, size, error);

	while (n == OURO__STREAM_AGAIN) {
		assert_int_equal(ouro__stream_wait(stream->ops->fd(stream),
					 stream->ops->want(stream, POLLIN),
					 ouro__clock_ms() + SOON_MS, -1, NULL),
			OURO_OK);
		n = stream->ops->read(stream, to, size, error);
	}
	return n;
}

/* One conversation, whatever the socket is. */
static void talk(ouro__stream *stream, int listener)
{
	ouro_error error;
	char back[8] = "";
	int peer;

	assert_int_equal(dial(stream, SOON_MS, -1, &error), OURO_OK);
	assert_int_equal(error.status, OURO_OK); /* no word of addresses that were of no use */
	assert_string_equal(error.text, "");
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
	assert_true(stream->ops->fd(stream) >= 0);
	assert_int_equal(stream->ops->want(stream, POLLIN), POLLIN);
	assert_int_equal(stream->ops->read(stream, back, 8, &error), OURO__STREAM_AGAIN);
	assert_int_equal(stream->ops->write(stream, "ping", 4, &error), 4);
	assert_int_equal(recv(peer, back, sizeof(back), 0), 4);
	assert_memory_equal(back, "ping", 4);
	assert_int_equal(send(peer, "pong", 4, MSG_NOSIGNAL), 4);
	assert_int_equal(read_some(stream, back, sizeof(back), &error), 4);
	assert_memory_equal(back, "pong", 4);
	assert_int_equal(close(peer), 0);
	assert_int_equal(read_some(stream, back, sizeof(back), &error), 0);
	ouro__stream_free(stream);
}

static void test_net_stream__tcp(void **state)
{
	char address[64];
	int listener = listen_tcp(address, sizeof(address));

	(void)state;
	talk(tcp(address), listener);
	assert_int_equal(close(listener), 0);
	ouro__stream_free(NULL);
}

static void test_net_stream__unix(void **state)
{
	char folder[] = "/tmp/ouro-stream-XXXXXX";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char long_path[200];
	ouro__stream *stream;
	ouro_error error;
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
	stream = ouro__stream_unix_new(address.sun_path);
	assert_int_equal(dial(stream, SOON_MS, -1, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(error.os_errno, ENOENT);
	assert_text_has(error.text, "connect: No such file");
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(dial(stream, SOON_MS, -1, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(error.os_errno, ECONNREFUSED);
	assert_int_equal(listen(listener, 4), 0);
	talk(stream, listener);
	assert_int_equal(close(listener), 0);
	assert_int_equal(unlink(address.sun_path), 0);
	assert_int_equal(rmdir(folder), 0);
	memset(long_path, 'p', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	stream = ouro__stream_unix_new(long_path);
	assert_int_equal(dial(stream, SOON_MS, -1, &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "longer than 107 bytes");
	ouro__stream_free(stream);
	long_path[107] = '\0'; /* the longest: it is only not there */
	stream = ouro__stream_unix_new(long_path);
	assert_int_equal(dial(stream, SOON_MS, -1, &error), OURO_ERR_UNREACHABLE);
	ouro__stream_free(stream);
}

static void test_net_stream__refused(void **state)
{
	char address[64];
	ouro__stream *stream;
	ouro_error error;

	(void)state;
	assert_int_equal(close(listen_tcp(address, sizeof(address))), 0);
	stream = tcp(address);
	assert_int_equal(dial(stream, SOON_MS, -1, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(error.os_errno, ECONNREFUSED);
	assert_int_equal(error.origin, OURO_ORIGIN_NETWORK);
	assert_text_has(error.text, "connect: Connection refused");
	assert_int_equal(stream->ops->fd(stream), -1);
	ouro__stream_free(stream);
}

/* A name with more than one address, of which one answers. */
static void test_net_stream__next_address(void **state)
{
	char address[64];
	char named[80];
	int listener = listen_tcp(address, sizeof(address));

	(void)state;
	(void)snprintf(named, sizeof(named), "localhost%s", strchr(address, ':'));
	talk(tcp(named), listener);
	assert_int_equal(close(listener), 0);
}

static void test_net_stream__wait(void **state)
{
	int data[2];
	int stop[2];
	ouro_error error = OURO_ERROR_INIT;
	ouro_error small = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(pipe(data), 0);
	assert_int_equal(pipe(stop), 0);
	assert_int_equal(ouro__stream_wait(data[0], POLLIN, ouro__clock_ms() - 1, -1, &error),
		OURO_ERR_TIMEOUT);
	assert_text_has(error.text, "no answer in time");
	assert_int_equal(ouro__stream_wait(data[0], POLLIN, ouro__clock_ms() + 30, stop[0], &error),
		OURO_ERR_TIMEOUT);
	assert_int_equal(write(data[1], "x", 1), 1);
	/* However far the deadline is. */
	assert_int_equal(ouro__stream_wait(data[0], POLLIN, INT64_MAX / 2, stop[0], NULL), OURO_OK);
	assert_int_equal(write(stop[1], "x", 1), 1);
	assert_int_equal(ouro__stream_wait(data[0], POLLIN, INT64_MAX / 2, stop[0], &error),
		OURO_ERR_UNREACHABLE);
	assert_string_equal(error.text, "stopped"); /* first of all */
	small.size = 8;
	assert_int_equal(ouro__stream_errno(&small, EPIPE, "x"), OURO_ERR_UNREACHABLE);
	assert_int_equal(small.os_errno, 0);
	assert_int_equal(ouro__stream_errno(NULL, EPIPE, "x"), OURO_ERR_UNREACHABLE);
	assert_int_equal(ouro__stream_errno(&error, EPIPE, "x"), OURO_ERR_UNREACHABLE);
	assert_int_equal(error.os_errno, EPIPE);
	assert_string_equal(error.text, "x: Broken pipe");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(close(data[i]), 0);
		assert_int_equal(close(stop[i]), 0);
	}
}

/* A peer that stops reading, then resets: writing pauses, then fails, without a signal. */
static void test_net_stream__stuck_and_reset(void **state)
{
	static char block[65536];
	const struct linger at_once = {1, 0};
	char address[64];
	int listener = listen_tcp(address, sizeof(address));
	ouro__stream *stream = tcp(address);
	ouro_error error;
	ssize_t n = 1;
	int peer;

	(void)state;
	assert_int_equal(dial(stream, SOON_MS, -1, &error), OURO_OK);
	peer = accept(listener, NULL, NULL);
	while (n > 0)
		n = stream->ops->write(stream, block, sizeof(block), &error);
	assert_int_equal(n, OURO__STREAM_AGAIN);
	assert_int_equal(setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
	assert_int_equal(close(peer), 0);
	assert_int_equal(ouro__stream_wait(stream->ops->fd(stream), POLLIN,
				 ouro__clock_ms() + SOON_MS, -1, NULL),
		OURO_OK);
	assert_int_equal(stream->ops->read(stream, block, 1, &error), OURO__STREAM_FAILED);
	assert_int_equal(error.os_errno, ECONNRESET);
	assert_text_has(error.text, "the connection broke");
	error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(stream->ops->write(stream, "x", 1, &error), OURO__STREAM_FAILED);
	assert_int_equal(error.status, OURO_ERR_UNREACHABLE);
	ouro__stream_free(stream);
	assert_int_equal(close(listener), 0);
}

/* Full: a connection that is neither taken nor refused ends with the wait, or with a stop. */
static void test_net_stream__never_taken(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	char text[64];
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ouro__stream *waiting[3];
	ouro_error error;
	int stop[2];
	ouro_status rc = OURO_OK;

	(void)state;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 0), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(text, sizeof(text), "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
	for (int i = 0; i < 3; i++) {
		waiting[i] = tcp(text);
		if (rc == OURO_OK)
			rc = dial(waiting[i], 300, -1, &error);
	}
	assert_int_equal(rc, OURO_ERR_TIMEOUT);
	assert_text_has(error.text, "connect: no answer in time");
	assert_int_equal(pipe(stop), 0);
	assert_int_equal(write(stop[1], "x", 1), 1);
	assert_int_equal(dial(waiting[2], SOON_MS, stop[0], &error), OURO_ERR_UNREACHABLE);
	assert_text_has(error.text, "connect: stopped");
	for (int i = 0; i < 3; i++)
		ouro__stream_free(waiting[i]);
	assert_int_equal(close(stop[0]), 0);
	assert_int_equal(close(stop[1]), 0);
	assert_int_equal(close(listener), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net_stream__tcp),
		cmocka_unit_test(test_net_stream__unix),
		cmocka_unit_test(test_net_stream__refused),
		cmocka_unit_test(test_net_stream__next_address),
		cmocka_unit_test(test_net_stream__wait),
		cmocka_unit_test(test_net_stream__stuck_and_reset),
		cmocka_unit_test(test_net_stream__never_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
