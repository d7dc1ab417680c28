/* Seals: keys as written by administrators, round trips, every single bit, purposes, audiences, rotation. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "identity/seal.h"
#include "identity/seen.h"

#define KEY_A "a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk="
#define KEY_B "b:u8zdZnd4iZmqu8zd7v8AESIzRFVmd4iZqrvM3e7/ESI="
#define AUDIENCE "https://vpn.example.org/ouroboros"

static ouro__sealer *sealer(const char *keys, const char *audience)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro__sealer *made = NULL;

	if (ouro__sealer_new(keys, audience, &made, &error) < 0)
		fail_msg("%s", error.text);
	return made;
}

static void refuse_keys(const char *keys, const char *word)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro__sealer *made = NULL;

	assert_int_equal(ouro__sealer_new(keys, AUDIENCE, &made, &error), OURO_ERR_CONFIG);
	assert_null(made);
	if (!strstr(error.text, word))
		fail_msg("\"%s\" says nothing of %s", error.text, word);
}

static void test_identity_seal__keys_refused(void **state)
{
	(void)state;
	refuse_keys("", "no key");
	refuse_keys("\n# nothing\n", "no key");
	refuse_keys("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk=", "line 1");
	refuse_keys("a b:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk=", "line 1");
	refuse_keys(":q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk=", "line 1");
	refuse_keys("seventeen-letters:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk=", "line 1");
	refuse_keys("a:q83vEjRWeJCrze8SNFZ4kA==", "32 bytes");
	refuse_keys("a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBw==", "32 bytes");
	refuse_keys("a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwkK", "32 bytes");
	refuse_keys("a:", "32 bytes");
	refuse_keys("a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUG!!k=", "32 bytes");
	refuse_keys(
		"a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwl=", "32 bytes"); /* loose last bits */
	refuse_keys("a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "sample");
	refuse_keys(
		"a:AQIDBAECAwQBAgMEAQIDBAECAwQBAgMEAQIDBAECAwQ=", "sample"); /* 01020304 repeated */
	refuse_keys(
		"a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=", "sample"); /* 8 bytes repeated */
	refuse_keys("a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "sample"); /* counting */
	refuse_keys("a:MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=", "sample"); /* text */
	refuse_keys(KEY_A "\n" KEY_A, "line 2");
	refuse_keys(
		KEY_A "\na:u8zdZnd4iZmqu8zd7v8AESIzRFVmd4iZqrvM3e7/ESI=", "line 2"); /* same name */
	refuse_keys(
		KEY_A "\nc:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk=", "line 2"); /* same key */
}

static void test_identity_seal__too_many_keys(void **state)
{
	ouro__buf keys = OURO__BUF_INIT(4096);
	uint8_t key[32];
	ouro_error error = OURO_ERROR_INIT;
	ouro__sealer *made = NULL;

	(void)state;
	for (unsigned i = 0; i < OURO__SEAL_KEYS_MAX + 1; i++) {
		for (unsigned j = 0; j < 32; j++)
			key[j] = (uint8_t)(i * 7 + j * j * 31 + 11);
		ouro__buf_format(&keys, "k%u:", i);
		ouro__str_base64url(&keys, key, sizeof(key));
		ouro__buf_byte(&keys, '\n');
	}
	assert_int_equal(
		ouro__sealer_new(ouro__buf_str(&keys), AUDIENCE, &made, &error), OURO_ERR_CONFIG);
	assert_non_null(strstr(error.text, "more than 16"));
	ouro__buf_done(&keys);
}

static void test_identity_seal__keys_accepted(void **state)
{
	(void)state;
	ouro__sealer_free(sealer(KEY_A, AUDIENCE));
	ouro__sealer_free(sealer("# comment\n\n  " KEY_A " \r\n" KEY_B "\n", AUDIENCE));
	ouro__sealer_free(sealer("Az09_-:u8zdZnd4iZmqu8zd7v8AESIzRFVmd4iZqrvM3e7_ESI",
		AUDIENCE)); /* URL alphabet, unpadded */
	ouro__sealer_free(sealer(NULL, AUDIENCE));
	ouro__sealer_free(NULL);
}

static void test_identity_seal__audience_needed(void **state)
{
	ouro__sealer *made = NULL;
	char longest[OURO__SEAL_AUDIENCE_MAX + 2];

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(ouro__sealer_new(KEY_A, NULL, &made, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro__sealer_new(KEY_A, "", &made, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro__sealer_new(KEY_A, longest, &made, NULL), OURO_ERR_INVALID);
	longest[OURO__SEAL_AUDIENCE_MAX] = '\0';
	ouro__sealer_free(sealer(KEY_A, longest));
}

static void test_identity_seal__round_trip_and_every_bit(void **state)
{
	static const uint8_t plain[] = "forty-two bytes, or about so, of plaintext";
	ouro__sealer *s = sealer(KEY_A, AUDIENCE);
	uint8_t raw[256];
	uint8_t back[sizeof(plain)];
	char text[512];
	size_t size = 0;
	size_t tried = 0;

	(void)state;
	assert_int_equal(
		ouro__seal(s, OURO__SEAL_SESSION, plain, sizeof(plain), text, sizeof(text), NULL),
		OURO_OK);
	assert_int_equal(
		ouro__unseal(s, OURO__SEAL_SESSION, text, strlen(text), back, sizeof(back), NULL),
		OURO_OK);
	assert_memory_equal(back, plain, sizeof(plain));
	assert_true(ouro__str_unbase64url(text, strlen(text), raw, sizeof(raw), &size));
	assert_int_equal(size, sizeof(plain) + OURO__SEAL_OVERHEAD);
	for (size_t bit = 0; bit < size * 8; bit++) {
		ouro__buf changed = OURO__BUF_INIT(1024);

		raw[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		ouro__str_base64url(&changed, raw, size);
		memset(back, 1, sizeof(back));
		assert_int_equal(ouro__unseal(s, OURO__SEAL_SESSION, ouro__buf_str(&changed),
					 changed.size, back, sizeof(back), NULL),
			OURO_ERR_INVALID);
		for (size_t i = 0; i < sizeof(back); i++)
			assert_int_equal(back[i], 0);
		raw[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		ouro__buf_done(&changed);
		tried++;
	}
	assert_int_equal(tried, size * 8);
	ouro__sealer_free(s);
}

static void test_identity_seal__every_length(void **state)
{
	static const uint8_t plain[32] = {1, 2, 3};
	ouro__sealer *s = sealer(KEY_A, AUDIENCE);
	uint8_t back[64];
	char text[512];

	(void)state;
	assert_int_equal(
		ouro__seal(s, OURO__SEAL_SESSION, plain, sizeof(plain), text, sizeof(text), NULL),
		OURO_OK);
	for (size_t length = 0; length < strlen(text); length++)
		assert_int_equal(ouro__unseal(s, OURO__SEAL_SESSION, text, length, back, 32, NULL),
			OURO_ERR_INVALID);
	assert_int_equal(ouro__unseal(s, OURO__SEAL_SESSION, text, strlen(text), back, 31, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__unseal(s, OURO__SEAL_SESSION, text, strlen(text), back, 33, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__unseal(s, OURO__SEAL_SESSION, text, strlen(text), back, 0, NULL),
		OURO_ERR_INTERNAL);
	assert_int_equal(ouro__seal(s, OURO__SEAL_SESSION, plain, 0, text, sizeof(text), NULL),
		OURO_ERR_INTERNAL);
	assert_int_equal(ouro__seal(s, OURO__SEAL_SESSION, plain, OURO__SEAL_PLAIN_MAX + 1, text,
				 sizeof(text), NULL),
		OURO_ERR_INTERNAL);
	assert_int_equal(ouro__seal(s, OURO__SEAL_SESSION, plain, sizeof(plain), text, 64, NULL),
		OURO_ERR_LIMIT);
	ouro__sealer_free(s);
}

static void test_identity_seal__purpose_audience_and_key_count(void **state)
{
	static const uint8_t plain[16] = {7};
	ouro__sealer *a = sealer(KEY_A, AUDIENCE);
	ouro__sealer *elsewhere = sealer(KEY_A, "https://other.example.org/ouroboros");
	ouro__sealer *b = sealer(KEY_B, AUDIENCE);
	ouro__sealer *random = sealer(NULL, AUDIENCE);
	uint8_t back[16];
	char text[256];
	char again[256];

	(void)state;
	assert_int_equal(
		ouro__seal(a, OURO__SEAL_STATE, plain, sizeof(plain), text, sizeof(text), NULL),
		OURO_OK);
	assert_int_equal(
		ouro__seal(a, OURO__SEAL_STATE, plain, sizeof(plain), again, sizeof(again), NULL),
		OURO_OK);
	assert_string_not_equal(text, again);
	assert_int_equal(
		ouro__unseal(a, OURO__SEAL_STATE, text, strlen(text), back, 16, NULL), OURO_OK);
	assert_int_equal(ouro__unseal(a, OURO__SEAL_SESSION, text, strlen(text), back, 16, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__unseal(a, OURO__SEAL_FORM, text, strlen(text), back, 16, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro__unseal(elsewhere, OURO__SEAL_STATE, text, strlen(text), back, 16, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__unseal(b, OURO__SEAL_STATE, text, strlen(text), back, 16, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__unseal(random, OURO__SEAL_STATE, text, strlen(text), back, 16, NULL),
		OURO_ERR_INVALID);
	ouro__sealer_free(random);
	ouro__sealer_free(b);
	ouro__sealer_free(elsewhere);
	ouro__sealer_free(a);
}

static void test_identity_seal__rotation(void **state)
{
	static const uint8_t plain[16] = {9};
	ouro__sealer *before = sealer(KEY_A, AUDIENCE);
	ouro__sealer *during = sealer(KEY_B "\n" KEY_A, AUDIENCE);
	ouro__sealer *after = sealer(KEY_B, AUDIENCE);
	uint8_t back[16];
	char old[256];
	char fresh[256];

	(void)state;
	assert_int_equal(
		ouro__seal(before, OURO__SEAL_SESSION, plain, 16, old, sizeof(old), NULL), OURO_OK);
	assert_int_equal(
		ouro__seal(during, OURO__SEAL_SESSION, plain, 16, fresh, sizeof(fresh), NULL),
		OURO_OK);
	assert_int_equal(ouro__unseal(during, OURO__SEAL_SESSION, old, strlen(old), back, 16, NULL),
		OURO_OK);
	assert_int_equal(
		ouro__unseal(after, OURO__SEAL_SESSION, fresh, strlen(fresh), back, 16, NULL),
		OURO_OK);
	assert_int_equal(ouro__unseal(after, OURO__SEAL_SESSION, old, strlen(old), back, 16, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro__unseal(before, OURO__SEAL_SESSION, fresh, strlen(fresh), back, 16, NULL),
		OURO_ERR_INVALID);
	ouro__sealer_free(after);
	ouro__sealer_free(during);
	ouro__sealer_free(before);
}

static void test_identity_seal__mac(void **state)
{
	ouro__sealer *a = sealer(KEY_A, AUDIENCE);
	ouro__sealer *ba = sealer(KEY_B "\n" KEY_A, AUDIENCE);
	ouro__sealer *elsewhere = sealer(KEY_A, "https://other.example.org");
	uint8_t one[32];
	uint8_t two[32];

	(void)state;
	assert_int_equal(ouro__seal_mac(a, 0, (const uint8_t *)"x", 1, one, NULL), OURO_OK);
	assert_int_equal(ouro__seal_mac(ba, 1, (const uint8_t *)"x", 1, two, NULL), OURO_OK);
	assert_memory_equal(one, two, 32);
	assert_int_equal(ouro__seal_mac(ba, 0, (const uint8_t *)"x", 1, two, NULL), OURO_OK);
	assert_memory_not_equal(one, two, 32);
	assert_int_equal(ouro__seal_mac(elsewhere, 0, (const uint8_t *)"x", 1, two, NULL), OURO_OK);
	assert_memory_not_equal(one, two, 32);
	assert_int_equal(
		ouro__seal_mac(a, 1, (const uint8_t *)"x", 1, two, NULL), OURO_ERR_NOTFOUND);
	ouro__sealer_free(elsewhere);
	ouro__sealer_free(ba);
	ouro__sealer_free(a);
}

static void number_id(uint8_t id[OURO__SEEN_ID], uint32_t number)
{
	memset(id, 0, OURO__SEEN_ID);
	memcpy(id + (number & 1 ? 8 : 0), &number,
		sizeof(number)); /* half of them share one chain */
}

static void test_identity_seal__seen_set(void **state)
{
	enum { MAX = 200 };
	ouro__seen *seen = ouro__seen_new(MAX);
	uint8_t id[OURO__SEEN_ID];

	(void)state;
	assert_non_null(seen);
	for (uint32_t i = 0; i < MAX; i++) {
		number_id(id, i);
		assert_true(ouro__seen_add(seen, id, 1000 + i, 0));
		assert_false(ouro__seen_add(seen, id, 1000 + i, 0));
	}
	assert_int_equal(ouro__seen_count(seen), MAX);
	number_id(id, MAX);
	assert_false(ouro__seen_has(seen, id));
	assert_true(ouro__seen_add(seen, id, 2000, 0)); /* full: the first goes */
	assert_int_equal(ouro__seen_count(seen), MAX);
	number_id(id, 0);
	assert_false(ouro__seen_has(seen, id));
	for (uint32_t i = 1; i <= MAX; i++) {
		number_id(id, i);
		assert_true(ouro__seen_has(seen, id));
	}
	number_id(id, MAX + 1);
	assert_true(ouro__seen_add(seen, id, 3000, 1100)); /* until <= 1100: 1 to 100 are over */
	assert_int_equal(ouro__seen_count(seen), MAX - 100 + 1);
	number_id(id, 100);
	assert_false(ouro__seen_has(seen, id));
	number_id(id, 101);
	assert_true(ouro__seen_has(seen, id));
	for (uint32_t i = 0; i < 10 * MAX; i++) {
		number_id(id, 10000 + i);
		assert_true(ouro__seen_add(seen, id, 9000, 1100));
	}
	assert_int_equal(ouro__seen_count(seen), MAX);
	ouro__seen_free(seen);
	ouro__seen_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_seal__keys_refused),
		cmocka_unit_test(test_identity_seal__too_many_keys),
		cmocka_unit_test(test_identity_seal__keys_accepted),
		cmocka_unit_test(test_identity_seal__audience_needed),
		cmocka_unit_test(test_identity_seal__round_trip_and_every_bit),
		cmocka_unit_test(test_identity_seal__every_length),
		cmocka_unit_test(test_identity_seal__purpose_audience_and_key_count),
		cmocka_unit_test(test_identity_seal__rotation),
		cmocka_unit_test(test_identity_seal__mac),
		cmocka_unit_test(test_identity_seal__seen_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
