/* page_tokens.c: own personal tokens: look, make, revoke. One request, one thread.
 *
 * A new token is in the answer to the form that made it and nowhere else. The form carries which tokens its page knew: sent again
 * (a reload, a second click) it makes nothing. */
#include "pages.h"

#include "view_key.h"
#include "view_lifetime.h"

#include <string.h>

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define STANDARD (90 * DAY)

/* Every token reads: from here on there is something to tick. */
#define FIRST OURO_TOKEN_NODES

/* What is shown besides the list. */
struct tokens_state {
	int status;
	const char *kind; /* of the note; NULL = none */
	const char *note;
	const char *name_error;
	const char *made; /* a new token; NULL = none */
};

/* Which tokens are there, as a text for the form. */
static const char *known(struct web_call *call, const ouro_token_list *list)
{
	uint64_t sum = 1;
	size_t i;

	for (i = 0; i < ouro_token_list_count(list); i++) {
		const char *id = ouro_token_list_at(list, i)->id;

		while (*id)
			sum = (sum ^ (unsigned char)*id++) * UINT64_C(1099511628211);
	}
	return web_arena_printf(call->arena, "%llu", (unsigned long long)sum);
}

static uint32_t scopes_ticked(const struct web_call *call)
{
	uint32_t ticked = OURO_TOKEN_READ, scope;

	for (scope = FIRST; ouro_token_scope_name(scope) != NULL; scope <<= 1)
		if (!strcmp(web_form_text(&call->request->form, ouro_token_scope_name(scope)), "1"))
			ticked |= scope;
	return ticked;
}

static void put_form(struct web_call *call, struct view_fields *page, const ouro_token_list *list,
	const struct tokens_state *state)
{
	const struct web_form *sent = &call->request->form;
	struct view_fields *form = view_fields_new(call->arena);
	int64_t chosen = view_lifetime_read(web_form_text(sent, "lifetime"));
	int64_t longest = ouro_person_tokens_until(call->person) - call->now;
	const struct view_choices *choices = view_lifetimes(
		call->arena, longest < DAY ? HOUR : DAY, longest, chosen ? chosen : STANDARD, 0);
	struct web_value *value = view_field(form, "lifetimes");
	int again = state->status != 200;
	uint32_t scope;

	if (value && choices)
		view_choices_value(value, choices);
	view_field_text(form, "typed", again ? web_form_text(sent, "name") : "");
	view_field_text(form, "name_error", state->name_error);
	for (scope = FIRST; ouro_token_scope_name(scope) != NULL; scope <<= 1)
		view_field_bool(
			form, ouro_token_scope_name(scope), again && (scopes_ticked(call) & scope));
	view_field_text(form, "known", known(call, list));
	view_field_object(page, "form", form);
}

static void show(
	struct web_call *call, const ouro_token_list *list, const struct tokens_state *state)
{
	struct view_tokens *view = web_arena_alloc(call->arena, sizeof(*view));
	const char *title = web_message_text(MSG_TITLE_TOKENS);
	struct view_fields *page = page_begin(call,
		state->status == 200 ? title
				     : web_message(call->arena, MSG_ERROR_TITLE, title, NULL));
	struct web_value *tokens = view_field(page, "tokens");

	view_field_bool(page, "at_tokens", 1);
	if (state->made) {
		call->response->secret = 1;
		view_field_text(page, "made", state->made);
	}
	if (list && view) {
		view->call = call;
		view->list = list;
		if (tokens)
			view_tokens_value(tokens, view);
		view_field_bool(page, "has_tokens", ouro_token_list_count(list) > 0);
		view_field_text(page, "count",
			web_arena_printf(call->arena, "%zu", ouro_token_list_count(list)));
		put_form(call, page, list, state);
	}
	if (state->note)
		page_note(call, page, state->kind, state->note);
	page_end(call, state->status, "tokens", page);
}

void page_tokens_failed(struct web_call *call, ouro_status status, const ouro_error *error)
{
	const struct web_problem problem = {503, "store", NULL, 10};

	if (status == OURO_ERR_OFF) {
		page_off(call, MSG_TITLE_TOKENS,
			call->app->store ? MSG_TOKENS_OFF : MSG_TOKENS_NO_STORE);
		return;
	}
	/* The store's, not Headscale's: the page of a Headscale that is silent would say the wrong thing. */
	if (status != OURO_ERR_IO && status != OURO_ERR_TIMEOUT) {
		web_problem_status(call, status, error);
		return;
	}
	web_log(call->app, OURO_LOG_ERROR, "store: %s", error->text);
	web_problem(call, &problem);
}

