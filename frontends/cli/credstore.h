/* credstore.h: the secrets that systemd hands to the service, for an operator who looks at the same installation. */
#ifndef CLI_CREDSTORE_H
#define CLI_CREDSTORE_H

#include "cli.h"

enum { CLI_CREDSTORE_KEYS = 4 };

/* An environment for settings; zero = none. */
struct cli_credstore {
	int closed;               /* the directory is there and not open to this account */
	const char **environment; /* NULL-terminated; its texts are borrowed, or are these: */
	char added[CLI_CREDSTORE_KEYS][128];
};

/* The environment, and for each secret that it says nothing of the variable that names the service's own file in directory
 * ("/etc/credstore"), as far as this account may read it. CLI_OK, or what to exit with after having said why. */
int cli_credstore_take(
	struct cli_credstore *ret, const char *const *environment, const char *directory);
/* The environment for the settings that --config names: with the service's secrets if they are the service's settings. */
int cli_credstore_open(struct cli_credstore *ret, const struct cli *cli);
/* What to do, after something was wrong, if secrets may be missing only for this account. */
void cli_credstore_advise(const struct cli_credstore *credstore);
void cli_credstore_done(struct cli_credstore *credstore);

#endif
