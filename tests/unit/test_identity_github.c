/* GitHub sign-in against a fake HTTP: what is said, that nothing is said too early, and every wrong answer. */
#include "check.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/str.h"
#include "identity/github.h"
#include "identity/sessions.h"

#define START 1700000000
#define GOOD_TOKEN "{\"access_token\":\"gho_abc.DEF-1_2\",\"token_type\":\"bearer\",\"scope\":\"\"}"
#define GOOD_USER "{\"id\":19270622,\"login\":\"mia\",\"type\":\"User\",\"name\":null}"

enum { ROOM = 4096, CALLS = 3 };

/* Answers by method and place; keeps what it was asked. */
struct fake {
	pthread_mutex_t lock;
	const char *token_reply;
	size_t token_size; /* 0 = strlen */
	int token_status;
	const char *user_reply;
	int user_status;
	int revoke_status;
	ouro_status failure[CALLS]; /* of send() for token, user, revoke */
	int delay_ms;
	int count[CALLS];
	int running;
	int most;
	char url[CALLS][ROOM];
	char headers[CALLS][ROOM];
	char body[CALLS][ROOM];
	int64_t timeout_ms[CALLS];
};

static int64_t now;
static char log_text[ROOM];

static int64_t fake_clock(void *user) {
	(void)user;
	return now;
}

static void keep_log(void *user, int level, const char *text) {
	(void)user;
	assert_int_equal(level, OURO_LOG_WARNING);
	(void)snprintf(log_text, sizeof(log_text), "%s", text);
}

static int which(const struct ouro__http_request *request) {
	if (strcmp(request->method, "POST") == 0)
		return 0;
	return strcmp(request->method, "GET") == 0 ? 1 : 2;
}

static void remember(struct fake *fake, int call, const struct ouro__http_request *request) {
	fake->count[call]++;
	fake->timeout_ms[call] = request->timeout_ms;
	(void)snprintf(fake->url[call], ROOM, "%s", request->url);
	(void)snprintf(fake->body[call], ROOM, "%.*s", (int)request->body_size,
		request->body ? (const char *)request->body : "");
	fake->headers[call][0] = '\0';
	for (size_t i = 0; i < request->header_count; i++) {
		size_t used = strlen(fake->headers[call]);

		(void)snprintf(fake->headers[call] + used, ROOM - used, "%s\n", request->headers[i]);
	}
}

static ouro_status fake_send(void *ctx, const struct ouro__http_request *request, struct ouro__http_reply *ret_reply,
	ouro_error *reterr) {
	struct fake *fake = ctx;
	int call = which(request);
	const char *text = call == 0 ? fake->token_reply : call == 1 ? fake->user_reply : "";
	size_t size = call == 0 && fake->token_size ? fake->token_size : strlen(text);
	struct timespec delay = {0, fake->delay_ms * 1000000L};

	(void)pthread_mutex_lock(&fake->lock);
	remember(fake, call, request);
	fake->running++;
	if (fake->running > fake->most)
		fake->most = fake->running;
	(void)pthread_mutex_unlock(&fake->lock);
	if (fake->delay_ms)
		(void)nanosleep(&delay, NULL);
	(void)pthread_mutex_lock(&fake->lock);
	fake->running--;
	(void)pthread_mutex_unlock(&fake->lock);
	if (fake->failure[call])
		return ouro__error_set(reterr, fake->failure[call], "fake failure");
	*ret_reply = (struct ouro__http_reply){.body = OURO__BUF_INIT(OURO__HTTP_REPLY_MAX)};
	ret_reply->status = call == 0 ? fake->token_status : call == 1 ? fake->user_status : fake->revoke_status;
	ouro__buf_append(&ret_reply->body, text, size);
	return OURO_OK;
}

static void fake_free(struct ouro__http *http) {
	free(http);
}

