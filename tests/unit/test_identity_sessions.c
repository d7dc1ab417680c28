/* Sessions: times to the second, renewal, sign-out, form tokens, hostile cookies, threads. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>

#include <ouroboros/identity.h>

#include "base/buf.h"
#include "base/str.h"
#include "identity/sessions.h"

#define KEY_A "a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk="
#define KEY_B "b:u8zdZnd4iZmqu8zd7v8AESIzRFVmd4iZqrvM3e7/ESI="
#define AUDIENCE "https://vpn.example.org/ouroboros"
#define START 1700000000

static int64_t now;

static int64_t fake_clock(void *user)
{
	(void)user;
	return now;
}

static ouro_sessions *sessions_with(const char *keys, const char *audience)
{
	ouro_sessions_options options = OURO_SESSIONS_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_sessions *sessions = NULL;

	options.keys = keys;
	options.audience = audience;
	options.clock = fake_clock;
	if (ouro_sessions_new(&options, &sessions, &error) < 0)
		fail_msg("%s", error.text);
	return sessions;
}

static ouro_identity mia(void)
{
	ouro_identity identity = OURO_IDENTITY_INIT;

	identity.id = 19270622;
	(void)ouro__str_copy(identity.provider, sizeof(identity.provider), "github");
	(void)ouro__str_copy(identity.login, sizeof(identity.login), "mia");
	return identity;
}

static ouro_status begin(ouro_sessions *sessions, ouro_session *session, char *text)
{
	ouro_identity identity = mia();

	return ouro_session_begin(sessions, &identity, session, text, NULL);
}

static ouro_status open_text(ouro_sessions *sessions, const char *text, char *renewed)
{
	ouro_session session = OURO_SESSION_INIT;

	return ouro_session_open(sessions, text, strlen(text), &session, renewed, NULL);
}

static void test_identity_sessions__round_trip(void **state)
{
	ouro_sessions *s = sessions_with(KEY_A, AUDIENCE);
	ouro_session begun = OURO_SESSION_INIT;
	ouro_session other = OURO_SESSION_INIT;
	ouro_session opened = OURO_SESSION_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char second[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX];

	(void)state;
	now = START;
	assert_int_equal(begin(s, &begun, text), OURO_OK);
	assert_int_equal(begin(s, &other, second), OURO_OK);
	assert_memory_not_equal(begun.sid, other.sid, sizeof(begun.sid));
	assert_int_equal(strlen(text), strlen(second));
	now = START + 10;
	assert_int_equal(ouro_session_open(s, text, strlen(text), &opened, renewed, NULL), OURO_OK);
	assert_int_equal(opened.identity.id, 19270622);
	assert_string_equal(opened.identity.login, "mia");
	assert_string_equal(opened.identity.provider, "github");
	assert_int_equal(opened.authenticated, START);
	assert_int_equal(opened.issued, START);
	assert_memory_equal(opened.sid, begun.sid, sizeof(begun.sid));
	assert_string_equal(renewed, "");
	ouro_sessions_free(s);
	ouro_sessions_free(NULL);
}

static void test_identity_sessions__idle_to_the_second(void **state)
{
	ouro_sessions *s = sessions_with(KEY_A, AUDIENCE);
	ouro_session session = OURO_SESSION_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX] = "";

	(void)state;
	now = START;
	assert_int_equal(begin(s, &session, text), OURO_OK);
	now = START + 300;
	assert_int_equal(open_text(s, text, renewed), OURO_OK);
	assert_string_equal(renewed, "");
	now = START + 301;
	assert_int_equal(open_text(s, text, renewed), OURO_OK);
	assert_string_not_equal(renewed, "");
	now = START + 1799;
	assert_int_equal(open_text(s, text, renewed), OURO_OK);
	now = START + 1800;
	assert_int_equal(open_text(s, text, renewed), OURO_ERR_EXPIRED);
	now = START - 60;
	assert_int_equal(open_text(s, text, renewed), OURO_OK);
	now = START - 61;
	assert_int_equal(open_text(s, text, renewed), OURO_ERR_EXPIRED);
	ouro_sessions_free(s);
}

static void test_identity_sessions__absolute_to_the_second(void **state)
{
	ouro_sessions *s = sessions_with(KEY_A, AUDIENCE);
	ouro_session session = OURO_SESSION_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX];
	int steps = 0;

	(void)state;
	now = START;
	assert_int_equal(begin(s, &session, text), OURO_OK);
	for (now = START + 1000; now < START + 43200; now += 1000) {
		assert_int_equal(open_text(s, text, renewed), OURO_OK);
		memcpy(text, renewed, sizeof(text));
		steps++;
	}
	assert_int_equal(steps, 43);
	now = START + 43199;
	assert_int_equal(
		ouro_session_open(s, text, strlen(text), &session, renewed, NULL), OURO_OK);
	assert_int_equal(session.authenticated, START);
	now = START + 43200;
	assert_int_equal(open_text(s, text, renewed), OURO_ERR_EXPIRED);
	ouro_sessions_free(s);
}

static void test_identity_sessions__own_times(void **state)
{
	ouro_sessions_options options = OURO_SESSIONS_OPTIONS_INIT;
	ouro_sessions *longer = sessions_with(KEY_A, AUDIENCE);
	ouro_sessions *s = NULL;
	ouro_session session = OURO_SESSION_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX];

	(void)state;
	options.keys = KEY_A;
	options.audience = AUDIENCE;
	options.idle_seconds = 20;
	options.absolute_seconds = 15;
	options.clock = fake_clock;
	assert_int_equal(ouro_sessions_new(&options, &s, NULL), OURO_OK);
	now = START;
	assert_int_equal(begin(s, &session, text), OURO_OK);
	now = START + 14;
	assert_int_equal(open_text(s, text, renewed), OURO_OK);
	now = START + 15;
	assert_int_equal(open_text(s, text, renewed), OURO_ERR_EXPIRED);
	/* A replica with longer times does not stretch what was promised when it was sealed. */
	assert_int_equal(open_text(longer, text, renewed), OURO_ERR_EXPIRED);
	ouro_sessions_free(longer);
	ouro_sessions_free(s);
}

