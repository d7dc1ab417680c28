/* api.c: from a request to a handler of the JSON API. On the request's thread. */
#include "api.h"
#include "ratelimit.h"

#include <string.h>
#include <strings.h>

/* No token is longer. */
#define TOKEN_MAX 256u

static int methods_of(const struct api_route *route)
{
	return route->method == WEB_GET ? WEB_GET | WEB_HEAD : (int)route->method;
}

/* The row, NULL if there is none: then *ret_methods tells which methods the path has. *ret_bad = 1 if the row that fits has a segment
 * that is no text. */
static const struct api_route *find(
	struct api_call *api, const char *path, int *ret_methods, int *ret_bad)
{
	int word = 0; /* it is an address by itself, and no name or number of something */
	size_t i;

	*ret_methods = 0;
	for (i = 0; i < api_route_count; i++) {
		const struct api_route *route = &api_routes[i];
		int open = strchr(route->pattern, '{') != NULL;
		int fits;

		api->params[0] = api->params[1] = "";
		if (word && open)
			continue;
		fits = api_match(route->pattern, path, api->web->arena, api->params);
		if (fits == 0)
			continue;
		word |= !open;
		*ret_methods |= methods_of(route);
		*ret_bad = fits < 0;
		if (methods_of(route) & (int)api->web->request->method)
			return route;
	}
	return NULL;
}

static const char *allow_text(struct api_call *api, int methods)
{
	static const struct {
		int method;
		const char *name;
	} names[] = {
		{WEB_GET, "GET"},
		{WEB_HEAD, "HEAD"},
		{WEB_POST, "POST"},
		{WEB_PUT, "PUT"},
		{WEB_DELETE, "DELETE"},
	};
	const char *text = "";
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (methods & names[i].method)
			text = web_arena_printf(api->web->arena, "%s%s%s", text,
				text[0] != '\0' ? ", " : "", names[i].name);
	return text;
}

static void too_many(struct api_call *api, int wait)
{
	web_log(api->web->app, OURO_LOG_WARNING, "API: too many requests from %s",
		api->web->request->address);
	api_problem_write(api->web->response, 429, "rate-limited",
		"too many requests; Retry-After says in how many seconds to go on", NULL, 0);
	(void)web_response_header(
		api->web->response, "Retry-After", web_arena_printf(api->web->arena, "%d", wait));
}

/* One token of the address; 0 and the answer is made if there is none. */
static int take_address(struct api_call *api, enum web_limit kind)
{
	struct web_app *app = api->web->app;
	int wait = web_limits_take_address(
		app->limits, kind, api->web->request->address, web_monotonic_ms());

	if (wait > 0)
		too_many(api, wait);
	return wait == 0;
}

/* The same for the person: pages and API share the limits of changes. */
static int take_person(struct api_call *api, enum web_limit kind)
{
	uint64_t id = ouro_person_identity(api->person)->id;
	int wait =
		web_limits_take(api->web->app->limits, kind, &id, sizeof(id), web_monotonic_ms());

	if (wait > 0)
		too_many(api, wait);
	return wait == 0;
}

static void missing(struct api_call *api, int methods)
{
	if (!take_address(api, WEB_BUCKET_MISS))
		return;
	if (methods == 0) {
		api_refuse(api, 404, "there is no such address in this API");
		return;
	}
	api_refuse(api, 405, "this address does not answer that method");
	(void)web_response_header(api->web->response, "Allow", allow_text(api, methods));
}

/* The token in the Authorization header; NULL if there is none. */
static const char *bearer(const struct web_request *request, size_t *ret_length)
{
	const char *text = request->authorization;

	if (text == NULL || strncasecmp(text, "Bearer ", 7) != 0)
		return NULL;
	text += 7;
	text += strspn(text, " ");
	*ret_length = strlen(text);
	while (*ret_length > 0 && text[*ret_length - 1] == ' ')
		(*ret_length)--;
	return *ret_length > 0 && *ret_length <= TOKEN_MAX ? text : NULL;
}

static int unauthorized(struct api_call *api, const char *challenge, const char *why)
{
	if (!take_address(api, WEB_BUCKET_MISS))
		return 0;
	api_problem_write(api->web->response, 401, "token", why, NULL, 0);
	(void)web_response_header(api->web->response, "WWW-Authenticate", challenge);
	return 0;
}

/* The person behind the token; 0 and the answer is made if there is none. */
static int find_person(struct api_call *api)
{
	struct web_call *web = api->web;
	ouro_error error = OURO_ERROR_INIT;
	size_t length = 0;
	const char *token = bearer(web->request, &length);
	ouro_status status;

	if (token == NULL)
		return unauthorized(api, "Bearer realm=\"ouroboros\"",
			"a personal token is needed: Authorization: Bearer ouro_pat_…");
	status = ouro_portal_person_by_token(web->app->portal, token, length, &api->person, &error);
	if (status == OURO_OK)
		return 1;
	if (status == OURO_ERR_TOKEN)
		return unauthorized(api, "Bearer realm=\"ouroboros\", error=\"invalid_token\"",
			error.text[0] != '\0' ? error.text : ouro_status_text(status));
	api_fail(api, status, &error);
	return 0;
}

/* What every request costs. */
static int guard_limits(struct api_call *api)
{
	unsigned needs = api->route->needs;

	if (api->person != NULL && !take_person(api, WEB_BUCKET_API))
		return 0;
	if ((needs & API_LOGIN) && !take_address(api, WEB_BUCKET_SIGNIN))
		return 0;
	return !(needs & API_REDEEM) || take_address(api, WEB_BUCKET_REDEEM);
}

/* What only those cost that are understood. */
static int guard_changes(struct api_call *api)
{
	unsigned needs = api->route->needs;

	if ((needs & API_WRITE) && !take_person(api, WEB_BUCKET_WRITE))
		return 0;
	return !(needs & API_REGISTER) || take_person(api, WEB_BUCKET_REGISTER);
}

static void serve(struct api_call *api)
{
	const struct web_request *request = api->web->request;
	/* What comes with a question means nothing. */
	int has_body = request->body != NULL && api->route->method != WEB_GET;

	if (!(api->route->needs & API_PUBLIC) && !find_person(api))
		return;
	if (!guard_limits(api))
		return;
	if (api->route->handler == NULL) {
		api_problem_write(
			api->web->response, 403, "not-a-persons", api->route->doing, NULL, 0);
		return;
	}
	if (!api_body_read(api, request->body, has_body ? request->content_length : 0, &api->body))
		return;
	if (guard_changes(api))
		api->route->handler(api);
	json_decref(api->body);
}

void api_run(struct web_call *call)
{
	static const struct api_route nothing = {WEB_GET, "", NULL, 0, NULL, "answering"};
	struct api_call api = {call, &nothing, {"", ""}, NULL, NULL};
	const char *path = call->request->path + strlen(call->app->api_path) - 1;
	const struct api_route *route;
	int methods, bad = 0;

	if (call->request->loopback_host) {
		api_refuse(&api, 421,
			"this host name is not served here; base_url in the settings says which is");
		return;
	}
	route = find(&api, path, &methods, &bad);
	if (route == NULL) {
		missing(&api, methods);
		return;
	}
	api.route = route;
	if (bad)
		api_refuse(&api, 400, "a part of the path is no text");
	else
		serve(&api);
	ouro_person_free(api.person);
}
