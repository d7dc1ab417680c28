/* The decisions. Pure functions of policy, subject and object; whoever removes a line here breaks a case in tests/access. */
#include <string.h>

#include <ouroboros/portal.h>

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

int ouro__access_visible(const ouro__policy *policy, const struct ouro__subject *subject,
	const struct ouro__object *object)
{
	if (!object || !object->exists)
		return 0;
	return subject->holder || policy->rules.see_others || owner(subject, object) != NULL;
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

int ouro__access_may(const ouro__policy *policy, const struct ouro__subject *subject, int action)
{
	if (subject->holder)
		return action >= OURO_ACTION_SEE_OTHERS && action <= OURO_ACTION_ROUTES;
	switch (action) {
	case OURO_ACTION_SEE_OTHERS: return policy->rules.see_others;
	case OURO_ACTION_RENAME: return policy->rules.rename;
	case OURO_ACTION_EXPIRE: return policy->rules.expire;
	case OURO_ACTION_DELETE: return policy->rules.remove;
	case OURO_ACTION_REGISTER: return policy->rules.enroll;
	case OURO_ACTION_EXIT_NODE: return policy->rules.exit_nodes;
	case OURO_ACTION_ROUTES: return routes_may(policy, subject);
	default: return 0;
	}
}

static const char *rule_name(int action)
{
	switch (action) {
	case OURO_ACTION_SEE_OTHERS: return "see_others";
	case OURO_ACTION_RENAME: return "rename";
	case OURO_ACTION_EXPIRE: return "expire";
	case OURO_ACTION_DELETE: return "delete";
	case OURO_ACTION_REGISTER: return "register";
	case OURO_ACTION_EXIT_NODE: return "exit_nodes";
	default: return "routes";
	}
}

static ouro_status denied(int action, ouro_error *reterr)
{
	return ouro__error_set(reterr, OURO_ERR_DENIED,
		"the rule %s of this installation forbids it; ask the administrator",
		rule_name(action));
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
	const struct ouro__route_request *route, ouro_error *reterr)
{
	const struct ouro__route_rule *rule = route_rule(policy, user->name);
	int exit = ouro__access_exit_prefix(route->prefix);

	/* Forgetting an exit prefix that is no longer offered touches the exit switch's own state: its rule holds. */
	if (exit && route->step == OURO__ROUTE_FORGET)
		return policy->rules.exit_nodes ? OURO_OK : denied(OURO_ACTION_EXIT_NODE, reterr);
	if (rule->mode == OURO__ROUTES_NONE)
		return denied(OURO_ACTION_ROUTES, reterr);
	if (route->step == OURO__ROUTE_APPROVE)
		return decide_approve(rule, route->prefix, reterr);
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

static int well_formed(int action, const struct ouro__route_request *route)
{
	if (action < OURO_ACTION_SEE_OTHERS || action > OURO_ACTION_ROUTES)
		return 0;
	if (action != OURO_ACTION_ROUTES)
		return 1;
	return route && route->prefix && route->step >= OURO__ROUTE_APPROVE &&
		route->step <= OURO__ROUTE_FORGET;
}

ouro_status ouro__access_decide(const ouro__policy *policy, const struct ouro__subject *subject,
	int action, const struct ouro__object *object, const struct ouro__route_request *route,
	ouro_error *reterr)
{
	const struct ouro__access_user *user;

	if (!well_formed(action, route))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "not an action, or no prefix with it");
	if (action == OURO_ACTION_SEE_OTHERS || action == OURO_ACTION_REGISTER) {
		if (subject->holder)
			return OURO_OK;
		if (action == OURO_ACTION_REGISTER)
			return decide_register(policy, object, reterr);
		return policy->rules.see_others ? OURO_OK : denied(action, reterr);
	}
	/* Before any rule, and in the same words for missing, another's and tagged: who asks learns nothing. */
	if (!ouro__access_owns(subject, object))
		return ouro__error_set(
			reterr, OURO_ERR_NOTFOUND, "there is no such device, or it is not yours");
	if (subject->holder)
		return OURO_OK;
	user = owner(subject, object);
	if (action == OURO_ACTION_ROUTES)
		return decide_route(policy, user, route, reterr);
	return ouro__access_may(policy, subject, action) ? OURO_OK : denied(action, reterr);
}
