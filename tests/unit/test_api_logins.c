/* Signing in from the command line: nothing without a person's word, nothing twice, and nothing for who only knows the link. */
#include "check.h"

#include <stdio.h>

#include "token_world.h"

/* RFC 7636, appendix B. */
static const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static const char challenge[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
static const char other_verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK";

enum { DAY = 86400, PORT = 4711 };

struct login_world {
	struct token_world tokens;
	ouro_login login;
	char code[OURO_LOGIN_CODE_MAX];
	char grant[OURO_LOGIN_GRANT_MAX];
	char text[OURO_TOKEN_TEXT_MAX];
};

static ouro_login_wish usual(int32_t port)
{
	ouro_login_wish wish = OURO_LOGIN_WISH_INIT;

	wish.machine = "Mia's laptop";
	wish.challenge = challenge;
	wish.scopes = OURO_TOKEN_NODES;
	wish.lifetime = 10 * DAY;
	wish.port = port;
	return wish;
}

static void begin(struct login_world *world, int32_t port)
{
	ouro_login_wish wish = usual(port);
	ouro_error error = OURO_ERROR_INIT;

	world->login = (ouro_login)OURO_LOGIN_INIT;
	if (ouro_login_begin(world->tokens.portal, &wish, "192.0.2.7", &world->login, world->code,
		    &error) != OURO_OK)
		fail_msg("%s", error.text);
}

static void open_world(struct login_world *world, int32_t port)
{
	memset(world, 0, sizeof(*world));
	token_world_open(&world->tokens, NULL);
	begin(world, port);
}

static ouro_status find(
	const struct login_world *world, const ouro_person *person, const char *text)
{
	ouro_login found = OURO_LOGIN_INIT;

	(void)world;
	return ouro_login_find(person, text, strlen(text), &found, NULL);
}

static ouro_status answer(struct login_world *world, const ouro_person *person, int approve)
{
	return ouro_login_answer(person, world->login.id, approve, "192.0.2.8", world->grant, NULL);
}

static ouro_status redeem(struct login_world *world, const char *proof, const char *grant)
{
	return ouro_login_redeem(
		world->tokens.portal, world->login.id, proof, grant, world->text, NULL, NULL);
}

static void test_api_logins__with_a_browser(void **state)
{
	struct login_world world;
	ouro_login found = OURO_LOGIN_INIT;
	ouro_token token = OURO_TOKEN_INIT;
	ouro_person *person;

	(void)state;
	open_world(&world, PORT);
	assert_string_equal(world.code, "");
	assert_int_equal(strlen(world.login.id), 22);
	assert_int_equal(redeem(&world, verifier, NULL), OURO_ERR_PENDING);
	assert_int_equal(
		ouro_login_find(world.tokens.mia, world.login.id, 22, &found, NULL), OURO_OK);
	assert_string_equal(found.machine, "Mia's laptop");
	assert_string_equal(found.address, "192.0.2.7");
	assert_int_equal(found.scopes, OURO_TOKEN_READ | OURO_TOKEN_NODES);
	assert_int_equal(found.lifetime, 10 * DAY);
	assert_int_equal(found.ends, world.tokens.now + 600);
	assert_int_equal(found.port, PORT);
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_OK);
	assert_int_equal(strlen(world.grant), 43);
	/* Neither the link nor the verifier alone is enough, nor another's. */
	assert_int_equal(redeem(&world, verifier, NULL), OURO_ERR_TOKEN);
	assert_int_equal(redeem(&world, verifier, ""), OURO_ERR_TOKEN);
	assert_int_equal(redeem(&world, verifier, challenge), OURO_ERR_TOKEN);
	assert_int_equal(redeem(&world, other_verifier, world.grant), OURO_ERR_TOKEN);
	assert_int_equal(redeem(&world, "short", world.grant), OURO_ERR_TOKEN);
	assert_int_equal(ouro_login_redeem(world.tokens.portal, world.login.id, verifier,
				 world.grant, world.text, &token, NULL),
		OURO_OK);
	assert_int_equal(redeem(&world, verifier, world.grant), OURO_ERR_TOKEN); /* once */
	assert_string_equal(token.name, "Mia's laptop");
	assert_int_equal(token.scopes, OURO_TOKEN_READ | OURO_TOKEN_NODES);
	assert_int_equal(token.expires, world.tokens.now + 10 * DAY);
	person = token_world_by(&world.tokens, world.text);
	assert_int_equal(ouro_person_identity(person)->id, TOKEN_MIA);
	assert_int_equal(ouro_person_scopes(person), OURO_TOKEN_READ | OURO_TOKEN_NODES);
	ouro_person_free(person);
	token_world_close(&world.tokens);
}

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

