/* Signing in with GitHub: begin seals a random state and a PKCE verifier for one browser, finish opens them before anything is said to
 * GitHub. The handle is shared by threads; only the set of used states and the count of calls change, each under its lock. */
#include "identity/github.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/options.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/thread.h"
#include "base/url.h"
#include "base/wipe.h"
#include "identity/pack.h"
#include "identity/seen.h"
#include "identity/sessions.h"

enum { TIMEOUT_DEFAULT_MS = 10000, STATE_LIFE = 600, CALLS_MAX = 8, WAIT_FOR_TURN_MS = 2000 };
enum { RANDOM_SIZE = 32, RANDOM_TEXT = 44, LAYOUT_VERSION = 1, CODE_MAX = 512 };
/* version, created, state, verifier, purpose */
enum { PLAIN_SIZE = 1 + 8 + RANDOM_SIZE + RANDOM_SIZE + OURO_PURPOSE_MAX };

struct ouro_github {
	struct ouro__github_app app;
	ouro_sessions *sessions;
	ouro__seen *used;
	pthread_mutex_t lock; /* running */
	pthread_cond_t turn;
	unsigned running;
};

struct state {
	int64_t created;
	uint8_t state[RANDOM_SIZE];
	uint8_t verifier[RANDOM_SIZE];
	char purpose[OURO_PURPOSE_MAX];
};

static int text_sound(const char *text, size_t most)
{
	size_t length = text ? strlen(text) : 0;

	for (size_t i = 0; i < length; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f)
			return 0;
	return length >= 1 && length <= most;
}

static int url_sound(const char *text)
{
	struct ouro__url url;

	return text && ouro__url_parse(text, &url) && ouro__url_safe(&url);
}

static char *copy_url(const char *text)
{
	size_t length = strlen(text);

	while (length && text[length - 1] == '/')
		length--;
	return ouro__alloc_text(text, length);
}

/* Where the API is when only the web address is known: github.com, data residency, or an Enterprise server. */
static char *default_api(const char *given)
{
	ouro__buf text = OURO__BUF_INIT(2048);
	struct ouro__url url;
	char *api = NULL;

	if (!given || !ouro__url_parse(given, &url) || ouro__str_same_fold(url.host, "github.com"))
		return ouro__alloc_str("https://api.github.com");
	if (ouro__str_ends(url.host, ".ghe.com")) {
		ouro__buf_format(&text, "https://api.%s", url.authority);
	} else {
		char *base = copy_url(given);

		ouro__buf_format(&text, "%s/api/v3", base ? base : "");
		text.broken |= !base;
		free(base);
	}
	if (!text.broken)
		api = ouro__alloc_str(ouro__buf_str(&text));
	ouro__buf_done(&text);
	return api;
}

static ouro_status check_options(const ouro_github_options *own, ouro_error *reterr)
{
	if (!text_sound(own->client_id, 128) || strchr(own->client_id, ':'))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"GitHub: the client id is missing or not visible ASCII");
	if (!text_sound(own->client_secret, 1024))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"GitHub: the client secret is missing or not visible ASCII");
	if (!url_sound(own->callback_url))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"GitHub: the callback URL is neither https nor http on this machine");
	if ((own->url && !url_sound(own->url)) || (own->api_url && !url_sound(own->api_url)))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"GitHub: its URL is neither https nor http on this machine");
	if (!own->sessions)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "GitHub: sessions are missing");
	return OURO_OK;
}

static int copy_options(struct ouro__github_app *app, const ouro_github_options *own)
{
	app->log.fn = own->log;
	app->log.user = own->log_user;
	app->timeout_ms = own->timeout_ms ? own->timeout_ms : TIMEOUT_DEFAULT_MS;
	app->client_id = ouro__alloc_str(own->client_id);
	app->client_secret = ouro__alloc_str(own->client_secret);
	app->callback_url = ouro__alloc_str(own->callback_url);
	app->url = copy_url(own->url ? own->url : "https://github.com");
	app->api_url = own->api_url ? copy_url(own->api_url) : default_api(own->url);
	return app->client_id && app->client_secret && app->callback_url && app->url &&
		app->api_url;
}

static int init_locks(ouro_github *github)
{
	if (pthread_mutex_init(&github->lock, NULL) != 0)
		return 0;
	if (ouro__cond_init(&github->turn))
		return 1;
	(void)pthread_mutex_destroy(&github->lock);
	return 0;
}

