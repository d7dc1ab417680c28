/* What is behind a port, by its first bytes. */
#ifndef OURO_NET_H2_SNIFF_H
#define OURO_NET_H2_SNIFF_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* As many bytes are enough: the header of the first frame. */
#define OURO__H2_SNIFF_SIZE ((size_t)9)

/* OURO_OK while the bytes can be the beginning of a server's SETTINGS, else PROTOCOL in words. Pure. */
ouro_status ouro__h2_sniff(const uint8_t *data, size_t size, ouro_error *reterr);

#endif
