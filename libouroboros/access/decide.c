/* The decisions. Pure functions of policy, subject and object; whoever removes a line here breaks a case in tests/access. */
#include <string.h>

#include <ouroboros/tokens.h>

#include "access/policy.h"
#include "base/error.h"

/* The subject's user whose id the object carries; NULL if it is not his. Names never decide: a user who was deleted and made
 * anew under the same name is somebody else. */
static const struct ouro__access_user *owner(
	const struct ouro__subject *subject, const struct ouro__object *object)
{
	if (!object || !object->exists || object->tagged || !object->user_id)
		return NULL;
	for (size_t i = 0; i < subject->user_count; i++)
		if (subject->users[i].id == object->user_id)
			return &subject->users[i];
	return NULL;
}

int ouro__access_owns(const struct ouro__subject *subject, const struct ouro__object *object)
{
	if (subject->holder)
		return object && object->exists;
	return owner(subject, object) != NULL;
}

int ouro__access_keeps(const ouro__policy *policy, const struct ouro__subject *subject,
	const struct ouro__object *object)
{
	return object && object->exists && !ouro__access_owns(subject, object) &&
		ouro__policy_keeper(policy, subject, object, NULL) != NULL;
}

int ouro__access_visible(const ouro__policy *policy, const struct ouro__subject *subject,
	const struct ouro__object *object)
{
	if (!object || !object->exists || !(subject->scopes & OURO_TOKEN_READ))
		return 0;
	return policy->rules.see_others || ouro__access_owns(subject, object) ||
		ouro__access_keeps(policy, subject, object);
}

static const struct ouro__route_rule *route_rule(const ouro__policy *policy, const char *user)
{
	for (size_t i = 0; i < policy->rules.user_routes_count; i++)
		if (strcmp(policy->rules.user_routes[i].user, user) == 0)
			return &policy->rules.user_routes[i];
	return &policy->rules.routes;
}

int ouro__access_exit_prefix(const char *prefix)
{
	struct ouro__prefix parsed;

	return prefix && ouro__prefix_parse(prefix, &parsed) && ouro__prefix_exit(&parsed);
}

static int routes_may(const ouro__policy *policy, const struct ouro__subject *subject)
{
	if (!subject->user_count)
		return policy->rules.routes.mode != OURO__ROUTES_NONE;
	for (size_t i = 0; i < subject->user_count; i++)
		if (route_rule(policy, subject->users[i].name)->mode != OURO__ROUTES_NONE)
			return 1;
	return 0;
}

/* One row an action: what the credentials must be good for, and the rule that is named when it says no. */
struct action {
	uint32_t scope;
	const char *rule;
};

static const struct action actions[] = {
	[OURO_ACTION_SEE_OTHERS] = {OURO_TOKEN_READ, "see_others"},
	[OURO_ACTION_RENAME] = {OURO_TOKEN_NODES, "rename"},
	[OURO_ACTION_EXPIRE] = {OURO_TOKEN_NODES, "expire"},
	[OURO_ACTION_DELETE] = {OURO_TOKEN_NODES, "delete"},
	[OURO_ACTION_REGISTER] = {OURO_TOKEN_NODES, "register"},
	[OURO_ACTION_EXIT_NODE] = {OURO_TOKEN_ROUTES, "exit_nodes"},
	[OURO_ACTION_ROUTES] = {OURO_TOKEN_ROUTES, "routes"},
	[OURO_ACTION_EXTEND] = {OURO_TOKEN_NODES, "extend_expiry"},
	[OURO_ACTION_KEYS] = {OURO_TOKEN_KEYS, "keys"},
	[OURO_ACTION_TOKENS] = {OURO_TOKEN_READ, "tokens"},
};

static int known(int action)
{
	return action >= 0 && action < (int)(sizeof(actions) / sizeof(actions[0]));
}

/* The rule alone. */
static int allowed(const ouro__policy *policy, const struct ouro__subject *subject, int action)
{
	/* Tokens belong to an account; whoever holds the server's own credentials has none. */
	if (subject->holder)
		return action != OURO_ACTION_TOKENS;
	switch (action) {
	case OURO_ACTION_SEE_OTHERS: return policy->rules.see_others;
	case OURO_ACTION_RENAME: return policy->rules.rename;
	case OURO_ACTION_EXPIRE: return policy->rules.expire;
	case OURO_ACTION_DELETE: return policy->rules.remove;
	case OURO_ACTION_REGISTER: return policy->rules.enroll;
	case OURO_ACTION_EXIT_NODE: return policy->rules.exit_nodes;
	case OURO_ACTION_ROUTES: return routes_may(policy, subject);
	case OURO_ACTION_EXTEND: return policy->rules.extend > 0;
	case OURO_ACTION_KEYS: return policy->rules.keys.longest > 0;
	default: return policy->rules.token_life > 0;
	}
}

