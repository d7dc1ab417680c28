/* A call as an HTTP request; see json_request.h. A path that could mean another object is never made: what stands in a segment is
 * checked before it is percent-encoded. */
#include "rpc/json_request.h"

#include <string.h>

#include "rpc/calls.h"
#include "rpc/json.h"

#define PLAIN_MAX ((size_t)64 * 1024)

static int is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == '_' || c == '~';
}

static void put_encoded(ouro__buf *buf, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (is_unreserved(text[i]))
			ouro__buf_byte(buf, (uint8_t)text[i]);
		else
			ouro__buf_format(buf, "%%%02X", (unsigned)(uint8_t)text[i]);
	}
}

static int in_band(const struct ouro__field *field, ouro__band band)
{
	return field->first <= band && band <= field->last;
}

/* The row for a name in the path; message->count = none. */
static size_t find(
	const struct ouro__message *message, ouro__band band, const char *name, size_t length)
{
	size_t i = 0;

	while (i < message->count &&
		(!in_band(&message->fields[i], band) || strlen(message->fields[i].json) != length ||
			memcmp(message->fields[i].json, name, length) != 0))
		i++;
	return i;
}

static int segment_ok(const char *text, size_t size)
{
	if (!size || memchr(text, '/', size))
		return 0;
	return !(text[0] == '.' && (size == 1 || (size == 2 && text[1] == '.')));
}

static ouro_status put_segment(
	ouro__buf *target, const struct ouro__field *field, const void *request, ouro_error *reterr)
{
	ouro__buf text = OURO__BUF_INIT(PLAIN_MAX);
	ouro_status rc = ouro__json_plain(field, request, &text, reterr);

	if (rc >= 0 && text.broken)
		rc = ouro__call_unfit(&text, field->json, reterr);
	else if (rc >= 0 && !segment_ok(ouro__buf_str(&text), text.size))
		rc = ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s cannot be sent over HTTP: it is empty, \".\" or \"..\", or holds a \"/\"",
			field->json);
	else if (rc >= 0)
		put_encoded(target, ouro__buf_str(&text), text.size);
	ouro__buf_wipe(&text);
	return rc;
}

static ouro_status put_path(const struct ouro__method *method, ouro__band band, const void *request,
	ouro__buf *target, ouro__json_rows *ret_used, ouro_error *reterr)
{
	const struct ouro__message *message = method->request;
	const char *at = method->path;

	while (*at) {
		const char *end = *at == '{' ? strchr(at, '}') : NULL;
		size_t row = 0;
		ouro_status rc;

		if (!end) {
			ouro__buf_byte(target, (uint8_t)*at++);
			continue;
		}
		row = find(message, band, at + 1, (size_t)(end - at - 1));
		if (row >= message->count || row >= 32)
			return ouro__error_set(reterr, OURO_ERR_INTERNAL,
				"%s: the path names a field that the request does not have",
				method->name);
		rc = put_segment(target, &message->fields[row], request, reterr);
		if (rc < 0)
			return rc;
		*ret_used |= (ouro__json_rows)1 << row;
		at = end + 1;
	}
	return OURO_OK;
}

static void put_pair(
	ouro__buf *target, const struct ouro__field *field, const char *text, int *first)
{
	ouro__buf_byte(target, *first ? '?' : '&');
	*first = 0;
	put_encoded(target, field->json, strlen(field->json));
	ouro__buf_byte(target, '=');
	put_encoded(target, text, strlen(text));
}

static ouro_status put_param(ouro__buf *target, const struct ouro__field *field,
	const void *request, int *first, ouro_error *reterr)
{
	ouro__buf text = OURO__BUF_INIT(PLAIN_MAX);
	ouro_status rc;

	rc = ouro__json_plain(field, request, &text, reterr);
	if (rc >= 0 && text.broken)
		rc = ouro__call_unfit(&text, field->json, reterr);
	else if (rc >= 0 && text.size)
		put_pair(target, field, ouro__buf_str(&text), first);
	ouro__buf_wipe(&text);
	return rc;
}

static ouro_status put_query(const struct ouro__method *method, ouro__band band,
	const void *request, ouro__json_rows used, ouro__buf *target, ouro_error *reterr)
{
	const struct ouro__message *message = method->request;
	ouro_status rc = OURO_OK;
	int first = 1;

	for (size_t i = 0; i < message->count && rc >= 0; i++)
		if (in_band(&message->fields[i], band) && !(i < 32 && (used >> i & 1)))
			rc = put_param(target, &message->fields[i], request, &first, reterr);
	return rc;
}

int ouro__json_has_body(const char *verb)
{
	return strcmp(verb, "POST") == 0 || strcmp(verb, "PUT") == 0;
}

ouro_status ouro__json_request(const struct ouro__method *method, ouro__band band,
	const void *request, ouro__buf *target, ouro__buf *body, ouro_error *reterr)
{
	ouro__json_rows used = 0;
	ouro_status rc;

	if (!method->verb || !method->path)
		return ouro__error_set(reterr, OURO_ERR_UNSUPPORTED,
			"%s: Headscale's HTTP API does not have it", method->name);
	rc = put_path(method, band, request, target, &used, reterr);
	if (rc >= 0 && (method->flags & OURO__METHOD_QUERY))
		rc = put_query(method, band, request, used, target, reterr);
	if (rc >= 0 && ouro__json_has_body(method->verb)) {
		if (method->flags & OURO__METHOD_BODY)
			rc = ouro__json_encode(method->request, band, request, used, body, reterr);
		else
			ouro__buf_text(body, "{}");
	}
	if (rc >= 0 && target->broken)
		rc = ouro__call_unfit(target, "the request's path", reterr);
	if (rc >= 0 && body->broken)
		rc = ouro__call_unfit(body, "the request", reterr);
	return rc;
}

static int public_path(const char *text)
{
	if (text[0] != '/')
		return 0;
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p > '~' || *p == '#' || *p == '\\')
			return 0;
	return 1;
}

static int prefix_ok(const char *text)
{
	while (*text == '/') {
		size_t size = strcspn(++text, "/");

		if (!segment_ok(text, size))
			return 0;
		for (size_t i = 0; i < size; i++)
			if (!is_unreserved(text[i]))
				return 0;
		text += size;
	}
	return !*text;
}

ouro_status ouro__json_prefix_check(const char *prefix, ouro_error *reterr)
{
	if (!prefix || prefix_ok(prefix))
		return OURO_OK;
	return ouro__error_set(reterr, OURO_ERR_INVALID,
		"\"%.100s\" is no path: write /name without a slash at the end", prefix);
}

ouro_status ouro__json_page_check(const char *path, ouro_error *reterr)
{
	if (public_path(path))
		return OURO_OK;
	return ouro__error_set(reterr, OURO_ERR_INVALID, "\"%.60s\" is no path of a page", path);
}
