/* What a finished gRPC call amounts to: the mapping from HTTP/2, HTTP and gRPC outcomes to ours.
 * Pure. The rule behind it: a method that writes is reported as not done only when that is certain.
 * */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "rpc/grpc_channel_answer.h"

enum {
	GRPC_CANCELLED = 1,
	GRPC_DEADLINE = 4,
	GRPC_EXHAUSTED = 8,
	GRPC_UNIMPLEMENTED = 12,
	GRPC_INTERNAL = 13,
	GRPC_UNAVAILABLE = 14,
	GRPC_UNAUTHENTICATED = 16
};

enum { H2_REFUSED = 7, H2_CALM = 11 };

struct verdict {
	ouro_status status;
	int origin;
	int conclusive; /* nothing was done, also if the method writes */
	enum ouro__grpc_again again;
	char text[256];
};

static struct verdict say(
	ouro_status status, int conclusive, enum ouro__grpc_again again, const char *text)
{
	struct verdict out = {.status = status,
		.origin = OURO_ORIGIN_NETWORK,
		.conclusive = conclusive,
		.again = again};

	(void)snprintf(out.text, sizeof(out.text), "%.*s", (int)sizeof(out.text) - 1, text);
	return out;
}

static const char *h2_code(uint32_t code)
{
	static const char *const names[] = {"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR",
		"FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
		"REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR",
		"ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"};

	return code < sizeof(names) / sizeof(names[0]) ? names[code] : "unknown code";
}

/* An answer without gRPC in it: a proxy or another server speaks. */
static struct verdict from_http(int http)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "the server answers HTTP %d instead of gRPC", http);
	switch (http) {
	case 401:
		return say(OURO_ERR_UNAUTHENTICATED, 1, OURO__GRPC_AGAIN_NEVER,
			"the proxy in front answers HTTP 401");
	case 403:
		return say(OURO_ERR_REJECTED, 1, OURO__GRPC_AGAIN_NEVER,
			"the proxy in front answers HTTP 403");
	case 429:
		return say(OURO_ERR_UNREACHABLE, 1, OURO__GRPC_AGAIN_NEVER,
			"the proxy in front answers HTTP 429 (too many requests)");
	case 502:
	case 503:
	case 504:
		(void)snprintf(text, sizeof(text),
			"the proxy in front answers HTTP %d: Headscale is down or has no gRPC",
			http);
		return say(OURO_ERR_UNREACHABLE, 0, OURO__GRPC_AGAIN_READ, text);
	default:
		if (http == 404)
			(void)snprintf(text, sizeof(text),
				"the server answers HTTP 404: it is not a gRPC port of Headscale");
		return say(
			OURO_ERR_PROTOCOL, http >= 400 && http < 500, OURO__GRPC_AGAIN_NEVER, text);
	}
}

static int is_auth_text(const char *text)
{
	return strcmp(text, "failed to validate token") == 0 ||
		strcmp(text, "validating token") == 0;
}

#define NO_REASON "no reason given"

/* Headscale, or a gRPC proxy, has given a status other than 0. */
static struct verdict from_grpc(int code, const char *text)
{
	struct verdict out =
		say(OURO_ERR_REJECTED, 1, OURO__GRPC_AGAIN_NEVER, text[0] ? text : NO_REASON);

	out.origin = OURO_ORIGIN_HEADSCALE;
	if (code == GRPC_UNAUTHENTICATED || (code == GRPC_INTERNAL && is_auth_text(text))) {
		out.status = OURO_ERR_UNAUTHENTICATED;
		(void)snprintf(
			out.text, sizeof(out.text), "Headscale refuses the API key: %.200s", text);
	} else if (code == GRPC_UNIMPLEMENTED && ouro__str_starts(text, "unknown service")) {
		return say(OURO_ERR_PROTOCOL, 1, OURO__GRPC_AGAIN_NEVER,
			"a gRPC server answers, but it is not Headscale (unknown service)");
	} else if (code == GRPC_UNIMPLEMENTED) {
		out.status = OURO_ERR_UNSUPPORTED;
	} else if (code == GRPC_EXHAUSTED &&
		ouro__str_starts(text, "grpc: received message larger")) {
		out.status = OURO_ERR_LIMIT;
	} else if (code == GRPC_DEADLINE) {
		out.status = OURO_ERR_TIMEOUT;
		out.conclusive = 0;
	} else if (code == GRPC_UNAVAILABLE || code == GRPC_CANCELLED) {
		out.status = OURO_ERR_UNREACHABLE;
		out.conclusive = 0;
		out.again =
			code == GRPC_UNAVAILABLE ? OURO__GRPC_AGAIN_READ : OURO__GRPC_AGAIN_NEVER;
	}
	return out;
}

