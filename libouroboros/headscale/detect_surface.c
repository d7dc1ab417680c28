/* Which version a server's description of itself belongs to: by a few marks, and by the number of its operations, so that a server
 * that can do more or less than a known one is not taken for it. Pure. */
#include <jansson.h>
#include <string.h>

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

/* A description is long, and little of it is asked for: it is looked through, and only operations of which a parameter counts are read. */
struct look {
	struct ouro__surface surface;
	const struct ouro__json_member *path;
	unsigned seen; /* members of the whole that count */
	ouro_status rc;
};

static int is_name(const struct ouro__json_member *member, const char *name)
{
	size_t size = strlen(name);

	return member->name_size == size && memcmp(member->name, name, size) == 0;
}

/* The value, where it is a text, begins so. */
static int begins(const struct ouro__json_member *member, const char *text)
{
	size_t size = strlen(text);

	return member->value_size > size && member->value[0] == '"' &&
		memcmp(member->value + 1, text, size) == 0;
}

static int has_mark(
	struct look *look, const struct mark *mark, const struct ouro__json_member *verb)
{
	json_t *operation;
	int has;

	if (!is_name(look->path, mark->path) || !is_name(verb, mark->verb))
		return 0;
	if (!mark->parameter)
		return 1;
	operation = ouro__json_load(verb->value, verb->value_size, 0, 0, &look->rc, NULL);
	has = has_parameter(operation, mark->parameter);
	json_decref(operation);
	return has;
}

static int on_verb(void *user, const struct ouro__json_member *verb)
{
	static const char *const verbs[] = {"get", "post", "put", "patch", "delete"};
	struct look *look = user;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		look->surface.operations += is_name(verb, verbs[i]) != 0;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (has_mark(look, &marks[i], verb))
			look->surface.marks |= marks[i].mark;
	return look->rc >= 0;
}

static int on_path(void *user, const struct ouro__json_member *path)
{
	struct look *look = user;

	if (path->name_size < sizeof(API) - 1 || memcmp(path->name, API, sizeof(API) - 1) != 0)
		return 1;
	look->path = path;
	if (path->value_size && path->value[0] == '{' &&
		!ouro__json_each(path->value, path->value_size, on_verb, look))
		look->rc = OURO_ERR_PROTOCOL;
	return look->rc >= 0;
}

static int on_member(void *user, const struct ouro__json_member *member)
{
	static const char *const names[] = {"swagger", "openapi", "paths"};
	struct look *look = user;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!is_name(member, names[i]))
			continue;
		if (look->seen & (1u << i))
			look->rc = OURO_ERR_PROTOCOL;
		look->seen |= 1u << i;
	}

	if (is_name(member, "swagger") && begins(member, "2."))
		look->surface.marks |= OPENAPI_2;
	if (is_name(member, "openapi") && begins(member, "3."))
		look->surface.marks |= OPENAPI_3;
	if (is_name(member, "paths") &&
		!ouro__json_each(member->value, member->value_size, on_path, look))
		look->rc = OURO_ERR_PROTOCOL;
	return look->rc >= 0;
}

ouro_status ouro__surface_read(const char *text, size_t size, struct ouro__surface *ret_surface)
{
	struct look look = {.rc = OURO_OK};
	int whole = ouro__json_each(text, size, on_member, &look);

	if (look.rc < 0)
		return look.rc;
	if (!whole || !(look.surface.marks & (OPENAPI_2 | OPENAPI_3)) || !look.surface.operations)
		return OURO_ERR_PROTOCOL;
	*ret_surface = look.surface;
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