static void test_api_logins__with_a_code(void **state)
{
	struct login_world world;
	ouro_login found = OURO_LOGIN_INIT;
	char typed[32];

	(void)state;
	open_world(&world, 0);
	assert_int_equal(strlen(world.code), 9);
	assert_int_equal(world.code[4], '-');
	/* A link must not stand for a code that somebody typed. */
	assert_int_equal(find(&world, world.tokens.mia, world.login.id), OURO_ERR_NOTFOUND);
	(void)snprintf(typed, sizeof(typed), " %.2s-%.2s%.5s ", world.code, world.code + 2,
		world.code + 4);
	lower(typed);
	assert_int_equal(
		ouro_login_find(world.tokens.mia, typed, strlen(typed), &found, NULL), OURO_OK);
	assert_string_equal(found.id, world.login.id);
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_OK);
	assert_string_equal(world.grant, "");
	assert_int_equal(find(&world, world.tokens.mia, world.code), OURO_ERR_NOTFOUND);
	assert_int_equal(redeem(&world, verifier, "grant"), OURO_ERR_TOKEN);
	assert_int_equal(redeem(&world, verifier, NULL), OURO_OK);
	ouro_person_free(token_world_by(&world.tokens, world.text));
	token_world_close(&world.tokens);
}

static void test_api_logins__codes_do_not_find_links(void **state)
{
	static const char *const texts[] = {
		"", "-", "BCDF-GHJ", "BCDF-GHJKL", "AEIO-UAEI", "BCDFGHJ1"};
	struct login_world world;
	char longest[200];

	(void)state;
	open_world(&world, PORT);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(find(&world, world.tokens.mia, texts[i]), OURO_ERR_NOTFOUND);
	memset(longest, 'B', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(find(&world, world.tokens.mia, longest), OURO_ERR_NOTFOUND);
	memcpy(longest, world.login.id, 22);
	longest[5] = '\0';
	assert_int_equal(ouro_login_find(world.tokens.mia, longest, 22, &world.login, NULL),
		OURO_ERR_NOTFOUND);
	token_world_close(&world.tokens);
}

static void test_api_logins__refused(void **state)
{
	struct login_world world;

	(void)state;
	open_world(&world, PORT);
	assert_int_equal(answer(&world, world.tokens.mia, 0), OURO_OK);
	assert_string_equal(world.grant, "");
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_ERR_NOTFOUND);
	assert_int_equal(redeem(&world, other_verifier, NULL), OURO_ERR_TOKEN);
	assert_int_equal(redeem(&world, verifier, NULL), OURO_ERR_REFUSED);
	assert_text_has(world.tokens.audit, "\"action\":\"login-refuse\"");
	assert_text_has(world.tokens.audit, "\"address\":\"192.0.2.8\"");
	token_world_close(&world.tokens);
}

static void test_api_logins__over_after_ten_minutes(void **state)
{
	struct login_world world;

	(void)state;
	open_world(&world, PORT);
	world.tokens.now += 599;
	assert_int_equal(find(&world, world.tokens.mia, world.login.id), OURO_OK);
	assert_int_equal(redeem(&world, verifier, NULL), OURO_ERR_PENDING);
	world.tokens.now += 1;
	assert_int_equal(find(&world, world.tokens.mia, world.login.id), OURO_ERR_NOTFOUND);
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_ERR_NOTFOUND);
	assert_int_equal(redeem(&world, verifier, NULL), OURO_ERR_TOKEN);
	begin(&world, PORT);
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_OK);
	world.tokens.now += 600;
	assert_int_equal(redeem(&world, verifier, world.grant), OURO_ERR_TOKEN);
	token_world_close(&world.tokens);
}

