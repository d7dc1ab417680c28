/* Seals; see seal.h. Algorithms are fetched once (an implicit fetch a call is slow in OpenSSL 3.0); contexts are made a call, so any
 * thread may come. EVP_Cipher() is never used. */
#include "identity/seal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/wipe.h"
#include "identity/keys.h"

enum {
	SALT_SIZE = 24,
	IV_SIZE = 12,
	TAG_SIZE = 16,
	VERSION = 1,
	HEAD_SIZE = OURO__KID_SIZE + SALT_SIZE + IV_SIZE
};
enum {
	AAD_MAX = OURO__SEAL_AUDIENCE_MAX + 64,
	SEALED_MAX = OURO__SEAL_PLAIN_MAX + OURO__SEAL_OVERHEAD
};

struct ouro__sealer {
	const struct ouro__crypto *crypto;
	EVP_CIPHER *cipher;
	EVP_KDF *kdf;
	EVP_MAC *mac;
	char *audience;
	size_t count;
	struct ouro__key keys[OURO__SEAL_KEYS_MAX];
};

static ouro_status crypto_failed(ouro_error *reterr)
{
	return ouro__error_set(
		reterr, OURO_ERR_INTERNAL, "the cryptographic library failed (out of memory?)");
}

static ouro_status not_sealed(ouro_error *reterr)
{
	return ouro__error_set(reterr, OURO_ERR_INVALID, "not sealed here, or changed since");
}

/* OSSL_PARAM takes pointers to non-const although it only reads; this is the one place that drops it. */
static void *unconst(const void *data)
{
	return (void *)(uintptr_t)data;
}

static int derive(const ouro__sealer *sealer, const uint8_t secret[OURO__KEY_SIZE],
	const uint8_t *salt, size_t salt_size, const char *purpose, uint8_t ret_key[OURO__KEY_SIZE])
{
	EVP_KDF_CTX *context = sealer->crypto->EVP_KDF_CTX_new(sealer->kdf);
	char digest[] = "SHA256";
	OSSL_PARAM params[5];
	size_t n = 0;
	int done;

	params[n++] =
		sealer->crypto->OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
	params[n++] = sealer->crypto->OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_KEY, unconst(secret), OURO__KEY_SIZE);
	params[n++] = sealer->crypto->OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_INFO, unconst(purpose), strlen(purpose));
	if (salt_size)
		params[n++] = sealer->crypto->OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_SALT, unconst(salt), salt_size);
	params[n] = sealer->crypto->OSSL_PARAM_construct_end();
	done = context &&
		sealer->crypto->EVP_KDF_derive(context, ret_key, OURO__KEY_SIZE, params) == 1;
	sealer->crypto->EVP_KDF_CTX_free(context);
	return done;
}

/* Purpose and audience end with NUL each, so that no two pairs give the same bytes. */
static size_t associated(const ouro__sealer *sealer, const char *purpose, uint8_t ret_data[AAD_MAX])
{
	size_t first = strlen(purpose) + 1;
	size_t second = strlen(sealer->audience) + 1;

	memcpy(ret_data, purpose, first);
	memcpy(ret_data + first, sealer->audience, second);
	ret_data[first + second] = VERSION;
	return first + second + 1;
}

static ouro_status take_keys(ouro__sealer *sealer, const char *keys, ouro_error *reterr)
{
	static const uint8_t no_salt[1] = {0};
	ouro_status rc = OURO_OK;

	if (keys) {
		rc = ouro__keys_read(keys, sealer->keys, &sealer->count, reterr);
	} else {
		sealer->count = 1;
		if (!ouro__rand(&sealer->keys[0], sizeof(sealer->keys[0])))
			rc = ouro__error_set(reterr, OURO_ERR_INTERNAL, "no random numbers");
	}
	for (size_t i = 0; rc == OURO_OK && i < sealer->count; i++)
		if (!derive(sealer, sealer->keys[i].secret, no_salt, 0, OURO__SEAL_FORM,
			    sealer->keys[i].form))
			rc = crypto_failed(reterr);
	return rc;
}

