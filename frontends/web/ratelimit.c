/* ratelimit.c: token buckets. One mutex guards the table; a take is some hundred nanoseconds. */
#include "ratelimit.h"

#include <arpa/inet.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 8192u /* a power of two */
#define WAYS 8u
#define TOKEN 1000000 /* a token in millionths */

static const struct {
	int burst;
	int per_hour;
} rates[WEB_BUCKETS] = {
	[WEB_BUCKET_SIGNIN] = {10, 600},
	[WEB_BUCKET_SIGNIN_ALL] = {120, 7200},
	[WEB_BUCKET_CALLBACK] = {20, 1200},
	[WEB_BUCKET_WRITE] = {10, 1800},
	[WEB_BUCKET_REGISTER] = {10, 10},
	[WEB_BUCKET_MISS] = {60, 3600},
	[WEB_BUCKET_API] = {120, 36000},
	[WEB_BUCKET_REDEEM] = {60, 7200},
};

struct slot {
	uint64_t key;   /* 0 = free */
	int64_t tokens; /* millionths */
	int64_t stamp;  /* monotonic ms */
};

struct web_limits {
	pthread_mutex_t lock;
	unsigned scale;
	uint8_t secret[16];
	struct slot slots[SLOTS];
};

static uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static uint64_t little(const uint8_t *data, size_t length)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < length; i++)
		value |= (uint64_t)data[i] << (8 * i);
	return value;
}

uint64_t web_siphash(const uint8_t key[16], const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint64_t k0 = little(key, 8), k1 = little(key + 8, 8), word;
	uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
		k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u};
	size_t left = length;
	int i;

	for (; left >= 8; left -= 8, bytes += 8) {
		word = little(bytes, 8);
		v[3] ^= word;
		sip_round(v);
		sip_round(v);
		v[0] ^= word;
	}
	word = little(bytes, left) | (uint64_t)(length & 0xff) << 56;
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct web_limits *web_limits_new(unsigned scale_percent)
{
	struct web_limits *limits = calloc(1, sizeof(*limits));

	if (limits == NULL)
		return NULL;
	limits->scale = scale_percent;
	if (RAND_bytes(limits->secret, sizeof(limits->secret)) != 1 ||
		pthread_mutex_init(&limits->lock, NULL) != 0) {
		free(limits);
		return NULL;
	}
	return limits;
}

void web_limits_free(struct web_limits *limits)
{
	if (limits == NULL)
		return;
	(void)pthread_mutex_destroy(&limits->lock);
	free(limits);
}

/* The bucket of a key, or the one of its few places that was used longest ago: its owner starts afresh, nobody else is
 * touched. */
static struct slot *find_slot(struct web_limits *limits, uint64_t key)
{
	struct slot *oldest = NULL;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		struct slot *slot = &limits->slots[(key + i) & (SLOTS - 1)];

		if (slot->key == key)
			return slot;
		if (oldest == NULL || slot->key == 0 ||
			(oldest->key != 0 && slot->stamp < oldest->stamp))
			oldest = slot;
	}
	oldest->key = 0;
	return oldest;
}

int web_limits_take(struct web_limits *limits, enum web_limit kind, const void *key, size_t length,
	int64_t now_ms)
{
	uint8_t input[40] = {0};
	int64_t most, per_hour, wait = 0;
	struct slot *slot;
	uint64_t hash;

	if (limits->scale == 0)
		return 0;
	most = (int64_t)rates[kind].burst * limits->scale / 100 * TOKEN;
	most = most > TOKEN ? most : TOKEN;
	per_hour = (int64_t)rates[kind].per_hour * limits->scale / 100;
	per_hour = per_hour > 0 ? per_hour : 1;
	input[0] = (uint8_t)kind;
	length = length < sizeof(input) - 1 ? length : sizeof(input) - 1;
	memcpy(input + 1, key, length);
	hash = web_siphash(limits->secret, input, length + 1);
	hash = hash != 0 ? hash : 1;

	(void)pthread_mutex_lock(&limits->lock);
	slot = find_slot(limits, hash);
	if (slot->key == 0) {
		slot->key = hash;
		slot->tokens = most;
	} else if (now_ms > slot->stamp) {
		int64_t passed = now_ms - slot->stamp;

		/* A bucket is full after two hours at the latest; more would only overflow. */
		passed = passed < 7200000 ? passed : 7200000;
		slot->tokens += passed * per_hour * (TOKEN / 1000) / 3600;
		slot->tokens = slot->tokens < most ? slot->tokens : most;
	}
	slot->stamp = now_ms;
	if (slot->tokens >= TOKEN)
		slot->tokens -= TOKEN;
	else
		wait = ((TOKEN - slot->tokens) * 3600 / TOKEN + per_hour - 1) / per_hour;
	(void)pthread_mutex_unlock(&limits->lock);
	return wait > 0 ? (int)(wait < 3600 ? wait : 3600) : 0;
}

int web_limits_take_address(
	struct web_limits *limits, enum web_limit kind, const char *address, int64_t now_ms)
{
	uint8_t bytes[16] = {0};

	if (inet_pton(AF_INET6, address, bytes) == 1)
		return web_limits_take(limits, kind, bytes, 8, now_ms);
	if (inet_pton(AF_INET, address, bytes) == 1)
		return web_limits_take(limits, kind, bytes, 4, now_ms);
	return web_limits_take(limits, kind, address, strlen(address), now_ms);
}