static struct verdict from_complete(const struct ouro__grpc_answer *answer)
{
	if (!answer->grpc_type)
		return from_http(answer->http_status);
	if (answer->grpc_status < 0)
		return say(OURO_ERR_PROTOCOL, 0, OURO__GRPC_AGAIN_NEVER,
			"the answer has no grpc-status");
	if (answer->grpc_status > 0)
		return from_grpc(answer->grpc_status, ouro__buf_str(&answer->message));
	if (answer->fault != OURO_OK)
		return say(answer->fault, 0, OURO__GRPC_AGAIN_NEVER, answer->fault_text);
	if (answer->prefix_size < sizeof(answer->prefix) || answer->body.size < answer->length)
		return say(OURO_ERR_PROTOCOL, 0, OURO__GRPC_AGAIN_NEVER,
			"the answer is cut short or empty");
	return say(OURO_OK, 1, OURO__GRPC_AGAIN_NEVER, "");
}

static struct verdict from_reset(uint32_t code)
{
	char text[96];

	(void)snprintf(text, sizeof(text), "the request was reset (%s, %u)", h2_code(code),
		(unsigned)code);
	if (code == H2_REFUSED)
		return say(OURO_ERR_UNREACHABLE, 1, OURO__GRPC_AGAIN_ANY,
			"the server refuses requests at the moment");
	if (code == H2_CALM)
		return say(OURO_ERR_UNREACHABLE, 0, OURO__GRPC_AGAIN_NEVER,
			"the server asks to send less (ENHANCE_YOUR_CALM)");
	return say(OURO_ERR_PROTOCOL, 0, OURO__GRPC_AGAIN_NEVER, text);
}

static struct verdict judge(const struct ouro__grpc_answer *answer, const struct ouro__h2_end *end)
{
	struct verdict out;

	/* Trailers end the call, whatever happens to stream or connection afterwards. */
	if (answer->complete)
		return from_complete(answer);
	if (answer->fault != OURO_OK)
		return say(answer->fault, 0, OURO__GRPC_AGAIN_NEVER, answer->fault_text);
	if (end->lost) {
		out = say(end->error ? end->error->status : OURO_ERR_UNREACHABLE, 0,
			answer->started ? OURO__GRPC_AGAIN_NEVER : OURO__GRPC_AGAIN_READ,
			end->error ? end->error->text : "the connection was lost");
		if (out.status != OURO_ERR_UNREACHABLE)
			out.again = OURO__GRPC_AGAIN_NEVER;
	} else if (end->code != 0) {
		out = from_reset(end->code);
	} else if (!answer->grpc_type) {
		return from_http(answer->http_status);
	} else {
		out = say(OURO_ERR_PROTOCOL, 0, OURO__GRPC_AGAIN_NEVER,
			"the answer ends without a grpc-status");
	}
	if (end->unprocessed && out.status == OURO_ERR_UNREACHABLE)
		out.again = OURO__GRPC_AGAIN_ANY;
	return out;
}

static void explain(const struct verdict *out, const char *method, ouro_error *reterr)
{
	if (out->status != OURO_ERR_REJECTED || out->origin != OURO_ORIGIN_HEADSCALE) {
		(void)ouro__error_from(
			reterr, out->origin, out->status, "%s: %s", method, out->text);
		return;
	}
	/* A refusal is passed on word for word: those above read it. What is no text at all is left out of an error. */
	(void)ouro__error_from(reterr, out->origin, out->status, "%s", out->text);
	if (reterr && reterr->size >= sizeof(*reterr) && !reterr->text[0])
		(void)ouro__error_from(reterr, out->origin, out->status, "%s", NO_REASON);
}

ouro_status ouro__grpc_answer_verdict(const struct ouro__grpc_answer *answer,
	const struct ouro__h2_end *end, const char *method, int reads,
	enum ouro__grpc_again *ret_again, ouro_error *reterr)
{
	struct verdict out = judge(answer, end);

	*ret_again = out.again;
	if (out.status == OURO_OK)
		return OURO_OK;
	if (!reads && !out.conclusive && !end->unprocessed)
		out.status = OURO_ERR_UNCERTAIN;
	explain(&out, method, reterr);
	if (reterr && reterr->size >= sizeof(*reterr)) {
		reterr->http_status = answer->grpc_type ? 0 : answer->http_status;
		reterr->grpc_status = answer->grpc_type ? answer->grpc_status : -1;
		if (out.status == OURO_ERR_UNREACHABLE || out.status == OURO_ERR_TIMEOUT)
			reterr->flags |= OURO_ERROR_RETRYABLE;
	}
	return out.status;
}
