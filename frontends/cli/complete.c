/* complete.c: what may stand where the cursor is. Names come from the server, which gets a moment to answer; a name that a shell or a
 * terminal could take for something else is offered as its id. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static void offer(const char *begun, const char *word, const char *meaning)
{
	if (strncmp(word, begun, strlen(begun)) == 0)
		(void)printf("%s\t%s\n", word, meaning);
}

/* ---- options ---- */

static void offer_options(const struct cli *cli, const char *begun)
{
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
		char word[64];

		if (!cli_takes(cli->command, &cli_options[i]) || cli->values[i] != NULL)
			continue;
		(void)snprintf(word, sizeof(word), "--%s", cli_options[i].name);
		offer(begun, word, cli_options[i].help);
	}
}

/* before: "--output=", or "" where the value is a word of its own. */
static void offer_values(const struct cli_option *option, const char *before, const char *begun)
{
	const char *at = option->choices;

	if (at == NULL)
		return;
	if (strcmp(at, "<file>") == 0)
		(void)puts(":file");
	if (*at == '<')
		return;
	while (*at != '\0') {
		size_t length = strcspn(at, " ");
		char word[160];

		(void)snprintf(word, sizeof(word), "%s%.*s", before, (int)length, at);
		if (strncmp(word + strlen(before), begun, strlen(begun)) == 0)
			(void)printf("%s\t\n", word);
		at += length + (at[length] == ' ');
	}
}

static const struct cli_option *find_option(const char *word)
{
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
		const struct cli_option *option = &cli_options[i];

		if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, option->name) == 0)
			return option;
		if (word[0] == '-' && word[1] == option->letter && option->letter != 0 &&
			word[2] == '\0')
			return option;
	}
	return NULL;
}

/* The word being typed is the value of an option: "--output=js", or "js" after "--output". */
static int complete_value(const char *last, const char *begun)
{
	const struct cli_option *option = last != NULL ? find_option(last) : NULL;
	const char *equals = strchr(begun, '=');
	char name[64];

	if (option != NULL && option->argument != NULL && !option->optional) {
		offer_values(option, "", begun);
		return 1;
	}
	if (strncmp(begun, "--", 2) != 0 || equals == NULL)
		return 0;
	(void)snprintf(name, sizeof(name), "%.*s", (int)(equals - begun), begun);
	option = find_option(name);
	(void)snprintf(name, sizeof(name), "%.*s=", (int)(equals - begun), begun);
	if (option != NULL && option->argument != NULL)
		offer_values(option, name, equals + 1);
	return 1;
}

/* ---- commands ---- */

static void offer_commands(char *const *words, size_t count, const char *begun)
{
	char last[64] = "";

	for (size_t i = 0; i < cli_command_count; i++) {
		const char *name = cli_commands[i].name;
		size_t length = strcspn(name, " ");
		int family = name[length] == ' ';
		char first[64];

		(void)snprintf(first, sizeof(first), "%.*s", (int)length, name);
		if (count == 1 && family && strcmp(words[0], first) == 0)
			offer(begun, name + length + 1, cli_commands[i].summary);
		if (count > 0 || strcmp(last, first) == 0)
			continue;
		(void)snprintf(last, sizeof(last), "%s", first);
		offer(begun, first, family ? "…" : cli_commands[i].summary);
	}
}

/* ---- what the server knows ---- */

static int read_nodes(struct cli *cli, ouro_node_list **ret_list)
{
	if (cli->values[CLI_TIMEOUT] == NULL)
		cli->values[CLI_TIMEOUT] = "2";
	return cli_connect(cli) == CLI_OK &&
		ouro_nodes_list(cli->person, NULL, ret_list, NULL) == OURO_OK;
}

