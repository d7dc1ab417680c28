/* The program's side of signing in at an Ouroboros server: the verifier is made here and shown to the server only together with what
 * the person brought back, so that whoever saw the link or the answer of the browser has nothing. One thread at a time. */
#include <ouroboros/login.h>

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/options.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/url.h"
#include "base/wipe.h"
#include "net/http.h"
#include "rpc/json_text.h"
#include "rpc/json_time.h"

enum { RANDOM_SIZE = 32, RANDOM_TEXT = 44, URL_MAX = 512, REQUEST_MAX = 4096, HEADER_MAX = 160 };
enum { TIMEOUT_MS = 10000, DAY = 86400, HOUR = 3600 };

struct ouro_sign_in {
	struct ouro__http *http;
	char *server;
	uint32_t timeout_ms;
	char verifier[RANDOM_TEXT];
	char id[OURO_LOGIN_ID_MAX];
	char code[OURO_LOGIN_CODE_MAX];
	char url[URL_MAX];
	int64_t ends;
};

/* ---- one call ---- */

/* What a refusal of ours says: its type names the status, its errors why. */
static ouro_status refused(const json_t *root, const char *server, int http, ouro_error *reterr)
{
	const char *type = json_string_value(json_object_get(root, "type"));
	const char *text = json_string_value(
		json_object_get(json_array_get(json_object_get(root, "errors"), 0), "message"));
	ouro_status status = ouro__error_by_name(
		type && ouro__str_starts(type, "urn:ouroboros:") ? type + 14 : "");

	if (!text)
		text = json_string_value(json_object_get(root, "detail"));
	if (http == 429)
		return ouro__error_set(reterr, OURO_ERR_LIMIT,
			"%.100s: too many sign-ins at a time; try again in a minute", server);
	if (http == 422 || http == 400)
		status = OURO_ERR_INVALID;
	if (status == OURO_OK || !text)
		return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
			"there is no Ouroboros at %.150s, or an older one: it answers HTTP %d",
			server, http);
	return ouro__error_set(reterr, status, "%.200s", text);
}

/* *ret_root: an object, json_decref(). */
static ouro_status judge(const struct ouro__http_reply *reply, const char *server,
	json_t **ret_root, ouro_error *reterr)
{
	json_t *root = ouro__json_small(ouro__buf_str(&reply->body), reply->body.size);
	ouro_status rc;

	if (reply->status == 200 && json_is_object(root)) {
		*ret_root = root;
		return OURO_OK;
	}
	if (reply->status == 502 || reply->status == 504 ||
		(reply->status == 503 && !json_is_object(root)))
		rc = ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
			"the proxy at %.100s answers HTTP %d: the Ouroboros behind it is down",
			server, reply->status);
	else
		rc = refused(root, server, reply->status, reterr);
	json_decref(root);
	return rc;
}

static ouro_status post(struct ouro__http *http, const char *server, const char *path,
	const char *authorization, const ouro__buf *body, uint32_t timeout_ms, json_t **ret_root,
	ouro_error *reterr)
{
	const char *headers[3] = {
		"Content-Type: application/json", "Accept: application/json", authorization};
	struct ouro__http_request request = {.method = "POST",
		.headers = headers,
		.header_count = authorization ? 3 : 2,
		.body = ouro__buf_str(body),
		.body_size = body->size,
		.timeout_ms = timeout_ms ? timeout_ms : TIMEOUT_MS};
	struct ouro__http_reply reply = {0};
	ouro__buf url = OURO__BUF_INIT(URL_MAX + 64);
	ouro_status rc;

	ouro__buf_format(&url, "%s/api/v1/%s", server, path);
	if (url.broken || body->broken) {
		ouro__buf_done(&url);
		return ouro__error_nomem(reterr);
	}
	request.url = ouro__buf_str(&url);
	rc = http->send(http->ctx, &request, &reply, reterr);
	if (rc == OURO_OK) {
		rc = judge(&reply, server, ret_root, reterr);
		ouro__http_reply_done(&reply);
	} else {
		ouro__error_prefix(reterr, "%.100s", server);
	}
	ouro__buf_done(&url);
	return rc;
}

