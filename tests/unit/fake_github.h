/* A GitHub without a network, for the tests of the sign-in: answers by method and place, keeps what it was asked. */
#ifndef FAKE_GITHUB_H
#define FAKE_GITHUB_H

#include "check.h"

#include <pthread.h>

#include "identity/github.h"
#include "identity/sessions.h"

#define START 1700000000
#define GOOD_TOKEN "{\"access_token\":\"gho_abc.DEF-1_2\",\"token_type\":\"bearer\",\"scope\":\"\"}"
#define GOOD_USER "{\"id\":19270622,\"login\":\"mia\",\"type\":\"User\",\"name\":null}"

enum { ROOM = 4096, CALLS = 3 };

/* Answers by method and place; keeps what it was asked. */
struct fake {
	pthread_mutex_t lock;
	const char *token_reply;
	size_t token_size; /* 0 = strlen */
	int token_status;
	const char *user_reply;
	int user_status;
	int revoke_status;
	ouro_status failure[CALLS]; /* of send() for token, user, revoke */
	int delay_ms;
	int count[CALLS];
	int running;
	int most;
	char url[CALLS][ROOM];
	char headers[CALLS][ROOM];
	char body[CALLS][ROOM];
	int64_t timeout_ms[CALLS];
};

struct world {
	struct fake fake;
	ouro_sessions *sessions;
	ouro_github *github;
	char url[OURO_AUTHORIZE_URL_MAX];
	char sealed[OURO_STATE_TEXT_MAX];
	char tag[OURO_STATE_TAG_MAX];
	char state[64];
	ouro_identity identity;
	char purpose[OURO_PURPOSE_MAX];
	ouro_error error;
};

extern int64_t fake_github_now;
extern char fake_github_log[ROOM];

ouro_status fake_github_make(struct world *w, const ouro_github_options *options);
ouro_github_options fake_github_good_options(struct world *w);
struct world *fake_github_new(void);
void fake_github_free(struct world *w);
void fake_github_query(const char *url, const char *name, char *to, size_t room);
void fake_github_begin(struct world *w);
struct world *fake_github_begun(void);
ouro_status fake_github_finish(struct world *w);
int fake_github_calls(const struct world *w);

#endif
