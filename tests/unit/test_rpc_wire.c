/* The wire format over tables: what is tolerated, what is refused, what is bounded. */
#include "check.h"

#include <stdlib.h>

#include "rpc/wire.h"

struct inner {
	uint64_t id;
	const char *name;
};

struct outer {
	uint64_t number;
	uint64_t text_number;
	int32_t flag;
	int32_t choice;
	const char *text;
	struct ouro__texts texts;
	int64_t time;
	struct inner *one;
	struct ouro__messages many;
	uint64_t late;
};

static const struct ouro__field inner_fields[] = {
	{1, OURO__FIELD_U64, 1, 9, offsetof(struct inner, id), "id", NULL},
	{2, OURO__FIELD_TEXT, 1, 9, offsetof(struct inner, name), "name", NULL},
};
static const struct ouro__message inner_message = {"Inner", sizeof(struct inner), inner_fields, 2};

static const struct ouro__field outer_fields[] = {
	{1, OURO__FIELD_U64, 1, 9, offsetof(struct outer, number), "number", NULL},
	{2, OURO__FIELD_U64_TEXT, 1, 9, offsetof(struct outer, text_number), "textNumber", NULL},
	{3, OURO__FIELD_BOOL, 1, 9, offsetof(struct outer, flag), "flag", NULL},
	{4, OURO__FIELD_ENUM, 1, 9, offsetof(struct outer, choice), "choice", NULL},
	{5, OURO__FIELD_TEXT, 1, 9, offsetof(struct outer, text), "text", NULL},
	{6, OURO__FIELD_TEXTS, 1, 9, offsetof(struct outer, texts), "texts", NULL},
	{7, OURO__FIELD_TIME, 1, 9, offsetof(struct outer, time), "time", NULL},
	{8, OURO__FIELD_MESSAGE, 1, 9, offsetof(struct outer, one), "one", &inner_message},
	{9, OURO__FIELD_MESSAGES, 1, 9, offsetof(struct outer, many), "many", &inner_message},
	{100, OURO__FIELD_U64, 5, 9, offsetof(struct outer, late), "late", NULL},
};
static const struct ouro__message outer_message = {"Outer", sizeof(struct outer), outer_fields, 10};

struct loop {
	struct loop *next;
};
static const struct ouro__message loop_message;
static const struct ouro__field loop_fields[] = {
	{1, OURO__FIELD_MESSAGE, 1, 9, offsetof(struct loop, next), "next", &loop_message},
};
static const struct ouro__message loop_message = {"Loop", sizeof(struct loop), loop_fields, 1};

/* A message with lists, within another. */
struct nest {
	struct outer *one;
};
static const struct ouro__field nest_fields[] = {
	{1, OURO__FIELD_MESSAGE, 1, 9, offsetof(struct nest, one), "one", &outer_message},
};
static const struct ouro__message nest_message = {"Nest", sizeof(struct nest), nest_fields, 1};

static ouro__arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = ouro__arena_new((size_t)1 << 20);
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	ouro__arena_free(arena);
	return 0;
}

/* From a block of exactly that size. */
static ouro_status read_bytes(const char *bytes, size_t size, struct outer **ret_outer)
{
	uint8_t *exact = malloc(size ? size : 1);
	void *object = NULL;
	ouro_status rc;

	assert_non_null(exact);
	memcpy(exact, bytes, size);
	rc = ouro__wire_decode(&outer_message, 3, exact, size, arena, &object, NULL);
	free(exact);
	*ret_outer = object;
	return rc;
}

#define READ(literal, ret) read_bytes((literal), sizeof(literal) - 1, (ret))

static void assert_refused(const char *bytes, size_t size)
{
	struct outer *outer = NULL;

	assert_int_equal(read_bytes(bytes, size, &outer), OURO_ERR_PROTOCOL);
	assert_null(outer);
}

#define REFUSED(literal) assert_refused((literal), sizeof(literal) - 1)

