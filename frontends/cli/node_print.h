/* node_print.h: nodes for people, for spreadsheets and for programs. */
#ifndef CLI_NODE_PRINT_H
#define CLI_NODE_PRINT_H

#include "cli.h"
#include "json.h"

/* A list in the format that is asked for. */
int cli_print_nodes(const struct cli *cli, const ouro_node_list *list);
/* Everything about one node. */
int cli_print_node(const struct cli *cli, const ouro_node *node);
/* After a change: a line for people, the node itself for programs; node NULL = done, but it could not be read back. */
int cli_print_changed(const struct cli *cli, const ouro_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The node as Headscale 0.30's API writes it; name as in cli_json_open(). */
void cli_json_node(struct cli_json *json, const char *name, const ouro_node *node);
/* A user likewise; id 0 = null. */
void cli_json_user(struct cli_json *json, const char *name, uint64_t id, const char *user);
/* What a node is called in a sentence: its name, else its id. As the network has it; released with cli_text_done(). */
void cli_node_label(const ouro_node *node, struct cli_text *ret_label);

#endif
