/* Seals, sessions and the sign-in when memory runs out, and when the cryptographic library, the
 * random numbers or the locks fail: an error that says so, nothing given out, or a success that is
 * one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "identity/github.h"
#include "identity/sessions.h"
#include "memory.h"

#define KEY_A "a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk="
#define KEY_B "b:u8zdZnd4iZmqu8zd7v8AESIzRFVmd4iZqrvM3e7/ESI="
#define START 1700000000

static int64_t now;

static int64_t fake_clock(void *user)
{
	(void)user;
	return now;
}

static int memory_or_lock(const char *call)
{
	return strstr(call, "alloc") != NULL || strncmp(call, "pthread_", 8) == 0;
}

/* No memory is no memory, everything else is a fault inside: never one of what was asked. */
static ouro_status wanted_of(const char *call, ouro_status rc)
{
	if (memory_or_lock(call) || strcmp(call, "json_loadb") == 0)
		return OURO_ERR_NOMEM;
	/* The one call whose failure is an answer: the seal does not hold. */
	if (strcmp(call, "EVP_DecryptFinal_ex") == 0)
		return rc == OURO_ERR_STATE ? rc : OURO_ERR_INVALID;
	if (strcmp(call, "ouro__library_load") == 0 && rc == OURO_ERR_IO)
		return rc;
	return OURO_ERR_INTERNAL;
}

static int excused(ouro_status rc, const ouro_error *error)
{
	const char *call = torture_refused();
	ouro_status wanted = call ? wanted_of(call, rc) : OURO_OK;

	if (rc == OURO_OK)
		return error->status == OURO_OK;
	/* A text that has a maximum cannot tell which of both it was, and says so. */
	if (rc == OURO_ERR_LIMIT && strstr(error->text, "or out of memory"))
		wanted = rc;
	if (rc == wanted && error->status == rc && error->text[0])
		return 1;
	print_message("%s: %s\n", ouro_status_name(rc), error->text);
	return 0;
}

static ouro_status new_sessions(const char *keys, ouro_sessions **ret_sessions, ouro_error *reterr)
{
	ouro_sessions_options options = OURO_SESSIONS_OPTIONS_INIT;

	options.keys = keys;
	options.audience = "https://vpn.example.org/ouroboros";
	options.clock = fake_clock;
	return ouro_sessions_new(&options, ret_sessions, reterr);
}

static ouro_identity mia(void)
{
	ouro_identity identity = OURO_IDENTITY_INIT;

	identity.id = 19270622;
	memcpy(identity.provider, "github", 7);
	memcpy(identity.login, "mia", 4);
	return identity;
}

static int make_sessions(void *user)
{
	ouro_sessions *sessions = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	torture_arm_now();
	rc = new_sessions(user, &sessions, &error);
	(void)torture_disarm();
	if ((sessions != NULL) != (rc == OURO_OK))
		return 0;
	ouro_sessions_free(sessions);
	return excused(rc, &error);
}

static int begin_session(void *user)
{
	ouro_identity identity = mia();
	ouro_session session = OURO_SESSION_INIT;
	ouro_session opened = OURO_SESSION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char text[OURO_SESSION_TEXT_MAX] = "";
	char renewed[OURO_SESSION_TEXT_MAX];
	ouro_status rc;

	now = START;
	torture_arm_now();
	rc = ouro_session_begin(user, &identity, &session, text, &error);
	(void)torture_disarm();
	if (rc < 0 && (text[0] || session.identity.id))
		return 0;
	if (rc == OURO_OK &&
		ouro_session_open(user, text, strlen(text), &opened, renewed, NULL) != OURO_OK)
		return 0;
	return excused(rc, &error);
}

/* Old enough to be renewed, so that it is opened and sealed again. */
static int open_session(void *user)
{
	ouro_identity identity = mia();
	ouro_session session = OURO_SESSION_INIT;
	ouro_session opened = OURO_SESSION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX] = "";
	ouro_status rc;

	now = START;
	if (ouro_session_begin(user, &identity, &session, text, NULL) < 0)
		return 0;
	now = START + 1000;
	torture_arm_now();
	rc = ouro_session_open(user, text, strlen(text), &opened, renewed, &error);
	(void)torture_disarm();
	if (rc < 0 && (renewed[0] || opened.identity.id))
		return 0;
	if (rc == OURO_OK && (!renewed[0] || opened.identity.id != identity.id))
		return 0;
	return excused(rc, &error);
}

struct form {
	ouro_sessions *older;
	ouro_sessions *both;
};

/* A form made under the key before the last one: both keys take their turn. */
static int check_form(void *user)
{
	const struct form *form = user;
	ouro_identity identity = mia();
	ouro_session session = OURO_SESSION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char token[OURO_FORM_TOKEN_MAX] = "";
	ouro_status rc;

	now = START;
	if (ouro_session_begin(form->older, &identity, &session, text, NULL) < 0)
		return 0;
	torture_arm_now();
	rc = ouro_session_form_token(form->older, &session, token, &error);
	if (rc == OURO_OK)
		rc = ouro_session_form_check(form->both, &session, token, strlen(token), &error);
	(void)torture_disarm();
	return excused(rc, &error);
}

static void torture_identity__sessions(void **state)
{
	static char keys[] = KEY_A "\n" KEY_B;
	struct form form = {NULL, NULL};

	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	torture_run("sessions with keys", make_sessions, keys);
	torture_run("sessions with a key of their own", make_sessions, NULL);
	assert_int_equal(new_sessions(KEY_B, &form.older, NULL), OURO_OK);
	assert_int_equal(new_sessions(keys, &form.both, NULL), OURO_OK);
	torture_run("beginning a session", begin_session, form.both);
	torture_run("opening a session", open_session, form.both);
	torture_run("a form", check_form, &form);
	ouro_sessions_free(form.both);
	ouro_sessions_free(form.older);
}

