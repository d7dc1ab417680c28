/* What a device may be called. Pure. The server has the last word; this saves a call and gives a better text. */
#include <string.h>

#include "headscale/headscale.h"

#define NAME_MAX_LENGTH 63

static int is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static int is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* 0.29 and later: one DNS label, capitals kept. */
static int is_label(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!is_lower_or_digit(name[i]) && !is_upper(name[i]) && name[i] != '-')
			return 0;
	return name[0] != '-' && name[length - 1] != '-';
}

/* 0.23 to 0.26 take more than is good (a hyphen or dot at an end makes a name that no resolver finds): refused here. */
static int is_lower_name(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!is_lower_or_digit(name[i]) && name[i] != '-' && name[i] != '.')
			return 0;
		if (i && name[i] == '.' && name[i - 1] == '.')
			return 0;
	}
	return is_lower_or_digit(name[0]) && is_lower_or_digit(name[length - 1]);
}

ouro_status ouro__headscale_name_check(uint32_t capabilities, const char *name, ouro_error *reterr)
{
	size_t length = strlen(name);
	int single = (capabilities & OURO_CAN_SHORT_NAMES) != 0;
	int fits = length >= (single ? 1 : 2) && length <= NAME_MAX_LENGTH;

	if (capabilities & OURO_CAN_DNS_LABEL_NAMES) {
		if (fits && is_label(name, length))
			return OURO_OK;
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"Use letters a–z, digits and hyphens, up to 63. It must begin and end with a letter or digit.");
	}
	if (fits && is_lower_name(name, length))
		return OURO_OK;
	return ouro__error_set(reterr, OURO_ERR_INVALID,
		"Use lower-case letters a–z, digits, hyphens and dots, %s63. It must begin and end with a letter or digit.",
		single ? "up to " : "2 to ");
}
