/* app.h: what lives as long as the process (web_app) and what lives as long as a request (web_call).
 *
 * web_app is made in main, immutable after start but for its atomics, and shared by all worker threads. web_call belongs to
 * the worker that serves the request. Workers have stacks of 100 KiB: keep large things in call->arena. */
#ifndef OURO_WEB_APP_H
#define OURO_WEB_APP_H

#include "mustache.h"
#include "request.h"
#include "response.h"
#include "router.h"
#include "text.h"

#include <ouroboros/ouroboros.h>

#include <pthread.h>
#include <stdatomic.h>

struct web_limits; /* ratelimit.h */

#define WEB_URL_MAX 512
#define WEB_COMMON_MAX 2048

/* Everything the process has. */
struct web_app {
	ouro_settings *settings;
	ouro_tailnet *tailnet;
	ouro_directory *directory;
	ouro_store *store; /* NULL = none: what needs it is off */
	ouro_portal *portal;
	ouro_sessions *sessions;
	ouro_github *github;
	struct web_templates *templates;
	struct web_limits *limits;
	const char *login_url;       /* what clients use as --login-server, with scheme */
	const char *github_origin;   /* "https://github.com" */
	const char *trusted_proxies; /* may be NULL */
	char base_url[WEB_URL_MAX];  /* "https://vpn.example.org/ouroboros", no slash at the end */
	char base_path[WEB_URL_MAX]; /* "/ouroboros", "" if at the root */
	char api_path[WEB_URL_MAX + 8]; /* "/ouroboros/api/" */
	char base_origin[WEB_URL_MAX];  /* "https://vpn.example.org" */
	char base_host[WEB_HOST_MAX];   /* "vpn.example.org" or "127.0.0.1:8080" */
	char headers[WEB_COMMON_MAX];   /* the security headers of every answer */
	int secure;    /* 0 only for a loopback http base_url: cookies lose __Host- and Secure */
	int log_level; /* enum ouro_log_level */
	_Atomic uint16_t listen_port; /* the real one; known a moment after the first worker runs */
	atomic_int stopping;          /* 1: finish, take no more */
	atomic_int in_flight;         /* requests being served */
	_Atomic int64_t ready_checked; /* monotonic ms of the last readiness check */
	atomic_int ready_status;       /* its ouro_status */
	_Atomic int64_t store_checked; /* monotonic ms of the last check of the store */
	pthread_mutex_t store_lock;    /* of store_text */
	char store_text[256];          /* what that check said, "" = all is well */
	int audit_fd;                  /* standard error, or the file of audit_log */
	char *owned[2];                /* texts made at start */
};

/* --- inside the engine ---------------------------------------------------------------------------------------------- */

/* What the command line said. */
struct web_options {
	const char *config;    /* NULL = the usual places */
	const char *templates; /* NULL = compiled in */
	int check;
};

/* Makes everything but the server; each fault is told on standard error. 0 or -1. Release with web_app_done(). */
int web_app_setup(struct web_app *app, const struct web_options *options);
void web_app_done(struct web_app *app);
/* --check-config's summary on standard output: secrets only as set or unset. */
void web_app_summary(const struct web_app *app);
/* Reads settings again and swaps map and rules; faults are logged and leave the old ones. */
void web_app_reload(struct web_app *app, const struct web_options *options);
/* Splits base_url into the parts of app; 0 and a sentence in fault if it is not usable. */
int web_base_url(struct web_app *app, const char *url, char *fault, size_t fault_size);
/* The headers that every answer carries. target: one more place that a form of the page may lead to ("http://127.0.0.1:8123"),
 * NULL = none. */
void web_common_headers(const struct web_app *app, const char *target, char ret[WEB_COMMON_MAX]);

/* Cookies of ours: name without its prefix. max_age < 0 = for the browser's session, 0 = delete. */
void web_cookie_set(struct web_call *call, const char *name, const char *value, int max_age);
/* The value of a cookie of ours in the arena, NULL if missing or there more than once. */
const char *web_cookie_value(struct web_call *call, const char *name);
/* Opens the session of the request and finds the person. */
void web_session_load(struct web_call *call);
/* Milliseconds of the monotonic clock. */
int64_t web_monotonic_ms(void);

/* Handlers of auth.c and health.c. */
void web_auth_page(struct web_call *call);
void web_auth_start(struct web_call *call);
void web_auth_callback(struct web_call *call);
void web_auth_signout(struct web_call *call);
void web_healthz(struct web_call *call);
void web_readyz(struct web_call *call);
void web_static(struct web_call *call);
/* How Headscale was when it was asked last, two seconds ago at most. */
ouro_status web_ready_status(struct web_app *app, ouro_error *error);

