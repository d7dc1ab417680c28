/* Personal tokens: who may make which, what they are good for, and when they are over. */
#include "check.h"

#include <stdio.h>

#include <ouroboros/nodes.h>

#include "token_world.h"

enum { DAY = 86400 };

static ouro_status by(struct token_world *world, const char *text, ouro_error *error)
{
	ouro_person *person = NULL;
	ouro_status rc =
		ouro_portal_person_by_token(world->portal, text, strlen(text), &person, error);

	ouro_person_free(person);
	return rc;
}

static void test_api_tokens__a_token_is_its_person(void **state)
{
	struct token_world world;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_token token = OURO_TOKEN_INIT;
	ouro_person *person;

	(void)state;
	token_world_open(&world, NULL);
	token_world_token(world.mia, OURO_TOKEN_ROUTES, text, &token);
	assert_memory_equal(text, "ouro_pat_", 9);
	assert_memory_equal(text + 9, token.id, 12);
	assert_int_equal(strlen(text), 9 + 12 + 1 + 64);
	assert_string_equal(token.name, "laptop");
	assert_int_equal(token.scopes, OURO_TOKEN_READ | OURO_TOKEN_ROUTES);
	assert_int_equal(token.created, world.now);
	assert_int_equal(token.expires, world.now + 90 * DAY);
	assert_int_equal(token.used, OURO_TIME_NEVER);

	person = token_world_by(&world, text);
	assert_string_equal(ouro_person_user(person, 0), "sink");
	assert_string_equal(ouro_person_token(person), token.id);
	assert_int_equal(ouro_person_scopes(person), OURO_TOKEN_READ | OURO_TOKEN_ROUTES);
	assert_int_equal(ouro_person_identity(person)->id, TOKEN_MIA);
	assert_string_equal(ouro_person_identity(person)->login, "mia");
	ouro_person_free(person);

	assert_string_equal(ouro_person_token(world.mia), "");
	assert_int_equal(ouro_person_scopes(world.mia), OURO_TOKEN_ALL);
	token_world_close(&world);
}

static void test_api_tokens__what_is_no_token(void **state)
{
	struct token_world world;
	char text[OURO_TOKEN_TEXT_MAX];
	char other[OURO_TOKEN_TEXT_MAX];
	ouro_error first = OURO_ERROR_INIT;

	(void)state;
	token_world_open(&world, NULL);
	token_world_token(world.mia, OURO_TOKEN_ALL, text, NULL);
	assert_int_equal(by(&world, "", &first), OURO_ERR_TOKEN);
	for (size_t i = 0; text[i]; i++) {
		ouro_error error = OURO_ERROR_INIT;

		memcpy(other, text, sizeof(other));
		other[i] = (char)(text[i] == '0' ? '1' : '0');
		assert_int_equal(by(&world, other, &error), OURO_ERR_TOKEN);
		assert_string_equal(error.text, first.text); /* nothing tells them apart */
		memcpy(other, text, sizeof(other));
		other[i] = '\0';
		assert_int_equal(by(&world, other, &error), OURO_ERR_TOKEN);
	}
	memcpy(other, text, sizeof(other));
	memcpy(other + strlen(text), "0", 2);
	assert_int_equal(by(&world, other, NULL), OURO_ERR_TOKEN);
	assert_int_equal(by(&world, text, NULL), OURO_OK);
	token_world_close(&world);
}

static void test_api_tokens__end(void **state)
{
	struct token_world world;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_token token = OURO_TOKEN_INIT;
	ouro_token_list *list = NULL;
	ouro_error over = OURO_ERROR_INIT;
	ouro_error revoked = OURO_ERROR_INIT;

	(void)state;
	token_world_open(&world, NULL);
	token_world_token(world.mia, OURO_TOKEN_ALL, text, &token);
	world.now = token.expires - 1;
	assert_int_equal(by(&world, text, NULL), OURO_OK);
	world.now = token.expires;
	assert_int_equal(by(&world, text, &over), OURO_ERR_TOKEN);
	assert_int_equal(ouro_tokens_list(world.mia, &list, NULL), OURO_OK);
	assert_int_equal(ouro_token_list_count(list), 0);
	ouro_token_list_free(list);

	token_world_token(world.mia, OURO_TOKEN_ALL, text, &token);
	assert_int_equal(ouro_token_revoke(world.mia, token.id, NULL, NULL), OURO_OK);
	assert_int_equal(by(&world, text, &revoked), OURO_ERR_TOKEN);
	assert_string_equal(over.text, revoked.text);
	assert_int_equal(ouro_token_revoke(world.mia, token.id, NULL, NULL), OURO_ERR_NOTFOUND);
	token_world_close(&world);
}

