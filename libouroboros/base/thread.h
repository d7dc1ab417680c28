/* Threads and waiting with a deadline, as everybody here needs them. */
#ifndef OURO_BASE_THREAD_H
#define OURO_BASE_THREAD_H

#include <pthread.h>
#include <stdint.h>

/* A condition on the clock of ouro__clock_ms(). 1 = ok; then pthread_cond_destroy() is due. */
int ouro__cond_init(pthread_cond_t *cond);
/* Wait until signalled, or until the point of ouro__clock_ms(): 0 = time is up. Holds the lock; may wake without a reason. */
int ouro__cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until);
/* Start a thread that takes no signals: those are the host's. 1 = ok; then it has to be joined or detached. */
int ouro__thread_start(pthread_t *ret_thread, void *(*run)(void *arg), void *arg);

#endif
