/* cmd_exit_node.c: the exit node switch: IPv4 and IPv6 as one. */
#include "cli.h"
#include "commands.h"
#include "node_print.h"

static int set(struct cli *cli, int on)
{
	ouro_error error = OURO_ERROR_INIT;
	struct cli_text label = {0};
	ouro_node_list *list = NULL;
	const ouro_node *node = NULL;
	ouro_node *after = NULL;
	ouro_status rc;
	int code = cli_connect(cli);

	if (code == CLI_OK)
		code = cli_pick_node(cli, cli->words[0], &list, &node);
	if (code == CLI_OK) {
		cli_node_label(node, &label);
		cli_progress(cli, "Asking %s …", cli->server);
		rc = ouro_node_exit_node_set(
			cli->person, ouro_node_id(node), on, NULL, &after, &error);
		cli_progress_end();
		code = rc < 0 ? cli_failed(cli, &error, cli_text_str(&label))
			      : cli_print_changed(cli, after, "%s is %s exit node.",
					cli_text_str(&label), on ? "an" : "no longer an");
	}
	ouro_node_free(after);
	ouro_node_list_free(list);
	cli_text_done(&label);
	return code;
}

int cli_exit_node_on(struct cli *cli)
{
	return set(cli, 1);
}

int cli_exit_node_off(struct cli *cli)
{
	return set(cli, 0);
}
