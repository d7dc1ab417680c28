/* view_token.c: personal tokens for templates. One request, one thread. */
#include "view_key.h"

#include "messages.h"
#include "view_time.h"

struct token_view {
	const struct view_tokens *view;
	const ouro_token *token;
};

const char *view_scopes(struct web_arena *arena, uint32_t scopes)
{
	static const struct {
		uint32_t bit;
		enum web_message word;
	} words[] = {
		{OURO_TOKEN_READ, MSG_SCOPE_READ},
		{OURO_TOKEN_NODES, MSG_SCOPE_NODES},
		{OURO_TOKEN_ROUTES, MSG_SCOPE_ROUTES},
		{OURO_TOKEN_KEYS, MSG_SCOPE_KEYS},
	};
	const char *text = "";
	size_t i;

	if ((scopes & OURO_TOKEN_ALL) == OURO_TOKEN_ALL)
		return web_message_text(MSG_SCOPE_ALL);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (scopes & words[i].bit)
			text = web_arena_printf(arena, "%s%s%s", text, *text ? ", " : "",
				web_message_text(words[i].word));
	return text;
}

static int token_lookup(
	const struct web_value *value, const char *name, size_t length, struct web_value *ret)
{
	const struct token_view *self = value->object;
	const ouro_token *token = self->token;
	struct web_call *call = self->view->call;

	if (web_name_is(name, length, "url"))
		return web_value_text(ret,
			web_arena_printf(
				call->arena, "%s/tokens/%s", call->app->base_path, token->id));
	if (web_name_is(name, length, "id"))
		return web_value_text(ret, token->id);
	if (web_name_is(name, length, "name"))
		return web_value_text(ret, token->name);
	if (web_name_is(name, length, "scopes"))
		return web_value_text(ret, view_scopes(call->arena, token->scopes));
	if (web_name_is(name, length, "created"))
		return view_time(ret, token->created, &call->now);
	if (web_name_is(name, length, "ends"))
		return view_time(ret, token->expires, &call->now);
	if (web_name_is(name, length, "used"))
		return view_time(ret, token->used, &call->now);
	return 0;
}

static const struct web_value_ops token_ops = {token_lookup, NULL};

int view_token_value(struct web_value *ret, const struct view_tokens *view, const ouro_token *token)
{
	struct token_view *self = web_arena_alloc(view->call->arena, sizeof(*self));

	if (!self)
		return 0;
	self->view = view;
	self->token = token;
	return web_value_object(ret, &token_ops, self, 0);
}

static int tokens_item(const struct web_value *value, size_t index, struct web_value *ret)
{
	const struct view_tokens *view = value->object;
	const ouro_token *token = ouro_token_list_at(view->list, index);

	return token ? view_token_value(ret, view, token) : 0;
}

static const struct web_value_ops tokens_ops = {NULL, tokens_item};

int view_tokens_value(struct web_value *ret, const struct view_tokens *view)
{
	return web_value_list(ret, &tokens_ops, view, 0);
}
