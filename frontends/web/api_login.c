/* api_login.c: how the command line gets its token: it asks, a person approves on a page, it fetches; and how it gives it back. Nobody is
 * signed in here; what is asked for is checked by the library. On the request's thread. */
#include "api.h"

#include <string.h>

static int unfit(struct api_call *api, const char *location, const char *message)
{
	const struct api_fault fault = {message, location};

	api_problem_write(api->web->response, 422, NULL, "validation failed", &fault, 1);
	return 0;
}

static int read_scopes(struct api_call *api, uint32_t *ret_scopes)
{
	size_t count, i;
	const char *const *names = api_texts(api, "scopes", &count);

	*ret_scopes = OURO_TOKEN_READ;
	for (i = 0; names != NULL && i < count; i++) {
		uint32_t scope = ouro_token_scope(names[i], strlen(names[i]));

		if (scope == 0)
			return unfit(
				api, "body.scopes", "expected some of read, nodes, routes, keys");
		*ret_scopes |= scope;
	}
	return 1;
}

/* "12h" or "90d", as in the settings. */
static int read_lifetime(struct api_call *api, int64_t *ret_seconds)
{
	const char *text = api_text(api, "lifetime");
	size_t length = text != NULL ? strlen(text) : 0;
	uint64_t number = 0;
	int64_t unit;

	*ret_seconds = 0;
	if (text == NULL || length == 0)
		return 1;
	unit = text[length - 1] == 'h' ? 3600 : text[length - 1] == 'd' ? 86400 : 0;
	if (unit == 0 || !web_text_id(text, length - 1, &number) || number > 3650 * 24)
		return unfit(api, "body.lifetime", "expected a number of hours or days: 12h, 90d");
	*ret_seconds = (int64_t)number * unit;
	return 1;
}

static int read_wish(struct api_call *api, ouro_login_wish *ret)
{
	int64_t port = api_number(api, "port");

	*ret = (ouro_login_wish)OURO_LOGIN_WISH_INIT;
	ret->machine = api_text(api, "machine");
	ret->challenge = api_text(api, "challenge");
	if (ret->machine == NULL || ret->challenge == NULL)
		return unfit(api, ret->machine == NULL ? "body.machine" : "body.challenge",
			"expected required property");
	if (port != 0 && (port < 1024 || port > 65535))
		return unfit(api, "body.port", "expected 1024 to 65535, or none");
	ret->port = (int32_t)port;
	return read_scopes(api, &ret->scopes) && read_lifetime(api, &ret->lifetime);
}

void api_login(struct api_call *api)
{
	const char *base = api->web->app->base_url;
	ouro_login login = OURO_LOGIN_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char code[OURO_LOGIN_CODE_MAX];
	ouro_login_wish wish;
	ouro_status status;
	struct web_buf *out;

	if (!read_wish(api, &wish))
		return;
	status = ouro_login_begin(
		api->web->app->portal, &wish, api->web->request->address, &login, code, &error);
	if (status < 0) {
		api_fail_as(api, status == OURO_ERR_LIMIT ? 429 : api_http_status(status), status,
			&error);
		return;
	}
	out = api_begin(api);
	web_buf_puts(out, "{");
	api_put_member(out, "id", login.id);
	api_put_member(out, "code", code);
	api_put_member(out, "url",
		web_arena_printf(
			api->web->arena, login.port != 0 ? "%s/cli/%s" : "%s/cli", base, login.id));
	api_put_time(out, "expires", login.ends, API_TIME_ZERO);
	web_buf_puts(out, "}\n");
}

static void put_token(struct web_buf *out, const char *text, const ouro_token *token)
{
	const char *between = "";
	uint32_t scope;

	web_buf_puts(out, "{");
	api_put_member(out, "token", text);
	api_put_member(out, "id", token->id);
	api_put_member(out, "name", token->name);
	api_put_name(out, "scopes");
	web_buf_puts(out, "[");
	for (scope = OURO_TOKEN_READ; ouro_token_scope_name(scope) != NULL; scope <<= 1) {
		if (!(token->scopes & scope))
			continue;
		web_buf_puts(out, between);
		api_put_text(out, ouro_token_scope_name(scope));
		between = ",";
	}
	web_buf_puts(out, "]");
	api_put_time(out, "expires", token->expires, API_TIME_ZERO);
	web_buf_puts(out, "}\n");
}

void api_login_redeem(struct api_call *api)
{
	const char *id = api_text(api, "id"), *verifier = api_text(api, "verifier");
	ouro_token token = OURO_TOKEN_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_status status;

	if (id == NULL || verifier == NULL) {
		(void)unfit(api, id == NULL ? "body.id" : "body.verifier",
			"expected required property");
		return;
	}
	status = ouro_login_redeem(
		api->web->app->portal, id, verifier, api_text(api, "grant"), text, &token, &error);
	if (status == OURO_OK) {
		api->web->response->secret = 1;
		put_token(api_begin(api), text, &token);
		explicit_bzero(text, sizeof(text));
		return;
	}
	/* A 401 would ask for a token. */
	api_fail_as(api, status == OURO_ERR_TOKEN ? 404 : api_http_status(status), status, &error);
}

void api_logout(struct api_call *api)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status = ouro_token_revoke(
		api->person, ouro_person_token(api->person), api->web->request->address, &error);

	if (status == OURO_OK)
		api_answer_empty(api);
	else
		api_fail(api, status, &error);
}
