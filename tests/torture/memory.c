/* See memory.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "memory.h"

/* A path with more allocations than this is no path for this kind of test. */
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

static int refuse(void)
{
	unsigned long number;

	if (!atomic_load(&armed))
		return 0;
	number = atomic_fetch_add(&seen, 1) + 1;
	if (atomic_load(&mode_now) == TORTURE_ONCE ? number != atomic_load(&limit)
						   : number < atomic_load(&limit))
		return 0;
	(void)atomic_fetch_add(&failed, 1);
	return 1;
}

void *__wrap_malloc(size_t size)
{
	return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return refuse() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *data, size_t size)
{
	return refuse() ? NULL : __real_realloc(data, size);
}

void torture_arm(enum torture_mode mode, unsigned long at)
{
	atomic_store(&mode_now, (int)mode);
	atomic_store(&limit, at);
	atomic_store(&seen, 0);
	atomic_store(&failed, 0);
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
				fail_msg("%s, allocation %lu, %s", name, at,
					mode == TORTURE_ONCE ? "once" : "from then on");
			if (torture_disarm() == 0)
				break;
		}
		if (at == 1 || at == ALLOCATIONS_MAX)
			fail_msg("%s: %lu allocations", name, at);
		print_message("%s: %lu allocations failed %s\n", name, at - 1,
			mode == TORTURE_ONCE ? "once" : "from then on");
	}
}
