/* Loading libssl; see ssl.h. */
#include "net/ssl.h"

#include "base/library.h"

static struct ouro__ssl functions;

static const struct ouro__library_function names[] = {
#define ENTRY(name) {#name, offsetof(struct ouro__ssl, name)},
	OURO__SSL_FUNCTIONS(ENTRY)
#undef ENTRY
};

/* With its interface number, that of every OpenSSL 3. */
static struct ouro__library library = {
	.name = "libssl",
	.file = "libssl.so.3",
	.package = "libssl3",
	.functions = names,
	.count = sizeof(names) / sizeof(names[0]),
	.table = &functions,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

ouro_status ouro__ssl_get(const struct ouro__ssl **ret_ssl, ouro_error *reterr)
{
	*ret_ssl = &functions;
	return ouro__library_load(&library, reterr);
}
