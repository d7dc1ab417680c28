/* Calls into other libraries that can be made to fail (memory.h). Each then says what the real one
 * says when it fails. Calls from our own code only come here: what those libraries call inside stays
 * as it is. A line CALL(name, ...) is also what tests/CMakeLists.txt looks for. */
#ifndef TORTURE_CALLS_H
#define TORTURE_CALLS_H

#include "memory.h"

/* The linker's names for the real function and for ours. */
#define CALL(name, type, bad, parameters, arguments)                                               \
	__typeof__(name) __real_##name;                                                            \
	__typeof__(name) __wrap_##name;                                                            \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return torture_refuse(TORTURE_CALLS, #name) ? (bad) : __real_##name arguments;     \
	}

#endif
