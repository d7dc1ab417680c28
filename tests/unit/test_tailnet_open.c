/* Options of a tailnet: what is refused at once, and that opening needs no server. */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_http.h"
#include "tailnet/tailnet.h"

static void refused(ouro_tailnet_options *options, ouro_status status, const char *text)
{
	ouro_tailnet *tailnet = NULL;
	ouro_error error = OURO_ERROR_INIT;

	assert_int_equal(ouro_tailnet_open(options, &tailnet, &error), status);
	assert_null(tailnet);
	assert_int_equal(error.status, status);
	assert_text_has(error.text, text);
}

static void test_tailnet_open__bad_options_are_refused(void **state)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;

	(void)state;
	options.address = "hs.example.com";
	refused(&options, OURO_ERR_INVALID, "API key");
	options.api_key = "";
	refused(&options, OURO_ERR_INVALID, "API key");
	options.api_key = "key";
	options.address = "";
	refused(&options, OURO_ERR_INVALID, "address");
	options.address = "hs.example.com:port";
	refused(&options, OURO_ERR_INVALID, "port");
	options.address = "hs.example.com";
	options.transport = 9;
	refused(&options, OURO_ERR_INVALID, "transport");
	options.transport = -1;
	refused(&options, OURO_ERR_INVALID, "transport");
	options.transport = OURO_TRANSPORT_HTTP;
	options.login_url = "vpn.example.org";
	refused(&options, OURO_ERR_INVALID, "login URL");
	options.login_url = "https://vpn.example.org";
	options.assume = "0.99";
	refused(&options, OURO_ERR_INVALID, "hs_assume");
	options.assume = "new";
	refused(&options, OURO_ERR_INVALID, "hs_assume");
	options.assume = NULL;
	options.address = "hs.example.com:port";
	refused(&options, OURO_ERR_INVALID, "port");
	options.address = "hs.example.com";
	options.transport = OURO_TRANSPORT_GRPC;
	options.read_timeout_ms = 3600000;
	refused(&options, OURO_ERR_INVALID, "milliseconds");
	options.read_timeout_ms = 0;
	options.ca_file = "/nonexistent/ca.pem";
	refused(&options, OURO_ERR_IO, "/nonexistent/ca.pem");
	options.ca_file = NULL;
	options.size = 0;
	refused(&options, OURO_ERR_INVALID, "size");
	assert_int_equal(ouro_tailnet_open(NULL, NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_tailnet_check(NULL, NULL), OURO_ERR_INVALID);
	assert_int_equal(ouro_tailnet_status_get(NULL, NULL, NULL), OURO_ERR_INVALID);
	ouro_tailnet_free(NULL);
}

static void test_tailnet_open__needs_no_server(void **state)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;
	ouro_tailnet *tailnet = NULL;
	ouro_error error = OURO_ERROR_INIT;
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "/tmp/no-such-socket-%ld", (long)getpid());
	options.socket_path = path;
	options.read_timeout_ms = 500;
	assert_int_equal(ouro_tailnet_open(&options, &tailnet, &error), OURO_OK);
	assert_int_equal(ouro_tailnet_check(tailnet, &error), OURO_ERR_UNREACHABLE);
	assert_text_has(error.text, path);
	assert_int_equal(ouro_tailnet_status_get(tailnet, &status, NULL), OURO_OK);
	assert_string_equal(status.endpoint, path);
	assert_int_equal(status.reachable, 0);
	assert_int_equal(status.last_error, OURO_ERR_UNREACHABLE);
	/* A caller with an older, smaller status gets what fits. */
	status.size = sizeof(size_t);
	status.reachable = 77;
	assert_int_equal(ouro_tailnet_status_get(tailnet, &status, NULL), OURO_OK);
	assert_int_equal(status.reachable, 77);
	ouro_tailnet_free(tailnet);
}

static int port; /* where nobody listens */

