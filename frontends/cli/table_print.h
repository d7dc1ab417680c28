/* table_print.h: lists for people (as wide as the terminal) and for spreadsheets (CSV) out of the same rows. */
#ifndef CLI_TABLE_PRINT_H
#define CLI_TABLE_PRINT_H

#include "cli.h"

#define CLI_COLUMNS_MAX 12

enum cli_colour { CLI_PLAIN, CLI_GREEN, CLI_YELLOW, CLI_RED, CLI_DIM };

struct cli_column {
	const char *title; /* for people; NULL = for CSV only */
	const char *name;  /* for CSV; NULL = for people only */
	int rank;          /* where it is narrow, the highest goes first; 0 = never */
	int right;         /* numbers stand to the right */
	int flexible;      /* may be cut with "…", the widest first */
};

struct cli_rows {
	const struct cli_column *columns;
	size_t column_count;
	char **cells; /* safe texts for people, or CSV's words; row after row */
	uint8_t *colours;
	size_t count; /* of cells */
	size_t room;
	int csv;
	int broken;
};

void cli_rows_begin(struct cli_rows *rows, const struct cli *cli, const struct cli_column *columns,
	size_t column_count);
/* The next cell. human is made safe; machine NULL = the same. */
void cli_rows_add(
	struct cli_rows *rows, const char *human, const char *machine, enum cli_colour colour);
/* Print and release. Returns CLI_OK or CLI_FAILED. */
int cli_rows_print(struct cli_rows *rows, const struct cli *cli);

/* Begin and end of a colour on standard output, "" without colours. */
const char *cli_colour(const struct cli *cli, enum cli_colour colour);
const char *cli_colour_end(const struct cli *cli, enum cli_colour colour);

#endif
