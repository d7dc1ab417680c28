/* server.h: CivetWeb around the router. */
#ifndef OURO_WEB_SERVER_H
#define OURO_WEB_SERVER_H

#include "app.h"

struct web_server;

/* Starts to listen and to answer. 0, or -1 with a sentence in fault. */
int web_server_start(
	struct web_app *app, struct web_server **ret_server, char *fault, size_t fault_size);
/* Takes no more connections, finishes those that are there (10 s at most) and releases. */
void web_server_stop(struct web_server *server);
/* 1 if text is a list that may be listened on ("127.0.0.1:8080", "8080", several with commas); else 0 and what to write
 * instead. */
int web_listen_valid(const char *text, char *fault, size_t fault_size);

#endif
