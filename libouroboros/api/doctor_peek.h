/* Looking at a server's door: does the name exist, does somebody listen, is the certificate good? */
#ifndef OURO_API_DOCTOR_PEEK_H
#define OURO_API_DOCTOR_PEEK_H

#include "api/doctor.h"
#include "net/endpoint.h"

/* How far a look came. */
enum ouro__peek_step { OURO__PEEK_NAME, OURO__PEEK_PORT, OURO__PEEK_TLS, OURO__PEEK_DONE };

struct ouro__peek {
	enum ouro__peek_step step; /* where it ended: DONE, or the one that failed */
	int64_t until;             /* end of the certificate; NEVER = there is none */
	ouro_error error;
};

/* tls 0: name and port only. ca_file as in ouro__tls_new(). */
void ouro__doctor_peek(const struct ouro__endpoint *endpoint, int tls, const char *ca_file,
	int64_t deadline, struct ouro__peek *ret_peek);
/* Add what a look at a place found: what it is ("hs_address"), and the setting to correct. 1 = all is well. */
int ouro__doctor_tell_peek(struct ouro__report *report, const char *setting, const char *place,
	const struct ouro__peek *peek);

#endif
