/* RFC 3339 times and Unix seconds. Pure. */
#ifndef OURO_RPC_JSON_TIME_H
#define OURO_RPC_JSON_TIME_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* 1 and the second in which the time lies, OURO_TIME_NEVER for the first day of year 1 and before; 0 = not a time. Any offset, up to nine digits
 * of fraction. */
int ouro__json_time(const char *text, size_t length, int64_t *ret_seconds);
/* Append as "…Z". 0 = not a year of four digits. */
int ouro__json_time_put(ouro__buf *buf, int64_t seconds);

#endif
