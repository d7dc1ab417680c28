/* Which generation answers? Asked by methods that one generation has and its neighbour lacks. A probe runs nothing on the server
 * and needs no API key. */
#include "headscale/generation.h"

/* OK with *ret_there, or the channel's failure. */
static ouro_status has(ouro__channel *channel, const char *method, int64_t deadline, int *ret_there,
	ouro_error *reterr)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = channel->ops->probe(channel, method, deadline, &error);

	if (rc == OURO_OK || rc == OURO_ERR_UNSUPPORTED) {
		*ret_there = rc == OURO_OK;
		return OURO_OK;
	}
	if (reterr && reterr->size >= sizeof(*reterr))
		*reterr = error;
	return rc;
}

/* From the newest to the oldest; the first method that is there decides. */
struct step {
	const char *method;
	ouro__band band;
	const char *version;
};

static const struct step with_health[] = {
	{"CheckPolicy", OURO__BAND_H, "0.29"},
	{"DeletePreAuthKey", OURO__BAND_G, "0.28"},
	{"Health", OURO__BAND_F0, "0.27"},
};
static const struct step without_health[] = {
	{"SetApprovedRoutes", OURO__BAND_E, "0.26"},
	{"GetUser", OURO__BAND_B, "0.23"},
	{"ListNodes", OURO__BAND_C, "0.24 or 0.25"},
	{"ListMachines", 0, "0.22 or older"},
};

static ouro_status walk(ouro__channel *channel, const struct step *steps, size_t count,
	int64_t deadline, const struct step **ret_step, ouro_error *reterr)
{
	*ret_step = NULL;
	for (size_t i = 0; i < count && !*ret_step; i++) {
		int there = 0;
		ouro_status rc = has(channel, steps[i].method, deadline, &there, reterr);

		if (rc < 0)
			return rc;
		if (there)
			*ret_step = &steps[i];
	}
	return OURO_OK;
}

/* GetUser was there in 0.22 too, which speaks of machines. */
static ouro_status find(
	ouro__channel *channel, int64_t deadline, const struct step **ret_step, ouro_error *reterr)
{
	const size_t old = sizeof(without_health) / sizeof(without_health[0]);
	int there = 0;
	ouro_status rc = has(channel, "Health", deadline, &there, reterr);

	if (rc < 0)
		return rc;
	if (there)
		return walk(channel, with_health, sizeof(with_health) / sizeof(with_health[0]),
			deadline, ret_step, reterr);
	rc = has(channel, "ListNodes", deadline, &there, reterr);
	if (rc < 0)
		return rc;
	if (there)
		return walk(channel, without_health, old - 1, deadline, ret_step, reterr);
	return walk(channel, &without_health[old - 1], 1, deadline, ret_step, reterr);
}

ouro_status ouro__headscale_detect(ouro__channel *channel, int64_t deadline,
	const ouro__generation **ret_generation, ouro_error *reterr)
{
	const struct step *step = NULL;
	const ouro__generation *generation;
	ouro_status rc = find(channel, deadline, &step, reterr);

	if (rc < 0)
		return rc;
	if (!step)
		return ouro__error_set(reterr, OURO_ERR_UNSUPPORTED,
			"what answers there speaks gRPC but is not Headscale; check the address or socket path");
	generation = ouro__generation_of(step->band);
	if (!generation)
		return ouro__error_set(reterr, OURO_ERR_UNSUPPORTED,
			"found Headscale %s, which this version does not serve; it serves " OURO__GENERATIONS_SERVED,
			step->version);
	*ret_generation = generation;
	return OURO_OK;
}
