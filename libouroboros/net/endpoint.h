/* Where a server listens: "host:port", "[v6]:port" or "host", and turning the name into addresses.
 * */
#ifndef OURO_NET_ENDPOINT_H
#define OURO_NET_ENDPOINT_H

#include <netdb.h>
#include <stdint.h>

#include "base/error.h"

struct ouro__endpoint {
	char host[256]; /* without brackets */
	char text[272]; /* host:port, v6 in brackets: for messages and :authority */
	uint16_t port;
};

/* INVALID with a text that says what is wrong. */
ouro_status ouro__endpoint_parse(const char *text, uint16_t default_port,
	struct ouro__endpoint *ret_endpoint, ouro_error *reterr);
/* Look the addresses up; waits at most until deadline or until stop_fd is readable (-1 = none),
 * although the system's resolver cannot be interrupted. *ret_list: freeaddrinfo. */
ouro_status ouro__endpoint_resolve(const struct ouro__endpoint *endpoint, int64_t deadline,
	int stop_fd, struct addrinfo **ret_list, ouro_error *reterr);

#endif
