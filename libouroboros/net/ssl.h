/* OpenSSL's libssl, loaded when TLS is first prepared. Never unloaded. Any thread. */
#ifndef OURO_NET_SSL_H
#define OURO_NET_SSL_H

#include <openssl/ssl.h>

#include "base/error.h"

/* Each as in openssl/ssl.h. */
#define OURO__SSL_FUNCTIONS(X)                                                                     \
	X(SSL_CTX_ctrl)                                                                            \
	X(SSL_CTX_free)                                                                            \
	X(SSL_CTX_load_verify_file)                                                                \
	X(SSL_CTX_new)                                                                             \
	X(SSL_CTX_set_default_verify_paths)                                                        \
	X(SSL_CTX_set_options)                                                                     \
	X(SSL_CTX_set_verify)                                                                      \
	X(SSL_ctrl)                                                                                \
	X(SSL_do_handshake)                                                                        \
	X(SSL_free)                                                                                \
	X(SSL_get0_alpn_selected)                                                                  \
	X(SSL_get0_param)                                                                          \
	X(SSL_get0_peer_certificate)                                                               \
	X(SSL_get_error)                                                                           \
	X(SSL_get_verify_result)                                                                   \
	X(SSL_is_init_finished)                                                                    \
	X(SSL_new)                                                                                 \
	X(SSL_read)                                                                                \
	X(SSL_set1_host)                                                                           \
	X(SSL_set_alpn_protos)                                                                     \
	X(SSL_set_bio)                                                                             \
	X(SSL_set_connect_state)                                                                   \
	X(SSL_set_hostflags)                                                                       \
	X(SSL_shutdown)                                                                            \
	X(SSL_write)                                                                               \
	X(TLS_client_method)

struct ouro__ssl {
#define OURO__SSL_MEMBER(name) __typeof__ (&(name))(name);
	OURO__SSL_FUNCTIONS(OURO__SSL_MEMBER)
#undef OURO__SSL_MEMBER
};

/* *ret_ssl is a constant. IO: it is not installed, or lacks something; the text says what. */
ouro_status ouro__ssl_get(const struct ouro__ssl **ret_ssl, ouro_error *reterr);

#endif
