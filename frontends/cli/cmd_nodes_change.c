/* cmd_nodes_change.c: renaming, logging out and removing nodes. What is asked about is what is acted on: a node that changed since it
 * was read is left alone. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "node_print.h"

/* One node that is about to be changed. */
struct target {
	ouro_node_list *list;
	const ouro_node *node;
	struct cli_text label;
	ouro_write_options options;
};

static int aim(struct cli *cli, const char *word, struct target *target)
{
	int code;

	*target = (struct target){.options = OURO_WRITE_OPTIONS_INIT};
	code = cli_pick_node(cli, word, &target->list, &target->node);
	if (code != CLI_OK)
		return code;
	cli_node_label(target->node, &target->label);
	target->options.seen = ouro_node_fingerprint(target->node);
	return CLI_OK;
}

static void release(struct target *target)
{
	ouro_node_list_free(target->list);
	cli_text_done(&target->label);
}

int cli_nodes_rename(struct cli *cli)
{
	ouro_error error = OURO_ERROR_INIT;
	struct target target = {0};
	ouro_node *node = NULL;
	ouro_status rc;
	int code = cli_connect(cli);

	if (code == CLI_OK)
		code = aim(cli, cli->words[0], &target);
	if (code == CLI_OK) {
		cli_progress(cli, "Renaming …");
		rc = ouro_node_rename(cli->person, ouro_node_id(target.node), cli->words[1],
			&target.options, &node, &error);
		cli_progress_end();
		code = rc < 0 ? cli_failed(cli, &error, cli_text_str(&target.label))
			      : cli_print_changed(cli, node, "%s is now called %s.",
					cli_text_str(&target.label),
					node != NULL ? ouro_node_name(node) : cli->words[1]);
	}
	ouro_node_free(node);
	release(&target);
	return code;
}

static int expire_one(struct cli *cli, const char *word)
{
	ouro_error error = OURO_ERROR_INIT;
	struct target target;
	ouro_node *node = NULL;
	ouro_status rc;
	int code = aim(cli, word, &target);

	if (code == CLI_OK)
		code = cli_confirm(cli,
			"Log %s (id %llu) out? It stays in the list and must log in again.",
			cli_text_str(&target.label), (unsigned long long)ouro_node_id(target.node));
	if (code == CLI_OK) {
		cli_progress(cli, "Logging out …");
		rc = ouro_node_expire(
			cli->person, ouro_node_id(target.node), &target.options, &node, &error);
		cli_progress_end();
		code = rc < 0 ? cli_failed(cli, &error, cli_text_str(&target.label))
			      : cli_print_changed(cli, node,
					"%s is logged out. On it, tailscale up brings it back.",
					cli_text_str(&target.label));
	}
	ouro_node_free(node);
	release(&target);
	return code;
}

static int delete_one(struct cli *cli, const char *word)
{
	ouro_error error = OURO_ERROR_INIT;
	struct target target;
	ouro_status rc;
	int code = aim(cli, word, &target);

	if (code == CLI_OK)
		code = cli_confirm(cli,
			"Remove %s (id %llu) for good? It disappears for everyone and does not "
			"notice by itself.",
			cli_text_str(&target.label), (unsigned long long)ouro_node_id(target.node));
	if (code == CLI_OK) {
		cli_progress(cli, "Removing …");
		rc = ouro_node_delete(
			cli->person, ouro_node_id(target.node), &target.options, &error);
		cli_progress_end();
		if (rc < 0)
			code = cli_failed(cli, &error, cli_text_str(&target.label));
		else if (cli->format == CLI_TABLE)
			code = cli_print_changed(
				cli, NULL, "%s is removed.", cli_text_str(&target.label));
		else if (cli->format == CLI_JSON)
			(void)puts("{}");
	}
	release(&target);
	return code;
}

/* Go on with the others if one fails; the first failure is the exit code. */
static int each(struct cli *cli, int (*act)(struct cli *cli, const char *word))
{
	int code = cli_connect(cli);

	for (size_t i = 0; i < cli->word_count; i++) {
		int result = cli->tailnet != NULL && cli->person != NULL ? act(cli, cli->words[i])
									 : code;

		if (code == CLI_OK)
			code = result;
		if (result == CLI_USAGE || result == CLI_UNREACHABLE)
			break;
	}
	return code;
}

int cli_nodes_expire(struct cli *cli)
{
	return each(cli, expire_one);
}

int cli_nodes_delete(struct cli *cli)
{
	return each(cli, delete_one);
}
