/* parse.c: from the words of the command line to a command and its options, by the rows of table.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Secrets in the list of arguments can be read by everybody on the machine. */
static const struct {
	const char *name;
	const char *instead;
} secrets[] = {
	{"api-key",
		"put it into a file and name that with --api-key-file, or set OUROBOROS_API_KEY"},
	{"token", "put it into a file and name that with --token-file, or set OUROBOROS_TOKEN"},
};

/* ---- what is near ---- */

static unsigned tolerance(const char *word)
{
	size_t length = strlen(word);

	return length < 3 ? 1 : length < 7 ? 2 : 3;
}

const char *cli_nearest_option(const char *name, const struct cli_command *command)
{
	unsigned best = tolerance(name) + 1;
	const char *found = "";

	for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
		unsigned distance = cli_distance(name, cli_options[i].name);

		if (distance < best && (command == NULL || cli_takes(command, &cli_options[i]))) {
			best = distance;
			found = cli_options[i].name;
		}
	}
	return found;
}

/* What people may call a command elsewhere. */
static const char *elsewhere(const char *words)
{
	static const char *const names[][2] = {{"ls", "nodes list"}, {"list", "nodes list"},
		{"status", "nodes list"}, {"nodes ls", "nodes list"},
		{"nodes remove", "nodes delete"}, {"nodes rm", "nodes delete"},
		{"nodes logout", "nodes expire"}, {"nodes get", "nodes show"},
		{"rm", "nodes delete"}, {"rename", "nodes rename"}, {"routes ls", "routes list"},
		{"routes enable", "routes approve"}, {"routes disable", "routes withdraw"},
		{"preauthkeys list", "keys list"}, {"preauthkeys create", "keys create"},
		{"keys delete", "keys revoke"}, {"keys expire", "keys revoke"}, {"up", "register"},
		{"signin", "login"}, {"signout", "logout"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(words, names[i][0]) == 0)
			return names[i][1];
	return "";
}

const char *cli_nearest_command(const char *words)
{
	unsigned best = tolerance(words) + 1;
	const char *found = elsewhere(words);

	if (*found != '\0')
		return found;
	for (size_t i = 0; i < cli_command_count; i++) {
		unsigned distance = cli_distance(words, cli_commands[i].name);

		if (distance < best) {
			best = distance;
			found = cli_commands[i].name;
		}
	}
	return found;
}

/* ---- commands ---- */

/* Does any command begin with this word and go on? */
static int is_family(const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i < cli_command_count; i++)
		if (strncmp(cli_commands[i].name, word, length) == 0 &&
			cli_commands[i].name[length] == ' ')
			return 1;
	return 0;
}

static void list_family(const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i < cli_command_count; i++)
		if (strncmp(cli_commands[i].name, word, length) == 0 &&
			cli_commands[i].name[length] == ' ')
			cli_advise("  ouroboros %-17s %s", cli_commands[i].name,
				cli_commands[i].summary);
}

/* The first word of the command that is nearest to a word. */
static int suggest_first(const char *word)
{
	unsigned best = tolerance(word) + 1;
	char near[64] = "";

	for (size_t i = 0; i < cli_command_count; i++) {
		char first[64];

		(void)snprintf(first, sizeof(first), "%.*s",
			(int)strcspn(cli_commands[i].name, " "), cli_commands[i].name);
		if (cli_distance(word, first) < best) {
			best = cli_distance(word, first);
			(void)snprintf(near, sizeof(near), "%s", first);
		}
	}
	if (near[0] != '\0')
		cli_advise("Did you mean ouroboros %s?", near);
	return near[0] != '\0';
}

