/* Inside of an open store: whose turn it is, and statements. */
#ifndef OURO_STORE_STATE_H
#define OURO_STORE_STATE_H

#include <pthread.h>

#include "store/backend.h"
#include "store/store.h"

struct ouro_store {
	pthread_mutex_t lock; /* of the members down to audit_count */
	pthread_cond_t left;
	int taken;            /* somebody uses the backend */
	int64_t used_rest;    /* point of ouro__clock_ms(): do not note uses before */
	uint64_t lost;        /* audit lines that were not kept since lost_told */
	int64_t lost_told;    /* point of ouro__clock_ms(), 0 = never */
	uint64_t audit_count; /* lines added by this process */
	const struct ouro__backend *backend;
	void *state; /* the backend's; of who has taken it */
	uint32_t timeout_ms;
	ouro__log log;
};

/* Proves that something can be written; $1 is a number. */
#define OURO__STORE_CHECK_SQL                                                                      \
	"INSERT INTO ouroboros_check (one, at) VALUES (1, $1) "                                    \
	"ON CONFLICT (one) DO UPDATE SET at = excluded.at"

/* A statement that changes something. */
struct ouro__change {
	struct ouro__statement statement;
	ouro_status none;      /* the error if it changed nothing; 0 = that is fine */
	const char *none_text; /* its text */
};

/* Statements that change something, all or nothing; waits for its turn, and for no longer than this in all. */
ouro_status ouro__store_change(ouro_store *store, uint32_t timeout_ms, struct ouro__change *changes,
	size_t count, ouro_error *reterr);
/* A statement that only reads. */
ouro_status ouro__store_read(
	ouro_store *store, struct ouro__statement *statement, ouro_error *reterr);

/* Adding a token: those that are over go, then the new one comes. */
struct ouro__token_changes {
	struct ouro__change changes[2];
	struct ouro__cell now[1];
	struct ouro__cell cells[10];
};

void ouro__token_changes(struct ouro__token_changes *set, const struct ouro__stored_token *token,
	size_t most, int64_t now);

/* Reading rows: a number, and a text that is cut where it does not fit. */
int64_t ouro__row_number(const char *text, int64_t missing);
void ouro__row_text(char *to, size_t room, const char *text);

#endif
