/* table.h: every option and every command, each in one row. The parser, --help, the man page and the completion of all shells are
 * made from these rows and from nothing else. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct cli;

/* Which commands take an option. */
#define CLI_FOR_ALL 0x1u    /* every command */
#define CLI_FOR_SERVER 0x2u /* those that talk to a tailnet */
#define CLI_FOR_OUTPUT 0x4u /* those that print something that programs read */
#define CLI_FOR_CHANGE 0x8u /* those that ask before they do something */
#define CLI_FOR_LIST 0x10u  /* lists that can be watched */
#define CLI_FOR_NODES 0x20u
#define CLI_FOR_EXTEND 0x40u
#define CLI_FOR_KEY 0x80u
#define CLI_FOR_REGISTER 0x100u
#define CLI_FOR_LOGIN 0x200u
#define CLI_FOR_MAIN 0x400u /* no command at all */
#define CLI_FOR_USER 0x800u
#define CLI_FOR_TOKEN 0x1000u /* those that work with a person's token alone */
#define CLI_FOR_DOCTOR 0x2000u
#define CLI_FOR_DURATION 0x4000u

/* X(NAME, long name, letter or 0, argument or NULL, optional argument, what it may be, groups, help).
 * What it may be: words with a space between, or "<file>", "<socket>", "<url>", "<user>", or NULL. */
#define CLI_OPTIONS(X)                                                                             \
	X(OUTPUT, "output", 'o', "FORMAT", 0, "table json csv", CLI_FOR_OUTPUT,                    \
		"table (default), json as Headscale 0.30 writes it, or csv")                       \
	X(WATCH, "watch", 'w', "SECONDS", 1, NULL, CLI_FOR_LIST,                                   \
		"show the list anew every so often (2 seconds unless said), until interrupted")    \
	X(YES, "yes", 'y', NULL, 0, NULL, CLI_FOR_CHANGE, "do not ask")                            \
	X(FILTER, "filter", 0, "STATE", 0, "all online offline expired waiting routes",            \
		CLI_FOR_NODES, "only nodes in this state; waiting: for the approval of a route")   \
	X(SEARCH, "search", 0, "TEXT", 0, NULL, CLI_FOR_NODES,                                     \
		"only nodes whose names, addresses, tags, owner or routes have this text")         \
	X(SORT, "sort", 0, "ORDER", 0, "name seen expiry owner", CLI_FOR_NODES,                    \
		"order of the list; by name unless said")                                          \
	X(FOR, "for", 0, "DURATION", 0, NULL, CLI_FOR_DURATION,                                    \
		"how long from now, such as 12h, 90d or 1y")                                       \
	X(UNTIL, "until", 0, "TIME", 0, NULL, CLI_FOR_EXTEND,                                      \
		"a date, or a time like 2030-01-31T12:00:00Z")                                     \
	X(NEVER, "never", 0, NULL, 0, NULL, CLI_FOR_EXTEND, "no end at all")                       \
	X(REUSABLE, "reusable", 0, NULL, 0, NULL, CLI_FOR_KEY, "for several devices")              \
	X(EPHEMERAL, "ephemeral", 0, NULL, 0, NULL, CLI_FOR_KEY,                                   \
		"its devices vanish when they go")                                                 \
	X(QR, "qr", 0, NULL, 0, NULL, CLI_FOR_KEY, "show the key as a QR code as well")            \
	X(USER, "user", 0, "USER", 0, "<user>", CLI_FOR_USER,                                      \
		"the Headscale user whose it shall be; the operator has to name one")              \
	X(NO_WAIT, "no-wait", 0, NULL, 0, NULL, CLI_FOR_REGISTER,                                  \
		"do not wait until the device is online")                                          \
	X(NO_BROWSER, "no-browser", 0, NULL, 0, NULL, CLI_FOR_LOGIN,                               \
		"show a code to type on a page that is opened anywhere")                           \
	X(SCOPES, "scopes", 0, "LIST", 0,                                                          \
		"read read,nodes read,nodes,routes read,nodes,routes,keys", CLI_FOR_LOGIN,         \
		"what the token shall be good for; all of it unless said")                         \
	X(NAME, "name", 0, "NAME", 0, NULL, CLI_FOR_LOGIN,                                         \
		"the token's name; this machine's name unless said")                               \
	X(SERVER, "server", 0, "URL", 0, "<url>", CLI_FOR_SERVER | CLI_FOR_DOCTOR,                 \
		"an Ouroboros server, with a personal token ($OUROBOROS_SERVER)")                  \
	X(TOKEN_FILE, "token-file", 0, "FILE", 0, "<file>",                                        \
		CLI_FOR_SERVER | CLI_FOR_TOKEN | CLI_FOR_LOGIN | CLI_FOR_DOCTOR,                   \
		"where the token is, instead of $OUROBOROS_TOKEN and the file of ouroboros login") \
	X(SOCKET, "socket", 0, "PATH", 0, "<file>", CLI_FOR_SERVER,                                \
		"Headscale's unix socket (operator)")                                              \
	X(ADDRESS, "address", 0, "HOST:PORT", 0, NULL, CLI_FOR_SERVER,                             \
		"Headscale on the network, with an API key (operator)")                            \
	X(API_KEY_FILE, "api-key-file", 0, "FILE", 0, "<file>", CLI_FOR_SERVER,                    \
		"where that API key is, instead of $OUROBOROS_API_KEY")                            \
	X(PLAINTEXT, "plaintext", 0, NULL, 0, NULL, CLI_FOR_SERVER, "no TLS towards --address")    \
	X(CONFIG, "config", 0, "FILE", 0, "<file>", CLI_FOR_SERVER | CLI_FOR_DOCTOR,               \
		"the Headscale that these settings of ouroboros-web name (operator)")              \
	X(AS, "as", 0, "USER", 0, "<user>", CLI_FOR_SERVER,                                        \
		"see and touch only what belongs to this Headscale user (operator)")               \
	X(CA_FILE, "ca-file", 0, "FILE", 0, "<file>",                                              \
		CLI_FOR_SERVER | CLI_FOR_TOKEN | CLI_FOR_LOGIN | CLI_FOR_DOCTOR,                   \
		"certificate authority to trust instead of the system's (PEM)")                    \
	X(TIMEOUT, "timeout", 0, "SECONDS", 0, NULL,                                               \
		CLI_FOR_SERVER | CLI_FOR_TOKEN | CLI_FOR_LOGIN,                                    \
		"how long an answer may take; 10 seconds unless said")                             \
	X(VERBOSE, "verbose", 'v', NULL, 0, NULL, CLI_FOR_SERVER | CLI_FOR_TOKEN | CLI_FOR_LOGIN,  \
		"say on standard error how the server is reached")                                 \
	X(AS_JSON, "json", 0, NULL, 0, NULL, CLI_FOR_DOCTOR,                                       \
		"for programs: one object with all findings and how many there are of each kind")  \
	X(HELP, "help", 'h', NULL, 0, NULL, CLI_FOR_ALL | CLI_FOR_MAIN, "show this help")          \
	X(VERSION, "version", 0, NULL, 0, NULL, CLI_FOR_MAIN, "show the version")

