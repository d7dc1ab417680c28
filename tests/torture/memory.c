/* See memory.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "memory.h"

/* A path with more of them than this is no path for this kind of test. */
enum { ALLOCATIONS_MAX = 20000 };

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *data, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *data, size_t size);

static atomic_int armed;
static atomic_int mode_now;
static atomic_ulong limit; /* allocation that fails */
static atomic_ulong seen;
static atomic_ulong failed;

static enum torture_mode next_mode;
static unsigned long next_at;

static atomic_int kinds_now = TORTURE_MEMORY;
static _Atomic(const char *) first;

int torture_refuse(enum torture_kind kind, const char *name)
{
	unsigned long number;
	const char *none = NULL;

	if (!atomic_load(&armed) || !(atomic_load(&kinds_now) & (int)kind))
		return 0;
	number = atomic_fetch_add(&seen, 1) + 1;
	if (atomic_load(&mode_now) == TORTURE_ONCE ? number != atomic_load(&limit)
						   : number < atomic_load(&limit))
		return 0;
	(void)atomic_fetch_add(&failed, 1);
	(void)atomic_compare_exchange_strong(&first, &none, name);
	return 1;
}

void torture_kinds(int kinds)
{
	atomic_store(&kinds_now, kinds);
}

const char *torture_refused(void)
{
	return atomic_load(&first);
}

enum torture_mode torture_mode_now(void)
{
	return (enum torture_mode)atomic_load(&mode_now);
}

void *__wrap_malloc(size_t size)
{
	return torture_refuse(TORTURE_MEMORY, "malloc") ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return torture_refuse(TORTURE_MEMORY, "calloc") ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *data, size_t size)
{
	return torture_refuse(TORTURE_MEMORY, "realloc") ? NULL : __real_realloc(data, size);
}

void torture_arm(enum torture_mode mode, unsigned long at)
{
	atomic_store(&mode_now, (int)mode);
	atomic_store(&limit, at);
	atomic_store(&seen, 0);
	atomic_store(&failed, 0);
	atomic_store(&first, NULL);
	atomic_store(&armed, 1);
}

unsigned long torture_disarm(void)
{
	atomic_store(&armed, 0);
	return atomic_load(&failed);
}

void torture_arm_now(void)
{
	torture_arm(next_mode, next_at);
}

void torture_run(const char *name, torture_body body, void *user)
{
	for (int mode = TORTURE_ONCE; mode <= TORTURE_FROM; mode++) {
		unsigned long at = 1;

		for (; at < ALLOCATIONS_MAX; at++) {
			next_mode = (enum torture_mode)mode;
			next_at = at;
			if (!body(user))
				fail_msg("%s, number %lu (%s), %s", name, at,
					torture_refused() ? torture_refused() : "none",
					mode == TORTURE_ONCE ? "once" : "from then on");
			if (torture_disarm() == 0)
				break;
		}
		if (at == 1 || at == ALLOCATIONS_MAX)
			fail_msg("%s: ended at number %lu", name, at);
		print_message("%s: %lu failed %s\n", name, at - 1,
			mode == TORTURE_ONCE ? "once" : "from then on");
	}
}