int ouro__access_may(const ouro__policy *policy, const struct ouro__subject *subject, int action)
{
	return known(action) && (subject->scopes & actions[action].scope) &&
		allowed(policy, subject, action);
}

static ouro_status denied(int action, ouro_error *reterr)
{
	return ouro__error_set(reterr, OURO_ERR_DENIED,
		"the rule %s of this installation forbids it; ask the administrator",
		actions[action].rule);
}

static ouro_status decide_scope(
	const struct ouro__subject *subject, uint32_t scope, ouro_error *reterr)
{
	if (subject->scopes & scope)
		return OURO_OK;
	return ouro__error_set(reterr, OURO_ERR_DENIED,
		"this token lacks the scope %s; make one that has it",
		ouro_token_scope_name(scope));
}

static ouro_status decide_approve(
	const struct ouro__route_rule *rule, const char *prefix, ouro_error *reterr)
{
	struct ouro__prefix wanted;
	const char *what;

	if (!ouro__prefix_parse(prefix, &wanted))
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"%.64s is not a prefix with its host bits zero: never approved", prefix);
	if (ouro__prefix_exit(&wanted))
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"exit prefixes are only approved by the exit node switch");
	what = ouro__prefix_reserved(&wanted);
	if (what)
		return ouro__error_set(
			reterr, OURO_ERR_DENIED, "%.64s takes in %s: never approved", prefix, what);
	if (rule->mode == OURO__ROUTES_ANY)
		return OURO_OK;
	for (size_t i = 0; i < rule->count; i++)
		if (ouro__prefix_within(&wanted, &rule->prefixes[i]))
			return OURO_OK;
	return ouro__error_set(reterr, OURO_ERR_DENIED,
		"%.64s is outside of what the rule routes allows; ask the administrator to add it",
		prefix);
}

static ouro_status decide_route(const ouro__policy *policy, const struct ouro__access_user *user,
	const struct ouro__access_request *request, ouro_error *reterr)
{
	const struct ouro__route_rule *rule = route_rule(policy, user->name);
	int exit = ouro__access_exit_prefix(request->prefix);

	if (request->step == OURO__ROUTE_KEEP)
		return OURO_OK;
	/* Forgetting an exit prefix that is no longer offered touches the exit switch's own state: its rule holds. */
	if (exit && request->step == OURO__ROUTE_FORGET)
		return policy->rules.exit_nodes ? OURO_OK : denied(OURO_ACTION_EXIT_NODE, reterr);
	if (rule->mode == OURO__ROUTES_NONE)
		return denied(OURO_ACTION_ROUTES, reterr);
	if (request->step == OURO__ROUTE_APPROVE)
		return decide_approve(rule, request->prefix, reterr);
	if (exit)
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"exit prefixes are only withdrawn by the exit node switch");
	/* Taking back is always safe, whatever the list says today. */
	return OURO_OK;
}

static ouro_status decide_register(
	const ouro__policy *policy, const struct ouro__object *object, ouro_error *reterr)
{
	uint64_t most = policy->rules.max_nodes;

	if (!policy->rules.enroll)
		return denied(OURO_ACTION_REGISTER, reterr);
	if (most && object && object->own_count >= most)
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"you have %llu devices and the rule max_nodes allows %llu; remove one first",
			(unsigned long long)object->own_count, (unsigned long long)most);
	return OURO_OK;
}

/* Not further ahead than the rule says. */
static ouro_status decide_ahead(int64_t ahead, int64_t longest, int action, ouro_error *reterr)
{
	int days = longest % 86400 == 0;

	if (ahead <= longest + OURO__ACCESS_CLOCK_SLACK)
		return OURO_OK;
	return ouro__error_set(reterr, OURO_ERR_DENIED,
		"that is further ahead than the %lld%s that the rule %s allows; choose an earlier end",
		(long long)(days ? longest / 86400 : longest / 3600), days ? " days" : " hours",
		actions[action].rule);
}

