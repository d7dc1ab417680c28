/* The table of sentences: every one is there and can be filled in, places that nobody fills stay as
 * they are, and only our own codes in a URL bring one up. */
#include "check.h"

#include "messages.h"

static void test_web_messages__all_there(void **state)
{
	(void)state;
	assert_string_equal(web_message_text(WEB_MESSAGE_NONE), "");
	for (int id = 1; id < WEB_MESSAGE_COUNT; id++) {
		const char *text = web_message_text((enum web_message)id);

		assert_string_not_equal(text, "");
		/* A place has a number that is filled, or it is no place. */
		for (const char *at = strchr(text, '{'); at; at = strchr(at + 1, '{'))
			if (strncmp(at, "{0}", 3) != 0 && strncmp(at, "{1}", 3) != 0)
				fail_msg("%d: %s", id, text);
	}
	assert_string_equal(web_message_text(WEB_MESSAGE_COUNT), "");
	assert_string_equal(web_message_text((enum web_message) - 1), "");
}

static void test_web_messages__filled_in(void **state)
{
	struct web_arena arena;

	(void)state;
	web_arena_init(&arena, 64 * 1024);
	assert_string_equal(web_message(&arena, MSG_TITLE_DEVICES, "x", "y"), "Devices");
	assert_string_equal(web_message(&arena, MSG_TITLE_REMOVE, "atlas", NULL), "Remove atlas?");
	assert_string_equal(web_message(&arena, MSG_ROUTE_SERVING_LONG, "atlas", "10.0.0.0/24"),
		"Traffic for 10.0.0.0/24 goes through atlas now.");
	assert_string_equal(
		web_message(&arena, MSG_ROUTE_GONE_LONG, "", "{0}"), " no longer offers {0}.");
	/* What is not given stays visible, rather than a hole. */
	assert_string_equal(web_message(&arena, MSG_TITLE_REMOVE, NULL, "y"), "Remove {0}?");
	assert_string_equal(web_message(&arena, MSG_ROUTE_GONE_LONG, "atlas", NULL),
		"atlas no longer offers {1}.");
	assert_string_equal(web_message(&arena, WEB_MESSAGE_NONE, "x", NULL), "");
	web_arena_done(&arena);
}

static void test_web_messages__too_much(void **state)
{
	static char name[3000];
	struct web_arena arena;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	web_arena_init(&arena, 64 * 1024);
	assert_string_equal(web_message(&arena, MSG_TITLE_REMOVE, name, NULL), "Remove {0}?");
	web_arena_done(&arena);
	web_arena_init(&arena, 0); /* no room for the result */
	assert_string_equal(web_message(&arena, MSG_TITLE_REMOVE, "atlas", NULL), "");
	web_arena_done(&arena);
}

static void test_web_messages__codes(void **state)
{
	static const struct {
		const char *code;
		enum web_message id;
	} codes[] = {
		{"renamed", MSG_DONE_RENAMED},
		{"logged-out", MSG_DONE_LOGGED_OUT},
		{"exit-on", MSG_DONE_EXIT_ON},
		{"exit-off", MSG_DONE_EXIT_OFF},
		{"approved", MSG_DONE_APPROVED},
		{"withdrawn", MSG_DONE_WITHDRAWN},
		{"withdrawn-last", MSG_DONE_WITHDRAWN_LAST},
		{"exit-off-last", MSG_DONE_EXIT_OFF_LAST},
		{"forgotten", MSG_DONE_FORGOTTEN},
		{"removed", MSG_DONE_REMOVED},
		{"registered", MSG_DONE_REGISTERED},
		{NULL, WEB_MESSAGE_NONE},
		{"", WEB_MESSAGE_NONE},
		{"Renamed", WEB_MESSAGE_NONE},
		{"renamed ", WEB_MESSAGE_NONE},
		{"<script>", WEB_MESSAGE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_int_equal(web_message_done(codes[i].code), codes[i].id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_messages__all_there),
		cmocka_unit_test(test_web_messages__filled_in),
		cmocka_unit_test(test_web_messages__too_much),
		cmocka_unit_test(test_web_messages__codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
