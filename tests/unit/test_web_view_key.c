/* Keys and tokens as templates see them. The models are the test's own: the accessors below stand in for the library's, so that
 * each state can be shown. */
#include "view_render.h"

#include "view_key.h"

enum { DAY = 86400 };

static const int64_t now = 1700000000;

struct ouro_key {
	uint64_t id;
	const char *hint;
	int state;
	int reusable;
	int ephemeral;
	int used;
};

struct ouro_key_list {
	const ouro_key *keys;
	size_t count;
};

struct ouro_token_list {
	const ouro_token *tokens;
	size_t count;
};

uint64_t ouro_key_id(const ouro_key *key)
{
	return key->id;
}

const char *ouro_key_hint(const ouro_key *key)
{
	return key->hint;
}

const char *ouro_key_user_name(const ouro_key *key)
{
	return key->id ? "mia" : "";
}

int ouro_key_reusable(const ouro_key *key)
{
	return key->reusable;
}

int ouro_key_ephemeral(const ouro_key *key)
{
	return key->ephemeral;
}

int ouro_key_used(const ouro_key *key)
{
	return key->used;
}

int64_t ouro_key_expiration(const ouro_key *key)
{
	(void)key;
	return now + 3 * DAY;
}

int64_t ouro_key_created(const ouro_key *key)
{
	(void)key;
	return now - DAY;
}

int ouro_key_state(const ouro_key *key, int64_t when)
{
	assert_int_equal(when, now);
	return key->state;
}

size_t ouro_key_list_count(const ouro_key_list *list)
{
	return list->count;
}

const ouro_key *ouro_key_list_at(const ouro_key_list *list, size_t index)
{
	return index < list->count ? &list->keys[index] : NULL;
}

size_t ouro_token_list_count(const ouro_token_list *list)
{
	return list->count;
}

const ouro_token *ouro_token_list_at(const ouro_token_list *list, size_t index)
{
	return index < list->count ? &list->tokens[index] : NULL;
}

static struct web_app app;
static struct web_arena arena;
static struct web_call call;

static int setup(void **state)
{
	(void)state;
	memcpy(app.base_path, "/ouroboros", 11);
	web_arena_init(&arena, 64 * 1024);
	call.app = &app;
	call.arena = &arena;
	call.now = now;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	web_arena_done(&arena);
	return 0;
}

static void test_web_view_key__members(void **state)
{
	static const struct {
		ouro_key key;
		const char *words;
	} cases[] = {
		{{7, "hskey-auth-<3f", OURO_KEY_ALIVE, 0, 0, 0}, "works once"},
		{{7, "hskey-auth-<3f", OURO_KEY_ALIVE, 1, 0, 0}, "works several"},
		{{7, "hskey-auth-<3f", OURO_KEY_ALIVE, 1, 1, 1}, "works, was used several passing"},
		{{7, "hskey-auth-<3f", OURO_KEY_USED, 0, 0, 1}, "used up once gone over"},
		{{7, "hskey-auth-<3f", OURO_KEY_EXPIRED, 0, 1, 1}, "ended once passing over"},
	};
	const struct view_keys view = {&call, NULL, 0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct web_value value = {0};

		assert_int_equal(view_key_value(&value, &view, &cases[i].key), 1);
		assert_string_equal(
			view_render(
				"{{word}} {{#reusable}}several{{/reusable}}{{^reusable}}once"
				"{{/reusable}}{{#ephemeral}} passing{{/ephemeral}}{{#used}} gone{{/used}}{{^alive}} "
				"over{{/alive}}",
				&value),
			cases[i].words);
		assert_string_equal(
			view_render("{{id}} {{url}} {{hint}} {{user}} {{created.words}} "
				    "{{ends.words}}{{unknown}}",
				&value),
			"7 /ouroboros/keys/7 hskey-auth-&lt;3f mia 1 day ago in 3 days");
	}
}

