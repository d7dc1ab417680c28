/* HTTP requests on libcurl; see http.h. A handle a request, so threads never share one. */
#include "net/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

#define TIMEOUT_MS 15000
#define CONNECT_TIMEOUT_MS 3000L
#define HEADERS_MAX 32u

struct client {
	struct ouro__http base;
	char *ca_file;
};

struct exchange {
	CURL *curl;
	struct curl_slist *headers;
	ouro__buf body;
	int too_large;
	char text[CURL_ERROR_SIZE];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int usable;

static void init(void)
{
	usable = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static size_t on_body(char *data, size_t one, size_t size, void *user)
{
	struct exchange *exchange = user;

	(void)one;
	ouro__buf_append(&exchange->body, data, size);
	if (!exchange->body.broken)
		return size;
	exchange->too_large = exchange->body.size + size > exchange->body.max;
	return 0;
}

static int is_loopback(const char *host)
{
	return ouro__str_same_fold(host, "localhost") || strcmp(host, "127.0.0.1") == 0 ||
		strcmp(host, "[::1]") == 0;
}

/* https, or http to this machine; no user or password inside. */
static ouro_status check_url(const char *url, const char **ret_protocols, ouro_error *reterr)
{
	CURLU *parts = curl_url();
	char *scheme = NULL;
	char *host = NULL;
	char *user = NULL;
	ouro_status rc = OURO_OK;

	if (!parts)
		return ouro__error_nomem(reterr);
	if (curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
		curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		rc = ouro__error_set(
			reterr, OURO_ERR_INVALID, "this is not a URL that can be called");
	else if (curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK)
		rc = ouro__error_set(
			reterr, OURO_ERR_INVALID, "a URL with a user name in it is not called");
	else if (strcmp(scheme, "https") == 0)
		*ret_protocols = "https";
	else if (strcmp(scheme, "http") == 0 && is_loopback(host))
		*ret_protocols = "http";
	else
		rc = ouro__error_set(reterr, OURO_ERR_INVALID,
			"%.120s: only https is called (http only on this machine itself)", host);
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(parts);
	return rc;
}

static ouro_status add_headers(
	struct exchange *exchange, const struct ouro__http_request *request, ouro_error *reterr)
{
	/* Empty = libcurl leaves its own out. */
	static const char *const off[] = {"Expect:"};

	if (request->header_count > HEADERS_MAX)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "too many header fields");
	for (size_t i = 0; i <= request->header_count; i++) {
		const char *line = i < request->header_count ? request->headers[i] : off[0];
		struct curl_slist *more;

		if (strpbrk(line, "\r\n"))
			return ouro__error_set(
				reterr, OURO_ERR_INVALID, "a header field holds a line break");
		more = curl_slist_append(exchange->headers, line);
		if (!more)
			return ouro__error_nomem(reterr);
		exchange->headers = more;
	}
	return OURO_OK;
}

static int set_body(CURL *curl, const struct ouro__http_request *request)
{
	int ok = 1;

	if (request->body) {
		ok &= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body) == CURLE_OK;
		ok &= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
			      (curl_off_t)request->body_size) == CURLE_OK;
	} else if (strcmp(request->method, "GET") == 0) {
		return curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L) == CURLE_OK;
	} else if (strcmp(request->method, "POST") == 0) {
		ok &= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "") == CURLE_OK;
	}
	ok &= curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
	return ok;
}

static int set_rules(CURL *curl, const char *protocols, const char *ca_file, int64_t timeout)
{
	long whole = timeout > 0 && timeout < 3600000 ? (long)timeout : TIMEOUT_MS;
	int ok = 1;

	ok &= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK;
	ok &= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
	ok &= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
	ok &= curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
	ok &= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
		      whole < CONNECT_TIMEOUT_MS ? whole : CONNECT_TIMEOUT_MS) == CURLE_OK;
	ok &= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, whole) == CURLE_OK;
	ok &= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L) == CURLE_OK;
	ok &= curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK;
	ok &= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
	if (ca_file) {
		ok &= curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file) == CURLE_OK;
		ok &= curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
	}
	return ok;
}

