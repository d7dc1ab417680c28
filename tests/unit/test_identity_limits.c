/* Sessions, seals and the set of remembered ids where they end: each argument that may be missing,
 * sizes of an older caller, clocks that make no sense, rules that were tightened since. What is
 * refused leaves the caller's variables as they were. */
#include "check.h"

#include <ouroboros/identity.h>

#include "identity/seal.h"
#include "identity/seen.h"
#include "identity/sessions.h"

#define KEY_A "a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk="
#define AUDIENCE "https://vpn.example.org/ouroboros"
#define START 1700000000

static int64_t now;
static char *const nowhere; /* no place for a text */

static int64_t fake_clock(void *user)
{
	(void)user;
	return now;
}

static ouro_sessions *sessions_with(uint32_t absolute)
{
	ouro_sessions_options options = OURO_SESSIONS_OPTIONS_INIT;
	ouro_sessions *sessions = NULL;

	options.keys = KEY_A;
	options.audience = AUDIENCE;
	options.clock = fake_clock;
	options.absolute_seconds = absolute;
	assert_int_equal(ouro_sessions_new(&options, &sessions, NULL), OURO_OK);
	return sessions;
}

static ouro_identity mia(void)
{
	ouro_identity identity = OURO_IDENTITY_INIT;

	identity.id = 19270622;
	memcpy(identity.provider, "github", 7);
	memcpy(identity.login, "mia", 4);
	return identity;
}

