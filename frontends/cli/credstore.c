/* credstore.c: the service's unit takes its secrets from systemd's credential store, which gives them to nobody else. An operator reads
 * the same files there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "credstore.h"

/* As in the unit. */
#define DIRECTORY "/etc/credstore"
#define SERVICE "ouroboros"
#define SETTINGS "/etc/ouroboros/cfg.json"
/* Where settings are looked for first, if none are named. */
#define SETTINGS_HERE "cfg.json"

static const struct {
	const char *key; /* name of the credential */
	const char *variable;
} secrets[CLI_CREDSTORE_KEYS] = {
	{"hs_api_key", "HS_API_KEY"},
	{"gh_client_secret", "GH_CLIENT_SECRET"},
	{"session_key", "SESSION_KEY"},
	{"store_url", "STORE_URL"},
};

/* 1 if the variable NAMEsuffix is there and not empty. */
static int is_set(const char *const *environment, const char *name, const char *suffix)
{
	size_t length = strlen(name);
	size_t more = strlen(suffix);

	for (size_t i = 0; environment[i] != NULL; i++) {
		const char *text = environment[i];

		if (strncmp(text, name, length) == 0 && strncmp(text + length, suffix, more) == 0 &&
			text[length + more] == '=')
			return text[length + more + 1] != '\0';
	}
	return 0;
}

int cli_credstore_take(
	struct cli_credstore *ret, const char *const *environment, const char *directory)
{
	size_t count = 0;

	while (environment[count] != NULL)
		count++;
	ret->environment = calloc(count + CLI_CREDSTORE_KEYS + 1, sizeof(*ret->environment));
	if (ret->environment == NULL) {
		cli_complain("out of memory");
		return CLI_FAILED;
	}
	memcpy(ret->environment, environment, count * sizeof(*environment));
	if (directory == NULL || is_set(environment, "CREDENTIALS_DIRECTORY", ""))
		return CLI_OK;
	ret->closed = access(directory, X_OK) < 0 && errno == EACCES;
	for (size_t i = 0; i < CLI_CREDSTORE_KEYS; i++) {
		const char *variable = secrets[i].variable;
		int length = snprintf(ret->added[i], sizeof(ret->added[i]),
			"%s_FILE=%s/" SERVICE ".%s", variable, directory, secrets[i].key);

		if (length >= 0 && (size_t)length < sizeof(ret->added[i]) &&
			!is_set(environment, variable, "") &&
			!is_set(environment, variable, "_FILE") &&
			access(strchr(ret->added[i], '=') + 1, R_OK) == 0)
			ret->environment[count++] = ret->added[i];
	}
	return CLI_OK;
}

/* Are these the service's settings? */
static int is_service(const char *file)
{
	struct stat one, other;

	if (file == NULL)
		file = access(SETTINGS_HERE, F_OK) == 0 ? SETTINGS_HERE : SETTINGS;
	return stat(file, &one) == 0 && stat(SETTINGS, &other) == 0 && one.st_dev == other.st_dev &&
		one.st_ino == other.st_ino;
}

int cli_credstore_open(struct cli_credstore *ret, const struct cli *cli)
{
	return cli_credstore_take(ret, (const char *const *)environ,
		is_service(cli->values[CLI_CONFIG]) ? DIRECTORY : NULL);
}

void cli_credstore_advise(const struct cli_credstore *credstore)
{
	if (credstore->closed)
		cli_advise("Secrets of the service in " DIRECTORY
			   " are closed to this account; run it as root to have them.");
}

void cli_credstore_done(struct cli_credstore *credstore)
{
	free(credstore->environment);
	credstore->environment = NULL;
}
