/* What a channel of any kind may leave out. */
#include "check.h"

#include "rpc/channel.h"

struct bare {
	ouro__channel channel; /* first */
	int freed;
};

static void bare_free(ouro__channel *channel)
{
	((struct bare *)(void *)channel)->freed++;
}

static void test_rpc_channel__optional_operations(void **state)
{
	static const struct ouro__channel_ops ops = {.free = bare_free};
	struct bare bare = {{&ops}, 0};

	(void)state;
	assert_int_equal(ouro__channel_epoch(&bare.channel), 0);
	ouro__channel_stop(&bare.channel);
	assert_int_equal(bare.freed, 0);
	ouro__channel_free(&bare.channel);
	ouro__channel_stop(NULL);
	ouro__channel_free(NULL);
	assert_int_equal(bare.freed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_channel__optional_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
