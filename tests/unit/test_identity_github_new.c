/* GitHub sign-in: options, places of Enterprise servers, and many at once. */
#include "fake_github.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/str.h"

static void test_identity_github_new__places(void **state)
{
	static const struct {
		const char *url;
		const char *api_url;
		const char *token;
		const char *user;
	} cases[] = {
		{"https://github.com/", NULL, "https://github.com/login/oauth/access_token",
			"https://api.github.com/user"},
		{"https://git.example.org", NULL,
			"https://git.example.org/login/oauth/access_token",
			"https://git.example.org/api/v3/user"},
		{"https://git.example.org/sub/", NULL,
			"https://git.example.org/sub/login/oauth/access_token",
			"https://git.example.org/sub/api/v3/user"},
		{"https://octo.ghe.com", NULL, "https://octo.ghe.com/login/oauth/access_token",
			"https://api.octo.ghe.com/user"},
		{"http://127.0.0.1:9000", "http://localhost:9001/api/",
			"http://127.0.0.1:9000/login/oauth/access_token",
			"http://localhost:9001/api/user"},
		{NULL, "https://api.example.org", "https://github.com/login/oauth/access_token",
			"https://api.example.org/user"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *w = fake_github_new();
		ouro_github_options options = fake_github_good_options(w);

		options.url = cases[i].url;
		options.api_url = cases[i].api_url;
		assert_int_equal(fake_github_make(w, &options), OURO_OK);
		fake_github_begin(w);
		assert_int_equal(fake_github_finish(w), OURO_OK);
		assert_string_equal(w->fake.url[0], cases[i].token);
		assert_string_equal(w->fake.url[1], cases[i].user);
		fake_github_free(w);
	}
}

static void refuse(const char *field, const char *value)
{
	struct world *w = fake_github_new();
	ouro_github_options options = fake_github_good_options(w);

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
	assert_int_equal(fake_github_make(w, &options), OURO_ERR_INVALID);
	assert_null(w->github);
	if (value && *value && strstr(w->error.text, value))
		fail_msg("repeats the value: %s", w->error.text);
	fake_github_free(w);
}

static void test_identity_github_new__bad_options(void **state)
{
	struct world *w = fake_github_begun();
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
	assert_int_equal(ouro_github_begin(w->github, "", w->url, w->sealed, w->tag, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro_github_begin(w->github, NULL, w->url, w->sealed, w->tag, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro_github_begin(w->github, "a\nb", w->url, w->sealed, w->tag, NULL),
		OURO_ERR_INVALID);
	memset(purpose, 'p', sizeof(purpose));
	purpose[OURO_PURPOSE_MAX] = '\0';
	assert_int_equal(ouro_github_begin(w->github, purpose, w->url, w->sealed, w->tag, NULL),
		OURO_ERR_INVALID);
	purpose[OURO_PURPOSE_MAX - 1] = '\0';
	assert_int_equal(
		ouro_github_begin(w->github, purpose, w->url, w->sealed, w->tag, NULL), OURO_OK);
	fake_github_query(w->url, "&state", w->state, sizeof(w->state));
	assert_int_equal(fake_github_finish(w), OURO_OK);
	assert_string_equal(w->purpose, purpose);
	w->identity.size = 4;
	assert_int_equal(fake_github_finish(w), OURO_ERR_INVALID);
	fake_github_free(w);
}

enum { THREADS = 14 };

struct job {
	struct world *w;
	ouro_status rc;
};

static void *sign_in(void *user)
{
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

static void run_jobs(struct world *w, int delay_ms, int *ret_ok, int *ret_refused)
{
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

static void test_identity_github_new__eight_at_a_time(void **state)
{
	struct world *w = fake_github_begun();
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
	fake_github_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_github_new__places),
		cmocka_unit_test(test_identity_github_new__bad_options),
		cmocka_unit_test(test_identity_github_new__eight_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