static void test_identity_limits__begin(void **state)
{
	ouro_sessions *s = sessions_with(0);
	ouro_identity identity = mia();
	ouro_session session = OURO_SESSION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char text[OURO_SESSION_TEXT_MAX] = "before";

	(void)state;
	now = START;
	assert_int_equal(ouro_session_begin(s, &identity, NULL, text, &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "an argument is missing");
	assert_int_equal(
		ouro_session_begin(s, &identity, &session, nowhere, &error), OURO_ERR_INVALID);
	identity.size = 8;
	error.text[0] = '\0';
	assert_int_equal(
		ouro_session_begin(s, &identity, &session, text, &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "not an identity");
	identity = mia();
	memset(identity.provider, 'g', sizeof(identity.provider));
	assert_int_equal(
		ouro_session_begin(s, &identity, &session, text, &error), OURO_ERR_INVALID);
	identity = mia();
	now = -1;
	assert_int_equal(
		ouro_session_begin(s, &identity, &session, text, &error), OURO_ERR_INTERNAL);
	assert_text_has(error.text, "no clock");
	assert_string_equal(text, "before");
	assert_int_equal(session.identity.id, 0);
	ouro_sessions_free(s);
}

static void test_identity_limits__open(void **state)
{
	ouro_sessions *s = sessions_with(0);
	ouro_identity identity = mia();
	ouro_session session = OURO_SESSION_INIT;
	ouro_session opened = OURO_SESSION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX] = "before";
	size_t length;

	(void)state;
	now = START;
	assert_int_equal(ouro_session_begin(s, &identity, &session, text, NULL), OURO_OK);
	length = strlen(text);
	assert_int_equal(
		ouro_session_open(NULL, text, length, &opened, renewed, &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "an argument is missing");
	assert_int_equal(ouro_session_open(s, text, length, NULL, renewed, NULL), OURO_ERR_INVALID);
	assert_int_equal(
		ouro_session_open(s, text, length, &opened, nowhere, NULL), OURO_ERR_INVALID);
	opened.size = 8;
	assert_int_equal(
		ouro_session_open(s, text, length, &opened, renewed, NULL), OURO_ERR_INVALID);
	assert_int_equal(opened.identity.id, 0);
	assert_string_equal(renewed, "before");
	ouro_sessions_free(s);
}

/* The rule of today counts also for a cookie that was promised more. */
static void test_identity_limits__tightened(void **state)
{
	ouro_sessions *generous = sessions_with(0);
	ouro_sessions *strict = sessions_with(60);
	ouro_identity identity = mia();
	ouro_session session = OURO_SESSION_INIT;
	ouro_session opened = OURO_SESSION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX];

	(void)state;
	now = START;
	assert_int_equal(ouro_session_begin(generous, &identity, &session, text, NULL), OURO_OK);
	now = START + 59;
	assert_int_equal(
		ouro_session_open(strict, text, strlen(text), &opened, renewed, NULL), OURO_OK);
	now = START + 60;
	opened = (ouro_session)OURO_SESSION_INIT;
	assert_int_equal(ouro_session_open(strict, text, strlen(text), &opened, renewed, &error),
		OURO_ERR_EXPIRED);
	assert_text_has(error.text, "longest life");
	assert_int_equal(opened.identity.id, 0);
	assert_int_equal(
		ouro_session_open(generous, text, strlen(text), &opened, renewed, NULL), OURO_OK);
	ouro_sessions_free(strict);
	ouro_sessions_free(generous);
}

static void test_identity_limits__end_and_forms(void **state)
{
	ouro_sessions *s = sessions_with(0);
	ouro_identity identity = mia();
	ouro_session session = OURO_SESSION_INIT;
	ouro_session small;
	ouro_session opened = OURO_SESSION_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX];
	char token[OURO_FORM_TOKEN_MAX] = "before";

	(void)state;
	now = START;
	assert_int_equal(ouro_session_begin(s, &identity, &session, text, NULL), OURO_OK);
	small = session;
	small.size = 8;
	ouro_session_end(s, &small); /* of a caller who knows less: nothing is ended by guess */
	assert_int_equal(ouro_session_open(s, text, strlen(text), &opened, renewed, NULL), OURO_OK);
	assert_int_equal(ouro_session_form_token(NULL, &session, token, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_session_form_token(s, &session, nowhere, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_session_form_token(s, &small, token, NULL), OURO_ERR_INVALID);
	assert_string_equal(token, "before");
	assert_int_equal(ouro_session_form_token(s, &session, token, NULL), OURO_OK);
	assert_int_equal(ouro_session_form_check(NULL, &session, token, strlen(token), NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro_session_form_check(s, NULL, token, strlen(token), NULL), OURO_ERR_INVALID);
	assert_int_equal(
		ouro_session_form_check(s, &small, token, strlen(token), NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_session_form_check(s, &session, token, strlen(token), NULL), OURO_OK);
	ouro_sessions_free(s);
}

static void test_identity_limits__seal_sizes(void **state)
{
	uint8_t plain[OURO__SEAL_PLAIN_MAX + 1] = {1};
	uint8_t back[OURO__SEAL_PLAIN_MAX + 1];
	char text[2048] = "before";
	ouro_error error = OURO_ERROR_INIT;
	ouro__sealer *sealer = NULL;

	(void)state;
	assert_int_equal(ouro__sealer_new(KEY_A, AUDIENCE, &sealer, NULL), OURO_OK);
	assert_int_equal(ouro__seal(sealer, OURO__SEAL_STATE, plain, sizeof(plain), text,
				 sizeof(text), &error),
		OURO_ERR_INTERNAL);
	assert_text_has(error.text, "513 bytes");
	assert_int_equal(ouro__seal(sealer, OURO__SEAL_STATE, plain, 0, text, sizeof(text), NULL),
		OURO_ERR_INTERNAL);
	assert_string_equal(text, "before");
	assert_int_equal(ouro__seal(sealer, OURO__SEAL_STATE, plain, OURO__SEAL_PLAIN_MAX, text,
				 sizeof(text), NULL),
		OURO_OK);
	assert_int_equal(ouro__unseal(sealer, OURO__SEAL_STATE, text, strlen(text), back,
				 sizeof(back), &error),
		OURO_ERR_INTERNAL);
	assert_int_equal(ouro__unseal(sealer, OURO__SEAL_STATE, text, strlen(text), back,
				 OURO__SEAL_PLAIN_MAX, NULL),
		OURO_OK);
	assert_memory_equal(back, plain, OURO__SEAL_PLAIN_MAX);
	ouro__sealer_free(sealer);
}

static void test_identity_limits__smallest_set(void **state)
{
	static const uint8_t one[OURO__SEEN_ID] = {1};
	static const uint8_t two[OURO__SEEN_ID] = {2};
	ouro__seen *seen = ouro__seen_new(0); /* there is always room for one */

	(void)state;
	assert_non_null(seen);
	assert_int_equal(ouro__seen_add(seen, one, START + 9, START), 1);
	assert_int_equal(ouro__seen_add(seen, one, START + 9, START), 0);
	assert_int_equal(ouro__seen_add(seen, two, START + 9, START), 1);
	assert_int_equal(ouro__seen_has(seen, one), 0);
	assert_int_equal(ouro__seen_has(seen, two), 1);
	assert_int_equal(ouro__seen_count(seen), 1);
	ouro__seen_free(seen);
	ouro__seen_free(NULL);
	seen = ouro__seen_new(SIZE_MAX);
	assert_int_equal(ouro__seen_add(seen, one, START, START), 1);
	assert_int_equal(ouro__seen_add(seen, two, START + 9, START), 1); /* one was over */
	assert_int_equal(ouro__seen_count(seen), 1);
	ouro__seen_free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_limits__begin),
		cmocka_unit_test(test_identity_limits__open),
		cmocka_unit_test(test_identity_limits__tightened),
		cmocka_unit_test(test_identity_limits__end_and_forms),
		cmocka_unit_test(test_identity_limits__seal_sizes),
		cmocka_unit_test(test_identity_limits__smallest_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
