/* What is said to GitHub and how its answers are read. "200" is not success there: failures of the token call come as 200 with an
 * "error", so an answer counts only if all of it is as it must be. Any thread. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/nesting.h"
#include "base/str.h"
#include "base/wipe.h"
#include "identity/github.h"
#include "identity/sessions.h"

enum { REVOKE_TIMEOUT_MS = 3000, DEPTH_MAX = 32, TOKEN_REPLY_MAX = 64 * 1024, URL_ROOM = 1024 };
enum { CREDENTIALS_MAX = 1536, HEADER_ROOM = 2304 };

static const char user_agent[] = "User-Agent: ouroboros/" OURO_VERSION;
static const char api_version[] = "X-GitHub-Api-Version: 2022-11-28";

void ouro__github_encode(ouro__buf *buf, const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text))
			ouro__buf_byte(buf, (uint8_t)*text);
		else
			ouro__buf_format(buf, "%%%02X", (unsigned)(unsigned char)*text);
	}
}

static ouro_status provider_error(ouro_error *reterr, int http_status, const char *text)
{
	(void)ouro__error_from(reterr, OURO_ORIGIN_PROVIDER, OURO_ERR_PROVIDER, "%s", text);
	if (reterr && reterr->size >= sizeof(*reterr))
		reterr->http_status = http_status;
	return OURO_ERR_PROVIDER;
}

/* Statuses of send() speak of servers in general; for the caller it is the provider that failed. */
static ouro_status call(const struct ouro__github_app *app,
	const struct ouro__http_request *request, struct ouro__http_reply *ret_reply,
	const char *what, ouro_error *reterr)
{
	ouro_error cause = OURO_ERROR_INIT;
	ouro_status rc = app->http->send(app->http->ctx, request, ret_reply, &cause);

	if (rc == OURO_OK)
		return OURO_OK;
	if (rc == OURO_ERR_NOMEM)
		return ouro__error_nomem(reterr);
	(void)ouro__error_from(reterr, OURO_ORIGIN_PROVIDER, OURO_ERR_PROVIDER,
		"GitHub did not answer (%s): %.150s", what, cause.text);
	if (reterr && reterr->size >= sizeof(*reterr) &&
		(rc == OURO_ERR_UNREACHABLE || rc == OURO_ERR_TIMEOUT))
		reterr->flags |= OURO_ERROR_RETRYABLE;
	return OURO_ERR_PROVIDER;
}

static const char *status_words(int status)
{
	if (status == 401)
		return "GitHub refused our credentials (401); sign in again";
	if (status == 403 || status == 429)
		return "GitHub answers too many requests from here, or forbids this one; wait a minute and sign in again";
	if (status == 404)
		return "GitHub knows no such address (404); check gh_client_id, github_url and github_api_url";
	if (status >= 500)
		return "GitHub has a problem of its own; try again later (www.githubstatus.com)";
	if (status >= 300 && status < 400)
		return "GitHub answered with a redirection, which is not followed; check github_url and github_api_url";
	return "GitHub refused the request; check github_url and github_api_url";
}

/* The object of a 200 answer. */
static ouro_status read_object(
	const struct ouro__http_reply *reply, json_t **ret_json, ouro_error *reterr)
{
	const char *text = ouro__buf_str(&reply->body);
	int shallow = ouro__nesting_within(text, reply->body.size, DEPTH_MAX);
	json_error_t error = {0}; /* jansson does not set all of it */
	json_t *json = NULL;

	if (reply->status != 200)
		return provider_error(reterr, reply->status, status_words(reply->status));
	if (shallow)
		json = json_loadb(text, reply->body.size, JSON_REJECT_DUPLICATES, &error);
	/* Without memory it fails without a word, as a rule. */
	if (shallow && !json &&
		(!error.text[0] || json_error_code(&error) == json_error_out_of_memory))
		return ouro__error_nomem(reterr);
	if (!json_is_object(json)) {
		json_decref(json);
		return provider_error(reterr, reply->status,
			"GitHub's answer is not the JSON object it should be; check github_url");
	}
	*ret_json = json;
	return OURO_OK;
}

