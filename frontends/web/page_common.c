/* page_common.c: what pages share: their frame, notes, paging, conditional answers. One request, one thread. */
#include "pages.h"

#include "qr.h"
#include "view_time.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QR_MAX 32768u

static void tailnet_status(const struct web_call *call, ouro_tailnet_status *ret)
{
	const ouro_tailnet_status empty = OURO_TAILNET_STATUS_INIT;

	*ret = empty;
	if (ouro_tailnet_status_get(call->app->tailnet, ret, NULL) < 0)
		*ret = empty;
}

uint32_t page_capabilities(const struct web_call *call)
{
	ouro_tailnet_status status;

	tailnet_status(call, &status);
	return status.capabilities;
}

int page_look_only(const struct web_call *call)
{
	return (page_capabilities(call) & OURO_CAN_ONLY_READ) != 0;
}

const char *page_name_rule(const struct web_call *call)
{
	uint32_t capabilities = page_capabilities(call);

	if (capabilities & OURO_CAN_DNS_LABEL_NAMES)
		return web_message_text(MSG_NAME_RULE_LABEL);
	return web_message_text(
		capabilities & OURO_CAN_SHORT_NAMES ? MSG_NAME_RULE_SHORT : MSG_NAME_RULE_PLAIN);
}

struct view_fields *page_begin(struct web_call *call, const char *title)
{
	struct view_fields *page = view_fields_new(call->arena);

	view_field_text(page, "title", title);
	view_field_text(page, "lang", web_message_text(MSG_LANG));
	view_field_text(
		page, "look_only", page_look_only(call) ? web_message_text(MSG_LOOK_ONLY) : NULL);
	return page;
}

/* Done, but not for good. */
static int is_reserved(enum web_message done)
{
	return done == MSG_DONE_WITHDRAWN_LAST || done == MSG_DONE_EXIT_OFF_LAST ||
		done == MSG_DONE_EXTENDED_ONCE;
}

void page_end(
	struct web_call *call, int status, const char *template_name, struct view_fields *page)
{
	struct web_value value = {0};
	enum web_message done = web_message_done(web_form_get(&call->request->query, "done"));

	if (status == 200 && call->person && done != WEB_MESSAGE_NONE)
		page_note(call, page, is_reserved(done) ? "warn" : "good", web_message_text(done));
	view_fields_value(page, &value);
	web_render(call, status, template_name, &value);
}

void page_note(struct web_call *call, struct view_fields *page, const char *kind, const char *text)
{
	struct view_fields *note = view_fields_new(call->arena);

	view_field_text(note, "kind", kind);
	view_field_text(note, "role", strcmp(kind, "good") ? "alert" : "status");
	view_field_text(note, "text", text);
	view_field_object(page, "note", note);
}

void page_text(struct web_call *call, int status, const struct page_text *text)
{
	struct view_fields *page = page_begin(call, text->title ? text->title : text->heading);
	struct web_value *lines = view_field(page, "lines");

	if (lines)
		view_texts_value(lines, &text->lines);
	view_field_text(page, "heading", text->heading);
	view_field_text(page, "command", text->command);
	view_field_text(page, "link_url", text->link);
	view_field_text(page, "link_text", text->link_text);
	page_end(call, status, "message", page);
}

void page_off(struct web_call *call, enum web_message title, enum web_message why)
{
	struct page_text text = {0};

	text.heading = web_message_text(title);
	text.lines.count = 1;
	text.lines.texts[0] = web_message_text(why);
	text.link = page_path(call, "/");
	text.link_text = web_message_text(MSG_TO_DEVICES);
	page_text(call, call->request->method == WEB_POST ? 403 : 200, &text);
}

void page_view(struct web_call *call, struct view_nodes *view, const char *back)
{
	view->call = call;
	view->list = NULL;
	view->back = back;
	view->capabilities = page_capabilities(call);
}

void page_stale(struct web_call *call, struct view_fields *page, int64_t as_of)
{
	char duration[48];
	char clock[32];

	view_duration(call->now - as_of, duration, sizeof(duration));
	view_clock(as_of, clock, sizeof(clock));
	view_field_text(page, "stale",
		web_message(call->arena, MSG_STALE,
			web_arena_copy(call->arena, duration, strlen(duration)),
			web_arena_copy(call->arena, clock, strlen(clock))));
}

void page_as_of(struct web_call *call, struct view_fields *page, const ouro_node_list *list)
{
	ouro_tailnet_status status;
	int64_t age = call->now - ouro_node_list_as_of(list);
	const char *seconds = web_arena_printf(call->arena, "%lld", (long long)(age < 0 ? 0 : age));

	tailnet_status(call, &status);
	view_field_text(page, "asof",
		*status.version ? web_message(call->arena, MSG_AS_OF_VERSION, seconds,
					  web_arena_copy(call->arena, status.version,
						  strlen(status.version)))
				: web_message(call->arena, MSG_AS_OF, seconds, NULL));
}

