/* The HTTP client against a small server of our own on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sys.h"
#include "net/http.h"

struct server {
	int fd;
	char url[64];
	const char *answer; /* NULL = say nothing until the client leaves */
	size_t padding;     /* bytes of body behind the answer */
	char seen[4096];
	size_t seen_size;
	pthread_t thread;
};

static void send_padding(int fd, size_t left)
{
	char block[4096];

	memset(block, 'x', sizeof(block));
	while (left) {
		ssize_t n =
			send(fd, block, left < sizeof(block) ? left : sizeof(block), MSG_NOSIGNAL);

		if (n <= 0)
			return;
		left -= (size_t)n;
	}
}

static void *serve(void *arg)
{
	struct server *server = arg;
	int fd = accept(server->fd, NULL, NULL);
	ssize_t n;

	if (fd < 0)
		return NULL;
	do {
		n = recv(fd, server->seen + server->seen_size,
			sizeof(server->seen) - 1 - server->seen_size, 0);
		server->seen_size += n > 0 ? (size_t)n : 0;
	} while (n > 0 && (!server->answer || !strstr(server->seen, "\r\n\r\n")));
	if (server->answer) {
		(void)send(fd, server->answer, strlen(server->answer), MSG_NOSIGNAL);
		send_padding(fd, server->padding);
	}
	(void)close(fd);
	return NULL;
}

static void begin(struct server *server, const char *answer, size_t padding)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	memset(server, 0, sizeof(*server));
	server->answer = answer;
	server->padding = padding;
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->fd >= 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server->fd, 4), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u/path?q=1",
		ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void finish(struct server *server)
{
	(void)shutdown(server->fd, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->fd);
}

static ouro_status ask(
	const struct ouro__http_request *request, struct ouro__http_reply *reply, ouro_error *error)
{
	struct ouro__http *http = ouro__http_curl_new(NULL);
	ouro_status rc;

	assert_non_null(http);
	rc = http->send(http->ctx, request, reply, error);
	ouro__http_free(http);
	return rc;
}

static void test_net_http__get(void **state)
{
	static const char *const headers[] = {"Accept: application/json", "X-One: two"};
	struct ouro__http_request request = {
		.method = "GET", .headers = headers, .header_count = 2};
	struct ouro__http_reply reply;
	struct server server;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	begin(&server,
		"HTTP/1.1 404 Not Found\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{\"a\":1}",
		0);
	request.url = server.url;
	assert_int_equal(ask(&request, &reply, &error), OURO_OK);
	finish(&server);
	assert_int_equal(reply.status, 404);
	assert_string_equal(reply.content_type, "application/json; charset=utf-8");
	assert_string_equal(ouro__buf_str(&reply.body), "{\"a\":1}");
	assert_true(strncmp(server.seen, "GET /path?q=1 HTTP/1.1\r\n", 24) == 0);
	assert_non_null(strstr(server.seen, "\r\nX-One: two\r\n"));
	ouro__http_reply_done(&reply);
	assert_null(reply.body.data);
}

static void heads(
	const char *head, const char *wanted, const char *location, const char *value, int64_t date)
{
	struct ouro__http_request request = {.method = "GET", .header = wanted};
	struct ouro__http_reply reply;
	struct server server;
	char answer[4096];

	(void)snprintf(
		answer, sizeof(answer), "HTTP/1.1 200 OK\r\n%sContent-Length: 0\r\n\r\n", head);
	begin(&server, answer, 0);
	request.url = server.url;
	assert_int_equal(ask(&request, &reply, NULL), OURO_OK);
	finish(&server);
	assert_string_equal(reply.location, location);
	assert_string_equal(reply.header, value);
	assert_int_equal(reply.date, date);
	ouro__http_reply_done(&reply);
	assert_string_equal(reply.location, "");
}

static void test_net_http__headers(void **state)
{
	char head[3000];
	char cut[1024];

	(void)state;
	heads("", "Mark", "", "", 0);
	heads("mark: a b\r\nLOCATION: /x?y=1\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "Mark",
		"/x?y=1", "a b", 784111777);
	heads("Mark: a\r\nDate: yesterday\r\n", NULL, "", "", 0);
	memset(cut, 'm', sizeof(cut) - 1);
	cut[sizeof(cut) - 1] = '\0';
	(void)snprintf(head, sizeof(head), "Mark: %smore\r\n", cut);
	heads(head, "Mark", "", cut, 0);
}

