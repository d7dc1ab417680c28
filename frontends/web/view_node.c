/* view_node.c: the vtable between models and templates. Values are made on the fly; what does not fit into one goes to the
 * request's arena. One request, one thread. */
#include "view_node.h"

#include "messages.h"
#include "view_time.h"

#include <string.h>

#define SOON (7 * 86400)

/* A node in its view; a route of it is the same with an index. */
struct node_view {
	const struct view_nodes *view;
	const ouro_node *node;
};

typedef int (*member_fn)(const struct node_view *self, struct web_value *ret);

struct member {
	const char *name;
	member_fn get;
};

/* Code points that leave nothing to see: blanks of all kinds and format characters. */
static int is_blank(uint32_t code)
{
	static const struct {
		uint32_t first;
		uint32_t last;
	} blanks[] = {{0, 0x20}, {0x7f, 0xa0}, {0xad, 0xad}, {0x34f, 0x34f}, {0x115f, 0x1160},
		{0x1680, 0x1680}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x2000, 0x200f},
		{0x2028, 0x202f}, {0x205f, 0x206f}, {0x2800, 0x2800}, {0x3000, 0x3000},
		{0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
		{0xe0000, 0xe0fff}};
	size_t i;

	for (i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++)
		if (code >= blanks[i].first && code <= blanks[i].last)
			return 1;
	return 0;
}

/* Would a link with this text be seen? */
static int is_visible(const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		uint32_t code = 0;
		size_t length = web_text_utf8(text, left, &code);

		/* What is no UTF-8 is shown as a mark. */
		if (!length || !is_blank(code))
			return 1;
		text += length;
		left -= length;
	}
	return 0;
}

const char *view_node_label(struct web_call *call, const ouro_node *node)
{
	const char *name = ouro_node_name(node);

	if (!is_visible(name))
		name = ouro_node_host_name(node);
	if (is_visible(name))
		return name;
	return web_message(call->arena, MSG_UNNAMED,
		web_arena_printf(call->arena, "%llu", (unsigned long long)ouro_node_id(node)),
		NULL);
}

static int state_is(const struct node_view *self, int state)
{
	return ouro_node_state(self->node, self->view->call->now) == state;
}

static int is_tagged(const ouro_node *node)
{
	return ouro_node_user_id(node) == 0 && ouro_node_tag_count(node) > 0;
}

int view_node_carries(const ouro_node *node)
{
	const uint32_t both = OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED;
	size_t i;

	for (i = 0; i < ouro_node_route_count(node); i++) {
		uint32_t flags = ouro_route_flags(ouro_node_route(node, i));

		if ((flags & both) == both || (flags & OURO_ROUTE_SERVING))
			return 1;
	}
	return 0;
}

/* --- routes ---------------------------------------------------------------------------------------------------------- */

/* Exit prefixes are one switch and no routes; what is left of one that is gone can still be forgotten. */
static int route_shown(const struct view_nodes *view, const ouro_route *route)
{
	uint32_t flags = ouro_route_flags(route);

	if (!(flags & OURO_ROUTE_EXIT))
		return 1;
	return !(flags & (OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED)) &&
		(view->capabilities & OURO_CAN_FORGET_ROUTES);
}

static void route_texts(uint32_t flags, enum web_message *word, enum web_message *meaning)
{
	if (flags & OURO_ROUTE_ADVERTISED) {
		if (!(flags & OURO_ROUTE_APPROVED)) {
			*word = MSG_ROUTE_WAITING;
			*meaning = MSG_ROUTE_WAITING_LONG;
		} else if (flags & OURO_ROUTE_SERVING) {
			*word = MSG_ROUTE_SERVING;
			*meaning = MSG_ROUTE_SERVING_LONG;
		} else {
			*word = MSG_ROUTE_STANDBY;
			*meaning = MSG_ROUTE_STANDBY_LONG;
		}
	} else if (flags & OURO_ROUTE_APPROVED) {
		*word = MSG_ROUTE_IDLE;
		*meaning = MSG_ROUTE_IDLE_LONG;
	} else {
		*word = MSG_ROUTE_GONE;
		*meaning = MSG_ROUTE_GONE_LONG;
	}
}

static int route_lookup(
	const struct web_value *value, const char *name, size_t length, struct web_value *ret)
{
	const struct node_view *self = value->object;
	const ouro_route *route = ouro_node_route(self->node, value->index);
	uint32_t flags = ouro_route_flags(route);
	int offered = (flags & OURO_ROUTE_ADVERTISED) != 0;
	int approved = (flags & OURO_ROUTE_APPROVED) != 0;
	enum web_message word;
	enum web_message meaning;

	route_texts(flags, &word, &meaning);
	if (web_name_is(name, length, "prefix"))
		return web_value_text(ret, ouro_route_prefix(route));
	if (web_name_is(name, length, "word"))
		return web_value_text(ret, web_message_text(word));
	if (web_name_is(name, length, "meaning"))
		return web_value_text(ret,
			web_message(self->view->call->arena, meaning,
				view_node_label(self->view->call, self->node),
				ouro_route_prefix(route)));
	if (web_name_is(name, length, "waiting") || web_name_is(name, length, "can_approve"))
		return web_value_bool(ret, offered && !approved);
	if (web_name_is(name, length, "approved") || web_name_is(name, length, "can_withdraw"))
		return web_value_bool(ret, approved);
	if (web_name_is(name, length, "serving"))
		return web_value_bool(ret, (flags & OURO_ROUTE_SERVING) != 0);
	if (web_name_is(name, length, "can_forget"))
		return web_value_bool(
			ret, !offered && (self->view->capabilities & OURO_CAN_FORGET_ROUTES));
	return 0;
}

