/* page_node.c: everything about one device. One request, one thread. */
#include "pages.h"

#include <string.h>

#define NAME_MAX_LENGTH 63u

/* What the name field holds at first: the name, or for a device without one a name out of what it calls itself, if that can be had. */
static const char *name_offered(struct web_call *call, const ouro_node *node)
{
	char name[NAME_MAX_LENGTH + 1];
	const char *host = ouro_node_host_name(node);
	size_t length = 0;

	if (*ouro_node_name(node))
		return ouro_node_name(node);
	for (; *host && length < NAME_MAX_LENGTH; host++) {
		char c = *host >= 'A' && *host <= 'Z' ? (char)(*host - 'A' + 'a') : *host;

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			name[length++] = c;
		else if (length && name[length - 1] != '-')
			name[length++] = '-';
	}
	while (length && name[length - 1] == '-')
		length--;
	name[length] = '\0';
	if (ouro_node_name_check(call->person, ouro_node_id(node), name, NULL) < 0)
		return "";
	return web_arena_copy(call->arena, name, length);
}

static void fill(struct web_call *call, struct view_fields *page, const ouro_node *node,
	const struct page_node_state *state)
{
	const char *done = web_form_text(&call->request->query, "done");
	int welcome = !strcmp(done, "registered");

	view_field_text(page, "live", state->status == 200 && !welcome ? "5" : NULL);
	view_field_text(page, "typed", state->typed ? state->typed : name_offered(call, node));
	view_field_text(page, "name_rule", page_name_rule(call));
	view_field_text(page, "name_error", state->name_error);
	view_field_bool(page, "welcome", welcome);
	view_field_bool(page, "focus_name", welcome || state->name_error);
	page_extend_put(call, page, node);
	if (ouro_node_stale(node))
		page_stale(call, page, ouro_node_as_of(node));
	if (state->note)
		page_note(call, page, state->kind, state->note);
}

void page_node_show(struct web_call *call, uint64_t id, const struct page_node_state *state)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_node *node = NULL;
	struct view_nodes view;
	struct view_fields *page;
	struct web_value *value;
	const char *label;
	ouro_status rc = ouro_node_get(call->person, id, &node, &error);

	if (rc < 0) {
		web_problem_status(call, rc, &error);
		return;
	}
	page_view(call, &view, "");
	label = view_node_label(call, node);
	page = page_begin(call,
		state->status == 200 ? label
				     : web_message(call->arena, MSG_ERROR_TITLE, label, NULL));
	value = view_field(page, "node");
	if (value)
		view_node_value(value, &view, node);
	fill(call, page, node, state);
	page_end(call, state->status, "node", page);
	ouro_node_free(node);
}

void page_node(struct web_call *call)
{
	const struct page_node_state state = {200, NULL, NULL, NULL, NULL};

	page_node_show(call, call->params[0].id, &state);
	page_tag_body(call);
}
