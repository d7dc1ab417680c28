/* JSON over small tables: every kind of value right and wrong, lists that are cut out, bounds, and writing. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include <ouroboros/common.h>

#include "base/sys.h"
#include "rpc/json.h"
#include "rpc/json_text.h"

#define ARENA_MAX ((size_t)64 << 20)

struct inner {
	uint64_t id;
	const char *name;
};

struct outer {
	uint64_t number;
	uint64_t text_number;
	int32_t flag;
	int32_t method;
	const char *text;
	struct ouro__texts texts;
	int64_t time;
	struct inner *one;
	struct ouro__messages many;
	uint64_t late;
};

#define ROW(number, json, kind, member, sub)                                                       \
	{                                                                                          \
		(number), OURO__FIELD_##kind, 1, 9, offsetof(struct outer, member), (json), (sub)  \
	}

static const struct ouro__field inner_fields[] = {
	{1, OURO__FIELD_U64, 0, 255, offsetof(struct inner, id), "id", NULL},
	{2, OURO__FIELD_TEXT, 0, 255, offsetof(struct inner, name), "name", NULL},
};
static const struct ouro__message inner = {"Inner", sizeof(struct inner), inner_fields, 2};
static const struct ouro__field values[] = {
	{0, 0, 0, 0, 0, "NONE", NULL},
	{1, 0, 0, 0, 0, "FIRST", NULL},
	{7, 0, 0, 0, 0, "SEVENTH", NULL},
};
static const struct ouro__message methods = {"Method", 0, values, 3};
static const struct ouro__field outer_fields[] = {
	ROW(1, "number", U64, number, NULL),
	ROW(2, "textNumber", U64_TEXT, text_number, NULL),
	ROW(3, "flag", BOOL, flag, NULL),
	ROW(4, "method", ENUM, method, &methods),
	ROW(5, "text", TEXT, text, NULL),
	ROW(6, "texts", TEXTS, texts, NULL),
	ROW(7, "time", TIME, time, NULL),
	ROW(8, "one", MESSAGE, one, &inner),
	ROW(9, "many", MESSAGES, many, &inner),
	{10, OURO__FIELD_U64, 5, 9, offsetof(struct outer, late), "late", NULL},
};
static const struct ouro__message outer = {"Outer", sizeof(struct outer), outer_fields, 10};

static ouro_error error;

/* In a block of its own size, so that the sanitizer sees every read beyond it. NULL = refused. */
static struct outer *decode_sized(ouro__arena *arena, const char *text, size_t size)
{
	char *copy = malloc(size ? size : 1);
	void *object = NULL;
	ouro_status rc;

	memcpy(copy, text, size);
	error = (ouro_error)OURO_ERROR_INIT;
	rc = ouro__json_decode(&outer, 1, copy, size, arena, &object, &error);
	free(copy);
	assert_int_equal(rc < 0, object == NULL);
	assert_int_equal(rc, error.status);
	return object;
}

static struct outer *decode(ouro__arena *arena, const char *text)
{
	return decode_sized(arena, text, strlen(text));
}

static void refused(const char *text, ouro_status status, const char *words)
{
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);

	if (decode(arena, text))
		fail_msg("taken: %s", text);
	if (error.status != status || !strstr(error.text, words))
		fail_msg("%s: %d %s", text, (int)error.status, error.text);
	ouro__arena_free(arena);
}

static void test_rpc_json__everything(void **state)
{
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);
	struct outer *o = decode(arena,
		" {\"unknown\":[{\"a\":{}},7],\"many\":[ {\"id\":\"1\",\"name\":\"a\"} , {\"name\":\"\\u00e4\\\"\\\\\"}, "
		"{}],\n\"number\":\"18446744073709551615\",\"textNumber\":\"12\",\"flag\":true,\"method\":\"SEVENTH\","
		"\"text\":\"t\\/\\ud83d\\ude00\",\"texts\":[\"x\",\"\"],\"time\":\"2026-11-23T07:32:13.257181572Z\",\"one\":"
		"{\"id\":3,\"x\":null},\"late\":\"not ours\",\"more\":[{\"many\":1},{\"x\":[]}]} \n");

	(void)state;
	assert_non_null(o);
	assert_true(o->number == UINT64_MAX);
	assert_int_equal(o->text_number, 12);
	assert_int_equal(o->flag, 1);
	assert_int_equal(o->method, 7);
	assert_string_equal(o->text, "t/\xf0\x9f\x98\x80");
	assert_int_equal(o->texts.count, 2);
	assert_string_equal(o->texts.items[0], "x");
	assert_string_equal(o->texts.items[1], "");
	assert_int_equal(o->time, 1795419133);
	assert_int_equal(o->one->id, 3);
	assert_string_equal(o->one->name, "");
	assert_int_equal(o->many.count, 3);
	assert_int_equal(((struct inner *)o->many.items[0])->id, 1);
	assert_string_equal(((struct inner *)o->many.items[1])->name, "\xc3\xa4\"\\");
	assert_string_equal(((struct inner *)o->many.items[2])->name, "");
	assert_int_equal(o->late, 0);
	ouro__arena_free(arena);
}