static void test_identity_sessions__hostile_cookies(void **state)
{
	static const char *const garbage[] = {
		"", "A", "AAAA", "====", "../../..", "\xff\xfe", "null"};
	ouro_sessions *s = sessions_with(KEY_A, AUDIENCE);
	ouro_sessions *elsewhere = sessions_with(KEY_A, "https://other.example.org/ouroboros");
	ouro_session session = OURO_SESSION_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX] = "untouched";
	char big[5000];
	size_t length;

	(void)state;
	now = START;
	assert_int_equal(begin(s, &session, text), OURO_OK);
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++)
		assert_int_equal(open_text(s, garbage[i], renewed), OURO_ERR_INVALID);
	memset(big, 'A', sizeof(big));
	assert_int_equal(
		ouro_session_open(s, big, sizeof(big), &session, renewed, NULL), OURO_ERR_INVALID);
	assert_int_equal(open_text(elsewhere, text, renewed), OURO_ERR_INVALID);
	length = strlen(text);
	for (size_t i = 0; i < length; i++) {
		char old = text[i];

		text[i] = old == 'A' ? 'B' : 'A';
		assert_int_equal(open_text(s, text, renewed), OURO_ERR_INVALID);
		text[i] = old;
	}
	assert_string_equal(renewed, "untouched");
	assert_int_equal(open_text(s, text, renewed), OURO_OK);
	ouro_sessions_free(elsewhere);
	ouro_sessions_free(s);
}

/* Sealed by our own key, but not a session that we make: every field is still looked at. */
static void test_identity_sessions__odd_plaintext(void **state)
{
	enum { PLAIN = 114, ID = 2, AUTHENTICATED = 26, ISSUED = 34, NOT_AFTER = 42, LOGIN = 50 };
	static const struct {
		size_t at;
		uint8_t value;
		int right;
	} cases[] = {
		{LOGIN, 'x', 1},
		{0, 0, 0},
		{0, 2, 0},
		{1, 0, 0},
		{1, 2, 0},
		{ID + 7, 0, 0},
		{ID, 0x80, 0},
		{AUTHENTICATED, 0x80, 0},
		{AUTHENTICATED + 7, 200, 0},
		{ISSUED, 0x80, 0},
		{NOT_AFTER, 0x80, 0},
		{LOGIN, 0, 0},
		{LOGIN, ' ', 0},
		{LOGIN, 0xc3, 0},
		{LOGIN, '<', 0},
	};
	ouro_sessions *s = sessions_with(KEY_A, AUDIENCE);
	char text[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX];

	(void)state;
	now = 100;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t plain[PLAIN] = {1, 1};

		plain[ID + 7] = 5;
		plain[AUTHENTICATED + 7] = 90;
		plain[ISSUED + 7] = 90;
		plain[NOT_AFTER + 6] = 2;
		memcpy(plain + LOGIN, "mia", 4);
		plain[cases[i].at] = cases[i].value;
		assert_int_equal(ouro__seal(ouro__sessions_sealer(s), OURO__SEAL_SESSION, plain,
					 PLAIN, text, sizeof(text), NULL),
			OURO_OK);
		assert_int_equal(
			open_text(s, text, renewed), cases[i].right ? OURO_OK : OURO_ERR_INVALID);
		if (cases[i].right) { /* the same bytes under another purpose are no session */
			assert_int_equal(ouro__seal(ouro__sessions_sealer(s), OURO__SEAL_STATE,
						 plain, PLAIN, text, sizeof(text), NULL),
				OURO_OK);
			assert_int_equal(open_text(s, text, renewed), OURO_ERR_INVALID);
		}
	}
	ouro_sessions_free(s);
}

