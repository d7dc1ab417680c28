/* See http1.h. */
#include "rpc/http1.h"

#include <string.h>

#define FIRST_WORD "HTTP/"
#define FIRST_WORD_SIZE (sizeof(FIRST_WORD) - 1)
/* More than this of what is not HTTP tells nothing new. */
#define STRANGE_MAX ((size_t)64)
/* A piece's size in hexadecimal: far beyond what is taken, and no overflow. */
#define PIECE_DIGITS_MAX 12u
#define LENGTH_DIGITS_MAX 15u
/* A length that is taken at its word. */
#define BELIEVED_MAX ((uint64_t)256 * 1024)

void ouro__http1_init(struct ouro__http1 *reader)
{
	*reader = (struct ouro__http1){.at = OURO__HTTP1_FIRST};
	reader->line = (ouro__buf)OURO__BUF_INIT(OURO__JSON_HEAD_MAX);
}

void ouro__http1_done(struct ouro__http1 *reader)
{
	ouro__buf_wipe(&reader->line);
	ouro__http1_init(reader);
}

static enum ouro__http1_result garbled(struct ouro__http1 *reader, const char *why)
{
	reader->garbled = why;
	return OURO__HTTP1_GARBLED;
}

static enum ouro__http1_result refused(
	struct ouro__json_answer *answer, ouro_status status, const char *text)
{
	if (answer->fault == OURO_OK) {
		answer->fault = status;
		answer->fault_text = text;
	}
	return OURO__HTTP1_REFUSED;
}

/* ---- the head ---- */

static int has_word(const char *value, size_t size, const char *word)
{
	size_t length = strlen(word);

	if (size != length)
		return 0;
	for (size_t i = 0; i < size; i++)
		if ((value[i] | 0x20) != word[i])
			return 0;
	return 1;
}

/* Only digits; nothing else is a length, a sign or a list least of all. */
static int read_length(const char *value, size_t size, uint64_t *ret_length)
{
	uint64_t length = 0;

	if (!size || size > LENGTH_DIGITS_MAX)
		return 0;
	for (size_t i = 0; i < size; i++) {
		if (value[i] < '0' || value[i] > '9')
			return 0;
		length = length * 10 + (uint64_t)(value[i] - '0');
	}
	*ret_length = length;
	return 1;
}

static enum ouro__http1_result take_status_line(struct ouro__http1 *reader)
{
	const char *line = ouro__buf_str(&reader->line);

	if (reader->line.size < FIRST_WORD_SIZE + 4 || line[FIRST_WORD_SIZE] != '1' ||
		line[FIRST_WORD_SIZE + 1] != '.' || line[FIRST_WORD_SIZE + 3] != ' ')
		return garbled(reader, "a version of HTTP that was not asked for");
	/* 1.0 ends the connection. */
	reader->keeps = line[FIRST_WORD_SIZE + 2] != '0';
	reader->has_length = 0;
	reader->pieces = 0;
	return OURO__HTTP1_MORE;
}

static enum ouro__http1_result take_field(struct ouro__http1 *reader)
{
	const char *line = ouro__buf_str(&reader->line);
	size_t size = reader->line.size;
	size_t length;
	uint64_t count;
	const char *value = ouro__json_answer_field(line, size, "content-length", &length);

	if (value) {
		if (!read_length(value, length, &count) ||
			(reader->has_length && count != reader->left))
			return garbled(reader, "Content-Length is not a number");
		reader->has_length = 1;
		reader->left = count;
	}
	value = ouro__json_answer_field(line, size, "transfer-encoding", &length);
	if (value) {
		if (reader->pieces || !has_word(value, length, "chunked"))
			return garbled(reader, "a Transfer-Encoding that was not asked for");
		reader->pieces = 1;
	}
	value = ouro__json_answer_field(line, size, "connection", &length);
	if (value && !has_word(value, length, "keep-alive"))
		reader->keeps = 0;
	return OURO__HTTP1_MORE;
}

