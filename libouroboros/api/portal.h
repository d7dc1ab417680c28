/* What the entry points share: the portal, its persons and the audit record. */
#ifndef OURO_API_PORTAL_H
#define OURO_API_PORTAL_H

#include <pthread.h>

#include <ouroboros/nodes.h>
#include <ouroboros/tokens.h>

#include "access/access.h"
#include "audit/audit.h"

struct ouro_portal {
	ouro_tailnet *tailnet;     /* borrowed */
	ouro_directory *directory; /* borrowed */
	ouro_portal_options options;
	pthread_mutex_t audit_lock; /* records come out in order, one at a time */
	pthread_mutex_t keys_lock;
	pthread_cond_t keys_changed; /* on the clock of ouro__clock_ms() */
	int keys_busy; /* somebody counts his keys and makes one; guarded by keys_lock */
};

struct ouro_person {
	ouro_portal *portal;  /* borrowed */
	ouro__policy *policy; /* owned reference: map and rules of the moment the person was made */
	ouro_identity identity;
	int holder;
	uint32_t scopes;               /* OURO_TOKEN_*: what the credentials at hand are good for */
	char token[OURO_TOKEN_ID_MAX]; /* id of the token they came by, "" if none */
	const char *const *users;      /* borrowed from policy */
	size_t user_count;
	char *shoes; /* ouro_person_as(): the user's name, owned; then users is only */
	const char *only[1];
};

int64_t ouro__portal_now(const ouro_portal *portal);
/* Seconds from now until a point in time; OURO_TIME_NEVER stays that, what is past is 0. */
int64_t ouro__portal_ahead(const ouro_portal *portal, int64_t until);
/* Fill in time and person, write the line. A record that cannot be built is written as a short one that says so. */
void ouro__portal_audit(const ouro_person *person, struct ouro__audit_record *record);

#endif
