/* Loading libcurl; see curl.h. */
#include "net/curl.h"

#include "base/library.h"

static struct ouro__curl functions;

static const struct ouro__library_function names[] = {
#define ENTRY(name) {"curl_" #name, offsetof(struct ouro__curl, name)},
	OURO__CURL_FUNCTIONS(ENTRY)
#undef ENTRY
};

static int init(void)
{
	return functions.global_init(CURL_GLOBAL_SSL) == CURLE_OK;
}

/* With its interface number, the same in every release since 2006. */
static struct ouro__library library = {
	.name = "libcurl",
	.file = "libcurl.so.4",
	.package = "libcurl4",
	.functions = names,
	.count = sizeof(names) / sizeof(names[0]),
	.table = &functions,
	.init = init,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

ouro_status ouro__curl_get(const struct ouro__curl **ret_curl, ouro_error *reterr)
{
	*ret_curl = &functions;
	return ouro__library_load(&library, reterr);
}
