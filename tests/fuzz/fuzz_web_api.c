/* The API's readers: the first line is a path, the rest a body. What comes through is text, known, and of the right kind; the
 * answer to the rest is a problem document. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_MAX ((size_t)1024 * 1024)

static const struct api_field fields[] = {{"id", API_ID}, {"text", API_TEXT}, {"flag", API_BOOL},
	{"time", API_TIME}, {"texts", API_TEXTS}, {"number", API_NUMBER}, {NULL, API_TEXT}};
static const struct api_route route = {WEB_POST, "/v1/{}/x/{}", NULL, 0, fields, "fuzzing"};

static void check_text(const char *text)
{
	uint32_t code;

	for (size_t length = strlen(text), at = 0; at < length;) {
		size_t n = web_text_utf8(text + at, length - at, &code);

		if (!n || code < 0x20)
			abort();
		at += n;
	}
}

static void check_path(const char *path, struct web_arena *arena)
{
	const char *params[API_PARAMS_MAX] = {"", ""};

	if (api_match(route.pattern, path, arena, params) == 1) {
		check_text(params[0]);
		check_text(params[1]);
	}
}

static void check_values(struct api_call *api)
{
	char text[API_TIME_MAX];
	int64_t again = 0;
	int64_t time = api_time(api, "time");
	size_t count;

	api_time_text(time, text);
	if (!api_time_read(text, strlen(text), &again) ||
		(time != OURO_TIME_NEVER && time >= -62135596800 && time <= 253402300799 &&
			again != time))
		abort();
	(void)api_texts(api, "texts", &count);
	(void)api_text(api, "text");
	(void)api_id(api, "id");
	(void)api_flag(api, "flag");
	(void)api_number(api, "number");
}

/* Every answer is JSON. */
static void check_answer(const struct web_response *response)
{
	json_t *root = json_loadb(response->body.data, response->body.length, 0, NULL);

	if (!root || json_integer_value(json_object_get(root, "status")) != response->status)
		abort();
	json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t path_size = end ? (size_t)(end - data) : size;
	size_t body_size = end ? size - path_size - 1 : 0;
	char *path = calloc(1, path_size + 1);
	char *body = malloc(body_size ? body_size : 1); /* exact size and no NUL behind */
	struct web_request request = {.method = WEB_POST, .api = 1};
	struct web_response response;
	struct web_arena arena;
	struct web_call web = {.request = &request, .response = &response, .arena = &arena};
	struct api_call api = {&web, &route, {"", ""}, NULL, NULL};

	web_response_init(&response);
	web_arena_init(&arena, ARENA_MAX);
	if (path && body) {
		if (path_size)
			memcpy(path, data, path_size);
		if (body_size)
			memcpy(body, end + 1, body_size);
		check_path(path, &arena);
		if (api_body_read(&api, body, body_size, &api.body))
			check_values(&api);
		else
			check_answer(&response);
	}
	json_decref(api.body);
	web_arena_done(&arena);
	web_response_done(&response);
	free(path);
	free(body);
	return 0;
}
