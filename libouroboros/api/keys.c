/* Pre-auth keys of a person: listed, made and ended. Whose a key is, is decided on the key as just read, by the number of its user.
 * What is handed out holds no secret but for the one text of a new key; what the server said is wiped. Any thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/keys.h"
#include "base/options.h"
#include "base/str.h"
#include "base/thread.h"
#include "rpc/json_time.h"

enum { LIFE_DEFAULT = 3600 };
#define LIST_BYTES_MAX ((size_t)64 << 20)

/* One answer of the server. */
struct part {
	struct ouro__keys *keys;
};

/* Everything that the server has of the person's keys, as read in one go. */
struct reading {
	struct ouro__view view;
	struct part *parts;
	size_t count;
};

void ouro_person_key_limits(const ouro_person *person, ouro_key_limits *ret_limits)
{
	ouro_key_limits limits = OURO_KEY_LIMITS_INIT;
	const struct ouro__keys_rule *rule;

	if (!person || !ret_limits || ret_limits->size < sizeof(size_t))
		return;
	rule = ouro__policy_keys(person->policy);
	if (person->holder) {
		limits.on = limits.reusable = limits.ephemeral = 1;
		limits.until = OURO_TIME_NEVER;
	} else if (rule->longest) {
		limits.on = 1;
		limits.reusable = rule->reusable;
		limits.ephemeral = rule->ephemeral;
		limits.until = ouro__portal_now(person->portal) + rule->longest;
		limits.alive = rule->alive;
	}
	limits.size = ret_limits->size;
	memcpy(ret_limits, &limits, limits.size < sizeof(limits) ? limits.size : sizeof(limits));
}

/* What access/ wants to know of a key. On servers with tag identity a key with tags makes devices that are nobody's. */
static struct ouro__object object_of(const struct ouro__view *view, const struct ouro__key *key)
{
	struct ouro__object object = {0};

	if (!key)
		return object;
	object.exists = 1;
	object.tagged =
		(view->snapshot->capabilities & OURO_CAN_TAG_IDENTITY) && key->tag_count != 0;
	object.user_id = object.tagged ? 0 : key->user_id;
	object.user_name = key->user_name;
	object.tags = key->tags;
	object.tag_count = key->tag_count;
	return object;
}

static int is_own(const struct ouro__view *view, const struct ouro__key *key)
{
	struct ouro__object object = object_of(view, key);

	return ouro__access_owns(&view->subject, &object);
}

static void read_done(struct reading *read)
{
	for (size_t i = 0; i < read->count; i++)
		ouro__keys_free(read->parts[i].keys);
	free(read->parts);
	ouro__view_done(&read->view);
}

/* Whether the keys of a user of the snapshot can be asked for, and are the person's business. */
static int asks_for(const struct ouro__view *view, const struct ouro__user *user)
{
	struct ouro__object object = {.exists = 1, .user_id = user->id};

	if (user->id == OURO__USER_TAGGED_DEVICES || !ouro__access_owns(&view->subject, &object))
		return 0;
	/* Up to 0.25, where routes are objects, keys go by the user's name: one that several have, or none, stands for nobody. */
	if (view->snapshot->capabilities & OURO_CAN_FORGET_ROUTES)
		return *user->name && ouro__snapshot_user(view->snapshot, user->name, NULL);
	return user->id != 0;
}

/* Every key of every one of the person's users; in one call where the server has a list of all. */
static ouro_status read_parts(
	struct reading *read, const struct ouro__basis *basis, ouro_error *reterr)
{
	ouro_tailnet *tailnet = read->view.person->portal->tailnet;
	const ouro__snapshot *snapshot = read->view.snapshot;
	int at_once = (snapshot->capabilities & OURO_CAN_KEYS_BY_ID) != 0;
	size_t most = at_once ? 1 : snapshot->user_count;

	read->parts = ouro__alloc(most, sizeof(*read->parts));
	if (!read->parts)
		return ouro__error_nomem(reterr);
	for (size_t i = 0; i < most; i++) {
		const struct ouro__user *user = at_once ? NULL : &snapshot->users[i];
		ouro_status rc;

		if (user && !asks_for(&read->view, user))
			continue;
		rc = ouro__tailnet_keys_list(
			tailnet, basis, user, &read->parts[read->count].keys, reterr);
		if (rc < 0)
			return rc;
		read->count++;
	}
	return OURO_OK;
}