/* The page with the list as it is now. */
static void show_now(struct web_call *call, const struct tokens_state *state)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_token_list *list = NULL;
	ouro_status rc = ouro_tokens_list(call->person, &list, &error);

	if (rc >= 0 || state->made)
		show(call, list, state);
	else
		page_tokens_failed(call, rc, &error);
	ouro_token_list_free(list);
}

void page_tokens(struct web_call *call)
{
	const struct tokens_state state = {200, NULL, NULL, NULL, NULL};

	show_now(call, &state);
}

static void failed(struct web_call *call, ouro_status status, const ouro_error *error)
{
	struct tokens_state state = {422, NULL, NULL, NULL, NULL};

	if (status == OURO_ERR_INVALID) {
		state.name_error = web_message_text(MSG_TOKEN_NAME);
	} else if (status == OURO_ERR_LIMIT || status == OURO_ERR_DENIED) {
		state.status = status == OURO_ERR_LIMIT ? 409 : web_http_status(status);
		state.kind = "bad";
		state.note = status == OURO_ERR_LIMIT ? web_message_text(MSG_TOKENS_FULL)
						      : page_refusal(call, status, error);
	} else {
		page_tokens_failed(call, status, error);
		return;
	}
	show_now(call, &state);
}

/* Nothing was made: this form was sent before. */
static void say_twice(struct web_call *call)
{
	const struct tokens_state state = {
		409, "warn", web_message_text(MSG_TOKEN_TWICE), NULL, NULL};

	show_now(call, &state);
}

/* What the form's page knew is still all there is. */
static ouro_status is_first(struct web_call *call, int *ret_first, ouro_error *error)
{
	ouro_token_list *list = NULL;
	ouro_status rc = ouro_tokens_list(call->person, &list, error);

	if (rc >= 0)
		*ret_first =
			!strcmp(web_form_text(&call->request->form, "known"), known(call, list));
	ouro_token_list_free(list);
	return rc;
}

static void make(struct web_call *call, int64_t lifetime)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_token_wish wish = OURO_TOKEN_WISH_INIT;
	struct tokens_state state = {200, NULL, NULL, NULL, NULL};
	char text[OURO_TOKEN_TEXT_MAX] = "";
	int first = 0;
	ouro_status rc = is_first(call, &first, &error);

	if (rc >= 0 && !first) {
		say_twice(call);
		return;
	}
	wish.name = page_typed(call, &call->request->form, "name");
	wish.scopes = scopes_ticked(call);
	wish.expires = call->now + lifetime;
	if (rc >= 0)
		rc = ouro_token_create(
			call->person, &wish, call->request->address, text, NULL, &error);
	state.made = text;
	if (rc >= 0)
		show_now(call, &state);
	else
		failed(call, rc, &error);
	explicit_bzero(text, sizeof(text));
}

void page_tokens_make(struct web_call *call)
{
	int64_t lifetime = view_lifetime_read(web_form_text(&call->request->form, "lifetime"));
	const struct tokens_state unclear = {
		422, "bad", web_message_text(MSG_LIFETIME), NULL, NULL};

	if (!lifetime) {
		show_now(call, &unclear);
	} else if (!page_once_begin(call)) {
		say_twice(call);
	} else {
		make(call, lifetime);
		page_once_end(call);
	}
}

/* The id that the address names. */
static const char *id_of(struct web_call *call)
{
	return web_arena_copy(call->arena, call->params[0].text, call->params[0].length);
}

void page_token_revoke_ask(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_token_list *list = NULL;
	struct view_tokens *view = web_arena_alloc(call->arena, sizeof(*view));
	const ouro_token *token = NULL;
	struct view_fields *page;
	struct web_value *value;
	size_t i;
	ouro_status rc = view ? ouro_tokens_list(call->person, &list, &error) : OURO_ERR_NOMEM;

	for (i = 0; rc >= 0 && !token && i < ouro_token_list_count(list); i++)
		if (!strcmp(ouro_token_list_at(list, i)->id, id_of(call)))
			token = ouro_token_list_at(list, i);
	if (token) {
		view->call = call;
		page = page_begin(
			call, web_message(call->arena, MSG_TITLE_TOKEN_REVOKE, token->name, NULL));
		value = view_field(page, "pat");
		if (value)
			view_token_value(value, view, token);
		page_end(call, 200, "revoke_token", page);
	} else if (rc < 0) {
		page_tokens_failed(call, rc, &error);
	} else {
		web_problem_status(call, OURO_ERR_NOTFOUND, NULL);
	}
	ouro_token_list_free(list);
}

void page_token_revoke(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc =
		ouro_token_revoke(call->person, id_of(call), call->request->address, &error);

	if (rc >= 0)
		web_see(call, "/tokens?done=token-revoked");
	else
		page_tokens_failed(call, rc, &error);
}