static void test_identity_sessions__end(void **state)
{
	ouro_sessions *s = sessions_with(KEY_A, AUDIENCE);
	ouro_session session = OURO_SESSION_INIT;
	ouro_session other = OURO_SESSION_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char second[OURO_SESSION_TEXT_MAX];
	char renewed[OURO_SESSION_TEXT_MAX];
	char unused[OURO_SESSION_TEXT_MAX];

	(void)state;
	now = START;
	assert_int_equal(begin(s, &session, text), OURO_OK);
	assert_int_equal(begin(s, &other, second), OURO_OK);
	now = START + 400;
	assert_int_equal(open_text(s, text, renewed), OURO_OK);
	assert_string_not_equal(renewed, "");
	ouro_session_end(s, &session); /* known by the older cookie; the renewed one is over too */
	assert_int_equal(open_text(s, text, unused), OURO_ERR_EXPIRED);
	assert_int_equal(open_text(s, renewed, unused), OURO_ERR_EXPIRED);
	assert_int_equal(open_text(s, second, unused), OURO_OK);
	/* It is remembered for as long as any of its cookies could live. */
	ouro_session_end(s, &other);
	now = START + 400 + 1799;
	ouro_session_end(s, &other);
	assert_int_equal(open_text(s, renewed, unused), OURO_ERR_EXPIRED);
	ouro_session_end(NULL, &session);
	ouro_session_end(s, NULL);
	ouro_sessions_free(s);
}

static void test_identity_sessions__form_token(void **state)
{
	ouro_sessions *a = sessions_with(KEY_A, AUDIENCE);
	ouro_sessions *ba = sessions_with(KEY_B "\n" KEY_A, AUDIENCE);
	ouro_sessions *b = sessions_with(KEY_B, AUDIENCE);
	ouro_session session = OURO_SESSION_INIT;
	ouro_session other = OURO_SESSION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char text[OURO_SESSION_TEXT_MAX];
	char token[OURO_FORM_TOKEN_MAX];
	char again[OURO_FORM_TOKEN_MAX];

	(void)state;
	now = START;
	assert_int_equal(begin(a, &session, text), OURO_OK);
	assert_int_equal(begin(a, &other, text), OURO_OK);
	assert_int_equal(ouro_session_form_token(a, &session, token, NULL), OURO_OK);
	assert_int_equal(ouro_session_form_token(a, &session, again, NULL), OURO_OK);
	assert_string_equal(token, again);
	assert_int_equal(strlen(token), 43);
	assert_int_equal(ouro_session_form_check(a, &session, token, 43, &error), OURO_OK);
	assert_int_equal(error.status, OURO_OK);
	assert_int_equal(ouro_session_form_check(a, &other, token, 43, &error), OURO_ERR_STATE);
	assert_int_equal(error.status, OURO_ERR_STATE);
	assert_int_equal(ouro_session_form_check(a, &session, token, 42, NULL), OURO_ERR_STATE);
	assert_int_equal(ouro_session_form_check(a, &session, token, 0, NULL), OURO_ERR_STATE);
	assert_int_equal(ouro_session_form_check(ba, &session, token, 43, NULL), OURO_OK);
	assert_int_equal(ouro_session_form_check(b, &session, token, 43, NULL), OURO_ERR_STATE);
	for (size_t i = 0; i < 43; i++) {
		memcpy(again, token, sizeof(again));
		again[i] = again[i] == 'A' ? 'B' : 'A';
		assert_int_equal(
			ouro_session_form_check(a, &session, again, 43, NULL), OURO_ERR_STATE);
	}
	ouro_sessions_free(b);
	ouro_sessions_free(ba);
	ouro_sessions_free(a);
}