static void drop(ouro_github *github)
{
	ouro__http_free(github->app.http);
	ouro__wipe_free(github->app.client_secret);
	free(github->app.client_id);
	free(github->app.callback_url);
	free(github->app.url);
	free(github->app.api_url);
	ouro__seen_free(github->used);
	free(github);
}

ouro_status ouro__github_new(const ouro_github_options *options, struct ouro__http *http,
	ouro_github **ret_github, ouro_error *reterr)
{
	ouro_github_options own = OURO_GITHUB_OPTIONS_INIT;
	ouro_github *github = NULL;
	ouro_status rc;

	rc = ouro__options_import(&own, sizeof(own), options, reterr);
	if (rc == OURO_OK)
		rc = check_options(&own, reterr);
	if (rc < 0) {
		ouro__http_free(http);
		return rc;
	}
	github = ouro__alloc(1, sizeof(*github));
	if (!github) {
		ouro__http_free(http);
		return ouro__error_nomem(reterr);
	}
	github->app.http = http;
	github->sessions = own.sessions;
	github->used = ouro__seen_new(OURO__SEEN_MAX);
	if (!github->used || !copy_options(&github->app, &own) || !init_locks(github)) {
		drop(github);
		return ouro__error_nomem(reterr);
	}
	*ret_github = github;
	return OURO_OK;
}

ouro_status ouro_github_new(
	const ouro_github_options *options, ouro_github **ret_github, ouro_error *reterr)
{
	ouro_github_options own = OURO_GITHUB_OPTIONS_INIT;
	struct ouro__http *http;
	ouro_status rc;

	if (!options || !ret_github)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "GitHub: options are missing");
	rc = ouro__options_import(&own, sizeof(own), options, reterr);
	if (rc < 0)
		return rc;
	http = ouro__http_curl_new(own.ca_file);
	if (!http)
		return ouro__error_nomem(reterr);
	return ouro__github_new(&own, http, ret_github, reterr);
}

const char *ouro__github_api(const ouro_github *github)
{
	return github->app.api_url;
}

void ouro_github_free(ouro_github *github)
{
	if (!github)
		return;
	(void)pthread_cond_destroy(&github->turn);
	(void)pthread_mutex_destroy(&github->lock);
	drop(github);
}

static ouro_status random_text(
	const uint8_t data[RANDOM_SIZE], char ret_text[RANDOM_TEXT], ouro_error *reterr)
{
	ouro__buf text = OURO__BUF_INIT(RANDOM_TEXT - 1);
	ouro_status rc = OURO_OK;

	ouro__str_base64url(&text, data, RANDOM_SIZE);
	if (text.broken)
		rc = ouro__error_nomem(reterr);
	else
		memcpy(ret_text, ouro__buf_str(&text), text.size + 1);
	ouro__buf_wipe(&text);
	return rc;
}

ouro_status ouro_github_tag(
	const char *state, size_t length, char ret_tag[OURO_STATE_TAG_MAX], ouro_error *reterr)
{
	uint8_t digest[RANDOM_SIZE];

	if (!state || !ret_tag)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "GitHub: the state is missing");
	if (!ouro__sha256(state, length, digest))
		return ouro__error_set(reterr, OURO_ERR_INTERNAL, "SHA-256 is not available");
	ouro__str_hex(ret_tag, digest, 4);
	return OURO_OK;
}

static ouro_status seal_state(
	const ouro_github *github, const struct state *state, char *ret_sealed, ouro_error *reterr)
{
	uint8_t plain[PLAIN_SIZE] = {LAYOUT_VERSION};
	uint8_t *at = ouro__pack_u64(plain + 1, (uint64_t)state->created);
	ouro_status rc;

	memcpy(at, state->state, RANDOM_SIZE);
	memcpy(at + RANDOM_SIZE, state->verifier, RANDOM_SIZE);
	memcpy(at + 2 * RANDOM_SIZE, state->purpose, OURO_PURPOSE_MAX);
	rc = ouro__seal(ouro__sessions_sealer(github->sessions), OURO__SEAL_STATE, plain,
		sizeof(plain), ret_sealed, OURO_STATE_TEXT_MAX, reterr);
	ouro__wipe(plain, sizeof(plain));
	return rc;
}

