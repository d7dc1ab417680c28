/* A small TLS server on loopback whose certificate is made here. One thread serves one connection: it reads once, answers, ends. */
#ifndef TEST_FAKE_TLS_H
#define TEST_FAKE_TLS_H

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <pthread.h>

enum fake_tls_alpn { FAKE_TLS_NO_ALPN, FAKE_TLS_AGREES, FAKE_TLS_OTHER, FAKE_TLS_REFUSES };

struct fake_tls {
	/* Set before the start. */
	enum fake_tls_alpn alpn;
	int silent; /* accept, then say nothing */
	const char *answer;
	int no_goodbye; /* end the connection without TLS's close */
	/* The server's. */
	char address[64]; /* "127.0.0.1:port" */
	int fd;
	SSL_CTX *context; /* NULL = plain text */
	pthread_t thread;
};

struct fake_tls_identity {
	EVP_PKEY *key;
	X509 *certificate;
	char file[64]; /* the certificate: what a client has to trust */
};

/* names: "DNS:example.org,IP:127.0.0.1" */
void fake_tls_identity(struct fake_tls_identity *identity, const char *names);
void fake_tls_forget(struct fake_tls_identity *identity);

/* identity NULL = plain text. */
void fake_tls_start(struct fake_tls *server, const struct fake_tls_identity *identity);
void fake_tls_stop(struct fake_tls *server);

#endif
