/* Inside of a policy; only for access/. Everything lives in the policy's arena and never changes once it is built. */
#ifndef OURO_ACCESS_POLICY_H
#define OURO_ACCESS_POLICY_H

#include <stdatomic.h>

#include <jansson.h>

#include "access/access.h"
#include "access/faults.h"
#include "access/prefix.h"
#include "base/alloc.h"

enum ouro__route_mode { OURO__ROUTES_ANY = 0, OURO__ROUTES_NONE = 1, OURO__ROUTES_LIST = 2 };

struct ouro__route_rule {
	const char *user; /* NULL = everybody else */
	enum ouro__route_mode mode;
	const struct ouro__prefix *prefixes;
	size_t count;
};

struct ouro__rules {
	int see_others;
	int rename;
	int expire;
	int remove;
	int enroll;
	int exit_nodes;
	uint64_t max_nodes; /* 0 = none */
	struct ouro__route_rule routes;
	const struct ouro__route_rule *user_routes;
	size_t user_routes_count;
};

struct ouro__policy_entry {
	uint64_t id;
	const char *const *users;
	size_t count;
};

struct ouro__policy {
	atomic_uint refs;
	ouro__arena *arena;
	struct ouro__policy_entry *entries; /* by id */
	size_t count;
	struct ouro__rules rules;
};

/* Text of JSON into a value; a fault otherwise. OURO_ERR_NOMEM stays that. ret_json may be NULL after faults. */
ouro_status ouro__policy_json(
	const char *text, const char *where, struct ouro__faults *faults, json_t **ret_json);
/* The two halves; faults are counted in faults, only OURO_ERR_NOMEM is returned. */
ouro_status ouro__policy_read_map(
	ouro__policy *policy, const json_t *json, struct ouro__faults *faults);
ouro_status ouro__policy_read_rules(
	ouro__policy *policy, const json_t *json, struct ouro__faults *faults);
/* Why a text cannot be a Headscale user's name, NULL if it can. */
const char *ouro__policy_name_fault(const json_t *value);

#endif
