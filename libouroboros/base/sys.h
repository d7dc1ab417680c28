/* Clock and randomness. Any thread. */
#ifndef OURO_BASE_SYS_H
#define OURO_BASE_SYS_H

#include <stddef.h>
#include <stdint.h>

/* Unix seconds. */
int64_t ouro__clock_unix(void);
/* Milliseconds of a clock that only goes forward; deadlines are points of it. */
int64_t ouro__clock_ms(void);
/* Fill with random bytes; 1 = ok. */
int ouro__rand(void *data, size_t size);
/* A number in 0 … bound - 1 for jitter, not for secrets; bound > 0. */
uint32_t ouro__rand_below(uint32_t bound);

#endif
