/* Loading libpq; see pq.h. */
#include "store/pq.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Its interface number; the same in every release since 2006. */
#define LIBRARY "libpq.so.5"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct ouro__pq loaded;
static char fault[256];

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define ENTRY(name) {"PQ" #name, offsetof(struct ouro__pq, name)},
	OURO__PQ_FUNCTIONS(ENTRY)
#undef ENTRY
};

static void load(void)
{
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);

	if (!library) {
		const char *why = dlerror();

		(void)snprintf(fault, sizeof(fault), "%.200s", why ? why : LIBRARY);
		return;
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function) {
			(void)snprintf(
				fault, sizeof(fault), LIBRARY " has no %s", functions[i].name);
			return;
		}
		memcpy((char *)&loaded + functions[i].offset, &function, sizeof(function));
	}
}

ouro_status ouro__pq_get(const struct ouro__pq **ret_pq, ouro_error *reterr)
{
	(void)pthread_once(&once, load);
	if (fault[0])
		return ouro__error_set(reterr, OURO_ERR_IO,
			"libpq cannot be loaded (%s); install the package libpq5", fault);
	*ret_pq = &loaded;
	return OURO_OK;
}