ouro_status ouro__sealer_new(
	const char *keys, const char *audience, ouro__sealer **ret_sealer, ouro_error *reterr)
{
	const struct ouro__crypto *crypto;
	ouro__sealer *sealer;
	ouro_status rc;

	if (!audience || !*audience || strlen(audience) > OURO__SEAL_AUDIENCE_MAX)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"sessions: the audience (base URL) is missing or too long");
	rc = ouro__crypto_get(&crypto, reterr);
	if (rc < 0)
		return rc;
	sealer = ouro__alloc(1, sizeof(*sealer));
	if (!sealer)
		return ouro__error_nomem(reterr);
	sealer->crypto = crypto;
	sealer->audience = ouro__alloc_str(audience);
	sealer->cipher = sealer->crypto->EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	sealer->kdf = sealer->crypto->EVP_KDF_fetch(NULL, "HKDF", NULL);
	sealer->mac = sealer->crypto->EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (!sealer->audience)
		rc = ouro__error_nomem(reterr);
	else if (!sealer->cipher || !sealer->kdf || !sealer->mac)
		rc = crypto_failed(reterr);
	else
		rc = take_keys(sealer, keys, reterr);
	if (rc < 0) {
		ouro__sealer_free(sealer);
		return rc;
	}
	*ret_sealer = sealer;
	return OURO_OK;
}

void ouro__sealer_free(ouro__sealer *sealer)
{
	if (!sealer)
		return;
	sealer->crypto->EVP_CIPHER_free(sealer->cipher);
	sealer->crypto->EVP_KDF_free(sealer->kdf);
	sealer->crypto->EVP_MAC_free(sealer->mac);
	free(sealer->audience);
	ouro__wipe(sealer, sizeof(*sealer));
	free(sealer);
}

/* data: kid, salt and iv are there already; fills in ciphertext and tag. In this mode as many bytes come out as go in, and none at
 * the end. */
static int encrypt(const ouro__sealer *sealer, const uint8_t *key, const char *purpose,
	const uint8_t *plain, size_t size, uint8_t *data)
{
	EVP_CIPHER_CTX *context = sealer->crypto->EVP_CIPHER_CTX_new();
	const uint8_t *iv = data + OURO__KID_SIZE + SALT_SIZE;
	uint8_t aad[AAD_MAX];
	int aad_size = (int)associated(sealer, purpose, aad);
	int n = 0;
	int rest = 0;
	int done;

	done = context &&
		sealer->crypto->EVP_EncryptInit_ex2(context, sealer->cipher, key, iv, NULL) == 1 &&
		sealer->crypto->EVP_EncryptUpdate(context, NULL, &n, aad, aad_size) == 1 &&
		sealer->crypto->EVP_EncryptUpdate(
			context, data + HEAD_SIZE, &n, plain, (int)size) == 1 &&
		sealer->crypto->EVP_EncryptFinal_ex(context, data + HEAD_SIZE + size, &rest) == 1 &&
		sealer->crypto->EVP_CIPHER_CTX_ctrl(
			context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, data + HEAD_SIZE + size) == 1;
	sealer->crypto->EVP_CIPHER_CTX_free(context);
	return done;
}

ouro_status ouro__seal(const ouro__sealer *sealer, const char *purpose, const uint8_t *plain,
	size_t size, char *ret_text, size_t room, ouro_error *reterr)
{
	ouro__buf text = OURO__BUF_INIT(2 * SEALED_MAX);
	uint8_t data[SEALED_MAX];
	uint8_t key[OURO__KEY_SIZE];
	ouro_status rc = OURO_OK;

	if (!size || size > OURO__SEAL_PLAIN_MAX)
		return ouro__error_set(reterr, OURO_ERR_INTERNAL,
			"a plaintext of %zu bytes cannot be sealed", size);
	memcpy(data, sealer->keys[0].kid, OURO__KID_SIZE);
	if (!ouro__rand(data + OURO__KID_SIZE, SALT_SIZE + IV_SIZE) ||
		!derive(sealer, sealer->keys[0].secret, data + OURO__KID_SIZE, SALT_SIZE, purpose,
			key) ||
		!encrypt(sealer, key, purpose, plain, size, data)) {
		rc = crypto_failed(reterr);
		goto out;
	}
	ouro__str_base64url(&text, data, size + OURO__SEAL_OVERHEAD);
	if (text.broken)
		rc = ouro__error_nomem(reterr);
	else if (text.size >= room)
		rc = ouro__error_set(
			reterr, OURO_ERR_LIMIT, "a seal of %zu characters does not fit", text.size);
	else
		memcpy(ret_text, ouro__buf_str(&text), text.size + 1);
out:
	ouro__wipe(key, sizeof(key));
	ouro__buf_done(&text);
	return rc;
}

