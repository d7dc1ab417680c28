/* The HTTP channel over TLS: whom it trusts, and what it says of a port that is not what it was taken for. */
#include "check.h"

#include <stdio.h>
#include <unistd.h>

#include "base/sys.h"
#include "fake_tls.h"
#include "json_world.h"

#define ANSWER                                                                                     \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"          \
	"{\"id\":\"7\"}"

static ouro_error error;

/* One call to the server; ca NULL = the system's. */
static ouro_status ask(const struct fake_tls *server, const char *ca, uint32_t patience_ms,
	const struct ouro__method *method, int64_t deadline_ms)
{
	static const struct ouro__terms any = {1, 0};
	static const struct json_thing request = {7, "x"};
	const struct ouro__json_options options = {.endpoint = server->address,
		.ca_file = ca,
		.api_key = "k",
		.connect_timeout_ms = patience_ms};
	ouro__arena *arena = ouro__arena_new(4096);
	ouro__channel *channel = NULL;
	void *reply = NULL;
	ouro_status rc;

	error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(ouro__json_channel_new(&options, &channel, &error), OURO_OK);
	rc = ouro__channel_call(channel, method, &any, &request, ouro__clock_ms() + deadline_ms,
		arena, &reply, &error);
	if (rc == OURO_OK)
		assert_int_equal(((struct json_thing *)reply)->id, 7);
	ouro__channel_free(channel);
	ouro__arena_free(arena);
	return rc;
}

static void test_rpc_json_channel_tls__trusts_the_named_authority(void **state)
{
	struct fake_tls_identity identity;
	struct fake_tls server = {.answer = ANSWER};

	(void)state;
	fake_tls_identity(&identity, "IP:127.0.0.1");
	fake_tls_start(&server, &identity);
	assert_int_equal(ask(&server, identity.file, 0, &json_writing, 5000), OURO_OK);
	fake_tls_stop(&server);
	fake_tls_forget(&identity);
}

static void test_rpc_json_channel_tls__and_nobody_else(void **state)
{
	struct fake_tls_identity identities[2];
	struct fake_tls server = {.answer = ANSWER};

	(void)state;
	fake_tls_identity(&identities[0], "IP:127.0.0.1");
	fake_tls_identity(&identities[1], "IP:127.0.0.2");
	for (int i = 0; i < 3; i++) {
		static const char *const words[] = {"certificate", "certificate", "127.0.0.1"};
		const char *ca = i ? identities[1].file : NULL;

		/* The system's, another one, and the right one of another host. */
		fake_tls_start(&server, &identities[i == 2]);
		/* The key did not leave: that is certain. */
		assert_int_equal(ask(&server, ca, 0, &json_writing, 5000), OURO_ERR_UNREACHABLE);
		assert_text_has(error.text, words[i]);
		fake_tls_stop(&server);
	}
	fake_tls_forget(&identities[0]);
	fake_tls_forget(&identities[1]);
}

static void test_rpc_json_channel_tls__other_ports(void **state)
{
	struct fake_tls plain = {.answer = "HTTP/1.1 400 Bad Request\r\n\r\n"};
	struct fake_tls mute = {.silent = 1};
	int64_t began;

	(void)state;
	fake_tls_start(&plain, NULL);
	assert_int_equal(ask(&plain, NULL, 0, &json_writing, 5000), OURO_ERR_UNREACHABLE);
	assert_text_has(error.text, "does not speak TLS");
	fake_tls_stop(&plain);
	began = ouro__clock_ms();
	fake_tls_start(&mute, NULL);
	assert_int_equal(ask(&mute, NULL, 300, &json_writing, 5000), OURO_ERR_UNREACHABLE);
	assert_text_has(error.text, "no connection in time");
	assert_true(ouro__clock_ms() - began < 3000);
	fake_tls_stop(&mute);
}

/* A caller that has waited long has found the server down, one with little patience has not: the next one's failure tells. */
static void test_rpc_json_channel_tls__patience(void **state)
{
	static const struct ouro__terms any = {1, 0};
	static const struct json_thing request = {7, "x"};
	static const struct {
		int64_t patience;
		int down;
	} rows[] = {{200, 0}, {1300, 1}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fake_tls mute = {.silent = 1};
		const struct ouro__json_options options = {.endpoint = mute.address};
		ouro__channel *channel = NULL;
		uint64_t epoch;

		fake_tls_start(&mute, NULL);
		assert_int_equal(ouro__json_channel_new(&options, &channel, &error), OURO_OK);
		epoch = ouro__channel_epoch(channel);
		assert_int_equal(
			ouro__channel_call(channel, &json_reading, &any, &request,
				ouro__clock_ms() + rows[i].patience, NULL, &(void *){NULL}, &error),
			OURO_ERR_UNREACHABLE);
		for (int n = 0; n < 100 && ouro__channel_epoch(channel) == epoch; n++)
			json_pause_ms(rows[i].down ? 10 : 1);
		assert_int_equal(ouro__channel_epoch(channel) != epoch, rows[i].down);
		ouro__channel_free(channel);
		fake_tls_stop(&mute);
	}
}

static void test_rpc_json_channel_tls__files_without_certificates(void **state)
{
	static const char name[] = "/tmp/ouro-json-no-ca";
	const struct ouro__json_options options = {.endpoint = "x", .ca_file = name};
	FILE *file = fopen(name, "w");

	(void)state;
	assert_non_null(file);
	(void)fputs("no certificate\n", file);
	(void)fclose(file);
	assert_int_equal(
		ouro__json_channel_new(&options, &(ouro__channel *){NULL}, &error), OURO_ERR_IO);
	(void)unlink(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_json_channel_tls__trusts_the_named_authority),
		cmocka_unit_test(test_rpc_json_channel_tls__and_nobody_else),
		cmocka_unit_test(test_rpc_json_channel_tls__other_ports),
		cmocka_unit_test(test_rpc_json_channel_tls__patience),
		cmocka_unit_test(test_rpc_json_channel_tls__files_without_certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