struct world {
	struct fake fake;
	ouro_sessions *sessions;
	ouro_github *github;
	char url[OURO_AUTHORIZE_URL_MAX];
	char sealed[OURO_STATE_TEXT_MAX];
	char tag[OURO_STATE_TAG_MAX];
	char state[64];
	ouro_identity identity;
	char purpose[OURO_PURPOSE_MAX];
	ouro_error error;
};

static ouro_status make(struct world *w, const ouro_github_options *options) {
	struct ouro__http *http = calloc(1, sizeof(*http));

	assert_non_null(http);
	http->send = fake_send;
	http->free = fake_free;
	http->ctx = &w->fake;
	return ouro__github_new(options, http, &w->github, &w->error);
}

static ouro_github_options good_options(struct world *w) {
	ouro_github_options options = OURO_GITHUB_OPTIONS_INIT;

	options.client_id = "Iv1.abc";
	options.client_secret = "s3cret&=+";
	options.callback_url = "https://vpn.example.org/ouroboros/auth/callback";
	options.sessions = w->sessions;
	options.log = keep_log;
	return options;
}

static struct world *world_new(void) {
	ouro_sessions_options sessions = OURO_SESSIONS_OPTIONS_INIT;
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	now = START;
	log_text[0] = '\0';
	assert_int_equal(pthread_mutex_init(&w->fake.lock, NULL), 0);
	w->fake.token_reply = GOOD_TOKEN;
	w->fake.token_status = 200;
	w->fake.user_reply = GOOD_USER;
	w->fake.user_status = 200;
	w->fake.revoke_status = 204;
	w->error = (ouro_error)OURO_ERROR_INIT;
	w->identity = (ouro_identity)OURO_IDENTITY_INIT;
	sessions.audience = "https://vpn.example.org/ouroboros";
	sessions.clock = fake_clock;
	assert_int_equal(ouro_sessions_new(&sessions, &w->sessions, NULL), OURO_OK);
	return w;
}

static void world_free(struct world *w) {
	ouro_github_free(w->github);
	ouro_sessions_free(w->sessions);
	(void)pthread_mutex_destroy(&w->fake.lock);
	free(w);
}

/* Value of a query parameter, still encoded. */
static void query(const char *url, const char *name, char *to, size_t room) {
	char pattern[64];
	const char *at;

	(void)snprintf(pattern, sizeof(pattern), "%s=", name);
	at = strstr(url, pattern);
	assert_non_null(at);
	at += strlen(pattern);
	assert_true(strcspn(at, "&") < room);
	memcpy(to, at, strcspn(at, "&"));
	to[strcspn(at, "&")] = '\0';
}

static void begin(struct world *w) {
	assert_int_equal(ouro_github_begin(w->github, "register:KEY", w->url, w->sealed, w->tag, &w->error), OURO_OK);
	query(w->url, "&state", w->state, sizeof(w->state));
}

static struct world *begun(void) {
	struct world *w = world_new();
	ouro_github_options options = good_options(w);

	assert_int_equal(make(w, &options), OURO_OK);
	begin(w);
	return w;
}

static ouro_status finish(struct world *w) {
	w->error = (ouro_error)OURO_ERROR_INIT;
	return ouro_github_finish(w->github, "the-code", w->state, w->sealed, &w->identity, w->purpose, &w->error);
}

static int calls(const struct world *w) {
	return w->fake.count[0] + w->fake.count[1] + w->fake.count[2];
}

