/* api_token.c: the token at hand, in the place of Headscale's list of API keys: when it ends. On the request's thread. */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>

/* Headscale's ids are numbers, ours are written in hexadecimal digits. */
static void put_token(struct web_buf *out, const ouro_token *token)
{
	char shown[OURO_TOKEN_TEXT_MAX];

	(void)snprintf(shown, sizeof(shown), "ouro_pat_%s_***", token->id);
	web_buf_puts(out, "{");
	api_put_id(out, "id", strtoull(token->id, NULL, 16));
	api_put_member(out, "prefix", shown);
	api_put_time(out, "expiration", token->expires, NULL);
	api_put_time(out, "createdAt", token->created, NULL);
	api_put_time(out, "lastSeen", token->used, NULL);
	web_buf_puts(out, "}");
}

void api_own_token(struct api_call *api)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_token_list *list = NULL;
	ouro_status status = ouro_tokens_list(api->person, &list, &error);
	struct web_buf *out;
	size_t i;

	if (status < 0) {
		api_fail(api, status, &error);
		return;
	}
	out = api_begin(api);
	web_buf_puts(out, "{\"apiKeys\":[");
	for (i = 0; i < ouro_token_list_count(list); i++) {
		if (i > 0)
			web_buf_puts(out, ",");
		put_token(out, ouro_token_list_at(list, i));
	}
	web_buf_puts(out, "]}\n");
	ouro_token_list_free(list);
}
