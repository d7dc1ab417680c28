/* Audit lines in the store: a second copy, in order and bounded. */
#include "base/sys.h"
#include "store/state.h"

enum { TIDY_EACH = 128, TOLD_MS = 60000 };

#define DAYS_KEPT 400
#define LINES_KEPT 100000

ouro_status ouro__store_audit_add(
	ouro_store *store, int64_t at, const char *line, ouro_error *reterr)
{
	const struct ouro__cell add[] = {OURO__NUMBER(at), OURO__TEXT(line)};
	const struct ouro__cell old[] = {
		OURO__NUMBER(at - DAYS_KEPT * INT64_C(86400)), OURO__NUMBER(LINES_KEPT)};
	struct ouro__change changes[] = {
		{.statement = {.sql = "INSERT INTO ouroboros_audit (at, line) VALUES ($1, $2)",
			 .cells = add,
			 .count = 2}},
		{.statement = {.sql = "DELETE FROM ouroboros_audit WHERE at < $1 OR number <= "
				      "(SELECT max(number) FROM ouroboros_audit) - $2",
			 .cells = old,
			 .count = 2}},
	};
	int tidy;

	(void)pthread_mutex_lock(&store->lock);
	tidy = store->audit_count++ % TIDY_EACH == 0;
	(void)pthread_mutex_unlock(&store->lock);
	return ouro__store_change(store, store->timeout_ms, changes, tidy ? 2 : 1, reterr);
}

void ouro__store_audit_lost(ouro_store *store, const ouro_error *error)
{
	int64_t now = ouro__clock_ms();
	uint64_t lost = 0;

	(void)pthread_mutex_lock(&store->lock);
	store->lost++;
	if (!store->lost_told || now - store->lost_told >= TOLD_MS) {
		lost = store->lost;
		store->lost = 0;
		store->lost_told = now;
	}
	(void)pthread_mutex_unlock(&store->lock);
	if (lost)
		ouro__log_line(&store->log, OURO_LOG_ERROR,
			"store: audit records that were not kept there: %llu; they are in the audit log only. %s",
			(unsigned long long)lost, error->text);
}
