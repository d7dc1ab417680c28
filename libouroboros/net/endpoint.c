/* Endpoints. The system's resolver blocks as long as it likes, so it runs in a thread of its own
 * that may outlive the caller: whichever of the two is last frees what they share. */
#include "net/endpoint.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "net/stream.h"

struct lookup {
	atomic_int users; /* caller and thread */
	int done_fd;      /* readable once the thread is through */
	atomic_int done;  /* list and rc are final */
	int rc;
	struct addrinfo *list;
	char host[256];
	char port[8];
};

static int host_ok(const char *text, size_t length, int v6)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		int alnum =
			(c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!alnum && c != '.' && c != '-' && c != '_' && !(v6 && (c == ':' || c == '%')))
			return 0;
	}
	return length > 0 && length < sizeof(((struct ouro__endpoint *)0)->host);
}

static int port_parse(const char *text, uint16_t *ret_port)
{
	uint32_t value = 0;
	size_t n = 0;

	for (; text[n]; n++) {
		if (n == 5 || text[n] < '0' || text[n] > '9')
			return 0;
		value = value * 10 + (uint32_t)(text[n] - '0');
	}
	if (!n || !value || value > 65535)
		return 0;
	*ret_port = (uint16_t)value;
	return 1;
}

ouro_status ouro__endpoint_parse(const char *text, uint16_t default_port,
	struct ouro__endpoint *ret_endpoint, ouro_error *reterr)
{
	struct ouro__endpoint out = {.port = default_port};
	int v6 = text && text[0] == '[';
	const char *host = v6 ? text + 1 : text;
	const char *end;
	const char *rest;

	if (!text || !*text)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "the address is empty: write host:port");
	if (strstr(text, "://"))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the address \"%.100s\" is a URL: write host:port", text);
	end = v6 ? strchr(host, ']') : strchrnul(host, ':');
	rest = end ? end + v6 : NULL;
	if (!end || !host_ok(host, (size_t)(end - host), v6))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the address \"%.100s\" is not host:port or [v6]:port", text);
	if (*rest && (*rest != ':' || !port_parse(rest + 1, &out.port)))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the address \"%.100s\" has no valid port (1 to 65535); IPv6 is written [v6]:port",
			text);
	memcpy(out.host, host, (size_t)(end - host));
	(void)snprintf(
		out.text, sizeof(out.text), v6 ? "[%s]:%u" : "%s:%u", out.host, (unsigned)out.port);
	*ret_endpoint = out;
	return OURO_OK;
}

static void lookup_release(struct lookup *lookup)
{
	if (atomic_fetch_sub(&lookup->users, 1) != 1)
		return;
	if (lookup->list)
		freeaddrinfo(lookup->list);
	if (lookup->done_fd >= 0)
		(void)close(lookup->done_fd);
	free(lookup);
}

static void *lookup_run(void *arg)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct lookup *lookup = arg;

	lookup->rc = getaddrinfo(lookup->host, lookup->port, &hints, &lookup->list);
	atomic_store(&lookup->done, 1);
	(void)eventfd_write(lookup->done_fd, 1);
	lookup_release(lookup);
	return NULL;
}

static int lookup_start(struct lookup *lookup)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all;
	sigset_t old;
	int rc;

	if (pthread_attr_init(&attr) != 0)
		return 0;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, (size_t)512 * 1024);
	/* The host's signals are not for this thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	atomic_fetch_add(&lookup->users, 1);
	rc = pthread_create(&thread, &attr, lookup_run, lookup);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	if (rc != 0)
		atomic_fetch_sub(&lookup->users, 1);
	return rc == 0;
}

static ouro_status resolve_number(const struct lookup *lookup, struct addrinfo **ret_list)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST};

	return getaddrinfo(lookup->host, lookup->port, &hints, ret_list) == 0 ? OURO_OK
									      : OURO_ERR_NOTFOUND;
}

ouro_status ouro__endpoint_resolve(const struct ouro__endpoint *endpoint, int64_t deadline,
	int stop_fd, struct addrinfo **ret_list, ouro_error *reterr)
{
	struct lookup *lookup = ouro__alloc(1, sizeof(*lookup));
	ouro_status rc = OURO_OK;

	if (!lookup)
		return ouro__error_nomem(reterr);
	atomic_init(&lookup->users, 1);
	atomic_init(&lookup->done, 0);
	lookup->done_fd = -1;
	memcpy(lookup->host, endpoint->host, sizeof(lookup->host));
	(void)snprintf(lookup->port, sizeof(lookup->port), "%u", (unsigned)endpoint->port);
	/* Addresses in digits need no thread. */
	if (resolve_number(lookup, ret_list) == OURO_OK)
		goto out;
	lookup->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (lookup->done_fd < 0 || !lookup_start(lookup)) {
		rc = ouro__error_set(
			reterr, OURO_ERR_IO, "cannot start looking up \"%s\"", endpoint->host);
		goto out;
	}
	rc = ouro__stream_wait(lookup->done_fd, POLLIN, deadline, stop_fd, reterr);
	if (rc < 0) {
		ouro__error_prefix(reterr, "looking up \"%s\"", endpoint->host);
	} else if (!atomic_load(&lookup->done) || lookup->rc != 0) {
		rc = ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
			"looking up \"%s\": %s", endpoint->host, gai_strerror(lookup->rc));
	} else {
		*ret_list = lookup->list;
		lookup->list = NULL;
	}
out:
	lookup_release(lookup);
	return rc;
}
