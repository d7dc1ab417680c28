/* The one way to a writing call, inside this room. */
#ifndef OURO_HEADSCALE_WRITE_H
#define OURO_HEADSCALE_WRITE_H

#include "headscale/generation.h"

/* what: "renaming the device", stands in front of an error. ret_node_id: NULL, or id of the answer's node (0 = none there);
 * only for methods whose reply is a node. */
ouro_status ouro__headscale_write(const struct ouro__server *server,
	const struct ouro__method *method, const void *request, const char *what, int64_t deadline,
	uint64_t *ret_node_id, ouro_error *reterr);

#endif