static void test_rpc_wire__nothing_is_an_empty_message(void **state)
{
	struct outer *outer = NULL;

	(void)state;
	assert_int_equal(READ("", &outer), OURO_OK);
	assert_int_equal(outer->number, 0);
	assert_string_equal(outer->text, "");
	assert_int_equal(outer->time, OURO_TIME_NEVER);
	assert_null(outer->one);
	assert_int_equal(outer->many.count, 0);
}

static void test_rpc_wire__all_kinds_come_back(void **state)
{
	const char *texts[] = {"a", "", "ü"};
	struct inner inner = {7, "in"};
	struct inner none = {0, NULL};
	void *many[] = {&inner, &none};
	struct outer from = {UINT64_MAX, 12345678901234567890u, 1, -3, "hello", {texts, 3}, -5,
		&inner, {many, 2}, 0};
	ouro__buf buf = OURO__BUF_INIT(4096);
	void *object = NULL;
	struct outer *to;

	(void)state;
	assert_int_equal(ouro__wire_encode(&outer_message, 3, &from, &buf, NULL), OURO_OK);
	assert_int_equal(
		ouro__wire_decode(&outer_message, 3, buf.data, buf.size, arena, &object, NULL),
		OURO_OK);
	to = object;
	assert_true(to->number == UINT64_MAX);
	assert_true(to->text_number == 12345678901234567890u);
	assert_int_equal(to->flag, 1);
	assert_int_equal(to->choice, -3);
	assert_string_equal(to->text, "hello");
	assert_int_equal(to->texts.count, 3);
	assert_string_equal(to->texts.items[1], "");
	assert_string_equal(to->texts.items[2], "ü");
	assert_int_equal(to->time, -5);
	assert_int_equal(to->one->id, 7);
	assert_string_equal(to->one->name, "in");
	assert_int_equal(to->many.count, 2);
	assert_int_equal(((struct inner *)to->many.items[1])->id, 0);
	assert_string_equal(((struct inner *)to->many.items[1])->name, "");
	ouro__buf_done(&buf);
}

static void test_rpc_wire__known_bytes(void **state)
{
	struct outer from = {.number = 300, .text_number = 7, .text = "x", .time = 0};
	ouro__buf buf = OURO__BUF_INIT(64);

	(void)state;
	assert_int_equal(ouro__wire_encode(&outer_message, 3, &from, &buf, NULL), OURO_OK);
	assert_int_equal(buf.size, 3 + 3 + 3 + 2);
	assert_memory_equal(buf.data, "\x08\xac\x02\x12\x01\x37\x2a\x01\x78\x3a\x00", 11);
	ouro__buf_done(&buf);
}

static void test_rpc_wire__fields_outside_the_band_stay_home(void **state)
{
	struct outer from = {.time = OURO_TIME_NEVER, .late = 9};
	ouro__buf buf = OURO__BUF_INIT(64);
	void *object = NULL;

	(void)state;
	assert_int_equal(ouro__wire_encode(&outer_message, 4, &from, &buf, NULL), OURO_OK);
	assert_int_equal(buf.size, 0);
	assert_int_equal(ouro__wire_encode(&outer_message, 5, &from, &buf, NULL), OURO_OK);
	assert_int_equal(buf.size, 3);
	assert_int_equal(
		ouro__wire_decode(&outer_message, 4, buf.data, buf.size, arena, &object, NULL),
		OURO_OK);
	assert_int_equal(((struct outer *)object)->late, 0);
	assert_int_equal(
		ouro__wire_decode(&outer_message, 5, buf.data, buf.size, arena, &object, NULL),
		OURO_OK);
	assert_int_equal(((struct outer *)object)->late, 9);
	ouro__buf_done(&buf);
}

