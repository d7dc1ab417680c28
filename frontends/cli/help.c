/* help.c: what --help, the man page and the usage of a command say, all of it out of table.h. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* Where the help of an option begins. */
#define INDENT 26
#define WIDTH 79u

static const struct {
	uint32_t groups;
	const char *title;
} sections[] = {
	{CLI_FOR_SERVER | CLI_FOR_TOKEN | CLI_FOR_LOGIN, "Which tailnet:"},
};

void cli_print_usage(const struct cli_command *command)
{
	(void)fflush(stdout);
	(void)fprintf(stderr, "usage: ouroboros %s%s%s [OPTION...]\n", command->name,
		command->arguments[0] != '\0' ? " " : "", command->arguments);
}

/* Words with line breaks before WIDTH; all lines begin in column indent, where the cursor is. */
static void print_wrapped(const char *text, size_t indent)
{
	size_t column = indent;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (column > indent && column + 1 + word > WIDTH) {
			(void)printf("\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			(void)putchar(' ');
			column++;
		}
		(void)printf("%.*s", (int)word, text);
		column += word;
		text += word + (text[word] == ' ');
	}
	(void)putchar('\n');
}

static void option_form(const struct cli_option *option, struct cli_text *text)
{
	if (option->letter != 0)
		cli_text_format(text, "-%c, ", option->letter);
	else
		cli_text_put(text, "    ");
	cli_text_format(text, "--%s", option->name);
	if (option->argument != NULL)
		cli_text_format(text, option->optional ? " [%s]" : " %s", option->argument);
}

static void print_option(const struct cli_option *option)
{
	struct cli_text form = {0};

	option_form(option, &form);
	if (form.size + 4 > INDENT)
		(void)printf("  %s\n%*s", cli_text_str(&form), INDENT, "");
	else
		(void)printf("  %-*s", INDENT - 2, cli_text_str(&form));
	print_wrapped(option->help, INDENT);
	cli_text_done(&form);
}

static int in_section(const struct cli_option *option)
{
	return (option->groups & sections[0].groups) != 0 && (option->groups & CLI_FOR_ALL) == 0;
}

static void print_options(const struct cli_command *command)
{
	int titled = 0;

	(void)printf("\n");
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++)
		if (cli_takes(command, &cli_options[i]) && !in_section(&cli_options[i]))
			print_option(&cli_options[i]);
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
		if (!cli_takes(command, &cli_options[i]) || !in_section(&cli_options[i]))
			continue;
		if (!titled++)
			(void)printf("\n%s\n", sections[0].title);
		print_option(&cli_options[i]);
	}
}

static void print_main(void)
{
	(void)printf(
		"usage: ouroboros COMMAND [WORD...] [OPTION...]\n\n"
		"Look after your devices on a Headscale tailnet: as a person with a personal token\n"
		"(ouroboros login URL), or as the operator of the server.\n\n");
	for (size_t i = 0; i < cli_command_count; i++) {
		(void)printf("  %-*s", INDENT - 8, cli_commands[i].name);
		print_wrapped(cli_commands[i].summary, INDENT - 6);
	}
	print_options(NULL);
	(void)printf(
		"\n"
		"A node is named by its id, its name or one of its addresses. Without --server,\n"
		"--socket, --address or --config the token of ouroboros login is used if there\n"
		"is one, else Headscale's unix socket on this machine.\n"
		"\n"
		"ouroboros help COMMAND shows the options of a command; man ouroboros has it all.\n"
		"Exit codes: 0 done, 1 failed, 2 wrong usage, 3 denied, 4 not found, 5 server\n"
		"not reached.\n");
}

void cli_print_help(const struct cli_command *command)
{
	if (command == NULL) {
		print_main();
		return;
	}
	(void)printf("usage: ouroboros %s%s%s [OPTION...]\n\n%s.\n", command->name,
		command->arguments[0] != '\0' ? " " : "", command->arguments, command->summary);
	print_options(command);
}

/* ---- the man page ---- */

/* scdoc takes these for markup. */
static void print_scdoc(const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("_*\\<>#[]|", *text) != NULL)
			(void)putchar('\\');
		(void)putchar(*text);
	}
}

static void print_man_command(const struct cli_command *command)
{
	(void)printf("*%s*", command->name);
	if (command->arguments[0] != '\0') {
		(void)printf(" ");
		print_scdoc(command->arguments);
	}
	(void)printf("\n\t");
	print_scdoc(command->summary);
	(void)printf(".\n\n");
}

static void print_man_option(const struct cli_option *option)
{
	if (option->letter != 0)
		(void)printf("*-%c*, ", option->letter);
	(void)printf("*--%s*", option->name);
	if (option->argument != NULL)
		(void)printf(option->optional ? " [_%s_]" : " _%s_", option->argument);
	(void)printf("\n\t");
	print_scdoc(option->help);
	(void)printf(".");
	if (option->choices != NULL && option->choices[0] != '<') {
		(void)printf(" One of: ");
		print_scdoc(option->choices);
		(void)printf(".");
	}
	(void)printf("\n\n");
}

void cli_print_man(void)
{
	(void)printf("# COMMANDS\n\n");
	for (size_t i = 0; i < cli_command_count; i++)
		print_man_command(&cli_commands[i]);
	(void)printf("# OPTIONS\n\nWhat a command takes, *ouroboros help* _COMMAND_ shows.\n\n");
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++)
		print_man_option(&cli_options[i]);
}
