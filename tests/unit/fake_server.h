/* A channel that behaves as a small Headscale 0.29 without a network: five nodes, two users. It counts what would have changed
 * something, so that a test can say "nothing went out". */
#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H

#include "headscale/fields.h"
#include "rpc/channel.h"

enum {
	FAKE_LAPTOP = 1, /* sink's */
	FAKE_PHONE = 2,  /* jim's */
	FAKE_TAGGED = 3, /* belongs to tag:web */
	FAKE_ROUTER =
		4, /* sink's; offers 10.0.0.0/24 (approved), 192.168.7.0/24 and both exit prefixes */
	FAKE_ORPHAN = 5, /* of a user 9 who was also called sink */
	FAKE_NODES = 5
};

struct fake_server {
	ouro__channel channel; /* first */
	struct ouro__hs_node nodes[FAKE_NODES + 1];
	struct ouro__hs_user users[3];
	size_t user_count;
	int changes;              /* calls of methods that change something */
	int lists;                /* ListNodes calls */
	char renamed[64];         /* given name after RenameNode */
	char last[256];           /* "RenameNode 1 atlas" */
	ouro_status write_result; /* what writes answer; 0 = OK */
	const char *write_text;   /* and its words */
};

/* Ready to be handed to ouro__tailnet_new(), which frees the channel but not this struct. */
void fake_server_init(struct fake_server *server);

#endif
