/* auth.c: signing in with GitHub and out again. On the request's thread; GitHub is asked inside the library. */
#include "app.h"
#include "cookie.h"

#include <string.h>

#define STATE_PREFIX "ouroboros-st-"
#define STATES_MAX 3
#define STATE_SECONDS 600

/* The reason for the sign-in page that an address may name. */
static const char *known_reason(const char *text)
{
	if (text != NULL && strcmp(text, "over") == 0)
		return "over";
	if (text != NULL && strcmp(text, "out") == 0)
		return "out";
	return NULL;
}

void web_auth_page(struct web_call *call)
{
	const char *purpose = web_purpose_check(call, web_form_get(&call->request->query, "then"));

	purpose = purpose != NULL ? purpose : "devices";
	if (call->session != NULL) {
		web_see(call, web_purpose_path(call, purpose));
		return;
	}
	web_page_signin(
		call, 200, purpose, known_reason(web_form_get(&call->request->query, "reason")));
}

/* Keeps at most STATES_MAX sign-ins alive in a browser: it sends older cookies first, so the first ones go. */
static void drop_old_states(struct web_call *call)
{
	const char *header = call->request->cookie != NULL ? call->request->cookie : "";
	const char *full = web_arena_printf(
		call->arena, "%s" STATE_PREFIX, call->app->secure ? "__Host-" : "");
	size_t length = strlen(header), prefix = strlen(full), position = 0, count = 0, bare;
	struct web_cookie cookie;

	bare = prefix - strlen(STATE_PREFIX);
	while (web_cookie_next(header, length, &position, &cookie))
		count += cookie.name_length == prefix + OURO_STATE_TAG_MAX - 1 &&
			memcmp(cookie.name, full, prefix) == 0;
	for (position = 0; count >= STATES_MAX && count < 100 &&
		web_cookie_next(header, length, &position, &cookie);) {
		if (cookie.name_length != prefix + OURO_STATE_TAG_MAX - 1 ||
			memcmp(cookie.name, full, prefix) != 0)
			continue;
		if (strspn(cookie.name + prefix, "0123456789abcdef") >= OURO_STATE_TAG_MAX - 1)
			web_cookie_set(call,
				web_arena_copy(
					call->arena, cookie.name + bare, cookie.name_length - bare),
				"", 0);
		count--;
	}
}

void web_auth_start(struct web_call *call)
{
	const char *purpose = web_purpose_check(call, web_form_get(&call->request->form, "then"));
	ouro_error error = OURO_ERROR_INIT;
	char url[OURO_AUTHORIZE_URL_MAX], sealed[OURO_STATE_TEXT_MAX], tag[OURO_STATE_TAG_MAX];
	ouro_status status;
	size_t origin = strlen(call->app->github_origin);

	purpose = purpose != NULL ? purpose : "devices";
	if (call->session != NULL && call->person != NULL) {
		web_see(call, web_purpose_path(call, purpose));
		return;
	}
	status = ouro_github_begin(call->app->github, purpose, url, sealed, tag, &error);
	/* The only address outside of ours that people are ever sent to. */
	if (status == OURO_OK &&
		(strncmp(url, call->app->github_origin, origin) != 0 || url[origin] != '/'))
		status = OURO_ERR_INTERNAL;
	if (status < 0) {
		web_log(call->app, OURO_LOG_ERROR, "sign-in cannot begin: %s", error.text);
		web_problem_status(call, status, &error);
		return;
	}
	drop_old_states(call);
	web_cookie_set(
		call, web_arena_printf(call->arena, STATE_PREFIX "%s", tag), sealed, STATE_SECONDS);
	call->response->status = 303;
	if (!web_response_header(call->response, "Location", url))
		web_problem_status(call, OURO_ERR_INTERNAL, NULL);
}

