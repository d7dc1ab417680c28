/* log.c: one line per event on standard error, written in one piece. Any thread. */
#include "app.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LENGTH 1200

int64_t web_monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Appends text with everything but printable ASCII and UTF-8 letters as \xNN: a log line must stay one line. */
static size_t escape(char *out, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0, left = strlen(text);

	while (left > 0 && used + 5 < size) {
		uint32_t code = 0;
		size_t length = web_text_utf8(text, left, &code), i;

		if (length == 0 || code < 0x20 || (code >= 0x7f && code <= 0x9f) ||
			code == 0x2028 || code == 0x2029 || (code >= 0x202a && code <= 0x202e) ||
			(code >= 0x2066 && code <= 0x2069)) {
			out[used++] = '\\';
			out[used++] = 'x';
			out[used++] = hex[(unsigned char)text[0] >> 4];
			out[used++] = hex[(unsigned char)text[0] & 15];
			length = 1;
		} else {
			for (i = 0; i < length; i++)
				out[used++] = text[i];
		}
		text += length;
		left -= length;
	}
	return used;
}

void web_log_library(void *user, int level, const char *text)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};
	const struct web_app *app = user;
	char line[LINE_MAX_LENGTH];
	time_t now = time(NULL);
	struct tm parts;
	size_t used = 0;
	int length;

	if (level < OURO_LOG_ERROR || level > OURO_LOG_DEBUG || level > app->log_level)
		return;
	if (gmtime_r(&now, &parts) != NULL)
		used = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%SZ ", &parts);
	length = snprintf(line + used, sizeof(line) - used, "%s: ", names[level]);
	used += length > 0 ? (size_t)length : 0;
	used += escape(line + used, sizeof(line) - used - 1, text);
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, used) < 0)
		return; /* nobody listens: there is no other place to say so */
}

void web_log(const struct web_app *app, int level, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (level > app->log_level)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	web_log_library((void *)(uintptr_t)app, level, text);
}
