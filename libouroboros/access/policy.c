/* The policy as a value: made once from map and rules, counted references, lookups. Any thread. */
#include "access/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/nesting.h"
#include "base/options.h"

enum { TEXT_MAX = 1 << 20, DEPTH_MAX = 32, ARENA_MAX = 64 << 20 };

ouro_status ouro__policy_json(
	const char *text, const char *where, struct ouro__faults *faults, json_t **ret_json)
{
	size_t length = strlen(text);
	json_error_t error = {0}; /* jansson does not set all of it */
	json_t *json;

	if (length > TEXT_MAX) {
		ouro__fault(faults, where, "longer than 1 MiB; the whole map has to be smaller");
		return OURO_OK;
	}
	if (!ouro__nesting_within(text, length, DEPTH_MAX)) {
		ouro__fault(faults, where, "nested deeper than %d; it needs three levels at most",
			DEPTH_MAX);
		return OURO_OK;
	}
	json = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	/* Without memory it fails without a word, as a rule. */
	if (!json && (!error.text[0] || json_error_code(&error) == json_error_out_of_memory))
		return ouro__error_nomem(faults->reterr);
	if (!json) {
		ouro__fault(faults, where, "not valid JSON (line %d: %.120s); write a JSON object",
			error.line, error.text);
		return OURO_OK;
	}
	*ret_json = json;
	return OURO_OK;
}

static ouro_status read_both(
	ouro__policy *policy, const ouro_directory_options *options, struct ouro__faults *faults)
{
	json_t *map = NULL;
	json_t *rules = NULL;
	ouro_status rc = OURO_OK;

	if (options->user_map)
		rc = ouro__policy_json(options->user_map, "user_map", faults, &map);
	else
		ouro__fault(
			faults, "user_map", "required: {\"<GitHub id>\": \"<Headscale user>\"}");
	if (rc < 0)
		goto out;
	if (map)
		rc = ouro__policy_read_map(policy, map, faults);
	if (rc < 0)
		goto out;
	if (options->rules)
		rc = ouro__policy_json(options->rules, "rules", faults, &rules);
	if (rc < 0)
		goto out;
	if (rules)
		rc = ouro__policy_read_rules(policy, rules, faults);
out:
	json_decref(rules);
	json_decref(map);
	return rc;
}

ouro_status ouro__policy_new(const ouro_directory_options *options, ouro_fault_fn fault,
	void *fault_user, ouro__policy **ret_policy, ouro_error *reterr)
{
	struct ouro__faults faults = {fault, fault_user, reterr, 0};
	ouro_directory_options own = OURO_DIRECTORY_OPTIONS_INIT;
	ouro__policy *policy = NULL;
	ouro_status rc;

	if (!options || !ret_policy)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "directory: options are missing");
	rc = ouro__options_import(&own, sizeof(own), options, reterr);
	if (rc < 0)
		return rc;
	policy = ouro__alloc(1, sizeof(*policy));
	if (!policy)
		return ouro__error_nomem(reterr);
	atomic_init(&policy->refs, 1);
	policy->rules = (struct ouro__rules){.see_others = 1,
		.rename = 1,
		.expire = 1,
		.remove = 1,
		.enroll = 1,
		.exit_nodes = 1,
		.token_life = OURO__POLICY_TOKEN_LIFE};
	policy->arena = ouro__arena_new(ARENA_MAX);
	if (!policy->arena) {
		rc = ouro__error_nomem(reterr);
		goto out;
	}
	rc = read_both(policy, &own, &faults);
	if (rc < 0)
		goto out;
	if (faults.count) {
		rc = OURO_ERR_CONFIG;
		goto out;
	}
	*ret_policy = policy;
	policy = NULL;
out:
	ouro__policy_unref(policy);
	return rc;
}

ouro__policy *ouro__policy_ref(ouro__policy *policy)
{
	(void)atomic_fetch_add_explicit(&policy->refs, 1, memory_order_relaxed);
	return policy;
}

void ouro__policy_unref(ouro__policy *policy)
{
	if (!policy || atomic_fetch_sub_explicit(&policy->refs, 1, memory_order_acq_rel) != 1)
		return;
	ouro__arena_free(policy->arena);
	free(policy);
}

int ouro__policy_users(const ouro__policy *policy, const char *provider, uint64_t id,
	const char *const **ret_users, size_t *ret_count)
{
	size_t low = 0;
	size_t high = policy->count;

	if (!id || strcmp(provider, "github") != 0)
		return 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct ouro__policy_entry *entry = &policy->entries[middle];

		if (entry->id == id) {
			*ret_users = entry->users;
			*ret_count = entry->count;
			return 1;
		}
		if (entry->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

size_t ouro__policy_count(const ouro__policy *policy)
{
	return policy->count;
}

uint64_t ouro__policy_max_nodes(const ouro__policy *policy)
{
	return policy->rules.max_nodes;
}

const struct ouro__keys_rule *ouro__policy_keys(const ouro__policy *policy)
{
	return &policy->rules.keys;
}

int64_t ouro__policy_extend(const ouro__policy *policy, int *ret_never)
{
	if (ret_never)
		*ret_never = policy->rules.extend_never;
	return policy->rules.extend;
}

int64_t ouro__policy_token_life(const ouro__policy *policy)
{
	return policy->rules.token_life;
}

int ouro__policy_at(const ouro__policy *policy, size_t index, uint64_t *ret_id,
	const char *const **ret_users, size_t *ret_count)
{
	if (index >= policy->count)
		return 0;
	*ret_id = policy->entries[index].id;
	*ret_users = policy->entries[index].users;
	*ret_count = policy->entries[index].count;
	return 1;
}

int ouro__policy_routes_any(const ouro__policy *policy)
{
	int any = policy->rules.routes.mode == OURO__ROUTES_ANY;

	for (size_t i = 0; i < policy->rules.user_routes_count; i++)
		any |= policy->rules.user_routes[i].mode == OURO__ROUTES_ANY;
	return any;
}

int ouro__policy_keeper_at(const ouro__policy *policy, size_t index, const char **ret_tag,
	const char *const **ret_users, size_t *ret_count)
{
	if (index >= policy->rules.keepers_count)
		return 0;
	*ret_tag = policy->rules.keepers[index].tag;
	*ret_users = policy->rules.keepers[index].users;
	*ret_count = policy->rules.keepers[index].user_count;
	return 1;
}

const char *ouro__policy_routes_user(const ouro__policy *policy, size_t index)
{
	return index < policy->rules.user_routes_count ? policy->rules.user_routes[index].user
						       : NULL;
}
