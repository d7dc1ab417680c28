/* node_print.c: see node_print.h. */
#include "node_print.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "table_print.h"
#include "when.h"

/* Headscale's user of nodes that belong to a tag. */
#define TAGGED_ID UINT64_C(2147455555)
#define TAGGED_NAME "tagged-devices"
/* Keys of machines are not kept; the zero key is what Headscale shows for one that is not set. */
#define ZERO_KEY "0000000000000000000000000000000000000000000000000000000000000000"
#define ZERO_TIME "0001-01-01T00:00:00Z"

enum { ID, NAME, HOST, STATE, SEEN, ADDRESS, OWNER, EXPIRES, ROUTES, TAGS, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[ID] = {"ID", "id", 0, 1, 0},
	[NAME] = {"NAME", "name", 0, 0, 1},
	[HOST] = {NULL, "host_name", 0, 0, 0},
	[STATE] = {"STATE", "state", 0, 0, 0},
	[SEEN] = {NULL, "last_seen", 0, 0, 0},
	[ADDRESS] = {"ADDRESS", "addresses", 2, 0, 0},
	[OWNER] = {"OWNER", "owner", 3, 0, 1},
	[EXPIRES] = {"KEY EXPIRES", "expires", 4, 0, 0},
	[ROUTES] = {"ROUTES", "routes", 5, 0, 1},
	[TAGS] = {"TAGS", "tags", 6, 0, 1},
};

void cli_node_label(const ouro_node *node, struct cli_text *ret_label)
{
	if (ouro_node_name(node)[0] != '\0')
		cli_text_put(ret_label, ouro_node_name(node));
	else
		cli_text_format(ret_label, "node %llu", (unsigned long long)ouro_node_id(node));
}

/* ---- words ---- */

static void state_words(
	const ouro_node *node, int64_t now, struct cli_text *text, enum cli_colour *ret_colour)
{
	char when[CLI_WHEN_MAX];

	switch (ouro_node_state(node, now)) {
	case OURO_NODE_ONLINE:
		cli_text_put(text, "online");
		*ret_colour = CLI_GREEN;
		break;
	case OURO_NODE_EXPIRED:
		cli_text_put(text, "logged out");
		*ret_colour = CLI_RED;
		break;
	default:
		*ret_colour = CLI_DIM;
		if (ouro_node_last_seen(node) == OURO_TIME_NEVER)
			cli_text_put(text, "never seen");
		else
			cli_text_format(text, "seen %s",
				cli_when_words(ouro_node_last_seen(node), now, when));
		break;
	}
}

static const char *state_word(const ouro_node *node, int64_t now)
{
	int state = ouro_node_state(node, now);

	return state == OURO_NODE_ONLINE     ? "online"
		: state == OURO_NODE_EXPIRED ? "expired"
					     : "offline";
}

static void part(struct cli_text *text, const char *word)
{
	if (text->size > 0)
		cli_text_put(text, ", ");
	cli_text_put(text, word);
}

static void exit_words(const ouro_node *node, struct cli_text *text, int *ret_waiting)
{
	switch (ouro_node_exit_state(node)) {
	case OURO_EXIT_ON: part(text, "exit node"); break;
	case OURO_EXIT_OFFERED:
		part(text, "exit node waits for approval");
		*ret_waiting = 1;
		break;
	case OURO_EXIT_IDLE: part(text, "exit node (not offered now)"); break;
	default: break;
	}
}

/* "exit node, 10.0.0.0/24, 10.1.0.0/24 waits for approval" */
static void route_words(const ouro_node *node, struct cli_text *text, int *ret_waiting)
{
	exit_words(node, text, ret_waiting);
	for (size_t i = 0; i < ouro_node_route_count(node); i++) {
		const ouro_route *route = ouro_node_route(node, i);
		uint32_t flags = ouro_route_flags(route);

		if (flags & OURO_ROUTE_EXIT)
			continue;
		part(text, ouro_route_prefix(route));
		if (!(flags & OURO_ROUTE_APPROVED)) {
			cli_text_put(text, " waits for approval");
			*ret_waiting = 1;
		} else if (!(flags & OURO_ROUTE_ADVERTISED)) {
			cli_text_put(text, " (not offered now)");
		}
	}
}