/* GitHub's side: answers in memory that may run out as well. */
struct github {
	ouro_sessions *sessions;
	ouro_github *github;
	struct ouro__http http;
	const char *url;
	int calls;
	int frees;
};

static ouro_status answer(void *ctx, const struct ouro__http_request *request,
	struct ouro__http_reply *ret_reply, ouro_error *reterr)
{
	struct github *github = ctx;
	struct ouro__http_reply reply = {.body = OURO__BUF_INIT(4096), .status = 200};

	github->calls++;
	if (strcmp(request->method, "POST") == 0)
		ouro__buf_text(&reply.body, "{\"access_token\":\"t\",\"token_type\":\"bearer\"}");
	else if (strcmp(request->method, "GET") == 0)
		ouro__buf_text(&reply.body, "{\"id\":5,\"login\":\"mia\",\"type\":\"User\"}");
	else
		reply.status = 204;
	if (reply.body.broken) {
		ouro__buf_done(&reply.body);
		return ouro__error_nomem(reterr);
	}
	*ret_reply = reply;
	return OURO_OK;
}

/* The sign-in takes it, whatever comes of it: it is let go once. */
static void count_free(struct ouro__http *http)
{
	struct github *github = http->ctx;

	github->frees++;
}

static ouro_status new_github(struct github *github, ouro_error *reterr)
{
	ouro_github_options options = OURO_GITHUB_OPTIONS_INIT;

	options.client_id = "Iv1.abc";
	options.client_secret = "secret";
	options.callback_url = "https://vpn.example.org/ouroboros/auth/callback";
	options.url = github->url;
	options.sessions = github->sessions;
	github->http = (struct ouro__http){answer, count_free, github};
	github->frees = 0;
	return ouro__github_new(&options, &github->http, &github->github, reterr);
}

static int make_github(void *user)
{
	struct github *github = user;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	github->github = NULL;
	torture_arm_now();
	rc = new_github(github, &error);
	(void)torture_disarm();
	if ((github->github != NULL) != (rc == OURO_OK) || github->frees != (rc < 0))
		return 0;
	ouro_github_free(github->github);
	return github->frees == 1 && excused(rc, &error);
}

/* The whole of it, with the network's own client; nothing is sent. */
static int make_public(void *user)
{
	const struct github *github = user;
	ouro_github_options options = OURO_GITHUB_OPTIONS_INIT;
	ouro_github *made = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	options.client_id = "Iv1.abc";
	options.client_secret = "secret";
	options.callback_url = "https://vpn.example.org/ouroboros/auth/callback";
	options.ca_file = "/nowhere/ca.pem";
	options.sessions = github->sessions;
	torture_arm_now();
	rc = ouro_github_new(&options, &made, &error);
	(void)torture_disarm();
	if ((made != NULL) != (rc == OURO_OK))
		return 0;
	ouro_github_free(made);
	return excused(rc, &error);
}

struct attempt {
	char url[OURO_AUTHORIZE_URL_MAX];
	char sealed[OURO_STATE_TEXT_MAX];
	char tag[OURO_STATE_TAG_MAX];
	char state[64];
};

static ouro_status begin(struct github *github, struct attempt *attempt, ouro_error *reterr)
{
	memset(attempt, 0, sizeof(*attempt));
	return ouro_github_begin(
		github->github, "devices", attempt->url, attempt->sealed, attempt->tag, reterr);
}

static void take_state(struct attempt *attempt)
{
	const char *at = strstr(attempt->url, "&state=");

	assert_non_null(at);
	memcpy(attempt->state, at + 7, 43);
}

static int begin_sign_in(void *user)
{
	struct attempt attempt;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	torture_arm_now();
	rc = begin(user, &attempt, &error);
	(void)torture_disarm();
	if (rc == OURO_OK && (!attempt.url[0] || !attempt.sealed[0] || !attempt.tag[0]))
		return 0;
	/* The URL is the last but for its seal: who has no seal cannot use it. */
	if (rc < 0 && attempt.tag[0])
		return 0;
	return excused(rc, &error);
}

static int finish_sign_in(void *user)
{
	struct github *github = user;
	struct attempt attempt;
	ouro_identity identity = OURO_IDENTITY_INIT;
	char purpose[OURO_PURPOSE_MAX] = "";
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	if (begin(github, &attempt, NULL) < 0)
		return 0;
	take_state(&attempt);
	github->calls = 0;
	torture_arm_now();
	rc = ouro_github_finish(
		github->github, "code", attempt.state, attempt.sealed, &identity, purpose, &error);
	(void)torture_disarm();
	if (rc == OURO_OK)
		return identity.id == 5 && strcmp(purpose, "devices") == 0 && excused(rc, &error);
	if (identity.id || purpose[0])
		return 0;
	return excused(rc, &error);
}

static void torture_identity__github(void **state)
{
	static const char *const urls[] = {
		NULL, "https://acme.ghe.com", "https://git.example.org/"};
	struct github github = {.url = NULL};

	(void)state;
	now = START;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	assert_int_equal(new_sessions(NULL, &github.sessions, NULL), OURO_OK);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		github.url = urls[i];
		torture_run("a sign-in's place", make_github, &github);
	}
	torture_run("a sign-in over the network", make_public, &github);
	assert_int_equal(new_github(&github, NULL), OURO_OK);
	torture_run("beginning a sign-in", begin_sign_in, &github);
	torture_run("finishing a sign-in", finish_sign_in, &github);
	ouro_github_free(github.github);
	ouro_sessions_free(github.sessions);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_identity__sessions),
		cmocka_unit_test(torture_identity__github),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
