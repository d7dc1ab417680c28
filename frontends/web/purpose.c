/* purpose.c: what somebody signs in for: an enumeration, so that no address from outside is ever gone to. On the request's thread. */
#include "app.h"

#include <string.h>

/* A key of a device or of a command line that signs in. */
static int is_key(const char *text, size_t maximum)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:-";
	size_t length = strlen(text);

	return length > 0 && length < maximum && strspn(text, allowed) == length;
}

const char *web_purpose_check(struct web_call *call, const char *text)
{
	static const char *const words[] = {"devices", "routes", "add", "keys", "tokens", "cli"};
	uint64_t id;
	size_t i;

	if (text == NULL || strlen(text) >= OURO_PURPOSE_MAX)
		return NULL;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0)
			return words[i];
	if (strncmp(text, "node:", 5) == 0 && web_text_id(text + 5, strlen(text + 5), &id))
		return web_arena_copy(call->arena, text, strlen(text));
	if (strncmp(text, "register:", 9) == 0 && is_key(text + 9, OURO_REGISTRATION_MAX))
		return web_arena_copy(call->arena, text, strlen(text));
	if (strncmp(text, "cli:", 4) == 0 && is_key(text + 4, OURO_LOGIN_ID_MAX))
		return web_arena_copy(call->arena, text, strlen(text));
	return NULL;
}

const char *web_purpose_path(struct web_call *call, const char *purpose)
{
	purpose = web_purpose_check(call, purpose);
	if (purpose == NULL || strcmp(purpose, "devices") == 0)
		return "/";
	if (strncmp(purpose, "node:", 5) == 0)
		return web_arena_printf(call->arena, "/nodes/%s", purpose + 5);
	if (strncmp(purpose, "register:", 9) == 0)
		return web_arena_printf(call->arena, "/register/%s", purpose + 9);
	if (strncmp(purpose, "cli:", 4) == 0)
		return web_arena_printf(call->arena, "/cli/%s", purpose + 4);
	return web_arena_printf(call->arena, "/%s", purpose);
}

const char *web_call_purpose(struct web_call *call)
{
	const char *pattern = call->route != NULL && call->route->purpose != NULL
		? call->route->purpose
		: "devices";
	size_t prefix = strcspn(pattern, "{");
	const char *purpose = pattern;

	if (pattern[prefix] != '\0' && call->param_count > 0 &&
		call->params[0].length < OURO_PURPOSE_MAX)
		purpose = web_arena_printf(call->arena, "%.*s%.*s", (int)prefix, pattern,
			(int)call->params[0].length, call->params[0].text);
	purpose = web_purpose_check(call, purpose);
	return purpose != NULL ? purpose : "devices";
}
