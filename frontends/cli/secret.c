/* secret.c: see secret.h. A file with a secret is ours, nobody else may read it, and it is replaced as a whole: what was there before
 * stays if anything goes wrong. */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "json.h"
#include "when.h"

#define FILE_MAX 8192u
#define OTHERS 07u
#define GROUP_AND_OTHERS 077u

void cli_token_done(struct cli_token *token)
{
	cli_text_wipe(&token->secret);
	cli_text_done(&token->server);
	cli_text_done(&token->ca_file);
	cli_text_done(&token->name);
}

/* ---- reading ---- */

/* Is the file one that may hold a secret? forbidden: bits of its mode that say no. */
static int check_file(int fd, const char *path, mode_t forbidden)
{
	struct stat status;

	if (fstat(fd, &status) < 0) {
		cli_complain("%s: %s", path, strerror(errno));
		return CLI_FAILED;
	}
	if (S_ISFIFO(status.st_mode))
		return CLI_OK;
	if (!S_ISREG(status.st_mode)) {
		cli_complain("%s: not a file", path);
		return CLI_FAILED;
	}
	if (status.st_uid != geteuid() && status.st_uid != 0) {
		cli_complain("%s: belongs to somebody else, so it is not used", path);
		return CLI_DENIED;
	}
	if ((status.st_mode & forbidden) != 0) {
		cli_complain("%s: others may read it (mode %03o), so it is not used", path,
			(unsigned)(status.st_mode & 0777u));
		cli_advise(
			"Run chmod 600 on it. If somebody may have read it, revoke what it holds "
			"and make a new one.");
		return CLI_DENIED;
	}
	return CLI_OK;
}

static int read_all(int fd, const char *path, struct cli_text *text)
{
	char buffer[FILE_MAX];
	ssize_t size = 1;

	while (size > 0 && text->size <= FILE_MAX) {
		size = read(fd, buffer, sizeof(buffer));
		if (size > 0)
			cli_text_add(text, buffer, (size_t)size);
		if (size < 0 && errno == EINTR)
			size = 1;
	}
	cli_wipe(buffer, sizeof(buffer));
	if (size < 0 || text->broken || text->size > FILE_MAX) {
		cli_complain("%s: %s", path,
			text->size > FILE_MAX ? "too large to be what is looked for"
					      : strerror(text->broken ? ENOMEM : errno));
		return CLI_FAILED;
	}
	return CLI_OK;
}

/* CLI_NOT_FOUND without a word = there is no such file. */
static int read_secret_file(const char *path, mode_t forbidden, struct cli_text *ret_text)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
					: open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int code;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return CLI_NOT_FOUND;
	if (fd < 0) {
		cli_complain("%s: %s", path, strerror(errno));
		return CLI_FAILED;
	}
	(void)fcntl(fd, F_SETFL, 0);
	code = strcmp(path, "-") == 0 ? CLI_OK : check_file(fd, path, forbidden);
	if (code == CLI_OK)
		code = read_all(fd, path, ret_text);
	(void)close(fd);
	return code;
}

/* White space around it, and whether the rest is one word. */
static int take_word(const struct cli_text *text, const char *name, struct cli_text *ret_word)
{
	const char *begin = cli_text_str(text);
	size_t length;

	begin += strspn(begin, " \t\r\n");
	length = strcspn(begin, " \t\r\n");
	if (length == 0 || begin[length + strspn(begin + length, " \t\r\n")] != '\0' ||
		strlen(cli_text_str(text)) != text->size) {
		cli_complain("%s: holds %s", name,
			length == 0 ? "nothing" : "more than one word, so it is no token or key");
		return CLI_FAILED;
	}
	cli_text_add(ret_word, begin, length);
	return CLI_OK;
}

/* What the environment holds, taken out of it. */
static int take_variable(const char *name, struct cli_text *ret_word)
{
	char *value = getenv(name);
	struct cli_text text = {0};
	int code;

	if (value == NULL || *value == '\0')
		return CLI_OK;
	cli_text_put(&text, value);
	cli_wipe(value, strlen(value));
	(void)unsetenv(name);
	code = take_word(&text, name, ret_word);
	cli_text_wipe(&text);
	return code;
}

