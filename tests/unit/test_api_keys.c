/* A person's pre-auth keys on every generation: which are seen, made and ended, in that server's way of naming them, and that a refusal
 * sends nothing. */
#include "check.h"

#include <stdio.h>

#include "band_world.h"

#define RULES "{\"keys\": {\"longest\": \"7d\", \"alive\": 3}}"
#define DAY INT64_C(86400)

static struct band_world world;
static ouro_error error;
static char changes[1024];
static char text[OURO_KEY_TEXT_MAX];

static void begin(ouro__band band, const char *rules)
{
	band_world_open(&world, band, NULL, rules);
	error = (ouro_error)OURO_ERROR_INIT;
	memset(text, 0, sizeof(text));
}

static void nothing_sent(void)
{
	assert_string_equal(band_world_changes(&world, changes), "");
}

/* "25 24 23 21": the ids in their order. */
static const char *ids(const ouro_person *person, char ret_ids[128])
{
	ouro_key_list *list = NULL;
	size_t used = 0;

	error = (ouro_error)OURO_ERROR_INIT;
	if (ouro_keys_list(person, &list, &error) < 0)
		fail_msg("%s", error.text);
	ret_ids[0] = '\0';
	for (size_t i = 0; i < ouro_key_list_count(list); i++)
		used += (size_t)snprintf(ret_ids + used, 128 - used, "%s%llu", i ? " " : "",
			(unsigned long long)ouro_key_id(ouro_key_list_at(list, i)));
	assert_null(ouro_key_list_at(list, ouro_key_list_count(list)));
	ouro_key_list_free(list);
	return ret_ids;
}

static void test_api_keys__own_ones_are_listed(void **state)
{
	char got[128];

	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		int identity = world_bands[b] >= OURO__BAND_G;

		begin(world_bands[b], RULES);
		/* A key for tagged devices is nobody's from 0.28 on, whoever made it. */
		assert_string_equal(ids(world.person, got), identity ? "24 23 21" : "25 24 23 21");
		assert_int_equal(world.key_lists, 1);
		assert_string_equal(ids(world.holder, got), "25 24 23 22 21");
		nothing_sent();
		assert_int_equal(world.records, 0);
		band_world_close(&world);
	}
}

static void test_api_keys__what_is_shown_of_one(void **state)
{
	ouro_key_list *list = NULL;
	const ouro_key *key;

	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		int identity = world_bands[b] >= OURO__BAND_G;

		begin(world_bands[b], RULES);
		assert_int_equal(ouro_keys_list(world.holder, &list, NULL), OURO_OK);
		key = ouro_key_list_at(list, 4);
		assert_int_equal(ouro_key_id(key), WORLD_KEY);
		assert_string_equal(ouro_key_hint(key),
			identity ? "hskey-auth-000000000021\xe2\x80\xa6" : "000000\xe2\x80\xa6");
		assert_int_equal(ouro_key_user_id(key), WORLD_MIA);
		assert_string_equal(ouro_key_user_name(key), "mia");
		assert_int_equal(ouro_key_tag_count(key), 0);
		assert_null(ouro_key_tag(key, 0));
		assert_int_equal(ouro_key_reusable(key), 0);
		assert_int_equal(ouro_key_ephemeral(key), 0);
		assert_int_equal(ouro_key_used(key), 0);
		assert_int_equal(ouro_key_expiration(key), INT64_C(4000000000));
		assert_int_equal(ouro_key_created(key), 1000000000);
		assert_int_equal(ouro_key_state(key, world.now), OURO_KEY_ALIVE);
		assert_int_equal(ouro_key_state(key, INT64_C(4000000000)), OURO_KEY_EXPIRED);
		assert_int_equal(
			ouro_key_state(ouro_key_list_at(list, 2), world.now), OURO_KEY_USED);
		assert_int_equal(
			ouro_key_state(ouro_key_list_at(list, 1), world.now), OURO_KEY_EXPIRED);
		key = ouro_key_list_at(list, 0);
		assert_string_equal(ouro_key_tag(key, 0), "tag:web");
		assert_int_equal(ouro_key_user_id(key), identity ? 0 : WORLD_MIA);
		assert_string_equal(ouro_key_user_name(key), identity ? "" : "mia");
		ouro_key_list_free(list);
		band_world_close(&world);
	}
}

