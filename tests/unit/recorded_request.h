/* What a recording says was asked, as the library would ask it. */
#ifndef TEST_RECORDED_REQUEST_H
#define TEST_RECORDED_REQUEST_H

#include <jansson.h>

#include "base/alloc.h"
#include "rpc/table.h"

/* A request struct from recorded fields, whose names are protobuf's or JSON's. In the arena; NULL = holds a field that we never
 * send. */
void *recording_request(
	const struct ouro__message *message, ouro__band band, json_t *fields, ouro__arena *arena);

#endif
