/* cmd_routes.c: routes and exit nodes. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "node_print.h"
#include "table_print.h"

enum { ID, NODE, PREFIX, OFFERED, APPROVED, SERVING, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[ID] = {"ID", "node_id", 2, 1, 0},
	[NODE] = {"NODE", "node", 0, 0, 1},
	[PREFIX] = {"PREFIX", "prefix", 0, 0, 0},
	[OFFERED] = {"OFFERED", "offered", 3, 0, 0},
	[APPROVED] = {"APPROVED", "approved", 0, 0, 0},
	[SERVING] = {"CARRIES TRAFFIC", "serving", 1, 0, 0},
};

static void add_flag(struct cli_rows *rows, uint32_t flags, uint32_t flag, const char *no)
{
	cli_rows_add(rows, flags & flag ? "yes" : no, flags & flag ? "true" : "false",
		flags & flag || strcmp(no, "waits") != 0 ? CLI_PLAIN : CLI_YELLOW);
}

static void add_routes(struct cli_rows *rows, const ouro_node *node)
{
	char id[24];
	struct cli_text label = {0};

	cli_node_label(node, &label);
	(void)snprintf(id, sizeof(id), "%llu", (unsigned long long)ouro_node_id(node));
	for (size_t i = 0; i < ouro_node_route_count(node); i++) {
		const ouro_route *route = ouro_node_route(node, i);
		uint32_t flags = ouro_route_flags(route);

		cli_rows_add(rows, id, NULL, CLI_PLAIN);
		cli_rows_add(rows, cli_text_str(&label), ouro_node_name(node), CLI_PLAIN);
		cli_rows_add(rows, ouro_route_prefix(route), NULL, CLI_PLAIN);
		add_flag(rows, flags, OURO_ROUTE_ADVERTISED, "no");
		add_flag(rows, flags, OURO_ROUTE_APPROVED, "waits");
		add_flag(rows, flags, OURO_ROUTE_SERVING, "no");
	}
	cli_text_done(&label);
}

/* The API has no routes of their own: this is the plain list of them. */
static void json_routes(struct cli_json *json, const ouro_node *node)
{
	for (size_t i = 0; i < ouro_node_route_count(node); i++) {
		const ouro_route *route = ouro_node_route(node, i);
		uint32_t flags = ouro_route_flags(route);

		cli_json_open(json, NULL, '{');
		cli_json_id(json, "nodeId", ouro_node_id(node));
		cli_json_string(json, "givenName", ouro_node_name(node));
		cli_json_string(json, "prefix", ouro_route_prefix(route));
		cli_json_bool(json, "available", (flags & OURO_ROUTE_ADVERTISED) != 0);
		cli_json_bool(json, "approved", (flags & OURO_ROUTE_APPROVED) != 0);
		cli_json_bool(json, "serving", (flags & OURO_ROUTE_SERVING) != 0);
		cli_json_close(json, '}');
	}
}

static int print_routes(const struct cli *cli, const ouro_node_list *list, const ouro_node *only)
{
	size_t count = only != NULL ? 1 : ouro_node_list_count(list);
	struct cli_json json = {0};
	struct cli_rows rows;

	cli_rows_begin(&rows, cli, columns, COLUMNS);
	cli_json_open(&json, NULL, '{');
	cli_json_open(&json, "routes", '[');
	for (size_t i = 0; i < count; i++) {
		const ouro_node *node = only != NULL ? only : ouro_node_list_at(list, i);

		if (cli->format == CLI_JSON)
			json_routes(&json, node);
		else
			add_routes(&rows, node);
	}
	cli_json_close(&json, ']');
	cli_json_close(&json, '}');
	if (cli->format == CLI_JSON)
		return cli_json_print(&json);
	cli_text_done(&json.text);
	if (rows.count == 0 && cli->format == CLI_TABLE)
		(void)puts(only != NULL ? "It offers no routes." : "No node offers a route.");
	else
		return cli_rows_print(&rows, cli);
	return CLI_OK;
}

static int show(struct cli *cli)
{
	ouro_nodes_query query = OURO_NODES_QUERY_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_node_list *list = NULL;
	const ouro_node *node = NULL;
	int code = CLI_OK;

	query.filter = OURO_FILTER_ROUTES;
	if (cli->word_count > 0)
		code = cli_pick_node(cli, cli->words[0], &list, &node);
	else if (ouro_nodes_list(cli->person, &query, &list, &error) < 0)
		code = cli_failed(cli, &error, NULL);
	if (code == CLI_OK)
		code = print_routes(cli, list, node);
	ouro_node_list_free(list);
	return code;
}

int cli_routes_list(struct cli *cli)
{
	int code = cli_connect(cli);

	return code == CLI_OK ? cli_watch(cli, show) : code;
}

/* ---- changes ---- */

typedef ouro_status (*route_fn)(const ouro_person *person, uint64_t id, const char *prefix,
	const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);

static int is_exit(const char *prefix)
{
	return strcmp(prefix, "0.0.0.0/0") == 0 || strcmp(prefix, "::/0") == 0;
}

static int change_one(
	struct cli *cli, const ouro_node *node, const char *prefix, route_fn act, const char *words)
{
	ouro_error error = OURO_ERROR_INIT;
	struct cli_text label = {0};
	ouro_node *after = NULL;
	ouro_status rc;
	int code;

	cli_node_label(node, &label);
	cli_progress(cli, "Asking %s …", cli->server);
	rc = act(cli->person, ouro_node_id(node), prefix, NULL, &after, &error);
	cli_progress_end();
	if (rc < 0) {
		code = cli_failed(cli, &error, cli_text_str(&label));
		if (is_exit(prefix))
			cli_advise(
				"An exit node is switched as a whole: ouroboros exit-node on|off %s",
				cli_text_str(&label));
	} else {
		code = cli_print_changed(
			cli, after, "%s: %s %s.", cli_text_str(&label), prefix, words);
	}
	ouro_node_free(after);
	cli_text_done(&label);
	return code;
}

static int change(struct cli *cli, route_fn act, const char *words)
{
	ouro_node_list *list = NULL;
	const ouro_node *node = NULL;
	int code = cli_connect(cli);

	if (code == CLI_OK)
		code = cli_pick_node(cli, cli->words[0], &list, &node);
	for (size_t i = 1; i < cli->word_count && code == CLI_OK; i++)
		code = change_one(cli, node, cli->words[i], act, words);
	ouro_node_list_free(list);
	return code;
}

int cli_routes_approve(struct cli *cli)
{
	return change(cli, ouro_route_approve, "is approved");
}

int cli_routes_withdraw(struct cli *cli)
{
	return change(cli, ouro_route_withdraw, "is not approved any more");
}

int cli_routes_forget(struct cli *cli)
{
	return change(cli, ouro_route_forget, "is forgotten");
}
