/* The answers of real servers over HTTP, all versions, as they lie in tests/wire/recordings. */
#ifndef TEST_JSON_RECORDINGS_H
#define TEST_JSON_RECORDINGS_H

#include <jansson.h>

#include "headscale/generation.h"
#include "model/model.h"

#define JSON_RECORDING_ARENA_MAX ((size_t)64 << 20)

struct json_recording {
	const char *folder;
	ouro__band band;
};

/* By age. */
enum { JSON_RECORDINGS = 8 };
extern const struct json_recording json_recordings[JSON_RECORDINGS];

/* The first record in a file of the recording, of that name or (NULL) any; NULL = none. Owned by the caller. */
json_t *json_recording_file(
	const struct json_recording *recording, const char *file, const char *name);
/* The recorded text of a success; free(). NULL = this version has none. */
char *json_recording_body(const struct json_recording *recording, const char *name);

/* A good answer to one of our reading calls. */
struct json_answer {
	char name[64];
	const struct ouro__message *message;
	char *text;
};

enum { JSON_ANSWERS_MAX = 64 };

/* Every different one that was recorded; returns how many. */
size_t json_recording_answers(
	const struct json_recording *recording, struct json_answer ret_answers[JSON_ANSWERS_MAX]);
void json_recording_answers_free(struct json_answer *answers, size_t count);

/* From a block of the text's own size, so that the sanitizer sees every read beyond it. NULL = refused; fails the test if that was
 * not as malformed. */
void *json_recording_decode(const struct ouro__message *message, ouro__band band, const char *text,
	size_t size, ouro__arena *arena);
/* Places in a text, from and up to. */
struct json_range {
	size_t from;
	size_t to;
};

/* The value of a member of the object that begins there; empty = none. The text is as recorded. */
struct json_range json_recording_member(const char *text, size_t object, const char *name);
/* Behind the value that begins there. */
size_t json_recording_behind(const char *text, size_t value);

/* A part of an answer for damaging: of a list only one object, and its neighbours if those matter, since what is far away is not read
 * differently, and it is many times quicker. Each byte of the answer is one of those to damage in one piece. */
struct json_piece {
	char *text;
	size_t size;
	struct json_range bytes; /* to be damaged */
	size_t origin;           /* where bytes.from stands in the answer */
};

enum { JSON_PIECES_MAX = 64 };

/* Returns how many. neighbours: how many objects on each side stay. */
size_t json_recording_pieces(
	const char *text, size_t neighbours, struct json_piece ret_pieces[JSON_PIECES_MAX]);
void json_recording_pieces_free(struct json_piece *pieces, size_t count);
/* The piece without a byte (drop = 1), or with another one there, in turn what structures a text and itself with a bit changed. Not
 * terminated; free(). */
char *json_piece_damaged(const struct json_piece *piece, size_t at, int drop, size_t *ret_size);
/* Texts that were there: many answers hold the same objects. Zero = none. */
struct json_seen {
	uint64_t hashes[1024];
	size_t count;
};

/* 1 if it is new. */
int json_seen_add(struct json_seen *seen, const char *text, size_t size);

/* All three together; routes_text NULL = none. NULL = refused. */
ouro__snapshot *json_recording_snapshot(const struct json_recording *recording,
	const char *nodes_text, size_t nodes_size, const char *users_text, const char *routes_text);

#endif
