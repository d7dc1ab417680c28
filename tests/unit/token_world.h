/* A portal with a store, a clock that the test turns, and people: what tests of tokens and sign-ins start from. */
#ifndef TOKEN_WORLD_H
#define TOKEN_WORLD_H

#include <ouroboros/tokens.h>

#include "fake_server.h"
#include "store_world.h"

enum { TOKEN_MIA = 19270622, TOKEN_TOM = 4711 };

struct token_world {
	struct fake_server server;
	struct store_world store;
	ouro_tailnet *tailnet;
	ouro_directory *directory;
	ouro_portal *portal;
	ouro_person *mia; /* user sink */
	ouro_person *tom; /* user jim */
	int64_t now;
	char audit[8192]; /* all lines, each with a newline */
};

/* rules: NULL = the usual ones. */
void token_world_open(struct token_world *world, const char *rules);
void token_world_close(struct token_world *world);
/* Another map, other rules; NULL = the usual ones. */
void token_world_reload(struct token_world *world, const char *map, const char *rules);
/* A person by GitHub id. */
ouro_person *token_world_person(struct token_world *world, uint64_t id, const char *login);
/* A token of that person with these scopes. */
void token_world_token(const ouro_person *person, uint32_t scopes, char text[OURO_TOKEN_TEXT_MAX],
	ouro_token *ret_token);
/* The person by token, who has to be there. */
ouro_person *token_world_by(struct token_world *world, const char *text);

#endif