static void test_api_tokens__go_with_the_person(void **state)
{
	struct token_world world;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_person *person;

	(void)state;
	token_world_open(&world, NULL);
	token_world_token(world.mia, OURO_TOKEN_ALL, text, NULL);
	token_world_reload(&world, "{\"19270622\":\"jim\"}", NULL);
	person = token_world_by(&world, text);
	assert_string_equal(ouro_person_user(person, 0), "jim"); /* the map of this moment */
	ouro_person_free(person);
	token_world_reload(&world, "{\"4711\":\"jim\"}", NULL);
	assert_int_equal(by(&world, text, NULL), OURO_ERR_UNMAPPED);
	token_world_close(&world);
}

static void test_api_tokens__make_no_tokens(void **state)
{
	struct token_world world;
	char text[OURO_TOKEN_TEXT_MAX];
	char more[OURO_TOKEN_TEXT_MAX] = "as it was";
	ouro_token_wish wish = OURO_TOKEN_WISH_INIT;
	ouro_token own = OURO_TOKEN_INIT;
	ouro_token other = OURO_TOKEN_INIT;
	ouro_token_list *list = NULL;
	ouro_person *person;
	ouro_person *holder = NULL;

	(void)state;
	token_world_open(&world, NULL);
	token_world_token(world.mia, OURO_TOKEN_ALL, text, &own);
	token_world_token(world.mia, OURO_TOKEN_ALL, more, &other);
	person = token_world_by(&world, text);
	wish.name = "more";
	assert_int_equal(ouro_token_create(person, &wish, NULL, more, NULL, NULL), OURO_ERR_DENIED);
	assert_int_equal(ouro_person_tokens_until(person), 0);
	/* It sees itself alone, and ends itself alone. */
	assert_int_equal(ouro_tokens_list(person, &list, NULL), OURO_OK);
	assert_int_equal(ouro_token_list_count(list), 1);
	assert_string_equal(ouro_token_list_at(list, 0)->id, own.id);
	assert_null(ouro_token_list_at(list, 1));
	ouro_token_list_free(list);
	assert_int_equal(ouro_token_revoke(person, other.id, NULL, NULL), OURO_ERR_NOTFOUND);
	assert_int_equal(ouro_token_revoke(person, own.id, NULL, NULL), OURO_OK);
	assert_text_has(world.audit, own.id);
	ouro_person_free(person);

	assert_int_equal(ouro_person_holder(world.portal, &holder, NULL), OURO_OK);
	assert_int_equal(ouro_token_create(holder, &wish, NULL, more, NULL, NULL), OURO_ERR_DENIED);
	assert_int_equal(ouro_token_revoke(holder, other.id, NULL, NULL), OURO_ERR_NOTFOUND);
	assert_int_equal(ouro_tokens_list(holder, &list, NULL), OURO_OK);
	assert_int_equal(ouro_token_list_count(list), 0);
	ouro_token_list_free(list);
	ouro_person_free(holder);
	token_world_close(&world);
}

