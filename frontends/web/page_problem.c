/* page_problem.c: pages for when things are wrong, and for people who are not signed in. One request, one thread. */
#include "pages.h"

#include "view_time.h"

#include <string.h>

struct words {
	const char *token; /* NULL = by status */
	int status;
	enum web_message title;
	enum web_message line;
	enum web_message next; /* NONE = nothing more */
};

/* The first row that fits is taken. */
static const struct words problems[] = {
	{"form-token", 0, MSG_PFORM_TITLE, MSG_PFORM, WEB_MESSAGE_NONE},
	{"unauthenticated", 0, MSG_PKEY_TITLE, MSG_PKEY, WEB_MESSAGE_NONE},
	{"unsupported", 0, MSG_PVERSION_TITLE, MSG_PVERSION, MSG_PADMIN},
	{"unreachable", 0, MSG_PDOWN_TITLE, MSG_PDOWN, MSG_PDOWN_NEXT},
	{"timeout", 0, MSG_PDOWN_TITLE, MSG_PDOWN, MSG_PDOWN_NEXT},
	{"protocol", 0, MSG_PDOWN_TITLE, MSG_PSTRANGER, MSG_PADMIN},
	{"uncertain", 0, MSG_UNCERTAIN_TITLE, MSG_REGISTER_UNCERTAIN, WEB_MESSAGE_NONE},
	{"store", 0, MSG_PSTORE_TITLE, MSG_PSTORE, MSG_PDOWN_NEXT},
	{"changed", 0, MSG_PCHANGED_TITLE, MSG_PCHANGED, WEB_MESSAGE_NONE},
	{NULL, 404, MSG_P404_TITLE, MSG_P404, WEB_MESSAGE_NONE},
	{NULL, 403, MSG_P403_TITLE, MSG_P403, WEB_MESSAGE_NONE},
	{NULL, 405, MSG_P405_TITLE, MSG_P405, WEB_MESSAGE_NONE},
	{NULL, 429, MSG_P429_TITLE, MSG_P429, WEB_MESSAGE_NONE},
	{NULL, 503, MSG_P503_TITLE, MSG_P503, WEB_MESSAGE_NONE},
};

static const struct words bad_request = {NULL, 400, MSG_P400_TITLE, MSG_P400, WEB_MESSAGE_NONE};
static const struct words failure = {NULL, 500, MSG_P500_TITLE, MSG_P500, WEB_MESSAGE_NONE};

static const struct words *words_for(const struct web_problem *problem)
{
	size_t i;

	for (i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
		const struct words *row = &problems[i];

		if (row->token ? problem->token && !strcmp(problem->token, row->token)
			       : row->status == problem->status)
			return row;
	}
	return problem->status >= 500 ? &failure : &bad_request;
}

/* The way to Headscale, and what is there. */
static int is_about_server(const struct words *words)
{
	return words->title == MSG_PKEY_TITLE || words->title == MSG_PDOWN_TITLE ||
		words->title == MSG_PVERSION_TITLE;
}

static void show(struct web_call *call, const struct web_problem *problem)
{
	const struct words *words = words_for(problem);
	struct page_text text = {0};
	char wait[48];

	view_duration(problem->retry_after > 0 ? problem->retry_after : 60, wait, sizeof(wait));
	text.heading = web_message_text(words->title);
	text.lines.texts[text.lines.count++] = web_message(
		call->arena, words->line, web_arena_copy(call->arena, wait, strlen(wait)), NULL);
	if (words->next != WEB_MESSAGE_NONE)
		text.lines.texts[text.lines.count++] = web_message_text(words->next);
	/* What exactly was wrong helps where the person can do something about it; of the server's inside they are told nothing. */
	if (problem->text && *problem->text && problem->status != 404 && !is_about_server(words))
		text.lines.texts[text.lines.count++] = problem->text;
	text.link = page_path(call, "/");
	text.link_text = web_message_text(
		problem->status == 503 || problem->status == 504 ? MSG_TRY_AGAIN : MSG_TO_DEVICES);
	page_text(call, problem->status, &text);
}

void web_problem(struct web_call *call, const struct web_problem *problem)
{
	web_response_reset(call->response);
	if (problem->retry_after > 0)
		(void)web_response_header(call->response, "Retry-After",
			web_arena_printf(call->arena, "%d", problem->retry_after));
	show(call, problem);
	if (call->response->status == 200 || call->response->body.length == 0)
		web_response_text(call->response, problem->status,
			problem->text != NULL ? problem->text : web_status_phrase(problem->status));
}

void web_problem_status(struct web_call *call, ouro_status status, const ouro_error *error)
{
	const struct web_problem problem = {
		web_http_status(status),
		ouro_status_name(status),
		error != NULL && error->text[0] != '\0' ? error->text : ouro_status_text(status),
		status == OURO_ERR_UNREACHABLE || status == OURO_ERR_TIMEOUT ? 5 : 0,
	};

	web_problem(call, &problem);
}

static const struct reason {
	const char *reason;
	enum web_message title;
	enum web_message line;
} reasons[] = {
	{"over", MSG_SIGNIN_OVER_TITLE, MSG_SIGNIN_OVER},
	{"out", MSG_SIGNIN_OUT_TITLE, MSG_SIGNIN_OUT},
	{"refused", MSG_SIGNIN_REFUSED_TITLE, MSG_SIGNIN_REFUSED},
	{"state", MSG_SIGNIN_STATE_TITLE, MSG_SIGNIN_STATE},
	{"expired", MSG_SIGNIN_LATE_TITLE, MSG_SIGNIN_LATE},
	{"provider", MSG_SIGNIN_PROVIDER_TITLE, MSG_SIGNIN_PROVIDER},
};

static struct reason reason_for(const char *reason, const char *purpose)
{
	const struct reason plain = {NULL, MSG_TITLE_SIGNIN, MSG_SIGNIN};
	const struct reason program = {NULL, MSG_SIGNIN_CLI_TITLE, MSG_SIGNIN_CLI};
	const struct reason device = {NULL, MSG_SIGNIN_REGISTER_TITLE, MSG_SIGNIN_REGISTER};
	size_t i;

	for (i = 0; reason && i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (!strcmp(reasons[i].reason, reason))
			return reasons[i];
	if (purpose && !strncmp(purpose, "cli", 3))
		return program;
	return purpose && !strncmp(purpose, "register:", 9) ? device : plain;
}

void web_page_signin(struct web_call *call, int status, const char *purpose, const char *reason)
{
	const struct reason words = reason_for(reason, purpose);
	struct view_fields *page = page_begin(call, web_message_text(words.title));
	struct view_texts *lines = web_arena_alloc(call->arena, sizeof(*lines));
	struct web_value *value = view_field(page, "lines");

	if (lines && value) {
		lines->count = 1;
		lines->texts[0] = web_message_text(words.line);
		view_texts_value(value, lines);
	}
	view_field_text(page, "heading", web_message_text(words.title));
	view_field_text(page, "then", purpose ? purpose : "devices");
	page_end(call, status, "signin", page);
}

void web_page_unmapped(struct web_call *call)
{
	struct view_fields *page = page_begin(call, web_message_text(MSG_TITLE_UNMAPPED));
	const ouro_identity *identity = &call->session->identity;
	const char *number =
		web_arena_printf(call->arena, "%llu", (unsigned long long)identity->id);

	view_field_text(
		page, "unmapped", web_message(call->arena, MSG_UNMAPPED, identity->login, number));
	page_end(call, 403, "unmapped", page);
}