static void test_web_view_key__two_lists(void **state)
{
	static const ouro_key keys[] = {{4, "d", OURO_KEY_ALIVE, 0, 0, 0},
		{3, "c", OURO_KEY_EXPIRED, 0, 0, 0}, {2, "b", OURO_KEY_USED, 0, 0, 1},
		{1, "a", OURO_KEY_ALIVE, 0, 0, 0}};
	static const ouro_key_list list = {keys, 4};
	static const ouro_key_list none = {NULL, 0};
	const struct view_keys alive = {&call, &list, 0}, over = {&call, &list, 1};
	const struct view_keys empty = {&call, &none, 0};
	struct web_value value = {0};

	(void)state;
	view_keys_value(&value, &alive);
	assert_string_equal(view_render("{{#.}}{{hint}}{{/.}}", &value), "da");
	assert_int_equal(view_keys_count(&alive), 2);
	view_keys_value(&value, &over);
	assert_string_equal(view_render("{{#.}}{{hint}}{{/.}}", &value), "cb");
	assert_int_equal(view_keys_count(&over), 2);
	view_keys_value(&value, &empty);
	assert_string_equal(view_render("{{#.}}{{hint}}{{/.}}{{^.}}none{{/.}}", &value), "none");
	assert_int_equal(view_keys_count(&empty), 0);
}

static void test_web_view_key__many_that_are_over(void **state)
{
	static ouro_key keys[200];
	static const ouro_key_list list = {keys, 200};
	const struct view_keys over = {&call, &list, 1};
	struct web_value value = {0};

	(void)state;
	for (size_t i = 0; i < 200; i++)
		keys[i] = (ouro_key){i + 1, "x", OURO_KEY_EXPIRED, 0, 0, 0};
	view_keys_value(&value, &over);
	assert_int_equal(strlen(view_render("{{#.}}{{hint}}{{/.}}", &value)), VIEW_KEYS_OVER_MAX);
	assert_int_equal(view_keys_count(&over), 200);
}

static void test_web_view_key__tokens(void **state)
{
	static const ouro_token tokens[] = {
		{sizeof(ouro_token), "0123456789ab", "ba<ckup", OURO_TOKEN_ALL, 1700000000 - DAY,
			1700000000 + 9 * DAY, 1700000000 - 7200},
		{sizeof(ouro_token), "ffffffffffff", "look", OURO_TOKEN_READ, 1700000000 - DAY,
			1700000000 + 9 * DAY, OURO_TIME_NEVER}};
	static const ouro_token_list list = {tokens, 2};
	const struct view_tokens view = {&call, &list};
	struct web_value value = {0};

	(void)state;
	view_tokens_value(&value, &view);
	assert_string_equal(
		view_render(
			"{{#.}}{{id}} {{url}} {{name}} ({{scopes}}) {{created.words}}, "
			"{{ends.words}}, {{#used}}{{words}}{{/used}}{{^used}}no{{/used}}\n{{/.}}",
			&value),
		"0123456789ab /ouroboros/tokens/0123456789ab ba&lt;ckup (everything "
		"that you can do here) 1 day ago, in 9 days, 2 hours ago\n"
		"ffffffffffff /ouroboros/tokens/ffffffffffff look (look) 1 day ago, in 9 days, no\n");
	assert_string_equal(view_scopes(&arena, 0), "");
	assert_string_equal(view_scopes(&arena, OURO_TOKEN_ALL & ~OURO_TOKEN_KEYS),
		"look, change devices, change routes and exit nodes");
	assert_string_equal(view_scopes(&arena, OURO_TOKEN_READ | OURO_TOKEN_KEYS),
		"look, make and revoke keys");
	assert_string_equal(view_scopes(&arena, OURO_TOKEN_ROUTES), "change routes and exit nodes");
}

static void test_web_view_key__no_memory(void **state)
{
	static const ouro_key key = {1, "a", OURO_KEY_ALIVE, 0, 0, 0};
	static const ouro_token token = OURO_TOKEN_INIT;
	const struct view_keys keys = {&call, NULL, 0};
	const struct view_tokens tokens = {&call, NULL};
	struct web_value value = {0};

	(void)state;
	web_arena_done(&arena);
	web_arena_init(&arena, 8);
	assert_int_equal(view_key_value(&value, &keys, &key), 0);
	assert_int_equal(view_token_value(&value, &tokens, &token), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_web_view_key__##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(members),
		CASE(two_lists),
		CASE(many_that_are_over),
		CASE(tokens),
		CASE(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
