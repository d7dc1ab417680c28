/* How every change of a node goes: read anew, decide on what was read, act once, write an audit record. */
#ifndef OURO_API_WRITE_H
#define OURO_API_WRITE_H

#include "api/view.h"

/* One change; the first block is for the caller to fill. */
struct ouro__write {
	const ouro_person *person;
	uint64_t id;
	int action;           /* enum ouro_action */
	const char *name;     /* of the action, for the audit record */
	const char *argument; /* new name or prefix */
	int on;               /* exit switch */
	int64_t expiry;
	struct ouro__access_request request; /* what access/ is asked about */
	/* Checks beyond access/, sets before and after; OK and *ret_done = 1 when there is nothing to do. */
	ouro_status (*prepare)(struct ouro__write *write, int *ret_done, ouro_error *reterr);
	ouro_status (*act)(const struct ouro__write *write, ouro_error *reterr);
	void *more; /* of the action */

	const struct ouro__node *node; /* as just read */
	const struct ouro__view *view; /* it is from */
	const char *before;            /* for the audit record; NULL = none */
	const char *after;
	ouro_tailnet *tailnet;
	struct ouro__basis basis;
};

/* given: options, may be NULL; ret_node as with ouro_node_rename(). */
ouro_status ouro__write_run(struct ouro__write *write, const ouro_write_options *given,
	ouro_node **ret_node, ouro_error *reterr);

#endif
