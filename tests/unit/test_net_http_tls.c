/* https requests against a small TLS server of our own on loopback. */
#include "check.h"

#include <stdio.h>

#include "base/sys.h"
#include "fake_tls.h"
#include "net/http.h"

static ouro_status ask(struct fake_tls *server, const char *ca_file, struct ouro__http_reply *reply,
	ouro_error *error)
{
	char url[96];
	const struct ouro__http_request request = {.method = "GET", .url = url, .timeout_ms = 5000};
	struct ouro__http *http = ouro__http_curl_new(ca_file);
	ouro_status rc;

	(void)snprintf(url, sizeof(url), "https://%s/user", server->address);
	assert_non_null(http);
	rc = http->send(http->ctx, &request, reply, error);
	ouro__http_free(http);
	return rc;
}

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static void test_net_http_tls__answers(void **state)
{
	static const enum fake_tls_alpn kinds[] = {FAKE_TLS_NO_ALPN, FAKE_TLS_AGREES};
	struct fake_tls_identity identity;

	(void)state;
	fake_tls_identity(&identity, "DNS:example.org,IP:127.0.0.1");
	for (size_t i = 0; i < 2; i++) {
		struct fake_tls server = {.alpn = kinds[i], .answer = HELLO};
		struct ouro__http_reply reply;
		ouro_error error = OURO_ERROR_INIT;

		fake_tls_start(&server, &identity);
		if (ask(&server, identity.file, &reply, &error) != OURO_OK)
			fail_msg("%s", error.text);
		fake_tls_stop(&server);
		assert_int_equal(reply.status, 200);
		assert_string_equal(ouro__buf_str(&reply.body), "hello");
		ouro__http_reply_done(&reply);
	}
	fake_tls_forget(&identity);
}

static void refused(
	struct fake_tls server, const char *names, int trusted, ouro_status want, const char *words)
{
	struct fake_tls_identity identity;
	struct ouro__http_reply reply = {.status = 77};
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	fake_tls_identity(&identity, names ? names : "IP:127.0.0.1");
	fake_tls_start(&server, names ? &identity : NULL);
	rc = ask(&server, trusted ? identity.file : NULL, &reply, &error);
	fake_tls_stop(&server);
	fake_tls_forget(&identity);
	if (rc >= 0 || (want && rc != want) || error.status != rc || !strstr(error.text, words))
		fail_msg("%d instead of %d: %s", rc, want, error.text);
	assert_int_equal(reply.status, 77);
}

static void test_net_http_tls__certificates(void **state)
{
	const struct fake_tls plain = {.answer = HELLO};

	(void)state;
	refused(plain, "IP:127.0.0.1", 0, OURO_ERR_UNREACHABLE, "certificate");
	refused(plain, "IP:127.0.0.2", 1, OURO_ERR_UNREACHABLE, "certificate");
	refused(plain, "DNS:example.org", 1, OURO_ERR_UNREACHABLE, "certificate");
}

static void test_net_http_tls__other_protocols(void **state)
{
	(void)state;
	refused((struct fake_tls){.answer = HELLO, .alpn = FAKE_TLS_REFUSES}, "IP:127.0.0.1", 1,
		OURO_ERR_UNREACHABLE, "SSL");
	refused((struct fake_tls){.answer = "HTTP/1.1 400 Bad Request\r\n\r\n"}, NULL, 1,
		OURO_ERR_UNREACHABLE, "SSL");
	refused((struct fake_tls){.answer = "SSH-2.0\r\n"}, "IP:127.0.0.1", 1, OURO_ERR_PROTOCOL,
		"HTTP/0.9");
}

/* Cut off on the way. */
static void test_net_http_tls__truncated(void **state)
{
	(void)state;
	refused((struct fake_tls){.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel",
			.no_goodbye = 1},
		"IP:127.0.0.1", 1, OURO_ERR_UNREACHABLE, "");
}

static void test_net_http_tls__silent(void **state)
{
	int64_t began = ouro__clock_ms();

	(void)state;
	refused((struct fake_tls){.answer = "", .silent = 1}, NULL, 1, OURO_ERR_TIMEOUT, "SSL");
	assert_true(ouro__clock_ms() - began < 4500); /* 3 s for connecting, not all 5 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net_http_tls__answers),
		cmocka_unit_test(test_net_http_tls__certificates),
		cmocka_unit_test(test_net_http_tls__other_protocols),
		cmocka_unit_test(test_net_http_tls__truncated),
		cmocka_unit_test(test_net_http_tls__silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
