/* Pre-auth keys: asked for, made and ended in the way of each generation; looked at as one. */
#include "check.h"

#include <stdio.h>

#include "base/sys.h"
#include "fake_channel.h"
#include "headscale/generation.h"
#include "headscale/keys.h"
#include "raw_message.h"

static const ouro__band bands[] = {OURO__BAND_B, OURO__BAND_C, OURO__BAND_D, OURO__BAND_E,
	OURO__BAND_F0, OURO__BAND_F1, OURO__BAND_G, OURO__BAND_H, OURO__BAND_I};
enum { BANDS = sizeof(bands) / sizeof(bands[0]) };

static struct fake_channel *fake;
static struct ouro__server server;
static ouro_error error;
static struct ouro__keys *keys;
static struct ouro__hs_key *answers[4];
static size_t answer_count;

static struct ouro__hs_user mia_there = {3, "mia"};
static struct ouro__hs_user tom_there = {4, "tom"};
static const struct ouro__user mia = {3, "mia"};

static ouro_status answer(struct fake_channel *at, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr)
{
	(void)at;
	(void)request;
	(void)reterr;
	if (method->reply == &ouro__hs_keys) {
		struct ouro__hs_keys *list = ouro__arena_alloc(arena, sizeof(*list));

		list->keys.items = (void **)answers;
		list->keys.count = answer_count;
		*ret_reply = list;
	} else if (method->reply == &ouro__hs_key_reply) {
		struct ouro__hs_key_reply *reply = ouro__arena_alloc(arena, sizeof(*reply));

		reply->key = answer_count ? answers[0] : NULL;
		*ret_reply = reply;
	} else {
		*ret_reply = ouro__arena_alloc(arena, 64);
	}
	return OURO_OK;
}

static void begin(ouro__band band)
{
	fake = fake_channel_new(fake_methods_of(band), answer, NULL);
	server = (struct ouro__server){&fake->base, ouro__generation_of(band), 1, 0};
	error = (ouro_error)OURO_ERROR_INIT;
	keys = NULL;
	answer_count = 0;
}

static void end(void)
{
	ouro__keys_free(keys);
	keys = NULL;
	ouro__channel_free(&fake->base);
}

static int64_t soon(void)
{
	return ouro__clock_ms() + 2000;
}

static struct raw_message sent(void)
{
	return raw_message_read(fake->sent, fake->sent_size);
}

static ouro_status list(const struct ouro__user *user)
{
	ouro__keys_free(keys);
	keys = NULL;
	return ouro__headscale_keys_list(&server, user, soon(), &keys, &error);
}

/* Three keys: mia's, tom's, and one for tagged nodes; in odd order. */
static void three_keys(ouro__band band)
{
	static const char *tags[] = {"tag:web"};
	static struct ouro__hs_key nobodys;
	static struct ouro__hs_key toms;
	static struct ouro__hs_key mias;

	nobodys = (struct ouro__hs_key){
		.id = 9, .key = "kkk", .expiration = 2000000000, .tags = {tags, 1}};
	toms = (struct ouro__hs_key){.id = 8, .user = &tom_there, .key = "ttt"};
	toms.expiration = OURO_TIME_NEVER;
	toms.created = OURO_TIME_NEVER;
	mias = (struct ouro__hs_key){.id = 5,
		.user = &mia_there,
		.user_name = "mia@example.com",
		.key = "mmm",
		.reusable = 1,
		.ephemeral = 1,
		.used = 1,
		.expiration = 1900000000,
		.created = 1800000000};
	answers[0] = &toms;
	answers[1] = &nobodys;
	answers[2] = &mias;
	answer_count = 3;
	/* A server that goes by user names only ever lists one user's. */
	if (band <= OURO__BAND_D) {
		answers[0] = &mias;
		answer_count = 1;
	}
}

