/* Looking at a store without changing it: for the doctor. */
#ifndef OURO_STORE_LOOK_H
#define OURO_STORE_LOOK_H

#include <ouroboros/store.h>

enum ouro__store_there {
	OURO__STORE_NONE,  /* no tables yet: opening it would make them */
	OURO__STORE_OLDER, /* opening it would bring it to this version */
	OURO__STORE_CURRENT
};

/* What is there, and could it be written to? Begins a change and takes it back. Errors as ouro_store_open(), and TIMEOUT. */
ouro_status ouro__store_look(
	const ouro_store_options *options, enum ouro__store_there *ret_there, ouro_error *reterr);

#endif
