/* What a refusal of the server means. Up to 0.29 nearly all of them are one code and must be told apart by their words. */
#include <string.h>

#include "base/str.h"
#include "headscale/generation.h"

struct rule {
	const char *words; /* in any case, anywhere in the server's text */
	ouro_status status;
};

/* The first that fits decides. Users before "not found": a person's user that the server lacks is not a missing device. */
static const struct rule rules[] = {
	{"not found in registration cache", OURO_ERR_KEY_UNKNOWN},
	{"registration cache", OURO_ERR_KEY_UNKNOWN},
	{"expected type prefix", OURO_ERR_KEY_UNKNOWN},
	{"key hex has the wrong size", OURO_ERR_KEY_UNKNOWN},
	{"registration id must be", OURO_ERR_KEY_UNKNOWN},
	{"auth id has invalid", OURO_ERR_KEY_UNKNOWN},
	{"previously registered with a different user", OURO_ERR_OTHER_OWNER},
	{"node key already in use", OURO_ERR_OTHER_OWNER},
	{"not unique", OURO_ERR_CONFLICT},
	{"already exists", OURO_ERR_CONFLICT},
	{"unique constraint", OURO_ERR_CONFLICT},
	{"duplicate key", OURO_ERR_CONFLICT},
	{"dns segment", OURO_ERR_INVALID},
	{"dns label", OURO_ERR_INVALID},
	{"must be at least", OURO_ERR_INVALID},
	{"renaming node: hostname", OURO_ERR_INVALID},
	{"parsing route", OURO_ERR_INVALID},
	{"expected exactly one user", OURO_ERR_NOTFOUND}, /* a name that several have */
	{"not available on", OURO_ERR_REJECTED},
	{"not found", OURO_ERR_NOTFOUND},
	{"no longer exists", OURO_ERR_NOTFOUND},
	{"failed to validate token", OURO_ERR_UNAUTHENTICATED},
	{"validating token", OURO_ERR_UNAUTHENTICATED},
};

enum {
	GRPC_INVALID_ARGUMENT = 3,
	GRPC_NOT_FOUND = 5,
	GRPC_ALREADY_EXISTS = 6,
	GRPC_UNAUTHENTICATED = 16
};

static ouro_status by_code(int32_t code)
{
	switch (code) {
	case GRPC_INVALID_ARGUMENT: return OURO_ERR_INVALID;
	case GRPC_NOT_FOUND: return OURO_ERR_NOTFOUND;
	case GRPC_ALREADY_EXISTS: return OURO_ERR_CONFLICT;
	case GRPC_UNAUTHENTICATED: return OURO_ERR_UNAUTHENTICATED;
	default: return OURO_ERR_REJECTED;
	}
}

ouro_status ouro__headscale_error(ouro_status status, const char *what, ouro_error *reterr)
{
	ouro_status meaning = status;

	if (status == OURO_ERR_REJECTED && reterr && reterr->size >= sizeof(*reterr)) {
		meaning = by_code(reterr->grpc_status);
		for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
			if (!ouro__str_has_fold(reterr->text, rules[i].words))
				continue;
			meaning = rules[i].status;
			break;
		}
		reterr->status = meaning;
	}
	ouro__error_prefix(reterr, "%s", what);
	return meaning;
}