static void join(struct cli_text *text, const ouro_node *node, size_t count,
	const char *(*at)(const ouro_node *node, size_t index), const char *between)
{
	for (size_t i = 0; i < count; i++)
		cli_text_format(text, "%s%s", i > 0 ? between : "", at(node, i));
}

/* ---- lists ---- */

static void add_node(struct cli_rows *rows, const ouro_node *node, int64_t now)
{
	struct cli_text text = {0};
	enum cli_colour colour = CLI_PLAIN;
	char when[CLI_WHEN_MAX];
	char exact[CLI_WHEN_MAX];
	int waiting = 0;

	cli_text_format(&text, "%llu", (unsigned long long)ouro_node_id(node));
	cli_rows_add(rows, cli_text_str(&text), NULL, CLI_PLAIN);
	cli_rows_add(rows, ouro_node_name(node)[0] != '\0' ? ouro_node_name(node) : "(no name)",
		ouro_node_name(node), CLI_PLAIN);
	cli_rows_add(rows, "", ouro_node_host_name(node), CLI_PLAIN);
	cli_text_clear(&text);
	state_words(node, now, &text, &colour);
	cli_rows_add(rows, cli_text_str(&text), state_word(node, now), colour);
	cli_rows_add(rows, "", cli_when_exact(ouro_node_last_seen(node), exact), CLI_PLAIN);
	cli_text_clear(&text);
	join(&text, node, ouro_node_address_count(node), ouro_node_address, " ");
	cli_rows_add(rows, ouro_node_address_count(node) > 0 ? ouro_node_address(node, 0) : "-",
		cli_text_str(&text), CLI_PLAIN);
	cli_rows_add(rows, ouro_node_user_name(node), NULL, CLI_PLAIN);
	cli_rows_add(rows, cli_when_words(ouro_node_expiry(node), now, when),
		cli_when_exact(ouro_node_expiry(node), exact), CLI_PLAIN);
	cli_text_clear(&text);
	route_words(node, &text, &waiting);
	cli_rows_add(rows, cli_text_str(&text), NULL, waiting ? CLI_YELLOW : CLI_PLAIN);
	cli_text_clear(&text);
	join(&text, node, ouro_node_tag_count(node), ouro_node_tag, " ");
	cli_rows_add(rows, cli_text_str(&text), NULL, CLI_PLAIN);
	cli_text_done(&text);
}

static int has_several_owners(const ouro_node_list *list)
{
	for (size_t i = 1; i < ouro_node_list_count(list); i++)
		if (strcmp(ouro_node_user_name(ouro_node_list_at(list, i)),
			    ouro_node_user_name(ouro_node_list_at(list, 0))) != 0)
			return 1;
	return 0;
}

static int has_tags(const ouro_node_list *list)
{
	for (size_t i = 0; i < ouro_node_list_count(list); i++)
		if (ouro_node_tag_count(ouro_node_list_at(list, i)) > 0)
			return 1;
	return 0;
}

static int print_list(const struct cli *cli, const ouro_node_list *list)
{
	struct cli_column shown[COLUMNS];
	struct cli_rows rows;
	int64_t now = (int64_t)time(NULL);

	memcpy(shown, columns, sizeof(columns));
	/* What is the same in all rows says nothing. */
	if (!has_several_owners(list))
		shown[OWNER].title = NULL;
	if (!has_tags(list))
		shown[TAGS].title = NULL;
	cli_rows_begin(&rows, cli, shown, COLUMNS);
	for (size_t i = 0; i < ouro_node_list_count(list); i++)
		add_node(&rows, ouro_node_list_at(list, i), now);
	return cli_rows_print(&rows, cli);
}

int cli_print_nodes(const struct cli *cli, const ouro_node_list *list)
{
	struct cli_json json = {0};

	if (cli->format != CLI_JSON)
		return print_list(cli, list);
	cli_json_open(&json, NULL, '{');
	cli_json_open(&json, "nodes", '[');
	for (size_t i = 0; i < ouro_node_list_count(list); i++)
		cli_json_node(&json, NULL, ouro_node_list_at(list, i));
	cli_json_close(&json, ']');
	cli_json_close(&json, '}');
	return cli_json_print(&json);
}

/* ---- one node ---- */

