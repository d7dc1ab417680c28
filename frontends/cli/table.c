/* table.c: the rows of table.h, and how they are looked up. Constant. */
#include "table.h"

#include <string.h>

#include "commands.h"

const struct cli_option cli_options[CLI_OPTION_COUNT] = {
#define CLI_ROW(id, name, letter, argument, optional, choices, groups, help)                       \
	{name, letter, optional, argument, choices, groups, help},
	CLI_OPTIONS(CLI_ROW)
#undef CLI_ROW
};

#define LOOK (CLI_FOR_SERVER | CLI_FOR_OUTPUT)
#define CHANGE (CLI_FOR_SERVER | CLI_FOR_OUTPUT)
#define ASKS (CLI_FOR_SERVER | CLI_FOR_OUTPUT | CLI_FOR_CHANGE)

const struct cli_command cli_commands[] = {
	{"nodes list", cli_nodes_list, "", LOOK | CLI_FOR_LIST | CLI_FOR_NODES,
		"Show the nodes (devices), one a line"},
	{"nodes show", cli_nodes_show, "NODE", LOOK | CLI_FOR_LIST,
		"Show everything about one node"},
	{"nodes rename", cli_nodes_rename, "NODE NEW-NAME", CHANGE,
		"Give a node the name that others type"},
	{"nodes expire", cli_nodes_expire, "NODE...", ASKS,
		"Log nodes out: they stay in the list and must log in again"},
	{"nodes extend", cli_nodes_extend, "NODE", CHANGE | CLI_FOR_EXTEND | CLI_FOR_DURATION,
		"Put off the time when a node has to log in again"},
	{"nodes delete", cli_nodes_delete, "NODE...", ASKS, "Remove nodes for good"},
	{"routes list", cli_routes_list, "[NODE]", LOOK | CLI_FOR_LIST,
		"Show what each node offers, what is approved and what carries traffic"},
	{"routes approve", cli_routes_approve, "NODE PREFIX...", CHANGE,
		"Let the tailnet use a route that a node offers"},
	{"routes withdraw", cli_routes_withdraw, "NODE PREFIX...", CHANGE,
		"Take the approval of a route back"},
	{"routes forget", cli_routes_forget, "NODE PREFIX...", CHANGE,
		"Drop a route that is not offered any more (Headscale up to 0.25)"},
	{"exit-node on", cli_exit_node_on, "NODE", CHANGE,
		"Let others use the node for all their traffic"},
	{"exit-node off", cli_exit_node_off, "NODE", CHANGE, "Take that back"},
	{"register", cli_register, "KEY|URL", CHANGE | CLI_FOR_REGISTER | CLI_FOR_USER,
		"Add the device that shows this link, or waits with this key"},
	{"keys list", cli_keys_list, "", LOOK | CLI_FOR_LIST,
		"Show pre-auth keys: what devices without a screen join with"},
	{"keys create", cli_keys_create, "", CHANGE | CLI_FOR_KEY | CLI_FOR_USER | CLI_FOR_DURATION,
		"Make a key, and show it this once"},
	{"keys revoke", cli_keys_revoke, "KEY-ID...", ASKS,
		"End keys: no device joins with them any more"},
	{"login", cli_login, "URL", CLI_FOR_LOGIN | CLI_FOR_DURATION,
		"Sign in at an Ouroboros server, by a browser"},
	{"logout", cli_logout, "", CLI_FOR_TOKEN, "Revoke the token of this machine and forget it"},
	{"whoami", cli_whoami, "", LOOK, "Show which server is used, and as whom"},
	{"doctor", cli_doctor, "", CLI_FOR_DOCTOR,
		"Look at everything that the settings name, and say what to change"},
	{"completion", cli_completion, "SHELL", 0,
		"Print the completion script for bash, zsh or fish"},
	{"version", cli_version, "", 0, "Show the version"},
	{"help", cli_help, "[COMMAND...]", 0, "Show what there is, or how one command is used"},
};
const size_t cli_command_count = sizeof(cli_commands) / sizeof(cli_commands[0]);

int cli_takes(const struct cli_command *command, const struct cli_option *option)
{
	uint32_t groups = command != NULL ? command->groups | CLI_FOR_ALL : CLI_FOR_MAIN;

	return (option->groups & groups) != 0;
}

/* How many of the words are the command's name; 0 = it is another one. */
static size_t matches(const struct cli_command *command, char *const *words, size_t count)
{
	const char *at = command->name;
	size_t used = 0;

	while (used < count) {
		size_t length = strcspn(at, " ");

		if (strlen(words[used]) != length || memcmp(words[used], at, length) != 0)
			return 0;
		used++;
		if (at[length] == '\0')
			return used;
		at += length + 1;
	}
	return 0;
}

const struct cli_command *cli_find_command(char *const *words, size_t count, size_t *ret_used)
{
	for (size_t i = 0; i < cli_command_count; i++) {
		size_t used = matches(&cli_commands[i], words, count);

		if (used > 0) {
			*ret_used = used;
			return &cli_commands[i];
		}
	}
	return NULL;
}

int cli_argument(const struct cli_command *command, size_t index, char *ret_name, size_t room)
{
	const char *at = command->arguments;
	size_t length;

	for (size_t i = 0; i < index && at[strcspn(at, " ")] == ' '; i++)
		at += strcspn(at, " ") + 1;
	if (*at == '\0' || index >= cli_most(command))
		return 0;
	at += *at == '[';
	length = strcspn(at, " ].");
	if (length >= room)
		return 0;
	memcpy(ret_name, at, length);
	ret_name[length] = '\0';
	return 1;
}

static size_t count_words(const struct cli_command *command, int needed)
{
	const char *at = command->arguments;
	size_t count = 0;

	while (*at != '\0') {
		count += !needed || *at != '[';
		at += strcspn(at, " ");
		at += *at == ' ';
	}
	return count;
}

size_t cli_least(const struct cli_command *command)
{
	return count_words(command, 1);
}

size_t cli_most(const struct cli_command *command)
{
	return strstr(command->arguments, "...") != NULL ? SIZE_MAX : count_words(command, 0);
}