static const char *error_words(const char *code)
{
	static const struct {
		const char *code;
		const char *words;
	} known[] = {
		{"bad_verification_code",
			"GitHub says that this sign-in was used already or took too long; sign in again"},
		{"incorrect_client_credentials",
			"GitHub refused the client id or secret; the administrator has to correct gh_client_id and gh_client_secret"},
		{"redirect_uri_mismatch",
			"the callback URL is not registered at GitHub; the administrator has to register it for this app"},
		{"unverified_user_email",
			"the GitHub account has no verified e-mail address; verify one at GitHub and sign in again"},
		{"application_suspended",
			"GitHub suspended this app; the administrator has to look at its settings there"},
	};

	for (size_t i = 0; code && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].code, code) == 0)
			return known[i].words;
	return "GitHub refused the sign-in for a reason that is not known here; sign in again";
}

static int visible(const char *text, size_t most)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f)
			return 0;
	return length >= 1 && length <= most;
}

static ouro_status read_token(
	const json_t *json, int status, char ret_token[OURO__TOKEN_MAX + 1], ouro_error *reterr)
{
	const json_t *error = json_object_get(json, "error");
	const char *token = json_string_value(json_object_get(json, "access_token"));
	const char *type = json_string_value(json_object_get(json, "token_type"));
	ouro_status rc = OURO_OK;

	if (error)
		rc = provider_error(reterr, status, error_words(json_string_value(error)));
	else if (!token || !visible(token, OURO__TOKEN_MAX) || !type ||
		!ouro__str_same_fold(type, "bearer"))
		rc = provider_error(
			reterr, status, "GitHub's answer holds no usable token; check github_url");
	else
		memcpy(ret_token, token, strlen(token) + 1);
	if (token) /* jansson would leave it in freed memory */
		ouro__wipe((char *)(uintptr_t)token, strlen(token));
	return rc;
}

static void form_field(ouro__buf *body, const char *name, const char *value)
{
	if (body->size)
		ouro__buf_byte(body, '&');
	ouro__buf_text(body, name);
	ouro__buf_byte(body, '=');
	ouro__github_encode(body, value);
}

ouro_status ouro__github_token(const struct ouro__github_app *app, const char *code,
	const char *verifier, char ret_token[OURO__TOKEN_MAX + 1], ouro_error *reterr)
{
	static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
		"Accept: application/json", user_agent};
	ouro__buf body = OURO__BUF_INIT(16 * 1024);
	struct ouro__http_request request = {
		.method = "POST", .headers = headers, .header_count = 3};
	struct ouro__http_reply reply;
	char url[URL_ROOM];
	json_t *json = NULL;
	ouro_status rc;

	form_field(&body, "client_id", app->client_id);
	form_field(&body, "client_secret", app->client_secret);
	form_field(&body, "code", code);
	form_field(&body, "redirect_uri", app->callback_url);
	form_field(&body, "code_verifier", verifier);
	if (body.broken) {
		rc = ouro__error_nomem(reterr);
		goto out;
	}
	(void)snprintf(url, sizeof(url), "%.600s/login/oauth/access_token", app->url);
	request.url = url;
	request.body = body.data;
	request.body_size = body.size;
	request.timeout_ms = app->timeout_ms;
	request.max_reply = TOKEN_REPLY_MAX;
	rc = call(app, &request, &reply, "asked for a token", reterr);
	if (rc < 0)
		goto out;
	rc = read_object(&reply, &json, reterr);
	if (rc == OURO_OK)
		rc = read_token(json, reply.status, ret_token, reterr);
	json_decref(json);
	ouro__http_reply_done(&reply);
out:
	ouro__buf_wipe(&body);
	return rc;
}