static ouro_status authorize_url(const struct ouro__github_app *app, const char *state,
	const char *verifier, char *ret_url, ouro_error *reterr)
{
	ouro__buf url = OURO__BUF_INIT(OURO_AUTHORIZE_URL_MAX - 1);
	uint8_t digest[RANDOM_SIZE];
	char challenge[RANDOM_TEXT];
	ouro_status rc;

	if (!ouro__sha256(verifier, strlen(verifier), digest))
		return ouro__error_set(reterr, OURO_ERR_INTERNAL, "SHA-256 is not available");
	rc = random_text(digest, challenge, reterr);
	if (rc < 0)
		return rc;
	ouro__buf_format(&url, "%s/login/oauth/authorize?client_id=", app->url);
	ouro__github_encode(&url, app->client_id);
	ouro__buf_text(&url, "&redirect_uri=");
	ouro__github_encode(&url, app->callback_url);
	ouro__buf_format(&url,
		"&state=%s&code_challenge=%s&code_challenge_method=S256&allow_signup=false", state,
		challenge);
	if (url.broken)
		rc = ouro__error_set(reterr, OURO_ERR_LIMIT,
			"GitHub: the sign-in URL gets too long, or out of memory");
	else
		memcpy(ret_url, ouro__buf_str(&url), url.size + 1);
	ouro__buf_done(&url);
	return rc;
}

static int purpose_sound(const char *purpose)
{
	size_t length = purpose ? strlen(purpose) : 0;

	for (size_t i = 0; i < length; i++)
		if (purpose[i] < 0x20 || purpose[i] >= 0x7f)
			return 0;
	return length >= 1 && length < OURO_PURPOSE_MAX;
}

ouro_status ouro_github_begin(ouro_github *github, const char *purpose,
	char ret_url[OURO_AUTHORIZE_URL_MAX], char ret_sealed[OURO_STATE_TEXT_MAX],
	char ret_tag[OURO_STATE_TAG_MAX], ouro_error *reterr)
{
	struct state state = {0};
	char text[RANDOM_TEXT];
	char verifier[RANDOM_TEXT];
	ouro_status rc;

	if (!github || !ret_url || !ret_sealed || !ret_tag || !purpose_sound(purpose))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"GitHub: the purpose is missing, too long or not printable ASCII");
	state.created = ouro__sessions_now(github->sessions);
	memcpy(state.purpose, purpose, strlen(purpose));
	if (!ouro__rand(state.state, RANDOM_SIZE) || !ouro__rand(state.verifier, RANDOM_SIZE)) {
		rc = ouro__error_set(reterr, OURO_ERR_INTERNAL, "no random numbers");
		goto out;
	}
	rc = random_text(state.state, text, reterr);
	if (rc == OURO_OK)
		rc = random_text(state.verifier, verifier, reterr);
	if (rc == OURO_OK)
		rc = authorize_url(&github->app, text, verifier, ret_url, reterr);
	if (rc == OURO_OK)
		rc = seal_state(github, &state, ret_sealed, reterr);
	if (rc == OURO_OK)
		rc = ouro_github_tag(text, strlen(text), ret_tag, reterr);
	ouro__wipe(verifier, sizeof(verifier));
out:
	ouro__wipe(&state, sizeof(state));
	return rc;
}

/* The cookie opened and held against the state of the query, in that order and in constant time. */
static ouro_status open_state(const ouro_github *github, const char *given, const char *sealed,
	struct state *ret_state, ouro_error *reterr)
{
	uint8_t plain[PLAIN_SIZE];
	uint8_t wanted[RANDOM_SIZE];
	struct state state = {0};
	const uint8_t *at;
	uint64_t created = 0;
	size_t size = 0;
	int64_t now;
	ouro_status rc = OURO_ERR_INVALID;

