/* Reading: lists and single nodes, from the snapshot, cut down to what the person may see. A list owns a reference to its
 * snapshot; its nodes are views into it. Any thread. */
#include <stdlib.h>

#include "api/view.h"
#include "base/alloc.h"
#include "base/options.h"
#include "base/str.h"

struct ouro_node_list {
	ouro__snapshot *snapshot;
	struct ouro_node *items;
	size_t first; /* offset of the page in items */
	size_t count;
	size_t total;
	size_t mine_total;
	size_t others_total;
	int stale;
};

static int matches_search(const struct ouro__node *node, const char *search)
{
	if (!search || !*search)
		return 1;
	if (ouro__str_has_fold(node->given_name, search) ||
		ouro__str_has_fold(node->name, search) ||
		ouro__str_has_fold(node->user_name, search))
		return 1;
	for (size_t i = 0; i < node->address_count; i++)
		if (ouro__str_has_fold(node->addresses[i], search))
			return 1;
	for (size_t i = 0; i < node->tag_count; i++)
		if (ouro__str_has_fold(node->tags[i], search))
			return 1;
	for (size_t i = 0; i < node->route_count; i++)
		if (ouro__str_has_fold(node->routes[i].prefix, search))
			return 1;
	return 0;
}

static int matches_filter(const struct ouro__node *node, int filter, int64_t now)
{
	int state = ouro__node_state(node, now);

	switch (filter) {
	case OURO_FILTER_ONLINE: return state == OURO_NODE_ONLINE;
	case OURO_FILTER_OFFLINE: return state == OURO_NODE_OFFLINE;
	case OURO_FILTER_EXPIRED: return state == OURO_NODE_EXPIRED;
	case OURO_FILTER_WAITING: return ouro__node_waiting(node);
	case OURO_FILTER_ROUTES: return node->route_count > 0;
	default: return 1;
	}
}

struct order {
	int sort;
	int64_t now;
};

static int compare_time(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* "Never seen" is older than everything, although its value is the largest. */
static int64_t seen_rank(const struct ouro__node *node)
{
	return node->last_seen == OURO_TIME_NEVER ? INT64_MIN : node->last_seen;
}

static int compare_seen(const struct ouro__node *a, const struct ouro__node *b, int64_t now)
{
	int online_a = ouro__node_state(a, now) == OURO_NODE_ONLINE;
	int online_b = ouro__node_state(b, now) == OURO_NODE_ONLINE;

	return online_a != online_b ? online_b - online_a
				    : compare_time(seen_rank(b), seen_rank(a));
}

static int compare(const void *left, const void *right, void *context)
{
	const struct ouro_node *a = left;
	const struct ouro_node *b = right;
	const struct order *order = context;
	int by = b->mine - a->mine;

	if (!by && order->sort == OURO_SORT_LAST_SEEN)
		by = compare_seen(a->data, b->data, order->now);
	else if (!by && order->sort == OURO_SORT_EXPIRY)
		by = compare_time(a->data->expiry, b->data->expiry);
	else if (!by && order->sort == OURO_SORT_OWNER)
		by = ouro__str_compare_fold(a->data->user_name, b->data->user_name);
	if (!by)
		by = ouro__str_compare_fold(a->data->given_name, b->data->given_name);
	return by ? by : (a->data->id > b->data->id) - (a->data->id < b->data->id);
}

static int in_scope(int scope, int mine)
{
	return scope == OURO_SCOPE_ALL || (scope == OURO_SCOPE_MINE) == (mine != 0);
}

static void select_nodes(
	const struct ouro__view *view, const ouro_nodes_query *query, ouro_node_list *list)
{
	struct order order = {query->sort, ouro__portal_now(view->person->portal)};

	for (size_t i = 0; i < view->snapshot->node_count; i++) {
		const struct ouro__node *node = &view->snapshot->nodes[i];
		int mine = ouro__view_mine(view, node);

		if (!ouro__view_visible(view, node))
			continue;
		list->mine_total += mine != 0;
		list->others_total += mine == 0;
		if (!in_scope(query->scope, mine) ||
			!matches_filter(node, query->filter, order.now) ||
			!matches_search(node, query->search))
			continue;
		list->items[list->total++] = (ouro_node){.data = node,
			.mine = mine != 0,
			.kept = ouro__view_kept(view, node),
			.stale = view->stale,
			.as_of = view->snapshot->taken_at};
	}
	qsort_r(list->items, list->total, sizeof(list->items[0]), compare, &order);
	list->first = query->offset < list->total ? query->offset : list->total;
	list->count = list->total - list->first;
	if (query->limit && list->count > query->limit)
		list->count = query->limit;
}

static ouro_status import_query(
	const ouro_nodes_query *from, ouro_nodes_query *ret_query, ouro_error *reterr)
{
	ouro_nodes_query query = OURO_NODES_QUERY_INIT;
	ouro_status rc = ouro__options_import(&query, sizeof(query), from, reterr);

	if (rc < 0)
		return rc;
	if (query.scope < OURO_SCOPE_MINE || query.scope > OURO_SCOPE_ALL ||
		query.filter < OURO_FILTER_ALL || query.filter > OURO_FILTER_ROUTES ||
		query.sort < OURO_SORT_NAME || query.sort > OURO_SORT_OWNER)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"nodes query: scope, filter or sort is out of range");
	*ret_query = query;
	return OURO_OK;
}

