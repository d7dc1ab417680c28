/* See fake_http.h. */
#include "check.h"

#include "fake_http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { OPEN_MAX = 64 };

struct connection {
	struct fake_http *server;
	int fd;
	unsigned number;
};

static _Thread_local const char *asked;

void fake_http_send(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t n = send(fd, at, size, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		at += n;
		size -= (size_t)n;
	}
}

void fake_http_say(int fd, const char *text)
{
	fake_http_send(fd, text, strlen(text));
}

void fake_http_reply(int fd, int status, const char *content_type, const char *body)
{
	char head[512];
	int size = snprintf(head, sizeof(head),
		"HTTP/1.1 %d Word\r\n%s%s%sContent-Length: %zu\r\n\r\n", status,
		content_type ? "Content-Type: " : "", content_type ? content_type : "",
		content_type ? "\r\n" : "", strlen(body));
	char *all = malloc((size_t)size + strlen(body) + 1);

	memcpy(all, head, (size_t)size);
	memcpy(all + size, body, strlen(body) + 1);
	fake_http_send(fd, all, (size_t)size + strlen(body));
	free(all);
}

/* 1 = the text holds a whole request. */
static int is_whole(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *length = strstr(text, "Content-Length: ");
	size_t size = 0;

	if (!end)
		return 0;
	if (length && length < end)
		size = (size_t)strtoul(length + 16, NULL, 10);
	return strlen(end + 4) >= size;
}

static int read_request(struct connection *connection, char *text)
{
	size_t used = 0;

	text[0] = '\0';
	while (!is_whole(text)) {
		ssize_t n = recv(connection->fd, text + used, FAKE_HTTP_REQUEST_MAX - 1 - used, 0);

		if (n <= 0)
			return 0;
		used += (size_t)n;
		text[used] = '\0';
	}
	return 1;
}

static void note(struct fake_http *server, const char *text)
{
	size_t used;
	int line = (int)strcspn(text, "\r");

	(void)pthread_mutex_lock(&server->lock);
	server->requests++;
	(void)snprintf(server->last, sizeof(server->last), "%s", text);
	used = strlen(server->log);
	/* Without " HTTP/1.1". */
	(void)snprintf(server->log + used, sizeof(server->log) - used, "%.*s\n", line - 9, text);
	(void)pthread_mutex_unlock(&server->lock);
}

static void *run_connection(void *arg)
{
	struct connection *connection = arg;
	struct fake_http *server = connection->server;
	char *text = malloc(FAKE_HTTP_REQUEST_MAX);
	unsigned request = 0;

	asked = text;
	while (read_request(connection, text)) {
		note(server, text);
		if (!server->answer(server, connection->fd, connection->number, ++request))
			break;
	}
	(void)pthread_mutex_lock(&server->lock);
	for (size_t i = 0; i < OPEN_MAX; i++)
		if (server->open[i] == connection->fd)
			server->open[i] = -1;
	(void)close(connection->fd);
	server->threads--;
	(void)pthread_cond_broadcast(&server->changed);
	(void)pthread_mutex_unlock(&server->lock);
	free(text);
	free(connection);
	return NULL;
}

static void serve(struct fake_http *server, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	pthread_t thread;
	int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)pthread_mutex_lock(&server->lock);
	*connection = (struct connection){server, fd, ++server->connections};
	for (size_t i = 0; i < OPEN_MAX; i++)
		if (server->open[i] < 0) {
			server->open[i] = fd;
			break;
		}
	server->threads++;
	assert_int_equal(pthread_create(&thread, NULL, run_connection, connection), 0);
	(void)pthread_detach(thread);
	(void)pthread_mutex_unlock(&server->lock);
}

static void *accept_all(void *arg)
{
	struct fake_http *server = arg;

	for (;;) {
		int fd = accept(server->listener, NULL, NULL);
		int stopping;

		(void)pthread_mutex_lock(&server->lock);
		stopping = server->stopping;
		(void)pthread_mutex_unlock(&server->lock);
		if (stopping || fd < 0) {
			if (fd >= 0)
				(void)close(fd);
			return NULL;
		}
		serve(server, fd);
	}
}

static void listen_tcp(struct fake_http *server, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int one = 1;

	server->listener = socket(AF_INET, SOCK_STREAM, 0);
	(void)setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(
		bind(server->listener, (struct sockaddr *)(void *)&address, sizeof(address)), 0);
	assert_int_equal(
		getsockname(server->listener, (struct sockaddr *)(void *)&address, &size), 0);
	(void)snprintf(server->address, sizeof(server->address), "127.0.0.1:%u",
		(unsigned)ntohs(address.sin_port));
}

void fake_http_start(struct fake_http *server, const char *socket_path, uint16_t port)
{
	server->connections = 0;
	server->requests = 0;
	server->last[0] = '\0';
	server->log[0] = '\0';
	server->threads = 0;
	server->stopping = 0;
	for (size_t i = 0; i < OPEN_MAX; i++)
		server->open[i] = -1;
	(void)pthread_mutex_init(&server->lock, NULL);
	(void)pthread_cond_init(&server->changed, NULL);
	if (socket_path) {
		struct sockaddr_un address = {.sun_family = AF_UNIX};

		(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
		(void)snprintf(server->address, sizeof(server->address), "%s", socket_path);
		(void)unlink(socket_path);
		server->listener = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(bind(server->listener, (struct sockaddr *)(void *)&address,
					 sizeof(address)),
			0);
	} else {
		listen_tcp(server, port);
	}
	assert_int_equal(listen(server->listener, 64), 0);
	assert_int_equal(pthread_create(&server->accepter, NULL, accept_all, server), 0);
}

void fake_http_hang_up(struct fake_http *server)
{
	(void)pthread_mutex_lock(&server->lock);
	for (size_t i = 0; i < OPEN_MAX; i++)
		if (server->open[i] >= 0)
			(void)shutdown(server->open[i], SHUT_RDWR);
	while (server->threads)
		(void)pthread_cond_wait(&server->changed, &server->lock);
	(void)pthread_mutex_unlock(&server->lock);
}

void fake_http_stop(struct fake_http *server)
{
	(void)pthread_mutex_lock(&server->lock);
	server->stopping = 1;
	(void)pthread_mutex_unlock(&server->lock);
	(void)shutdown(server->listener, SHUT_RDWR);
	(void)pthread_join(server->accepter, NULL);
	(void)close(server->listener);
	fake_http_hang_up(server);
	(void)pthread_cond_destroy(&server->changed);
	(void)pthread_mutex_destroy(&server->lock);
	if (server->address[0] == '/')
		(void)unlink(server->address);
}

unsigned fake_http_count(struct fake_http *server, const unsigned *member)
{
	unsigned value;

	(void)pthread_mutex_lock(&server->lock);
	value = *member;
	(void)pthread_mutex_unlock(&server->lock);
	return value;
}

int fake_http_saw(struct fake_http *server, const char *text)
{
	int there;

	/* Where several ask at once, the last request may be somebody else's. */
	if (asked)
		return strstr(asked, text) != NULL;
	(void)pthread_mutex_lock(&server->lock);
	there = strstr(server->last, text) != NULL;
	(void)pthread_mutex_unlock(&server->lock);
	return there;
}

const char *fake_http_asked(void)
{
	return asked;
}
