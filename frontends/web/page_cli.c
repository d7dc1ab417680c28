/* page_cli.c: a command line asks to be let in as the person: what it wants, and yes or no. One request, one thread.
 *
 * Looking grants nothing. What the program says of itself is a claim. Approved, the browser takes a grant to 127.0.0.1, so that only
 * a program on the machine of this browser can fetch the token; without a port the person has typed a code that the program showed. */
#include "pages.h"

#include "view_key.h"
#include "view_lifetime.h"
#include "view_time.h"

#include <string.h>

#define CODE_MAX 64u

static void say(struct web_call *call, int status, enum web_message title, const char *line,
	enum web_message more)
{
	struct page_text text = {0};

	text.heading = web_message_text(title);
	text.lines.texts[text.lines.count++] = line;
	if (more != WEB_MESSAGE_NONE)
		text.lines.texts[text.lines.count++] = web_message_text(more);
	text.link = page_path(call, title == MSG_CLI_NOT_TITLE ? "/tokens" : "/");
	text.link_text =
		web_message_text(title == MSG_CLI_NOT_TITLE ? MSG_TO_TOKENS : MSG_TO_DEVICES);
	page_text(call, status, &text);
}

static void failed(struct web_call *call, ouro_status status, const ouro_error *error)
{
	if (status == OURO_ERR_NOTFOUND || status == OURO_ERR_INVALID)
		say(call, 404, MSG_CLI_GONE_TITLE, web_message_text(MSG_CLI_GONE),
			MSG_CLI_GONE_NEXT);
	else if (status == OURO_ERR_LIMIT)
		say(call, 409, MSG_CLI_NOT_TITLE, web_message_text(MSG_TOKENS_FULL),
			WEB_MESSAGE_NONE);
	else if (status == OURO_ERR_DENIED)
		say(call, 403, MSG_CLI_NOT_TITLE, page_refusal(call, status, error),
			WEB_MESSAGE_NONE);
	else
		page_tokens_failed(call, status, error);
}

/* Where a browser takes the grant: the one place besides GitHub that people are sent to. */
static const char *program_at(struct web_call *call, const ouro_login *login)
{
	return web_arena_printf(call->arena, "http://127.0.0.1:%d", (int)login->port);
}

static void show_login(struct web_call *call, const ouro_login *login)
{
	struct view_fields *page = page_begin(call, web_message_text(MSG_TITLE_CLI));
	struct web_value *asked = view_field(page, "asked");

	view_field_text(page, "id", login->id);
	view_field_text(page, "machine", login->machine);
	view_field_text(page, "from", login->address);
	view_field_bool(page, "from_here",
		*login->address && !strcmp(login->address, call->request->address));
	view_field_bool(page, "by_code", login->port == 0);
	if (asked)
		view_time(asked, login->asked, &call->now);
	view_field_bool(page, "may_nodes", (login->scopes & OURO_TOKEN_NODES) != 0);
	view_field_bool(page, "may_routes", (login->scopes & OURO_TOKEN_ROUTES) != 0);
	view_field_bool(page, "may_keys", (login->scopes & OURO_TOKEN_KEYS) != 0);
	view_field_text(page, "life", view_lifetime_words(call->arena, login->lifetime));
	if (login->port != 0)
		web_form_target(call, program_at(call, login));
	page_end(call, 200, "cli", page);
}

void page_cli(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_login login = OURO_LOGIN_INIT;
	ouro_status rc = ouro_login_find(
		call->person, call->params[0].text, call->params[0].length, &login, &error);

	if (rc >= 0)
		show_login(call, &login);
	else
		failed(call, rc, &error);
}

static void ask_code(struct web_call *call, int status, const char *typed, const char *fault)
{
	const char *title = web_message_text(MSG_TITLE_CLI_CODE);
	struct view_fields *page = page_begin(
		call, fault ? web_message(call->arena, MSG_ERROR_TITLE, title, NULL) : title);

	view_field_text(page, "typed", typed);
	view_field_text(page, "name_error", fault);
	page_end(call, status, "cli_code", page);
}

void page_cli_code(struct web_call *call)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_token_list *list = NULL;
	ouro_status rc = OURO_OK;

	/* Nobody shall type a code where nothing can come of it. */
	if (ouro_person_tokens_until(call->person) == 0)
		rc = ouro_tokens_list(call->person, &list, &error);
	if (rc < 0)
		page_tokens_failed(call, rc, &error);
	else
		ask_code(call, 200, NULL, NULL);
	ouro_token_list_free(list);
}

void page_cli_typed(struct web_call *call)
{
	const char *code = page_typed(call, &call->request->form, "code");
	ouro_error error = OURO_ERROR_INIT;
	ouro_login login = OURO_LOGIN_INIT;
	size_t length = strlen(code);
	ouro_status rc = OURO_ERR_NOTFOUND;

	if (length > 0 && length <= CODE_MAX)
		rc = ouro_login_find(call->person, code, length, &login, &error);
	if (rc >= 0)
		show_login(call, &login);
	else if (rc == OURO_ERR_NOTFOUND || rc == OURO_ERR_INVALID)
		ask_code(call, 422, code, web_message_text(MSG_CLI_CODE_WRONG));
	else
		page_tokens_failed(call, rc, &error);
}

/* To the program that listens on this machine. */
static void take_back(struct web_call *call, const ouro_login *login, const char *grant)
{
	struct web_buf url;

	web_buf_init(&url, 1024);
	web_buf_printf(&url, "%s/?id=", program_at(call, login));
	web_buf_url(&url, login->id, strlen(login->id));
	web_buf_puts(&url, "&grant=");
	web_buf_url(&url, grant, strlen(grant));
	call->response->status = 303;
	if (url.failed || !web_response_header(call->response, "Location", url.data))
		web_problem_status(call, OURO_ERR_INTERNAL, NULL);
	web_buf_done(&url);
}

void page_cli_answer(struct web_call *call)
{
	const char *answer = web_form_text(&call->request->form, "answer");
	const char *id = web_arena_copy(call->arena, call->params[0].text, call->params[0].length);
	ouro_error error = OURO_ERROR_INIT;
	ouro_login login = OURO_LOGIN_INIT;
	char grant[OURO_LOGIN_GRANT_MAX] = "";
	int approve = !strcmp(answer, "approve");
	ouro_status rc;

	if (!approve && strcmp(answer, "refuse") != 0) {
		const struct web_problem problem = {400, "invalid", NULL, 0};

		web_problem(call, &problem);
		return;
	}
	/* Its port; of one whose code was typed there is none, and it is not found by its id. */
	rc = ouro_login_find(call->person, id, strlen(id), &login, &error);
	if (rc >= 0 || rc == OURO_ERR_NOTFOUND)
		rc = ouro_login_answer(
			call->person, id, approve, call->request->address, grant, &error);
	if (rc < 0)
		failed(call, rc, &error);
	else if (!approve)
		say(call, 200, MSG_CLI_REFUSED_TITLE, web_message_text(MSG_CLI_REFUSED),
			MSG_CLI_REFUSED_TELL);
	else if (*grant && login.port != 0)
		take_back(call, &login, grant);
	else
		say(call, 200, MSG_CLI_APPROVED_TITLE, web_message_text(MSG_CLI_APPROVED),
			MSG_CLI_APPROVED_NEXT);
	explicit_bzero(grant, sizeof(grant));
}