ouro_status ouro_nodes_list(const ouro_person *person, const ouro_nodes_query *query,
	ouro_node_list **ret_list, ouro_error *reterr)
{
	ouro_nodes_query own = OURO_NODES_QUERY_INIT;
	struct ouro__view view;
	ouro_node_list *list;
	ouro_status rc;

	if (!person || !ret_list)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "listing nodes needs a person");
	rc = import_query(query, &own, reterr);
	if (rc != OURO_OK)
		return rc;
	rc = ouro__view_read(person, &view, reterr);
	if (rc != OURO_OK)
		return rc;
	list = ouro__alloc(1, sizeof(*list));
	if (list)
		list->items = ouro__alloc(view.snapshot->node_count, sizeof(list->items[0]));
	if (!list || !list->items) {
		rc = ouro__error_nomem(reterr);
		goto out;
	}
	select_nodes(&view, &own, list);
	list->stale = view.stale;
	list->snapshot = ouro__snapshot_ref(view.snapshot);
	*ret_list = list;
	list = NULL;
out:
	ouro_node_list_free(list);
	ouro__view_done(&view);
	return rc;
}

size_t ouro_node_list_count(const ouro_node_list *list)
{
	return list ? list->count : 0;
}

const ouro_node *ouro_node_list_at(const ouro_node_list *list, size_t index)
{
	return list && index < list->count ? &list->items[list->first + index] : NULL;
}

size_t ouro_node_list_total(const ouro_node_list *list)
{
	return list ? list->total : 0;
}

size_t ouro_node_list_mine_total(const ouro_node_list *list)
{
	return list ? list->mine_total : 0;
}

size_t ouro_node_list_others_total(const ouro_node_list *list)
{
	return list ? list->others_total : 0;
}

int64_t ouro_node_list_as_of(const ouro_node_list *list)
{
	return list ? list->snapshot->taken_at : OURO_TIME_NEVER;
}

int ouro_node_list_stale(const ouro_node_list *list)
{
	return list ? list->stale : 0;
}

uint64_t ouro_node_list_generation(const ouro_node_list *list)
{
	return list ? list->snapshot->generation : 0;
}

void ouro_node_list_free(ouro_node_list *list)
{
	if (!list)
		return;
	ouro__snapshot_unref(list->snapshot);
	free(list->items);
	free(list);
}

ouro_status ouro_node_get(
	const ouro_person *person, uint64_t id, ouro_node **ret_node, ouro_error *reterr)
{
	const struct ouro__node *node;
	struct ouro__view view;
	ouro_status rc;

	if (!person || !ret_node)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "reading a node needs a person");
	rc = ouro__view_read(person, &view, reterr);
	if (rc < 0)
		return rc;
	node = id ? ouro__snapshot_node(view.snapshot, id) : NULL;
	if (node && ouro__view_visible(&view, node))
		rc = ouro__view_own(&view, node, ret_node, reterr);
	else
		rc = ouro__view_not_found(&view, reterr);
	ouro__view_done(&view);
	return rc;
}

ouro_status ouro_node_name_check(
	const ouro_person *person, uint64_t id, const char *name, ouro_error *reterr)
{
	struct ouro__view view;
	ouro_status rc;

	if (!person || !name)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "checking a name needs a person and a name");
	rc = ouro__view_read(person, &view, reterr);
	if (rc < 0)
		return rc;
	rc = ouro__headscale_name_check(view.snapshot->capabilities, name, reterr);
	if (rc == OURO_OK && ouro__snapshot_name_taken(view.snapshot, id, name))
		rc = ouro__error_set(
			reterr, OURO_ERR_CONFLICT, "%.63s is taken by another device", name);
	ouro__view_done(&view);
	return rc;
}

int ouro_node_may(const ouro_person *person, const ouro_node *node, int action)
{
	struct ouro__access_user users[OURO__POLICY_USERS_MAX];
	struct ouro__subject subject = {.users = users};
	struct ouro__object object;

	if (!person || !node || !ouro_node_mine(node) || !ouro_person_may(person, action))
		return 0;
	if (!ouro_node_kept(node) || action != OURO_ACTION_DELETE)
		return 1;
	/* Whose it is was decided when it was read: nobody's of the person's. What is left is what the rule says of its tags. */
	object = ouro__view_object(node->data);
	object.user_id = 0;
	object.tagged = 1;
	subject.scopes = person->scopes;
	for (size_t i = 0; i < person->user_count && i < OURO__POLICY_USERS_MAX; i++)
		users[subject.user_count++] = (struct ouro__access_user){person->users[i], 1};
	return ouro__access_decide(person->policy, &subject, action, &object, NULL, NULL) ==
		OURO_OK;
}
