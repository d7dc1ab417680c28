/* The names of scopes. Pure; any thread. */
#include <string.h>

#include <ouroboros/tokens.h>

/* By bit. */
static const char *const names[] = {"read", "nodes", "routes", "keys"};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

uint32_t ouro_token_scope(const char *name, size_t length)
{
	for (uint32_t i = 0; name && i < NAMES; i++)
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return UINT32_C(1) << i;
	return 0;
}

const char *ouro_token_scope_name(uint32_t scope)
{
	for (uint32_t i = 0; i < NAMES; i++)
		if (scope == UINT32_C(1) << i)
			return names[i];
	return NULL;
}
