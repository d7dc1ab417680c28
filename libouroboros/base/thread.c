/* See thread.h. */
#include "base/thread.h"

#include <signal.h>
#include <time.h>

int ouro__cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;
	int ok;

	if (pthread_condattr_init(&attributes) != 0)
		return 0;
	ok = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
		pthread_cond_init(cond, &attributes) == 0;
	(void)pthread_condattr_destroy(&attributes);
	return ok;
}

int ouro__cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until)
{
	const struct timespec at = {
		.tv_sec = (time_t)(until / 1000), .tv_nsec = (long)(until % 1000) * 1000000};

	return pthread_cond_timedwait(cond, lock, &at) == 0;
}

int ouro__thread_start(pthread_t *ret_thread, void *(*run)(void *arg), void *arg)
{
	sigset_t all;
	sigset_t before;
	int rc;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(ret_thread, NULL, run, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}
