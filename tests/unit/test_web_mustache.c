/* The renderer against the cases of the Mustache specification (modules comments, delimiters, interpolation, inverted, partials,
 * sections), and its own limits. Data is a JSON text read with a test-only view, so the cases read as the specification does. */
#include "mustache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static int json_value(const json_t *json, struct web_value *ret);

static int json_lookup(
	const struct web_value *self, const char *name, size_t length, struct web_value *ret)
{
	char key[64];
	const json_t *found;

	assert_true(length < sizeof(key));
	memcpy(key, name, length);
	key[length] = '\0';
	found = json_object_get(self->object, key);
	return found != NULL && json_value(found, ret);
}

static int json_item(const struct web_value *self, size_t index, struct web_value *ret)
{
	const json_t *found = json_array_get(self->object, index);

	return found != NULL && json_value(found, ret);
}

static const struct web_value_ops json_ops = {json_lookup, json_item};

static int json_value(const json_t *json, struct web_value *ret)
{
	if (json_is_object(json))
		return web_value_object(ret, &json_ops, json, 0);
	if (json_is_array(json))
		return web_value_list(ret, &json_ops, json, 0);
	if (json_is_string(json))
		return web_value_text(ret, json_string_value(json));
	if (json_is_integer(json))
		return web_value_number(ret, json_integer_value(json));
	if (json_is_real(json))
		return web_value_printf(ret, "%g", json_real_value(json));
	return web_value_bool(ret, json_is_true(json));
}

struct spec_case {
	const char *name;
	const char *data;
	const char *template;
	const char *expected;
	const char *partial; /* the template "partial"; also known as "text" and "node" */
};

static const struct spec_case comments[] = {
	{"Inline", "{}", "12345{{! Comment Block! }}67890", "1234567890", NULL},
	{"Multiline", "{}", "12345{{!\n  This is a\n  multi-line comment...\n}}67890\n",
		"1234567890\n", NULL},
	{"Standalone", "{}", "Begin.\n{{! Comment Block! }}\nEnd.\n", "Begin.\nEnd.\n", NULL},
	{"Indented Standalone", "{}", "Begin.\n  {{! Indented Comment Block! }}\nEnd.\n",
		"Begin.\nEnd.\n", NULL},
	{"Standalone Line Endings", "{}", "|\r\n{{! Standalone Comment }}\r\n|", "|\r\n|", NULL},
	{"Standalone Without Previous Line", "{}", "  {{! I'm Still Standalone }}\n!", "!", NULL},
	{"Standalone Without Newline", "{}", "!\n  {{! I'm Still Standalone }}", "!\n", NULL},
	{"Multiline Standalone", "{}", "Begin.\n{{!\nSomething's going on here...\n}}\nEnd.\n",
		"Begin.\nEnd.\n", NULL},
	{"Indented Multiline Standalone", "{}",
		"Begin.\n  {{!\n    Something's going on here...\n  }}\nEnd.\n", "Begin.\nEnd.\n",
		NULL},
	{"Indented Inline", "{}", "  12 {{! 34 }}\n", "  12 \n", NULL},
	{"Surrounding Whitespace", "{}", "12345 {{! Comment Block! }} 67890", "12345  67890", NULL},
	{"Variable Name Collision",
		"{\"! comment\": 1, \"! comment \": 2, \"!comment\": 3, \"comment\": 4}",
		"comments never show: >{{! comment }}<", "comments never show: ><", NULL},
};

