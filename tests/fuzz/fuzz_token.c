/* Personal tokens as they come with requests, and names for them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "identity/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken is one text only: the parts say which. */
static void check_token(const char *text, size_t size)
{
	static const char head[] = "ouro_pat_";
	char id[OURO_TOKEN_ID_MAX];
	char digest[OURO__TOKEN_DIGEST_MAX];
	char expected[OURO__TOKEN_DIGEST_MAX];

	if (!ouro__token_parse(text, size, id, digest))
		return;
	if (size != sizeof(head) - 1 + 12 + 1 + 64 || memcmp(text, head, sizeof(head) - 1) != 0 ||
		strlen(id) != 12 || memcmp(text + sizeof(head) - 1, id, 12) != 0 ||
		text[sizeof(head) - 1 + 12] != '_' ||
		!ouro__token_digest(text + size - 64, 64, expected) ||
		!ouro__token_same(digest, expected))
		abort();
}

static void check_name(const char *text)
{
	size_t length = strlen(text);

	if (!ouro__token_name_valid(text))
		return;
	if (!length || length >= OURO_TOKEN_NAME_MAX || !ouro__str_utf8(text, length))
		abort();
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			abort();
	/* The marks that turn a line around. */
	if (strstr(text, "\xe2\x80\xae") || strstr(text, "\xe2\x81\xa6") ||
		strstr(text, "\xd8\x9c"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *exact = malloc(size ? size : 1); /* so that reading past it is seen */
	char *text = malloc(size + 1);

	if (exact && text) {
		memcpy(exact, data, size);
		check_token(exact, size);
		memcpy(text, data, size);
		text[size] = '\0';
		check_name(text);
	}
	free(exact);
	free(text);
	return 0;
}
