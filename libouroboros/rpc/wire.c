/* Protobuf reader and writer over the tables; see wire.h. The reader goes over a message twice: once to count what its lists
 * hold, once to fill them, so that nothing is allocated twice in the arena. */
#include "rpc/wire.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* More fields than any table has. */
#define FIELDS_MAX 32

/* Timestamps of protobuf go from year 1 to year 9999. Year 1 itself is how Go writes "not set". */
#define SECONDS_YEAR_1 INT64_C(-62135596800)
#define SECONDS_LAST INT64_C(253402300799)

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_I64 = 1,
	WIRE_LEN = 2,
	WIRE_START = 3,
	WIRE_END = 4,
	WIRE_I32 = 5
};

/* ---- writing ---- */

static void put_varint(ouro__buf *buf, uint64_t value)
{
	while (value >= 0x80) {
		ouro__buf_byte(buf, (uint8_t)(value | 0x80));
		value >>= 7;
	}
	ouro__buf_byte(buf, (uint8_t)value);
}

static void put_tag(ouro__buf *buf, uint32_t number, enum wire_type type)
{
	put_varint(buf, ((uint64_t)number << 3) | (uint64_t)type);
}

static void put_bytes(ouro__buf *buf, uint32_t number, const void *data, size_t size)
{
	put_tag(buf, number, WIRE_LEN);
	put_varint(buf, size);
	ouro__buf_append(buf, data, size);
}

static ouro_status put_text(
	ouro__buf *buf, const struct ouro__field *field, const char *text, ouro_error *reterr)
{
	size_t length = strlen(text);

	if (!ouro__str_utf8(text, length))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "%s is not valid UTF-8", field->json);
	put_bytes(buf, field->number, text, length);
	return OURO_OK;
}

static ouro_status put_texts(ouro__buf *buf, const struct ouro__field *field,
	const struct ouro__texts *texts, ouro_error *reterr)
{
	ouro_status rc = OURO_OK;

	for (size_t i = 0; i < texts->count && rc == OURO_OK; i++)
		rc = put_text(buf, field, texts->items[i] ? texts->items[i] : "", reterr);
	return rc;
}

static size_t varint_size(uint64_t value)
{
	size_t size = 1;

	while (value >= 0x80) {
		size++;
		value >>= 7;
	}
	return size;
}

static void put_time(ouro__buf *buf, const struct ouro__field *field, int64_t seconds)
{
	const uint64_t value = (uint64_t)seconds;

	if (seconds == OURO_TIME_NEVER)
		return;
	put_tag(buf, field->number, WIRE_LEN);
	put_varint(buf, value ? 1 + varint_size(value) : 0);
	if (value) {
		put_tag(buf, 1, WIRE_VARINT);
		put_varint(buf, value);
	}
}

static ouro_status put_message(const struct ouro__message *message, ouro__band band,
	const void *object, ouro__buf *buf, ouro_error *reterr);

static ouro_status put_sub(ouro__buf *buf, const struct ouro__field *field, ouro__band band,
	const void *object, ouro_error *reterr)
{
	ouro__buf inner = OURO__BUF_INIT(buf->max);
	ouro_status rc = put_message(field->sub, band, object, &inner, reterr);

	buf->broken |= inner.broken;
	if (rc == OURO_OK)
		put_bytes(buf, field->number, ouro__buf_str(&inner), inner.size);
	ouro__buf_wipe(&inner);
	return rc;
}

static ouro_status put_subs(ouro__buf *buf, const struct ouro__field *field, ouro__band band,
	const struct ouro__messages *messages, ouro_error *reterr)
{
	ouro_status rc = OURO_OK;

	for (size_t i = 0; i < messages->count && rc == OURO_OK; i++)
		rc = put_sub(buf, field, band, messages->items[i], reterr);
	return rc;
}

static void put_number(ouro__buf *buf, const struct ouro__field *field, uint64_t value)
{
	if (!value)
		return;
	put_tag(buf, field->number, WIRE_VARINT);
	put_varint(buf, value);
}

static void put_number_text(ouro__buf *buf, const struct ouro__field *field, uint64_t value)
{
	char text[24];

	if (!value)
		return;
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put_bytes(buf, field->number, text, strlen(text));
}