	if (given && sealed)
		rc = ouro__unseal(ouro__sessions_sealer(github->sessions), OURO__SEAL_STATE, sealed,
			strlen(sealed), plain, sizeof(plain), NULL);
	if (rc == OURO_ERR_INTERNAL)
		return ouro__error_set(reterr, rc,
			"the cryptographic library failed (out of memory?); sign in again");
	if (rc < 0 || plain[0] != LAYOUT_VERSION)
		return ouro__error_set(reterr, OURO_ERR_STATE,
			"this sign-in was not begun in this browser, or long ago; sign in again");
	at = ouro__unpack_u64(plain + 1, &created);
	memcpy(state.state, at, RANDOM_SIZE);
	memcpy(state.verifier, at + RANDOM_SIZE, RANDOM_SIZE);
	memcpy(state.purpose, at + 2 * RANDOM_SIZE, OURO_PURPOSE_MAX);
	state.purpose[OURO_PURPOSE_MAX - 1] = '\0';
	ouro__wipe(plain, sizeof(plain));
	*ret_state = state;
	ouro__wipe(&state, sizeof(state));
	if (!ouro__str_unbase64url(given, strlen(given), wanted, sizeof(wanted), &size) ||
		size != sizeof(wanted) || !ouro__same_secret(wanted, ret_state->state, RANDOM_SIZE))
		return ouro__error_set(reterr, OURO_ERR_STATE,
			"this sign-in belongs to another tab or browser; sign in again");
	now = ouro__sessions_now(github->sessions);
	if (created > INT64_MAX || (int64_t)created > now + OURO__CLOCK_SKEW ||
		now - (int64_t)created >= STATE_LIFE)
		return ouro__error_set(reterr, OURO_ERR_EXPIRED,
			"this sign-in took longer than 10 minutes; sign in again");
	ret_state->created = (int64_t)created;
	return OURO_OK;
}

/* At most CALLS_MAX sign-ins talk to GitHub at a time; a short wait for a turn, then a clear refusal. */
static ouro_status take_turn(ouro_github *github, ouro_error *reterr)
{
	const int64_t until = ouro__clock_ms() + WAIT_FOR_TURN_MS;
	int free_turn;
	int late = 0;

	(void)pthread_mutex_lock(&github->lock);
	while (github->running >= CALLS_MAX && !late)
		late = !ouro__cond_wait_until(&github->turn, &github->lock, until);
	free_turn = github->running < CALLS_MAX;
	github->running += free_turn ? 1u : 0u;
	(void)pthread_mutex_unlock(&github->lock);
	if (free_turn)
		return OURO_OK;
	return ouro__error_set(reterr, OURO_ERR_PROVIDER,
		"too many people sign in at this moment and GitHub is slow; sign in again");
}

static void give_turn(ouro_github *github)
{
	(void)pthread_mutex_lock(&github->lock);
	github->running--;
	(void)pthread_cond_signal(&github->turn);
	(void)pthread_mutex_unlock(&github->lock);
}

static ouro_status exchange(ouro_github *github, const char *code, const struct state *state,
	ouro_identity *ret_identity, ouro_error *reterr)
{
	char verifier[RANDOM_TEXT];
	char token[OURO__TOKEN_MAX + 1];
	ouro_status rc;

	rc = random_text(state->verifier, verifier, reterr);
	if (rc < 0)
		return rc;
	rc = ouro__github_token(&github->app, code, verifier, token, reterr);
	ouro__wipe(verifier, sizeof(verifier));
	if (rc < 0)
		return rc;
	rc = ouro__github_user(&github->app, token, ret_identity, reterr);
	ouro__github_revoke(&github->app, token);
	ouro__wipe(token, sizeof(token));
	return rc;
}

ouro_status ouro_github_finish(ouro_github *github, const char *code, const char *state,
	const char *sealed, ouro_identity *ret_identity, char ret_purpose[OURO_PURPOSE_MAX],
	ouro_error *reterr)
{
	ouro_identity identity = OURO_IDENTITY_INIT;
	struct state opened = {0};
	ouro_status rc;

	if (!github || !ret_identity || !ret_purpose || ret_identity->size < sizeof(*ret_identity))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"GitHub: an argument is missing, or its size is not set");
	rc = open_state(github, state, sealed, &opened, reterr);
	if (rc < 0)
		goto out;
	if (!text_sound(code, CODE_MAX)) {
		rc = ouro__error_from(reterr, OURO_ORIGIN_PROVIDER, OURO_ERR_PROVIDER,
			"GitHub sent no usable code; sign in again");
		goto out;
	}
	if (!ouro__seen_add(github->used, opened.state,
		    opened.created + STATE_LIFE + OURO__CLOCK_SKEW,
		    ouro__sessions_now(github->sessions))) {
		rc = ouro__error_set(
			reterr, OURO_ERR_STATE, "this sign-in was finished already; sign in again");
		goto out;
	}
	rc = take_turn(github, reterr);
	if (rc < 0)
		goto out;
	rc = exchange(github, code, &opened, &identity, reterr);
	give_turn(github);
	if (rc < 0)
		goto out;
	*ret_identity = identity;
	memcpy(ret_purpose, opened.purpose, sizeof(opened.purpose));
out:
	ouro__wipe(&opened, sizeof(opened));
	return rc;
}
