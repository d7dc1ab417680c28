/* The GitHub sign-in where it ends: arguments that are missing, states that another version sealed,
 * answers with statuses nobody expects. Whatever is refused, GitHub is not asked. */
#include "fake_github.h"

#include <stdio.h>

#include "identity/pack.h"

enum { PLAIN = 1 + 8 + 32 + 32 + OURO_PURPOSE_MAX };

static char *const nowhere; /* no place for a text */

static void test_identity_github_limits__begin(void **state)
{
	static const char *const purposes[] = {"", "a\x7f", "a\x1f", "\xc3\xa4", NULL};
	struct world *w = fake_github_begun();
	char longest[OURO_PURPOSE_MAX + 1];
	char url[OURO_AUTHORIZE_URL_MAX] = "before";

	(void)state;
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
		w->error = (ouro_error)OURO_ERROR_INIT;
		assert_int_equal(ouro_github_begin(
					 w->github, purposes[i], url, w->sealed, w->tag, &w->error),
			OURO_ERR_INVALID);
		assert_text_has(w->error.text, "purpose");
	}
	memset(longest, 'p', sizeof(longest));
	longest[OURO_PURPOSE_MAX] = '\0';
	assert_int_equal(ouro_github_begin(w->github, longest, url, w->sealed, w->tag, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro_github_begin(NULL, "devices", url, w->sealed, w->tag, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_github_begin(w->github, "devices", nowhere, w->sealed, w->tag, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro_github_begin(w->github, "devices", url, nowhere, w->tag, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro_github_begin(w->github, "devices", url, w->sealed, nowhere, NULL),
		OURO_ERR_INVALID);
	assert_string_equal(url, "before");
	longest[OURO_PURPOSE_MAX - 1] = '\0';
	assert_int_equal(
		ouro_github_begin(w->github, longest, url, w->sealed, w->tag, NULL), OURO_OK);
	assert_int_equal(fake_github_calls(w), 0);
	fake_github_free(w);
}

static void test_identity_github_limits__tag(void **state)
{
	char tag[OURO_STATE_TAG_MAX] = "before";
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro_github_tag(NULL, 0, tag, &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "state is missing");
	assert_int_equal(ouro_github_tag("x", 1, nowhere, NULL), OURO_ERR_INVALID);
	assert_string_equal(tag, "before");
}

static void test_identity_github_limits__finish(void **state)
{
	struct world *w = fake_github_begun();
	ouro_identity small = OURO_IDENTITY_INIT;

	(void)state;
	small.size = 8;
	assert_int_equal(
		ouro_github_finish(NULL, "c", w->state, w->sealed, &w->identity, w->purpose, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro_github_finish(w->github, "c", w->state, w->sealed, NULL, w->purpose, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro_github_finish(
				 w->github, "c", w->state, w->sealed, &w->identity, nowhere, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro_github_finish(w->github, "c", w->state, w->sealed, &small, w->purpose, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(small.id, 0);
	assert_int_equal(fake_github_calls(w), 0);
	assert_int_equal(fake_github_finish(w), OURO_OK);
	fake_github_free(w);
}

/* A state as ouro_github_begin() seals it, with all of it in the test's hand. */
static void seal(struct world *w, uint8_t version, uint64_t created)
{
	uint8_t plain[PLAIN] = {version};

	(void)ouro__pack_u64(plain + 1, created);
	plain[1 + 8 + 32] = 1;
	memcpy(plain + 1 + 8 + 64, "devices", 8);
	memset(plain + PLAIN - 4, 'x', 4); /* a purpose always ends */
	assert_int_equal(ouro__seal(ouro__sessions_sealer(w->sessions), OURO__SEAL_STATE, plain,
				 sizeof(plain), w->sealed, sizeof(w->sealed), NULL),
		OURO_OK);
	memset(w->state, 'A', 43);
	w->state[43] = '\0';
}

static void test_identity_github_limits__sealed_otherwise(void **state)
{
	struct world *w = fake_github_begun();

	(void)state;
	seal(w, 2, START);
	assert_int_equal(fake_github_finish(w), OURO_ERR_STATE);
	assert_text_has(w->error.text, "not begun in this browser");
	seal(w, 1, (uint64_t)INT64_MAX + 1);
	assert_int_equal(fake_github_finish(w), OURO_ERR_EXPIRED);
	seal(w, 1, START - 600);
	assert_int_equal(fake_github_finish(w), OURO_ERR_EXPIRED);
	seal(w, 1, START);
	memcpy(w->state, "not base64url!", 15);
	assert_int_equal(fake_github_finish(w), OURO_ERR_STATE);
	assert_text_has(w->error.text, "another tab");
	memcpy(w->state, "AAAA", 5);
	assert_int_equal(fake_github_finish(w), OURO_ERR_STATE);
	assert_int_equal(fake_github_calls(w), 0);
	assert_int_equal(w->identity.id, 0);
	seal(w, 1, START);
	assert_int_equal(fake_github_finish(w), OURO_OK);
	assert_string_equal(w->purpose, "devices");
	fake_github_free(w);
}

static void test_identity_github_limits__answers(void **state)
{
	static const struct {
		const char *reply;
		int status;
		const char *word;
	} cases[] = {
		{GOOD_TOKEN, 299, "refused the request"},
		{GOOD_TOKEN, 399, "redirection"},
		{GOOD_TOKEN, 418, "refused the request"},
		{"{\"error\":\"application_suspended\"}", 200, "suspended"},
		{"{\"access_token\":\"a\x7f\",\"token_type\":\"bearer\"}", 200, "no usable token"},
	};
	struct world *w = fake_github_begun();
	ouro_error small = OURO_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_github_begin(w);
		w->fake.token_reply = cases[i].reply;
		w->fake.token_status = cases[i].status;
		assert_int_equal(fake_github_finish(w), OURO_ERR_PROVIDER);
		assert_int_equal(w->error.http_status, cases[i].status);
		assert_text_has(w->error.text, cases[i].word);
	}
	/* Nobody looks at the error, or with a smaller one than ours: the status says it all. */
	small.size = 8;
	for (int failure = 0; failure < 2; failure++) {
		w->fake.failure[0] = failure ? OURO_ERR_TIMEOUT : OURO_OK;
		fake_github_begin(w);
		assert_int_equal(ouro_github_finish(w->github, "c", w->state, w->sealed,
					 &w->identity, w->purpose, NULL),
			OURO_ERR_PROVIDER);
		fake_github_begin(w);
		assert_int_equal(ouro_github_finish(w->github, "c", w->state, w->sealed,
					 &w->identity, w->purpose, &small),
			OURO_ERR_PROVIDER);
	}
	assert_int_equal(small.status, 0);
	assert_int_equal(w->fake.count[1], 0);
	assert_int_equal(w->identity.id, 0);
	fake_github_free(w);
}

/* Over the network client of the library; nothing is sent by making one. */
static void test_identity_github_limits__new(void **state)
{
	struct world *w = fake_github_new();
	ouro_github_options options = fake_github_good_options(w);
	ouro_github *github = NULL;

	(void)state;
	assert_int_equal(ouro_github_new(NULL, &github, &w->error), OURO_ERR_INVALID);
	assert_text_has(w->error.text, "options are missing");
	assert_int_equal(ouro_github_new(&options, NULL, &w->error), OURO_ERR_INVALID);
	options.size = 0;
	assert_int_equal(ouro_github_new(&options, &github, &w->error), OURO_ERR_INVALID);
	assert_text_has(w->error.text, "size is not set");
	assert_int_equal(fake_github_make(w, &options), OURO_ERR_INVALID);
	assert_null(w->github);
	options = fake_github_good_options(w);
	options.client_id = "a:b";
	assert_int_equal(ouro_github_new(&options, &github, &w->error), OURO_ERR_INVALID);
	assert_text_has(w->error.text, "client id");
	assert_null(github);
	options = fake_github_good_options(w);
	options.timeout_ms = 1234;
	options.ca_file = "/nowhere/ca.pem";
	assert_int_equal(ouro_github_new(&options, &github, &w->error), OURO_OK);
	ouro_github_free(github);
	assert_int_equal(fake_github_make(w, &options), OURO_OK);
	fake_github_begin(w);
	assert_int_equal(fake_github_finish(w), OURO_OK);
	assert_int_equal(w->fake.timeout_ms[0], 1234);
	assert_int_equal(w->fake.timeout_ms[2], 1234);
	fake_github_free(w);
	ouro_github_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_github_limits__begin),
		cmocka_unit_test(test_identity_github_limits__tag),
		cmocka_unit_test(test_identity_github_limits__finish),
		cmocka_unit_test(test_identity_github_limits__sealed_otherwise),
		cmocka_unit_test(test_identity_github_limits__answers),
		cmocka_unit_test(test_identity_github_limits__new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