/* The empty line behind the fields: what comes next? */
static enum ouro__http1_result end_head(
	struct ouro__http1 *reader, struct ouro__json_answer *answer)
{
	int http = answer->http_status;

	if (http == 101)
		return garbled(reader, "it changes to another protocol, which was not asked for");
	if (http < 200) /* an answer before the answer */
		return OURO__HTTP1_MORE;
	/* Whoever says both means two different ends. */
	if (reader->pieces && reader->has_length)
		return garbled(reader, "Content-Length and Transfer-Encoding at once");
	if (http == 204 || http == 304)
		return OURO__HTTP1_DONE;
	if (reader->pieces) {
		reader->at = OURO__HTTP1_PIECE;
	} else if (!reader->has_length) {
		reader->at = OURO__HTTP1_TO_THE_END;
		reader->keeps = 0;
	} else if (reader->left > answer->body.max) {
		return refused(answer, OURO_ERR_LIMIT, "the answer is larger than is taken");
	} else {
		reader->at = OURO__HTTP1_COUNTED;
		/* At once what is likely true; what is longer has to come before it gets memory. */
		if (reader->left && reader->left <= BELIEVED_MAX)
			(void)ouro__buf_reserve(&answer->body, (size_t)reader->left);
		return reader->left ? OURO__HTTP1_MORE : OURO__HTTP1_DONE;
	}
	return OURO__HTTP1_MORE;
}

static int is_empty(const ouro__buf *line)
{
	const char *text = ouro__buf_str(line);

	return text[0] == '\n' || (text[0] == '\r' && text[1] == '\n');
}

static enum ouro__http1_result take_head_line(
	struct ouro__http1 *reader, struct ouro__json_answer *answer)
{
	const char *line = ouro__buf_str(&reader->line);
	enum ouro__http1_result result = OURO__HTTP1_MORE;

	if (memchr(line, '\0', reader->line.size))
		return garbled(reader, "a NUL in the head");
	if (ouro__json_answer_line(answer, line, reader->line.size))
		return OURO__HTTP1_REFUSED;
	if (reader->line.size > FIRST_WORD_SIZE && memcmp(line, FIRST_WORD, FIRST_WORD_SIZE) == 0)
		result = take_status_line(reader);
	else if (is_empty(&reader->line))
		result = end_head(reader, answer);
	else
		result = take_field(reader);
	return result;
}

/* ---- pieces ---- */

static enum ouro__http1_result take_piece_line(struct ouro__http1 *reader)
{
	static const char digits[] = "0123456789abcdef";
	const char *line = ouro__buf_str(&reader->line);
	uint64_t size = 0;
	size_t i = 0;

	for (const char *at; line[i] && (at = strchr(digits, line[i] | 0x20)) != NULL && *at; i++) {
		if (i >= PIECE_DIGITS_MAX)
			return garbled(reader, "a piece of the body that never ends");
		size = size << 4 | (uint64_t)(at - digits);
	}
	if (!i || !strchr(" \t;\r\n", line[i]))
		return garbled(reader, "a piece of the body without its size");
	reader->left = size;
	reader->at = size ? OURO__HTTP1_COUNTED : OURO__HTTP1_TRAILER;
	return OURO__HTTP1_MORE;
}

static enum ouro__http1_result take_line(
	struct ouro__http1 *reader, struct ouro__json_answer *answer)
{
	if (reader->at == OURO__HTTP1_HEAD)
		return take_head_line(reader, answer);
	if (reader->at == OURO__HTTP1_PIECE)
		return take_piece_line(reader);
	if (reader->at == OURO__HTTP1_PIECE_END) {
		reader->at = OURO__HTTP1_PIECE;
		return is_empty(&reader->line)
			? OURO__HTTP1_MORE
			: garbled(reader, "a piece of the body longer than its size");
	}
	/* A trailer: counted, not believed. */
	if (is_empty(&reader->line))
		return OURO__HTTP1_DONE;
	answer->head_bytes += reader->line.size;
	return answer->head_bytes <= OURO__JSON_HEAD_MAX
		? OURO__HTTP1_MORE
		: garbled(reader, "trailers that do not end");
}

