/* Sealing small fixed-size values for cookies: AES-256-GCM under a key made fresh for each seal. No clock, no network.
 *   kid(4) | salt(24) | iv(12) | ciphertext | tag(16), as base64url
 *   key = HKDF-SHA256(master key kid, salt, info = purpose);  associated data = purpose 0 audience 0 version
 * The salt lifts GCM's limit on random nonces; the purpose in key and data keeps one kind of seal from passing as another.
 * Any thread: nothing changes after ouro__sealer_new(). */
#ifndef OURO_IDENTITY_SEAL_H
#define OURO_IDENTITY_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define OURO__SEAL_OVERHEAD (4u + 24u + 12u + 16u)
/* Longest plaintext. */
#define OURO__SEAL_PLAIN_MAX 512u
#define OURO__SEAL_KEYS_MAX 16u
#define OURO__SEAL_MAC_SIZE 32u
/* Longest audience text. */
#define OURO__SEAL_AUDIENCE_MAX 512u

#define OURO__SEAL_SESSION "ouroboros/session/v1"
#define OURO__SEAL_STATE "ouroboros/oauth-state/v1"
#define OURO__SEAL_FORM "ouroboros/form/v1"

typedef struct ouro__sealer ouro__sealer;

/* keys: lines "kid:base64 of 32 bytes", NULL = one random key. Empty lines and lines that begin with # are skipped.
 * OURO_ERR_CONFIG: malformed, short, doubled, or a sample; the text names the line. */
ouro_status ouro__sealer_new(
	const char *keys, const char *audience, ouro__sealer **ret_sealer, ouro_error *reterr);
/* Wipe and release; NULL is allowed. */
void ouro__sealer_free(ouro__sealer *sealer);
/* Seal with the first key. ret_text gets NUL; OURO_ERR_LIMIT if room is too small. */
ouro_status ouro__seal(const ouro__sealer *sealer, const char *purpose, const uint8_t *plain,
	size_t size, char *ret_text, size_t room, ouro_error *reterr);
/* Open with whichever key sealed it; the plaintext has exactly size bytes or it is refused. ret_plain is all zero on failure.
 * OURO_ERR_INVALID: not sealed by one of these keys for this purpose and audience. OURO_ERR_INTERNAL: the cryptographic library
 * failed, which says nothing about the seal. */
ouro_status ouro__unseal(const ouro__sealer *sealer, const char *purpose, const char *text,
	size_t length, uint8_t *ret_plain, size_t size, ouro_error *reterr);
/* HMAC-SHA256 under the form key made from master key number key (0 = the first). OURO_ERR_NOTFOUND past the last. */
ouro_status ouro__seal_mac(const ouro__sealer *sealer, size_t key, const uint8_t *data, size_t size,
	uint8_t ret_mac[OURO__SEAL_MAC_SIZE], ouro_error *reterr);

#endif
