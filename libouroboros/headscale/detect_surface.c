/* Which version a server's description of itself belongs to: by a few marks, and by the number of its operations, so that a server
 * that can do more or less than a known one is not taken for it. Pure. */
#include <jansson.h>
#include <string.h>

#include "base/str.h"
#include "headscale/detect.h"
#include "rpc/json_text.h"

#define API "/api/v1/"

enum {
	OPENAPI_2 = 1u << 0,
	OPENAPI_3 = 1u << 1,
	MACHINES = 1u << 2,  /* 0.22 and older */
	USER_NAME = 1u << 3, /* GET of a single user */
	ROUTES = 1u << 4,    /* route objects */
	APPROVE = 1u << 5,   /* lists of approved routes */
	HEALTH = 1u << 6,
	EXPIRY = 1u << 7, /* expiring takes a date */
	KEY_DELETE = 1u << 8,
	AUTH = 1u << 9,
	NEVER = 1u << 10 /* expiring can be switched off */
};

struct mark {
	const char *verb;
	const char *path;
	const char *parameter; /* in the query; NULL = none is asked for */
	uint32_t mark;
};

static const struct mark marks[] = {
	{"get", API "machine", NULL, MACHINES},
	{"get", API "user/{name}", NULL, USER_NAME},
	{"get", API "routes", NULL, ROUTES},
	{"post", API "node/{nodeId}/approve_routes", NULL, APPROVE},
	{"get", API "health", NULL, HEALTH},
	{"post", API "node/{nodeId}/expire", "expiry", EXPIRY},
	{"post", API "node/{nodeId}/expire", "disableExpiry", NEVER},
	{"delete", API "preauthkey", NULL, KEY_DELETE},
	{"post", API "auth/register", NULL, AUTH},
};

struct known {
	ouro__band band;
	unsigned operations;
	uint32_t marks;
};

static const struct known known[] = {
	{OURO__BAND_B, 29, OPENAPI_2 | USER_NAME | ROUTES},
	{OURO__BAND_C, 28, OPENAPI_2 | ROUTES},
	{OURO__BAND_E, 24, OPENAPI_2 | APPROVE},
	{OURO__BAND_F0, 25, OPENAPI_2 | APPROVE | HEALTH},
	{OURO__BAND_F1, 25, OPENAPI_2 | APPROVE | HEALTH | EXPIRY},
	{OURO__BAND_G, 25, OPENAPI_2 | APPROVE | HEALTH | EXPIRY | KEY_DELETE},
	{OURO__BAND_H, 29, OPENAPI_2 | APPROVE | HEALTH | EXPIRY | KEY_DELETE | AUTH | NEVER},
	{OURO__BAND_I, 29, OPENAPI_3 | APPROVE | HEALTH | KEY_DELETE | AUTH},
};
enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static int has_parameter(const json_t *operation, const char *name)
{
	const json_t *list = json_object_get(operation, "parameters");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *found = json_string_value(json_object_get(one, "name"));
		const char *where = json_string_value(json_object_get(one, "in"));

		if (found && where && strcmp(found, name) == 0 && strcmp(where, "query") == 0)
			return 1;
	}
	return 0;
}

static unsigned count_operations(json_t *paths)
{
	static const char *const verbs[] = {"get", "post", "put", "patch", "delete"};
	unsigned count = 0;
	const char *path;
	json_t *item;

	json_object_foreach(paths, path, item)
	{
		if (!ouro__str_starts(path, API))
			continue;
		for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
			count += json_object_get(item, verbs[i]) != NULL;
	}
	return count;
}

static uint32_t kind_of(const json_t *root)
{
	const char *two = json_string_value(json_object_get(root, "swagger"));
	const char *three = json_string_value(json_object_get(root, "openapi"));

	if (two && ouro__str_starts(two, "2."))
		return OPENAPI_2;
	return three && ouro__str_starts(three, "3.") ? OPENAPI_3 : 0;
}

ouro_status ouro__surface_read(const char *text, size_t size, struct ouro__surface *ret_surface)
{
	ouro_status rc = OURO_OK;
	json_t *root = ouro__json_load(text, size, 0, 0, &rc, NULL);
	json_t *paths = json_object_get(root, "paths");
	uint32_t kind = kind_of(root);
	struct ouro__surface surface = {count_operations(paths), kind};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const json_t *operation =
			json_object_get(json_object_get(paths, marks[i].path), marks[i].verb);

		if (operation &&
			(!marks[i].parameter || has_parameter(operation, marks[i].parameter)))
			surface.marks |= marks[i].mark;
	}
	json_decref(root);
	if (rc < 0)
		return rc;
	if (!kind || !surface.operations)
		return OURO_ERR_PROTOCOL;
	*ret_surface = surface;
	return OURO_OK;
}

const ouro__generation *ouro__surface_generation(const struct ouro__surface *surface)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (known[i].marks == surface->marks && known[i].operations == surface->operations)
			return ouro__generation_of(known[i].band);
	return NULL;
}

int ouro__surface_newer(const struct ouro__surface *surface)
{
	const struct known *newest = &known[KNOWN - 1];

	return (surface->marks & newest->marks) == newest->marks &&
		surface->operations > newest->operations;
}

int ouro__surface_older(const struct ouro__surface *surface)
{
	return (surface->marks & MACHINES) != 0;
}
