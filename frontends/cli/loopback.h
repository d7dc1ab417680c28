/* loopback.h: where the browser comes back to: a port of 127.0.0.1 that is open for one sign-in. */
#ifndef CLI_LOOPBACK_H
#define CLI_LOOPBACK_H

#include "cli.h"

struct cli_loopback {
	int fd; /* -1 = closed */
	int port;
};

/* Listen on any free port. */
int cli_loopback_open(struct cli_loopback *loopback);
/* Wait for http://127.0.0.1:PORT/?id=…&grant=… with this id, and answer it; anything else is answered with 404 and not believed.
 * ret_grant holds OURO_LOGIN_GRANT_MAX bytes. CLI_NOT_FOUND: nobody came within so many seconds. */
int cli_loopback_wait(struct cli_loopback *loopback, const char *id, int seconds, char *ret_grant);
void cli_loopback_close(struct cli_loopback *loopback);

/* Open a page in the browser that people have: $BROWSER or xdg-open; nothing happens where there is none. */
void cli_browse(const char *url);

#endif
