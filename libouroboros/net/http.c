/* HTTP requests on libcurl; see http.h. A handle a request, so threads never share one. */
#include "net/http.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/thread.h"
#include "net/curl.h"

#define TIMEOUT_MS 15000
#define CONNECT_TIMEOUT_MS 3000L
#define HEADERS_MAX 32u
/* Where Debian and many others keep the system's authorities. */
#define AUTHORITIES "/etc/ssl/certs"

struct client {
	struct ouro__http base;
	char *ca_file;
};

struct exchange {
	const struct ouro__curl *lib;
	CURL *curl;
	struct curl_slist *headers;
	ouro__buf body;
	int too_large;
	char text[CURL_ERROR_SIZE];
};

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
static ouro_status check_url(const struct ouro__curl *lib, const char *url,
	const char **ret_protocols, ouro_error *reterr)
{
	CURLU *parts = lib->url();
	char *scheme = NULL;
	char *host = NULL;
	char *user = NULL;
	ouro_status rc = OURO_OK;

	if (!parts)
		return ouro__error_nomem(reterr);
	if (lib->url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
		lib->url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		lib->url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		rc = ouro__error_set(
			reterr, OURO_ERR_INVALID, "this is not a URL that can be called");
	else if (lib->url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK)
		rc = ouro__error_set(
			reterr, OURO_ERR_INVALID, "a URL with a user name in it is not called");
	else if (strcmp(scheme, "https") == 0)
		*ret_protocols = "https";
	else if (strcmp(scheme, "http") == 0 && is_loopback(host))
		*ret_protocols = "http";
	else
		rc = ouro__error_set(reterr, OURO_ERR_INVALID,
			"%.120s: only https is called (http only on this machine itself)", host);
	lib->free(scheme);
	lib->free(host);
	lib->free(user);
	lib->url_cleanup(parts);
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
		more = exchange->lib->slist_append(exchange->headers, line);
		if (!more)
			return ouro__error_nomem(reterr);
		exchange->headers = more;
	}
	return OURO_OK;
}

static int set_body(
	const struct ouro__curl *lib, CURL *curl, const struct ouro__http_request *request)
{
	int ok = 1;

	if (request->body) {
		ok &= lib->easy_setopt(curl, CURLOPT_POSTFIELDS, request->body) == CURLE_OK;
		ok &= lib->easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
			      (curl_off_t)request->body_size) == CURLE_OK;
	} else if (strcmp(request->method, "GET") == 0) {
		return lib->easy_setopt(curl, CURLOPT_HTTPGET, 1L) == CURLE_OK;
	} else if (strcmp(request->method, "POST") == 0) {
		ok &= lib->easy_setopt(curl, CURLOPT_POSTFIELDS, "") == CURLE_OK;
	}
	ok &= lib->easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
	return ok;
}

/* A folder of authorities by the hash of their names: of some 140 just the one that is asked for is read then, instead of all of
 * them from one file at each call (1 MB in small pieces, which the heap keeps). */
static int has_hashed_authorities(void)
{
	static const char hex[] = "0123456789abcdef";
	DIR *folder = opendir(AUTHORITIES);
	const struct dirent *entry;
	int found = 0;

	if (!folder)
		return 0;
	while (!found && (entry = readdir(folder)) != NULL)
		found = strspn(entry->d_name, hex) == 8 && strcmp(entry->d_name + 8, ".0") == 0;
	(void)closedir(folder);
	return found;
}

static int set_rules(const struct ouro__curl *lib, CURL *curl, const char *protocols,
	const char *ca_file, int64_t timeout)
{
	long whole = timeout > 0 && timeout < 3600000 ? (long)timeout : TIMEOUT_MS;
	int ok = 1;

	ok &= lib->easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK;
	ok &= lib->easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
	ok &= lib->easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
	ok &= lib->easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
	ok &= lib->easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
	ok &= lib->easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
		      whole < CONNECT_TIMEOUT_MS ? whole : CONNECT_TIMEOUT_MS) == CURLE_OK;
	ok &= lib->easy_setopt(curl, CURLOPT_TIMEOUT_MS, whole) == CURLE_OK;
	ok &= lib->easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
	ok &= lib->easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L) == CURLE_OK;
	/* A small request a connection: HTTP/2 would only be more that can go wrong. */
	ok &= lib->easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
	ok &= lib->easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK;
	ok &= lib->easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
	if (!ca_file && has_hashed_authorities())
		ok &= lib->easy_setopt(curl, CURLOPT_CAINFO, NULL) == CURLE_OK &&
			lib->easy_setopt(curl, CURLOPT_CAPATH, AUTHORITIES) == CURLE_OK;
	if (ca_file) {
		ok &= lib->easy_setopt(curl, CURLOPT_CAINFO, ca_file) == CURLE_OK;
		ok &= lib->easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
	}
	return ok;
}

