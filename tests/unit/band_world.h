/* A server of any generation without a network, with nodes, routes, users and pre-auth keys as that generation has them, and a portal in
 * front of it. It keeps words of what would have changed something, so that a test can say what went out, or that nothing did. */
#ifndef BAND_WORLD_H
#define BAND_WORLD_H

#include <ouroboros/ouroboros.h>

#include "fake_pages.h"

enum {
	WORLD_MIA = 3, /* users */
	WORLD_TOM = 4,
	WORLD_ROUTER =
		7, /* mia's; offers 10.0.0.0/24 (approved), 192.168.7.0/24 and both exit prefixes */
	WORLD_PHONE = 8,   /* tom's */
	WORLD_PRINTER = 9, /* tag:printer; up to 0.27 also tom's */
	WORLD_BACKUP = 10, /* tag:backup; up to 0.27 also mia's */
	WORLD_NODES = 4,
	WORLD_KEY = 21,      /* mia's, alive */
	WORLD_KEY_TOMS = 22, /* alive */
	WORLD_KEY_USED = 23, /* mia's */
	WORLD_KEY_OVER = 24, /* mia's, reusable */
	WORLD_KEY_TAGS = 25, /* mia made it; from 0.28 on its devices are nobody's */
	WORLD_KEYS_MOST = 16
};

struct world_key {
	uint64_t id;
	uint64_t user; /* 0 = there is no such key */
	char text[96];
	int64_t expiration;
	int reusable;
	int ephemeral;
	int used;
	int tags;
};

struct band_world {
	ouro__band band;
	struct fake_pages *pages;
	struct fake_channel *fake; /* its lock guards what follows */
	struct world_key keys[WORLD_KEYS_MOST];
	char changes[1024]; /* "ExpireNode 7 2000000000; " one behind the other */
	unsigned key_lists; /* ListPreAuthKeys calls */
	unsigned meet;      /* such a call waits, 300 ms at most, until so many are under way */
	int approved;       /* bits of the router's routes, in their order */
	const char *fail;   /* method that fails, after so many that do not */
	int fail_after;
	ouro_status fail_status;
	/* After so many answers to ListUsers (or replace_after) another connection is there each time, with another version (0 = the same)
	 * and another owner of the router (0 = the same). */
	int replace;
	const char *replace_after;
	ouro__band next_band;
	uint64_t other_owner;
	uint64_t router_owner;
	int64_t expiry;  /* of the router */
	const char *tom; /* name of the second user */

	ouro_tailnet *tailnet;
	ouro_directory *directory;
	ouro_portal *portal;
	ouro_person *person; /* mia */
	ouro_person *holder;
	unsigned records;
	char record[1024]; /* the last line of the audit record */
	int64_t now;
};

extern const ouro__band world_bands[];
enum { WORLD_BANDS = 9 };

/* Of the person with user_map (NULL = mia alone) and rules. */
void band_world_open(
	struct band_world *world, ouro__band band, const char *user_map, const char *rules);
void band_world_close(struct band_world *world);
/* Other rules for the person from now on. */
void band_world_rules(struct band_world *world, const char *rules);
/* The same person with fewer scopes. */
void band_world_scopes(struct band_world *world, uint32_t scopes);
/* What changed since the last time; "" = nothing. */
const char *band_world_changes(struct band_world *world, char ret_changes[1024]);

#endif
