/* json.c: see json.h. */
#include "json.h"

#include <stdio.h>
#include <string.h>

#include "when.h"

static void escape(struct cli_text *text, const char *data, size_t length, int32_t character)
{
	if (character == '"' || character == '\\')
		cli_text_format(text, "\\%c", (int)character);
	else if (character < 0)
		cli_text_put(text, "\\ufffd");
	else if (cli_is_plain(character))
		cli_text_add(text, data, length);
	else if (character > 0xffff)
		cli_text_format(text, "\\u%04x\\u%04x",
			0xd800u + ((unsigned)(character - 0x10000) >> 10),
			0xdc00u + ((unsigned)(character - 0x10000) & 0x3ffu));
	else
		cli_text_format(text, "\\u%04x", (unsigned)character);
}

static void quote(struct cli_text *text, const char *string)
{
	size_t size = strlen(string);
	size_t length;

	cli_text_put(text, "\"");
	for (size_t at = 0; at < size; at += length) {
		int32_t character = cli_decode(string + at, size - at, &length);

		escape(text, string + at, length, character);
	}
	cli_text_put(text, "\"");
}

static void begin(struct cli_json *json, const char *name)
{
	if (json->comma)
		cli_text_put(&json->text, ",");
	json->comma = 1;
	if (name != NULL) {
		quote(&json->text, name);
		cli_text_put(&json->text, ":");
	}
}

void cli_json_open(struct cli_json *json, const char *name, char bracket)
{
	begin(json, name);
	cli_text_add(&json->text, &bracket, 1);
	json->comma = 0;
}

void cli_json_close(struct cli_json *json, char bracket)
{
	cli_text_add(&json->text, &bracket, 1);
	json->comma = 1;
}

void cli_json_string(struct cli_json *json, const char *name, const char *text)
{
	begin(json, name);
	if (text != NULL)
		quote(&json->text, text);
	else
		cli_text_put(&json->text, "null");
}

void cli_json_bool(struct cli_json *json, const char *name, int value)
{
	begin(json, name);
	cli_text_put(&json->text, value ? "true" : "false");
}

void cli_json_id(struct cli_json *json, const char *name, uint64_t id)
{
	begin(json, name);
	cli_text_format(&json->text, "\"%llu\"", (unsigned long long)id);
}

void cli_json_number(struct cli_json *json, const char *name, size_t number)
{
	begin(json, name);
	cli_text_format(&json->text, "%zu", number);
}

void cli_json_time(struct cli_json *json, const char *name, int64_t time)
{
	char text[CLI_WHEN_MAX];

	cli_json_string(json, name, time == OURO_TIME_NEVER ? NULL : cli_when_exact(time, text));
}

int cli_json_print(struct cli_json *json)
{
	int code = json->text.broken ? CLI_FAILED : CLI_OK;

	if (json->text.broken)
		cli_complain("out of memory");
	else
		(void)printf("%s\n", cli_text_str(&json->text));
	cli_text_done(&json->text);
	*json = (struct cli_json){0};
	return code;
}
