/* Shared by stream_tcp.c and stream_unix.c: a stream on a socket. */
#ifndef OURO_NET_STREAM_SOCKET_H
#define OURO_NET_STREAM_SOCKET_H

#include <sys/socket.h>

#include "net/stream.h"

/* Allocated at the beginning of a block that ouro__stream_socket_free() may free(). */
struct ouro__stream_socket {
	ouro__stream base;
	int fd;
};

ouro_status ouro__stream_socket_dial(struct ouro__stream_socket *self, int family,
	const struct sockaddr *address, socklen_t length, int64_t deadline, int stop_fd,
	ouro_error *reterr);
ssize_t ouro__stream_socket_read(ouro__stream *stream, void *data, size_t size, ouro_error *reterr);
ssize_t ouro__stream_socket_write(
	ouro__stream *stream, const void *data, size_t size, ouro_error *reterr);
int ouro__stream_socket_fd(const ouro__stream *stream);
short ouro__stream_socket_want(const ouro__stream *stream, short events);
void ouro__stream_socket_free(ouro__stream *stream);

#endif
