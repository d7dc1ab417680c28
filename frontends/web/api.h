/* api.h: the JSON API below BASE/api/v1: what Headscale 0.30 speaks, cut down to one person, for personal tokens. What the api_*
 * files share. One request, one thread.
 *
 * The way of a request: api.c finds the row (404, 405), finds the person behind the token (401, 403), takes from the limits (429), reads the
 * body by the row's fields (400, 415, 422) and calls the handler, which makes one library call and writes JSON. No cookie is looked
 * at and no session is made; the library decides what the person and the token may do. */
#ifndef OURO_WEB_API_H
#define OURO_WEB_API_H

#include "app.h"

#include <jansson.h>

/* What a member of a body must be. A null is the same as none. */
enum api_kind {
	API_TEXT,   /* string */
	API_ID,     /* string of decimal digits; "" and "0" = none */
	API_BOOL,   /* true or false */
	API_TIME,   /* string, RFC 3339 */
	API_TEXTS,  /* array of strings */
	API_NUMBER, /* integer */
};

struct api_field {
	const char *name; /* NULL ends a list */
	enum api_kind kind;
};

struct api_call;
typedef void (*api_handler)(struct api_call *api);

enum api_need {
	API_PUBLIC = 0x1,   /* no token: for those who have none yet */
	API_BODY = 0x2,     /* a body is required */
	API_WRITE = 0x4,    /* counts against the person's changes */
	API_REGISTER = 0x8, /* counts against the person's registrations */
	API_LOGIN = 0x10,   /* counts against the address's sign-ins */
	API_REDEEM = 0x20,  /* counts against the address's questions for its token */
};

struct api_route {
	enum web_method method; /* GET answers HEAD too */
	const char *pattern;    /* below BASE/api: "/v1/node/{}"; {} = one segment, decoded */
	api_handler handler;    /* NULL: not a person's business, answered with 403 and doing */
	unsigned needs;         /* enum api_need bits */
	const struct api_field *fields; /* of the body; NULL = it has none */
	const char *
		doing; /* what is being done, as Headscale words it: "renaming node"; or the sentence of a 403 */
};

#define API_PARAMS_MAX 2

struct api_call {
	struct web_call *web;
	const struct api_route *route;
	const char *params[API_PARAMS_MAX]; /* decoded; "" if there are fewer */
	json_t *body;                       /* checked against route->fields; NULL if none */
	ouro_person *person;                /* NULL if the row is public */
};

extern const struct api_route api_routes[];
extern const size_t api_route_count;

/* --- api_match.c ------------------------------------------------------------------------------------------------------- */

/* 1 if path (below BASE/api, percent-encoded) fits; the decoded segments are put into params, in the arena. -1: it would fit, but a
 * segment is no text (bad UTF-8 or a control character). */
int api_match(const char *pattern, const char *path, struct web_arena *arena,
	const char *params[API_PARAMS_MAX]);

/* --- api_problem.c ----------------------------------------------------------------------------------------------------- */

/* What was wrong with one member. */
struct api_fault {
	const char *message;
	const char *location; /* "body.name"; NULL = not said */
};

/* A refusal in one sentence, without a cause. */
void api_refuse(struct api_call *api, int status, const char *detail);
/* The problem that belongs to a failure of the library: route->doing and why. Logs what is not for people outside. */
void api_fail(struct api_call *api, ouro_status status, const ouro_error *error);
/* The same with another status than api_http_status() has for it. */
void api_fail_as(struct api_call *api, int http, ouro_status status, const ouro_error *error);
/* The status of the answer to a failure. */
int api_http_status(ouro_status status);

/* --- api_body.c -------------------------------------------------------------------------------------------------------- */

/* Reads and checks a body: 1 and *ret_root (NULL if there is none), or 0 and the answer is made. Nothing may be twice, nothing
 * unknown, nothing deep; length bytes and a NUL. */
int api_body_read(struct api_call *api, const char *text, size_t length, json_t **ret_root);
/* Members of a checked body; absent and null: NULL, 0, 0, OURO_TIME_NEVER. */
const char *api_text(const struct api_call *api, const char *name);
uint64_t api_id(const struct api_call *api, const char *name);
int api_flag(const struct api_call *api, const char *name);
int64_t api_number(const struct api_call *api, const char *name);
int64_t api_time(const struct api_call *api, const char *name);
/* Texts of an array in the arena, *ret_count of them; NULL if none or without memory. */
const char *const *api_texts(const struct api_call *api, const char *name, size_t *ret_count);

/* --- api_time.c -------------------------------------------------------------------------------------------------------- */

/* RFC 3339 with any fraction and offset; 1 and Unix seconds (rounded down), else 0. */
int api_time_read(const char *text, size_t length, int64_t *ret_time);
/* "2026-11-23T07:37:15Z"; what has no such date becomes the nearest that has. */
#define API_TIME_MAX 24
void api_time_text(int64_t when, char ret[API_TIME_MAX]);

/* --- api_json.c -------------------------------------------------------------------------------------------------------- */

/* A JSON string in quotes; bytes that are no UTF-8 become U+FFFD. */
void api_put_text(struct web_buf *out, const char *text);
/* "name":"text" and a comma before it unless it follows an opening bracket. */
void api_put_member(struct web_buf *out, const char *name, const char *text);
/* The same for a number that is written as text. */
void api_put_id(struct web_buf *out, const char *name, uint64_t id);
void api_put_flag(struct web_buf *out, const char *name, int value);
/* A time; never = what stands for OURO_TIME_NEVER: NULL for null, or a text. */
void api_put_time(struct web_buf *out, const char *name, int64_t time, const char *never);
/* "name": alone. */
void api_put_name(struct web_buf *out, const char *name);
/* Headscale's way to say "not set" where a time is required. */
#define API_TIME_ZERO "0001-01-01T00:00:00Z"

/* A Headscale user, or null if id is 0. */
void api_put_user(struct web_buf *out, const char *name, uint64_t id, const char *user);
/* {"node":…} as the answer; node NULL (done, but it could not be read back) is null. */
void api_answer_node(struct api_call *api, const ouro_node *node);
/* {} as the answer. */
void api_answer_empty(struct api_call *api);
/* Begins an answer: 200, JSON. */
struct web_buf *api_begin(struct api_call *api);
/* Ends the answer of a look: the tag of these bytes, and 304 if the client has them. */
void api_tag(struct api_call *api);

/* --- handlers ---------------------------------------------------------------------------------------------------------- */

void api_nodes(struct api_call *api);
void api_node(struct api_call *api);
void api_node_rename(struct api_call *api);
void api_node_expire(struct api_call *api);
void api_node_delete(struct api_call *api);
void api_node_routes(struct api_call *api);
void api_node_register(struct api_call *api);
void api_auth_register(struct api_call *api);
void api_users(struct api_call *api);
void api_health(struct api_call *api);
void api_keys(struct api_call *api);
void api_key_create(struct api_call *api);
void api_key_expire(struct api_call *api);
void api_key_delete(struct api_call *api);
void api_own_token(struct api_call *api);
void api_login(struct api_call *api);
void api_login_redeem(struct api_call *api);
void api_logout(struct api_call *api);
void api_openapi_yaml(struct api_call *api);
void api_openapi_json(struct api_call *api);

#endif
