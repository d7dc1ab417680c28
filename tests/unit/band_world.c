/* See band_world.h. */
#include "check.h"

#include "band_world.h"

#include <stdio.h>
#include <time.h>

#include "api/portal.h"
#include "base/sys.h"
#include "fake_pages.h"
#include "tailnet/tailnet.h"

#define TAGGED UINT64_C(2147455555)

const ouro__band world_bands[] = {OURO__BAND_B, OURO__BAND_C, OURO__BAND_D, OURO__BAND_E,
	OURO__BAND_F0, OURO__BAND_F1, OURO__BAND_G, OURO__BAND_H, OURO__BAND_I};

static const char *const prefixes[] = {"0.0.0.0/0", "10.0.0.0/24", "192.168.7.0/24", "::/0"};
enum { ROUTES = 4 };

static const char *user_name(const struct band_world *world, uint64_t id)
{
	if (id == WORLD_MIA)
		return "mia";
	return id == WORLD_TOM ? world->tom : "tagged-devices";
}

static struct ouro__hs_user *user_of(
	const struct band_world *world, uint64_t id, ouro__arena *arena)
{
	struct ouro__hs_user *user = ouro__arena_alloc(arena, sizeof(*user));

	user->id = id;
	user->name = user_name(world, id);
	return user;
}

static struct ouro__texts one_text(ouro__arena *arena, const char *text)
{
	struct ouro__texts texts = {ouro__arena_alloc(arena, sizeof(*texts.items)), 1};

	texts.items[0] = text;
	return texts;
}

static struct ouro__hs_node *node_of(const struct band_world *world, uint64_t id, uint64_t user,
	const char *tag, ouro__arena *arena)
{
	struct ouro__hs_node *node = ouro__arena_alloc(arena, sizeof(*node));
	int identity = world->band >= OURO__BAND_G;

	node->id = id;
	node->name = node->given_name = id == WORLD_ROUTER ? "router" : "thing";
	node->user = user_of(world, tag && identity ? TAGGED : user, arena);
	node->last_seen = node->created = node->expiry = OURO_TIME_NEVER;
	if (tag && identity)
		node->tags = one_text(arena, tag);
	else if (tag)
		node->forced_tags = one_text(arena, tag);
	return node;
}

static void add_lists(
	const struct band_world *world, struct ouro__hs_node *router, ouro__arena *arena)
{
	if (world->band < OURO__BAND_E)
		return;
	router->available_routes.items = ouro__arena_alloc(arena, ROUTES * sizeof(char *));
	router->approved_routes.items = ouro__arena_alloc(arena, ROUTES * sizeof(char *));
	for (size_t i = 0; i < ROUTES; i++) {
		router->available_routes.items[router->available_routes.count++] = prefixes[i];
		if (world->approved & (1 << i))
			router->approved_routes.items[router->approved_routes.count++] =
				prefixes[i];
	}
}

static void *list_of(void *const *items, size_t count, ouro__arena *arena)
{
	struct ouro__messages *list = ouro__arena_alloc(arena, sizeof(*list));

	list->items = ouro__arena_alloc(arena, (count + 1) * sizeof(*list->items));
	memcpy(list->items, items, count * sizeof(*items));
	list->count = count;
	return list;
}

static void *list_nodes(const struct band_world *world, ouro__arena *arena)
{
	struct ouro__hs_node *router =
		node_of(world, WORLD_ROUTER, world->router_owner, NULL, arena);
	void *items[WORLD_NODES] = {router, node_of(world, WORLD_PHONE, WORLD_TOM, NULL, arena),
		node_of(world, WORLD_PRINTER, WORLD_TOM, "tag:printer", arena),
		node_of(world, WORLD_BACKUP, WORLD_MIA, "tag:backup", arena)};

	router->expiry = world->expiry;
	add_lists(world, router, arena);
	return list_of(items, WORLD_NODES, arena);
}

static void *list_users(const struct band_world *world, ouro__arena *arena)
{
	void *items[] = {user_of(world, WORLD_MIA, arena), user_of(world, WORLD_TOM, arena)};

	return list_of(items, 2, arena);
}

static void *list_routes(const struct band_world *world, ouro__arena *arena)
{
	void *items[ROUTES];

	for (size_t i = 0; i < ROUTES; i++) {
		struct ouro__hs_route *route = ouro__arena_alloc(arena, sizeof(*route));

		route->node = ouro__arena_alloc(arena, sizeof(*route->node));
		route->node->id = WORLD_ROUTER;
		route->id = i + 1;
		route->prefix = prefixes[i];
		route->advertised = 1;
		route->enabled = (world->approved & (1 << i)) != 0;
		items[i] = route;
	}
	return list_of(items, ROUTES, arena);
}

