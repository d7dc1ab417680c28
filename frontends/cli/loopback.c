/* loopback.c: see loopback.h. One connection at a time, each for a few seconds at most; a stranger on this machine can keep it busy but
 * learns nothing and gets nothing in: only the server knows a grant that it takes. */
#include "loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MAX 4096u
/* What a browser gets to send its request; it is on this machine. */
#define REQUEST_MS 3000

static const char page_head[] =
	"Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
	"Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
	"Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n";

int cli_loopback_open(struct cli_loopback *loopback)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 8) < 0 ||
		getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
		cli_complain("cannot listen on 127.0.0.1: %s", strerror(errno));
		cli_advise("ouroboros login --no-browser needs no such thing.");
		if (fd >= 0)
			(void)close(fd);
		return CLI_FAILED;
	}
	loopback->fd = fd;
	loopback->port = ntohs(address.sin_port);
	return CLI_OK;
}

void cli_loopback_close(struct cli_loopback *loopback)
{
	if (loopback->fd >= 0)
		(void)close(loopback->fd);
	loopback->fd = -1;
}

/* ---- one request ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The head of a request, as far as it comes in time. */
static size_t read_head(int fd, char *head)
{
	int64_t until = now_ms() + REQUEST_MS;
	size_t size = 0;

	while (size + 1 < REQUEST_MAX && (size < 4 || strstr(head, "\r\n\r\n") == NULL)) {
		struct pollfd ready = {fd, POLLIN, 0};
		int64_t left = until - now_ms();
		ssize_t got;

		if (left <= 0 || poll(&ready, 1, (int)left) <= 0)
			break;
		got = recv(fd, head + size, REQUEST_MAX - 1 - size, 0);
		if (got <= 0)
			break;
		size += (size_t)got;
		head[size] = '\0';
	}
	head[size] = '\0';
	return strlen(head) == size ? size : 0;
}

static void answer(int fd, const char *status, const char *text)
{
	struct cli_text page = {0};

	cli_text_format(&page,
		"HTTP/1.1 %s\r\n%s<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
		"<title>Ouroboros</title><style>body{font:16px system-ui;margin:4rem auto;"
		"max-width:30rem;padding:0 1rem;color-scheme:light dark}</style>"
		"<h1>Ouroboros</h1><p>%s</p></html>",
		status, page_head, text);
	(void)send(fd, cli_text_str(&page), page.size, MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_WR);
	cli_text_done(&page);
}

/* The value of a field of the query, which consists of letters, digits, "-" and "_". */
static int take_field(const char *query, const char *name, char *ret_value, size_t room)
{
	size_t length = strlen(name);

	while (*query != '\0' && *query != ' ') {
		size_t field = strcspn(query, "& ");

		if (field > length && memcmp(query, name, length) == 0 && query[length] == '=') {
			size_t value = field - length - 1;

			if (value == 0 || value >= room)
				return 0;
			memcpy(ret_value, query + length + 1, value);
			ret_value[value] = '\0';
			return strspn(ret_value,
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-_.~") == value;
		}
		query += field + (query[field] == '&');
	}
	return 0;
}

/* Only a request to this very address counts: no other page can have a browser send one under another name. */
static int is_for_us(const struct cli_loopback *loopback, const char *head)
{
	char host[64];

	(void)snprintf(host, sizeof(host), "\r\nHost: 127.0.0.1:%d\r\n", loopback->port);
	return strncmp(head, "GET /?", 6) == 0 && strcasestr(head, host) != NULL;
}

/* CLI_OK = the grant is there; CLI_NOT_FOUND = something else came. */
static int serve(const struct cli_loopback *loopback, int fd, const char *id, char *ret_grant)
{
	char head[REQUEST_MAX];
	char given[OURO_LOGIN_ID_MAX];
	const char *query = head + 6;

	if (read_head(fd, head) == 0 || !is_for_us(loopback, head) ||
		!take_field(query, "id", given, sizeof(given)) || strcmp(given, id) != 0) {
		answer(fd, "404 Not Found", "There is nothing here.");
		return CLI_NOT_FOUND;
	}
	if (!take_field(query, "grant", ret_grant, OURO_LOGIN_GRANT_MAX)) {
		answer(fd, "404 Not Found", "There is nothing here.");
		return CLI_NOT_FOUND;
	}
	answer(fd, "200 OK", "Done. Go back to the terminal; you can close this page.");
	cli_wipe(head, sizeof(head));
	return CLI_OK;
}

int cli_loopback_wait(struct cli_loopback *loopback, const char *id, int seconds, char *ret_grant)
{
	int64_t until = now_ms() + (int64_t)seconds * 1000;

	for (;;) {
		struct pollfd ready = {loopback->fd, POLLIN, 0};
		int64_t left = until - now_ms();
		int code;
		int fd;

		if (left <= 0 || poll(&ready, 1, (int)left) == 0)
			return CLI_NOT_FOUND;
		fd = accept4(loopback->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		code = serve(loopback, fd, id, ret_grant);
		(void)close(fd);
		if (code == CLI_OK)
			return code;
	}
}

/* ---- the browser ---- */

/* The program runs on its own: it may be the browser itself, and stay. */
static void start(const char *program, const char *url)
{
	char *const arguments[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)url, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	pid_t pid = 0;

	if (posix_spawn_file_actions_init(&files) != 0)
		return;
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&files);
		return;
	}
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		(void)posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGPIPE);
	(void)posix_spawnattr_setsigdefault(&attributes, &defaults);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	(void)posix_spawnp(&pid, program, &files, &attributes, arguments, environ);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&files);
}

void cli_browse(const char *url)
{
	const char *browser = getenv("BROWSER");
	char program[512];

	/* Several may be named, with ":" between; the first is enough. One with arguments would want a shell. */
	if (browser != NULL && *browser != '\0') {
		(void)snprintf(
			program, sizeof(program), "%.*s", (int)strcspn(browser, ":"), browser);
		start(program, url);
	} else {
		start("xdg-open", url);
	}
}
