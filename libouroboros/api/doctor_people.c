/* The people of map and rules, held against Headscale's users; see doctor_people.h. */
#include "api/doctor_people.h"

#include <stdio.h>
#include <string.h>

#include "access/access.h"
#include "base/str.h"

/* So many are named one by one. */
#define NAMED_MAX 20u
#define SLIP_MAX 2u
#define WHERE_MAX 320

/* A name that a slip of the finger may have been meant for; NULL = none. */
static const char *nearest_user(const ouro__snapshot *snapshot, const char *name)
{
	const char *nearest = NULL;
	size_t best = SLIP_MAX + 1;

	for (size_t i = 0; i < snapshot->user_count; i++) {
		size_t distance = ouro__str_distance(name, snapshot->users[i].name);

		if (distance >= best || !*snapshot->users[i].name)
			continue;
		best = distance;
		nearest = snapshot->users[i].name;
	}
	return nearest;
}

/* 1 = exactly one user is called so. where: what names the user, in the settings' words. */
static int check_user(struct ouro__report *report, const ouro__snapshot *snapshot,
	const char *where, const char *name)
{
	size_t count = 0;
	const struct ouro__user *user = ouro__snapshot_user(snapshot, name, &count);
	const char *nearest;

	if (user)
		return 1;
	if (count > 1) {
		ouro__report_add(report, OURO_FINDING_WRONG,
			"%s: %zu users of Headscale are called \"%s\": nobody can tell whose devices are meant",
			where, count, name);
		ouro__report_advise(report,
			"give all but one another name: headscale users list, headscale users rename");
		return 0;
	}
	nearest = nearest_user(snapshot, name);
	ouro__report_add(
		report, OURO_FINDING_WRONG, "%s: Headscale has no user \"%s\"", where, name);
	ouro__report_advise(report,
		"correct the name%s%s%s, or make the user: headscale users create %s",
		nearest ? " (did you mean " : "", nearest ? nearest : "", nearest ? "?)" : "",
		name);
	return 0;
}

/* Map and rules; NULL = they have faults, which are told already. */
static ouro__policy *read_policy(const struct ouro__strand *strand)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro__policy *policy = NULL;

	ouro_settings_directory(strand->doctor->settings, &options);
	if (!options.user_map || ouro__policy_new(&options, NULL, NULL, &policy, NULL) < 0)
		return NULL;
	return policy;
}

static size_t check_map(
	struct ouro__report *report, const ouro__snapshot *snapshot, const ouro__policy *policy)
{
	const char *const *users;
	size_t user_count;
	size_t bad = 0;
	uint64_t id;

	for (size_t i = 0; ouro__policy_at(policy, i, &id, &users, &user_count); i++)
		for (size_t k = 0; k < user_count && bad < NAMED_MAX; k++) {
			char where[WHERE_MAX];

			(void)snprintf(
				where, sizeof(where), "user_map.%llu", (unsigned long long)id);
			bad += !check_user(report, snapshot, where, users[k]);
		}
	return bad;
}

static size_t check_routes(
	struct ouro__report *report, const ouro__snapshot *snapshot, const ouro__policy *policy)
{
	const char *user;
	size_t bad = 0;

	for (size_t i = 0; (user = ouro__policy_routes_user(policy, i)) && bad < NAMED_MAX; i++)
		bad += !check_user(report, snapshot, "rules.routes", user);
	return bad;
}

void ouro__doctor_people(struct ouro__strand *strand, const ouro__snapshot *snapshot)
{
	struct ouro__report *report = &strand->report;
	ouro__policy *policy = read_policy(strand);
	size_t bad;
	size_t bad_routes;

	if (!policy)
		return;
	bad = check_map(report, snapshot, policy);
	bad_routes = check_routes(report, snapshot, policy);
	if (bad == NAMED_MAX || bad_routes == NAMED_MAX) {
		ouro__report_add(report, OURO_FINDING_NOTE, "there may be more of these");
		ouro__report_advise(report, "correct the first %u, then look again", NAMED_MAX);
	}
	if (!bad)
		ouro__report_add(report, OURO_FINDING_OK,
			"%zu account%s, all with a user of Headscale", ouro__policy_count(policy),
			ouro__policy_count(policy) == 1 ? "" : "s");
	ouro__policy_unref(policy);
}

/* ---- keepers ---- */

/* 1 if some account of the map has this user. */
static int is_mapped(const ouro__policy *policy, const char *name)
{
	const char *const *users;
	size_t count;
	uint64_t id;

	for (size_t i = 0; ouro__policy_at(policy, i, &id, &users, &count); i++)
		for (size_t k = 0; k < count; k++)
			if (strcmp(users[k], name) == 0)
				return 1;
	return 0;
}

static int is_carried(const ouro__snapshot *snapshot, const char *tag)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		for (size_t k = 0; k < snapshot->nodes[i].tag_count; k++)
			if (strcmp(snapshot->nodes[i].tags[k], tag) == 0)
				return 1;
	return 0;
}

static size_t check_keeper(struct ouro__report *report, const ouro__snapshot *snapshot,
	const ouro__policy *policy, const char *where, const char *name)
{
	if (!check_user(report, snapshot, where, name))
		return 1;
	if (is_mapped(policy, name))
		return 0;
	ouro__report_add(report, OURO_FINDING_NOTE,
		"%s: no account of user_map is \"%s\", so that keeper never comes", where, name);
	ouro__report_advise(report, "give somebody this user in user_map, or name another keeper");
	return 1;
}

void ouro__doctor_keepers(struct ouro__strand *strand, const ouro__snapshot *snapshot)
{
	struct ouro__report *report = &strand->report;
	ouro__policy *policy = read_policy(strand);
	const char *const *users;
	const char *tag;
	size_t user_count;
	size_t bad = 0;
	size_t tags = 0;

	for (; policy && ouro__policy_keeper_at(policy, tags, &tag, &users, &user_count); tags++) {
		char where[WHERE_MAX];

		(void)snprintf(where, sizeof(where), "rules.keepers.%.250s", tag);
		for (size_t k = 0; k < user_count && bad < NAMED_MAX; k++)
			bad += check_keeper(report, snapshot, policy, where, users[k]);
		if (is_carried(snapshot, tag))
			continue;
		ouro__report_add(
			report, OURO_FINDING_NOTE, "%s: no device carries this tag", where);
		ouro__report_advise(report,
			"is it spelled as in headscale nodes list --tags? Else nothing needs to be done");
		bad++;
	}
	if (tags && !bad)
		ouro__report_add(report, OURO_FINDING_OK, "%zu tag%s looked after", tags,
			tags == 1 ? " is" : "s are");
	ouro__policy_unref(policy);
}