static void test_api_keys__made_and_shown_once(void **state)
{
	char expected[128];
	char got[128];
	ouro_key_wish wish = OURO_KEY_WISH_INIT;
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	ouro_key *key = NULL;

	(void)state;
	options.address = "192.0.2.7";
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		int identity = world_bands[b] >= OURO__BAND_G;

		begin(world_bands[b], RULES);
		wish.expires = world.now + 7 * DAY;
		if (ouro_key_create(world.person, &wish, &options, text, &key, &error) < 0)
			fail_msg("%s", error.text);
		(void)snprintf(expected, sizeof(expected), "CreatePreAuthKey mia %lld; ",
			(long long)wish.expires);
		assert_string_equal(band_world_changes(&world, changes), expected);
		assert_string_equal(text, world.keys[5].text);
		assert_int_equal(ouro_key_id(key), 35);
		assert_int_equal(ouro_key_user_id(key), WORLD_MIA);
		assert_int_equal(ouro_key_expiration(key), wish.expires);
		assert_int_equal(ouro_key_state(key, world.now), OURO_KEY_ALIVE);
		assert_null(strstr(ouro_key_hint(key), text));
		ouro_key_free(key);
		assert_int_equal(world.records, 1);
		assert_text_has(world.record, "\"action\":\"key-create\"");
		assert_text_has(world.record, "\"user\":\"mia\"");
		assert_text_has(world.record, "key 35 (");
		assert_text_has(world.record, "for one device, until 20");
		assert_text_has(world.record, "\"address\":\"192.0.2.7\"");
		assert_text_has(world.record, "\"result\":\"ok\"");
		assert_null(strstr(world.record, text));
		assert_string_equal(
			ids(world.person, got), identity ? "35 24 23 21" : "35 25 24 23 21");
		band_world_close(&world);
	}
	ouro_key_free(NULL);
}

static void test_api_keys__an_hour_if_nothing_is_said(void **state)
{
	(void)state;
	begin(OURO__BAND_H, RULES);
	assert_int_equal(ouro_key_create(world.person, NULL, NULL, text, NULL, NULL), OURO_OK);
	assert_string_equal(
		band_world_changes(&world, changes), "CreatePreAuthKey mia 3900003600; ");
	band_world_close(&world);
}

static void refused(const ouro_key_wish *wish, ouro_status status, const char *word)
{
	unsigned records = world.records;

	error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(ouro_key_create(world.person, wish, NULL, text, NULL, &error), status);
	assert_text_has(error.text, word);
	assert_string_equal(text, "");
	assert_int_equal(world.records, records + 1);
	assert_text_has(world.record, ouro_status_name(status));
	nothing_sent();
}

static void test_api_keys__what_the_rule_forbids(void **state)
{
	ouro_key_wish wish = OURO_KEY_WISH_INIT;

	(void)state;
	begin(OURO__BAND_E, NULL);
	refused(NULL, OURO_ERR_DENIED, "the rule keys");
	band_world_rules(&world, RULES);
	wish.reusable = 1;
	refused(&wish, OURO_ERR_DENIED, "one device only");
	wish.reusable = 0;
	wish.ephemeral = 1;
	refused(&wish, OURO_ERR_DENIED, "ephemeral");
	wish.ephemeral = 0;
	wish.expires = world.now + 7 * DAY + 61;
	refused(&wish, OURO_ERR_DENIED, "7 days that the rule keys");
	wish.expires = OURO_TIME_NEVER;
	refused(&wish, OURO_ERR_DENIED, "7 days that the rule keys");
	wish.expires = world.now;
	refused(&wish, OURO_ERR_INVALID, "must lie ahead");
	wish.expires = 0;
	wish.user = "tom";
	refused(&wish, OURO_ERR_NOTFOUND, "one of your own users");
	wish.user = "";
	refused(&wish, OURO_ERR_NOTFOUND, "one of your own users");
	band_world_scopes(&world, OURO_TOKEN_READ | OURO_TOKEN_NODES | OURO_TOKEN_ROUTES);
	refused(NULL, OURO_ERR_DENIED, "lacks the scope keys");
	band_world_close(&world);
}