static int unknown_command(char *const *words, size_t count)
{
	struct cli_text two = {0};
	const char *near;

	if (count == 1 && is_family(words[0])) {
		cli_complain("%s what? There is:", words[0]);
		list_family(words[0]);
		return CLI_USAGE;
	}
	cli_text_put(&two, words[0]);
	near = cli_nearest_command(cli_text_str(&two));
	if (count > 1) {
		cli_text_format(&two, " %s", words[1]);
		if (*near == '\0' || is_family(words[0]))
			near = cli_nearest_command(cli_text_str(&two));
	}
	cli_complain(
		"there is no command \"%s\"", is_family(words[0]) ? cli_text_str(&two) : words[0]);
	if (*near != '\0')
		cli_advise("Did you mean ouroboros %s?", near);
	else if (is_family(words[0]))
		list_family(words[0]);
	else if (!suggest_first(words[0]))
		cli_advise("ouroboros help lists what there is.");
	cli_text_done(&two);
	return CLI_USAGE;
}

/* ---- options ---- */

static int refuse_secret(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		if (strlen(secrets[i].name) != length || memcmp(secrets[i].name, name, length) != 0)
			continue;
		cli_complain("--%s: everybody on this machine can read what is typed here",
			secrets[i].name);
		cli_advise("Instead, %s.", secrets[i].instead);
		return 1;
	}
	return 0;
}

static int unknown_option(const char *name, size_t length)
{
	char shown[80];
	const char *near;

	if (refuse_secret(name, length))
		return CLI_USAGE;
	(void)snprintf(shown, sizeof(shown), "%.*s", length > 60 ? 60 : (int)length, name);
	near = cli_nearest_option(shown, NULL);
	cli_complain("there is no option --%s", shown);
	if (*near != '\0')
		cli_advise("Did you mean --%s?", near);
	return CLI_USAGE;
}

static int is_seconds(const char *word)
{
	return word != NULL && *word != '\0' && strspn(word, "0123456789.") == strlen(word);
}

static int is_choice(const struct cli_option *option, const char *value)
{
	const char *at = option->choices;
	size_t length = strlen(value);

	if (at == NULL || *at == '<' || option == &cli_options[CLI_SCOPES])
		return 1;
	while (*at != '\0') {
		size_t word = strcspn(at, " ");

		if (word == length && memcmp(at, value, length) == 0)
			return 1;
		at += word + (at[word] == ' ');
	}
	return 0;
}

static int set_value(struct cli *cli, const struct cli_option *option, const char *value)
{
	size_t id = (size_t)(option - cli_options);

	if (cli->values[id] != NULL && option->argument != NULL) {
		cli_complain("--%s is given twice", option->name);
		return CLI_USAGE;
	}
	if (*value != '\0' && !is_choice(option, value)) {
		cli_complain("--%s: \"%s\" is none of: %s", option->name, value, option->choices);
		return CLI_USAGE;
	}
	cli->values[id] = value;
	return CLI_OK;
}

/* *at: index of the word with the option; moves on if its argument is the next word. given: what follows "=", NULL = nothing. */
static int take_option(
	struct cli *cli, const struct cli_option *option, const char *given, char **argv, int *at)
{
	const char *next = argv[*at + 1];

	if (option->argument == NULL) {
		if (given != NULL) {
			cli_complain("--%s takes no argument", option->name);
			return CLI_USAGE;
		}
		return set_value(cli, option, "");
	}
	if (given == NULL && option->optional)
		given = is_seconds(next) ? argv[++*at] : "";
	else if (given == NULL && next != NULL)
		given = argv[++*at];
	if (given == NULL || (*given == '\0' && !option->optional)) {
		cli_complain("--%s wants %s", option->name, option->argument);
		return CLI_USAGE;
	}
	return set_value(cli, option, given);
}

static int take_long(struct cli *cli, char **argv, int *at)
{
	const char *name = argv[*at] + 2;
	size_t length = strcspn(name, "=");

	for (size_t i = 0; i < CLI_OPTION_COUNT; i++)
		if (strlen(cli_options[i].name) == length &&
			memcmp(cli_options[i].name, name, length) == 0)
			return take_option(cli, &cli_options[i],
				name[length] == '=' ? name + length + 1 : NULL, argv, at);
	return unknown_option(name, length);
}

