/* Loading libcrypto, and what several rooms want of it; see crypto.h. */
#include "base/crypto.h"

#include <limits.h>

#include "base/library.h"

static struct ouro__crypto functions;

static const struct ouro__library_function names[] = {
#define ENTRY(name) {#name, offsetof(struct ouro__crypto, name)},
	OURO__CRYPTO_FUNCTIONS(ENTRY)
#undef ENTRY
};

/* With its interface number, that of every OpenSSL 3. */
static struct ouro__library library = {
	.name = "libcrypto",
	.file = "libcrypto.so.3",
	.package = "libssl3",
	.functions = names,
	.count = sizeof(names) / sizeof(names[0]),
	.table = &functions,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

ouro_status ouro__crypto_get(const struct ouro__crypto **ret_crypto, ouro_error *reterr)
{
	*ret_crypto = &functions;
	return ouro__library_load(&library, reterr);
}

const struct ouro__crypto *ouro__crypto_loaded(void)
{
	return &functions;
}

int ouro__sha256(const void *data, size_t size, uint8_t ret_digest[OURO__SHA256_SIZE])
{
	const struct ouro__crypto *crypto;

	return ouro__crypto_get(&crypto, NULL) == OURO_OK &&
		crypto->EVP_Digest(data, size, ret_digest, NULL, crypto->EVP_sha256(), NULL) == 1;
}

int ouro__base64(const void *data, size_t size, char *ret_text)
{
	const struct ouro__crypto *crypto;

	ret_text[0] = '\0';
	return size <= INT_MAX / 2 && ouro__crypto_get(&crypto, NULL) == OURO_OK &&
		crypto->EVP_EncodeBlock((unsigned char *)ret_text, data, (int)size) >= 0;
}

int ouro__same_secret(const void *a, const void *b, size_t size)
{
	return ouro__crypto_loaded()->CRYPTO_memcmp(a, b, size) == 0;
}
