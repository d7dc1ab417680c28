/* address.c: who a request comes from, behind trusted proxies. Pure: any thread. */
#include "request.h"
#include "text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct address {
	unsigned char bytes[16];
	unsigned bits; /* 32 or 128; of a prefix: how many count */
	int family;
};

static int address_read(const char *text, size_t length, struct address *ret)
{
	char copy[WEB_ADDRESS_MAX];

	memset(ret, 0, sizeof(*ret));
	if (length == 0 || length >= sizeof(copy))
		return 0;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (inet_pton(AF_INET, copy, ret->bytes) == 1) {
		ret->family = AF_INET;
		ret->bits = 32;
		return 1;
	}
	if (inet_pton(AF_INET6, copy, ret->bytes) == 1) {
		ret->family = AF_INET6;
		ret->bits = 128;
		return 1;
	}
	return 0;
}

/* "10.0.0.0/8", "fd00::/8" or a single address. */
static int prefix_read(const char *text, size_t length, struct address *ret)
{
	const char *slash = memchr(text, '/', length);
	size_t bare = slash != NULL ? (size_t)(slash - text) : length;
	uint64_t bits = 0;

	if (!address_read(text, bare, ret))
		return 0;
	if (slash == NULL)
		return 1;
	if (length - bare == 2 && slash[1] == '0')
		bits = 0;
	else if (!web_text_id(slash + 1, length - bare - 1, &bits) || bits > ret->bits)
		return 0;
	ret->bits = (unsigned)bits;
	return 1;
}

static int prefix_holds(const struct address *prefix, const struct address *address)
{
	unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;
	unsigned mask = 0xffu << (8 - rest) & 0xffu;

	if (prefix->family != address->family || memcmp(prefix->bytes, address->bytes, whole) != 0)
		return 0;
	return rest == 0 || ((prefix->bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

/* Next element of a list separated by commas, blanks or lines; 0 at its end. */
static int element_next(const char **list, size_t *ret_length)
{
	*list += strspn(*list, ", \t\n");
	*ret_length = strcspn(*list, ", \t\n");
	return *ret_length > 0;
}

static int trusted(const char *list, const struct address *address)
{
	size_t length;

	for (; list != NULL && element_next(&list, &length); list += length) {
		struct address prefix;

		if (prefix_read(list, length, &prefix) && prefix_holds(&prefix, address))
			return 1;
	}
	return 0;
}

int web_trusted_valid(const char *list, char *ret_bad, size_t bad_size)
{
	size_t length;

	for (; list != NULL && element_next(&list, &length); list += length) {
		struct address prefix;

		if (prefix_read(list, length, &prefix))
			continue;
		(void)snprintf(ret_bad, bad_size, "%.*s", (int)(length < 60 ? length : 60), list);
		return 0;
	}
	return 1;
}

void web_request_address(const char *peer, const char *forwarded_for, const char *trusted_list,
	char ret[WEB_ADDRESS_MAX])
{
	struct address address;
	size_t end;

	(void)snprintf(ret, WEB_ADDRESS_MAX, "%s", peer);
	if (forwarded_for == NULL || !address_read(peer, strlen(peer), &address))
		return;
	end = strlen(forwarded_for);
	/* Each trusted hop vouches for the element that it added at the right; the rest is the client's own invention. */
	while (trusted(trusted_list, &address)) {
		size_t start;

		while (end > 0 && strchr(", \t", forwarded_for[end - 1]) != NULL)
			end--;
		for (start = end; start > 0 && strchr(", \t", forwarded_for[start - 1]) == NULL;
			start--)
			;
		if (start == end || !address_read(forwarded_for + start, end - start, &address))
			return;
		if (inet_ntop(address.family, address.bytes, ret, WEB_ADDRESS_MAX) == NULL)
			return;
		end = start;
	}
}
