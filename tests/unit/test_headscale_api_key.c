/* The end of one's own API key, found in what real servers listed: each recording is asked with the very key that it was made with. */
#include "check.h"

#include "base/str.h"
#include "base/sys.h"
#include "fake_channel.h"
#include "headscale/api_key.h"
#include "recordings.h"

/* The record of ListApiKeys with an answer; its "authorization" holds the key. */
static const json_t *listing(const struct recording *recording)
{
	size_t index;
	const json_t *record;

	json_array_foreach(recording->records, index, record)
	{
		if (strcmp(recording_text(record, "method"), "ListApiKeys") == 0 &&
			ouro__str_starts(recording_text(record, "authorization"), "Bearer ") &&
			json_is_string(json_object_get(record, "response_hex")))
			return record;
	}
	return NULL;
}

static int64_t expected_end(const struct recording *recording, const char *key)
{
	size_t index;
	const json_t *entry;

	json_array_foreach(json_object_get(recording->expected, "apikeys"), index, entry)
	{
		const char *prefix = recording_text(entry, "prefix");
		size_t length = strcspn(prefix, "*");

		if (strncmp(key, prefix, length) == 0)
			return recording_seconds(recording_text(entry, "expiration"));
	}
	return -1;
}

static void test_headscale_api_key__recordings(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDINGS; i++) {
		const json_t *record = listing(&recordings[i]);
		ouro__channel *channel = recording_channel_new(&recordings[i]);
		const struct ouro__server *server =
			OURO__SERVER(channel, ouro__generation_of(recordings[i].band));
		int64_t deadline = ouro__clock_ms() + 2000;
		ouro_error error = OURO_ERROR_INIT;
		const char *key;
		int64_t until = -1;

		assert_non_null(record);
		key = recording_text(record, "authorization") + 7;
		assert_int_equal(
			ouro__headscale_api_key_until(server, key, deadline, &until, &error),
			OURO_OK);
		assert_int_equal(until, expected_end(&recordings[i], key));
		assert_true(until > 1700000000);
		assert_int_equal(ouro__headscale_api_key_until(
					 server, "nobodys.key", deadline, &until, &error),
			OURO_ERR_NOTFOUND);
		assert_null(strstr(error.text, "nobodys"));
		ouro__channel_free(channel);
	}
}

static void test_headscale_api_key__shown(void **state)
{
	static const struct {
		const char *key;
		const char *prefix;
		int is;
	} rows[] = {
		{"abcdefghij.SECRET", "abcdefghij", 1},
		{"abcdefg.SECRET", "abcdefg", 1},
		{"abcdefg.SECRET", "abcdefg***", 1},
		{"abcdef-.SECRET", "abcdef-***", 1},
		{"hskey-api-0123456789ab-SECRET", "hskey-api-0123456789ab-***", 1},
		{"ouro_pat_0123456789ab_SECRET", "ouro_pat_0123456789ab_***", 1},
		/* a beginning that ends too soon, or within the secret, is nobody's */
		{"abcdefghij.SECRET", "abcdefg", 0},
		{"abcdefghij.SECRET", "abcdefg***", 0},
		{"abcdefg.SECRET", "abcdefg.S", 0},
		{"hskey-api-0123456789ab-SECRET", "hskey-api-0123456789ac-***", 0},
		{"hskey-api-0123456789ab-SECRET", "hskey-api-0123456789ab-", 0},
		{"abc", "abc", 0},
		{"abc", "abcd", 0},
		{"abc.d", "", 0},
		{"abc.d", "***", 0},
		{"", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (ouro__headscale_api_key_shown(rows[i].key, rows[i].prefix) != rows[i].is)
			fail_msg("%s %s", rows[i].key, rows[i].prefix);
}

static ouro_status answer(struct fake_channel *fake, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr)
{
	static struct ouro__hs_api_key other = {"zzzzzzz", 5};
	static struct ouro__hs_api_key endless = {"abcdefg", OURO_TIME_NEVER};
	static void *keys[] = {&other, &endless};
	static const struct ouro__hs_api_keys list = {{keys, 2}};

	(void)request;
	(void)arena;
	assert_string_equal(method->name, "ListApiKeys");
	if (fake->user)
		return fake_refuse(reterr, 13, "validating token");
	*ret_reply = &list;
	return OURO_OK;
}

static void test_headscale_api_key__no_end_and_refusal(void **state)
{
	struct fake_channel *fake = fake_channel_new(fake_methods_h, answer, NULL);
	struct ouro__server server = {&fake->base, ouro__generation_of(OURO__BAND_H), 1, 0};
	ouro_error error = OURO_ERROR_INIT;
	int64_t until = 0;

	(void)state;
	assert_int_equal(ouro__headscale_api_key_until(&server, "abcdefg.secret",
				 ouro__clock_ms() + 2000, &until, &error),
		OURO_OK);
	assert_true(until == OURO_TIME_NEVER);
	fake->user = fake;
	assert_true(ouro__headscale_api_key_until(&server, "abcdefg.secret",
			    ouro__clock_ms() + 2000, &until, &error) < 0);
	assert_text_has(error.text, "reading the list of API keys");
	assert_null(strstr(error.text, "secret"));
	ouro__channel_free(&fake->base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_api_key__recordings),
		cmocka_unit_test(test_headscale_api_key__shown),
		cmocka_unit_test(test_headscale_api_key__no_end_and_refusal),
	};

	return cmocka_run_group_tests(tests, recordings_load, recordings_unload);
}