/* The JSON API: api.c, api_doc.c and, for the server's own refusals, api_problem.c. */
struct api_fault;
/* Answers a request of the API; the answer is in call->response whatever happens. */
void api_run(struct web_call *call);
/* A problem document as the answer. type: NULL, or the word after "urn:ouroboros:". detail: NULL = the title alone. */
void api_problem_write(struct web_response *response, int status, const char *type,
	const char *detail, const struct api_fault *faults, size_t fault_count);
void web_version(struct web_call *call);

/* One request. */
struct web_call {
	struct web_app *app;
	const struct web_request *request;
	struct web_response *response;
	struct web_arena *arena;                 /* for texts of this request */
	struct web_param params[WEB_PARAMS_MAX]; /* segments of the pattern, in order */
	size_t param_count;
	const struct web_route *route; /* NULL before routing */
	ouro_session *session;         /* NULL if nobody is signed in */
	ouro_person *person; /* set if the route needs one; NULL for an unmapped account */
	const char *
		form_token; /* "" without a session; goes into every form as the hidden field "token" */
	int session_over; /* 1: there was a session and its time is over */
	char session_cookie[OURO_SESSION_TEXT_MAX]; /* a renewed cookie value to set, "" if none */
	const char
		*purpose; /* where to come back to after signing in; NULL until web_render() asks */
	int64_t now;      /* Unix seconds */
};

/* A problem to be shown as a page of its own. */
struct web_problem {
	int status; /* HTTP */
	const char *
		token; /* machine word: an ouro_status_name() or "forbidden", "rate-limited", "method", "form-token", "session-over" … */
	const char *text; /* what happened, one sentence; may be NULL */
	int retry_after;  /* seconds, 0 = not said */
};

/* --- offered by the engine ------------------------------------------------------------------------------------------ */

/* Renders a template as the answer. Names are looked for in *page first, then in the call's own value (below). A failure becomes
 * a plain 500. page may be NULL.
 * The call's own value has: base (base path), base_url, login_server, token, signed_in, login (GitHub login), account (numeric id),
 * user (first Headscale user), users (list of texts, {{.}}), mapped, may.rename/.expire/.delete/.register/.exit_nodes/.routes/
 * .see_others/.extend/.keys/.tokens,
 * asset.NAME (URL of a static file; "app.css" is asset.app_css), version (of Ouroboros), purpose (of this page, for forms). */
void web_render(
	struct web_call *call, int status, const char *template_name, const struct web_value *page);
/* The enum ouro_action that a member of "may" stands for, -1 for other names. */
int web_action(const char *name, size_t length);
/* That value by itself, for adding more contexts. */
void web_call_value(const struct web_call *call, struct web_value *ret);
/* 303 to a path below the base path, "/nodes/5?done=renamed". */
void web_see(struct web_call *call, const char *path);
/* Lets forms of this answer lead to one more place: browsers hold redirections after a form against the page's policy. */
void web_form_target(struct web_call *call, const char *origin);
/* The HTTP status that belongs to a failure of the library: 404, 409, 503 … */
int web_http_status(ouro_status status);
/* Write options with the person's address filled in. seen = text of the hidden field "seen" (decimal fingerprint) or 0. */
void web_write_options(const struct web_call *call, ouro_write_options *ret_options);
/* A purpose ("devices", "node:5", …) if the text is a valid one, NULL otherwise; in the arena. */
const char *web_purpose_check(struct web_call *call, const char *text);
/* The path below the base path that belongs to a valid purpose: "/nodes/5". In the arena. */
const char *web_purpose_path(struct web_call *call, const char *purpose);
/* Where to come back to: the route's purpose with its segment. In the arena. */
const char *web_call_purpose(struct web_call *call);
/* One log line; control characters are escaped. level: enum ouro_log_level. */
void web_log(const struct web_app *app, int level, const char *format, ...) WEB_PRINTF(3, 4);
/* For ouro_log_fn; user = the web_app. */
void web_log_library(void *user, int level, const char *text);

/* --- offered by the pages (page_*.c) --------------------------------------------------------------------------------- */

extern const struct web_route web_page_routes[];
extern const size_t web_page_route_count;

/* Sign-in page. The form posts to BASE/auth/start with the field "then" = purpose (and "token" if there is a session).
 * purpose: where to come back to. reason: NULL, or "over" (the session ended), "out" (just signed out), "refused" (access
 * denied at the provider), "state" (answer of another browser or stale), "expired" (too slow), "provider" (GitHub failed). */
void web_page_signin(struct web_call *call, int status, const char *purpose, const char *reason);
/* Signed in, but nobody mapped the account (call->session is set). */
void web_page_unmapped(struct web_call *call);
/* A problem page, plain text if that fails; call->session and call->person may be NULL. */
void web_problem(struct web_call *call, const struct web_problem *problem);
/* The one that belongs to a failure of the library, with its HTTP status and, where another try may help, Retry-After. */
void web_problem_status(struct web_call *call, ouro_status status, const ouro_error *error);

#endif
