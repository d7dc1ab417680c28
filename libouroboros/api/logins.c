/* Signing in from the command line. A program leaves a challenge (PKCE), a person approves it in the browser, and the program fetches a
 * token with the verifier. With a browser on the same machine a grant comes back with it over the loopback, so that whoever lures
 * somebody into approving a stranger's sign-in gets nothing; without one the person types a code that the program shows. */
#include <stdio.h>
#include <string.h>

#include "api/tokens.h"
#include "base/options.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/wipe.h"
#include "identity/token.h"

enum {
	WAIT_SECONDS = 600,
	WAITING_MAX = 2000,
	WAITING_ADDRESS_MAX = 20,
	ID_SIZE = 16,
	GRANT_SIZE = 32,
	CHALLENGE_TEXT = 43, /* base64url of 32 bytes */
	VERIFIER_MIN = 43,
	VERIFIER_MAX = 128,
	PORT_MIN = 1024,
	PORT_MAX = 65535,
	CODE_TEXT = 8,
	CODE_TRIES = 5
};

/* No vowels, so that no words come out; none that look alike. */
static const char code_letters[] = "BCDFGHJKLMNPQRSTVWXZ";

enum { LETTERS = sizeof(code_letters) - 1 };

static ouro_status not_there(ouro_error *reterr)
{
	return ouro__error_set(reterr, OURO_ERR_NOTFOUND,
		"no such sign-in waits: it is over, or was answered already; begin again in the program");
}

static ouro_status not_yours(ouro_error *reterr)
{
	return ouro__error_set(
		reterr, OURO_ERR_TOKEN, "the sign-in is unknown, over or used up; begin again");
}

static ouro_status no_random(ouro_error *reterr)
{
	return ouro__error_set(reterr, OURO_ERR_INTERNAL, "no random numbers, or no SHA-256");
}

/* Random bytes as base64url; 1 = ok. */
static int random_text(size_t size, char *to, size_t room)
{
	uint8_t data[GRANT_SIZE];
	ouro__buf text = OURO__BUF_INIT(64);
	int made = ouro__rand(data, size);

	if (made) {
		ouro__str_base64url(&text, data, size);
		made = !text.broken && ouro__str_copy(to, room, ouro__buf_str(&text));
	}
	ouro__wipe(data, sizeof(data));
	ouro__buf_wipe(&text);
	return made;
}

/* Every letter as likely as every other. 1 = ok. */
static int random_code(char code[CODE_TEXT + 1])
{
	for (int i = 0; i < CODE_TEXT;) {
		uint8_t byte;

		if (!ouro__rand(&byte, 1))
			return 0;
		if (byte < 256 / LETTERS * LETTERS)
			code[i++] = code_letters[byte % LETTERS];
	}
	code[CODE_TEXT] = '\0';
	return 1;
}

/* base64url of 32 bytes, in the one way to write it. */
static int challenge_valid(const char *text)
{
	uint8_t digest[32];
	size_t size = 0;

	return text && strlen(text) == CHALLENGE_TEXT &&
		ouro__str_unbase64url(text, CHALLENGE_TEXT, digest, sizeof(digest), &size) &&
		size == sizeof(digest);
}

static ouro_status read_wish(const ouro_portal *portal, const ouro_login_wish *wish,
	int64_t longest, ouro_login *login, ouro_error *reterr)
{
	ouro_status rc;

	if (!ouro__token_name_valid(wish->machine))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"a sign-in needs the machine's name: 1 to %d bytes of plain text on one line",
			OURO_LOGIN_MACHINE_MAX - 1);
	if (!challenge_valid(wish->challenge))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"a sign-in needs a challenge: base64url of a SHA-256");
	if (wish->port && (wish->port < PORT_MIN || wish->port > PORT_MAX))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the port has to be 0, or %d to %d", PORT_MIN, PORT_MAX);
	if (wish->lifetime < 0)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "the life of a token cannot be negative");
	rc = ouro__tokens_scopes(wish->scopes, reterr);
	if (rc < 0)
		return rc;
	(void)ouro__str_copy(login->machine, sizeof(login->machine), wish->machine);
	login->scopes = wish->scopes | OURO_TOKEN_READ;
	login->lifetime = wish->lifetime ? wish->lifetime : ouro__tokens_usual(longest);
	login->port = wish->port;
	login->asked = ouro__portal_now(portal);
	login->ends = login->asked + WAIT_SECONDS;
	return ouro__tokens_life(login->lifetime, longest, reterr);
}