static void test_net_http__post_and_redirect(void **state)
{
	struct ouro__http_request request = {.method = "POST", .body = "a=b", .body_size = 3};
	struct ouro__http_reply reply;
	struct server server;

	(void)state;
	begin(&server,
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		0);
	request.url = server.url;
	assert_int_equal(ask(&request, &reply, NULL), OURO_OK);
	finish(&server);
	assert_int_equal(reply.status, 302); /* not followed */
	assert_string_equal(reply.content_type, "");
	assert_non_null(strstr(server.seen, "Content-Length: 3\r\n"));
	assert_null(strstr(server.seen, "Expect:"));
	ouro__http_reply_done(&reply);
}

static void test_net_http__delete(void **state)
{
	struct ouro__http_request request = {.method = "DELETE", .body = "{}", .body_size = 2};
	struct ouro__http_reply reply;
	struct server server;

	(void)state;
	begin(&server, "HTTP/1.1 204 No Content\r\n\r\n", 0);
	request.url = server.url;
	assert_int_equal(ask(&request, &reply, NULL), OURO_OK);
	finish(&server);
	assert_int_equal(reply.status, 204);
	assert_true(strncmp(server.seen, "DELETE /path", 12) == 0);
	ouro__http_reply_done(&reply);
}

static void refused(const char *answer, size_t padding, size_t max, ouro_status want)
{
	struct ouro__http_request request = {.method = "GET", .timeout_ms = 700, .max_reply = max};
	struct ouro__http_reply reply = {.status = 77};
	struct server server;
	ouro_error error = OURO_ERROR_INIT;
	int64_t began = ouro__clock_ms();

	begin(&server, answer, padding);
	request.url = server.url;
	assert_int_equal(ask(&request, &reply, &error), want);
	finish(&server);
	assert_int_equal(reply.status, 77);
	assert_true(error.text[0]);
	assert_true(ouro__clock_ms() - began < 3000);
}

static void test_net_http__faults(void **state)
{
	(void)state;
	refused(NULL, 0, 0, OURO_ERR_TIMEOUT);
	refused("SSH-2.0-x\r\n", 0, 0, OURO_ERR_PROTOCOL);
	refused("HTTP/1.1 200 OK\r\n\r\n", 300 * 1024, 0, OURO_ERR_LIMIT);
	refused("HTTP/1.1 200 OK\r\n\r\n", 11, 10, OURO_ERR_LIMIT);
	refused("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 3, 0, OURO_ERR_UNREACHABLE);
}

static void test_net_http__not_called(void **state)
{
	static const char *const urls[] = {"http://example.org/", "ftp://127.0.0.1/",
		"file:///etc/passwd", "", "no url", "https://user:pass@127.0.0.1/",
		"http://127.0.0.1.example.org/", "http://127.0.0.1@example.org/"};
	static const char *const broken[] = {"A: b\r\nC: d"};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		const struct ouro__http_request request = {.method = "GET", .url = urls[i]};
		struct ouro__http_reply reply;

		if (ask(&request, &reply, NULL) != OURO_ERR_INVALID)
			fail_msg("called: %s", urls[i]);
	}
	assert_int_equal(ask(&(struct ouro__http_request){.method = "GET",
				     .url = "http://127.0.0.1:1/",
				     .headers = broken,
				     .header_count = 1},
				 &(struct ouro__http_reply){.status = 0}, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ask(&(struct ouro__http_request){.method = "GET", .url = "http://127.0.0.1:1/"},
			&(struct ouro__http_reply){.status = 0}, NULL),
		OURO_ERR_UNREACHABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net_http__get),
		cmocka_unit_test(test_net_http__headers),
		cmocka_unit_test(test_net_http__post_and_redirect),
		cmocka_unit_test(test_net_http__delete),
		cmocka_unit_test(test_net_http__faults),
		cmocka_unit_test(test_net_http__not_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
