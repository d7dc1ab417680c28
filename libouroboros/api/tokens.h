/* What tokens and sign-ins of the command line share. */
#ifndef OURO_API_TOKENS_H
#define OURO_API_TOKENS_H

#include <ouroboros/tokens.h>

#include "api/portal.h"
#include "store/store.h"

enum { OURO__TOKENS_MAX = 50 };

/* Room for "read, nodes, routes, keys". */
#define OURO__SCOPES_TEXT_MAX 32

/* The longest life of a token by the rules, seconds; 0 = off. */
int64_t ouro__tokens_longest(const ouro__policy *policy);
/* How long a token lives if nobody says: 90 days, or as long as the rules allow. */
int64_t ouro__tokens_usual(int64_t longest);
/* OURO_ERR_OFF with its reason unless there are a store and a rule that lets people have tokens. */
ouro_status ouro__tokens_on(
	const ouro_portal *portal, const ouro__policy *policy, ouro_error *reterr);
/* DENIED for who may make none: by a token, and the holder. */
ouro_status ouro__tokens_maker(const ouro_person *person, ouro_error *reterr);
/* DENIED if a life is longer than the rules allow. */
ouro_status ouro__tokens_life(int64_t life, int64_t longest, ouro_error *reterr);
/* INVALID if there are bits that mean nothing. */
ouro_status ouro__tokens_scopes(uint32_t scopes, ouro_error *reterr);
/* The record of it: a token that was made, with its scopes and its end. */
void ouro__tokens_record(const ouro_person *person, const char *action, const ouro_token *token,
	ouro_status rc, const char *address);
void ouro__tokens_owner(const ouro_person *person, struct ouro__owner *ret_owner);
void ouro__scopes_text(uint32_t scopes, char ret_text[OURO__SCOPES_TEXT_MAX]);
/* Hand out a token as the caller's version of the structure knows it. */
ouro_status ouro__token_give(const ouro_token *token, ouro_token *ret_token, ouro_error *reterr);

#endif
