/* Answers of real servers over HTTP with every byte left out, changed or cut off, all versions and all that we ever read: refused or
 * read, never more. Whose what is: test_headscale_json_owners.c. */
#include "check.h"

#include <stdlib.h>

#include "json_recordings.h"

static size_t damage_piece(
	ouro__band band, const struct ouro__message *message, const struct json_piece *piece)
{
	size_t read = 0;

	for (size_t at = piece->bytes.from; at < piece->bytes.to; at++)
		for (int drop = 0; drop < 2; drop++) {
			ouro__arena *arena = ouro__arena_new(JSON_RECORDING_ARENA_MAX);
			size_t left = 0;
			char *copy = json_piece_damaged(piece, at, drop, &left);

			/* Cut off there as well. */
			if (drop)
				(void)json_recording_decode(message, band, copy, at, arena);
			read += json_recording_decode(message, band, copy, left, arena) != NULL;
			ouro__arena_free(arena);
			free(copy);
		}
	return read;
}

static size_t damage_all(ouro__band band, const struct json_answer *answer, struct json_seen *seen)
{
	struct json_piece pieces[JSON_PIECES_MAX];
	size_t count = json_recording_pieces(answer->text, 0, pieces);
	size_t bytes = 0;
	size_t read = 0;

	for (size_t i = 0; i < count; i++) {
		bytes += pieces[i].bytes.to - pieces[i].bytes.from;
		/* What stands around objects is damaged each time. */
		if (pieces[i].size == strlen(answer->text) ||
			json_seen_add(seen, pieces[i].text, pieces[i].size))
			read += damage_piece(band, answer->message, &pieces[i]);
	}
	assert_int_equal(bytes, strlen(answer->text));
	json_recording_pieces_free(pieces, count);
	return read;
}

static void test_headscale_json_bytes__do_no_harm(void **state)
{
	(void)state;
	for (size_t r = 0; r < JSON_RECORDINGS; r++) {
		struct json_answer answers[JSON_ANSWERS_MAX];
		size_t count = json_recording_answers(&json_recordings[r], answers);
		struct json_seen seen = {.count = 0};
		size_t bytes = 0;
		size_t read = 0;

		assert_true(count >= 12);
		for (size_t a = 0; a < count; a++) {
			bytes += strlen(answers[a].text);
			read += damage_all(json_recordings[r].band, &answers[a], &seen);
		}
		print_message("%s: %zu bytes of %zu answers, %zu read\n", json_recordings[r].folder,
			bytes, count, read);
		assert_true(bytes > 5000 && read > bytes / 2);
		json_recording_answers_free(answers, count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_json_bytes__do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
