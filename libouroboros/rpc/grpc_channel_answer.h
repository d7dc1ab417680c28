/* One gRPC answer as it comes in: header fields, the length-prefixed message, trailers; and what
 * they amount to. Pure. */
#ifndef OURO_RPC_GRPC_CHANNEL_ANSWER_H
#define OURO_RPC_GRPC_CHANNEL_ANSWER_H

#include "base/buf.h"
#include "net/h2.h"

#define OURO__GRPC_MESSAGE_MAX ((size_t)4096)

struct ouro__grpc_answer {
	ouro__buf body;    /* the message */
	ouro__buf message; /* grpc-message, decoded */
	uint8_t prefix[5];
	size_t prefix_size;
	uint32_t length;
	int http_status;        /* 0 = none yet */
	int grpc_type;          /* content-type application/grpc… */
	int grpc_status;        /* -1 = none yet */
	int started;            /* a header block is complete */
	int complete;           /* the other side has ended with a header block */
	ouro_status fault;      /* OURO_OK, or what is wrong with the answer */
	const char *fault_text; /* static */
};

/* What to do after a call ended without success. */
enum ouro__grpc_again {
	OURO__GRPC_AGAIN_NEVER,
	OURO__GRPC_AGAIN_READ, /* a method that only reads may be tried again */
	OURO__GRPC_AGAIN_ANY   /* the server has not acted: any method */
};

void ouro__grpc_answer_init(struct ouro__grpc_answer *answer, size_t max);
/* Forget everything, wiping the message. */
void ouro__grpc_answer_done(struct ouro__grpc_answer *answer);
/* These return non-zero when the rest of the answer is of no use. */
int ouro__grpc_answer_header(struct ouro__grpc_answer *answer, const char *name, size_t name_size,
	const char *value, size_t value_size);
int ouro__grpc_answer_headers_done(struct ouro__grpc_answer *answer, int block, int last);
int ouro__grpc_answer_data(struct ouro__grpc_answer *answer, const uint8_t *data, size_t size);

/* OURO_OK (body holds the message) or the failure in words. method: for the text. reads: the method
 * only reads. */
ouro_status ouro__grpc_answer_verdict(const struct ouro__grpc_answer *answer,
	const struct ouro__h2_end *end, const char *method, int reads,
	enum ouro__grpc_again *ret_again, ouro_error *reterr);

#endif
