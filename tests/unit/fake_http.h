/* A small HTTP/1.1 server on loopback or a unix socket, in threads of its own: a test says what each request gets. */
#ifndef TEST_FAKE_HTTP_H
#define TEST_FAKE_HTTP_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_HTTP_REQUEST_MAX 16384

struct fake_http;

/* Answer one request on the socket. connection and request count from 1, the latter within the connection. Returns 1 to go on with
 * the connection, 0 to close it. Called by the connection's thread. */
typedef int (*fake_http_fn)(
	struct fake_http *server, int fd, unsigned connection, unsigned request);

struct fake_http {
	fake_http_fn answer; /* set before start */
	void *user;
	char address[128]; /* "127.0.0.1:port", or the path of the socket */
	/* Under the lock. */
	pthread_mutex_t lock;
	unsigned connections;
	unsigned requests;
	char last[FAKE_HTTP_REQUEST_MAX]; /* the last request, whole */
	char log[1024];                   /* "GET /a\nPOST /b\n" */
	/* The server's own. */
	int listener;
	int open[64];
	unsigned threads;
	pthread_t accepter;
	pthread_cond_t changed;
	int stopping;
};

/* socket_path NULL: a free port, or the one given (0 = any). */
void fake_http_start(struct fake_http *server, const char *socket_path, uint16_t port);
/* Close everything, wait for the threads. */
void fake_http_stop(struct fake_http *server);
/* Close the open connections and go on listening. */
void fake_http_hang_up(struct fake_http *server);
unsigned fake_http_count(struct fake_http *server, const unsigned *member);
/* Has the request that is being answered this text? Outside fake_http_fn: the last one. */
int fake_http_saw(struct fake_http *server, const char *text);
/* The request that is being answered, whole; for fake_http_fn. */
const char *fake_http_asked(void);

void fake_http_send(int fd, const void *data, size_t size);
void fake_http_say(int fd, const char *text);
/* A whole answer with Content-Length. */
void fake_http_reply(int fd, int status, const char *content_type, const char *body);

#endif
