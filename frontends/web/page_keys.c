/* page_keys.c: own pre-auth keys: look, make, revoke. One request, one thread.
 *
 * A new key is in the answer to the form that made it and nowhere else. The form carries the newest key that its page knew: sent
 * again (a reload, a second click) it makes nothing. */
#include "pages.h"

#include "view_key.h"
#include "view_lifetime.h"

#include <string.h>

#define HOUR INT64_C(3600)
#define LONGEST (3650 * 24 * HOUR)

/* What is shown besides the list. */
struct keys_state {
	int status;
	const char *kind; /* of the note; NULL = none */
	const char *note;
	const char *made; /* a new key; NULL = none */
};

struct lists {
	struct view_keys alive;
	struct view_keys over;
};

static struct view_fields *section(
	struct web_call *call, struct view_keys *view, const ouro_key_list *list, int over)
{
	struct view_fields *fields = view_fields_new(call->arena);
	struct web_value *keys = view_field(fields, "keys");
	size_t count;

	view->call = call;
	view->list = list;
	view->over = over;
	count = view_keys_count(view);
	if (keys)
		view_keys_value(keys, view);
	view_field_bool(fields, "any", count > 0);
	view_field_text(fields, "count", web_arena_printf(call->arena, "%zu", count));
	if (over && count > VIEW_KEYS_OVER_MAX)
		view_field_text(
			fields, "newest", web_arena_printf(call->arena, "%u", VIEW_KEYS_OVER_MAX));
	return fields;
}

/* The newest of a list, by number; 0 if there is none. */
static uint64_t newest(const ouro_key_list *list)
{
	uint64_t id = 0;
	size_t i;

	for (i = 0; i < ouro_key_list_count(list); i++) {
		const ouro_key *key = ouro_key_list_at(list, i);

		if (ouro_key_id(key) > id)
			id = ouro_key_id(key);
	}
	return id;
}

static int is_ticked(const struct web_call *call, const char *name)
{
	return !strcmp(web_form_text(&call->request->form, name), "1");
}

/* The form, if one more key may be made; else why not. */
static void put_form(struct web_call *call, struct view_fields *page, const ouro_key_list *list,
	size_t alive, int again)
{
	ouro_key_limits limits = OURO_KEY_LIMITS_INIT;
	struct view_fields *form = view_fields_new(call->arena);
	int64_t chosen = view_lifetime_read(web_form_text(&call->request->form, "lifetime"));
	const struct view_choices *choices;
	struct web_value *value;

	ouro_person_key_limits(call->person, &limits);
	if (!limits.on || page_look_only(call))
		return;
	if (limits.alive > 0 && alive >= limits.alive) {
		view_field_text(page, "full",
			web_message(call->arena, MSG_KEYS_FULL,
				web_arena_printf(call->arena, "%zu", alive), NULL));
		return;
	}
	choices = view_lifetimes(call->arena, HOUR,
		limits.until == OURO_TIME_NEVER ? LONGEST : limits.until - call->now,
		chosen ? chosen : HOUR, 0);
	value = view_field(form, "lifetimes");
	if (value && choices)
		view_choices_value(value, choices);
	view_field_bool(form, "reusable", limits.reusable);
	view_field_bool(form, "ephemeral", limits.ephemeral);
	view_field_bool(form, "reusable_on", again && is_ticked(call, "reusable"));
	view_field_bool(form, "ephemeral_on", again && is_ticked(call, "ephemeral"));
	view_field_text(form, "known",
		web_arena_printf(call->arena, "%llu", (unsigned long long)newest(list)));
	view_field_object(page, "form", form);
}

static void put_made(struct web_call *call, struct view_fields *page, const char *key)
{
	struct view_fields *made = view_fields_new(call->arena);

	call->response->secret = 1;
	view_field_text(made, "key", key);
	page_qr(call, made, key);
	view_field_object(page, "made", made);
}

/* list: NULL if it cannot be read although a key was made. */
static void show(struct web_call *call, const ouro_key_list *list, const struct keys_state *state)
{
	struct lists *lists = web_arena_alloc(call->arena, sizeof(*lists));
	const char *title = web_message_text(MSG_TITLE_KEYS);
	struct view_fields *page = page_begin(call,
		state->status == 200 ? title
				     : web_message(call->arena, MSG_ERROR_TITLE, title, NULL));

	view_field_bool(page, "at_keys", 1);
	view_field_bool(page, "several", ouro_person_user_count(call->person) > 1);
	if (state->made)
		put_made(call, page, state->made);
	if (list && lists) {
		view_field_object(page, "alive", section(call, &lists->alive, list, 0));
		view_field_object(page, "over", section(call, &lists->over, list, 1));
		put_form(call, page, list, view_keys_count(&lists->alive),
			state->status != 200 && !state->made);
	}
	if (state->note)
		page_note(call, page, state->kind, state->note);
	page_end(call, state->status, "keys", page);
}

/* 1 if this person may have keys; else the page says why not. */
static int is_on(struct web_call *call)
{
	ouro_key_limits limits = OURO_KEY_LIMITS_INIT;

	ouro_person_key_limits(call->person, &limits);
	if (limits.on)
		return 1;
	page_off(call, MSG_TITLE_KEYS, MSG_KEYS_OFF);
	return 0;
}

