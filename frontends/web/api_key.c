/* api_key.c: pre-auth keys. On the request's thread. A whole key is in one answer, that to its making. */
#include "api.h"

#include <string.h>

/* text: what stands for the key: the whole of it, or NULL for its beginning. */
static void put_key(struct web_buf *out, const ouro_key *key, const char *text)
{
	size_t i;

	web_buf_puts(out, "{");
	api_put_user(out, "user", ouro_key_user_id(key), ouro_key_user_name(key));
	api_put_id(out, "id", ouro_key_id(key));
	api_put_member(out, "key", text != NULL ? text : ouro_key_hint(key));
	api_put_flag(out, "reusable", ouro_key_reusable(key));
	api_put_flag(out, "ephemeral", ouro_key_ephemeral(key));
	api_put_flag(out, "used", ouro_key_used(key));
	api_put_time(out, "expiration", ouro_key_expiration(key), API_TIME_ZERO);
	api_put_time(out, "createdAt", ouro_key_created(key), API_TIME_ZERO);
	api_put_name(out, "aclTags");
	web_buf_puts(out, "[");
	for (i = 0; i < ouro_key_tag_count(key); i++) {
		if (i > 0)
			web_buf_puts(out, ",");
		api_put_text(out, ouro_key_tag(key, i));
	}
	web_buf_puts(out, "]}");
}

void api_keys(struct api_call *api)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_key_list *list = NULL;
	ouro_status status = ouro_keys_list(api->person, &list, &error);
	struct web_buf *out;
	size_t i;

	if (status < 0) {
		api_fail(api, status, &error);
		return;
	}
	out = api_begin(api);
	web_buf_puts(out, "{\"preAuthKeys\":[");
	for (i = 0; i < ouro_key_list_count(list); i++) {
		if (i > 0)
			web_buf_puts(out, ",");
		put_key(out, ouro_key_list_at(list, i), NULL);
	}
	web_buf_puts(out, "]}\n");
	ouro_key_list_free(list);
	api_tag(api);
}

/* The name of the user whose id the body has, in the arena; NULL if it has none. 0 and the answer is made if it is not the
 * person's. */
static int wish_user(struct api_call *api, const char **ret_user)
{
	uint64_t wanted = api_id(api, "user");
	ouro_error error = OURO_ERROR_INIT;
	ouro_user_list *users = NULL;
	ouro_status status = OURO_OK;
	size_t i;

	*ret_user = NULL;
	if (wanted == 0)
		return 1;
	status = ouro_users_list(api->person, &users, &error);
	for (i = 0; i < ouro_user_list_count(users) && *ret_user == NULL; i++) {
		const char *name = ouro_user_list_name(users, i);

		if (ouro_user_list_id(users, i) == wanted)
			*ret_user = web_arena_copy(api->web->arena, name, strlen(name));
	}
	ouro_user_list_free(users);
	if (*ret_user != NULL)
		return 1;
	api_fail(api, status < 0 ? status : OURO_ERR_NOTFOUND, &error);
	return 0;
}

void api_key_create(struct api_call *api)
{
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	ouro_key_wish wish = OURO_KEY_WISH_INIT;
	ouro_error error = OURO_ERROR_INIT;
	int64_t expires = api_time(api, "expiration");
	char text[OURO_KEY_TEXT_MAX];
	ouro_key *key = NULL;
	ouro_status status;
	struct web_buf *out;
	size_t tags = 0;

	(void)api_texts(api, "aclTags", &tags);
	if (tags > 0) {
		api_problem_write(api->web->response, 403, "not-a-persons",
			"keys for tagged devices are made by the administrator", NULL, 0);
		return;
	}
	if (!wish_user(api, &wish.user))
		return;
	wish.reusable = api_flag(api, "reusable");
	wish.ephemeral = api_flag(api, "ephemeral");
	wish.expires = expires == OURO_TIME_NEVER ? 0 : expires > 0 ? expires : 1;
	options.address = api->web->request->address;
	status = ouro_key_create(api->person, &wish, &options, text, &key, &error);
	if (status < 0) {
		api_fail(api, status, &error);
		return;
	}
	out = api_begin(api);
	api->web->response->secret = 1;
	web_buf_puts(out, "{\"preAuthKey\":");
	put_key(out, key, text);
	web_buf_puts(out, "}\n");
	ouro_key_free(key);
	explicit_bzero(text, sizeof(text));
}

static void revoke(struct api_call *api, uint64_t id)
{
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status;

	options.address = api->web->request->address;
	status = ouro_key_revoke(api->person, id, &options, &error);
	if (status == OURO_OK)
		api_answer_empty(api);
	else
		api_fail(api, status, &error);
}

void api_key_expire(struct api_call *api)
{
	revoke(api, api_id(api, "id"));
}

/* What Headscale forgets is only ended here: whose it was remains to be seen. */
void api_key_delete(struct api_call *api)
{
	const char *text = web_form_text(&api->web->request->query, "id");
	uint64_t id = 0;

	if (text[0] != '\0' && strcmp(text, "0") != 0 && !web_text_id(text, strlen(text), &id))
		api_refuse(api, 400, "the id of a key is a decimal number");
	else
		revoke(api, id);
}