static const struct web_value_ops route_ops = {route_lookup, NULL};

static int routes_item(const struct web_value *value, size_t index, struct web_value *ret)
{
	const struct node_view *self = value->object;
	size_t i;

	for (i = 0; i < ouro_node_route_count(self->node); i++)
		if (route_shown(self->view, ouro_node_route(self->node, i)) && index-- == 0)
			return web_value_object(ret, &route_ops, self, i);
	return 0;
}

static const struct web_value_ops routes_ops = {NULL, routes_item};

static int addresses_item(const struct web_value *value, size_t index, struct web_value *ret)
{
	const struct node_view *self = value->object;
	const char *text = ouro_node_address(self->node, index);

	return text ? web_value_text(ret, text) : 0;
}

static const struct web_value_ops addresses_ops = {NULL, addresses_item};

static int tags_item(const struct web_value *value, size_t index, struct web_value *ret)
{
	const struct node_view *self = value->object;
	const char *text = ouro_node_tag(self->node, index);

	return text ? web_value_text(ret, text) : 0;
}

static const struct web_value_ops tags_ops = {NULL, tags_item};

/* --- members of a node ----------------------------------------------------------------------------------------------- */

static int get_id(const struct node_view *self, struct web_value *ret)
{
	return web_value_unsigned(ret, ouro_node_id(self->node));
}

static int get_url(const struct node_view *self, struct web_value *ret)
{
	struct web_call *call = self->view->call;

	return web_value_text(ret,
		web_arena_printf(call->arena, "%s/nodes/%llu", call->app->base_path,
			(unsigned long long)ouro_node_id(self->node)));
}

static int get_label(const struct node_view *self, struct web_value *ret)
{
	return web_value_text(ret, view_node_label(self->view->call, self->node));
}

static int get_name(const struct node_view *self, struct web_value *ret)
{
	return web_value_text(ret, ouro_node_name(self->node));
}

static int get_host_name(const struct node_view *self, struct web_value *ret)
{
	return web_value_text(ret, ouro_node_host_name(self->node));
}

static int get_host_differs(const struct node_view *self, struct web_value *ret)
{
	const char *host = ouro_node_host_name(self->node);

	return web_value_bool(
		ret, *host && strcmp(host, view_node_label(self->view->call, self->node)) != 0);
}

static int get_owner(const struct node_view *self, struct web_value *ret)
{
	const char *owner = ouro_node_user_name(self->node);

	return web_value_text(
		ret, *owner && !is_tagged(self->node) ? owner : web_message_text(MSG_NOBODY));
}

static int get_mine(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, ouro_node_mine(self->node));
}

static int get_kept(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, ouro_node_kept(self->node));
}

static int get_editable(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret,
		ouro_node_mine(self->node) && !(self->view->capabilities & OURO_CAN_ONLY_READ));
}

static int get_unnamed(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, !*ouro_node_name(self->node));
}

static int get_stalls(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret,
		!*ouro_node_name(self->node) &&
			(self->view->capabilities & OURO_CAN_STALL_ON_EMPTY_NAME));
}

static int get_tagged(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, ouro_node_tag_count(self->node) > 0);
}

static int get_addresses(const struct node_view *self, struct web_value *ret)
{
	return web_value_list(ret, &addresses_ops, self, 0);
}

static int get_tags(const struct node_view *self, struct web_value *ret)
{
	return web_value_list(ret, &tags_ops, self, 0);
}

static int get_routes(const struct node_view *self, struct web_value *ret)
{
	return web_value_list(ret, &routes_ops, self, 0);
}

static int has_routes(const struct node_view *self)
{
	struct web_value value = {0};
	struct web_value list = {0};

	get_routes(self, &list);
	return routes_item(&list, 0, &value);
}

static int get_has_routes(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, has_routes(self));
}

static int get_has_badges(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret,
		!*ouro_node_name(self->node) || ouro_node_tag_count(self->node) > 0 ||
			ouro_node_ephemeral(self->node) || state_is(self, OURO_NODE_EXPIRED) ||
			ouro_node_exit_state(self->node) != OURO_EXIT_NONE || has_routes(self));
}

static int get_carries(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, view_node_carries(self->node));
}

static int get_online(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, state_is(self, OURO_NODE_ONLINE));
}

static int get_offline(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, state_is(self, OURO_NODE_OFFLINE));
}

static int get_expired(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, state_is(self, OURO_NODE_EXPIRED));
}

static int get_seen(const struct node_view *self, struct web_value *ret)
{
	return view_time(ret, ouro_node_last_seen(self->node), &self->view->call->now);
}

