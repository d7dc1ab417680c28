/* page_act.c: what forms on a device's page do: one library call each, then 303, or the page again with what was refused.
 * One request, one thread. */
#include "pages.h"

#include "view_lifetime.h"

#include <string.h>

void page_done(struct web_call *call, uint64_t id, const char *code)
{
	if (!strcmp(web_form_text(&call->request->form, "back"), "routes"))
		web_see(call, web_arena_printf(call->arena, "/routes?done=%s", code));
	else
		web_see(call,
			web_arena_printf(
				call->arena, "/nodes/%llu?done=%s", (unsigned long long)id, code));
}

/* The device's name for a sentence, from what is known; its number if that is nothing. */
static const char *label_of(struct web_call *call, uint64_t id)
{
	const char *number = web_arena_printf(call->arena, "%llu", (unsigned long long)id);
	const char *label = web_message(call->arena, MSG_UNNAMED, number, NULL);
	ouro_node *node = NULL;

	if (ouro_node_get(call->person, id, &node, NULL) >= 0) {
		label = view_node_label(call, node);
		label = web_arena_copy(call->arena, label, strlen(label));
	}
	ouro_node_free(node);
	return label;
}

static void uncertain(
	struct web_call *call, const char *label, ouro_status status, enum web_message verb)
{
	struct page_text text = {0};

	text.heading = web_message_text(MSG_UNCERTAIN_TITLE);
	text.lines.count = 1;
	text.lines.texts[0] = verb == WEB_MESSAGE_NONE
		? web_message(call->arena, MSG_UNCERTAIN_REMOVE, label, NULL)
		: web_message(call->arena, MSG_UNCERTAIN, label, web_message_text(verb));
	text.link = page_path(call, "/");
	text.link_text = web_message_text(MSG_TO_DEVICES);
	page_text(call, web_http_status(status), &text);
}

const char *page_refusal(struct web_call *call, ouro_status status, const ouro_error *error)
{
	const char *words = *error->text ? error->text : ouro_status_text(status);

	words = web_arena_copy(call->arena, words, strlen(words));
	switch (status) {
	case OURO_ERR_DENIED: return web_message(call->arena, MSG_DENIED, words, NULL);
	case OURO_ERR_REJECTED: return web_message(call->arena, MSG_REJECTED, words, NULL);
	case OURO_ERR_UNSUPPORTED:
		return page_look_only(call)
			? web_message_text(MSG_LOOK_ONLY)
			: web_message(call->arena, MSG_UNSUPPORTED, words, NULL);
	case OURO_ERR_UNREACHABLE:
	case OURO_ERR_TIMEOUT: return web_message_text(MSG_NO_ANSWER);
	default: return web_message(call->arena, MSG_FAILED, words, NULL);
	}
}

void page_node_failed(struct web_call *call, uint64_t id, const char *label, ouro_status status,
	const ouro_error *error, enum web_message verb)
{
	struct page_node_state state = {0, "bad", NULL, NULL, NULL};

	if (status == OURO_ERR_NOTFOUND || status == OURO_ERR_NOMEM ||
		status == OURO_ERR_UNAUTHENTICATED) {
		web_problem_status(call, status, error);
		return;
	}
	if (!label)
		label = label_of(call, id);
	if (status == OURO_ERR_UNCERTAIN) {
		uncertain(call, label, status, verb);
		return;
	}
	state.status = web_http_status(status);
	if (status == OURO_ERR_CHANGED)
		state.note = web_message(call->arena, MSG_CHANGED, label, NULL);
	else if (status == OURO_ERR_INVALID)
		state.note = web_message(call->arena, MSG_NOT_OFFERED, label, NULL);
	else
		state.note = page_refusal(call, status, error);
	page_node_show(call, id, &state);
}

static void finish(struct web_call *call, ouro_status rc, const ouro_error *error, const char *code,
	enum web_message verb)
{
	uint64_t id = call->params[0].id;

	if (rc >= 0)
		page_done(call, id, code);
	else
		page_node_failed(call, id, NULL, rc, error, verb);
}

void page_node_expire(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_write_options options;
	ouro_status rc;

	web_write_options(call, &options);
	rc = ouro_node_expire(call->person, call->params[0].id, &options, NULL, &error);
	finish(call, rc, &error, "logged-out", MSG_VERB_LOGGED_OUT);
}

/* What to say of a withdrawal: some versions lose that of a device's last approval when they are restarted. */
static const char *withdrawn(
	struct web_call *call, ouro_status rc, const char *code, const char *code_last)
{
	ouro_node *node = NULL;
	int left = 0;
	size_t i;

	if (rc < 0 || !(page_capabilities(call) & OURO_CAN_LOSE_LAST_WITHDRAWAL) ||
		ouro_node_get(call->person, call->params[0].id, &node, NULL) < 0)
		return code;
	for (i = 0; i < ouro_node_route_count(node); i++)
		left |= (ouro_route_flags(ouro_node_route(node, i)) & OURO_ROUTE_APPROVED) != 0;
	ouro_node_free(node);
	return left ? code : code_last;
}

void page_node_exit(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_write_options options;
	const char *wish = web_form_text(&call->request->form, "on");
	int on = !strcmp(wish, "1");
	ouro_status rc;

	if (!on && strcmp(wish, "0") != 0) {
		const struct web_problem problem = {400, "invalid", NULL, 0};

		web_problem(call, &problem);
		return;
	}
	web_write_options(call, &options);
	rc = ouro_node_exit_node_set(call->person, call->params[0].id, on, &options, NULL, &error);
	finish(call, rc, &error, on ? "exit-on" : withdrawn(call, rc, "exit-off", "exit-off-last"),
		MSG_VERB_CHANGED);
}

typedef ouro_status (*route_fn)(const ouro_person *person, uint64_t id, const char *prefix,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);

static ouro_status route(struct web_call *call, route_fn act, ouro_error *error)
{
	ouro_write_options options;

	web_write_options(call, &options);
	return act(call->person, call->params[0].id, web_form_text(&call->request->form, "prefix"),
		&options, NULL, error);
}

void page_node_route_approve(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = route(call, ouro_route_approve, &error);

	finish(call, rc, &error, "approved", MSG_VERB_CHANGED);
}

void page_node_route_withdraw(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = route(call, ouro_route_withdraw, &error);

	finish(call, rc, &error, withdrawn(call, rc, "withdrawn", "withdrawn-last"),
		MSG_VERB_CHANGED);
}

void page_node_route_forget(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = route(call, ouro_route_forget, &error);

	finish(call, rc, &error, "forgotten", MSG_VERB_CHANGED);
}

void page_node_extend(struct web_call *call)
{
	const char *wish = web_form_text(&call->request->form, "lifetime");
	const struct page_node_state unclear = {
		422, "bad", web_message_text(MSG_LIFETIME), NULL, NULL};
	uint64_t id = call->params[0].id;
	int64_t lifetime = view_lifetime_read(wish);
	int never = !strcmp(wish, "never");
	ouro_error error = OURO_ERROR_INIT;
	ouro_write_options options;
	ouro_status rc;

	if (!lifetime && !never) {
		page_node_show(call, id, &unclear);
		return;
	}
	web_write_options(call, &options);
	rc = ouro_node_extend(call->person, id, never ? OURO_TIME_NEVER : call->now + lifetime,
		&options, NULL, &error);
	if (rc < 0)
		page_node_failed(call, id, NULL, rc, &error, MSG_VERB_CHANGED);
	else
		page_done(call, id,
			page_capabilities(call) & OURO_CAN_KEEP_EXPIRY ? "extended"
								       : "extended-once");
}
