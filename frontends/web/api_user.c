/* api_user.c: the person's own Headscale users, and how Headscale is. On the request's thread. */
#include "api.h"

#include <string.h>

/* One of the person's users by its number in the map; 0 if Headscale has none of that name, or -1 and the answer is made. */
static int user_id(struct api_call *api, size_t index, uint64_t *ret_id)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status = ouro_person_user_id(api->person, index, ret_id, &error);

	if (status == OURO_OK)
		return 1;
	if (status == OURO_ERR_NOTFOUND)
		return 0;
	api_fail(api, status, &error);
	return -1;
}

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

void api_users(struct api_call *api)
{
	struct wanted wanted;
	struct web_buf *out;
	size_t i, put = 0;

	if (!read_wanted(api, &wanted))
		return;
	out = api_begin(api);
	web_buf_puts(out, "{\"users\":[");
	for (i = 0; i < ouro_person_user_count(api->person); i++) {
		const char *name = ouro_person_user(api->person, i);
		uint64_t id = 0;
		int found = user_id(api, i, &id);

		if (found < 0)
			return;
		if (!found || wanted.nobody ||
			(wanted.name != NULL && strcmp(wanted.name, name) != 0) ||
			(wanted.id != 0 && wanted.id != id))
			continue;
		if (put++ > 0)
			web_buf_puts(out, ",");
		api_put_user(out, NULL, id, name);
	}
	web_buf_puts(out, "]}\n");
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
