/* Forgetting secrets; see wipe.h. */
#include "base/wipe.h"

#include <stdlib.h>
#include <string.h>

void ouro__wipe(void *data, size_t size)
{
	explicit_bzero(data, size);
}

void ouro__wipe_free(char *text)
{
	if (text)
		ouro__wipe(text, strlen(text));
	free(text);
}