static void test_rpc_wire__unknown_and_mistyped_fields_are_skipped(void **state)
{
	struct outer *outer = NULL;

	(void)state;
	/* 50: varint, 64 bit, bytes, group with a nested group, 32 bit; then number = 5 */
	assert_int_equal(READ("\x90\x03\x01\x91\x03"
			      "12345678\x92\x03\x02hi\x93\x03\x0b\x08\x01\x0c\x94\x03\x95\x03"
			      "1234\x08\x05",
				 &outer),
		OURO_OK);
	assert_int_equal(outer->number, 5);
	/* number as bytes, text as varint, flag as 32 bit, many as 64 bit */
	assert_int_equal(READ("\x0a\x01x\x28\x01\x1d"
			      "1234\x49"
			      "12345678",
				 &outer),
		OURO_OK);
	assert_int_equal(outer->number, 0);
	assert_string_equal(outer->text, "");
	assert_int_equal(outer->many.count, 0);
}

static void test_rpc_wire__last_value_wins_and_messages_merge(void **state)
{
	struct outer *outer = NULL;

	(void)state;
	assert_int_equal(
		READ("\x08\x01\x08\x02\x42\x02\x08\x07\x42\x03\x12\x01n", &outer), OURO_OK);
	assert_int_equal(outer->number, 2);
	assert_int_equal(outer->one->id, 7);
	assert_string_equal(outer->one->name, "n");
}

static void test_rpc_wire__broken_frames_are_refused(void **state)
{
	(void)state;
	REFUSED("\x08");                                             /* value missing */
	REFUSED("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");     /* more than 64 bits */
	REFUSED("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"); /* too long a varint */
	REFUSED("\x2a\x05"
		"abc"); /* text cut */
	REFUSED("\x2a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
		"abc");          /* length beyond everything */
	REFUSED("\x00\x01");     /* field 0 */
	REFUSED("\x0e\x01");     /* wire type 6 */
	REFUSED("\x0f\x01");     /* wire type 7 */
	REFUSED("\x0b\x08\x01"); /* group that never ends */
	REFUSED("\x0b\x14");     /* ended by another */
	REFUSED("\x0b\x0d\x01"); /* group with a field that is cut */
	REFUSED("\x0c");         /* end without a group */
	REFUSED("\x2a");         /* length missing */
	REFUSED("\x2a\x80");     /* length cut */
	REFUSED("\x0d"
		"123"); /* 32 bits cut */
	REFUSED("\x09"
		"1234567");                      /* 64 bits cut */
	REFUSED("\x80\x80\x80\x80\x80\x01\x01"); /* field number beyond 32 bits */
	REFUSED("\x42\x02\x08");                 /* message cut */
	REFUSED("\x42\x01\x08");                 /* message that ends inside a field */
	REFUSED("\x3a\x01\x08");                 /* the same in a time */
}

static void test_rpc_wire__texts_are_utf8_without_nul(void **state)
{
	(void)state;
	REFUSED("\x2a\x02\xc3\x28");
	REFUSED("\x2a\x03"
		"a\0b");
	REFUSED("\x32\x01\xff");
	REFUSED("\x42\x03\x12\x01\x80");
}

static void test_rpc_wire__numbers_in_text_are_canonical(void **state)
{
	struct outer *outer = NULL;

	(void)state;
	assert_int_equal(READ("\x12\x00", &outer), OURO_OK);
	assert_int_equal(outer->text_number, 0);
	REFUSED("\x12\x02"
		"07");
	REFUSED("\x12\x02"
		"-1");
	REFUSED("\x12\x14"
		"18446744073709551616");
}