static void test_headscale_keys__list(void **state)
{
	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		struct raw_message message;

		begin(bands[b]);
		three_keys(bands[b]);
		assert_int_equal(list(&mia), OURO_OK);
		message = sent();
		if (bands[b] <= OURO__BAND_D)
			assert_string_equal(raw_message_find(&message, 1)->text, "mia");
		else if (bands[b] <= OURO__BAND_F1)
			assert_int_equal(raw_message_find(&message, 1)->value, 3);
		else
			assert_int_equal(message.count, 0);
		assert_int_equal(keys->count, 1);
		assert_int_equal(keys->items[0].id, 5);
		assert_int_equal(keys->items[0].user_id, 3);
		/* Not the e-mail address, which would not be taken back. */
		assert_string_equal(keys->items[0].user_name, "mia");
		assert_string_equal(keys->items[0].text, "mmm");
		assert_true(
			keys->items[0].reusable && keys->items[0].ephemeral && keys->items[0].used);
		assert_int_equal(keys->items[0].expiration, 1900000000);
		assert_int_equal(keys->items[0].created, 1800000000);
		end();
	}
}

static void test_headscale_keys__list_everybody(void **state)
{
	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		begin(bands[b]);
		three_keys(bands[b]);
		if (bands[b] < OURO__BAND_G) {
			assert_int_equal(list(NULL), OURO_ERR_UNSUPPORTED);
			assert_text_has(error.text, "from 0.28 on");
			assert_int_equal(fake->calls, 0);
		} else {
			assert_int_equal(list(NULL), OURO_OK);
			assert_int_equal(keys->count, 3);
			assert_int_equal(keys->items[0].id, 5);
			assert_int_equal(keys->items[1].id, 8);
			assert_int_equal(keys->items[1].expiration, OURO_TIME_NEVER);
			assert_int_equal(keys->items[2].user_id, 0);
			assert_string_equal(keys->items[2].user_name, "");
			assert_int_equal(keys->items[2].tag_count, 1);
			assert_string_equal(keys->items[2].tags[0], "tag:web");
		}
		end();
	}
}

static void test_headscale_keys__odd_lists(void **state)
{
	static struct ouro__hs_key numberless = {.user = &mia_there, .key = "x"};

	(void)state;
	begin(OURO__BAND_H);
	assert_int_equal(list(&mia), OURO_OK);
	assert_int_equal(keys->count, 0);
	answers[0] = &numberless;
	answer_count = 1;
	assert_int_equal(list(&mia), OURO_ERR_PROTOCOL);
	assert_text_has(error.text, "without a number");
	assert_null(keys);
	fake->down = 1;
	assert_int_equal(list(&mia), OURO_ERR_UNREACHABLE);
	assert_text_has(error.text, "reading the pre-auth keys: ");
	end();
	ouro__keys_free(NULL);
}

static void check_created(ouro__band band, const struct raw_message *message)
{
	if (band <= OURO__BAND_D)
		assert_string_equal(raw_message_find(message, 1)->text, "mia");
	else
		assert_int_equal(raw_message_find(message, 1)->value, 3);
	assert_int_equal(raw_message_find(message, 2)->value, 1);
	assert_null(raw_message_find(message, 3));
	assert_true(raw_message_find(message, 4)->is_text);
	assert_string_equal(raw_message_find(message, 5)->text, "tag:web");
	assert_int_equal(message->count, 4);
}

static void test_headscale_keys__create(void **state)
{
	static const char *const tags[] = {"tag:web"};
	const struct ouro__key_wish wish = {.reusable = 1,
		.expiration = ouro__clock_unix() + 3600,
		.tags = tags,
		.tag_count = 1};
	static struct ouro__hs_key made;

	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		struct raw_message message;

		begin(bands[b]);
		made = (struct ouro__hs_key){
			.id = 5, .user = &mia_there, .user_name = "mia", .key = "whole"};
		answers[0] = &made;
		answer_count = 1;
		assert_int_equal(
			ouro__headscale_keys_create(&server, &mia, &wish, soon(), &keys, &error),
			OURO_OK);
		message = sent();
		check_created(bands[b], &message);
		assert_int_equal(keys->count, 1);
		assert_string_equal(keys->items[0].text, "whole");
		assert_int_equal(keys->items[0].user_id, 3);
		ouro__keys_free(keys);
		keys = NULL;
		/* An answer without the key: nobody knows. */
		answer_count = 0;
		assert_int_equal(
			ouro__headscale_keys_create(&server, &mia, &wish, soon(), &keys, &error),
			OURO_ERR_UNCERTAIN);
		made.key = "";
		answer_count = 1;
		assert_int_equal(
			ouro__headscale_keys_create(&server, &mia, &wish, soon(), &keys, &error),
			OURO_ERR_UNCERTAIN);
		assert_null(keys);
		end();
	}
}

