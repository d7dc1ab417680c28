/* messages.c: looks texts up and fills them in. Static data only; any thread. */
#include "messages.h"

#include <string.h>

static const char *const texts[WEB_MESSAGE_COUNT] = {
	"",
#define WEB_MESSAGE_ENUM(name, text) text,
#include "messages_table.h"
#undef WEB_MESSAGE_ENUM
};

#define FILLED_MAX 2048u

static const struct {
	const char *code;
	enum web_message id;
} done_codes[] = {
	{"renamed", MSG_DONE_RENAMED},
	{"logged-out", MSG_DONE_LOGGED_OUT},
	{"exit-on", MSG_DONE_EXIT_ON},
	{"exit-off", MSG_DONE_EXIT_OFF},
	{"approved", MSG_DONE_APPROVED},
	{"withdrawn", MSG_DONE_WITHDRAWN},
	{"withdrawn-last", MSG_DONE_WITHDRAWN_LAST},
	{"exit-off-last", MSG_DONE_EXIT_OFF_LAST},
	{"forgotten", MSG_DONE_FORGOTTEN},
	{"removed", MSG_DONE_REMOVED},
	{"registered", MSG_DONE_REGISTERED},
	{"added", MSG_DONE_ADDED},
	{"extended", MSG_DONE_EXTENDED},
	{"extended-once", MSG_DONE_EXTENDED_ONCE},
	{"key-revoked", MSG_DONE_KEY_REVOKED},
	{"token-revoked", MSG_DONE_TOKEN_REVOKED},
};

const char *web_message_text(enum web_message id)
{
	return (unsigned)id < (unsigned)WEB_MESSAGE_COUNT ? texts[id] : "";
}

const char *web_message(
	struct web_arena *arena, enum web_message id, const char *first, const char *second)
{
	const char *text = web_message_text(id);
	struct web_buf buf;
	const char *filled;

	web_buf_init(&buf, FILLED_MAX);
	while (*text) {
		const char *brace = strchr(text, '{');
		const char *put;

		if (!brace) {
			web_buf_puts(&buf, text);
			break;
		}
		web_buf_add(&buf, text, (size_t)(brace - text));
		put = !strncmp(brace, "{0}", 3) ? first : !strncmp(brace, "{1}", 3) ? second : NULL;
		if (put)
			web_buf_puts(&buf, put);
		else
			web_buf_add(&buf, brace, 1);
		text = brace + (put ? 3 : 1);
	}
	/* Too long to be filled in: the bare text is better than none. */
	filled = buf.failed || !buf.data ? web_message_text(id)
					 : web_arena_copy(arena, buf.data, buf.length);
	web_buf_done(&buf);
	return filled;
}

enum web_message web_message_done(const char *code)
{
	size_t i;

	if (!code)
		return WEB_MESSAGE_NONE;
	for (i = 0; i < sizeof(done_codes) / sizeof(done_codes[0]); i++)
		if (!strcmp(done_codes[i].code, code))
			return done_codes[i].id;
	return WEB_MESSAGE_NONE;
}
