/* A two-way byte stream that never blocks once it is connected. One owner, one thread at a time
 * (the memory stream's looking glass apart). Kinds: TCP, unix socket, TLS on top of another stream,
 * and memory for tests. */
#ifndef OURO_NET_STREAM_H
#define OURO_NET_STREAM_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "net/endpoint.h"

/* Results of read and write besides a count. */
#define OURO__STREAM_AGAIN ((ssize_t)-1)  /* nothing possible now: poll */
#define OURO__STREAM_FAILED ((ssize_t)-2) /* broken for good; the error record is filled */

typedef struct ouro__stream ouro__stream;

struct ouro__stream_ops {
	/* Connect once, with everything that belongs to it (name look-up, handshake). Waits at most
	 * until deadline, a point of ouro__clock_ms(), and not longer than stop_fd stays unreadable
	 * (-1 = none). */
	ouro_status (*connect)(
		ouro__stream *stream, int64_t deadline, int stop_fd, ouro_error *reterr);
	/* Bytes read (> 0), 0 = the other side has finished, or one of the results above. size > 0.
	 * */
	ssize_t (*read)(ouro__stream *stream, void *data, size_t size, ouro_error *reterr);
	/* Bytes taken (> 0), or one of the results above. size > 0. */
	ssize_t (*write)(ouro__stream *stream, const void *data, size_t size, ouro_error *reterr);
	/* To poll; -1 before connect. Stays the property of the stream. */
	int (*fd)(const ouro__stream *stream);
	/* What to poll for, given what the owner wants (POLLIN, POLLOUT): TLS may need the other
	 * direction. */
	short (*want)(const ouro__stream *stream, short events);
	/* Close and release. */
	void (*free)(ouro__stream *stream);
};

/* Implementations embed this first. */
struct ouro__stream {
	const struct ouro__stream_ops *ops;
};

/* NULL = out of memory. The endpoint is copied. */
ouro__stream *ouro__stream_tcp_new(const struct ouro__endpoint *endpoint);
ouro__stream *ouro__stream_unix_new(const char *path);

/* What TLS connections have in common; immutable, may be shared between threads. */
typedef struct ouro__tls ouro__tls;
/* ca_file: PEM file that replaces the system's authorities, NULL = the system's. alpn: the one
 * protocol to speak ("h2"); NULL = none is spoken of, for looking at a certificate. */
ouro_status ouro__tls_new(
	const char *ca_file, const char *alpn, ouro__tls **ret_tls, ouro_error *reterr);
void ouro__tls_free(ouro__tls *tls);
/* inner is taken, also on failure. host: name or address the certificate must be for. tls is
 * borrowed: it must outlive the stream. */
ouro__stream *ouro__stream_tls_new(ouro__tls *tls, ouro__stream *inner, const char *host);

/* When the certificate of a connected TLS stream ends: Unix seconds; OURO_TIME_NEVER = it does not say. */
int64_t ouro__stream_tls_until(const ouro__stream *stream);

void ouro__stream_free(ouro__stream *stream);

/* For stream kinds: wait for events on fd. OURO_OK, TIMEOUT, or UNREACHABLE when stopped. */
ouro_status ouro__stream_wait(
	int fd, short events, int64_t deadline, int stop_fd, ouro_error *reterr);
/* For stream kinds: an UNREACHABLE error of origin network with its errno. */
ouro_status ouro__stream_errno(ouro_error *reterr, int number, const char *what);

#endif
