/* cmd_version.c: which version this is. */
#include <stdio.h>

#include "cli.h"
#include "commands.h"

int cli_version(struct cli *cli)
{
	(void)cli;
	(void)printf("ouroboros %s\n", ouro_version());
	return CLI_OK;
}
