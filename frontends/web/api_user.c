/* api_user.c: the person's own Headscale users, and how Headscale is. On the request's thread. */
#include "api.h"

#include <string.h>

/* What is asked for: the first of name, email and id that is there, as Headscale does. */
struct wanted {
	const char *name; /* NULL = any */
	int nobody;       /* 1: nobody fits; e-mail addresses are not told here */
	uint64_t id;      /* 0 = any */
};

/* A query field, NULL if it is missing or empty. */
static const char *asked(const struct api_call *api, const char *name)
{
	const char *text = web_form_get(&api->web->request->query, name);

	return text != NULL && text[0] != '\0' ? text : NULL;
}

static int read_wanted(struct api_call *api, struct wanted *ret)
{
	const char *id = asked(api, "id");

	*ret = (struct wanted){asked(api, "name"), 0, 0};
	if (ret->name != NULL)
		return 1;
	if (asked(api, "email") != NULL) {
		ret->nobody = 1;
		return 1;
	}
	if (id == NULL || web_text_id(id, strlen(id), &ret->id))
		return 1;
	api_refuse(api, 400, "the id of a user is a decimal number");
	return 0;
}

static int fits(const struct wanted *wanted, const char *name, uint64_t id)
{
	if (wanted->nobody || (wanted->name != NULL && strcmp(wanted->name, name) != 0))
		return 0;
	return wanted->id == 0 || wanted->id == id;
}

void api_users(struct api_call *api)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_user_list *users = NULL;
	struct wanted wanted;
	struct web_buf *out;
	ouro_status status;
	size_t i, put = 0;

	if (!read_wanted(api, &wanted))
		return;
	status = ouro_users_list(api->person, &users, &error);
	if (status < 0) {
		api_fail(api, status, &error);
		return;
	}
	out = api_begin(api);
	web_buf_puts(out, "{\"users\":[");
	for (i = 0; i < ouro_user_list_count(users); i++) {
		const char *name = ouro_user_list_name(users, i);
		uint64_t id = ouro_user_list_id(users, i);

		if (!fits(&wanted, name, id))
			continue;
		if (put++ > 0)
			web_buf_puts(out, ",");
		api_put_user(out, NULL, id, name);
	}
	web_buf_puts(out, "]}\n");
	ouro_user_list_free(users);
	api_tag(api);
}

void api_health(struct api_call *api)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status = web_ready_status(api->web->app, &error);

	if (status == OURO_OK)
		web_buf_puts(api_begin(api), "{\"databaseConnectivity\":true}\n");
	else
		api_fail(api, status, &error);
}
