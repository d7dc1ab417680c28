/* Filling the caller's error record: the first error wins, later text is only prefixed. Any thread. */
#ifndef OURO_BASE_ERROR_H
#define OURO_BASE_ERROR_H

#include <ouroboros/error.h>

/* Set status, origin library and a formatted one-line text; control characters become spaces. Returns status. */
ouro_status ouro__error_set(ouro_error *reterr, ouro_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with another enum ouro_origin. */
ouro_status ouro__error_from(ouro_error *reterr, int origin, ouro_status status, const char *format,
	...) __attribute__((format(printf, 4, 5)));
/* Put "what was tried: " in front of an error that is set already. */
void ouro__error_prefix(ouro_error *reterr, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Hand out an error that was made in a record of one's own. */
void ouro__error_copy(ouro_error *reterr, const ouro_error *from);
/* Another status for the same text. */
void ouro__error_restate(ouro_error *reterr, ouro_status status);
/* Say of an error that is set: the same may well succeed a little later. */
void ouro__error_retryable(ouro_error *reterr);
/* The status that ouro_status_name() calls so; OURO_OK if there is none. */
ouro_status ouro__error_by_name(const char *name);
/* OURO_ERR_NOMEM with a fixed text. */
ouro_status ouro__error_nomem(ouro_error *reterr);

#endif