/* The page with the list as it is now. */
static void show_now(struct web_call *call, const struct keys_state *state)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_key_list *list = NULL;
	ouro_status rc = ouro_keys_list(call->person, &list, &error);

	if (rc >= 0 || state->made)
		show(call, list, state);
	else
		web_problem_status(call, rc, &error);
	ouro_key_list_free(list);
}

void page_keys(struct web_call *call)
{
	const struct keys_state state = {200, NULL, NULL, NULL};

	if (is_on(call))
		show_now(call, &state);
}

static void uncertain(struct web_call *call, ouro_status status)
{
	struct page_text text = {0};

	text.heading = web_message_text(MSG_UNCERTAIN_TITLE);
	text.lines.count = 1;
	text.lines.texts[0] = web_message_text(MSG_KEY_UNCERTAIN);
	text.link = page_path(call, "/keys");
	text.link_text = web_message_text(MSG_TO_KEYS);
	page_text(call, web_http_status(status), &text);
}

static void failed(struct web_call *call, ouro_status status, const ouro_error *error)
{
	const struct web_form *form = &call->request->form;
	struct keys_state state = {0, "bad", NULL, NULL};

	if (status == OURO_ERR_NOMEM || status == OURO_ERR_UNAUTHENTICATED) {
		web_problem_status(call, status, error);
		return;
	}
	if (status == OURO_ERR_UNCERTAIN) {
		uncertain(call, status);
		return;
	}
	state.status = web_http_status(status);
	state.note = status == OURO_ERR_NOTFOUND
		? web_message(call->arena, MSG_REGISTER_NO_USER,
			  web_form_get(form, "user") ? web_form_text(form, "user")
						     : ouro_person_user(call->person, 0),
			  NULL)
		: page_refusal(call, status, error);
	show_now(call, &state);
}

/* Nothing was made: this form was sent before. */
static void say_twice(struct web_call *call)
{
	const struct keys_state state = {409, "warn", web_message_text(MSG_KEY_TWICE), NULL};

	show_now(call, &state);
}

/* What the form's page knew is still the newest. */
static ouro_status is_first(struct web_call *call, int *ret_first, ouro_error *error)
{
	const char *known = web_form_text(&call->request->form, "known");
	ouro_key_list *list = NULL;
	uint64_t id = 0;
	ouro_status rc = ouro_keys_list(call->person, &list, error);

	if (rc >= 0) {
		(void)web_text_id(known, strlen(known), &id);
		*ret_first = *known && newest(list) == id;
	}
	ouro_key_list_free(list);
	return rc;
}

static void make(struct web_call *call, int64_t lifetime)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_key_wish wish = OURO_KEY_WISH_INIT;
	ouro_write_options options;
	struct keys_state state = {200, NULL, NULL, NULL};
	char text[OURO_KEY_TEXT_MAX] = "";
	int first = 0;
	ouro_status rc = is_first(call, &first, &error);

	if (rc >= 0 && !first) {
		say_twice(call);
		return;
	}
	web_write_options(call, &options);
	wish.reusable = is_ticked(call, "reusable");
	wish.ephemeral = is_ticked(call, "ephemeral");
	wish.expires = call->now + lifetime;
	wish.user = web_form_get(&call->request->form, "user");
	if (rc >= 0)
		rc = ouro_key_create(call->person, &wish, &options, text, NULL, &error);
	state.made = text;
	if (rc >= 0)
		show_now(call, &state);
	else
		failed(call, rc, &error);
	explicit_bzero(text, sizeof(text));
}

void page_keys_make(struct web_call *call)
{
	int64_t lifetime = view_lifetime_read(web_form_text(&call->request->form, "lifetime"));
	const struct keys_state unclear = {422, "bad", web_message_text(MSG_LIFETIME), NULL};

	if (!is_on(call))
		return;
	if (!lifetime) {
		show_now(call, &unclear);
	} else if (!page_once_begin(call)) {
		say_twice(call);
	} else {
		make(call, lifetime);
		page_once_end(call);
	}
}

void page_key_revoke_ask(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_key_list *list = NULL;
	struct view_keys *view = web_arena_alloc(call->arena, sizeof(*view));
	const ouro_key *key = NULL;
	struct view_fields *page;
	struct web_value *value;
	ouro_status rc;
	size_t i;

	if (!is_on(call))
		return;
	rc = view ? ouro_keys_list(call->person, &list, &error) : OURO_ERR_NOMEM;
	for (i = 0; rc >= 0 && !key && i < ouro_key_list_count(list); i++)
		if (ouro_key_id(ouro_key_list_at(list, i)) == call->params[0].id)
			key = ouro_key_list_at(list, i);
	if (key) {
		view->call = call;
		page = page_begin(call, web_message_text(MSG_TITLE_KEY_REVOKE));
		value = view_field(page, "key");
		if (value)
			view_key_value(value, view, key);
		page_end(call, 200, "revoke_key", page);
	} else {
		web_problem_status(call, rc < 0 ? rc : OURO_ERR_NOTFOUND, &error);
	}
	ouro_key_list_free(list);
}

void page_key_revoke(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_write_options options;
	ouro_status rc;

	if (!is_on(call))
		return;
	web_write_options(call, &options);
	rc = ouro_key_revoke(call->person, call->params[0].id, &options, &error);
	if (rc >= 0)
		web_see(call, "/keys?done=key-revoked");
	else if (rc == OURO_ERR_NOTFOUND)
		web_problem_status(call, rc, &error);
	else
		failed(call, rc, &error);
}
