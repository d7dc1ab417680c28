/* request.c: the strict checks of a request's head. Pure: any thread.
 *
 * The HTTP parser below us is lenient (two Hosts, two lengths, chunked with a length, …), so everything that two parsers
 * could read differently is refused here; the connection is closed after one answer in any case. */
#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define QUERY_MAX 4096u
#define PATH_MAX_LENGTH 1024u

static const char *const single_headers[] = {"Cookie", "Authorization", "Origin", "Content-Type",
	"Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "If-None-Match", "User-Agent"};

const char *web_head_header(const struct web_head *head, const char *name, size_t *ret_count)
{
	const char *value = NULL;
	size_t count = 0, i;

	for (i = 0; i < head->header_count; i++)
		if (head->headers[i].name != NULL && strcasecmp(head->headers[i].name, name) == 0 &&
			count++ == 0)
			value = head->headers[i].value;
	if (ret_count != NULL)
		*ret_count = count;
	return value;
}

static int alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static int path_of(const char *path, size_t length, const char *allowed)
{
	size_t i;

	if (length == 0 || length > PATH_MAX_LENGTH || path[0] != '/')
		return 0;
	for (i = 0; i < length; i++) {
		if (!alphanumeric(path[i]) && (path[i] == '\0' || strchr(allowed, path[i]) == NULL))
			return 0;
		if (path[i] == '/' && i + 1 < length && (path[i + 1] == '/' || path[i + 1] == '.'))
			return 0;
	}
	return 1;
}

int web_path_valid(const char *path, size_t length)
{
	return path_of(path, length, "._~:/-");
}

int web_path_valid_api(const char *path, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (path[i] == '%' &&
			(length - i < 3 || strspn(path + i + 1, "0123456789abcdefABCDEF") < 2))
			return 0;
	return path_of(path, length, "._~:/-%!$&'()*+,;=@");
}

static int port_valid(const char *text, size_t length)
{
	unsigned value = 0;
	size_t i;

	if (length == 0 || length > 5)
		return 0;
	for (i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	return value >= 1 && value <= 65535;
}

/* Length of a "[v6]" at the start, 0 if there is none. */
static size_t host_bracketed(const char *host, size_t length)
{
	size_t i = 1;

	while (i < length && (alphanumeric(host[i]) || host[i] == ':' || host[i] == '.'))
		i++;
	return i >= 3 && i < length && host[i] == ']' ? i + 1 : 0;
}

/* Length of the host without its port; 0 if it is not well-formed. */
static size_t host_split(const char *host, size_t length)
{
	size_t i = 0;

	if (length == 0 || length >= WEB_HOST_MAX)
		return 0;
	if (host[0] == '[')
		i = host_bracketed(host, length);
	else
		while (i < length && (alphanumeric(host[i]) || host[i] == '.' || host[i] == '-'))
			i++;
	if (i == 0 || i == length)
		return i;
	return host[i] == ':' && port_valid(host + i + 1, length - i - 1) ? i : 0;
}

int web_host_valid(const char *host, size_t length)
{
	return host_split(host, length) > 0;
}

static int host_loopback(const char *host, size_t length)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	size_t bare = host_split(host, length), i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == bare && strncasecmp(names[i], host, bare) == 0)
			return 1;
	return 0;
}

/* 1 if host is the one of base_url; a proxy may add the scheme's own port to it. */
static int host_is_base(const char *host, const char *base)
{
	size_t length = strlen(base);

	if (strncasecmp(host, base, length) != 0)
		return 0;
	if (host[length] == '\0')
		return 1;
	return host_split(base, length) == length &&
		(strcmp(host + length, ":443") == 0 || strcmp(host + length, ":80") == 0);
}

static int refuse(struct web_refusal *ret, int status, const char *text)
{
	ret->status = status;
	ret->text = text;
	return 0;
}

static enum web_method method_of(const char *text)
{
	static const struct {
		const char *text;
		enum web_method method;
	} methods[] = {
		{"GET", WEB_GET},
		{"HEAD", WEB_HEAD},
		{"POST", WEB_POST},
		{"PUT", WEB_PUT},
		{"DELETE", WEB_DELETE},
	};
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i].text, text) == 0)
			return methods[i].method;
	return WEB_OTHER;
}