static void test_identity_github__begin(void **state) {
	struct world *w = begun();
	char value[256];
	char tag[OURO_STATE_TAG_MAX];
	char first[64];

	(void)state;
	assert_true(ouro__str_starts(w->url, "https://github.com/login/oauth/authorize?client_id=Iv1.abc&redirect_uri="));
	query(w->url, "redirect_uri", value, sizeof(value));
	assert_string_equal(value, "https%3A%2F%2Fvpn.example.org%2Fouroboros%2Fauth%2Fcallback");
	query(w->url, "code_challenge_method", value, sizeof(value));
	assert_string_equal(value, "S256");
	query(w->url, "code_challenge", value, sizeof(value));
	assert_int_equal(strlen(value), 43);
	query(w->url, "allow_signup", value, sizeof(value));
	assert_string_equal(value, "false");
	assert_null(strstr(w->url, "scope"));
	assert_null(strstr(w->url, "s3cret"));
	assert_int_equal(strlen(w->state), 43);
	assert_int_equal(ouro_github_tag(w->state, strlen(w->state), tag, NULL), OURO_OK);
	assert_string_equal(tag, w->tag);
	assert_int_equal(strlen(tag), 8);
	assert_int_equal(ouro_github_tag("\0\xff", 2, tag, NULL), OURO_OK);
	assert_string_not_equal(tag, w->tag);
	memcpy(first, w->state, sizeof(first));
	begin(w);
	assert_string_not_equal(first, w->state);
	assert_int_equal(calls(w), 0);
	world_free(w);
}

static void test_identity_github__finish(void **state) {
	struct world *w = begun();
	char challenge[64];
	char verifier[64];
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	ouro__buf text = OURO__BUF_INIT(64);

	(void)state;
	assert_int_equal(finish(w), OURO_OK);
	assert_int_equal(w->identity.id, 19270622);
	assert_string_equal(w->identity.login, "mia");
	assert_string_equal(w->identity.provider, "github");
	assert_string_equal(w->purpose, "register:KEY");
	assert_int_equal(w->fake.count[0], 1);
	assert_int_equal(w->fake.count[1], 1);
	assert_int_equal(w->fake.count[2], 1);
	assert_string_equal(w->fake.url[0], "https://github.com/login/oauth/access_token");
	assert_non_null(strstr(w->fake.headers[0], "Accept: application/json\n"));
	assert_non_null(strstr(w->fake.headers[0], "User-Agent: ouroboros/"));
	assert_true(ouro__str_starts(w->fake.body[0],
		"client_id=Iv1.abc&client_secret=s3cret%26%3D%2B&code=the-code&redirect_uri=https%3A%2F%2Fvpn.example.org"));
	query(w->fake.body[0], "code_verifier", verifier, sizeof(verifier));
	query(w->url, "code_challenge", challenge, sizeof(challenge));
	assert_int_equal(EVP_Digest(verifier, strlen(verifier), digest, &size, EVP_sha256(), NULL), 1);
	ouro__str_base64url(&text, digest, size);
	assert_string_equal(ouro__buf_str(&text), challenge);
	ouro__buf_done(&text);
	assert_string_equal(w->fake.url[1], "https://api.github.com/user");
	assert_non_null(strstr(w->fake.headers[1], "Authorization: Bearer gho_abc.DEF-1_2\n"));
	assert_non_null(strstr(w->fake.headers[1], "X-GitHub-Api-Version: 2022-11-28\n"));
	assert_non_null(strstr(w->fake.headers[1], "Accept: application/vnd.github+json\n"));
	assert_string_equal(w->fake.url[2], "https://api.github.com/applications/Iv1.abc/token");
	assert_string_equal(w->fake.body[2], "{\"access_token\":\"gho_abc.DEF-1_2\"}");
	assert_non_null(strstr(w->fake.headers[2], "Authorization: Basic SXYxLmFiYzpzM2NyZXQmPSs=\n"));
	assert_true(w->fake.timeout_ms[2] <= 3000);
	assert_int_equal(w->fake.timeout_ms[0], 10000);
	assert_string_equal(log_text, "");
	world_free(w);
}

