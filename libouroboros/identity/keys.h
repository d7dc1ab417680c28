/* Reading master keys; only for seal.c. */
#ifndef OURO_IDENTITY_KEYS_H
#define OURO_IDENTITY_KEYS_H

#include "identity/seal.h"

enum { OURO__KEY_SIZE = 32, OURO__KID_SIZE = 4 };

struct ouro__key {
	uint8_t kid[OURO__KID_SIZE]; /* first bytes of SHA-256(the kid's text) */
	uint8_t secret[OURO__KEY_SIZE];
	uint8_t form[OURO__KEY_SIZE]; /* made from secret by seal.c */
};

/* Read the lines; ret_keys holds OURO__SEAL_KEYS_MAX. Whoever calls wipes ret_keys, also after a failure. */
ouro_status ouro__keys_read(
	const char *text, struct ouro__key *ret_keys, size_t *ret_count, ouro_error *reterr);

#endif