void page_qr(struct web_call *call, struct view_fields *page, const char *text)
{
	struct view_fields *qr = view_fields_new(call->arena);
	struct web_buf path;
	int size;

	web_buf_init(&path, QR_MAX);
	if (web_qr_path(text, &path, &size)) {
		view_field_text(qr, "path", web_arena_copy(call->arena, path.data, path.length));
		view_field_text(qr, "size", web_arena_printf(call->arena, "%d", size));
		view_field_object(page, "qr", qr);
	}
	web_buf_done(&path);
}

const char *page_path(struct web_call *call, const char *path)
{
	return web_arena_printf(call->arena, "%s%s", call->app->base_path, path);
}

const char *page_typed(struct web_call *call, const struct web_form *form, const char *field)
{
	const char *text = web_form_text(form, field);
	size_t length;

	while (*text == ' ')
		text++;
	length = strlen(text);
	while (length > 0 && text[length - 1] == ' ')
		length--;
	return web_arena_copy(call->arena, text, length > 255 ? 255 : length);
}

size_t page_number(const struct web_call *call, const char *name, size_t fallback)
{
	const char *text = web_form_text(&call->request->query, name);
	uint64_t number;

	if (!web_text_id(text, strlen(text), &number) || number > 100000)
		return fallback;
	return (size_t)number;
}

/* --- conditional answers --------------------------------------------------------------------------------------------- */

#define FNV_START UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t length)
{
	const unsigned char *bytes = data;
	size_t i;

	for (i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * FNV_PRIME;
	return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text ? text : "", text ? strlen(text) + 1 : 1);
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
	return hash_bytes(hash, &number, sizeof(number));
}

/* Differs between processes: generations start anew with each, and so may templates and static files. */
static uint64_t process_salt(void)
{
	static _Atomic uint64_t salt;
	uint64_t now = atomic_load(&salt);

	if (!now) {
		struct timespec ts = {0};
		uint64_t none = 0;

		(void)clock_gettime(CLOCK_REALTIME, &ts);
		now = hash_number(
			      hash_number(FNV_START, (uint64_t)ts.tv_sec), (uint64_t)ts.tv_nsec) |
			1u;
		if (!atomic_compare_exchange_strong(&salt, &none, now))
			now = none;
	}
	return now;
}

int page_unchanged(struct web_call *call, const ouro_node_list *list)
{
	const struct web_form *query = &call->request->query;
	uint64_t hash = hash_number(FNV_START, process_salt());
	ouro_tailnet_status status;
	size_t i;
	int action;

	tailnet_status(call, &status);
	hash = hash_text(hash_number(hash, status.capabilities), status.version);
	hash = hash_number(hash, ouro_node_list_generation(list));
	hash = hash_number(hash, (uint64_t)ouro_node_list_stale(list));
	hash = hash_number(
		hash, ouro_node_list_mine_total(list)); /* keepers come and go with the rules */
	hash = hash_number(hash, (uint64_t)call->now / 60);
	hash = hash_text(hash, call->form_token);
	for (action = OURO_ACTION_SEE_OTHERS; action <= OURO_ACTION_TOKENS; action++)
		hash = hash_number(hash, (uint64_t)ouro_person_may(call->person, action));
	for (i = 0; i < ouro_person_user_count(call->person); i++)
		hash = hash_text(hash, ouro_person_user(call->person, i));
	hash = hash_text(hash, call->request->path);
	for (i = 0; i < query->count; i++)
		hash = hash_text(hash_text(hash, query->fields[i].name), query->fields[i].value);
	return web_response_etag(call->response, call->request->if_none_match, hash);
}

void page_tag_body(struct web_call *call)
{
	const struct web_buf *body = &call->response->body;

	if (call->response->status != 200 || !body->data)
		return;
	(void)web_response_etag(call->response, call->request->if_none_match,
		hash_bytes(hash_number(FNV_START, process_salt()), body->data, body->length));
}

void page_pager(struct web_call *call, struct view_fields *section, enum web_message name,
	const char *prefix, const char *suffix, size_t page, size_t total)
{
	size_t last = (total + PAGE_ROWS - 1) / PAGE_ROWS;
	struct view_fields *pager;

	if (last < 2)
		return;
	pager = view_fields_new(call->arena);
	view_field_text(pager, "name", web_message_text(name));
	view_field_text(pager, "where",
		web_message(call->arena, MSG_PAGE_OF, web_arena_printf(call->arena, "%zu", page),
			web_arena_printf(call->arena, "%zu", last)));
	view_field_text(pager, "previous",
		page > 1 ? web_arena_printf(call->arena, "%s%zu%s", prefix, page - 1, suffix)
			 : NULL);
	view_field_text(pager, "next",
		page < last ? web_arena_printf(call->arena, "%s%zu%s", prefix, page + 1, suffix)
			    : NULL);
	view_field_object(section, "pages", pager);
}