static void test_identity_sessions__bad_arguments(void **state)
{
	ouro_sessions *s = sessions_with(KEY_A, AUDIENCE);
	ouro_sessions_options options = OURO_SESSIONS_OPTIONS_INIT;
	ouro_session session = OURO_SESSION_INIT;
	ouro_session small = OURO_SESSION_INIT;
	ouro_identity identity;
	ouro_sessions *none = NULL;
	char text[OURO_SESSION_TEXT_MAX];
	char token[OURO_FORM_TOKEN_MAX];

	(void)state;
	small.size = 8;
	assert_int_equal(ouro_sessions_new(NULL, &none, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_sessions_new(&options, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_sessions_new(&options, &none, NULL), OURO_ERR_INVALID);
	options.size = 0;
	assert_int_equal(ouro_sessions_new(&options, &none, NULL), OURO_ERR_INVALID);
	assert_int_equal(begin(NULL, &session, text), OURO_ERR_INVALID);
	assert_int_equal(begin(s, &small, text), OURO_ERR_INVALID);
	assert_int_equal(ouro_session_begin(s, NULL, &session, text, NULL), OURO_ERR_INVALID);
	identity = mia();
	identity.id = 0;
	assert_int_equal(ouro_session_begin(s, &identity, &session, text, NULL), OURO_ERR_INVALID);
	identity = mia();
	identity.id = (uint64_t)INT64_MAX + 1;
	assert_int_equal(ouro_session_begin(s, &identity, &session, text, NULL), OURO_ERR_INVALID);
	identity = mia();
	identity.provider[0] = 'G';
	assert_int_equal(ouro_session_begin(s, &identity, &session, text, NULL), OURO_ERR_INVALID);
	identity = mia();
	memset(identity.login, 'a', sizeof(identity.login));
	assert_int_equal(ouro_session_begin(s, &identity, &session, text, NULL), OURO_ERR_INVALID);
	identity = mia();
	identity.login[0] = '\0';
	assert_int_equal(ouro_session_begin(s, &identity, &session, text, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_session_open(s, NULL, 0, &session, text, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_session_form_token(s, NULL, token, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_session_form_check(s, &session, NULL, 0, NULL), OURO_ERR_INVALID);
	ouro_sessions_free(s);
}

enum { THREADS = 6, ROUNDS = 150 };

static void *work(void *user)
{
	ouro_sessions *s = user;
	size_t *wrong = calloc(1, sizeof(*wrong));

	for (int i = 0; wrong && i < ROUNDS; i++) {
		ouro_session session = OURO_SESSION_INIT;
		char text[OURO_SESSION_TEXT_MAX];
		char renewed[OURO_SESSION_TEXT_MAX];
		char token[OURO_FORM_TOKEN_MAX];

		*wrong += begin(s, &session, text) != OURO_OK;
		*wrong += open_text(s, text, renewed) != OURO_OK;
		*wrong += ouro_session_form_token(s, &session, token, NULL) != OURO_OK;
		*wrong +=
			ouro_session_form_check(s, &session, token, strlen(token), NULL) != OURO_OK;
		ouro_session_end(s, &session);
		*wrong += open_text(s, text, renewed) != OURO_ERR_EXPIRED;
	}
	return wrong;
}

static void test_identity_sessions__threads(void **state)
{
	ouro_sessions *s = sessions_with(KEY_A, AUDIENCE);
	pthread_t threads[THREADS];

	(void)state;
	now = START;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, s), 0);
	for (int i = 0; i < THREADS; i++) {
		void *wrong = NULL;

		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_non_null(wrong);
		assert_int_equal(*(size_t *)wrong, 0);
		free(wrong);
	}
	ouro_sessions_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_sessions__round_trip),
		cmocka_unit_test(test_identity_sessions__idle_to_the_second),
		cmocka_unit_test(test_identity_sessions__absolute_to_the_second),
		cmocka_unit_test(test_identity_sessions__own_times),
		cmocka_unit_test(test_identity_sessions__hostile_cookies),
		cmocka_unit_test(test_identity_sessions__odd_plaintext),
		cmocka_unit_test(test_identity_sessions__end),
		cmocka_unit_test(test_identity_sessions__form_token),
		cmocka_unit_test(test_identity_sessions__bad_arguments),
		cmocka_unit_test(test_identity_sessions__threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
