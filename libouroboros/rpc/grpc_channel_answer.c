/* gRPC answers; see grpc_channel_answer.h. Pure: the I/O thread feeds it. */
#include "rpc/grpc_channel_answer.h"

#include <string.h>

static int fault(struct ouro__grpc_answer *answer, ouro_status status, const char *text)
{
	if (answer->fault == OURO_OK) {
		answer->fault = status;
		answer->fault_text = text;
	}
	return 1;
}

void ouro__grpc_answer_init(struct ouro__grpc_answer *answer, size_t max)
{
	*answer = (struct ouro__grpc_answer){.grpc_status = -1};
	answer->body = (ouro__buf)OURO__BUF_INIT(max);
	answer->message = (ouro__buf)OURO__BUF_INIT(OURO__GRPC_MESSAGE_MAX);
}

void ouro__grpc_answer_done(struct ouro__grpc_answer *answer)
{
	size_t max = answer->body.max;

	ouro__buf_wipe(&answer->body);
	ouro__buf_wipe(&answer->message);
	ouro__grpc_answer_init(answer, max);
}

static int is(const char *text, size_t size, const char *word)
{
	return strlen(word) == size && memcmp(text, word, size) == 0;
}

static int begins(const char *text, size_t size, const char *word)
{
	return size >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

/* Codes are 0 to 16 in plain decimal; everything else is UNKNOWN. */
static int parse_status(const char *text, size_t size)
{
	int value;

	if (size == 1 && text[0] >= '0' && text[0] <= '9')
		return text[0] - '0';
	if (size == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '6') {
		value = 10 + (text[1] - '0');
		return value;
	}
	return 2;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Percent-decoding never fails: what is no escape stays as it is, what does not fit is cut. */
static void decode_message(ouro__buf *out, const char *text, size_t size)
{
	ouro__buf_clear(out);
	for (size_t i = 0; i < size && out->size < OURO__GRPC_MESSAGE_MAX; i++) {
		int high = text[i] == '%' && size - i > 2 ? hex(text[i + 1]) : -1;
		int low = high >= 0 ? hex(text[i + 2]) : -1;

		if (low >= 0) {
			ouro__buf_byte(out, (uint8_t)(high * 16 + low));
			i += 2;
		} else {
			ouro__buf_byte(out, (uint8_t)text[i]);
		}
	}
}

int ouro__grpc_answer_header(struct ouro__grpc_answer *answer, const char *name, size_t name_size,
	const char *value, size_t value_size)
{
	if (is(name, name_size, ":status")) {
		/* nghttp2 has checked that these are three digits. */
		if (value_size == 3)
			answer->http_status =
				(value[0] - '0') * 100 + (value[1] - '0') * 10 + (value[2] - '0');
	} else if (is(name, name_size, "content-type")) {
		answer->grpc_type = begins(value, value_size, "application/grpc") &&
			(value_size == 16 || value[16] == '+' || value[16] == ';');
	} else if (is(name, name_size, "grpc-status")) {
		int status = parse_status(value, value_size);

		if (answer->grpc_status >= 0 && answer->grpc_status != status)
			return fault(answer, OURO_ERR_PROTOCOL, "two different grpc-status fields");
		answer->grpc_status = status;
	} else if (is(name, name_size, "grpc-message")) {
		decode_message(&answer->message, value, value_size);
	}
	return 0;
}

int ouro__grpc_answer_headers_done(struct ouro__grpc_answer *answer, int block, int last)
{
	answer->started = 1;
	answer->complete = last;
	if (block > 0 && !last)
		return fault(answer, OURO_ERR_PROTOCOL,
			"a second header block in the middle of the answer");
	return 0;
}

static int take_prefix(struct ouro__grpc_answer *answer)
{
	const uint8_t *p = answer->prefix;

	answer->length = (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
	if (p[0] != 0)
		return fault(
			answer, OURO_ERR_PROTOCOL, "a compressed message, which was not asked for");
	if (answer->length > answer->body.max)
		return fault(answer, OURO_ERR_LIMIT, "the answer is larger than 64 MiB");
	return 0;
}

int ouro__grpc_answer_data(struct ouro__grpc_answer *answer, const uint8_t *data, size_t size)
{
	if (answer->fault != OURO_OK)
		return 1;
	/* The body of a web page or an error page: only the status counts. */
	if (!answer->grpc_type)
		return 0;
	while (size) {
		size_t left = sizeof(answer->prefix) - answer->prefix_size;

		if (left) {
			answer->prefix[answer->prefix_size++] = *data++;
			size--;
			if (left == 1 && take_prefix(answer))
				return 1;
			continue;
		}
		left = answer->length - answer->body.size;
		if (!left)
			return fault(answer, OURO_ERR_PROTOCOL, "more than one message");
		if (left > size)
			left = size;
		/* Grows as bytes come, never by the announced length. */
		ouro__buf_append(&answer->body, data, left);
		if (answer->body.broken)
			return fault(answer, OURO_ERR_NOMEM, "out of memory");
		data += left;
		size -= left;
	}
	return 0;
}
