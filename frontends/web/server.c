/* server.c: CivetWeb parses HTTP and lends threads; every request is taken in begin_request, checked by us and answered in one
 * write. A connection serves one request. Callbacks run on CivetWeb's worker threads (100 KiB of stack). */
#include "server.h"

#include "doors.h"

#include <civetweb.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define BODY_MS 5000
#define STOP_MS 10000
#define SILENT_MS 1000   /* a stop waits so long for a connection that asks nothing */
#define HANDSHAKE_MS 100 /* and so long for the last word of a handshake */
#define ARENA_MAX (4u * 1024u * 1024u)

struct web_server {
	struct web_app *app;
	struct mg_context *context;
};

static struct web_app *app_of(const struct mg_connection *connection)
{
	return mg_get_user_data(mg_get_context(connection));
}

/* Writes the answer as one piece: two would wait for each other's acknowledgement. */
static void send_answer(
	struct mg_connection *connection, const struct web_response *response, int head_only)
{
	static const char sorry[] =
		"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n"
		"Cache-Control: no-store\r\n";
	struct web_app *app = app_of(connection);
	struct web_buf out;

	web_buf_init(&out, response->body.length + response->shared_length + 65536);
	if (web_response_write(response, app->headers, head_only, &out)) {
		(void)mg_write(connection, out.data, out.length);
		if (response->secret)
			explicit_bzero(out.data, out.length);
	} else {
		web_buf_done(&out);
		web_buf_puts(&out, sorry);
		web_buf_puts(&out, app->headers);
		web_buf_puts(&out, "\r\n");
		if (!out.failed)
			(void)mg_write(connection, out.data, out.length);
	}
	web_buf_done(&out);
}

/* request: as far as it was read. */
static void send_refusal(struct mg_connection *connection, int status, const char *text,
	const struct web_request *request)
{
	struct web_response response;
	int head_only = request->method == WEB_HEAD;

	web_response_init(&response);
	if (request->api)
		api_problem_write(&response, status, NULL, text, NULL, 0);
	else
		web_response_text(&response, status, text);
	if (status == 405)
		(void)web_response_header(&response, "Allow", "GET, HEAD, POST");
	send_answer(connection, &response, head_only);
	web_response_done(&response);
}

/* Byte by byte with our own deadline: CivetWeb's runs anew with each byte. 0 or an HTTP status. */
static int read_body(struct mg_connection *connection, char *body, size_t length)
{
	int64_t deadline = web_monotonic_ms() + BODY_MS;
	size_t i;

	for (i = 0; i < length; i++) {
		if (mg_read(connection, body + i, 1) != 1)
			return 408;
		if (web_monotonic_ms() > deadline)
			return 408;
	}
	return 0;
}

static int form_type(const char *type)
{
	static const char wanted[] = "application/x-www-form-urlencoded";
	size_t length = sizeof(wanted) - 1;

	if (type == NULL || strncasecmp(type, wanted, length) != 0)
		return 0;
	return type[length] == '\0' || type[length] == ';' || type[length] == ' ';
}

/* The body as it came. 0 or an HTTP status. */
static int load_body(struct mg_connection *connection, struct web_request *request)
{
	if (request->content_length == 0)
		return 0;
	request->body = calloc(1, request->content_length + 1);
	if (request->body == NULL)
		return 500;
	return read_body(connection, request->body, request->content_length);
}

/* Body and form of a POST. 0 or an HTTP status. */
static int load_form(struct mg_connection *connection, struct web_request *request)
{
	char *body;
	int status;

	if (request->api)
		return load_body(connection, request);
	if (request->method != WEB_POST)
		return 0;
	if (!form_type(request->content_type))
		return 415;
	body = malloc(request->content_length + 1);
	if (body == NULL)
		return 500;
	status = read_body(connection, body, request->content_length);
	if (status == 0)
		status = web_form_parse(body, request->content_length, &request->form);
	explicit_bzero(body, request->content_length + 1);
	free(body);
	return status;
}

static const char *form_refusal(int status)
{
	switch (status) {
	case 408: return "The body did not arrive in time.";
	case 415: return "A form is sent as application/x-www-form-urlencoded.";
	case 400: return "The form cannot be read.";
	default: return "Out of memory.";
	}
}

/* For the log. */
static const char *method_name(enum web_method method)
{
	switch (method) {
	case WEB_GET: return "GET";
	case WEB_HEAD: return "HEAD";
	case WEB_POST: return "POST";
	case WEB_PUT: return "PUT";
	case WEB_DELETE: return "DELETE";
	case WEB_OTHER: break;
	}
	return "other";
}

