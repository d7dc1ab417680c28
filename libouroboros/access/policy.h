/* Inside of a policy; only for access/. Everything lives in the policy's arena and never changes once it is built. */
#ifndef OURO_ACCESS_POLICY_H
#define OURO_ACCESS_POLICY_H

#include <stdatomic.h>

#include <jansson.h>

#include "access/access.h"
#include "access/faults.h"
#include "access/prefix.h"
#include "base/alloc.h"

/* Longest life of a token if the rule says nothing: 365 days. */
#define OURO__POLICY_TOKEN_LIFE ((int64_t)365 * 86400)

enum ouro__route_mode { OURO__ROUTES_ANY = 0, OURO__ROUTES_NONE = 1, OURO__ROUTES_LIST = 2 };

struct ouro__route_rule {
	const char *user; /* NULL = everybody else */
			  /* Longest life of a token if the rule says nothing: 365 days. */
#define OURO__POLICY_TOKEN_LIFE ((int64_t)365 * 86400)

	enum ouro__route_mode mode;
	const struct ouro__prefix *prefixes;
	size_t count;
};

/* Who looks after nodes that carry a tag. */
struct ouro__keeper_rule {
	const char *tag;
	const char *const *users;
	size_t user_count;
	int remove; /* 1: may remove them too */
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
	struct ouro__keys_rule keys;
	int64_t extend; /* seconds ahead, 0 = off */
	int extend_never;
	int64_t token_life;                      /* seconds, 0 = off */
	const struct ouro__keeper_rule *keepers; /* by tag */
	size_t keepers_count;
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
/* One rule that is being read. */
struct ouro__rule_place {
	ouro__policy *policy;
	struct ouro__faults *faults;
	const char *where; /* "rules.keys" */
};

/* Readers of a rule's value, as above; to: only for those of one switch. */
typedef ouro_status (*ouro__rule_read_fn)(
	const struct ouro__rule_place *place, const json_t *value, int *to);
ouro_status ouro__rule_read_keys(
	const struct ouro__rule_place *place, const json_t *value, int *to);
ouro_status ouro__rule_read_extend(
	const struct ouro__rule_place *place, const json_t *value, int *to);
ouro_status ouro__rule_read_tokens(
	const struct ouro__rule_place *place, const json_t *value, int *to);
ouro_status ouro__rule_read_keepers(
	const struct ouro__rule_place *place, const json_t *value, int *to);

/* The first of the subject's users whom the rule keepers gives a tag of the object; NULL if none is. *ret_remove (may be NULL):
 * 1 if one of them may also remove it. A user whom the server does not know (id 0) keeps nothing. */
const struct ouro__access_user *ouro__policy_keeper(const ouro__policy *policy,
	const struct ouro__subject *subject, const struct ouro__object *object, int *ret_remove);

/* Why a text cannot be a Headscale user's name, NULL if it can. */
const char *ouro__policy_name_fault(const json_t *value);

#endif
