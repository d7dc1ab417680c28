/* https requests against a small TLS server of our own on loopback, whose certificate is made here.
 * The main thread asks; one thread serves one connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sys.h"
#include "net/http.h"

enum alpn { NO_ALPN, AGREES, OTHER, REFUSES };

struct server {
	int fd;
	SSL_CTX *context; /* NULL = plain text */
	enum alpn alpn;
	int silent; /* accept, then say nothing */
	const char *answer;
	int no_goodbye; /* end the connection without TLS's close */
	char url[64];
	pthread_t thread;
};

struct identity {
	EVP_PKEY *key;
	X509 *certificate;
	char file[64]; /* the certificate: what a client has to trust */
};

static void add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static void make_identity(struct identity *identity, const char *names)
{
	X509 *certificate = X509_new();
	X509_NAME *name;
	FILE *file;
	int fd;

	identity->key = EVP_EC_gen("P-256");
	identity->certificate = certificate;
	assert_non_null(identity->key);
	assert_non_null(certificate);
	name = X509_get_subject_name(certificate);
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				 (const unsigned char *)"test", -1, -1, 0),
		1);
	assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
	assert_int_equal(X509_set_issuer_name(certificate, name), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), -3600));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
	assert_int_equal(X509_set_pubkey(certificate, identity->key), 1);
	add_extension(certificate, NID_subject_alt_name, names);
	assert_true(X509_sign(certificate, identity->key, EVP_sha256()) > 0);

	(void)snprintf(identity->file, sizeof(identity->file), "/tmp/ouro-test-XXXXXX");
	fd = mkstemp(identity->file);
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, certificate), 1);
	assert_int_equal(fclose(file), 0);
}

static void drop_identity(struct identity *identity)
{
	(void)unlink(identity->file);
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
}

static int choose(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_size,
	const unsigned char *offered, unsigned size, void *user)
{
	static const unsigned char wanted[] = "\x08http/1.1";
	const struct server *server = user;

	(void)ssl;
	assert_int_equal(size, sizeof(wanted) - 1);
	assert_memory_equal(offered, wanted, size);
	if (server->alpn == REFUSES)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret_name = server->alpn == OTHER ? (const unsigned char *)"h2" : wanted + 1;
	*ret_size = server->alpn == OTHER ? 2 : 8;
	return SSL_TLSEXT_ERR_OK;
}

static void speak(const struct server *server, int fd)
{
	char seen[4096];
	SSL *ssl = SSL_new(server->context);
	int size = 0;

	assert_non_null(ssl);
	assert_int_equal(SSL_set_fd(ssl, fd), 1);
	if (SSL_accept(ssl) == 1) {
		size = SSL_read(ssl, seen, sizeof(seen));
		if (size > 0)
			(void)SSL_write(ssl, server->answer, (int)strlen(server->answer));
		if (!server->no_goodbye)
			(void)SSL_shutdown(ssl);
	}
	SSL_free(ssl);
}

static void *serve(void *arg)
{
	struct server *server = arg;
	sigset_t broken_pipe;
	int fd;
	char byte;

	/* in this thread alone: that the client ends nobody by it is to be seen */
	(void)sigemptyset(&broken_pipe);
	(void)sigaddset(&broken_pipe, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL);
	fd = accept(server->fd, NULL, NULL);

	if (fd < 0)
		return NULL;
	if (server->silent)
		while (recv(fd, &byte, 1, 0) > 0)
			;
	else if (server->context)
		speak(server, fd);
	else
		(void)send(fd, server->answer, strlen(server->answer), MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_RDWR);
	(void)close(fd);
	return NULL;
}

