/* Audit lines; see audit.h. */
#include "audit/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/str.h"

enum { TEXT_MAX = 512 };

/* Cut to a maximum first: a line stays a line that log tools take, whatever a device calls itself. */
static void text_field(ouro__buf *line, const char *name, const char *text)
{
	char cut[TEXT_MAX + 1];

	ouro__buf_format(line, ",\"%s\":", name);
	if (!text) {
		ouro__buf_text(line, "null");
		return;
	}
	(void)snprintf(cut, sizeof(cut), "%.*s", TEXT_MAX, text);
	ouro__str_one_line(cut);
	ouro__str_json(line, cut);
}

static void time_field(ouro__buf *line, int64_t seconds)
{
	time_t stamp = (time_t)seconds;
	struct tm parts;
	char text[64];

	/* A year of any length fits. */
	if (gmtime_r(&stamp, &parts))
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	else
		(void)snprintf(text, sizeof(text), "%" PRId64, seconds);
	ouro__buf_format(line, "\"time\":\"%s\"", text);
}

static void person_fields(ouro__buf *line, const struct ouro__audit_record *record)
{
	char person[64];

	if (record->holder) {
		text_field(line, "person", "holder");
		text_field(line, "login", NULL);
		return;
	}
	(void)snprintf(person, sizeof(person), "%.31s:%" PRIu64,
		record->provider ? record->provider : "?", record->identity);
	text_field(line, "person", person);
	text_field(line, "login", record->login);
}

ouro_status ouro__audit_line(
	const struct ouro__audit_record *record, ouro__buf *line, ouro_error *reterr)
{
	char node[24];

	(void)snprintf(node, sizeof(node), "%" PRIu64, record->node);
	ouro__buf_byte(line, '{');
	time_field(line, record->time);
	person_fields(line, record);
	text_field(line, "user", record->user);
	text_field(line, "action", record->action);
	text_field(line, "node", record->node ? node : NULL);
	text_field(line, "name", record->name);
	text_field(line, "before", record->before);
	text_field(line, "after", record->after);
	text_field(line, "result", ouro_status_name(record->result));
	text_field(line, "address", record->address);
	if (record->token)
		text_field(line, "token", record->token);
	ouro__buf_byte(line, '}');
	return line->broken ? ouro__error_nomem(reterr) : OURO_OK;
}