/* Store it under an id that nobody can guess, and a code if a person has to type one. */
static ouro_status store_new(
	const ouro_portal *portal, struct ouro__stored_login *login, ouro_error *reterr)
{
	ouro_status rc = OURO_ERR_CONFLICT;

	/* A code is short: once in a while it is taken. */
	for (int i = 0; i < CODE_TRIES && rc == OURO_ERR_CONFLICT; i++) {
		if (!random_text(ID_SIZE, login->login.id, sizeof(login->login.id)) ||
			(!login->login.port && !random_code(login->code)))
			return no_random(reterr);
		rc = ouro__store_login_add(
			portal->options.store, login, WAITING_MAX, WAITING_ADDRESS_MAX, reterr);
	}
	return rc;
}

/* What the rules of the moment say, of a portal without a person. */
static ouro_status longest_now(ouro_portal *portal, int64_t *ret_longest, ouro_error *reterr)
{
	ouro__policy *policy = ouro__directory_policy(portal->directory);
	ouro_status rc = ouro__tokens_on(portal, policy, reterr);

	*ret_longest = ouro__tokens_longest(policy);
	ouro__policy_unref(policy);
	return rc;
}

static int has_room(const ouro_login *login)
{
	return login && login->size >= sizeof(*login);
}

static void give(const ouro_login *login, ouro_login *ret_login)
{
	size_t size = ret_login->size;

	*ret_login = *login;
	ret_login->size = size;
}

ouro_status ouro_login_begin(ouro_portal *portal, const ouro_login_wish *given, const char *address,
	ouro_login *ret_login, char ret_code[OURO_LOGIN_CODE_MAX], ouro_error *reterr)
{
	ouro_login_wish wish = OURO_LOGIN_WISH_INIT;
	struct ouro__stored_login login = {.login = OURO_LOGIN_INIT};
	int64_t longest = 0;
	ouro_status rc;

	if (!portal || !given || !has_room(ret_login) || !ret_code)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"beginning a sign-in: portal, wish or results are missing");
	rc = ouro__options_import(&wish, sizeof(wish), given, reterr);
	if (rc == OURO_OK)
		rc = longest_now(portal, &longest, reterr);
	if (rc == OURO_OK)
		rc = read_wish(portal, &wish, longest, &login.login, reterr);
	if (rc < 0)
		return rc;
	if (address)
		(void)ouro__str_copy(login.login.address, sizeof(login.login.address), address);
	(void)ouro__str_copy(login.challenge, sizeof(login.challenge), wish.challenge);
	rc = store_new(portal, &login, reterr);
	if (rc < 0)
		return rc;
	give(&login.login, ret_login);
	if (login.code[0])
		(void)snprintf(ret_code, OURO_LOGIN_CODE_MAX, "%.4s-%.4s", login.code,
			login.code + CODE_TEXT / 2);
	else
		ret_code[0] = '\0';
	return OURO_OK;
}

/* A code as people type it: case, hyphens and blanks do not matter. 1 = it is one in form. */
static int read_code(const char *text, size_t length, char code[CODE_TEXT + 1])
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (c == '-' || c == ' ')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (!c || !strchr(code_letters, c) || count == CODE_TEXT)
			return 0;
		code[count++] = c;
	}
	code[count] = '\0';
	return count == CODE_TEXT;
}

/* The one that waits for this person's answer. */
static ouro_status waiting(const ouro_person *person, const char *id, const char *code,
	struct ouro__stored_login *login, ouro_error *reterr)
{
	ouro_status rc;

	rc = ouro__store_login_get(person->portal->options.store, id, code, login, reterr);
	if (rc == OURO_ERR_NOTFOUND)
		return not_there(reterr);
	if (rc < 0)
		return rc;
	if (login->state != OURO__LOGIN_WAITS ||
		login->login.ends <= ouro__portal_now(person->portal))
		return not_there(reterr);
	return OURO_OK;
}

/* Who may answer at all. */
static ouro_status may_answer(const ouro_person *person, ouro_error *reterr)
{
	ouro_status rc = ouro__tokens_maker(person, reterr);

	return rc == OURO_OK ? ouro__tokens_on(person->portal, person->policy, reterr) : rc;
}

ouro_status ouro_login_find(const ouro_person *person, const char *text, size_t length,
	ouro_login *ret_login, ouro_error *reterr)
{
	struct ouro__stored_login login;
	char code[CODE_TEXT + 1];
	char id[OURO_LOGIN_ID_MAX];
	int is_code;
	ouro_status rc;

	if (!person || !text || !has_room(ret_login))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"finding a sign-in: person, text or result are missing");
	rc = may_answer(person, reterr);
	if (rc < 0)
		return rc;
	is_code = read_code(text, length, code);
	if (!is_code && (length >= sizeof(id) || memchr(text, 0, length)))
		return not_there(reterr);
	if (!is_code) {
		memcpy(id, text, length);
		id[length] = '\0';
	}
	rc = waiting(person, id, is_code ? code : NULL, &login, reterr);
	if (rc < 0)
		return rc;
	/* A link that is sent around must not stand for a code that somebody typed. */
	if (!is_code && !login.login.port)
		return not_there(reterr);
	give(&login.login, ret_login);
	return OURO_OK;
}

