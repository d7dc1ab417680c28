/* From public options to a channel to a tailnet. */
#include <string.h>

#include "base/options.h"
#include "rpc/grpc_channel.h"
#include "tailnet/tailnet.h"

#define DEFAULT_SOCKET "/var/run/headscale/headscale.sock"
/* Longer waits are a mistake in the settings: milliseconds for seconds. */
#define TIMEOUT_MAX_MS (10u * 60u * 1000u)

static ouro_status check(const ouro_tailnet_options *options, ouro_error *reterr)
{
	const uint32_t times[] = {options->freshness_ms, options->connect_timeout_ms,
		options->read_timeout_ms, options->write_timeout_ms, options->stale_after_ms,
		options->first_view_ms};

	if (options->transport == OURO_TRANSPORT_HTTP)
		return ouro__error_set(reterr, OURO_ERR_UNSUPPORTED,
			"the HTTP API of Headscale is not served by this version; use gRPC");
	if (options->transport != OURO_TRANSPORT_AUTO && options->transport != OURO_TRANSPORT_GRPC)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "transport %d is not known",
			(int)options->transport);
	if (options->address && !options->address[0])
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "the address of Headscale is empty");
	if (options->address && (!options->api_key || !options->api_key[0]))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "an address needs an API key of Headscale");
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] > TIMEOUT_MAX_MS)
			return ouro__error_set(reterr, OURO_ERR_INVALID,
				"a time of more than 10 minutes: they are milliseconds");
	return OURO_OK;
}

ouro_status ouro_tailnet_open(
	const ouro_tailnet_options *options, ouro_tailnet **ret_tailnet, ouro_error *reterr)
{
	ouro_tailnet_options own = OURO_TAILNET_OPTIONS_INIT;
	struct ouro__grpc_options grpc;
	ouro__channel *channel = NULL;
	ouro_status rc;

	if (!ret_tailnet)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "no place for the tailnet");
	rc = ouro__options_import(&own, sizeof(own), options, reterr);
	if (rc == OURO_OK)
		rc = check(&own, reterr);
	if (rc < 0)
		return rc;
	memset(&grpc, 0, sizeof(grpc));
	grpc.endpoint = own.address;
	grpc.socket_path = own.address ? NULL : own.socket_path ? own.socket_path : DEFAULT_SOCKET;
	grpc.plaintext = own.plaintext != 0;
	grpc.ca_file = own.ca_file;
	/* The socket asks for no key: none is sent there. */
	grpc.api_key = own.address ? own.api_key : NULL;
	grpc.connect_timeout_ms = own.connect_timeout_ms;
	grpc.log.fn = own.log;
	grpc.log.user = own.log_user;
	rc = ouro__grpc_channel_new(&grpc, &channel, reterr);
	if (rc < 0)
		return rc;
	return ouro__tailnet_new(
		channel, own.address ? own.address : grpc.socket_path, &own, ret_tailnet, reterr);
}