static void test_api_keys__as_many_as_may_be_alive(void **state)
{
	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		/* One of mia's is alive, and up to 0.27 the one with tags too. */
		int before = world_bands[b] >= OURO__BAND_G ? 1 : 2;

		begin(world_bands[b], RULES);
		for (int i = before; i < 3; i++)
			assert_int_equal(
				ouro_key_create(world.person, NULL, NULL, text, NULL, NULL),
				OURO_OK);
		(void)band_world_changes(&world, changes);
		memset(text, 0, sizeof(text));
		refused(NULL, OURO_ERR_DENIED, "you have 3 keys that are alive");
		/* One that is ended makes room. */
		assert_int_equal(ouro_key_revoke(world.person, WORLD_KEY, NULL, NULL), OURO_OK);
		assert_int_equal(
			ouro_key_create(world.person, NULL, NULL, text, NULL, NULL), OURO_OK);
		band_world_close(&world);
	}
}

static void test_api_keys__ended_in_the_servers_way(void **state)
{
	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		begin(world_bands[b], RULES);
		if (ouro_key_revoke(world.person, WORLD_KEY, NULL, &error) < 0)
			fail_msg("%s", error.text);
		assert_string_equal(band_world_changes(&world, changes), "ExpirePreAuthKey 21; ");
		assert_int_equal(world.records, 1);
		assert_text_has(world.record, "\"action\":\"key-revoke\"");
		assert_text_has(world.record, "\"user\":\"mia\"");
		assert_text_has(world.record, "key 21 (");
		assert_text_has(world.record, "\"before\":\"alive\",\"after\":\"over\"");
		assert_null(strstr(world.record, world.keys[0].text));
		/* Over already, or used up: a success, and nothing is sent. */
		assert_int_equal(ouro_key_revoke(world.person, WORLD_KEY, NULL, NULL), OURO_OK);
		assert_int_equal(
			ouro_key_revoke(world.person, WORLD_KEY_USED, NULL, NULL), OURO_OK);
		assert_text_has(world.record, "\"before\":\"used\",\"after\":\"used\"");
		assert_int_equal(
			ouro_key_revoke(world.person, WORLD_KEY_OVER, NULL, NULL), OURO_OK);
		assert_int_equal(world.records, 4);
		nothing_sent();
		band_world_close(&world);
	}
}

static void test_api_keys__anothers_and_missing_are_the_same(void **state)
{
	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		static const uint64_t others[] = {
			WORLD_KEY_TOMS, 4711, 0, UINT64_MAX, WORLD_MIA, WORLD_KEY_TAGS};
		size_t count = world_bands[b] >= OURO__BAND_G ? 6 : 5;
		char first[256] = "";

		begin(world_bands[b], RULES);
		for (size_t i = 0; i < count; i++) {
			error = (ouro_error)OURO_ERROR_INIT;
			assert_int_equal(ouro_key_revoke(world.person, others[i], NULL, &error),
				OURO_ERR_NOTFOUND);
			if (!first[0])
				(void)snprintf(first, sizeof(first), "%s", error.text);
			assert_string_equal(error.text, first);
		}
		nothing_sent();
		/* Whatever scopes and rules say. */
		band_world_rules(&world, NULL);
		band_world_scopes(&world, OURO_TOKEN_READ);
		assert_int_equal(ouro_key_revoke(world.person, WORLD_KEY_TOMS, NULL, &error),
			OURO_ERR_NOTFOUND);
		assert_int_equal(
			ouro_key_revoke(world.person, WORLD_KEY, NULL, &error), OURO_ERR_DENIED);
		nothing_sent();
		band_world_close(&world);
	}
}