static void check_absent(const char *text)
{
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);
	struct outer *o = decode(arena, text);

	assert_non_null(o);
	assert_int_equal(o->number | o->text_number | o->late, 0);
	assert_int_equal(o->flag | o->method, 0);
	assert_string_equal(o->text, "");
	assert_int_equal(o->texts.count | o->many.count, 0);
	assert_int_equal(o->time, OURO_TIME_NEVER);
	assert_null(o->one);
	ouro__arena_free(arena);
}

static void test_rpc_json__absent(void **state)
{
	(void)state;
	check_absent("{}");
	check_absent(
		"{\"number\":null,\"textNumber\":null,\"flag\":null,\"method\":null,\"text\":null,\"texts\":null,"
		"\"time\":null,\"one\":null,\"many\":null}");
	check_absent(
		"{\"number\":\"0\",\"textNumber\":\"\",\"flag\":false,\"method\":\"UNHEARD_OF\",\"text\":\"\","
		"\"texts\":[],\"time\":\"0001-01-01T00:00:00Z\",\"many\":[]}");
	check_absent("{\"time\":\"0001-01-01T00:53:28+00:53\",\"method\":99999999999}");
	check_absent("{\"method\":-99999999999}");
	check_absent("\t{\r\n}\t\r\n");
}

static void test_rpc_json__wrong_types(void **state)
{
	static const struct {
		const char *name;
		const char *words;
		const char *right; /* kinds of JSON that are taken: s n t a o (string number true
				      array object) */
	} rows[] = {
		{"number", "without sign", ""},
		{"textNumber", "without sign", ""},
		{"flag", "true or false", "t"},
		{"method", "a name", "sn"},
		{"text", "a text", "s"},
		{"texts", "a list", "a"},
		{"time", "a time", ""},
		{"one", "an object", "o"},
		{"many", "", "a"},
	};
	static const struct {
		char kind;
		const char *text;
	} wrong[] = {
		{'s', "\"x\""},
		{'f', "1.5"},
		{'n', "-1"},
		{'t', "true"},
		{'a', "[]"},
		{'b', "[1]"},
		{'b', "[null]"},
		{'b', "[[]]"},
		{'b', "[{},1]"},
		{'o', "{}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
			char text[128];

			if (strchr(rows[i].right, wrong[k].kind))
				continue;
			(void)snprintf(
				text, sizeof(text), "{\"%s\":%s}", rows[i].name, wrong[k].text);
			refused(text, OURO_ERR_PROTOCOL, rows[i].words);
			assert_text_has(error.text, rows[i].name);
		}
	refused("{\"texts\":[{}]}", OURO_ERR_PROTOCOL, "\"texts\"");
	refused("{\"one\":[{}]}", OURO_ERR_PROTOCOL, "\"one\"");
	refused("{\"many\":[{\"id\":true}]}", OURO_ERR_PROTOCOL, "\"id\" (Inner)");
	refused("{\"many\":[{\"id\":\"1\"},{\"name\":1}]}", OURO_ERR_PROTOCOL, "\"name\" (Inner)");
	/* The first one is named, whatever follows. */
	refused("{\"text\":1,\"flag\":2,\"many\":[{}]}", OURO_ERR_PROTOCOL, "\"text\" (Outer)");
	refused("{\"many\":[{\"name\":1,\"id\":true},{}],\"text\":1}", OURO_ERR_PROTOCOL,
		"\"name\" (Inner)");
}

static void test_rpc_json__numbers(void **state)
{
	static const char *const bad[] = {"\"\"", "\"-1\"", "\"+1\"", "\" 1\"", "\"1 \"", "\"01\"",
		"\"1.0\"", "\"1e3\"", "\"0x1\"", "\"18446744073709551616\"",
		"\"99999999999999999999999\"", "1.0", "1e3", "-1", "-0.5"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[128];

		(void)snprintf(text, sizeof(text), "{\"number\":%s}", bad[i]);
		refused(text, OURO_ERR_PROTOCOL, "number");
	}
	/* More than jansson's integers hold: nobody writes ids as such numbers. */
	refused("{\"number\":18446744073709551615}", OURO_ERR_PROTOCOL, "well-formed");
}

static void test_rpc_json__not_json(void **state)
{
	static const char *const bad[] = {"", " ", "x", "[]", "7", "\"x\"", "null", "<html>", "{",
		"{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}",
		"{\"a\" 1}", "{a:1}", "{'a':1}", "{\"a\":1}x", "{}{}", "{\"a\":1}}", "{\"a\":]}",
		"{\"a\":[1}", "{\"many\":[{}", "{\"many\":[{},]}", "{\"many\":[{}{}]}",
		"{\"many\":[{]}", "{\"many\":[{}}}", "{\"many\":[{\"id\":]}]}", "{\"many\":[{}],}",
		"{\"x\":[{bad}]}", "{\"x\":[{\"a\":01}]}", "{\"text\":\"\\u0000\"}",
		"{\"text\":\"\\ud800\"}", "{\"text\":\"\xff\"}", "{\"text\":\"\xc0\xaf\"}",
		"{\"text\":\"\xed\xa0\x80\"}", "{\"text\":\"\t\"}", "{\"text\":\"\\x\"}",
		"{\"text\":\"\\", "{\"a\\\"\\", "{\"a\":tru}", "{\"a\":NaN}", "{\"a\":1e999}",
		"{\"a\":+1}", "\xef\xbb\xbf{}"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i], OURO_ERR_PROTOCOL, "JSON");
	refused("{\"a\":1,\"a\":1}", OURO_ERR_PROTOCOL, "twice");
	refused("{\"many\":[{}],\"many\":[{}]}", OURO_ERR_PROTOCOL, "twice");
	refused("{\"many\":[{\"id\":1,\"id\":1}]}", OURO_ERR_PROTOCOL, "twice");
	refused("{\"x\":[{\"id\":1,\"id\":1}]}", OURO_ERR_PROTOCOL, "twice");
	refused("{\"m\\u0061ny\":[{}],\"many\":[]}", OURO_ERR_PROTOCOL, "twice");
}