static void test_identity_github__state_first(void **state) {
	struct world *w = begun();
	struct world *stranger = begun();
	char other[64];
	ouro_session session = OURO_SESSION_INIT;
	ouro_identity identity = OURO_IDENTITY_INIT;
	char cookie[OURO_SESSION_TEXT_MAX];

	(void)state;
	memcpy(other, w->state, sizeof(other));
	other[5] = other[5] == 'A' ? 'B' : 'A';
	assert_int_equal(ouro_github_finish(w->github, "c", w->state, NULL, &w->identity, w->purpose, &w->error), OURO_ERR_STATE);
	assert_int_equal(ouro_github_finish(w->github, "c", NULL, w->sealed, &w->identity, w->purpose, NULL), OURO_ERR_STATE);
	assert_int_equal(ouro_github_finish(w->github, "c", "", w->sealed, &w->identity, w->purpose, NULL), OURO_ERR_STATE);
	assert_int_equal(ouro_github_finish(w->github, "c", other, w->sealed, &w->identity, w->purpose, NULL), OURO_ERR_STATE);
	assert_int_equal(ouro_github_finish(w->github, "c", w->state, "rubbish", &w->identity, w->purpose, NULL), OURO_ERR_STATE);
	assert_int_equal(ouro_github_finish(w->github, "c", stranger->state, stranger->sealed, &w->identity, w->purpose, NULL),
		OURO_ERR_STATE);
	begin(stranger);
	assert_int_equal(ouro_github_finish(w->github, "c", stranger->state, w->sealed, &w->identity, w->purpose, NULL),
		OURO_ERR_STATE);
	/* A session cookie is sealed by the same key and still no state. */
	identity.id = 1;
	memcpy(identity.provider, "github", 7);
	memcpy(identity.login, "mia", 4);
	assert_int_equal(ouro_session_begin(w->sessions, &identity, &session, cookie, NULL), OURO_OK);
	assert_int_equal(ouro_github_finish(w->github, "c", w->state, cookie, &w->identity, w->purpose, NULL), OURO_ERR_STATE);
	assert_int_equal(calls(w) + calls(stranger), 0);
	assert_int_equal(w->identity.id, 0);
	assert_int_equal(finish(w), OURO_OK);
	world_free(stranger);
	world_free(w);
}

static void test_identity_github__replay(void **state) {
	struct world *w = begun();

	(void)state;
	assert_int_equal(finish(w), OURO_OK);
	assert_int_equal(finish(w), OURO_ERR_STATE);
	assert_int_equal(w->fake.count[0], 1);
	begin(w);
	w->fake.token_status = 500;
	assert_int_equal(finish(w), OURO_ERR_PROVIDER);
	w->fake.token_status = 200;
	assert_int_equal(finish(w), OURO_ERR_STATE); /* one try a state, also after a failure */
	assert_int_equal(w->fake.count[0], 2);
	world_free(w);
}

static void test_identity_github__times(void **state) {
	struct world *w = begun();

	(void)state;
	now = START + 600;
	assert_int_equal(finish(w), OURO_ERR_EXPIRED);
	now = START - 61;
	assert_int_equal(finish(w), OURO_ERR_EXPIRED);
	assert_int_equal(calls(w), 0);
	now = START + 599;
	assert_int_equal(finish(w), OURO_OK);
	now = START;
	begin(w);
	now = START - 60;
	assert_int_equal(finish(w), OURO_OK);
	world_free(w);
}