static void offer_nodes(struct cli *cli, const char *begun)
{
	ouro_node_list *list = NULL;

	if (!read_nodes(cli, &list))
		return;
	for (size_t i = 0; i < ouro_node_list_count(list); i++) {
		const ouro_node *node = ouro_node_list_at(list, i);
		const char *name = ouro_node_name(node);
		struct cli_text safe = {0};
		char id[24];

		(void)snprintf(id, sizeof(id), "%llu", (unsigned long long)ouro_node_id(node));
		cli_text_safe(
			&safe, ouro_node_address_count(node) > 0 ? ouro_node_address(node, 0) : "");
		if (*name != '\0' && strspn(name, LETTERS "-._") == strlen(name) && *name != '-' &&
			strspn(name, "0123456789") != strlen(name))
			offer(begun, name, cli_text_str(&safe));
		else
			offer(begun, id, cli_text_str(&safe));
		cli_text_done(&safe);
	}
	ouro_node_list_free(list);
}

static void offer_prefixes(struct cli *cli, const char *begun)
{
	ouro_node_list *list = NULL;
	const ouro_node *node = NULL;

	if (cli->values[CLI_TIMEOUT] == NULL)
		cli->values[CLI_TIMEOUT] = "2";
	if (cli_connect(cli) != CLI_OK || cli_pick_node(cli, cli->words[0], &list, &node) != CLI_OK)
		return;
	for (size_t i = 0; i < ouro_node_route_count(node); i++) {
		const char *prefix = ouro_route_prefix(ouro_node_route(node, i));

		if (strspn(prefix, LETTERS ":./") == strlen(prefix))
			offer(begun, prefix, "");
	}
	ouro_node_list_free(list);
}

static void offer_argument(struct cli *cli, const char *begun)
{
	char name[32];

	if (!cli_argument(cli->command, cli->word_count, name, sizeof(name)))
		return;
	if (strcmp(name, "NODE") == 0)
		offer_nodes(cli, begun);
	else if (strcmp(name, "PREFIX") == 0)
		offer_prefixes(cli, begun);
	else if (strcmp(name, "COMMAND") == 0)
		offer_commands(cli->words, cli->word_count, begun);
	else if (strcmp(name, "SHELL") == 0) {
		offer(begun, "bash", "");
		offer(begun, "zsh", "");
		offer(begun, "fish", "");
	}
}

/* ---- together ---- */

/* What is there already, as far as it can be understood: the options' values, the command, its words. */
static void read_words(struct cli *cli, int argc, char **argv)
{
	size_t count = 0;
	size_t used = 0;

	for (int i = 0; i < argc; i++) {
		const struct cli_option *option;
		char *equals = argv[i][0] == '-' ? strchr(argv[i], '=') : NULL;

		if (argv[i][0] != '-') {
			argv[count++] = argv[i];
			continue;
		}
		if (equals != NULL)
			*equals = '\0';
		option = find_option(argv[i]);
		if (option == NULL)
			continue;
		if (equals != NULL)
			cli->values[option - cli_options] = equals + 1;
		else if (option->argument == NULL || option->optional)
			cli->values[option - cli_options] = "";
		else if (i + 1 < argc)
			cli->values[option - cli_options] = argv[++i];
	}
	cli->command = cli_find_command(argv, count, &used);
	cli->words = argv + used;
	cli->word_count = count - used;
}

int cli_complete(struct cli *cli, int argc, char **argv)
{
	const char *begun = argc > 0 ? argv[argc - 1] : "";
	const char *last = argc > 1 ? argv[argc - 2] : NULL;
	char kept[64];

	if (complete_value(last, begun))
		return CLI_OK;
	(void)snprintf(kept, sizeof(kept), "%s", begun);
	read_words(cli, argc > 0 ? argc - 1 : 0, argv);
	/* Nobody is told anything but what fits. */
	cli->err_terminal = cli->in_terminal = 0;
	if (kept[0] == '-')
		offer_options(cli, kept);
	else if (cli->command != NULL)
		offer_argument(cli, kept);
	else
		offer_commands(cli->words, cli->word_count, kept);
	return CLI_OK;
}