static const struct spec_case delimiters[] = {
	{"Pair Behavior", "{\"text\": \"Hey!\"}", "{{=<% %>=}}(<%text%>)", "(Hey!)", NULL},
	{"Special Characters", "{\"text\": \"It worked!\"}", "({{=[ ]=}}[text])", "(It worked!)",
		NULL},
	{"Sections", "{\"section\": true, \"data\": \"I got interpolated.\"}",
		"[\n{{#section}}\n  {{data}}\n  |data|\n{{/section}}\n\n{{= | | =}}\n|#section|\n  {{data}}\n  |data|\n|/section|\n]\n",
		"[\n  I got interpolated.\n  |data|\n\n  {{data}}\n  I got interpolated.\n]\n",
		NULL},
	{"Inverted Sections", "{\"section\": false, \"data\": \"I got interpolated.\"}",
		"[\n{{^section}}\n  {{data}}\n  |data|\n{{/section}}\n\n{{= | | =}}\n|^section|\n  {{data}}\n  |data|\n|/section|\n]\n",
		"[\n  I got interpolated.\n  |data|\n\n  {{data}}\n  I got interpolated.\n]\n",
		NULL},
	{"Partial Inheritance", "{\"value\": \"yes\"}",
		"[ {{>partial}} ]\n{{= | | =}}\n[ |>partial| ]\n", "[ .yes. ]\n[ .yes. ]\n",
		".{{value}}."},
	{"Post-Partial Behavior", "{\"value\": \"yes\"}",
		"[ {{>partial}} ]\n[ .{{value}}.  .|value|. ]\n",
		"[ .yes.  .yes. ]\n[ .yes.  .|value|. ]\n", ".{{value}}. {{= | | =}} .|value|."},
	{"Surrounding Whitespace", "{}", "| {{=@ @=}} |", "|  |", NULL},
	{"Outlying Whitespace (Inline)", "{}", " | {{=@ @=}}\n", " | \n", NULL},
	{"Standalone Tag", "{}", "Begin.\n{{=@ @=}}\nEnd.\n", "Begin.\nEnd.\n", NULL},
	{"Indented Standalone Tag", "{}", "Begin.\n  {{=@ @=}}\nEnd.\n", "Begin.\nEnd.\n", NULL},
	{"Standalone Line Endings", "{}", "|\r\n{{= @ @ =}}\r\n|", "|\r\n|", NULL},
	{"Standalone Without Previous Line", "{}", "  {{=@ @=}}\n=", "=", NULL},
	{"Standalone Without Newline", "{}", "=\n  {{=@ @=}}", "=\n", NULL},
	{"Pair with Padding", "{}", "|{{= @   @ =}}|", "||", NULL},
};

#define ESCAPES "{\"forbidden\": \"& \\\" < >\"}"
#define STRING "{\"string\": \"---\"}"
#define NESTED                                                                                     \
	"{\"a\": {\"b\": {\"c\": {\"d\": {\"e\": {\"name\": \"Phil\"}}}}}, \"b\": {\"c\": {\"d\": {\"e\": {\"name\": \"Wrong\"}}}}}"

