/* Registration keys and links as people paste them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ouroboros/nodes.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ouro_registration registration = OURO_REGISTRATION_INIT;
	ouro_registration again = OURO_REGISTRATION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char *text = malloc(size + 1); /* exact size, so that reading past it is seen */

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (ouro_registration_parse(text, size, &registration, &error) == OURO_OK) {
		/* What was accepted is a key: it reads as itself. */
		if (ouro_registration_parse(registration.key, strlen(registration.key), &again,
			    &error) != OURO_OK ||
			strcmp(registration.key, again.key) != 0)
			abort();
	} else if (!error.text[0]) {
		abort(); /* every refusal says why */
	}
	free(text);
	return 0;
}
