/* table_print.c: see table_print.h. */
#include "table_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Between two columns. */
#define GAP 2u
/* Cut cells keep at least so much. */
#define LEAST 8u

const char *cli_colour(const struct cli *cli, enum cli_colour colour)
{
	static const char *const codes[] = {"", "\033[32m", "\033[33m", "\033[31m", "\033[2m"};

	return cli->colour ? codes[colour] : "";
}

const char *cli_colour_end(const struct cli *cli, enum cli_colour colour)
{
	return cli->colour && colour != CLI_PLAIN ? "\033[0m" : "";
}

void cli_rows_begin(struct cli_rows *rows, const struct cli *cli, const struct cli_column *columns,
	size_t column_count)
{
	*rows = (struct cli_rows){
		.columns = columns, .column_count = column_count, .csv = cli->format == CLI_CSV};
}

static int grow(struct cli_rows *rows)
{
	size_t room = rows->room ? rows->room * 2 : 128;
	char **cells;
	uint8_t *colours;

	if (rows->count < rows->room)
		return 1;
	cells = realloc(rows->cells, room * sizeof(*cells));
	if (cells != NULL)
		rows->cells = cells;
	colours = realloc(rows->colours, room);
	if (colours != NULL)
		rows->colours = colours;
	if (cells == NULL || colours == NULL)
		return 0;
	rows->room = room;
	return 1;
}

void cli_rows_add(
	struct cli_rows *rows, const char *human, const char *machine, enum cli_colour colour)
{
	struct cli_text safe = {0};

	cli_text_safe(&safe, rows->csv && machine != NULL ? machine : human);
	if (safe.data == NULL)
		cli_text_put(&safe, "");
	if (rows->broken || safe.broken || !grow(rows)) {
		rows->broken = 1;
		cli_text_done(&safe);
		return;
	}
	rows->colours[rows->count] = (uint8_t)colour;
	rows->cells[rows->count++] = safe.data;
}

/* ---- widths ---- */

struct layout {
	size_t width[CLI_COLUMNS_MAX]; /* 0 = left out */
};

static size_t line_width(const struct layout *layout, size_t count)
{
	size_t width = 0;

	for (size_t i = 0; i < count; i++)
		if (layout->width[i] > 0)
			width += layout->width[i] + (width > 0 ? GAP : 0);
	return width;
}

static void measure(const struct cli_rows *rows, struct layout *layout)
{
	for (size_t i = 0; i < rows->column_count; i++)
		layout->width[i] =
			rows->columns[i].title != NULL ? cli_width(rows->columns[i].title) : 0;
	for (size_t i = 0; i < rows->count; i++) {
		size_t column = i % rows->column_count;
		size_t width = cli_width(rows->cells[i]);

		if (rows->columns[column].title != NULL && width > layout->width[column])
			layout->width[column] = width;
	}
}

/* The column that can best do without: of the highest rank; count = none. */
static size_t least_needed(const struct cli_rows *rows, const struct layout *layout)
{
	size_t found = rows->column_count;
	int rank = 0;

	for (size_t i = 0; i < rows->column_count; i++)
		if (layout->width[i] > 0 && rows->columns[i].rank > rank) {
			rank = rows->columns[i].rank;
			found = i;
		}
	return found;
}

/* Take a column's width from the widest flexible one, so that they end about as wide as each other. Returns 0 if none can be cut. */
static int cut_widest(const struct cli_rows *rows, struct layout *layout)
{
	size_t widest = rows->column_count;

	for (size_t i = 0; i < rows->column_count; i++)
		if (rows->columns[i].flexible && layout->width[i] > LEAST &&
			(widest == rows->column_count || layout->width[i] > layout->width[widest]))
			widest = i;
	if (widest == rows->column_count)
		return 0;
	layout->width[widest]--;
	return 1;
}

/* A flexible column may be cut to this much before another one goes altogether. */
#define COMFORTABLE 20u

static size_t flexible_spare(const struct cli_rows *rows, const struct layout *layout)
{
	size_t spare = 0;

	for (size_t i = 0; i < rows->column_count; i++)
		if (rows->columns[i].flexible && layout->width[i] > COMFORTABLE)
			spare += layout->width[i] - COMFORTABLE;
	return spare;
}

