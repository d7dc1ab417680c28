/* What stands in a protobuf message, read without the library's tables: for tests of what really goes out. Pure. */
#ifndef TEST_RAW_MESSAGE_H
#define TEST_RAW_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct raw_field {
	uint32_t number;
	int is_text;    /* else a number */
	uint64_t value; /* of a number */
	char text[128]; /* of a text or sub-message, cut */
};

struct raw_message {
	struct raw_field fields[16];
	size_t count;
};

/* Fails the test if it is no flat message of at most 16 fields. */
struct raw_message raw_message_read(const uint8_t *data, size_t size);
/* The only field with this number, NULL if there is none; two fail the test. */
const struct raw_field *raw_message_find(const struct raw_message *message, uint32_t number);

#endif
