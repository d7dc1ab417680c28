/* page_devices.c: the list of devices: one's own first, others' below. One request, one thread. */
#include "pages.h"

#include <string.h>

#define SEARCH_MAX 100u

static const struct {
	const char *value;
	enum web_message label;
	int number;
} statuses[] =
	{
		{"", MSG_FILTER_ALL, OURO_FILTER_ALL},
		{"online", MSG_FILTER_ONLINE, OURO_FILTER_ONLINE},
		{"offline", MSG_FILTER_OFFLINE, OURO_FILTER_OFFLINE},
		{"expired", MSG_FILTER_EXPIRED, OURO_FILTER_EXPIRED},
		{"waiting", MSG_FILTER_WAITING, OURO_FILTER_WAITING},
		{"routes", MSG_FILTER_ROUTES, OURO_FILTER_ROUTES},
},
  sorts[] = {
	  {"", MSG_SORT_NAME, OURO_SORT_NAME},
	  {"seen", MSG_SORT_SEEN, OURO_SORT_LAST_SEEN},
	  {"expiry", MSG_SORT_EXPIRY, OURO_SORT_EXPIRY},
	  {"owner", MSG_SORT_OWNER, OURO_SORT_OWNER},
};

#define STATUS_COUNT (sizeof(statuses) / sizeof(statuses[0]))
#define SORT_COUNT (sizeof(sorts) / sizeof(sorts[0]))

/* What the URL asks for; words that are not known mean the default. */
struct wish {
	const char *search;
	size_t status;
	size_t sort;
	size_t page;
	size_t others_page;
	int others_open;
	struct view_choice status_choices[STATUS_COUNT];
	struct view_choice sort_choices[SORT_COUNT];
	struct view_choices status_list;
	struct view_choices sort_list;
	struct view_nodes mine;
	struct view_nodes others;
};

static struct wish *wish_read(struct web_call *call)
{
	const struct web_form *query = &call->request->query;
	const char *status = web_form_text(query, "status");
	const char *sort = web_form_text(query, "sort");
	const char *search = web_form_text(query, "q");
	struct wish *wish = web_arena_alloc(call->arena, sizeof(*wish));
	size_t i;

	if (!wish)
		return NULL;
	wish->search = strlen(search) <= SEARCH_MAX ? search : "";
	for (i = 0; i < STATUS_COUNT; i++)
		if (!strcmp(status, statuses[i].value))
			wish->status = i;
	for (i = 0; i < SORT_COUNT; i++)
		if (!strcmp(sort, sorts[i].value))
			wish->sort = i;
	for (i = 0; i < STATUS_COUNT; i++)
		wish->status_choices[i] = (struct view_choice){
			statuses[i].value, web_message_text(statuses[i].label), i == wish->status};
	for (i = 0; i < SORT_COUNT; i++)
		wish->sort_choices[i] = (struct view_choice){
			sorts[i].value, web_message_text(sorts[i].label), i == wish->sort};
	wish->status_list = (struct view_choices){STATUS_COUNT, wish->status_choices};
	wish->sort_list = (struct view_choices){SORT_COUNT, wish->sort_choices};
	wish->page = page_number(call, "page", 1);
	wish->others_page = page_number(call, "others", 1);
	wish->others_open = web_form_get(query, "others") || *wish->search || wish->status;
	return wish;
}

/* The list's URL with everything but the page numbers: "/ouroboros/?q=x&status=online". */
static const char *wish_url(struct web_call *call, const struct wish *wish)
{
	struct web_buf url;
	const char *text;

	web_buf_init(&url, 2048);
	web_buf_puts(&url, call->app->base_path);
	web_buf_puts(&url, "/?q=");
	web_buf_url(&url, wish->search, strlen(wish->search));
	web_buf_printf(
		&url, "&status=%s&sort=%s", statuses[wish->status].value, sorts[wish->sort].value);
	text = url.failed ? page_path(call, "/")
			  : web_arena_copy(call->arena, url.data, url.length);
	web_buf_done(&url);
	return text;
}

/* One scope's page of rows; a page past the end becomes the last one. */
static ouro_status read_list(struct web_call *call, const struct wish *wish, int scope,
	size_t *page, ouro_node_list **ret, ouro_error *error)
{
	ouro_nodes_query query = OURO_NODES_QUERY_INIT;
	ouro_node_list *list = NULL;
	ouro_status rc;

	query.scope = scope;
	query.filter = statuses[wish->status].number;
	query.sort = sorts[wish->sort].number;
	query.search = *wish->search ? wish->search : NULL;
	query.limit = PAGE_ROWS;
	query.offset = (*page - 1) * PAGE_ROWS;
	rc = ouro_nodes_list(call->person, &query, &list, error);
	if (rc < 0)
		return rc;
	if (ouro_node_list_count(list) == 0 && ouro_node_list_total(list) > 0) {
		*page = (ouro_node_list_total(list) + PAGE_ROWS - 1) / PAGE_ROWS;
		query.offset = (*page - 1) * PAGE_ROWS;
		ouro_node_list_free(list);
		list = NULL;
		rc = ouro_nodes_list(call->person, &query, &list, error);
		if (rc < 0)
			return rc;
	}
	*ret = list;
	return OURO_OK;
}

