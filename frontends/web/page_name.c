/* page_name.c: a device's name: whether it can have one, and giving it. One request, one thread. */
#include "pages.h"

#include <string.h>

/* What to say beside the name field; NULL if the failure is not about the name. */
static const char *name_fault(
	struct web_call *call, const char *name, ouro_status status, const ouro_error *error)
{
	switch (status) {
	case OURO_ERR_CONFLICT: return web_message(call->arena, MSG_NAME_TAKEN, name, NULL);
	case OURO_ERR_INVALID:
		/* Our own check says the same in other words; the server's refusal may be about something else. */
		return error->origin == OURO_ORIGIN_HEADSCALE
			? web_message(call->arena, MSG_NAME_RULE_DETAIL, page_name_rule(call),
				  web_arena_copy(call->arena, error->text, strlen(error->text)))
			: page_name_rule(call);
	case OURO_ERR_REJECTED:
		return web_message(call->arena, MSG_REJECTED,
			web_arena_copy(call->arena, error->text, strlen(error->text)), NULL);
	default: return NULL;
	}
}

/* For the script: one line of plain text, 200 if the name can be had and 422 if not. */
void page_node_name(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	const char *name = page_typed(call, &call->request->query, "name");
	ouro_status rc = ouro_node_name_check(call->person, call->params[0].id, name, &error);
	const char *fault;

	if (rc >= 0) {
		web_response_text(
			call->response, 200, web_message(call->arena, MSG_NAME_FREE, name, NULL));
		return;
	}
	fault = name_fault(call, name, rc, &error);
	web_response_text(call->response, fault ? 422 : web_http_status(rc), fault ? fault : "");
}

void page_node_rename(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_write_options options;
	const char *name = page_typed(call, &call->request->form, "name");
	uint64_t id = call->params[0].id;
	struct page_node_state state = {422, NULL, NULL, name, NULL};
	ouro_status rc;

	web_write_options(call, &options);
	rc = ouro_node_rename(call->person, id, name, &options, NULL, &error);
	if (rc >= 0) {
		page_done(call, id, "renamed");
		return;
	}
	state.name_error = name_fault(call, name, rc, &error);
	if (state.name_error)
		page_node_show(call, id, &state);
	else
		page_node_failed(call, id, NULL, rc, &error, MSG_VERB_RENAMED);
}
