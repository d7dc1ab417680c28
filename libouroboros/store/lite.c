/* Loading SQLite; see lite.h. */
#include "store/lite.h"

#include "base/library.h"

static struct ouro__lite functions;

static const struct ouro__library_function names[] = {
#define ENTRY(name) {"sqlite3_" #name, offsetof(struct ouro__lite, name)},
	OURO__LITE_FUNCTIONS(ENTRY)
#undef ENTRY
};

/* With its interface number, the same in every release since 2004. */
static struct ouro__library library = {
	.name = "SQLite",
	.file = "libsqlite3.so.0",
	.package = "libsqlite3-0",
	.functions = names,
	.count = sizeof(names) / sizeof(names[0]),
	.table = &functions,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

ouro_status ouro__lite_get(const struct ouro__lite **ret_lite, ouro_error *reterr)
{
	*ret_lite = &functions;
	return ouro__library_load(&library, reterr);
}