/* ---- beginning ---- */

static ouro_status random_text(char ret_text[RANDOM_TEXT], const uint8_t bytes[RANDOM_SIZE])
{
	ouro__buf text = OURO__BUF_INIT(RANDOM_TEXT);

	ouro__str_base64url(&text, bytes, RANDOM_SIZE);
	if (text.broken || text.size >= RANDOM_TEXT) {
		ouro__buf_wipe(&text);
		return OURO_ERR_NOMEM;
	}
	memcpy(ret_text, ouro__buf_str(&text), text.size + 1);
	ouro__buf_wipe(&text);
	return OURO_OK;
}

/* A fresh verifier, and the digest that is shown of it. */
static ouro_status make_verifier(
	ouro_sign_in *sign_in, char ret_challenge[RANDOM_TEXT], ouro_error *reterr)
{
	const struct ouro__crypto *crypto;
	uint8_t bytes[OURO__SHA256_SIZE];
	ouro_status rc = ouro__crypto_get(&crypto, reterr);

	if (rc < 0)
		return rc; /* its text says what to install */
	rc = crypto->RAND_bytes(bytes, RANDOM_SIZE) == 1 ? random_text(sign_in->verifier, bytes)
							 : OURO_ERR_INTERNAL;
	if (rc == OURO_OK && !ouro__sha256(sign_in->verifier, strlen(sign_in->verifier), bytes))
		rc = OURO_ERR_INTERNAL;
	if (rc == OURO_OK)
		rc = random_text(ret_challenge, bytes);
	ouro__wipe(bytes, sizeof(bytes));
	return rc == OURO_OK ? OURO_OK
			     : ouro__error_set(reterr, rc, "no randomness, digest or memory left");
}

static void compose(const ouro_sign_in_options *options, const char *challenge, ouro__buf *body)
{
	uint32_t wanted = options->scopes ? options->scopes | OURO_TOKEN_READ : OURO_TOKEN_ALL;
	const char *between = "";

	ouro__buf_text(body, "{\"machine\":");
	ouro__str_json(body, options->machine);
	ouro__buf_format(body, ",\"challenge\":\"%s\",\"scopes\":[", challenge);
	for (uint32_t scope = OURO_TOKEN_READ; ouro_token_scope_name(scope); scope <<= 1) {
		if (!(wanted & scope))
			continue;
		ouro__buf_format(body, "%s\"%s\"", between, ouro_token_scope_name(scope));
		between = ",";
	}
	ouro__buf_text(body, "]");
	if (options->lifetime)
		ouro__buf_format(body, ",\"lifetime\":\"%lld%s\"",
			(long long)(options->lifetime % DAY ? options->lifetime / HOUR
							    : options->lifetime / DAY),
			options->lifetime % DAY ? "h" : "d");
	if (options->port)
		ouro__buf_format(body, ",\"port\":%d", (int)options->port);
	ouro__buf_text(body, "}");
}

static int take_text(const json_t *root, const char *name, char *to, size_t room)
{
	const char *text = json_string_value(json_object_get(root, name));

	return text && ouro__str_copy(to, room, text);
}

static int take_time(const json_t *root, const char *name, int64_t *ret_time)
{
	const char *text = json_string_value(json_object_get(root, name));

	return text && ouro__json_time(text, strlen(text), ret_time);
}

/* Letters, digits and hyphens: what goes into a link, and onto a terminal. */
static int is_word(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
		strlen(text);
}

