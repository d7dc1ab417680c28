/* Cryptography, locks, files and JSON; see calls.h. */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "calls.h"
#include "calls_loaded.h"

/* Randomness and digests */
LOADED(RAND_bytes, int, 0, (unsigned char *data, int size), (data, size))
LOADED(EVP_Digest, int, 0,
	(const void *data, size_t size, unsigned char *to, unsigned *got, const EVP_MD *type,
		ENGINE *engine),
	(data, size, to, got, type, engine))

/* Keys */
LOADED(EVP_KDF_fetch, EVP_KDF *, NULL, (OSSL_LIB_CTX * ctx, const char *name, const char *with),
	(ctx, name, with))
LOADED(EVP_KDF_CTX_new, EVP_KDF_CTX *, NULL, (EVP_KDF * kdf), (kdf))
LOADED(EVP_KDF_derive, int, 0,
	(EVP_KDF_CTX * ctx, unsigned char *key, size_t size, const OSSL_PARAM params[]),
	(ctx, key, size, params))

/* Seals */
LOADED(EVP_CIPHER_fetch, EVP_CIPHER *, NULL,
	(OSSL_LIB_CTX * ctx, const char *name, const char *with), (ctx, name, with))
LOADED(EVP_CIPHER_CTX_new, EVP_CIPHER_CTX *, NULL, (void), ())
LOADED(EVP_CIPHER_CTX_ctrl, int, 0, (EVP_CIPHER_CTX * ctx, int type, int size, void *data),
	(ctx, type, size, data))
LOADED(EVP_EncryptInit_ex2, int, 0,
	(EVP_CIPHER_CTX * ctx, const EVP_CIPHER *cipher, const unsigned char *key,
		const unsigned char *iv, const OSSL_PARAM params[]),
	(ctx, cipher, key, iv, params))
LOADED(EVP_EncryptUpdate, int, 0,
	(EVP_CIPHER_CTX * ctx, unsigned char *to, int *got, const unsigned char *data, int size),
	(ctx, to, got, data, size))
LOADED(EVP_EncryptFinal_ex, int, 0, (EVP_CIPHER_CTX * ctx, unsigned char *to, int *got),
	(ctx, to, got))
LOADED(EVP_DecryptInit_ex2, int, 0,
	(EVP_CIPHER_CTX * ctx, const EVP_CIPHER *cipher, const unsigned char *key,
		const unsigned char *iv, const OSSL_PARAM params[]),
	(ctx, cipher, key, iv, params))
LOADED(EVP_DecryptUpdate, int, 0,
	(EVP_CIPHER_CTX * ctx, unsigned char *to, int *got, const unsigned char *data, int size),
	(ctx, to, got, data, size))
LOADED(EVP_DecryptFinal_ex, int, 0, (EVP_CIPHER_CTX * ctx, unsigned char *to, int *got),
	(ctx, to, got))

/* Form tokens */
LOADED(EVP_MAC_fetch, EVP_MAC *, NULL, (OSSL_LIB_CTX * ctx, const char *name, const char *with),
	(ctx, name, with))
LOADED(EVP_MAC_CTX_new, EVP_MAC_CTX *, NULL, (EVP_MAC * mac), (mac))
LOADED(EVP_MAC_init, int, 0,
	(EVP_MAC_CTX * ctx, const unsigned char *key, size_t size, const OSSL_PARAM params[]),
	(ctx, key, size, params))
LOADED(EVP_MAC_update, int, 0, (EVP_MAC_CTX * ctx, const unsigned char *data, size_t size),
	(ctx, data, size))
LOADED(EVP_MAC_final, int, 0, (EVP_MAC_CTX * ctx, unsigned char *to, size_t *got, size_t room),
	(ctx, to, got, room))

/* Locks */
CALL(pthread_mutex_init, int, ENOMEM,
	(pthread_mutex_t * lock, const pthread_mutexattr_t *attributes), (lock, attributes))
CALL(pthread_cond_init, int, ENOMEM, (pthread_cond_t * turn, const pthread_condattr_t *attributes),
	(turn, attributes))
CALL(pthread_condattr_init, int, ENOMEM, (pthread_condattr_t * attributes), (attributes))
CALL(pthread_condattr_setclock, int, EINVAL, (pthread_condattr_t * attributes, clockid_t clock),
	(attributes, clock))

/* Files: with a signal in between, and broken ones */
CALL(fstat, int, (errno = EIO, -1), (int fd, struct stat *info), (fd, info))
CALL(read, ssize_t, (errno = torture_mode_now() == TORTURE_ONCE ? EINTR : EIO, -1),
	(int fd, void *to, size_t size), (fd, to, size))

/* JSON: without memory it says nothing as a rule, and sometimes it does */
static json_t *no_json(json_error_t *error)
{
	if (torture_mode_now() == TORTURE_FROM) {
		(void)snprintf(error->text, sizeof(error->text), "out of memory");
		error->text[JSON_ERROR_TEXT_LENGTH - 1] = json_error_out_of_memory;
	}
	return NULL;
}

CALL(json_loadb, json_t *, no_json(error),
	(const char *text, size_t size, size_t flags, json_error_t *error),
	(text, size, flags, error))
CALL(json_dumps, char *, NULL, (const json_t *json, size_t flags), (json, flags))
