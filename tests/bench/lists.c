/* Lists for the bench; see lists.h. The recorded nodes are taken in turn, each with an id, keys, addresses and names of its own and one
 * of ten users. */
#include "lists.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lists_fields.h"
#include "model/model.h"
#include "rpc/wire.h"

#define LIST_BYTES_MAX ((size_t)64 << 20)
#define ARENA_BYTES_MAX ((size_t)256 << 20)
#define LINE_BYTES_MAX 65536

void give_up(const char *what)
{
	(void)fprintf(stderr, "read_cost: %s\n", what);
	exit(2);
}

void seen_number(struct seen *seen, uint64_t value)
{
	seen->hash = ouro__hash_u64(seen->hash, value);
}

void seen_text(struct seen *seen, const char *text)
{
	seen->texts++;
	seen->hash = ouro__hash_text(seen->hash, text);
}

/* ---- the recording ---- */

static void put_hex(ouro__buf *buf, const char *hex)
{
	size_t length = strlen(hex);

	for (size_t i = 0; i + 1 < length; i += 2) {
		const char digits[3] = {hex[i], hex[i + 1], '\0'};
		char *end;

		ouro__buf_byte(buf, (uint8_t)strtoul(digits, &end, 16));
		if (*end)
			give_up("the recording is not in hexadecimal");
	}
}

/* The answer of "list_nodes" in the line; 0 = another call. */
static int put_answer(ouro__buf *buf, const char *line)
{
	json_t *json = json_loads(line, 0, NULL);
	const char *name = json_string_value(json_object_get(json, "name"));
	const char *hex = json_string_value(json_object_get(json, "response_hex"));
	int found = name && hex && strcmp(name, "list_nodes") == 0;

	if (found)
		put_hex(buf, hex);
	json_decref(json);
	return found;
}

static void read_recording(ouro__buf *buf, const char *path)
{
	FILE *file = fopen(path, "r");
	static char line[LINE_BYTES_MAX];
	int found = 0;

	if (!file)
		give_up("there is no such recording");
	while (!found && fgets(line, sizeof(line), file))
		found = put_answer(buf, line);
	(void)fclose(file);
	if (!found || buf->broken)
		give_up("the recording has no list of nodes");
}

/* The recorded nodes. Encoded again they are what was recorded, so no field was lost. */
static const struct devices *load(const char *path, ouro__arena *arena)
{
	ouro__buf recorded = OURO__BUF_INIT(LIST_BYTES_MAX);
	ouro__buf again = OURO__BUF_INIT(LIST_BYTES_MAX);
	void *devices = NULL;

	read_recording(&recorded, path);
	if (ouro__wire_decode(
		    &bench_devices, 1, recorded.data, recorded.size, arena, &devices, NULL) < 0 ||
		ouro__wire_encode(&bench_devices, 1, devices, &again, NULL) < 0)
		give_up("the recording cannot be read");
	if (again.size != recorded.size || memcmp(again.data, recorded.data, again.size) != 0)
		give_up("the recording has fields that the bench does not know");
	ouro__buf_done(&recorded);
	ouro__buf_done(&again);
	return devices;
}

/* ---- nodes ---- */

static void *room(ouro__arena *arena, size_t size)
{
	void *at = ouro__arena_alloc(arena, size);

	if (!at)
		give_up("out of memory");
	return at;
}

__attribute__((format(printf, 2, 3))) static const char *text(
	ouro__arena *arena, const char *format, ...)
{
	char line[256];
	va_list list;
	int length;
	char *copy;

	va_start(list, format);
	length = vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (length < 0 || (size_t)length >= sizeof(line))
		give_up("a text is too long");
	copy = room(arena, (size_t)length + 1);
	memcpy(copy, line, (size_t)length);
	return copy;
}

/* The key with other last digits. */
static const char *other_key(ouro__arena *arena, const char *recorded, size_t index)
{
	size_t length = strlen(recorded);

	if (length < 8)
		give_up("the recording has a key that is no key");
	return text(arena, "%.*s%08zx", (int)(length - 8), recorded, index);
}

static struct person *other_user(ouro__arena *arena, const struct person *recorded, size_t index)
{
	struct person *user;

	if (!recorded)
		return NULL;
	user = room(arena, sizeof(*user));
	*user = *recorded;
	/* The user of tagged nodes stays. */
	if (user->id < OURO__USER_TAGGED_DEVICES) {
		user->id = 1 + index % LISTS_USERS;
		user->name = text(arena, "user%zu", index % LISTS_USERS);
	}
	return user;
}

static struct device *other_device(ouro__arena *arena, const struct device *recorded, size_t index)
{
	struct device *device = room(arena, sizeof(*device));
	const char **addresses = room(arena, 2 * sizeof(*addresses));

	*device = *recorded;
	device->id = index + 1;
	device->machine_key = other_key(arena, recorded->machine_key, index);
	device->node_key = other_key(arena, recorded->node_key, index);
	device->disco_key = other_key(arena, recorded->disco_key, index);
	addresses[0] = text(arena, "100.64.%zu.%zu", index / 250, index % 250 + 1);
	addresses[1] = text(arena, "fd7a:115c:a1e0::%zx", index + 1);
	device->addresses = (struct ouro__texts){addresses, 2};
	device->name = text(arena, "%s-%zu", recorded->name, index);
	device->given_name = text(arena, "%s-%zu", recorded->given_name, index);
	device->user = other_user(arena, recorded->user, index);
	return device;
}

void list_make(struct list *list, const char *recording, size_t count)
{
	ouro__arena *arena = ouro__arena_new(ARENA_BYTES_MAX);
	const struct devices *recorded = arena ? load(recording, arena) : NULL;
	struct devices devices;

	if (!recorded || !recorded->devices.count)
		give_up("the recording has no nodes");
	devices.devices.items = room(arena, count * sizeof(void *));
	devices.devices.count = count;
	for (size_t i = 0; i < count; i++)
		devices.devices.items[i] = other_device(
			arena, recorded->devices.items[i % recorded->devices.count], i);
	list->count = count;
	list->protobuf = (ouro__buf)OURO__BUF_INIT(LIST_BYTES_MAX);
	list->json = (ouro__buf)OURO__BUF_INIT(LIST_BYTES_MAX);
	if (ouro__wire_encode(&bench_devices, 1, &devices, &list->protobuf, NULL) < 0)
		give_up("the list cannot be encoded");
	lists_json(&list->json, &bench_devices, &devices);
	if (list->json.broken)
		give_up("the list is too long");
	ouro__arena_free(arena);
}

void list_done(struct list *list)
{
	ouro__buf_done(&list->protobuf);
	ouro__buf_done(&list->json);
}
