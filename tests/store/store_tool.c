/* Works on a store, line by line: what the tests beside this drive from outside.
 *
 *   store_tool PLACE [TIMEOUT_MS]     PLACE: a directory, or postgresql://…
 *   in:   add N | get N | drop N | audit N | check      (N: a number, which makes the id)
 *   out:  ok                                            done, and so on the disk
 *         STATUS: TEXT                                  the error
 *   store_tool PLACE TIMEOUT_MS write COUNT             adds tokens and audit lines 1 … COUNT by turns, a line "N" after each
 *
 *   store_tool PLACE look                               "none", "older" or "current"
 *
 * Lines go out at once, in one write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "store/look.h"
#include "store/store.h"

static void say(const char *text)
{
	char line[512];
	int length = snprintf(line, sizeof(line), "%s\n", text);

	if (length < 0 || write(STDOUT_FILENO, line, (size_t)length) != length)
		_exit(3);
}

static void say_error(const ouro_error *error)
{
	char line[400];

	(void)snprintf(line, sizeof(line), "%s: %s", ouro_status_name(error->status), error->text);
	say(line);
}

static struct ouro__stored_token token_of(long number)
{
	struct ouro__stored_token token = {.owner = {"github", 1, "mia"}, .token = OURO_TOKEN_INIT};

	(void)snprintf(token.token.id, sizeof(token.token.id), "%012ld", number);
	(void)snprintf(token.token.name, sizeof(token.token.name), "number %ld", number);
	memset(token.digest, 'd', sizeof(token.digest) - 1);
	token.token.created = ouro__clock_unix();
	token.token.expires = token.token.created + 86400;
	return token;
}

static ouro_status add(ouro_store *store, long number, ouro_error *error)
{
	struct ouro__stored_token token = token_of(number);

	return ouro__store_token_add(store, &token, 1000000, token.token.created, error);
}

static ouro_status audit(ouro_store *store, long number, ouro_error *error)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "{\"number\":%ld}", number);
	return ouro__store_audit_add(store, ouro__clock_unix(), line, error);
}

static ouro_status obey(ouro_store *store, const char *command, long number, ouro_error *error)
{
	struct ouro__stored_token token = token_of(number);

	if (strcmp(command, "add") == 0)
		return add(store, number, error);
	if (strcmp(command, "get") == 0)
		return ouro__store_token_get(store, token.token.id, &token, error);
	if (strcmp(command, "drop") == 0)
		return ouro__store_token_drop(store, &token.owner, token.token.id, error);
	if (strcmp(command, "audit") == 0)
		return audit(store, number, error);
	return ouro_store_check(store, error);
}

static void converse(ouro_store *store)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		ouro_error error = OURO_ERROR_INIT;
		char *space = strchr(line, ' ');
		long number = space ? strtol(space, NULL, 10) : 0;

		line[strcspn(line, " \n")] = '\0';
		if (obey(store, line, number, &error) == OURO_OK)
			say("ok");
		else
			say_error(&error);
	}
}

static int write_many(ouro_store *store, long count)
{
	ouro_error error = OURO_ERROR_INIT;

	for (long i = 1; i <= count; i++) {
		char text[32];
		ouro_status rc = i % 2 ? add(store, i, &error) : audit(store, i, &error);

		if (rc < 0) {
			say_error(&error);
			return 1;
		}
		(void)snprintf(text, sizeof(text), "%ld", i);
		say(text);
	}
	return 0;
}

static int look(const ouro_store_options *options)
{
	static const char *const words[] = {[OURO__STORE_NONE] = "none",
		[OURO__STORE_OLDER] = "older",
		[OURO__STORE_CURRENT] = "current"};
	enum ouro__store_there there = OURO__STORE_NONE;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = ouro__store_look(options, &there, &error);

	if (rc < 0)
		say_error(&error);
	else
		say(words[there]);
	return rc < 0;
}

int main(int argc, char *argv[])
{
	ouro_store_options options = OURO_STORE_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_store *store = NULL;
	int result = 0;

	if (argc < 2)
		return 2;
	if (strstr(argv[1], "://"))
		options.url = argv[1];
	else
		options.directory = argv[1];
	if (argc > 2 && strcmp(argv[2], "look") == 0)
		return look(&options);
	if (argc > 2)
		options.timeout_ms = (uint32_t)strtoul(argv[2], NULL, 10);
	if (ouro_store_open(&options, &store, &error) < 0) {
		say_error(&error);
		return 1;
	}
	if (argc > 4) {
		result = write_many(store, strtol(argv[4], NULL, 10));
	} else {
		say("open");
		converse(store);
	}
	ouro_store_free(store);
	return result;
}
