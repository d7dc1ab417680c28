/* cmd_keys.c: pre-auth keys: what a device without a screen joins with. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "commands.h"
#include "json.h"
#include "node_print.h"
#include "qr.h"
#include "table_print.h"
#include "users.h"
#include "when.h"

#define ZERO_TIME "0001-01-01T00:00:00Z"

enum { ID, HINT, STATE, EXPIRES, OWNER, KIND, CREATED, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[ID] = {"ID", "id", 0, 1, 0},
	[HINT] = {"KEY", "key", 0, 0, 1},
	[STATE] = {"STATE", "state", 0, 0, 0},
	[EXPIRES] = {"EXPIRES", "expires", 1, 0, 0},
	[OWNER] = {"OWNER", "owner", 3, 0, 1},
	[KIND] = {"FOR", "for", 2, 0, 1},
	[CREATED] = {"MADE", "created", 4, 0, 0},
};

static const char *state_word(const ouro_key *key, int64_t now)
{
	switch (ouro_key_state(key, now)) {
	case OURO_KEY_ALIVE: return "alive";
	case OURO_KEY_USED: return "used";
	default: return "over";
	}
}

static void kind_words(const ouro_key *key, struct cli_text *text)
{
	cli_text_format(text, "%s%s", ouro_key_reusable(key) ? "several devices" : "one device",
		ouro_key_ephemeral(key) ? ", ephemeral" : "");
	for (size_t i = 0; i < ouro_key_tag_count(key); i++)
		cli_text_format(text, ", %s", ouro_key_tag(key, i));
}

static void add_key(struct cli_rows *rows, const ouro_key *key, int64_t now)
{
	int alive = ouro_key_state(key, now) == OURO_KEY_ALIVE;
	struct cli_text kind = {0};
	char when[CLI_WHEN_MAX];
	char exact[CLI_WHEN_MAX];
	char id[24];

	(void)snprintf(id, sizeof(id), "%" PRIu64, ouro_key_id(key));
	kind_words(key, &kind);
	cli_rows_add(rows, id, NULL, CLI_PLAIN);
	cli_rows_add(rows, ouro_key_hint(key), NULL, CLI_PLAIN);
	cli_rows_add(rows, state_word(key, now), NULL, alive ? CLI_GREEN : CLI_DIM);
	cli_rows_add(rows, cli_when_words(ouro_key_expiration(key), now, when),
		cli_when_exact(ouro_key_expiration(key), exact), CLI_PLAIN);
	cli_rows_add(rows, ouro_key_user_name(key), NULL, CLI_PLAIN);
	cli_rows_add(rows, cli_text_str(&kind), NULL, CLI_PLAIN);
	cli_rows_add(rows, cli_when_words(ouro_key_created(key), now, when),
		cli_when_exact(ouro_key_created(key), exact), CLI_PLAIN);
	cli_text_done(&kind);
}

/* whole: the key itself, NULL = its beginning. */
static void json_key(
	struct cli_json *json, const char *name, const ouro_key *key, const char *whole)
{
	char exact[CLI_WHEN_MAX];

	cli_json_open(json, name, '{');
	cli_json_user(json, "user", ouro_key_user_id(key), ouro_key_user_name(key));
	cli_json_id(json, "id", ouro_key_id(key));
	cli_json_string(json, "key", whole != NULL ? whole : ouro_key_hint(key));
	cli_json_bool(json, "reusable", ouro_key_reusable(key));
	cli_json_bool(json, "ephemeral", ouro_key_ephemeral(key));
	cli_json_bool(json, "used", ouro_key_used(key));
	cli_json_string(json, "expiration",
		ouro_key_expiration(key) == OURO_TIME_NEVER
			? ZERO_TIME
			: cli_when_exact(ouro_key_expiration(key), exact));
	cli_json_time(json, "createdAt", ouro_key_created(key));
	cli_json_open(json, "aclTags", '[');
	for (size_t i = 0; i < ouro_key_tag_count(key); i++)
		cli_json_string(json, NULL, ouro_key_tag(key, i));
	cli_json_close(json, ']');
	cli_json_close(json, '}');
}

static int print_json(const ouro_key_list *list)
{
	struct cli_json json = {0};

	cli_json_open(&json, NULL, '{');
	cli_json_open(&json, "preAuthKeys", '[');
	for (size_t i = 0; i < ouro_key_list_count(list); i++)
		json_key(&json, NULL, ouro_key_list_at(list, i), NULL);
	cli_json_close(&json, ']');
	cli_json_close(&json, '}');
	return cli_json_print(&json);
}

static int print_rows(const struct cli *cli, const ouro_key_list *list)
{
	struct cli_rows rows;

	cli_rows_begin(&rows, cli, columns, COLUMNS);
	for (size_t i = 0; i < ouro_key_list_count(list); i++)
		add_key(&rows, ouro_key_list_at(list, i), (int64_t)time(NULL));
	return cli_rows_print(&rows, cli);
}

static int show(struct cli *cli)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_key_list *list = NULL;
	ouro_status rc;
	int code = CLI_OK;

	cli_progress(cli, "Asking %s …", cli->server);
	rc = ouro_keys_list(cli->person, &list, &error);
	cli_progress_end();
	if (rc < 0)
		return cli_failed(cli, &error, NULL);
	if (cli->format == CLI_JSON)
		code = print_json(list);
	else if (ouro_key_list_count(list) > 0 || cli->format == CLI_CSV)
		code = print_rows(cli, list);
	else
		(void)puts("There are no keys.");
	ouro_key_list_free(list);
	return code;
}

