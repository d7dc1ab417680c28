/* Lists of nodes of any length, in both encodings, as a server of 0.29 sends them: made from recorded nodes, with all fields that a
 * server writes, those too that the library skips. Failures end the program. */
#ifndef OURO_BENCH_LISTS_H
#define OURO_BENCH_LISTS_H

#include <stdint.h>

#include "base/buf.h"

#define LISTS_USERS 10u

struct list {
	size_t count;
	ouro__buf protobuf;
	ouro__buf json; /* without white space */
};

/* What a reader found, to see that all found the same. */
struct seen {
	size_t nodes;
	size_t texts;
	uint64_t hash;
};

#define SEEN_INIT                                                                                  \
	{                                                                                          \
		0, 0, UINT64_C(14695981039346656037)                                               \
	}

void seen_number(struct seen *seen, uint64_t value);
void seen_text(struct seen *seen, const char *text);

/* Print and end the program. */
_Noreturn void give_up(const char *what);
/* recording: a grpc.jsonl. */
void list_make(struct list *list, const char *recording, size_t count);
void list_done(struct list *list);

#endif
