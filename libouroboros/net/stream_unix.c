/* Streams on a unix socket. */
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/alloc.h"
#include "net/stream_socket.h"

struct local {
	struct ouro__stream_socket socket;
	struct sockaddr_un address;
	int too_long;
};

static ouro_status local_connect(
	ouro__stream *stream, int64_t deadline, int stop_fd, ouro_error *reterr)
{
	struct local *self = (struct local *)stream;

	if (self->too_long)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the socket's path is longer than %zu bytes",
			sizeof(self->address.sun_path) - 1);
	return ouro__stream_socket_dial(&self->socket, AF_UNIX,
		(const struct sockaddr *)&self->address, (socklen_t)sizeof(self->address), deadline,
		stop_fd, reterr);
}

static const struct ouro__stream_ops local_ops = {
	.connect = local_connect,
	.read = ouro__stream_socket_read,
	.write = ouro__stream_socket_write,
	.fd = ouro__stream_socket_fd,
	.want = ouro__stream_socket_want,
	.free = ouro__stream_socket_free,
};

ouro__stream *ouro__stream_unix_new(const char *path)
{
	struct local *self = ouro__alloc(1, sizeof(*self));
	size_t length = strlen(path);

	if (!self)
		return NULL;
	self->socket.base.ops = &local_ops;
	self->socket.fd = -1;
	self->address.sun_family = AF_UNIX;
	self->too_long = length >= sizeof(self->address.sun_path);
	if (!self->too_long)
		memcpy(self->address.sun_path, path, length + 1);
	return &self->socket.base;
}