int cli_secret(const char *file, const char *variable, struct cli_text *ret_secret)
{
	struct cli_text text = {0};
	int code;

	if (file == NULL)
		return take_variable(variable, ret_secret);
	code = read_secret_file(file, OTHERS, &text);
	if (code == CLI_NOT_FOUND) {
		cli_complain("%s: there is no such file", file);
		code = CLI_FAILED;
	} else if (code == CLI_OK) {
		code = take_word(&text, file, ret_secret);
	}
	cli_text_wipe(&text);
	return code;
}

/* ---- the token file ---- */

static void take_text(const json_t *root, const char *name, struct cli_text *ret_text)
{
	const char *value = json_string_value(json_object_get(root, name));

	if (value != NULL)
		cli_text_put(ret_text, value);
}

static int parse_token(const char *path, const struct cli_text *text, struct cli_token *token)
{
	json_error_t error;
	json_t *root = json_loadb(cli_text_str(text), text->size, JSON_REJECT_DUPLICATES, &error);
	const char *expires = json_string_value(json_object_get(root, "expires"));

	take_text(root, "server", &token->server);
	take_text(root, "token", &token->secret);
	take_text(root, "ca_file", &token->ca_file);
	take_text(root, "name", &token->name);
	token->expires = expires != NULL ? cli_when_parse(expires) : OURO_TIME_NEVER;
	json_decref(root);
	if (token->server.size > 0 && token->secret.size > 0)
		return CLI_OK;
	cli_complain("%s: damaged, or not a file of ouroboros login", path);
	cli_advise("Sign in again: ouroboros login URL; that writes it anew.");
	return CLI_FAILED;
}

int cli_token_read(const char *path, struct cli_token *ret_token)
{
	struct cli_text text = {0};
	const char *begin;
	int code = read_secret_file(path, GROUP_AND_OTHERS, &text);

	ret_token->expires = OURO_TIME_NEVER;
	if (code == CLI_NOT_FOUND)
		code = CLI_OK;
	else if (code == CLI_OK) {
		begin = cli_text_str(&text);
		begin += strspn(begin, " \t\r\n");
		/* The bare token is fine as well, where --server says whose it is. */
		code = strncmp(begin, "ouro_pat_", 9) == 0
			? take_word(&text, path, &ret_token->secret)
			: parse_token(path, &text, ret_token);
	}
	cli_text_wipe(&text);
	return code;
}

int cli_token_path(const struct cli *cli, struct cli_text *ret_path)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (cli->values[CLI_TOKEN_FILE] != NULL)
		cli_text_put(ret_path, cli->values[CLI_TOKEN_FILE]);
	else if (config != NULL && config[0] == '/')
		cli_text_format(ret_path, "%s/ouroboros/token.json", config);
	else if (home != NULL && home[0] == '/')
		cli_text_format(ret_path, "%s/.config/ouroboros/token.json", home);
	else {
		cli_complain("neither XDG_CONFIG_HOME nor HOME says where the token is kept");
		cli_advise("Name a place with --token-file.");
		return CLI_FAILED;
	}
	return CLI_OK;
}

/* ---- writing ---- */

/* The folder of the file, ours alone if it is made now. */
static int make_folder(const char *path)
{
	struct cli_text folder = {0};
	const char *slash = strrchr(path, '/');
	int code = CLI_OK;

	for (const char *at = path; slash != NULL && at <= slash; at++) {
		if (*at != '/' || at == path)
			continue;
		cli_text_clear(&folder);
		cli_text_add(&folder, path, (size_t)(at - path));
		if (mkdir(cli_text_str(&folder), 0700) < 0 && errno != EEXIST) {
			cli_complain("%s: %s", cli_text_str(&folder), strerror(errno));
			code = CLI_FAILED;
			break;
		}
	}
	cli_text_done(&folder);
	return code;
}

static int write_all(int fd, const struct cli_text *text)
{
	size_t done = 0;

	while (done < text->size) {
		ssize_t size = write(fd, cli_text_str(text) + done, text->size - done);

		if (size < 0 && errno != EINTR)
			return -1;
		done += size > 0 ? (size_t)size : 0;
	}
	return fsync(fd);
}

static void compose(const struct cli_token *token, struct cli_json *json)
{
	cli_json_open(json, NULL, '{');
	cli_json_string(json, "server", cli_text_str(&token->server));
	cli_json_string(json, "token", cli_text_str(&token->secret));
	cli_json_string(json, "name", cli_text_str(&token->name));
	cli_json_time(json, "expires", token->expires);
	if (token->ca_file.size > 0)
		cli_json_string(json, "ca_file", cli_text_str(&token->ca_file));
	cli_json_close(json, '}');
	cli_text_put(&json->text, "\n");
}

