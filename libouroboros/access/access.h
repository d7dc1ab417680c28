/* Who may do what: the user map and the rules as one immutable value, and the decisions made on it.
 * Pure: no network, no logging, no clock. A policy is shared between threads by reference count. */
#ifndef OURO_ACCESS_ACCESS_H
#define OURO_ACCESS_ACCESS_H

#include <ouroboros/directory.h>

/* Most users of one identity, and prefixes of one route rule; the text's own maximum bounds the
 * number of identities. */
#define OURO__POLICY_USERS_MAX 32
#define OURO__POLICY_PREFIXES_MAX 256

typedef struct ouro__policy ouro__policy;

/* Check map and rules and build a policy; as ouro_directory_load(). Release with ouro__policy_unref(). */
ouro_status ouro__policy_new(const ouro_directory_options *options, ouro_fault_fn fault,
	void *fault_user, ouro__policy **ret_policy, ouro_error *reterr);
ouro__policy *ouro__policy_ref(ouro__policy *policy);
/* NULL is allowed. */
void ouro__policy_unref(ouro__policy *policy);
/* The policy of this moment, owned by the caller: ouro__policy_unref(). */
ouro__policy *ouro__directory_policy(ouro_directory *directory);

/* User names of an identity; borrowed from the policy. 1 = mapped, 0 = not (outputs untouched). */
int ouro__policy_users(const ouro__policy *policy, const char *provider, uint64_t id,
	const char *const **ret_users, size_t *ret_count);
size_t ouro__policy_count(const ouro__policy *policy);
/* The rule max_nodes, 0 = none. */
uint64_t ouro__policy_max_nodes(const ouro__policy *policy);

/* One Headscale user of the person: the name as the map has it, the id as the server's user list has it at this moment. */
struct ouro__access_user {
	const char *name;
	uint64_t id; /* 0 = the server knows no such user: owns nothing */
};

/* Who asks. */
struct ouro__subject {
	int holder; /* 1 = holder of the server's own credentials: no rules */
	const struct ouro__access_user *users;
	size_t user_count;
};

/* What it is about, as just read from the server. Zero = there is no such node. */
struct ouro__object {
	int exists;
	uint64_t user_id;      /* 0 = belongs to nobody */
	const char *user_name; /* for display only, may be NULL: never decides */
	int tagged;            /* 1 = belongs to its tags */
	uint64_t own_count;    /* OURO_ACTION_REGISTER: nodes that the person has now */
};

enum ouro__route_step { OURO__ROUTE_APPROVE = 0, OURO__ROUTE_WITHDRAW = 1, OURO__ROUTE_FORGET = 2 };

/* OURO_ACTION_ROUTES: which prefix. That the node announces it exactly so is for the caller to check. */
struct ouro__route_request {
	int step; /* enum ouro__route_step */
	const char *prefix;
};

/* OURO_OK, or
 *   OURO_ERR_NOTFOUND  missing, another's, tagged: one and the same text, whatever the rules say
 *   OURO_ERR_DENIED    own, but a rule forbids it; the text names the rule
 *   OURO_ERR_INVALID   not an action, or no route request with OURO_ACTION_ROUTES
 * action: enum ouro_action. object may be NULL for SEE_OTHERS and REGISTER (then own_count is 0).
 * route: only for OURO_ACTION_ROUTES. */
ouro_status ouro__access_decide(const ouro__policy *policy, const struct ouro__subject *subject,
	int action, const struct ouro__object *object, const struct ouro__route_request *route,
	ouro_error *reterr);
/* 1 if it exists, is untagged and its user id is one of the subject's (holder: any that exists). */
int ouro__access_owns(const struct ouro__subject *subject, const struct ouro__object *object);
/* 1 if the subject may see it: own, or see_others is "all". */
int ouro__access_visible(const ouro__policy *policy, const struct ouro__subject *subject,
	const struct ouro__object *object);
/* 1 if the rules allow the action with own nodes at all: for showing. */
int ouro__access_may(const ouro__policy *policy, const struct ouro__subject *subject, int action);
/* 1 if the text is 0.0.0.0/0 or ::/0 in any spelling. */
int ouro__access_exit_prefix(const char *prefix);

#endif
