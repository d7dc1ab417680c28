/* ratelimit.h: token buckets in a table of fixed size, keyed by a keyed hash so that nobody can aim at a slot. Any thread. */
#ifndef OURO_WEB_RATELIMIT_H
#define OURO_WEB_RATELIMIT_H

#include <stddef.h>
#include <stdint.h>

enum web_limit {
	WEB_BUCKET_SIGNIN = 0,     /* sign-ins begun, an address */
	WEB_BUCKET_SIGNIN_ALL = 1, /* sign-ins begun, everybody together */
	WEB_BUCKET_CALLBACK = 2,   /* callbacks, an address */
	WEB_BUCKET_WRITE = 3,      /* changes, a person */
	WEB_BUCKET_REGISTER = 4,   /* registrations, a person */
	WEB_BUCKET_MISS =
		5, /* pages that do not exist asked for without a session, and API requests without a good token, an address */
	WEB_BUCKET_API = 6,    /* requests to the API, a person */
	WEB_BUCKET_REDEEM = 7, /* questions for a token of the command line, an address */
	WEB_BUCKETS = 8
};

struct web_limits;

/* scale_percent: 100 = the rates of the table in ratelimit.c; 0 = no limits at all. NULL without memory or randomness. */
struct web_limits *web_limits_new(unsigned scale_percent);
void web_limits_free(struct web_limits *limits);
/* Takes one token. 0 = allowed, else after how many seconds to try again. now_ms is monotonic. */
int web_limits_take(struct web_limits *limits, enum web_limit kind, const void *key, size_t length,
	int64_t now_ms);
/* The same for an address as text: IPv6 counts by /64. */
int web_limits_take_address(
	struct web_limits *limits, enum web_limit kind, const char *address, int64_t now_ms);
/* SipHash-2-4. */
uint64_t web_siphash(const uint8_t key[16], const void *data, size_t length);

#endif
