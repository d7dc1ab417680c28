/* Asking web servers, and telling who answered. */
#ifndef OURO_API_DOCTOR_WEB_H
#define OURO_API_DOCTOR_WEB_H

#include "api/doctor.h"
#include "net/http.h"

/* Every answer of ouroboros-web carries this header. */
#define OURO__OWN_HEADER "Ouroboros"

enum ouro__from {
	OURO__FROM_NOBODY,  /* no answer: the error says why */
	OURO__FROM_GATEWAY, /* 502, 503, 504 of a proxy in front */
	OURO__FROM_US,
	OURO__FROM_OTHERS
};

struct ouro__doctor_answer {
	enum ouro__from from;
	struct ouro__http_reply reply;
	struct ouro__doctor_clock clock; /* of whoever answered */
	ouro_error error;
};

/* Zero = not ready. */
struct ouro__doctor_web {
	struct ouro__http *http;
};

/* From now on with that file of authorities, NULL = the system's. 0 = out of memory. */
int ouro__doctor_web_trust(struct ouro__doctor_web *web, const char *ca_file);
void ouro__doctor_web_done(struct ouro__doctor_web *web);
/* One request without a body and without a secret. host: other than the URL's, NULL = that one. Release with
 * ouro__doctor_answer_done(). */
void ouro__doctor_ask(struct ouro__strand *strand, struct ouro__doctor_web *web, const char *method,
	const char *url, const char *host, struct ouro__doctor_answer *ret_answer);
void ouro__doctor_answer_done(struct ouro__doctor_answer *answer);

#endif
