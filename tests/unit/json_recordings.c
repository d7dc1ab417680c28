/* See json_recordings.h. */
#include "check.h"

#include "json_recordings.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "rpc/json.h"

#define API "/api/v1/"

const struct json_recording json_recordings[JSON_RECORDINGS] = {
	{"v0.23.0", OURO__BAND_B},
	{"v0.24.3", OURO__BAND_C},
	{"v0.25.1", OURO__BAND_D},
	{"v0.26.1", OURO__BAND_E},
	{"v0.27.1", OURO__BAND_F1},
	{"v0.28.0", OURO__BAND_G},
	{"v0.29.2", OURO__BAND_H},
	{"head", OURO__BAND_I},
};

static FILE *open_file(const struct json_recording *recording, const char *file)
{
	char path[1024];
	FILE *opened;

	(void)snprintf(path, sizeof(path), "%s/wire/recordings/%s/%s", OURO_TESTS_DIR,
		recording->folder, file);
	opened = fopen(path, "rb");
	assert_non_null(opened);
	return opened;
}

json_t *json_recording_file(
	const struct json_recording *recording, const char *file, const char *name)
{
	FILE *opened = open_file(recording, file);
	json_t *record;

	while ((record = json_loadf(opened, JSON_DISABLE_EOF_CHECK, NULL))) {
		if (!name || strcmp(json_string_value(json_object_get(record, "name")), name) == 0)
			break;
		json_decref(record);
	}
	(void)fclose(opened);
	return record;
}

char *json_recording_body(const struct json_recording *recording, const char *name)
{
	json_t *record = json_recording_file(recording, "http.jsonl", name);
	const json_t *response = json_object_get(record, "response");
	char *text = NULL;

	if (json_integer_value(json_object_get(response, "status")) == 200)
		text = strdup(json_string_value(json_object_get(response, "body")));
	json_decref(record);
	return text;
}

/* By the path that was asked for; NULL = not one of ours. */
static const struct ouro__message *message_of(const char *path)
{
	size_t size = strcspn(path, "?");

	if (!ouro__str_starts(path, API))
		return NULL;
	path += sizeof(API) - 1;
	size -= sizeof(API) - 1;
	if (size >= 6 && memcmp(path + size - 6, "routes", 6) == 0)
		return &ouro__hs_routes;
	if (size == 4 && memcmp(path, "node", 4) == 0)
		return &ouro__hs_nodes;
	if (size == 4 && memcmp(path, "user", 4) == 0)
		return &ouro__hs_users;
	if (size == 10 && memcmp(path, "preauthkey", 10) == 0)
		return &ouro__hs_keys;
	if (ouro__str_starts(path, "node/"))
		return &ouro__hs_node_reply;
	return NULL;
}

static int is_known(const struct json_answer *answers, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(answers[i].text, text) == 0)
			return 1;
	return 0;
}

size_t json_recording_answers(
	const struct json_recording *recording, struct json_answer ret_answers[JSON_ANSWERS_MAX])
{
	FILE *file = open_file(recording, "http.jsonl");
	size_t count = 0;
	json_t *record;

	for (; (record = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)); json_decref(record)) {
		const json_t *request = json_object_get(record, "request");
		const json_t *response = json_object_get(record, "response");
		const char *text = json_string_value(json_object_get(response, "body"));
		struct json_answer *answer = &ret_answers[count];

		answer->message = message_of(json_string_value(json_object_get(request, "path")));
		if (!answer->message || !text || is_known(ret_answers, count, text) ||
			strcmp(json_string_value(json_object_get(request, "method")), "GET") != 0 ||
			json_integer_value(json_object_get(response, "status")) != 200)
			continue;
		answer->text = strdup(text);
		(void)snprintf(answer->name, sizeof(answer->name), "%s",
			json_string_value(json_object_get(record, "name")));
		count++;
		assert_true(count < JSON_ANSWERS_MAX);
	}
	(void)fclose(file);
	return count;
}

void json_recording_answers_free(struct json_answer *answers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(answers[i].text);
}

void *json_recording_decode(const struct ouro__message *message, ouro__band band, const char *text,
	size_t size, ouro__arena *arena)
{
	char *copy = malloc(size ? size : 1);
	ouro_error error = OURO_ERROR_INIT;
	void *object = NULL;
	ouro_status rc;

	memcpy(copy, text, size);
	rc = ouro__json_decode(message, band, copy, size, arena, &object, &error);
	free(copy);
	assert_true(rc == OURO_OK || (rc == OURO_ERR_PROTOCOL && error.text[0] && !object));
	return object;
}

size_t json_recording_behind(const char *text, size_t value)
{
	size_t at = value;
	int depth = 0;

	do {
		if (text[at] == '"') {
			for (at++; text[at] != '"'; at++)
				at += text[at] == '\\';
		} else if (text[at] == '{' || text[at] == '[') {
			depth++;
		} else if (text[at] == '}' || text[at] == ']') {
			depth--;
		}
		at++;
	} while (depth || !strchr(",}]\n ", text[at]));
	return at;
}

static size_t over_gap(const char *text, size_t at)
{
	return at + strspn(text + at, " ,:\n");
}

