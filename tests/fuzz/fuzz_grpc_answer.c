/* Header fields and body pieces of a gRPC answer. The input is a list of records: a kind, a
 * length of one byte, that many bytes. Kind 0 = body, 1 = end of headers, 2 = end of trailers,
 * others = a field: "name", NUL, "value". */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/grpc_channel_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX ((size_t)4096)

static int feed(struct ouro__grpc_answer *answer, unsigned kind, const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t name = nul ? (size_t)(nul - data) : size;
	size_t skip = nul ? name + 1 : size;

	if (kind == 0)
		return ouro__grpc_answer_data(answer, data, size);
	if (kind == 1 || kind == 2)
		return ouro__grpc_answer_headers_done(answer, kind == 2, kind == 2);
	return ouro__grpc_answer_header(
		answer, (const char *)data, name, (const char *)data + skip, size - skip);
}

static void judge(const struct ouro__grpc_answer *answer, unsigned how)
{
	ouro_error cause = OURO_ERROR_INIT;
	ouro_error error = OURO_ERROR_INIT;
	struct ouro__h2_end end = {
		.unprocessed = (how & 1) != 0, .lost = (how & 2) != 0, .code = how & 4 ? 8 : 0};
	enum ouro__grpc_again again = OURO__GRPC_AGAIN_NEVER;

	(void)ouro__error_from(&cause, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE, "lost");
	end.error = end.lost ? &cause : NULL;
	if (ouro__grpc_answer_verdict(answer, &end, "ListNodes", (how & 8) != 0, &again, &error) ==
		OURO_OK) {
		if (answer->grpc_status != 0 || answer->body.size != answer->length)
			abort();
	} else if (!error.text[0]) {
		abort(); /* every failure says why */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ouro__grpc_answer answer;
	size_t at = 1;

	if (!size)
		return 0;
	ouro__grpc_answer_init(&answer, BODY_MAX);
	while (size - at >= 2) {
		size_t length = data[at + 1];

		if (length > size - at - 2)
			length = size - at - 2;
		if (feed(&answer, data[at] & 7, data + at + 2, length))
			break;
		at += 2 + length;
	}
	if (answer.body.size > BODY_MAX || answer.message.size > OURO__GRPC_MESSAGE_MAX)
		abort();
	judge(&answer, data[0]);
	ouro__grpc_answer_done(&answer);
	return 0;
}
