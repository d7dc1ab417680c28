/* json.h: writing JSON as Headscale 0.30's API does. What a terminal must not be shown is escaped, and so still the same JSON. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "cli.h"

struct cli_json {
	struct cli_text text;
	int comma; /* the next value needs one in front */
};

void cli_json_open(struct cli_json *json, const char *name, char bracket);
void cli_json_close(struct cli_json *json, char bracket);
/* name NULL = an element of a list; text NULL = null. */
void cli_json_string(struct cli_json *json, const char *name, const char *text);
void cli_json_bool(struct cli_json *json, const char *name, int value);
/* Ids are texts in this API. */
void cli_json_id(struct cli_json *json, const char *name, uint64_t id);
void cli_json_number(struct cli_json *json, const char *name, size_t number);
/* RFC 3339; OURO_TIME_NEVER = null. */
void cli_json_time(struct cli_json *json, const char *name, int64_t time);
/* Print with a newline and release. */
int cli_json_print(struct cli_json *json);

#endif
