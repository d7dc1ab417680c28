/* cmd_help.c: help, as a command. */
#include <string.h>

#include "cli.h"
#include "commands.h"

int cli_help(struct cli *cli)
{
	const struct cli_command *command = NULL;
	struct cli_text words = {0};
	const char *near;
	size_t used = 0;
	int found = 0;

	if (cli->word_count > 0)
		command = cli_find_command(cli->words, cli->word_count, &used);
	if (cli->word_count == 0 || command != NULL) {
		cli_print_help(command);
		return CLI_OK;
	}
	/* "nodes": all that begin so. */
	for (size_t i = 0; i < cli_command_count; i++) {
		size_t length = strlen(cli->words[0]);

		if (strncmp(cli_commands[i].name, cli->words[0], length) != 0 ||
			cli_commands[i].name[length] != ' ')
			continue;
		cli_print_help(&cli_commands[i]);
		found = 1;
	}
	if (found)
		return CLI_OK;
	for (size_t i = 0; i < cli->word_count; i++)
		cli_text_format(&words, "%s%s", i > 0 ? " " : "", cli->words[i]);
	cli_complain("there is no command \"%s\"", cli_text_str(&words));
	near = cli_nearest_command(cli_text_str(&words));
	if (*near != '\0')
		cli_advise("Did you mean %s?", near);
	cli_text_done(&words);
	return CLI_USAGE;
}