static void test_identity_github__bad_code(void **state) {
	struct world *w = begun();
	char longest[514];
	static const char *const codes[] = {NULL, "", "a b", "a\nb", "a\xc3\xa4", "a\x7f"};

	(void)state;
	memset(longest, 'c', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_int_equal(ouro_github_finish(w->github, codes[i], w->state, w->sealed, &w->identity, w->purpose, NULL),
			OURO_ERR_PROVIDER);
	assert_int_equal(ouro_github_finish(w->github, longest, w->state, w->sealed, &w->identity, w->purpose, NULL),
		OURO_ERR_PROVIDER);
	assert_int_equal(calls(w), 0);
	longest[512] = '\0';
	assert_int_equal(ouro_github_finish(w->github, longest, w->state, w->sealed, &w->identity, w->purpose, NULL), OURO_OK);
	world_free(w);
}

static void test_identity_github__token_answers(void **state) {
	static char deep[2048];
	static char long_token[1200];
	static char longest_token[1200];
	static const struct {
		const char *reply;
		int status;
		const char *word;
	} cases[] = {
		{"{\"error\":\"bad_verification_code\",\"error_description\":\"<b>EVIL</b>\"}", 200, "used already"},
		{"{\"error\":\"incorrect_client_credentials\"}", 200, "gh_client_secret"},
		{"{\"error\":\"redirect_uri_mismatch\"}", 200, "callback URL"},
		{"{\"error\":\"unverified_user_email\"}", 200, "e-mail"},
		{"{\"error\":\"EVIL\"}", 200, "not known here"},
		{"{\"error\":5}", 200, "not known here"},
		{"{\"error\":null,\"access_token\":\"t\",\"token_type\":\"bearer\"}", 200, "not known here"},
		{GOOD_TOKEN, 500, "problem of its own"},
		{GOOD_TOKEN, 302, "redirection"},
		{GOOD_TOKEN, 201, "refused"},
		{GOOD_TOKEN, 401, "401"},
		{GOOD_TOKEN, 403, "too many"},
		{GOOD_TOKEN, 404, "404"},
		{GOOD_TOKEN, 429, "too many"},
		{"", 200, "JSON"},
		{"<html>EVIL</html>", 200, "JSON"},
		{"access_token=t&token_type=bearer", 200, "JSON"},
		{"[]", 200, "JSON"},
		{"\"t\"", 200, "JSON"},
		{"{\"access_token\":\"a\",\"access_token\":\"b\",\"token_type\":\"bearer\"}", 200, "JSON"},
		{GOOD_TOKEN "x", 200, "JSON"},
		{deep, 200, "JSON"},
		{"{}", 200, "token"},
		{"{\"access_token\":\"\",\"token_type\":\"bearer\"}", 200, "token"},
		{"{\"access_token\":5,\"token_type\":\"bearer\"}", 200, "token"},
		{"{\"access_token\":\"a b\",\"token_type\":\"bearer\"}", 200, "token"},
		{"{\"access_token\":\"a\\r\\nX: y\",\"token_type\":\"bearer\"}", 200, "token"},
		{"{\"access_token\":\"\xc3\xa4\",\"token_type\":\"bearer\"}", 200, "token"},
		{"{\"access_token\":\"t\"}", 200, "token"},
		{"{\"access_token\":\"t\",\"token_type\":\"mac\"}", 200, "token"},
		{"{\"access_token\":\"t\",\"token_type\":null}", 200, "token"},
		{long_token, 200, "token"},
	};
	struct world *w = begun();

	(void)state;
	memset(deep, '[', 1000);
	(void)snprintf(long_token, sizeof(long_token), "{\"token_type\":\"bearer\",\"access_token\":\"%01025d\"}", 1);
	(void)snprintf(longest_token, sizeof(longest_token), "{\"token_type\":\"Bearer\",\"access_token\":\"%01024d\"}", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(w);
		w->fake.token_reply = cases[i].reply;
		w->fake.token_status = cases[i].status;
		assert_int_equal(finish(w), OURO_ERR_PROVIDER);
		assert_int_equal(w->error.origin, OURO_ORIGIN_PROVIDER);
		assert_int_equal(w->error.http_status, cases[i].status);
		if (!strstr(w->error.text, cases[i].word) || strstr(w->error.text, "EVIL"))
			fail_msg("case %zu: \"%s\"", i, w->error.text);
	}
	assert_int_equal(w->fake.count[1] + w->fake.count[2], 0);
	assert_int_equal(w->identity.id, 0);
	begin(w);
	w->fake.token_reply = "{\"access_token\":\"a\0b\",\"token_type\":\"bearer\"}";
	w->fake.token_size = 43;
	assert_int_equal(finish(w), OURO_ERR_PROVIDER);
	w->fake.token_size = 0;
	w->fake.token_status = 200;
	w->fake.token_reply = longest_token;
	begin(w);
	assert_int_equal(finish(w), OURO_OK);
	w->fake.token_reply = "{\"access_token\":\"q\\\"uote\",\"token_type\":\"BEARER\",\"expires_in\":\"28800\"}";
	begin(w);
	assert_int_equal(finish(w), OURO_OK);
	assert_string_equal(w->fake.body[2], "{\"access_token\":\"q\\\"uote\"}");
	world_free(w);
}

static void test_identity_github__user_answers(void **state) {
	static const struct {
		const char *reply;
		int status;
		uint64_t id; /* 0 = refused */
	} cases[] = {
		{"{\"id\":2147483649,\"login\":\"mia\",\"type\":\"User\"}", 200, 2147483649u},
		{"{\"id\":9223372036854775807,\"login\":\"a-b_C9\",\"type\":\"User\"}", 200, INT64_MAX},
		{"{\"id\":0,\"login\":\"mia\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":-1,\"login\":\"mia\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":1.5,\"login\":\"mia\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":1.0,\"login\":\"mia\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":\"5\",\"login\":\"mia\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":9223372036854775808,\"login\":\"mia\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":null,\"login\":\"mia\",\"type\":\"User\"}", 200, 0},
		{"{\"login\":\"mia\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":5,\"id\":6,\"login\":\"mia\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":5,\"login\":\"mia\",\"type\":\"Organization\"}", 200, 0},
		{"{\"id\":5,\"login\":\"mia\",\"type\":\"Bot\"}", 200, 0},
		{"{\"id\":5,\"login\":\"mia\",\"type\":\"user\"}", 200, 0},
		{"{\"id\":5,\"login\":\"mia\"}", 200, 0},
		{"{\"id\":5,\"type\":\"User\"}", 200, 0},
		{"{\"id\":5,\"login\":\"\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":5,\"login\":null,\"type\":\"User\"}", 200, 0},
		{"{\"id\":5,\"login\":\"<b>\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":5,\"login\":\"m\xc3\xa4\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":5,\"login\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"type\":\"User\"}", 200, 0},
		{"{\"id\":5,\"login\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"type\":\"User\"}", 200, 5},
		{"[{\"id\":5,\"login\":\"mia\",\"type\":\"User\"}]", 200, 0},
		{GOOD_USER, 401, 0},
		{GOOD_USER, 304, 0},
		{"{\"id\":5", 200, 0},
	};
	struct world *w = begun();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ouro_status rc;

		begin(w);
		w->identity = (ouro_identity)OURO_IDENTITY_INIT;
		w->fake.user_reply = cases[i].reply;
		w->fake.user_status = cases[i].status;
		rc = finish(w);
		if (rc != (cases[i].id ? OURO_OK : OURO_ERR_PROVIDER) || w->identity.id != cases[i].id)
			fail_msg("case %zu: %s", i, ouro_status_name(rc));
		assert_int_equal(w->fake.count[2], i + 1); /* the token goes back whatever came of it */
	}
	world_free(w);
}