static int get_expiry(const struct node_view *self, struct web_value *ret)
{
	return view_time(ret, ouro_node_expiry(self->node), &self->view->call->now);
}

static int get_created(const struct node_view *self, struct web_value *ret)
{
	return view_time(ret, ouro_node_created(self->node), &self->view->call->now);
}

static int get_expiry_soon(const struct node_view *self, struct web_value *ret)
{
	int64_t expiry = ouro_node_expiry(self->node);

	return web_value_bool(
		ret, view_time_known(expiry) && expiry - self->view->call->now < SOON);
}

static int get_joined(const struct node_view *self, struct web_value *ret)
{
	switch (ouro_node_register_method(self->node)) {
	case OURO_REGISTER_AUTH_KEY: return web_value_text(ret, web_message_text(MSG_JOINED_KEY));
	case OURO_REGISTER_CLI: return web_value_text(ret, web_message_text(MSG_JOINED_LINK));
	case OURO_REGISTER_OIDC: return web_value_text(ret, web_message_text(MSG_JOINED_OIDC));
	default: return web_value_bool(ret, 0);
	}
}

static int get_ephemeral(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, ouro_node_ephemeral(self->node));
}

static int get_exit_none(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, ouro_node_exit_state(self->node) == OURO_EXIT_NONE);
}

static int get_exit_offered(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, ouro_node_exit_state(self->node) == OURO_EXIT_OFFERED);
}

static int get_exit_on(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, ouro_node_exit_state(self->node) == OURO_EXIT_ON);
}

static int get_exit_idle(const struct node_view *self, struct web_value *ret)
{
	return web_value_bool(ret, ouro_node_exit_state(self->node) == OURO_EXIT_IDLE);
}

static int get_fingerprint(const struct node_view *self, struct web_value *ret)
{
	return web_value_unsigned(ret, ouro_node_fingerprint(self->node));
}

static int get_back(const struct node_view *self, struct web_value *ret)
{
	return web_value_text(ret, self->view->back ? self->view->back : "");
}

/* "may" of the call is about own nodes; a node that is kept for others may be less than that. */
static int may_lookup(
	const struct web_value *value, const char *name, size_t length, struct web_value *ret)
{
	const struct node_view *self = value->object;
	const ouro_person *person = self->view->call->person;
	int action = web_action(name, length);

	if (action < 0 || action == OURO_ACTION_REGISTER)
		return action < 0 ? 0
				  : web_value_bool(ret, person && ouro_person_may(person, action));
	return web_value_bool(ret, person && ouro_node_may(person, self->node, action));
}

static const struct web_value_ops may_ops = {may_lookup, NULL};

static int get_may(const struct node_view *self, struct web_value *ret)
{
	return web_value_object(ret, &may_ops, self, 0);
}

static const struct member members[] = {
	{"url", get_url},
	{"label", get_label},
	{"mine", get_mine},
	{"kept", get_kept},
	{"may", get_may},
	{"editable", get_editable},
	{"unnamed", get_unnamed},
	{"stalls", get_stalls},
	{"expired", get_expired},
	{"online", get_online},
	{"offline", get_offline},
	{"seen", get_seen},
	{"expiry", get_expiry},
	{"expiry_soon", get_expiry_soon},
	{"addresses", get_addresses},
	{"host_differs", get_host_differs},
	{"host_name", get_host_name},
	{"has_badges", get_has_badges},
	{"tags", get_tags},
	{"tagged", get_tagged},
	{"routes", get_routes},
	{"has_routes", get_has_routes},
	{"exit_none", get_exit_none},
	{"exit_on", get_exit_on},
	{"exit_offered", get_exit_offered},
	{"exit_idle", get_exit_idle},
	{"ephemeral", get_ephemeral},
	{"owner", get_owner},
	{"fingerprint", get_fingerprint},
	{"back", get_back},
	{"id", get_id},
	{"name", get_name},
	{"created", get_created},
	{"joined", get_joined},
	{"carries", get_carries},
};

static int node_lookup(
	const struct web_value *value, const char *name, size_t length, struct web_value *ret)
{
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (web_name_is(name, length, members[i].name))
			return members[i].get(value->object, ret);
	return 0;
}

static const struct web_value_ops node_ops = {node_lookup, NULL};

int view_node_value(struct web_value *ret, const struct view_nodes *view, const ouro_node *node)
{
	struct node_view *self = web_arena_alloc(view->call->arena, sizeof(*self));

	if (!self)
		return 0;
	self->view = view;
	self->node = node;
	return web_value_object(ret, &node_ops, self, 0);
}

static int nodes_item(const struct web_value *value, size_t index, struct web_value *ret)
{
	const struct view_nodes *view = value->object;
	const ouro_node *node = view->list ? ouro_node_list_at(view->list, index) : NULL;

	return node ? view_node_value(ret, view, node) : 0;
}

static const struct web_value_ops nodes_ops = {NULL, nodes_item};

int view_nodes_value(struct web_value *ret, const struct view_nodes *view)
{
	return web_value_list(ret, &nodes_ops, view, 0);
}
