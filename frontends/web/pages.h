/* pages.h: what the page files share. A handler reads input, makes one library call and renders. */
#ifndef OURO_WEB_PAGES_H
#define OURO_WEB_PAGES_H

#include "app.h"
#include "messages.h"
#include "view_fields.h"
#include "view_node.h"

#define PAGE_ROWS 100u

/* Handlers of the route table. */
void page_devices(struct web_call *call);
void page_node(struct web_call *call);
void page_node_name(struct web_call *call);
void page_node_rename(struct web_call *call);
void page_node_expire(struct web_call *call);
void page_node_exit(struct web_call *call);
void page_node_route_approve(struct web_call *call);
void page_node_route_withdraw(struct web_call *call);
void page_node_route_forget(struct web_call *call);
void page_node_logout_ask(struct web_call *call);
void page_node_remove_ask(struct web_call *call);
void page_node_remove(struct web_call *call);
void page_routes(struct web_call *call);
void page_add(struct web_call *call);
void page_add_link(struct web_call *call);
void page_register(struct web_call *call);
void page_register_do(struct web_call *call);
void page_register_wait(struct web_call *call);
void page_register_not_mine(struct web_call *call);
void page_node_extend(struct web_call *call);
void page_keys(struct web_call *call);
void page_keys_make(struct web_call *call);
void page_key_revoke_ask(struct web_call *call);
void page_key_revoke(struct web_call *call);
void page_tokens(struct web_call *call);
void page_tokens_make(struct web_call *call);
void page_token_revoke_ask(struct web_call *call);
void page_token_revoke(struct web_call *call);
void page_cli(struct web_call *call);
void page_cli_code(struct web_call *call);
void page_cli_typed(struct web_call *call);
void page_cli_answer(struct web_call *call);

/* Fields of a page: its title, the language, and "look_only" if nothing can be changed. */
struct view_fields *page_begin(struct web_call *call, const char *title);
/* Renders them, with the result message if the URL carries the code of one. */
void page_end(
	struct web_call *call, int status, const char *template_name, struct view_fields *page);
/* A line above the page; kind is "good", "warn" or "bad". */
void page_note(struct web_call *call, struct view_fields *page, const char *kind, const char *text);
/* A page of a few lines. */
struct page_text {
	const char *title; /* NULL = heading */
	const char *heading;
	struct view_texts lines;
	const char *command; /* NULL = none */
	const char *link;    /* full path; NULL = none */
	const char *link_text;
};
void page_text(struct web_call *call, int status, const struct page_text *text);
/* A page that this person does not have, and why: an answer to who looks, a refusal (403) to who sends a form. */
void page_off(struct web_call *call, enum web_message title, enum web_message why);
/* What the server can do (OURO_CAN_*), by what is known without asking. */
uint32_t page_capabilities(const struct web_call *call);
/* 1 if it is only read: newer than known. */
int page_look_only(const struct web_call *call);
/* What a device may be called there, in a sentence. Static. */
const char *page_name_rule(const struct web_call *call);
/* Fills view for this call. */
void page_view(struct web_call *call, struct view_nodes *view, const char *back);
/* Sets "stale": what is shown is from as_of, and Headscale has not answered since. */
void page_stale(struct web_call *call, struct view_fields *page, int64_t as_of);
/* Sets "asof". */
void page_as_of(struct web_call *call, struct view_fields *page, const ouro_node_list *list);
/* A path below the base path, in the arena. */
const char *page_path(struct web_call *call, const char *path);
/* A field's text without the blanks that telephones add; cut at 255 bytes. In the arena. */
const char *page_typed(struct web_call *call, const struct web_form *form, const char *field);
/* Decimal number of a query field from 1 to 100000, else fallback. */
size_t page_number(const struct web_call *call, const char *name, size_t fallback);
/* 1 if the request's If-None-Match already has this: generation, server, person, query and minute. The answer is then a 304. */
int page_unchanged(struct web_call *call, const ouro_node_list *list);
/* Tag of the finished answer by its bytes. */
void page_tag_body(struct web_call *call);
/* Previous and next of a list; nothing if it fits on one page. query is what precedes the page number ("?q=x&page="). */
void page_pager(struct web_call *call, struct view_fields *section, enum web_message name,
	const char *prefix, const char *suffix, size_t page, size_t total);

/* How the node's page is shown after something was refused. */
struct page_node_state {
	int status;
	const char *kind; /* of the note; NULL = none */
	const char *note;
	const char *typed;      /* text of the name field; NULL = the present name */
	const char *name_error; /* NULL = none */
};
void page_node_show(struct web_call *call, uint64_t id, const struct page_node_state *state);
/* The answer to a failed write on a node. label: its name as it was before; NULL = looked up now. verb: what was being done, for
 * an unknown outcome; NONE = removed. */
void page_node_failed(struct web_call *call, uint64_t id, const char *label, ouro_status status,
	const ouro_error *error, enum web_message verb);
/* The same for what is no node's: words for a failure that is not about the object itself. */
const char *page_refusal(struct web_call *call, ouro_status status, const ouro_error *error);
/* The answer to a failure around tokens: off, or the store's. */
void page_tokens_failed(struct web_call *call, ouro_status status, const ouro_error *error);
/* Takes the person's turn to have a secret made; 0 if one is being made at this moment. */
int page_once_begin(struct web_call *call);
void page_once_end(struct web_call *call);
/* Sets "qr": {path, size}, if the text fits into one. */
void page_qr(struct web_call *call, struct view_fields *page, const char *text);
/* Sets "stay": {lifetimes, forgets} where the end of the node's key can be changed. */
void page_extend_put(struct web_call *call, struct view_fields *page, const ouro_node *node);
/* 303 to the node's page, or to the page that the field "back" names, with a result code. */
void page_done(struct web_call *call, uint64_t id, const char *code);

#endif
