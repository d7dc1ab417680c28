/* The HTTP channel on a unix socket, where 0.30 and later answer. json_channel.h is its interface. */
#ifndef OURO_RPC_JSON_SOCKET_H
#define OURO_RPC_JSON_SOCKET_H

#include "rpc/json_channel.h"

/* As ouro__json_channel_new(), for options->socket_path. */
ouro_status ouro__json_socket_new(
	const struct ouro__json_options *options, ouro__channel **ret_channel, ouro_error *reterr);

#endif
