/* Master keys as an administrator writes them: "kid:base64" a line. What looks like a sample or a passphrase is refused: a seal is
 * only as good as its key. Error texts name the line, never the key. */
#include "identity/keys.h"

#include <string.h>

#include "base/crypto.h"
#include "base/str.h"
#include "base/wipe.h"

enum { KID_MAX = 16, LONGEST_PERIOD = 16 };

static const char hint[] = "make one with: echo \"k1:$(openssl rand -base64 32)\"";

/* Standard and URL alphabet, padding optional, exactly 32 bytes. */
static int decode(const char *text, size_t length, uint8_t secret[OURO__KEY_SIZE])
{
	char copy[44];
	size_t size = 0;
	int sound;

	if (length == 44 && text[43] == '=')
		length = 43;
	if (length != 43)
		return 0;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		copy[i] = c == '+' ? '-' : c;
		if (c == '/')
			copy[i] = '_';
	}
	/* 43 characters are 32 bytes, if they are anything. */
	sound = ouro__str_unbase64url(copy, length, secret, OURO__KEY_SIZE, &size);
	ouro__wipe(copy, sizeof(copy));
	return sound;
}

/* All zero, a repeated piece, counting up or down, or plain text: none of it comes out of a random generator. */
static int sample(const uint8_t secret[OURO__KEY_SIZE])
{
	uint8_t step = (uint8_t)(secret[1] - secret[0]);
	int counting = 1;
	int printable = 1;

	for (size_t period = 1; period <= LONGEST_PERIOD; period++)
		if (memcmp(secret, secret + period, OURO__KEY_SIZE - period) == 0)
			return 1;
	for (size_t i = 1; i < OURO__KEY_SIZE; i++)
		counting &= (uint8_t)(secret[i] - secret[i - 1]) == step;
	for (size_t i = 0; i < OURO__KEY_SIZE; i++)
		printable &= secret[i] >= 0x20 && secret[i] < 0x7f;
	return counting || printable;
}

static int kid_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '_' || c == '-';
}

static int hash_kid(const char *kid, size_t length, uint8_t ret_kid[OURO__KID_SIZE])
{
	uint8_t digest[OURO__SHA256_SIZE];

	if (!ouro__sha256(kid, length, digest))
		return 0;
	memcpy(ret_kid, digest, OURO__KID_SIZE);
	return 1;
}

static ouro_status read_line(const char *line, size_t length, size_t number,
	struct ouro__key *ret_key, ouro_error *reterr)
{
	size_t kid = 0;

	while (kid < length && kid_char(line[kid]))
		kid++;
	if (!kid || kid > KID_MAX || kid == length || line[kid] != ':')
		return ouro__error_set(reterr, OURO_ERR_CONFIG,
			"session key, line %zu: not NAME:KEY with a name of 1 to %d letters, digits, - or _; %s",
			number, KID_MAX, hint);
	if (!decode(line + kid + 1, length - kid - 1, ret_key->secret))
		return ouro__error_set(reterr, OURO_ERR_CONFIG,
			"session key, line %zu: not the base64 of 32 bytes; %s", number, hint);
	if (sample(ret_key->secret))
		return ouro__error_set(reterr, OURO_ERR_CONFIG,
			"session key, line %zu: a sample or a text, not a random key; %s", number,
			hint);
	if (!hash_kid(line, kid, ret_key->kid))
		return ouro__error_set(reterr, OURO_ERR_INTERNAL, "SHA-256 is not available");
	return OURO_OK;
}

static int doubled(const struct ouro__key *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(keys[i].kid, keys[count].kid, OURO__KID_SIZE) == 0 ||
			ouro__same_secret(keys[i].secret, keys[count].secret, OURO__KEY_SIZE))
			return 1;
	return 0;
}

/* Next line without its end and surrounding blanks; NULL at the end of the text. */
static const char *next_line(const char **cursor, size_t *ret_length)
{
	const char *line = *cursor;
	size_t length;

	if (!*line)
		return NULL;
	length = strcspn(line, "\n");
	*cursor = line + length + (line[length] == '\n');
	while (length &&
		(line[length - 1] == '\r' || line[length - 1] == ' ' || line[length - 1] == '\t'))
		length--;
	while (length && (*line == ' ' || *line == '\t')) {
		line++;
		length--;
	}
	*ret_length = length;
	return line;
}

ouro_status ouro__keys_read(
	const char *text, struct ouro__key *ret_keys, size_t *ret_count, ouro_error *reterr)
{
	const char *cursor = text;
	const char *line;
	size_t length = 0;
	size_t number = 0;
	size_t count = 0;
	ouro_status rc;

	while ((line = next_line(&cursor, &length)) != NULL) {
		number++;
		if (!length || *line == '#')
			continue;
		if (count == OURO__SEAL_KEYS_MAX)
			return ouro__error_set(reterr, OURO_ERR_CONFIG,
				"session key: more than %u keys; drop the oldest lines",
				OURO__SEAL_KEYS_MAX);
		rc = read_line(line, length, number, &ret_keys[count], reterr);
		if (rc < 0)
			return rc;
		if (doubled(ret_keys, count))
			return ouro__error_set(reterr, OURO_ERR_CONFIG,
				"session key, line %zu: the name or the key is there already; give each line its own",
				number);
		count++;
	}
	if (!count)
		return ouro__error_set(
			reterr, OURO_ERR_CONFIG, "session key: no key in it; %s", hint);
	*ret_count = count;
	return OURO_OK;
}
