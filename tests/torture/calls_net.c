/* HTTP/2, TLS, sockets and threads; see calls.h. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <nghttp2/nghttp2.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "calls.h"
#include "calls_loaded.h"

/* Once: a signal comes in between, and the next try goes well. From then on: it is broken. */
static int interrupted(void)
{
	errno = torture_mode_now() == TORTURE_ONCE ? EINTR : ECONNRESET;
	return -1;
}

static int without(int number)
{
	errno = number;
	return -1;
}

/* No memory, or a fault of another kind. */
static int engine_fault(void)
{
	return torture_mode_now() == TORTURE_ONCE ? NGHTTP2_ERR_NOMEM : NGHTTP2_ERR_INVALID_STATE;
}

/* HTTP/2 */
LOADED(nghttp2_session_callbacks_new, int, NGHTTP2_ERR_NOMEM, (nghttp2_session_callbacks * *made),
	(made))
LOADED(nghttp2_option_new, int, NGHTTP2_ERR_NOMEM, (nghttp2_option * *made), (made))
LOADED(nghttp2_session_client_new2, int, NGHTTP2_ERR_NOMEM,
	(nghttp2_session * *made, const nghttp2_session_callbacks *callbacks, void *user,
		const nghttp2_option *option),
	(made, callbacks, user, option))
LOADED(nghttp2_submit_settings, int, NGHTTP2_ERR_NOMEM,
	(nghttp2_session * session, uint8_t flags, const nghttp2_settings_entry *entries,
		size_t count),
	(session, flags, entries, count))
LOADED(nghttp2_session_set_local_window_size, int, NGHTTP2_ERR_NOMEM,
	(nghttp2_session * session, uint8_t flags, int32_t id, int32_t size),
	(session, flags, id, size))
LOADED(nghttp2_submit_request, int32_t, NGHTTP2_ERR_NOMEM,
	(nghttp2_session * session, const nghttp2_priority_spec *priority, const nghttp2_nv *fields,
		size_t count, const nghttp2_data_provider *body, void *user),
	(session, priority, fields, count, body, user))
LOADED(nghttp2_submit_rst_stream, int, NGHTTP2_ERR_NOMEM,
	(nghttp2_session * session, uint8_t flags, int32_t id, uint32_t code),
	(session, flags, id, code))
LOADED(nghttp2_session_mem_recv, ssize_t, engine_fault(),
	(nghttp2_session * session, const uint8_t *data, size_t size), (session, data, size))
LOADED(nghttp2_session_mem_send, ssize_t, engine_fault(),
	(nghttp2_session * session, const uint8_t **data), (session, data))

/* TLS */
LOADED(SSL_CTX_new, SSL_CTX *, NULL, (const SSL_METHOD *method), (method))
LOADED(SSL_CTX_set_default_verify_paths, int, 0, (SSL_CTX * context), (context))
LOADED(BIO_meth_new, BIO_METHOD *, NULL, (int type, const char *name), (type, name))
LOADED(BIO_new, BIO *, NULL, (const BIO_METHOD *method), (method))
LOADED(SSL_new, SSL *, NULL, (SSL_CTX * context), (context))
LOADED(SSL_set_alpn_protos, int, 1, (SSL * ssl, const unsigned char *names, unsigned size),
	(ssl, names, size))
LOADED(SSL_set1_host, int, 0, (SSL * ssl, const char *host), (ssl, host))

/* Sockets and threads */
CALL(eventfd, int, without(EMFILE), (unsigned value, int flags), (value, flags))
CALL(epoll_create1, int, without(EMFILE), (int flags), (flags))
CALL(epoll_ctl, int, without(ENOSPC), (int fd, int operation, int at, struct epoll_event *event),
	(fd, operation, at, event))
CALL(socket, int, without(EMFILE), (int family, int type, int protocol), (family, type, protocol))
CALL(getsockopt, int, without(ENOTSOCK),
	(int fd, int level, int name, void *value, socklen_t *size), (fd, level, name, value, size))
CALL(poll, int, interrupted(), (struct pollfd * fds, nfds_t count, int timeout),
	(fds, count, timeout))
CALL(recv, ssize_t, interrupted(), (int fd, void *to, size_t size, int flags),
	(fd, to, size, flags))
CALL(send, ssize_t, interrupted(), (int fd, const void *data, size_t size, int flags),
	(fd, data, size, flags))
CALL(pthread_attr_init, int, ENOMEM, (pthread_attr_t * attributes), (attributes))
CALL(pthread_create, int, EAGAIN,
	(pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *user),
	(thread, attributes, run, user))
