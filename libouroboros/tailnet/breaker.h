/* Keeps a dead server from costing every caller a timeout: after some failures in a row it says "not now" for a while, then lets
 * one attempt through. A plain value; its owner locks. */
#ifndef OURO_TAILNET_BREAKER_H
#define OURO_TAILNET_BREAKER_H

#include <stdint.h>

#define OURO__BREAKER_FAILURES 5
#define OURO__BREAKER_FIRST_MS 1000
#define OURO__BREAKER_LAST_MS 3000

struct ouro__breaker {
	unsigned failures;  /* in a row */
	int64_t delay;      /* ms of the present pause, 0 = closed */
	int64_t open_until; /* point of ouro__clock_ms() */
};

/* 1 = do not try now. */
int ouro__breaker_open(const struct ouro__breaker *breaker, int64_t now);
void ouro__breaker_success(struct ouro__breaker *breaker);
/* jitter: 0 … 255, shortens the pause by up to a quarter so that replicas do not come back as one. */
void ouro__breaker_failure(struct ouro__breaker *breaker, int64_t now, unsigned jitter);

#endif
