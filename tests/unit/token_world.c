/* See token_world.h. */
#include "token_world.h"

#include <stdio.h>

#include "check.h"
#include "tailnet/tailnet.h"

static const char usual_map[] = "{\"19270622\":\"sink\",\"4711\":\"jim\"}";

static void keep_audit(void *user, const char *line, size_t length)
{
	struct token_world *world = user;
	size_t there = strlen(world->audit);

	assert_true(there + length + 2 < sizeof(world->audit));
	memcpy(world->audit + there, line, length);
	memcpy(world->audit + there + length, "\n", 2);
}

static int64_t turn(void *user)
{
	return ((const struct token_world *)user)->now;
}

void token_world_open(struct token_world *world, const char *rules)
{
	ouro_tailnet_options tailnet = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_portal_options portal = OURO_PORTAL_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;

	memset(world, 0, sizeof(*world));
	world->now = INT64_C(1800000000);
	store_world_open(&world->store);
	fake_server_init(&world->server);
	assert_int_equal(ouro__tailnet_new(
				 &world->server.channel, "fake", &tailnet, &world->tailnet, &error),
		OURO_OK);
	directory.user_map = usual_map;
	directory.rules = rules;
	if (ouro_directory_load(&directory, NULL, NULL, &world->directory, &error) != OURO_OK)
		fail_msg("%s", error.text);
	portal.audit = keep_audit;
	portal.audit_user = world;
	portal.clock = turn;
	portal.clock_user = world;
	portal.store = world->store.store;
	assert_int_equal(
		ouro_portal_new(world->tailnet, world->directory, &portal, &world->portal, &error),
		OURO_OK);
	world->mia = token_world_person(world, TOKEN_MIA, "mia");
	world->tom = token_world_person(world, TOKEN_TOM, "tom");
}

void token_world_close(struct token_world *world)
{
	ouro_person_free(world->mia);
	ouro_person_free(world->tom);
	ouro_portal_free(world->portal);
	ouro_directory_free(world->directory);
	ouro_tailnet_free(world->tailnet);
	store_world_close(&world->store);
}

void token_world_reload(struct token_world *world, const char *map, const char *rules)
{
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;

	directory.user_map = map ? map : usual_map;
	directory.rules = rules;
	if (ouro_directory_reload(world->directory, &directory, NULL, NULL, &error) != OURO_OK)
		fail_msg("%s", error.text);
}

ouro_person *token_world_person(struct token_world *world, uint64_t id, const char *login)
{
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro_person *person = NULL;

	identity.id = id;
	(void)snprintf(identity.provider, sizeof(identity.provider), "github");
	(void)snprintf(identity.login, sizeof(identity.login), "%s", login);
	assert_int_equal(ouro_portal_person(world->portal, &identity, &person, NULL), OURO_OK);
	return person;
}

void token_world_token(const ouro_person *person, uint32_t scopes, char text[OURO_TOKEN_TEXT_MAX],
	ouro_token *ret_token)
{
	ouro_token_wish wish = OURO_TOKEN_WISH_INIT;
	ouro_error error = OURO_ERROR_INIT;

	wish.name = "laptop";
	wish.scopes = scopes;
	if (ouro_token_create(person, &wish, "192.0.2.7", text, ret_token, &error) != OURO_OK)
		fail_msg("%s", error.text);
}

ouro_person *token_world_by(struct token_world *world, const char *text)
{
	ouro_person *person = NULL;
	ouro_error error = OURO_ERROR_INIT;

	if (ouro_portal_person_by_token(world->portal, text, strlen(text), &person, &error) !=
		OURO_OK)
		fail_msg("%s", error.text);
	return person;
}
