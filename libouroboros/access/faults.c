/* Fault reports; see faults.h. */
#include "access/faults.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/str.h"

enum { WHERE_MAX = 300, TEXT_MAX = 400 };

void ouro__fault(struct ouro__faults *faults, const char *where, const char *format, ...)
{
	char place[WHERE_MAX];
	char text[TEXT_MAX];
	va_list args;

	(void)snprintf(place, sizeof(place), "%.*s", (int)sizeof(place) - 1, where);
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ouro__str_one_line(place);
	ouro__str_one_line(text);
	if (!faults->count)
		(void)ouro__error_set(
			faults->reterr, OURO_ERR_CONFIG, "%.100s: %.150s", place, text);
	faults->count++;
	if (faults->fn)
		faults->fn(faults->user, place, text);
}

const char *ouro__fault_nearest(const char *given, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		size_t distance = names[i] ? ouro__str_distance(given, names[i]) : SIZE_MAX;

		if (distance < best) {
			best = distance;
			nearest = names[i];
		}
	}
	return nearest;
}
