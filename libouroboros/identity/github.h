/* Inside of the GitHub sign-in. Only for identity/ and its tests. */
#ifndef OURO_IDENTITY_GITHUB_H
#define OURO_IDENTITY_GITHUB_H

#include <ouroboros/identity.h>

#include "base/log.h"
#include "net/http.h"

enum { OURO__TOKEN_MAX = 1024 };

/* Who we are and where GitHub is. Immutable; texts owned by ouro_github. */
struct ouro__github_app {
	struct ouro__http *http;
	ouro__log log;
	char *client_id;
	char *client_secret;
	char *callback_url;
	char *url; /* without a slash at the end, as api_url */
	char *api_url;
	int64_t timeout_ms;
};

/* ouro_github_new() with an HTTP of one's own; http is @b taken on success and on failure. */
ouro_status ouro__github_new(const ouro_github_options *options, struct ouro__http *http,
	ouro_github **ret_github, ouro_error *reterr);

/* The three calls. Each failure is OURO_ERR_PROVIDER (or NOMEM) in our own words: texts of the other side are never passed on. */
/* Exchange a code; ret_token is a visible ASCII text, to be wiped by the caller. */
ouro_status ouro__github_token(const struct ouro__github_app *app, const char *code,
	const char *verifier, char ret_token[OURO__TOKEN_MAX + 1], ouro_error *reterr);
/* Whose token it is. */
ouro_status ouro__github_user(const struct ouro__github_app *app, const char *token,
	ouro_identity *ret_identity, ouro_error *reterr);
/* Give the token back, once, within 3 s; a failure is only logged. */
void ouro__github_revoke(const struct ouro__github_app *app, const char *token);

/* Where the API is. Borrowed. */
const char *ouro__github_api(const ouro_github *github);
/* Percent-encode everything but unreserved characters. */
void ouro__github_encode(ouro__buf *buf, const char *text);

#endif
