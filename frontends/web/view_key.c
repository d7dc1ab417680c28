/* view_key.c: pre-auth keys for templates. One request, one thread. */
#include "view_key.h"

#include "messages.h"
#include "view_time.h"

struct key_view {
	const struct view_keys *view;
	const ouro_key *key;
};

static int state_of(const struct view_keys *view, const ouro_key *key)
{
	return ouro_key_state(key, view->call->now);
}

static enum web_message word_of(int state, const ouro_key *key)
{
	if (state == OURO_KEY_EXPIRED)
		return MSG_KEY_OVER;
	if (state == OURO_KEY_USED)
		return MSG_KEY_USED;
	return ouro_key_used(key) ? MSG_KEY_WORKS_USED : MSG_KEY_WORKS;
}

static int get_url(const struct key_view *self, struct web_value *ret)
{
	struct web_call *call = self->view->call;

	return web_value_text(ret,
		web_arena_printf(call->arena, "%s/keys/%llu", call->app->base_path,
			(unsigned long long)ouro_key_id(self->key)));
}

static int key_lookup(
	const struct web_value *value, const char *name, size_t length, struct web_value *ret)
{
	const struct key_view *self = value->object;
	const ouro_key *key = self->key;
	int state = state_of(self->view, key);

	if (web_name_is(name, length, "url"))
		return get_url(self, ret);
	if (web_name_is(name, length, "id"))
		return web_value_unsigned(ret, ouro_key_id(key));
	if (web_name_is(name, length, "hint"))
		return web_value_text(ret, ouro_key_hint(key));
	if (web_name_is(name, length, "alive"))
		return web_value_bool(ret, state == OURO_KEY_ALIVE);
	if (web_name_is(name, length, "used"))
		return web_value_bool(ret, state == OURO_KEY_USED);
	if (web_name_is(name, length, "word"))
		return web_value_text(ret, web_message_text(word_of(state, key)));
	if (web_name_is(name, length, "reusable"))
		return web_value_bool(ret, ouro_key_reusable(key));
	if (web_name_is(name, length, "ephemeral"))
		return web_value_bool(ret, ouro_key_ephemeral(key));
	if (web_name_is(name, length, "user"))
		return web_value_text(ret, ouro_key_user_name(key));
	if (web_name_is(name, length, "created"))
		return view_time(ret, ouro_key_created(key), &self->view->call->now);
	if (web_name_is(name, length, "ends"))
		return view_time(ret, ouro_key_expiration(key), &self->view->call->now);
	return 0;
}

static const struct web_value_ops key_ops = {key_lookup, NULL};

int view_key_value(struct web_value *ret, const struct view_keys *view, const ouro_key *key)
{
	struct key_view *self = web_arena_alloc(view->call->arena, sizeof(*self));

	if (!self)
		return 0;
	self->view = view;
	self->key = key;
	return web_value_object(ret, &key_ops, self, 0);
}

static int is_shown(const struct view_keys *view, const ouro_key *key)
{
	return (state_of(view, key) != OURO_KEY_ALIVE) == view->over;
}

static int keys_item(const struct web_value *value, size_t index, struct web_value *ret)
{
	const struct view_keys *view = value->object;
	size_t i;

	if (view->over && index >= VIEW_KEYS_OVER_MAX)
		return 0;
	for (i = 0; i < ouro_key_list_count(view->list); i++) {
		const ouro_key *key = ouro_key_list_at(view->list, i);

		if (is_shown(view, key) && index-- == 0)
			return view_key_value(ret, view, key);
	}
	return 0;
}

static const struct web_value_ops keys_ops = {NULL, keys_item};

int view_keys_value(struct web_value *ret, const struct view_keys *view)
{
	return web_value_list(ret, &keys_ops, view, 0);
}

size_t view_keys_count(const struct view_keys *view)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < ouro_key_list_count(view->list); i++)
		count += is_shown(view, ouro_key_list_at(view->list, i)) ? 1 : 0;
	return count;
}