static struct ouro__hs_key *key_of(
	const struct band_world *world, const struct world_key *from, int whole, ouro__arena *arena)
{
	struct ouro__hs_key *key = ouro__arena_alloc(arena, sizeof(*key));
	char masked[96];

	key->id = from->id;
	key->user = user_of(world, from->user, arena);
	/* 0.24 and 0.25 say the e-mail address instead. */
	key->user_name = world->band == OURO__BAND_B ? key->user->name : "someone@example.com";
	key->reusable = from->reusable;
	key->ephemeral = from->ephemeral;
	key->used = from->used;
	key->expiration = from->expiration;
	key->created = 1000000000;
	if (from->tags)
		key->tags = one_text(arena, "tag:web");
	(void)snprintf(masked, sizeof(masked), "%.23s-***", from->text);
	key->key = whole || world->band < OURO__BAND_G
		? from->text
		: ouro__arena_text(arena, masked, strlen(masked));
	return key;
}

/* Whose keys a request is about, as this generation reads it; 0 = everybody's. */
static uint64_t asked_user(const struct band_world *world, const char *name, uint64_t id)
{
	if (world->band >= OURO__BAND_G)
		return 0;
	if (world->band >= OURO__BAND_E)
		return id ? id : TAGGED;
	if (name && strcmp(name, "mia") == 0)
		return WORLD_MIA;
	return name && strcmp(name, world->tom) == 0 ? WORLD_TOM : TAGGED;
}

/* Gives the lock of the channel away while it waits. */
static void meet_others(struct band_world *world)
{
	int64_t until = ouro__clock_ms() + 300;
	struct timespec at = {(time_t)(until / 1000), (long)(until % 1000) * 1000000};

	(void)pthread_cond_broadcast(&world->fake->changed);
	while (world->key_lists < world->meet && ouro__clock_ms() < until)
		(void)pthread_cond_timedwait(&world->fake->changed, &world->fake->lock, &at);
}

static void *list_keys(struct band_world *world, const void *request, ouro__arena *arena)
{
	const struct ouro__hs_list_keys_request *list = request;
	uint64_t user = asked_user(world, list->user_name, list->user_id);
	void *items[WORLD_KEYS_MOST];
	size_t count = 0;

	world->key_lists++;
	meet_others(world);
	for (size_t i = 0; i < WORLD_KEYS_MOST; i++)
		if (world->keys[i].user && (!user || world->keys[i].user == user))
			items[count++] = key_of(world, &world->keys[i], 0, arena);
	return list_of(items, count, arena);
}

static void say(struct band_world *world, const char *word, const char *more)
{
	size_t used = strlen(world->changes);

	(void)snprintf(world->changes + used, sizeof(world->changes) - used, "%s %s; ", word, more);
}

static ouro_status create_key(struct band_world *world, const void *request, ouro__arena *arena,
	const void **ret_reply, ouro_error *reterr)
{
	const struct ouro__hs_create_key_request *create = request;
	struct ouro__hs_key_reply *reply = ouro__arena_alloc(arena, sizeof(*reply));
	uint64_t user = world->band >= OURO__BAND_E ? create->user_id
						    : asked_user(world, create->user_name, 0);
	struct world_key *key = world->keys;
	char words[128];

	if (user != WORLD_MIA && user != WORLD_TOM)
		return fake_refuse(reterr, 2, "user not found");
	while (key->user)
		key++;
	assert_true(key < &world->keys[WORLD_KEYS_MOST]);
	key->id = 30 + (uint64_t)(key - world->keys);
	key->user = user;
	key->reusable = create->reusable;
	key->ephemeral = create->ephemeral;
	key->expiration = create->expiration;
	key->used = key->tags = 0;
	(void)snprintf(key->text, sizeof(key->text),
		world->band < OURO__BAND_G ? "%048d" : "hskey-auth-abcdefgh%04d-%064d", 7, 7);
	(void)snprintf(words, sizeof(words), "%s %s%s%lld", user_name(world, user),
		key->reusable ? "reusable " : "", key->ephemeral ? "ephemeral " : "",
		(long long)key->expiration);
	say(world, "CreatePreAuthKey", words);
	reply->key = key_of(world, key, 1, arena);
	*ret_reply = reply;
	return OURO_OK;
}

/* The key that a request names in this generation's way; NULL = none. */
static struct world_key *named_key(struct band_world *world, const void *request)
{
	const struct ouro__hs_expire_key_request *expire = request;
	uint64_t user = asked_user(world, expire->user_name, expire->user_id);

	for (size_t i = 0; i < WORLD_KEYS_MOST; i++) {
		struct world_key *key = &world->keys[i];

		if (!key->user)
			continue;
		if (world->band >= OURO__BAND_G
				? key->id == expire->id
				: key->user == user && strcmp(key->text, expire->key) == 0)
			return key;
	}
	return NULL;
}