static void line(const struct cli *cli, const char *label, const char *untrusted)
{
	struct cli_text safe = {0};

	cli_text_safe(&safe, untrusted);
	(void)printf("%s%-14s%s%s\n", cli_colour(cli, CLI_DIM), label, cli_colour_end(cli, CLI_DIM),
		cli_text_str(&safe));
	cli_text_done(&safe);
}

static void time_line(const struct cli *cli, const char *label, int64_t time, int64_t now)
{
	char words[CLI_WHEN_MAX];
	char exact[CLI_WHEN_MAX];
	struct cli_text text = {0};

	cli_text_put(&text, cli_when_words(time, now, words));
	if (time != OURO_TIME_NEVER)
		cli_text_format(&text, " (%s)", cli_when_exact(time, exact));
	line(cli, label, cli_text_str(&text));
	cli_text_done(&text);
}

static const char *method_words(const ouro_node *node)
{
	switch (ouro_node_register_method(node)) {
	case OURO_REGISTER_AUTH_KEY: return "with a pre-auth key";
	case OURO_REGISTER_CLI: return "by a link";
	case OURO_REGISTER_OIDC: return "by signing in at the server";
	default: return "";
	}
}

static void print_routes(const struct cli *cli, const ouro_node *node)
{
	for (size_t i = 0; i < ouro_node_route_count(node); i++) {
		const ouro_route *route = ouro_node_route(node, i);
		uint32_t flags = ouro_route_flags(route);
		struct cli_text text = {0};

		cli_text_format(&text, "%s: %s, %s%s", ouro_route_prefix(route),
			flags & OURO_ROUTE_ADVERTISED ? "offered" : "not offered now",
			flags & OURO_ROUTE_APPROVED ? "approved" : "waits for approval",
			flags & OURO_ROUTE_SERVING ? ", carries traffic" : "");
		line(cli, i == 0 ? "Routes" : "", cli_text_str(&text));
		cli_text_done(&text);
	}
}

static void print_details(const struct cli *cli, const ouro_node *node)
{
	int64_t now = (int64_t)time(NULL);
	struct cli_text text = {0};
	enum cli_colour colour = CLI_PLAIN;
	char when[CLI_WHEN_MAX];
	int waiting = 0;

	line(cli, "Name", ouro_node_name(node)[0] != '\0' ? ouro_node_name(node) : "(no name)");
	cli_text_format(&text, "%llu", (unsigned long long)ouro_node_id(node));
	line(cli, "Id", cli_text_str(&text));
	line(cli, "Calls itself", ouro_node_host_name(node));
	cli_text_clear(&text);
	state_words(node, now, &text, &colour);
	line(cli, "State", cli_text_str(&text));
	for (size_t i = 0; i < ouro_node_address_count(node); i++)
		line(cli, i == 0 ? "Addresses" : "", ouro_node_address(node, i));
	if (ouro_node_user_name(node)[0] != '\0')
		line(cli, "Owner", ouro_node_user_name(node));
	for (size_t i = 0; i < ouro_node_tag_count(node); i++)
		line(cli, i == 0 ? "Tags" : "", ouro_node_tag(node, i));
	time_line(cli, "Key expires", ouro_node_expiry(node), now);
	time_line(cli, "Last seen", ouro_node_last_seen(node), now);
	cli_text_clear(&text);
	cli_text_format(&text, "%s%s%s%s", cli_when_words(ouro_node_created(node), now, when),
		method_words(node)[0] != '\0' ? ", " : "", method_words(node),
		ouro_node_ephemeral(node) ? ", and vanishes when it goes" : "");
	line(cli, "Joined", cli_text_str(&text));
	cli_text_clear(&text);
	exit_words(node, &text, &waiting);
	line(cli, "Exit node", text.size > 0 ? cli_text_str(&text) : "no");
	print_routes(cli, node);
	cli_text_done(&text);
}

int cli_print_node(const struct cli *cli, const ouro_node *node)
{
	struct cli_json json = {0};
	struct cli_rows rows;

	if (cli->format == CLI_TABLE) {
		print_details(cli, node);
		return CLI_OK;
	}
	if (cli->format == CLI_CSV) {
		cli_rows_begin(&rows, cli, columns, COLUMNS);
		add_node(&rows, node, (int64_t)time(NULL));
		return cli_rows_print(&rows, cli);
	}
	cli_json_open(&json, NULL, '{');
	cli_json_node(&json, "node", node);
	cli_json_close(&json, '}');
	return cli_json_print(&json);
}

