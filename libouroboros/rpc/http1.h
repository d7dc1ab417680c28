/* Where one HTTP/1.1 answer ends: its head, and the three ways in which a body is bounded (RFC 9112). Pure: bytes are fed as they come,
 * and reach a json_channel_answer, which judges them. */
#ifndef OURO_RPC_HTTP1_H
#define OURO_RPC_HTTP1_H

#include "rpc/json_channel_answer.h"

enum ouro__http1_result {
	OURO__HTTP1_MORE,
	OURO__HTTP1_DONE,    /* a whole answer */
	OURO__HTTP1_GARBLED, /* not HTTP: reader->garbled says why */
	OURO__HTTP1_REFUSED  /* the rest is of no use: answer->fault says why */
};

enum ouro__http1_at {
	OURO__HTTP1_FIRST,      /* nothing came that could not begin "HTTP/" */
	OURO__HTTP1_HEAD,       /* in the status line or the fields */
	OURO__HTTP1_COUNTED,    /* in a body or piece of which `left` bytes are still to come */
	OURO__HTTP1_TO_THE_END, /* in a body that the connection's end ends */
	OURO__HTTP1_PIECE,      /* in the line that says a piece's size */
	OURO__HTTP1_PIECE_END,  /* in the line break behind a piece */
	OURO__HTTP1_TRAILER
};

struct ouro__http1 {
	enum ouro__http1_at at;
	ouro__buf line; /* what came of the present line */
	uint64_t left;
	int has_length;
	int pieces; /* Transfer-Encoding: chunked */
	int keeps;  /* when done: the connection stays, as far as the answer says */
	const char *garbled;
};

void ouro__http1_init(struct ouro__http1 *reader);
/* Free; ready for another answer. */
void ouro__http1_done(struct ouro__http1 *reader);
/* After another result than MORE nothing is fed any more. Bytes behind a whole answer are dropped, and the connection with them. */
enum ouro__http1_result ouro__http1_feed(struct ouro__http1 *reader,
	struct ouro__json_answer *answer, const uint8_t *data, size_t size);
/* The connection has ended. 1 = that completes the answer. */
int ouro__http1_ends(const struct ouro__http1 *reader);

#endif
