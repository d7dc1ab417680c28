/* libpq, loaded when a store is in PostgreSQL: with Debian's come LDAP and Kerberos, which nobody shall pay for who does not use it. Never
 * unloaded. Any thread. */
#ifndef OURO_STORE_PQ_H
#define OURO_STORE_PQ_H

#include <libpq-fe.h>

#include "base/error.h"

/* Each as in libpq-fe.h, without the prefix. */
#define OURO__PQ_FUNCTIONS(X)                                                                      \
	X(conninfoParse)                                                                           \
	X(conninfoFree)                                                                            \
	X(freemem)                                                                                 \
	X(connectStartParams)                                                                      \
	X(connectPoll)                                                                             \
	X(setNoticeReceiver)                                                                       \
	X(status)                                                                                  \
	X(transactionStatus)                                                                       \
	X(errorMessage)                                                                            \
	X(socket)                                                                                  \
	X(finish)                                                                                  \
	X(sendQuery)                                                                               \
	X(sendQueryParams)                                                                         \
	X(consumeInput)                                                                            \
	X(isBusy)                                                                                  \
	X(getResult)                                                                               \
	X(resultStatus)                                                                            \
	X(resultErrorField)                                                                        \
	X(ntuples)                                                                                 \
	X(nfields)                                                                                 \
	X(getisnull)                                                                               \
	X(getvalue)                                                                                \
	X(cmdTuples)                                                                               \
	X(clear)

struct ouro__pq {
#define OURO__PQ_MEMBER(name) __typeof__ (&PQ##name)(name);
	OURO__PQ_FUNCTIONS(OURO__PQ_MEMBER)
#undef OURO__PQ_MEMBER
};

/* *ret_pq is a constant. IO: libpq is not installed, or lacks something; the text says what. */
ouro_status ouro__pq_get(const struct ouro__pq **ret_pq, ouro_error *reterr);

#endif
