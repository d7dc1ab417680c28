/* Clock and randomness; see sys.h. */
#include "base/sys.h"

#include <limits.h>
#include <sys/random.h>
#include <time.h>

#include "base/crypto.h"

int64_t ouro__clock_unix(void)
{
	return (int64_t)time(NULL);
}

int64_t ouro__clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int ouro__rand(void *data, size_t size)
{
	const struct ouro__crypto *crypto;

	return size <= INT_MAX && ouro__crypto_get(&crypto, NULL) == OURO_OK &&
		crypto->RAND_bytes(data, (int)size) == 1;
}

uint32_t ouro__rand_below(uint32_t bound)
{
	uint32_t value = 0;

	/* The system's, not OpenSSL's: to wake that up for a jitter costs a process 2.5 MB. */
	if (getrandom(&value, sizeof(value), GRND_NONBLOCK) != sizeof(value))
		value = (uint32_t)ouro__clock_ms();
	return value % bound;
}
