/* User map and rules: the input is a map, a NUL, and rules. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ouroboros/directory.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_fault(void *user, const char *where, const char *text)
{
	if (!where || !text || !*text)
		abort();
	++*(size_t *)user;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_directory *directory = NULL;
	size_t faults = 0;
	char *text = malloc(size + 1);
	size_t first;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	first = strlen(text);
	options.user_map = text;
	options.rules = first < size ? text + first + 1 : NULL;
	if (ouro_directory_load(&options, count_fault, &faults, &directory, NULL) == OURO_OK) {
		if (faults)
			abort();
		ouro_directory_free(directory);
	} else if (!faults) {
		abort(); /* a refusal names at least one fault */
	}
	free(text);
	return 0;
}