static void test_rpc_wire__times(void **state)
{
	struct outer *outer = NULL;

	(void)state;
	assert_int_equal(READ("\x3a\x00", &outer), OURO_OK);
	assert_int_equal(outer->time, 0); /* 1970 is a time */
	assert_int_equal(READ("\x3a\x02\x08\x7b", &outer), OURO_OK);
	assert_int_equal(outer->time, 123);
	assert_int_equal(
		READ("\x3a\x0b\x08\x80\x92\xb8\xc3\x98\xfe\xff\xff\xff\x01", &outer), OURO_OK);
	assert_int_equal(outer->time, OURO_TIME_NEVER); /* year 1 */
	assert_int_equal(
		READ("\x3a\x0b\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", &outer), OURO_OK);
	assert_int_equal(outer->time, OURO_TIME_NEVER); /* before all time */
	assert_int_equal(READ("\x3a\x0a\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f", &outer), OURO_OK);
	assert_int_equal(outer->time, OURO_TIME_NEVER); /* beyond year 9999 */
	/* Nanoseconds, and a first field that is no number, are nothing to us. */
	assert_int_equal(READ("\x3a\x07\x08\x7b\x10\x05\x0a\x01\x09", &outer), OURO_OK);
	assert_int_equal(outer->time, 123);
}

static void test_rpc_wire__depth_is_bounded(void **state)
{
	uint8_t deep[4096];
	uint8_t groups[OURO__WIRE_DEPTH_MAX * 2 + 2];
	size_t at = sizeof(deep);
	void *object = NULL;

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		size_t size = sizeof(deep) - at;

		deep[--at] = (uint8_t)size;
		deep[--at] = 0x0a;
		assert_true(size < 128);
		assert_int_equal(ouro__wire_decode(&loop_message, 3, deep + at, sizeof(deep) - at,
					 arena, &object, NULL),
			i + 1 < OURO__WIRE_DEPTH_MAX ? OURO_OK : OURO_ERR_PROTOCOL);
	}
	for (size_t i = 0; i < sizeof(groups); i++)
		groups[i] = i < sizeof(groups) / 2 ? 0x0b : 0x0c;
	assert_int_equal(
		ouro__wire_decode(&outer_message, 3, groups, sizeof(groups), arena, &object, NULL),
		OURO_ERR_PROTOCOL);
	assert_int_equal(ouro__wire_decode(&outer_message, 3, groups + 2, sizeof(groups) - 4, arena,
				 &object, NULL),
		OURO_OK);
}

/* Merging appends to lists, of texts and of messages. */
static void test_rpc_wire__merged_lists_go_on(void **state)
{
	static const uint8_t twice[] = "\x0a\x09\x32\x01"
				       "a\x4a\x04\x08\x01\x12\x00"
				       "\x0a\x0a\x32\x01"
				       "b\x32\x01"
				       "c\x4a\x02\x08\x02";
	void *object = NULL;
	const struct outer *outer;

	(void)state;
	assert_int_equal(
		ouro__wire_decode(&nest_message, 3, twice, sizeof(twice) - 1, arena, &object, NULL),
		OURO_OK);
	outer = ((const struct nest *)object)->one;
	assert_int_equal(outer->texts.count, 3);
	assert_string_equal(outer->texts.items[0], "a");
	assert_string_equal(outer->texts.items[1], "b");
	assert_string_equal(outer->texts.items[2], "c");
	assert_int_equal(outer->many.count, 2);
	assert_int_equal(((const struct inner *)outer->many.items[0])->id, 1);
	assert_int_equal(((const struct inner *)outer->many.items[1])->id, 2);
}

/* A kind beyond the last is neither written nor read. */
static void test_rpc_wire__a_kind_that_nobody_knows(void **state)
{
	static const struct ouro__field row = {1, 99, 1, 9, 0, "odd", NULL};
	static const struct ouro__message odd_table = {"Odd", sizeof(struct inner), &row, 1};
	const struct inner from = {7, NULL};
	ouro__buf buf = OURO__BUF_INIT(64);
	void *object = NULL;

	(void)state;
	assert_int_equal(ouro__wire_encode(&odd_table, 3, &from, &buf, NULL), OURO_OK);
	assert_int_equal(buf.size, 0);
	assert_int_equal(ouro__wire_decode(&odd_table, 3, (const uint8_t *)"\x0a\x01x", 3, arena,
				 &object, NULL),
		OURO_OK);
	assert_int_equal(((const struct inner *)object)->id, 0);
	ouro__buf_done(&buf);
}

