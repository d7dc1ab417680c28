/* cmd_login.c: getting a personal token and giving it up. The browser is opened by a program that people have for it; what comes back
 * is taken on 127.0.0.1 (loopback.c). Every wait ends when the server stops waiting. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ouroboros/login.h>

#include "cli.h"
#include "commands.h"
#include "loopback.h"
#include "secret.h"
#include "when.h"

/* Between two questions whether somebody has approved. */
#define POLL_SECONDS 3

static int read_scopes(const struct cli *cli, uint32_t *ret_scopes)
{
	const char *at = cli->values[CLI_SCOPES];

	*ret_scopes = at != NULL ? OURO_TOKEN_READ : OURO_TOKEN_ALL;
	while (at != NULL && *at != '\0') {
		size_t length = strcspn(at, ",");
		uint32_t scope = ouro_token_scope(at, length);

		if (scope == 0) {
			cli_complain("--scopes: \"%.*s\" is none of read, nodes, routes, keys",
				length > 40 ? 40 : (int)length, at);
			return CLI_USAGE;
		}
		*ret_scopes |= scope;
		at += length + (at[length] == ',');
	}
	return CLI_OK;
}

static int read_wish(const struct cli *cli, ouro_sign_in_options *wish)
{
	int code = read_scopes(cli, &wish->scopes);

	if (code == CLI_OK && cli->values[CLI_FOR] != NULL) {
		wish->lifetime = cli_when_duration(cli->values[CLI_FOR]);
		if (wish->lifetime < 3600) {
			cli_complain("--for: \"%s\" is no duration of an hour or more; write 12h, "
				     "90d or 1y",
				cli->values[CLI_FOR]);
			code = CLI_USAGE;
		}
	}
	if (code == CLI_OK && cli->values[CLI_TIMEOUT] != NULL) {
		uint64_t seconds = 0;

		if (!cli_number(cli->values[CLI_TIMEOUT], &seconds) || seconds < 1 ||
			seconds > 600) {
			cli_complain("--timeout: \"%s\" is not a number from 1 to 600",
				cli->values[CLI_TIMEOUT]);
			return CLI_USAGE;
		}
		wish->timeout_ms = (uint32_t)seconds * 1000u;
	}
	wish->ca_file = cli->values[CLI_CA_FILE];
	return code;
}

static void machine_name(const struct cli *cli, char ret_name[OURO_LOGIN_MACHINE_MAX])
{
	const char *given = cli->values[CLI_NAME];

	if (given != NULL)
		(void)snprintf(ret_name, OURO_LOGIN_MACHINE_MAX, "%s", given);
	else if (gethostname(ret_name, OURO_LOGIN_MACHINE_MAX - 1) < 0 || ret_name[0] == '\0')
		(void)snprintf(ret_name, OURO_LOGIN_MACHINE_MAX, "command line");
	ret_name[OURO_LOGIN_MACHINE_MAX - 1] = '\0';
}

/* ---- waiting ---- */

struct finishing {
	ouro_sign_in *sign_in;
	char text[OURO_TOKEN_TEXT_MAX];
	ouro_token token;
};

static int finish(struct cli *cli, struct finishing *finishing, const char *grant, int *ret_pending)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = ouro_sign_in_finish(
		finishing->sign_in, grant, finishing->text, &finishing->token, &error);

	*ret_pending = rc == OURO_ERR_PENDING || rc == OURO_ERR_UNREACHABLE ||
		rc == OURO_ERR_TIMEOUT || rc == OURO_ERR_LIMIT;
	if (rc == OURO_OK || *ret_pending)
		return CLI_OK;
	return cli_failed(cli, &error, "signing in");
}

static int too_late(void)
{
	cli_complain("nobody approved it in time; nothing was granted");
	cli_advise("Run ouroboros login again.");
	return CLI_FAILED;
}

/* By the code that somebody types elsewhere. */
static int wait_for_code(struct cli *cli, struct finishing *finishing)
{
	const struct timespec pause = {POLL_SECONDS, 0};
	int pending = 1;
	int code = CLI_OK;

	cli_advise("Open this page in a browser, on any device:");
	cli_advise("  %s", ouro_sign_in_url(finishing->sign_in));
	cli_advise("and type this code there:");
	cli_advise("  %s", ouro_sign_in_code(finishing->sign_in));
	cli_progress(cli, "Waiting for that …");
	while (pending && code == CLI_OK) {
		if ((int64_t)time(NULL) >= ouro_sign_in_ends(finishing->sign_in))
			return too_late();
		(void)nanosleep(&pause, NULL);
		code = finish(cli, finishing, NULL, &pending);
	}
	cli_progress_end();
	return code;
}

/* Whoever refuses is not sent back to us: the server knows of it. CLI_OK = not so far. */
static int is_refused(struct cli *cli, struct finishing *finishing)
{
	ouro_error error = OURO_ERROR_INIT;

	if (ouro_sign_in_finish(finishing->sign_in, NULL, finishing->text, &finishing->token,
		    &error) != OURO_ERR_REFUSED)
		return CLI_OK;
	return cli_failed(cli, &error, "signing in");
}

/* By the browser, which comes back to us. A grant that came before anybody approved is nobody's: there is still one to come. */
static int wait_for_browser(
	struct cli *cli, struct finishing *finishing, struct cli_loopback *loopback)
{
	char grant[OURO_LOGIN_GRANT_MAX] = "";
	int pending = 1;
	int code = CLI_OK;

