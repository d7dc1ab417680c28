/* Address prefixes in CIDR notation: strict reading and containment. Pure. */
#ifndef OURO_ACCESS_PREFIX_H
#define OURO_ACCESS_PREFIX_H

#include <stddef.h>
#include <stdint.h>

/* Room for a prefix as text, NUL included. */
#define OURO__PREFIX_TEXT_MAX 64

struct ouro__prefix {
	uint8_t address[16]; /* first 4 for IPv4 */
	unsigned bits;
	int v6;
};

/* 1 if text is ADDRESS/BITS with all host bits zero; zone ids, missing bits and leading zeros are refused. */
int ouro__prefix_parse(const char *text, struct ouro__prefix *ret_prefix);
/* The same, and a bare address counts as a prefix of full length. */
int ouro__prefix_parse_loose(const char *text, struct ouro__prefix *ret_prefix);
/* Canonical text; ret_text holds OURO__PREFIX_TEXT_MAX bytes. */
void ouro__prefix_text(const struct ouro__prefix *prefix, char *ret_text);
/* 1 if every address of inner is in outer. */
int ouro__prefix_within(const struct ouro__prefix *inner, const struct ouro__prefix *outer);
/* What a prefix would take that no owner may: "the tailnet's own addresses", "loopback" …; NULL if it touches none of it. */
const char *ouro__prefix_reserved(const struct ouro__prefix *prefix);
/* The same for a prefix that lies wholly within such a range. */
const char *ouro__prefix_within_reserved(const struct ouro__prefix *prefix);
/* 1 if it is 0.0.0.0/0 or ::/0. */
int ouro__prefix_exit(const struct ouro__prefix *prefix);

#endif