/* A table that is too long for an index: every row of it is found, and only those of the band. */
static void test_rpc_wire__long_tables(void **state)
{
	enum { ROWS = 300 };
	static struct ouro__field rows[ROWS];
	static uint64_t values[ROWS];
	const struct ouro__message table = {"Long", sizeof(values), rows, ROWS};
	ouro__buf buf = OURO__BUF_INIT(4096);
	void *object = NULL;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		rows[i] = (struct ouro__field){(uint32_t)i + 1, OURO__FIELD_U64, i % 7 ? 1 : 5, 9,
			i * sizeof(uint64_t), "number", NULL};
		values[i] = i + 1;
	}
	assert_int_equal(ouro__wire_encode(&table, 5, values, &buf, NULL), OURO_OK);
	assert_int_equal(
		ouro__wire_decode(&table, 3, buf.data, buf.size, arena, &object, NULL), OURO_OK);
	for (size_t i = 0; i < ROWS; i++)
		assert_int_equal(((const uint64_t *)object)[i], i % 7 ? i + 1 : 0);
	ouro__buf_done(&buf);
}

struct link {
	struct link *next;
	uint64_t value;
};

/* More types of messages in one answer than are looked at beforehand. */
static void test_rpc_wire__many_types_of_messages(void **state)
{
	enum { TYPES = 12 };
	static struct ouro__field rows[TYPES][2];
	static struct ouro__message types[TYPES];
	static struct link links[TYPES];
	ouro__buf buf = OURO__BUF_INIT(4096);
	void *object = NULL;
	const struct link *link;

	(void)state;
	for (size_t i = 0; i < TYPES; i++) {
		const struct ouro__message *sub = i + 1 < TYPES ? &types[i + 1] : NULL;

		rows[i][0] = (struct ouro__field){
			1, OURO__FIELD_U64, 1, 9, offsetof(struct link, value), "value", NULL};
		rows[i][1] = (struct ouro__field){
			2, OURO__FIELD_MESSAGE, 1, 9, offsetof(struct link, next), "next", sub};
		types[i] =
			(struct ouro__message){"Link", sizeof(struct link), rows[i], sub ? 2 : 1};
		links[i] = (struct link){sub ? &links[i + 1] : NULL, i + 1};
	}
	assert_int_equal(ouro__wire_encode(&types[0], 3, &links[0], &buf, NULL), OURO_OK);
	assert_int_equal(
		ouro__wire_decode(&types[0], 3, buf.data, buf.size, arena, &object, NULL), OURO_OK);
	link = object;
	for (size_t i = 0; i < TYPES; i++, link = link->next)
		assert_int_equal(link->value, i + 1);
	assert_null(link);
	ouro__buf_done(&buf);
}

/* Lists of any length come back, whatever steps they grow in; and stop where the arena does. */
static void test_rpc_wire__lists_grow(void **state)
{
	(void)state;
	for (size_t count = 0; count < 70; count++) {
		uint8_t bytes[140];
		struct outer *outer = NULL;

		for (size_t i = 0; i < count; i++) {
			bytes[2 * i] = 0x32;
			bytes[2 * i + 1] = 0;
		}
		assert_int_equal(read_bytes((const char *)bytes, 2 * count, &outer), OURO_OK);
		assert_int_equal(outer->texts.count, count);
		for (size_t i = 0; i < count; i++)
			assert_string_equal(outer->texts.items[i], "");
	}
}

/* Two bytes on the wire each, a struct or a place in a list each in memory: the arena says stop, wherever that is. */
static void bounded(uint8_t tag, size_t room)
{
	ouro__arena *small = ouro__arena_new(room);
	size_t size = 20000;
	uint8_t *bytes = malloc(size);
	void *object = NULL;

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = i % 2 ? 0x00 : tag;
	assert_int_equal(ouro__wire_decode(&outer_message, 3, bytes, size, small, &object, NULL),
		OURO_ERR_NOMEM);
	assert_null(object);
	assert_true(ouro__arena_used(small) <= room);
	ouro__arena_free(small);
	free(bytes);
}

