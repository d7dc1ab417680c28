/* Options of a tailnet: what is refused at once, and that opening needs no server. */
#include "check.h"

#include <stdio.h>
#include <unistd.h>

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
	options.transport = OURO_TRANSPORT_HTTP;
	refused(&options, OURO_ERR_UNSUPPORTED, "gRPC");
	options.transport = 9;
	refused(&options, OURO_ERR_INVALID, "transport");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tailnet_open__bad_options_are_refused),
		cmocka_unit_test(test_tailnet_open__needs_no_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
