/* Calls into libraries that are loaded when they are needed (base/library.h): as CALL of calls.h, for functions whose address comes
 * from dlsym(). */
#ifndef TORTURE_CALLS_LOADED_H
#define TORTURE_CALLS_LOADED_H

#include <stddef.h>

#include "memory.h"

struct torture_loaded {
	struct torture_loaded *next;
	const char *name;
	void (*ours)(void);
	void *real; /* where the address of the real one goes */
};

void torture_loaded_add(struct torture_loaded *row);

/* ours_<name>, called in its place, and real_<name>, set before it can be. */
#define LOADED_AS(name)                                                                            \
	static __typeof__(&(name)) real_##name;                                                    \
	static __typeof__(name) ours_##name;                                                       \
	__attribute__((constructor)) static void add_##name(void)                                  \
	{                                                                                          \
		static struct torture_loaded row = {                                               \
			NULL, #name, (void (*)(void))ours_##name, &real_##name};                   \
                                                                                                   \
		torture_loaded_add(&row);                                                          \
	}

#define LOADED(name, type, bad, parameters, arguments)                                             \
	LOADED_AS(name)                                                                            \
	static type ours_##name parameters                                                         \
	{                                                                                          \
		return torture_refuse(TORTURE_CALLS, #name) ? (bad) : real_##name arguments;       \
	}

#endif
