/* messages.h: every sentence that C code puts on a page, in one table, ready to be translated (the rest stands in templates).
 * {0} and {1} are filled in. Texts go through the template's escaping like any other. */
#ifndef OURO_WEB_MESSAGES_H
#define OURO_WEB_MESSAGES_H

#include "text.h"

enum web_message {
	WEB_MESSAGE_NONE = 0,
#define WEB_MESSAGE_ENUM(name, text) MSG_##name,
#include "messages_table.h"
#undef WEB_MESSAGE_ENUM
	WEB_MESSAGE_COUNT
};

/* The text as it stands; "" for NONE. Static. */
const char *web_message_text(enum web_message id);
/* The text with {0} and {1} filled in; first and second may be NULL. In the arena. */
const char *web_message(
	struct web_arena *arena, enum web_message id, const char *first, const char *second);
/* The result message behind a code of ours in a URL ("renamed"); NONE for anything else. */
enum web_message web_message_done(const char *code);

#endif
