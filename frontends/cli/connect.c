/* connect.c: which tailnet, and as whom. A person has an Ouroboros server and a token; the operator has Headscale itself, by its unix
 * socket, by its address with an API key, or by the settings of ouroboros-web. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "credstore.h"
#include "secret.h"

#define DEFAULT_SOCKET "/var/run/headscale/headscale.sock"
#define TIMEOUT_MS 10000u

/* For the operator: everything that a rule can open, and others' things are left alone. */
#define OPEN_RULES                                                                                 \
	"{\"see_others\":\"none\",\"extend_expiry\":{\"longest\":\"3650d\",\"never\":true},"       \
	"\"keys\":{\"longest\":\"3650d\",\"reusable\":true,\"ephemeral\":true,\"alive\":1000}}"

static void log_line(void *user, int level, const char *text)
{
	(void)user;
	if (level <= OURO_LOG_INFO)
		cli_advise("%s", text);
}

static void on_fault(void *user, const char *where, const char *text)
{
	(void)user;
	cli_complain("%s: %s", where, text);
}

/* ---- which way ---- */

/* The one of these options that is given; -1 = none, -2 = several, after having said so. */
static int one_way(const struct cli *cli)
{
	static const int ways[] = {CLI_SERVER, CLI_SOCKET, CLI_ADDRESS, CLI_CONFIG};
	int found = -1;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (cli->values[ways[i]] == NULL)
			continue;
		if (found >= 0) {
			cli_complain("--%s and --%s name two tailnets; say one of them",
				cli_options[found].name, cli_options[ways[i]].name);
			return -2;
		}
		found = ways[i];
	}
	return found;
}

/* An option that has no meaning on the way that is taken. */
static int refuse(const struct cli *cli, int option, const char *why)
{
	if (cli->values[option] == NULL)
		return CLI_OK;
	cli_complain("--%s %s", cli_options[option].name, why);
	return CLI_USAGE;
}

static int refuse_operators(const struct cli *cli)
{
	static const int options[] = {CLI_API_KEY_FILE, CLI_PLAINTEXT, CLI_AS};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (refuse(cli, options[i],
			    "is for the operator: it goes with --socket, --address or --config") !=
			CLI_OK)
			return CLI_USAGE;
	return CLI_OK;
}

static int set_common(struct cli *cli, ouro_tailnet_options *options)
{
	uint64_t seconds = 0;

	options->read_timeout_ms = options->first_view_ms = TIMEOUT_MS;
	if (cli->values[CLI_TIMEOUT] != NULL) {
		if (!cli_number_option(cli, CLI_TIMEOUT, 1, 600, &seconds))
			return CLI_USAGE;
		options->read_timeout_ms = options->first_view_ms = (uint32_t)seconds * 1000u;
		options->write_timeout_ms = options->read_timeout_ms;
		if (seconds < 5)
			options->connect_timeout_ms = options->read_timeout_ms;
	}
	if (cli->values[CLI_CA_FILE] != NULL)
		options->ca_file = cli->values[CLI_CA_FILE];
	if (cli->values[CLI_VERBOSE] != NULL)
		options->log = log_line;
	return CLI_OK;
}

static int open_tailnet(struct cli *cli, const ouro_tailnet_options *options)
{
	ouro_error error = OURO_ERROR_INIT;
	const char *place = options->address != NULL ? options->address : options->socket_path;

	cli->server = place != NULL ? strdup(place) : NULL;
	if (cli->server == NULL) {
		cli_complain("out of memory");
		return CLI_FAILED;
	}
	if (ouro_tailnet_open(options, &cli->tailnet, &error) < 0) {
		cli_complain("%s", error.text);
		return error.status == OURO_ERR_INVALID ? CLI_USAGE : cli_exit_of(error.status);
	}
	return CLI_OK;
}

/* ---- the ways ---- */

static void advise_ways(void)
{
	cli_advise("As a person, sign in first: ouroboros login https://vpn.example.org");
	cli_advise("As the operator of a server elsewhere, say --address HOST:PORT.");
}

static int open_socket(struct cli *cli)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	int code = set_common(cli, &options);

	options.socket_path =
		cli->values[CLI_SOCKET] != NULL ? cli->values[CLI_SOCKET] : DEFAULT_SOCKET;
	if (code != CLI_OK)
		return code;
	if (access(options.socket_path, F_OK) < 0 && errno == ENOENT) {
		cli_complain("there is no Headscale at %s", options.socket_path);
		if (cli->values[CLI_SOCKET] == NULL)
			advise_ways();
		return CLI_UNREACHABLE;
	}
	if (access(options.socket_path, R_OK | W_OK) < 0 && errno == EACCES) {
		cli_complain("%s: this account may not talk to Headscale", options.socket_path);
		cli_advise("Run it as a member of the group that owns the socket.");
		return CLI_DENIED;
	}
	return open_tailnet(cli, &options);
}