/* What is said of all the ways that are tried, in vain. */
static void tries(const char *address, const char *login_url, int transport, const char *text)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;
	ouro_tailnet *tailnet = NULL;
	ouro_error error = OURO_ERROR_INIT;

	options.address = address;
	options.api_key = "key";
	options.plaintext = 1;
	options.login_url = login_url;
	options.transport = transport;
	options.assume = "0.30";
	options.read_timeout_ms = 3000;
	assert_int_equal(ouro_tailnet_open(&options, &tailnet, &error), OURO_OK);
	assert_int_equal(ouro_tailnet_check(tailnet, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(ouro_tailnet_status_get(tailnet, &status, NULL), OURO_OK);
	assert_text_has(status.text, text);
	assert_string_equal(status.endpoint, address);
	assert_int_equal(status.transport, OURO_TRANSPORT_AUTO);
	ouro_tailnet_free(tailnet);
}

/* A port that was free a moment ago. */
static void find_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	port = ntohs(address.sin_port);
	(void)close(fd);
}

static void test_tailnet_open__ways_to_the_server(void **state)
{
	char address[64];
	char login[64];
	char below[64];
	char other[64];

	(void)state;
	find_port();
	(void)snprintf(address, sizeof(address), "127.0.0.1:%d", port);
	(void)snprintf(login, sizeof(login), "http://127.0.0.1:%d/", port);
	(void)snprintf(below, sizeof(below), "http://127.0.0.1:%d/headscale/", port);
	(void)snprintf(other, sizeof(other), "http://vpn.example.invalid:%d", port);
	tries(address, NULL, OURO_TRANSPORT_AUTO, address);
	tries(address, login, OURO_TRANSPORT_AUTO, address);
	tries(address, below, OURO_TRANSPORT_AUTO, address);
	/* The key does not travel there in the open: no way, and its name is never looked up. */
	tries(address, other, OURO_TRANSPORT_AUTO, address);
	tries(address, other, OURO_TRANSPORT_HTTP, address);
	tries(address, below, OURO_TRANSPORT_HTTP, address);
	tries(address, below, OURO_TRANSPORT_GRPC, address);
}

static void test_tailnet_open__pages_beside_the_socket(void **state)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	ouro_tailnet *tailnet = NULL;

	(void)state;
	options.login_url = "https://vpn.example.org";
	for (options.transport = OURO_TRANSPORT_AUTO; options.transport <= OURO_TRANSPORT_HTTP;
		options.transport++) {
		assert_int_equal(ouro_tailnet_open(&options, &tailnet, NULL), OURO_OK);
		ouro_tailnet_free(tailnet);
	}
	options.transport = OURO_TRANSPORT_AUTO;
	options.address = "vpn.example.org";
	options.api_key = "key";
	assert_int_equal(ouro_tailnet_open(&options, &tailnet, NULL), OURO_OK);
	ouro_tailnet_free(tailnet);
}

static void test_tailnet_open__bad_urls_are_refused(void **state)
{
	static const struct {
		const char *address;
		const char *text;
	} rows[] = {
		{"http://vpn.example.org/ouroboros", "https only"},
		{"ftp://vpn.example.org/ouroboros", "not a URL that can be used"},
		{"https://mia:secret@vpn.example.org/", "not a URL that can be used"},
		{"https://vpn.example.org/ouroboros?x=1", "not a URL that can be used"},
		{"https://vpn.example.org/a/../b", "not a URL that can be used"},
		{"https://", "not a URL that can be used"},
	};
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;

	(void)state;
	options.api_key = "token";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		options.address = rows[i].address;
		refused(&options, OURO_ERR_INVALID, rows[i].text);
	}
	options.address = "https://vpn.example.org/ouroboros";
	options.transport = OURO_TRANSPORT_GRPC;
	refused(&options, OURO_ERR_INVALID, "transport");
	options.transport = OURO_TRANSPORT_AUTO;
	options.plaintext = 1;
	refused(&options, OURO_ERR_INVALID, "plaintext");
	options.plaintext = 0;
	options.api_key = NULL;
	refused(&options, OURO_ERR_INVALID, "API key");
}

