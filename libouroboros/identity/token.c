/* Token texts; see token.h. */
#include "identity/token.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/wipe.h"

enum { ID_SIZE = 6, SECRET_SIZE = 32, ID_TEXT = 2 * ID_SIZE, SECRET_TEXT = 2 * SECRET_SIZE };

static const char prefix[] = "ouro_pat_";

enum { PREFIX_TEXT = sizeof(prefix) - 1, WHOLE_TEXT = PREFIX_TEXT + ID_TEXT + 1 + SECRET_TEXT };

_Static_assert(WHOLE_TEXT < OURO_TOKEN_TEXT_MAX, "room");
_Static_assert(ID_TEXT < OURO_TOKEN_ID_MAX, "room");

int ouro__token_digest(const char *text, size_t length, char ret_digest[OURO__TOKEN_DIGEST_MAX])
{
	uint8_t digest[OURO__SHA256_SIZE];

	if (!ouro__sha256(text, length, digest))
		return 0;
	ouro__str_hex(ret_digest, digest, sizeof(digest));
	return 1;
}

int ouro__token_same(const char a[OURO__TOKEN_DIGEST_MAX], const char b[OURO__TOKEN_DIGEST_MAX])
{
	return ouro__same_secret(a, b, OURO__TOKEN_DIGEST_MAX);
}

ouro_status ouro__token_make(char ret_text[OURO_TOKEN_TEXT_MAX], char ret_id[OURO_TOKEN_ID_MAX],
	char ret_digest[OURO__TOKEN_DIGEST_MAX], ouro_error *reterr)
{
	uint8_t id[ID_SIZE];
	uint8_t secret[SECRET_SIZE];
	char hex[SECRET_TEXT + 1];
	int made = ouro__rand(id, sizeof(id)) && ouro__rand(secret, sizeof(secret));

	if (made) {
		ouro__str_hex(hex, secret, sizeof(secret));
		made = ouro__token_digest(hex, SECRET_TEXT, ret_digest);
	}
	if (made) {
		ouro__str_hex(ret_id, id, sizeof(id));
		(void)snprintf(ret_text, OURO_TOKEN_TEXT_MAX, "%s%s_%s", prefix, ret_id, hex);
	}
	ouro__wipe(secret, sizeof(secret));
	ouro__wipe(hex, sizeof(hex));
	if (!made)
		return ouro__error_set(
			reterr, OURO_ERR_INTERNAL, "no random numbers, or no SHA-256");
	return OURO_OK;
}

static int is_hex(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
			return 0;
	return 1;
}

int ouro__token_parse(const char *text, size_t length, char ret_id[OURO_TOKEN_ID_MAX],
	char ret_digest[OURO__TOKEN_DIGEST_MAX])
{
	const char *id = text + PREFIX_TEXT;
	const char *secret = id + ID_TEXT + 1;

	if (length != WHOLE_TEXT || memcmp(text, prefix, PREFIX_TEXT) != 0 || secret[-1] != '_' ||
		!is_hex(id, ID_TEXT) || !is_hex(secret, SECRET_TEXT) ||
		!ouro__token_digest(secret, SECRET_TEXT, ret_digest))
		return 0;
	memcpy(ret_id, id, ID_TEXT);
	ret_id[ID_TEXT] = '\0';
	return 1;
}

/* The code point of a sequence of two or three bytes that is well-formed. */
static unsigned code_point(const unsigned char *p)
{
	if (p[0] < 0xE0)
		return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
	return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
}

/* C1 controls; marks, embeddings and isolates of direction; separators of lines; what has no width. */
static int misleads(unsigned c)
{
	return (c >= 0x80 && c < 0xA0) || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
		(c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

int ouro__token_name_valid(const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (!length || length >= OURO_TOKEN_NAME_MAX || !ouro__str_utf8(text, length))
		return 0;
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p < 0x20 || *p == 0x7F)
			return 0;
		if (*p >= 0xC2 && *p < 0xF0 && misleads(code_point(p)))
			return 0;
	}
	return 1;
}