static void test_rpc_json__nul_inside(void **state)
{
	static const char in_text[] = "{\"text\":\"a\0b\"}";
	static const char behind[] = "{}\0";
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);

	(void)state;
	assert_null(decode_sized(arena, in_text, sizeof(in_text) - 1));
	assert_int_equal(error.status, OURO_ERR_PROTOCOL);
	assert_null(decode_sized(arena, behind, sizeof(behind) - 1));
	assert_int_equal(error.status, OURO_ERR_PROTOCOL);
	ouro__arena_free(arena);
}

/* An escaped name is the same name, also of a list that was cut out. */
static void test_rpc_json__escaped_names(void **state)
{
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);
	struct outer *o =
		decode(arena, "{\"m\\u0061ny\":[{\"\\u0069d\":\"5\"}],\"\\u0074ext\":\"x\"}");

	(void)state;
	assert_non_null(o);
	assert_int_equal(o->many.count, 1);
	assert_int_equal(((struct inner *)o->many.items[0])->id, 5);
	assert_string_equal(o->text, "x");
	ouro__arena_free(arena);
}

/* ---- bounds ---- */

static char *repeated(const char *head, const char *one, size_t times, const char *tail)
{
	size_t size = strlen(head) + strlen(one) * times + strlen(tail);
	char *text = malloc(size + 1);
	char *at = text;

	memcpy(at, head, strlen(head));
	at += strlen(head);
	for (size_t i = 0; i < times; i++, at += strlen(one))
		memcpy(at, one, strlen(one));
	memcpy(at, tail, strlen(tail) + 1);
	return text;
}