static void fit(const struct cli_rows *rows, struct layout *layout, size_t width)
{
	while (line_width(layout, rows->column_count) > width + flexible_spare(rows, layout)) {
		size_t out = least_needed(rows, layout);

		if (out == rows->column_count)
			break;
		layout->width[out] = 0;
	}
	while (line_width(layout, rows->column_count) > width && cut_widest(rows, layout))
		;
}

/* ---- printing ---- */

static void print_spaces(size_t count)
{
	(void)printf("%*s", (int)count, "");
}

static void print_cell(const struct cli *cli, const char *text, enum cli_colour colour,
	const struct cli_column *column, size_t room, int last)
{
	size_t width = cli_width(text);
	size_t bytes = strlen(text);
	const char *cut = "";

	if (width > room) {
		bytes = cli_fit(text, room - 1);
		cut = "…";
		width = 0;
		/* A wide character may leave a column over. */
		for (size_t at = 0, length; at < bytes; at += length) {
			char one[5] = "";

			(void)cli_decode(text + at, bytes - at, &length);
			memcpy(one, text + at, length);
			width += cli_width(one);
		}
		width++;
	}
	if (column->right)
		print_spaces(room - width);
	(void)printf("%s%.*s%s%s", cli_colour(cli, colour), (int)bytes, text, cut,
		cli_colour_end(cli, colour));
	if (!column->right && !last)
		print_spaces(room - width);
}

static void print_line(const struct cli *cli, const struct cli_rows *rows,
	const struct layout *layout, char *const *cells, const uint8_t *colours)
{
	size_t last = 0;
	int begun = 0;

	for (size_t i = 0; i < rows->column_count; i++)
		if (layout->width[i] > 0 && (cells == NULL || cells[i][0] != '\0'))
			last = i;
	for (size_t i = 0; i <= last; i++) {
		if (layout->width[i] == 0)
			continue;
		if (begun)
			print_spaces(GAP);
		begun = 1;
		print_cell(cli, cells != NULL ? cells[i] : rows->columns[i].title,
			cells != NULL ? (enum cli_colour)colours[i] : CLI_DIM, &rows->columns[i],
			layout->width[i], i == last);
	}
	(void)putchar('\n');
}

static void print_csv(const char *text)
{
	if (strpbrk(text, ",\"\n") == NULL) {
		(void)fputs(text, stdout);
		return;
	}
	(void)putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			(void)putchar('"');
		(void)putchar(*text);
	}
	(void)putchar('"');
}

static void print_all_csv(const struct cli_rows *rows)
{
	int begun = 0;

	for (size_t i = 0; i < rows->column_count; i++)
		if (rows->columns[i].name != NULL)
			(void)printf("%s%s", begun++ ? "," : "", rows->columns[i].name);
	(void)putchar('\n');
	begun = 0;
	for (size_t i = 0; i < rows->count; i++) {
		size_t column = i % rows->column_count;

		if (rows->columns[column].name != NULL) {
			if (begun++)
				(void)putchar(',');
			print_csv(rows->cells[i]);
		}
		if (column + 1 == rows->column_count) {
			(void)putchar('\n');
			begun = 0;
		}
	}
}

static void print_table(const struct cli_rows *rows, const struct cli *cli)
{
	struct layout layout;

	measure(rows, &layout);
	if (cli->width > 0)
		fit(rows, &layout, cli->width);
	print_line(cli, rows, &layout, NULL, NULL);
	for (size_t i = 0; i + rows->column_count <= rows->count; i += rows->column_count)
		print_line(cli, rows, &layout, rows->cells + i, rows->colours + i);
}

int cli_rows_print(struct cli_rows *rows, const struct cli *cli)
{
	/* Rows without columns are rows that memory did not suffice for. */
	int broken = rows->broken || rows->column_count == 0;
	int code = broken ? CLI_FAILED : CLI_OK;

	if (broken)
		cli_complain("out of memory");
	else if (rows->csv)
		print_all_csv(rows);
	else
		print_table(rows, cli);
	for (size_t i = 0; i < rows->count; i++)
		free(rows->cells[i]);
	free(rows->cells);
	free(rows->colours);
	*rows = (struct cli_rows){0};
	return code;
}
