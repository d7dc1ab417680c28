/* See fake_tls.h. */
#include "check.h"

#include "fake_tls.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

void fake_tls_identity(struct fake_tls_identity *identity, const char *names)
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

void fake_tls_forget(struct fake_tls_identity *identity)
{
	(void)unlink(identity->file);
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
}

static int choose(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_size,
	const unsigned char *offered, unsigned size, void *user)
{
	static const unsigned char wanted[] = "\x08http/1.1";
	const struct fake_tls *server = user;

	(void)ssl;
	assert_int_equal(size, sizeof(wanted) - 1);
	assert_memory_equal(offered, wanted, size);
	if (server->alpn == FAKE_TLS_REFUSES)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret_name = server->alpn == FAKE_TLS_OTHER ? (const unsigned char *)"h2" : wanted + 1;
	*ret_size = server->alpn == FAKE_TLS_OTHER ? 2 : 8;
	return SSL_TLSEXT_ERR_OK;
}

static void speak(const struct fake_tls *server, int fd)
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
	struct fake_tls *server = arg;
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

void fake_tls_start(struct fake_tls *server, const struct fake_tls_identity *identity)
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
		if (server->alpn != FAKE_TLS_NO_ALPN)
			SSL_CTX_set_alpn_select_cb(server->context, choose, server);
	}
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->fd >= 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server->fd, 4), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(server->address, sizeof(server->address), "127.0.0.1:%u",
		(unsigned)ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

void fake_tls_stop(struct fake_tls *server)
{
	(void)shutdown(server->fd, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->fd);
	SSL_CTX_free(server->context);
}