static void test_headscale_keys__create_for_nobody(void **state)
{
	static const char *const tags[] = {"tag:web", "tag:db"};
	struct ouro__key_wish wish = {.ephemeral = 1,
		.expiration = ouro__clock_unix() + 3600,
		.tags = tags,
		.tag_count = 2};
	static struct ouro__hs_key made = {.id = 5, .key = "whole"};

	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		ouro_status rc;

		begin(bands[b]);
		answers[0] = &made;
		answer_count = 1;
		wish.tag_count = 2;
		rc = ouro__headscale_keys_create(&server, NULL, &wish, soon(), &keys, &error);
		if (bands[b] < OURO__BAND_G) {
			assert_int_equal(rc, OURO_ERR_UNSUPPORTED);
			assert_int_equal(fake->calls, 0);
		} else {
			struct raw_message message = sent();

			assert_int_equal(rc, OURO_OK);
			assert_null(raw_message_find(&message, 1));
			assert_int_equal(raw_message_find(&message, 3)->value, 1);
			assert_int_equal(keys->items[0].user_id, 0);
			wish.tag_count = 0;
			assert_int_equal(ouro__headscale_keys_create(
						 &server, NULL, &wish, soon(), &keys, &error),
				OURO_ERR_INVALID);
			assert_text_has(error.text, "needs tags");
			assert_int_equal(fake->calls, 1);
		}
		end();
	}
}

static void test_headscale_keys__bad_tags_are_not_sent(void **state)
{
	static const char *const bad[] = {"web", "tag:", "", "TAG:web"};

	(void)state;
	begin(OURO__BAND_H);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct ouro__key_wish wish = {
			.expiration = ouro__clock_unix() + 3600, .tags = &bad[i], .tag_count = 1};

		assert_int_equal(
			ouro__headscale_keys_create(&server, &mia, &wish, soon(), &keys, &error),
			OURO_ERR_INVALID);
		assert_text_has(error.text, "tag:name");
	}
	assert_int_equal(fake->calls, 0);
	end();
}

static void test_headscale_keys__delete(void **state)
{
	static const struct ouro__key key = {
		.id = 5, .user_id = 3, .user_name = "mia", .text = "x"};

	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		ouro_status rc;

		begin(bands[b]);
		rc = ouro__headscale_keys_delete(&server, &key, soon(), &error);
		if (bands[b] < OURO__BAND_G) {
			assert_int_equal(rc, OURO_ERR_UNSUPPORTED);
			assert_text_has(error.text, "from 0.28 on");
			assert_int_equal(fake->calls, 0);
		} else {
			struct raw_message message = sent();

			assert_int_equal(rc, OURO_OK);
			assert_string_equal(fake->last, "DeletePreAuthKey");
			assert_int_equal(message.count, 1);
			assert_int_equal(raw_message_find(&message, 1)->value, 5);
		}
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_keys__list),
		cmocka_unit_test(test_headscale_keys__list_everybody),
		cmocka_unit_test(test_headscale_keys__odd_lists),
		cmocka_unit_test(test_headscale_keys__create),
		cmocka_unit_test(test_headscale_keys__create_for_nobody),
		cmocka_unit_test(test_headscale_keys__bad_tags_are_not_sent),
		cmocka_unit_test(test_headscale_keys__delete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