	cli_advise("Approve it in the browser. If none opens, open this page yourself:");
	cli_advise("  %s", ouro_sign_in_url(finishing->sign_in));
	cli_browse(ouro_sign_in_url(finishing->sign_in));
	cli_progress(cli, "Waiting for the browser …");
	while (pending && code == CLI_OK) {
		if ((int64_t)time(NULL) >= ouro_sign_in_ends(finishing->sign_in))
			return too_late();
		if (cli_loopback_wait(loopback, ouro_sign_in_id(finishing->sign_in), POLL_SECONDS,
			    grant) == CLI_OK)
			code = finish(cli, finishing, grant, &pending);
		else
			code = is_refused(cli, finishing);
	}
	cli_progress_end();
	cli_wipe(grant, sizeof(grant));
	return code;
}

/* ---- together ---- */

static int keep(struct cli *cli, const char *server, const struct finishing *finishing)
{
	struct cli_token token = {.expires = finishing->token.expires};
	struct cli_text path = {0};
	char when[CLI_WHEN_MAX];
	int code = cli_token_path(cli, &path);

	cli_text_put(&token.server, server);
	cli_text_put(&token.secret, finishing->text);
	cli_text_put(&token.name, finishing->token.name);
	if (cli->values[CLI_CA_FILE] != NULL)
		cli_text_put(&token.ca_file, cli->values[CLI_CA_FILE]);
	if (code == CLI_OK)
		code = cli_token_write(cli_text_str(&path), &token);
	if (code == CLI_OK) {
		struct cli_text safe = {0};

		cli_text_safe(&safe, finishing->token.name);
		(void)printf("Signed in at %s. The token \"%s\" ends %s; it is in %s.\n", server,
			cli_text_str(&safe),
			cli_when_words(finishing->token.expires, (int64_t)time(NULL), when),
			cli_text_str(&path));
		cli_text_done(&safe);
	}
	cli_text_done(&path);
	cli_token_done(&token);
	return code;
}

int cli_login(struct cli *cli)
{
	struct finishing finishing = {.token = OURO_TOKEN_INIT};
	ouro_sign_in_options wish = OURO_SIGN_IN_OPTIONS_INIT;
	struct cli_loopback loopback = {-1, 0};
	char machine[OURO_LOGIN_MACHINE_MAX];
	ouro_error error = OURO_ERROR_INIT;
	struct cli_text server = {0};
	ouro_status rc;
	int code = read_wish(cli, &wish);

	cli_server_url(cli->words[0], &server);
	machine_name(cli, machine);
	wish.server = cli_text_str(&server);
	wish.machine = machine;
	if (code == CLI_OK && cli->values[CLI_NO_BROWSER] == NULL)
		code = cli_loopback_open(&loopback);
	wish.port = loopback.port;
	if (code == CLI_OK) {
		cli_progress(cli, "Asking %s …", wish.server);
		rc = ouro_sign_in_begin(&wish, &finishing.sign_in, &error);
		cli_progress_end();
		if (rc < 0)
			code = cli_failed(cli, &error, NULL);
	}
	if (code == CLI_OK)
		code = loopback.port != 0 ? wait_for_browser(cli, &finishing, &loopback)
					  : wait_for_code(cli, &finishing);
	if (code == CLI_OK)
		code = keep(cli, wish.server, &finishing);
	cli_loopback_close(&loopback);
	ouro_sign_in_free(finishing.sign_in);
	cli_wipe(finishing.text, sizeof(finishing.text));
	cli_text_done(&server);
	return code;
}

int cli_logout(struct cli *cli)
{
	ouro_error error = OURO_ERROR_INIT;
	struct cli_token token = {0};
	struct cli_text path = {0};
	ouro_status rc = OURO_OK;
	int code = cli_token_path(cli, &path);

	if (code == CLI_OK)
		code = cli_token_read(cli_text_str(&path), &token);
	if (code == CLI_OK && token.secret.size == 0) {
		cli_advise("Nobody is signed in: there is no %s.", cli_text_str(&path));
	} else if (code == CLI_OK) {
		const char *ca_file = cli->values[CLI_CA_FILE];

		if (ca_file == NULL && token.ca_file.size > 0)
			ca_file = cli_text_str(&token.ca_file);
		cli_progress(cli, "Asking %s …", cli_text_str(&token.server));
		rc = ouro_sign_out(cli_text_str(&token.server), ca_file,
			cli_text_str(&token.secret), 0, &error);
		cli_progress_end();
		/* One that the server does not know is as good as revoked. */
		if (rc < 0 && rc != OURO_ERR_TOKEN) {
			code = cli_failed(cli, &error, "revoking the token");
			cli_advise("The file %s stays; try again, or revoke the token on the page "
				   "%s/tokens and remove the file.",
				cli_text_str(&path), cli_text_str(&token.server));
		} else if (unlink(cli_text_str(&path)) < 0) {
			cli_complain("%s cannot be removed: the token in it is revoked, though",
				cli_text_str(&path));
			code = CLI_FAILED;
		} else {
			(void)printf("Signed out of %s; the token is revoked.\n",
				cli_text_str(&token.server));
		}
	}
	cli_token_done(&token);
	cli_text_done(&path);
	return code;
}