static const struct cli_option *by_letter(char letter)
{
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++)
		if (cli_options[i].letter == letter && letter != 0)
			return &cli_options[i];
	return NULL;
}

/* "-o json", "-ojson", "-yv" */
static int take_letters(struct cli *cli, char **argv, int *at)
{
	const char *letters = argv[*at] + 1;

	for (; *letters != '\0'; letters++) {
		const struct cli_option *option = by_letter(*letters);
		int code;

		if (option == NULL) {
			cli_complain("there is no option -%.1s", letters);
			return CLI_USAGE;
		}
		if (option->argument != NULL)
			return take_option(
				cli, option, letters[1] != '\0' ? letters + 1 : NULL, argv, at);
		code = take_option(cli, option, NULL, argv, at);
		if (code != CLI_OK)
			return code;
	}
	return CLI_OK;
}

/* The words that are no options move to the front of argv; *ret_count of them. */
static int take_all(struct cli *cli, int argc, char **argv, size_t *ret_count)
{
	size_t count = 0;
	int code = CLI_OK;

	for (int i = 1; i < argc && code == CLI_OK; i++) {
		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				argv[count++] = argv[i];
			break;
		}
		if (argv[i][0] != '-' || argv[i][1] == '\0')
			argv[count++] = argv[i];
		else if (argv[i][1] == '-')
			code = take_long(cli, argv, &i);
		else
			code = take_letters(cli, argv, &i);
	}
	*ret_count = count;
	return code;
}

/* ---- together ---- */

static int check_options(const struct cli *cli)
{
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
		const char *near;

		if (cli->values[i] == NULL || cli_takes(cli->command, &cli_options[i]))
			continue;
		near = cli_nearest_option(cli_options[i].name, cli->command);
		cli_complain("%s takes no --%s",
			cli->command != NULL ? cli->command->name : "ouroboros without a command",
			cli_options[i].name);
		if (*near != '\0')
			cli_advise("Did you mean --%s?", near);
		else if (cli->command != NULL)
			cli_advise("ouroboros help %s shows what it takes.", cli->command->name);
		return CLI_USAGE;
	}
	return CLI_OK;
}

static int check_words(const struct cli *cli)
{
	if (cli->values[CLI_HELP] != NULL)
		return CLI_OK;
	if (cli->word_count < cli_least(cli->command))
		cli_complain("%s wants %s", cli->command->name, cli->command->arguments);
	else if (cli->word_count > cli_most(cli->command))
		cli_complain("%s: \"%s\" is one word too many", cli->command->name,
			cli->words[cli_most(cli->command)]);
	else
		return CLI_OK;
	cli_print_usage(cli->command);
	return CLI_USAGE;
}

int cli_parse(struct cli *cli, int argc, char **argv)
{
	const char *format;
	size_t count = 0;
	size_t used = 0;
	int code = take_all(cli, argc, argv, &count);

	if (code != CLI_OK)
		return code;
	cli->command = cli_find_command(argv, count, &used);
	if (cli->command == NULL && count > 0 && cli->values[CLI_HELP] == NULL)
		return unknown_command(argv, count);
	cli->words = argv + used;
	cli->word_count = count - used;
	code = check_options(cli);
	if (code == CLI_OK && cli->command != NULL)
		code = check_words(cli);
	format = cli->values[CLI_OUTPUT];
	if (format != NULL)
		cli->format = strcmp(format, "json") == 0 ? CLI_JSON
			: strcmp(format, "csv") == 0      ? CLI_CSV
							  : CLI_TABLE;
	return code;
}

int cli_number_option(
	struct cli *cli, int option, uint64_t least, uint64_t most, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!cli_number(cli->values[option], &number) || number < least || number > most) {
		cli_complain("--%s: \"%s\" is not a number from %llu to %llu",
			cli_options[option].name, cli->values[option], (unsigned long long)least,
			(unsigned long long)most);
		return 0;
	}
	*ret_number = number;
	return 1;
}
