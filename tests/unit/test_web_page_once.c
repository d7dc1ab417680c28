/* One secret at a time a person: the second is turned away until the first is done, whatever others do. */
#include "check.h"

#include "pages.h"

static struct web_call *by(uint64_t id)
{
	static ouro_session sessions[4];
	static struct web_call calls[4];
	static size_t next;
	size_t i = next++ % 4;

	sessions[i] = (ouro_session)OURO_SESSION_INIT;
	sessions[i].identity.id = id;
	calls[i].session = &sessions[i];
	return &calls[i];
}

static void test_web_page_once__one_at_a_time(void **state)
{
	(void)state;
	assert_int_equal(page_once_begin(by(7)), 1);
	assert_int_equal(page_once_begin(by(7)), 0);
	assert_int_equal(page_once_begin(by(8)), 1);
	assert_int_equal(page_once_begin(by(7)), 0);
	page_once_end(by(7));
	assert_int_equal(page_once_begin(by(7)), 1);
	assert_int_equal(page_once_begin(by(8)), 0);
	page_once_end(by(7));
	page_once_end(by(8));
	assert_int_equal(page_once_begin(by(8)), 1);
	page_once_end(by(8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_page_once__one_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