static void test_api_keys__the_holder(void **state)
{
	ouro_key_wish wish = OURO_KEY_WISH_INIT;

	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		begin(world_bands[b], NULL);
		assert_int_equal(ouro_key_create(world.holder, NULL, NULL, text, NULL, &error),
			OURO_ERR_NOTFOUND);
		nothing_sent();
		wish.user = "tom";
		wish.reusable = wish.ephemeral = 1;
		wish.expires = world.now + 400 * DAY;
		assert_int_equal(
			ouro_key_create(world.holder, &wish, NULL, text, NULL, NULL), OURO_OK);
		assert_string_equal(band_world_changes(&world, changes),
			"CreatePreAuthKey tom reusable ephemeral 3934560000; ");
		assert_text_has(world.record, "\"person\":\"holder\"");
		assert_text_has(world.record, "for several devices, ephemeral, until 20");
		/* Keys are not counted for whoever has no limit. */
		assert_int_equal(world.key_lists, 0);
		wish.expires = OURO_TIME_NEVER;
		assert_int_equal(ouro_key_create(world.holder, &wish, NULL, text, NULL, NULL),
			OURO_ERR_INVALID);
		assert_int_equal(
			ouro_key_revoke(world.holder, WORLD_KEY_TOMS, NULL, NULL), OURO_OK);
		assert_string_equal(band_world_changes(&world, changes), "ExpirePreAuthKey 22; ");
		assert_int_equal(
			ouro_key_revoke(world.holder, WORLD_KEY_TAGS, NULL, NULL), OURO_OK);
		assert_int_equal(
			ouro_key_revoke(world.holder, 4711, NULL, NULL), OURO_ERR_NOTFOUND);
		band_world_close(&world);
	}
}

/* Nobody can tell whose keys those are. */
static void test_api_keys__a_name_that_two_have_is_nobodys(void **state)
{
	char got[128];

	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		begin(world_bands[b], RULES);
		world.tom = "mia";
		assert_string_equal(ids(world.person, got), "");
		refused(NULL, OURO_ERR_NOTFOUND, "several users named mia");
		assert_int_equal(
			ouro_key_revoke(world.person, WORLD_KEY, NULL, NULL), OURO_ERR_NOTFOUND);
		nothing_sent();
		/* Up to 0.25 keys go by name: not even the holder is told of these. */
		assert_string_equal(ids(world.holder, got),
			world_bands[b] < OURO__BAND_E ? "" : "25 24 23 22 21");
		band_world_close(&world);
	}
}

static void test_api_keys__several_users(void **state)
{
	ouro_key_wish wish = OURO_KEY_WISH_INIT;
	char got[128];

	(void)state;
	for (size_t b = 0; b < WORLD_BANDS; b++) {
		band_world_open(&world, world_bands[b], "{\"5\": [\"tom\", \"mia\"]}", RULES);
		assert_string_equal(ids(world.person, got),
			world_bands[b] >= OURO__BAND_G ? "24 23 22 21" : "25 24 23 22 21");
		/* What is alive is counted over all of them. */
		world.keys[4].expiration = 5;
		assert_int_equal(
			ouro_key_create(world.person, NULL, NULL, text, NULL, NULL), OURO_OK);
		assert_string_equal(
			band_world_changes(&world, changes), "CreatePreAuthKey tom 3900003600; ");
		wish.user = "mia";
		assert_int_equal(ouro_key_create(world.person, &wish, NULL, text, NULL, &error),
			OURO_ERR_DENIED);
		assert_int_equal(
			ouro_key_revoke(world.person, WORLD_KEY_TOMS, NULL, NULL), OURO_OK);
		assert_int_equal(
			ouro_key_create(world.person, &wish, NULL, text, NULL, NULL), OURO_OK);
		assert_string_equal(band_world_changes(&world, changes),
			"ExpirePreAuthKey 22; CreatePreAuthKey mia 3900003600; ");
		band_world_close(&world);
	}
}

