/* Fixed binary layouts inside of seals: big-endian numbers at a moving place. */
#ifndef OURO_IDENTITY_PACK_H
#define OURO_IDENTITY_PACK_H

#include <stdint.h>

static inline uint8_t *ouro__pack_u64(uint8_t *at, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> (56 - 8 * i));
	return at + 8;
}

static inline const uint8_t *ouro__unpack_u64(const uint8_t *at, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 8; i++)
		value = (value << 8) | at[i];
	*ret_value = value;
	return at + 8;
}

#endif
