/* Log lines; see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"

void ouro__log_line(const ouro__log *log, int level, const char *format, ...)
{
	char line[512];
	va_list args;

	if (!log || !log->fn)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	ouro__str_one_line(line);
	log->fn(log->user, level, line);
}
