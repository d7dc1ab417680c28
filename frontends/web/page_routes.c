/* page_routes.c: all routes: one's own with their buttons, others' to look at. One request, one thread. */
#include "pages.h"

struct lists {
	struct view_nodes mine;
	struct view_nodes others;
};

static ouro_status read_list(
	struct web_call *call, int scope, size_t page, ouro_node_list **ret, ouro_error *error)
{
	ouro_nodes_query query = OURO_NODES_QUERY_INIT;

	query.scope = scope;
	query.filter = OURO_FILTER_ROUTES;
	query.limit = PAGE_ROWS;
	query.offset = (page - 1) * PAGE_ROWS;
	return ouro_nodes_list(call->person, &query, ret, error);
}

static struct view_fields *section(
	struct web_call *call, struct view_nodes *view, const ouro_node_list *list)
{
	struct view_fields *fields = view_fields_new(call->arena);
	struct web_value *nodes = view_field(fields, "nodes");

	page_view(call, view, "routes");
	view->list = list;
	if (nodes)
		view_nodes_value(nodes, view);
	view_field_bool(fields, "any", ouro_node_list_count(list) > 0);
	return fields;
}

static void show(struct web_call *call, struct lists *lists, const ouro_node_list *mine,
	const ouro_node_list *others)
{
	size_t number = page_number(call, "page", 1);
	size_t others_number = page_number(call, "others", 1);
	struct view_fields *page = page_begin(call, web_message_text(MSG_TITLE_ROUTES));
	struct view_fields *part = section(call, &lists->mine, mine);

	view_field_bool(page, "at_routes", 1);
	view_field_text(page, "live", "5");
	page_pager(call, part, MSG_PAGES_MINE, page_path(call, "/routes?page="), "", number,
		ouro_node_list_total(mine));
	view_field_object(page, "mine", part);
	if (others) {
		part = section(call, &lists->others, others);
		page_pager(call, part, MSG_PAGES_OTHERS, page_path(call, "/routes?others="), "",
			others_number, ouro_node_list_total(others));
		view_field_object(page, "others", part);
	}
	if (ouro_node_list_stale(mine))
		page_stale(call, page, ouro_node_list_as_of(mine));
	page_as_of(call, page, mine);
	page_end(call, 200, "routes", page);
}

void page_routes(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_node_list *mine = NULL;
	ouro_node_list *others = NULL;
	struct lists *lists = web_arena_alloc(call->arena, sizeof(*lists));
	ouro_status rc = lists ? OURO_OK : OURO_ERR_NOMEM;

	if (rc < 0)
		goto out;
	rc = read_list(call, OURO_SCOPE_MINE, page_number(call, "page", 1), &mine, &error);
	if (rc < 0 || page_unchanged(call, mine))
		goto out;
	if (ouro_node_list_others_total(mine) > 0) {
		rc = read_list(
			call, OURO_SCOPE_OTHERS, page_number(call, "others", 1), &others, &error);
		if (rc < 0)
			goto out;
	}
	show(call, lists, mine, others);
out:
	ouro_node_list_free(others);
	ouro_node_list_free(mine);
	if (rc < 0)
		web_problem_status(call, rc, &error);
}
