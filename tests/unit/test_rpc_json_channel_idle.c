/* An HTTP channel that nobody calls. In a program of its own: nothing else here may have loaded libcurl. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/sys.h"
#include "rpc/grpc_channel.h"
#include "rpc/json_channel.h"

/* 1 if the library is part of this process. */
static int is_loaded(const char *library)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");
	int found = 0;

	assert_non_null(maps);
	while (!found && fgets(line, sizeof(line), maps))
		found = strstr(line, library) != NULL;
	(void)fclose(maps);
	return found;
}

static int threads(void)
{
	char line[128];
	FILE *status = fopen("/proc/self/status", "r");
	int count = 0;

	assert_non_null(status);
	while (fgets(line, sizeof(line), status))
		if (strncmp(line, "Threads:", 8) == 0)
			count = (int)strtol(line + 8, NULL, 10);
	(void)fclose(status);
	return count;
}

/* A channel that is only there in case costs neither libcurl nor a thread. */
static void test_rpc_json_channel_idle__costs_nothing_until_used(void **state)
{
	const struct ouro__json_options options = {
		.endpoint = "127.0.0.1:1", .plaintext = 1, .api_key = "k"};
	ouro__channel *channel = NULL;
	int before = threads();

	(void)state;
	assert_int_equal(is_loaded("libcurl"), 0);
	assert_int_equal(ouro__json_channel_new(&options, &channel, NULL), OURO_OK);
	(void)ouro__channel_epoch(channel);
	ouro__channel_stop(channel);
	ouro__channel_free(channel);
	assert_int_equal(ouro__json_channel_new(&options, &channel, NULL), OURO_OK);
	assert_int_equal(is_loaded("libcurl"), 0);
	assert_int_equal(threads(), before);
	ouro__channel_free(channel);
}

/* Nor does one for gRPC, or one for a socket, cost a thread. */
static void test_rpc_json_channel_idle__others_cost_no_thread(void **state)
{
	const struct ouro__grpc_options grpc = {.socket_path = "/nonexistent/headscale.sock"};
	const struct ouro__json_options json = {.socket_path = "/nonexistent/headscale.sock"};
	ouro__buf body = OURO__BUF_INIT(1024);
	ouro__channel *channels[2] = {NULL, NULL};
	int before = threads();
	int http = 0;

	(void)state;
	assert_int_equal(ouro__grpc_channel_new(&grpc, &channels[0], NULL), OURO_OK);
	assert_int_equal(ouro__json_channel_new(&json, &channels[1], NULL), OURO_OK);
	(void)ouro__channel_epoch(channels[0]);
	ouro__channel_stop(channels[0]);
	assert_int_equal(channels[1]->ops->get(channels[1], "/version", ouro__clock_ms() + 3000,
				 &http, &body, NULL),
		OURO_ERR_UNREACHABLE);
	assert_int_equal(threads(), before);
	assert_int_equal(is_loaded("libcurl"), 0);
	ouro__channel_free(channels[0]);
	ouro__channel_free(channels[1]);
	ouro__buf_done(&body);
}

/* The first call brings both. */
static void test_rpc_json_channel_idle__the_first_call_brings_it(void **state)
{
	const struct ouro__json_options options = {
		.endpoint = "127.0.0.1:1", .plaintext = 1, .api_key = "k"};
	ouro__buf body = OURO__BUF_INIT(1024);
	ouro__channel *channel = NULL;
	ouro_error error = OURO_ERROR_INIT;
	int http = 0;

	(void)state;
	assert_int_equal(ouro__json_channel_new(&options, &channel, NULL), OURO_OK);
	assert_int_equal(channel->ops->get(channel, "/version", ouro__clock_ms() + 3000, &http,
				 &body, &error),
		OURO_ERR_UNREACHABLE);
	assert_int_equal(is_loaded("libcurl"), 1);
	ouro__channel_free(channel);
	ouro__buf_done(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_json_channel_idle__costs_nothing_until_used),
		cmocka_unit_test(test_rpc_json_channel_idle__others_cost_no_thread),
		cmocka_unit_test(test_rpc_json_channel_idle__the_first_call_brings_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