static int check_method(
	const struct web_head *head, struct web_request *request, struct web_refusal *ret)
{
	if (head->version == NULL ||
		(strcmp(head->version, "1.1") != 0 && strcmp(head->version, "1.0") != 0))
		return refuse(ret, 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
	request->method = method_of(head->method != NULL ? head->method : "");
	if (request->method > WEB_POST && !request->api)
		return refuse(ret, 405, "Only GET, HEAD and POST are answered.");
	return 1;
}

/* Values: no controls but tab. */
static int check_header_values(const struct web_head *head, struct web_refusal *ret)
{
	size_t i;

	for (i = 0; i < head->header_count; i++) {
		const char *value = head->headers[i].value;

		if (head->headers[i].name == NULL || value == NULL)
			return refuse(ret, 400, "A header is malformed.");
		for (; *value != '\0'; value++)
			if (((unsigned char)*value < 0x20 && *value != '\t') || *value == 0x7f)
				return refuse(ret, 400, "A header holds control characters.");
	}
	for (i = 0; i < sizeof(single_headers) / sizeof(single_headers[0]); i++) {
		size_t count;

		(void)web_head_header(head, single_headers[i], &count);
		if (count > 1)
			return refuse(ret, 400, "A header came twice.");
	}
	return 1;
}

static int check_host(const struct web_head *head, const struct web_hosts *hosts,
	struct web_request *request, struct web_refusal *ret)
{
	size_t count;
	const char *host = web_head_header(head, "Host", &count);

	if (count != 1 || !web_host_valid(host, strlen(host)))
		return refuse(ret, 400, "Exactly one valid Host header is needed.");
	request->host = host;
	if (host_is_base(host, hosts->base))
		return 1;
	if (!host_loopback(host, strlen(host)))
		return refuse(ret, 421,
			"This host name is not served here; base_url in the settings says which is.");
	request->loopback_host = 1;
	return 1;
}

/* Whether a request of that kind may come with a body. */
static int has_body(const struct web_request *request)
{
	return request->api || request->method == WEB_POST;
}

/* A length as decimal digits; one that is too large is WEB_BODY_MAX + 1. 0 if it is no number. */
static int length_of(const char *text, size_t *ret_length)
{
	size_t length = 0, i;

	for (i = 0; text[i] != '\0'; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		if (length <= WEB_BODY_MAX)
			length = length * 10 + (size_t)(text[i] - '0');
	}
	*ret_length = length > WEB_BODY_MAX || i > 5 ? WEB_BODY_MAX + 1 : length;
	return i > 0;
}

static int check_length(
	const struct web_head *head, struct web_request *request, struct web_refusal *ret)
{
	size_t count, length = 0;
	const char *text;

	(void)web_head_header(head, "Transfer-Encoding", &count);
	if (count > 0)
		return refuse(ret, 501, "Transfer-Encoding is not accepted.");
	text = web_head_header(head, "Content-Length", &count);
	if (count > 1)
		return refuse(ret, 400, "Content-Length came twice.");
	if (count == 0) {
		if (request->method == WEB_POST && !request->api)
			return refuse(ret, 411, "A POST needs a Content-Length.");
		return 1;
	}
	if (!length_of(text, &length))
		return refuse(ret, 400, "Content-Length is not a number.");
	if (length > WEB_BODY_MAX)
		return refuse(ret, 413, "The body is larger than 16 KiB.");
	if (length > 0 && !has_body(request))
		return refuse(ret, 400, "Only a POST has a body.");
	request->content_length = length;
	return 1;
}

static int check_target(
	const struct web_head *head, struct web_request *request, struct web_refusal *ret)
{
	size_t length;
	int status;

	if (head->target == NULL)
		return refuse(ret, 400, "The path is missing.");
	length = strlen(head->target);
	if (length > PATH_MAX_LENGTH)
		return refuse(ret, 414, "The path is too long.");
	if (request->api ? !web_path_valid_api(head->target, length)
			 : !web_path_valid(head->target, length))
		return refuse(
			ret, 400, "The path holds characters that no address of these pages has.");
	request->path = head->target;
	if (head->query == NULL)
		return 1;
	length = strlen(head->query);
	if (length > QUERY_MAX)
		return refuse(ret, 414, "The query is too long.");
	status = web_form_parse(head->query, length, &request->query);
	if (status != 0)
		return refuse(ret, status, "The query cannot be read.");
	return 1;
}

int web_request_check(const struct web_head *head, const struct web_hosts *hosts,
	struct web_request *ret_request, struct web_refusal *ret_refusal)
{
	memset(ret_request, 0, sizeof(*ret_request));
	ret_request->method = WEB_GET;
	ret_request->api = head->target != NULL && hosts->api != NULL &&
		strncmp(head->target, hosts->api, strlen(hosts->api)) == 0;
	if (head->header_count >= WEB_HEADERS_MAX)
		return refuse(ret_refusal, 431, "There are too many headers.");
	if (!check_method(head, ret_request, ret_refusal) ||
		!check_header_values(head, ret_refusal) ||
		!check_host(head, hosts, ret_request, ret_refusal) ||
		!check_length(head, ret_request, ret_refusal) ||
		!check_target(head, ret_request, ret_refusal))
		return 0;
	ret_request->cookie = web_head_header(head, "Cookie", NULL);
	ret_request->origin = web_head_header(head, "Origin", NULL);
	ret_request->content_type = web_head_header(head, "Content-Type", NULL);
	ret_request->fetch_site = web_head_header(head, "Sec-Fetch-Site", NULL);
	ret_request->if_none_match = web_head_header(head, "If-None-Match", NULL);
	ret_request->user_agent = web_head_header(head, "User-Agent", NULL);
	if (ret_request->api)
		ret_request->authorization = web_head_header(head, "Authorization", NULL);
	return 1;
}

void web_request_done(struct web_request *request)
{
	web_form_done(&request->query);
	web_form_done(&request->form);
	if (request->body != NULL)
		explicit_bzero(request->body, request->content_length + 1);
	free(request->body);
	request->body = NULL;
}