static void serve(
	struct mg_connection *connection, struct web_app *app, struct web_request *request)
{
	struct web_response response;
	struct web_arena arena;
	struct web_call call;
	int64_t started = web_monotonic_ms();

	web_response_init(&response);
	web_arena_init(&arena, ARENA_MAX);
	memset(&call, 0, sizeof(call));
	call.app = app;
	call.request = request;
	call.response = &response;
	call.arena = &arena;
	call.form_token = "";
	call.now = (int64_t)time(NULL);
	if (request->api)
		api_run(&call);
	else
		web_router_run(&call);
	ouro_person_free(call.person);
	send_answer(connection, &response, request->method == WEB_HEAD);
	web_log(app, OURO_LOG_DEBUG, "%s %s %s %d %lld ms", request->address,
		method_name(request->method), request->path, response.status,
		(long long)(web_monotonic_ms() - started));
	explicit_bzero(call.session_cookie, sizeof(call.session_cookie));
	web_arena_done(&arena);
	web_response_done(&response);
}

static void handle(struct mg_connection *connection, struct web_app *app)
{
	const struct mg_request_info *info = mg_get_request_info(connection);
	const struct web_hosts hosts = {app->base_host, app->listen_port, app->api_path};
	struct web_header headers[WEB_HEADERS_MAX];
	struct web_head head = {info->request_method, info->request_uri, info->query_string,
		info->http_version, headers, 0};
	struct web_request request;
	struct web_refusal refusal;
	int status, i;

	for (i = 0; i < info->num_headers && i < WEB_HEADERS_MAX; i++) {
		headers[i].name = info->http_headers[i].name;
		headers[i].value = info->http_headers[i].value;
		head.header_count++;
	}
	if (!web_request_check(&head, &hosts, &request, &refusal)) {
		web_log(app, OURO_LOG_DEBUG, "%s refused: %d %s", info->remote_addr, refusal.status,
			refusal.text);
		send_refusal(connection, refusal.status, refusal.text, &request);
		web_request_done(&request);
		return;
	}
	web_request_address(info->remote_addr, web_head_header(&head, "X-Forwarded-For", NULL),
		app->trusted_proxies, request.address);
	status = load_form(connection, &request);
	if (status == 0)
		serve(connection, app, &request);
	else
		send_refusal(connection, status, form_refusal(status), &request);
	web_request_done(&request);
}

static int begin_request(struct mg_connection *connection)
{
	/* Before any answer: otherwise CivetWeb would read what is left of a refused body without a limit. */
	mg_disable_connection_keep_alive(connection);
	atomic_fetch_add(&app_of(connection)->in_flight, 1);
	handle(connection, app_of(connection));
	atomic_fetch_sub(&app_of(connection)->in_flight, 1);
	return 1;
}

/* 1 if the parser refused for the method alone: it read the path, and it does not know the word. */
static int is_other_method(const struct mg_request_info *info)
{
	static const char *const known[] = {
		"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT"};
	const char *method = info->request_method;
	size_t length = method != NULL ? strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
	size_t i;

	if (length == 0 || method[length] != '\0' || info->request_uri == NULL ||
		info->request_uri[0] != '/')
		return 0;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], method) == 0)
			return 0;
	return 1;
}

static int http_error(struct mg_connection *connection, int status, const char *text)
{
	const struct mg_request_info *info = mg_get_request_info(connection);
	struct web_request unread = {.method = WEB_GET};
	const char *api = app_of(connection)->api_path;

	(void)text;
	/* What its parser already refused. Its statuses for "nothing sensible came" are kept, others become 400. */
	if (status != 408 && status != 411 && status != 413 && status != 414 && status != 431 &&
		status != 500)
		status = 400;
	if (status == 400 && is_other_method(info)) {
		status = 405;
		unread.api = strncmp(info->request_uri, api, strlen(api)) == 0;
	}
	send_refusal(connection, status, web_status_phrase(status), &unread);
	return 0;
}

static int log_message(const struct mg_connection *connection, const char *message)
{
	const struct mg_context *context = connection != NULL ? mg_get_context(connection) : NULL;
	const struct web_app *app = context != NULL ? mg_get_user_data(context) : NULL;

	if (app != NULL)
		web_log(app, OURO_LOG_DEBUG, "civetweb: %s", message);
	return 1;
}

int web_listen_valid(const char *text, char *fault, size_t fault_size)
{
	size_t length = strlen(text);

	if (strncmp(text, "localhost:", 10) == 0)
		text += 10;
	if (length == 0 || length > 200) {
		(void)snprintf(
			fault, fault_size, "write an address and a port, like 127.0.0.1:8080");
		return 0;
	}
	if (text[strspn(text, "0123456789.:,")] != '\0') {
		const char *bad = text + strspn(text, "0123456789.:,");

		(void)snprintf(fault, fault_size,
			*bad == 's' || *bad == 'r'
				? "TLS is the proxy's business: write the port without \"%.1s\""
				: "\"%.1s\" has no place in an IPv4 address and a port, like 127.0.0.1:8080",
			bad);
		return 0;
	}
	return 1;
}