struct json_range json_recording_member(const char *text, size_t object, const char *name)
{
	size_t length = strlen(name);
	size_t at = over_gap(text, object + 1);

	while (text[at] == '"') {
		size_t key = at + 1;
		size_t value = over_gap(text, key + strcspn(text + key, "\"") + 1);

		at = json_recording_behind(text, value);
		if (strncmp(text + key, name, length) == 0 && text[key + length] == '"')
			return (struct json_range){value, at};
		at = over_gap(text, at);
	}
	return (struct json_range){0, 0};
}

/* The objects of the list that the answer is; 0 = it is none. */
static size_t find_objects(const char *text, struct json_range objects[JSON_PIECES_MAX])
{
	size_t at = over_gap(text, strcspn(text, ":"));
	size_t count = 0;

	if (text[at] != '[')
		return 0;
	for (at++; text[at] == '{'; at = over_gap(text, objects[count++].to)) {
		assert_true(2 * count + 3 <= JSON_PIECES_MAX);
		objects[count] = (struct json_range){at, json_recording_behind(text, at)};
	}
	return count;
}

/* The text without what lies between the ends of the two ranges. */
static struct json_piece make_piece(const char *text, struct json_range left_out_before,
	struct json_range left_out_behind, struct json_range bytes)
{
	ouro__buf out = OURO__BUF_INIT((size_t)1 << 20);
	size_t gone = left_out_before.to - left_out_before.from;

	ouro__buf_append(&out, text, left_out_before.from);
	ouro__buf_append(
		&out, text + left_out_before.to, left_out_behind.from - left_out_before.to);
	ouro__buf_text(&out, text + left_out_behind.to);
	return (struct json_piece){
		(char *)out.data, out.size, {bytes.from - gone, bytes.to - gone}, bytes.from};
}

size_t json_recording_pieces(
	const char *text, size_t neighbours, struct json_piece ret_pieces[JSON_PIECES_MAX])
{
	struct json_range objects[JSON_PIECES_MAX];
	const struct json_range none = {strlen(text), strlen(text)};
	const struct json_range start = {0, 0};
	size_t count = find_objects(text, objects);
	size_t pieces = 0;

	if (!count) {
		ret_pieces[0] = make_piece(text, start, none, (struct json_range){0, none.to});
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		size_t first = i > neighbours ? i - neighbours : 0;
		size_t last = i + neighbours < count ? i + neighbours : count - 1;

		ret_pieces[pieces++] = make_piece(text,
			(struct json_range){objects[0].from, objects[first].from},
			(struct json_range){objects[last].to, objects[count - 1].to}, objects[i]);
	}
	/* What stands between and around them. */
	for (size_t i = 0; i <= count; i++)
		ret_pieces[pieces++] = make_piece(text, start, none,
			(struct json_range){
				i ? objects[i - 1].to : 0, i < count ? objects[i].from : none.to});
	return pieces;
}

void json_recording_pieces_free(struct json_piece *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(pieces[i].text);
}

char *json_piece_damaged(const struct json_piece *piece, size_t at, int drop, size_t *ret_size)
{
	static const char marks[] = {
		'"', '\\', '{', '}', '[', ']', ',', ':', '0', '\0', '\x80', ' '};
	size_t turn = at % (sizeof(marks) + 8);
	size_t rest = at + (size_t)drop;
	char *copy = malloc(piece->size);

	assert_non_null(copy);
	memcpy(copy, piece->text, at);
	memcpy(copy + at, piece->text + rest, piece->size - rest);
	if (!drop && turn < sizeof(marks))
		copy[at] = marks[turn];
	else if (!drop)
		copy[at] = (char)(copy[at] ^ (char)(1 << (turn - sizeof(marks))));
	*ret_size = piece->size - (size_t)drop;
	return copy;
}

int json_seen_add(struct json_seen *seen, const char *text, size_t size)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (uint8_t)text[i]) * UINT64_C(1099511628211);
	for (size_t i = 0; i < seen->count; i++)
		if (seen->hashes[i] == hash)
			return 0;
	assert_true(seen->count < sizeof(seen->hashes) / sizeof(seen->hashes[0]));
	seen->hashes[seen->count++] = hash;
	return 1;
}

ouro__snapshot *json_recording_snapshot(const struct json_recording *recording,
	const char *nodes_text, size_t nodes_size, const char *users_text, const char *routes_text)
{
	ouro__snapshot *snapshot = ouro__snapshot_new(JSON_RECORDING_ARENA_MAX);
	ouro__band band = recording->band;
	void *nodes = json_recording_decode(
		&ouro__hs_nodes, band, nodes_text, nodes_size, snapshot->arena);
	void *users = json_recording_decode(
		&ouro__hs_users, band, users_text, strlen(users_text), snapshot->arena);
	void *routes = routes_text ? json_recording_decode(&ouro__hs_routes, band, routes_text,
					     strlen(routes_text), snapshot->arena)
				   : NULL;

	if (nodes && users && (routes || !routes_text) &&
		ouro__headscale_snapshot(
			snapshot, ouro__generation_of(band), nodes, users, routes, NULL) == OURO_OK)
		return snapshot;
	ouro__snapshot_unref(snapshot);
	return NULL;
}
