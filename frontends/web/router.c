/* router.c: the table of routes and the guards. On the request's thread. */
#include "router.h"
#include "app.h"
#include "ratelimit.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void see_home(struct web_call *call)
{
	web_see(call, "/");
}

static const struct web_route engine_routes[] = {
	{WEB_GET, "/healthz", web_healthz, WEB_NEED_ABSOLUTE | WEB_NEED_ANY_HOST | WEB_NO_SESSION,
		NULL},
	{WEB_GET, "/readyz", web_readyz, WEB_NEED_ABSOLUTE | WEB_NEED_ANY_HOST | WEB_NO_SESSION,
		NULL},
	{WEB_GET, "/healthz", web_healthz, WEB_NEED_ANY_HOST | WEB_NO_SESSION, NULL},
	{WEB_GET, "/readyz", web_readyz, WEB_NEED_ANY_HOST | WEB_NO_SESSION, NULL},
	{WEB_GET, "/static/{key}", web_static, WEB_NO_SESSION, NULL},
	{WEB_GET, "/version", web_version, WEB_NO_SESSION, NULL},
	{WEB_GET, "/admin", see_home, WEB_NEED_ABSOLUTE | WEB_NO_SESSION, NULL},
	{WEB_GET, "/", see_home, WEB_NEED_ABSOLUTE | WEB_NEED_BASE | WEB_NO_SESSION, NULL},
	{WEB_GET, "/auth", web_auth_page, WEB_NEED_NONE, NULL},
	{WEB_POST, "/auth/start", web_auth_start, WEB_LIMIT_SIGNIN | WEB_FREE_TOKEN, NULL},
	{WEB_GET, "/auth/callback", web_auth_callback, WEB_LIMIT_CALLBACK, NULL},
	{WEB_POST, "/auth/signout", web_auth_signout, WEB_NEED_NONE, NULL},
};

static int param_match(const char *kind, const char *text, size_t length, struct web_param *ret)
{
	ret->text = text;
	ret->length = length;
	ret->is_id = strncmp(kind, "{id}", 4) == 0;
	ret->id = 0;
	if (length == 0 || length > WEB_PARAM_MAX)
		return 0;
	return !ret->is_id || web_text_id(text, length, &ret->id);
}

int web_pattern_match(
	const char *pattern, const char *path, struct web_param params[WEB_PARAMS_MAX])
{
	size_t count = 0;

	while (*pattern != '\0') {
		size_t length;

		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return 0;
			continue;
		}
		length = strcspn(path, "/");
		if (count == WEB_PARAMS_MAX ||
			!param_match(pattern, path, length, &params[count++]))
			return 0;
		path += length;
		pattern += strcspn(pattern, "}");
		pattern += *pattern == '}';
	}
	return *path == '\0';
}

/* The path below the base path, NULL if it is elsewhere. */
static const char *path_below(const struct web_app *app, const char *path)
{
	size_t length = strlen(app->base_path);

	if (strncmp(path, app->base_path, length) != 0)
		return NULL;
	if (path[length] == '\0')
		return "/";
	return path[length] == '/' ? path + length : NULL;
}

static int methods_of(const struct web_route *route)
{
	return route->methods & WEB_GET ? route->methods | WEB_HEAD : route->methods;
}

static const struct web_route *find_in(
	struct web_call *call, const struct web_route *routes, size_t count, int *methods)
{
	const char *path = call->request->path, *below = path_below(call->app, path);
	size_t i;

	for (i = 0; i < count; i++) {
		const struct web_route *route = &routes[i];
		const char *target = route->needs & WEB_NEED_ABSOLUTE ? path : below;

		if (target == NULL ||
			((route->needs & WEB_NEED_BASE) && call->app->base_path[0] == '\0'))
			continue;
		memset(call->params, 0, sizeof(call->params));
		if (!web_pattern_match(route->pattern, target, call->params))
			continue;
		*methods |= methods_of(route);
		if (!(methods_of(route) & (int)call->request->method))
			continue;
		call->param_count = call->params[1].text != NULL ? 2
			: call->params[0].text != NULL           ? 1
								 : 0;
		return route;
	}
	memset(call->params, 0, sizeof(call->params));
	return NULL;
}

static void refuse(struct web_call *call, int status, const char *token, const char *text)
{
	const struct web_problem problem = {status, token, text, 0};

	web_problem(call, &problem);
}

static void missing(struct web_call *call, int methods)
{
	struct web_app *app = call->app;

	if (methods != 0) {
		refuse(call, 405, "method", "This address does not answer that kind of request.");
		(void)web_response_header(call->response, "Allow",
			methods & WEB_POST ? (methods & WEB_GET ? "GET, HEAD, POST" : "POST")
					   : "GET, HEAD");
		return;
	}
	if (call->session == NULL) {
		int wait = web_limits_take_address(
			app->limits, WEB_BUCKET_MISS, call->request->address, web_monotonic_ms());

		if (wait > 0) {
			const struct web_problem problem = {429, "rate-limited", NULL, wait};

			web_problem(call, &problem);
			return;
		}
	}
	refuse(call, 404, "not-found", "There is no such page.");
}

