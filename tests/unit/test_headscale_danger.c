/* Calls that would do harm on some server: each must stay at home, on every generation. Seen from the wire, not from the tables. */
#include "check.h"

#include <stdio.h>

#include "base/sys.h"
#include "fake_channel.h"
#include "headscale/generation.h"
#include "headscale/keys.h"
#include "raw_message.h"
#include "rpc/wire.h"

static const ouro__band bands[] = {OURO__BAND_B, OURO__BAND_C, OURO__BAND_D, OURO__BAND_E,
	OURO__BAND_F0, OURO__BAND_F1, OURO__BAND_G, OURO__BAND_H, OURO__BAND_I};
enum { BANDS = sizeof(bands) / sizeof(bands[0]) };

/* A server of one generation that agrees to everything. */
struct place {
	struct fake_channel *fake;
	struct ouro__server server;
	ouro_error error;
};

static ouro_status agree(struct fake_channel *fake, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr)
{
	(void)fake;
	(void)request;
	(void)reterr;
	if (method->reply == &ouro__hs_node_reply) {
		struct ouro__hs_node_reply *reply = ouro__arena_alloc(arena, sizeof(*reply));

		reply->node = ouro__arena_alloc(arena, sizeof(*reply->node));
		reply->node->id = 7;
		*ret_reply = reply;
	} else {
		*ret_reply = ouro__arena_alloc(arena, 256);
	}
	return OURO_OK;
}

static struct place place_at(const ouro__generation *generation)
{
	struct place place = {fake_channel_new(fake_methods_of(generation->band), agree, NULL),
		{NULL, generation, 1, 0}, OURO_ERROR_INIT};

	place.server.channel = &place.fake->base;
	return place;
}

static void leave(struct place *place)
{
	ouro__channel_free(&place->fake->base);
}

static int64_t soon(void)
{
	return ouro__clock_ms() + 2000;
}

static struct raw_message sent(const struct place *place)
{
	assert_true(place->fake->sent_size <= sizeof(place->fake->sent));
	return raw_message_read(place->fake->sent, place->fake->sent_size);
}

static const struct ouro_route routes[] = {
	{"0.0.0.0/0", OURO_ROUTE_ADVERTISED | OURO_ROUTE_EXIT, 1},
	{"10.1.0.0/24", OURO_ROUTE_ADVERTISED, 2},
	{"10.2.0.0/24", OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED, 3},
	{"10.3.0.0/24", 0, 4},
	{"::/0", OURO_ROUTE_ADVERTISED | OURO_ROUTE_EXIT, 5},
};
static const struct ouro__node node = {.id = 7,
	.user_id = 3,
	.user_name = "mia",
	.given_name = "n",
	.name = "n",
	.routes = routes,
	.route_count = 5};
static const struct ouro__user mia = {3, "mia"};
static const struct ouro__key good_key = {
	.id = 7, .user_id = 3, .user_name = "mia", .text = "0123456789abcdef"};

static ouro_registration registration_of(int32_t form)
{
	ouro_registration registration = OURO_REGISTRATION_INIT;

	registration.form = form;
	(void)snprintf(registration.key, sizeof(registration.key), "key-%d", form);
	return registration;
}

/* ---- every write that there is ---- */

typedef ouro_status (*write_fn)(struct place *place, const struct ouro__node *at);

static ouro_status do_rename(struct place *place, const struct ouro__node *at)
{
	return ouro__headscale_rename(&place->server, at, "atlas", soon(), &place->error);
}

static ouro_status do_expire(struct place *place, const struct ouro__node *at)
{
	return ouro__headscale_expire(&place->server, at, soon(), &place->error);
}

static ouro_status do_extend(struct place *place, const struct ouro__node *at)
{
	return ouro__headscale_extend(
		&place->server, at, ouro__clock_unix() + 86400, soon(), &place->error);
}

static ouro_status do_never(struct place *place, const struct ouro__node *at)
{
	return ouro__headscale_extend(&place->server, at, OURO_TIME_NEVER, soon(), &place->error);
}

static ouro_status do_delete(struct place *place, const struct ouro__node *at)
{
	return ouro__headscale_delete(&place->server, at, soon(), &place->error);
}

static ouro_status do_exit_on(struct place *place, const struct ouro__node *at)
{
	return ouro__headscale_exit_set(&place->server, at, 1, soon(), &place->error);
}