static void test_identity_github__network_failures(void **state) {
	static const ouro_status failures[] = {OURO_ERR_UNREACHABLE, OURO_ERR_TIMEOUT, OURO_ERR_LIMIT, OURO_ERR_PROTOCOL};
	struct world *w = begun();

	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		for (int call = 0; call < 2; call++) {
			begin(w);
			memset(w->fake.failure, 0, sizeof(w->fake.failure));
			w->fake.failure[call] = failures[i];
			assert_int_equal(finish(w), OURO_ERR_PROVIDER);
			assert_non_null(strstr(w->error.text, "fake failure"));
			assert_int_equal(w->error.flags, i < 2 ? OURO_ERROR_RETRYABLE : 0);
		}
	}
	memset(w->fake.failure, 0, sizeof(w->fake.failure));
	w->fake.failure[0] = OURO_ERR_NOMEM;
	begin(w);
	assert_int_equal(finish(w), OURO_ERR_NOMEM);
	world_free(w);
}

static void test_identity_github__revoke_is_best_effort(void **state) {
	struct world *w = begun();

	(void)state;
	w->fake.revoke_status = 404;
	assert_int_equal(finish(w), OURO_OK);
	assert_non_null(strstr(log_text, "404"));
	begin(w);
	w->fake.failure[2] = OURO_ERR_TIMEOUT;
	assert_int_equal(finish(w), OURO_OK);
	assert_non_null(strstr(log_text, "fake failure"));
	assert_null(strstr(log_text, "gho_"));
	world_free(w);
}

