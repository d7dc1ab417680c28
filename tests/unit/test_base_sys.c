/* Clock, chance, wiping and log lines. */
#include "check.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/wipe.h"

static void test_base_sys__clock_and_chance(void **state)
{
	uint8_t a[32] = {0};
	uint8_t b[32] = {0};
	int64_t before = ouro__clock_ms();

	(void)state;
	assert_true(ouro__clock_ms() >= before);
	assert_true(ouro__clock_unix() > INT64_C(1700000000));
	assert_true(ouro__rand(a, sizeof(a)) && ouro__rand(b, sizeof(b)));
	assert_memory_not_equal(a, b, sizeof(a));
	for (int i = 0; i < 100; i++)
		assert_true(ouro__rand_below(7) < 7);
	assert_int_equal(ouro__rand_below(1), 0);
}

static void test_base_sys__wiping_wipes(void **state)
{
	char *text = ouro__alloc(4, 2);

	(void)state;
	memcpy(text, "secret", 7);
	ouro__wipe(text, 8);
	assert_memory_equal(text, "\0\0\0\0\0\0\0\0", 8);
	ouro__wipe_free(text);
	ouro__wipe_free(NULL);
}

static void keep(void *user, int level, const char *text)
{
	char *room = user;

	assert_int_equal(level, OURO_LOG_WARNING);
	assert_true(strlen(text) < 512);
	memcpy(room, text, strlen(text) + 1);
}

static void test_base_sys__log_lines(void **state)
{
	char room[512] = "";
	char longest[1000];
	ouro__log log = {keep, room};
	ouro__log silent = {NULL, NULL};

	(void)state;
	ouro__log_line(&log, OURO_LOG_WARNING, "a\nb %d", 5);
	assert_string_equal(room, "a b 5");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ouro__log_line(&log, OURO_LOG_WARNING, "%s", longest);
	assert_int_equal(strlen(room), 511);
	ouro__log_line(&silent, OURO_LOG_ERROR, "x");
	ouro__log_line(NULL, OURO_LOG_ERROR, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_sys__clock_and_chance),
		cmocka_unit_test(test_base_sys__wiping_wipes),
		cmocka_unit_test(test_base_sys__log_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
