/* The key of Headscale's API that this program itself holds. Same rules as headscale.h. */
#ifndef OURO_HEADSCALE_API_KEY_H
#define OURO_HEADSCALE_API_KEY_H

#include "headscale/headscale.h"

/* When it ends, by the server's own list: Unix seconds, or OURO_TIME_NEVER. The list shows the beginning of each key; nothing of the
 * key is sent but what every call carries. NOTFOUND: none of the list begins like it. */
ouro_status ouro__headscale_api_key_until(const struct ouro__server *server, const char *key,
	int64_t deadline, int64_t *ret_until, ouro_error *reterr);
/* 1 if this is what a server shows of that key. Pure. */
int ouro__headscale_api_key_shown(const char *key, const char *prefix);

#endif
