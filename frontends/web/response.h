/* response.h: the answer of one request: status, headers, body; sent in one piece by the server. */
#ifndef OURO_WEB_RESPONSE_H
#define OURO_WEB_RESPONSE_H

#include "text.h"

#define WEB_BODY_ANSWER_MAX (8u * 1024u * 1024u)

/* What others may keep. */
enum web_caching {
	WEB_CACHE_NEVER = 0,   /* nothing */
	WEB_CACHE_FOREVER = 1, /* named by its content */
	WEB_CACHE_ASK = 2,     /* the one client, and only after asking whether it is still so */
};

struct web_response {
	int status;               /* 200 until set */
	const char *content_type; /* static; "text/html; charset=utf-8" until set */
	struct web_buf headers;   /* further header lines, each ending in CRLF */
	struct web_buf body;
	const char *shared_body; /* static bytes instead of body (files compiled in) */
	size_t shared_length;
	enum web_caching caching;
	const char *
		common; /* the security headers in place of the process's, as long as the response; NULL = those */
	int secret; /* 1: a secret is in it: wiped when done */
	int has_etag;
	char etag[40]; /* with quotes */
};

void web_response_init(struct web_response *response);
void web_response_done(struct web_response *response);
/* Forgets what was written so far. */
void web_response_reset(struct web_response *response);
/* Adds a header; a value with anything but 0x20 … 0x7e is refused (0). */
int web_response_header(struct web_response *response, const char *name, const char *value);
/* 303 to a path below the base path. `path` starts with "/" ("/nodes/5?done=renamed"); anything that is not plainly a path of
 * ours becomes "/". */
void web_response_see(struct web_response *response, const char *base_path, const char *path);
/* A body of plain text. */
void web_response_text(struct web_response *response, int status, const char *text);
/* Weak comparison of the request's If-None-Match with a tag made of value: on a hit the answer becomes 304 without a body.
 * Returns 1 on a hit. */
int web_response_etag(struct web_response *response, const char *if_none_match, uint64_t value);
/* The whole answer as bytes. `common` = the security headers, unless the answer has its own. head_only: no body, same Content-Length. */
int web_response_write(const struct web_response *response, const char *common, int head_only,
	struct web_buf *out);
/* The standard phrase of a status. */
const char *web_status_phrase(int status);

#endif
