/* Libraries that are loaded when they are first needed: who does not use what they are for shall not pay for them. */
#ifndef OURO_BASE_LIBRARY_H
#define OURO_BASE_LIBRARY_H

#include <pthread.h>
#include <stddef.h>

#include "base/error.h"

/* A function, and where its address belongs in the table. */
struct ouro__library_function {
	const char *name;
	size_t offset;
};

/* Static, zero but for the constants. */
struct ouro__library {
	const char *name;    /* for the text */
	const char *file;    /* "libcurl.so.4" */
	const char *package; /* Debian's */
	const struct ouro__library_function *functions;
	size_t count;
	void *table; /* of pointers */
	int (*init)(
		void); /* called once when all is there, 0 = it cannot be used; NULL = nothing to do */
	pthread_mutex_t lock;
	int loaded;
	char fault[256]; /* "" = none */
};

/* Load it once; never unloaded, and not looked for again when it was missing. Any thread. IO: it is not installed, or lacks something; the text says what. */
ouro_status ouro__library_load(struct ouro__library *library, ouro_error *reterr);

#endif
