/* Writing JSON from the tables; see json.h. Straight into the buffer: what is written is short. */
#include "base/str.h"
#include "rpc/calls.h"
#include "rpc/json.h"
#include "rpc/json_time.h"

#include <string.h>

static ouro_status put_text(
	ouro__buf *buf, const struct ouro__field *field, const char *text, ouro_error *reterr)
{
	if (!ouro__str_utf8(text, strlen(text)))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "%s is not valid UTF-8", field->json);
	ouro__str_json(buf, text);
	return OURO_OK;
}

static ouro_status put_texts(ouro__buf *buf, const struct ouro__field *field,
	const struct ouro__texts *texts, ouro_error *reterr)
{
	ouro_status rc = OURO_OK;

	ouro__buf_byte(buf, '[');
	for (size_t i = 0; i < texts->count && rc == OURO_OK; i++) {
		if (i)
			ouro__buf_byte(buf, ',');
		rc = put_text(buf, field, texts->items[i] ? texts->items[i] : "", reterr);
	}
	ouro__buf_byte(buf, ']');
	return rc;
}

/* The name of an enum's value, NULL = none. */
static const char *enum_name(const struct ouro__field *field, int32_t value)
{
	for (size_t i = 0; field->sub && value >= 0 && i < field->sub->count; i++)
		if (field->sub->fields[i].number == (uint32_t)value)
			return field->sub->fields[i].json;
	return NULL;
}

/* 1 if the field holds nothing that would be written. */
static int is_empty(const struct ouro__field *field, const void *at)
{
	switch ((enum ouro__field_kind)field->kind) {
	case OURO__FIELD_U64:
	case OURO__FIELD_U64_TEXT: return *(const uint64_t *)at == 0;
	case OURO__FIELD_BOOL:
	case OURO__FIELD_ENUM: return *(const int32_t *)at == 0;
	case OURO__FIELD_TEXT: {
		const char *text = *(const char *const *)at;

		return !text || !*text;
	}
	case OURO__FIELD_TIME: return *(const int64_t *)at == OURO_TIME_NEVER;
	case OURO__FIELD_MESSAGE: return *(const void *const *)at == NULL;
	case OURO__FIELD_TEXTS:
	case OURO__FIELD_MESSAGES: break;
	}
	return 0;
}

ouro_status ouro__json_plain(
	const struct ouro__field *field, const void *object, ouro__buf *buf, ouro_error *reterr)
{
	const void *at = (const char *)object + field->offset;

	if (is_empty(field, at))
		return OURO_OK;
	switch ((enum ouro__field_kind)field->kind) {
	case OURO__FIELD_U64:
	case OURO__FIELD_U64_TEXT:
		ouro__buf_format(buf, "%llu", (unsigned long long)*(const uint64_t *)at);
		return OURO_OK;
	case OURO__FIELD_BOOL: ouro__buf_text(buf, "true"); return OURO_OK;
	case OURO__FIELD_ENUM: {
		const char *name = enum_name(field, *(const int32_t *)at);

		if (name)
			ouro__buf_text(buf, name);
		else
			ouro__buf_format(buf, "%d", (int)*(const int32_t *)at);
		return OURO_OK;
	}
	case OURO__FIELD_TEXT: {
		const char *text = *(const char *const *)at;

		if (!ouro__str_utf8(text, strlen(text)))
			return ouro__error_set(
				reterr, OURO_ERR_INVALID, "%s is not valid UTF-8", field->json);
		ouro__buf_text(buf, text);
		return OURO_OK;
	}
	case OURO__FIELD_TIME:
		if (ouro__json_time_put(buf, *(const int64_t *)at))
			return OURO_OK;
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%s is not a time between year 1 and 9999", field->json);
	case OURO__FIELD_TEXTS:
	case OURO__FIELD_MESSAGE:
	case OURO__FIELD_MESSAGES: break;
	}
	return ouro__error_set(
		reterr, OURO_ERR_INVALID, "%s has no form as a plain text", field->json);
}

static ouro_status put_object(const struct ouro__message *message, ouro__band band,
	const void *object, ouro__json_rows leave_out, ouro__buf *buf, ouro_error *reterr);

static ouro_status put_subs(ouro__buf *buf, const struct ouro__field *field, ouro__band band,
	const struct ouro__messages *messages, ouro_error *reterr)
{
	ouro_status rc = OURO_OK;

	ouro__buf_byte(buf, '[');
	for (size_t i = 0; i < messages->count && rc == OURO_OK; i++) {
		if (i)
			ouro__buf_byte(buf, ',');
		rc = put_object(field->sub, band, messages->items[i], 0, buf, reterr);
	}
	ouro__buf_byte(buf, ']');
	return rc;
}

static ouro_status put_value(ouro__buf *buf, const struct ouro__field *field, ouro__band band,
	const void *object, ouro_error *reterr)
{
	const void *at = (const char *)object + field->offset;
	ouro_status rc;

	switch ((enum ouro__field_kind)field->kind) {
	case OURO__FIELD_BOOL: ouro__buf_text(buf, "true"); return OURO_OK;
	case OURO__FIELD_TEXT: return put_text(buf, field, *(const char *const *)at, reterr);
	case OURO__FIELD_TEXTS: return put_texts(buf, field, at, reterr);
	case OURO__FIELD_MESSAGES: return put_subs(buf, field, band, at, reterr);
	case OURO__FIELD_MESSAGE:
		return put_object(field->sub, band, *(const void *const *)at, 0, buf, reterr);
	case OURO__FIELD_ENUM:
		if (!enum_name(field, *(const int32_t *)at))
			return ouro__json_plain(field, object, buf, reterr);
		break;
	case OURO__FIELD_U64:
	case OURO__FIELD_U64_TEXT:
	case OURO__FIELD_TIME: break;
	}
	ouro__buf_byte(buf, '"');
	rc = ouro__json_plain(field, object, buf, reterr);
	ouro__buf_byte(buf, '"');
	return rc;
}

static ouro_status put_object(const struct ouro__message *message, ouro__band band,
	const void *object, ouro__json_rows leave_out, ouro__buf *buf, ouro_error *reterr)
{
	ouro_status rc = OURO_OK;
	int first = 1;

	ouro__buf_byte(buf, '{');
	for (size_t i = 0; i < message->count && rc == OURO_OK; i++) {
		const struct ouro__field *field = &message->fields[i];

		if (band < field->first || band > field->last ||
			is_empty(field, (const char *)object + field->offset) ||
			(i < 32 && (leave_out >> i & 1)))
			continue;
		if (!first)
			ouro__buf_byte(buf, ',');
		first = 0;
		ouro__str_json(buf, field->json);
		ouro__buf_byte(buf, ':');
		rc = put_value(buf, field, band, object, reterr);
	}
	ouro__buf_byte(buf, '}');
	return rc;
}

ouro_status ouro__json_encode(const struct ouro__message *message, ouro__band band,
	const void *object, ouro__json_rows leave_out, ouro__buf *buf, ouro_error *reterr)
{
	ouro_status rc = put_object(message, band, object, leave_out, buf, reterr);

	return rc >= 0 && buf->broken ? ouro__call_unfit(buf, "the request", reterr) : rc;
}
