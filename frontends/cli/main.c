/* main.c: ouroboros: look after devices on a Headscale tailnet from a terminal. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli.h"
#include "commands.h"

/* Secrets live in this memory: no core files, no reading by other processes of the same user. */
static void harden(void)
{
	const struct rlimit none = {0, 0};

	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
}

/* Descriptors 0 to 2 are there, so that no file or socket gets in their place. */
static void keep_streams(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
}

static int is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && *value != '\0';
}

/* $COLUMNS, else the terminal's own; 0 = no limit. */
static size_t find_width(int out_terminal)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t number = 0;

	if (columns != NULL && cli_number(columns, &number) && number >= 20 && number <= 10000)
		return (size_t)number;
	if (out_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return out_terminal ? 80 : 0;
}

static void look_around(struct cli *cli)
{
	const char *term = getenv("TERM");

	cli->in_terminal = isatty(STDIN_FILENO);
	cli->out_terminal = isatty(STDOUT_FILENO);
	cli->err_terminal = isatty(STDERR_FILENO);
	cli->colour = cli->out_terminal && !is_set("NO_COLOR") && term != NULL &&
		strcmp(term, "dumb") != 0;
	cli->width = find_width(cli->out_terminal);
}

static int run(struct cli *cli, int argc, char **argv)
{
	int code;

	if (argc > 1 && strcmp(argv[1], "__complete") == 0)
		return cli_complete(cli, argc - 2, argv + 2);
	if (argc > 1 && strcmp(argv[1], "__man") == 0) {
		cli_print_man();
		return CLI_OK;
	}
	code = cli_parse(cli, argc, argv);
	if (code != CLI_OK)
		return code;
	if (cli->values[CLI_VERSION] != NULL)
		return cli_version(cli);
	if (cli->values[CLI_HELP] != NULL) {
		cli_print_help(cli->command);
		return CLI_OK;
	}
	if (cli->command == NULL) {
		cli_print_help(NULL);
		return CLI_USAGE;
	}
	return cli->command->run(cli);
}

/* Was everything written that there was to say? Nobody who reads it any more is no failure. */
static int close_output(int code)
{
	struct pollfd out = {STDOUT_FILENO, POLLOUT, 0};
	int before = ferror(stdout);
	int failed = fflush(stdout) != 0 ? errno : 0;

	if ((!before && !failed) || failed == EPIPE)
		return code;
	if (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0)
		return code;
	cli_complain("writing the output failed%s%s", failed ? ": " : "",
		failed ? strerror(failed) : "");
	return CLI_FAILED;
}

int main(int argc, char **argv)
{
	static struct cli cli;
	int code;

	/* The library's threads share the heap: one of their own each would only cost memory. */
	(void)mallopt(M_ARENA_MAX, 1);
	harden();
	keep_streams();
	(void)signal(SIGPIPE, SIG_IGN);
	/* libcurl may come with GnuTLS for protocols that nobody speaks here; it stays asleep. No thread runs yet. */
	(void)setenv("GNUTLS_NO_IMPLICIT_INIT", "1", 0);
	look_around(&cli);
	code = run(&cli, argc, argv);
	cli_progress_end();
	code = close_output(code);
	cli_disconnect(&cli);
	return code;
}