static size_t count_keys(const struct reading *read)
{
	size_t count = 0;

	for (size_t i = 0; i < read->count; i++)
		count += read->parts[i].keys->count;
	return count;
}

/* One of all, by its place; NULL past the end. */
static const struct ouro__key *key_at(const struct reading *read, size_t place)
{
	for (size_t i = 0; i < read->count; i++) {
		if (place < read->parts[i].keys->count)
			return &read->parts[i].keys->items[place];
		place -= read->parts[i].keys->count;
	}
	return NULL;
}

enum {
	SHOWN = 1,
	FRESH = 2,
	KEYS = 4
}; /* how read_all() reads: shown or fresh, with the keys or without */

/* The server as the person sees it. What was read stays in *read also on failure: read_done() in any case. *ret_again = 1: it was
 * replaced meanwhile, so it may be tried anew. */
static ouro_status read_all(const ouro_person *person, int how, int64_t until, struct reading *read,
	int *ret_again, ouro_error *reterr)
{
	struct ouro__basis basis = {NULL, until};
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	*ret_again = 0;
	memset(read, 0, sizeof(*read));
	rc = how & FRESH ? ouro__view_read_fresh(person, &read->view, reterr)
			 : ouro__view_read(person, &read->view, reterr);
	if (rc < 0 || !(how & KEYS))
		return rc;
	basis.snapshot = read->view.snapshot;
	rc = read_parts(read, &basis, &error);
	if (rc < 0) {
		*ret_again = ouro__tailnet_write_again(rc, &error, until);
		ouro__error_copy(reterr, &error);
	}
	return rc;
}

/* What access/ says of listing and making before anything is read. */
static ouro_status decide_early(
	const ouro_person *person, const struct ouro__access_request *request, ouro_error *reterr)
{
	struct ouro__subject subject = {.holder = person->holder, .scopes = person->scopes};

	return ouro__access_decide(
		person->policy, &subject, OURO_ACTION_KEYS, NULL, request, reterr);
}

static int newest_first(const void *a, const void *b)
{
	uint64_t left = ((const struct ouro_key *)a)->id;
	uint64_t right = ((const struct ouro_key *)b)->id;

	return (left < right) - (left > right);
}

static ouro_status copy_own(
	const struct reading *read, ouro_key_list **ret_list, ouro_error *reterr)
{
	ouro_key_list *list = ouro__alloc(1, sizeof(*list));
	size_t all = count_keys(read);
	int done = 0;

	if (list)
		list->arena = ouro__arena_new(LIST_BYTES_MAX);
	if (list && list->arena)
		list->items = ouro__arena_alloc(list->arena, all * sizeof(*list->items));
	done = list && list->items;
	for (size_t i = 0; done && i < all; i++) {
		const struct ouro__key *key = key_at(read, i);
		struct ouro__object object = object_of(&read->view, key);

		if (ouro__access_owns(&read->view.subject, &object))
			done = ouro__key_copy(
				key, object.tagged, list->arena, &list->items[list->count++]);
	}
	if (!done) {
		ouro_key_list_free(list);
		return ouro__error_nomem(reterr);
	}
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), newest_first);
	*ret_list = list;
	return OURO_OK;
}

ouro_status ouro_keys_list(const ouro_person *person, ouro_key_list **ret_list, ouro_error *reterr)
{
	static const struct ouro__access_request request = {.step = OURO__KEY_LIST};
	ouro_error error = OURO_ERROR_INIT;
	struct reading read;
	int64_t until;
	int again = 0;
	ouro_status rc;

	if (!person || !ret_list)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "listing keys needs a person");
	rc = decide_early(person, &request, reterr);
	if (rc < 0)
		return rc;
	until = ouro__tailnet_read_until(person->portal->tailnet);
	rc = read_all(person, SHOWN | KEYS, until, &read, &again, &error);
	if (again) {
		read_done(&read);
		rc = read_all(person, FRESH | KEYS, until, &read, &again, &error);
	}
	if (rc == OURO_OK)
		rc = copy_own(&read, ret_list, &error);
	if (rc < 0)
		ouro__error_copy(reterr, &error);
	read_done(&read);
	return rc;
}

