/* page_confirm.c: the pages that ask once more: log out, and remove. One request, one thread. */
#include "pages.h"

#include <string.h>

struct ask {
	int action; /* enum ouro_action */
	const char *template_name;
	enum web_message title;
	int status;
	const char *typed;
	const char *error;
};

/* The name is wanted only where removing would be felt at once. */
static int wants_name(const struct web_call *call, const ouro_node *node)
{
	return ouro_node_state(node, call->now) == OURO_NODE_ONLINE || view_node_carries(node);
}

static void ask(struct web_call *call, const ouro_node *node, const struct ask *what)
{
	const char *label = view_node_label(call, node);
	const char *title = web_message(call->arena, what->title, label, NULL);
	struct view_nodes view;
	struct view_fields *page;
	struct web_value *value;

	page_view(call, &view, "");
	page = page_begin(
		call, what->error ? web_message(call->arena, MSG_ERROR_TITLE, title, NULL) : title);
	value = view_field(page, "node");
	if (value)
		view_node_value(value, &view, node);
	view_field_bool(page, "type_name", wants_name(call, node));
	view_field_text(page, "typed", what->typed);
	view_field_text(page, "name_error", what->error);
	page_end(call, what->status, what->template_name, page);
}

/* Own nodes only: asking about another's would offer what cannot be had. */
static ouro_node *own_node(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_node *node = NULL;
	ouro_status rc = ouro_node_get(call->person, call->params[0].id, &node, &error);

	if (rc >= 0 && !ouro_node_mine(node)) {
		ouro_node_free(node);
		node = NULL;
		rc = OURO_ERR_NOTFOUND;
	}
	if (rc < 0)
		web_problem_status(call, rc, &error);
	return node;
}

/* The page that asks; where nothing can be changed, the device's page, which says so. */
static void ask_own(struct web_call *call, const struct ask *what)
{
	ouro_node *node = own_node(call);

	if (node && page_look_only(call))
		web_see(call,
			web_arena_printf(call->arena, "/nodes/%llu",
				(unsigned long long)ouro_node_id(node)));
	else if (node && !ouro_node_may(call->person, node, what->action))
		web_problem_status(call, OURO_ERR_DENIED, NULL);
	else if (node)
		ask(call, node, what);
	ouro_node_free(node);
}

void page_node_logout_ask(struct web_call *call)
{
	const struct ask what = {OURO_ACTION_EXPIRE, "logout", MSG_TITLE_LOGOUT, 200, NULL, NULL};

	ask_own(call, &what);
}

void page_node_remove_ask(struct web_call *call)
{
	const struct ask what = {OURO_ACTION_DELETE, "remove", MSG_TITLE_REMOVE, 200, NULL, NULL};

	ask_own(call, &what);
}

void page_node_remove(struct web_call *call)
{
	const char *typed = web_form_text(&call->request->form, "typed");
	ouro_error error = OURO_ERROR_INIT;
	ouro_write_options options;
	ouro_node *node = own_node(call);
	ouro_status rc;

	if (!node)
		return;
	if (wants_name(call, node) && strcmp(typed, view_node_label(call, node)) != 0) {
		struct ask what = {
			OURO_ACTION_DELETE, "remove", MSG_TITLE_REMOVE, 422, typed, NULL};

		what.error =
			web_message(call->arena, MSG_NAME_TYPE, view_node_label(call, node), NULL);
		ask(call, node, &what);
		goto out;
	}
	web_write_options(call, &options);
	rc = ouro_node_delete(call->person, call->params[0].id, &options, &error);
	if (rc >= 0)
		web_see(call, "/?done=removed");
	else
		page_node_failed(call, call->params[0].id, view_node_label(call, node), rc, &error,
			WEB_MESSAGE_NONE);
out:
	ouro_node_free(node);
}