static ouro_status do_exit_off(struct place *place, const struct ouro__node *at)
{
	return ouro__headscale_exit_set(&place->server, at, 0, soon(), &place->error);
}

static ouro_status do_approve(struct place *place, const struct ouro__node *at)
{
	return ouro__headscale_route_approve(
		&place->server, at, "10.1.0.0/24", soon(), &place->error);
}

static ouro_status do_withdraw(struct place *place, const struct ouro__node *at)
{
	return ouro__headscale_route_withdraw(
		&place->server, at, "10.2.0.0/24", soon(), &place->error);
}

static ouro_status do_forget(struct place *place, const struct ouro__node *at)
{
	return ouro__headscale_route_forget(
		&place->server, at, "10.3.0.0/24", soon(), &place->error);
}

static ouro_status do_register(struct place *place, const struct ouro__node *at)
{
	ouro_registration key = registration_of(place->server.generation->registration_form);
	uint64_t id = 0;

	(void)at;
	return ouro__headscale_register(&place->server, "mia", &key, soon(), &id, &place->error);
}

static ouro_status do_create_key(struct place *place, const struct ouro__node *at)
{
	const struct ouro__key_wish wish = {.expiration = ouro__clock_unix() + 3600};
	struct ouro__keys *keys = NULL;
	ouro_status rc = ouro__headscale_keys_create(
		&place->server, &mia, &wish, soon(), &keys, &place->error);

	(void)at;
	ouro__keys_free(keys);
	return rc;
}

static ouro_status do_expire_key(struct place *place, const struct ouro__node *at)
{
	(void)at;
	return ouro__headscale_keys_expire(&place->server, &good_key, soon(), &place->error);
}

static ouro_status do_delete_key(struct place *place, const struct ouro__node *at)
{
	(void)at;
	return ouro__headscale_keys_delete(&place->server, &good_key, soon(), &place->error);
}

static const struct {
	write_fn fn;
	int on_node;
} writes[] = {
	{do_rename, 1},
	{do_expire, 1},
	{do_extend, 1},
	{do_never, 1},
	{do_delete, 1},
	{do_exit_on, 1},
	{do_exit_off, 1},
	{do_approve, 1},
	{do_withdraw, 1},
	{do_forget, 1},
	{do_register, 0},
	{do_create_key, 0},
	{do_expire_key, 0},
	{do_delete_key, 0},
};
enum { WRITES = sizeof(writes) / sizeof(writes[0]) };

static void test_headscale_danger__only_known_methods(void **state)
{
	static const char allowed[] =
		" ListUsers ListNodes GetRoutes RenameNode ExpireNode DeleteNode RegisterNode "
		"AuthRegister EnableRoute DisableRoute DeleteRoute SetApprovedRoutes ListPreAuthKeys "
		"CreatePreAuthKey ExpirePreAuthKey DeletePreAuthKey ListApiKeys ";
	size_t seen = 0;

	(void)state;
	for (size_t b = 0; b <= BANDS; b++) {
		const ouro__generation *generation =
			b < BANDS ? ouro__generation_of(bands[b]) : ouro__generation_newer();

		for (size_t i = 0; i < OURO__OPERATIONS; i++) {
			const struct ouro__method *method = generation->operations[i];
			char word[64];

			if (!method)
				continue;
			(void)snprintf(word, sizeof(word), " %s ", method->name);
			assert_text_has(allowed, word);
			assert_text_has(fake_methods_of(generation->band), word);
			/* AuthApprove answers OK on a registration and throws it away. */
			assert_null(strstr(method->path, "/auth/approve"));
			/* Only what changes nothing may be repeated. */
			assert_int_equal((method->flags & OURO__METHOD_READ) != 0,
				i == OURO__OP_LIST_USERS || i == OURO__OP_LIST_NODES ||
					i == OURO__OP_GET_ROUTES || i == OURO__OP_LIST_KEYS ||
					i == OURO__OP_LIST_API_KEYS);
			seen++;
		}
	}
	assert_true(seen > 100);
}

static void test_headscale_danger__number_zero(void **state)
{
	struct ouro__node nobody = node;

	(void)state;
	nobody.id = 0;
	for (size_t b = 0; b < BANDS; b++) {
		struct place place = place_at(ouro__generation_of(bands[b]));

		for (size_t i = 0; i < WRITES; i++) {
			ouro_status rc;

			if (!writes[i].on_node)
				continue;
			rc = writes[i].fn(&place, &nobody);
			assert_true(rc == OURO_ERR_INVALID || rc == OURO_ERR_UNSUPPORTED);
		}
		assert_int_equal(place.fake->calls, 0);
		leave(&place);
	}
}

