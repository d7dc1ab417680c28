/* cmd_whoami.c: which server is used, and as whom. */
#include <stdio.h>

#include "cli.h"
#include "commands.h"
#include "json.h"
#include "table_print.h"

static void join_users(const ouro_user_list *list, struct cli_text *text)
{
	for (size_t i = 0; i < ouro_user_list_count(list); i++)
		cli_text_format(text, "%s%s", i > 0 ? ", " : "", ouro_user_list_name(list, i));
}

static const char *role(const struct cli *cli)
{
	return cli->as_person                 ? "person"
		: cli->values[CLI_AS] != NULL ? "operator, as one user"
					      : "operator";
}

static int print_json(
	const struct cli *cli, const ouro_user_list *users, const ouro_tailnet_status *status)
{
	struct cli_json json = {0};

	cli_json_open(&json, NULL, '{');
	cli_json_string(&json, "server", cli->server);
	cli_json_string(&json, "role", cli->as_person ? "person" : "operator");
	cli_json_string(&json, "version", status->version);
	cli_json_open(&json, "users", '[');
	for (size_t i = 0; i < ouro_user_list_count(users); i++)
		cli_json_string(&json, NULL, ouro_user_list_name(users, i));
	cli_json_close(&json, ']');
	cli_json_close(&json, '}');
	return cli_json_print(&json);
}

static int print_rows(
	const struct cli *cli, const ouro_user_list *users, const ouro_tailnet_status *status)
{
	static const struct cli_column columns[] = {{"SERVER", "server", 0, 0, 1},
		{"AS", "role", 0, 0, 0}, {"USERS", "users", 0, 0, 1},
		{"SPEAKS HEADSCALE", "version", 1, 0, 0}};
	struct cli_text names = {0};
	struct cli_rows rows;

	join_users(users, &names);
	cli_rows_begin(&rows, cli, columns, 4);
	cli_rows_add(&rows, cli->server, NULL, CLI_PLAIN);
	cli_rows_add(&rows, role(cli), cli->as_person ? "person" : "operator", CLI_PLAIN);
	cli_rows_add(&rows, cli_text_str(&names), NULL, CLI_PLAIN);
	cli_rows_add(&rows, status->version, NULL, CLI_PLAIN);
	cli_text_done(&names);
	return cli_rows_print(&rows, cli);
}

int cli_whoami(struct cli *cli)
{
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_user_list *users = NULL;
	ouro_status rc;
	int code = cli_connect(cli);

	if (code != CLI_OK)
		return code;
	cli_progress(cli, "Asking %s …", cli->server);
	rc = ouro_users_list(cli->person, &users, &error);
	if (rc == OURO_OK)
		rc = ouro_tailnet_status_get(cli->tailnet, &status, &error);
	cli_progress_end();
	if (rc < 0)
		code = cli_failed(cli, &error, NULL);
	else if (cli->format == CLI_JSON)
		code = print_json(cli, users, &status);
	else
		code = print_rows(cli, users, &status);
	ouro_user_list_free(users);
	return code;
}
