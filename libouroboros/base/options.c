/* Sized options; see options.h. */
#include "base/options.h"

#include <string.h>

ouro_status ouro__options_import(void *to, size_t size, const void *from, ouro_error *reterr)
{
	const unsigned char *bytes = from;
	size_t given;

	if (!from)
		return OURO_OK;
	memcpy(&given, from, sizeof(given));
	if (given < sizeof(given))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "options: size is not set, use the _INIT macro");
	for (size_t i = size; i < given; i++)
		if (bytes[i])
			return ouro__error_set(reterr, OURO_ERR_INVALID,
				"options: a field of a newer libouroboros is set; this is " OURO_VERSION);
	memcpy(to, from, given < size ? given : size);
	memcpy(to, &size, sizeof(size));
	return OURO_OK;
}