static void test_headscale_danger__empty_names(void **state)
{
	static const struct ouro__user nameless = {3, ""};
	static const struct ouro__user numberless = {0, "mia"};
	const struct ouro__key_wish wish = {.expiration = ouro__clock_unix() + 3600};

	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		struct place place = place_at(ouro__generation_of(bands[b]));
		int by_name = bands[b] <= OURO__BAND_D;
		const struct ouro__user *user = by_name ? &nameless : &numberless;
		ouro_registration key = registration_of(place.server.generation->registration_form);
		struct ouro__node unnamed = node;
		struct ouro__keys *keys = NULL;
		uint64_t id = 0;

		assert_int_equal(ouro__headscale_rename(&place.server, &node, "", soon(), NULL),
			OURO_ERR_INVALID);
		unnamed.given_name = "";
		assert_int_equal(ouro__headscale_rename(&place.server, &unnamed, "", soon(), NULL),
			OURO_ERR_INVALID);
		assert_int_equal(ouro__headscale_register(
					 &place.server, "", &key, soon(), &id, &place.error),
			OURO_ERR_INVALID);
		assert_int_equal(
			ouro__headscale_keys_list(&place.server, user, soon(), &keys, &place.error),
			OURO_ERR_INVALID);
		assert_text_has(place.error.text, by_name ? "no name" : "no number");
		assert_int_equal(ouro__headscale_keys_create(
					 &place.server, user, &wish, soon(), &keys, NULL),
			OURO_ERR_INVALID);
		key.key[0] = '\0';
		assert_int_equal(
			ouro__headscale_register(&place.server, "mia", &key, soon(), &id, NULL),
			OURO_ERR_INVALID);
		assert_null(keys);
		assert_int_equal(place.fake->calls, 0);
		leave(&place);
	}
}

/* Logging out says the number of the node and nothing else; a date goes only where it is read. */
static void test_headscale_danger__dates_only_where_they_are_read(void **state)
{
	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		struct place place = place_at(ouro__generation_of(bands[b]));
		struct raw_message message;

		assert_int_equal(do_expire(&place, &node), OURO_OK);
		message = sent(&place);
		assert_int_equal(message.count, 1);
		assert_int_equal(raw_message_find(&message, 1)->value, 7);
		place.fake->calls = 0;
		if (bands[b] < OURO__BAND_F1) {
			assert_int_equal(do_extend(&place, &node), OURO_ERR_UNSUPPORTED);
			assert_text_has(place.error.text, "0.27.1");
			assert_int_equal(place.fake->calls, 0);
		} else {
			assert_int_equal(do_extend(&place, &node), OURO_OK);
			message = sent(&place);
			assert_int_equal(message.count, 2);
			assert_true(raw_message_find(&message, 2)->is_text);
			assert_int_equal(ouro__headscale_extend(&place.server, &node,
						 ouro__clock_unix() - 1, soon(), NULL),
				OURO_ERR_INVALID);
			assert_int_equal(
				ouro__headscale_extend(&place.server, &node, 0, soon(), NULL),
				OURO_ERR_INVALID);
			assert_int_equal(place.fake->calls, 1);
		}
		place.fake->calls = 0;
		if (bands[b] < OURO__BAND_H) {
			assert_int_equal(do_never(&place, &node), OURO_ERR_UNSUPPORTED);
			assert_text_has(place.error.text, "0.29");
			assert_int_equal(place.fake->calls, 0);
		} else {
			assert_int_equal(do_never(&place, &node), OURO_OK);
			message = sent(&place);
			assert_int_equal(message.count, 2);
			assert_int_equal(raw_message_find(&message, 3)->value, 1);
		}
		leave(&place);
	}
}

/* The tables alone keep them home too. */
static void test_headscale_danger__dates_have_a_band(void **state)
{
	const struct ouro__hs_expire_request request = {7, 2000000000, 1};

	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		ouro__buf buf = OURO__BUF_INIT(1024);
		struct raw_message message;

		assert_int_equal(
			ouro__wire_encode(&ouro__hs_expire_request, bands[b], &request, &buf, NULL),
			OURO_OK);
		message = raw_message_read(buf.data, buf.size);
		assert_int_equal(raw_message_find(&message, 1)->value, 7);
		assert_int_equal(raw_message_find(&message, 2) != NULL, bands[b] >= OURO__BAND_F1);
		assert_int_equal(raw_message_find(&message, 3) != NULL, bands[b] >= OURO__BAND_H);
		ouro__buf_done(&buf);
	}
}

