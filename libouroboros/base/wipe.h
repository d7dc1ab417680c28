/* Forgetting secrets. */
#ifndef OURO_BASE_WIPE_H
#define OURO_BASE_WIPE_H

#include <stddef.h>

/* Overwrite in a way that the compiler keeps. */
void ouro__wipe(void *data, size_t size);
/* Wipe a C string, then free it; NULL is allowed. */
void ouro__wipe_free(char *text);

#endif
