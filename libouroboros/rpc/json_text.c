/* Bounded reading of JSON texts; see json_text.h. The scanner finds where values end and counts; what it lets pass is still judged by
 * jansson, piece by piece. */
#include "rpc/json_text.h"

#include <string.h>

#include "rpc/json.h"

/* An error body is short. */
#define SMALL_MAX ((size_t)64 * 1024)

/* Goes over a text. Only strings and brackets are looked at: jansson judges the rest. */
struct ouro__json_scan {
	const char *at;
	const char *end;
	size_t values;      /* separators and brackets seen: about the number of values */
	unsigned depth;     /* open brackets */
	unsigned depth_max; /* more are refused */
	int too_deep;
};

/* ---- scanning ---- */

static void skip_space(struct ouro__json_scan *scan)
{
	while (scan->at < scan->end &&
		(*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t' || *scan->at == '\r'))
		scan->at++;
}

static int take(struct ouro__json_scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return 0;
	scan->at++;
	return 1;
}

/* at is behind the opening quote. Most texts have no escapes, and memchr is fast. */
static int skip_string(struct ouro__json_scan *scan)
{
	const char *at = scan->at;
	const char *quote = memchr(at, '"', (size_t)(scan->end - at));

	if (quote && memchr(at, '\\', (size_t)(quote - at)))
		for (quote = at; quote < scan->end && *quote != '"'; quote++)
			if (*quote == '\\' && quote + 1 < scan->end)
				quote++;
	/* A backslash may have been the last byte. */
	if (!quote || quote >= scan->end) {
		scan->at = scan->end;
		return 0;
	}
	scan->at = quote + 1;
	return 1;
}

/* Behind the value that begins at scan->at; 0 = the text ends within it, or is too deep. */
static int skip_value(struct ouro__json_scan *scan)
{
	unsigned outer = scan->depth;

	while (scan->at < scan->end) {
		char c = *scan->at;

		if (scan->depth == outer && (c == ',' || c == ']' || c == '}'))
			return 1;
		scan->at++;
		if (c == '"') {
			if (!skip_string(scan))
				return 0;
		} else if (c == '{' || c == '[') {
			scan->values++;
			if (++scan->depth > scan->depth_max) {
				scan->too_deep = 1;
				return 0;
			}
		} else if (c == '}' || c == ']') {
			/* Which bracket closes which is for jansson to say. */
			if (--scan->depth == outer)
				return 1;
		} else if (c == ',') {
			scan->values++;
		}
	}
	return scan->depth == outer;
}

/* At a '['. 1 = a list of objects, and at is at its ']'; else at stays. The objects themselves are not judged. */
static int scan_list(struct ouro__json_scan *scan, const char *text, struct ouro__json_list *list,
	ouro__buf *pieces)
{
	struct ouro__json_scan try = *scan;

	list->first = pieces->size / sizeof(struct ouro__json_piece);
	list->count = 0;
	if (!take(&try, '['))
		return 0;
	/* The outermost object is one deep: this much is always allowed. */
	try.depth++;
	do {
		struct ouro__json_piece piece = {0, 0, 0};
		size_t before = try.values++;

		skip_space(&try);
		piece.at = (uint32_t)(try.at - text);
		if (try.at == try.end || *try.at != '{' || try.values > OURO__JSON_TOTAL_MAX ||
			!skip_value(&try)) {
			scan->too_deep = try.too_deep;
			scan->values = try.values;
			return 0;
		}
		piece.size = (uint32_t)(try.at - text) - piece.at;
		piece.values = (uint32_t)(try.values - before);
		ouro__buf_append(pieces, &piece, sizeof(piece));
		list->count++;
		skip_space(&try);
	} while (take(&try, ','));
	if (try.at == try.end || *try.at != ']')
		return 0;
	try.depth--;
	*scan = try;
	return 1;
}

/* ---- loading ---- */

static json_t *load(const char *piece, size_t size, json_error_t *error)
{
	return json_loadb(piece, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, error);
}

json_t *ouro__json_load(const char *piece, size_t size, size_t values, size_t offset,
	ouro_status *ret_status, ouro_error *reterr)
{
	json_error_t error = {0}; /* jansson does not set all of it */
	json_t *json;

	if (size > OURO__JSON_PIECE_MAX || values > OURO__JSON_VALUES_MAX) {
		*ret_status = ouro__error_set(reterr, OURO_ERR_LIMIT,
			"the answer holds an object that is too large (near byte %zu)", offset);
		return NULL;
	}
	json = load(piece, size, &error);
	if (json)
		return json;
	/* jansson's own words quote the text, which may hold secrets. Without memory it has none as a rule. */
	if (!error.text[0] || json_error_code(&error) == json_error_out_of_memory)
		*ret_status = ouro__error_nomem(reterr);
	else if (json_error_code(&error) == json_error_duplicate_key)
		*ret_status = ouro__error_set(reterr, OURO_ERR_PROTOCOL,
			"the answer holds a member twice (near byte %zu)",
			offset + (size_t)(error.position < 0 ? 0 : error.position));
	else
		*ret_status = ouro__error_set(reterr, OURO_ERR_PROTOCOL,
			"the answer is not well-formed JSON (near byte %zu)",
			offset + (size_t)(error.position < 0 ? 0 : error.position));
	return NULL;
}

json_t *ouro__json_small(const char *text, size_t size)
{
	struct ouro__json_scan scan = {
		.at = text, .end = text + size, .depth_max = OURO__JSON_DEPTH_MAX};

	if (!size || size > SMALL_MAX || !skip_value(&scan))
		return NULL;
	return load(text, size, NULL);
}

/* ---- looking through ---- */

int ouro__json_each(const char *text, size_t size,
	int (*fn)(void *user, const struct ouro__json_member *member), void *user)
{
	struct ouro__json_scan scan = {
		.at = text, .end = text + size, .depth = 1, .depth_max = OURO__JSON_DEPTH_MAX};

	skip_space(&scan);
	if (!take(&scan, '{'))
		return 0;
	skip_space(&scan);
	if (take(&scan, '}'))
		return 1;
	do {
		struct ouro__json_member member;

		skip_space(&scan);
		if (!take(&scan, '"'))
			return 0;
		member.name = scan.at;
		if (!skip_string(&scan))
			return 0;
		member.name_size = (size_t)(scan.at - member.name) - 1;
		skip_space(&scan);
		if (!take(&scan, ':'))
			return 0;
		skip_space(&scan);
		member.value = scan.at;
		if (!skip_value(&scan))
			return 0;
		member.value_size = (size_t)(scan.at - member.value);
		if (!fn(user, &member))
			return 1;
		skip_space(&scan);
	} while (take(&scan, ','));
	return take(&scan, '}');
}

/* ---- cutting ---- */

static void keep(struct ouro__json_cut *cut, const char *from, const char *to)
{
	cut->outline_size += (size_t)(to - from);
	ouro__buf_append(&cut->outline, from, (size_t)(to - from));
}

/* The value of a member: cut out if it is a list of objects. from: what the outline does not have yet. */
static int cut_value(
	struct ouro__json_cut *cut, struct ouro__json_scan *scan, size_t member, const char **from)
{
	struct ouro__json_list *list = &cut->lists[cut->count];
	const char *begin = scan->at;
	size_t kept_pieces = cut->pieces.size;
	size_t before;

	if (cut->count < OURO__JSON_LISTS_MAX && scan_list(scan, cut->text, list, &cut->pieces)) {
		list->member = member;
		cut->count++;
		keep(cut, *from, begin + 1);
		*from = scan->at++;
		return 1;
	}
	cut->pieces.size = kept_pieces;
	before = scan->values;
	if (scan->too_deep || scan->values > OURO__JSON_TOTAL_MAX || !skip_value(scan))
		return 0;
	cut->outline_values += scan->values - before + 1;
	return 1;
}

/* Over the members of the outermost object, whose brace is taken; ends where a value is not followed by a comma. */
static void cut_members(struct ouro__json_cut *cut, struct ouro__json_scan *scan, const char **from)
{
	for (size_t member = 0;; member++) {
		skip_space(scan);
		if (!take(scan, '"') || !skip_string(scan))
			return;
		skip_space(scan);
		if (!take(scan, ':'))
			return;
		skip_space(scan);
		if (!cut_value(cut, scan, member, from))
			return;
		skip_space(scan);
		if (!take(scan, ','))
			return;
	}
}

ouro_status ouro__json_cut(
	struct ouro__json_cut *cut, const char *text, size_t size, ouro_error *reterr)
{
	struct ouro__json_scan scan = {
		.at = text, .end = text + size, .depth = 1, .depth_max = OURO__JSON_DEPTH_MAX};
	const char *from = text;
	int whole;

	cut->text = text;
	cut->pieces =
		(ouro__buf)OURO__BUF_INIT(OURO__JSON_TOTAL_MAX * sizeof(struct ouro__json_piece));
	cut->outline = (ouro__buf)OURO__BUF_INIT(OURO__JSON_PIECE_MAX);
	cut->count = 0;
	cut->outline_size = 0;
	cut->outline_values = 0;
	if (size > UINT32_MAX)
		return ouro__error_set(reterr, OURO_ERR_LIMIT, "the answer is too large");
	skip_space(&scan);
	if (!take(&scan, '{'))
		return ouro__error_set(
			reterr, OURO_ERR_PROTOCOL, "the answer is not a JSON object");
	skip_space(&scan);
	if (scan.at < scan.end && *scan.at != '}')
		cut_members(cut, &scan, &from);
	if (scan.too_deep)
		return ouro__error_set(reterr, OURO_ERR_PROTOCOL,
			"the answer is nested deeper than %u", OURO__JSON_DEPTH_MAX);
	if (scan.values > OURO__JSON_TOTAL_MAX)
		return ouro__error_set(reterr, OURO_ERR_LIMIT, "the answer holds too many values");
	whole = take(&scan, '}');
	skip_space(&scan);
	if (!whole || scan.at != scan.end)
		return ouro__error_set(reterr, OURO_ERR_PROTOCOL,
			"the answer is not well-formed JSON (near byte %zu)",
			(size_t)(scan.at - text));
	keep(cut, from, scan.end);
	if (cut->outline_size > OURO__JSON_PIECE_MAX)
		return ouro__error_set(
			reterr, OURO_ERR_LIMIT, "the answer is too large besides its lists");
	return cut->outline.broken || cut->pieces.broken ? ouro__error_nomem(reterr) : OURO_OK;
}

void ouro__json_cut_done(struct ouro__json_cut *cut)
{
	ouro__buf_wipe(&cut->outline);
	ouro__buf_done(&cut->pieces);
}

struct ouro__json_piece ouro__json_piece_of(
	const struct ouro__json_cut *cut, const struct ouro__json_list *list, size_t index)
{
	struct ouro__json_piece piece;

	memcpy(&piece, cut->pieces.data + (list->first + index) * sizeof(piece), sizeof(piece));
	return piece;
}
