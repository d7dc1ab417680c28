/* How the tables of this room are written down; for fields*.c alone. */
#ifndef OURO_HEADSCALE_FIELDS_ROWS_H
#define OURO_HEADSCALE_FIELDS_ROWS_H

#include "headscale/fields.h"

#define FIRST OURO__BAND_B
#define LAST OURO__BAND_I

/* number, json, kind, member, first, last */
#define ROW(type, number, json, kind, member, first, last)                                         \
	{                                                                                          \
		(number), OURO__FIELD_##kind, (first), (last), offsetof(struct type, member),      \
			(json), NULL                                                               \
	}
#define ROW_SUB(type, number, json, kind, member, first, last, sub)                                \
	{                                                                                          \
		(number), OURO__FIELD_##kind, (first), (last), offsetof(struct type, member),      \
			(json), &(sub)                                                             \
	}
/* A value of an enum and its name. */
#define ROW_VALUE(number, json)                                                                    \
	{                                                                                          \
		(number), OURO__FIELD_ENUM, FIRST, LAST, 0, (json), NULL                           \
	}
#define TABLE(symbol, text, rows)                                                                  \
	{                                                                                          \
		(text), sizeof(struct symbol), (rows), sizeof(rows) / sizeof((rows)[0])            \
	}

#endif
