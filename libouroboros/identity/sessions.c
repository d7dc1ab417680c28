/* Sessions as sealed cookies: identity only, never a right. Times, renewal, sign-out and form tokens. Any thread: all that changes is
 * the set of ended sessions, which has its own lock. */
#include "identity/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/options.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/wipe.h"
#include "identity/pack.h"
#include "identity/seen.h"

enum { IDLE_DEFAULT = 1800, ABSOLUTE_DEFAULT = 43200, RENEW_AFTER = 300 };
enum { LAYOUT_VERSION = 1, PROVIDER_GITHUB = 1, SID_SIZE = 16, LOGIN_SIZE = 64 };
/* version, provider, id, sid, authenticated, issued, not after, login */
enum { PLAIN_SIZE = 1 + 1 + 8 + SID_SIZE + 8 + 8 + 8 + LOGIN_SIZE };

struct ouro_sessions {
	ouro__sealer *sealer;
	ouro__seen *ended;
	int64_t idle;
	int64_t absolute;
	int64_t (*clock)(void *user);
	void *clock_user;
};

const ouro__sealer *ouro__sessions_sealer(const ouro_sessions *sessions)
{
	return sessions->sealer;
}

int64_t ouro__sessions_now(const ouro_sessions *sessions)
{
	return sessions->clock ? sessions->clock(sessions->clock_user) : ouro__clock_unix();
}

int ouro__login_sound(const char *login)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t length = strlen(login);

	return length >= 1 && length < LOGIN_SIZE && strspn(login, allowed) == length;
}

ouro_status ouro_sessions_new(
	const ouro_sessions_options *options, ouro_sessions **ret_sessions, ouro_error *reterr)
{
	ouro_sessions_options own = OURO_SESSIONS_OPTIONS_INIT;
	ouro_sessions *sessions;
	ouro_status rc;

	if (!options || !ret_sessions)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "sessions: options are missing");
	rc = ouro__options_import(&own, sizeof(own), options, reterr);
	if (rc < 0)
		return rc;
	sessions = ouro__alloc(1, sizeof(*sessions));
	if (!sessions)
		return ouro__error_nomem(reterr);
	sessions->idle = own.idle_seconds ? own.idle_seconds : IDLE_DEFAULT;
	sessions->absolute = own.absolute_seconds ? own.absolute_seconds : ABSOLUTE_DEFAULT;
	sessions->clock = own.clock;
	sessions->clock_user = own.clock_user;
	rc = ouro__sealer_new(own.keys, own.audience, &sessions->sealer, reterr);
	if (rc == OURO_OK) {
		sessions->ended = ouro__seen_new(OURO__SEEN_MAX);
		if (!sessions->ended)
			rc = ouro__error_nomem(reterr);
	}
	if (rc < 0) {
		ouro_sessions_free(sessions);
		return rc;
	}
	*ret_sessions = sessions;
	return OURO_OK;
}

void ouro_sessions_free(ouro_sessions *sessions)
{
	if (!sessions)
		return;
	ouro__sealer_free(sessions->sealer);
	ouro__seen_free(sessions->ended);
	free(sessions);
}

static ouro_status seal_session(const ouro_sessions *sessions, const ouro_session *session,
	char *ret_text, ouro_error *reterr)
{
	uint8_t plain[PLAIN_SIZE] = {LAYOUT_VERSION, PROVIDER_GITHUB};
	uint8_t *at = plain + 2;
	size_t login = strlen(session->identity.login);

	at = ouro__pack_u64(at, session->identity.id);
	memcpy(at, session->sid, SID_SIZE);
	at = ouro__pack_u64(at + SID_SIZE, (uint64_t)session->authenticated);
	at = ouro__pack_u64(at, (uint64_t)session->issued);
	at = ouro__pack_u64(at, (uint64_t)(session->authenticated + sessions->absolute));
	memcpy(at, session->identity.login, login);
	return ouro__seal(sessions->sealer, OURO__SEAL_SESSION, plain, sizeof(plain), ret_text,
		OURO_SESSION_TEXT_MAX, reterr);
}

