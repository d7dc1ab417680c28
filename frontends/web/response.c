/* response.c: building an answer. Belongs to the request's thread. */
#include "response.h"
#include "request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define HEADERS_MAX 16384u

void web_response_init(struct web_response *response)
{
	memset(response, 0, sizeof(*response));
	response->status = 200;
	response->content_type = "text/html; charset=utf-8";
	web_buf_init(&response->headers, HEADERS_MAX);
	web_buf_init(&response->body, WEB_BODY_ANSWER_MAX);
}

void web_response_done(struct web_response *response)
{
	if (response->secret && response->body.data != NULL)
		explicit_bzero(response->body.data, response->body.capacity);
	web_buf_done(&response->headers);
	web_buf_done(&response->body);
}

void web_response_reset(struct web_response *response)
{
	web_response_done(response);
	web_response_init(response);
}

int web_response_header(struct web_response *response, const char *name, const char *value)
{
	const char *c;

	for (c = value; *c != '\0'; c++)
		if (*c < 0x20 || *c > 0x7e)
			return 0;
	web_buf_printf(&response->headers, "%s: %s\r\n", name, value);
	return !response->headers.failed;
}

/* A path with a query of ours: nothing that a browser could read as another host. */
static int path_plain(const char *path)
{
	size_t length = strcspn(path, "?");
	const char *c;

	if (!web_path_valid(path, length))
		return 0;
	for (c = path + length; *c != '\0'; c++)
		if (*c < 0x21 || *c > 0x7e || strchr("\\\"<>#", *c) != NULL)
			return 0;
	return 1;
}

void web_response_see(struct web_response *response, const char *base_path, const char *path)
{
	char location[2048];
	const char *target = path_plain(path) ? path : "/";
	int length = snprintf(location, sizeof(location), "%s%s", base_path, target);

	if (length < 0 || (size_t)length >= sizeof(location))
		(void)snprintf(location, sizeof(location), "/");
	response->status = 303;
	web_buf_done(&response->body);
	(void)web_response_header(response, "Location", location);
}

void web_response_text(struct web_response *response, int status, const char *text)
{
	response->status = status;
	response->content_type = "text/plain; charset=utf-8";
	response->shared_body = NULL;
	web_buf_done(&response->body);
	web_buf_puts(&response->body, text);
	web_buf_puts(&response->body, "\n");
}

int web_response_etag(struct web_response *response, const char *if_none_match, uint64_t value)
{
	const char *found;

	(void)snprintf(response->etag, sizeof(response->etag), "W/\"%016" PRIx64 "\"", value);
	response->has_etag = 1;
	if (if_none_match == NULL)
		return 0;
	/* Weak comparison: our quoted part anywhere in the list is the same tag. */
	found = strstr(if_none_match, response->etag + 2);
	if (found == NULL)
		return 0;
	response->status = 304;
	web_buf_done(&response->body);
	response->shared_body = NULL;
	return 1;
}

const char *web_status_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{200, "OK"},
		{202, "Accepted"},
		{303, "See Other"},
		{304, "Not Modified"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{411, "Length Required"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{415, "Unsupported Media Type"},
		{421, "Misdirected Request"},
		{422, "Unprocessable Content"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
	};
	size_t i;

	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Answer";
}

static void write_date(struct web_buf *out)
{
	char text[64];
	time_t now = time(NULL);
	struct tm parts;

	if (gmtime_r(&now, &parts) != NULL &&
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts) > 0)
		web_buf_printf(out, "Date: %s\r\n", text);
}

int web_response_write(
	const struct web_response *response, const char *common, int head_only, struct web_buf *out)
{
	static const char *const caching[] = {[WEB_CACHE_NEVER] = "no-store",
		[WEB_CACHE_FOREVER] = "public, max-age=31536000, immutable",
		[WEB_CACHE_ASK] = "private, no-cache"};
	const char *body =
		response->shared_body != NULL ? response->shared_body : response->body.data;
	size_t length =
		response->shared_body != NULL ? response->shared_length : response->body.length;

	if (response->headers.failed || response->body.failed)
		return 0;
	web_buf_printf(
		out, "HTTP/1.1 %d %s\r\n", response->status, web_status_phrase(response->status));
	write_date(out);
	web_buf_puts(out, "Connection: close\r\n");
	if (response->status != 304) {
		if (length > 0)
			web_buf_printf(out, "Content-Type: %s\r\n", response->content_type);
		web_buf_printf(out, "Content-Length: %zu\r\n", length);
	}
	if (response->has_etag)
		web_buf_printf(out, "ETag: %s\r\n", response->etag);
	web_buf_printf(out, "Cache-Control: %s\r\n", caching[response->caching]);
	web_buf_puts(out, response->common != NULL ? response->common : common);
	web_buf_add(out, response->headers.data, response->headers.length);
	web_buf_puts(out, "\r\n");
	if (!head_only && response->status != 304)
		web_buf_add(out, body, length);
	return !out->failed;
}
