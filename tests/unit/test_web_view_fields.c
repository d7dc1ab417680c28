/* Named values of a page: what is put in comes out under its name, what does not fit is left out, and
 * no memory is no crash. */
#include "view_render.h"

#include "view_fields.h"

static void test_web_view_fields__named(void **state)
{
	struct web_arena arena;
	struct web_value value = {0};
	struct view_fields *inner;
	struct view_fields *fields;
	struct web_value *number;

	(void)state;
	web_arena_init(&arena, 64 * 1024);
	inner = view_fields_new(&arena);
	fields = view_fields_new(&arena);
	view_field_text(inner, "name", "<atlas>");
	view_field_text(fields, "title", "Devices");
	view_field_text(fields, "nothing", NULL);
	view_field_bool(fields, "yes", 1);
	view_field_bool(fields, "no", 0);
	view_field_object(fields, "node", inner);
	number = view_field(fields, "count");
	assert_non_null(number);
	assert_int_equal(web_value_number(number, 7), 1);
	view_fields_value(fields, &value);
	assert_string_equal(
		view_render("{{title}} {{#yes}}y{{/yes}}{{^no}}n{{/no}}{{^nothing}}-{{/nothing}}"
			    " {{node.name}} {{count}} {{^other}}none{{/other}}",
			&value),
		"Devices yn- &lt;atlas&gt; 7 none");
	web_arena_done(&arena);
}

static void test_web_view_fields__full(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k",
		"l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y"};
	struct web_arena arena;
	struct web_value value = {0};
	struct view_fields *fields;

	(void)state;
	web_arena_init(&arena, 64 * 1024);
	fields = view_fields_new(&arena);
	for (size_t i = 0; i < VIEW_FIELDS_MAX; i++)
		assert_non_null(view_field(fields, names[i]));
	assert_null(view_field(fields, names[VIEW_FIELDS_MAX]));
	view_field_text(fields, names[VIEW_FIELDS_MAX], "lost");
	view_field_bool(fields, names[VIEW_FIELDS_MAX], 1);
	view_field_object(fields, names[VIEW_FIELDS_MAX], fields);
	assert_int_equal(fields->count, VIEW_FIELDS_MAX);
	view_fields_value(fields, &value);
	assert_string_equal(view_render("{{y}}{{#y}}there{{/y}}.", &value), ".");
	web_arena_done(&arena);
}

static void test_web_view_fields__no_memory(void **state)
{
	struct web_arena arena;
	struct web_value value = {0};
	struct view_fields *fields;

	(void)state;
	web_arena_init(&arena, 16);
	fields = view_fields_new(&arena);
	assert_null(fields);
	assert_null(view_field(fields, "a"));
	view_field_text(fields, "a", "x");
	view_field_bool(fields, "a", 1);
	view_field_object(fields, "a", NULL);
	view_fields_value(fields, &value);
	assert_int_equal(value.kind, WEB_VALUE_FALSE);
	web_arena_done(&arena);
	web_arena_init(&arena, 64 * 1024);
	fields = view_fields_new(&arena);
	view_field_object(fields, "inner", NULL); /* there, and nothing in it */
	view_fields_value(fields, &value);
	assert_string_equal(view_render("{{#inner}}x{{/inner}}.", &value), ".");
	web_arena_done(&arena);
}

static void test_web_view_fields__lists(void **state)
{
	static const struct view_choice choices[] = {
		{"name", "by name", 0}, {"owner", "by owner", 1}};
	static const struct view_choices both = {2, choices};
	static const struct view_choices none = {0, NULL};
	static const struct view_texts texts = {2, {"one", "two", "three", NULL}};
	struct web_arena arena;
	struct web_value value = {0};
	struct view_fields *fields;

	(void)state;
	web_arena_init(&arena, 64 * 1024);
	fields = view_fields_new(&arena);
	assert_int_equal(view_choices_value(view_field(fields, "sorts"), &both), 1);
	assert_int_equal(view_choices_value(view_field(fields, "empty"), &none), 1);
	assert_int_equal(view_texts_value(view_field(fields, "lines"), &texts), 1);
	view_fields_value(fields, &value);
	assert_string_equal(
		view_render(
			"{{#sorts}}[{{value}}={{label}}{{#chosen}}*{{/chosen}}{{other}}]{{/sorts}}"
			"{{^empty}}-{{/empty}}{{#lines}}<{{.}}>{{/lines}}",
			&value),
		"[name=by name][owner=by owner*]-<one><two>");
	web_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_view_fields__named),
		cmocka_unit_test(test_web_view_fields__full),
		cmocka_unit_test(test_web_view_fields__no_memory),
		cmocka_unit_test(test_web_view_fields__lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
