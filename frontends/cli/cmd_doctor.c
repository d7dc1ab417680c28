/* cmd_doctor.c: what works, what does not, and what to do about it: of an installation for its operator, of the way to a server for a
 * person. What is found is told as it comes in. */
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "commands.h"
#include "credstore.h"
#include "json.h"
#include "secret.h"
#include "table_print.h"

struct doctor {
	const struct cli *cli;
	struct cli_json json;
	size_t count[3]; /* by level */
};

static const char *const levels[] = {"ok", "note", "wrong"};
static const enum cli_colour colours[] = {CLI_GREEN, CLI_YELLOW, CLI_RED};

static void print(const struct doctor *doctor, const ouro_finding *finding)
{
	struct cli_text text = {0};
	struct cli_text advice = {0};
	enum cli_colour colour = colours[finding->level];

	cli_text_safe(&text, finding->text);
	cli_text_safe(&advice, finding->advice);
	(void)printf("%s%-5s%s  %-13s  %s\n", cli_colour(doctor->cli, colour),
		levels[finding->level], cli_colour_end(doctor->cli, colour), finding->topic,
		cli_text_str(&text));
	if (advice.size > 0)
		(void)printf("       %s\n", cli_text_str(&advice));
	(void)fflush(stdout);
	cli_text_done(&text);
	cli_text_done(&advice);
}

static void on_finding(void *user, const ouro_finding *finding)
{
	struct doctor *doctor = user;

	if (finding->level < OURO_FINDING_OK || finding->level > OURO_FINDING_WRONG)
		return;
	doctor->count[finding->level]++;
	if (doctor->cli->values[CLI_AS_JSON] == NULL) {
		cli_progress_end();
		print(doctor, finding);
		return;
	}
	cli_json_open(&doctor->json, NULL, '{');
	cli_json_string(&doctor->json, "level", levels[finding->level]);
	cli_json_string(&doctor->json, "topic", finding->topic);
	cli_json_string(&doctor->json, "text", finding->text);
	cli_json_string(&doctor->json, "advice", finding->advice);
	cli_json_close(&doctor->json, '}');
}

static int finish(struct doctor *doctor)
{
	const size_t *count = doctor->count;

	if (doctor->cli->values[CLI_AS_JSON] != NULL) {
		cli_json_close(&doctor->json, ']');
		cli_json_number(&doctor->json, "ok", count[OURO_FINDING_OK]);
		cli_json_number(&doctor->json, "notes", count[OURO_FINDING_NOTE]);
		cli_json_number(&doctor->json, "wrong", count[OURO_FINDING_WRONG]);
		cli_json_close(&doctor->json, '}');
		if (cli_json_print(&doctor->json) != CLI_OK)
			return CLI_FAILED;
	} else if (count[OURO_FINDING_WRONG] == 0 && count[OURO_FINDING_NOTE] == 0) {
		(void)puts("Nothing is wrong.");
	} else {
		(void)printf("%zu wrong, %zu to look at, %zu fine.\n", count[OURO_FINDING_WRONG],
			count[OURO_FINDING_NOTE], count[OURO_FINDING_OK]);
	}
	return count[OURO_FINDING_WRONG] > 0 ? CLI_FAILED : CLI_OK;
}

static int run(struct cli *cli, const ouro_doctor_options *options)
{
	struct doctor doctor = {.cli = cli};
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;
	int code;

	cli_json_open(&doctor.json, NULL, '{');
	cli_json_open(&doctor.json, "findings", '[');
	cli_progress(cli, "Looking at everything …");
	rc = ouro_doctor_run(options, on_finding, &doctor, NULL, &error);
	cli_progress_end();
	code = rc < 0 ? cli_failed(cli, &error, NULL) : finish(&doctor);
	cli_text_done(&doctor.json.text);
	return code;
}

/* A person has a token; everybody else is the operator. */
static int is_person(const struct cli *cli)
{
	if (cli->values[CLI_CONFIG] != NULL)
		return 0;
	return cli->values[CLI_SERVER] != NULL || cli->values[CLI_TOKEN_FILE] != NULL ||
		cli_token_exists(cli);
}

static int run_person(struct cli *cli)
{
	ouro_doctor_options options = OURO_DOCTOR_OPTIONS_INIT;
	struct cli_token token = {.expires = OURO_TIME_NEVER};
	int code = cli_token_find(cli, &token);

	if (code == CLI_OK) {
		options.server = cli_text_str(&token.server);
		options.token = token.secret.size > 0 ? cli_text_str(&token.secret) : NULL;
		options.token_until = token.expires;
		options.ca_file = cli->values[CLI_CA_FILE];
		if (options.ca_file == NULL && token.ca_file.size > 0)
			options.ca_file = cli_text_str(&token.ca_file);
		code = run(cli, &options);
	}
	cli_token_done(&token);
	return code;
}

int cli_doctor(struct cli *cli)
{
	ouro_doctor_options options = OURO_DOCTOR_OPTIONS_INIT;
	struct cli_credstore credstore = {0};
	int code;

	if (cli->values[CLI_CONFIG] != NULL && cli->values[CLI_SERVER] != NULL) {
		cli_complain(
			"--config is for the operator and --server for a person; say one of them");
		return CLI_USAGE;
	}
	if (is_person(cli))
		return run_person(cli);
	options.file = cli->values[CLI_CONFIG];
	code = cli_credstore_open(&credstore, cli);
	options.environment = credstore.environment;
	if (code == CLI_OK)
		code = run(cli, &options);
	if (code != CLI_OK)
		cli_credstore_advise(&credstore);
	cli_credstore_done(&credstore);
	return code;
}
