/* cmd_register.c: adding a device that waits. That it is registered does not mean that it is in: it is waited for. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "commands.h"
#include "node_print.h"
#include "users.h"

/* What people are promised on the page, too. */
#define WAIT_SECONDS 20

static int parse(const struct cli *cli, ouro_registration *registration)
{
	ouro_error error = OURO_ERROR_INIT;
	const char *word = cli->words[0];

	if (ouro_registration_parse(word, strlen(word), registration, &error) < 0) {
		cli_complain("%s", error.text);
		return CLI_FAILED;
	}
	/* The id of an SSH check looks the same, and registering one stops Headscale 0.29. */
	if (registration->form == 3 && strstr(word, "/register/") == NULL) {
		cli_complain("a key of this form is taken as the whole link only");
		cli_advise("Give the link that the device shows: https://…/register/%s",
			registration->key);
		return CLI_FAILED;
	}
	return CLI_OK;
}

/* 1 if the node is online by now. */
static int is_in(struct cli *cli, uint64_t id)
{
	ouro_node *node = NULL;
	int in = ouro_node_get(cli->person, id, &node, NULL) == OURO_OK &&
		ouro_node_state(node, (int64_t)time(NULL)) == OURO_NODE_ONLINE;

	ouro_node_free(node);
	return in;
}

static int wait_for(struct cli *cli, uint64_t id)
{
	const struct timespec pause = {1, 0};
	int in = 0;

	cli_progress(cli, "Waiting for the device to come online …");
	for (int i = 0; i < WAIT_SECONDS && !in; i++) {
		in = is_in(cli, id);
		if (!in)
			(void)nanosleep(&pause, NULL);
	}
	cli_progress_end();
	return in;
}

static int report(struct cli *cli, const ouro_node *node, const char *user)
{
	struct cli_text label = {0};
	int code;

	if (node == NULL)
		return cli_print_changed(cli, NULL, "The device is registered as %s.", user);
	cli_node_label(node, &label);
	code = cli_print_changed(cli, node, "%s (id %llu) is registered as %s.",
		cli_text_str(&label), (unsigned long long)ouro_node_id(node), user);
	(void)fflush(stdout);
	if (cli->values[CLI_NO_WAIT] == NULL && !wait_for(cli, ouro_node_id(node)))
		cli_advise("It has not come online so far. If the link was an older one, run the "
			   "command on the device again and register the new link.");
	else if (cli->values[CLI_NO_WAIT] == NULL && cli->format == CLI_TABLE)
		(void)puts("It is online.");
	cli_text_done(&label);
	return code;
}

int cli_register(struct cli *cli)
{
	ouro_registration registration = OURO_REGISTRATION_INIT;
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	struct cli_text user = {0};
	ouro_node *node = NULL;
	ouro_status rc;
	int code = parse(cli, &registration);

	if (code == CLI_OK)
		code = cli_connect(cli);
	if (code == CLI_OK)
		code = cli_pick_user(cli, &user);
	if (code == CLI_OK) {
		options.user = cli_text_str(&user);
		cli_progress(cli, "Registering …");
		rc = ouro_node_register(cli->person, &registration, &options, &node, &error);
		cli_progress_end();
		code = rc < 0 ? cli_failed(cli, &error, NULL)
			      : report(cli, node, cli_text_str(&user));
	}
	ouro_node_free(node);
	cli_text_done(&user);
	return code;
}