int cli_keys_list(struct cli *cli)
{
	int code = cli_connect(cli);

	return code == CLI_OK ? cli_watch(cli, show) : code;
}

/* ---- making ---- */

/* Where clients sign in: what the settings say, or the site that the Ouroboros server is part of. */
static void login_server(const struct cli *cli, struct cli_text *text)
{
	const char *url =
		cli->settings != NULL ? ouro_settings_text(cli->settings, "hs_login_url") : NULL;
	const char *path;

	if (url != NULL) {
		cli_text_format(text, "%s%s", strstr(url, "://") == NULL ? "https://" : "", url);
	} else if (cli->as_person) {
		path = strstr(cli->server, "://") + 3;
		path += strcspn(path, "/");
		cli_text_add(text, cli->server, (size_t)(path - cli->server));
	} else {
		cli_text_put(text, "https://YOUR-HEADSCALE");
	}
}

static int print_new(const struct cli *cli, const ouro_key *key, const char *whole)
{
	struct cli_json json = {0};
	struct cli_text server = {0};
	char when[CLI_WHEN_MAX];
	int code = CLI_OK;

	if (cli->format == CLI_JSON) {
		cli_json_open(&json, NULL, '{');
		json_key(&json, "preAuthKey", key, whole);
		cli_json_close(&json, '}');
		code = cli_json_print(&json);
	} else if (cli->format == CLI_CSV) {
		(void)printf("id,key\n%" PRIu64 ",%s\n", ouro_key_id(key), whole);
	} else {
		login_server(cli, &server);
		(void)printf("%s\n\nThis is shown once; it ends %s. On the device:\n"
			     "  tailscale up --login-server=%s --auth-key=%s\n",
			whole, cli_when_words(ouro_key_expiration(key), (int64_t)time(NULL), when),
			cli_text_str(&server), whole);
		cli_text_done(&server);
	}
	if (code == CLI_OK && cli->values[CLI_QR] != NULL)
		code = cli_qr_print(cli, whole);
	return code;
}

static int read_wish(struct cli *cli, ouro_key_wish *wish)
{
	int64_t length;

	wish->reusable = cli->values[CLI_REUSABLE] != NULL;
	wish->ephemeral = cli->values[CLI_EPHEMERAL] != NULL;
	if (cli->values[CLI_FOR] == NULL)
		return CLI_OK;
	length = cli_when_duration(cli->values[CLI_FOR]);
	if (length <= 0) {
		cli_complain(
			"--for: \"%s\" is no duration; write 12h, 90d or 1y", cli->values[CLI_FOR]);
		return CLI_USAGE;
	}
	wish->expires = (int64_t)time(NULL) + length;
	return CLI_OK;
}

int cli_keys_create(struct cli *cli)
{
	ouro_key_wish wish = OURO_KEY_WISH_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char whole[OURO_KEY_TEXT_MAX];
	struct cli_text user = {0};
	ouro_key *key = NULL;
	ouro_status rc;
	int code = read_wish(cli, &wish);

	if (code == CLI_OK && cli->values[CLI_QR] != NULL)
		code = cli_qr_check();
	if (code == CLI_OK)
		code = cli_connect(cli);
	if (code == CLI_OK)
		code = cli_pick_user(cli, &user);
	if (code == CLI_OK) {
		wish.user = cli_text_str(&user);
		cli_progress(cli, "Making a key …");
		rc = ouro_key_create(cli->person, &wish, NULL, whole, &key, &error);
		cli_progress_end();
		code = rc < 0 ? cli_failed(cli, &error, NULL) : print_new(cli, key, whole);
		(void)fflush(stdout);
	}
	cli_wipe(whole, sizeof(whole));
	ouro_key_free(key);
	cli_text_done(&user);
	return code;
}

/* ---- ending ---- */

static int revoke_one(struct cli *cli, const char *word)
{
	ouro_error error = OURO_ERROR_INIT;
	uint64_t id = 0;
	ouro_status rc;
	int code;

	if (!cli_number(word, &id) || id == 0) {
		cli_complain("\"%s\" is not the id of a key", word);
		cli_advise("ouroboros keys list shows the ids.");
		return CLI_USAGE;
	}
	code = cli_confirm(cli, "End the key %s? No device joins with it any more.", word);
	if (code != CLI_OK)
		return code;
	cli_progress(cli, "Asking %s …", cli->server);
	rc = ouro_key_revoke(cli->person, id, NULL, &error);
	cli_progress_end();
	if (rc < 0)
		return cli_failed(cli, &error, word);
	if (cli->format == CLI_JSON)
		(void)puts("{}");
	else if (cli->format == CLI_TABLE)
		(void)printf("The key %" PRIu64 " is ended.\n", id);
	return CLI_OK;
}

int cli_keys_revoke(struct cli *cli)
{
	int code = cli_connect(cli);

	for (size_t i = 0; i < cli->word_count && code == CLI_OK; i++)
		code = revoke_one(cli, cli->words[i]);
	return code;
}
