/* list_my_nodes.c: print the devices of one person, as the rules of the installation let them see them.
 *
 *     list_my_nodes GITHUB-ID [SETTINGS-FILE]
 *
 * The settings are those of ouroboros-web: a JSON file, and the environment over it.
 *
 *     cc list_my_nodes.c $(pkg-config --cflags --libs ouroboros) -o list_my_nodes */
#include <ouroboros/ouroboros.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

extern char **environ;

/* Everything that has to be released, in the order in which it is made. */
struct session {
	ouro_settings *settings;
	ouro_tailnet *tailnet;
	ouro_directory *directory;
	ouro_portal *portal;
	ouro_person *person;
};

static void session_close(struct session *s)
{
	ouro_person_free(s->person);
	ouro_portal_free(s->portal);
	ouro_directory_free(s->directory);
	ouro_tailnet_free(s->tailnet);
	ouro_settings_free(s->settings);
}

/* A fault in the settings; all of them are told before loading fails. */
static void print_fault(void *user, const char *where, const char *text)
{
	(void)user;
	fprintf(stderr, "%s: %s\n", where, text);
}

static ouro_status session_open(
	struct session *s, const char *file, uint64_t id, ouro_error *reterr)
{
	ouro_settings_options where = OURO_SETTINGS_OPTIONS_INIT;
	ouro_tailnet_options tailnet = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro_status status;

	where.file = file;
	where.environment = (const char *const *)environ;
	where.fault = print_fault;
	status = ouro_settings_load(&where, &s->settings, reterr);
	if (status < 0)
		return status;
	ouro_settings_tailnet(s->settings, &tailnet);
	status = ouro_tailnet_open(&tailnet, &s->tailnet, reterr);
	if (status < 0)
		return status;
	ouro_settings_directory(s->settings, &directory);
	status = ouro_directory_load(&directory, print_fault, NULL, &s->directory, reterr);
	if (status < 0)
		return status;
	status = ouro_portal_new(s->tailnet, s->directory, NULL, &s->portal, reterr);
	if (status < 0)
		return status;
	identity.id = id;
	snprintf(identity.provider, sizeof(identity.provider), "github");
	return ouro_portal_person(s->portal, &identity, &s->person, reterr);
}

static const char *state_word(const ouro_node *node, int64_t now)
{
	switch (ouro_node_state(node, now)) {
	case OURO_NODE_ONLINE: return "online";
	case OURO_NODE_EXPIRED: return "logged out";
	default: return "offline";
	}
}

/* Names come from the network: nothing that a terminal would obey gets through. */
static void print_plain(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		putchar(*c < 0x20 || *c >= 0x7f ? '?' : *c);
}

static ouro_status print_nodes(const ouro_person *person, ouro_error *reterr)
{
	ouro_node_list *list = NULL;
	int64_t now = (int64_t)time(NULL);
	ouro_status status = ouro_nodes_list(person, NULL, &list, reterr);

	if (status < 0)
		return status;
	for (size_t i = 0; i < ouro_node_list_count(list); i++) {
		const ouro_node *node = ouro_node_list_at(list, i);
		const char *address = ouro_node_address(node, 0);

		printf("%" PRIu64 "\t", ouro_node_id(node));
		print_plain(ouro_node_name(node));
		printf("\t%s\t%s\n", state_word(node, now), address ? address : "-");
	}
	ouro_node_list_free(list);
	return OURO_OK;
}

int main(int argc, char **argv)
{
	struct session session = {0};
	ouro_error error = OURO_ERROR_INIT;
	char *end = NULL;
	unsigned long long id = 0;
	ouro_status status;

	errno = 0;
	if (argc > 1)
		id = strtoull(argv[1], &end, 10);
	if (argc < 2 || argc > 3 || errno || !end || *end || id == 0 || argv[1][0] == '-') {
		fprintf(stderr, "usage: list_my_nodes GITHUB-ID [SETTINGS-FILE]\n");
		return 2;
	}
	status = session_open(&session, argc > 2 ? argv[2] : NULL, id, &error);
	if (status == OURO_OK)
		status = print_nodes(session.person, &error);
	if (status < 0)
		fprintf(stderr, "list_my_nodes: %s (%s)\n", error.text, ouro_status_name(status));
	session_close(&session);
	return status < 0 ? 1 : 0;
}
