/* Who may do what: the user map and the rules as one immutable value, and the decisions made on it.
 * Pure: no network, no logging, no clock. A policy is shared between threads by reference count. */
#ifndef OURO_ACCESS_ACCESS_H
#define OURO_ACCESS_ACCESS_H

#include <ouroboros/directory.h>

/* Most users of one identity, and prefixes of one route rule; the text's own maximum bounds the
 * number of identities. */
#define OURO__POLICY_USERS_MAX 32
#define OURO__POLICY_PREFIXES_MAX 256
/* Most users who keep one tag. */
#define OURO__POLICY_KEEPERS_MAX 256

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
/* The index-th identity, in the order of their ids, and its users; borrowed. 0 = out of range. */
int ouro__policy_at(const ouro__policy *policy, size_t index, uint64_t *ret_id,
	const char *const **ret_users, size_t *ret_count);
/* The index-th tag of the rule keepers, and who keeps it; borrowed. 0 = out of range. */
int ouro__policy_keeper_at(const ouro__policy *policy, size_t index, const char **ret_tag,
	const char *const **ret_users, size_t *ret_count);
/* The index-th user with a rule routes of his own; borrowed. NULL = out of range. */
const char *ouro__policy_routes_user(const ouro__policy *policy, size_t index);
/* 1 if some owner may approve whatever prefix a device announces. */
int ouro__policy_routes_any(const ouro__policy *policy);
/* The rule max_nodes, 0 = none. */
uint64_t ouro__policy_max_nodes(const ouro__policy *policy);

/* The rule keys. */
struct ouro__keys_rule {
	int64_t longest; /* seconds ahead; 0 = the rule is off */
	int reusable;
	int ephemeral;
	uint64_t alive; /* most keys of one person that are alive at a time */
};
const struct ouro__keys_rule *ouro__policy_keys(const ouro__policy *policy);
/* The rule extend_expiry: longest time ahead in seconds, 0 = off. *ret_never (may be NULL): 1 = also no end at all. */
int64_t ouro__policy_extend(const ouro__policy *policy, int *ret_never);
/* The rule tokens: longest life in seconds, 0 = off. */
int64_t ouro__policy_token_life(const ouro__policy *policy);

/* One Headscale user of the person: the name as the map has it, the id as the server's user list has it at this moment. */
struct ouro__access_user {
	const char *name;
	uint64_t id; /* 0 = the server knows no such user: owns nothing */
};

/* Who asks. Whoever fills it says what the credentials at hand are good for: zero is nothing at all. */
struct ouro__subject {
	int holder; /* 1 = holder of the server's own credentials: no rules */
	const struct ouro__access_user *users;
	size_t user_count;
	uint32_t scopes; /* OURO_TOKEN_* */
};

/* What it is about, as just read from the server: a node, or a pre-auth key. Zero = there is no such thing. */
struct ouro__object {
	int exists;
	uint64_t user_id;        /* 0 = belongs to nobody */
	const char *user_name;   /* for display only, may be NULL: never decides */
	int tagged;              /* 1 = belongs to its tags */
	uint64_t own_count;      /* OURO_ACTION_REGISTER: nodes that the person has now */
	const char *const *tags; /* effective ones, whoever owns it: for the rule keepers */
	size_t tag_count;
};

enum ouro__route_step {
	OURO__ROUTE_APPROVE = 0,
	OURO__ROUTE_WITHDRAW = 1,
	OURO__ROUTE_FORGET = 2,
	OURO__ROUTE_KEEP = 3 /* leave all as it is: no rule is asked, prefix may be NULL */
};

enum ouro__key_step { OURO__KEY_LIST = 0, OURO__KEY_CREATE = 1, OURO__KEY_REVOKE = 2 };

/* Clocks differ: what is asked for may be so many seconds further ahead than a rule says. */
#define OURO__ACCESS_CLOCK_SLACK 60

/* What of it. Zero where the action needs no more than the object. */
struct ouro__access_request {
	int step; /* ROUTES: enum ouro__route_step, KEYS: enum ouro__key_step */
	const char *
		prefix; /* ROUTES; that the node announces it exactly so is for the caller to check */
	int64_t ahead;  /* EXTEND, KEY_CREATE: seconds from now; OURO_TIME_NEVER = no end at all */
	int reusable;   /* KEY_CREATE */
	int ephemeral;  /* KEY_CREATE */
	uint64_t alive; /* KEY_CREATE: keys of the person that are alive now */
};

/* OURO_OK, or
 *   OURO_ERR_NOTFOUND  missing, another's, tagged and not kept: one and the same text, whatever scopes and rules say
 *   OURO_ERR_DENIED    own or kept, but a scope is missing (said first) or a rule forbids it; the text names it
 *   OURO_ERR_INVALID   not an action, or no request with EXTEND, ROUTES or KEYS
 * action: enum ouro_action. object may be NULL for SEE_OTHERS, TOKENS, making and listing keys, and REGISTER (then own_count
 * is 0). request: only for EXTEND, ROUTES and KEYS. */
ouro_status ouro__access_decide(const ouro__policy *policy, const struct ouro__subject *subject,
	int action, const struct ouro__object *object, const struct ouro__access_request *request,
	ouro_error *reterr);
/* 1 if it exists, is untagged and its user id is one of the subject's (holder: any that exists). */
int ouro__access_owns(const struct ouro__subject *subject, const struct ouro__object *object);
/* 1 if it is not the subject's own, but the rule keepers gives one of its tags to one of the subject's users. */
int ouro__access_keeps(const ouro__policy *policy, const struct ouro__subject *subject,
	const struct ouro__object *object);
/* 1 if the subject may see it: own, kept, or see_others is "all"; nothing without the scope read. */
int ouro__access_visible(const ouro__policy *policy, const struct ouro__subject *subject,
	const struct ouro__object *object);
/* 1 if scopes and rules allow the action with own nodes at all: for showing. */
int ouro__access_may(const ouro__policy *policy, const struct ouro__subject *subject, int action);
/* 1 if the text is 0.0.0.0/0 or ::/0 in any spelling. */
int ouro__access_exit_prefix(const char *prefix);

#endif
