/* api_problem.c: refusals as problem documents (RFC 9457), worded as Headscale 0.30 words them: detail says what was being done,
 * errors why it failed. On the request's thread. */
#include "api.h"

#include <string.h>

/* What Headscale calls these; web_status_phrase() has the newer names. */
static const char *title_of(int status)
{
	switch (status) {
	case 413: return "Request Entity Too Large";
	case 422: return "Unprocessable Entity";
	default: return web_status_phrase(status);
	}
}

void api_problem_write(struct web_response *response, int status, const char *type,
	const char *detail, const struct api_fault *faults, size_t fault_count)
{
	struct web_buf *out = &response->body;
	size_t i;

	response->status = status;
	response->content_type = "application/problem+json";
	response->shared_body = NULL;
	response->caching = WEB_CACHE_NEVER;
	response->has_etag = 0;
	web_buf_done(out);
	web_buf_puts(out, "{");
	api_put_member(out, "title", title_of(status));
	web_buf_printf(out, ",\"status\":%d", status);
	if (type != NULL) {
		web_buf_puts(out, ",\"type\":\"urn:ouroboros:");
		web_buf_puts(out, type); /* a word of ours */
		web_buf_puts(out, "\"");
	}
	if (detail != NULL)
		api_put_member(out, "detail", detail);
	for (i = 0; i < fault_count; i++) {
		web_buf_puts(out, i == 0 ? ",\"errors\":[{" : ",{");
		api_put_member(out, "message", faults[i].message);
		if (faults[i].location != NULL)
			api_put_member(out, "location", faults[i].location);
		web_buf_puts(out, i + 1 == fault_count ? "}]" : "}");
	}
	web_buf_puts(out, "}\n");
}

void api_refuse(struct api_call *api, int status, const char *detail)
{
	api_problem_write(api->web->response, status, NULL, detail, NULL, 0);
}

int api_http_status(ouro_status status)
{
	switch (status) {
	case OURO_ERR_KEY_UNKNOWN: return 404;
	case OURO_ERR_REJECTED: return 400;
	case OURO_ERR_TIMEOUT: return 503;
	case OURO_ERR_LIMIT: return 502;
	case OURO_ERR_TOKEN: return 401;
	case OURO_ERR_OFF: return 501;
	case OURO_ERR_PENDING: return 202;
	case OURO_ERR_IO: return 503;
	default: return web_http_status(status);
	}
}

static int is_ours(ouro_status status)
{
	return status == OURO_ERR_IO || status == OURO_ERR_NOMEM || status == OURO_ERR_INTERNAL;
}

/* Where Headscale is, what its key is worth and what the disk says is for the log: people outside are told how things are. */
static int is_inside(ouro_status status)
{
	switch (status) {
	case OURO_ERR_UNREACHABLE:
	case OURO_ERR_TIMEOUT:
	case OURO_ERR_UNCERTAIN:
	case OURO_ERR_UNAUTHENTICATED:
	case OURO_ERR_PROTOCOL:
	case OURO_ERR_LIMIT: return 1;
	default: return is_ours(status);
	}
}

void api_fail_as(struct api_call *api, int http, ouro_status status, const ouro_error *error)
{
	struct web_call *web = api->web;
	const char *said = error != NULL && error->text[0] != '\0' ? error->text : NULL;
	struct api_fault fault = {said != NULL ? said : ouro_status_text(status), NULL};

	if (is_inside(status)) {
		/* That Headscale is away is logged where it is noticed, once. */
		web_log(web->app, is_ours(status) ? OURO_LOG_ERROR : OURO_LOG_DEBUG,
			"API: %s: %s: %s", api->route->doing, ouro_status_name(status),
			fault.message);
		fault.message = ouro_status_text(status);
	}
	api_problem_write(
		web->response, http, ouro_status_name(status), api->route->doing, &fault, 1);
	if (http == 503 || http == 429 || http == 202)
		(void)web_response_header(web->response, "Retry-After", http == 429 ? "60" : "5");
}

void api_fail(struct api_call *api, ouro_status status, const ouro_error *error)
{
	api_fail_as(api, api_http_status(status), status, error);
}
