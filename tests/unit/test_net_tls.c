/* TLS against a real server on this machine: certificates and their names, the protocol that both
 * agree on, ends that are said and ends that are not, and a server that never answers. */
#include "check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/sys.h"
#include "net/stream.h"
#include "net/stream_memory.h"

enum { SOON_MS = 20000 };

/* What the server does with the one connection that it takes. */
enum manner {
	ECHO,      /* reads once, answers "pong", says goodbye */
	BREAK_OFF, /* reads once and closes the socket without a word */
	CHATTER,   /* answers what is no TLS once the handshake is through */
	DEAF,      /* shakes hands and reads nothing until the client is gone */
	SILENT     /* says nothing at all */
};

struct server {
	enum manner manner;
	const char *protocol; /* what it agrees to; NULL = it does not know of such; "" = nothing */
	SSL_CTX *context;
	int listener;
	pthread_t thread;
	struct ouro__endpoint endpoint;
};

static EVP_PKEY *key;
static X509 *certificate;
static char ca_file[] = "/tmp/ouro-tls-XXXXXX";

/* Its own authority, good for vpn.test and 127.0.0.1. */
static int make_certificate(void **state)
{
	X509_NAME *name;
	X509_EXTENSION *names;
	FILE *file;
	int fd;

	(void)state;
	key = EVP_EC_gen("P-256");
	certificate = X509_new();
	if (!key || !certificate)
		return -1;
	(void)X509_set_version(certificate, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
	(void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	(void)X509_set_pubkey(certificate, key);
	name = X509_get_subject_name(certificate);
	(void)X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
	(void)X509_set_issuer_name(certificate, name);
	names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:vpn.test,IP:127.0.0.1");
	(void)X509_add_ext(certificate, names, -1);
	X509_EXTENSION_free(names);
	fd = mkstemp(ca_file);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!file || !X509_sign(certificate, key, EVP_sha256()))
		return -1;
	return PEM_write_X509(file, certificate) == 1 && fclose(file) == 0 ? 0 : -1;
}

static int drop_certificate(void **state)
{
	(void)state;
	X509_free(certificate);
	EVP_PKEY_free(key);
	return unlink(ca_file);
}

static int choose(SSL *ssl, const unsigned char **ret, unsigned char *ret_size,
	const unsigned char *offered, unsigned size, void *user)
{
	const struct server *server = user;

	(void)ssl;
	(void)offered;
	(void)size;
	if (!*server->protocol)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret = (const unsigned char *)server->protocol;
	*ret_size = (unsigned char)strlen(server->protocol);
	return SSL_TLSEXT_ERR_OK;
}

static void behave(const struct server *server, SSL *ssl, int fd)
{
	char text[8];

	if (server->manner != DEAF)
		(void)SSL_read(ssl, text, sizeof(text));
	if (server->manner == ECHO) {
		(void)SSL_write(ssl, "pong", 4);
		(void)SSL_shutdown(ssl);
	}
	if (server->manner == CHATTER)
		(void)send(fd, "not a record of TLS", 19, MSG_NOSIGNAL);
	if (server->manner == ECHO || server->manner == CHATTER)
		(void)recv(fd, text, sizeof(text), 0);
}

static void *serve(void *user)
{
	struct server *server = user;
	int fd = accept(server->listener, NULL, NULL);
	SSL *ssl = SSL_new(server->context);
	struct pollfd gone = {.fd = fd, .events = POLLRDHUP};
	sigset_t pipe_only;

	/* The server's own: the client has to get along without. */
	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
	(void)SSL_set_fd(ssl, fd);
	if (server->manner != SILENT && SSL_accept(ssl) == 1)
		behave(server, ssl, fd);
	if (server->manner == DEAF || server->manner == SILENT)
		(void)poll(&gone, 1, SOON_MS);
	SSL_free(ssl);
	(void)close(fd);
	return NULL;
}

static void start(struct server *server, enum manner manner, const char *protocol)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	char text[64];

	memset(server, 0, sizeof(*server));
	server->manner = manner;
	server->protocol = protocol;
	server->context = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate(server->context, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(server->context, key), 1);
	if (protocol)
		SSL_CTX_set_alpn_select_cb(server->context, choose, server);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(
		bind(server->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->listener, 1), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(text, sizeof(text), "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
	assert_int_equal(ouro__endpoint_parse(text, 0, &server->endpoint, NULL), OURO_OK);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void stop(struct server *server)
{
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	assert_int_equal(close(server->listener), 0);
	SSL_CTX_free(server->context);
}

struct client {
	ouro__tls *tls;
	ouro__stream *stream;
	ouro_error error;
};

static ouro_status join(struct client *client, const struct server *server, const char *ca,
	const char *protocol, const char *host, int64_t wait)
{
	client->error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(ouro__tls_new(ca, protocol, &client->tls, &client->error), OURO_OK);
	client->stream =
		ouro__stream_tls_new(client->tls, ouro__stream_tcp_new(&server->endpoint), host);
	assert_non_null(client->stream);
	return client->stream->ops->connect(
		client->stream, ouro__clock_ms() + wait, -1, &client->error);
}

static void leave(struct client *client)
{
	ouro__stream_free(client->stream);
	ouro__tls_free(client->tls);
}

static ssize_t read_some(struct client *client, void *to, size_t size)
{
	const struct ouro__stream_ops *ops = client->stream->ops;
	ssize_t n = ops->read(client->stream, to, size, &client->error);

	while (n == OURO__STREAM_AGAIN) {
		assert_int_equal(ouro__stream_wait(ops->fd(client->stream),
					 ops->want(client->stream, POLLIN),
					 ouro__clock_ms() + SOON_MS, -1, NULL),
			OURO_OK);
		n = ops->read(client->stream, to, size, &client->error);
	}
	return n;
}

static void test_net_tls__conversation(void **state)
{
	static const char *const hosts[] = {"vpn.test", "127.0.0.1"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct server server;
		struct client client;
		char text[8];

		start(&server, ECHO, "h2");
		if (join(&client, &server, ca_file, "h2", hosts[i], SOON_MS) < 0)
			fail_msg("%s", client.error.text);
		assert_int_equal(
			client.stream->ops->write(client.stream, "ping", 4, &client.error), 4);
		assert_int_equal(client.stream->ops->want(client.stream, POLLIN), POLLIN);
		assert_int_equal(read_some(&client, text, sizeof(text)), 4);
		assert_memory_equal(text, "pong", 4);
		client.error = (ouro_error)OURO_ERROR_INIT;
		assert_int_equal(read_some(&client, text, sizeof(text)), 0); /* said, so no error */
		assert_int_equal(client.error.status, OURO_OK);
		leave(&client);
		stop(&server);
	}
}

static void refused(const char *ca, const char *host, const char *word)
{
	struct server server;
	struct client client;

	start(&server, ECHO, "h2");
	assert_int_equal(join(&client, &server, ca, "h2", host, SOON_MS), OURO_ERR_UNREACHABLE);
	assert_text_has(client.error.text, "TLS handshake: the server's certificate is refused");
	assert_text_has(client.error.text, word);
	leave(&client);
	stop(&server);
}

static void test_net_tls__certificates(void **state)
{
	(void)state;
	refused(NULL, "vpn.test", "self-signed");
	refused(ca_file, "other.test", "ostname mismatch");
	refused(ca_file, "a.vpn.test", "ostname mismatch");
	refused(ca_file, "127.0.0.2", "IP address mismatch");
	refused(ca_file, "::1", "IP address mismatch");
}

static void agrees(const char *offered, const char *protocol, ouro_status status, const char *word)
{
	struct server server;
	struct client client;

	start(&server, ECHO, offered);
	assert_int_equal(join(&client, &server, ca_file, protocol, "vpn.test", SOON_MS), status);
	if (word)
		assert_text_has(client.error.text, word);
	leave(&client);
	stop(&server);
}

static void test_net_tls__protocols(void **state)
{
	(void)state;
	agrees("h2", "h2", OURO_OK, NULL);
	agrees(NULL, "h2", OURO_ERR_PROTOCOL, "did not agree to HTTP/2");
	agrees("h3", "h2", OURO_ERR_UNREACHABLE, "TLS handshake: "); /* not what was offered */
	agrees("", "h2", OURO_ERR_PROTOCOL, "does not offer HTTP/2");
}

/* Nothing is said of protocols: for a look at the certificate, whatever the port speaks. */
static void test_net_tls__look(void **state)
{
	static const char *const offered[] = {"h2", NULL, "http/1.1"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct server server;
		struct client client;
		int64_t now = ouro__clock_unix();
		int64_t until;

		start(&server, ECHO, offered[i]);
		assert_int_equal(
			join(&client, &server, ca_file, NULL, "vpn.test", SOON_MS), OURO_OK);
		until = ouro__stream_tls_until(client.stream);
		assert_true(until > now + 3500 && until <= now + 3600);
		leave(&client);
		stop(&server);
	}
}

static void test_net_tls__unsaid_end(void **state)
{
	static const enum manner manners[] = {BREAK_OFF, CHATTER};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct server server;
		struct client client;
		char text[8];

		start(&server, manners[i], "h2");
		assert_int_equal(
			join(&client, &server, ca_file, "h2", "vpn.test", SOON_MS), OURO_OK);
		assert_int_equal(
			client.stream->ops->write(client.stream, "ping", 4, &client.error), 4);
		/* What was cut off by somebody on the way must not look like an end. */
		assert_int_equal(read_some(&client, text, sizeof(text)), OURO__STREAM_FAILED);
		assert_true(client.error.status == OURO_ERR_UNREACHABLE ||
			client.error.status == OURO_ERR_PROTOCOL);
		assert_text_has(client.error.text, "the TLS connection broke");
		leave(&client);
		stop(&server);
	}
}

static void test_net_tls__no_answer(void **state)
{
	struct server server;
	struct client client;

	(void)state;
	start(&server, SILENT, "h2");
	assert_int_equal(join(&client, &server, ca_file, "h2", "vpn.test", 200), OURO_ERR_TIMEOUT);
	assert_text_has(client.error.text, "TLS handshake: no answer in time");
	leave(&client);
	stop(&server);
}

/* Nobody reads: writing pauses and asks to be told when it can go on. */
static void test_net_tls__deaf(void **state)
{
	static char block[65536];
	struct server server;
	struct client client;
	ssize_t n = 1;

	(void)state;
	start(&server, DEAF, "h2");
	assert_int_equal(join(&client, &server, ca_file, "h2", "vpn.test", SOON_MS), OURO_OK);
	while (n > 0)
		n = client.stream->ops->write(client.stream, block, sizeof(block), &client.error);
	assert_int_equal(n, OURO__STREAM_AGAIN);
	assert_int_equal(client.stream->ops->want(client.stream, POLLIN), POLLIN | POLLOUT);
	leave(&client);
	stop(&server);
}

/* What goes wrong below is what is said, and nothing is said over a broken connection. */
static void test_net_tls__broken_below(void **state)
{
	static const struct {
		struct ouro__memory_script script;
		ouro_status status;
		const char *word;
	} cases[] = {
		{{.write_fails_at = 1}, OURO_ERR_UNREACHABLE, "by script"},
		{{.read_fails_at = 1, .read = 1}, OURO_ERR_UNREACHABLE, "by script"},
		{{.read_ends_at = SIZE_MAX}, OURO_ERR_UNREACHABLE, "TLS handshake: "},
		{{.connect_result = OURO_ERR_TIMEOUT}, OURO_ERR_TIMEOUT, "refuses the connection"},
		/* waits for its turn to write, which never comes */
		{{.write_most = 100, .blink = 1}, OURO_ERR_TIMEOUT, "no answer in time"},
	};
	struct ouro__memory_script script;
	ouro__tls *tls = NULL;
	ouro__stream *stream;
	ouro_error error = OURO_ERROR_INIT;
	ouro_error small = OURO_ERROR_INIT;

	(void)state;
	small.size = 8;
	assert_int_equal(ouro__tls_new(ca_file, "h2", &tls, NULL), OURO_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		script = cases[i].script;
		script.written = (ouro__buf)OURO__BUF_INIT(4096);
		error = (ouro_error)OURO_ERROR_INIT;
		stream = ouro__stream_tls_new(tls, ouro__stream_memory_new(&script), "vpn.test");
		assert_int_equal(stream->ops->connect(stream, ouro__clock_ms() + 300, -1, &error),
			cases[i].status);
		assert_text_has(error.text, cases[i].word);
		ouro__stream_free(stream);
		ouro__buf_done(&script.written);
	}
	script = (struct ouro__memory_script){.write_fails_at = 1};
	script.written = (ouro__buf)OURO__BUF_INIT(4096);
	stream = ouro__stream_tls_new(tls, ouro__stream_memory_new(&script), "vpn.test");
	assert_int_equal(stream->ops->connect(stream, ouro__clock_ms() + 300, -1, &small),
		OURO_ERR_UNREACHABLE);
	assert_int_equal(small.status, 0);
	ouro__stream_free(stream);
	ouro__buf_done(&script.written);
	ouro__tls_free(tls);
}

static void test_net_tls__arguments(void **state)
{
	struct ouro__memory_script script = {.count = 0};
	ouro__tls *tls = NULL;
	ouro_error error = OURO_ERROR_INIT;
	char host[300];

	(void)state;
	assert_int_equal(ouro__tls_new("/nowhere/ca.pem", "h2", &tls, &error), OURO_ERR_IO);
	assert_text_has(error.text, "\"/nowhere/ca.pem\": it must be a readable PEM file");
	assert_int_equal(ouro__tls_new(ca_file, "", &tls, &error), OURO_ERR_NOMEM);
	assert_int_equal(ouro__tls_new(ca_file, "a-protocol-with-a-very-long-name", &tls, &error),
		OURO_ERR_NOMEM);
	assert_null(tls);
	assert_int_equal(ouro__tls_new(NULL, "h2", &tls, &error), OURO_OK);
	assert_null(ouro__stream_tls_new(tls, NULL, "vpn.test"));
	memset(host, 'h', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	assert_null(ouro__stream_tls_new(tls, ouro__stream_memory_new(&script), host));
	ouro__tls_free(tls);
	ouro__tls_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net_tls__conversation),
		cmocka_unit_test(test_net_tls__certificates),
		cmocka_unit_test(test_net_tls__protocols),
		cmocka_unit_test(test_net_tls__look),
		cmocka_unit_test(test_net_tls__unsaid_end),
		cmocka_unit_test(test_net_tls__no_answer),
		cmocka_unit_test(test_net_tls__deaf),
		cmocka_unit_test(test_net_tls__broken_below),
		cmocka_unit_test(test_net_tls__arguments),
	};

	return cmocka_run_group_tests(tests, make_certificate, drop_certificate);
}