int cli_token_write(const char *path, const struct cli_token *token)
{
	struct cli_json json = {0};
	struct cli_text draft = {0};
	int code = make_folder(path);
	int fd = -1;

	compose(token, &json);
	cli_text_format(&draft, "%s.XXXXXX", path);
	if (code == CLI_OK && !draft.broken && !json.text.broken) {
		/* Mode 0600 from the first moment. */
		fd = mkostemp(draft.data, O_CLOEXEC);
		if (fd < 0 || write_all(fd, &json.text) < 0 || rename(draft.data, path) < 0) {
			cli_complain("%s cannot be written: %s", path, strerror(errno));
			code = CLI_FAILED;
			if (fd >= 0)
				(void)unlink(draft.data);
		}
	}
	if (fd >= 0)
		(void)close(fd);
	cli_text_done(&draft);
	cli_text_wipe(&json.text);
	return code;
}

/* ---- which one ---- */

void cli_server_url(const char *given, struct cli_text *ret_url)
{
	const char *host = strstr(given, "://");
	size_t length = strlen(given);

	while (length > 0 && given[length - 1] == '/')
		length--;
	if (host == NULL)
		cli_text_put(ret_url, "https://");
	cli_text_add(ret_url, given, length);
	host = host != NULL ? host + 3 : given;
	if (memchr(host, '/', length - (size_t)(host - given)) == NULL)
		cli_text_put(ret_url, "/ouroboros");
}

static const char *named_server(const struct cli *cli)
{
	const char *server = cli->values[CLI_SERVER];

	if (server == NULL)
		server = getenv("OUROBOROS_SERVER");
	return server != NULL && *server != '\0' ? server : NULL;
}

int cli_token_exists(const struct cli *cli)
{
	struct cli_text path = {0};
	int found = cli->values[CLI_TOKEN_FILE] != NULL || named_server(cli) != NULL;

	for (int i = CLI_SOCKET; i <= CLI_CONFIG; i++)
		if (cli->values[i] != NULL)
			return 0;
	if (!found && (getenv("XDG_CONFIG_HOME") != NULL || getenv("HOME") != NULL)) {
		(void)cli_token_path(cli, &path);
		found = path.size > 0 && access(cli_text_str(&path), F_OK) == 0;
	}
	cli_text_done(&path);
	return found;
}

/* The token of the file, unless it is another server's. */
static int find_in_file(const struct cli *cli, struct cli_token *token)
{
	struct cli_text path = {0};
	struct cli_token kept = {0};
	int code = cli_token_path(cli, &path);

	if (code == CLI_OK)
		code = cli_token_read(cli_text_str(&path), &kept);
	if (code == CLI_OK && kept.secret.size == 0 && cli->values[CLI_TOKEN_FILE] != NULL) {
		cli_complain("%s: there is no such file", cli_text_str(&path));
		code = CLI_FAILED;
	} else if (code == CLI_OK && kept.secret.size > 0 && kept.server.size == 0 &&
		token->server.size == 0) {
		cli_complain(
			"%s: a bare token; say whose it is with --server URL", cli_text_str(&path));
		code = CLI_USAGE;
	}
	if (code == CLI_OK && kept.secret.size > 0 &&
		(token->server.size == 0 || kept.server.size == 0 ||
			strcmp(cli_text_str(&token->server), cli_text_str(&kept.server)) == 0)) {
		if (kept.server.size == 0) {
			cli_text_put(&kept.server, cli_text_str(&token->server));
		}
		cli_token_done(token);
		*token = kept;
		kept = (struct cli_token){0};
	}
	cli_token_done(&kept);
	cli_text_done(&path);
	return code;
}

int cli_token_find(const struct cli *cli, struct cli_token *ret_token)
{
	const char *server = named_server(cli);
	int code = CLI_OK;

	ret_token->expires = OURO_TIME_NEVER;
	if (server != NULL)
		cli_server_url(server, &ret_token->server);
	if (cli->values[CLI_TOKEN_FILE] == NULL && server != NULL)
		code = take_variable("OUROBOROS_TOKEN", &ret_token->secret);
	if (code == CLI_OK && ret_token->secret.size == 0)
		code = find_in_file(cli, ret_token);
	return code;
}