static void test_api_logins__who_may_answer(void **state)
{
	struct login_world world;
	ouro_person *holder = NULL;
	ouro_person *by;

	(void)state;
	open_world(&world, PORT);
	token_world_token(world.tokens.mia, OURO_TOKEN_ALL, world.text, NULL);
	by = token_world_by(&world.tokens, world.text);
	assert_int_equal(find(&world, by, world.login.id), OURO_ERR_DENIED);
	assert_int_equal(answer(&world, by, 1), OURO_ERR_DENIED);
	ouro_person_free(by);
	assert_int_equal(ouro_person_holder(world.tokens.portal, &holder, NULL), OURO_OK);
	assert_int_equal(find(&world, holder, world.login.id), OURO_ERR_DENIED);
	assert_int_equal(answer(&world, holder, 1), OURO_ERR_DENIED);
	ouro_person_free(holder);
	/* The first who answers has the token: it is Tom's. */
	assert_int_equal(answer(&world, world.tokens.tom, 1), OURO_OK);
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_ERR_NOTFOUND);
	assert_int_equal(redeem(&world, verifier, world.grant), OURO_OK);
	by = token_world_by(&world.tokens, world.text);
	assert_string_equal(ouro_person_user(by, 0), "jim");
	ouro_person_free(by);
	token_world_close(&world.tokens);
}

static void test_api_logins__the_person_goes_meanwhile(void **state)
{
	struct login_world world;

	(void)state;
	open_world(&world, PORT);
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_OK);
	token_world_reload(&world.tokens, "{\"4711\":\"jim\"}", NULL);
	assert_int_equal(redeem(&world, verifier, world.grant), OURO_ERR_TOKEN);
	token_world_close(&world.tokens);
}

static void test_api_logins__rules_meanwhile(void **state)
{
	struct login_world world;
	ouro_login_wish wish = usual(0);
	ouro_person *mia;

	(void)state;
	open_world(&world, PORT);
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_OK);
	token_world_reload(&world.tokens, NULL, "{\"tokens\":\"5d\"}");
	assert_int_equal(redeem(&world, verifier, world.grant), OURO_ERR_DENIED);
	token_world_reload(&world.tokens, NULL, NULL);
	begin(&world, PORT);
	token_world_reload(&world.tokens, NULL, "{\"tokens\":\"5d\"}");
	mia = token_world_person(&world.tokens, TOKEN_MIA, "mia");
	assert_int_equal(answer(&world, mia, 1), OURO_ERR_DENIED);
	ouro_person_free(mia);
	token_world_reload(&world.tokens, NULL, "{\"tokens\":\"off\"}");
	mia = token_world_person(&world.tokens, TOKEN_MIA, "mia");
	assert_int_equal(find(&world, mia, world.login.id), OURO_ERR_OFF);
	assert_int_equal(answer(&world, mia, 1), OURO_ERR_OFF);
	assert_int_equal(redeem(&world, verifier, world.grant), OURO_ERR_OFF);
	assert_int_equal(
		ouro_login_begin(world.tokens.portal, &wish, NULL, &world.login, world.code, NULL),
		OURO_ERR_OFF);
	ouro_person_free(mia);
	token_world_close(&world.tokens);
}

static void test_api_logins__too_many_tokens(void **state)
{
	struct login_world world;

	(void)state;
	open_world(&world, PORT);
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_OK);
	for (int i = 0; i < 50; i++) {
		world.tokens.audit[0] = '\0';
		token_world_token(world.tokens.mia, OURO_TOKEN_ALL, world.text, NULL);
	}
	assert_int_equal(redeem(&world, verifier, world.grant), OURO_ERR_LIMIT);
	begin(&world, PORT);
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_ERR_LIMIT);
	assert_int_equal(answer(&world, world.tokens.mia, 0), OURO_OK); /* it still waited */
	token_world_close(&world.tokens);
}

static void test_api_logins__wishes(void **state)
{
	static const char *const wrong[] = {NULL, "", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
		"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cMA",
		"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
		"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN"};
	struct login_world world;
	ouro_login_wish wish;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	open_world(&world, PORT);
#define TRY(status)                                                                                \
	assert_int_equal(ouro_login_begin(world.tokens.portal, &wish, NULL, &world.login,          \
				 world.code, &error),                                              \
		status);                                                                           \
	wish = usual(PORT)
	wish = usual(PORT);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		wish.challenge = wrong[i];
		TRY(OURO_ERR_INVALID);
	}
	wish.machine = "a\x1b]0;b";
	TRY(OURO_ERR_INVALID);
	wish.machine = NULL;
	TRY(OURO_ERR_INVALID);
	wish.port = 80;
	TRY(OURO_ERR_INVALID);
	wish.port = 65536;
	TRY(OURO_ERR_INVALID);
	wish.port = -1;
	TRY(OURO_ERR_INVALID);
	wish.scopes = 0x100;
	TRY(OURO_ERR_INVALID);
	wish.lifetime = -1;
	TRY(OURO_ERR_INVALID);
	wish.lifetime = 366 * DAY;
	TRY(OURO_ERR_DENIED);
	wish.lifetime = INT64_MAX;
	TRY(OURO_ERR_DENIED);
	wish.lifetime = 0;
	TRY(OURO_OK);
	assert_int_equal(world.login.lifetime, 90 * DAY);
	assert_string_equal(world.login.address, "");
