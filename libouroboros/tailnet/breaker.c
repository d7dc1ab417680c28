/* See breaker.h. Pure. */
#include "tailnet/breaker.h"

int ouro__breaker_open(const struct ouro__breaker *breaker, int64_t now)
{
	return breaker->delay && now < breaker->open_until;
}

void ouro__breaker_success(struct ouro__breaker *breaker)
{
	breaker->failures = 0;
	breaker->delay = 0;
}

void ouro__breaker_failure(struct ouro__breaker *breaker, int64_t now, unsigned jitter)
{
	if (breaker->failures < OURO__BREAKER_FAILURES)
		breaker->failures++;
	if (breaker->failures < OURO__BREAKER_FAILURES)
		return;
	if (!breaker->delay)
		breaker->delay = OURO__BREAKER_FIRST_MS;
	else if (!ouro__breaker_open(breaker, now))
		breaker->delay *= 2;
	if (breaker->delay > OURO__BREAKER_LAST_MS)
		breaker->delay = OURO__BREAKER_LAST_MS;
	breaker->open_until =
		now + breaker->delay - breaker->delay / 4 * (int64_t)(jitter & 255) / 255;
}