int cli_print_changed(const struct cli *cli, const ouro_node *node, const char *format, ...)
{
	struct cli_text safe = {0};
	char text[600];
	va_list arguments;

	if (cli->format != CLI_TABLE && node != NULL)
		return cli_print_node(cli, node);
	if (cli->format == CLI_JSON) {
		(void)puts("{\"node\":null}");
		return CLI_OK;
	}
	if (cli->format == CLI_CSV)
		return CLI_OK;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	cli_text_safe(&safe, text);
	(void)puts(cli_text_str(&safe));
	cli_text_done(&safe);
	return CLI_OK;
}

/* ---- JSON ---- */

static const char *method_name(const ouro_node *node)
{
	switch (ouro_node_register_method(node)) {
	case OURO_REGISTER_AUTH_KEY: return "REGISTER_METHOD_AUTH_KEY";
	case OURO_REGISTER_CLI: return "REGISTER_METHOD_CLI";
	case OURO_REGISTER_OIDC: return "REGISTER_METHOD_OIDC";
	default: return "REGISTER_METHOD_UNSPECIFIED";
	}
}

void cli_json_user(struct cli_json *json, const char *name, uint64_t id, const char *user)
{
	static const char *const unknown[] = {
		"displayName", "email", "providerId", "provider", "profilePicUrl"};

	if (id == 0) {
		cli_json_string(json, name, NULL);
		return;
	}
	cli_json_open(json, name, '{');
	cli_json_id(json, "id", id);
	cli_json_string(json, "name", user);
	cli_json_string(json, "createdAt", ZERO_TIME);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		cli_json_string(json, unknown[i], "");
	cli_json_close(json, '}');
}

static void json_texts(struct cli_json *json, const char *name, const ouro_node *node, size_t count,
	const char *(*at)(const ouro_node *node, size_t index))
{
	cli_json_open(json, name, '[');
	for (size_t i = 0; i < count; i++)
		cli_json_string(json, NULL, at(node, i));
	cli_json_close(json, ']');
}

static void json_routes(
	struct cli_json *json, const char *name, const ouro_node *node, uint32_t flag)
{
	cli_json_open(json, name, '[');
	for (size_t i = 0; i < ouro_node_route_count(node); i++)
		if (ouro_route_flags(ouro_node_route(node, i)) & flag)
			cli_json_string(json, NULL, ouro_route_prefix(ouro_node_route(node, i)));
	cli_json_close(json, ']');
}

void cli_json_node(struct cli_json *json, const char *name, const ouro_node *node)
{
	uint64_t user = ouro_node_user_id(node);
	int tagged = user == 0 && ouro_node_tag_count(node) > 0;

	cli_json_open(json, name, '{');
	cli_json_id(json, "id", ouro_node_id(node));
	cli_json_string(json, "machineKey", "mkey:" ZERO_KEY);
	cli_json_string(json, "nodeKey", "nodekey:" ZERO_KEY);
	cli_json_string(json, "discoKey", "discokey:" ZERO_KEY);
	json_texts(json, "ipAddresses", node, ouro_node_address_count(node), ouro_node_address);
	cli_json_string(json, "name", ouro_node_host_name(node));
	cli_json_user(json, "user", tagged ? TAGGED_ID : user,
		tagged ? TAGGED_NAME : ouro_node_user_name(node));
	cli_json_time(json, "lastSeen", ouro_node_last_seen(node));
	cli_json_time(json, "expiry", ouro_node_expiry(node));
	cli_json_string(json, "preAuthKey", NULL);
	cli_json_time(json, "createdAt", ouro_node_created(node));
	cli_json_string(json, "registerMethod", method_name(node));
	cli_json_string(json, "givenName", ouro_node_name(node));
	cli_json_bool(json, "online", ouro_node_online(node));
	json_routes(json, "approvedRoutes", node, OURO_ROUTE_APPROVED);
	json_routes(json, "availableRoutes", node, OURO_ROUTE_ADVERTISED);
	json_routes(json, "subnetRoutes", node, OURO_ROUTE_SERVING);
	json_texts(json, "tags", node, ouro_node_tag_count(node), ouro_node_tag);
	cli_json_close(json, '}');
}
