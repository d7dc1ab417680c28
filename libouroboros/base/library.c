/* See library.h. */
#include "base/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* Lock held. */
static void load(struct ouro__library *library)
{
	void *handle = dlopen(library->file, RTLD_LAZY | RTLD_LOCAL);

	if (!handle) {
		const char *why = dlerror();

		(void)snprintf(library->fault, sizeof(library->fault), "%.200s",
			why ? why : library->file);
		return;
	}
	for (size_t i = 0; i < library->count; i++) {
		const struct ouro__library_function *row = &library->functions[i];
		void *function = dlsym(handle, row->name);

		if (!function) {
			(void)snprintf(library->fault, sizeof(library->fault), "%s has no %s",
				library->file, row->name);
			return;
		}
		memcpy((char *)library->table + row->offset, &function, sizeof(function));
	}
	if (library->init && !library->init())
		(void)snprintf(library->fault, sizeof(library->fault), "%s cannot be initialised",
			library->file);
}

ouro_status ouro__library_load(struct ouro__library *library, ouro_error *reterr)
{
	(void)pthread_mutex_lock(&library->lock);
	if (!library->loaded)
		load(library);
	library->loaded = 1;
	(void)pthread_mutex_unlock(&library->lock);
	/* Constant from here on. */
	return library->fault[0]
		? ouro__error_set(reterr, OURO_ERR_IO,
			  "%s cannot be loaded (%s); install the package %s and start again",
			  library->name, library->fault, library->package)
		: OURO_OK;
}
