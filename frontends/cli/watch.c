/* watch.c: a list again and again. On a terminal each takes the place of the last one; elsewhere they follow each other, with an empty
 * line between (none in JSON: a line each). Ends on an interrupt or when nobody reads any more. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

#define SECONDS 2.0
#define SECONDS_MAX 86400.0

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static int read_seconds(const struct cli *cli, struct timespec *ret_pause)
{
	const char *text = cli->values[CLI_WATCH];
	char *end = NULL;
	double seconds = *text != '\0' ? strtod(text, &end) : SECONDS;

	if ((end != NULL && *end != '\0') || !(seconds >= 0.1) || seconds > SECONDS_MAX) {
		cli_complain("--watch: \"%s\" is not a number of seconds from 0.1 to 86400", text);
		return CLI_USAGE;
	}
	ret_pause->tv_sec = (time_t)seconds;
	ret_pause->tv_nsec = (long)((seconds - (double)ret_pause->tv_sec) * 1e9);
	return CLI_OK;
}

static void catch_interrupts(void)
{
	struct sigaction action = {0};

	action.sa_handler = on_interrupt;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

int cli_watch(struct cli *cli, int (*show)(struct cli *cli))
{
	struct timespec pause;
	int code;

	if (cli->values[CLI_WATCH] == NULL)
		return show(cli);
	code = read_seconds(cli, &pause);
	if (code != CLI_OK)
		return code;
	catch_interrupts();
	while (!interrupted) {
		if (cli->out_terminal)
			(void)fputs("\033[H\033[2J", stdout);
		code = show(cli);
		/* A server that is away for a while is what one watches for. */
		if (code != CLI_OK && code != CLI_UNREACHABLE)
			return code;
		if (!cli->out_terminal && cli->format == CLI_TABLE)
			(void)putchar('\n');
		if (fflush(stdout) != 0 || ferror(stdout))
			return CLI_OK;
		if (!interrupted)
			(void)nanosleep(&pause, NULL);
	}
	return CLI_OK;
}