static ouro_status expire_key(struct band_world *world, const void *request, ouro_error *reterr)
{
	struct world_key *key = named_key(world, request);
	char words[32];

	if (!key)
		return fake_refuse(reterr, 2, "AuthKey not found");
	key->expiration = 1;
	(void)snprintf(words, sizeof(words), "%llu", (unsigned long long)key->id);
	say(world, "ExpirePreAuthKey", words);
	return OURO_OK;
}

static void change_routes(
	struct band_world *world, const struct ouro__method *method, const void *request)
{
	char words[256] = "";

	if (strcmp(method->name, "SetApprovedRoutes") == 0) {
		const struct ouro__hs_approve_request *set = request;

		world->approved = 0;
		for (size_t i = 0; i < set->routes.count; i++)
			for (size_t k = 0; k < ROUTES; k++)
				if (strcmp(set->routes.items[i], prefixes[k]) == 0)
					world->approved |= 1 << k;
		for (size_t i = 0; i < set->routes.count; i++) {
			size_t used = strlen(words);

			(void)snprintf(words + used, sizeof(words) - used, "%s%s", i ? " " : "",
				set->routes.items[i]);
		}
	} else {
		uint64_t id = ((const struct ouro__hs_route_request *)request)->route_id;
		int bits = id == 1 || id == 4 ? 9 : 1 << (id - 1);

		if (strcmp(method->name, "EnableRoute") == 0)
			world->approved |= bits;
		else
			world->approved &= ~bits;
		(void)snprintf(words, sizeof(words), "%s", prefixes[id - 1]);
	}
	say(world, method->name, words);
}

static void change_node(
	struct band_world *world, const struct ouro__method *method, const void *request)
{
	char words[64];

	if (strcmp(method->name, "ExpireNode") == 0) {
		const struct ouro__hs_expire_request *expire = request;

		/* What a server does not know it does not read: then the device is logged out. */
		if (expire->disable_expiry)
			(void)snprintf(words, sizeof(words), "%llu never",
				(unsigned long long)expire->node_id);
		else if (expire->expiry == OURO_TIME_NEVER)
			(void)snprintf(words, sizeof(words), "%llu now",
				(unsigned long long)expire->node_id);
		else
			(void)snprintf(words, sizeof(words), "%llu %lld",
				(unsigned long long)expire->node_id, (long long)expire->expiry);
		world->expiry = expire->disable_expiry ? OURO_TIME_NEVER : expire->expiry;
	} else if (strcmp(method->name, "RenameNode") == 0) {
		const struct ouro__hs_rename_request *rename = request;

		(void)snprintf(words, sizeof(words), "%llu %s", (unsigned long long)rename->node_id,
			rename->new_name);
	} else {
		(void)snprintf(words, sizeof(words), "%llu",
			(unsigned long long)((const struct ouro__hs_node_request *)request)
				->node_id);
	}
	say(world, method->name, words);
}

static void *new_node(struct band_world *world, ouro__arena *arena)
{
	struct ouro__hs_node_reply *reply = ouro__arena_alloc(arena, sizeof(*reply));

	reply->node = node_of(world, WORLD_ROUTER, world->router_owner, NULL, arena);
	say(world, "AuthRegister", reply->node->user->name);
	return reply;
}

static int fails(struct band_world *world, const char *method)
{
	if (!world->fail || strcmp(world->fail, method) != 0)
		return 0;
	return world->fail_after-- <= 0;
}

/* Called with the lock of the channel held. */
static void replace(struct band_world *world)
{
	if (!world->replace)
		return;
	world->replace--;
	world->fake->epoch++;
	if (world->next_band) {
		world->band = world->next_band;
		world->fake->methods = fake_methods_of(world->band);
		world->pages->pages = fake_pages_of(world->band);
	}
	if (world->other_owner)
		world->router_owner = world->other_owner;
}

static ouro_status answer(struct fake_channel *fake, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr)
{
	struct band_world *world = fake->user;

	*ret_reply = ouro__arena_alloc(arena, 256);
	if (fails(world, method->name))
		return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, world->fail_status,
			"%s: broke off", method->name);
	if (strcmp(method->name, "ListNodes") == 0)
		*ret_reply = list_nodes(world, arena);
	else if (strcmp(method->name, "ListUsers") == 0)
		*ret_reply = list_users(world, arena);
	else if (strcmp(method->name, "GetRoutes") == 0)
		*ret_reply = list_routes(world, arena);
	else if (strcmp(method->name, "ListPreAuthKeys") == 0)
		*ret_reply = list_keys(world, request, arena);
	else if (strcmp(method->name, "CreatePreAuthKey") == 0)
		return create_key(world, request, arena, ret_reply, reterr);
	else if (strcmp(method->name, "ExpirePreAuthKey") == 0)
		return expire_key(world, request, reterr);
	else if (strstr(method->name, "Route"))
		change_routes(world, method, request);
	else if (strcmp(method->name, "AuthRegister") == 0)
		*ret_reply = new_node(world, arena);
	else
		change_node(world, method, request);
	/* The lists are asked for together and the users' answer is taken last: all are on their way by now. */
	if (strcmp(method->name, world->replace_after ? world->replace_after : "ListUsers") == 0)
		replace(world);
	return OURO_OK;
}

