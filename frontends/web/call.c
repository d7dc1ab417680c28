/* call.c: what handlers use to answer: rendering, redirects, and the values every template sees. On the request's
 * thread. */
#include "app.h"
#include "asset.h"

#include <string.h>

int web_http_status(ouro_status status)
{
	switch (status) {
	case OURO_OK: return 200;
	case OURO_ERR_INVALID:
	case OURO_ERR_STATE:
	case OURO_ERR_EXPIRED: return 400;
	case OURO_ERR_NOTFOUND: return 404;
	case OURO_ERR_DENIED:
	case OURO_ERR_UNMAPPED:
	case OURO_ERR_OFF:
	case OURO_ERR_REFUSED: return 403;
	case OURO_ERR_TOKEN: return 401;
	case OURO_ERR_CONFLICT:
	case OURO_ERR_PENDING:
	case OURO_ERR_CHANGED:
	case OURO_ERR_KEY_UNKNOWN:
	case OURO_ERR_OTHER_OWNER:
	case OURO_ERR_REJECTED: return 409;
	case OURO_ERR_UNREACHABLE: return 503;
	case OURO_ERR_TIMEOUT:
	case OURO_ERR_UNCERTAIN: return 504;
	case OURO_ERR_UNAUTHENTICATED:
	case OURO_ERR_PROTOCOL:
	case OURO_ERR_PROVIDER: return 502;
	case OURO_ERR_UNSUPPORTED: return 501;
	case OURO_ERR_LIMIT: return 413;
	default: return 500;
	}
}

void web_write_options(const struct web_call *call, ouro_write_options *ret_options)
{
	const char *seen = web_form_text(&call->request->form, "seen");
	uint64_t fingerprint = 0;

	*ret_options = (ouro_write_options)OURO_WRITE_OPTIONS_INIT;
	if (web_text_id(seen, strlen(seen), &fingerprint))
		ret_options->seen = fingerprint;
	ret_options->address = call->request->address;
}

void web_see(struct web_call *call, const char *path)
{
	web_response_see(call->response, call->app->base_path, path);
}

void web_form_target(struct web_call *call, const char *origin)
{
	char *common = web_arena_alloc(call->arena, WEB_COMMON_MAX);

	if (common == NULL)
		return;
	web_common_headers(call->app, origin, common);
	call->response->common = common;
}

int web_action(const char *name, size_t length)
{
	static const struct {
		const char *name;
		int action;
	} actions[] = {
		{"rename", OURO_ACTION_RENAME},
		{"expire", OURO_ACTION_EXPIRE},
		{"delete", OURO_ACTION_DELETE},
		{"register", OURO_ACTION_REGISTER},
		{"exit_nodes", OURO_ACTION_EXIT_NODE},
		{"routes", OURO_ACTION_ROUTES},
		{"see_others", OURO_ACTION_SEE_OTHERS},
		{"extend", OURO_ACTION_EXTEND},
		{"keys", OURO_ACTION_KEYS},
		{"tokens", OURO_ACTION_TOKENS},
	};
	size_t i;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (web_name_is(name, length, actions[i].name))
			return actions[i].action;
	return -1;
}

static int lookup_may(
	const struct web_value *self, const char *name, size_t length, struct web_value *ret)
{
	const struct web_call *call = self->object;
	int action = web_action(name, length);

	if (action < 0)
		return 0;
	/* The rule alone does not make tokens: there must be a place for them. */
	if (action == OURO_ACTION_TOKENS)
		return web_value_bool(
			ret, call->person != NULL && ouro_person_tokens_until(call->person) != 0);
	return web_value_bool(ret, call->person != NULL && ouro_person_may(call->person, action));
}

static int lookup_asset(
	const struct web_value *self, const char *name, size_t length, struct web_value *ret)
{
	const struct web_call *call = self->object;
	struct web_asset asset;
	char url[256];

	if (!web_asset_by_key(name, length, &asset))
		return 0;
	web_asset_url(&asset, url, sizeof(url));
	return web_value_text(
		ret, web_arena_printf(call->arena, "%s/static/%s", call->app->base_path, url));
}

static int item_user(const struct web_value *self, size_t index, struct web_value *ret)
{
	const struct web_call *call = self->object;

	if (call->person == NULL || index >= ouro_person_user_count(call->person))
		return 0;
	return web_value_text(ret, ouro_person_user(call->person, index));
}

static const struct web_value_ops may_ops = {lookup_may, NULL};
static const struct web_value_ops asset_ops = {lookup_asset, NULL};
static const struct web_value_ops users_ops = {NULL, item_user};

/* Names that need a session or a person. */
static int lookup_person(
	const struct web_call *call, const char *name, size_t length, struct web_value *ret)
{
	if (web_name_is(name, length, "signed_in"))
		return web_value_bool(ret, call->session != NULL);
	if (web_name_is(name, length, "mapped"))
		return web_value_bool(ret, call->person != NULL);
	if (web_name_is(name, length, "token"))
		return web_value_text(ret, call->form_token);
	if (web_name_is(name, length, "login"))
		return web_value_text(
			ret, call->session != NULL ? call->session->identity.login : NULL);
	if (web_name_is(name, length, "account"))
		return call->session != NULL ? web_value_unsigned(ret, call->session->identity.id)
					     : 1;
	if (web_name_is(name, length, "user"))
		return web_value_text(
			ret, call->person != NULL ? ouro_person_user(call->person, 0) : NULL);
	if (web_name_is(name, length, "users"))
		return web_value_list(ret, &users_ops, call, 0);
	if (web_name_is(name, length, "may"))
		return web_value_object(ret, &may_ops, call, 0);
	return 0;
}

static int lookup_call(
	const struct web_value *self, const char *name, size_t length, struct web_value *ret)
{
	const struct web_call *call = self->object;

	if (web_name_is(name, length, "base"))
		return web_value_text(ret, call->app->base_path);
	if (web_name_is(name, length, "base_url"))
		return web_value_text(ret, call->app->base_url);
	if (web_name_is(name, length, "login_server"))
		return web_value_text(ret, call->app->login_url);
	if (web_name_is(name, length, "asset"))
		return web_value_object(ret, &asset_ops, call, 0);
	if (web_name_is(name, length, "version"))
		return web_value_text(ret, ouro_version());
	if (web_name_is(name, length, "purpose"))
		return web_value_text(ret, call->purpose);
	return lookup_person(call, name, length, ret);
}

static const struct web_value_ops call_ops = {lookup_call, NULL};

void web_call_value(const struct web_call *call, struct web_value *ret)
{
	memset(ret, 0, sizeof(*ret));
	(void)web_value_object(ret, &call_ops, call, 0);
}

void web_render(
	struct web_call *call, int status, const char *template_name, const struct web_value *page)
{
	struct web_value contexts[2];
	size_t count = 1;

	if (call->purpose == NULL)
		call->purpose = web_call_purpose(call);
	web_call_value(call, &contexts[0]);
	if (page != NULL)
		contexts[count++] = *page;
	web_buf_done(&call->response->body);
	if (web_templates_render(call->app->templates, template_name, contexts, count,
		    &call->response->body) == 0) {
		call->response->status = status;
		return;
	}
	web_log(call->app, OURO_LOG_ERROR, "the page %s could not be rendered", template_name);
	web_response_text(call->response, 500,
		"This page could not be made. The log of the server says why.");
}
