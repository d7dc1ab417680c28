/* Telling the operator everything that is wrong in one go. One caller at a time. */
#ifndef OURO_ACCESS_FAULTS_H
#define OURO_ACCESS_FAULTS_H

#include <ouroboros/directory.h>

struct ouro__faults {
	ouro_fault_fn fn; /* NULL = only the first one in reterr */
	void *user;
	ouro_error *reterr; /* gets the first fault; may be NULL */
	size_t count;
};

/* Report one fault: where it is, and what to write instead. Texts from outside are made one clean line. */
void ouro__fault(struct ouro__faults *faults, const char *where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The name nearest to a mistyped one; NULL if there are none. names may hold NULL gaps. */
const char *ouro__fault_nearest(const char *given, const char *const *names, size_t count);

#endif
