/* A Headscale over HTTP that answers from recordings, on loopback or a socket. It is a process of its own, so that nothing of it fails. */
#ifndef TORTURE_HTTP_SERVER_H
#define TORTURE_HTTP_SERVER_H

#include <sys/types.h>

struct http_server {
	char address[64]; /* "127.0.0.1:port", or the path of a socket */
	pid_t process;
	int end; /* closing it ends the process */
};

struct http_counts {
	unsigned reads;
	unsigned writes;
};

/* socket_path NULL = a port of loopback. version: a folder of tests/wire/recordings; what it has no answer for is 404. surface: its description of its API (fake_surfaces.h).
 * While the process has no other threads. */
void http_server_start(struct http_server *server, const char *socket_path, const char *version,
	const char *surface);
void http_server_stop(struct http_server *server);
/* What came since the last time. Waits until all connections made so far have ended. */
struct http_counts http_server_counts(const struct http_server *server);

#endif
