/* What the channels have in common: calls that wait for their turn, and what a caller is told of one. */
#ifndef OURO_RPC_CALLS_H
#define OURO_RPC_CALLS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"

/* Embedded first in a call. */
struct ouro__queued {
	struct ouro__queued *next;
	int64_t not_before; /* point of ouro__clock_ms(): a repeated call waits a little */
};

/* In the order of their coming; guarded by its channel's lock. Zero = empty. */
struct ouro__queue {
	struct ouro__queued *first;
	struct ouro__queued *last;
};

void ouro__queue_add(struct ouro__queue *queue, struct ouro__queued *item);
/* What is not in it stays as it is. */
void ouro__queue_remove(struct ouro__queue *queue, struct ouro__queued *item);
/* Take out the first whose time has come; NULL = none. */
struct ouro__queued *ouro__queue_take(struct ouro__queue *queue, int64_t now);
/* 1 if one is due. *wake_at is lowered to when the next of the others is. */
int ouro__queue_due(const struct ouro__queue *queue, int64_t now, int64_t *wake_at);

/* A read whose connection broke is tried again so often. */
#define OURO__READ_TRIES 2u
/* Before that, this many ms, some of them by chance; tries: how often it was tried again already. */
int64_t ouro__call_pause_ms(unsigned tries);

/* What the log knows of a server over HTTP; zero = nothing. */
struct ouro__reached {
	char logged[256]; /* the failure */
	int connected;
};
/* 1 = this is news: each failure once, until a connection came about again (failure NULL), and that once. */
int ouro__reached_news(struct ouro__reached *reached, const ouro_error *failure);
/* Its line in the log. */
void ouro__reached_log(const ouro__log *log, const char *where, const ouro_error *failure);

/* Its time is up. sent: bytes of it may have left. UNREACHABLE, TIMEOUT (a read) or UNCERTAIN. */
ouro_status ouro__call_too_late(const char *name, int reads, int sent, ouro_error *reterr);
/* A good answer whose content cannot be read, for the reason in reterr: a write was done all the same. */
ouro_status ouro__call_undecoded(
	const char *name, int reads, ouro_status status, ouro_error *reterr);

/* A part of a request that its buffer did not take: NOMEM, or LIMIT. what: "the request" */
ouro_status ouro__call_unfit(const ouro__buf *buf, const char *what, ouro_error *reterr);

/* The field in front of the key, as one text: owned, ouro__wipe_free(). INVALID: no API key looks like that. */
ouro_status ouro__key_field(
	const char *before, const char *key, char **ret_text, ouro_error *reterr);

#endif