/* A change that is under way. */
struct change {
	const ouro_person *person;
	const char *action; /* for the audit record */
	int64_t until;
	const char *user;
	uint64_t id; /* of the key that is ended */
	struct ouro__key_wish wish;
	struct ouro__keys *made;
	char name[96]; /* "key 12 (3fa9c1…)" */
	char owner[256];
	char before[96];
	char after[96];
};

static void record(const struct change *change, const ouro_write_options *options, ouro_status rc)
{
	struct ouro__audit_record entry = {0};

	entry.action = change->action;
	entry.user = change->user;
	entry.name = change->name[0] ? change->name : NULL;
	entry.before = change->before[0] ? change->before : NULL;
	entry.after = change->after[0] ? change->after : NULL;
	entry.result = rc;
	entry.address = options->address;
	ouro__portal_audit(change->person, &entry);
}

static void name_key(struct change *change, const struct ouro__key *key)
{
	char hint[OURO__KEY_HINT_MAX];

	ouro__key_hint(key->text, hint);
	(void)snprintf(change->name, sizeof(change->name), "key %llu (%s)",
		(unsigned long long)key->id, hint);
}

static uint64_t count_alive(const struct reading *read, int64_t now)
{
	size_t all = count_keys(read);
	uint64_t count = 0;

	for (size_t i = 0; i < all; i++) {
		const struct ouro__key *key = key_at(read, i);

		count += is_own(&read->view, key) && ouro__key_state(key, now) == OURO_KEY_ALIVE;
	}
	return count;
}

static struct ouro__access_request request_of(const struct change *change, uint64_t alive)
{
	struct ouro__access_request request = {.step = OURO__KEY_CREATE, .alive = alive};

	request.ahead = ouro__portal_ahead(change->person->portal, change->wish.expiration);
	request.reusable = change->wish.reusable;
	request.ephemeral = change->wish.ephemeral;
	return request;
}

static ouro_status decide_create(
	const struct change *change, const struct reading *read, ouro_error *reterr)
{
	int64_t now = ouro__portal_now(change->person->portal);
	struct ouro__access_request request = request_of(change, count_alive(read, now));

	return ouro__access_decide(change->person->policy, &read->view.subject, OURO_ACTION_KEYS,
		NULL, &request, reterr);
}

/* Read, decide, make. *ret_again = 1: nothing was sent, and it may be tried anew. */
static ouro_status attempt_create(struct change *change, int *ret_again, ouro_error *reterr)
{
	/* The holder has no limit that the keys would be counted for. */
	int how = change->person->holder ? FRESH : FRESH | KEYS;
	const struct ouro__user *user = NULL;
	ouro_error error = OURO_ERROR_INIT;
	struct ouro__basis basis;
	struct reading read;
	ouro_status rc = read_all(change->person, how, change->until, &read, ret_again, &error);

	if (rc == OURO_OK)
		rc = decide_create(change, &read, &error);
	if (rc == OURO_OK)
		rc = ouro__view_user(&read.view, change->user, "key", &user, &error);
	if (rc == OURO_OK) {
		basis = (struct ouro__basis){read.view.snapshot, change->until};
		rc = ouro__tailnet_keys_create(change->person->portal->tailnet, &basis, user,
			&change->wish, &change->made, &error);
		*ret_again = ouro__tailnet_write_again(rc, &error, change->until);
	}
	/* The server does not always say whose it is. */
	if (rc == OURO_OK && !change->made->items[0].user_id)
		change->made->items[0].user_id = user->id;
	if (rc == OURO_OK && !change->made->items[0].user_name[0])
		change->made->items[0].user_name = change->user;
	if (rc < 0)
		ouro__error_copy(reterr, &error);
	read_done(&read);
	return rc;
}

