/* Messages as tables of fields: number, JSON name, kind, place in the struct, first and last generation. wire.c reads and
 * writes any table in protobuf's wire format; a JSON engine can do the same over the same rows. Tables are constants. */
#ifndef OURO_RPC_TABLE_H
#define OURO_RPC_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* A generation's place in time; fields live from first to last. */
typedef uint8_t ouro__band;

enum ouro__field_kind {
	OURO__FIELD_U64,      /* uint64_t; varint */
	OURO__FIELD_U64_TEXT, /* uint64_t in the struct, decimal text on the wire (0.23's user ids) */
	OURO__FIELD_BOOL,     /* int32_t; varint */
	OURO__FIELD_ENUM, /* int32_t; varint, unknown values kept. sub lists its values for JSON: number and name of each as a
			     row (number, json), the rest of the row unused; NULL = none */
	OURO__FIELD_TEXT, /* const char *, NUL-terminated UTF-8, never NULL after decoding; writing skips NULL and "" */
	OURO__FIELD_TEXTS, /* struct ouro__texts; repeated string */
	OURO__FIELD_TIME, /* int64_t Unix seconds, OURO_TIME_NEVER when absent or year 1; Timestamp message */
	OURO__FIELD_MESSAGE, /* pointer to the sub-struct, NULL when absent */
	OURO__FIELD_MESSAGES /* struct ouro__messages; repeated message */
};

struct ouro__texts {
	const char **items;
	size_t count;
};

struct ouro__messages {
	void **items; /* each a struct of the field's sub-message */
	size_t count;
};

struct ouro__message;

struct ouro__field {
	uint32_t number;
	uint8_t kind; /* enum ouro__field_kind */
	ouro__band first;
	ouro__band last;
	size_t offset;
	const char *json; /* lowerCamelCase */
	const struct ouro__message *sub;
};

struct ouro__message {
	const char *name;
	size_t size; /* of the struct; all zero = empty message (times are then set to OURO_TIME_NEVER by the decoder) */
	const struct ouro__field *fields; /* a number again for other bands only */
	size_t count;
};

#endif