/* Nothing is given out before the tag is checked; only that says that it was not sealed here. */
static ouro_status decrypt(const ouro__sealer *sealer, const uint8_t *key, const char *purpose,
	const uint8_t *data, size_t size, uint8_t *plain, ouro_error *reterr)
{
	EVP_CIPHER_CTX *context = sealer->crypto->EVP_CIPHER_CTX_new();
	const uint8_t *iv = data + OURO__KID_SIZE + SALT_SIZE;
	uint8_t aad[AAD_MAX];
	int aad_size = (int)associated(sealer, purpose, aad);
	int n = 0;
	int rest = 0;
	ouro_status rc = OURO_OK;

	if (!context ||
		sealer->crypto->EVP_DecryptInit_ex2(context, sealer->cipher, key, iv, NULL) != 1 ||
		sealer->crypto->EVP_DecryptUpdate(context, NULL, &n, aad, aad_size) != 1 ||
		sealer->crypto->EVP_DecryptUpdate(
			context, plain, &n, data + HEAD_SIZE, (int)size) != 1 ||
		sealer->crypto->EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE,
			unconst(data + HEAD_SIZE + size)) != 1)
		rc = crypto_failed(reterr);
	else if (sealer->crypto->EVP_DecryptFinal_ex(context, plain + size, &rest) != 1)
		rc = not_sealed(reterr);
	sealer->crypto->EVP_CIPHER_CTX_free(context);
	return rc;
}

static const struct ouro__key *find_key(
	const ouro__sealer *sealer, const uint8_t kid[OURO__KID_SIZE])
{
	for (size_t i = 0; i < sealer->count; i++)
		if (memcmp(sealer->keys[i].kid, kid, OURO__KID_SIZE) == 0)
			return &sealer->keys[i];
	return NULL;
}

ouro_status ouro__unseal(const ouro__sealer *sealer, const char *purpose, const char *text,
	size_t length, uint8_t *ret_plain, size_t size, ouro_error *reterr)
{
	uint8_t data[SEALED_MAX];
	uint8_t plain[SEALED_MAX];
	uint8_t key[OURO__KEY_SIZE];
	const struct ouro__key *master;
	size_t got = 0;
	ouro_status rc = OURO_OK;

	memset(ret_plain, 0, size);
	if (!size || size > OURO__SEAL_PLAIN_MAX)
		return ouro__error_set(reterr, OURO_ERR_INTERNAL,
			"a plaintext of %zu bytes cannot be unsealed", size);
	if (length > 2 * SEALED_MAX ||
		!ouro__str_unbase64url(text, length, data, sizeof(data), &got) ||
		got != size + OURO__SEAL_OVERHEAD)
		return not_sealed(reterr);
	master = find_key(sealer, data);
	if (!master)
		return not_sealed(reterr);
	if (!derive(sealer, master->secret, data + OURO__KID_SIZE, SALT_SIZE, purpose, key))
		rc = crypto_failed(reterr);
	else
		rc = decrypt(sealer, key, purpose, data, size, plain, reterr);
	if (rc == OURO_OK)
		memcpy(ret_plain, plain, size);
	ouro__wipe(key, sizeof(key));
	ouro__wipe(plain, sizeof(plain));
	return rc;
}

ouro_status ouro__seal_mac(const ouro__sealer *sealer, size_t key, const uint8_t *data, size_t size,
	uint8_t ret_mac[OURO__SEAL_MAC_SIZE], ouro_error *reterr)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[2];
	EVP_MAC_CTX *context;
	uint8_t mac[OURO__SEAL_MAC_SIZE];
	size_t got = 0;
	int done;

	if (key >= sealer->count)
		return ouro__error_set(reterr, OURO_ERR_NOTFOUND, "there is no such key");
	params[0] =
		sealer->crypto->OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
	params[1] = sealer->crypto->OSSL_PARAM_construct_end();
	context = sealer->crypto->EVP_MAC_CTX_new(sealer->mac);
	done = context &&
		sealer->crypto->EVP_MAC_init(
			context, sealer->keys[key].form, OURO__KEY_SIZE, params) == 1 &&
		sealer->crypto->EVP_MAC_update(context, (const unsigned char *)sealer->audience,
			strlen(sealer->audience) + 1) == 1 &&
		sealer->crypto->EVP_MAC_update(context, data, size) == 1 &&
		sealer->crypto->EVP_MAC_final(context, mac, &got, sizeof(mac)) == 1;
	sealer->crypto->EVP_MAC_CTX_free(context);
	if (!done)
		return crypto_failed(reterr);
	memcpy(ret_mac, mac, sizeof(mac));
	return OURO_OK;
}