/* 1 if the plaintext is one that seal_session() makes. */
static int unpack(
	const uint8_t plain[PLAIN_SIZE], ouro_session *ret_session, int64_t *ret_not_after)
{
	ouro_session session = OURO_SESSION_INIT;
	const uint8_t *at = plain + 2;
	uint64_t authenticated;
	uint64_t issued;
	uint64_t not_after;

	if (plain[0] != LAYOUT_VERSION || plain[1] != PROVIDER_GITHUB)
		return 0;
	at = ouro__unpack_u64(at, &session.identity.id);
	memcpy(session.sid, at, SID_SIZE);
	at = ouro__unpack_u64(at + SID_SIZE, &authenticated);
	at = ouro__unpack_u64(at, &issued);
	at = ouro__unpack_u64(at, &not_after);
	memcpy(session.identity.login, at, LOGIN_SIZE);
	if (!session.identity.id || session.identity.id > INT64_MAX || authenticated > INT64_MAX ||
		issued > INT64_MAX || not_after > INT64_MAX || authenticated > issued)
		return 0;
	session.identity.login[LOGIN_SIZE - 1] = '\0';
	if (!ouro__login_sound(session.identity.login))
		return 0;
	(void)ouro__str_copy(
		session.identity.provider, sizeof(session.identity.provider), "github");
	session.authenticated = (int64_t)authenticated;
	session.issued = (int64_t)issued;
	*ret_session = session;
	*ret_not_after = (int64_t)not_after;
	return 1;
}

/* A cookie lives while now is before its idle end, its absolute end, and what was promised when it was sealed. */
static ouro_status check_times(const ouro_sessions *sessions, const ouro_session *session,
	int64_t not_after, int64_t now, ouro_error *reterr)
{
	if (session->issued > now + OURO__CLOCK_SKEW)
		return ouro__error_set(reterr, OURO_ERR_EXPIRED,
			"the session comes from the future: check the clocks; sign in again");
	if (now - session->issued >= sessions->idle)
		return ouro__error_set(reterr, OURO_ERR_EXPIRED,
			"the session was idle for too long; sign in again");
	if (now >= not_after || now - session->authenticated >= sessions->absolute)
		return ouro__error_set(reterr, OURO_ERR_EXPIRED,
			"the session reached its longest life; sign in again");
	return OURO_OK;
}

static int identity_sound(const ouro_identity *identity)
{
	return identity && identity->size >= sizeof(*identity) && identity->id &&
		identity->id <= INT64_MAX &&
		memchr(identity->provider, 0, sizeof(identity->provider)) &&
		strcmp(identity->provider, "github") == 0 &&
		memchr(identity->login, 0, sizeof(identity->login)) &&
		ouro__login_sound(identity->login);
}

ouro_status ouro_session_begin(ouro_sessions *sessions, const ouro_identity *identity,
	ouro_session *ret_session, char ret_text[OURO_SESSION_TEXT_MAX], ouro_error *reterr)
{
	ouro_session session = OURO_SESSION_INIT;
	ouro_status rc;

	if (!sessions || !ret_session || !ret_text || ret_session->size < sizeof(*ret_session))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"session: an argument is missing, or its size is not set");
	if (!identity_sound(identity))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "session: not an identity of a known provider");
	session.identity = *identity;
	session.identity.size = sizeof(session.identity);
	session.authenticated = ouro__sessions_now(sessions);
	session.issued = session.authenticated;
	if (session.issued < 0 || !ouro__rand(session.sid, sizeof(session.sid)))
		return ouro__error_set(reterr, OURO_ERR_INTERNAL, "no random numbers, or no clock");
	rc = seal_session(sessions, &session, ret_text, reterr);
	if (rc == OURO_OK)
		*ret_session = session;
	return rc;
}