static void describe(struct change *change)
{
	ouro__buf text = OURO__BUF_INIT(sizeof(change->after));

	ouro__buf_text(&text, change->wish.reusable ? "for several devices" : "for one device");
	ouro__buf_text(&text, change->wish.ephemeral ? ", ephemeral, until " : ", until ");
	if (!ouro__json_time_put(&text, change->wish.expiration))
		ouro__buf_text(&text, "?");
	(void)snprintf(change->after, sizeof(change->after), "%s", ouro__buf_str(&text));
	ouro__buf_done(&text);
}

/* The new key without its secret; NULL if there is no memory: it is made all the same, and in the list. */
static ouro_key *copy_made(const struct change *change)
{
	ouro__arena *arena = ouro__arena_new(LIST_BYTES_MAX);
	ouro_key *key = arena ? ouro__alloc(1, sizeof(*key)) : NULL;

	if (key && ouro__key_copy(&change->made->items[0], 0, arena, key)) {
		key->arena = arena;
		return key;
	}
	ouro__arena_free(arena);
	free(key);
	return NULL;
}

/* The wish as headscale/ takes it, if it is one that the person may have. */
static ouro_status import_wish(
	const ouro_key_wish *given, struct change *change, ouro_error *reterr)
{
	int64_t now = ouro__portal_now(change->person->portal);
	ouro_key_wish wish = OURO_KEY_WISH_INIT;
	struct ouro__access_request request;
	ouro_status rc = ouro__options_import(&wish, sizeof(wish), given, reterr);

	if (rc < 0)
		return rc;
	if (!wish.expires)
		wish.expires = now + LIFE_DEFAULT;
	change->wish.reusable = wish.reusable != 0;
	change->wish.ephemeral = wish.ephemeral != 0;
	change->wish.expiration = wish.expires;
	change->user = ouro__view_pick_user(change->person, wish.user);
	describe(change);
	request = request_of(change, 0);
	rc = decide_early(change->person, &request, reterr);
	if (rc == OURO_OK && (wish.expires <= now || wish.expires == OURO_TIME_NEVER))
		rc = ouro__error_set(
			reterr, OURO_ERR_INVALID, "a key needs an end, and that must lie ahead");
	return rc;
}

static ouro_status run(struct change *change,
	ouro_status (*attempt)(struct change *change, int *ret_again, ouro_error *reterr),
	ouro_error *reterr)
{
	int again = 0;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	change->until = ouro__tailnet_write_until(change->person->portal->tailnet);
	rc = attempt(change, &again, &error);
	if (again) {
		error = (ouro_error)OURO_ERROR_INIT;
		rc = attempt(change, &again, &error);
	}
	if (rc < 0)
		ouro__error_copy(reterr, &error);
	return rc;
}

/* Who may have so many keys alive makes one after the other: otherwise two that are made at a time are each the last one allowed. Until
 * the point of ouro__clock_ms(). */
static ouro_status take_turn(ouro_portal *portal, int64_t until, ouro_error *reterr)
{
	int in_time = 1;
	int mine;

	(void)pthread_mutex_lock(&portal->keys_lock);
	while (portal->keys_busy && in_time)
		in_time = ouro__cond_wait_until(&portal->keys_changed, &portal->keys_lock, until);
	mine = !portal->keys_busy;
	portal->keys_busy = 1;
	(void)pthread_mutex_unlock(&portal->keys_lock);
	if (mine)
		return OURO_OK;
	return ouro__error_set(reterr, OURO_ERR_TIMEOUT,
		"other keys are being made and Headscale is slow; try again in a moment");
}

static void end_turn(ouro_portal *portal)
{
	(void)pthread_mutex_lock(&portal->keys_lock);
	portal->keys_busy = 0;
	(void)pthread_cond_signal(&portal->keys_changed);
	(void)pthread_mutex_unlock(&portal->keys_lock);
}

static ouro_status run_create(struct change *change, ouro_error *reterr)
{
	ouro_portal *portal = change->person->portal;
	ouro_status rc;

	if (change->person->holder)
		return run(change, attempt_create, reterr);
	rc = take_turn(portal, ouro__tailnet_write_until(portal->tailnet), reterr);
	if (rc < 0)
		return rc;
	rc = run(change, attempt_create, reterr);
	end_turn(portal);
	return rc;
}

