/* Between base/library.c and the libraries that it loads; see calls_loaded.h. */
#include "calls_loaded.h"

#include <string.h>

#include "base/library.h"

/* The linker's own names. NOLINTBEGIN(bugprone-reserved-identifier) */
void *__real_dlsym(void *handle, const char *name);
void *__wrap_dlsym(void *handle, const char *name);
ouro_status __real_ouro__library_load(struct ouro__library *library, ouro_error *reterr);
ouro_status __wrap_ouro__library_load(struct ouro__library *library, ouro_error *reterr);
/* NOLINTEND(bugprone-reserved-identifier) */

static struct torture_loaded *rows; /* complete before main() begins */

void torture_loaded_add(struct torture_loaded *row)
{
	row->next = rows;
	rows = row;
}

void *__wrap_dlsym(void *handle, const char *name)
{
	void *found = __real_dlsym(handle, name);
	const struct torture_loaded *at = rows;

	while (at && strcmp(at->name, name) != 0)
		at = at->next;
	if (at && found) {
		memcpy(at->real, &found, sizeof(found));
		memcpy(&found, &at->ours, sizeof(found));
	}
	return found;
}

ouro_status __wrap_ouro__library_load(struct ouro__library *library, ouro_error *reterr)
{
	if (torture_refuse(TORTURE_CALLS, "ouro__library_load"))
		return ouro__error_set(reterr, OURO_ERR_IO, "%s cannot be loaded", library->name);
	return __real_ouro__library_load(library, reterr);
}