ouro_status ouro_session_open(ouro_sessions *sessions, const char *text, size_t length,
	ouro_session *ret_session, char ret_renewed[OURO_SESSION_TEXT_MAX], ouro_error *reterr)
{
	ouro_session session = OURO_SESSION_INIT;
	char renewed[OURO_SESSION_TEXT_MAX] = "";
	uint8_t plain[PLAIN_SIZE];
	int64_t not_after = 0;
	int64_t now;
	ouro_status rc;

	if (!sessions || !text || !ret_session || !ret_renewed ||
		ret_session->size < sizeof(*ret_session))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"session: an argument is missing, or its size is not set");
	rc = ouro__unseal(
		sessions->sealer, OURO__SEAL_SESSION, text, length, plain, sizeof(plain), reterr);
	if (rc < 0)
		return rc;
	if (!unpack(plain, &session, &not_after))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "session: sealed by another version");
	now = ouro__sessions_now(sessions);
	rc = check_times(sessions, &session, not_after, now, reterr);
	if (rc < 0)
		return rc;
	if (ouro__seen_has(sessions->ended, session.sid))
		return ouro__error_set(reterr, OURO_ERR_EXPIRED,
			"the session was ended by signing out; sign in again");
	if (now - session.issued > RENEW_AFTER) {
		session.issued = now;
		rc = seal_session(sessions, &session, renewed, reterr);
		if (rc < 0)
			return rc;
	}
	*ret_session = session;
	memcpy(ret_renewed, renewed, sizeof(renewed));
	return OURO_OK;
}

void ouro_session_end(ouro_sessions *sessions, const ouro_session *session)
{
	int64_t now;

	if (!sessions || !session || session->size < sizeof(*session))
		return;
	/* No cookie of this session can have been sealed later than now, and none is renewed from here on: all of them are over when
	 * the idle time is. Another replica's clock may be ahead by the skew. */
	now = ouro__sessions_now(sessions);
	(void)ouro__seen_add(
		sessions->ended, session->sid, now + OURO__CLOCK_SKEW + sessions->idle, now);
}

static ouro_status form_mac(const ouro_sessions *sessions, const ouro_session *session, size_t key,
	char ret_token[OURO_FORM_TOKEN_MAX], ouro_error *reterr)
{
	static const char label[] = "form v1";
	uint8_t data[SID_SIZE + sizeof(label)];
	uint8_t mac[OURO__SEAL_MAC_SIZE];
	ouro__buf text = OURO__BUF_INIT(OURO_FORM_TOKEN_MAX - 1);
	ouro_status rc;

	memcpy(data, session->sid, SID_SIZE);
	memcpy(data + SID_SIZE, label, sizeof(label));
	rc = ouro__seal_mac(sessions->sealer, key, data, sizeof(data), mac, reterr);
	if (rc < 0)
		return rc;
	ouro__str_base64url(&text, mac, sizeof(mac));
	if (text.broken)
		rc = ouro__error_nomem(reterr);
	else
		memcpy(ret_token, ouro__buf_str(&text), text.size + 1);
	ouro__buf_wipe(&text);
	return rc;
}

ouro_status ouro_session_form_token(ouro_sessions *sessions, const ouro_session *session,
	char ret_token[OURO_FORM_TOKEN_MAX], ouro_error *reterr)
{
	if (!sessions || !session || !ret_token || session->size < sizeof(*session))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"form token: an argument is missing, or its size is not set");
	return form_mac(sessions, session, 0, ret_token, reterr);
}

ouro_status ouro_session_form_check(ouro_sessions *sessions, const ouro_session *session,
	const char *token, size_t length, ouro_error *reterr)
{
	char right[OURO_FORM_TOKEN_MAX];
	ouro_status rc = OURO_OK;
	int same = 0;

	if (!sessions || !session || !token || session->size < sizeof(*session))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"form token: an argument is missing, or its size is not set");
	/* A form that was open while the keys were rotated still counts. */
	for (size_t key = 0; !same; key++) {
		rc = form_mac(sessions, session, key, right, reterr);
		if (rc < 0)
			break;
		same = length == strlen(right) && ouro__same_secret(token, right, length);
	}
	ouro__wipe(right, sizeof(right));
	if (rc == OURO_ERR_NOTFOUND) /* no key is left to try */
		return ouro__error_set(reterr, OURO_ERR_STATE,
			"the form does not belong to this session; load the page again");
	return rc;
}