/* Up to the end of the line, if it came. */
static enum ouro__http1_result feed_line(struct ouro__http1 *reader,
	struct ouro__json_answer *answer, const uint8_t *data, size_t size, size_t *ret_used)
{
	const uint8_t *end = memchr(data, '\n', size);
	enum ouro__http1_result result = OURO__HTTP1_MORE;

	*ret_used = end ? (size_t)(end - data) + 1 : size;
	ouro__buf_append(&reader->line, data, *ret_used);
	if (reader->line.broken & OURO__BUF_NOMEM)
		return refused(answer, OURO_ERR_NOMEM, "out of memory");
	if (reader->line.broken)
		return refused(answer, OURO_ERR_PROTOCOL, "the head of the answer does not end");
	if (end) {
		result = take_line(reader, answer);
		ouro__buf_clear(&reader->line);
	}
	return result;
}

/* ---- all together ---- */

/* Until it is clear whether this begins as an answer does. */
static enum ouro__http1_result feed_first(struct ouro__http1 *reader,
	struct ouro__json_answer *answer, const uint8_t *data, size_t size, size_t *ret_used)
{
	size_t room = STRANGE_MAX - reader->line.size;
	size_t had = reader->line.size;

	*ret_used = size < FIRST_WORD_SIZE - had ? size : FIRST_WORD_SIZE - had;
	if (memcmp(data, &FIRST_WORD[had], *ret_used) != 0)
		*ret_used = size < room ? size : room;
	ouro__buf_append(&reader->line, data, *ret_used);
	if (reader->line.broken)
		return refused(answer, OURO_ERR_NOMEM, "out of memory");
	if (memcmp(ouro__buf_str(&reader->line), FIRST_WORD,
		    reader->line.size < FIRST_WORD_SIZE ? reader->line.size : FIRST_WORD_SIZE) !=
		0) {
		(void)ouro__json_answer_data(answer, reader->line.data, reader->line.size);
		return OURO__HTTP1_REFUSED;
	}
	if (reader->line.size == FIRST_WORD_SIZE)
		reader->at = OURO__HTTP1_HEAD;
	return OURO__HTTP1_MORE;
}

static enum ouro__http1_result feed_body(struct ouro__http1 *reader,
	struct ouro__json_answer *answer, const uint8_t *data, size_t size, size_t *ret_used)
{
	int counted = reader->at == OURO__HTTP1_COUNTED;

	*ret_used = counted && reader->left < size ? (size_t)reader->left : size;
	if (ouro__json_answer_data(answer, data, *ret_used))
		return OURO__HTTP1_REFUSED;
	if (!counted)
		return OURO__HTTP1_MORE;
	reader->left -= *ret_used;
	if (reader->left)
		return OURO__HTTP1_MORE;
	if (!reader->pieces)
		return OURO__HTTP1_DONE;
	reader->at = OURO__HTTP1_PIECE_END;
	return OURO__HTTP1_MORE;
}

enum ouro__http1_result ouro__http1_feed(struct ouro__http1 *reader,
	struct ouro__json_answer *answer, const uint8_t *data, size_t size)
{
	enum ouro__http1_result result = OURO__HTTP1_MORE;

	while (size && result == OURO__HTTP1_MORE) {
		size_t used = 0;

		if (reader->at == OURO__HTTP1_FIRST)
			result = feed_first(reader, answer, data, size, &used);
		else if (reader->at == OURO__HTTP1_COUNTED || reader->at == OURO__HTTP1_TO_THE_END)
			result = feed_body(reader, answer, data, size, &used);
		else
			result = feed_line(reader, answer, data, size, &used);
		data += used;
		size -= used;
	}
	if (size)
		reader->keeps = 0;
	return result;
}

int ouro__http1_ends(const struct ouro__http1 *reader)
{
	return reader->at == OURO__HTTP1_TO_THE_END;
}
