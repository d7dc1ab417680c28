/* doors.h: the sockets that CivetWeb listens and serves on, which it keeps to itself: what a stop without a cut answer needs. */
#ifndef OURO_WEB_DOORS_H
#define OURO_WEB_DOORS_H

#include <civetweb.h>

enum web_doors {
	WEB_DOORS_EMPTY,  /* nobody is connected */
	WEB_DOORS_SILENT, /* somebody is, and has sent nothing that was not read */
	WEB_DOORS_ASKED,  /* somebody waits to be let in, or sent what nobody read yet */
};

/* No new connections from here on; those that have begun are still let in. A client that tries is refused when the socket is closed. */
void web_doors_close(const struct mg_context *context);
enum web_doors web_doors_look(const struct mg_context *context);
/* Ends the polls of CivetWeb's threads. Requests are done with when this is called. */
void web_doors_wake(const struct mg_context *context);

#endif