/* From 0.28 on field 1 is the number of the key; what 0.26 and 0.27 put there is the number of the user. */
static void test_headscale_danger__ending_the_right_key(void **state)
{
	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		struct place place = place_at(ouro__generation_of(bands[b]));
		struct raw_message message;

		assert_int_equal(do_expire_key(&place, &node), OURO_OK);
		message = sent(&place);
		if (bands[b] >= OURO__BAND_G) {
			assert_int_equal(message.count, 1);
			assert_false(raw_message_find(&message, 1)->is_text);
			assert_int_equal(raw_message_find(&message, 1)->value, good_key.id);
			leave(&place);
			continue;
		}
		assert_int_equal(message.count, 2);
		assert_string_equal(raw_message_find(&message, 2)->text, good_key.text);
		if (bands[b] >= OURO__BAND_E)
			assert_int_equal(raw_message_find(&message, 1)->value, good_key.user_id);
		else
			assert_string_equal(raw_message_find(&message, 1)->text, "mia");
		leave(&place);
	}
}

static void test_headscale_danger__keys_that_cannot_be_named(void **state)
{
	static const struct ouro__key numberless = {
		.user_id = 3, .user_name = "mia", .text = "0123456789abcdef"};
	static const struct ouro__key masked = {
		.id = 7, .user_id = 3, .user_name = "mia", .text = "hskey-auth-abc-***"};
	static const struct ouro__key unknown = {
		.id = 7, .user_id = 3, .user_name = "mia", .text = ""};
	static const struct ouro__key ownerless = {
		.id = 7, .user_name = "", .text = "0123456789abcdef"};

	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		struct place place = place_at(ouro__generation_of(bands[b]));
		struct ouro__server *server = &place.server;

		if (bands[b] >= OURO__BAND_G) {
			assert_int_equal(
				ouro__headscale_keys_expire(server, &numberless, soon(), NULL),
				OURO_ERR_INVALID);
			assert_int_equal(
				ouro__headscale_keys_delete(server, &numberless, soon(), NULL),
				OURO_ERR_INVALID);
		} else {
			assert_int_equal(ouro__headscale_keys_expire(server, &masked, soon(), NULL),
				OURO_ERR_INVALID);
			assert_int_equal(
				ouro__headscale_keys_expire(server, &unknown, soon(), NULL),
				OURO_ERR_INVALID);
			assert_int_equal(
				ouro__headscale_keys_expire(server, &ownerless, soon(), NULL),
				OURO_ERR_INVALID);
			assert_int_equal(
				ouro__headscale_keys_delete(server, &good_key, soon(), NULL),
				OURO_ERR_UNSUPPORTED);
		}
		assert_int_equal(place.fake->calls, 0);
		leave(&place);
	}
}

/* Without an end, a key is over before it is used. */
static void test_headscale_danger__keys_have_an_end(void **state)
{
	static const int64_t ends[] = {OURO_TIME_NEVER, 0, 1000};

	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		struct place place = place_at(ouro__generation_of(bands[b]));

		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
			const struct ouro__key_wish wish = {.expiration = ends[i]};
			struct ouro__keys *keys = NULL;

			assert_int_equal(ouro__headscale_keys_create(
						 &place.server, &mia, &wish, soon(), &keys, NULL),
				OURO_ERR_INVALID);
		}
		assert_int_equal(place.fake->calls, 0);
		leave(&place);
	}
}

/* The connection broke: it may have been done, and doing it again ends the server of 0.25 and 0.26. */
static void test_headscale_danger__broken_writes_are_not_repeated(void **state)
{
	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		for (size_t i = 0; i < WRITES; i++) {
			struct place place = place_at(ouro__generation_of(bands[b]));
			ouro_status rc;

			place.fake->hanging = 1;
			place.fake->stopped = 1; /* every answer is lost at once */
			rc = writes[i].fn(&place, &node);
			assert_true(place.fake->calls <= 1);
			if (place.fake->calls)
				assert_int_equal(rc, OURO_ERR_UNCERTAIN);
			else
				assert_true(rc == OURO_ERR_UNSUPPORTED || rc == OURO_OK);
			leave(&place);
		}
	}
}

