/* Which generation answers? Asking runs nothing on the server and needs no API key. */
#include "headscale/detect.h"

#include <string.h>

ouro_status ouro__headscale_detect(ouro__channel *channel, const struct ouro__found *last,
	const ouro__generation *assumed, int64_t deadline, struct ouro__found *ret_found,
	ouro_error *reterr)
{
	if (channel->ops->probe)
		return ouro__detect_grpc(channel, assumed, deadline, ret_found, reterr);
	return ouro__detect_http(channel, last, assumed, deadline, ret_found, reterr);
}

const ouro__generation *ouro__headscale_vague(const struct ouro__found *found)
{
	if (found->certain)
		return NULL;
	switch (found->generation->band) {
	case OURO__BAND_C: return ouro__generation_of(OURO__BAND_D);
	case OURO__BAND_F0: return ouro__generation_of(OURO__BAND_F1);
	default: return NULL;
	}
}

void ouro__headscale_refine(ouro__channel *http, int64_t deadline, struct ouro__found *found)
{
	struct ouro__found seen = {0};

	if (ouro__detect_http(http, NULL, NULL, deadline, &seen, NULL) < 0)
		return;
	/* Anything but these two is another server: nothing follows from it. */
	if (seen.generation != found->generation && seen.generation != ouro__headscale_vague(found))
		return;
	found->generation = seen.generation;
	found->certain = 1;
	(void)memcpy(found->version, seen.version, sizeof(found->version));
}

int ouro__headscale_has_grpc(const ouro__generation *generation)
{
	return generation->band < OURO__BAND_I;
}
