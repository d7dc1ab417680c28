/* Personal tokens: who may make which, and the persons that come by them. A token is bound to an identity; what that may do is looked up
 * anew each time, so the map and the rules of the moment hold for tokens as for people. */
#include "api/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/options.h"
#include "base/str.h"
#include "base/wipe.h"
#include "identity/token.h"

enum { DAY = 86400, USUAL_DAYS = 90, USED_STEP = 60 };

struct ouro_token_list {
	size_t count;
	ouro_token items[OURO__TOKENS_MAX];
};

int64_t ouro__tokens_longest(const ouro__policy *policy)
{
	return ouro__policy_token_life(policy);
}

int64_t ouro__tokens_usual(int64_t longest)
{
	return longest < INT64_C(1) * USUAL_DAYS * DAY ? longest : INT64_C(1) * USUAL_DAYS * DAY;
}

ouro_status ouro__tokens_on(
	const ouro_portal *portal, const ouro__policy *policy, ouro_error *reterr)
{
	if (!portal->options.store)
		return ouro__error_set(reterr, OURO_ERR_OFF,
			"personal tokens are off: the administrator sets state_dir to have them");
	if (!ouro__tokens_longest(policy))
		return ouro__error_set(
			reterr, OURO_ERR_OFF, "personal tokens are off by the rule tokens");
	return OURO_OK;
}

ouro_status ouro__tokens_maker(const ouro_person *person, ouro_error *reterr)
{
	if (person->holder)
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"a personal token is a person's: sign in to make one");
	if (person->token[0])
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"a token cannot make tokens: sign in with a browser for it");
	return OURO_OK;
}

ouro_status ouro__tokens_life(int64_t life, int64_t longest, ouro_error *reterr)
{
	if (life <= longest + OURO__ACCESS_CLOCK_SLACK)
		return OURO_OK;
	if (longest % DAY == 0)
		return ouro__error_set(reterr, OURO_ERR_DENIED,
			"a token may live for %lld days at most (rule tokens)",
			(long long)(longest / DAY));
	return ouro__error_set(reterr, OURO_ERR_DENIED,
		"a token may live for %lld hours at most (rule tokens)",
		(long long)(longest / 3600));
}

ouro_status ouro__tokens_scopes(uint32_t scopes, ouro_error *reterr)
{
	if (scopes & ~OURO_TOKEN_ALL)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"there is no such scope; there are read, nodes, routes and keys");
	return OURO_OK;
}

void ouro__tokens_owner(const ouro_person *person, struct ouro__owner *ret_owner)
{
	*ret_owner = (struct ouro__owner){.identity = person->identity.id};
	memcpy(ret_owner->provider, person->identity.provider, sizeof(ret_owner->provider));
	memcpy(ret_owner->login, person->identity.login, sizeof(ret_owner->login));
}

void ouro__scopes_text(uint32_t scopes, char ret_text[OURO__SCOPES_TEXT_MAX])
{
	size_t used = 0;

	ret_text[0] = '\0';
	for (uint32_t scope = OURO_TOKEN_READ;
		ouro_token_scope_name(scope) && used < OURO__SCOPES_TEXT_MAX; scope <<= 1)
		if (scopes & scope)
			used += (size_t)snprintf(ret_text + used, OURO__SCOPES_TEXT_MAX - used,
				"%s%s", used ? ", " : "", ouro_token_scope_name(scope));
}

ouro_status ouro__token_give(const ouro_token *token, ouro_token *ret_token, ouro_error *reterr)
{
	size_t size;

	if (!ret_token)
		return OURO_OK;
	size = ret_token->size;
	if (size < sizeof(*token))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"no place for the token: its size is not set, use OURO_TOKEN_INIT");
	*ret_token = *token;
	ret_token->size = size;
	return OURO_OK;
}

void ouro__tokens_record(const ouro_person *person, const char *action, const ouro_token *token,
	ouro_status rc, const char *address)
{
	struct ouro__audit_record entry = {0};
	char scopes[OURO__SCOPES_TEXT_MAX];
	char end[32] = "?";
	char after[128];
	time_t stamp = (time_t)token->expires;
	struct tm parts;

	ouro__scopes_text(token->scopes, scopes);
	if (gmtime_r(&stamp, &parts))
		(void)strftime(end, sizeof(end), "%Y-%m-%dT%H:%M:%SZ", &parts);
	(void)snprintf(after, sizeof(after), "%s%s%s until %s", token->id, token->id[0] ? ": " : "",
		scopes, end);
	entry.action = action;
	entry.name = token->name;
	entry.after = after;
	entry.result = rc;
	entry.address = address;
	ouro__portal_audit(person, &entry);
}

