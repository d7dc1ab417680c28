/* Where protobuf-c is not installed. */
#include "others.h"

int others_have_protobuf_c(void)
{
	return 0;
}

void others_protobuf_c(const struct list *list)
{
	(void)list;
	give_up("built without protobuf-c");
}

void others_protobuf_c_look(const struct list *list, struct seen *seen)
{
	(void)list;
	(void)seen;
	give_up("built without protobuf-c");
}
