/* The one way to a writing call, inside this room. */
#ifndef OURO_HEADSCALE_WRITE_H
#define OURO_HEADSCALE_WRITE_H

#include "headscale/generation.h"

/* what: "renaming the device", stands in front of an error. */

/* May it be asked for? UNSUPPORTED: this generation lacks it, or is only read. INVALID: node (may be NULL) has no id; to a server
 * an id of 0 is a wildcard. */
ouro_status ouro__headscale_gate(const struct ouro__server *server, enum ouro__operation operation,
	const struct ouro__node *node, const char *what, ouro_error *reterr);
/* One call behind the gate; *ret_reply is in the arena. */
ouro_status ouro__headscale_call(const struct ouro__server *server, enum ouro__operation operation,
	const void *request, const char *what, int64_t deadline, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr);
/* The same for a write whose answer is not wanted. ret_node_id: NULL, or id of the answer's node (0 = none there); only for
 * operations whose reply is a node. */
ouro_status ouro__headscale_write(const struct ouro__server *server, enum ouro__operation operation,
	const void *request, const char *what, int64_t deadline, uint64_t *ret_node_id,
	ouro_error *reterr);

#endif
