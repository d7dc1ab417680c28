/* users.c: see users.h. */
#include "users.h"

static int read_users(struct cli *cli, ouro_user_list **ret_list)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	cli_progress(cli, "Asking %s …", cli->server);
	rc = ouro_users_list(cli->person, ret_list, &error);
	cli_progress_end();
	return rc < 0 ? cli_failed(cli, &error, NULL) : CLI_OK;
}

int cli_pick_user(struct cli *cli, struct cli_text *ret_user)
{
	ouro_user_list *list = NULL;
	size_t count;
	int code;

	if (cli->values[CLI_USER] != NULL) {
		cli_text_put(ret_user, cli->values[CLI_USER]);
		return CLI_OK;
	}
	code = read_users(cli, &list);
	if (code != CLI_OK)
		return code;
	count = ouro_user_list_count(list);
	if (count == 1) {
		cli_text_put(ret_user, ouro_user_list_name(list, 0));
	} else if (count == 0) {
		cli_complain("there is no Headscale user that it could belong to");
		cli_advise("The administrator makes one: headscale users create NAME");
		code = CLI_NOT_FOUND;
	} else {
		cli_complain("say whose it shall be: --user USER. There is:");
		for (size_t i = 0; i < count && i < 20; i++)
			cli_advise("  %s", ouro_user_list_name(list, i));
		code = CLI_USAGE;
	}
	ouro_user_list_free(list);
	return code;
}
