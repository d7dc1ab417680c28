/* page_once.c: what shows a secret once must not be done twice. A form carries what its page had seen; whoever sends it again, after
 * it was done, is told so. Here: the two at the same moment. Shared by all requests; lock-free. */
#include "pages.h"

#include <stdatomic.h>

#define SLOTS 256u

/* Who is having something made at this moment, by account: 0 = nobody. Two accounts of one slot wait for each other, that is all. */
static _Atomic uint64_t making[SLOTS];

static _Atomic uint64_t *slot_of(const struct web_call *call)
{
	return &making[call->session->identity.id % SLOTS];
}

int page_once_begin(struct web_call *call)
{
	uint64_t nobody = 0;

	return atomic_compare_exchange_strong(slot_of(call), &nobody, call->session->identity.id);
}

void page_once_end(struct web_call *call)
{
	atomic_store(slot_of(call), 0);
}
