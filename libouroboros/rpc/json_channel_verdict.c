/* What a finished HTTP call amounts to: the mapping from HTTP outcomes, the gateway's error bodies and 0.30's problem documents to
 * the statuses that gRPC gives. Pure. The rule behind it: a method that writes is reported as not done only when that is certain. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "rpc/json_channel_answer.h"
#include "rpc/json_text.h"

enum {
	GRPC_CANCELLED = 1,
	GRPC_UNKNOWN = 2,
	GRPC_INVALID = 3,
	GRPC_DEADLINE = 4,
	GRPC_NOT_FOUND = 5,
	GRPC_EXISTS = 6,
	GRPC_EXHAUSTED = 8,
	GRPC_UNIMPLEMENTED = 12,
	GRPC_INTERNAL = 13,
	GRPC_UNAVAILABLE = 14,
	GRPC_UNAUTHENTICATED = 16
};

struct verdict {
	ouro_status status;
	int origin;
	int conclusive; /* nothing was done, also if the method writes */
	int verbatim;   /* the text needs no method in front */
	enum ouro__json_again again;
	int grpc;
	char text[256];
};

static struct verdict say(ouro_status status, int conclusive, const char *text)
{
	struct verdict out = {.status = status,
		.origin = OURO_ORIGIN_NETWORK,
		.conclusive = conclusive,
		.grpc = -1};

	(void)snprintf(out.text, sizeof(out.text), "%.*s", (int)sizeof(out.text) - 1, text);
	return out;
}

/* ---- Headscale's own words ---- */

static struct verdict refused(int grpc, const char *text)
{
	struct verdict out = say(OURO_ERR_REJECTED, 1, text[0] ? text : "no reason given");

	out.origin = OURO_ORIGIN_HEADSCALE;
	out.grpc = grpc;
	return out;
}

static struct verdict bad_key(const char *text)
{
	struct verdict out = refused(GRPC_UNAUTHENTICATED, "");

	out.status = OURO_ERR_UNAUTHENTICATED;
	(void)snprintf(out.text, sizeof(out.text), "Headscale refuses the API key: %.200s", text);
	return out;
}

static struct verdict no_such_method(int http)
{
	struct verdict out = refused(GRPC_UNIMPLEMENTED, "");

	out.status = OURO_ERR_UNSUPPORTED;
	(void)snprintf(
		out.text, sizeof(out.text), "this Headscale does not have it (HTTP %d)", http);
	return out;
}

/* The gateway passes on what the gRPC method gave. */
static struct verdict from_gateway(int http, int code, const char *text)
{
	struct verdict out = refused(code, text);

	if (code == GRPC_UNAUTHENTICATED ||
		(code == GRPC_INTERNAL &&
			(strcmp(text, "failed to validate token") == 0 ||
				strcmp(text, "validating token") == 0)))
		return bad_key(text);
	/* The gateway's own words for a path that it does not have. */
	if (code == GRPC_UNIMPLEMENTED ||
		(code == GRPC_NOT_FOUND && http == 404 && strcmp(text, "Not Found") == 0))
		return no_such_method(http);
	if (code == GRPC_EXHAUSTED && ouro__str_starts(text, "grpc: received message larger")) {
		out.status = OURO_ERR_LIMIT;
	} else if (code == GRPC_DEADLINE) {
		out.status = OURO_ERR_TIMEOUT;
		out.conclusive = 0;
	} else if (code == GRPC_UNAVAILABLE || code == GRPC_CANCELLED) {
		out.status = OURO_ERR_UNREACHABLE;
		out.conclusive = 0;
		out.again =
			code == GRPC_UNAVAILABLE ? OURO__JSON_AGAIN_READ : OURO__JSON_AGAIN_NEVER;
	}
	return out;
}

/* Each cause once: "detail: message; message". */
static void problem_text(const json_t *root, char *text, size_t room)
{
	const char *detail = json_string_value(json_object_get(root, "detail"));
	const json_t *errors = json_object_get(root, "errors");
	const char *between = ": ";
	size_t size;

	if (!detail)
		detail = json_string_value(json_object_get(root, "title"));
	(void)snprintf(text, room, "%.200s", detail ? detail : "");
	size = strlen(text);
	for (size_t i = 0; i < json_array_size(errors) && size + 4 < room; i++) {
		const char *message =
			json_string_value(json_object_get(json_array_get(errors, i), "message"));

		if (!message || !*message || strstr(text, message))
			continue;
		(void)snprintf(text + size, room - size, "%s%.*s", size ? between : "",
			(int)(room - size - 3), message);
		between = "; ";
		size = strlen(text);
	}
	ouro__str_one_line(text);
}

/* An Ouroboros server says in the type which status it is; anybody else's types say nothing here. */
static ouro_status own_status(const json_t *root)
{
	static const char prefix[] = "urn:ouroboros:";
	const char *type = json_string_value(json_object_get(root, "type"));

	return type && ouro__str_starts(type, prefix)
		? ouro__error_by_name(type + sizeof(prefix) - 1)
		: OURO_OK;
}

