/* Conditions with deadlines, and threads that leave the host's signals alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>

#include "base/sys.h"
#include "base/thread.h"

struct shared {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int value;
	int blocked;
};

static void *set_value(void *arg)
{
	struct shared *shared = arg;
	sigset_t mask;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
	(void)pthread_mutex_lock(&shared->lock);
	shared->blocked = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGPIPE) == 1 &&
		sigismember(&mask, SIGHUP) == 1;
	shared->value = 1;
	(void)pthread_cond_signal(&shared->changed);
	(void)pthread_mutex_unlock(&shared->lock);
	return NULL;
}

static void begin(struct shared *shared)
{
	*shared = (struct shared){.value = 0};
	assert_int_equal(pthread_mutex_init(&shared->lock, NULL), 0);
	assert_int_equal(ouro__cond_init(&shared->changed), 1);
}

static void end(struct shared *shared)
{
	(void)pthread_cond_destroy(&shared->changed);
	(void)pthread_mutex_destroy(&shared->lock);
}

static void test_base_thread__takes_no_signals(void **state)
{
	struct shared shared;
	sigset_t before;
	sigset_t after;
	pthread_t thread;
	int in_time = 1;

	(void)state;
	begin(&shared);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(ouro__thread_start(&thread, set_value, &shared), 1);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &after);
	(void)pthread_mutex_lock(&shared.lock);
	while (!shared.value && in_time)
		in_time = ouro__cond_wait_until(
			&shared.changed, &shared.lock, ouro__clock_ms() + 5000);
	(void)pthread_mutex_unlock(&shared.lock);
	(void)pthread_join(thread, NULL);
	assert_int_equal(shared.value, 1);
	assert_int_equal(shared.blocked, 1);
	/* the caller's own are as they were */
	assert_int_equal(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
	end(&shared);
}

static void test_base_thread__waits_to_the_point(void **state)
{
	struct shared shared;
	int64_t began = ouro__clock_ms();

	(void)state;
	begin(&shared);
	(void)pthread_mutex_lock(&shared.lock);
	while (ouro__cond_wait_until(&shared.changed, &shared.lock, began + 50))
		;
	/* long gone: at once */
	assert_int_equal(ouro__cond_wait_until(&shared.changed, &shared.lock, began - 1000), 0);
	(void)pthread_mutex_unlock(&shared.lock);
	assert_true(ouro__clock_ms() - began >= 50);
	end(&shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_thread__takes_no_signals),
		cmocka_unit_test(test_base_thread__waits_to_the_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