/* What a site answers to all but /ouroboros/version. */
struct site {
	const char *version;
	int status;
	const char *type;
	const char *body;
};

static int answer_site(struct fake_http *server, int fd, unsigned connection, unsigned request)
{
	const struct site *site = server->user;

	(void)connection;
	(void)request;
	if (fake_http_saw(server, "GET /ouroboros/version HTTP/1.1") && site->version)
		fake_http_reply(fd, 200, "application/json", site->version);
	else if (fake_http_saw(server, "GET /ouroboros/api/v1/node HTTP/1.1") && !site->status)
		fake_http_reply(fd, 200, "application/json", "{\"nodes\":[]}");
	else if (fake_http_saw(server, "GET /ouroboros/api/v1/user HTTP/1.1") && !site->status)
		fake_http_reply(fd, 200, "application/json", "{\"users\":[]}");
	else
		fake_http_reply(fd, site->status ? site->status : 404,
			site->type ? site->type : "text/plain", site->body ? site->body : "");
	return 1;
}

/* Ask such a site; what its log shows and the error says. */
static void asks(struct site site, ouro_status status, const char *log, const char *text)
{
	static struct fake_http server;
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	ouro_tailnet_status fares = OURO_TAILNET_STATUS_INIT;
	ouro_tailnet *tailnet = NULL;
	ouro_error error = OURO_ERROR_INIT;
	char address[160];

	server = (struct fake_http){.answer = answer_site, .user = &site};
	fake_http_start(&server, NULL, 0);
	(void)snprintf(address, sizeof(address), "http://%s/ouroboros", server.address);
	options.address = address;
	options.api_key = "ouro_pat_canary";
	/* Where the pages are has no part in it. */
	options.login_url = "https://vpn.example.invalid";
	assert_int_equal(ouro_tailnet_open(&options, &tailnet, &error), OURO_OK);
	assert_int_equal(ouro_tailnet_check(tailnet, &error), status);
	assert_text_has(error.text, text);
	assert_text_has(server.log, log);
	if (status < 0)
		assert_text_has(error.text, address);
	assert_null(strstr(error.text, "canary"));
	assert_int_equal(ouro_tailnet_status_get(tailnet, &fares, NULL), OURO_OK);
	if (status == OURO_OK) {
		assert_string_equal(fares.version, "0.30");
		assert_string_equal(fares.endpoint, address);
		assert_int_equal(fares.transport, OURO_TRANSPORT_HTTP);
		assert_int_equal(server.requests, 3);
	}
	ouro_tailnet_free(tailnet);
	fake_http_stop(&server);
}

static void test_tailnet_open__a_url_is_the_only_way(void **state)
{
	static const char version[] = "{\"version\":\"v0.30.0\",\"ouroboros\":\"0.1.0\"}";

	(void)state;
	asks((struct site){.version = version}, OURO_OK, "GET /ouroboros/version\n", "");
	asks((struct site){.version = version,
		     .status = 401,
		     .type = "application/problem+json",
		     .body = "{\"title\":\"Unauthorized\",\"status\":401}"},
		OURO_ERR_UNAUTHENTICATED, "GET /ouroboros/api/v1/", "run ouroboros login http");
	asks((struct site){0}, OURO_ERR_PROTOCOL, "GET /ouroboros/version\n",
		"there is no Ouroboros at http");
	asks((struct site){.status = 200, .type = "text/html", .body = "<html>Hello</html>"},
		OURO_ERR_PROTOCOL, "GET /ouroboros/version\n", "there is no Ouroboros at http");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tailnet_open__bad_options_are_refused),
		cmocka_unit_test(test_tailnet_open__needs_no_server),
		cmocka_unit_test(test_tailnet_open__ways_to_the_server),
		cmocka_unit_test(test_tailnet_open__pages_beside_the_socket),
		cmocka_unit_test(test_tailnet_open__bad_urls_are_refused),
		cmocka_unit_test(test_tailnet_open__a_url_is_the_only_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