static void finish_failed(struct web_call *call, ouro_status status, const ouro_error *error)
{
	web_log(call->app, OURO_LOG_WARNING, "sign-in from %s failed: %s: %s",
		call->request->address, ouro_status_name(status), error->text);
	if (status == OURO_ERR_STATE || status == OURO_ERR_INVALID)
		web_page_signin(call, 400, "devices", "state");
	else if (status == OURO_ERR_EXPIRED)
		web_page_signin(call, 400, "devices", "expired");
	else if (status == OURO_ERR_REFUSED)
		web_page_signin(call, 403, "devices", "refused");
	else if (status == OURO_ERR_NOMEM || status == OURO_ERR_INTERNAL)
		web_problem_status(call, status, error);
	else
		web_page_signin(call, 502, "devices", "provider");
}

/* The callback's texts, all strangers': 0 if there is nothing that could be finished. */
static int callback_refused(struct web_call *call, const char *code, const char *state)
{
	const char *refusal = web_form_get(&call->request->query, "error");

	if (refusal != NULL) {
		int denied = strcmp(refusal, "access_denied") == 0;

		web_log(call->app, denied ? OURO_LOG_INFO : OURO_LOG_ERROR,
			"GitHub answered a sign-in from %s with %s", call->request->address,
			denied ? "access_denied"
				: strcmp(refusal, "redirect_uri_mismatch") == 0
				? "redirect_uri_mismatch: register the callback URL"
				: strcmp(refusal, "application_suspended") == 0
				? "application_suspended"
				: "an unknown error");
		web_page_signin(
			call, denied ? 403 : 502, "devices", denied ? "refused" : "provider");
		return 1;
	}
	/* A code without a state comes from an installation of the app or from somebody who wants to sign in here as himself. */
	if (code == NULL || state == NULL || code[0] == '\0' || state[0] == '\0') {
		web_page_signin(call, 400, "devices", "state");
		return 1;
	}
	return 0;
}

void web_auth_callback(struct web_call *call)
{
	const char *code = web_form_get(&call->request->query, "code");
	const char *state = web_form_get(&call->request->query, "state");
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro_session session = OURO_SESSION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char tag[OURO_STATE_TAG_MAX], purpose[OURO_PURPOSE_MAX], text[OURO_SESSION_TEXT_MAX];
	const char *name, *sealed;
	ouro_status status;

	if (callback_refused(call, code, state))
		return;
	status = ouro_github_tag(state, strlen(state), tag, &error);
	if (status < 0) {
		finish_failed(call, status, &error);
		return;
	}
	name = web_arena_printf(call->arena, STATE_PREFIX "%s", tag);
	sealed = web_cookie_value(call, name);
	status = ouro_github_finish(
		call->app->github, code, state, sealed, &identity, purpose, &error);
	if (status == OURO_OK)
		status = ouro_session_begin(call->app->sessions, &identity, &session, text, &error);
	if (status < 0) {
		finish_failed(call, status, &error);
	} else {
		if (call->session != NULL)
			ouro_session_end(call->app->sessions, call->session);
		call->session_cookie[0] = '\0';
		web_log(call->app, OURO_LOG_INFO, "signed in: github %llu (%s) from %s",
			(unsigned long long)identity.id, identity.login, call->request->address);
		web_see(call, web_purpose_path(call, purpose));
		web_cookie_set(call, "ouroboros", text, -1);
	}
	if (sealed != NULL)
		web_cookie_set(call, name, "", 0);
}

void web_auth_signout(struct web_call *call)
{
	if (call->session != NULL) {
		ouro_session_end(call->app->sessions, call->session);
		web_log(call->app, OURO_LOG_INFO, "signed out: github %llu from %s",
			(unsigned long long)call->session->identity.id, call->request->address);
		call->session = NULL;
	}
	call->session_cookie[0] = '\0';
	web_see(call, "/auth?reason=out");
	web_cookie_set(call, "ouroboros", "", 0);
	(void)web_response_header(call->response, "Clear-Site-Data", "\"cache\"");
}
