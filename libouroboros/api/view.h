/* One look at the tailnet through the eyes of one person: a snapshot, and the person's users found in that very snapshot. */
#ifndef OURO_API_VIEW_H
#define OURO_API_VIEW_H

#include "api/portal.h"
#include "tailnet/tailnet.h"

struct ouro__view {
	const ouro_person *person; /* borrowed */
	ouro__snapshot *snapshot;  /* owned reference */
	int stale;
	struct ouro__subject subject; /* points into users */
	struct ouro__access_user users[OURO__POLICY_USERS_MAX];
};

/* For showing: may be old when Headscale is silent. Release with ouro__view_done() after success only. */
ouro_status ouro__view_read(
	const ouro_person *person, struct ouro__view *ret_view, ouro_error *reterr);
/* For deciding: read anew. */
ouro_status ouro__view_read_fresh(
	const ouro_person *person, struct ouro__view *ret_view, ouro_error *reterr);
void ouro__view_done(struct ouro__view *view);

/* What access/ wants to know of a node; node NULL = there is none. */
struct ouro__object ouro__view_object(const struct ouro__node *node);
/* Own, or kept. */
int ouro__view_mine(const struct ouro__view *view, const struct ouro__node *node);
/* Kept, but not own. */
int ouro__view_kept(const struct ouro__view *view, const struct ouro__node *node);
int ouro__view_visible(const struct ouro__view *view, const struct ouro__node *node);
/* Number of nodes that are the person's own: those that are kept are not held against anybody. */
size_t ouro__view_own_count(const struct ouro__view *view);
/* Handle of a node, with what it is to the person; ouro_node_free(). */
ouro_status ouro__view_own(const struct ouro__view *view, const struct ouro__node *node,
	ouro_node **ret_node, ouro_error *reterr);
/* Which of the person's users is meant: NULL = the first, for the holder none. NULL if it is none of them. */
const char *ouro__view_pick_user(const ouro_person *person, const char *wanted);
/* That user on the server. NOTFOUND in words: none was picked, the server has none of that name, or several. */
ouro_status ouro__view_user(const struct ouro__view *view, const char *name, const char *what,
	const struct ouro__user **ret_user, ouro_error *reterr);
/* "does not exist, or is not yours": the same words as every refusal of access/. */
ouro_status ouro__view_not_found(const struct ouro__view *view, ouro_error *reterr);

#endif
