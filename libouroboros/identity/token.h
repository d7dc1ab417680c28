/* The text of personal tokens: "ouro_pat_" 12 hex digits "_" 64 hex digits. The first part names the token, the second proves it;
 * kept is only its digest. Pure but for the random numbers. */
#ifndef OURO_IDENTITY_TOKEN_H
#define OURO_IDENTITY_TOKEN_H

#include <ouroboros/tokens.h>

#include "base/crypto.h"
#include "base/error.h"

/* SHA-256 as lower-case hex, with NUL. */
#define OURO__TOKEN_DIGEST_MAX (2 * OURO__SHA256_SIZE + 1)

/* A new token. The text is a secret. */
ouro_status ouro__token_make(char ret_text[OURO_TOKEN_TEXT_MAX], char ret_id[OURO_TOKEN_ID_MAX],
	char ret_digest[OURO__TOKEN_DIGEST_MAX], ouro_error *reterr);
/* 1 and its parts if a text is one in form. */
int ouro__token_parse(const char *text, size_t length, char ret_id[OURO_TOKEN_ID_MAX],
	char ret_digest[OURO__TOKEN_DIGEST_MAX]);
/* SHA-256 of a secret; 1 = ok. */
int ouro__token_digest(const char *text, size_t length, char ret_digest[OURO__TOKEN_DIGEST_MAX]);
/* 1 if two digests are the same, in constant time. */
int ouro__token_same(const char a[OURO__TOKEN_DIGEST_MAX], const char b[OURO__TOKEN_DIGEST_MAX]);
/* 1 if a text may name a token or a machine: 1 to OURO_TOKEN_NAME_MAX - 1 bytes of UTF-8 without control characters, and without
 * those that turn the direction of a line. */
int ouro__token_name_valid(const char *text);

#endif