static void test_rpc_wire__memory_is_bounded(void **state)
{
	(void)state;
	bounded(0x4a, 65536);
	bounded(0x32, 65536);
	for (size_t room = 0; room < 600; room += 8) {
		bounded(0x4a, room);
		bounded(0x32, room);
	}
}

static void test_rpc_wire__writing_is_bounded_and_checked(void **state)
{
	const char *texts[] = {NULL, "\xff"};
	struct inner inner = {0, "\xff"};
	void *many[] = {&inner, NULL};
	struct outer from = {.text = "0123456789", .time = OURO_TIME_NEVER};
	ouro__buf buf = OURO__BUF_INIT(8);

	(void)state;
	assert_int_equal(ouro__wire_encode(&outer_message, 3, &from, &buf, NULL), OURO_ERR_LIMIT);
	ouro__buf_done(&buf);
	from.text = "\xc3";
	assert_int_equal(ouro__wire_encode(&outer_message, 3, &from, &buf, NULL), OURO_ERR_INVALID);
	ouro__buf_done(&buf);
	from.text = NULL;
	from.texts.items = texts;
	from.texts.count = 2;
	assert_int_equal(ouro__wire_encode(&outer_message, 3, &from, &buf, NULL), OURO_ERR_INVALID);
	ouro__buf_done(&buf);
	/* The first that is wrong is the last that is looked at: the message behind it is none. */
	texts[0] = "\xff";
	texts[1] = "0123456789";
	assert_int_equal(ouro__wire_encode(&outer_message, 3, &from, &buf, NULL), OURO_ERR_INVALID);
	assert_int_equal(buf.size, 0);
	ouro__buf_done(&buf);
	from.texts.count = 0;
	from.many = (struct ouro__messages){many, 2};
	from.text = "";
	assert_int_equal(ouro__wire_encode(&outer_message, 3, &from, &buf, NULL), OURO_ERR_INVALID);
	assert_int_equal(buf.size, 0);
	ouro__buf_done(&buf);
	/* A message within another has the same bound. */
	inner.name = "0123456789";
	from.many.count = 1;
	assert_int_equal(ouro__wire_encode(&outer_message, 3, &from, &buf, NULL), OURO_ERR_LIMIT);
	ouro__buf_done(&buf);
}

static void test_rpc_wire__times_are_written_in_full(void **state)
{
	static const int64_t times[] = {0, 1, 127, 128, 1700000000, -1, -62135596799};
	void *object = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct outer from = {.time = times[i], .text = "behind"};
		ouro__buf buf = OURO__BUF_INIT(64);

		assert_int_equal(ouro__wire_encode(&outer_message, 3, &from, &buf, NULL), OURO_OK);
		assert_int_equal(ouro__wire_decode(&outer_message, 3, buf.data, buf.size, arena,
					 &object, NULL),
			OURO_OK);
		assert_true(((const struct outer *)object)->time == times[i]);
		assert_string_equal(((const struct outer *)object)->text, "behind");
		ouro__buf_done(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__nothing_is_an_empty_message, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__all_kinds_come_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rpc_wire__known_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__fields_outside_the_band_stay_home, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__unknown_and_mistyped_fields_are_skipped, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__last_value_wins_and_messages_merge, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__broken_frames_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__texts_are_utf8_without_nul, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__numbers_in_text_are_canonical, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rpc_wire__times, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rpc_wire__depth_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rpc_wire__merged_lists_go_on, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__a_kind_that_nobody_knows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rpc_wire__long_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__many_types_of_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rpc_wire__lists_grow, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__times_are_written_in_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rpc_wire__memory_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_rpc_wire__writing_is_bounded_and_checked, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
