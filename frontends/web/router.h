/* router.h: one table of routes, and the guards in front of handlers. */
#ifndef OURO_WEB_ROUTER_H
#define OURO_WEB_ROUTER_H

#include "request.h"

#include <stddef.h>

struct web_call;

typedef void (*web_handler)(struct web_call *call);

/* What must hold before a handler runs. */
enum web_need {
	WEB_NEED_NONE = 0,
	WEB_NEED_PERSON =
		0x1, /* signed in and in the map: call->person is set. Without: to the sign-in page and back */
	WEB_NEED_ABSOLUTE = 0x2,   /* the pattern is a path of the host, not below the base path */
	WEB_NEED_ANY_HOST = 0x4,   /* health checks: loopback hosts may ask too */
	WEB_NEED_BASE = 0x8,       /* only when the base path is not the root */
	WEB_LIMIT_WRITE = 0x10,    /* counts against the person's writes */
	WEB_LIMIT_REGISTER = 0x20, /* counts against the person's registrations */
	WEB_LIMIT_SIGNIN = 0x40,   /* counts against the address's sign-ins */
	WEB_LIMIT_CALLBACK = 0x80, /* counts against the address's callbacks */
	WEB_FREE_TOKEN = 0x100,    /* a POST that changes nothing here: no form token */
	WEB_NO_SESSION =
		0x200 /* answered without looking at the session: health checks and static files */
};

/* A row. A POST always needs the form token when a session is there, and same-origin headers in any case: nothing has to be said.
 * Pattern: "/nodes/{id}/rename" below the base path; {id} = decimal 1 … UINT64_MAX, {key} = one segment of [A-Za-z0-9._~:-].
 * An {id} that is no number is the same 404 as a missing node. At most two such segments.
 * Purpose: where to come back to after signing in, a word ("devices", "routes", "add", "keys", "tokens", "cli"), or "node:{}",
 * "register:{}" or "cli:{}" ({} = first segment). */
struct web_route {
	int methods; /* WEB_GET (HEAD comes with it) or WEB_POST */
	const char *pattern;
	web_handler handler;
	unsigned needs;      /* enum web_need bits */
	const char *purpose; /* NULL = "devices" */
};

#define WEB_PARAMS_MAX 2
#define WEB_PARAM_MAX 200

/* Matches a path with a pattern. 1 and the segments in params (borrowed from path with lengths), else 0. */
struct web_param {
	const char *text;
	size_t length;
	int is_id;
	uint64_t id;
};
int web_pattern_match(
	const char *pattern, const char *path, struct web_param params[WEB_PARAMS_MAX]);

/* Finds the row, guards, calls the handler; the answer is in call->response whatever happens. */
void web_router_run(struct web_call *call);

#endif
