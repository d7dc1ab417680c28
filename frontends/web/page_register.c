/* page_register.c: from the link that a device shows to a device that is really in. One request, one thread.
 *
 * Looking never acts: only the POST registers. Registered is not in: the page then waits for the device to come online. */
#include "pages.h"

#include <string.h>

#define WAIT_SECONDS 20
#define WAIT_MEMORY 3600 /* an older start of waiting is somebody's old tab: begin anew */

static const char *login_command(struct web_call *call)
{
	return web_arena_printf(
		call->arena, "tailscale login --login-server=%s", call->app->login_url);
}

static void malformed(struct web_call *call)
{
	struct page_text text = {0};

	text.heading = web_message_text(MSG_KEY_FORM_TITLE);
	text.lines.count = 2;
	text.lines.texts[0] = web_message_text(MSG_KEY_FORM);
	text.lines.texts[1] = web_message_text(MSG_KEY_FORM_NEXT);
	text.command = login_command(call);
	text.link = page_path(call, "/add");
	text.link_text = web_message_text(MSG_TO_ADD);
	page_text(call, 400, &text);
}

static int parse(struct web_call *call, ouro_registration *ret)
{
	const ouro_registration empty = OURO_REGISTRATION_INIT;

	*ret = empty;
	if (ouro_registration_parse(call->params[0].text, call->params[0].length, ret, NULL) >= 0)
		return 1;
	malformed(call);
	return 0;
}

/* "hskey-authreq-3f…c79a": enough to compare with what the device shows. */
static const char *key_short(struct web_call *call, const ouro_registration *registration)
{
	size_t length = strlen(registration->key);
	int shown = registration->form == 3 ? 16 : registration->form == 1 ? 9 : 4;

	if (length < (size_t)shown + 6)
		return web_arena_copy(call->arena, registration->key, length);
	return web_arena_printf(
		call->arena, "%.*s…%s", shown, registration->key, registration->key + length - 4);
}

void page_register(struct web_call *call)
{
	ouro_registration registration;
	struct view_fields *page;
	size_t users;

	if (!parse(call, &registration))
		return;
	users = ouro_person_user_count(call->person);
	page = page_begin(call, web_message_text(MSG_TITLE_REGISTER));
	view_field_text(page, "key",
		web_arena_copy(call->arena, registration.key, strlen(registration.key)));
	view_field_text(page, "key_short", key_short(call, &registration));
	view_field_bool(page, "several", users > 1);
	view_field_text(page, "single", users == 1 ? ouro_person_user(call->person, 0) : NULL);
	page_end(call, 200, "register", page);
}

static void say_unknown(struct web_call *call, struct page_text *text)
{
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;
	int same_link;

	/* Up to 0.24 the waiting device keeps its link and brings it back to life by itself. */
	same_link = ouro_tailnet_status_get(call->app->tailnet, &status, NULL) >= 0 &&
		*status.version && !(status.capabilities & OURO_CAN_SECOND_OWNER);
	text->heading = web_message_text(MSG_KEY_UNKNOWN_TITLE);
	text->lines.count = 3;
	text->lines.texts[0] = web_message_text(MSG_KEY_UNKNOWN);
	text->lines.texts[1] =
		web_message_text(same_link ? MSG_KEY_UNKNOWN_WAIT : MSG_KEY_UNKNOWN_NEWER);
	text->lines.texts[2] = web_message_text(MSG_KEY_UNKNOWN_OLD_CLIENT);
	text->command = login_command(call);
}

static void say_denied(struct web_call *call, struct page_text *text, const ouro_error *error)
{
	const char *words = *error->text ? error->text : ouro_status_text(OURO_ERR_DENIED);

	text->heading = web_message_text(MSG_REGISTER_DENIED_TITLE);
	text->lines.count = 2;
	text->lines.texts[0] = web_message(call->arena, MSG_REGISTER_DENIED,
		web_arena_copy(call->arena, words, strlen(words)), NULL);
	text->lines.texts[1] = web_message_text(MSG_NOTHING_ADDED);
}