int64_t ouro_person_tokens_until(const ouro_person *person)
{
	int64_t longest;

	if (!person || !person->portal->options.store || ouro__tokens_maker(person, NULL) < 0)
		return 0;
	longest = ouro__tokens_longest(person->policy);
	return longest ? ouro__portal_now(person->portal) + longest : 0;
}

/* By a token, one sees that one alone. */
static void only(ouro_token_list *list, const char *id)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].id, id) == 0)
			list->items[count++] = list->items[i];
	list->count = count;
}

ouro_status ouro_tokens_list(
	const ouro_person *person, ouro_token_list **ret_list, ouro_error *reterr)
{
	struct ouro__owner owner;
	ouro_token_list *list;
	ouro_status rc;

	if (!person || !ret_list)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "listing tokens needs a person: none given");
	rc = ouro__tokens_on(person->portal, person->policy, reterr);
	if (rc < 0)
		return rc;
	list = ouro__alloc(1, sizeof(*list));
	if (!list)
		return ouro__error_nomem(reterr);
	ouro__tokens_owner(person, &owner);
	if (!person->holder)
		rc = ouro__store_token_list(person->portal->options.store, &owner,
			ouro__portal_now(person->portal), list->items, OURO__TOKENS_MAX,
			&list->count, reterr);
	if (rc < 0) {
		free(list);
		return rc;
	}
	if (person->token[0])
		only(list, person->token);
	*ret_list = list;
	return OURO_OK;
}

size_t ouro_token_list_count(const ouro_token_list *list)
{
	return list ? list->count : 0;
}

const ouro_token *ouro_token_list_at(const ouro_token_list *list, size_t index)
{
	return list && index < list->count ? &list->items[index] : NULL;
}

void ouro_token_list_free(ouro_token_list *list)
{
	free(list);
}

/* What shall be made, from what is wished for. */
static ouro_status plan(const ouro_person *person, const ouro_token_wish *given,
	struct ouro__stored_token *token, ouro_error *reterr)
{
	ouro_token_wish wish = OURO_TOKEN_WISH_INIT;
	int64_t longest = ouro__tokens_longest(person->policy);
	int64_t now = ouro__portal_now(person->portal);
	ouro_status rc = ouro__options_import(&wish, sizeof(wish), given, reterr);

	token->token = (ouro_token)OURO_TOKEN_INIT;
	if (rc < 0)
		return rc;
	if (!ouro__token_name_valid(wish.name))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"a token needs a name of 1 to %d bytes of plain text on one line",
			OURO_TOKEN_NAME_MAX - 1);
	rc = ouro__tokens_scopes(wish.scopes, reterr);
	if (rc < 0)
		return rc;
	(void)ouro__str_copy(token->token.name, sizeof(token->token.name), wish.name);
	token->token.scopes = wish.scopes | OURO_TOKEN_READ;
	token->token.created = now;
	token->token.expires = wish.expires ? wish.expires : now + ouro__tokens_usual(longest);
	token->token.used = OURO_TIME_NEVER;
	if (token->token.expires <= now)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "the end of a token has to lie ahead");
	ouro__tokens_owner(person, &token->owner);
	/* now is far from the ends of its type, an end that was wished for may not be */
	return ouro__tokens_life(token->token.expires - now, longest, reterr);
}

ouro_status ouro_token_create(const ouro_person *person, const ouro_token_wish *wish,
	const char *address, char ret_text[OURO_TOKEN_TEXT_MAX], ouro_token *ret_token,
	ouro_error *reterr)
{
	struct ouro__stored_token token = {0};
	char text[OURO_TOKEN_TEXT_MAX] = "";
	ouro_status rc;

	if (!person || !wish || !ret_text)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"making a token needs a person and a wish: none given");
	if (ret_token && ret_token->size < sizeof(*ret_token))
		return ouro__token_give(&token.token, ret_token, reterr);
	rc = ouro__tokens_maker(person, reterr);
	if (rc == OURO_OK)
		rc = ouro__tokens_on(person->portal, person->policy, reterr);
	if (rc == OURO_OK)
		rc = plan(person, wish, &token, reterr);
	if (rc == OURO_OK)
		rc = ouro__token_make(text, token.token.id, token.digest, reterr);
	if (rc == OURO_OK) {
		rc = ouro__store_token_add(person->portal->options.store, &token, OURO__TOKENS_MAX,
			token.token.created, reterr);
		ouro__tokens_record(person, "token-create", &token.token, rc, address);
	}
	if (rc == OURO_OK) {
		memcpy(ret_text, text, sizeof(text));
		rc = ouro__token_give(&token.token, ret_token, reterr);
	}
	ouro__wipe(text, sizeof(text));
	return rc;
}

