/* What the library's readers are held against. */
#ifndef OURO_BENCH_OTHERS_H
#define OURO_BENCH_OTHERS_H

#include "lists.h"

/* 0 = built without protobuf-c; the other two are not called then. */
int others_have_protobuf_c(void);
/* Unpack the list and release it. */
void others_protobuf_c(const struct list *list);
void others_protobuf_c_look(const struct list *list, struct seen *seen);

#endif
