/* The tables of lists_fields.h, and JSON from them: the way a server writes it, where the library would leave out what is empty. */
#include "lists_fields.h"

#include <string.h>
#include <time.h>

#include "lists.h"

#define ROW(type, number, json, kind, member)                                                      \
	{                                                                                          \
		(number), OURO__FIELD_##kind, 0, 255, offsetof(struct type, member), (json), NULL  \
	}
#define ROW_SUB(type, number, json, kind, member, sub)                                             \
	{                                                                                          \
		(number), OURO__FIELD_##kind, 0, 255, offsetof(struct type, member), (json),       \
			&(sub)                                                                     \
	}
#define ROW_VALUE(number, json)                                                                    \
	{                                                                                          \
		(number), OURO__FIELD_ENUM, 0, 255, 0, (json), NULL                                \
	}
#define TABLE(type, rows)                                                                          \
	{                                                                                          \
#type, sizeof(struct type), (rows), sizeof(rows) / sizeof((rows)[0])               \
	}

static const struct ouro__field moment_fields[] = {
	ROW(moment, 1, "seconds", U64, seconds),
	ROW(moment, 2, "nanos", U64, nanos),
};
const struct ouro__message bench_moment = TABLE(moment, moment_fields);

static const struct ouro__field person_fields[] = {
	ROW(person, 1, "id", U64, id),
	ROW(person, 2, "name", TEXT, name),
	ROW_SUB(person, 3, "createdAt", MESSAGE, created, bench_moment),
	ROW(person, 4, "displayName", TEXT, display_name),
	ROW(person, 5, "email", TEXT, email),
	ROW(person, 6, "providerId", TEXT, provider_id),
	ROW(person, 7, "provider", TEXT, provider),
	ROW(person, 8, "profilePicUrl", TEXT, picture),
};
static const struct ouro__message person = TABLE(person, person_fields);

static const struct ouro__field key_fields[] = {
	ROW_SUB(key, 1, "user", MESSAGE, user, person),
	ROW(key, 2, "id", U64, id),
	ROW(key, 3, "key", TEXT, key),
	ROW(key, 4, "reusable", BOOL, reusable),
	ROW(key, 5, "ephemeral", BOOL, ephemeral),
	ROW(key, 6, "used", BOOL, used),
	ROW_SUB(key, 7, "expiration", MESSAGE, expiration, bench_moment),
	ROW_SUB(key, 8, "createdAt", MESSAGE, created, bench_moment),
	ROW(key, 9, "aclTags", TEXTS, tags),
};
static const struct ouro__message key = TABLE(key, key_fields);

static const struct ouro__field ways[] = {
	ROW_VALUE(0, "REGISTER_METHOD_UNSPECIFIED"),
	ROW_VALUE(1, "REGISTER_METHOD_AUTH_KEY"),
	ROW_VALUE(2, "REGISTER_METHOD_CLI"),
	ROW_VALUE(3, "REGISTER_METHOD_OIDC"),
};
static const struct ouro__message way = {"way", 0, ways, sizeof(ways) / sizeof(ways[0])};

static const struct ouro__field device_fields[] = {
	ROW(device, 1, "id", U64, id),
	ROW(device, 2, "machineKey", TEXT, machine_key),
	ROW(device, 3, "nodeKey", TEXT, node_key),
	ROW(device, 4, "discoKey", TEXT, disco_key),
	ROW(device, 5, "ipAddresses", TEXTS, addresses),
	ROW(device, 6, "name", TEXT, name),
	ROW_SUB(device, 7, "user", MESSAGE, user, person),
	ROW_SUB(device, 8, "lastSeen", MESSAGE, last_seen, bench_moment),
	ROW_SUB(device, 10, "expiry", MESSAGE, expiry, bench_moment),
	ROW_SUB(device, 11, "preAuthKey", MESSAGE, pre_auth_key, key),
	ROW_SUB(device, 12, "createdAt", MESSAGE, created, bench_moment),
	ROW_SUB(device, 13, "registerMethod", ENUM, register_method, way),
	ROW(device, 21, "givenName", TEXT, given_name),
	ROW(device, 22, "online", BOOL, online),
	ROW(device, 23, "approvedRoutes", TEXTS, approved_routes),
	ROW(device, 24, "availableRoutes", TEXTS, available_routes),
	ROW(device, 25, "subnetRoutes", TEXTS, subnet_routes),
	ROW(device, 26, "tags", TEXTS, tags),
};
static const struct ouro__message device = TABLE(device, device_fields);

