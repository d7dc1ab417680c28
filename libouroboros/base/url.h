/* The http and https URLs that administrators write: strict, without user info, query and fragment. Pure. */
#ifndef OURO_BASE_URL_H
#define OURO_BASE_URL_H

#include <stddef.h>
#include <stdint.h>

/* Longest URL. */
#define OURO__URL_MAX 512u

struct ouro__url {
	int https;
	int loopback;        /* localhost, 127/8 or ::1 */
	char host[256];      /* without brackets */
	char authority[264]; /* as written: host and port if given */
	uint16_t port;       /* 0 = not given */
	const char *path;    /* "" or "/…", into the text that was parsed */
};

/* 1 if text is http://HOST[:PORT][/PATH] or https://…; a path holds no empty, "." or ".." segments (a slash at the end is allowed). */
int ouro__url_parse(const char *text, struct ouro__url *ret_url);
/* The part between scheme and path: HOST, HOST:PORT, [V6] or [V6]:PORT; fills host, authority, port and loopback. */
int ouro__url_authority(const char *text, size_t length, struct ouro__url *ret_url);
/* 1 if a secret may travel to it: https, or http on this machine. */
int ouro__url_safe(const struct ouro__url *url);

#endif