static ouro_status read_user(
	const json_t *json, int status, ouro_identity *ret_identity, ouro_error *reterr)
{
	const json_t *id = json_object_get(json, "id");
	const char *login = json_string_value(json_object_get(json, "login"));
	const char *type = json_string_value(json_object_get(json, "type"));
	ouro_identity identity = OURO_IDENTITY_INIT;

	if (!type || strcmp(type, "User") != 0)
		return provider_error(reterr, status,
			"this GitHub account is not a person's; sign in with a personal account");
	if (!json_is_integer(id) || json_integer_value(id) <= 0 || !login ||
		!ouro__login_sound(login))
		return provider_error(reterr, status,
			"GitHub's answer does not say who this is; check github_api_url");
	identity.id = (uint64_t)json_integer_value(id);
	(void)ouro__str_copy(identity.provider, sizeof(identity.provider), "github");
	(void)ouro__str_copy(identity.login, sizeof(identity.login), login);
	*ret_identity = identity;
	return OURO_OK;
}

ouro_status ouro__github_user(const struct ouro__github_app *app, const char *token,
	ouro_identity *ret_identity, ouro_error *reterr)
{
	char authorization[OURO__TOKEN_MAX + 32];
	const char *headers[] = {
		authorization, "Accept: application/vnd.github+json", api_version, user_agent};
	struct ouro__http_request request = {
		.method = "GET", .headers = headers, .header_count = 4};
	struct ouro__http_reply reply;
	char url[URL_ROOM];
	json_t *json = NULL;
	ouro_status rc;

	(void)snprintf(authorization, sizeof(authorization), "Authorization: Bearer %s", token);
	(void)snprintf(url, sizeof(url), "%.600s/user", app->api_url);
	request.url = url;
	request.timeout_ms = app->timeout_ms;
	rc = call(app, &request, &reply, "asked whose token it is", reterr);
	ouro__wipe(authorization, sizeof(authorization));
	if (rc < 0)
		return rc;
	rc = read_object(&reply, &json, reterr);
	if (rc == OURO_OK)
		rc = read_user(json, reply.status, ret_identity, reterr);
	json_decref(json);
	ouro__http_reply_done(&reply);
	return rc;
}

/* The header with base64 of id:secret, whose lengths were checked when they were taken. */
static void basic_header(const struct ouro__github_app *app, char ret_header[HEADER_ROOM])
{
	static const char name[] = "Authorization: Basic ";
	char plain[CREDENTIALS_MAX];

	(void)snprintf(plain, sizeof(plain), "%s:%s", app->client_id, app->client_secret);
	memcpy(ret_header, name, sizeof(name) - 1);
	(void)ouro__base64(plain, strlen(plain), ret_header + sizeof(name) - 1);
	ouro__wipe(plain, sizeof(plain));
}

void ouro__github_revoke(const struct ouro__github_app *app, const char *token)
{
	char authorization[HEADER_ROOM];
	const char *headers[] = {authorization, "Content-Type: application/json",
		"Accept: application/vnd.github+json", api_version, user_agent};
	ouro__buf body = OURO__BUF_INIT(4 * 1024);
	ouro__buf url = OURO__BUF_INIT(4 * 1024);
	struct ouro__http_request request = {
		.method = "DELETE", .headers = headers, .header_count = 5};
	struct ouro__http_reply reply;
	ouro_error error = OURO_ERROR_INIT;

	ouro__buf_text(&body, "{\"access_token\":");
	ouro__str_json(&body, token);
	ouro__buf_byte(&body, '}');
	ouro__buf_format(&url, "%s/applications/", app->api_url);
	ouro__github_encode(&url, app->client_id);
	ouro__buf_text(&url, "/token");
	if (!body.broken && !url.broken) {
		basic_header(app, authorization);
		request.url = ouro__buf_str(&url);
		request.body = body.data;
		request.body_size = body.size;
		request.timeout_ms =
			app->timeout_ms < REVOKE_TIMEOUT_MS ? app->timeout_ms : REVOKE_TIMEOUT_MS;
		if (app->http->send(app->http->ctx, &request, &reply, &error) < 0) {
			ouro__log_line(&app->log, OURO_LOG_WARNING,
				"GitHub did not take the sign-in's token back: %s", error.text);
		} else {
			if (reply.status != 204)
				ouro__log_line(&app->log, OURO_LOG_WARNING,
					"GitHub did not take the sign-in's token back: HTTP status %d",
					reply.status);
			ouro__http_reply_done(&reply);
		}
		ouro__wipe(authorization, sizeof(authorization));
	}
	ouro__buf_done(&url);
	ouro__buf_wipe(&body);
}
