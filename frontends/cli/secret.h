/* secret.h: tokens and API keys: where they are kept, and who may read that. */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include "cli.h"

/* A personal token and what is known of it; zero = none. Wipe with cli_token_done(). */
struct cli_token {
	struct cli_text server; /* "https://vpn.example.org/ouroboros" */
	struct cli_text secret;
	struct cli_text ca_file;
	struct cli_text name;
	int64_t expires; /* OURO_TIME_NEVER = not known */
};

void cli_token_done(struct cli_token *token);

/* A secret out of a file (NULL = not named) or the environment; nothing = none. CLI_OK, or what to exit with after having said why.
 * Files that others may read are refused. */
int cli_secret(const char *file, const char *variable, struct cli_text *ret_secret);

/* 1 if this is the place of a person: an environment or a file says so. */
int cli_token_exists(const struct cli *cli);
/* The token and its server: --server, --token-file, $OUROBOROS_SERVER, $OUROBOROS_TOKEN, the file of ouroboros login. */
int cli_token_find(const struct cli *cli, struct cli_token *ret_token);

/* The file of ouroboros login: --token-file, or ouroboros/token.json below $XDG_CONFIG_HOME or ~/.config. */
int cli_token_path(const struct cli *cli, struct cli_text *ret_path);
/* Read such a file. CLI_OK with an empty secret = there is none. */
int cli_token_read(const char *path, struct cli_token *ret_token);
/* Write it whole or not at all, readable by nobody else. */
int cli_token_write(const char *path, const struct cli_token *token);

/* "https://vpn.example.org" → "https://vpn.example.org/ouroboros"; no slash at the end. */
void cli_server_url(const char *given, struct cli_text *ret_url);

#endif
