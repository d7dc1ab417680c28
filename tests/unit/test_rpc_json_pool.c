/* The kept connections of an HTTP channel as values, over socket pairs: what makes the epoch grow, and when a server is certainly
 * still the one it was. */
#include "check.h"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"
#include "rpc/json_channel_pool.h"

struct world {
	struct ouro__json_pool pool;
	pthread_mutex_t lock;
};

static void begin(struct world *w)
{
	memset(w, 0, sizeof(*w));
	(void)pthread_mutex_init(&w->lock, NULL);
	assert_int_equal(ouro__json_pool_init(&w->pool, &w->lock), 1);
}

static void end(struct world *w)
{
	ouro__json_pool_done(&w->pool);
	(void)pthread_mutex_destroy(&w->lock);
}

static void connect_pair(struct world *w, int fds[2], const void *owner)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(ouro__json_pool_made(&w->pool, fds[0], owner), 1);
	ouro__json_pool_connected(&w->pool, owner);
}

static void close_ours(struct world *w, int fds[2])
{
	ouro__json_pool_closed(&w->pool, fds[0]);
	(void)close(fds[0]);
}

static void test_rpc_json_pool__overlapping_connections_are_one_server(void **state)
{
	struct world w;
	int first[2];
	int second[2];
	char one;
	char two;

	(void)state;
	begin(&w);
	assert_false(ouro__json_pool_holds(&w.pool, 1));
	connect_pair(&w, first, &one);
	ouro__json_pool_release(&w.pool, &one, 1);
	connect_pair(&w, second, &two);
	/* Who owns it says nothing of others. */
	ouro__json_pool_connected(&w.pool, &one);
	assert_int_equal(w.pool.open, 2);
	(void)close(first[1]);
	ouro__json_pool_settle(&w.pool);
	ouro__json_pool_judge(&w.pool);
	assert_int_equal(ouro__json_pool_epoch(&w.pool), 1);
	assert_true(ouro__json_pool_holds(&w.pool, 1));
	close_ours(&w, first);
	/* The last one goes: with it, what is known. */
	(void)close(second[1]);
	ouro__json_pool_settle(&w.pool);
	/* Its call is still to tell. */
	ouro__json_pool_judge(&w.pool);
	assert_int_equal(ouro__json_pool_epoch(&w.pool), 1);
	assert_false(ouro__json_pool_holds(&w.pool, 1));
	ouro__json_pool_release(&w.pool, &two, 0);
	ouro__json_pool_judge(&w.pool);
	assert_int_equal(ouro__json_pool_epoch(&w.pool), 2);
	close_ours(&w, second);
	end(&w);
}

static void test_rpc_json_pool__a_gap_is_another_server(void **state)
{
	struct world w;
	int first[2];
	int second[2];
	char one;
	char two;

	(void)state;
	begin(&w);
	connect_pair(&w, first, &one);
	close_ours(&w, first);
	assert_int_equal(ouro__json_pool_epoch(&w.pool), 1);
	/* Emptied and filled again before anybody judged. */
	connect_pair(&w, second, &two);
	assert_int_equal(ouro__json_pool_epoch(&w.pool), 2);
	assert_true(ouro__json_pool_holds(&w.pool, 2));
	assert_false(ouro__json_pool_holds(&w.pool, 1));
	(void)close(first[1]);
	(void)close(second[1]);
	close_ours(&w, second);
	end(&w);
}

static void test_rpc_json_pool__grace(void **state)
{
	static const struct timespec grace = {
		.tv_sec = OURO__JSON_GRACE_MS / 1000, .tv_nsec = 50 * 1000000};
	struct world w;
	int fds[2];
	char one;

	(void)state;
	begin(&w);
	connect_pair(&w, fds, &one);
	(void)close(fds[1]);
	close_ours(&w, fds);
	/* The whole answer came on it: this server keeps no connections. */
	ouro__json_pool_release(&w.pool, &one, 1);
	ouro__json_pool_judge(&w.pool);
	assert_true(ouro__json_pool_holds(&w.pool, 1));
	(void)nanosleep(&grace, NULL);
	assert_false(ouro__json_pool_holds(&w.pool, 1));
	assert_int_equal(ouro__json_pool_epoch(&w.pool), 2);
	ouro__json_pool_broken(&w.pool);
	assert_int_equal(ouro__json_pool_epoch(&w.pool), 3);
	end(&w);
}

static void test_rpc_json_pool__sockets_of_others(void **state)
{
	struct world w;
	int fds[2];
	char one;

	(void)state;
	begin(&w);
	/* None of ours, and one that is closed before it connected: nothing was there to lose. */
	ouro__json_pool_closed(&w.pool, 77);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(ouro__json_pool_made(&w.pool, fds[0], &one), 1);
	ouro__json_pool_closed(&w.pool, 77);
	close_ours(&w, fds);
	(void)close(fds[1]);
	ouro__json_pool_judge(&w.pool);
	assert_int_equal(w.pool.count, 0);
	assert_int_equal(ouro__json_pool_epoch(&w.pool), 1);
	/* What cannot be watched is not counted as open. */
	assert_int_equal(ouro__json_pool_made(&w.pool, -1, &one), 1);
	ouro__json_pool_connected(&w.pool, &one);
	assert_int_equal(w.pool.open, 0);
	ouro__json_pool_closed(&w.pool, -1);
	end(&w);
}

/* A server that restarts closes all at once, more than one look takes in. */
static void test_rpc_json_pool__many_end_at_once(void **state)
{
	struct world w;
	int fds[OURO__JSON_SOCKETS_MAX][2];
	char owners[OURO__JSON_SOCKETS_MAX];

	(void)state;
	begin(&w);
	for (unsigned i = 0; i < OURO__JSON_SOCKETS_MAX; i++) {
		connect_pair(&w, fds[i], &owners[i]);
		ouro__json_pool_release(&w.pool, &owners[i], 1);
	}
	assert_int_equal(ouro__json_pool_made(&w.pool, 0, &w), 0);
	for (unsigned i = 0; i < OURO__JSON_SOCKETS_MAX; i++)
		(void)close(fds[i][1]);
	ouro__json_pool_settle(&w.pool);
	assert_int_equal(w.pool.open, 0);
	ouro__json_pool_judge(&w.pool);
	assert_int_equal(ouro__json_pool_epoch(&w.pool), 2);
	for (unsigned i = 0; i < OURO__JSON_SOCKETS_MAX; i++)
		close_ours(&w, fds[i]);
	assert_int_equal(w.pool.count, 0);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_json_pool__overlapping_connections_are_one_server),
		cmocka_unit_test(test_rpc_json_pool__a_gap_is_another_server),
		cmocka_unit_test(test_rpc_json_pool__grace),
		cmocka_unit_test(test_rpc_json_pool__sockets_of_others),
		cmocka_unit_test(test_rpc_json_pool__many_end_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
