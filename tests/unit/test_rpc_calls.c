/* The queue of calls, and what callers are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "base/wipe.h"
#include "rpc/calls.h"

static void test_rpc_calls__first_come_first_served(void **state)
{
	struct ouro__queue queue = {NULL, NULL};
	struct ouro__queued items[3] = {{NULL, 0}, {NULL, 100}, {NULL, 50}};
	int64_t wake_at = 1000;

	(void)state;
	assert_null(ouro__queue_take(&queue, 0));
	assert_int_equal(ouro__queue_due(&queue, 0, &wake_at), 0);
	assert_int_equal(wake_at, 1000);
	for (size_t i = 0; i < 3; i++)
		ouro__queue_add(&queue, &items[i]);
	assert_int_equal(ouro__queue_due(&queue, 10, &wake_at), 1);
	assert_int_equal(wake_at, 50);
	assert_ptr_equal(ouro__queue_take(&queue, 10), &items[0]);
	assert_null(ouro__queue_take(&queue, 10));
	assert_int_equal(ouro__queue_due(&queue, 10, &wake_at), 0);
	/* the second is not due yet: the third goes first */
	assert_ptr_equal(ouro__queue_take(&queue, 60), &items[2]);
	assert_ptr_equal(ouro__queue_take(&queue, 100), &items[1]);
	assert_null(queue.first);
	assert_null(queue.last);
}

static void test_rpc_calls__removal_anywhere(void **state)
{
	(void)state;
	for (size_t gone = 0; gone < 4; gone++) {
		struct ouro__queue queue = {NULL, NULL};
		struct ouro__queued items[4] = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};

		for (size_t i = 0; i < 3; i++)
			ouro__queue_add(&queue, &items[i]);
		ouro__queue_remove(&queue, &items[gone]); /* the fourth was never in it */
		ouro__queue_add(&queue, &items[3]);
		for (size_t i = 0; i < 4; i++)
			if (i != gone || gone == 3)
				assert_ptr_equal(ouro__queue_take(&queue, 0), &items[i]);
		assert_null(ouro__queue_take(&queue, 0));
	}
}

static void late(int reads, int sent, ouro_status want, const char *text, int retryable)
{
	ouro_error error = OURO_ERROR_INIT;

	assert_int_equal(ouro__call_too_late("RenameNode", reads, sent, &error), want);
	assert_int_equal(error.status, want);
	assert_int_equal(error.origin, OURO_ORIGIN_NETWORK);
	assert_string_equal(error.text, text);
	assert_int_equal((error.flags & OURO_ERROR_RETRYABLE) != 0, retryable);
}

static void test_rpc_calls__too_late(void **state)
{
	(void)state;
	late(1, 0, OURO_ERR_UNREACHABLE, "RenameNode: no connection to Headscale in time", 1);
	late(0, 0, OURO_ERR_UNREACHABLE, "RenameNode: no connection to Headscale in time", 1);
	late(1, 1, OURO_ERR_TIMEOUT, "RenameNode: Headscale did not answer in time", 1);
	/* whether a write was done nobody knows: that is not retried */
	late(0, 1, OURO_ERR_UNCERTAIN, "RenameNode: Headscale did not answer in time", 0);
}

static void test_rpc_calls__undecoded(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	(void)ouro__error_set(&error, OURO_ERR_PROTOCOL, "garbage");
	assert_int_equal(
		ouro__call_undecoded("ListNodes", 1, OURO_ERR_PROTOCOL, &error), OURO_ERR_PROTOCOL);
	assert_int_equal(error.status, OURO_ERR_PROTOCOL);
	assert_string_equal(error.text, "ListNodes: garbage");
	(void)ouro__error_set(&error, OURO_ERR_PROTOCOL, "garbage");
	assert_int_equal(ouro__call_undecoded("RenameNode", 0, OURO_ERR_PROTOCOL, &error),
		OURO_ERR_UNCERTAIN);
	assert_int_equal(error.status, OURO_ERR_UNCERTAIN);
}

static void test_rpc_calls__key_field(void **state)
{
	static char large[5000];
	char *text = NULL;

	(void)state;
	assert_int_equal(ouro__key_field("Bearer ", "abc.def", &text, NULL), OURO_OK);
	assert_string_equal(text, "Bearer abc.def");
	ouro__wipe_free(text);
	text = NULL;
	memset(large, 'x', sizeof(large) - 1);
	assert_int_equal(ouro__key_field("Bearer ", large, &text, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro__key_field("Bearer ", "", &text, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro__key_field("Bearer ", "a b", &text, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro__key_field("Bearer ", "a\r\nb", &text, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro__key_field("Bearer ", "a\xc3\xa9", &text, NULL), OURO_ERR_INVALID);
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_calls__first_come_first_served),
		cmocka_unit_test(test_rpc_calls__removal_anywhere),
		cmocka_unit_test(test_rpc_calls__too_late),
		cmocka_unit_test(test_rpc_calls__undecoded),
		cmocka_unit_test(test_rpc_calls__key_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