/* The statuses that a person's own doing leads to; what is between that server and Headscale is judged by the HTTP status. */
static int passes_on(ouro_status status)
{
	switch (status) {
	case OURO_ERR_INVALID:
	case OURO_ERR_NOTFOUND:
	case OURO_ERR_DENIED:
	case OURO_ERR_CONFLICT:
	case OURO_ERR_UNSUPPORTED:
	case OURO_ERR_CHANGED:
	case OURO_ERR_KEY_UNKNOWN:
	case OURO_ERR_OTHER_OWNER:
	case OURO_ERR_OFF: return 1;
	default: return 0;
	}
}

static struct verdict from_problem(int http, const json_t *root)
{
	ouro_status own = own_status(root);
	char text[256];
	struct verdict out;

	problem_text(root, text, sizeof(text));
	out = refused(GRPC_UNKNOWN, text);
	if (((http >= 400 && http < 500) || http == 501) && passes_on(own)) {
		out.status = own;
		out.verbatim = 1;
		return out;
	}
	switch (http) {
	case 400:
	case 422: out.grpc = GRPC_INVALID; break;
	case 401: return bad_key(text);
	case 404: out.grpc = GRPC_NOT_FOUND; break;
	case 405:
	case 501: return no_such_method(http);
	case 408: out.status = OURO_ERR_UNREACHABLE; break;
	case 409: out.grpc = GRPC_EXISTS; break;
	case 413: out.status = OURO_ERR_LIMIT; break;
	default:
		if (http >= 500)
			out.grpc = GRPC_INTERNAL;
		break;
	}
	return out;
}

/* ---- somebody else's ---- */

static int is_type(const struct ouro__json_answer *answer, const char *type)
{
	return strcmp(answer->content_type, type) == 0;
}

static int is_page(const struct ouro__json_answer *answer)
{
	return is_type(answer, "text/html") || is_type(answer, "application/xhtml+xml");
}

static struct verdict foreign(
	const struct ouro__json_answer *answer, const char *where, int conclusive)
{
	struct verdict out = say(OURO_ERR_PROTOCOL, conclusive, "");
	int http = answer->http_status;

	if (ouro__str_starts(answer->content_type, "application/grpc"))
		(void)snprintf(out.text, sizeof(out.text),
			"%.80s speaks gRPC, not HTTP: give Headscale's HTTP address (listen_addr), or choose gRPC",
			where);
	else if (http >= 300 && http < 400)
		(void)snprintf(out.text, sizeof(out.text),
			"%.60s answers HTTP %d, a redirect to \"%.60s\", instead of Headscale's API: a proxy or login portal has to "
			"let /api/v1 through",
			where, http, answer->location);
	else if (is_page(answer))
		(void)snprintf(out.text, sizeof(out.text),
			"%.80s answers HTTP %d with a web page instead of Headscale's API: check the address; a proxy or login portal "
			"has to let /api/v1 through",
			where, http);
	else
		(void)snprintf(out.text, sizeof(out.text),
			"%.80s answers HTTP %d (%s), which is not Headscale's API: check the address",
			where, http,
			answer->content_type[0] ? answer->content_type : "no content type");
	return out;
}

static int body_is(const struct ouro__json_answer *answer, const char *text)
{
	const char *body = ouro__buf_str(&answer->body);
	size_t size = answer->body.size;

	while (size && (body[size - 1] == '\n' || body[size - 1] == '\r'))
		size--;
	return size == strlen(text) && memcmp(body, text, size) == 0;
}

static struct verdict from_proxy(const struct ouro__json_answer *answer, const char *where)
{
	int http = answer->http_status;
	struct verdict out;
	char text[96];

	(void)snprintf(text, sizeof(text), "the proxy in front answers HTTP %d", http);
	switch (http) {
	case 400:
		/* Go's words and nginx's. */
		if (strstr(ouro__buf_str(&answer->body), "HTTP request to an HTTPS server") ||
			strstr(ouro__buf_str(&answer->body),
				"plain HTTP request was sent to HTTPS port"))
			return say(
				OURO_ERR_PROTOCOL, 1, "the port speaks TLS: do not set plaintext");
		break;
	case 401:
		if (!is_page(answer))
			return say(OURO_ERR_UNAUTHENTICATED, 1, text);
		break;
	case 403: return say(OURO_ERR_REJECTED, 1, text);
	case 404:
		if (body_is(answer, "404 page not found"))
			return no_such_method(http);
		break;
	case 405:
		if (!is_page(answer))
			return no_such_method(http);
		break;
	case 429: return say(OURO_ERR_UNREACHABLE, 1, text);
	case 502:
	case 503:
	case 504:
		(void)snprintf(text, sizeof(text),
			"the proxy in front answers HTTP %d: Headscale is down", http);
		out = say(OURO_ERR_UNREACHABLE, 0, text);
		out.again = OURO__JSON_AGAIN_READ;
		return out;
	default: break;
	}
	/* 303 is what may follow on a deed. */
	return foreign(answer, where, http < 500 && http != 303);
}

/* ---- all together ---- */

