/* libcurl's side of a call: the handle with all its rules, and the callbacks in which it asks us. All on the I/O thread. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ouroboros/common.h>

#include "base/sys.h"
#include "base/wipe.h"
#include "rpc/json_channel_int.h"
#include "rpc/json_request.h"

/* Answers under way, all together. */
#define ANSWERS_MAX ((size_t)256 << 20)
/* libcurl ends the transfer this much after the caller has left, should nobody else. */
#define LATE_MS 1000

/* ---- callbacks ---- */

static size_t on_line(char *data, size_t one, size_t size, void *user)
{
	struct ouro__call *call = user;

	(void)one;
	return ouro__json_answer_line(&call->answer, data, size) ? 0 : size;
}

static size_t on_data(char *data, size_t one, size_t size, void *user)
{
	struct ouro__call *call = user;
	struct ouro__json *json = call->json;

	(void)one;
	if (json->answer_bytes + size > ANSWERS_MAX && call->answer.fault == OURO_OK) {
		call->answer.fault = OURO_ERR_LIMIT;
		call->answer.fault_text = "too many large answers at a time";
	}
	if (ouro__json_answer_data(&call->answer, data, size))
		return 0;
	call->counted += size;
	json->answer_bytes += size;
	return size;
}

/* Kept connections are known by their sockets. */
static curl_socket_t on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct ouro__call *call = user;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	call->no_socket = fd < 0 && (errno == EMFILE || errno == ENFILE);
	if (fd >= 0 && call->reads && !ouro__json_pool_made(&call->json->pool, fd, call)) {
		(void)close(fd);
		fd = -1;
	}
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* Belongs to the connection, which may outlive the call. */
static int on_close(void *user, curl_socket_t fd)
{
	struct ouro__json *json = user;

	ouro__json_pool_closed(&json->pool, fd);
	return close(fd);
}

