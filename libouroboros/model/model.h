/* Nodes, routes and users inside the library: plain immutable values in the arena of one snapshot. A snapshot is filled by one
 * thread, then shared between threads by reference count; nothing in it changes after ouro__snapshot_finish(). */
#ifndef OURO_MODEL_MODEL_H
#define OURO_MODEL_MODEL_H

#include <stdatomic.h>
#include <stdint.h>

#include <ouroboros/model.h>

#include "base/alloc.h"
#include "base/error.h"

/* The user that newer servers show as the owner of tagged nodes: stands for nobody. */
#define OURO__USER_TAGGED_DEVICES UINT64_C(2147455555)

struct ouro_route {
	const char *prefix; /* exactly as announced */
	uint32_t flags;     /* OURO_ROUTE_* */
	uint64_t id;        /* of the server's route object, 0 = there are no such objects */
};

struct ouro__node {
	uint64_t id;
	uint64_t user_id;      /* 0 = nobody */
	const char *user_name; /* "" = nobody */
	const char *given_name;
	const char *name; /* host name as reported */
	const char *const *addresses;
	size_t address_count;
	const char *const *tags; /* effective ones */
	size_t tag_count;
	const struct ouro_route *routes;
	size_t route_count;
	int64_t expiry;
	int64_t last_seen;
	int64_t created;
	int register_method; /* enum ouro_register_method */
	int online;
	int ephemeral;
};

struct ouro__user {
	uint64_t id;
	const char *name; /* may be empty, may occur twice */
};

typedef struct ouro__snapshot ouro__snapshot;
struct ouro__snapshot {
	const struct ouro__node *nodes; /* by id, ascending, no id twice, none 0 */
	size_t node_count;
	const struct ouro__user *users; /* by id, ascending */
	size_t user_count;
	uint32_t capabilities; /* OURO_CAN_* of the server that said so */
	int64_t taken_at;      /* Unix seconds when the read began */
	int64_t taken_ms;      /* the same by ouro__clock_ms() */
	uint64_t hash;         /* of the content; two snapshots that say the same have the same */
	uint64_t generation;   /* set by the tailnet: changes when hash does */
	uint64_t server;       /* set by the tailnet: which server it is from, as it counts them */
	ouro__arena *arena;    /* everything above */
	atomic_uint references;
};

/* The public handle: a view of one node for one person. Embedded by value in lists (snapshot NULL: the list keeps it alive),
 * or made by ouro__node_own(). */
struct ouro_node {
	const struct ouro__node *data;
	ouro__snapshot *snapshot; /* owned reference, NULL = borrowed from a list */
	int mine;                 /* own or kept */
	int kept;                 /* kept, but not own */
	int stale;                /* from a snapshot older than was asked for */
	int64_t as_of;            /* Unix seconds of that snapshot */
};

/* Empty snapshot with one reference; max = bytes of its arena. NULL when out of memory. */
ouro__snapshot *ouro__snapshot_new(size_t max);
/* Put the lists in order and compute the hash. nodes and users are in the arena; a node id 0 or twice is a protocol error. */
ouro_status ouro__snapshot_finish(ouro__snapshot *snapshot, struct ouro__node *nodes,
	size_t node_count, struct ouro__user *users, size_t user_count, ouro_error *reterr);
/* Routes of a node by prefix, so that the order in which a server happens to send them does not count as a change. */
void ouro__routes_sort(struct ouro_route *routes, size_t count);
ouro__snapshot *ouro__snapshot_ref(ouro__snapshot *snapshot);
/* NULL is allowed. */
void ouro__snapshot_unref(ouro__snapshot *snapshot);
/* Borrowed from the snapshot; NULL if there is none. */
const struct ouro__node *ouro__snapshot_node(const ouro__snapshot *snapshot, uint64_t id);
/* Borrowed; NULL if there is none, or if several have the name (then *ret_count > 1; may be NULL). Exact match. */
const struct ouro__user *ouro__snapshot_user(
	const ouro__snapshot *snapshot, const char *name, size_t *ret_count);
/* Borrowed: another node than id with this given name (ASCII case folded), NULL if none. */
const struct ouro__node *ouro__snapshot_name_taken(
	const ouro__snapshot *snapshot, uint64_t id, const char *given_name);

/* Owned handle of a node of the snapshot: takes a reference of its own; ouro_node_free(). */
ouro_status ouro__node_own(ouro__snapshot *snapshot, const struct ouro__node *node, int mine,
	int kept, int stale, ouro_node **ret_node, ouro_error *reterr);
/* The route with exactly this prefix, borrowed; NULL if there is none. */
const struct ouro_route *ouro__node_route_find(const struct ouro__node *node, const char *prefix);
/* 1 if it offers a route or exit prefix that is not approved. */
int ouro__node_waiting(const struct ouro__node *node);
/* The same as the public accessors, on the value. */
int ouro__node_state(const struct ouro__node *node, int64_t now);
int ouro__node_exit_state(const struct ouro__node *node);
uint64_t ouro__node_fingerprint(const struct ouro__node *node);

/* FNV-1a, 64 bits, with lengths mixed in so that "a","bc" and "ab","c" differ. Start with OURO__HASH_INIT. */
#define OURO__HASH_INIT UINT64_C(0xcbf29ce484222325)
uint64_t ouro__hash_bytes(uint64_t hash, const void *data, size_t size);
uint64_t ouro__hash_text(uint64_t hash, const char *value);
uint64_t ouro__hash_u64(uint64_t hash, uint64_t value);

#endif
