/* See raw_message.h. */
#include "check.h"

#include "raw_message.h"

static uint64_t varint(const uint8_t **at, const uint8_t *end)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		assert_true(*at < end);
		value |= (uint64_t)(**at & 0x7F) << shift;
		if (!(*(*at)++ & 0x80))
			return value;
	}
	fail_msg("a number of more than ten bytes");
	return 0;
}

struct raw_message raw_message_read(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;
	struct raw_message message;

	memset(&message, 0, sizeof(message));
	while (data < end) {
		uint64_t tag = varint(&data, end);
		struct raw_field *field;

		assert_true(message.count < sizeof(message.fields) / sizeof(message.fields[0]));
		field = &message.fields[message.count++];
		field->number = (uint32_t)(tag >> 3);
		field->is_text = (tag & 7) == 2;
		assert_true((tag & 7) == 2 || (tag & 7) == 0);
		field->value = varint(&data, end);
		if (field->is_text) {
			size_t length = (size_t)field->value;

			assert_true(length <= (size_t)(end - data));
			memcpy(field->text, data,
				length < sizeof(field->text) ? length : sizeof(field->text) - 1);
			data += length;
		}
	}
	return message;
}

const struct raw_field *raw_message_find(const struct raw_message *message, uint32_t number)
{
	const struct raw_field *found = NULL;

	for (size_t i = 0; i < message->count; i++) {
		if (message->fields[i].number != number)
			continue;
		assert_null(found);
		found = &message->fields[i];
	}
	return found;
}
