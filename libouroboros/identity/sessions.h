/* What the sign-in of this room needs of the sessions. */
#ifndef OURO_IDENTITY_SESSIONS_H
#define OURO_IDENTITY_SESSIONS_H

#include <ouroboros/identity.h>

#include "identity/seal.h"

/* Seconds that the clock of the machine that sealed may be ahead of ours. */
enum { OURO__CLOCK_SKEW = 60 };

/* Borrowed from the sessions. */
const ouro__sealer *ouro__sessions_sealer(const ouro_sessions *sessions);
/* Unix seconds by the clock of the sessions. */
int64_t ouro__sessions_now(const ouro_sessions *sessions);
/* 1 if a login is 1 to 63 characters of [A-Za-z0-9-_]. */
int ouro__login_sound(const char *login);

#endif
