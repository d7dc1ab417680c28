/* Headscale is replaced between the read that a write is decided on and the write: everything is decided once more, nothing is done
 * twice, and one record tells of it. */
#include "check.h"

#include <stdio.h>

#include "fake_channel.h"
#include "tailnet/tailnet.h"

#include <ouroboros/ouroboros.h>

static struct ouro__hs_user user = {3, "mia"};
static struct fake_channel *fake;
static ouro_tailnet *tailnet;
static ouro_directory *directory;
static ouro_portal *portal;
static ouro_person *person;
static const char *owner;        /* of the node */
static const char *next_methods; /* what the server has after the next read */
static const char *next_owner;
static unsigned replacements; /* after so many reads each, another one is there */
static int breaks;            /* writes */
static unsigned records;
static char record[1024];

/* Called with the lock of the channel held. */
static void replace_server(struct fake_channel *channel)
{
	if (!replacements)
		return;
	replacements--;
	channel->epoch++;
	if (next_methods)
		channel->methods = next_methods;
	if (next_owner)
		owner = next_owner;
}

static ouro_status answer(struct fake_channel *channel, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr)
{
	struct ouro__hs_node *node = ouro__arena_alloc(arena, sizeof(*node));
	struct ouro__messages *list = ouro__arena_alloc(arena, sizeof(*list));
	void **items = ouro__arena_alloc(arena, sizeof(*items));

	(void)request;
	if (breaks && !(method->flags & OURO__METHOD_READ))
		return ouro__error_from(
			reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNCERTAIN, "the connection was lost");
	node->id = 7;
	user.name = owner;
	node->user = &user;
	node->name = node->given_name = "host";
	node->last_seen = node->expiry = node->created = OURO_TIME_NEVER;
	list->items = items;
	list->count = 1;
	items[0] = strcmp(method->name, "ListUsers") == 0 ? (void *)&user : (void *)node;
	if (strcmp(method->name, "GetRoutes") == 0)
		list->count = 0;
	*ret_reply = list;
	if (method->reply == &ouro__hs_node_reply) {
		struct ouro__hs_node_reply *reply = ouro__arena_alloc(arena, sizeof(*reply));

		reply->node = node;
		*ret_reply = reply;
	}
	/* The lists are asked for together and the users' answer is taken after the nodes': all are on their way by now. */
	if (strcmp(method->name, "ListUsers") == 0)
		replace_server(channel);
	return OURO_OK;
}

static void take_record(void *arg, const char *line, size_t length)
{
	(void)arg;
	records++;
	(void)snprintf(record, sizeof(record), "%.*s", (int)length, line);
}

static int setup(void **state)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options rules = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_portal_options portal_options = OURO_PORTAL_OPTIONS_INIT;
	ouro_identity identity = OURO_IDENTITY_INIT;

	(void)state;
	owner = "mia";
	next_methods = next_owner = NULL;
	replacements = records = 0;
	breaks = 0;
	fake = fake_channel_new(fake_methods_b, answer, NULL);
	assert_int_equal(ouro__tailnet_new(&fake->base, "fake", &options, &tailnet, NULL), OURO_OK);
	rules.user_map = "{\"5\":\"mia\"}";
	assert_int_equal(ouro_directory_load(&rules, NULL, NULL, &directory, NULL), OURO_OK);
	portal_options.audit = take_record;
	assert_int_equal(
		ouro_portal_new(tailnet, directory, &portal_options, &portal, NULL), OURO_OK);
	(void)snprintf(identity.provider, sizeof(identity.provider), "github");
	identity.id = 5;
	assert_int_equal(ouro_portal_person(portal, &identity, &person, NULL), OURO_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ouro_person_free(person);
	ouro_portal_free(portal);
	ouro_directory_free(directory);
	ouro_tailnet_free(tailnet);
	return 0;
}

static unsigned writes(void)
{
	return fake_channel_get(fake, &fake->writes);
}

static void test_api_retry__done_once_on_the_new_server(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	replacements = 1;
	next_methods = fake_methods_h;
	if (ouro_node_rename(person, 7, "kitchen", NULL, NULL, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(writes(), 1);
	assert_int_equal(records, 1);
	assert_text_has(record, "kitchen");
	assert_text_has(record, "\"ok\"");
	assert_int_equal(error.status, OURO_OK);
}

/* What one version allows the next one may not. */
static void test_api_retry__rules_are_held_against_the_new_server(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	replacements = 1;
	next_methods = fake_methods_h;
	assert_int_equal(ouro_node_rename(person, 7, "a.b", NULL, NULL, &error), OURO_ERR_INVALID);
	assert_int_equal(writes(), 0);
	assert_int_equal(records, 1);
}

/* The device became somebody else's. */
static void test_api_retry__owners_are_looked_at_anew(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	replacements = 1;
	next_owner = "eve";
	assert_int_equal(ouro_node_delete(person, 7, NULL, &error), OURO_ERR_NOTFOUND);
	assert_int_equal(writes(), 0);
	assert_int_equal(records, 1);
}

static void test_api_retry__once_and_no_more(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	replacements = 100;
	assert_int_equal(ouro_node_expire(person, 7, NULL, NULL, &error), OURO_ERR_UNREACHABLE);
	assert_int_equal(error.flags & OURO_ERROR_RETRYABLE, OURO_ERROR_RETRYABLE);
	assert_int_equal(writes(), 0);
	assert_int_equal(records, 1);
	assert_int_equal(fake_channel_get(fake, &fake->lists), 2);
}

static void test_api_retry__registrations_too(void **state)
{
	static const char key_b[] =
		"mkey:00000000000000000000000000000000000000000000000000000000000000aa";
	ouro_registration registration = OURO_REGISTRATION_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_node *node = NULL;

	(void)state;
	assert_int_equal(
		ouro_registration_parse(key_b, strlen(key_b), &registration, NULL), OURO_OK);
	replacements = 1;
	assert_int_equal(ouro_node_register(person, &registration, NULL, &node, &error), OURO_OK);
	assert_int_equal(writes(), 1);
	assert_int_equal(records, 1);
	assert_non_null(node);
	ouro_node_free(node);
	/* A link of the version before is of no use with the next one: nothing is sent. */
	replacements = 1;
	next_methods = fake_methods_h;
	assert_int_equal(ouro_node_register(person, &registration, NULL, NULL, &error),
		OURO_ERR_KEY_UNKNOWN);
	assert_int_equal(writes(), 1);
	assert_int_equal(records, 2);
}

/* The answer to the write is a broken connection: nobody knows whether it was done. */
static void test_api_retry__a_lost_write_is_not_repeated(void **state)
{
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	breaks = 1;
	assert_int_equal(ouro_node_delete(person, 7, NULL, &error), OURO_ERR_UNCERTAIN);
	assert_int_equal(writes(), 1);
	assert_int_equal(records, 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_api_retry__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(done_once_on_the_new_server),
		CASE(rules_are_held_against_the_new_server),
		CASE(owners_are_looked_at_anew),
		CASE(once_and_no_more),
		CASE(registrations_too),
		CASE(a_lost_write_is_not_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