static ouro_status failure(const struct exchange *exchange, CURLcode code, ouro_error *reterr)
{
	ouro_status status = OURO_ERR_UNREACHABLE;
	const char *text = exchange->text[0] ? exchange->text : curl_easy_strerror(code);

	if (exchange->too_large) {
		status = OURO_ERR_LIMIT;
		text = "the answer is larger than allowed";
	} else if (code == CURLE_OPERATION_TIMEDOUT) {
		status = OURO_ERR_TIMEOUT;
	} else if (code == CURLE_OUT_OF_MEMORY || exchange->body.broken) {
		return ouro__error_nomem(reterr);
	} else if (code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_UNSUPPORTED_PROTOCOL ||
		code == CURLE_BAD_CONTENT_ENCODING || code == CURLE_HTTP2) {
		status = OURO_ERR_PROTOCOL;
	}
	return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, status, "%s", text);
}

static ouro_status run(
	struct exchange *exchange, struct ouro__http_reply *ret_reply, ouro_error *reterr)
{
	CURLcode code = curl_easy_perform(exchange->curl);
	char *type = NULL;
	long status = 0;

	if (code != CURLE_OK)
		return failure(exchange, code, reterr);
	(void)curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(exchange->curl, CURLINFO_CONTENT_TYPE, &type);
	if (status < 100 || status > 999)
		return ouro__error_from(
			reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL, "the answer is not HTTP");
	*ret_reply = (struct ouro__http_reply){.status = (int)status, .body = exchange->body};
	if (type) {
		size_t size = strnlen(type, sizeof(ret_reply->content_type) - 1);

		memcpy(ret_reply->content_type, type, size);
	}
	exchange->body = (ouro__buf)OURO__BUF_INIT(0);
	return OURO_OK;
}

static ouro_status http_send(void *ctx, const struct ouro__http_request *request,
	struct ouro__http_reply *ret_reply, ouro_error *reterr)
{
	const struct client *client = ctx;
	struct exchange exchange = {.body = OURO__BUF_INIT(OURO__HTTP_REPLY_MAX)};
	const char *protocols = NULL;
	ouro_status rc = check_url(request->url, &protocols, reterr);

	if (rc < 0)
		return rc;
	if (request->max_reply && request->max_reply < exchange.body.max)
		exchange.body.max = request->max_reply;
	exchange.curl = curl_easy_init();
	if (!exchange.curl)
		return ouro__error_nomem(reterr);
	rc = add_headers(&exchange, request, reterr);
	if (rc < 0)
		goto out;
	if (!set_rules(exchange.curl, protocols, client->ca_file, request->timeout_ms) ||
		!set_body(exchange.curl, request) ||
		curl_easy_setopt(exchange.curl, CURLOPT_URL, request->url) != CURLE_OK ||
		curl_easy_setopt(exchange.curl, CURLOPT_HTTPHEADER, exchange.headers) != CURLE_OK ||
		curl_easy_setopt(exchange.curl, CURLOPT_ERRORBUFFER, exchange.text) != CURLE_OK ||
		curl_easy_setopt(exchange.curl, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK ||
		curl_easy_setopt(exchange.curl, CURLOPT_WRITEDATA, &exchange) != CURLE_OK) {
		rc = ouro__error_nomem(reterr);
		goto out;
	}
	rc = run(&exchange, ret_reply, reterr);
out:
	curl_easy_cleanup(exchange.curl);
	curl_slist_free_all(exchange.headers);
	ouro__buf_wipe(&exchange.body);
	return rc;
}

static void http_free(struct ouro__http *http)
{
	struct client *client = http->ctx;

	free(client->ca_file);
	free(client);
}

struct ouro__http *ouro__http_curl_new(const char *ca_file)
{
	struct client *client;

	(void)pthread_once(&once, init);
	client = usable ? ouro__alloc(1, sizeof(*client)) : NULL;
	if (!client)
		return NULL;
	client->base.send = http_send;
	client->base.free = http_free;
	client->base.ctx = client;
	client->ca_file = ouro__alloc_str(ca_file);
	if (ca_file && !client->ca_file) {
		free(client);
		return NULL;
	}
	return &client->base;
}

void ouro__http_reply_done(struct ouro__http_reply *reply)
{
	ouro__buf_wipe(&reply->body);
	reply->content_type[0] = '\0';
	reply->status = 0;
}

void ouro__http_free(struct ouro__http *http)
{
	if (http)
		http->free(http);
}
