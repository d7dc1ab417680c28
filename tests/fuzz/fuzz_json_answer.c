/* Head lines and body pieces of an HTTP answer, and what they amount to. The input is a byte of circumstances and then a list of
 * records: a kind, a length of one byte, that many bytes. Even kinds = body, odd = a line of the head. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "rpc/json_channel_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX ((size_t)4096)

static void check(int right)
{
	if (!right)
		abort();
}

static void judge(const struct ouro__json_answer *answer, unsigned how)
{
	struct ouro__json_end end = {(enum ouro__json_how)(how & 3), (how & 4) != 0,
		"the connection was lost", "127.0.0.1:1"};
	enum ouro__json_again again = OURO__JSON_AGAIN_NEVER;
	ouro_error error = OURO_ERROR_INIT;
	int reads = (how & 8) != 0;
	ouro_status rc;

	if (end.how == OURO__JSON_COMPLETE)
		end.sent = 1;
	rc = ouro__json_answer_verdict(answer, &end, "ListNodes", reads, &again, &error);
	check(rc != OURO_OK || (end.how == OURO__JSON_COMPLETE && answer->http_status == 200));
	/* Every failure says why, in one line of UTF-8, and a write that broke off is not done. */
	check(rc == OURO_OK || (error.text[0] && ouro__str_utf8(error.text, strlen(error.text))));
	check(rc == OURO_OK || reads || !end.sent || end.how == OURO__JSON_COMPLETE ||
		rc == OURO_ERR_UNCERTAIN);
	check(rc != OURO_ERR_UNCERTAIN || !reads);
	error = (ouro_error)OURO_ERROR_INIT;
	rc = ouro__json_answer_public(answer, &end, "/version", &again, &error);
	check(rc == OURO_OK || error.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ouro__json_answer answer;
	size_t at = 1;

	if (!size)
		return 0;
	ouro__json_answer_init(&answer, BODY_MAX);
	while (size - at >= 2) {
		size_t length = data[at + 1];
		int enough;

		if (length > size - at - 2)
			length = size - at - 2;
		enough = data[at] & 1
			? ouro__json_answer_line(&answer, (const char *)data + at + 2, length)
			: ouro__json_answer_data(&answer, data + at + 2, length);
		if (enough)
			break;
		at += 2 + length;
	}
	if (answer.body.size > BODY_MAX)
		abort();
	judge(&answer, data[0]);
	ouro__json_answer_done(&answer);
	return 0;
}