static void take_record(void *user, const char *line, size_t length)
{
	struct band_world *world = user;

	world->records++;
	(void)snprintf(world->record, sizeof(world->record), "%.*s", (int)length, line);
}

static int64_t the_time(void *user)
{
	return ((struct band_world *)user)->now;
}

static void add_key(struct world_key *key, uint64_t id, uint64_t user, ouro__band band)
{
	key->id = id;
	key->user = user;
	key->expiration = INT64_C(4000000000);
	(void)snprintf(key->text, sizeof(key->text),
		band < OURO__BAND_G ? "%048llu" : "hskey-auth-%012llu-secretsecretsecretsecret",
		(unsigned long long)id);
}

static void make_person(struct band_world *world)
{
	ouro_identity identity = OURO_IDENTITY_INIT;

	ouro_person_free(world->person);
	(void)snprintf(identity.provider, sizeof(identity.provider), "github");
	identity.id = 5;
	assert_int_equal(
		ouro_portal_person(world->portal, &identity, &world->person, NULL), OURO_OK);
}

void band_world_open(
	struct band_world *world, ouro__band band, const char *user_map, const char *rules)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_portal_options portal = OURO_PORTAL_OPTIONS_INIT;

	memset(world, 0, sizeof(*world));
	world->band = band;
	world->approved = 2;
	world->router_owner = WORLD_MIA;
	world->expiry = INT64_C(4000000000);
	world->tom = "tom";
	world->now =
		INT64_C(3900000000); /* ahead of the clock: what lies ahead of it does so by both */
	add_key(&world->keys[0], WORLD_KEY, WORLD_MIA, band);
	add_key(&world->keys[1], WORLD_KEY_TOMS, WORLD_TOM, band);
	add_key(&world->keys[2], WORLD_KEY_USED, WORLD_MIA, band);
	world->keys[2].used = 1;
	add_key(&world->keys[3], WORLD_KEY_OVER, WORLD_MIA, band);
	world->keys[3].expiration = 5;
	world->keys[3].reusable = 1;
	add_key(&world->keys[4], WORLD_KEY_TAGS, WORLD_MIA, band);
	world->keys[4].tags = 1;
	world->fake = fake_channel_new(fake_methods_of(band), answer, world);
	world->pages = fake_pages_new(fake_pages_of(band), world->fake);
	assert_int_equal(
		ouro__tailnet_new(&world->pages->base, "fake", &options, &world->tailnet, NULL),
		OURO_OK);
	directory.user_map = user_map ? user_map : "{\"5\": \"mia\"}";
	directory.rules = rules;
	assert_int_equal(
		ouro_directory_load(&directory, NULL, NULL, &world->directory, NULL), OURO_OK);
	portal.audit = take_record;
	portal.audit_user = world;
	portal.clock = the_time;
	portal.clock_user = world;
	assert_int_equal(
		ouro_portal_new(world->tailnet, world->directory, &portal, &world->portal, NULL),
		OURO_OK);
	make_person(world);
	assert_int_equal(ouro_person_holder(world->portal, &world->holder, NULL), OURO_OK);
}

void band_world_close(struct band_world *world)
{
	ouro_person_free(world->holder);
	ouro_person_free(world->person);
	ouro_portal_free(world->portal);
	ouro_directory_free(world->directory);
	ouro_tailnet_free(world->tailnet);
}

void band_world_rules(struct band_world *world, const char *rules)
{
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;

	directory.user_map = "{\"5\": \"mia\"}";
	directory.rules = rules;
	assert_int_equal(
		ouro_directory_reload(world->directory, &directory, NULL, NULL, NULL), OURO_OK);
	make_person(world);
}

void band_world_scopes(struct band_world *world, uint32_t scopes)
{
	world->person->scopes = scopes;
}

const char *band_world_changes(struct band_world *world, char ret_changes[1024])
{
	(void)pthread_mutex_lock(&world->fake->lock);
	memcpy(ret_changes, world->changes, sizeof(world->changes));
	world->changes[0] = '\0';
	(void)pthread_mutex_unlock(&world->fake->lock);
	return ret_changes;
}
