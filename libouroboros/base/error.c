/* Error records: caller-owned, no heap. A NULL record is allowed everywhere. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

const char *ouro_status_name(ouro_status status)
{
	switch (status) {
#define NAME_CASE(name, value, token, text)                                                        \
	case value: return token;
		OURO_STATUS_TABLE(NAME_CASE)
#undef NAME_CASE
	default: return "unknown";
	}
}

ouro_status ouro__error_by_name(const char *name)
{
#define BY_NAME(row, value, token, text)                                                           \
	if (strcmp(name, token) == 0)                                                              \
		return value;
	OURO_STATUS_TABLE(BY_NAME)
#undef BY_NAME
	return OURO_OK;
}

const char *ouro_status_text(ouro_status status)
{
	switch (status) {
#define TEXT_CASE(name, value, token, text)                                                        \
	case value: return text;
		OURO_STATUS_TABLE(TEXT_CASE)
#undef TEXT_CASE
	default: return "a status that this version does not know";
	}
}

const char *ouro_version(void)
{
	return OURO_VERSION;
}

/* Callers of an older, smaller record get only the fields they have. */
static int usable(const ouro_error *error)
{
	return error && error->size >= sizeof(*error);
}

__attribute__((format(printf, 4, 0))) static void fill(
	ouro_error *error, int origin, ouro_status status, const char *format, va_list args)
{
	error->status = status;
	error->origin = origin;
	error->http_status = 0;
	error->grpc_status = -1;
	error->os_errno = 0;
	error->flags = 0;
	(void)vsnprintf(error->text, sizeof(error->text), format, args);
	ouro__str_one_line(error->text);
}

ouro_status ouro__error_set(ouro_error *reterr, ouro_status status, const char *format, ...)
{
	va_list args;

	if (usable(reterr)) {
		va_start(args, format);
		fill(reterr, OURO_ORIGIN_LIBRARY, status, format, args);
		va_end(args);
	}
	return status;
}

ouro_status ouro__error_from(
	ouro_error *reterr, int origin, ouro_status status, const char *format, ...)
{
	va_list args;

	if (usable(reterr)) {
		va_start(args, format);
		fill(reterr, origin, status, format, args);
		va_end(args);
	}
	return status;
}

void ouro__error_prefix(ouro_error *reterr, const char *format, ...)
{
	char old[sizeof(reterr->text)];
	va_list args;
	size_t head;

	if (!usable(reterr))
		return;
	memcpy(old, reterr->text, sizeof(old));
	old[sizeof(old) - 1] = '\0';
	va_start(args, format);
	(void)vsnprintf(reterr->text, sizeof(reterr->text) / 2, format, args);
	va_end(args);
	head = strlen(reterr->text);
	reterr->text[head++] = ':';
	reterr->text[head++] = ' ';
	/* Cut on purpose where it is too long: the cause matters more than its tail. */
	memccpy(reterr->text + head, old, 0, sizeof(reterr->text) - head - 1);
	reterr->text[sizeof(reterr->text) - 1] = '\0';
	ouro__str_one_line(reterr->text);
}

void ouro__error_copy(ouro_error *reterr, const ouro_error *from)
{
	if (usable(reterr))
		*reterr = *from;
}

void ouro__error_restate(ouro_error *reterr, ouro_status status)
{
	if (usable(reterr))
		reterr->status = status;
}

void ouro__error_retryable(ouro_error *reterr)
{
	if (usable(reterr))
		reterr->flags |= OURO_ERROR_RETRYABLE;
}

ouro_status ouro__error_nomem(ouro_error *reterr)
{
	return ouro__error_set(reterr, OURO_ERR_NOMEM, "out of memory");
}