static void test_api_keys__scopes_of_looking(void **state)
{
	ouro_key_list *list = NULL;
	char got[128];

	(void)state;
	begin(OURO__BAND_H, RULES);
	band_world_scopes(&world, OURO_TOKEN_READ);
	assert_string_equal(ids(world.person, got), "24 23 21");
	assert_false(ouro_person_may(world.person, OURO_ACTION_KEYS));
	band_world_scopes(&world, OURO_TOKEN_KEYS);
	assert_true(ouro_person_may(world.person, OURO_ACTION_KEYS));
	assert_int_equal(ouro_keys_list(world.person, &list, &error), OURO_ERR_DENIED);
	assert_text_has(error.text, "lacks the scope read");
	band_world_rules(&world, NULL);
	assert_int_equal(ouro_keys_list(world.person, &list, NULL), OURO_ERR_DENIED);
	band_world_close(&world);
}

static void test_api_keys__limits_are_told(void **state)
{
	ouro_key_limits limits = OURO_KEY_LIMITS_INIT;

	(void)state;
	begin(OURO__BAND_H, "{\"keys\": {\"longest\": \"2d\", \"reusable\": true}}");
	ouro_person_key_limits(world.person, &limits);
	assert_int_equal(limits.on, 1);
	assert_int_equal(limits.reusable, 1);
	assert_int_equal(limits.ephemeral, 0);
	assert_int_equal(limits.until, world.now + 2 * DAY);
	assert_int_equal(limits.alive, 10);
	assert_int_equal(limits.size, sizeof(limits));
	ouro_person_key_limits(world.holder, &limits);
	assert_int_equal(limits.on, 1);
	assert_int_equal(limits.ephemeral, 1);
	assert_int_equal(limits.until, OURO_TIME_NEVER);
	assert_int_equal(limits.alive, 0);
	band_world_rules(&world, NULL);
	ouro_person_key_limits(world.person, &limits);
	assert_int_equal(limits.on, 0);
	assert_int_equal(limits.until, 0);
	limits.on = 7;
	ouro_person_key_limits(NULL, &limits);
	ouro_person_key_limits(world.person, NULL);
	limits.size = 0;
	ouro_person_key_limits(world.person, &limits);
	assert_int_equal(limits.on, 7);
	band_world_close(&world);
}

/* The server was replaced between looking and acting: nothing was sent, all is looked at once more, and one record is written. */
static void test_api_keys__decided_anew_on_another_server(void **state)
{
	(void)state;
	begin(OURO__BAND_G, RULES);
	world.replace = 1;
	assert_int_equal(ouro_key_revoke(world.person, WORLD_KEY, NULL, &error), OURO_OK);
	assert_string_equal(band_world_changes(&world, changes), "ExpirePreAuthKey 21; ");
	world.replace = 1;
	assert_int_equal(ouro_key_create(world.person, NULL, NULL, text, NULL, &error), OURO_OK);
	assert_string_equal(
		band_world_changes(&world, changes), "CreatePreAuthKey mia 3900003600; ");
	assert_int_equal(world.records, 2);
	world.replace = 9;
	assert_int_equal(ouro_key_revoke(world.person, 35, NULL, &error), OURO_ERR_UNREACHABLE);
	nothing_sent();
	assert_int_equal(world.records, 3);
	band_world_close(&world);
}

/* The words of one version are not told to the next: from 0.28 on, the number of a user would be taken for the number of a key, and a
 * server that does not know a key answers "ok". */
static void test_api_keys__an_upgrade_between_looking_and_ending(void **state)
{
	static const ouro__band from[] = {
		OURO__BAND_B, OURO__BAND_D, OURO__BAND_E, OURO__BAND_F1, OURO__BAND_G};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(from) / sizeof(from[0]); i++) {
		begin(from[i / 2], RULES);
		/* The key with the number of mia. */
		world.keys[1].id = WORLD_MIA;
		world.replace = 1;
		world.replace_after = i % 2 ? "ListPreAuthKeys" : NULL;
		world.next_band = i % 4 ? OURO__BAND_H : OURO__BAND_G;
		error = (ouro_error)OURO_ERROR_INIT;
		if (ouro_key_revoke(world.person, WORLD_KEY, NULL, &error) < 0)
			fail_msg("%s", error.text);
		assert_string_equal(band_world_changes(&world, changes), "ExpirePreAuthKey 21; ");
		assert_int_equal(fake_channel_get(world.fake, &world.fake->writes), 1);
		assert_int_equal(world.keys[1].expiration, INT64_C(4000000000));
		assert_int_equal(world.records, 1);
		band_world_close(&world);
	}
}

