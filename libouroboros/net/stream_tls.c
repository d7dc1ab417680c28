/* TLS on top of another stream, by OpenSSL 3: TLS 1.2 or later, the certificate and its name are
 * always checked, and exactly one application protocol is offered and insisted upon. OpenSSL
 * reaches the inner stream through a small BIO, so nothing here knows sockets and no signal can be
 * raised. */
#include <arpa/inet.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/str.h"
#include "base/wipe.h"
#include "net/ssl.h"
#include "net/stream.h"

struct ouro__tls {
	const struct ouro__crypto *crypto;
	const struct ouro__ssl *lib;
	SSL_CTX *context;
	BIO_METHOD *method;
	unsigned char alpn[32]; /* length byte and name */
	unsigned alpn_size;     /* 0 = none */
};

struct tls_stream {
	ouro__stream base;
	const struct ouro__crypto *crypto;
	const struct ouro__ssl *lib;
	ouro__tls *tls;
	ouro__stream *inner;
	SSL *ssl;
	int wants_write; /* OpenSSL's last word: what it waits for */
	int inner_failed;
	ouro_error inner_error;
	char host[256];
};

/* ---- the BIO ---- */

static int bio_write(BIO *bio, const char *data, int size)
{
	struct tls_stream *self = ouro__crypto_loaded()->BIO_get_data(bio);
	ssize_t n;

	self->crypto->BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
	if (size <= 0)
		return 0;
	n = self->inner->ops->write(self->inner, data, (size_t)size, &self->inner_error);
	if (n == OURO__STREAM_AGAIN)
		self->crypto->BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY);
	else if (n < 0)
		self->inner_failed = 1;
	return n > 0 ? (int)n : -1;
}

static int bio_read(BIO *bio, char *data, int size)
{
	struct tls_stream *self = ouro__crypto_loaded()->BIO_get_data(bio);
	ssize_t n;

	self->crypto->BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
	if (size <= 0)
		return 0;
	n = self->inner->ops->read(self->inner, data, (size_t)size, &self->inner_error);
	if (n == OURO__STREAM_AGAIN)
		self->crypto->BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
	else if (n < 0)
		self->inner_failed = 1;
	return n >= 0 ? (int)n : -1;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/* ---- the shared part ---- */

void ouro__tls_free(ouro__tls *tls)
{
	if (!tls)
		return;
	tls->lib->SSL_CTX_free(tls->context);
	tls->crypto->BIO_meth_free(tls->method);
	free(tls);
}

static ouro_status load_libraries(ouro__tls *tls, ouro_error *reterr)
{
	ouro_status rc = ouro__crypto_get(&tls->crypto, reterr);

	return rc < 0 ? rc : ouro__ssl_get(&tls->lib, reterr);
}

static ouro_status load_authorities(const ouro__tls *tls, const char *ca_file, ouro_error *reterr)
{
	int ok = ca_file ? tls->lib->SSL_CTX_load_verify_file(tls->context, ca_file)
			 : tls->lib->SSL_CTX_set_default_verify_paths(tls->context);

	tls->crypto->ERR_clear_error();
	if (ok == 1)
		return OURO_OK;
	if (!ca_file)
		return ouro__error_set(
			reterr, OURO_ERR_IO, "cannot read the system's certificate authorities");
	return ouro__error_set(reterr, OURO_ERR_IO,
		"cannot read certificate authorities from \"%.150s\": it must be a readable PEM file",
		ca_file);
}

static int make_method(ouro__tls *tls)
{
	/* No index of its own: OpenSSL has 127 of them, and nothing looks for this BIO. */
	tls->method = tls->crypto->BIO_meth_new(BIO_TYPE_SOURCE_SINK, "ouroboros stream");
	return tls->method && tls->crypto->BIO_meth_set_write(tls->method, bio_write) &&
		tls->crypto->BIO_meth_set_read(tls->method, bio_read) &&
		tls->crypto->BIO_meth_set_ctrl(tls->method, bio_ctrl);
}

ouro_status ouro__tls_new(
	const char *ca_file, const char *alpn, ouro__tls **ret_tls, ouro_error *reterr)
{
	ouro__tls *tls = ouro__alloc(1, sizeof(*tls));
	size_t length = alpn ? strlen(alpn) : 0;
	ouro_status rc;

	if (!tls)
		return ouro__error_nomem(reterr);
	rc = load_libraries(tls, reterr);
	if (rc < 0) {
		free(tls);
		return rc;
	}
	tls->context = tls->lib->SSL_CTX_new(tls->lib->TLS_client_method());
	if (!tls->context || !make_method(tls) || (alpn && !length) ||
		length >= sizeof(tls->alpn)) {
		tls->crypto->ERR_clear_error();
		rc = ouro__error_set(reterr, OURO_ERR_NOMEM, "cannot prepare TLS");
		goto out;
	}
	if (alpn) {
		tls->alpn[0] = (unsigned char)length;
		memcpy(tls->alpn + 1, alpn, length);
		tls->alpn_size = (unsigned)length + 1;
	}
	(void)tls->lib->SSL_CTX_ctrl(
		tls->context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL);
	tls->lib->SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
	/* A record counts as written when it went out whole, and never two at once: that is how the
	 * layer above knows what the server cannot have seen. */
	(void)tls->lib->SSL_CTX_ctrl(tls->context, SSL_CTRL_MODE,
		(long)(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			SSL_MODE_RELEASE_BUFFERS),
		NULL);
	(void)tls->lib->SSL_CTX_set_options(
		tls->context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
	rc = load_authorities(tls, ca_file, reterr);
	if (rc < 0)
		goto out;
	*ret_tls = tls;
	tls = NULL;
out:
	ouro__tls_free(tls);
	return rc;
}

/* ---- one connection ---- */

static ouro_status tls_fault(struct tls_stream *self, const char *what, ouro_error *reterr)
{
	unsigned long code = self->crypto->ERR_peek_error();
	const char *reason = code ? self->crypto->ERR_reason_error_string(code) : NULL;
	long verify = self->lib->SSL_get_verify_result(self->ssl);
	ouro_status status = OURO_ERR_UNREACHABLE;

	if (self->inner_failed) {
		ouro__error_copy(reterr, &self->inner_error);
	} else if (verify != X509_V_OK) {
		(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, status,
			"%s: the server's certificate is refused: %s", what,
			self->crypto->X509_verify_cert_error_string(verify));
	} else if (code && ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER) {
		status = ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
			"%s: the port does not speak TLS (for a server without TLS set plaintext)",
			what);
	} else if (code && ERR_GET_REASON(code) == SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL) {
		status = ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
			"%s: the port does not offer HTTP/2: it is not a gRPC port", what);
	} else {
		(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, status, "%s: %s", what,
			reason ? reason : "the server closed the connection");
	}
	self->crypto->ERR_clear_error();
	return status;
}

