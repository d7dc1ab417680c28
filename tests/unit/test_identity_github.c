/* GitHub sign-in: what is said, that nothing is said too early, and every wrong answer. */
#include "fake_github.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/str.h"

static void test_identity_github__begin(void **state)
{
	struct world *w = fake_github_begun();
	char value[256];
	char tag[OURO_STATE_TAG_MAX];
	char first[64];

	(void)state;
	assert_true(ouro__str_starts(w->url,
		"https://github.com/login/oauth/authorize?client_id=Iv1.abc&redirect_uri="));
	fake_github_query(w->url, "redirect_uri", value, sizeof(value));
	assert_string_equal(value, "https%3A%2F%2Fvpn.example.org%2Fouroboros%2Fauth%2Fcallback");
	fake_github_query(w->url, "code_challenge_method", value, sizeof(value));
	assert_string_equal(value, "S256");
	fake_github_query(w->url, "code_challenge", value, sizeof(value));
	assert_int_equal(strlen(value), 43);
	fake_github_query(w->url, "allow_signup", value, sizeof(value));
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
	fake_github_begin(w);
	assert_string_not_equal(first, w->state);
	assert_int_equal(fake_github_calls(w), 0);
	fake_github_free(w);
}

static void test_identity_github__finish(void **state)
{
	struct world *w = fake_github_begun();
	char challenge[64];
	char verifier[64];
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	ouro__buf text = OURO__BUF_INIT(64);

	(void)state;
	assert_int_equal(fake_github_finish(w), OURO_OK);
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
	fake_github_query(w->fake.body[0], "code_verifier", verifier, sizeof(verifier));
	fake_github_query(w->url, "code_challenge", challenge, sizeof(challenge));
	assert_int_equal(
		EVP_Digest(verifier, strlen(verifier), digest, &size, EVP_sha256(), NULL), 1);
	ouro__str_base64url(&text, digest, size);
	assert_string_equal(ouro__buf_str(&text), challenge);
	ouro__buf_done(&text);
	assert_string_equal(w->fake.url[1], "https://api.github.com/user");
	assert_non_null(strstr(w->fake.headers[1], "Authorization: Bearer gho_abc.DEF-1_2\n"));
	assert_non_null(strstr(w->fake.headers[1], "X-GitHub-Api-Version: 2022-11-28\n"));
	assert_non_null(strstr(w->fake.headers[1], "Accept: application/vnd.github+json\n"));
	assert_string_equal(w->fake.url[2], "https://api.github.com/applications/Iv1.abc/token");
	assert_string_equal(w->fake.body[2], "{\"access_token\":\"gho_abc.DEF-1_2\"}");
	assert_non_null(
		strstr(w->fake.headers[2], "Authorization: Basic SXYxLmFiYzpzM2NyZXQmPSs=\n"));
	assert_true(w->fake.timeout_ms[2] <= 3000);
	assert_int_equal(w->fake.timeout_ms[0], 10000);
	assert_string_equal(fake_github_log, "");
	fake_github_free(w);
}

static void test_identity_github__state_first(void **state)
{
	struct world *w = fake_github_begun();
	struct world *stranger = fake_github_begun();
	char other[64];
	ouro_session session = OURO_SESSION_INIT;
	ouro_identity identity = OURO_IDENTITY_INIT;
	char cookie[OURO_SESSION_TEXT_MAX];

	(void)state;
	memcpy(other, w->state, sizeof(other));
	other[5] = other[5] == 'A' ? 'B' : 'A';
	assert_int_equal(ouro_github_finish(w->github, "c", w->state, NULL, &w->identity,
				 w->purpose, &w->error),
		OURO_ERR_STATE);
	assert_int_equal(
		ouro_github_finish(w->github, "c", NULL, w->sealed, &w->identity, w->purpose, NULL),
		OURO_ERR_STATE);
	assert_int_equal(
		ouro_github_finish(w->github, "c", "", w->sealed, &w->identity, w->purpose, NULL),
		OURO_ERR_STATE);
	assert_int_equal(ouro_github_finish(
				 w->github, "c", other, w->sealed, &w->identity, w->purpose, NULL),
		OURO_ERR_STATE);
	assert_int_equal(ouro_github_finish(w->github, "c", w->state, "rubbish", &w->identity,
				 w->purpose, NULL),
		OURO_ERR_STATE);
	assert_int_equal(ouro_github_finish(w->github, "c", stranger->state, stranger->sealed,
				 &w->identity, w->purpose, NULL),
		OURO_ERR_STATE);
	fake_github_begin(stranger);
	assert_int_equal(ouro_github_finish(w->github, "c", stranger->state, w->sealed,
				 &w->identity, w->purpose, NULL),
		OURO_ERR_STATE);
	/* A session cookie is sealed by the same key and still no state. */
	identity.id = 1;
	memcpy(identity.provider, "github", 7);
	memcpy(identity.login, "mia", 4);
	assert_int_equal(
		ouro_session_begin(w->sessions, &identity, &session, cookie, NULL), OURO_OK);
	assert_int_equal(ouro_github_finish(
				 w->github, "c", w->state, cookie, &w->identity, w->purpose, NULL),
		OURO_ERR_STATE);
	assert_int_equal(fake_github_calls(w) + fake_github_calls(stranger), 0);
	assert_int_equal(w->identity.id, 0);
	assert_int_equal(fake_github_finish(w), OURO_OK);
	fake_github_free(stranger);
	fake_github_free(w);
}