static void test_api_tokens__of_others_are_not_there(void **state)
{
	struct token_world world;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_token token = OURO_TOKEN_INIT;
	ouro_token_list *list = NULL;
	ouro_error others = OURO_ERROR_INIT;
	ouro_error missing = OURO_ERROR_INIT;

	(void)state;
	token_world_open(&world, NULL);
	token_world_token(world.mia, OURO_TOKEN_ALL, text, &token);
	world.audit[0] = '\0';
	assert_int_equal(ouro_tokens_list(world.tom, &list, NULL), OURO_OK);
	assert_int_equal(ouro_token_list_count(list), 0);
	ouro_token_list_free(list);
	assert_int_equal(ouro_token_revoke(world.tom, token.id, NULL, &others), OURO_ERR_NOTFOUND);
	assert_int_equal(
		ouro_token_revoke(world.tom, "000000000000", NULL, &missing), OURO_ERR_NOTFOUND);
	assert_string_equal(others.text, missing.text);
	assert_null(strstr(world.audit, "laptop"));
	assert_int_equal(by(&world, text, NULL), OURO_OK);
	token_world_close(&world);
}

static void test_api_tokens__wishes(void **state)
{
	static const char *const names[] = {NULL, "", "a\nb", "a\x1b[1m", "a\x7f", "\xc2\x85",
		"a\xe2\x80\xae\x62", "a\xe2\x81\xa6", "\xff", "\xe2\x80\xa8", "\xef\xbb\xbf\x61",
		"0123456789012345678901234567890123456789012345678901234567890123"};
	static const char *const fine[] = {"a", "Mia's laptop",
		"\xc3\xbc \xe6\xbc\xa2 \xf0\x9f\x90\xa7",
		"012345678901234567890123456789012345678901234567890123456789012"};
	struct token_world world;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_token_wish wish = OURO_TOKEN_WISH_INIT;
	int64_t until;

	(void)state;
	token_world_open(&world, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		wish.name = names[i];
		assert_int_equal(ouro_token_create(world.mia, &wish, NULL, text, NULL, NULL),
			OURO_ERR_INVALID);
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		wish.name = fine[i];
		assert_int_equal(
			ouro_token_create(world.mia, &wish, NULL, text, NULL, NULL), OURO_OK);
	}
	wish.scopes = 0x10;
	assert_int_equal(
		ouro_token_create(world.mia, &wish, NULL, text, NULL, NULL), OURO_ERR_INVALID);
	wish.scopes = 0;
	until = ouro_person_tokens_until(world.mia);
	assert_int_equal(until, world.now + 365 * DAY);
	wish.expires = until;
	assert_int_equal(ouro_token_create(world.mia, &wish, NULL, text, NULL, NULL), OURO_OK);
	wish.expires = until + 61; /* clocks differ by a minute */
	assert_int_equal(
		ouro_token_create(world.mia, &wish, NULL, text, NULL, NULL), OURO_ERR_DENIED);
	wish.expires = INT64_MAX;
	assert_int_equal(
		ouro_token_create(world.mia, &wish, NULL, text, NULL, NULL), OURO_ERR_DENIED);
	wish.expires = world.now;
	assert_int_equal(
		ouro_token_create(world.mia, &wish, NULL, text, NULL, NULL), OURO_ERR_INVALID);
	wish.expires = INT64_MIN;
	assert_int_equal(
		ouro_token_create(world.mia, &wish, NULL, text, NULL, NULL), OURO_ERR_INVALID);
	token_world_close(&world);
}

static void test_api_tokens__fifty_and_no_more(void **state)
{
	struct token_world world;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_token token = OURO_TOKEN_INIT;
	ouro_token_wish wish = OURO_TOKEN_WISH_INIT;
	ouro_token_list *list = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	token_world_open(&world, NULL);
	for (int i = 0; i < 50; i++) {
		world.audit[0] = '\0';
		token_world_token(world.mia, OURO_TOKEN_READ, text, &token);
	}
	wish.name = "one more";
	assert_int_equal(
		ouro_token_create(world.mia, &wish, NULL, text, NULL, &error), OURO_ERR_LIMIT);
	assert_text_has(error.text, "revoke one first");
	assert_int_equal(ouro_tokens_list(world.mia, &list, NULL), OURO_OK);
	assert_int_equal(ouro_token_list_count(list), 50);
	ouro_token_list_free(list);
	assert_int_equal(ouro_token_revoke(world.mia, token.id, NULL, NULL), OURO_OK);
	assert_int_equal(ouro_token_create(world.mia, &wish, NULL, text, NULL, &error), OURO_OK);
	token_world_close(&world);
}

