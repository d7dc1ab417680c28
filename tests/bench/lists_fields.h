/* All fields of a node of 0.29, as tables; for lists*.c alone. fields.c of the library has those that it uses. */
#ifndef OURO_BENCH_LISTS_FIELDS_H
#define OURO_BENCH_LISTS_FIELDS_H

#include "base/buf.h"
#include "rpc/table.h"

struct moment {
	uint64_t seconds;
	uint64_t nanos;
};

struct person {
	uint64_t id;
	const char *name;
	struct moment *created;
	const char *display_name;
	const char *email;
	const char *provider_id;
	const char *provider;
	const char *picture;
};

struct key {
	struct person *user;
	uint64_t id;
	const char *key;
	int32_t reusable;
	int32_t ephemeral;
	int32_t used;
	struct moment *expiration;
	struct moment *created;
	struct ouro__texts tags;
};

struct device {
	uint64_t id;
	const char *machine_key;
	const char *node_key;
	const char *disco_key;
	struct ouro__texts addresses;
	const char *name;
	struct person *user;
	struct moment *last_seen;
	struct moment *expiry;
	struct key *pre_auth_key;
	struct moment *created;
	int32_t register_method;
	const char *given_name;
	int32_t online;
	struct ouro__texts approved_routes;
	struct ouro__texts available_routes;
	struct ouro__texts subnet_routes;
	struct ouro__texts tags;
};

struct devices {
	struct ouro__messages devices;
};

extern const struct ouro__message bench_moment;
extern const struct ouro__message bench_devices;

/* As a server writes it: every field, null for messages that are absent, times with their fraction. */
void lists_json(ouro__buf *buf, const struct ouro__message *message, const void *object);

#endif
