/* Over gRPC: by the methods that a server has. A probe runs nothing on the server and needs no API key; all are sent at once. */
#include <string.h>

#include "base/str.h"
#include "headscale/detect.h"

/* In the order of this table; a bit each. */
static const char *const methods[] = {"ListNodes", "GetUser", "GetRoutes", "SetApprovedRoutes",
	"Health", "DeletePreAuthKey", "CheckPolicy", "ListMachines"};
enum {
	LIST_NODES = 1u << 0,
	GET_USER = 1u << 1,
	GET_ROUTES = 1u << 2,
	SET_APPROVED_ROUTES = 1u << 3,
	HEALTH = 1u << 4,
	DELETE_KEY = 1u << 5,
	CHECK_POLICY = 1u << 6,
	LIST_MACHINES = 1u << 7,
	METHODS = 8
};

enum { GRPC_UNIMPLEMENTED = 12 };

struct known {
	ouro__band band;
	uint32_t there;
};

/* 0.24 and 0.25 have the same methods, and so have 0.27.0 and 0.27.1: what is safe with the older one is safe with both. */
static const struct known known[] = {
	{OURO__BAND_B, LIST_NODES | GET_USER | GET_ROUTES},
	{OURO__BAND_C, LIST_NODES | GET_ROUTES},
	{OURO__BAND_E, LIST_NODES | SET_APPROVED_ROUTES},
	{OURO__BAND_F0, LIST_NODES | SET_APPROVED_ROUTES | HEALTH},
	{OURO__BAND_G, LIST_NODES | SET_APPROVED_ROUTES | HEALTH | DELETE_KEY},
	{OURO__BAND_H, LIST_NODES | SET_APPROVED_ROUTES | HEALTH | DELETE_KEY | CHECK_POLICY},
};

static ouro_status judge(uint32_t there, const ouro__generation *assumed,
	const ouro__generation **ret_generation, ouro_error *reterr)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].there != there)
			continue;
		*ret_generation = ouro__generation_of(known[i].band);
		return OURO_OK;
	}
	if (there & LIST_MACHINES)
		return ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_UNSUPPORTED,
			"this is Headscale 0.22 or older, which is not served; upgrade Headscale (" OURO__GENERATIONS_SERVED
			" are served)");
	if (!(there & LIST_NODES)) {
		(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
			"a gRPC server answers, but it is not Headscale: is the address right?");
		reterr->grpc_status = GRPC_UNIMPLEMENTED;
		return OURO_ERR_PROTOCOL;
	}
	if (!assumed)
		return ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_UNSUPPORTED,
			"a Headscale answers that has the methods of no known version (" OURO__GENERATIONS_SERVED
			"); if it is like one, set hs_assume to that");
	*ret_generation = assumed;
	return OURO_OK;
}

/* The channel's words without the method that was asked for: people know nothing of probes. */
static void strip_method(ouro_error *error)
{
	for (size_t i = 0; i < METHODS; i++) {
		size_t length = strlen(methods[i]);

		if (!ouro__str_starts(error->text, methods[i]) ||
			!ouro__str_starts(error->text + length, ": "))
			continue;
		memmove(error->text, error->text + length + 2,
			strlen(error->text + length + 2) + 1);
		return;
	}
}

ouro_status ouro__detect_grpc(ouro__channel *channel, const ouro__generation *assumed,
	int64_t deadline, struct ouro__found *ret_found, ouro_error *reterr)
{
	struct ouro__found found = {0};
	ouro_error error = OURO_ERROR_INIT;
	uint32_t there = 0;
	ouro_status rc = channel->ops->probe(
		channel, methods, METHODS, deadline, &there, &found.epoch, &error);

	if (rc >= 0)
		rc = judge(there, assumed, &found.generation, &error);
	if (rc >= 0) {
		*ret_found = found;
		return rc;
	}
	strip_method(&error);
	/* No key was asked for, so it was not Headscale that missed one. */
	if (rc == OURO_ERR_UNAUTHENTICATED || rc == OURO_ERR_REJECTED)
		rc = error.status = OURO_ERR_PROTOCOL;
	ouro__error_copy(reterr, &error);
	return rc;
}