static void test_api_tokens__records(void **state)
{
	struct token_world world;
	char text[OURO_TOKEN_TEXT_MAX];
	char expected[512];
	ouro_token token = OURO_TOKEN_INIT;
	ouro_person *person;

	(void)state;
	token_world_open(&world, NULL);
	token_world_token(world.mia, OURO_TOKEN_ALL, text, &token);
	(void)snprintf(expected, sizeof(expected),
		"{\"time\":\"2027-01-15T08:00:00Z\",\"person\":\"github:19270622\",\"login\":\"mia\","
		"\"user\":null,\"action\":\"token-create\",\"node\":null,\"name\":\"laptop\",\"before\":null,"
		"\"after\":\"%s: read, nodes, routes, keys until 2027-04-15T08:00:00Z\",\"result\":\"ok\","
		"\"address\":\"192.0.2.7\"}\n",
		token.id);
	assert_string_equal(world.audit, expected);
	assert_null(strstr(world.audit, text + 22));
	world.audit[0] = '\0';
	/* What is done by a token says so. */
	person = token_world_by(&world, text);
	assert_int_equal(ouro_node_rename(person, FAKE_LAPTOP, "atlas", NULL, NULL, NULL), OURO_OK);
	(void)snprintf(expected, sizeof(expected),
		"\"result\":\"ok\",\"address\":null,\"token\":\"%s\"}\n", token.id);
	assert_text_has(world.audit, expected);
	world.audit[0] = '\0';
	assert_int_equal(ouro_token_revoke(person, token.id, "192.0.2.9", NULL), OURO_OK);
	assert_text_has(
		world.audit, "\"action\":\"token-revoke\",\"node\":null,\"name\":\"laptop\"");
	assert_text_has(world.audit, "\"after\":\"revoked\",\"result\":\"ok\"");
	ouro_person_free(person);
	token_world_close(&world);
}

static void test_api_tokens__use_shows(void **state)
{
	struct token_world world;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_token_list *list = NULL;

	(void)state;
	token_world_open(&world, NULL);
	token_world_token(world.mia, OURO_TOKEN_ALL, text, NULL);
	world.now += 100;
	assert_int_equal(by(&world, text, NULL), OURO_OK);
	world.now += 59;
	assert_int_equal(by(&world, text, NULL), OURO_OK);
	assert_int_equal(ouro_tokens_list(world.mia, &list, NULL), OURO_OK);
	assert_int_equal(ouro_token_list_at(list, 0)->used, world.now - 59);
	ouro_token_list_free(list);
	world.now += 1;
	assert_int_equal(by(&world, text, NULL), OURO_OK);
	assert_int_equal(ouro_tokens_list(world.mia, &list, NULL), OURO_OK);
	assert_int_equal(ouro_token_list_at(list, 0)->used, world.now);
	ouro_token_list_free(list);
	token_world_close(&world);
}

static void test_api_tokens__off_without_a_store(void **state)
{
	struct token_world world;
	ouro_portal *bare = NULL;
	ouro_person *person = NULL;
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro_token_wish wish = OURO_TOKEN_WISH_INIT;
	ouro_token_list *list = NULL;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	token_world_open(&world, NULL);
	token_world_token(world.mia, OURO_TOKEN_ALL, text, NULL);
	assert_int_equal(
		ouro_portal_new(world.tailnet, world.directory, NULL, &bare, NULL), OURO_OK);
	identity.id = TOKEN_MIA;
	memcpy(identity.provider, "github", 7);
	assert_int_equal(ouro_portal_person(bare, &identity, &person, NULL), OURO_OK);
	wish.name = "x";
	assert_int_equal(ouro_person_tokens_until(person), 0);
	assert_int_equal(ouro_tokens_list(person, &list, &error), OURO_ERR_OFF);
	assert_text_has(error.text, "state_dir");
	assert_int_equal(ouro_token_revoke(person, "0", NULL, NULL), OURO_ERR_OFF);
	assert_int_equal(ouro_token_create(person, &wish, NULL, text, NULL, NULL), OURO_ERR_OFF);
	assert_int_equal(
		ouro_portal_person_by_token(bare, text, strlen(text), &person, NULL), OURO_ERR_OFF);
	ouro_person_free(person);
	ouro_portal_free(bare);
	token_world_close(&world);
}