static void *make_one(void *arg)
{
	char own[OURO_KEY_TEXT_MAX];
	ouro_status rc = ouro_key_create(world.person, NULL, NULL, own, NULL, NULL);

	*(int *)arg = rc == OURO_OK ? 1 : rc == OURO_ERR_DENIED ? 0 : -1;
	return NULL;
}

/* Whoever makes keys at the same time does not get more of them: looking and making are one turn. */
static void test_api_keys__no_more_by_hurrying(void **state)
{
	pthread_t threads[2];
	int made[2];

	(void)state;
	begin(OURO__BAND_H, "{\"keys\": {\"longest\": \"7d\", \"alive\": 2}}");
	world.meet = 2;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_one, &made[i]), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(made[0] + made[1], 1);
	assert_true(made[0] >= 0 && made[1] >= 0);
	assert_int_equal(world.key_lists, 2);
	assert_int_equal(world.records, 2);
	band_world_close(&world);
}

static void test_api_keys__a_lost_answer_is_not_repeated(void **state)
{
	(void)state;
	begin(OURO__BAND_H, RULES);
	world.fail = "CreatePreAuthKey";
	world.fail_status = OURO_ERR_UNCERTAIN;
	assert_int_equal(
		ouro_key_create(world.person, NULL, NULL, text, NULL, &error), OURO_ERR_UNCERTAIN);
	assert_string_equal(text, "");
	assert_text_has(world.record, "\"result\":\"uncertain\"");
	assert_int_equal(fake_channel_get(world.fake, &world.fake->writes), 1);
	world.fail = "ListPreAuthKeys";
	world.fail_status = OURO_ERR_TIMEOUT;
	assert_int_equal(ouro_key_revoke(world.person, WORLD_KEY, NULL, &error), OURO_ERR_TIMEOUT);
	nothing_sent();
	band_world_close(&world);
}

static void test_api_keys__arguments(void **state)
{
	ouro_key_wish wish = OURO_KEY_WISH_INIT;
	ouro_key_list *list = NULL;

	(void)state;
	begin(OURO__BAND_H, RULES);
	assert_int_equal(ouro_keys_list(NULL, &list, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_keys_list(world.person, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_key_create(NULL, NULL, NULL, text, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(
		ouro_key_create(world.person, NULL, NULL, NULL, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_key_revoke(NULL, 1, NULL, NULL), OURO_ERR_INVALID);
	wish.size = 0;
	assert_int_equal(
		ouro_key_create(world.person, &wish, NULL, text, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_key_list_count(NULL), 0);
	assert_null(ouro_key_list_at(NULL, 0));
	ouro_key_list_free(NULL);
	nothing_sent();
	band_world_close(&world);
}

int main(void)
{
#define CASE(name) cmocka_unit_test(test_api_keys__##name)
	const struct CMUnitTest tests[] = {
		CASE(own_ones_are_listed),
		CASE(what_is_shown_of_one),
		CASE(made_and_shown_once),
		CASE(an_hour_if_nothing_is_said),
		CASE(what_the_rule_forbids),
		CASE(as_many_as_may_be_alive),
		CASE(ended_in_the_servers_way),
		CASE(anothers_and_missing_are_the_same),
		CASE(the_holder),
		CASE(a_name_that_two_have_is_nobodys),
		CASE(several_users),
		CASE(scopes_of_looking),
		CASE(limits_are_told),
		CASE(decided_anew_on_another_server),
		CASE(an_upgrade_between_looking_and_ending),
		CASE(no_more_by_hurrying),
		CASE(a_lost_answer_is_not_repeated),
		CASE(arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
