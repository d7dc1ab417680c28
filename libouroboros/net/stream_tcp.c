/* TCP streams, and what they share with unix sockets: plain non-blocking sockets. TCP tries the
 * addresses of a name one after the other. */
#include "net/stream_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/sys.h"

#define USER_TIMEOUT_MS 20000u
/* The least time an address gets while others are left to try. */
#define ADDRESS_MIN_MS 250

struct tcp {
	struct ouro__stream_socket socket;
	struct ouro__endpoint endpoint;
};

ssize_t ouro__stream_socket_read(ouro__stream *stream, void *data, size_t size, ouro_error *reterr)
{
	struct ouro__stream_socket *self = (struct ouro__stream_socket *)stream;
	ssize_t n;

	do
		n = recv(self->fd, data, size, 0);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	if (errno == EAGAIN)
		return OURO__STREAM_AGAIN;
	(void)ouro__stream_errno(reterr, errno, "the connection broke");
	return OURO__STREAM_FAILED;
}

ssize_t ouro__stream_socket_write(
	ouro__stream *stream, const void *data, size_t size, ouro_error *reterr)
{
	struct ouro__stream_socket *self = (struct ouro__stream_socket *)stream;
	ssize_t n;

	do
		n = send(self->fd, data, size, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n ? n : OURO__STREAM_AGAIN;
	if (errno == EAGAIN)
		return OURO__STREAM_AGAIN;
	(void)ouro__stream_errno(reterr, errno, "the connection broke");
	return OURO__STREAM_FAILED;
}

int ouro__stream_socket_fd(const ouro__stream *stream)
{
	return ((const struct ouro__stream_socket *)stream)->fd;
}

short ouro__stream_socket_want(const ouro__stream *stream, short events)
{
	(void)stream;
	return events;
}

void ouro__stream_socket_free(ouro__stream *stream)
{
	struct ouro__stream_socket *self = (struct ouro__stream_socket *)stream;

	if (self->fd >= 0)
		(void)close(self->fd);
	free(self);
}

ouro_status ouro__stream_socket_dial(struct ouro__stream_socket *self, int family,
	const struct sockaddr *address, socklen_t length, int64_t deadline, int stop_fd,
	ouro_error *reterr)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int fault = 0;
	socklen_t fault_size = sizeof(fault);
	ouro_status rc = OURO_OK;

	if (fd < 0)
		return ouro__stream_errno(reterr, errno, "socket");
	if (connect(fd, address, length) != 0) {
		if (errno != EINPROGRESS) {
			rc = ouro__stream_errno(reterr, errno, "connect");
			goto out;
		}
		rc = ouro__stream_wait(fd, POLLOUT, deadline, stop_fd, reterr);
		if (rc < 0) {
			ouro__error_prefix(reterr, "connect");
			goto out;
		}
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &fault_size) != 0)
			fault = errno;
		if (fault != 0) {
			rc = ouro__stream_errno(reterr, fault, "connect");
			goto out;
		}
	}
	self->fd = fd;
	fd = -1;
out:
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* A dead peer is noticed without HTTP/2 PINGs, which servers punish. Best effort. */
static void tune(int fd)
{
	const unsigned user_timeout = USER_TIMEOUT_MS;
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout, sizeof(user_timeout));
}

static ouro_status tcp_connect(
	ouro__stream *stream, int64_t deadline, int stop_fd, ouro_error *reterr)
{
	struct tcp *self = (struct tcp *)stream;
	ouro_error error = OURO_ERROR_INIT;
	struct addrinfo *list = NULL;
	int64_t left_count = 0;
	ouro_status rc;

	rc = ouro__endpoint_resolve(&self->endpoint, deadline, stop_fd, &list, reterr);
	if (rc < 0)
		return rc;
	rc = ouro__error_from(&error, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE, "no address");
	for (const struct addrinfo *at = list; at; at = at->ai_next)
		left_count++;
	for (const struct addrinfo *at = list; at && rc < 0; at = at->ai_next, left_count--) {
		int64_t now = ouro__clock_ms();
		int64_t share = (deadline - now) / left_count;
		int64_t until = now + (share < ADDRESS_MIN_MS ? ADDRESS_MIN_MS : share);

		rc = ouro__stream_socket_dial(&self->socket, at->ai_family, at->ai_addr,
			at->ai_addrlen, until < deadline ? until : deadline, stop_fd, &error);
	}
	freeaddrinfo(list);
	/* Only the last address tells why, and only if none was any good. */
	if (rc >= 0)
		tune(self->socket.fd);
	else
		ouro__error_copy(reterr, &error);
	return rc;
}

static const struct ouro__stream_ops tcp_ops = {
	.connect = tcp_connect,
	.read = ouro__stream_socket_read,
	.write = ouro__stream_socket_write,
	.fd = ouro__stream_socket_fd,
	.want = ouro__stream_socket_want,
	.free = ouro__stream_socket_free,
};

ouro__stream *ouro__stream_tcp_new(const struct ouro__endpoint *endpoint)
{
	struct tcp *self = ouro__alloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->socket.base.ops = &tcp_ops;
	self->socket.fd = -1;
	self->endpoint = *endpoint;
	return &self->socket.base;
}