/* Whether a POST comes from a page of ours: browsers say so in headers that pages cannot forge. */
static int same_origin(const struct web_call *call)
{
	const struct web_request *request = call->request;

	if (request->fetch_site != NULL)
		return strcmp(request->fetch_site, "same-origin") == 0 &&
			(request->origin == NULL ||
				strcmp(request->origin, call->app->base_origin) == 0);
	return request->origin != NULL && strcmp(request->origin, call->app->base_origin) == 0;
}

static int guard_token(struct web_call *call)
{
	const char *token;

	if (call->session == NULL || (call->route->needs & WEB_FREE_TOKEN))
		return 1;
	token = web_form_text(&call->request->form, "token");
	if (ouro_session_form_check(
		    call->app->sessions, call->session, token, strlen(token), NULL) == OURO_OK)
		return 1;
	refuse(call, 403, "form-token",
		"The form does not belong to this sign-in. Nothing was done.");
	return 0;
}

/* Signed in and in the map; otherwise the answer is made here. */
static int guard_person(struct web_call *call)
{
	if (!(call->route->needs & WEB_NEED_PERSON))
		return 1;
	if (call->session == NULL) {
		int over = call->session_over || call->request->method == WEB_POST;

		web_see(call,
			web_arena_printf(call->arena, "/auth?then=%s%s", web_call_purpose(call),
				over ? "&reason=over" : ""));
		return 0;
	}
	if (call->person == NULL) {
		web_page_unmapped(call);
		return 0;
	}
	return 1;
}

static int take(struct web_call *call, enum web_limit kind)
{
	struct web_app *app = call->app;
	int64_t now = web_monotonic_ms();

	if (kind == WEB_BUCKET_SIGNIN_ALL)
		return web_limits_take(app->limits, kind, "", 0, now);
	if ((kind == WEB_BUCKET_WRITE || kind == WEB_BUCKET_REGISTER) && call->session != NULL)
		return web_limits_take(app->limits, kind, &call->session->identity.id,
			sizeof(call->session->identity.id), now);
	return web_limits_take_address(app->limits, kind, call->request->address, now);
}

static int guard_limits(struct web_call *call)
{
	static const struct {
		unsigned need;
		enum web_limit kind;
	} limits[] = {
		{WEB_LIMIT_SIGNIN, WEB_BUCKET_SIGNIN},
		{WEB_LIMIT_SIGNIN, WEB_BUCKET_SIGNIN_ALL},
		{WEB_LIMIT_CALLBACK, WEB_BUCKET_CALLBACK},
		{WEB_LIMIT_WRITE, WEB_BUCKET_WRITE},
		{WEB_LIMIT_REGISTER, WEB_BUCKET_REGISTER},
	};
	struct web_problem problem = {429, "rate-limited", NULL, 0};
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]) && problem.retry_after == 0; i++)
		if (call->route->needs & limits[i].need)
			problem.retry_after = take(call, limits[i].kind);
	if (problem.retry_after == 0)
		return 1;
	web_log(call->app, OURO_LOG_WARNING, "too many requests from %s", call->request->address);
	web_problem(call, &problem);
	return 0;
}

static int guard_origin(struct web_call *call)
{
	if (call->request->method != WEB_POST || same_origin(call))
		return 1;
	web_log(call->app, OURO_LOG_WARNING, "a form from another site was refused (%s)",
		call->request->address);
	refuse(call, 403, "forbidden", "The form was sent from another site. Nothing was done.");
	return 0;
}

void web_router_run(struct web_call *call)
{
	const struct web_request *request = call->request;
	int methods = 0;

	call->route = find_in(
		call, engine_routes, sizeof(engine_routes) / sizeof(engine_routes[0]), &methods);
	if (call->route == NULL)
		call->route = find_in(call, web_page_routes, web_page_route_count, &methods);
	if (request->loopback_host &&
		(call->route == NULL || !(call->route->needs & WEB_NEED_ANY_HOST))) {
		web_response_text(call->response, 421,
			"This host name is not served here; base_url in the settings says which is.");
		return;
	}
	if (call->route == NULL || !(call->route->needs & WEB_NO_SESSION))
		web_session_load(call);
	if (call->route == NULL)
		missing(call, methods);
	else if (guard_origin(call) && guard_person(call) &&
		(request->method != WEB_POST || guard_token(call)) && guard_limits(call))
		call->route->handler(call);
	if (call->session != NULL && call->session_cookie[0] != '\0')
		web_cookie_set(call, "ouroboros", call->session_cookie, -1);
}
