/* view_node.h: nodes and routes as templates see them, pulled from the models while rendering. */
#ifndef OURO_WEB_VIEW_NODE_H
#define OURO_WEB_VIEW_NODE_H

#include "app.h"

/* What is needed to show nodes; outlives the rendering. */
struct view_nodes {
	struct web_call *call;
	const ouro_node_list *list; /* NULL if only single nodes are shown */
	const char *back;           /* where forms come back to: "routes", "" = the node's page */
	uint32_t capabilities;      /* OURO_CAN_* */
};

/* A node as an object: id, url, label, host_name, unnamed, stalls (all others, by having no name), owner, mine, editable, addresses, tags, states, times, exit switch, routes … */
int view_node_value(struct web_value *ret, const struct view_nodes *view, const ouro_node *node);
/* All nodes of view->list. */
int view_nodes_value(struct web_value *ret, const struct view_nodes *view);
/* What the page calls it: its name, else its host name, else (nothing that can be seen) "device 5". In the arena. */
const char *view_node_label(struct web_call *call, const ouro_node *node);
/* 1 if it carries traffic for others: switched on as exit node, or an approved route that it offers. */
int view_node_carries(const ouro_node *node);

#endif
