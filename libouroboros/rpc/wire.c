/* Protobuf reader and writer over the tables; see wire.h. */
#include "rpc/wire.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "rpc/calls.h"

/* Timestamps of protobuf go from year 1 to year 9999. Year 1 itself is how Go writes "not set". */
#define SECONDS_YEAR_1 INT64_C(-62135596800)
#define SECONDS_LAST INT64_C(253402300799)

/* Fields with smaller numbers, and so many types of messages in an answer, are found by an index; others are searched for. */
#define NUMBERS 32
#define INDEXES 8

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

	return rc >= 0 && buf->broken ? ouro__call_unfit(buf, "the request", reterr) : rc;
}

/* ---- reading ---- */

struct bytes {
	const uint8_t *at;
	const uint8_t *end;
};

/* The rows of a message in this band, by the number of their field; 0 = none, 1 = the first. */
struct index {
	const struct ouro__message *message; /* NULL = not used */
	uint8_t rows[NUMBERS];
};

struct scope {
	ouro__band band;
	ouro__arena *arena;
	ouro_error *reterr;
	struct index *indexes; /* INDEXES of them */
};

struct item {
	uint32_t number;
	enum wire_type type;
	uint64_t value;    /* WIRE_VARINT */
	struct bytes body; /* WIRE_LEN */
};

/* The readers of pieces read at "at" and give the place behind; NULL = malformed. So both ends stay in registers. */

/* Seldom called, and kept out of the others, which get inlined. */
__attribute__((noinline)) static const uint8_t *get_long_varint(
	const uint8_t *at, const uint8_t *end, uint64_t *ret_value)
{
	const uint8_t *const last = end - at > 10 ? at + 10 : end;
	unsigned shift = 0;
	uint64_t value = 0;
	uint8_t byte;

	do {
		if (at == last)
			return NULL;
		byte = *at++;
		value |= (uint64_t)(byte & 0x7F) << shift;
		shift += 7;
	} while (byte >= 0x80);
	/* The tenth byte holds the last bit. */
	if (shift == 70 && byte > 1)
		return NULL;
	*ret_value = value;
	return at;
}

/* Most have one byte, many of the others two. */
static inline const uint8_t *get_varint(const uint8_t *at, const uint8_t *end, uint64_t *ret_value)
{
	if (at != end && at[0] < 0x80) {
		*ret_value = at[0];
		return at + 1;
	}
	if (end - at >= 2 && at[1] < 0x80) {
		*ret_value = (uint64_t)(at[0] & 0x7F) | (uint64_t)at[1] << 7;
		return at + 2;
	}
	return get_long_varint(at, end, ret_value);
}

static inline const uint8_t *get_tag(const uint8_t *at, const uint8_t *end, struct item *item)
{
	uint64_t tag;

	at = get_varint(at, end, &tag);
	if (!at || tag > UINT32_MAX || tag < 8)
		return NULL;
	item->number = (uint32_t)(tag >> 3);
	item->type = (enum wire_type)(tag & 7);
	item->value = 0;
	return at;
}

/* What follows a tag that begins no group; NULL also if it ends one that nobody began. */
static inline const uint8_t *get_body(const uint8_t *at, const uint8_t *end, struct item *item)
{
	uint64_t size;

	if (item->type == WIRE_LEN) {
		at = get_varint(at, end, &size);
		if (!at || size > (uint64_t)(end - at))
			return NULL;
		item->body.at = at;
		item->body.end = at + size;
		return at + size;
	}
	if (item->type == WIRE_VARINT)
		return get_varint(at, end, &item->value);
	size = item->type == WIRE_I64 ? 8 : 4;
	if ((item->type != WIRE_I64 && item->type != WIRE_I32) || size > (uint64_t)(end - at))
		return NULL;
	return at + size;
}

/* To the end of the group that was just begun; groups are no part of our tables but legal. */
__attribute__((noinline)) static const uint8_t *skip_group(
	const uint8_t *at, const uint8_t *end, uint32_t number, unsigned depth)
{
	uint32_t open[OURO__WIRE_DEPTH_MAX];
	size_t count = 0;
	struct item item = {0};

	open[count++] = number;
	while (count) {
		at = get_tag(at, end, &item);
		if (!at)
			return NULL;
		if (item.type == WIRE_START) {
			if (count + depth >= OURO__WIRE_DEPTH_MAX)
				return NULL;
			open[count++] = item.number;
		} else if (item.type == WIRE_END) {
			if (open[--count] != item.number)
				return NULL;
		} else {
			at = get_body(at, end, &item);
			if (!at)
				return NULL;
		}
	}
	return at;
}

/* The next field of the message. */
static inline const uint8_t *get_item(
	const uint8_t *at, const uint8_t *end, unsigned depth, struct item *ret_item)
{
	at = get_tag(at, end, ret_item);
	if (at && ret_item->type == WIRE_START)
		return skip_group(at, end, ret_item->number, depth);
	return at ? get_body(at, end, ret_item) : NULL;
}

/* What a field of the kind is on the wire. */
static enum wire_type type_of(uint8_t kind)
{
	static const uint8_t types[] = {
		[OURO__FIELD_U64] = WIRE_VARINT,
		[OURO__FIELD_U64_TEXT] = WIRE_LEN,
		[OURO__FIELD_BOOL] = WIRE_VARINT,
		[OURO__FIELD_ENUM] = WIRE_VARINT,
	};

	return kind < sizeof(types) ? (enum wire_type)types[kind] : WIRE_LEN;
}

