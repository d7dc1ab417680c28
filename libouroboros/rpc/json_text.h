/* JSON texts from outside, for json.c and the JSON channel: reading with bounds on depth and cost, and cutting long lists out of a
 * text, so that they are read object by object. Pure; any thread. */
#ifndef OURO_RPC_JSON_TEXT_H
#define OURO_RPC_JSON_TEXT_H

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"

/* What is parsed in one piece: jansson takes up to 400 bytes a value and a few times the text. */
#define OURO__JSON_PIECE_MAX ((size_t)16 << 20)
#define OURO__JSON_VALUES_MAX ((size_t)65536)
/* Values of a whole answer; one in 16 bytes of the largest. */
#define OURO__JSON_TOTAL_MAX ((size_t)4 << 20)
/* More lists than any message has; the others are not cut out. */
#define OURO__JSON_LISTS_MAX 16u

/* An object of a list: where it stands in the text. */
struct ouro__json_piece {
	uint32_t at;
	uint32_t size;
	uint32_t values;
};

/* A list of objects that stands directly in the outermost object. */
struct ouro__json_list {
	size_t member; /* the place of the member that it is, from 0 */
	size_t first;  /* its first piece */
	size_t count;
};

/* A text, and its outline: the same with those lists empty. */
struct ouro__json_cut {
	const char *text;
	ouro__buf outline;
	size_t outline_size;
	size_t outline_values;
	ouro__buf pieces; /* struct ouro__json_piece */
	struct ouro__json_list lists[OURO__JSON_LISTS_MAX];
	size_t count;
};

/* A piece of a text; duplicates, NUL and broken UTF-8 are refused. NULL: *ret_status is PROTOCOL, LIMIT or NOMEM. offset: where the
 * piece stands in the whole, for the text. Released with json_decref(). */
json_t *ouro__json_load(const char *piece, size_t size, size_t values, size_t offset,
	ouro_status *ret_status, ouro_error *reterr);
/* A whole small text (an error body) of any kind of value; NULL = not to be read. */
json_t *ouro__json_small(const char *text, size_t size);
/* A member of an object: its name between the quotes as it stands in the text, and its value. */
struct ouro__json_member {
	const char *name;
	size_t name_size;
	const char *value;
	size_t value_size;
};
/* Call fn for each member of the object that text is, until it returns 0. Nothing is judged but where values end: what is used of them is
 * to be loaded. Returns 1 if the object is whole, or fn ended it; 0 if it is not, or too deep. */
int ouro__json_each(const char *text, size_t size,
	int (*fn)(void *user, const struct ouro__json_member *member), void *user);
/* Cut; the lists point into text. PROTOCOL: too deep. LIMIT: too many values. cut is to be released in either case. */
ouro_status ouro__json_cut(
	struct ouro__json_cut *cut, const char *text, size_t size, ouro_error *reterr);
void ouro__json_cut_done(struct ouro__json_cut *cut);
/* index < list->count. */
struct ouro__json_piece ouro__json_piece_of(
	const struct ouro__json_cut *cut, const struct ouro__json_list *list, size_t index);

#endif
