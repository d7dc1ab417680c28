/* Asking which methods there are: all at once, over one connection, with nothing that could run. */
#include "grpc_script.h"

static const char *const methods[] = {"GetText", "SetText", "DropText"};

static void test_rpc_grpc_probe__finds_out(void **state)
{
	struct grpc_script *s = grpc_script_new(1);
	uint32_t there = 0;
	uint64_t epoch = 0;

	(void)state;
	grpc_refuses(s, 0, 3, 1, "13", "grpc: error unmarshalling request");
	grpc_refuses(s, 0, 3, 3, "12", "unknown method SetText for service S");
	grpc_refuses(s, 0, 3, 5, "13", "grpc: error unmarshalling request");
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_probe(s, methods, 3, &there, &epoch), OURO_OK);
	assert_int_equal(there, 5);
	assert_int_equal(epoch, 1);
	grpc_close(s);
	assert_string_equal(
		grpc_got_field(s, 0, 3, ":path"), "/headscale.v1.HeadscaleService/SetText");
	assert_int_equal(grpc_got(s, "\1\7"), 3); /* no decoder takes this */
	grpc_script_free(s);
}

static void expect(const char *const *pairs, ouro_status status, const char *text)
{
	struct grpc_script *s = grpc_script_new(1);
	uint32_t there = 77;
	uint64_t epoch = 77;

	grpc_says(s, 0, 1, NULL, 0);
	grpc_headers(s, 0, 1, 1, pairs);
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_probe(s, methods, 1, &there, &epoch), status);
	assert_text_has(s->error.text, text);
	assert_int_equal(there, 77);
	assert_int_equal(epoch, 77);
	grpc_close(s);
	assert_int_equal(s->made, 1);
	assert_int_equal(s->connections[0].requests, 1); /* not asked again */
	grpc_script_free(s);
}

static void test_rpc_grpc_probe__other_answers(void **state)
{
	static const char *const key[] = {":status", "200", "content-type", "application/grpc",
		"grpc-status", "16", "grpc-message", "invalid token", NULL};
	static const char *const other[] = {":status", "200", "content-type", "application/grpc",
		"grpc-status", "7", "grpc-message", "go away", NULL};
	static const char *const proxy[] = {":status", "502", "content-type", "text/html", NULL};
	static const char *const page[] = {":status", "404", "content-type", "text/html", NULL};

	(void)state;
	expect(key, OURO_ERR_UNAUTHENTICATED, "Headscale refuses the API key");
	expect(other, OURO_ERR_REJECTED, "go away");
	expect(proxy, OURO_ERR_UNREACHABLE, "the proxy in front answers HTTP 502");
	expect(page, OURO_ERR_PROTOCOL, "it is not a gRPC port of Headscale");
}

/* A read is asked for again where a probe is not: at most three requests. */
static void test_rpc_grpc_probe__a_read_is_patient(void **state)
{
	static const char *const proxy[] = {":status", "502", "content-type", "text/html", NULL};
	struct grpc_script *s = grpc_script_new(1);

	(void)state;
	grpc_says(s, 0, 1, NULL, 0);
	grpc_headers(s, 0, 1, 1, proxy);
	grpc_answers(s, 0, 2, 3);
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_call(s, &grpc_reading, ""), OURO_OK);
	grpc_close(s);
	assert_int_equal(s->connections[0].requests, 2);
	grpc_script_free(s);
}

/* Nothing succeeds with such a payload, unless something else answers. */
static void test_rpc_grpc_probe__a_success_is_none(void **state)
{
	struct grpc_script *s = grpc_script_new(1);
	uint32_t there = 77;
	uint64_t epoch = 77;

	(void)state;
	grpc_answers(s, 0, 3, 1);
	grpc_refuses(s, 0, 3, 3, "13", "grpc: error unmarshalling request");
	grpc_refuses(s, 0, 3, 5, "5", "another failure, which comes second");
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_probe(s, methods, 3, &there, &epoch), OURO_ERR_PROTOCOL);
	assert_string_equal(s->error.text, "a gRPC server answers, but not like Headscale");
	assert_int_equal(there, 77);
	grpc_script_free(s);
}

/* The server went away in between, so that two of them may have answered. */
static void test_rpc_grpc_probe__two_connections(void **state)
{
	struct grpc_script *s = grpc_script_new(1);
	ouro_error small = OURO_ERROR_INIT;
	uint32_t there = 77;
	uint64_t epoch = 77;

	(void)state;
	small.size = 8;
	for (int i = 0; i < 3; i++) {
		size_t at = (size_t)i * 2;

		/* The first is answered, the second finds itself refused and goes over to the next
		 * connection, which is then gone, too. */
		grpc_goes_away(s, at, 2, 1);
		grpc_refuses(s, at, 2, 1, "13", "grpc: error unmarshalling request");
		grpc_refuses(s, at + 1, 1, 1, "13", "grpc: error unmarshalling request");
		grpc_ends(s, at + 1, 1);
	}
	grpc_open(s, (struct ouro__grpc_options){0});
	assert_int_equal(grpc_probe(s, methods, 2, &there, &epoch), OURO_ERR_UNREACHABLE);
	assert_text_has(s->error.text, "was replaced while finding out its version");
	assert_int_equal(s->error.flags & OURO_ERROR_RETRYABLE, OURO_ERROR_RETRYABLE);
	for (int i = 0; i < 2; i++) {
		(void)poll(NULL, 0, 50); /* the end of the last one is noticed */
		assert_int_equal(
			s->channel->ops->probe(s->channel, methods, 2, ouro__clock_ms() + 5000,
				&there, &epoch, i ? &small : NULL),
			OURO_ERR_UNREACHABLE);
	}
	assert_int_equal(small.status, OURO_OK);
	assert_int_equal(there, 77);
	assert_int_equal(epoch, 77);
	assert_int_equal(s->made, 6);
	grpc_script_free(s);
}

/* Stopped: the first is not even started, and the others neither. */
static void test_rpc_grpc_probe__stopped(void **state)
{
	struct grpc_script *s = grpc_script_new(1);
	uint32_t there = 77;
	uint64_t epoch = 77;

	(void)state;
	grpc_open(s, (struct ouro__grpc_options){0});
	ouro__channel_stop(s->channel);
	assert_int_equal(grpc_probe(s, methods, 3, &there, &epoch), OURO_ERR_UNREACHABLE);
	assert_text_has(s->error.text, "being shut down");
	assert_int_equal(s->made, 0);
	assert_int_equal(there, 77);
	grpc_script_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_grpc_probe__finds_out),
		cmocka_unit_test(test_rpc_grpc_probe__other_answers),
		cmocka_unit_test(test_rpc_grpc_probe__a_read_is_patient),
		cmocka_unit_test(test_rpc_grpc_probe__a_success_is_none),
		cmocka_unit_test(test_rpc_grpc_probe__two_connections),
		cmocka_unit_test(test_rpc_grpc_probe__stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
