/* cmd_nodes.c: looking at nodes. */
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "node_print.h"
#include "when.h"

#include <stdio.h>
#include <time.h>

/* The index of a word among the choices of an option, which are in the order of the library's enumeration. */
static int32_t choice_of(const struct cli *cli, int option)
{
	const char *value = cli->values[option];
	const char *at = cli_options[option].choices;
	int32_t index = 0;

	while (value != NULL && *at != '\0') {
		size_t length = strcspn(at, " ");

		if (strlen(value) == length && memcmp(at, value, length) == 0)
			return index;
		index++;
		at += length + (at[length] == ' ');
	}
	return 0;
}

static void tell_age(const ouro_node_list *list)
{
	char when[CLI_WHEN_MAX];

	if (ouro_node_list_stale(list))
		cli_advise("Headscale does not answer; this is what it said %s.",
			cli_when_words(ouro_node_list_as_of(list), (int64_t)time(NULL), when));
}

static int read_list(struct cli *cli, const ouro_nodes_query *query, ouro_node_list **ret_list)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	cli_progress(cli, "Asking %s …", cli->server);
	rc = ouro_nodes_list(cli->person, query, ret_list, &error);
	cli_progress_end();
	return rc < 0 ? cli_failed(cli, &error, NULL) : CLI_OK;
}

static int show_list(struct cli *cli)
{
	ouro_nodes_query query = OURO_NODES_QUERY_INIT;
	ouro_node_list *list = NULL;
	int code;

	query.scope = OURO_SCOPE_MINE;
	query.filter = choice_of(cli, CLI_FILTER);
	query.sort = choice_of(cli, CLI_SORT);
	query.search = cli->values[CLI_SEARCH];
	code = read_list(cli, &query, &list);
	if (code != CLI_OK)
		return code;
	if (ouro_node_list_count(list) > 0 || cli->format != CLI_TABLE)
		code = cli_print_nodes(cli, list);
	else if (ouro_node_list_mine_total(list) > 0)
		(void)puts("None of the nodes is like that.");
	else
		(void)puts("There are no nodes yet.");
	tell_age(list);
	ouro_node_list_free(list);
	return code;
}

int cli_nodes_list(struct cli *cli)
{
	int code = cli_connect(cli);

	return code == CLI_OK ? cli_watch(cli, show_list) : code;
}

static int show_one(struct cli *cli)
{
	ouro_node_list *list = NULL;
	const ouro_node *node = NULL;
	int code = cli_pick_node(cli, cli->words[0], &list, &node);

	if (code != CLI_OK)
		return code;
	code = cli_print_node(cli, node);
	tell_age(list);
	ouro_node_list_free(list);
	return code;
}

int cli_nodes_show(struct cli *cli)
{
	int code = cli_connect(cli);

	return code == CLI_OK ? cli_watch(cli, show_one) : code;
}