#undef TRY
	token_world_close(&world.tokens);
}

static void test_api_logins__too_many_wait(void **state)
{
	struct login_world world;
	ouro_login_wish wish = usual(0);
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	open_world(&world, PORT);
	for (int i = 1; i < 20; i++)
		begin(&world, i % 2 ? PORT : 0);
	assert_int_equal(ouro_login_begin(world.tokens.portal, &wish, "192.0.2.7", &world.login,
				 world.code, &error),
		OURO_ERR_LIMIT);
	assert_text_has(error.text, "in a minute");
	assert_int_equal(ouro_login_begin(world.tokens.portal, &wish, "192.0.2.8", &world.login,
				 world.code, &error),
		OURO_OK);
	world.tokens.now += 600;
	begin(&world, PORT);
	token_world_close(&world.tokens);
}

static void test_api_logins__records(void **state)
{
	struct login_world world;

	(void)state;
	open_world(&world, PORT);
	assert_string_equal(world.tokens.audit, ""); /* nothing is granted by asking */
	assert_int_equal(answer(&world, world.tokens.mia, 1), OURO_OK);
	assert_text_has(world.tokens.audit,
		"\"person\":\"github:19270622\",\"login\":\"mia\",\"user\":null,\"action\":\"login-approve\","
		"\"node\":null,\"name\":\"Mia's laptop\",\"before\":null,"
		"\"after\":\"read, nodes until 2027-01-25T08:00:00Z\",\"result\":\"ok\",\"address\":\"192.0.2.8\"}");
	world.tokens.audit[0] = '\0';
	assert_int_equal(redeem(&world, verifier, world.grant), OURO_OK);
	assert_text_has(world.tokens.audit, "\"person\":\"github:19270622\",\"login\":\"mia\"");
	assert_text_has(world.tokens.audit, "\"action\":\"token-create\"");
	assert_text_has(world.tokens.audit, "\"address\":\"192.0.2.7\"}");
	assert_null(strstr(world.tokens.audit, world.grant));
	token_world_close(&world.tokens);
}

static void test_api_logins__wrong_calls(void **state)
{
	struct login_world world;
	ouro_login_wish wish = usual(0);
	ouro_login old = OURO_LOGIN_INIT;

	(void)state;
	open_world(&world, PORT);
	old.size = 16;
	assert_int_equal(ouro_login_begin(world.tokens.portal, &wish, NULL, &old, world.code, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro_login_begin(NULL, &wish, NULL, &world.login, world.code, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro_login_find(world.tokens.mia, NULL, 0, &world.login, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_login_answer(world.tokens.mia, NULL, 1, NULL, world.grant, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro_login_redeem(world.tokens.portal, "x", NULL, NULL, world.text, NULL, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(redeem(&world, "", NULL), OURO_ERR_TOKEN);
	token_world_close(&world.tokens);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_api_logins__with_a_browser),
		cmocka_unit_test(test_api_logins__with_a_code),
		cmocka_unit_test(test_api_logins__codes_do_not_find_links),
		cmocka_unit_test(test_api_logins__refused),
		cmocka_unit_test(test_api_logins__over_after_ten_minutes),
		cmocka_unit_test(test_api_logins__who_may_answer),
		cmocka_unit_test(test_api_logins__the_person_goes_meanwhile),
		cmocka_unit_test(test_api_logins__rules_meanwhile),
		cmocka_unit_test(test_api_logins__too_many_tokens),
		cmocka_unit_test(test_api_logins__wishes),
		cmocka_unit_test(test_api_logins__too_many_wait),
		cmocka_unit_test(test_api_logins__records),
		cmocka_unit_test(test_api_logins__wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