static void check_bound(
	const char *head, const char *one, size_t times, const char *tail, ouro_status status)
{
	char *text = repeated(head, one, times, tail);
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);
	int64_t began = ouro__clock_ms();

	(void)decode(arena, text);
	if (error.status != status)
		fail_msg("%s%s…: %d %s", head, one, (int)error.status, error.text);
	/* Also under a sanitizer on a busy machine. */
	assert_true(ouro__clock_ms() - began < 20000);
	ouro__arena_free(arena);
	free(text);
}

static void test_rpc_json__depth(void **state)
{
	(void)state;
	check_bound("{\"x\":", "[", 30, "", OURO_ERR_PROTOCOL);
	check_bound("{\"x\":", "[", 31, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", OURO_OK);
	check_bound("{\"x\":", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", OURO_ERR_PROTOCOL);
	assert_text_has(error.text, "deeper than 32");
	check_bound("{\"many\":[", "{\"x\":", 30, "1}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}]}", OURO_OK);
	check_bound("{\"many\":[", "{\"x\":", 31, "1}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}]}",
		OURO_ERR_PROTOCOL);
	check_bound("{\"x\":", "[", (size_t)60 << 20, "", OURO_ERR_PROTOCOL);
	check_bound("", "[", (size_t)60 << 20, "", OURO_ERR_PROTOCOL);
	check_bound("", "{\"a\":", (size_t)10 << 20, "", OURO_ERR_PROTOCOL);
}

static void test_rpc_json__cost(void **state)
{
	(void)state;
	check_bound("{\"x\":[0", ",0", 60000, "]}", OURO_OK);
	check_bound("{\"x\":[0", ",0", 70000, "]}", OURO_ERR_LIMIT);
	check_bound("{\"x\":[0", ",0", (size_t)30 << 20, "]}", OURO_ERR_LIMIT);
	check_bound("{\"many\":[{\"x\":[0", ",0", 70000, "]}]}", OURO_ERR_LIMIT);
	check_bound("{\"many\":[{}", ",{}", 100000, "]}", OURO_OK);
	check_bound("{\"unknown\":[{}", ",{}", 100000, "]}", OURO_OK);
	check_bound("{\"many\":[{}", ",{}", (size_t)5 << 20, "]}", OURO_ERR_LIMIT);
	check_bound("{\"unknown\":[{}", ",{}", (size_t)20 << 20, "]}", OURO_ERR_LIMIT);
	check_bound("{\"unknown\":[{}", ",{}", (size_t)5 << 20, ",1]}", OURO_ERR_LIMIT);
	check_bound("{\"text\":\"", "x", (size_t)17 << 20, "\"}", OURO_ERR_LIMIT);
	check_bound("{\"text\":\"", "x", (size_t)3 << 20, "\"}", OURO_OK);
	check_bound("{\"many\":[{\"name\":\"", "x", (size_t)17 << 20, "\"}]}", OURO_ERR_LIMIT);
	/* So large that nobody looks at it. */
	struct ouro__json_cut cut;

	assert_int_equal(
		ouro__json_cut(&cut, "{}", (size_t)UINT32_MAX + 1, &error), OURO_ERR_LIMIT);
	ouro__json_cut_done(&cut);
	/* More lists than are cut out. */
	check_bound("{\"x\":[{}]", "", 1, "}", OURO_OK);
	check_bound(
		"{\"many\":[{}],\"a\":[{}],\"b\":[{}],\"c\":[{}],\"d\":[{}],\"e\":[{}],\"f\":[{}],\"g\":[{}],"
		"\"h\":[{}],\"i\":[{}],\"j\":[{}],\"k\":[{}],\"l\":[{}],\"m\":[{}],\"n\":[{}],\"o\":[{}],"
		"\"p\":[{}],\"q\":[{}]",
		"", 1, "}", OURO_OK);
}

static void test_rpc_json__many_is_right_behind_other_lists(void **state)
{
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);
	ouro__buf text = OURO__BUF_INIT(1 << 20);
	struct outer *o;

	(void)state;
	ouro__buf_byte(&text, '{');
	for (int i = 0; i < 20; i++)
		ouro__buf_format(&text, "\"l%d\":[{\"id\":\"9\"},{}],", i);
	ouro__buf_text(&text, "\"many\":[{\"id\":\"1\"},{\"id\":\"2\"}]}");
	o = decode(arena, ouro__buf_str(&text));
	assert_non_null(o);
	assert_int_equal(o->many.count, 2);
	assert_int_equal(((struct inner *)o->many.items[1])->id, 2);
	ouro__buf_done(&text);
	ouro__arena_free(arena);
}

/* Whichever piece it is that there is no room for. */
static void test_rpc_json__small_arena(void **state)
{
	static const char everything[] =
		"{\"one\":{\"id\":1,\"name\":\"a name that is not short at all\"},\"texts\":[\"a text of its own\",\"\"],"
		"\"text\":\"another one that is not short\",\"many\":[{\"name\":\"x\"},{},{},{},{}],\"x\":[{}]}";
	size_t refusals = 0;

	(void)state;
	for (size_t max = 1;; max++) {
		ouro__arena *arena = ouro__arena_new(max);
		int taken = decode(arena, everything) != NULL;

		ouro__arena_free(arena);
		if (taken)
			break;
		assert_int_equal(error.status, OURO_ERR_NOMEM);
		refusals++;
	}
	assert_true(refusals > 200);
}

/* ---- writing ---- */

static void written(const struct outer *object, ouro__band band, ouro__json_rows leave_out,
	const char *expected)
{
	ouro__buf buf = OURO__BUF_INIT(4096);

	assert_int_equal(ouro__json_encode(&outer, band, object, leave_out, &buf, NULL), OURO_OK);
	assert_string_equal(ouro__buf_str(&buf), expected);
	ouro__buf_done(&buf);
}

static void test_rpc_json__written(void **state)
{
	const char *items[] = {"a\"b", "\xc3\xa4\n"};
	struct inner subs[] = {{1, "x"}, {0, NULL}};
	void *pointers[] = {&subs[0], &subs[1]};
	struct outer o = {.time = OURO_TIME_NEVER};

	(void)state;
	written(&o, 1, 0, "{\"texts\":[],\"many\":[]}");
	o = (struct outer){
		UINT64_MAX, 2, 5, 7, "t", {items, 2}, 1795419133, &subs[0], {pointers, 2}, 3};
	written(&o, 1, 0,
		"{\"number\":\"18446744073709551615\",\"textNumber\":\"2\",\"flag\":true,\"method\":\"SEVENTH\",\"text\":"
		"\"t\",\"texts\":[\"a\\\"b\",\"\xc3\xa4\\u000a\"],\"time\":\"2026-11-23T07:32:13Z\",\"one\":{\"id\":\"1\","
		"\"name\":\"x\"},\"many\":[{\"id\":\"1\",\"name\":\"x\"},{}]}");
	o.method = 5;
	written(&o, 5, 0x1EF, "{\"text\":\"t\",\"late\":\"3\"}");
	written(&o, 1, 0x1F7, "{\"method\":5}");
	written(&o, 0, 0, "{}");
}

static void not_written(const struct outer *object, const char *member)
{
	ouro__buf buf = OURO__BUF_INIT(4096);

	error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(ouro__json_encode(&outer, 1, object, 0, &buf, &error), OURO_ERR_INVALID);
	assert_text_has(error.text, member);
	ouro__buf_done(&buf);
}

static void test_rpc_json__not_written(void **state)
{
	struct outer o = {.text = "\xff", .time = OURO_TIME_NEVER};
	const char *items[] = {NULL, "\xff", "x"};
	struct inner subs[] = {{1, "x"}, {2, "\xff"}, {3, "y"}};
	void *pointers[] = {&subs[0], &subs[1], &subs[2]};
	ouro__buf tiny = OURO__BUF_INIT(8);

	(void)state;
	not_written(&o, "text is not valid UTF-8");
	o.text = NULL;
	o.texts = (struct ouro__texts){items, 3};
	not_written(&o, "texts is not valid UTF-8");
	/* A text that is not there is an empty one. */
	o.texts.count = 1;
	written(&o, 1, 0, "{\"texts\":[\"\"],\"many\":[]}");
	o.many = (struct ouro__messages){pointers, 3};
	not_written(&o, "name is not valid UTF-8");
	o.many.count = 0;
	o.time = INT64_MIN;
	not_written(&o, "time is not a time");
	o.time = OURO_TIME_NEVER;
	o.text = "long enough";
	assert_int_equal(ouro__json_encode(&outer, 1, &o, 0, &tiny, NULL), OURO_ERR_LIMIT);
	ouro__buf_done(&tiny);
}

/* ---- tables of another kind ---- */

struct tree {
	int32_t kind;
	struct ouro__messages below;
	const char *name;
};

static const struct ouro__message tree;
static const struct ouro__field tree_fields[] = {
	/* An enum whose names nobody wrote down. */
	{1, OURO__FIELD_ENUM, 0, 255, offsetof(struct tree, kind), "kind", NULL},
	{2, OURO__FIELD_MESSAGES, 0, 255, offsetof(struct tree, below), "below", &tree},
	{3, OURO__FIELD_TEXT, 0, 255, offsetof(struct tree, name), "name", NULL},
};
static const struct ouro__message tree = {"Tree", sizeof(struct tree), tree_fields, 3};

static const struct tree *grow(ouro__arena *arena, const char *text, ouro_status expected)
{
	void *object = NULL;

	error = (ouro_error)OURO_ERROR_INIT;
	assert_int_equal(
		ouro__json_decode(&tree, 1, text, strlen(text), arena, &object, &error), expected);
	return object;
}

/* A list within an object of a list is read with it. */
static void test_rpc_json__lists_within_lists(void **state)
{
	static const char text[] =
		"{\"below\":[{\"below\":[{\"name\":\"a\"},{\"below\":[]},{\"name\":\"b\"}]},{}]}";
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);
	const struct tree *top = grow(arena, text, OURO_OK);
	const struct tree *first = top->below.items[0];
	size_t max = 1;

	(void)state;
	assert_int_equal(top->below.count, 2);
	assert_int_equal(first->below.count, 3);
	assert_string_equal(((const struct tree *)first->below.items[2])->name, "b");
	ouro__arena_free(arena);
	for (ouro_status rc = OURO_ERR_NOMEM; rc != OURO_OK; max++) {
		void *object = NULL;

		arena = ouro__arena_new(max);
		rc = ouro__json_decode(&tree, 1, text, strlen(text), arena, &object, &error);
		assert_true(rc == OURO_OK || rc == OURO_ERR_NOMEM);
		ouro__arena_free(arena);
	}
	arena = ouro__arena_new(ARENA_MAX);
	(void)grow(arena, "{\"below\":[{\"below\":[{\"name\":1},{}]}]}", OURO_ERR_PROTOCOL);
	assert_text_has(error.text, "\"name\" (Tree)");
	(void)grow(arena, "{\"below\":[{\"below\":7}]}", OURO_ERR_PROTOCOL);
	assert_text_has(error.text, "\"below\" (Tree)");
	ouro__arena_free(arena);
}