static struct view_fields *section(
	struct web_call *call, struct view_nodes *view, const ouro_node_list *list)
{
	struct view_fields *fields = view_fields_new(call->arena);
	struct web_value *nodes = view_field(fields, "nodes");

	view->list = list;
	if (nodes)
		view_nodes_value(nodes, view);
	view_field_bool(fields, "any", ouro_node_list_count(list) > 0);
	return fields;
}

static void put_choices(struct view_fields *page, const struct wish *wish)
{
	struct web_value *value;

	view_field_text(page, "q", wish->search);
	value = view_field(page, "statuses");
	if (value)
		view_choices_value(value, &wish->status_list);
	value = view_field(page, "sorts");
	if (value)
		view_choices_value(value, &wish->sort_list);
	view_field_bool(page, "filtered", wish->status || wish->sort);
}

static void put_mine(struct web_call *call, struct view_fields *page, struct wish *wish,
	const ouro_node_list *list)
{
	size_t total = ouro_node_list_total(list);
	struct view_fields *mine = section(call, &wish->mine, list);
	int narrowed = *wish->search || wish->status;
	const char *count = web_arena_printf(call->arena, "%zu", total);

	view_field_text(page, "mine_total",
		web_arena_printf(call->arena, "%zu", ouro_node_list_mine_total(list)));
	view_field_bool(page, "none_yet", ouro_node_list_mine_total(list) == 0);
	view_field_bool(page, "narrowed", narrowed);
	view_field_text(page, "found",
		total == 0           ? web_message_text(MSG_FOUND_NONE)
			: total == 1 ? web_message_text(MSG_FOUND_ONE)
				     : web_message(call->arena, MSG_FOUND, count, NULL));
	page_pager(call, mine, MSG_PAGES_MINE,
		web_arena_printf(call->arena, "%s&page=", wish_url(call, wish)), "", wish->page,
		total);
	view_field_object(page, "mine", mine);
}

static void put_others(struct web_call *call, struct view_fields *page, struct wish *wish,
	const ouro_node_list *list)
{
	struct view_fields *others = section(call, &wish->others, list);

	view_field_bool(others, "open", wish->others_open);
	view_field_text(
		others, "count", web_arena_printf(call->arena, "%zu", ouro_node_list_total(list)));
	page_pager(call, others, MSG_PAGES_OTHERS,
		web_arena_printf(
			call->arena, "%s&page=%zu&others=", wish_url(call, wish), wish->page),
		"#others", wish->others_page, ouro_node_list_total(list));
	view_field_object(page, "others", others);
}

/* Where one device without a name cuts off all others, it stands above the lists; one's own before another's. The list is to live
 * as long as the page. */
static ouro_node_list *put_nameless(
	struct web_call *call, struct view_fields *page, const struct view_nodes *view)
{
	static const int scopes[] = {OURO_SCOPE_MINE, OURO_SCOPE_OTHERS};
	size_t i;

	for (i = 0; i < 2 && (view->capabilities & OURO_CAN_STALL_ON_EMPTY_NAME); i++) {
		ouro_nodes_query query = OURO_NODES_QUERY_INIT;
		ouro_node_list *list = NULL;
		struct web_value *value;

		query.scope = scopes[i]; /* by name: none comes first */
		query.limit = 1;
		if (ouro_nodes_list(call->person, &query, &list, NULL) < 0)
			return NULL;
		if (ouro_node_list_count(list) && !*ouro_node_name(ouro_node_list_at(list, 0))) {
			value = view_field(page, "nameless");
			if (value)
				view_node_value(value, view, ouro_node_list_at(list, 0));
			return list;
		}
		ouro_node_list_free(list);
	}
	return NULL;
}

void page_devices(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_node_list *mine = NULL;
	ouro_node_list *others = NULL;
	ouro_node_list *nameless = NULL;
	struct wish *wish = wish_read(call);
	struct view_fields *page;
	ouro_status rc;

	if (!wish) {
		web_problem_status(call, OURO_ERR_NOMEM, NULL);
		return;
	}
	rc = read_list(call, wish, OURO_SCOPE_MINE, &wish->page, &mine, &error);
	if (rc < 0)
		goto out;
	if (page_unchanged(call, mine))
		goto out;
	if (ouro_node_list_others_total(mine) > 0) {
		rc = read_list(call, wish, OURO_SCOPE_OTHERS, &wish->others_page, &others, &error);
		if (rc < 0)
			goto out;
	}
	page_view(call, &wish->mine, "");
	page_view(call, &wish->others, "");
	page = page_begin(call, web_message_text(MSG_TITLE_DEVICES));
	view_field_bool(page, "at_devices", 1);
	view_field_text(page, "live", "5");
	put_choices(page, wish);
	nameless = put_nameless(call, page, &wish->mine);
	put_mine(call, page, wish, mine);
	if (others)
		put_others(call, page, wish, others);
	if (ouro_node_list_stale(mine))
		page_stale(call, page, ouro_node_list_as_of(mine));
	page_as_of(call, page, mine);
	page_end(call, 200, "devices", page);
out:
	ouro_node_list_free(nameless);
	ouro_node_list_free(others);
	ouro_node_list_free(mine);
	if (rc < 0)
		web_problem_status(call, rc, &error);
}