static const struct spec_case interpolation[] = {
	{"No Interpolation", "{}", "Hello from {Mustache}!\n", "Hello from {Mustache}!\n", NULL},
	{"Basic Interpolation", "{\"subject\": \"world\"}", "Hello, {{subject}}!\n",
		"Hello, world!\n", NULL},
	{"No Re-interpolation", "{\"template\": \"{{planet}}\", \"planet\": \"Earth\"}",
		"{{template}}: {{planet}}", "{{planet}}: Earth", NULL},
	{"HTML Escaping", ESCAPES, "These should be escaped: {{forbidden}}\n",
		"These should be escaped: &amp; &quot; &lt; &gt;\n", NULL},
	{"Triple Mustache", ESCAPES, "Not: {{{forbidden}}}\n", "Not: & \" < >\n", NULL},
	{"Ampersand", ESCAPES, "Not: {{&forbidden}}\n", "Not: & \" < >\n", NULL},
	{"Basic Integer", "{\"mph\": 85}", "\"{{mph}} miles an hour!\"", "\"85 miles an hour!\"",
		NULL},
	{"Triple Integer", "{\"mph\": 85}", "\"{{{mph}}} miles an hour!\"", "\"85 miles an hour!\"",
		NULL},
	{"Ampersand Integer", "{\"mph\": 85}", "\"{{&mph}} miles an hour!\"",
		"\"85 miles an hour!\"", NULL},
	{"Basic Decimal", "{\"power\": 1.21}", "\"{{power}} jiggawatts!\"", "\"1.21 jiggawatts!\"",
		NULL},
	{"Triple Decimal", "{\"power\": 1.21}", "\"{{{power}}} jiggawatts!\"",
		"\"1.21 jiggawatts!\"", NULL},
	{"Ampersand Decimal", "{\"power\": 1.21}", "\"{{&power}} jiggawatts!\"",
		"\"1.21 jiggawatts!\"", NULL},
	{"Basic Null", "{\"cannot\": null}", "I ({{cannot}}) be seen!", "I () be seen!", NULL},
	{"Triple Null", "{\"cannot\": null}", "I ({{{cannot}}}) be seen!", "I () be seen!", NULL},
	{"Ampersand Null", "{\"cannot\": null}", "I ({{&cannot}}) be seen!", "I () be seen!", NULL},
	{"Basic Context Miss", "{}", "I ({{cannot}}) be seen!", "I () be seen!", NULL},
	{"Triple Context Miss", "{}", "I ({{{cannot}}}) be seen!", "I () be seen!", NULL},
	{"Ampersand Context Miss", "{}", "I ({{&cannot}}) be seen!", "I () be seen!", NULL},
	{"Dotted Basic", "{\"person\": {\"name\": \"Joe\"}}",
		"\"{{person.name}}\" == \"{{#person}}{{name}}{{/person}}\"", "\"Joe\" == \"Joe\"",
		NULL},
	{"Dotted Triple", "{\"person\": {\"name\": \"Joe\"}}",
		"\"{{{person.name}}}\" == \"{{#person}}{{{name}}}{{/person}}\"",
		"\"Joe\" == \"Joe\"", NULL},
	{"Dotted Ampersand", "{\"person\": {\"name\": \"Joe\"}}",
		"\"{{&person.name}}\" == \"{{#person}}{{&name}}{{/person}}\"", "\"Joe\" == \"Joe\"",
		NULL},
	{"Dotted Arbitrary Depth", NESTED, "\"{{a.b.c.d.e.name}}\" == \"Phil\"",
		"\"Phil\" == \"Phil\"", NULL},
	{"Dotted Broken Chains", "{\"a\": {}}", "\"{{a.b.c}}\" == \"\"", "\"\" == \"\"", NULL},
	{"Dotted Broken Chain Resolution", "{\"a\": {\"b\": {}}, \"c\": {\"name\": \"Jim\"}}",
		"\"{{a.b.c.name}}\" == \"\"", "\"\" == \"\"", NULL},
	{"Dotted Initial Resolution", NESTED, "\"{{#a}}{{b.c.d.e.name}}{{/a}}\" == \"Phil\"",
		"\"Phil\" == \"Phil\"", NULL},
	{"Dotted Context Precedence", "{\"a\": {\"b\": {}}, \"b\": {\"c\": \"ERROR\"}}",
		"{{#a}}{{b.c}}{{/a}}", "", NULL},
	{"Dotted Not Single Keys", "{\"a.b\": \"c\"}", "{{a.b}}", "", NULL},
	{"Dotted No Masking", "{\"a.b\": \"c\", \"a\": {\"b\": \"d\"}}", "{{a.b}}", "d", NULL},
	{"Implicit Basic", "\"world\"", "Hello, {{.}}!\n", "Hello, world!\n", NULL},
	{"Implicit Escaping", "\"& \\\" < >\"", "{{.}}\n", "&amp; &quot; &lt; &gt;\n", NULL},
	{"Implicit Triple", "\"& \\\" < >\"", "{{{.}}}\n", "& \" < >\n", NULL},
	{"Implicit Ampersand", "\"& \\\" < >\"", "{{&.}}\n", "& \" < >\n", NULL},
	{"Implicit Integer", "85", "\"{{.}} miles an hour!\"", "\"85 miles an hour!\"", NULL},
	{"Surrounding Whitespace", STRING, "| {{string}} |", "| --- |", NULL},
	{"Triple Surrounding Whitespace", STRING, "| {{{string}}} |", "| --- |", NULL},
	{"Ampersand Surrounding Whitespace", STRING, "| {{&string}} |", "| --- |", NULL},
	{"Standalone", STRING, "  {{string}}\n", "  ---\n", NULL},
	{"Triple Standalone", STRING, "  {{{string}}}\n", "  ---\n", NULL},
	{"Ampersand Standalone", STRING, "  {{&string}}\n", "  ---\n", NULL},
	{"With Padding", STRING, "|{{ string }}|", "|---|", NULL},
	{"Triple With Padding", STRING, "|{{{ string }}}|", "|---|", NULL},
	{"Ampersand With Padding", STRING, "|{{& string }}|", "|---|", NULL},
};

#define FALSE "{\"boolean\": false}"
#define TRUE "{\"boolean\": true}"