static int setup(struct tls_stream *self)
{
	unsigned char address[16];
	int is_address = inet_pton(AF_INET, self->host, address) == 1 ||
		inet_pton(AF_INET6, self->host, address) == 1;
	BIO *bio = self->crypto->BIO_new(self->tls->method);

	if (!bio)
		return 0;
	self->crypto->BIO_set_data(bio, self);
	self->crypto->BIO_set_init(bio, 1);
	self->ssl = self->lib->SSL_new(self->tls->context);
	if (!self->ssl) {
		self->crypto->BIO_free(bio);
		return 0;
	}
	self->lib->SSL_set_bio(self->ssl, bio, bio);
	self->lib->SSL_set_connect_state(self->ssl);
	self->lib->SSL_set_hostflags(self->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (self->tls->alpn_size &&
		self->lib->SSL_set_alpn_protos(self->ssl, self->tls->alpn, self->tls->alpn_size) !=
			0)
		return 0;
	if (is_address)
		return self->crypto->X509_VERIFY_PARAM_set1_ip_asc(
			       self->lib->SSL_get0_param(self->ssl), self->host) == 1;
	return self->lib->SSL_set1_host(self->ssl, self->host) == 1 &&
		self->lib->SSL_ctrl(self->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
			TLSEXT_NAMETYPE_host_name, self->host) == 1;
}

static ouro_status check_protocol(struct tls_stream *self, ouro_error *reterr)
{
	const unsigned char *name = NULL;
	unsigned length = 0;

	if (!self->tls->alpn_size)
		return OURO_OK;
	self->lib->SSL_get0_alpn_selected(self->ssl, &name, &length);
	if (length + 1 == self->tls->alpn_size && memcmp(name, self->tls->alpn + 1, length) == 0)
		return OURO_OK;
	return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
		"TLS: the port did not agree to HTTP/2 (ALPN \"%.*s\"): it is not a gRPC port",
		(int)(self->tls->alpn_size - 1), (const char *)self->tls->alpn + 1);
}

