/* One HTTP answer as it comes in, and what it amounts to. Pure: the I/O thread feeds it. */
#ifndef OURO_RPC_JSON_CHANNEL_ANSWER_H
#define OURO_RPC_JSON_CHANNEL_ANSWER_H

#include "base/buf.h"
#include "base/error.h"
#include "rpc/channel.h"

/* Status lines and fields of an answer, those of 1xx answers before it included. */
#define OURO__JSON_HEAD_MAX ((size_t)64 * 1024)
#define OURO__JSON_FIELDS_MAX 128u

struct ouro__json_answer {
	ouro__buf body;
	int http_status;       /* of the last status line, 0 = none yet */
	char content_type[64]; /* lower case, without parameters; "" = none */
	char location[96];     /* of a redirect, without query, cut */
	int head_ended;        /* the empty line behind the fields came */
	size_t head_bytes;
	unsigned fields;
	ouro_status fault;      /* OURO_OK, or what is wrong with the answer */
	const char *fault_text; /* static */
};

/* How a transfer came to its end. */
enum ouro__json_how {
	OURO__JSON_COMPLETE, /* a whole answer */
	OURO__JSON_LOST,     /* broke off */
	OURO__JSON_LATE,     /* time was up */
	OURO__JSON_STARVED,  /* memory ran out on our side: that says nothing of the server */
	OURO__JSON_GARBLED   /* what came is not HTTP */
};

struct ouro__json_end {
	enum ouro__json_how how;
	int sent;          /* 0 = certainly no byte of the request has left */
	const char *text;  /* why, if not complete */
	const char *where; /* the server's address, for texts */
};

/* What to do after a call ended without success. */
enum ouro__json_again {
	OURO__JSON_AGAIN_NEVER,
	OURO__JSON_AGAIN_READ /* a method that only reads may be tried again */
};

void ouro__json_answer_init(struct ouro__json_answer *answer, size_t max);
/* Forget everything, wiping the body. */
void ouro__json_answer_done(struct ouro__json_answer *answer);
/* A status line, a field or the empty line at the end, with its line break. These return non-zero when the rest is of no use. */
int ouro__json_answer_line(struct ouro__json_answer *answer, const char *line, size_t size);
int ouro__json_answer_data(struct ouro__json_answer *answer, const void *data, size_t size);
/* The value of a line of the head, without spaces and line break around it, if it is the field of that name (lower case); else NULL. */
const char *ouro__json_answer_field(
	const char *line, size_t size, const char *name, size_t *ret_size);

/* OURO_OK (body holds the message) or the failure in words. method: for the text. reads: the method only reads. */
ouro_status ouro__json_answer_verdict(const struct ouro__json_answer *answer,
	const struct ouro__json_end *end, const char *method, int reads,
	enum ouro__json_again *ret_again, ouro_error *reterr);
/* The message in a whole answer, for `finish`. */
ouro_status ouro__json_answer_reply(const struct ouro__json_answer *answer,
	const struct ouro__method *method, ouro__band band, ouro__arena *arena, void **ret_reply,
	ouro_error *reterr);
/* A whole answer as it came, for `get`. */
ouro_status ouro__json_answer_page(const struct ouro__json_answer *answer, int *ret_http_status,
	ouro__buf *ret_body, ouro_error *reterr);
/* No byte has left: UNREACHABLE, for the reason in text. replaced: because another server answers there than was meant. */
ouro_status ouro__json_answer_unsent(
	const char *where, const char *method, int replaced, const char *text, ouro_error *reterr);
/* Somebody answered for a server that is not there. */
int ouro__json_answer_stands_in(const struct ouro__json_answer *answer);
/* The same for `get`, where every whole answer is a success. */
ouro_status ouro__json_answer_public(const struct ouro__json_answer *answer,
	const struct ouro__json_end *end, const char *path, enum ouro__json_again *ret_again,
	ouro_error *reterr);

#endif
