/* cmd_nodes_extend.c: putting the end of a node's key off. */
#include <string.h>
#include <time.h>

#include "cli.h"
#include "commands.h"
#include "node_print.h"
#include "when.h"

/* Which end is meant; exactly one of the options says so. */
static int read_end(const struct cli *cli, int64_t *ret_end)
{
	const char *length = cli->values[CLI_FOR];
	const char *until = cli->values[CLI_UNTIL];
	int never = cli->values[CLI_NEVER] != NULL;

	if ((length != NULL) + (until != NULL) + never != 1) {
		cli_complain("say until when: one of --for DURATION, --until TIME and --never");
		return CLI_USAGE;
	}
	*ret_end = OURO_TIME_NEVER;
	if (length != NULL)
		*ret_end = cli_when_duration(length) > 0
			? (int64_t)time(NULL) + cli_when_duration(length)
			: 0;
	if (until != NULL)
		*ret_end = cli_when_parse(until);
	if (*ret_end > 0)
		return CLI_OK;
	if (length != NULL)
		cli_complain("--for: \"%s\" is no duration; write 12h, 90d or 1y", length);
	else
		cli_complain("--until: \"%s\" is no time; write 2030-01-31 or "
			     "2030-01-31T12:00:00Z",
			until);
	return CLI_USAGE;
}

int cli_nodes_extend(struct cli *cli)
{
	ouro_error error = OURO_ERROR_INIT;
	struct cli_text label = {0};
	ouro_node_list *list = NULL;
	const ouro_node *node = NULL;
	ouro_node *after = NULL;
	char when[CLI_WHEN_MAX];
	int64_t end = 0;
	ouro_status rc;
	int code = read_end(cli, &end);

	if (code == CLI_OK)
		code = cli_connect(cli);
	if (code == CLI_OK)
		code = cli_pick_node(cli, cli->words[0], &list, &node);
	if (code == CLI_OK) {
		cli_node_label(node, &label);
		cli_progress(cli, "Asking %s …", cli->server);
		rc = ouro_node_extend(cli->person, ouro_node_id(node), end, NULL, &after, &error);
		cli_progress_end();
		code = rc < 0 ? cli_failed(cli, &error, cli_text_str(&label))
			      : cli_print_changed(cli, after,
					end == OURO_TIME_NEVER ? "%s does not have to log in again."
							       : "%s has to log in again %s.",
					cli_text_str(&label),
					cli_when_words(end, (int64_t)time(NULL), when));
	}
	ouro_node_free(after);
	ouro_node_list_free(list);
	cli_text_done(&label);
	return code;
}
