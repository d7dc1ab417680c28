/* What is the same for every channel; see channel.h. */
#include "rpc/channel.h"

uint64_t ouro__channel_epoch(ouro__channel *channel)
{
	return channel->ops->epoch ? channel->ops->epoch(channel) : 0;
}

ouro_status ouro__channel_call(ouro__channel *channel, const struct ouro__method *method,
	const struct ouro__terms *terms, const void *request, int64_t deadline, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	ouro__call *call = NULL;
	ouro_status rc =
		channel->ops->start(channel, method, terms, request, deadline, &call, reterr);

	if (rc < 0)
		return rc;
	return channel->ops->finish(channel, call, arena, ret_reply, reterr);
}

void ouro__channel_stop(ouro__channel *channel)
{
	if (channel && channel->ops->stop)
		channel->ops->stop(channel);
}

void ouro__channel_free(ouro__channel *channel)
{
	if (channel)
		channel->ops->free(channel);
}
