/* See fake_github.h. One world a test; the fake may be called by several threads. */
#include "fake_github.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t fake_github_now;
char fake_github_log[ROOM];

static int64_t fake_clock(void *user)
{
	(void)user;
	return fake_github_now;
}

static void keep_log(void *user, int level, const char *text)
{
	(void)user;
	assert_int_equal(level, OURO_LOG_WARNING);
	(void)snprintf(fake_github_log, sizeof(fake_github_log), "%s", text);
}

static int which(const struct ouro__http_request *request)
{
	if (strcmp(request->method, "POST") == 0)
		return 0;
	return strcmp(request->method, "GET") == 0 ? 1 : 2;
}

static void remember(struct fake *fake, int call, const struct ouro__http_request *request)
{
	fake->count[call]++;
	fake->timeout_ms[call] = request->timeout_ms;
	(void)snprintf(fake->url[call], ROOM, "%s", request->url);
	(void)snprintf(fake->body[call], ROOM, "%.*s", (int)request->body_size,
		request->body ? (const char *)request->body : "");
	fake->headers[call][0] = '\0';
	for (size_t i = 0; i < request->header_count; i++) {
		size_t used = strlen(fake->headers[call]);

		(void)snprintf(
			fake->headers[call] + used, ROOM - used, "%s\n", request->headers[i]);
	}
}

static ouro_status fake_send(void *ctx, const struct ouro__http_request *request,
	struct ouro__http_reply *ret_reply, ouro_error *reterr)
{
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
	ret_reply->status = call == 0 ? fake->token_status
		: call == 1           ? fake->user_status
				      : fake->revoke_status;
	ouro__buf_append(&ret_reply->body, text, size);
	return OURO_OK;
}

static void fake_free(struct ouro__http *http)
{
	free(http);
}

ouro_status fake_github_make(struct world *w, const ouro_github_options *options)
{
	struct ouro__http *http = calloc(1, sizeof(*http));

	assert_non_null(http);
	http->send = fake_send;
	http->free = fake_free;
	http->ctx = &w->fake;
	return ouro__github_new(options, http, &w->github, &w->error);
}

ouro_github_options fake_github_good_options(struct world *w)
{
	ouro_github_options options = OURO_GITHUB_OPTIONS_INIT;

	options.client_id = "Iv1.abc";
	options.client_secret = "s3cret&=+";
	options.callback_url = "https://vpn.example.org/ouroboros/auth/callback";
	options.sessions = w->sessions;
	options.log = keep_log;
	return options;
}

struct world *fake_github_new(void)
{
	ouro_sessions_options sessions = OURO_SESSIONS_OPTIONS_INIT;
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	fake_github_now = START;
	fake_github_log[0] = '\0';
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

void fake_github_free(struct world *w)
{
	ouro_github_free(w->github);
	ouro_sessions_free(w->sessions);
	(void)pthread_mutex_destroy(&w->fake.lock);
	free(w);
}

/* Value of a query parameter, still encoded. */
void fake_github_query(const char *url, const char *name, char *to, size_t room)
{
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

void fake_github_begin(struct world *w)
{
	assert_int_equal(
		ouro_github_begin(w->github, "register:KEY", w->url, w->sealed, w->tag, &w->error),
		OURO_OK);
	fake_github_query(w->url, "&state", w->state, sizeof(w->state));
}

struct world *fake_github_begun(void)
{
	struct world *w = fake_github_new();
	ouro_github_options options = fake_github_good_options(w);

	assert_int_equal(fake_github_make(w, &options), OURO_OK);
	fake_github_begin(w);
	return w;
}

ouro_status fake_github_finish(struct world *w)
{
	w->error = (ouro_error)OURO_ERROR_INIT;
	return ouro_github_finish(
		w->github, "the-code", w->state, w->sealed, &w->identity, w->purpose, &w->error);
}

int fake_github_calls(const struct world *w)
{
	return w->fake.count[0] + w->fake.count[1] + w->fake.count[2];
}