static void begin(struct server *server, const struct identity *identity)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	if (identity) {
		server->context = SSL_CTX_new(TLS_server_method());
		assert_non_null(server->context);
		assert_int_equal(
			SSL_CTX_use_certificate(server->context, identity->certificate), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey(server->context, identity->key), 1);
		if (server->alpn != NO_ALPN)
			SSL_CTX_set_alpn_select_cb(server->context, choose, server);
	}
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->fd >= 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server->fd, 4), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(server->url, sizeof(server->url), "https://127.0.0.1:%u/user",
		ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void finish(struct server *server)
{
	(void)shutdown(server->fd, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->fd);
	SSL_CTX_free(server->context);
}

static ouro_status ask(struct server *server, const char *ca_file, struct ouro__http_reply *reply,
	ouro_error *error)
{
	const struct ouro__http_request request = {
		.method = "GET", .url = server->url, .timeout_ms = 5000};
	struct ouro__http *http = ouro__http_curl_new(ca_file);
	ouro_status rc;

	assert_non_null(http);
	rc = http->send(http->ctx, &request, reply, error);
	ouro__http_free(http);
	return rc;
}

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static void test_net_http_tls__answers(void **state)
{
	static const enum alpn kinds[] = {NO_ALPN, AGREES};
	struct identity identity;

	(void)state;
	make_identity(&identity, "DNS:example.org,IP:127.0.0.1");
	for (size_t i = 0; i < 2; i++) {
		struct server server = {.alpn = kinds[i], .answer = HELLO};
		struct ouro__http_reply reply;
		ouro_error error = OURO_ERROR_INIT;

		begin(&server, &identity);
		if (ask(&server, identity.file, &reply, &error) != OURO_OK)
			fail_msg("%s", error.text);
		finish(&server);
		assert_int_equal(reply.status, 200);
		assert_string_equal(ouro__buf_str(&reply.body), "hello");
		ouro__http_reply_done(&reply);
	}
	drop_identity(&identity);
}

static void refused(
	struct server server, const char *names, int trusted, ouro_status want, const char *words)
{
	struct identity identity;
	struct ouro__http_reply reply = {.status = 77};
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	make_identity(&identity, names ? names : "IP:127.0.0.1");
	begin(&server, names ? &identity : NULL);
	rc = ask(&server, trusted ? identity.file : NULL, &reply, &error);
	finish(&server);
	drop_identity(&identity);
	if (rc >= 0 || (want && rc != want) || error.status != rc || !strstr(error.text, words))
		fail_msg("%d instead of %d: %s", rc, want, error.text);
	assert_int_equal(reply.status, 77);
}

static void test_net_http_tls__certificates(void **state)
{
	const struct server plain = {.answer = HELLO};

	(void)state;
	refused(plain, "IP:127.0.0.1", 0, OURO_ERR_UNREACHABLE, "certificate");
	refused(plain, "IP:127.0.0.2", 1, OURO_ERR_UNREACHABLE, "certificate");
	refused(plain, "DNS:example.org", 1, OURO_ERR_UNREACHABLE, "certificate");
}

static void test_net_http_tls__other_protocols(void **state)
{
	(void)state;
	refused((struct server){.answer = HELLO, .alpn = REFUSES}, "IP:127.0.0.1", 1,
		OURO_ERR_UNREACHABLE, "SSL");
	refused((struct server){.answer = "HTTP/1.1 400 Bad Request\r\n\r\n"}, NULL, 1,
		OURO_ERR_UNREACHABLE, "SSL");
	refused((struct server){.answer = "SSH-2.0\r\n"}, "IP:127.0.0.1", 1, OURO_ERR_PROTOCOL,
		"HTTP/0.9");
}

/* Cut off on the way. */
static void test_net_http_tls__truncated(void **state)
{
	(void)state;
	refused((struct server){.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel",
			.no_goodbye = 1},
		"IP:127.0.0.1", 1, OURO_ERR_UNREACHABLE, "");
}

static void test_net_http_tls__silent(void **state)
{
	int64_t began = ouro__clock_ms();

	(void)state;
	refused((struct server){.answer = "", .silent = 1}, NULL, 1, OURO_ERR_TIMEOUT, "SSL");
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