static ouro_status put_field(ouro__buf *buf, const struct ouro__field *field, ouro__band band,
	const void *at, ouro_error *reterr)
{
	switch ((enum ouro__field_kind)field->kind) {
	case OURO__FIELD_U64: put_number(buf, field, *(const uint64_t *)at); break;
	case OURO__FIELD_U64_TEXT: put_number_text(buf, field, *(const uint64_t *)at); break;
	case OURO__FIELD_BOOL: put_number(buf, field, *(const int32_t *)at != 0); break;
	case OURO__FIELD_ENUM:
		put_number(buf, field, (uint64_t)(int64_t) * (const int32_t *)at);
		break;
	case OURO__FIELD_TEXT: {
		const char *text = *(const char *const *)at;

		return text && *text ? put_text(buf, field, text, reterr) : OURO_OK;
	}
	case OURO__FIELD_TEXTS: return put_texts(buf, field, at, reterr);
	case OURO__FIELD_TIME: put_time(buf, field, *(const int64_t *)at); break;
	case OURO__FIELD_MESSAGE: {
		const void *sub = *(const void *const *)at;

		return sub ? put_sub(buf, field, band, sub, reterr) : OURO_OK;
	}
	case OURO__FIELD_MESSAGES: return put_subs(buf, field, band, at, reterr);
	}
	return OURO_OK;
}

static int in_band(const struct ouro__field *field, ouro__band band)
{
	return field->first <= band && band <= field->last;
}

static ouro_status put_message(const struct ouro__message *message, ouro__band band,
	const void *object, ouro__buf *buf, ouro_error *reterr)
{
	ouro_status rc = OURO_OK;

	for (size_t i = 0; i < message->count && rc == OURO_OK; i++)
		if (in_band(&message->fields[i], band))
			rc = put_field(buf, &message->fields[i], band,
				(const char *)object + message->fields[i].offset, reterr);
	return rc;
}

ouro_status ouro__wire_encode(const struct ouro__message *message, ouro__band band,
	const void *object, ouro__buf *buf, ouro_error *reterr)
{
	ouro_status rc = put_message(message, band, object, buf, reterr);

	if (rc < 0 || !buf->broken)
		return rc;
	if (buf->broken & OURO__BUF_NOMEM)
		return ouro__error_nomem(reterr);
	return ouro__error_set(reterr, OURO_ERR_LIMIT, "the request does not fit into %zu bytes",
		buf->max);
}

/* ---- reading ---- */

struct reader {
	const uint8_t *at;
	const uint8_t *end;
};

struct scope {
	ouro__band band;
	ouro__arena *arena;
	ouro_error *reterr;
};

struct item {
	uint32_t number;
	enum wire_type type;
	uint64_t value;     /* WIRE_VARINT */
	struct reader body; /* WIRE_LEN */
};

static int get_varint(struct reader *reader, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned shift = 0;; shift += 7) {
		uint8_t byte;

		if (reader->at == reader->end)
			return 0;
		byte = *reader->at++;
		/* The tenth byte holds the last bit, and nothing follows it. */
		if (shift == 63 && byte > 1)
			return 0;
		value |= (uint64_t)(byte & 0x7F) << shift;
		if (byte < 0x80) {
			*ret_value = value;
			return 1;
		}
	}
}

static int get_skip(struct reader *reader, uint64_t size)
{
	if (size > (uint64_t)(reader->end - reader->at))
		return 0;
	reader->at += size;
	return 1;
}

static int get_tag(struct reader *reader, struct item *item)
{
	uint64_t tag;

	if (!get_varint(reader, &tag) || tag > UINT32_MAX || tag < 8)
		return 0;
	item->number = (uint32_t)(tag >> 3);
	switch (tag & 7) {
	case 0: item->type = WIRE_VARINT; return 1;
	case 1: item->type = WIRE_I64; return 1;
	case 2: item->type = WIRE_LEN; return 1;
	case 3: item->type = WIRE_START; return 1;
	case 4: item->type = WIRE_END; return 1;
	case 5: item->type = WIRE_I32; return 1;
	default: return 0;
	}
}

/* What follows a tag that begins no group; 0 also if it ends one that nobody began. */
static int get_body(struct reader *reader, struct item *item)
{
	uint64_t size;

	if (item->type == WIRE_VARINT)
		return get_varint(reader, &item->value);
	if (item->type == WIRE_I64)
		return get_skip(reader, 8);
	if (item->type == WIRE_I32)
		return get_skip(reader, 4);
	if (item->type != WIRE_LEN || !get_varint(reader, &size))
		return 0;
	item->body.at = reader->at;
	if (!get_skip(reader, size))
		return 0;
	item->body.end = reader->at;
	return 1;
}

