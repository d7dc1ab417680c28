/* view_key.h: pre-auth keys and personal tokens as templates see them, pulled from the models while rendering. */
#ifndef OURO_WEB_VIEW_KEY_H
#define OURO_WEB_VIEW_KEY_H

#include "app.h"

/* Some servers keep what is over for ever. */
#define VIEW_KEYS_OVER_MAX 30u

/* What is needed to show keys; outlives the rendering. */
struct view_keys {
	struct web_call *call;
	const ouro_key_list *list;
	int over; /* 0: those that a device can join with; 1: the others, the newest VIEW_KEYS_OVER_MAX of them */
};

/* A key as an object: id, url, hint, alive, used (up), word (its state), reusable, ephemeral, user, created, ends. */
int view_key_value(struct web_value *ret, const struct view_keys *view, const ouro_key *key);
/* The list, newest first. */
int view_keys_value(struct web_value *ret, const struct view_keys *view);
/* How many there are of the kind that the list shows. */
size_t view_keys_count(const struct view_keys *view);

/* What is needed to show tokens. */
struct view_tokens {
	struct web_call *call;
	const ouro_token_list *list;
};

/* A token as an object: id, url, name, scopes (in words), created, ends, used. */
int view_token_value(
	struct web_value *ret, const struct view_tokens *view, const ouro_token *token);
int view_tokens_value(struct web_value *ret, const struct view_tokens *view);
/* OURO_TOKEN_* bits in words, "look, change devices". In the arena. */
const char *view_scopes(struct web_arena *arena, uint32_t scopes);

#endif
