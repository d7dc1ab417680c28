/* HTTP answers as they come in; see json_channel_answer.h. */
#include "rpc/json_channel_answer.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "rpc/calls.h"
#include "rpc/json.h"

static int fault(struct ouro__json_answer *answer, ouro_status status, const char *text)
{
	if (answer->fault == OURO_OK) {
		answer->fault = status;
		answer->fault_text = text;
	}
	return 1;
}

void ouro__json_answer_init(struct ouro__json_answer *answer, size_t max)
{
	*answer = (struct ouro__json_answer){.http_status = 0};
	answer->body = (ouro__buf)OURO__BUF_INIT(max);
}

void ouro__json_answer_done(struct ouro__json_answer *answer)
{
	size_t max = answer->body.max;

	ouro__buf_wipe(&answer->body);
	ouro__json_answer_init(answer, max);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const char *ouro__json_answer_field(
	const char *line, size_t size, const char *name, size_t *ret_size)
{
	size_t length = strlen(name);

	if (size <= length || line[length] != ':')
		return NULL;
	for (size_t i = 0; i < length; i++)
		if (lower(line[i]) != name[i])
			return NULL;
	line += length + 1;
	size -= length + 1;
	while (size && (*line == ' ' || *line == '\t')) {
		line++;
		size--;
	}
	while (size &&
		(line[size - 1] == '\r' || line[size - 1] == '\n' || line[size - 1] == ' ' ||
			line[size - 1] == '\t'))
		size--;
	*ret_size = size;
	return line;
}

/* Up to one of the stops; what does not fit is cut. */
static void copy_until(char *to, size_t room, const char *from, size_t size, const char *stops)
{
	size_t n = 0;

	while (n < size && n < room - 1 && !strchr(stops, from[n])) {
		to[n] = from[n];
		n++;
	}
	to[n] = '\0';
	ouro__str_one_line(to);
}

static int take_status(struct ouro__json_answer *answer, const char *line, size_t size)
{
	const char *at = memchr(line, ' ', size);
	size_t left = at ? size - (size_t)(at - line) : 0;

	answer->content_type[0] = '\0';
	answer->location[0] = '\0';
	answer->http_status = 0;
	answer->head_ended = 0;
	if (left < 4 || at[1] < '1' || at[1] > '9' || at[2] < '0' || at[2] > '9' || at[3] < '0' ||
		at[3] > '9')
		return fault(answer, OURO_ERR_PROTOCOL, "the status line is not HTTP");
	answer->http_status = (at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0');
	return 0;
}

int ouro__json_answer_line(struct ouro__json_answer *answer, const char *line, size_t size)
{
	const char *value;
	size_t length;

	answer->head_bytes += size;
	if (answer->head_bytes > OURO__JSON_HEAD_MAX || ++answer->fields > OURO__JSON_FIELDS_MAX)
		return fault(answer, OURO_ERR_PROTOCOL, "the head of the answer does not end");
	if (size > 5 && memcmp(line, "HTTP/", 5) == 0)
		return take_status(answer, line, size);
	/* Trailers may follow, behind the body. */
	answer->head_ended |= size && (line[0] == '\r' || line[0] == '\n');
	value = ouro__json_answer_field(line, size, "content-type", &length);
	if (value) {
		copy_until(
			answer->content_type, sizeof(answer->content_type), value, length, "; \t");
		for (char *p = answer->content_type; *p; p++)
			*p = lower(*p);
	}
	value = ouro__json_answer_field(line, size, "location", &length);
	if (value)
		copy_until(answer->location, sizeof(answer->location), value, length, "?#");
	value = ouro__json_answer_field(line, size, "content-encoding", &length);
	if (value && !(length == 8 && memcmp(value, "identity", 8) == 0))
		return fault(
			answer, OURO_ERR_PROTOCOL, "a compressed answer, which was not asked for");
	return 0;
}

/* Something came before any status line. */
static int sniff(struct ouro__json_answer *answer, const uint8_t *data, size_t size)
{
	static const uint8_t stream[4] = {0};

	if (size >= 9 && data[0] == 0 && data[3] == 4 && memcmp(data + 5, stream, 4) == 0)
		return fault(answer, OURO_ERR_PROTOCOL,
			"the port speaks gRPC, not HTTP: give Headscale's HTTP address (listen_addr), or choose gRPC");
	if (size >= 2 && (data[0] == 0x15 || data[0] == 0x16) && data[1] == 3)
		return fault(
			answer, OURO_ERR_PROTOCOL, "the port speaks TLS: do not set plaintext");
	return fault(answer, OURO_ERR_PROTOCOL, "what answers does not speak HTTP");
}

int ouro__json_answer_data(struct ouro__json_answer *answer, const void *data, size_t size)
{
	if (answer->fault != OURO_OK)
		return 1;
	if (!answer->http_status)
		return sniff(answer, data, size);
	if (size > answer->body.max - answer->body.size)
		return fault(answer, OURO_ERR_LIMIT, "the answer is larger than is taken");
	ouro__buf_append(&answer->body, data, size);
	return answer->body.broken ? fault(answer, OURO_ERR_NOMEM, "out of memory") : 0;
}

ouro_status ouro__json_answer_reply(const struct ouro__json_answer *answer,
	const struct ouro__method *method, ouro__band band, ouro__arena *arena, void **ret_reply,
	ouro_error *reterr)
{
	ouro_status rc = ouro__json_decode(method->reply, band, ouro__buf_str(&answer->body),
		answer->body.size, arena, ret_reply, reterr);

	return rc < 0 ? ouro__call_undecoded(
				method->name, (method->flags & OURO__METHOD_READ) != 0, rc, reterr)
		      : rc;
}

ouro_status ouro__json_answer_page(const struct ouro__json_answer *answer, int *ret_http_status,
	ouro__buf *ret_body, ouro_error *reterr)
{
	ouro__buf_clear(ret_body);
	ouro__buf_append(ret_body, ouro__buf_str(&answer->body), answer->body.size);
	if (ret_body->broken)
		return ouro__error_nomem(reterr);
	*ret_http_status = answer->http_status;
	return OURO_OK;
}
