/* page_add.c: how to add a device, for each system. One request, one thread. */
#include "pages.h"

#include <string.h>

#define LINK_MAX 2048u
/* hskey-authreq-…: SSH logins that wait have such ids too, and 0.29 ends when one of those is registered. Only a link tells. */
#define AUTH_REQUEST 3

enum system_kind { LINUX, MACOS, WINDOWS, IOS, ANDROID, SYSTEMS };

static const char *const system_names[SYSTEMS] = {"linux", "macos", "windows", "ios", "android"};

/* What the visitor sits at, by what the browser says; only decides the order. */
static enum system_kind visitor(const char *agent)
{
	if (!agent)
		return LINUX;
	if (strstr(agent, "Android"))
		return ANDROID;
	if (strstr(agent, "iPhone") || strstr(agent, "iPad"))
		return IOS;
	if (strstr(agent, "Windows"))
		return WINDOWS;
	if (strstr(agent, "Macintosh"))
		return MACOS;
	return LINUX;
}

/* index = which system; object = the visitor's, which comes first. */
static int system_lookup(
	const struct web_value *self, const char *name, size_t length, struct web_value *ret)
{
	enum system_kind i;

	if (web_name_is(name, length, "first"))
		return web_value_bool(ret, self->object != NULL);
	for (i = LINUX; i < SYSTEMS; i++)
		if (web_name_is(name, length, system_names[i]))
			return web_value_bool(ret, self->index == (size_t)i);
	return 0;
}

static const struct web_value_ops system_ops = {system_lookup, NULL};

static int systems_item(const struct web_value *self, size_t index, struct web_value *ret)
{
	size_t first = self->index;

	if (index >= SYSTEMS)
		return 0;
	if (index == 0)
		return web_value_object(ret, &system_ops, system_names, first);
	return web_value_object(ret, &system_ops, NULL, index <= first ? index - 1 : index);
}

static const struct web_value_ops systems_ops = {NULL, systems_item};

static void show(struct web_call *call, int status, const char *typed, const char *fault)
{
	const char *title = web_message_text(MSG_TITLE_ADD);
	struct view_fields *page = page_begin(
		call, fault ? web_message(call->arena, MSG_ERROR_TITLE, title, NULL) : title);
	struct view_fields *server = view_fields_new(call->arena);
	struct web_value *systems = view_field(page, "systems");

	if (systems)
		web_value_list(
			systems, &systems_ops, NULL, (size_t)visitor(call->request->user_agent));
	view_field_text(server, "command", call->app->login_url);
	view_field_object(page, "server", server);
	view_field_text(page, "typed", typed);
	view_field_text(page, "name_error", fault);
	page_qr(call, page, call->app->login_url);
	page_end(call, status, "add", page);
}

void page_add(struct web_call *call)
{
	show(call, 200, NULL, NULL);
}

void page_add_link(struct web_call *call)
{
	ouro_registration registration = OURO_REGISTRATION_INIT;
	const char *link = web_form_text(&call->request->form, "link");
	size_t length = strlen(link);

	if (length > LINK_MAX || ouro_registration_parse(link, length, &registration, NULL) < 0) {
		show(call, 422, length > LINK_MAX ? NULL : link,
			web_message_text(strstr(link, "/auth/") ? MSG_KEY_SSH : MSG_KEY_FIELD));
		return;
	}
	if (registration.form == AUTH_REQUEST && !strstr(link, "/register/")) {
		show(call, 422, link, web_message_text(MSG_KEY_BARE));
		return;
	}
	web_response_see(call->response, "",
		web_arena_printf(call->arena, "/register/%s", registration.key));
}