/* Worded for one server, never said to its successor; nothing was done, so it may be tried anew. */
static void test_headscale_danger__nothing_for_the_successor(void **state)
{
	(void)state;
	for (size_t b = 0; b < BANDS; b++) {
		struct place place = place_at(ouro__generation_of(bands[b]));
		ouro__snapshot *snapshot = NULL;
		struct ouro__keys *keys = NULL;

		place.fake->epoch = 2;
		for (size_t i = 0; i < WRITES; i++) {
			ouro_status rc;

			place.error = (ouro_error)OURO_ERROR_INIT;
			rc = writes[i].fn(&place, &node);
			if (rc == OURO_ERR_UNREACHABLE)
				assert_int_equal(place.error.flags, OURO_ERROR_RETRYABLE);
			else
				assert_true(rc == OURO_ERR_UNSUPPORTED ||
					(rc == OURO_OK && writes[i].fn == do_exit_off));
		}
		assert_int_equal(
			ouro__headscale_read_all(&place.server, soon(), &snapshot, &place.error),
			OURO_ERR_UNREACHABLE);
		assert_int_equal(
			ouro__headscale_keys_list(&place.server, &mia, soon(), &keys, NULL),
			OURO_ERR_UNREACHABLE);
		assert_int_equal(place.fake->calls, 0);
		/* The same words to the server that they are for. */
		place.server.epoch = 2;
		assert_int_equal(do_delete(&place, &node), OURO_OK);
		assert_int_equal(place.fake->calls, 1);
		leave(&place);
	}
}

static void test_headscale_danger__a_newer_server_is_only_read(void **state)
{
	struct place place = place_at(ouro__generation_newer());
	ouro__snapshot *snapshot = NULL;
	struct ouro__keys *keys = NULL;

	(void)state;
	for (size_t i = 0; i < WRITES; i++) {
		place.error = (ouro_error)OURO_ERROR_INIT;
		assert_int_equal(writes[i].fn(&place, &node), OURO_ERR_UNSUPPORTED);
		assert_int_equal(place.error.status, OURO_ERR_UNSUPPORTED);
		assert_text_has(place.error.text, "hs_assume");
	}
	assert_int_equal(place.fake->calls, 0);
	assert_int_equal(ouro__headscale_read_all(&place.server, soon(), &snapshot, NULL), OURO_OK);
	assert_int_equal(snapshot->capabilities & OURO_CAN_ONLY_READ, OURO_CAN_ONLY_READ);
	assert_int_equal(
		ouro__headscale_keys_list(&place.server, &mia, soon(), &keys, NULL), OURO_OK);
	assert_int_equal(keys->count, 0);
	ouro__snapshot_unref(snapshot);
	ouro__keys_free(keys);
	leave(&place);
}

/* A link to an SSH check, in whatever form, is no registration: the server would end. */
static void test_headscale_danger__ssh_checks(void **state)
{
#define ID "hskey-authreq-U_ON2Qjx75HLzBfxWg7vY0_u"
	static const char *const links[] = {"https://hs.example.com/auth/" ID,
		"https://hs.example.com/auth/" ID "/", "/auth/" ID,
		"hs.example.com/auth/" ID "?x=1", "https://hs.example.com/register/../auth/" ID,
		"https://hs.example.com/register/confirm/" ID};

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		ouro_registration registration = OURO_REGISTRATION_INIT;

		assert_int_equal(
			ouro__registration_parse(links[i], strlen(links[i]), &registration, NULL),
			OURO_ERR_INVALID);
		assert_string_equal(registration.key, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_danger__only_known_methods),
		cmocka_unit_test(test_headscale_danger__number_zero),
		cmocka_unit_test(test_headscale_danger__empty_names),
		cmocka_unit_test(test_headscale_danger__dates_only_where_they_are_read),
		cmocka_unit_test(test_headscale_danger__dates_have_a_band),
		cmocka_unit_test(test_headscale_danger__ending_the_right_key),
		cmocka_unit_test(test_headscale_danger__keys_that_cannot_be_named),
		cmocka_unit_test(test_headscale_danger__keys_have_an_end),
		cmocka_unit_test(test_headscale_danger__broken_writes_are_not_repeated),
		cmocka_unit_test(test_headscale_danger__nothing_for_the_successor),
		cmocka_unit_test(test_headscale_danger__a_newer_server_is_only_read),
		cmocka_unit_test(test_headscale_danger__ssh_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