static const struct spec_case inverted[] = {
	{"Falsey", FALSE, "\"{{^boolean}}This should be rendered.{{/boolean}}\"",
		"\"This should be rendered.\"", NULL},
	{"Truthy", TRUE, "\"{{^boolean}}This should not be rendered.{{/boolean}}\"", "\"\"", NULL},
	{"Null is falsey", "{\"null\": null}", "\"{{^null}}shown{{/null}}\"", "\"shown\"", NULL},
	{"Context", "{\"context\": {\"name\": \"Joe\"}}",
		"\"{{^context}}Hi {{name}}.{{/context}}\"", "\"\"", NULL},
	{"List", "{\"list\": [{\"n\": 1}, {\"n\": 2}, {\"n\": 3}]}", "\"{{^list}}{{n}}{{/list}}\"",
		"\"\"", NULL},
	{"Empty List", "{\"list\": []}", "\"{{^list}}Yay lists!{{/list}}\"", "\"Yay lists!\"",
		NULL},
	{"Doubled", "{\"bool\": false, \"two\": \"second\"}",
		"{{^bool}}\n* first\n{{/bool}}\n* {{two}}\n{{^bool}}\n* third\n{{/bool}}\n",
		"* first\n* second\n* third\n", NULL},
	{"Nested (Falsey)", "{\"bool\": false}",
		"| A {{^bool}}B {{^bool}}C{{/bool}} D{{/bool}} E |", "| A B C D E |", NULL},
	{"Nested (Truthy)", "{\"bool\": true}", "| A {{^bool}}B {{^bool}}C{{/bool}} D{{/bool}} E |",
		"| A  E |", NULL},
	{"Context Misses", "{}", "[{{^missing}}Cannot find key 'missing'!{{/missing}}]",
		"[Cannot find key 'missing'!]", NULL},
	{"Dotted Truthy", "{\"a\": {\"b\": {\"c\": true}}}",
		"\"{{^a.b.c}}Not Here{{/a.b.c}}\" == \"\"", "\"\" == \"\"", NULL},
	{"Dotted Falsey", "{\"a\": {\"b\": {\"c\": false}}}", "\"{{^a.b.c}}Not Here{{/a.b.c}}\"",
		"\"Not Here\"", NULL},
	{"Dotted Broken Chains", "{\"a\": {}}", "\"{{^a.b.c}}Not Here{{/a.b.c}}\"", "\"Not Here\"",
		NULL},
	{"Surrounding Whitespace", FALSE, " | {{^boolean}}\t|\t{{/boolean}} | \n", " | \t|\t | \n",
		NULL},
	{"Internal Whitespace", FALSE,
		" | {{^boolean}} {{! Important Whitespace }}\n {{/boolean}} | \n", " |  \n  | \n",
		NULL},
	{"Indented Inline", FALSE, " {{^boolean}}NO{{/boolean}}\n {{^boolean}}WAY{{/boolean}}\n",
		" NO\n WAY\n", NULL},
	{"Standalone Lines", FALSE, "| This Is\n{{^boolean}}\n|\n{{/boolean}}\n| A Line\n",
		"| This Is\n|\n| A Line\n", NULL},
	{"Standalone Indented Lines", FALSE,
		"| This Is\n  {{^boolean}}\n|\n  {{/boolean}}\n| A Line\n",
		"| This Is\n|\n| A Line\n", NULL},
	{"Standalone Line Endings", FALSE, "|\r\n{{^boolean}}\r\n{{/boolean}}\r\n|", "|\r\n|",
		NULL},
	{"Standalone Without Previous Line", FALSE, "  {{^boolean}}\n^{{/boolean}}\n/", "^\n/",
		NULL},
	{"Standalone Without Newline", FALSE, "^{{^boolean}}\n/\n  {{/boolean}}", "^\n/\n", NULL},
	{"Padding", FALSE, "|{{^ boolean }}={{/ boolean }}|", "|=|", NULL},
};