/* To the end of the group that was just begun; groups are no part of our tables but legal. */
static int skip_group(struct reader *reader, uint32_t number, unsigned depth)
{
	uint32_t open[OURO__WIRE_DEPTH_MAX];
	size_t count = 0;
	struct item item;

	open[count++] = number;
	while (count) {
		if (!get_tag(reader, &item))
			return 0;
		if (item.type == WIRE_START) {
			if (count + depth >= OURO__WIRE_DEPTH_MAX)
				return 0;
			open[count++] = item.number;
		} else if (item.type == WIRE_END) {
			if (open[--count] != item.number)
				return 0;
		} else if (!get_body(reader, &item)) {
			return 0;
		}
	}
	return 1;
}

/* The next field of the message. */
static int get_item(struct reader *reader, unsigned depth, struct item *ret_item)
{
	memset(ret_item, 0, sizeof(*ret_item));
	if (!get_tag(reader, ret_item))
		return 0;
	if (ret_item->type == WIRE_START)
		return skip_group(reader, ret_item->number, depth);
	return get_body(reader, ret_item);
}

static int kind_is_number(uint8_t kind)
{
	return kind == OURO__FIELD_U64 || kind == OURO__FIELD_BOOL || kind == OURO__FIELD_ENUM;
}

/* The field that the item fills, its index in *ret_index; NULL = skip it. */
static const struct ouro__field *find_field(const struct ouro__message *message, ouro__band band,
	const struct item *item, size_t *ret_index)
{
	for (size_t i = 0; i < message->count; i++) {
		const struct ouro__field *field = &message->fields[i];

		if (field->number == item->number && in_band(field, band) &&
			item->type == (kind_is_number(field->kind) ? WIRE_VARINT : WIRE_LEN)) {
			*ret_index = i;
			return field;
		}
	}
	return NULL;
}

static ouro_status malformed(const struct scope *scope, const struct ouro__message *message)
{
	return ouro__error_set(scope->reterr, OURO_ERR_PROTOCOL,
		"the answer is not a well-formed %s message", message->name);
}

static ouro_status get_text(const struct scope *scope, const struct ouro__field *field,
	const struct item *item, const char **ret_text)
{
	size_t length = (size_t)(item->body.end - item->body.at);
	const char *bytes = (const char *)item->body.at;
	char *copy;

	if (!ouro__str_utf8(bytes, length))
		return ouro__error_set(scope->reterr, OURO_ERR_PROTOCOL,
			"the answer holds a text that is not valid UTF-8 or has a NUL in it (%s)",
			field->json);
	copy = ouro__arena_text(scope->arena, bytes, length);
	if (!copy)
		return ouro__error_nomem(scope->reterr);
	*ret_text = copy;
	return OURO_OK;
}

static ouro_status get_number_text(const struct scope *scope, const struct ouro__field *field,
	const struct item *item, uint64_t *ret_value)
{
	size_t length = (size_t)(item->body.end - item->body.at);

	*ret_value = 0;
	if (length && !ouro__str_u64((const char *)item->body.at, length, ret_value))
		return ouro__error_set(scope->reterr, OURO_ERR_PROTOCOL,
			"the answer holds a text for a number (%s)", field->json);
	return OURO_OK;
}

static int get_time(struct item *item, int64_t *ret_seconds)
{
	struct reader reader = item->body;
	int64_t seconds = 0;
	struct item part;

	while (reader.at < reader.end) {
		if (!get_item(&reader, 1, &part))
			return 0;
		if (part.number == 1 && part.type == WIRE_VARINT)
			seconds = (int64_t)part.value;
	}
	*ret_seconds =
		seconds <= SECONDS_YEAR_1 || seconds > SECONDS_LAST ? OURO_TIME_NEVER : seconds;
	return 1;
}

static ouro_status get_message(const struct scope *scope, const struct ouro__message *message,
	struct reader reader, unsigned depth, void *object);

static void *new_object(const struct scope *scope, const struct ouro__message *message)
{
	char *object = ouro__arena_alloc(scope->arena, message->size);

	for (size_t i = 0; object && i < message->count; i++) {
		const struct ouro__field *field = &message->fields[i];

		if (field->kind == OURO__FIELD_TIME)
			*(int64_t *)(void *)(object + field->offset) = OURO_TIME_NEVER;
		else if (field->kind == OURO__FIELD_TEXT)
			*(const char **)(void *)(object + field->offset) = "";
	}
	return object;
}

/* A message field that occurs again is merged into the first, as protobuf says. */
static ouro_status get_sub(const struct scope *scope, const struct ouro__field *field,
	const struct item *item, unsigned depth, void **object)
{
	if (depth + 1 >= OURO__WIRE_DEPTH_MAX)
		return malformed(scope, field->sub);
	if (!*object)
		*object = new_object(scope, field->sub);
	if (!*object)
		return ouro__error_nomem(scope->reterr);
	return get_message(scope, field->sub, item->body, depth + 1, *object);
}

