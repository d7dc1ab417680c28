/* Sized options: what an older or newer caller hands over becomes our own struct. */
#ifndef OURO_BASE_OPTIONS_H
#define OURO_BASE_OPTIONS_H

#include "base/error.h"

/* Copy min(given size, our size) over to (which holds defaults = zeros); a non-zero tail that we do not know is refused.
 * from NULL leaves to as it is. from begins with its size_t size. */
ouro_status ouro__options_import(void *to, size_t size, const void *from, ouro_error *reterr);

#endif
