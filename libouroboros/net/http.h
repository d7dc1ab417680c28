/* One HTTP request, one reply, blocking: for small JSON calls to other services. A vtable, so that
 * tests answer without a network. The real one (libcurl) is shared by threads; each send uses its
 * own handle. */
#ifndef OURO_NET_HTTP_H
#define OURO_NET_HTTP_H

#include "base/buf.h"
#include "base/error.h"

/* The most a reply's body may have, whatever the request asks for. */
#define OURO__HTTP_REPLY_MAX ((size_t)256 * 1024)

struct ouro__http_request {
	const char *method; /* "GET", "POST", "DELETE" */
	const char *url;    /* https://…; http://… is refused unless the host is this machine */
	const char *const *headers; /* "Name: value" each, no line breaks inside */
	size_t header_count;
	const void *body; /* NULL = none */
	size_t body_size;
	int64_t timeout_ms; /* the whole exchange; 0 = 15 s */
	size_t max_reply;   /* body bytes; 0 = OURO__HTTP_REPLY_MAX */
	const char *header; /* name of a header field of the reply that is wanted; NULL = none */
};

struct ouro__http_reply {
	int status;             /* 200, 404 … any answer is a success of send() */
	char content_type[128]; /* as sent, cut to fit; "" = none */
	char location[1024];    /* the same of Location: redirects are not followed */
	char header[1024];      /* the same of the field that was wanted */
	int64_t date;           /* Unix seconds by the server's clock; 0 = it does not say */
	ouro__buf body;         /* owned by whoever called send(): ouro__http_reply_done */
};

struct ouro__http {
	/* Fill *ret_reply (its old content is not looked at) and return OURO_OK, or leave it alone.
	 * Errors: INVALID (request refused here), UNREACHABLE (no answer), TIMEOUT, LIMIT (body
	 * over max_reply), PROTOCOL (not HTTP), NOMEM. */
	ouro_status (*send)(void *ctx, const struct ouro__http_request *request,
		struct ouro__http_reply *ret_reply, ouro_error *reterr);
	/* Release ctx and the struct itself. */
	void (*free)(struct ouro__http *http);
	void *ctx;
};

/* On libcurl. ca_file: PEM file that replaces the system's authorities, NULL = the system's. NULL =
 * out of memory. */
struct ouro__http *ouro__http_curl_new(const char *ca_file);
/* Wipe and free the body (replies may hold tokens); the reply is empty afterwards. */
void ouro__http_reply_done(struct ouro__http_reply *reply);
/* NULL is allowed. */
void ouro__http_free(struct ouro__http *http);

#endif