ouro_status ouro_token_revoke(
	const ouro_person *person, const char *id, const char *address, ouro_error *reterr)
{
	struct ouro__audit_record entry = {0};
	struct ouro__stored_token token = {0};
	struct ouro__owner owner;
	ouro_store *store;
	ouro_status rc;

	if (!person || !id)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"revoking a token needs a person and an id: none given");
	rc = ouro__tokens_on(person->portal, person->policy, reterr);
	if (rc < 0)
		return rc;
	if (person->holder || (person->token[0] && strcmp(person->token, id) != 0))
		return ouro__error_set(reterr, OURO_ERR_NOTFOUND, "no such token");
	store = person->portal->options.store;
	ouro__tokens_owner(person, &owner);
	/* For the record only: another's name is not told. */
	if (ouro__store_token_get(store, id, &token, NULL) == OURO_OK &&
		token.owner.identity == owner.identity &&
		strcmp(token.owner.provider, owner.provider) == 0)
		entry.name = token.token.name;
	rc = ouro__store_token_drop(store, &owner, id, reterr);
	entry.action = "token-revoke";
	entry.before = id;
	entry.after = rc == OURO_OK ? "revoked" : NULL;
	entry.result = rc;
	entry.address = address;
	ouro__portal_audit(person, &entry);
	return rc;
}

static ouro_status refuse(ouro_error *reterr)
{
	return ouro__error_set(reterr, OURO_ERR_TOKEN,
		"the personal token is unknown, over or revoked; make a new one");
}

/* The token that the text proves. */
static ouro_status prove(ouro_portal *portal, const char *text, size_t length, int64_t now,
	struct ouro__stored_token *token, ouro_error *reterr)
{
	char digest[OURO__TOKEN_DIGEST_MAX];
	char id[OURO_TOKEN_ID_MAX];
	int same;
	ouro_status rc;

	if (!ouro__token_parse(text, length, id, digest))
		return refuse(reterr);
	rc = ouro__store_token_get(portal->options.store, id, token, reterr);
	if (rc == OURO_ERR_NOTFOUND)
		return refuse(reterr);
	if (rc < 0)
		return rc;
	same = ouro__token_same(token->digest, digest);
	return same && token->token.expires > now ? OURO_OK : refuse(reterr);
}

ouro_status ouro_portal_person_by_token(ouro_portal *portal, const char *text, size_t length,
	ouro_person **ret_person, ouro_error *reterr)
{
	struct ouro__stored_token token = {0};
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro__policy *policy;
	ouro_person *person = NULL;
	int64_t now;
	ouro_status rc;

	if (!portal || !text || !ret_person)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"a person by token needs a portal and a text: none given");
	policy = ouro__directory_policy(portal->directory);
	rc = ouro__tokens_on(portal, policy, reterr);
	ouro__policy_unref(policy);
	if (rc < 0)
		return rc;
	now = ouro__portal_now(portal);
	rc = prove(portal, text, length, now, &token, reterr);
	if (rc < 0)
		return rc;
	identity.id = token.owner.identity;
	memcpy(identity.provider, token.owner.provider, sizeof(identity.provider));
	memcpy(identity.login, token.owner.login, sizeof(identity.login));
	rc = ouro_portal_person(portal, &identity, &person, reterr);
	if (rc < 0)
		return rc;
	person->scopes = token.token.scopes & OURO_TOKEN_ALL;
	memcpy(person->token, token.token.id, sizeof(person->token));
	if (token.token.used == OURO_TIME_NEVER || now - token.token.used >= USED_STEP)
		ouro__store_token_used(portal->options.store, token.token.id, now);
	*ret_person = person;
	return OURO_OK;
}