ouro_status ouro_key_create(const ouro_person *person, const ouro_key_wish *wish,
	const ouro_write_options *given, char ret_text[OURO_KEY_TEXT_MAX], ouro_key **ret_key,
	ouro_error *reterr)
{
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	struct change change = {.person = person, .action = "key-create"};
	ouro_status rc;

	if (!person || !ret_text)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"making a key needs a person and room for the key");
	rc = ouro__options_import(&options, sizeof(options), given, reterr);
	if (rc < 0)
		return rc;
	rc = import_wish(wish, &change, reterr);
	if (rc == OURO_OK)
		rc = run_create(&change, reterr);
	if (rc == OURO_OK)
		name_key(&change, &change.made->items[0]);
	if (rc == OURO_OK &&
		!ouro__str_copy(ret_text, OURO_KEY_TEXT_MAX, change.made->items[0].text))
		rc = ouro__error_set(reterr, OURO_ERR_PROTOCOL,
			"Headscale made a key that is longer than keys are; end %s", change.name);
	record(&change, &options, rc);
	if (rc == OURO_OK && ret_key)
		*ret_key = copy_made(&change);
	ouro__keys_free(change.made);
	return rc;
}

static const struct ouro__key *find(const struct reading *read, uint64_t id)
{
	size_t all = count_keys(read);

	for (size_t i = 0; i < all; i++) {
		const struct ouro__key *key = key_at(read, i);

		if (key && key->id == id)
			return key;
	}
	return NULL;
}

/* Of an own key, for the audit record. */
static void note(struct change *change, const struct ouro__key *key, int state)
{
	static const char *const words[] = {
		[OURO_KEY_ALIVE] = "alive", [OURO_KEY_USED] = "used", [OURO_KEY_EXPIRED] = "over"};

	name_key(change, key);
	(void)snprintf(change->before, sizeof(change->before), "%s", words[state]);
	(void)snprintf(change->after, sizeof(change->after), "%s",
		state == OURO_KEY_ALIVE ? "over" : words[state]);
	if (ouro__str_copy(change->owner, sizeof(change->owner), key->user_name))
		change->user = change->owner;
}

/* Read, decide, end. *ret_again = 1: nothing was sent, and it may be tried anew. */
static ouro_status attempt_revoke(struct change *change, int *ret_again, ouro_error *reterr)
{
	const ouro_person *person = change->person;
	struct ouro__access_request request = {.step = OURO__KEY_REVOKE};
	ouro_error error = OURO_ERROR_INIT;
	const struct ouro__key *key;
	struct ouro__object object;
	struct ouro__basis basis;
	struct reading read;
	ouro_status rc = read_all(person, FRESH | KEYS, change->until, &read, ret_again, &error);

	if (rc < 0)
		goto out;
	key = find(&read, change->id);
	object = object_of(&read.view, key);
	rc = ouro__access_decide(
		person->policy, &read.view.subject, OURO_ACTION_KEYS, &object, &request, &error);
	if (rc == OURO_OK) {
		int state = ouro__key_state(key, ouro__portal_now(person->portal));

		note(change, key, state);
		if (state != OURO_KEY_ALIVE)
			goto out;
		basis = (struct ouro__basis){read.view.snapshot, change->until};
		rc = ouro__tailnet_keys_expire(person->portal->tailnet, &basis, key, &error);
		*ret_again = ouro__tailnet_write_again(rc, &error, change->until);
	}
out:
	if (rc < 0)
		ouro__error_copy(reterr, &error);
	read_done(&read);
	return rc;
}

ouro_status ouro_key_revoke(
	const ouro_person *person, uint64_t id, const ouro_write_options *given, ouro_error *reterr)
{
	ouro_write_options options = OURO_WRITE_OPTIONS_INIT;
	struct change change = {.person = person, .action = "key-revoke", .id = id};
	ouro_status rc;

	if (!person)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "ending a key needs a person");
	rc = ouro__options_import(&options, sizeof(options), given, reterr);
	if (rc < 0)
		return rc;
	(void)snprintf(change.name, sizeof(change.name), "key %llu", (unsigned long long)id);
	rc = run(&change, attempt_revoke, reterr);
	record(&change, &options, rc);
	return rc;
}
