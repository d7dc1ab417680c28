/* The list read by protobuf-c, with code that its compiler made from devices.proto. */
#include "others.h"

#include <devices.pb-c.h>

int others_have_protobuf_c(void)
{
	return 1;
}

static Bench__Devices *unpack(const struct list *list)
{
	Bench__Devices *devices =
		bench__devices__unpack(NULL, list->protobuf.size, list->protobuf.data);

	if (!devices)
		give_up("protobuf-c cannot read the list");
	return devices;
}

void others_protobuf_c(const struct list *list)
{
	bench__devices__free_unpacked(unpack(list), NULL);
}

static void look_texts(struct seen *seen, char *const *texts, size_t count)
{
	seen_number(seen, count);
	for (size_t i = 0; i < count; i++)
		seen_text(seen, texts[i]);
}

void others_protobuf_c_look(const struct list *list, struct seen *seen)
{
	Bench__Devices *devices = unpack(list);

	seen->nodes = devices->n_devices;
	for (size_t i = 0; i < devices->n_devices; i++) {
		const Bench__Device *device = devices->devices[i];

		seen_number(seen, device->number);
		seen_number(seen, device->whose ? device->whose->number : 0);
		seen_number(seen, device->seen ? (uint64_t)device->seen->seconds : 0);
		seen_number(seen, (uint64_t)device->since->seconds);
		seen_number(seen, device->up ? 1 : 0);
		seen_number(seen, device->came_with && device->came_with->short_lived ? 1 : 0);
		seen_text(seen, device->whose ? device->whose->login : "");
		seen_text(seen, device->host);
		seen_text(seen, device->given);
		look_texts(seen, device->addresses, device->n_addresses);
		look_texts(seen, device->approved, device->n_approved);
		look_texts(seen, device->offered, device->n_offered);
		look_texts(seen, device->served, device->n_served);
		look_texts(seen, device->labels, device->n_labels);
	}
	bench__devices__free_unpacked(devices, NULL);
}
