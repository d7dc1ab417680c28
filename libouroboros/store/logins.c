/* Sign-ins of the command line in the store. */
#include <string.h>

#include "store/state.h"

#define COLUMNS                                                                                        \
	"id, code, machine, address, challenge, scopes, lifetime, asked, ends, port, state, granted, " \
	"provider, identity, login"

static const char none[] = "no such sign-in waits: it is over, or was answered already";

ouro_status ouro__store_login_add(ouro_store *store, const struct ouro__stored_login *login,
	size_t most, size_t most_address, ouro_error *reterr)
{
	const ouro_login *about = &login->login;
	const struct ouro__cell old[] = {OURO__NUMBER(about->asked)};
	const struct ouro__cell cells[] = {OURO__TEXT(about->id),
		OURO__TEXT_IF(login->code[0], login->code), OURO__TEXT(about->machine),
		OURO__TEXT(about->address), OURO__TEXT(login->challenge),
		OURO__NUMBER(about->scopes), OURO__NUMBER(about->lifetime),
		OURO__NUMBER(about->asked), OURO__NUMBER(about->ends), OURO__NUMBER(about->port),
		OURO__NUMBER(OURO__LOGIN_WAITS), OURO__NUMBER(most), OURO__NUMBER(most_address)};
	struct ouro__change changes[] = {
		{.statement = {.sql = "DELETE FROM ouroboros_login WHERE ends <= $1",
			 .cells = old,
			 .count = 1}},
		{.statement = {.sql = "INSERT INTO ouroboros_login (id, code, machine, address, "
				      "challenge, scopes, lifetime, asked, ends, port, state) "
				      "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 "
				      "WHERE (SELECT count(*) FROM ouroboros_login) < $12 "
				      "AND ($4 = '' OR (SELECT count(*) FROM ouroboros_login "
				      "WHERE address = $4) < $13)",
			 .cells = cells,
			 .count = sizeof(cells) / sizeof(cells[0])},
			.none = OURO_ERR_LIMIT,
			.none_text = "too many sign-ins wait for an answer; try again in a minute"},
	};

	return ouro__store_change(store, store->timeout_ms, changes, 2, reterr);
}

struct found {
	struct ouro__stored_login *login;
	int any;
};

static void take_login(void *user, const char *const *texts)
{
	struct found *found = user;
	struct ouro__stored_login *to = found->login;

	found->any = 1;
	*to = (struct ouro__stored_login){.login = OURO_LOGIN_INIT};
	ouro__row_text(to->login.id, sizeof(to->login.id), texts[0]);
	ouro__row_text(to->code, sizeof(to->code), texts[1]);
	ouro__row_text(to->login.machine, sizeof(to->login.machine), texts[2]);
	ouro__row_text(to->login.address, sizeof(to->login.address), texts[3]);
	ouro__row_text(to->challenge, sizeof(to->challenge), texts[4]);
	to->login.scopes = (uint32_t)ouro__row_number(texts[5], 0);
	to->login.lifetime = ouro__row_number(texts[6], 0);
	to->login.asked = ouro__row_number(texts[7], 0);
	to->login.ends = ouro__row_number(texts[8], 0);
	to->login.port = (int32_t)ouro__row_number(texts[9], 0);
	to->state = (int)ouro__row_number(texts[10], OURO__LOGIN_REFUSED);
	ouro__row_text(to->granted, sizeof(to->granted), texts[11]);
	ouro__row_text(to->owner.provider, sizeof(to->owner.provider), texts[12]);
	to->owner.identity = (uint64_t)ouro__row_number(texts[13], 0);
	ouro__row_text(to->owner.login, sizeof(to->owner.login), texts[14]);
}

ouro_status ouro__store_login_get(ouro_store *store, const char *id, const char *code,
	struct ouro__stored_login *ret_login, ouro_error *reterr)
{
	const struct ouro__cell cells[] = {OURO__TEXT(code ? code : id)};
	struct found found = {ret_login, 0};
	struct ouro__statement statement = {.sql = code
			? "SELECT " COLUMNS " FROM ouroboros_login WHERE code = $1"
			: "SELECT " COLUMNS " FROM ouroboros_login WHERE id = $1",
		.cells = cells,
		.count = 1,
		.row = take_login,
		.user = &found};
	ouro_status rc = ouro__store_read(store, &statement, reterr);

	if (rc == OURO_OK && !found.any)
		rc = ouro__error_set(reterr, OURO_ERR_NOTFOUND, "%s", none);
	return rc;
}

ouro_status ouro__store_login_answer(
	ouro_store *store, const struct ouro__stored_login *login, int64_t now, ouro_error *reterr)
{
	const struct ouro__cell cells[] = {OURO__TEXT(login->login.id), OURO__NUMBER(login->state),
		OURO__TEXT_IF(login->granted[0], login->granted), OURO__TEXT(login->owner.provider),
		OURO__NUMBER(login->owner.identity), OURO__TEXT(login->owner.login),
		OURO__NUMBER(OURO__LOGIN_WAITS), OURO__NUMBER(now)};
	struct ouro__change change = {
		.statement = {.sql = "UPDATE ouroboros_login SET state = $2, granted = $3, "
				     "provider = $4, identity = $5, login = $6 "
				     "WHERE id = $1 AND state = $7 AND ends > $8",
			.cells = cells,
			.count = sizeof(cells) / sizeof(cells[0])},
		.none = OURO_ERR_NOTFOUND,
		.none_text = none};

	return ouro__store_change(store, store->timeout_ms, &change, 1, reterr);
}

ouro_status ouro__store_login_redeem(ouro_store *store, const char *id,
	const struct ouro__stored_token *token, size_t most, int64_t now, ouro_error *reterr)
{
	const struct ouro__cell cells[] = {
		OURO__TEXT(id), OURO__NUMBER(OURO__LOGIN_APPROVED), OURO__NUMBER(now)};
	struct ouro__token_changes set;
	struct ouro__change changes[3] = {
		{.statement = {.sql = "DELETE FROM ouroboros_login "
				      "WHERE id = $1 AND state = $2 AND ends > $3",
			 .cells = cells,
			 .count = 3},
			.none = OURO_ERR_NOTFOUND,
			.none_text = none}};

	ouro__token_changes(&set, token, most, now);
	memcpy(changes + 1, set.changes, sizeof(set.changes));
	return ouro__store_change(store, store->timeout_ms, changes, 3, reterr);
}