static ouro_status get_field(const struct scope *scope, const struct ouro__message *message,
	const struct ouro__field *field, struct item *item, unsigned depth, void *at)
{
	switch ((enum ouro__field_kind)field->kind) {
	case OURO__FIELD_U64: *(uint64_t *)at = item->value; return OURO_OK;
	case OURO__FIELD_U64_TEXT: return get_number_text(scope, field, item, at);
	case OURO__FIELD_BOOL: *(int32_t *)at = item->value != 0; return OURO_OK;
	case OURO__FIELD_ENUM: *(int32_t *)at = (int32_t)(uint32_t)item->value; return OURO_OK;
	case OURO__FIELD_TEXT: return get_text(scope, field, item, at);
	case OURO__FIELD_TEXTS: {
		struct ouro__texts *texts = at;

		return get_text(scope, field, item, &texts->items[texts->count++]);
	}
	case OURO__FIELD_TIME: return get_time(item, at) ? OURO_OK : malformed(scope, message);
	case OURO__FIELD_MESSAGE: return get_sub(scope, field, item, depth, at);
	case OURO__FIELD_MESSAGES: {
		struct ouro__messages *messages = at;

		return get_sub(scope, field, item, depth, &messages->items[messages->count++]);
	}
	}
	return OURO_OK;
}

/* First pass: check the frame, count the members of each list. */
static int count_items(const struct scope *scope, const struct ouro__message *message,
	struct reader reader, unsigned depth, size_t counts[FIELDS_MAX])
{
	struct item item;
	size_t index = 0;

	while (reader.at < reader.end) {
		if (!get_item(&reader, depth, &item))
			return 0;
		if (find_field(message, scope->band, &item, &index))
			counts[index]++;
	}
	return 1;
}

/* Room for what is there (after a merge) and what comes. Both list types are {pointers, count}. */
static int make_lists(const struct scope *scope, const struct ouro__message *message,
	const size_t counts[FIELDS_MAX], char *object)
{
	for (size_t i = 0; i < message->count; i++) {
		const struct ouro__field *field = &message->fields[i];
		void *at = object + field->offset;

		if (!counts[i])
			continue;
		if (field->kind == OURO__FIELD_TEXTS) {
			struct ouro__texts *texts = at;
			const char **old = texts->items;

			texts->items = ouro__arena_alloc(
				scope->arena, (texts->count + counts[i]) * sizeof(*texts->items));
			if (!texts->items)
				return 0;
			if (texts->count)
				memcpy(texts->items, old, texts->count * sizeof(*old));
		} else if (field->kind == OURO__FIELD_MESSAGES) {
			struct ouro__messages *messages = at;
			void **old = messages->items;

			messages->items = ouro__arena_alloc(scope->arena,
				(messages->count + counts[i]) * sizeof(*messages->items));
			if (!messages->items)
				return 0;
			if (messages->count)
				memcpy(messages->items, old, messages->count * sizeof(*old));
		}
	}
	return 1;
}

static ouro_status get_message(const struct scope *scope, const struct ouro__message *message,
	struct reader reader, unsigned depth, void *object)
{
	size_t counts[FIELDS_MAX] = {0};
	ouro_status rc = OURO_OK;
	struct item item;
	size_t index = 0;

	if (message->count > FIELDS_MAX)
		return ouro__error_set(scope->reterr, OURO_ERR_INTERNAL,
			"the table of %s is too long", message->name);
	if (!count_items(scope, message, reader, depth, counts))
		return malformed(scope, message);
	if (!make_lists(scope, message, counts, object))
		return ouro__error_nomem(scope->reterr);
	while (rc == OURO_OK && reader.at < reader.end) {
		const struct ouro__field *field;

		/* Well-formed: it was counted. */
		(void)get_item(&reader, depth, &item);
		field = find_field(message, scope->band, &item, &index);
		if (field)
			rc = get_field(scope, message, field, &item, depth,
				(char *)object + field->offset);
	}
	return rc;
}

ouro_status ouro__wire_decode(const struct ouro__message *message, ouro__band band,
	const uint8_t *data, size_t size, ouro__arena *arena, void **ret_object, ouro_error *reterr)
{
	static const uint8_t nothing[1] = {0};
	struct scope scope = {band, arena, reterr};
	struct reader reader = {size ? data : nothing, size ? data + size : nothing};
	void *object = new_object(&scope, message);
	ouro_status rc;

	if (!object)
		return ouro__error_nomem(reterr);
	rc = get_message(&scope, message, reader, 0, object);
	if (rc == OURO_OK)
		*ret_object = object;
	return rc;
}
