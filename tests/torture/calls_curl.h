/* libcurl's own allocations fail too. They are part of TORTURE_MEMORY from then on. */
#ifndef TORTURE_CALLS_CURL_H
#define TORTURE_CALLS_CURL_H

#include "memory.h"

/* Before libcurl is used for the first time, in a process of its own. */
void torture_curl_memory(void);

#endif