static const struct ouro__field devices_fields[] = {
	ROW_SUB(devices, 1, "nodes", MESSAGES, devices, device),
};
const struct ouro__message bench_devices = TABLE(devices, devices_fields);

/* The texts here need no escapes; that it is so is looked at. */
static void put_text(ouro__buf *buf, const char *text)
{
	if (strpbrk(text, "\"\\\n\r\t"))
		give_up("a text of the recording would need escapes");
	ouro__buf_format(buf, "\"%s\"", text);
}

static void put_texts(ouro__buf *buf, const struct ouro__texts *texts)
{
	ouro__buf_byte(buf, '[');
	for (size_t i = 0; i < texts->count; i++) {
		if (i)
			ouro__buf_byte(buf, ',');
		put_text(buf, texts->items[i]);
	}
	ouro__buf_byte(buf, ']');
}

static void put_moment(ouro__buf *buf, const struct moment *moment)
{
	const time_t seconds = (time_t)moment->seconds;
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		give_up("a time of the recording cannot be written");
	ouro__buf_format(buf, "\"%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	if (moment->nanos)
		ouro__buf_format(buf, ".%09llu", (unsigned long long)moment->nanos);
	ouro__buf_text(buf, "Z\"");
}

static void put_message(ouro__buf *buf, const struct ouro__message *message, const void *object)
{
	if (!object)
		ouro__buf_text(buf, "null");
	else if (message == &bench_moment)
		put_moment(buf, object);
	else
		lists_json(buf, message, object);
}

static void put_messages(
	ouro__buf *buf, const struct ouro__message *message, const struct ouro__messages *messages)
{
	ouro__buf_byte(buf, '[');
	for (size_t i = 0; i < messages->count; i++) {
		if (i)
			ouro__buf_byte(buf, ',');
		put_message(buf, message, messages->items[i]);
	}
	ouro__buf_byte(buf, ']');
}

static void put_enum(ouro__buf *buf, const struct ouro__message *values, int32_t value)
{
	for (size_t i = 0; i < values->count; i++)
		if ((int32_t)values->fields[i].number == value) {
			put_text(buf, values->fields[i].json);
			return;
		}
	give_up("the recording has an unknown way of registration");
}

static void put_value(ouro__buf *buf, const struct ouro__field *field, const void *at)
{
	switch ((enum ouro__field_kind)field->kind) {
	case OURO__FIELD_U64:
		ouro__buf_format(buf, "\"%llu\"", (unsigned long long)*(const uint64_t *)at);
		break;
	case OURO__FIELD_BOOL: ouro__buf_text(buf, *(const int32_t *)at ? "true" : "false"); break;
	case OURO__FIELD_ENUM: put_enum(buf, field->sub, *(const int32_t *)at); break;
	case OURO__FIELD_TEXT: put_text(buf, *(const char *const *)at); break;
	case OURO__FIELD_TEXTS: put_texts(buf, at); break;
	case OURO__FIELD_MESSAGE: put_message(buf, field->sub, *(const void *const *)at); break;
	case OURO__FIELD_MESSAGES: put_messages(buf, field->sub, at); break;
	case OURO__FIELD_U64_TEXT:
	case OURO__FIELD_TIME: give_up("the tables of the bench have no such kind");
	}
}

void lists_json(ouro__buf *buf, const struct ouro__message *message, const void *object)
{
	for (size_t i = 0; i < message->count; i++) {
		const struct ouro__field *field = &message->fields[i];

		ouro__buf_format(buf, "%c\"%s\":", i ? ',' : '{', field->json);
		put_value(buf, field, (const char *)object + field->offset);
	}
	ouro__buf_byte(buf, '}');
}