/* Fill in the answer; *ret_grant gets the secret of which only the digest is kept. */
static ouro_status fill_answer(const ouro_person *person, int approve,
	struct ouro__stored_login *login, char ret_grant[OURO_LOGIN_GRANT_MAX], ouro_error *reterr)
{
	ouro_token tokens[OURO__TOKENS_MAX];
	size_t count = 0;
	ouro_status rc;

	ouro__tokens_owner(person, &login->owner);
	login->state = approve ? OURO__LOGIN_APPROVED : OURO__LOGIN_REFUSED;
	if (!approve)
		return OURO_OK;
	rc = ouro__tokens_life(login->login.lifetime, ouro__tokens_longest(person->policy), reterr);
	if (rc == OURO_OK) /* said now, while a person can do something about it */
		rc = ouro__store_token_list(person->portal->options.store, &login->owner,
			ouro__portal_now(person->portal), tokens, OURO__TOKENS_MAX, &count, reterr);
	if (rc < 0)
		return rc;
	if (count >= OURO__TOKENS_MAX)
		return ouro__error_set(reterr, OURO_ERR_LIMIT,
			"you have %d tokens already; revoke one first", OURO__TOKENS_MAX);
	if (login->login.port &&
		(!random_text(GRANT_SIZE, ret_grant, OURO_LOGIN_GRANT_MAX) ||
			!ouro__token_digest(ret_grant, strlen(ret_grant), login->granted)))
		return no_random(reterr);
	return OURO_OK;
}

static void record(const ouro_person *person, const struct ouro__stored_login *login, int approve,
	ouro_status rc, const char *address)
{
	ouro_token planned = OURO_TOKEN_INIT;

	(void)ouro__str_copy(planned.name, sizeof(planned.name), login->login.machine);
	planned.scopes = login->login.scopes;
	planned.expires = ouro__portal_now(person->portal) + login->login.lifetime;
	ouro__tokens_record(
		person, approve ? "login-approve" : "login-refuse", &planned, rc, address);
}

ouro_status ouro_login_answer(const ouro_person *person, const char *id, int approve,
	const char *address, char ret_grant[OURO_LOGIN_GRANT_MAX], ouro_error *reterr)
{
	struct ouro__stored_login login;
	char grant[OURO_LOGIN_GRANT_MAX] = "";
	ouro_status rc;

	if (!person || !id || !ret_grant)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"answering a sign-in: person, id or result are missing");
	rc = may_answer(person, reterr);
	if (rc == OURO_OK)
		rc = waiting(person, id, NULL, &login, reterr);
	if (rc < 0)
		return rc;
	rc = fill_answer(person, approve, &login, grant, reterr);
	if (rc == OURO_OK)
		rc = ouro__store_login_answer(person->portal->options.store, &login,
			ouro__portal_now(person->portal), reterr);
	record(person, &login, approve, rc, address);
	if (rc == OURO_OK)
		memcpy(ret_grant, grant, sizeof(grant));
	else if (rc == OURO_ERR_NOTFOUND)
		rc = not_there(reterr);
	ouro__wipe(grant, sizeof(grant));
	return rc;
}

static int verifier_valid(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'z') ||
			    (text[i] >= 'A' && text[i] <= 'Z') || strchr("-._~", text[i])))
			return 0;
	return length >= VERIFIER_MIN && length <= VERIFIER_MAX;
}

/* 1 if the challenge is the verifier's. */
static int proves(const struct ouro__stored_login *login, const char *verifier)
{
	char digest[OURO__TOKEN_DIGEST_MAX];
	char hex[OURO__TOKEN_DIGEST_MAX];
	uint8_t challenge[32];
	size_t size = 0;

	if (!verifier_valid(verifier) || !ouro__token_digest(verifier, strlen(verifier), digest) ||
		!ouro__str_unbase64url(login->challenge, strlen(login->challenge), challenge,
			sizeof(challenge), &size) ||
		size != sizeof(challenge))
		return 0;
	ouro__str_hex(hex, challenge, sizeof(challenge));
	return ouro__token_same(hex, digest);
}

