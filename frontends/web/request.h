/* request.h: what came in, after the strict checks. Made by the server for one request; read-only for handlers. */
#ifndef OURO_WEB_REQUEST_H
#define OURO_WEB_REQUEST_H

#include "form.h"

#include <stddef.h>
#include <stdint.h>

/* Pages know the first three; the others get as far as the JSON API's table. OTHER is any other word. */
enum web_method {
	WEB_GET = 1,
	WEB_HEAD = 2,
	WEB_POST = 4,
	WEB_PUT = 8,
	WEB_DELETE = 16,
	WEB_OTHER = 32
};

#define WEB_BODY_MAX 16384u
#define WEB_HEADERS_MAX 64
#define WEB_ADDRESS_MAX 64
#define WEB_HOST_MAX 272

struct web_header {
	const char *name;
	const char *value;
};

/* The request line and headers as the HTTP parser gave them; not trusted. */
struct web_head {
	const char *method;
	const char *target;  /* raw path, not decoded, without the query */
	const char *query;   /* raw, NULL if none */
	const char *version; /* "1.1" */
	const struct web_header *headers;
	size_t header_count;
};

/* Who may be asked for, from base_url. */
struct web_hosts {
	const char
		*base; /* "vpn.example.org" or "127.0.0.1:8080", lower case, as browsers send it */
	uint16_t listen_port; /* loopback hosts with this port may ask for /healthz and /readyz */
	const char
		*api; /* "/ouroboros/api/": what begins so is the JSON API; NULL = there is none */
};

/* A checked request. */
struct web_request {
	enum web_method method;
	int api; /* 1: the JSON API; also set when the request is refused */
	const char *
		path; /* raw: [A-Za-z0-9._~:/-] only; starts with / ; borrowed from the HTTP parser. API: %XX and the other characters of RFC 3986 too */
	struct web_form query; /* parsed query, count 0 if none */
	struct web_form form;  /* parsed body of a POST, count 0 otherwise */
	char *body; /* API: the raw body, content_length bytes and a NUL, NULL if there is none; owned */
	const char *authorization; /* API only; a secret */
	size_t content_length;
	const char *host;
	const char *cookie; /* Cookie header, NULL if none */
	const char *origin;
	const char *content_type;
	const char *fetch_site; /* Sec-Fetch-Site */
	const char *if_none_match;
	const char *user_agent;
	const char *forwarded_for; /* X-Forwarded-For, only looked at for trusted peers */
	int loopback_host; /* 1: the Host is a loopback one, only health checks are answered */
	char address[WEB_ADDRESS_MAX]; /* where it comes from, after trusted proxies */
};

/* A refusal: an HTTP status and one sentence about why. */
struct web_refusal {
	int status;
	const char *text; /* static */
};

/* Checks the head (security rules on Host, lengths, duplicates, methods, path). 1 if it is fine; else *ret_refusal. The
 * query is parsed into ret_request->query: call web_request_done() in both cases. */
int web_request_check(const struct web_head *head, const struct web_hosts *hosts,
	struct web_request *ret_request, struct web_refusal *ret_refusal);
void web_request_done(struct web_request *request);

/* The one header of that name (case-insensitive); NULL if none, *ret_count = how many there are (may be NULL). */
const char *web_head_header(const struct web_head *head, const char *name, size_t *ret_count);
/* 1 if path consists of allowed characters and has no // or /. segment starts. */
int web_path_valid(const char *path, size_t length);
/* The same for the API: percent-encoded bytes and all characters that may stand in a path. */
int web_path_valid_api(const char *path, size_t length);
/* 1 if the text is a well-formed host[:port]. */
int web_host_valid(const char *host, size_t length);
/* The address after trusted proxies: right to left, the first that is not trusted. trusted is a list of addresses or
 * prefixes separated by commas or spaces, NULL = none. ret is always filled. */
void web_request_address(const char *peer, const char *forwarded_for, const char *trusted,
	char ret[WEB_ADDRESS_MAX]);
/* 1 if every element of a trusted_proxies list is an address or a prefix; else 0 and the bad element. */
int web_trusted_valid(const char *list, char *ret_bad, size_t bad_size);

#endif
