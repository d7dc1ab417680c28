/* Loading libpq; see pq.h. */
#include "store/pq.h"

#include "base/library.h"

static struct ouro__pq functions;

static const struct ouro__library_function names[] = {
#define ENTRY(name) {"PQ" #name, offsetof(struct ouro__pq, name)},
	OURO__PQ_FUNCTIONS(ENTRY)
#undef ENTRY
};

/* With its interface number, the same in every release since 2006. */
static struct ouro__library library = {
	.name = "libpq",
	.file = "libpq.so.5",
	.package = "libpq5",
	.functions = names,
	.count = sizeof(names) / sizeof(names[0]),
	.table = &functions,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

ouro_status ouro__pq_get(const struct ouro__pq **ret_pq, ouro_error *reterr)
{
	*ret_pq = &functions;
	return ouro__library_load(&library, reterr);
}