/* 1 if the grant is the one that the browser was given, where one was. */
static int granted(const struct ouro__stored_login *login, const char *grant)
{
	char digest[OURO__TOKEN_DIGEST_MAX] = "";

	if (!login->login.port)
		return !grant || !grant[0];
	return grant && strlen(grant) < OURO_LOGIN_GRANT_MAX &&
		ouro__token_digest(grant, strlen(grant), digest) &&
		strlen(login->granted) == OURO__DIGEST_MAX - 1 &&
		ouro__token_same(login->granted, digest);
}

/* What was answered, to who can prove to have asked. */
static ouro_status answered(ouro_portal *portal, const char *id, const char *verifier,
	const char *grant, struct ouro__stored_login *login, ouro_error *reterr)
{
	ouro_status rc = ouro__store_login_get(portal->options.store, id, NULL, login, reterr);

	if (rc < 0 && rc != OURO_ERR_NOTFOUND)
		return rc;
	if (rc < 0 || login->login.ends <= ouro__portal_now(portal) || !proves(login, verifier))
		return not_yours(reterr);
	if (login->state == OURO__LOGIN_WAITS)
		return ouro__error_set(reterr, OURO_ERR_PENDING,
			"nobody has approved the sign-in yet; ask again in a few seconds");
	if (login->state != OURO__LOGIN_APPROVED)
		return ouro__error_set(
			reterr, OURO_ERR_REFUSED, "the sign-in was refused in the browser");
	return granted(login, grant) ? OURO_OK : not_yours(reterr);
}

/* Who approved it, with the map and the rules of this moment. */
static ouro_status approver(ouro_portal *portal, const struct ouro__stored_login *login,
	ouro_person **ret_person, ouro_error *reterr)
{
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro_person *person = NULL;
	ouro_status rc;

	identity.id = login->owner.identity;
	memcpy(identity.provider, login->owner.provider, sizeof(identity.provider));
	memcpy(identity.login, login->owner.login, sizeof(identity.login));
	rc = ouro_portal_person(portal, &identity, &person, reterr);
	if (rc == OURO_ERR_UNMAPPED)
		return not_yours(reterr);
	if (rc == OURO_OK)
		rc = ouro__tokens_life(
			login->login.lifetime, ouro__tokens_longest(person->policy), reterr);
	if (rc < 0) {
		ouro_person_free(person);
		return rc;
	}
	*ret_person = person;
	return OURO_OK;
}

/* The token instead of the sign-in. */
static ouro_status exchange(const ouro_person *person, const struct ouro__stored_login *login,
	char text[OURO_TOKEN_TEXT_MAX], struct ouro__stored_token *token, ouro_error *reterr)
{
	int64_t now = ouro__portal_now(person->portal);
	ouro_status rc;

	*token = (struct ouro__stored_token){.owner = login->owner, .token = OURO_TOKEN_INIT};
	(void)ouro__str_copy(token->token.name, sizeof(token->token.name), login->login.machine);
	token->token.scopes = login->login.scopes;
	token->token.created = now;
	token->token.expires = now + login->login.lifetime;
	token->token.used = OURO_TIME_NEVER;
	rc = ouro__token_make(text, token->token.id, token->digest, reterr);
	if (rc < 0)
		return rc;
	rc = ouro__store_login_redeem(person->portal->options.store, login->login.id, token,
		OURO__TOKENS_MAX, now, reterr);
	ouro__tokens_record(person, "token-create", &token->token, rc,
		login->login.address[0] ? login->login.address : NULL);
	return rc == OURO_ERR_NOTFOUND ? not_yours(reterr) : rc;
}

ouro_status ouro_login_redeem(ouro_portal *portal, const char *id, const char *verifier,
	const char *grant, char ret_text[OURO_TOKEN_TEXT_MAX], ouro_token *ret_token,
	ouro_error *reterr)
{
	struct ouro__stored_login login;
	struct ouro__stored_token token;
	char text[OURO_TOKEN_TEXT_MAX] = "";
	ouro_person *person = NULL;
	int64_t longest = 0;
	ouro_status rc;

	if (!portal || !id || !verifier || !ret_text ||
		(ret_token && ret_token->size < sizeof(*ret_token)))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"fetching a token: portal, id, verifier or result are missing");
	rc = longest_now(portal, &longest, reterr);
	if (rc == OURO_OK)
		rc = answered(portal, id, verifier, grant, &login, reterr);
	if (rc == OURO_OK)
		rc = approver(portal, &login, &person, reterr);
	if (rc < 0 || !person)
		return rc;
	rc = exchange(person, &login, text, &token, reterr);
	ouro_person_free(person);
	if (rc == OURO_OK) {
		memcpy(ret_text, text, sizeof(text));
		rc = ouro__token_give(&token.token, ret_token, reterr);
	}
	ouro__wipe(text, sizeof(text));
	return rc;
}