/* Fills text; 0 if the failure is none of registering's own. */
static int explain(struct web_call *call, const ouro_registration *registration, const char *user,
	ouro_status status, const ouro_error *error, struct page_text *text)
{
	text->link = page_path(call, "/");
	text->link_text = web_message_text(MSG_TO_DEVICES);
	text->lines.count = 1;
	switch (status) {
	case OURO_ERR_KEY_UNKNOWN: say_unknown(call, text); return 1;
	case OURO_ERR_DENIED: say_denied(call, text, error); return 1;
	case OURO_ERR_OTHER_OWNER:
		text->heading = web_message_text(MSG_OTHER_OWNER_TITLE);
		text->lines.texts[0] = web_message_text(MSG_OTHER_OWNER);
		return 1;
	case OURO_ERR_UNCERTAIN:
		text->heading = web_message_text(MSG_UNCERTAIN_TITLE);
		text->lines.texts[0] = web_message_text(MSG_REGISTER_UNCERTAIN);
		return 1;
	case OURO_ERR_NOTFOUND:
		text->heading = web_message_text(MSG_REGISTER_DENIED_TITLE);
		text->lines.texts[0] = web_message(call->arena, MSG_REGISTER_NO_USER, user, NULL);
		return 1;
	case OURO_ERR_UNSUPPORTED:
		if (!page_look_only(call))
			return 0;
		text->heading = web_message_text(MSG_REGISTER_DENIED_TITLE);
		text->lines.texts[0] = web_message_text(MSG_LOOK_ONLY);
		return 1;
	case OURO_ERR_UNREACHABLE:
	case OURO_ERR_TIMEOUT:
		text->heading = web_message_text(MSG_PDOWN_TITLE);
		text->lines.texts[0] = web_message_text(MSG_REGISTER_LATER);
		text->link = web_arena_printf(call->arena, "/register/%s", registration->key);
		text->link_text = web_message_text(MSG_TRY_AGAIN);
		return 1;
	default: return 0;
	}
}

/* Waiting that begins now. */
static const char *wait_path(struct web_call *call, const char *key, uint64_t id)
{
	return web_arena_printf(call->arena, "/register/%s/wait?node=%llu&since=%lld", key,
		(unsigned long long)id, (long long)call->now);
}

void page_register_do(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_registration registration;
	ouro_write_options options;
	ouro_node *node = NULL;
	struct page_text text = {0};
	const char *user = web_form_get(&call->request->form, "user");
	ouro_status rc;

	if (!parse(call, &registration))
		return;
	web_write_options(call, &options);
	options.seen = 0;
	options.user = user;
	rc = ouro_node_register(call->person, &registration, &options, &node, &error);
	if (rc >= 0 && node)
		web_response_see(
			call->response, "", wait_path(call, registration.key, ouro_node_id(node)));
	else if (rc >= 0) /* Headscale went away right after: there is no device to wait for yet. */
		web_see(call, "/?done=added");
	else if (explain(call, &registration, user ? user : ouro_person_user(call->person, 0), rc,
			 &error, &text))
		page_text(call, web_http_status(rc), &text);
	else
		web_problem_status(call, rc, &error);
	ouro_node_free(node);
}

/* Seconds that the page has waited. The start comes with the URL; a silly one means now. */
static int64_t waited(const struct web_call *call)
{
	const char *text = web_form_text(&call->request->query, "since");
	uint64_t since;

	if (!web_text_id(text, strlen(text), &since) || since > (uint64_t)call->now ||
		(uint64_t)call->now - since > WAIT_MEMORY)
		return -1;
	return call->now - (int64_t)since;
}

void page_register_wait(struct web_call *call)
{
	const char *number = web_form_text(&call->request->query, "node");
	ouro_error error = OURO_ERROR_INIT;
	ouro_registration registration;
	ouro_node *node = NULL;
	struct view_fields *page;
	const char *path;
	const char *label;
	int64_t seconds = waited(call);
	uint64_t id = 0;
	ouro_status rc = OURO_ERR_NOTFOUND;

	if (!parse(call, &registration))
		return;
	if (web_text_id(number, strlen(number), &id))
		rc = ouro_node_get(call->person, id, &node, &error);
	if (rc < 0) {
		web_problem_status(call, rc, &error);
		return;
	}
	path = web_arena_printf(call->arena, "/nodes/%llu", (unsigned long long)id);
	if (ouro_node_state(node, call->now) == OURO_NODE_ONLINE) {
		web_see(call, web_arena_printf(call->arena, "%s?done=registered", path));
	} else if (seconds < 0) {
		web_response_see(call->response, "", wait_path(call, registration.key, id));
	} else {
		label = view_node_label(call, node);
		page = page_begin(call, web_message(call->arena, MSG_TITLE_WAIT, label, NULL));
		view_field_text(page, "label", label);
		view_field_text(page, "node_url", page_path(call, path));
		view_field_text(page, "again", wait_path(call, registration.key, id));
		view_field_bool(page, "reload", seconds < WAIT_SECONDS);
		view_field_text(page, "live", seconds < WAIT_SECONDS ? "2" : NULL);
		page_end(call, 200, seconds < WAIT_SECONDS ? "wait" : "late", page);
	}
	ouro_node_free(node);
}

void page_register_not_mine(struct web_call *call)
{
	struct page_text text = {0};

	text.heading = web_message_text(MSG_NOT_MINE_TITLE);
	text.lines.count = 2;
	text.lines.texts[0] = web_message_text(MSG_NOT_MINE);
	text.lines.texts[1] = web_message_text(MSG_NOT_MINE_TELL);
	text.link = page_path(call, "/");
	text.link_text = web_message_text(MSG_TO_DEVICES);
	page_text(call, 200, &text);
}