/* The connection stands and the request is about to leave: the last moment to say no. */
static int on_ready(void *user, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	struct ouro__call *call = user;
	struct ouro__json *json = call->json;
	int go;

	(void)remote_ip;
	(void)local_ip;
	(void)remote_port;
	(void)local_port;
	/* A server that was replaced has closed its old connections before this one came about. */
	ouro__json_pool_settle(&json->pool);
	if (call->reads)
		ouro__json_pool_connected(&json->pool, call);
	json->last_ready = ouro__clock_ms();
	(void)pthread_mutex_lock(&json->lock);
	json->down = 0;
	call->replaced = call->epoch && !ouro__json_pool_holds(&json->pool, call->epoch);
	go = !call->replaced && !call->abandoned && !json->stopping;
	call->sent |= go;
	(void)pthread_mutex_unlock(&json->lock);
	return go ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* ---- the handle ---- */

#define SET(option, value)                                                                         \
	(call->json->lib->easy_setopt(call->easy, CURLOPT_##option, (value)) == CURLE_OK)

static int add_header(struct ouro__call *call, const char *line)
{
	struct curl_slist *more = call->json->lib->slist_append(call->headers, line);

	if (more)
		call->headers = more;
	return more != NULL;
}

static int set_headers(const struct ouro__json *json, struct ouro__call *call, int has_body)
{
	int ok = add_header(call, "Accept: application/json");

	/* libcurl leaves out what has no value. */
	ok = ok && add_header(call, "Expect:");
	if (has_body)
		ok = ok && add_header(call, "Content-Type: application/json");
	if (json->authorization && call->method)
		ok = ok && add_header(call, json->authorization);
	return ok && SET(HTTPHEADER, call->headers);
}

static int set_target(const struct ouro__json *json, const struct ouro__call *call)
{
	const char *url = ouro__buf_str(&call->url);
	/* Word for word: without memory libcurl would send a request without its query, which can mean everybody. */
	int ok = SET(URL, url) && SET(REQUEST_TARGET, url + json->site);

	ok = ok && SET(PROTOCOLS_STR, json->plaintext ? "http" : "https");
	ok = ok && SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	ok = ok && SET(FOLLOWLOCATION, 0L) && SET(PROXY, "") &&
		SET(NETRC, (long)CURL_NETRC_IGNORED);
	/* Something else than HTTP shows its first bytes in on_data. */
	ok = ok && SET(HTTP09_ALLOWED, 1L);
	ok = ok && SET(USERAGENT, "ouroboros/" OURO_VERSION);
	return ok;
}

static int set_trust(const struct ouro__json *json, const struct ouro__call *call)
{
	int ok = SET(SSL_VERIFYPEER, 1L) && SET(SSL_VERIFYHOST, 2L) &&
		SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);

	if (json->ca_file)
		ok = ok && SET(CAINFO, json->ca_file) && SET(CAPATH, NULL);
	return ok;
}

static int set_bounds(const struct ouro__json *json, const struct ouro__call *call)
{
	int64_t left = call->deadline - ouro__clock_ms() + LATE_MS;
	int ok;

	left = left < 1 ? 1 : left > 3600000 ? 3600000 : left;
	ok = SET(CONNECTTIMEOUT_MS, json->connect_timeout) && SET(TIMEOUT_MS, (long)left);
	ok = ok && SET(MAXFILESIZE_LARGE, (curl_off_t)call->answer.body.max);
	/* A look-up that hangs does not hold anybody up. */
	return ok && SET(NOSIGNAL, 1L) && SET(QUICK_EXIT, 1L) && SET(TCP_NODELAY, 1L);
}

static int set_callbacks(struct ouro__json *json, struct ouro__call *call)
{
	int ok = SET(PRIVATE, call) && SET(ERRORBUFFER, call->curl_text);

	ok = ok && SET(HEADERFUNCTION, on_line) && SET(HEADERDATA, call);
	ok = ok && SET(WRITEFUNCTION, on_data) && SET(WRITEDATA, call);
	ok = ok && SET(PREREQFUNCTION, on_ready) && SET(PREREQDATA, call);
	ok = ok && SET(OPENSOCKETFUNCTION, on_socket) && SET(OPENSOCKETDATA, call);
	if (call->reads)
		return ok && SET(CLOSESOCKETFUNCTION, on_close) && SET(CLOSESOCKETDATA, json);
	/* On a connection that turns out closed libcurl would send the request again by itself. */
	return ok && SET(FRESH_CONNECT, 1L) && SET(FORBID_REUSE, 1L);
}

static int set_method(const struct ouro__call *call)
{
	const char *verb = call->method ? call->method->verb : "GET";

	if (ouro__json_has_body(verb))
		return SET(POSTFIELDS, ouro__buf_str(&call->body)) &&
			SET(POSTFIELDSIZE_LARGE, (curl_off_t)call->body.size) &&
			SET(CUSTOMREQUEST, verb);
	return SET(HTTPGET, 1L) && (strcmp(verb, "GET") == 0 || SET(CUSTOMREQUEST, verb));
}

int ouro__json_handle(struct ouro__json *json, struct ouro__call *call)
{
	call->easy = json->lib->easy_init();
	call->curl_text[0] = '\0';
	if (!call->easy)
		return 0;
	if (set_target(json, call) && set_trust(json, call) && set_bounds(json, call) &&
		set_callbacks(json, call) && set_method(call) &&
		set_headers(json, call, call->method && ouro__json_has_body(call->method->verb)))
		return 1;
	ouro__json_handle_done(call);
	return 0;
}

void ouro__json_handle_done(struct ouro__call *call)
{
	call->json->lib->easy_cleanup(call->easy);
	call->easy = NULL;
	for (struct curl_slist *at = call->headers; at; at = at->next)
		ouro__wipe(at->data, strlen(at->data));
	call->json->lib->slist_free_all(call->headers);
	call->headers = NULL;
}

/* ---- the end ---- */

static const char *reason(const struct ouro__call *call, CURLcode code)
{
	return call->curl_text[0] ? call->curl_text : call->json->lib->easy_strerror(code);
}

/* Before the request: what to change, where that is known. */
static const char *connect_reason(const struct ouro__call *call, CURLcode code)
{
	const char *text = reason(call, code);

	if (call->no_socket)
		return "no file descriptors left";
	if (code == CURLE_SSL_CONNECT_ERROR && strstr(text, "wrong version number"))
		return "the port does not speak TLS; if it is meant to be plain HTTP, set plaintext";
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "no connection in time";
	return text;
}

struct ouro__json_end ouro__json_end_of(
	const struct ouro__json *json, struct ouro__call *call, CURLcode code)
{
	struct ouro__json_end end = {OURO__JSON_LOST, call->sent, reason(call, code), json->where};

	if (code == CURLE_OK) {
		end.how = OURO__JSON_COMPLETE;
		/* HTTP/0.9 without a byte, or a head that was cut off: libcurl takes both for an answer. */
		if (call->answer.http_status < 200 || !call->answer.head_ended) {
			end.how = OURO__JSON_LOST;
			end.text = "the connection was closed without an answer";
		}
		return end;
	}
	if (code == CURLE_OUT_OF_MEMORY)
		end.how = OURO__JSON_STARVED;
	else if (!call->sent)
		end.text = connect_reason(call, code);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		end.how = OURO__JSON_LATE;
	else if (code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_UNSUPPORTED_PROTOCOL ||
		code == CURLE_BAD_CONTENT_ENCODING)
		end.how = OURO__JSON_GARBLED;
	if (code == CURLE_FILESIZE_EXCEEDED && call->answer.fault == OURO_OK) {
		call->answer.fault = OURO_ERR_LIMIT;
		call->answer.fault_text = "the answer is larger than is taken";
	}
	return end;
}
