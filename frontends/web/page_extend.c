/* page_extend.c: to when the end of a device's key can be put off. One request, one thread. */
#include "pages.h"

#include "view_lifetime.h"
#include "view_time.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define LONGEST (3650 * DAY)
#define STANDARD (90 * DAY)

/* Where the end can be changed: by the rules, by this server, and of a device that is logged in. One that has no end and carries a
 * tag is meant to have none. */
static int is_offered(struct web_call *call, const ouro_node *node, int64_t until, int never)
{
	if (until == 0 || !ouro_node_may(call->person, node, OURO_ACTION_EXTEND) ||
		!(page_capabilities(call) & OURO_CAN_SET_EXPIRY) ||
		ouro_node_state(node, call->now) == OURO_NODE_EXPIRED)
		return 0;
	return view_time_known(ouro_node_expiry(node)) || (never && ouro_node_tag_count(node) == 0);
}

void page_extend_put(struct web_call *call, struct view_fields *page, const ouro_node *node)
{
	uint32_t capabilities = page_capabilities(call);
	int never = 0;
	int64_t until = ouro_person_extend_until(call->person, &never);
	int64_t longest;
	struct view_fields *stay = view_fields_new(call->arena);
	const struct view_choices *choices;
	struct web_value *value;

	if (!is_offered(call, node, until, never))
		return;
	longest = until == OURO_TIME_NEVER ? LONGEST : until - call->now;
	choices = view_lifetimes(call->arena, longest < DAY ? HOUR : DAY, longest, STANDARD,
		never && (capabilities & OURO_CAN_NEVER_EXPIRE));
	value = view_field(stay, "lifetimes");
	if (!choices || !value)
		return;
	view_choices_value(value, choices);
	view_field_bool(stay, "forgets", !(capabilities & OURO_CAN_KEEP_EXPIRY));
	view_field_object(page, "stay", stay);
}