static ouro_status read_begun(ouro_sign_in *sign_in, const json_t *root, ouro_error *reterr)
{
	struct ouro__url url;

	if (take_text(root, "id", sign_in->id, sizeof(sign_in->id)) && is_word(sign_in->id) &&
		take_text(root, "code", sign_in->code, sizeof(sign_in->code)) &&
		is_word(sign_in->code) &&
		take_text(root, "url", sign_in->url, sizeof(sign_in->url)) &&
		ouro__url_parse(sign_in->url, &url) && ouro__url_safe(&url) &&
		take_time(root, "expires", &sign_in->ends))
		return OURO_OK;
	return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
		"%.150s answers something that is no beginning of a sign-in", sign_in->server);
}

static ouro_status check(const ouro_sign_in_options *options, ouro_error *reterr)
{
	struct ouro__url url;

	if (!options->server || strlen(options->server) >= URL_MAX ||
		!ouro__url_parse(options->server, &url) || ouro__str_ends(options->server, "/"))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"\"%.100s\" is not the URL of a server; write it like https://vpn.example.org/ouroboros",
			options->server ? options->server : "");
	if (!ouro__url_safe(&url))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%.100s: a token travels over https only (http only on this machine itself)",
			options->server);
	if (!options->machine || !*options->machine ||
		strlen(options->machine) >= OURO_LOGIN_MACHINE_MAX)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the name of this machine is empty, or longer than 63 bytes");
	return OURO_OK;
}

ouro_status ouro_sign_in_begin(
	const ouro_sign_in_options *options, ouro_sign_in **ret_sign_in, ouro_error *reterr)
{
	ouro_sign_in_options own = OURO_SIGN_IN_OPTIONS_INIT;
	ouro__buf body = OURO__BUF_INIT(REQUEST_MAX);
	ouro_sign_in *sign_in = NULL;
	char challenge[RANDOM_TEXT];
	json_t *root = NULL;
	ouro_status rc;

	if (!options || !ret_sign_in)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "a sign-in needs options and a place");
	rc = ouro__options_import(&own, sizeof(own), options, reterr);
	if (rc == OURO_OK)
		rc = check(&own, reterr);
	if (rc < 0)
		return rc;
	sign_in = ouro__alloc(1, sizeof(*sign_in));
	if (!sign_in)
		return ouro__error_nomem(reterr);
	sign_in->timeout_ms = own.timeout_ms;
	sign_in->server = ouro__alloc_str(own.server);
	sign_in->http = ouro__http_curl_new(own.ca_file);
	if (!sign_in->server || !sign_in->http) {
		rc = ouro__error_nomem(reterr);
		goto out;
	}
	rc = make_verifier(sign_in, challenge, reterr);
	if (rc < 0)
		goto out;
	compose(&own, challenge, &body);
	rc = post(sign_in->http, sign_in->server, "login", NULL, &body, sign_in->timeout_ms, &root,
		reterr);
	if (rc == OURO_OK)
		rc = read_begun(sign_in, root, reterr);
	if (rc < 0)
		goto out;
	*ret_sign_in = sign_in;
	sign_in = NULL;
out:
	json_decref(root);
	ouro__buf_done(&body);
	ouro_sign_in_free(sign_in);
	return rc;
}

const char *ouro_sign_in_url(const ouro_sign_in *sign_in)
{
	return sign_in ? sign_in->url : "";
}

const char *ouro_sign_in_code(const ouro_sign_in *sign_in)
{
	return sign_in ? sign_in->code : "";
}

const char *ouro_sign_in_id(const ouro_sign_in *sign_in)
{
	return sign_in ? sign_in->id : "";
}

int64_t ouro_sign_in_ends(const ouro_sign_in *sign_in)
{
	return sign_in ? sign_in->ends : 0;
}

void ouro_sign_in_free(ouro_sign_in *sign_in)
{
	if (!sign_in)
		return;
	ouro__http_free(sign_in->http);
	free(sign_in->server);
	ouro__wipe(sign_in, sizeof(*sign_in));
	free(sign_in);
}

/* ---- finishing ---- */