static void test_api_tokens__the_rule(void **state)
{
	struct token_world world;
	ouro_token_wish wish = OURO_TOKEN_WISH_INIT;
	ouro_token token = OURO_TOKEN_INIT;
	ouro_token_list *list = NULL;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_error error = OURO_ERROR_INIT;
	ouro_person *mia;

	(void)state;
	token_world_open(&world, "{\"tokens\":\"12h\"}");
	token_world_token(world.mia, OURO_TOKEN_ALL, text, &token);
	assert_int_equal(token.expires, world.now + DAY / 2); /* as long as one may live */
	assert_int_equal(ouro_person_tokens_until(world.mia), world.now + DAY / 2);
	wish.name = "x";
	wish.expires = world.now + DAY;
	assert_int_equal(
		ouro_token_create(world.mia, &wish, NULL, text, NULL, &error), OURO_ERR_DENIED);
	assert_text_has(error.text, "12 hours at most (rule tokens)");
	/* Off: what was made before is of no use either, until it is on again. */
	token_world_reload(&world, NULL, "{\"tokens\":\"off\"}");
	assert_int_equal(by(&world, text, &error), OURO_ERR_OFF);
	assert_text_has(error.text, "rule tokens");
	mia = token_world_person(&world, TOKEN_MIA, "mia");
	assert_int_equal(ouro_person_tokens_until(mia), 0);
	assert_int_equal(ouro_tokens_list(mia, &list, NULL), OURO_ERR_OFF);
	assert_int_equal(ouro_token_create(mia, &wish, NULL, text, NULL, NULL), OURO_ERR_OFF);
	ouro_person_free(mia);
	token_world_reload(&world, NULL, NULL);
	assert_int_equal(by(&world, text, NULL), OURO_OK);
	token_world_close(&world);
}

static void test_api_tokens__wrong_calls(void **state)
{
	struct token_world world;
	ouro_token_wish wish = OURO_TOKEN_WISH_INIT;
	ouro_token old = OURO_TOKEN_INIT;
	char text[OURO_TOKEN_TEXT_MAX] = "as it was";
	ouro_token_list *list = NULL;

	(void)state;
	token_world_open(&world, NULL);
	wish.name = "x";
	old.size = 8;
	assert_int_equal(
		ouro_token_create(world.mia, &wish, NULL, text, &old, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_token_create(NULL, &wish, NULL, text, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(
		ouro_token_create(world.mia, NULL, NULL, text, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_tokens_list(NULL, &list, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_token_revoke(world.mia, NULL, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(
		ouro_portal_person_by_token(world.portal, NULL, 0, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_tokens_list(world.mia, &list, NULL), OURO_OK);
	assert_int_equal(ouro_token_list_count(list), 0); /* nothing was made by the way */
	assert_string_equal(text, "as it was");
	assert_int_equal(ouro_token_list_count(NULL), 0);
	assert_null(ouro_token_list_at(NULL, 0));
	ouro_token_list_free(list);
	ouro_token_list_free(NULL);
	token_world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_api_tokens__a_token_is_its_person),
		cmocka_unit_test(test_api_tokens__what_is_no_token),
		cmocka_unit_test(test_api_tokens__end),
		cmocka_unit_test(test_api_tokens__go_with_the_person),
		cmocka_unit_test(test_api_tokens__make_no_tokens),
		cmocka_unit_test(test_api_tokens__of_others_are_not_there),
		cmocka_unit_test(test_api_tokens__wishes),
		cmocka_unit_test(test_api_tokens__fifty_and_no_more),
		cmocka_unit_test(test_api_tokens__records),
		cmocka_unit_test(test_api_tokens__use_shows),
		cmocka_unit_test(test_api_tokens__off_without_a_store),
		cmocka_unit_test(test_api_tokens__the_rule),
		cmocka_unit_test(test_api_tokens__wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