/* What CivetWeb wants to be told: it knows no names. The caller frees. */
static char *listen_text(const struct web_app *app)
{
	const char *listen = ouro_settings_text(app->settings, "listen");

	if (listen == NULL || listen[0] == '\0')
		return strdup("127.0.0.1:8080");
	if (strncmp(listen, "localhost:", 10) == 0) {
		char *text = NULL;

		return asprintf(&text, "127.0.0.1:%s", listen + 10) >= 0 ? text : NULL;
	}
	return strdup(listen);
}

int web_server_start(
	struct web_app *app, struct web_server **ret_server, char *fault, size_t fault_size)
{
	char *listen = listen_text(app);
	int64_t threads = ouro_settings_number(app->settings, "web_threads");
	char thread_text[24];
	const char *options[] = {"listening_ports", listen, "num_threads", thread_text,
		"request_timeout_ms", "5000", "keep_alive_timeout_ms", "500", "enable_keep_alive",
		"no", "tcp_nodelay", "1", "linger_timeout_ms", "1000", "connection_queue", "256",
		"listen_backlog", "1024", "max_request_size", "16384", "decode_url", "no",
		"enable_directory_listing", "no", "cgi_pattern", "", "ssi_pattern", "",
		"access_control_allow_origin", "", "access_control_allow_methods", "",
		"access_control_allow_headers", "", NULL};
	struct mg_callbacks callbacks;
	struct mg_server_port ports[8];
	struct web_server *server;

	(void)snprintf(thread_text, sizeof(thread_text), "%lld", (long long)threads);
	server = calloc(1, sizeof(*server));
	if (listen == NULL || server == NULL) {
		(void)snprintf(fault, fault_size, "out of memory");
		free(listen);
		free(server);
		return -1;
	}
	memset(&callbacks, 0, sizeof(callbacks));
	callbacks.begin_request = begin_request;
	callbacks.http_error = http_error;
	callbacks.log_message = log_message;
	/* No log_access: CivetWeb would call localtime() from every worker to prepare a line for it, which is a data race; without it and
	 * without a log file it writes nothing. Our own access line is in handle(). */
	server->app = app;
	(void)mg_init_library(0);
	server->context = mg_start(&callbacks, app, options);
	if (server->context == NULL || mg_get_server_ports(server->context, 8, ports) < 1) {
		(void)snprintf(fault, fault_size, "cannot listen on %s: %s", listen,
			errno != 0 ? strerror(errno)
				   : "is the address of this machine, and is it free?");
		if (server->context != NULL)
			mg_stop(server->context);
		free(listen);
		free(server);
		return -1;
	}
	free(listen);
	app->listen_port = (uint16_t)ports[0].port;
	*ret_server = server;
	return 0;
}

static void sleep_ms(int ms)
{
	const struct timespec span = {ms / 1000, (long)(ms % 1000) * 1000000L};

	(void)nanosleep(&span, NULL);
}

/* 1 if nobody is left who should be waited for. quiet: looks in a row that found nobody. */
static int all_served(const struct web_server *server, int64_t passed, int *quiet)
{
	enum web_doors doors = web_doors_look(server->context);

	if (atomic_load(&server->app->in_flight) > 0)
		doors = WEB_DOORS_ASKED;
	/* Two: between the queue and a descriptor of its own a connection is in neither. */
	*quiet = doors == WEB_DOORS_EMPTY ? *quiet + 1 : 0;
	if (doors == WEB_DOORS_SILENT)
		return passed > SILENT_MS;
	return *quiet >= 2 && passed > HANDSHAKE_MS;
}

void web_server_stop(struct web_server *server)
{
	struct web_app *app = server->app;
	int64_t started = web_monotonic_ms(), passed;
	int quiet = 0;

	atomic_store(&app->stopping, 1);
	web_doors_close(server->context);
	do {
		sleep_ms(10);
		passed = web_monotonic_ms() - started;
	} while (!all_served(server, passed, &quiet) && passed < STOP_MS);
	if (atomic_load(&app->in_flight) > 0)
		web_log(app, OURO_LOG_WARNING, "stopping although %d requests still run",
			atomic_load(&app->in_flight));
	web_doors_wake(server->context);
	mg_stop(server->context);
	(void)mg_exit_library();
	free(server);
}
