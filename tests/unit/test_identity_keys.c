/* Master keys, character by character: which names, which base64, which blanks around a line. What
 * is accepted opens the same key however it is written. */
#include "check.h"

#include <stdio.h>

#include "identity/keys.h"

#define KEY "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk="
#define MANY_SIGNS "+/+/abcdefghijklmnopqrstuvwxyzABCDEFG+/012M="
#define MANY_SIGNS_URL "-_-_abcdefghijklmnopqrstuvwxyzABCDEFG-_012M"

static struct ouro__key keys[OURO__SEAL_KEYS_MAX];

static size_t read_keys(const char *text)
{
	ouro_error error = OURO_ERROR_INIT;
	size_t count = 0;

	memset(keys, 0, sizeof(keys));
	if (ouro__keys_read(text, keys, &count, &error) < 0)
		fail_msg("\"%s\": %s", text, error.text);
	return count;
}

static void refuse(const char *text, const char *word)
{
	ouro_error error = OURO_ERROR_INIT;
	size_t count = 99;

	assert_int_equal(ouro__keys_read(text, keys, &count, &error), OURO_ERR_CONFIG);
	assert_int_equal(count, 99);
	assert_int_equal(error.status, OURO_ERR_CONFIG);
	assert_text_has(error.text, word);
	assert_null(strstr(error.text, "q83vEj")); /* never the key */
}

static void test_identity_keys__name_characters(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		char line[64];
		int sound = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-_",
				    c) != NULL;

		if (strchr("\n#", c) || c == ':')
			continue;
		(void)snprintf(line, sizeof(line), "n%c:" KEY, c);
		if (sound)
			assert_int_equal(read_keys(line), 1);
		else
			refuse(line, "line 1: not NAME:KEY");
	}
}

static void test_identity_keys__name_length(void **state)
{
	(void)state;
	assert_int_equal(read_keys("sixteen-letters-:" KEY), 1);
	refuse("seventeen-letters:" KEY, "line 1: not NAME:KEY");
	refuse("only-a-name", "line 1: not NAME:KEY");
	refuse("name", "line 1: not NAME:KEY");
	refuse(":" KEY, "line 1: not NAME:KEY");
	refuse("a=" KEY, "line 1: not NAME:KEY");
}

static void test_identity_keys__alphabets(void **state)
{
	struct ouro__key first;

	(void)state;
	assert_int_equal(read_keys("a:" MANY_SIGNS), 1);
	first = keys[0];
	assert_int_equal(first.secret[0], 0xfb);
	assert_int_equal(read_keys("a:" MANY_SIGNS_URL), 1);
	assert_memory_equal(keys[0].secret, first.secret, OURO__KEY_SIZE);
	assert_memory_equal(keys[0].kid, first.kid, OURO__KID_SIZE);
	refuse("a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBw=k", "32 bytes");
	refuse("a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwkA", "32 bytes");
	refuse("a:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQAQIDBAUGBwk==", "32 bytes");
}

static void test_identity_keys__blanks(void **state)
{
	struct ouro__key plain;

	(void)state;
	assert_int_equal(read_keys("a:" KEY), 1);
	plain = keys[0];
	assert_int_equal(read_keys("\t a:" KEY " \t\r\n"), 1);
	assert_memory_equal(&keys[0], &plain, sizeof(plain));
	assert_int_equal(read_keys(" \n\t\n\r\n \t \n  # a:b\na:" KEY "\n\n"), 1);
	assert_memory_equal(&keys[0], &plain, sizeof(plain));
	refuse(" \t\r\n", "no key in it");
	refuse("a: " KEY, "32 bytes");
	refuse("\n\nnothing here", "line 3");
}

/* Text is refused as a key, and one byte that is none makes it a key. */
static void test_identity_keys__printable(void **state)
{
	(void)state;
	refuse("a:cGxlYXNlLW1ha2UtYS1yYW5kb20ta2V5LWluc3RlYWQ=", "a sample or a text");
	/* the last byte is 0x7f, then 0x1f */
	assert_int_equal(read_keys("a:cGxlYXNlLW1ha2UtYS1yYW5kb20ta2V5LWluc3RlYX8="), 1);
	assert_int_equal(read_keys("a:cGxlYXNlLW1ha2UtYS1yYW5kb20ta2V5LWluc3RlYR8="), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_keys__name_characters),
		cmocka_unit_test(test_identity_keys__name_length),
		cmocka_unit_test(test_identity_keys__alphabets),
		cmocka_unit_test(test_identity_keys__blanks),
		cmocka_unit_test(test_identity_keys__printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