static const struct spec_case partials[] = {
	{"Basic Behavior", "{}", "\"{{>text}}\"", "\"from partial\"", "from partial"},
	{"Failed Lookup", "{}", "\"{{>text}}\"", "\"\"", NULL},
	{"Context", "{\"text\": \"content\"}", "\"{{>partial}}\"", "\"*content*\"", "*{{text}}*"},
	{"Recursion", "{\"content\": \"X\", \"nodes\": [{\"content\": \"Y\", \"nodes\": []}]}",
		"{{>node}}", "X<Y<>>", "{{content}}<{{#nodes}}{{>node}}{{/nodes}}>"},
	{"Surrounding Whitespace", "{}", "| {{>partial}} |", "| \t|\t |", "\t|\t"},
	{"Inline Indentation", "{\"data\": \"|\"}", "  {{data}}  {{> partial}}\n", "  |  >\n>\n",
		">\n>"},
	{"Standalone Line Endings", "{}", "|\r\n{{>partial}}\r\n|", "|\r\n>|", ">"},
	{"Standalone Without Previous Line", "{}", "  {{>partial}}\n>", "  >\n  >>", ">\n>"},
	{"Standalone Without Newline", "{}", ">\n  {{>partial}}", ">\n  >\n  >", ">\n>"},
	{"Standalone Indentation", "{\"content\": \"<\\n->\"}", "\\\n {{>partial}}\n/\n",
		"\\\n |\n <\n->\n |\n/\n", "|\n{{{content}}}\n|\n"},
	{"Padding Whitespace", "{\"boolean\": true}", "|{{> partial }}|", "|[]|", "[]"},
};

#define DEEP                                                                                       \
	"{\"a\": {\"one\": 1}, \"b\": {\"two\": 2}, \"c\": {\"three\": 3, \"d\": {\"four\": 4, \"five\": 5}}}"