static void test_rpc_json__enums_without_names(void **state)
{
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);
	struct tree o = {.kind = 5};
	ouro__buf buf = OURO__BUF_INIT(4096);

	(void)state;
	assert_int_equal(grow(arena, "{\"kind\":5}", OURO_OK)->kind, 5);
	assert_int_equal(grow(arena, "{\"kind\":\"FIVE\"}", OURO_OK)->kind, 0);
	(void)grow(arena, "{\"kind\":true}", OURO_ERR_PROTOCOL);
	assert_int_equal(ouro__json_encode(&tree, 1, &o, 0, &buf, NULL), OURO_OK);
	assert_string_equal(ouro__buf_str(&buf), "{\"kind\":5,\"below\":[]}");
	ouro__buf_done(&buf);
	ouro__arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpc_json__everything),
		cmocka_unit_test(test_rpc_json__absent),
		cmocka_unit_test(test_rpc_json__wrong_types),
		cmocka_unit_test(test_rpc_json__numbers),
		cmocka_unit_test(test_rpc_json__not_json),
		cmocka_unit_test(test_rpc_json__nul_inside),
		cmocka_unit_test(test_rpc_json__escaped_names),
		cmocka_unit_test(test_rpc_json__depth),
		cmocka_unit_test(test_rpc_json__cost),
		cmocka_unit_test(test_rpc_json__many_is_right_behind_other_lists),
		cmocka_unit_test(test_rpc_json__small_arena),
		cmocka_unit_test(test_rpc_json__written),
		cmocka_unit_test(test_rpc_json__not_written),
		cmocka_unit_test(test_rpc_json__lists_within_lists),
		cmocka_unit_test(test_rpc_json__enums_without_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
