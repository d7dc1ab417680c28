/* A look at JSON text before it is parsed: recursive parsers must not meet deep nesting on a small stack. Pure. */
#ifndef OURO_BASE_NESTING_H
#define OURO_BASE_NESTING_H

#include <stddef.h>

/* 1 if brackets and braces outside of strings are nested at most max deep. Says nothing about well-formedness. */
int ouro__nesting_within(const char *text, size_t length, size_t max);

#endif
