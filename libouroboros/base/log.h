/* Where log lines go: a borrowed callback, chosen by the caller of the library. */
#ifndef OURO_BASE_LOG_H
#define OURO_BASE_LOG_H

#include <ouroboros/tailnet.h>

typedef struct ouro__log {
	ouro_log_fn fn; /* NULL = silent */
	void *user;
} ouro__log;

/* One line, at most 511 bytes, control characters replaced. No secrets in it. */
void ouro__log_line(const ouro__log *log, int level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