/* 1 if the answer is an error body of Headscale. */
static int from_body(const struct ouro__json_answer *answer, struct verdict *ret_verdict)
{
	int problem = is_type(answer, "application/problem+json");
	int http = answer->http_status;
	int found = 0;
	json_t *root;

	if (!problem && !is_type(answer, "application/json"))
		return 0;
	root = ouro__json_small(ouro__buf_str(&answer->body), answer->body.size);
	if (problem && json_is_object(root) && http != 502 && http != 503 && http != 504) {
		*ret_verdict = from_problem(http, root);
		found = 1;
	} else if (!problem) {
		const json_t *code = json_object_get(root, "code");
		const char *message = json_string_value(json_object_get(root, "message"));
		json_int_t number = json_integer_value(code);

		found = json_is_integer(code) && message;
		if (found)
			*ret_verdict = from_gateway(http,
				number > 0 && number <= GRPC_UNAUTHENTICATED ? (int)number
									     : GRPC_UNKNOWN,
				message);
	}
	json_decref(root);
	return found;
}

static struct verdict from_complete(const struct ouro__json_answer *answer, const char *where)
{
	int http = answer->http_status;
	struct verdict out;

	if (answer->fault != OURO_OK)
		return say(answer->fault, 0, answer->fault_text);
	if (http == 200 && is_type(answer, "application/json"))
		return say(OURO_OK, 1, "");
	if (http < 300)
		return foreign(answer, where, 0);
	if ((http == 401 || http == 500) && !is_page(answer) && body_is(answer, "Unauthorized"))
		return bad_key("Unauthorized");
	return from_body(answer, &out) ? out : from_proxy(answer, where);
}

/* The transfer did not come to its end, or what came is not HTTP. */
static struct verdict from_broken(
	const struct ouro__json_answer *answer, const struct ouro__json_end *end)
{
	struct verdict out;

	if (answer->fault != OURO_OK)
		return say(answer->fault, !end->sent, answer->fault_text);
	if (end->how == OURO__JSON_STARVED)
		return say(OURO_ERR_NOMEM, !end->sent, "out of memory");
	if (end->how == OURO__JSON_GARBLED)
		return say(OURO_ERR_PROTOCOL, !end->sent, end->text);
	if (end->how == OURO__JSON_LATE && end->sent)
		return say(OURO_ERR_TIMEOUT, 0, "Headscale did not answer in time");
	out = say(OURO_ERR_UNREACHABLE, !end->sent, end->text);
	if (!answer->http_status)
		out.again = OURO__JSON_AGAIN_READ;
	return out;
}

static ouro_status report(const struct verdict *out, const struct ouro__json_answer *answer,
	const char *method, ouro_error *reterr)
{
	/* A refusal is passed on word for word: those above read it. */
	if (out->verbatim ||
		(out->status == OURO_ERR_REJECTED && out->origin == OURO_ORIGIN_HEADSCALE))
		(void)ouro__error_from(reterr, out->origin, out->status, "%s", out->text);
	else
		(void)ouro__error_from(
			reterr, out->origin, out->status, "%s: %s", method, out->text);
	if (reterr && reterr->size >= sizeof(*reterr)) {
		reterr->http_status = answer->http_status;
		reterr->grpc_status = out->grpc;
		if (out->status == OURO_ERR_UNREACHABLE || out->status == OURO_ERR_TIMEOUT)
			reterr->flags |= OURO_ERROR_RETRYABLE;
	}
	return out->status;
}

ouro_status ouro__json_answer_verdict(const struct ouro__json_answer *answer,
	const struct ouro__json_end *end, const char *method, int reads,
	enum ouro__json_again *ret_again, ouro_error *reterr)
{
	struct verdict out = end->how == OURO__JSON_COMPLETE ? from_complete(answer, end->where)
							     : from_broken(answer, end);

	*ret_again = out.again;
	if (out.status == OURO_OK)
		return OURO_OK;
	if (!reads && !out.conclusive)
		out.status = OURO_ERR_UNCERTAIN;
	return report(&out, answer, method, reterr);
}

ouro_status ouro__json_answer_public(const struct ouro__json_answer *answer,
	const struct ouro__json_end *end, const char *path, enum ouro__json_again *ret_again,
	ouro_error *reterr)
{
	struct verdict out;

	*ret_again = OURO__JSON_AGAIN_NEVER;
	if (end->how == OURO__JSON_COMPLETE && answer->fault == OURO_OK)
		return OURO_OK;
	out = from_broken(answer, end);
	*ret_again = out.again;
	return report(&out, answer, path, reterr);
}

ouro_status ouro__json_answer_unsent(
	const char *where, const char *method, int replaced, const char *text, ouro_error *reterr)
{
	if (replaced)
		(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
			"%s: the connection to Headscale was made anew, and what answers there has to be found out first",
			method);
	else
		(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
			"cannot reach Headscale at %s: %s", where, text);
	ouro__error_retryable(reterr);
	return OURO_ERR_UNREACHABLE;
}

int ouro__json_answer_stands_in(const struct ouro__json_answer *answer)
{
	int http = answer->http_status;

	return http == 502 || http == 503 || http == 504;
}
