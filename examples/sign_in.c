/* sign_in.c: a sign-in with GitHub from a terminal, and who it was.
 *
 *     sign_in CALLBACK-URL [SETTINGS-FILE]
 *
 * Prints the address to open in a browser. GitHub sends the browser to CALLBACK-URL?code=…&state=…; copy that whole
 * address back into this program. A web application does the same in two requests, with the sealed state in a cookie in
 * between; here it stays in memory.
 *
 *     cc sign_in.c $(pkg-config --cflags --libs ouroboros) -o sign_in */
#include <ouroboros/ouroboros.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

extern char **environ;

#define LINE_MAX_BYTES 4096

/* Everything that has to be released, in the order in which it is made. */
struct site {
	ouro_settings *settings;
	ouro_tailnet *tailnet;
	ouro_directory *directory;
	ouro_portal *portal;
	ouro_sessions *sessions;
	ouro_github *github;
};

static void site_close(struct site *s)
{
	ouro_github_free(s->github);
	ouro_sessions_free(s->sessions);
	ouro_portal_free(s->portal);
	ouro_directory_free(s->directory);
	ouro_tailnet_free(s->tailnet);
	ouro_settings_free(s->settings);
}

static void print_fault(void *user, const char *where, const char *text)
{
	(void)user;
	fprintf(stderr, "%s: %s\n", where, text);
}

static ouro_status site_open_portal(struct site *s, ouro_error *reterr)
{
	ouro_tailnet_options tailnet = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_status status;

	ouro_settings_tailnet(s->settings, &tailnet);
	status = ouro_tailnet_open(&tailnet, &s->tailnet, reterr);
	if (status < 0)
		return status;
	ouro_settings_directory(s->settings, &directory);
	status = ouro_directory_load(&directory, print_fault, NULL, &s->directory, reterr);
	if (status < 0)
		return status;
	return ouro_portal_new(s->tailnet, s->directory, NULL, &s->portal, reterr);
}

static ouro_status site_open(
	struct site *s, const char *callback, const char *file, ouro_error *reterr)
{
	ouro_settings_options where = OURO_SETTINGS_OPTIONS_INIT;
	ouro_sessions_options sessions = OURO_SESSIONS_OPTIONS_INIT;
	ouro_github_options github = OURO_GITHUB_OPTIONS_INIT;
	ouro_status status;

	where.file = file;
	where.environment = (const char *const *)environ;
	where.fault = print_fault;
	status = ouro_settings_load(&where, &s->settings, reterr);
	if (status < 0)
		return status;
	status = site_open_portal(s, reterr);
	if (status < 0)
		return status;
	sessions.audience = callback;
	status = ouro_sessions_new(&sessions, &s->sessions, reterr);
	if (status < 0)
		return status;
	ouro_settings_github(s->settings, &github);
	github.sessions = s->sessions;
	github.callback_url = callback;
	return ouro_github_new(&github, &s->github, reterr);
}

/* Cuts the value of a query parameter out of a line, in place; NULL if it is not there. GitHub's codes and our states need
 * no percent-decoding. */
static const char *parameter(const char *line, const char *name, char *value, size_t size)
{
	size_t length = strlen(name), used;
	const char *at = strchr(line, '?');

	while (at) {
		at++;
		if (strncmp(at, name, length) == 0 && at[length] == '=') {
			used = strcspn(at + length + 1, "&# \r\n");
			if (used >= size)
				return NULL;
			memcpy(value, at + length + 1, used);
			value[used] = '\0';
			return value;
		}
		at = strchr(at, '&');
	}
	return NULL;
}

static ouro_status print_person(
	const struct site *s, const ouro_identity *identity, ouro_error *reterr)
{
	ouro_person *person = NULL;
	ouro_node_list *list = NULL;
	ouro_status status;

	printf("You are %s, GitHub %" PRIu64 ".\n", identity->login, identity->id);
	status = ouro_portal_person(s->portal, identity, &person, reterr);
	if (status < 0)
		return status;
	status = ouro_nodes_list(person, NULL, &list, reterr);
	if (status == OURO_OK) {
		printf("As %s you have %zu devices.\n", ouro_person_user(person, 0),
			ouro_node_list_count(list));
		ouro_node_list_free(list);
	}
	ouro_person_free(person);
	return status;
}

static ouro_status sign_in(const struct site *s, ouro_error *reterr)
{
	char url[OURO_AUTHORIZE_URL_MAX], sealed[OURO_STATE_TEXT_MAX], tag[OURO_STATE_TAG_MAX];
	char line[LINE_MAX_BYTES], code[256], state[256], purpose[OURO_PURPOSE_MAX];
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro_status status = ouro_github_begin(s->github, "terminal", url, sealed, tag, reterr);

	if (status < 0)
		return status;
	printf("Open this address:\n%s\nThen paste the address that the browser ends at:\n", url);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin) || !parameter(line, "code", code, sizeof(code)) ||
		!parameter(line, "state", state, sizeof(state))) {
		snprintf(reterr->text, sizeof(reterr->text),
			"that address has no code and state; sign-in refused?");
		return OURO_ERR_INVALID;
	}
	status = ouro_github_finish(s->github, code, state, sealed, &identity, purpose, reterr);
	if (status < 0)
		return status;
	return print_person(s, &identity, reterr);
}

int main(int argc, char **argv)
{
	struct site site = {0};
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: sign_in CALLBACK-URL [SETTINGS-FILE]\n");
		return 2;
	}
	status = site_open(&site, argv[1], argc > 2 ? argv[2] : NULL, &error);
	if (status == OURO_OK)
		status = sign_in(&site, &error);
	if (status < 0)
		fprintf(stderr, "sign_in: %s (%s)\n", error.text, ouro_status_name(status));
	site_close(&site);
	return status < 0 ? 1 : 0;
}
