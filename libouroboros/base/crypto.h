/* OpenSSL's libcrypto, loaded when it is first needed: a command line that reads over a socket never needs it, and would pay for it at
 * every start. Never unloaded. Any thread. */
#ifndef OURO_BASE_CRYPTO_H
#define OURO_BASE_CRYPTO_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Each as in OpenSSL's headers. */
#define OURO__CRYPTO_FUNCTIONS(X)                                                                  \
	X(ASN1_TIME_to_tm)                                                                         \
	X(BIO_clear_flags)                                                                         \
	X(BIO_free)                                                                                \
	X(BIO_get_data)                                                                            \
	X(BIO_meth_free)                                                                           \
	X(BIO_meth_new)                                                                            \
	X(BIO_meth_set_ctrl)                                                                       \
	X(BIO_meth_set_read)                                                                       \
	X(BIO_meth_set_write)                                                                      \
	X(BIO_new)                                                                                 \
	X(BIO_set_data)                                                                            \
	X(BIO_set_flags)                                                                           \
	X(BIO_set_init)                                                                            \
	X(CRYPTO_memcmp)                                                                           \
	X(ERR_clear_error)                                                                         \
	X(ERR_peek_error)                                                                          \
	X(ERR_reason_error_string)                                                                 \
	X(EVP_CIPHER_CTX_ctrl)                                                                     \
	X(EVP_CIPHER_CTX_free)                                                                     \
	X(EVP_CIPHER_CTX_new)                                                                      \
	X(EVP_CIPHER_fetch)                                                                        \
	X(EVP_CIPHER_free)                                                                         \
	X(EVP_DecryptFinal_ex)                                                                     \
	X(EVP_DecryptInit_ex2)                                                                     \
	X(EVP_DecryptUpdate)                                                                       \
	X(EVP_Digest)                                                                              \
	X(EVP_EncodeBlock)                                                                         \
	X(EVP_EncryptFinal_ex)                                                                     \
	X(EVP_EncryptInit_ex2)                                                                     \
	X(EVP_EncryptUpdate)                                                                       \
	X(EVP_KDF_CTX_free)                                                                        \
	X(EVP_KDF_CTX_new)                                                                         \
	X(EVP_KDF_derive)                                                                          \
	X(EVP_KDF_fetch)                                                                           \
	X(EVP_KDF_free)                                                                            \
	X(EVP_MAC_CTX_free)                                                                        \
	X(EVP_MAC_CTX_new)                                                                         \
	X(EVP_MAC_fetch)                                                                           \
	X(EVP_MAC_final)                                                                           \
	X(EVP_MAC_free)                                                                            \
	X(EVP_MAC_init)                                                                            \
	X(EVP_MAC_update)                                                                          \
	X(EVP_sha256)                                                                              \
	X(OSSL_PARAM_construct_end)                                                                \
	X(OSSL_PARAM_construct_octet_string)                                                       \
	X(OSSL_PARAM_construct_utf8_string)                                                        \
	X(RAND_bytes)                                                                              \
	X(X509_VERIFY_PARAM_set1_ip_asc)                                                           \
	X(X509_get0_notAfter)                                                                      \
	X(X509_verify_cert_error_string)

struct ouro__crypto {
#define OURO__CRYPTO_MEMBER(name) __typeof__ (&(name))(name);
	OURO__CRYPTO_FUNCTIONS(OURO__CRYPTO_MEMBER)
#undef OURO__CRYPTO_MEMBER
};

/* *ret_crypto is a constant. IO: it is not installed, or lacks something; the text says what. */
ouro_status ouro__crypto_get(const struct ouro__crypto **ret_crypto, ouro_error *reterr);
/* The same, for who got it before and cannot keep it. */
const struct ouro__crypto *ouro__crypto_loaded(void);

enum { OURO__SHA256_SIZE = 32 };

/* 0 = libcrypto fails. */
int ouro__sha256(const void *data, size_t size, uint8_t ret_digest[OURO__SHA256_SIZE]);
/* Base64 with padding and NUL, as in RFC 4648, 4; ret_text has room for 4 characters for 3 bytes, and the NUL. 0 = libcrypto fails. */
int ouro__base64(const void *data, size_t size, char *ret_text);
/* 1 if they are equal; takes as long wherever they differ. For who has made a digest or opened a seal before: libcrypto is loaded. */
int ouro__same_secret(const void *a, const void *b, size_t size);

#endif
