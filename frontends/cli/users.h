/* users.h: Headscale users, where one has to be named. */
#ifndef CLI_USERS_H
#define CLI_USERS_H

#include "cli.h"

/* The user that something new shall belong to: --user, else the only one there is. CLI_OK, or what to exit with after having said
 * why. Released with cli_text_done(). */
int cli_pick_user(struct cli *cli, struct cli_text *ret_user);

#endif