static void test_identity_github__replay(void **state)
{
	struct world *w = fake_github_begun();

	(void)state;
	assert_int_equal(fake_github_finish(w), OURO_OK);
	assert_int_equal(fake_github_finish(w), OURO_ERR_STATE);
	assert_int_equal(w->fake.count[0], 1);
	fake_github_begin(w);
	w->fake.token_status = 500;
	assert_int_equal(fake_github_finish(w), OURO_ERR_PROVIDER);
	w->fake.token_status = 200;
	assert_int_equal(
		fake_github_finish(w), OURO_ERR_STATE); /* one try a state, also after a failure */
	assert_int_equal(w->fake.count[0], 2);
	fake_github_free(w);
}

static void test_identity_github__times(void **state)
{
	struct world *w = fake_github_begun();

	(void)state;
	fake_github_now = START + 600;
	assert_int_equal(fake_github_finish(w), OURO_ERR_EXPIRED);
	fake_github_now = START - 61;
	assert_int_equal(fake_github_finish(w), OURO_ERR_EXPIRED);
	assert_int_equal(fake_github_calls(w), 0);
	fake_github_now = START + 599;
	assert_int_equal(fake_github_finish(w), OURO_OK);
	fake_github_now = START;
	fake_github_begin(w);
	fake_github_now = START - 60;
	assert_int_equal(fake_github_finish(w), OURO_OK);
	fake_github_free(w);
}