/* Made when the message is first met in an answer; NULL = it has none. With it most rows are found without a search. */
static const struct index *index_of(const struct scope *scope, const struct ouro__message *message)
{
	struct index *index = scope->indexes;
	struct index *const end = index + INDEXES;

	while (index != end && index->message && index->message != message)
		index++;
	if (index == end || index->message)
		return index == end ? NULL : index;
	if (message->count > UINT8_MAX)
		return NULL;
	index->message = message;
	for (size_t i = message->count; i-- > 0;)
		if (message->fields[i].number < NUMBERS &&
			in_band(&message->fields[i], scope->band))
			index->rows[message->fields[i].number] = (uint8_t)(i + 1);
	return index;
}

/* The field that the item fills; NULL = skip it. */
static inline const struct ouro__field *find_field(const struct ouro__message *message,
	const struct index *index, ouro__band band, const struct item *item)
{
	const struct ouro__field *field = NULL;

	if (index && item->number < NUMBERS) {
		if (index->rows[item->number])
			field = &message->fields[index->rows[item->number] - 1];
	} else {
		for (size_t i = 0; i < message->count && !field; i++)
			if (message->fields[i].number == item->number &&
				in_band(&message->fields[i], band))
				field = &message->fields[i];
	}
	return field && item->type == type_of(field->kind) ? field : NULL;
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

/* The list with a place for one more; NULL = no memory. What it has room for is a power of two, and so follows from the count. */
static void *with_place(ouro__arena *arena, void *items, size_t count)
{
	void *larger;

	if (count == 1 || (count & (count - 1)))
		return items;
	larger = ouro__arena_alloc(arena, (count ? 2 * count : 2) * sizeof(void *));
	if (larger && count)
		memcpy(larger, items, count * sizeof(void *));
	return larger;
}

static ouro_status get_texts(const struct scope *scope, const struct ouro__field *field,
	const struct item *item, struct ouro__texts *texts)
{
	const char **items = with_place(scope->arena, texts->items, texts->count);

	if (!items)
		return ouro__error_nomem(scope->reterr);
	texts->items = items;
	return get_text(scope, field, item, &items[texts->count++]);
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

static int get_time(const struct item *item, int64_t *ret_seconds)
{
	const uint8_t *at = item->body.at;
	int64_t seconds = 0;
	struct item part;

	while (at != item->body.end) {
		at = get_item(at, item->body.end, 1, &part);
		if (!at)
			return 0;
		if (part.number == 1 && part.type == WIRE_VARINT)
			seconds = (int64_t)part.value;
	}
	*ret_seconds =
		seconds <= SECONDS_YEAR_1 || seconds > SECONDS_LAST ? OURO_TIME_NEVER : seconds;
	return 1;
}

static ouro_status get_message(const struct scope *scope, const struct ouro__message *message,
	struct bytes bytes, unsigned depth, void *object);

static void *new_object(const struct scope *scope, const struct ouro__message *message)
{
	char *object = ouro__arena_alloc(scope->arena, message->size);

	if (!object)
		return NULL;
	for (size_t i = 0; i < message->count; i++) {
		const struct ouro__field *field = &message->fields[i];

		if (field->kind == OURO__FIELD_TEXT)
			*(const char **)(void *)(object + field->offset) = "";
		else if (field->kind == OURO__FIELD_TIME)
			*(int64_t *)(void *)(object + field->offset) = OURO_TIME_NEVER;
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

static ouro_status get_subs(const struct scope *scope, const struct ouro__field *field,
	const struct item *item, unsigned depth, struct ouro__messages *messages)
{
	void **items = with_place(scope->arena, messages->items, messages->count);

	if (!items)
		return ouro__error_nomem(scope->reterr);
	messages->items = items;
	return get_sub(scope, field, item, depth, &items[messages->count++]);
}

static ouro_status get_field(const struct scope *scope, const struct ouro__message *message,
	const struct ouro__field *field, const struct item *item, unsigned depth, void *at)
{
	switch ((enum ouro__field_kind)field->kind) {
	case OURO__FIELD_U64: *(uint64_t *)at = item->value; return OURO_OK;
	case OURO__FIELD_U64_TEXT: return get_number_text(scope, field, item, at);
	case OURO__FIELD_BOOL: *(int32_t *)at = item->value != 0; return OURO_OK;
	case OURO__FIELD_ENUM: *(int32_t *)at = (int32_t)(uint32_t)item->value; return OURO_OK;
	case OURO__FIELD_TEXT: return get_text(scope, field, item, at);
	case OURO__FIELD_TEXTS: return get_texts(scope, field, item, at);
	case OURO__FIELD_TIME: return get_time(item, at) ? OURO_OK : malformed(scope, message);
	case OURO__FIELD_MESSAGE: return get_sub(scope, field, item, depth, at);
	case OURO__FIELD_MESSAGES: return get_subs(scope, field, item, depth, at);
	}
	return OURO_OK;
}

static ouro_status get_message(const struct scope *scope, const struct ouro__message *message,
	struct bytes bytes, unsigned depth, void *object)
{
	const struct index *const index = index_of(scope, message);
	ouro_status rc = OURO_OK;
	struct item item = {0};

	while (rc == OURO_OK && bytes.at != bytes.end) {
		const struct ouro__field *field;

		bytes.at = get_item(bytes.at, bytes.end, depth, &item);
		if (!bytes.at)
			return malformed(scope, message);
		field = find_field(message, index, scope->band, &item);
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
	struct index indexes[INDEXES] = {0};
	struct scope scope = {band, arena, reterr, indexes};
	struct bytes bytes = {size ? data : nothing, size ? data + size : nothing};
	void *object = new_object(&scope, message);
	ouro_status rc;

	if (!object)
		return ouro__error_nomem(reterr);
	rc = get_message(&scope, message, bytes, 0, object);
	if (rc == OURO_OK)
		*ret_object = object;
	return rc;
}