static ouro_status tls_connect(
	ouro__stream *stream, int64_t deadline, int stop_fd, ouro_error *reterr)
{
	struct tls_stream *self = (struct tls_stream *)stream;
	ouro_status rc = self->inner->ops->connect(self->inner, deadline, stop_fd, reterr);

	if (rc < 0)
		return rc;
	self->crypto->ERR_clear_error();
	if (!setup(self)) {
		self->crypto->ERR_clear_error();
		return ouro__error_set(reterr, OURO_ERR_NOMEM, "cannot start TLS");
	}
	for (;;) {
		int n = self->lib->SSL_do_handshake(self->ssl);
		int why = self->lib->SSL_get_error(self->ssl, n);

		if (n == 1)
			return check_protocol(self, reterr);
		if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
			return tls_fault(self, "TLS handshake", reterr);
		rc = ouro__stream_wait(self->inner->ops->fd(self->inner),
			why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline, stop_fd, reterr);
		if (rc < 0) {
			ouro__error_prefix(reterr, "TLS handshake");
			return rc;
		}
	}
}

static ssize_t result(struct tls_stream *self, int n, ouro_error *reterr)
{
	int why = self->lib->SSL_get_error(self->ssl, n);

	self->wants_write = why == SSL_ERROR_WANT_WRITE;
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return OURO__STREAM_AGAIN;
	if (why == SSL_ERROR_ZERO_RETURN)
		return 0;
	(void)tls_fault(self, "the TLS connection broke", reterr);
	return OURO__STREAM_FAILED;
}

static ssize_t tls_read(ouro__stream *stream, void *data, size_t size, ouro_error *reterr)
{
	struct tls_stream *self = (struct tls_stream *)stream;
	int n;

	self->crypto->ERR_clear_error();
	n = self->lib->SSL_read(self->ssl, data, size > INT_MAX ? INT_MAX : (int)size);
	return n > 0 ? n : result(self, n, reterr);
}

static ssize_t tls_write(ouro__stream *stream, const void *data, size_t size, ouro_error *reterr)
{
	struct tls_stream *self = (struct tls_stream *)stream;
	ssize_t rc;
	int n;

	self->crypto->ERR_clear_error();
	n = self->lib->SSL_write(self->ssl, data, size > INT_MAX ? INT_MAX : (int)size);
	if (n > 0)
		return n;
	rc = result(self, n, reterr);
	if (rc != 0)
		return rc;
	(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
		"the server closed the connection");
	return OURO__STREAM_FAILED;
}

static int tls_fd(const ouro__stream *stream)
{
	const struct tls_stream *self = (const struct tls_stream *)stream;

	return self->inner->ops->fd(self->inner);
}

static short tls_want(const ouro__stream *stream, short events)
{
	const struct tls_stream *self = (const struct tls_stream *)stream;

	return self->wants_write ? (short)(events | POLLOUT) : events;
}

static void tls_stream_free(ouro__stream *stream)
{
	struct tls_stream *self = (struct tls_stream *)stream;

	if (self->ssl) {
		if (!self->inner_failed && self->lib->SSL_is_init_finished(self->ssl))
			(void)self->lib->SSL_shutdown(self->ssl);
		self->lib->SSL_free(self->ssl);
		self->crypto->ERR_clear_error();
	}
	ouro__stream_free(self->inner);
	free(self);
}

static const struct ouro__stream_ops tls_ops = {
	.connect = tls_connect,
	.read = tls_read,
	.write = tls_write,
	.fd = tls_fd,
	.want = tls_want,
	.free = tls_stream_free,
};

ouro__stream *ouro__stream_tls_new(ouro__tls *tls, ouro__stream *inner, const char *host)
{
	struct tls_stream *self = inner ? ouro__alloc(1, sizeof(*self)) : NULL;

	if (!self) {
		ouro__stream_free(inner);
		return NULL;
	}
	self->base.ops = &tls_ops;
	self->crypto = tls->crypto;
	self->lib = tls->lib;
	self->tls = tls;
	self->inner = inner;
	self->inner_error = (ouro_error)OURO_ERROR_INIT;
	if (!ouro__str_copy(self->host, sizeof(self->host), host)) {
		tls_stream_free(&self->base);
		return NULL;
	}
	return &self->base;
}

int64_t ouro__stream_tls_until(const ouro__stream *stream)
{
	const struct tls_stream *self = (const struct tls_stream *)stream;
	const X509 *certificate = self->lib->SSL_get0_peer_certificate(self->ssl);
	struct tm end;

	if (!certificate ||
		self->crypto->ASN1_TIME_to_tm(
			self->crypto->X509_get0_notAfter(certificate), &end) != 1)
		return OURO_TIME_NEVER;
	return (int64_t)timegm(&end);
}
