/* Prefixes; see prefix.h. inet_pton does the reading of addresses, so there is one spelling rule: the system's strict one. */
#include "access/prefix.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

struct range {
	struct ouro__prefix prefix;
	const char *what;
};

static const struct range reserved[] = {
	{{{100, 64}, 10, 0}, "the tailnet's own addresses"},
	{{{0xfd, 0x7a, 0x11, 0x5c, 0xa1, 0xe0}, 48, 1}, "the tailnet's own addresses"},
	{{{127}, 8, 0}, "loopback"},
	{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, 1}, "loopback"},
	{{{169, 254}, 16, 0}, "link-local addresses"},
	{{{0xfe, 0x80}, 10, 1}, "link-local addresses"},
	/* Otherwise every range above would have a second spelling. */
	{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 1}, "IPv4 addresses written as IPv6"},
};

#define RESERVED_COUNT (sizeof(reserved) / sizeof(reserved[0]))

static int host_bits_zero(const struct ouro__prefix *prefix)
{
	unsigned total = prefix->v6 ? 128 : 32;

	for (unsigned bit = prefix->bits; bit < total; bit++)
		if (prefix->address[bit / 8] & (0x80u >> (bit % 8)))
			return 0;
	return 1;
}

/* slash NULL = full length. */
static int parse(
	const char *text, size_t length, const char *slash, struct ouro__prefix *ret_prefix)
{
	struct ouro__prefix prefix = {{0}, 0, 0};
	char address[INET6_ADDRSTRLEN];
	uint64_t bits = 0;
	uint64_t most;

	if (!length || length >= sizeof(address))
		return 0;
	memcpy(address, text, length);
	address[length] = '\0';
	prefix.v6 = strchr(address, ':') != NULL;
	most = prefix.v6 ? 128 : 32;
	if (inet_pton(prefix.v6 ? AF_INET6 : AF_INET, address, prefix.address) != 1)
		return 0;
	if (!slash)
		bits = most;
	else if (!ouro__str_u64(slash + 1, strlen(slash + 1), &bits) || bits > most)
		return 0;
	prefix.bits = (unsigned)bits;
	if (!host_bits_zero(&prefix))
		return 0;
	*ret_prefix = prefix;
	return 1;
}

int ouro__prefix_parse(const char *text, struct ouro__prefix *ret_prefix)
{
	const char *slash = strchr(text, '/');

	return slash && parse(text, (size_t)(slash - text), slash, ret_prefix);
}

int ouro__prefix_parse_loose(const char *text, struct ouro__prefix *ret_prefix)
{
	const char *slash = strchr(text, '/');

	return parse(text, slash ? (size_t)(slash - text) : strlen(text), slash, ret_prefix);
}

void ouro__prefix_text(const struct ouro__prefix *prefix, char *ret_text)
{
	char address[INET6_ADDRSTRLEN] = "";

	(void)inet_ntop(prefix->v6 ? AF_INET6 : AF_INET, prefix->address, address, sizeof(address));
	(void)snprintf(ret_text, OURO__PREFIX_TEXT_MAX, "%s/%u", address, prefix->bits);
}

int ouro__prefix_within(const struct ouro__prefix *inner, const struct ouro__prefix *outer)
{
	unsigned whole = outer->bits / 8;
	unsigned rest = outer->bits % 8;
	unsigned mask = 0xffu << (8 - rest);

	if (inner->v6 != outer->v6 || inner->bits < outer->bits)
		return 0;
	if (memcmp(inner->address, outer->address, whole) != 0)
		return 0;
	return !rest || !((unsigned)(inner->address[whole] ^ outer->address[whole]) & mask);
}

const char *ouro__prefix_reserved(const struct ouro__prefix *prefix)
{
	for (size_t i = 0; i < RESERVED_COUNT; i++)
		if (ouro__prefix_within(prefix, &reserved[i].prefix) ||
			ouro__prefix_within(&reserved[i].prefix, prefix))
			return reserved[i].what;
	return NULL;
}

const char *ouro__prefix_within_reserved(const struct ouro__prefix *prefix)
{
	for (size_t i = 0; i < RESERVED_COUNT; i++)
		if (ouro__prefix_within(prefix, &reserved[i].prefix))
			return reserved[i].what;
	return NULL;
}

int ouro__prefix_exit(const struct ouro__prefix *prefix)
{
	return prefix->bits == 0;
}
