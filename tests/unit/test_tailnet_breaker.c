/* The breaker's arithmetic. */
#include "check.h"

#include "tailnet/breaker.h"

static void test_tailnet_breaker__opens_after_failures_in_a_row(void **state)
{
	struct ouro__breaker breaker = {0, 0, 0};

	(void)state;
	for (int i = 0; i < OURO__BREAKER_FAILURES - 1; i++) {
		ouro__breaker_failure(&breaker, 1000, 0);
		assert_false(ouro__breaker_open(&breaker, 1000));
	}
	ouro__breaker_success(&breaker);
	for (int i = 0; i < OURO__BREAKER_FAILURES; i++) {
		assert_false(ouro__breaker_open(&breaker, 1000));
		ouro__breaker_failure(&breaker, 1000, 0);
	}
	assert_true(ouro__breaker_open(&breaker, 1999));
	assert_false(ouro__breaker_open(&breaker, 2000));
	ouro__breaker_success(&breaker);
	assert_false(ouro__breaker_open(&breaker, 1500));
}

static void test_tailnet_breaker__pauses_double_up_to_a_bound(void **state)
{
	struct ouro__breaker breaker = {0, 0, 0};
	int64_t now = 0;
	int64_t pauses[] = {1000, 2000, 3000, 3000};

	(void)state;
	for (int i = 0; i < OURO__BREAKER_FAILURES - 1; i++)
		ouro__breaker_failure(&breaker, now, 0);
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		ouro__breaker_failure(&breaker, now, 0);
		assert_int_equal(breaker.open_until - now, pauses[i]);
		/* A straggler that fails during the pause does not lengthen it twice. */
		ouro__breaker_failure(&breaker, now, 0);
		assert_int_equal(breaker.open_until - now, pauses[i]);
		now = breaker.open_until;
	}
	ouro__breaker_failure(&breaker, now, 255);
	assert_int_equal(breaker.open_until - now, 2250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tailnet_breaker__opens_after_failures_in_a_row),
		cmocka_unit_test(test_tailnet_breaker__pauses_double_up_to_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
