/* session.c: our cookies, and from the session to the person. On the request's thread. */
#include "app.h"
#include "cookie.h"

#include <stdio.h>
#include <string.h>

#define SESSION_COOKIE "ouroboros"

static void full_name(const struct web_app *app, const char *name, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s%s", app->secure ? "__Host-" : "", name);
}

void web_cookie_set(struct web_call *call, const char *name, const char *value, int max_age)
{
	char full[96], age[32] = "";
	const char *line;

	full_name(call->app, name, full, sizeof(full));
	if (max_age >= 0)
		(void)snprintf(age, sizeof(age), "; Max-Age=%d", max_age);
	line = web_arena_printf(call->arena, "%s=%s; Path=/%s; HttpOnly; SameSite=Lax%s", full,
		value, call->app->secure ? "; Secure" : "", age);
	if (!web_response_header(call->response, "Set-Cookie", line))
		web_log(call->app, OURO_LOG_ERROR, "a cookie could not be set");
}

const char *web_cookie_value(struct web_call *call, const char *name)
{
	const char *header = call->request->cookie;
	struct web_cookie cookie;
	char full[96];
	size_t count;

	if (header == NULL)
		return NULL;
	full_name(call->app, name, full, sizeof(full));
	count = web_cookie_find(header, strlen(header), full, &cookie);
	if (count > 1)
		web_log(call->app, OURO_LOG_WARNING,
			"cookie %s came %zu times from %s: not believed", full, count,
			call->request->address);
	return count == 1 ? web_arena_copy(call->arena, cookie.value, cookie.length) : NULL;
}

/* The token that forms of this session carry; without one no form of the page would be accepted. */
static int load_token(struct web_call *call)
{
	char *token = web_arena_alloc(call->arena, OURO_FORM_TOKEN_MAX);

	if (token == NULL ||
		ouro_session_form_token(call->app->sessions, call->session, token, NULL) < 0)
		return 0;
	call->form_token = token;
	return 1;
}

void web_session_load(struct web_call *call)
{
	const char *value = web_cookie_value(call, SESSION_COOKIE);
	ouro_session *session;
	ouro_status status;

	if (value == NULL)
		return;
	session = web_arena_alloc(call->arena, sizeof(*session));
	if (session == NULL)
		return;
	*session = (ouro_session)OURO_SESSION_INIT;
	status = ouro_session_open(
		call->app->sessions, value, strlen(value), session, call->session_cookie, NULL);
	if (status < 0) {
		call->session_cookie[0] = '\0';
		call->session_over = status == OURO_ERR_EXPIRED;
		return;
	}
	call->session = session;
	if (!load_token(call)) {
		call->session = NULL;
		return;
	}
	if (ouro_portal_person(call->app->portal, &session->identity, &call->person, NULL) < 0)
		call->person = NULL;
}
