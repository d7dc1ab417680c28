/* A store of its own for a test: SQLite in a folder that goes away, or the PostgreSQL that OURO_TEST_STORE_URL names, emptied first. So one
 * suite runs on both. */
#ifndef STORE_WORLD_H
#define STORE_WORLD_H

#include "store/store.h"

struct store_world {
	char folder[64];
	const char *url; /* NULL = SQLite */
	ouro_store *store;
	char log[1024]; /* the last line */
};

/* Options of this store; texts are borrowed from the world. */
void store_world_options(struct store_world *world, ouro_store_options *options);
/* Make the place, and open it. */
void store_world_open(struct store_world *world);
/* Close and open again: a restart. */
void store_world_again(struct store_world *world);
void store_world_close(struct store_world *world);
/* Only the place, nothing opened; store_world_close() takes it away. */
void store_world_place(struct store_world *world);
/* The path of a file in the folder. */
void store_world_path(const struct store_world *world, const char *name, char *to, size_t room);

#endif