static const struct spec_case sections[] = {
	{"Truthy", TRUE, "\"{{#boolean}}This should be rendered.{{/boolean}}\"",
		"\"This should be rendered.\"", NULL},
	{"Falsey", FALSE, "\"{{#boolean}}This should not be rendered.{{/boolean}}\"", "\"\"", NULL},
	{"Null is falsey", "{\"null\": null}", "\"{{#null}}no{{/null}}\"", "\"\"", NULL},
	{"Context", "{\"context\": {\"name\": \"Joe\"}}",
		"\"{{#context}}Hi {{name}}.{{/context}}\"", "\"Hi Joe.\"", NULL},
	{"Parent contexts",
		"{\"a\": \"foo\", \"b\": \"wrong\", \"sec\": {\"b\": \"bar\"}, \"c\": {\"d\": \"baz\"}}",
		"\"{{#sec}}{{a}}, {{b}}, {{c.d}}{{/sec}}\"", "\"foo, bar, baz\"", NULL},
	{"Variable test", "{\"foo\": \"bar\"}", "\"{{#foo}}{{.}} is {{foo}}{{/foo}}\"",
		"\"bar is bar\"", NULL},
	{"List Contexts",
		"{\"tops\": [{\"tname\": {\"upper\": \"A\", \"lower\": \"a\"}, \"middles\": [{\"mname\": \"1\", "
		"\"bottoms\": [{\"bname\": \"x\"}, {\"bname\": \"y\"}]}]}]}",
		"{{#tops}}{{#middles}}{{tname.lower}}{{mname}}.{{#bottoms}}{{tname.upper}}{{mname}}{{bname}}.{{/bottoms}}"
		"{{/middles}}{{/tops}}",
		"a1.A1x.A1y.", NULL},
	{"Deeply Nested Contexts", DEEP,
		"{{#a}}\n{{one}}\n{{#b}}\n{{one}}{{two}}{{one}}\n{{#c}}\n{{one}}{{two}}{{three}}{{two}}{{one}}\n{{#d}}\n"
		"{{one}}{{two}}{{three}}{{four}}{{three}}{{two}}{{one}}\n{{#five}}\n{{one}}{{two}}{{three}}{{four}}{{five}}\n"
		"{{one}}{{two}}{{.}}6{{.}}{{two}}{{one}}\n{{/five}}\n{{/d}}\n{{/c}}\n{{/b}}\n{{/a}}\n",
		"1\n121\n12321\n1234321\n12345\n1256521\n", NULL},
	{"List", "{\"list\": [{\"item\": 1}, {\"item\": 2}, {\"item\": 3}]}",
		"\"{{#list}}{{item}}{{/list}}\"", "\"123\"", NULL},
	{"Empty List", "{\"list\": []}", "\"{{#list}}Yay lists!{{/list}}\"", "\"\"", NULL},
	{"Doubled", "{\"bool\": true, \"two\": \"second\"}",
		"{{#bool}}\n* first\n{{/bool}}\n* {{two}}\n{{#bool}}\n* third\n{{/bool}}\n",
		"* first\n* second\n* third\n", NULL},
	{"Nested (Truthy)", "{\"bool\": true}", "| A {{#bool}}B {{#bool}}C{{/bool}} D{{/bool}} E |",
		"| A B C D E |", NULL},
	{"Nested (Falsey)", "{\"bool\": false}",
		"| A {{#bool}}B {{#bool}}C{{/bool}} D{{/bool}} E |", "| A  E |", NULL},
	{"Context Misses", "{}", "[{{#missing}}Found key 'missing'!{{/missing}}]", "[]", NULL},
	{"Implicit String", "{\"list\": [\"a\", \"b\", \"c\"]}", "\"{{#list}}({{.}}){{/list}}\"",
		"\"(a)(b)(c)\"", NULL},
	{"Implicit Integer", "{\"list\": [1, 2, 3]}", "\"{{#list}}({{.}}){{/list}}\"",
		"\"(1)(2)(3)\"", NULL},
	{"Implicit Decimal", "{\"list\": [1.1, 2.2]}", "\"{{#list}}({{.}}){{/list}}\"",
		"\"(1.1)(2.2)\"", NULL},
	{"Implicit Array", "{\"list\": [[1, 2], [\"a\"]]}",
		"\"{{#list}}({{#.}}{{.}}{{/.}}){{/list}}\"", "\"(12)(a)\"", NULL},
	{"Implicit Escaping", "{\"list\": [\"&\", \"<\"]}", "\"{{#list}}({{.}}){{/list}}\"",
		"\"(&amp;)(&lt;)\"", NULL},
	{"Implicit Triple", "{\"list\": [\"&\", \"<\"]}", "\"{{#list}}({{{.}}}){{/list}}\"",
		"\"(&)(<)\"", NULL},
	{"Implicit Root", "[{\"value\": \"a\"}, {\"value\": \"b\"}]", "\"{{#.}}({{value}}){{/.}}\"",
		"\"(a)(b)\"", NULL},
	{"Dotted Truthy", "{\"a\": {\"b\": {\"c\": true}}}", "\"{{#a.b.c}}Here{{/a.b.c}}\"",
		"\"Here\"", NULL},
	{"Dotted Falsey", "{\"a\": {\"b\": {\"c\": false}}}", "\"{{#a.b.c}}Here{{/a.b.c}}\"",
		"\"\"", NULL},
	{"Dotted Broken Chains", "{\"a\": {}}", "\"{{#a.b.c}}Here{{/a.b.c}}\"", "\"\"", NULL},
	{"Surrounding Whitespace", TRUE, " | {{#boolean}}\t|\t{{/boolean}} | \n", " | \t|\t | \n",
		NULL},
	{"Internal Whitespace", TRUE,
		" | {{#boolean}} {{! Important Whitespace }}\n {{/boolean}} | \n", " |  \n  | \n",
		NULL},
	{"Indented Inline", TRUE, " {{#boolean}}YES{{/boolean}}\n {{#boolean}}GOOD{{/boolean}}\n",
		" YES\n GOOD\n", NULL},
	{"Standalone Lines", TRUE, "| This Is\n{{#boolean}}\n|\n{{/boolean}}\n| A Line\n",
		"| This Is\n|\n| A Line\n", NULL},
	{"Indented Standalone Lines", TRUE,
		"| This Is\n  {{#boolean}}\n|\n  {{/boolean}}\n| A Line\n",
		"| This Is\n|\n| A Line\n", NULL},
	{"Standalone Line Endings", TRUE, "|\r\n{{#boolean}}\r\n{{/boolean}}\r\n|", "|\r\n|", NULL},
	{"Standalone Without Previous Line", TRUE, "  {{#boolean}}\n#{{/boolean}}\n/", "#\n/",
		NULL},
	{"Standalone Without Newline", TRUE, "#{{#boolean}}\n/\n  {{/boolean}}", "#\n/\n", NULL},
	{"Padding", TRUE, "|{{# boolean }}={{/ boolean }}|", "|=|", NULL},
};

