/* Loading libcurl; see curl.h. */
#include "net/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Its interface number; the same in every release since 2006. */
#define LIBRARY "libcurl.so.4"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct ouro__curl loaded;
static char fault[256];

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define ENTRY(name) {"curl_" #name, offsetof(struct ouro__curl, name)},
	OURO__CURL_FUNCTIONS(ENTRY)
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
	if (loaded.global_init(CURL_GLOBAL_SSL) != CURLE_OK)
		(void)snprintf(fault, sizeof(fault), LIBRARY " cannot be initialised");
}

ouro_status ouro__curl_get(const struct ouro__curl **ret_curl, ouro_error *reterr)
{
	(void)pthread_once(&once, load);
	if (fault[0])
		return ouro__error_set(reterr, OURO_ERR_IO,
			"libcurl cannot be loaded (%s); install the package libcurl4", fault);
	*ret_curl = &loaded;
	return OURO_OK;
}