static int open_address(struct cli *cli)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	struct cli_text key = {0};
	int code = set_common(cli, &options);

	if (code == CLI_OK)
		code = cli_secret(cli->values[CLI_API_KEY_FILE], "OUROBOROS_API_KEY", &key);
	if (code == CLI_OK && key.size == 0) {
		cli_complain("--address wants an API key of Headscale");
		cli_advise("Name a file that holds it with --api-key-file, or set "
			   "OUROBOROS_API_KEY (headscale apikeys create).");
		code = CLI_USAGE;
	}
	if (code == CLI_OK) {
		options.address = cli->values[CLI_ADDRESS];
		options.api_key = cli_text_str(&key);
		options.plaintext = cli->values[CLI_PLAINTEXT] != NULL;
		code = open_tailnet(cli, &options);
	}
	cli_text_wipe(&key);
	return code;
}

static int open_config(struct cli *cli)
{
	ouro_settings_options where = OURO_SETTINGS_OPTIONS_INIT;
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	struct cli_credstore credstore = {0};
	ouro_error error = OURO_ERROR_INIT;
	int code = cli_credstore_open(&credstore, cli);

	if (code != CLI_OK)
		return code;
	where.file = cli->values[CLI_CONFIG];
	where.environment = credstore.environment;
	where.fault = on_fault;
	/* Faults are told already. */
	if (ouro_settings_load(&where, &cli->settings, &error) < 0) {
		code = error.status == OURO_ERR_CONFIG
			? CLI_USAGE
			: cli_failed(cli, &error, "reading the settings");
		cli_credstore_advise(&credstore);
	}
	cli_credstore_done(&credstore);
	if (code != CLI_OK)
		return code;
	ouro_settings_tailnet(cli->settings, &options);
	options.log = NULL;
	code = set_common(cli, &options);
	return code == CLI_OK ? open_tailnet(cli, &options) : code;
}

static int open_server(struct cli *cli, const struct cli_token *token)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	int code = set_common(cli, &options);

	options.address = cli_text_str(&token->server);
	options.api_key = cli_text_str(&token->secret);
	if (code == CLI_OK && token->ca_file.size > 0 && options.ca_file == NULL)
		options.ca_file = cli_text_str(&token->ca_file);
	cli->as_person = 1;
	return code == CLI_OK ? open_tailnet(cli, &options) : code;
}

static int open_person(struct cli *cli, int named)
{
	struct cli_token token = {0};
	int code = refuse_operators(cli);

	if (code == CLI_OK)
		code = cli_token_find(cli, &token);
	if (code == CLI_OK && token.secret.size > 0)
		code = open_server(cli, &token);
	else if (code == CLI_OK && named) {
		cli_complain("there is no token for %s", cli_text_str(&token.server));
		cli_advise("Get one with: ouroboros login %s", cli_text_str(&token.server));
		code = CLI_DENIED;
	}
	cli_token_done(&token);
	return code;
}

static int open_way(struct cli *cli)
{
	static const char only_person[] = "goes with --server";
	static const char only_address[] = "goes with --address";
	int way = one_way(cli);
	int code;

	if (way == -2)
		return CLI_USAGE;
	if (way == CLI_SERVER || (way == -1 && cli_token_exists(cli)))
		return open_person(cli, 1);
	code = refuse(cli, CLI_TOKEN_FILE, only_person);
	if (code == CLI_OK && way != CLI_ADDRESS)
		code = refuse(cli, CLI_API_KEY_FILE, only_address);
	if (code == CLI_OK && way != CLI_ADDRESS)
		code = refuse(cli, CLI_PLAINTEXT, only_address);
	if (code != CLI_OK)
		return code;
	if (way == CLI_ADDRESS)
		return open_address(cli);
	return way == CLI_CONFIG ? open_config(cli) : open_socket(cli);
}

/* ---- as whom ---- */

/* The settings' own map and rules where they are named; else none but those that keep --as to what is that user's. */
static int load_directory(struct cli *cli)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;

	options.user_map = "{\"1\":\"nobody\"}";
	options.rules = OPEN_RULES;
	if (cli->settings != NULL)
		ouro_settings_directory(cli->settings, &options);
	if (ouro_directory_load(&options, on_fault, NULL, &cli->directory, &error) < 0)
		return cli_failed(cli, &error, "reading the rules");
	return CLI_OK;
}

static int become(struct cli *cli)
{
	const char *user = cli->values[CLI_AS];
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	rc = ouro_portal_new(cli->tailnet, cli->directory, NULL, &cli->portal, &error);
	if (rc < 0)
		return cli_failed(cli, &error, NULL);
	cli_progress(cli, "Asking %s …", cli->server);
	rc = user != NULL ? ouro_person_as(cli->portal, user, &cli->person, &error)
			  : ouro_person_holder(cli->portal, &cli->person, &error);
	cli_progress_end();
	return rc < 0 ? cli_failed(cli, &error, NULL) : CLI_OK;
}

int cli_connect(struct cli *cli)
{
	int code = open_way(cli);

	if (code == CLI_OK)
		code = load_directory(cli);
	if (code == CLI_OK)
		code = become(cli);
	return code;
}

void cli_disconnect(struct cli *cli)
{
	ouro_person_free(cli->person);
	ouro_portal_free(cli->portal);
	ouro_directory_free(cli->directory);
	ouro_tailnet_free(cli->tailnet);
	ouro_settings_free(cli->settings);
	free(cli->server);
}
