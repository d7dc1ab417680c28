/* Reading a registration key out of what somebody pasted. Pure; the text is hostile. */
#include <string.h>

#include "headscale/headscale.h"

#define PASTED_MAX 2048

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int is_id(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		c == '-' || c == '_';
}

static int all(const char *text, size_t length, int (*fits)(char))
{
	for (size_t i = 0; i < length; i++)
		if (!fits(text[i]))
			return 0;
	return 1;
}

/* Where the last occurrence of needle ends; NULL if there is none. */
static const char *after_last(const char *text, size_t length, const char *needle)
{
	size_t n = strlen(needle);

	for (size_t i = length; i-- > 0;)
		if (length - i >= n && memcmp(text + i, needle, n) == 0)
			return text + i + n;
	return NULL;
}

struct form {
	int32_t form;
	const char *prefix;
	size_t length; /* behind the prefix */
	int (*fits)(char);
};

static const struct form forms[] = {
	{1, "mkey:", 64, is_hex},
	{3, "hskey-authreq-", 24, is_id},
	{2, "", 24, is_id},
};

static const struct form *form_of(const char *key, size_t length)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t n = strlen(forms[i].prefix);

		if (length == n + forms[i].length && memcmp(key, forms[i].prefix, n) == 0 &&
			all(key + n, forms[i].length, forms[i].fits))
			return &forms[i];
	}
	return NULL;
}

static ouro_status refuse(ouro_error *reterr)
{
	return ouro__error_set(reterr, OURO_ERR_INVALID,
		"That is not a registration key. Paste the whole link that the device shows: it ends in /register/ and a key "
		"(mkey:… , hskey-authreq-… , or 24 characters).");
}

/* The key of a link; a text without a slash is a key already. */
static ouro_status cut_link(const char **text, size_t *length, ouro_error *reterr)
{
	const char *end = *text + *length;
	const char *key;
	const char *slash = memchr(*text, '/', *length);

	if (!slash)
		return OURO_OK;
	for (const char *p = *text; p < end; p++)
		if (*p == '?' || *p == '#')
			end = p;
	if (end > *text && end[-1] == '/')
		end--;
	key = after_last(*text, (size_t)(end - *text), "/register/");
	if (!key && after_last(*text, (size_t)(end - *text), "/auth/"))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"That link belongs to an SSH check, not to a new device: it cannot be registered.");
	if (!key || memchr(key, '/', (size_t)(end - key)))
		return refuse(reterr);
	*text = key;
	*length = (size_t)(end - key);
	return OURO_OK;
}

ouro_status ouro__registration_parse(
	const char *text, size_t length, ouro_registration *ret_registration, ouro_error *reterr)
{
	const struct form *form;
	ouro_status rc;

	if (length > PASTED_MAX)
		return refuse(reterr);
	while (length && is_space(text[0])) {
		text++;
		length--;
	}
	while (length && is_space(text[length - 1]))
		length--;
	rc = cut_link(&text, &length, reterr);
	if (rc < 0)
		return rc;
	form = form_of(text, length);
	if (!form || length >= sizeof(ret_registration->key))
		return refuse(reterr);
	ret_registration->form = form->form;
	memcpy(ret_registration->key, text, length);
	ret_registration->key[length] = '\0';
	return OURO_OK;
}
