/* The client half of an HTTP/2 connection on a stream (nghttp2). It knows requests and answers, not
 * what they mean. Everything from one thread; callbacks come from within ouro__h2_io (and closed()
 * from cancel and free), never from submit. The connection never sends PINGs of its own (servers
 * count them as abuse), enforces limits on what the other side sends, and tells for each request
 * whether the server can have seen it. */
#ifndef OURO_NET_H2_H
#define OURO_NET_H2_H

#include "base/buf.h"
#include "net/stream.h"

/* All header fields of one answer together, counted as HTTP/2 does (name + value + 32). */
#define OURO__H2_HEADERS_MAX ((size_t)64 * 1024)

typedef struct ouro__h2 ouro__h2;

struct ouro__h2_field {
	const char *name;
	const char *value;
	int secret; /* never enters a compression table */
};

/* How a request ended. */
struct ouro__h2_end {
	int unprocessed;         /* 1: the server certainly did not act on it: repeat freely */
	int lost;                /* 1: the connection ended, see error */
	uint32_t code;           /* HTTP/2 error code of the stream, 0 = ended well */
	const ouro_error *error; /* why the connection ended; NULL unless lost */
};

/* request = what was given to submit. */
struct ouro__h2_sink {
	/* One header field. block: 0 for the first header block (informational ones are left out),
	 * 1 = trailers. Non-zero = give up. */
	int (*header)(void *request, int block, const char *name, size_t name_size,
		const char *value, size_t value_size);
	/* End of a header block; last = nothing follows. Non-zero = give up. */
	int (*headers_done)(void *request, int block, int last);
	/* Body bytes. Non-zero = give up (the stream is reset). */
	int (*data)(void *request, const uint8_t *data, size_t size);
	/* Exactly once a request, the last thing heard of it. */
	void (*closed)(void *request, const struct ouro__h2_end *end);
};

/* stream is taken (freed with the connection, also on failure) and must be connected. sink is
 * borrowed. */
ouro_status ouro__h2_new(ouro__stream *stream, const struct ouro__h2_sink *sink, ouro__h2 **ret_h2,
	ouro_error *reterr);
/* Close the stream; requests still open are reported as lost. NULL is allowed. */
void ouro__h2_free(ouro__h2 *h2);

/* fields are copied, body is borrowed until closed(). ret_id names it for cancel. */
ouro_status ouro__h2_submit(ouro__h2 *h2, const struct ouro__h2_field *fields, size_t count,
	const uint8_t *body, size_t size, void *user, int32_t *ret_id, ouro_error *reterr);
/* Reset a request; closed() comes at once or from a later ouro__h2_io. Unknown ids do nothing. */
void ouro__h2_cancel(ouro__h2 *h2, int32_t id);

/* Read and write what is possible now. OURO_OK, or why the connection is over (every request was
 * reported then; free it). */
ouro_status ouro__h2_io(ouro__h2 *h2, ouro_error *reterr);
/* 1 if ouro__h2_io has more to do at once, without polling. */
int ouro__h2_busy(const ouro__h2 *h2);
int ouro__h2_fd(const ouro__h2 *h2);
short ouro__h2_events(const ouro__h2 *h2);
/* 1 once the server has sent its SETTINGS: it does speak HTTP/2. */
int ouro__h2_settled(const ouro__h2 *h2);
/* 1 while new requests can be submitted (no GOAWAY, ids left). */
int ouro__h2_usable(const ouro__h2 *h2);
/* Requests not closed yet. */
size_t ouro__h2_open(const ouro__h2 *h2);

#endif
