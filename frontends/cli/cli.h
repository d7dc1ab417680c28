/* cli.h: what the files of the command line share: one run of the program. Everything happens on the main thread; the library has
 * threads of its own. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <ouroboros/ouroboros.h>

#include "table.h"
#include "text.h"

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_DENIED = 3,
	CLI_NOT_FOUND = 4,
	CLI_UNREACHABLE = 5
};

enum cli_format { CLI_TABLE, CLI_JSON, CLI_CSV };

struct cli {
	const struct cli_command *command;    /* NULL until known */
	const char *values[CLI_OPTION_COUNT]; /* NULL = not given, "" = given without an argument */
	char **words;                         /* what follows the command */
	size_t word_count;

	/* Where it runs. */
	enum cli_format format;
	int out_terminal; /* standard output is one, and so on */
	int err_terminal;
	int in_terminal;
	int colour;
	size_t width; /* columns; 0 = no limit */

	/* The way to the tailnet; cli_connect(). */
	int as_person; /* with a personal token */
	char *server;  /* its address, for texts; NULL before cli_connect() */
	ouro_settings *settings;
	ouro_tailnet *tailnet;
	ouro_directory *directory;
	ouro_portal *portal;
	ouro_person *person;
};

/* parse.c: fills command, values and words, and format. Returns CLI_OK, or what to exit with; then it has said why. */
int cli_parse(struct cli *cli, int argc, char **argv);
/* The row that is meant by a word that is none, "" if nothing is near. */
const char *cli_nearest_command(const char *words);
const char *cli_nearest_option(const char *name, const struct cli_command *command);
/* The value of an option that is a number; 1 if it is one between least and most, else it has been complained about. */
int cli_number_option(
	struct cli *cli, int option, uint64_t least, uint64_t most, uint64_t *ret_number);

/* help.c */
void cli_print_usage(const struct cli_command *command);
void cli_print_help(const struct cli_command *command);
/* The parts of ouroboros(1) that are made from the tables, as scdoc. */
void cli_print_man(void);

/* complete.c: `ouroboros __complete WORD...`, called by the shells' scripts. The last word is the one that is being typed. */
int cli_complete(struct cli *cli, int argc, char **argv);

/* connect.c: opens the way that the options name, and finds out who is acting. Returns CLI_OK, or what to exit with; then it has said why. */
int cli_connect(struct cli *cli);
void cli_disconnect(struct cli *cli);

/* say.c: standard error. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A line of advice after a complaint. */
void cli_advise(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Complain about a call that failed; the exit code for it. doing: "renaming attic", NULL = the error's own words are enough. */
int cli_failed(const struct cli *cli, const ouro_error *error, const char *doing);
int cli_exit_of(ouro_status status);
/* Ask, if the options do not say yes already. CLI_OK = go on. */
int cli_confirm(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "… is being asked" on a terminal if an answer takes long; until cli_progress_end(). */
void cli_progress(const struct cli *cli, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void cli_progress_end(void);

/* Run show() once, or again and again with --watch. */
int cli_watch(struct cli *cli, int (*show)(struct cli *cli));

/* pick.c: the node that a person means by its id, name or address. *ret_list owns it. CLI_OK, or what to exit with after having said why. */
int cli_pick_node(
	struct cli *cli, const char *word, ouro_node_list **ret_list, const ouro_node **ret_node);

#endif
