/* Bytes of a connection to a server on a unix socket: read in two ways of cutting them up, with one result. The first byte says how long
 * the pieces are. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX ((size_t)4096)

struct world {
	struct ouro__http1 reader;
	struct ouro__json_answer answer;
	enum ouro__http1_result result;
};

static void check(int right)
{
	if (!right)
		abort();
}

static void run(struct world *w, const uint8_t *data, size_t size, size_t piece)
{
	w->result = OURO__HTTP1_MORE;
	ouro__json_answer_init(&w->answer, BODY_MAX);
	ouro__http1_init(&w->reader);
	for (size_t at = 0; at < size && w->result == OURO__HTTP1_MORE; at += piece)
		w->result = ouro__http1_feed(
			&w->reader, &w->answer, data + at, size - at < piece ? size - at : piece);
	check(w->answer.body.size <= BODY_MAX);
	check(w->result != OURO__HTTP1_DONE ||
		(w->answer.http_status >= 200 && w->answer.head_ended &&
			w->answer.fault == OURO_OK));
	check(w->result != OURO__HTTP1_GARBLED || w->reader.garbled);
	check(w->result != OURO__HTTP1_REFUSED || w->answer.fault != OURO_OK);
}

static void end(struct world *w)
{
	ouro__http1_done(&w->reader);
	ouro__json_answer_done(&w->answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world whole;
	struct world cut;

	if (!size)
		return 0;
	run(&whole, data + 1, size - 1, size);
	run(&cut, data + 1, size - 1, (size_t)data[0] % 19 + 1);
	/* What is no HTTP is told apart by as much of it as there is. */
	if (whole.answer.http_status || whole.result != OURO__HTTP1_REFUSED) {
		check(cut.result == whole.result);
		check(cut.answer.http_status == whole.answer.http_status);
		check(ouro__http1_ends(&cut.reader) == ouro__http1_ends(&whole.reader));
		check(whole.result == OURO__HTTP1_REFUSED ||
			(cut.answer.body.size == whole.answer.body.size &&
				memcmp(ouro__buf_str(&cut.answer.body),
					ouro__buf_str(&whole.answer.body),
					whole.answer.body.size) == 0));
	}
	end(&whole);
	end(&cut);
	return 0;
}