static void test_identity_github__places(void **state) {
	static const struct {
		const char *url;
		const char *api_url;
		const char *token;
		const char *user;
	} cases[] = {
		{"https://github.com/", NULL, "https://github.com/login/oauth/access_token", "https://api.github.com/user"},
		{"https://git.example.org", NULL, "https://git.example.org/login/oauth/access_token", "https://git.example.org/api/v3/user"},
		{"https://git.example.org/sub/", NULL, "https://git.example.org/sub/login/oauth/access_token",
			"https://git.example.org/sub/api/v3/user"},
		{"https://octo.ghe.com", NULL, "https://octo.ghe.com/login/oauth/access_token", "https://api.octo.ghe.com/user"},
		{"http://127.0.0.1:9000", "http://localhost:9001/api/", "http://127.0.0.1:9000/login/oauth/access_token",
			"http://localhost:9001/api/user"},
		{NULL, "https://api.example.org", "https://github.com/login/oauth/access_token", "https://api.example.org/user"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *w = world_new();
		ouro_github_options options = good_options(w);

		options.url = cases[i].url;
		options.api_url = cases[i].api_url;
		assert_int_equal(make(w, &options), OURO_OK);
		begin(w);
		assert_int_equal(finish(w), OURO_OK);
		assert_string_equal(w->fake.url[0], cases[i].token);
		assert_string_equal(w->fake.url[1], cases[i].user);
		world_free(w);
	}
}

static void refuse(const char *field, const char *value) {
	struct world *w = world_new();
	ouro_github_options options = good_options(w);

	if (strcmp(field, "id") == 0)
		options.client_id = value;
	else if (strcmp(field, "secret") == 0)
		options.client_secret = value;
	else if (strcmp(field, "callback") == 0)
		options.callback_url = value;
	else if (strcmp(field, "url") == 0)
		options.url = value;
	else if (strcmp(field, "api") == 0)
		options.api_url = value;
	else
		options.sessions = NULL;
	assert_int_equal(make(w, &options), OURO_ERR_INVALID);
	assert_null(w->github);
	if (value && *value && strstr(w->error.text, value))
		fail_msg("repeats the value: %s", w->error.text);
	world_free(w);
}

static void test_identity_github__bad_options(void **state) {
	struct world *w = begun();
	char purpose[OURO_PURPOSE_MAX + 1];

	(void)state;
	refuse("id", NULL);
	refuse("id", "");
	refuse("id", "a b");
	refuse("id", "a:b");
	refuse("secret", NULL);
	refuse("secret", "se\ncret");
	refuse("callback", NULL);
	refuse("callback", "http://vpn.example.org/cb");
	refuse("callback", "https://user@vpn.example.org/cb");
	refuse("callback", "https://vpn.example.org/cb?x=1");
	refuse("callback", "ftp://vpn.example.org/");
	refuse("url", "http://github.com");
	refuse("url", "github.com");
	refuse("url", "https://");
	refuse("api", "http://10.0.0.1/api");
	refuse("sessions", NULL);
	assert_int_equal(ouro_github_new(NULL, &w->github, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_github_begin(w->github, "", w->url, w->sealed, w->tag, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_github_begin(w->github, NULL, w->url, w->sealed, w->tag, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_github_begin(w->github, "a\nb", w->url, w->sealed, w->tag, NULL), OURO_ERR_INVALID);
	memset(purpose, 'p', sizeof(purpose));
	purpose[OURO_PURPOSE_MAX] = '\0';
	assert_int_equal(ouro_github_begin(w->github, purpose, w->url, w->sealed, w->tag, NULL), OURO_ERR_INVALID);
	purpose[OURO_PURPOSE_MAX - 1] = '\0';
	assert_int_equal(ouro_github_begin(w->github, purpose, w->url, w->sealed, w->tag, NULL), OURO_OK);
	query(w->url, "&state", w->state, sizeof(w->state));
	assert_int_equal(finish(w), OURO_OK);
	assert_string_equal(w->purpose, purpose);
	w->identity.size = 4;
	assert_int_equal(finish(w), OURO_ERR_INVALID);
	world_free(w);
}

enum { THREADS = 14 };

struct job {
	struct world *w;
	ouro_status rc;
};

static void *sign_in(void *user) {
	struct job *job = user;
	ouro_identity identity = OURO_IDENTITY_INIT;
	char url[OURO_AUTHORIZE_URL_MAX];
	char sealed[OURO_STATE_TEXT_MAX];
	char tag[OURO_STATE_TAG_MAX];
	char purpose[OURO_PURPOSE_MAX];
	char state[64];
	const char *at;

	job->rc = ouro_github_begin(job->w->github, "devices", url, sealed, tag, NULL);
	if (job->rc < 0)
		return NULL;
	at = strstr(url, "&state=") + 7;
	(void)snprintf(state, sizeof(state), "%.43s", at);
	job->rc = ouro_github_finish(job->w->github, "c", state, sealed, &identity, purpose, NULL);
	return NULL;
}

static void run_jobs(struct world *w, int delay_ms, int *ret_ok, int *ret_refused) {
	pthread_t threads[THREADS];
	struct job jobs[THREADS];

	w->fake.delay_ms = delay_ms;
	*ret_ok = 0;
	*ret_refused = 0;
	for (int i = 0; i < THREADS; i++) {
		jobs[i].w = w;
		assert_int_equal(pthread_create(&threads[i], NULL, sign_in, &jobs[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		*ret_ok += jobs[i].rc == OURO_OK;
		*ret_refused += jobs[i].rc == OURO_ERR_PROVIDER;
	}
}

static void test_identity_github__eight_at_a_time(void **state) {
	struct world *w = begun();
	int ok;
	int refused;

	(void)state;
	run_jobs(w, 20, &ok, &refused);
	assert_int_equal(ok, THREADS);
	assert_true(w->fake.most <= 8);
	run_jobs(w, 950, &ok, &refused); /* three calls take longer than a turn is waited for */
	assert_int_equal(ok + refused, THREADS);
	assert_true(ok >= 8 && refused >= 1);
	assert_true(w->fake.most <= 8);
	world_free(w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_github__begin),
		cmocka_unit_test(test_identity_github__finish),
		cmocka_unit_test(test_identity_github__state_first),
		cmocka_unit_test(test_identity_github__replay),
		cmocka_unit_test(test_identity_github__times),
		cmocka_unit_test(test_identity_github__bad_code),
		cmocka_unit_test(test_identity_github__token_answers),
		cmocka_unit_test(test_identity_github__user_answers),
		cmocka_unit_test(test_identity_github__network_failures),
		cmocka_unit_test(test_identity_github__revoke_is_best_effort),
		cmocka_unit_test(test_identity_github__places),
		cmocka_unit_test(test_identity_github__bad_options),
		cmocka_unit_test(test_identity_github__eight_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
