/* URLs; see url.h. */
#include "base/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/str.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static int host_name_sound(const char *host)
{
	size_t length = strlen(host);

	return length >= 1 && length <= 253 && strspn(host, LETTERS DIGITS "-._") == length &&
		host[0] != '-' && host[0] != '.' && !strstr(host, "..");
}

static int is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (ouro__str_same_fold(host, "localhost"))
		return 1;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return (ntohl(v4.s_addr) >> 24) == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Splits "[V6]" or a name off; returns what follows it, NULL if it is neither. */
static const char *take_host(const char *text, char *ret_host, size_t room)
{
	const char *begin = text;
	const char *end;
	struct in6_addr v6;
	int bracket = text[0] == '[';

	if (bracket)
		begin++;
	end = bracket ? strchr(begin, ']') : begin + strcspn(begin, ":");
	if (!end || (size_t)(end - begin) >= room)
		return NULL;
	memcpy(ret_host, begin, (size_t)(end - begin));
	ret_host[end - begin] = '\0';
	if (bracket)
		return inet_pton(AF_INET6, ret_host, &v6) == 1 ? end + 1 : NULL;
	return host_name_sound(ret_host) ? end : NULL;
}

int ouro__url_authority(const char *text, size_t length, struct ouro__url *ret_url)
{
	struct ouro__url url = {0, 0, {0}, {0}, 0, ""};
	const char *rest;
	uint64_t port = 0;

	if (!length || length >= sizeof(url.authority))
		return 0;
	memcpy(url.authority, text, length);
	if (strlen(url.authority) != length)
		return 0;
	rest = take_host(url.authority, url.host, sizeof(url.host));
	if (!rest)
		return 0;
	if (*rest == ':' &&
		(!ouro__str_u64(rest + 1, strlen(rest + 1), &port) || port < 1 ||
			port > UINT16_MAX))
		return 0;
	if (*rest && *rest != ':')
		return 0;
	url.port = (uint16_t)port;
	url.loopback = is_loopback(url.host);
	*ret_url = url;
	return 1;
}

static int path_sound(const char *path)
{
	if (strspn(path, LETTERS DIGITS "-._~/") != strlen(path))
		return 0;
	if (strstr(path, "//") || strstr(path, "/./") || strstr(path, "/../"))
		return 0;
	return !ouro__str_ends(path, "/.") && !ouro__str_ends(path, "/..");
}

int ouro__url_parse(const char *text, struct ouro__url *ret_url)
{
	int https = ouro__str_starts(text, "https://");
	const char *begin;
	const char *path;

	if (!https && !ouro__str_starts(text, "http://"))
		return 0;
	if (strlen(text) > OURO__URL_MAX)
		return 0;
	begin = strstr(text, "://") + 3;
	path = begin + strcspn(begin, "/");
	if (!path_sound(path) || !ouro__url_authority(begin, (size_t)(path - begin), ret_url))
		return 0;
	ret_url->https = https;
	ret_url->path = path;
	return 1;
}

int ouro__url_safe(const struct ouro__url *url)
{
	return url->https || url->loopback;
}
