/* Addresses, URLs and prefixes as people write them. What is accepted reads the same once more. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "access/prefix.h"
#include "base/url.h"
#include "net/endpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void endpoint(const char *text)
{
	struct ouro__endpoint first;
	struct ouro__endpoint second;
	ouro_error error = OURO_ERROR_INIT;

	if (ouro__endpoint_parse(text, 443, &first, &error) < 0) {
		if (!error.text[0])
			abort();
		return;
	}
	if (!first.port || ouro__endpoint_parse(first.text, 1, &second, &error) < 0 ||
		first.port != second.port || strcmp(first.host, second.host) != 0 ||
		strcmp(first.text, second.text) != 0)
		abort();
}

static void url(const char *text, size_t length)
{
	struct ouro__url first;
	struct ouro__url second;

	(void)ouro__url_authority(text, length, &second);
	if (!ouro__url_parse(text, &first))
		return;
	if (length > OURO__URL_MAX || first.path < text || first.path > text + length ||
		!first.host[0])
		abort();
	if (!ouro__url_authority(first.authority, strlen(first.authority), &second) ||
		first.port != second.port || first.loopback != second.loopback ||
		strcmp(first.host, second.host) != 0)
		abort();
}

static void prefix(const char *text)
{
	struct ouro__prefix first;
	struct ouro__prefix second;
	char canonical[OURO__PREFIX_TEXT_MAX];

	(void)ouro__prefix_parse_loose(text, &second);
	if (!ouro__prefix_parse(text, &first))
		return;
	ouro__prefix_text(&first, canonical);
	if (!ouro__prefix_parse(canonical, &second) || !ouro__prefix_within(&first, &second) ||
		!ouro__prefix_within(&second, &first))
		abort();
	if (ouro__prefix_within_reserved(&first) && !ouro__prefix_reserved(&first))
		abort();
	if (ouro__prefix_exit(&first) != (first.bits == 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1); /* exact size, so that reading past it is seen */

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	endpoint(text);
	url(text, strlen(text));
	prefix(text);
	free(text);
	return 0;
}