static void test_identity_github__bad_code(void **state)
{
	struct world *w = fake_github_begun();
	char longest[514];
	static const char *const codes[] = {NULL, "", "a b", "a\nb", "a\xc3\xa4", "a\x7f"};

	(void)state;
	memset(longest, 'c', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_int_equal(ouro_github_finish(w->github, codes[i], w->state, w->sealed,
					 &w->identity, w->purpose, NULL),
			OURO_ERR_PROVIDER);
	assert_int_equal(ouro_github_finish(w->github, longest, w->state, w->sealed, &w->identity,
				 w->purpose, NULL),
		OURO_ERR_PROVIDER);
	assert_int_equal(fake_github_calls(w), 0);
	longest[512] = '\0';
	assert_int_equal(ouro_github_finish(w->github, longest, w->state, w->sealed, &w->identity,
				 w->purpose, NULL),
		OURO_OK);
	fake_github_free(w);
}

static void test_identity_github__token_answers(void **state)
{
	static char deep[2048];
	static char long_token[1200];
	static char longest_token[1200];
	static const struct {
		const char *reply;
		int status;
		const char *word;
	} cases[] = {
		{"{\"error\":\"bad_verification_code\",\"error_description\":\"<b>EVIL</b>\"}", 200,
			"used already"},
		{"{\"error\":\"incorrect_client_credentials\"}", 200, "gh_client_secret"},
		{"{\"error\":\"redirect_uri_mismatch\"}", 200, "callback URL"},
		{"{\"error\":\"unverified_user_email\"}", 200, "e-mail"},
		{"{\"error\":\"EVIL\"}", 200, "not known here"},
		{"{\"error\":5}", 200, "not known here"},
		{"{\"error\":null,\"access_token\":\"t\",\"token_type\":\"bearer\"}", 200,
			"not known here"},
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
		{"{\"access_token\":\"a\",\"access_token\":\"b\",\"token_type\":\"bearer\"}", 200,
			"JSON"},
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
	struct world *w = fake_github_begun();

	(void)state;
	memset(deep, '[', 1000);
	(void)snprintf(long_token, sizeof(long_token),
		"{\"token_type\":\"bearer\",\"access_token\":\"%01025d\"}", 1);
	(void)snprintf(longest_token, sizeof(longest_token),
		"{\"token_type\":\"Bearer\",\"access_token\":\"%01024d\"}", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_github_begin(w);
		w->fake.token_reply = cases[i].reply;
		w->fake.token_status = cases[i].status;
		assert_int_equal(fake_github_finish(w), OURO_ERR_PROVIDER);
		assert_int_equal(w->error.origin, OURO_ORIGIN_PROVIDER);
		assert_int_equal(w->error.http_status, cases[i].status);
		if (!strstr(w->error.text, cases[i].word) || strstr(w->error.text, "EVIL"))
			fail_msg("case %zu: \"%s\"", i, w->error.text);
	}
	assert_int_equal(w->fake.count[1] + w->fake.count[2], 0);
	assert_int_equal(w->identity.id, 0);
	fake_github_begin(w);
	w->fake.token_reply = "{\"access_token\":\"a\0b\",\"token_type\":\"bearer\"}";
	w->fake.token_size = 43;
	assert_int_equal(fake_github_finish(w), OURO_ERR_PROVIDER);
	w->fake.token_size = 0;
	w->fake.token_status = 200;
	w->fake.token_reply = longest_token;
	fake_github_begin(w);
	assert_int_equal(fake_github_finish(w), OURO_OK);
	w->fake.token_reply =
		"{\"access_token\":\"q\\\"uote\",\"token_type\":\"BEARER\",\"expires_in\":\"28800\"}";
	fake_github_begin(w);
	assert_int_equal(fake_github_finish(w), OURO_OK);
	assert_string_equal(w->fake.body[2], "{\"access_token\":\"q\\\"uote\"}");
	fake_github_free(w);
}

static void test_identity_github__user_answers(void **state)
{
	static const struct {
		const char *reply;
		int status;
		uint64_t id; /* 0 = refused */
	} cases[] = {
		{"{\"id\":2147483649,\"login\":\"mia\",\"type\":\"User\"}", 200, 2147483649u},
		{"{\"id\":9223372036854775807,\"login\":\"a-b_C9\",\"type\":\"User\"}", 200,
			INT64_MAX},
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
		{"{\"id\":5,\"login\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"type\":\"User\"}",
			200, 0},
		{"{\"id\":5,\"login\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"type\":\"User\"}",
			200, 5},
		{"[{\"id\":5,\"login\":\"mia\",\"type\":\"User\"}]", 200, 0},
		{GOOD_USER, 401, 0},
		{GOOD_USER, 304, 0},
		{"{\"id\":5", 200, 0},
	};
	struct world *w = fake_github_begun();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ouro_status rc;

		fake_github_begin(w);
		w->identity = (ouro_identity)OURO_IDENTITY_INIT;
		w->fake.user_reply = cases[i].reply;
		w->fake.user_status = cases[i].status;
		rc = fake_github_finish(w);
		if (rc != (cases[i].id ? OURO_OK : OURO_ERR_PROVIDER) ||
			w->identity.id != cases[i].id)
			fail_msg("case %zu: %s", i, ouro_status_name(rc));
		assert_int_equal(
			w->fake.count[2], i + 1); /* the token goes back whatever came of it */
	}
	fake_github_free(w);
}

static void test_identity_github__network_failures(void **state)
{
	static const ouro_status failures[] = {
		OURO_ERR_UNREACHABLE, OURO_ERR_TIMEOUT, OURO_ERR_LIMIT, OURO_ERR_PROTOCOL};
	struct world *w = fake_github_begun();

	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		for (int call = 0; call < 2; call++) {
			fake_github_begin(w);
			memset(w->fake.failure, 0, sizeof(w->fake.failure));
			w->fake.failure[call] = failures[i];
			assert_int_equal(fake_github_finish(w), OURO_ERR_PROVIDER);
			assert_non_null(strstr(w->error.text, "fake failure"));
			assert_int_equal(w->error.flags, i < 2 ? OURO_ERROR_RETRYABLE : 0);
		}
	}
	memset(w->fake.failure, 0, sizeof(w->fake.failure));
	w->fake.failure[0] = OURO_ERR_NOMEM;
	fake_github_begin(w);
	assert_int_equal(fake_github_finish(w), OURO_ERR_NOMEM);
	fake_github_free(w);
}

static void test_identity_github__revoke_is_best_effort(void **state)
{
	struct world *w = fake_github_begun();

	(void)state;
	w->fake.revoke_status = 404;
	assert_int_equal(fake_github_finish(w), OURO_OK);
	assert_non_null(strstr(fake_github_log, "404"));
	fake_github_begin(w);
	w->fake.failure[2] = OURO_ERR_TIMEOUT;
	assert_int_equal(fake_github_finish(w), OURO_OK);
	assert_non_null(strstr(fake_github_log, "fake failure"));
	assert_null(strstr(fake_github_log, "gho_"));
	fake_github_free(w);
}

int main(void)
{
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
