/* Request heads as the HTTP parser hands them over: lines of text - method, path, query ("-" =
 * none), version, then headers as "Name: value". What passes is a request that handlers may
 * believe in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = WEB_HEADERS_MAX + 16 };

static char *next_line(char **text)
{
	char *line = *text;
	char *end = line ? strchr(line, '\n') : NULL;

	if (end)
		*end = '\0';
	*text = end ? end + 1 : NULL;
	return line;
}

static size_t read_headers(char *text, struct web_header headers[LINES_MAX])
{
	size_t count = 0;
	char *line;

	while (count < LINES_MAX && (line = next_line(&text))) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '\0';
		headers[count].name = line;
		headers[count++].value = colon[1] == ' ' ? colon + 2 : colon + 1;
	}
	return count;
}

static void check(const struct web_head *head, const struct web_request *request)
{
	size_t hosts = 0;

	if (strstr(request->path, "//"))
		abort();
	if (!web_head_header(head, "host", &hosts) || hosts != 1 ||
		!web_host_valid(request->host, strlen(request->host)))
		abort();
	if (head->header_count > WEB_HEADERS_MAX || request->content_length > WEB_BODY_MAX)
		abort();
	if (web_head_header(head, "transfer-encoding", NULL))
		abort();
}

/* What pages believe in, and what only the API takes. */
static void check_kind(const struct web_request *request)
{
	size_t length = strlen(request->path);
	int reads = request->method == WEB_GET || request->method == WEB_HEAD;

	if (request->api != (strncmp(request->path, "/ouroboros/api/", 15) == 0))
		abort();
	if (request->api) {
		if (!web_path_valid_api(request->path, length))
			abort();
		return;
	}
	if (!web_path_valid(request->path, length) || request->authorization)
		abort();
	if (!reads && request->method != WEB_POST)
		abort();
	if (reads && request->content_length)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct web_hosts hosts = {"vpn.example.org", 8080, "/ouroboros/api/"};
	static struct web_header headers[LINES_MAX];
	struct web_head head = {.headers = headers};
	struct web_request request;
	struct web_refusal refusal = {0, NULL};
	char address[WEB_ADDRESS_MAX];
	char bad[64];
	char *text = malloc(size + 1);
	char *rest = text;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	head.method = next_line(&rest);
	head.target = next_line(&rest);
	head.query = next_line(&rest);
	head.version = next_line(&rest);
	if (!head.version)
		goto out;
	if (strcmp(head.query, "-") == 0)
		head.query = NULL;
	head.header_count = read_headers(rest, headers);
	if (web_request_check(&head, &hosts, &request, &refusal)) {
		check(&head, &request);
		check_kind(&request);
	} else if (refusal.status < 400 || refusal.status > 599 || !refusal.text) {
		abort();
	}
	web_request_address("127.0.0.1", web_head_header(&head, "x-forwarded-for", NULL),
		"127.0.0.0/8, ::1, 10.0.0.0/8", address);
	if (!memchr(address, 0, sizeof(address)) || !address[0])
		abort();
	(void)web_trusted_valid(head.target, bad, sizeof(bad));
	web_request_done(&request);
out:
	free(text);
	return 0;
}