static uint32_t read_scopes(const json_t *list)
{
	uint32_t found = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));

		found |= ouro_token_scope(name, name ? strlen(name) : 0);
	}
	return found;
}

static ouro_status read_token(const ouro_sign_in *sign_in, const json_t *root, char *ret_text,
	ouro_token *ret_token, ouro_error *reterr)
{
	ouro_token token = OURO_TOKEN_INIT;
	char text[OURO_TOKEN_TEXT_MAX];

	token.created = token.used = OURO_TIME_NEVER; /* not told */
	token.scopes = read_scopes(json_object_get(root, "scopes"));
	if (!take_text(root, "token", text, sizeof(text)) || !is_word(text) || !*text ||
		!take_text(root, "id", token.id, sizeof(token.id)) ||
		!take_text(root, "name", token.name, sizeof(token.name)) ||
		!take_time(root, "expires", &token.expires)) {
		ouro__wipe(text, sizeof(text));
		return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
			"%.150s answers something that is no token", sign_in->server);
	}
	memcpy(ret_text, text, sizeof(text));
	ouro__wipe(text, sizeof(text));
	if (ret_token) {
		token.size = ret_token->size < sizeof(token) ? ret_token->size : sizeof(token);
		memcpy(ret_token, &token, token.size);
	}
	return OURO_OK;
}

ouro_status ouro_sign_in_finish(ouro_sign_in *sign_in, const char *grant,
	char ret_text[OURO_TOKEN_TEXT_MAX], ouro_token *ret_token, ouro_error *reterr)
{
	ouro__buf body = OURO__BUF_INIT(REQUEST_MAX);
	json_t *root = NULL;
	ouro_status rc;

	if (!sign_in || !ret_text || (ret_token && ret_token->size < sizeof(ret_token->size)))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"finishing a sign-in needs one that was begun, and a place for the token");
	ouro__buf_text(&body, "{\"id\":");
	ouro__str_json(&body, sign_in->id);
	ouro__buf_text(&body, ",\"verifier\":");
	ouro__str_json(&body, sign_in->verifier);
	if (grant && *grant) {
		ouro__buf_text(&body, ",\"grant\":");
		ouro__str_json(&body, grant);
	}
	ouro__buf_text(&body, "}");
	rc = post(sign_in->http, sign_in->server, "login/redeem", NULL, &body, sign_in->timeout_ms,
		&root, reterr);
	if (rc == OURO_OK)
		rc = read_token(sign_in, root, ret_text, ret_token, reterr);
	json_decref(root);
	ouro__buf_wipe(&body);
	return rc;
}

ouro_status ouro_sign_out(const char *server, const char *ca_file, const char *token,
	uint32_t timeout_ms, ouro_error *reterr)
{
	ouro_sign_in_options options = OURO_SIGN_IN_OPTIONS_INIT;
	ouro__buf body = OURO__BUF_INIT(REQUEST_MAX);
	ouro__buf authorization = OURO__BUF_INIT(HEADER_MAX);
	struct ouro__http *http = NULL;
	json_t *root = NULL;
	ouro_status rc;

	options.server = server;
	options.machine = "-";
	rc = check(&options, reterr);
	if (rc < 0)
		return rc;
	if (!token || !is_word(token))
		return ouro__error_set(
			reterr, OURO_ERR_TOKEN, "this is not a personal token: nothing to revoke");
	ouro__buf_format(&authorization, "Authorization: Bearer %s", token);
	ouro__buf_text(&body, "{}");
	http = ouro__http_curl_new(ca_file);
	if (!http || authorization.broken)
		rc = ouro__error_nomem(reterr);
	else
		rc = post(http, server, "logout", ouro__buf_str(&authorization), &body, timeout_ms,
			&root, reterr);
	json_decref(root);
	ouro__http_free(http);
	ouro__buf_wipe(&authorization);
	ouro__buf_done(&body);
	return rc;
}
