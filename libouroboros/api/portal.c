/* Portal and persons. A portal borrows tailnet and directory; a person owns a reference to the policy of its moment, so a
 * reload never changes a request half way. Any thread. */
#include "api/portal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/options.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/thread.h"
#include "store/store.h"

static int init_locks(ouro_portal *portal)
{
	if (pthread_mutex_init(&portal->audit_lock, NULL) != 0)
		return 0;
	if (pthread_mutex_init(&portal->keys_lock, NULL) == 0) {
		if (ouro__cond_init(&portal->keys_changed))
			return 1;
		(void)pthread_mutex_destroy(&portal->keys_lock);
	}
	(void)pthread_mutex_destroy(&portal->audit_lock);
	return 0;
}

ouro_status ouro_portal_new(ouro_tailnet *tailnet, ouro_directory *directory,
	const ouro_portal_options *options, ouro_portal **ret_portal, ouro_error *reterr)
{
	ouro_portal *portal;
	ouro_status rc;

	if (!tailnet || !directory || !ret_portal)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "a portal needs a tailnet and a directory");
	portal = ouro__alloc(1, sizeof(*portal));
	if (!portal)
		return ouro__error_nomem(reterr);
	rc = ouro__options_import(&portal->options, sizeof(portal->options), options, reterr);
	if (rc < 0 || !init_locks(portal)) {
		free(portal);
		return rc < 0 ? rc : ouro__error_nomem(reterr);
	}
	portal->tailnet = tailnet;
	portal->directory = directory;
	*ret_portal = portal;
	return OURO_OK;
}

void ouro_portal_free(ouro_portal *portal)
{
	if (!portal)
		return;
	(void)pthread_cond_destroy(&portal->keys_changed);
	(void)pthread_mutex_destroy(&portal->keys_lock);
	(void)pthread_mutex_destroy(&portal->audit_lock);
	free(portal);
}

int64_t ouro__portal_now(const ouro_portal *portal)
{
	return portal->options.clock ? portal->options.clock(portal->options.clock_user)
				     : ouro__clock_unix();
}

int64_t ouro__portal_ahead(const ouro_portal *portal, int64_t until)
{
	int64_t now = ouro__portal_now(portal);

	if (until == OURO_TIME_NEVER)
		return until;
	return until > now ? until - now : 0;
}

static ouro_person *person_new(ouro_portal *portal)
{
	ouro_person *person = ouro__alloc(1, sizeof(*person));

	if (!person)
		return NULL;
	person->portal = portal;
	person->policy = ouro__directory_policy(portal->directory);
	person->identity = (ouro_identity)OURO_IDENTITY_INIT;
	person->scopes = OURO_TOKEN_ALL; /* who came by a token gets less */
	return person;
}

ouro_status ouro_portal_person(ouro_portal *portal, const ouro_identity *identity,
	ouro_person **ret_person, ouro_error *reterr)
{
	ouro_person *person;
	ouro_status rc;

	if (!portal || !identity || !ret_person)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "a person needs a portal and an identity");
	person = person_new(portal);
	if (!person)
		return ouro__error_nomem(reterr);
	rc = ouro__options_import(&person->identity, sizeof(person->identity), identity, reterr);
	if (rc < 0)
		goto out;
	person->identity.provider[sizeof(person->identity.provider) - 1] = '\0';
	person->identity.login[sizeof(person->identity.login) - 1] = '\0';
	if (!ouro__policy_users(person->policy, person->identity.provider, person->identity.id,
		    &person->users, &person->user_count)) {
		rc = ouro__error_set(reterr, OURO_ERR_UNMAPPED,
			"the %s account %llu is not in the user map; the administrator adds it to user_map",
			person->identity.provider, (unsigned long long)person->identity.id);
		goto out;
	}
	*ret_person = person;
	person = NULL;
out:
	ouro_person_free(person);
	return rc;
}

ouro_status ouro_person_holder(ouro_portal *portal, ouro_person **ret_person, ouro_error *reterr)
{
	ouro_person *person;

	if (!portal || !ret_person)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "a person needs a portal");
	person = person_new(portal);
	if (!person)
		return ouro__error_nomem(reterr);
	person->holder = 1;
	*ret_person = person;
	return OURO_OK;
}

void ouro_person_free(ouro_person *person)
{
	if (!person)
		return;
	ouro__policy_unref(person->policy);
	free(person->shoes);
	free(person);
}

size_t ouro_person_user_count(const ouro_person *person)
{
	return person ? person->user_count : 0;
}

const char *ouro_person_user(const ouro_person *person, size_t index)
{
	return person && index < person->user_count ? person->users[index] : NULL;
}

uint32_t ouro_person_scopes(const ouro_person *person)
{
	return person ? person->scopes : 0;
}

const ouro_identity *ouro_person_identity(const ouro_person *person)
{
	return person ? &person->identity : NULL;
}

const char *ouro_person_token(const ouro_person *person)
{
	return person ? person->token : "";
}

int ouro_person_may(const ouro_person *person, int action)
{
	struct ouro__subject subject = {0};

	if (!person)
		return 0;
	subject.holder = person->holder;
	subject.scopes = person->scopes;
	return ouro__access_may(person->policy, &subject, action);
}

/* To the caller's sink, in order, and to the store. What it tells of has happened: it fails nothing. */
static void keep_line(ouro_portal *portal, int64_t at, const char *line, size_t length)
{
	ouro_error error = OURO_ERROR_INIT;

	if (portal->options.audit) {
		(void)pthread_mutex_lock(&portal->audit_lock);
		portal->options.audit(portal->options.audit_user, line, length);
		(void)pthread_mutex_unlock(&portal->audit_lock);
	}
	if (portal->options.store &&
		ouro__store_audit_add(portal->options.store, at, line, &error) < 0)
		ouro__store_audit_lost(portal->options.store, &error);
}

void ouro__portal_audit(const ouro_person *person, struct ouro__audit_record *record)
{
	/* Out of memory must not hide that something was done. */
	static const char lost[] = "{\"error\":\"an audit record was lost: out of memory\"}";
	ouro_portal *portal = person->portal;
	ouro__buf line = OURO__BUF_INIT(OURO__AUDIT_LINE_MAX);

	if (!portal->options.audit && !portal->options.store)
		return;
	record->time = ouro__portal_now(portal);
	record->provider = person->identity.provider;
	record->identity = person->identity.id;
	record->login = person->identity.login;
	record->holder = person->holder;
	record->token = person->token[0] ? person->token : NULL;
	if (ouro__audit_line(record, &line, NULL) < 0)
		keep_line(portal, record->time, lost, sizeof(lost) - 1);
	else
		keep_line(portal, record->time, ouro__buf_str(&line), line.size);
	ouro__buf_done(&line);
}
