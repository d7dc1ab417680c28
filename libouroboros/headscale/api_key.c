/* When the key of the API ends; see api_key.h. Up to 0.27 a list shows what stands in front of the dot; later "hskey-api-…-***", and
 * "…***" for keys of before. */
#include "headscale/api_key.h"

#include <string.h>

#include "base/str.h"
#include "headscale/write.h"

/* Operators make a key every now and then and never take one away. */
#define KEYS_BYTES_MAX ((size_t)8 << 20)
static const char mask[] = "***";

int ouro__headscale_api_key_shown(const char *key, const char *prefix)
{
	size_t length = strlen(prefix);
	int masked = ouro__str_ends(prefix, mask);

	if (masked)
		length -= sizeof(mask) - 1;
	if (!length || strncmp(key, prefix, length) != 0)
		return 0;
	/* A beginning counts up to where the secret begins, no sooner. */
	return key[length] == '.' || (masked && prefix[length - 1] == '-') ||
		(masked && prefix[length - 1] == '_');
}

ouro_status ouro__headscale_api_key_until(const struct ouro__server *server, const char *key,
	int64_t deadline, int64_t *ret_until, ouro_error *reterr)
{
	static const char what[] = "reading the list of API keys";
	static const struct ouro__hs_empty request = {0};
	ouro__arena *arena = ouro__arena_new(KEYS_BYTES_MAX);
	void *reply = NULL;
	ouro_status rc;

	if (!arena)
		return ouro__error_nomem(reterr);
	rc = ouro__headscale_call(
		server, OURO__OP_LIST_API_KEYS, &request, what, deadline, arena, &reply, reterr);
	if (rc == OURO_OK) {
		const struct ouro__hs_api_keys *list = reply;

		rc = OURO_ERR_NOTFOUND;
		for (size_t i = 0; rc < 0 && i < list->keys.count; i++) {
			const struct ouro__hs_api_key *at = list->keys.items[i];

			if (!ouro__headscale_api_key_shown(key, at->prefix))
				continue;
			*ret_until = at->expiration;
			rc = OURO_OK;
		}
		if (rc < 0)
			(void)ouro__error_set(reterr, rc,
				"%s: none of %zu begins like the key that is used", what,
				list->keys.count);
	}
	ouro__arena_free(arena);
	return rc;
}