/* Renders; the text of a fault if the template is refused, "!" if rendering fails. */
static void render(
	const char *template, const char *partial, const json_t *data, char *ret, size_t size)
{
	const char *partial_text = partial != NULL ? partial : "";
	const struct web_template_source sources[] = {
		{"main", template, strlen(template)},
		{"partial", partial_text, strlen(partial_text)},
		{"text", partial_text, strlen(partial_text)},
		{"node", partial_text, strlen(partial_text)},
	};
	struct web_templates *templates;
	struct web_value root;
	struct web_buf out;

	memset(&root, 0, sizeof(root));
	if (web_templates_new(sources, partial != NULL ? 4 : 1, 0, &templates, ret, size) < 0)
		return;
	(void)json_value(data, &root);
	web_buf_init(&out, 65536);
	if (web_templates_render(templates, "main", &root, 1, &out) < 0)
		(void)snprintf(ret, size, "!");
	else
		(void)snprintf(ret, size, "%s", out.data != NULL ? out.data : "");
	web_buf_done(&out);
	web_templates_free(templates);
}

static void run(const struct spec_case *cases, size_t count)
{
	char text[4096];
	size_t i;

	for (i = 0; i < count; i++) {
		json_t *data = json_loads(cases[i].data, JSON_DECODE_ANY, NULL);

		assert_non_null(data);
		render(cases[i].template, cases[i].partial, data, text, sizeof(text));
		if (strcmp(text, cases[i].expected) != 0)
			print_error("case: %s\n", cases[i].name);
		assert_string_equal(text, cases[i].expected);
		json_decref(data);
	}
}

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

static void test_web_mustache__comments(void **state)
{
	(void)state;
	run(comments, COUNT(comments));
}

static void test_web_mustache__delimiters(void **state)
{
	(void)state;
	run(delimiters, COUNT(delimiters));
}

static void test_web_mustache__interpolation(void **state)
{
	(void)state;
	run(interpolation, COUNT(interpolation));
}

static void test_web_mustache__inverted(void **state)
{
	(void)state;
	run(inverted, COUNT(inverted));
}

static void test_web_mustache__partials(void **state)
{
	(void)state;
	run(partials, COUNT(partials));
}

static void test_web_mustache__sections(void **state)
{
	(void)state;
	run(sections, COUNT(sections));
}

static void test_web_mustache__faults_name_place_and_tag(void **state)
{
	static const char *const bad[][2] = {
		{"a\n{{#x}}", "main:2: not closed: x"},
		{"{{/x}}", "main:1: nothing is open to be closed by x"},
		{"{{#a}}\n{{#b}}{{/a}}{{/b}}", "main:2: another section is open than a"},
		{"\n\n{{x", "main:3: a tag is not closed"},
		{"{{}}", "main:1: a tag is empty"},
		{"{{=x=}}", "main:1: bad delimiters x"},
	};
	json_t *data = json_object();
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		render(bad[i][0], NULL, data, text, sizeof(text));
		assert_string_equal(text, bad[i][1]);
	}
	json_decref(data);
}

static void test_web_mustache__strict_wants_partials(void **state)
{
	const struct web_template_source source = {"main", "x\n{{> gone}}", 12};
	struct web_templates *templates;
	char text[256];

	(void)state;
	assert_int_equal(web_templates_new(&source, 1, 1, &templates, text, sizeof(text)), -1);
	assert_string_equal(text, "main:2: there is no template gone");
}

static void test_web_mustache__endless_recursion_ends(void **state)
{
	json_t *data = json_pack("{s:b}", "t", 1);
	char text[256];

	(void)state;
	render("{{>partial}}", "x{{>partial}}", data, text, sizeof(text));
	assert_string_equal(text, "!");
	json_decref(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_mustache__comments),
		cmocka_unit_test(test_web_mustache__delimiters),
		cmocka_unit_test(test_web_mustache__interpolation),
		cmocka_unit_test(test_web_mustache__inverted),
		cmocka_unit_test(test_web_mustache__partials),
		cmocka_unit_test(test_web_mustache__sections),
		cmocka_unit_test(test_web_mustache__faults_name_place_and_tag),
		cmocka_unit_test(test_web_mustache__strict_wants_partials),
		cmocka_unit_test(test_web_mustache__endless_recursion_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
