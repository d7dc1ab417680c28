/* What a version text tells. Only a plain release number is believed: a pre-release or a build with changes may be anything between
 * two versions. */
#include <string.h>

#include "headscale/detect.h"

/* Before this minor version of 0 there is nothing that we serve. */
#define OLDEST_MINOR 23

/* Up to three digits; -1 = none. */
static int take_number(const char **text)
{
	int value = 0;
	size_t digits = 0;

	while (**text >= '0' && **text <= '9' && digits < 4) {
		value = value * 10 + (**text - '0');
		(*text)++;
		digits++;
	}
	return digits && digits < 4 ? value : -1;
}

enum ouro__said ouro__detect_version(const char *text, const ouro__generation **ret_generation)
{
	const ouro__generation *generation;
	const char *at = text;
	int numbers[3] = {-1, -1, -1};

	if (*at == 'v')
		at++;
	for (size_t i = 0; i < 3; i++) {
		numbers[i] = take_number(&at);
		if (numbers[i] < 0 || (i < 2 && *at++ != '.'))
			return OURO__SAID_NOTHING;
	}
	/* v0.0.0-2026…: a build from a commit. */
	if (*at || !(numbers[0] || numbers[1]))
		return OURO__SAID_NOTHING;
	if (!numbers[0] && numbers[1] < OLDEST_MINOR)
		return OURO__SAID_OLDER;
	generation = numbers[0] ? NULL : ouro__generation_by_version(text);
	if (!generation)
		return OURO__SAID_NEWER;
	*ret_generation = generation;
	return OURO__SAID_KNOWN;
}
