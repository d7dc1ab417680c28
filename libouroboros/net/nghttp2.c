/* Loading nghttp2; see nghttp2.h. */
#include "net/nghttp2.h"

#include "base/library.h"

static struct ouro__nghttp2 functions;

static const struct ouro__library_function names[] = {
#define ENTRY(name) {"nghttp2_" #name, offsetof(struct ouro__nghttp2, name)},
	OURO__NGHTTP2_FUNCTIONS(ENTRY)
#undef ENTRY
};

/* With its interface number, the same in every release since 2015. */
static struct ouro__library library = {
	.name = "nghttp2",
	.file = "libnghttp2.so.14",
	.package = "libnghttp2-14",
	.functions = names,
	.count = sizeof(names) / sizeof(names[0]),
	.table = &functions,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

ouro_status ouro__nghttp2_get(const struct ouro__nghttp2 **ret_nghttp2, ouro_error *reterr)
{
	*ret_nghttp2 = &functions;
	return ouro__library_load(&library, reterr);
}