enum cli_option_id {
#define CLI_OPTION_ID(name, ...) CLI_##name,
	CLI_OPTIONS(CLI_OPTION_ID)
#undef CLI_OPTION_ID
		CLI_OPTION_COUNT
};

struct cli_option {
	const char *name;
	char letter;
	int optional; /* its argument may be left out */
	const char *argument;
	const char *choices;
	uint32_t groups;
	const char *help;
};

extern const struct cli_option cli_options[CLI_OPTION_COUNT];

/* One command. arguments: "NODE NEW-NAME"; "[X]" may be left out, "..." at the end means more of the last. */
struct cli_command {
	const char *name; /* "nodes list" */
	int (*run)(struct cli *cli);
	const char *arguments;
	uint32_t groups;
	const char *summary;
};

extern const struct cli_command cli_commands[];
extern const size_t cli_command_count;

/* 1 if the command takes the option; command NULL = there is none. */
int cli_takes(const struct cli_command *command, const struct cli_option *option);
/* The command that the words begin with, *ret_used of them; NULL if none. */
const struct cli_command *cli_find_command(char *const *words, size_t count, size_t *ret_used);
/* The index-th name of a command's arguments, without brackets and dots; the last one again where it repeats. Returns 0 if there is none. */
int cli_argument(const struct cli_command *command, size_t index, char *ret_name, size_t room);
/* How many words it takes. */
size_t cli_least(const struct cli_command *command);
size_t cli_most(const struct cli_command *command);

#endif