static ouro_status decide_extend(
	const ouro__policy *policy, const struct ouro__access_request *request, ouro_error *reterr)
{
	if (!policy->rules.extend)
		return denied(OURO_ACTION_EXTEND, reterr);
	if (request->ahead == OURO_TIME_NEVER && policy->rules.extend_never)
		return OURO_OK;
	if (request->ahead == OURO_TIME_NEVER)
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"the rule extend_expiry does not allow keys without an end; choose a date");
	return decide_ahead(request->ahead, policy->rules.extend, OURO_ACTION_EXTEND, reterr);
}

static ouro_status decide_key(
	const ouro__policy *policy, const struct ouro__access_request *request, ouro_error *reterr)
{
	const struct ouro__keys_rule *rule = &policy->rules.keys;

	if (!rule->longest)
		return denied(OURO_ACTION_KEYS, reterr);
	if (request->step != OURO__KEY_CREATE)
		return OURO_OK;
	if (request->reusable && !rule->reusable)
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"the rule keys allows keys for one device only; make one for each");
	if (request->ephemeral && !rule->ephemeral)
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"the rule keys does not allow ephemeral devices; make a key for ordinary ones");
	if (request->alive >= rule->alive)
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"you have %llu keys that are alive and the rule keys allows %llu; end one first",
			(unsigned long long)request->alive, (unsigned long long)rule->alive);
	return decide_ahead(request->ahead, rule->longest, OURO_ACTION_KEYS, reterr);
}

static int well_formed(int action, const struct ouro__access_request *request)
{
	if (!known(action))
		return 0;
	switch (action) {
	case OURO_ACTION_EXTEND: return request != NULL;
	case OURO_ACTION_KEYS:
		return request && request->step >= OURO__KEY_LIST &&
			request->step <= OURO__KEY_REVOKE;
	case OURO_ACTION_ROUTES:
		return request && request->step >= OURO__ROUTE_APPROVE &&
			request->step <= OURO__ROUTE_KEEP &&
			(request->prefix || request->step == OURO__ROUTE_KEEP);
	default: return 1;
	}
}

/* What is about nothing that exists yet. */
static int no_object(int action, const struct ouro__access_request *request)
{
	return action == OURO_ACTION_SEE_OTHERS || action == OURO_ACTION_REGISTER ||
		action == OURO_ACTION_TOKENS ||
		(action == OURO_ACTION_KEYS && request->step != OURO__KEY_REVOKE);
}

/* What the rules say; the object is the person's, or user keeps it. */
static ouro_status decide_rule(const ouro__policy *policy, const struct ouro__subject *subject,
	int action, const struct ouro__object *object, const struct ouro__access_user *user,
	const struct ouro__access_request *request, ouro_error *reterr)
{
	if (subject->holder)
		return allowed(policy, subject, action) ? OURO_OK : denied(action, reterr);
	switch (action) {
	case OURO_ACTION_REGISTER: return decide_register(policy, object, reterr);
	case OURO_ACTION_ROUTES: return decide_route(policy, user, request, reterr);
	case OURO_ACTION_EXTEND: return decide_extend(policy, request, reterr);
	case OURO_ACTION_KEYS: return decide_key(policy, request, reterr);
	default: return allowed(policy, subject, action) ? OURO_OK : denied(action, reterr);
	}
}

ouro_status ouro__access_decide(const ouro__policy *policy, const struct ouro__subject *subject,
	int action, const struct ouro__object *object, const struct ouro__access_request *request,
	ouro_error *reterr)
{
	const struct ouro__access_user *user = owner(subject, object);
	uint32_t scope;
	int remove = 1;
	ouro_status rc;

	if (!well_formed(action, request))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "not an action, or what it needs is missing");
	/* Before any scope or rule, and in the same words for missing, another's and tagged: who asks learns nothing. */
	if (!no_object(action, request) && !ouro__access_owns(subject, object)) {
		if (object && object->exists && action != OURO_ACTION_KEYS)
			user = ouro__policy_keeper(policy, subject, object, &remove);
		if (!user)
			return ouro__error_set(reterr, OURO_ERR_NOTFOUND,
				"there is no such %s, or it is not yours",
				action == OURO_ACTION_KEYS ? "key" : "device");
	}
	scope = actions[action].scope;
	if (action == OURO_ACTION_KEYS && request->step == OURO__KEY_LIST)
		scope = OURO_TOKEN_READ;
	rc = decide_scope(subject, scope, reterr);
	if (rc == OURO_OK)
		rc = decide_rule(policy, subject, action, object, user, request, reterr);
	if (rc == OURO_OK && action == OURO_ACTION_DELETE && !remove)
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"the rule keepers lets you look after this device, not remove it; ask the administrator");
	return rc;
}
