/* What each write sends, by generation, and what it refuses to send. */
#include "check.h"

#include <stdio.h>

#include "base/sys.h"
#include "fake_channel.h"
#include "headscale/generation.h"

/* The last request as text, and what to answer. */
struct script {
	char sent[512];
	const char *refusal;
	int32_t code;
	uint64_t reply_id;
};

static struct script script;
static struct fake_channel *fake_b;
static struct fake_channel *fake_h;
static const ouro__generation *b;
static const ouro__generation *h;

static void note_routes(const struct ouro__hs_approve_request *request)
{
	int n = snprintf(
		script.sent, sizeof(script.sent), "SetApprovedRoutes %d", (int)request->node_id);

	for (size_t i = 0; i < request->routes.count; i++)
		n += snprintf(script.sent + n, sizeof(script.sent) - (size_t)n, " %s",
			request->routes.items[i]);
}

static void note(const struct ouro__method *method, const void *request)
{
	if (method->request == &ouro__hs_approve_request) {
		note_routes(request);
	} else if (method->request == &ouro__hs_rename_request) {
		const struct ouro__hs_rename_request *rename = request;

		(void)snprintf(script.sent, sizeof(script.sent), "%s %d %s", method->name,
			(int)rename->node_id, rename->new_name);
	} else if (method->request == &ouro__hs_register_request ||
		method->request == &ouro__hs_auth_register_request) {
		const struct ouro__hs_register_request *reg = request;

		(void)snprintf(script.sent, sizeof(script.sent), "%s %s %s", method->name,
			reg->user, reg->key);
	} else if (method->request == &ouro__hs_expire_request) {
		const struct ouro__hs_expire_request *expire = request;

		(void)snprintf(script.sent, sizeof(script.sent), "%s %d%s%s", method->name,
			(int)expire->node_id,
			expire->expiry == OURO_TIME_NEVER ? "" : " with expiry",
			expire->disable_expiry ? " disable" : "");
	} else {
		/* NodeRequest and RouteRequest are one number. */
		(void)snprintf(script.sent, sizeof(script.sent), "%s %d", method->name,
			(int)*(const uint64_t *)request);
	}
}

static ouro_status answer(struct fake_channel *fake, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr)
{
	(void)fake;
	note(method, request);
	if (script.refusal)
		return fake_refuse(reterr, script.code, script.refusal);
	if (method->reply == &ouro__hs_node_reply) {
		struct ouro__hs_node_reply *reply = ouro__arena_alloc(arena, sizeof(*reply));

		if (script.reply_id) {
			reply->node = ouro__arena_alloc(arena, sizeof(*reply->node));
			reply->node->id = script.reply_id;
		}
		*ret_reply = reply;
	} else {
		*ret_reply = ouro__arena_alloc(arena, 64);
	}
	return OURO_OK;
}

static int setup(void **state)
{
	(void)state;
	memset(&script, 0, sizeof(script));
	script.reply_id = 7;
	fake_b = fake_channel_new(fake_methods_b, answer, NULL);
	fake_h = fake_channel_new(fake_methods_h, answer, NULL);
	b = ouro__generation_of(OURO__BAND_B);
	h = ouro__generation_of(OURO__BAND_H);
	return b && h ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	ouro__channel_free(&fake_b->base);
	ouro__channel_free(&fake_h->base);
	return 0;
}

static int64_t soon(void)
{
	return ouro__clock_ms() + 2000;
}

#define A OURO_ROUTE_ADVERTISED
#define P OURO_ROUTE_APPROVED
#define X OURO_ROUTE_EXIT

static const struct ouro_route routes[] = {
	{"0.0.0.0/0", A | X, 1},
	{"10.0.0.0/24", A | P, 2},
	{"10.9.0.0/24", 0, 3},
	{"192.168.7.0/24", A, 4},
	{"::/0", A | X, 5},
};
static const struct ouro__node node = {.id = 7,
	.user_name = "mia",
	.given_name = "n",
	.name = "n",
	.routes = routes,
	.route_count = 5};