static ouro_status failure(const struct exchange *exchange, CURLcode code, ouro_error *reterr)
{
	ouro_status status = OURO_ERR_UNREACHABLE;
	const char *text = exchange->text[0] ? exchange->text : exchange->lib->easy_strerror(code);

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

/* A field of the last answer, cut to fit; "" = it is not there. */
static void copy_header(const struct exchange *exchange, const char *name, char *to, size_t room)
{
	struct curl_header *header = NULL;
	size_t size = 0;

	if (exchange->lib->easy_header(exchange->curl, name, 0, CURLH_HEADER, -1, &header) ==
		CURLHE_OK) {
		size = strnlen(header->value, room - 1);
		memcpy(to, header->value, size);
	}
	to[size] = '\0';
}

static void copy_headers(
	const struct exchange *exchange, const char *wanted, struct ouro__http_reply *reply)
{
	char date[64];
	time_t when;

	copy_header(exchange, "Content-Type", reply->content_type, sizeof(reply->content_type));
	copy_header(exchange, "Location", reply->location, sizeof(reply->location));
	if (wanted)
		copy_header(exchange, wanted, reply->header, sizeof(reply->header));
	copy_header(exchange, "Date", date, sizeof(date));
	when = *date ? exchange->lib->getdate(date, NULL) : -1;
	reply->date = when > 0 ? (int64_t)when : 0;
}

static ouro_status run(struct exchange *exchange, const char *wanted,
	struct ouro__http_reply *ret_reply, ouro_error *reterr)
{
	CURLcode code = exchange->lib->easy_perform(exchange->curl);
	long status = 0;

	if (code != CURLE_OK)
		return failure(exchange, code, reterr);
	(void)exchange->lib->easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status < 100 || status > 999)
		return ouro__error_from(
			reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL, "the answer is not HTTP");
	*ret_reply = (struct ouro__http_reply){.status = (int)status, .body = exchange->body};
	copy_headers(exchange, wanted, ret_reply);
	exchange->body = (ouro__buf)OURO__BUF_INIT(0);
	return OURO_OK;
}

static ouro_status converse(const struct client *client, const struct ouro__http_request *request,
	struct ouro__http_reply *ret_reply, ouro_error *reterr)
{
	struct exchange exchange = {.body = OURO__BUF_INIT(OURO__HTTP_REPLY_MAX)};
	const struct ouro__curl *lib = NULL;
	const char *protocols = NULL;
	ouro_status rc = ouro__curl_get(&lib, reterr);

	if (rc < 0)
		return rc;
	rc = check_url(lib, request->url, &protocols, reterr);
	if (rc < 0)
		return rc;
	exchange.lib = lib;
	if (request->max_reply && request->max_reply < exchange.body.max)
		exchange.body.max = request->max_reply;
	exchange.curl = lib->easy_init();
	if (!exchange.curl)
		return ouro__error_nomem(reterr);
	rc = add_headers(&exchange, request, reterr);
	if (rc < 0)
		goto out;
	if (!set_rules(lib, exchange.curl, protocols, client->ca_file, request->timeout_ms) ||
		!set_body(lib, exchange.curl, request) ||
		lib->easy_setopt(exchange.curl, CURLOPT_URL, request->url) != CURLE_OK ||
		lib->easy_setopt(exchange.curl, CURLOPT_HTTPHEADER, exchange.headers) != CURLE_OK ||
		lib->easy_setopt(exchange.curl, CURLOPT_ERRORBUFFER, exchange.text) != CURLE_OK ||
		lib->easy_setopt(exchange.curl, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK ||
		lib->easy_setopt(exchange.curl, CURLOPT_WRITEDATA, &exchange) != CURLE_OK) {
		rc = ouro__error_nomem(reterr);
		goto out;
	}
	rc = run(&exchange, request->header, ret_reply, reterr);
out:
	lib->easy_cleanup(exchange.curl);
	lib->slist_free_all(exchange.headers);
	ouro__buf_wipe(&exchange.body);
	return rc;
}

struct job {
	const struct client *client;
	const struct ouro__http_request *request;
	struct ouro__http_reply *reply;
	ouro_error *error;
	ouro_status rc;
};

static void *run_job(void *arg)
{
	struct job *job = arg;

	job->rc = converse(job->client, job->request, job->reply, job->error);
	return NULL;
}

/* In a thread that ends with it. What TLS takes and frees stays in the allocator's cache of the thread that did it: in each
 * worker of a server that is 0.3 MB for good. And TLS under libcurl writes without MSG_NOSIGNAL: where all signals are blocked, a
 * connection that the other side has closed ends nobody by SIGPIPE. */
static ouro_status http_send(void *ctx, const struct ouro__http_request *request,
	struct ouro__http_reply *ret_reply, ouro_error *reterr)
{
	struct job job = {ctx, request, ret_reply, reterr, OURO_OK};
	pthread_t thread;

	if (!ouro__thread_start(&thread, run_job, &job))
		return ouro__error_set(reterr, OURO_ERR_IO, "cannot start a thread");
	(void)pthread_join(thread, NULL);
	return job.rc;
}

static void http_free(struct ouro__http *http)
{
	struct client *client = http->ctx;

	free(client->ca_file);
	free(client);
}

struct ouro__http *ouro__http_curl_new(const char *ca_file)
{
	struct client *client = ouro__alloc(1, sizeof(*client));

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
	*reply = (struct ouro__http_reply){.status = 0};
}

void ouro__http_free(struct ouro__http *http)
{
	if (http)
		http->free(http);
}
