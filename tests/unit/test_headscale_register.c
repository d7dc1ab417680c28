/* Registering: which key goes to which generation, and for whom. */
#include "check.h"

#include <stdio.h>

#include "base/sys.h"
#include "fake_channel.h"
#include "headscale/generation.h"
#include "raw_message.h"

static const ouro__band bands[] = {OURO__BAND_B, OURO__BAND_C, OURO__BAND_D, OURO__BAND_E,
	OURO__BAND_F0, OURO__BAND_F1, OURO__BAND_G, OURO__BAND_H, OURO__BAND_I};
enum { BANDS = sizeof(bands) / sizeof(bands[0]) };

/* Users whose stored name is the one that was searched for; < 0: the search fails. */
static int stored;
static char searched[64];

static ouro_status answer(struct fake_channel *fake, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr)
{
	(void)fake;
	if (method->reply == &ouro__hs_users) {
		const struct ouro__hs_list_users_request *search = request;
		struct ouro__hs_users *users = ouro__arena_alloc(arena, sizeof(*users));

		(void)snprintf(searched, sizeof(searched), "%s", search->name);
		if (stored < 0)
			return fake_refuse(reterr, 13, "database is locked");
		users->users.count = (size_t)stored;
		users->users.items = ouro__arena_alloc(arena, sizeof(void *) * 4);
		for (int i = 0; i < stored; i++)
			users->users.items[i] =
				ouro__arena_alloc(arena, sizeof(struct ouro__hs_user));
		*ret_reply = users;
	} else {
		struct ouro__hs_node_reply *reply = ouro__arena_alloc(arena, sizeof(*reply));

		reply->node = ouro__arena_alloc(arena, sizeof(*reply->node));
		reply->node->id = 7;
		*ret_reply = reply;
	}
	return OURO_OK;
}

struct result {
	ouro_status rc;
	uint64_t id;
	unsigned calls;
	unsigned writes;
	char last[64];
	struct raw_message sent;
	ouro_error error;
};

static struct result try_register(ouro__band band, const char *user, int32_t form)
{
	struct fake_channel *fake = fake_channel_new(fake_methods_of(band), answer, NULL);
	const struct ouro__server server = {&fake->base, ouro__generation_of(band), 1, 0};
	ouro_registration registration = OURO_REGISTRATION_INIT;
	struct result result = {.error = OURO_ERROR_INIT};

	registration.form = form;
	(void)snprintf(registration.key, sizeof(registration.key), "key-%d", form);
	searched[0] = '\0';
	result.rc = ouro__headscale_register(
		&server, user, &registration, ouro__clock_ms() + 2000, &result.id, &result.error);
	result.calls = fake->calls;
	result.writes = fake->writes;
	memcpy(result.last, fake->last, sizeof(result.last));
	if (fake->writes)
		result.sent = raw_message_read(fake->sent, fake->sent_size);
	ouro__channel_free(&fake->base);
	return result;
}

static void test_headscale_register__each_key_where_it_belongs(void **state)
{
	(void)state;
	for (size_t b = 0; b < BANDS; b++)
		for (int32_t form = 0; form <= 4; form++) {
			const ouro__generation *generation = ouro__generation_of(bands[b]);
			struct result result = try_register(bands[b], "mia", form);
			/* Which of the two it is, the server itself says. */
			int either = bands[b] == OURO__BAND_C || bands[b] == OURO__BAND_D;

			if (either ? form != 1 && form != 2
				   : form != generation->registration_form) {
				assert_int_equal(result.rc, OURO_ERR_KEY_UNKNOWN);
				assert_int_equal(result.calls, 0);
				assert_text_has(result.error.text, generation->version);
				continue;
			}
			assert_int_equal(result.rc, OURO_OK);
			assert_int_equal(result.id, 7);
			assert_int_equal(result.calls, 1);
			assert_string_equal(result.last,
				bands[b] >= OURO__BAND_H ? "AuthRegister" : "RegisterNode");
			assert_int_equal(result.sent.count, 2);
			assert_string_equal(raw_message_find(&result.sent, 1)->text, "mia");
			assert_text_has(raw_message_find(&result.sent, 2)->text, "key-");
		}
}

/* What 0.28 and later show for a user without a stored name would be looked for as a name, and might be somebody's. */
static void test_headscale_register__substitute_names(void **state)
{
	static const char *const names[] = {
		"mia@example.com", "https://id.example.com/mia", "id.example.com/7", "12"};

	(void)state;
	for (size_t b = 0; b < BANDS; b++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			int32_t form = ouro__generation_of(bands[b])->registration_form;
			int checked = bands[b] >= OURO__BAND_G;
			struct result result;

			stored = 1;
			result = try_register(bands[b], names[i], form);
			assert_int_equal(result.rc, OURO_OK);
			assert_int_equal(result.calls, checked ? 2 : 1);
			assert_string_equal(searched, checked ? names[i] : "");
			if (!checked)
				continue;
			stored = 0;
			result = try_register(bands[b], names[i], form);
			assert_int_equal(result.rc, OURO_ERR_NOTFOUND);
			assert_int_equal(result.writes, 0);
			assert_text_has(result.error.text, "has stored no name");
			stored = 2;
			result = try_register(bands[b], names[i], form);
			assert_int_equal(result.rc, OURO_ERR_NOTFOUND);
			assert_int_equal(result.writes, 0);
			assert_text_has(result.error.text, "several users");
			stored = -1;
			result = try_register(bands[b], names[i], form);
			assert_int_equal(result.rc, OURO_ERR_REJECTED);
			assert_int_equal(result.writes, 0);
		}
}

static void test_headscale_register__plain_names_cost_no_search(void **state)
{
	static const char *const names[] = {"mia", "1a", "m.i-a_1", "m\xc3\xadia"};

	(void)state;
	stored = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct result result = try_register(OURO__BAND_H, names[i], 3);

		assert_int_equal(result.rc, OURO_OK);
		assert_int_equal(result.calls, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_register__each_key_where_it_belongs),
		cmocka_unit_test(test_headscale_register__substitute_names),
		cmocka_unit_test(test_headscale_register__plain_names_cost_no_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