static const struct ouro_route exit_routes[] = {
	{"0.0.0.0/0", A | P | X, 1},
	{"10.0.0.0/24", A | P, 2},
	{"::/0", P | X, 5},
};
static const struct ouro__node exit_node = {.id = 8, .routes = exit_routes, .route_count = 3};
static const struct ouro__node plain_node = {.id = 9};

static void test_headscale_write__simple_ones(void **state)
{
	(void)state;
	assert_int_equal(ouro__headscale_rename(
				 OURO__SERVER(&fake_b->base, b), &node, "atlas", soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "RenameNode 7 atlas");
	assert_int_equal(
		ouro__headscale_expire(OURO__SERVER(&fake_b->base, b), &node, soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "ExpireNode 7");
	assert_int_equal(
		ouro__headscale_delete(OURO__SERVER(&fake_b->base, b), &node, soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "DeleteNode 7");
	assert_int_equal(
		ouro__headscale_expire(OURO__SERVER(&fake_h->base, h), &node, soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "ExpireNode 7");
	assert_int_equal(ouro__headscale_rename(
				 OURO__SERVER(&fake_h->base, h), &node, "Atlas", soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "RenameNode 7 Atlas");
}

/* 0.23 to 0.26 would find the name taken, by the very device that has it. */
static void test_headscale_write__its_own_name_is_no_call(void **state)
{
	static const struct ouro__node odd = {.id = 7, .given_name = "-"};

	(void)state;
	assert_int_equal(
		ouro__headscale_rename(OURO__SERVER(&fake_b->base, b), &node, "n", soon(), NULL),
		OURO_OK);
	assert_int_equal(
		ouro__headscale_rename(OURO__SERVER(&fake_h->base, h), &node, "n", soon(), NULL),
		OURO_OK);
	assert_int_equal(
		ouro__headscale_rename(OURO__SERVER(&fake_b->base, b), &odd, "-", soon(), NULL),
		OURO_OK);
	assert_int_equal(fake_b->calls + fake_h->calls, 0);
}

static void test_headscale_write__bad_names_are_not_sent(void **state)
{
	(void)state;
	assert_int_equal(ouro__headscale_rename(
				 OURO__SERVER(&fake_b->base, b), &node, "Atlas", soon(), NULL),
		OURO_ERR_INVALID);
	assert_int_equal(
		ouro__headscale_rename(OURO__SERVER(&fake_h->base, h), &node, "a.b", soon(), NULL),
		OURO_ERR_INVALID);
	assert_int_equal(fake_b->calls + fake_h->calls, 0);
}

static void test_headscale_write__refusals_are_translated(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	script.refusal = "name is not unique: atlas";
	script.code = 2;
	assert_int_equal(ouro__headscale_rename(
				 OURO__SERVER(&fake_b->base, b), &node, "atlas", soon(), &error),
		OURO_ERR_CONFLICT);
	assert_int_equal(error.status, OURO_ERR_CONFLICT);
	assert_string_equal(error.text, "renaming the device: name is not unique: atlas");
	/* Also for callers who do not want the text. */
	assert_int_equal(ouro__headscale_rename(
				 OURO__SERVER(&fake_b->base, b), &node, "atlas", soon(), NULL),
		OURO_ERR_CONFLICT);
	script.refusal = "the moon is in the wrong house";
	assert_int_equal(
		ouro__headscale_delete(OURO__SERVER(&fake_b->base, b), &node, soon(), &error),
		OURO_ERR_REJECTED);
	assert_text_has(error.text, "the moon is in the wrong house");
	assert_int_equal(error.origin, OURO_ORIGIN_HEADSCALE);
	script.refusal = "whatever";
	script.code = 5;
	assert_int_equal(
		ouro__headscale_delete(OURO__SERVER(&fake_b->base, b), &node, soon(), NULL),
		OURO_ERR_NOTFOUND);
	script.code = 3;
	assert_int_equal(
		ouro__headscale_delete(OURO__SERVER(&fake_b->base, b), &node, soon(), NULL),
		OURO_ERR_INVALID);
	script.code = 6;
	assert_int_equal(
		ouro__headscale_delete(OURO__SERVER(&fake_b->base, b), &node, soon(), NULL),
		OURO_ERR_CONFLICT);
	script.code = 16;
	assert_int_equal(
		ouro__headscale_delete(OURO__SERVER(&fake_b->base, b), &node, soon(), NULL),
		OURO_ERR_UNAUTHENTICATED);
}

/* A caller with an error record of another size gets the status alone. */
static void test_headscale_write__small_error_records(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	error.size = 8;
	script.refusal = "name is not unique: atlas";
	script.code = 2;
	assert_int_equal(ouro__headscale_rename(
				 OURO__SERVER(&fake_b->base, b), &node, "atlas", soon(), &error),
		OURO_ERR_CONFLICT);
	assert_string_equal(error.text, "");
}

/* Cannot come from a server: such routes are not taken over. */
static void test_headscale_write__routes_without_an_object(void **state)
{
	static const struct ouro_route bare[] = {{"10.0.0.0/24", A, 0}};
	static const struct ouro__node odd = {.id = 7, .routes = bare, .route_count = 1};

	(void)state;
	assert_int_equal(ouro__headscale_route_approve(
				 OURO__SERVER(&fake_b->base, b), &odd, "10.0.0.0/24", soon(), NULL),
		OURO_ERR_INTERNAL);
	assert_int_equal(fake_b->calls, 0);
	assert_int_equal(ouro__headscale_route_approve(
				 OURO__SERVER(&fake_h->base, h), &odd, "10.0.0.0/24", soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "SetApprovedRoutes 7 10.0.0.0/24");
}

static void test_headscale_write__exit_on(void **state)
{
	(void)state;
	assert_int_equal(
		ouro__headscale_exit_set(OURO__SERVER(&fake_b->base, b), &node, 1, soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "EnableRoute 1");
	assert_int_equal(
		ouro__headscale_exit_set(OURO__SERVER(&fake_h->base, h), &node, 1, soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "SetApprovedRoutes 7 0.0.0.0/0 10.0.0.0/24 ::/0");
	/* The one that is offered is on already: nothing to do. */
	assert_int_equal(ouro__headscale_exit_set(
				 OURO__SERVER(&fake_h->base, h), &exit_node, 1, soon(), NULL),
		OURO_OK);
	assert_int_equal(fake_h->calls, 1);
	assert_int_equal(ouro__headscale_exit_set(
				 OURO__SERVER(&fake_b->base, b), &plain_node, 1, soon(), NULL),
		OURO_ERR_INVALID);
	assert_int_equal(fake_b->calls, 1);
}

static void test_headscale_write__exit_on_with_one_family(void **state)
{
	static const struct ouro_route only_v6[] = {{"0.0.0.0/0", X, 1}, {"::/0", A | X, 5}};
	static const struct ouro__node one = {.id = 7, .routes = only_v6, .route_count = 2};
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(
		ouro__headscale_exit_set(OURO__SERVER(&fake_h->base, h), &one, 1, soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "SetApprovedRoutes 7 ::/0");
	script.refusal =
		"route (host) is not available on node 0.0.0.0/0: route is not available on node";
	script.code = 2;
	assert_int_equal(
		ouro__headscale_exit_set(OURO__SERVER(&fake_b->base, b), &one, 1, soon(), &error),
		OURO_ERR_REJECTED);
	assert_string_equal(script.sent, "EnableRoute 5");
	assert_text_has(error.text, "switching the exit node on: route (host) is not available");
}

static void test_headscale_write__exit_off(void **state)
{
	(void)state;
	assert_int_equal(ouro__headscale_exit_set(
				 OURO__SERVER(&fake_b->base, b), &exit_node, 0, soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "DisableRoute 1");
	assert_int_equal(ouro__headscale_exit_set(
				 OURO__SERVER(&fake_h->base, h), &exit_node, 0, soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "SetApprovedRoutes 8 10.0.0.0/24");
	assert_int_equal(
		ouro__headscale_exit_set(OURO__SERVER(&fake_h->base, h), &node, 0, soon(), NULL),
		OURO_OK);
	assert_int_equal(fake_h->calls, 1);
}

static void test_headscale_write__approve(void **state)
{
	(void)state;
	assert_int_equal(ouro__headscale_route_approve(OURO__SERVER(&fake_b->base, b), &node,
				 "192.168.7.0/24", soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "EnableRoute 4");
	assert_int_equal(ouro__headscale_route_approve(OURO__SERVER(&fake_h->base, h), &node,
				 "192.168.7.0/24", soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "SetApprovedRoutes 7 10.0.0.0/24 192.168.7.0/24");
	assert_int_equal(ouro__headscale_route_approve(OURO__SERVER(&fake_h->base, h), &node,
				 "10.0.0.0/24", soon(), NULL),
		OURO_OK);
	assert_int_equal(fake_h->calls, 1);
	/* Not offered, unknown, spelt otherwise, or the exit switch's. */
	assert_int_equal(ouro__headscale_route_approve(OURO__SERVER(&fake_h->base, h), &node,
				 "10.9.0.0/24", soon(), NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__headscale_route_approve(OURO__SERVER(&fake_h->base, h), &node,
				 "10.1.0.0/24", soon(), NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__headscale_route_approve(OURO__SERVER(&fake_h->base, h), &node,
				 "192.168.7.0/24 ", soon(), NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__headscale_route_approve(
				 OURO__SERVER(&fake_h->base, h), &node, "::/0", soon(), NULL),
		OURO_ERR_INVALID);
	assert_int_equal(fake_h->calls, 1);
}

static void test_headscale_write__withdraw(void **state)
{
	(void)state;
	assert_int_equal(ouro__headscale_route_withdraw(OURO__SERVER(&fake_b->base, b), &exit_node,
				 "10.0.0.0/24", soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "DisableRoute 2");
	assert_int_equal(ouro__headscale_route_withdraw(OURO__SERVER(&fake_h->base, h), &exit_node,
				 "10.0.0.0/24", soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "SetApprovedRoutes 8 0.0.0.0/0 ::/0");
	assert_int_equal(ouro__headscale_route_withdraw(OURO__SERVER(&fake_h->base, h), &node,
				 "10.0.0.0/24", soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "SetApprovedRoutes 7");
	assert_int_equal(ouro__headscale_route_withdraw(OURO__SERVER(&fake_h->base, h), &node,
				 "192.168.7.0/24", soon(), NULL),
		OURO_OK);
	assert_int_equal(fake_h->calls, 2);
	assert_int_equal(ouro__headscale_route_withdraw(OURO__SERVER(&fake_h->base, h), &exit_node,
				 "0.0.0.0/0", soon(), NULL),
		OURO_ERR_INVALID);
}

static void test_headscale_write__forget(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro__headscale_route_forget(OURO__SERVER(&fake_b->base, b), &node,
				 "10.9.0.0/24", soon(), NULL),
		OURO_OK);
	assert_string_equal(script.sent, "DeleteRoute 3");
	assert_int_equal(ouro__headscale_route_forget(OURO__SERVER(&fake_b->base, b), &node,
				 "10.0.0.0/24", soon(), NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__headscale_route_forget(
				 OURO__SERVER(&fake_b->base, b), &node, "nope", soon(), NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__headscale_route_forget(OURO__SERVER(&fake_h->base, h), &node,
				 "10.9.0.0/24", soon(), &error),
		OURO_ERR_UNSUPPORTED);
	assert_text_has(error.text, "Headscale 0.29");
	assert_text_has(error.text, "up to 0.25");
	assert_int_equal(fake_b->calls, 1);
	assert_int_equal(fake_h->calls, 0);
}

static ouro_registration key(int32_t form, const char *text)
{
	ouro_registration registration = OURO_REGISTRATION_INIT;

	registration.form = form;
	(void)snprintf(registration.key, sizeof(registration.key), "%s", text);
	return registration;
}

static void test_headscale_write__register(void **state)
{
	ouro_registration old = key(1, "mkey:0123");
	ouro_registration recent = key(3, "hskey-authreq-abc");
	uint64_t id = 0;

	(void)state;
	assert_int_equal(ouro__headscale_register(
				 OURO__SERVER(&fake_b->base, b), "mia", &old, soon(), &id, NULL),
		OURO_OK);
	assert_string_equal(script.sent, "RegisterNode mia mkey:0123");
	assert_int_equal(id, 7);
	assert_int_equal(ouro__headscale_register(
				 OURO__SERVER(&fake_h->base, h), "mia", &recent, soon(), &id, NULL),
		OURO_OK);
	assert_string_equal(script.sent, "AuthRegister mia hskey-authreq-abc");
	/* A key of another generation is not sent, nor an empty user, which would be a wildcard. */
	assert_int_equal(ouro__headscale_register(
				 OURO__SERVER(&fake_b->base, b), "mia", &recent, soon(), &id, NULL),
		OURO_ERR_KEY_UNKNOWN);
	assert_int_equal(ouro__headscale_register(
				 OURO__SERVER(&fake_h->base, h), "mia", &old, soon(), &id, NULL),
		OURO_ERR_KEY_UNKNOWN);
	assert_int_equal(ouro__headscale_register(
				 OURO__SERVER(&fake_b->base, b), "", &old, soon(), &id, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(ouro__headscale_register(
				 OURO__SERVER(&fake_b->base, b), NULL, &old, soon(), &id, NULL),
		OURO_ERR_INVALID);
	assert_int_equal(fake_b->calls, 1);
	assert_int_equal(fake_h->calls, 1);
}

static void test_headscale_write__register_refused(void **state)
{
	ouro_registration old = key(1, "mkey:0123");
	uint64_t id = 99;

	(void)state;
	script.refusal = "node was previously registered with a different user";
	script.code = 2;
	assert_int_equal(ouro__headscale_register(
				 OURO__SERVER(&fake_b->base, b), "mia", &old, soon(), &id, NULL),
		OURO_ERR_OTHER_OWNER);
	script.refusal = "node not found in registration cache";
	assert_int_equal(ouro__headscale_register(
				 OURO__SERVER(&fake_b->base, b), "mia", &old, soon(), &id, NULL),
		OURO_ERR_KEY_UNKNOWN);
	script.refusal = NULL;
	script.reply_id = 0;
	assert_int_equal(ouro__headscale_register(
				 OURO__SERVER(&fake_b->base, b), "mia", &old, soon(), &id, NULL),
		OURO_ERR_UNCERTAIN);
	assert_int_equal(id, 99);
	assert_int_equal(fake_b->calls, 3);
}

static void test_headscale_write__lost_answers_are_uncertain(void **state)
{
	(void)state;
	fake_b->hanging = 1;
	assert_int_equal(ouro__headscale_delete(OURO__SERVER(&fake_b->base, b), &node,
				 ouro__clock_ms() + 20, NULL),
		OURO_ERR_UNCERTAIN);
	assert_int_equal(fake_b->calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_headscale_write__simple_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_write__bad_names_are_not_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_write__refusals_are_translated, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_write__its_own_name_is_no_call, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_write__small_error_records, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_write__routes_without_an_object, setup, teardown),
		cmocka_unit_test_setup_teardown(test_headscale_write__exit_on, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_write__exit_on_with_one_family, setup, teardown),
		cmocka_unit_test_setup_teardown(test_headscale_write__exit_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_headscale_write__approve, setup, teardown),
		cmocka_unit_test_setup_teardown(test_headscale_write__withdraw, setup, teardown),
		cmocka_unit_test_setup_teardown(test_headscale_write__forget, setup, teardown),
		cmocka_unit_test_setup_teardown(test_headscale_write__register, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_write__register_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_headscale_write__lost_answers_are_uncertain, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
