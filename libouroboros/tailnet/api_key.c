/* When the API key ends, by the server that answered last. A plain read: it changes nothing, and the snapshot stays. */
#include "headscale/api_key.h"
#include "base/sys.h"
#include "tailnet/state.h"

ouro_status ouro__tailnet_api_key_until(
	ouro_tailnet *tailnet, const char *key, int64_t *ret_until, ouro_error *reterr)
{
	struct ouro__server server;
	ouro_status rc;

	if (!ouro__tailnet_enter(tailnet))
		return ouro__tailnet_stopped(reterr);
	(void)pthread_mutex_lock(&tailnet->lock);
	server = tailnet->server;
	(void)pthread_mutex_unlock(&tailnet->lock);
	if (server.generation)
		rc = ouro__headscale_api_key_until(&server, key,
			ouro__clock_ms() + tailnet->read_timeout_ms, ret_until, reterr);
	else
		rc = ouro__error_set(reterr, OURO_ERR_UNREACHABLE, "no Headscale has answered yet");
	ouro__tailnet_leave(tailnet);
	return rc;
}
