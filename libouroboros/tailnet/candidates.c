/* Which way leads to the server, and what to say if none does; see candidates.h. */
#include "tailnet/candidates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/sys.h"

#define PREFER_FIRST_MS ((int64_t)60 * 1000)
#define PREFER_LAST_MS ((int64_t)3600 * 1000)
/* What telling neighbouring versions apart may take; it is a nicety. */
#define REFINE_MS 1500
/* For how long the answer to that counts on one connection. */
#define TOLD_MS ((int64_t)60 * 1000)
#define HTTP_OK 200

void ouro__candidates_init(struct ouro__candidates *candidates)
{
	memset(candidates, 0, sizeof(*candidates));
	candidates->chosen = OURO__CANDIDATES_MAX;
	candidates->prefer_delay = PREFER_FIRST_MS;
}

static void log_quietly(void *user, int level, const char *text)
{
	(void)level;
	ouro__log_line(user, OURO_LOG_DEBUG, "%s", text);
}

ouro__log *ouro__candidates_log(struct ouro__candidates *candidates, const ouro__log *log)
{
	static const ouro__log quiet = {log_quietly, NULL};
	ouro__log *both = ouro__alloc(2, sizeof(*both));

	if (!both)
		return NULL;
	both[0] = *log;
	both[1] = quiet;
	both[1].user = &both[0];
	candidates->log = both;
	return &both[1];
}

void ouro__candidates_add(
	struct ouro__candidates *candidates, ouro__channel *channel, const char *place, int direct)
{
	struct ouro__candidate *item = &candidates->items[candidates->count++];

	item->channel = channel;
	item->direct = direct;
	(void)snprintf(item->place, sizeof(item->place), "%s", place);
	ouro__str_one_line(item->place);
}

int ouro__candidate_grpc(const struct ouro__candidate *candidate)
{
	return candidate->channel->ops->probe != NULL;
}

void ouro__candidates_doubt(struct ouro__candidates *candidates)
{
	candidates->told_ms = 0;
}

static int is_chosen(const struct ouro__candidates *candidates)
{
	return candidates->chosen < candidates->count;
}

int ouro__candidates_hold(const struct ouro__candidates *candidates, int64_t ms)
{
	const struct ouro__candidate *item;

	if (!is_chosen(candidates))
		return 0;
	item = &candidates->items[candidates->chosen];
	return (candidates->found.ouroboros ||
		       candidates->found.epoch == ouro__channel_epoch(item->channel)) &&
		(item->direct || ouro__clock_ms() - candidates->looked_ms < ms);
}

/* A better way than the present one, which this server may have: 0.30 and later have no gRPC. */
static int is_better(const struct ouro__candidates *candidates, size_t i)
{
	return i < candidates->chosen &&
		(!ouro__candidate_grpc(&candidates->items[i]) ||
			ouro__headscale_has_grpc(candidates->found.generation));
}

static size_t make_order(
	const struct ouro__candidates *candidates, size_t order[OURO__CANDIDATES_MAX])
{
	unsigned taken = 0;
	size_t count = 0;

	for (size_t i = 0; is_chosen(candidates) && i < candidates->count; i++) {
		int due = ouro__clock_ms() >= candidates->prefer_ms && is_better(candidates, i);

		if (!due && i != candidates->chosen)
			continue;
		order[count++] = i;
		taken |= 1u << i;
	}
	/* At a socket that nobody asked yet HTTP is the cheaper question: it takes no thread, and gRPC says at once that it is none. */
	for (size_t i = 0; !count && i < candidates->count; i++) {
		if (!candidates->items[i].direct || ouro__candidate_grpc(&candidates->items[i]))
			continue;
		order[count++] = i;
		taken |= 1u << i;
	}
	for (size_t i = 0; i < candidates->count; i++)
		if (!(taken & (1u << i)))
			order[count++] = i;
	return count;
}

/* 1 = says nothing about the server. */
static int is_our_own(ouro_status status)
{
	return status == OURO_ERR_NOMEM || status == OURO_ERR_INTERNAL || status == OURO_ERR_IO;
}

/* ---- what to say ---- */

/* How much a failure tells about what is there. */
enum { TELLS_SILENCE, TELLS_HANGING, TELLS_WRONG_KIND, TELLS_PROXY, TELLS_STRANGER, TELLS_VERSION };

static int tells(const struct ouro__candidate *candidate, const ouro_error *error)
{
	switch (error->status) {
	case OURO_ERR_UNSUPPORTED: return TELLS_VERSION;
	case OURO_ERR_PROTOCOL:
		if (error->grpc_status >= 0)
			return TELLS_STRANGER;
		if (!error->http_status)
			return TELLS_WRONG_KIND;
		return ouro__candidate_grpc(candidate) ? TELLS_PROXY : TELLS_STRANGER;
	case OURO_ERR_UNREACHABLE:
		if (error->http_status)
			return TELLS_PROXY;
		return ouro__str_has_fold(error->text, "certificate") ? TELLS_WRONG_KIND
								      : TELLS_SILENCE;
	case OURO_ERR_TIMEOUT: return TELLS_HANGING;
	default: return TELLS_SILENCE;
	}
}

/* "gRPC at vpn.example.org:443: …", unless the text says where it was. */
static void place_in_front(const struct ouro__candidate *candidate, ouro_error *error)
{
	if (!strstr(error->text, candidate->place))
		ouro__error_prefix(error, "%s at %s",
			ouro__candidate_grpc(candidate) ? "gRPC" : "HTTP", candidate->place);
}

static void append(ouro_error *error, const char *before, const char *text)
{
	size_t used = strlen(error->text);

	(void)snprintf(error->text + used, sizeof(error->text) - used, "%s%s", before, text);
	ouro__str_one_line(error->text);
}

static int same_place(const struct ouro__candidate *one, const struct ouro__candidate *other)
{
	return strcmp(one->place, other->place) == 0;
}

/* The failure that tells the most; of equal ones the first, but HTTP knows more of a proxy than gRPC does. */
static size_t pick(const struct ouro__candidates *candidates, const ouro_error *errors)
{
	size_t best = 0;

	for (size_t i = 1; i < candidates->count; i++) {
		int had = tells(&candidates->items[best], &errors[best]);
		int has = tells(&candidates->items[i], &errors[i]);
		int same_proxy = has == TELLS_PROXY && i == best + 1 &&
			ouro__candidate_grpc(&candidates->items[best]) &&
			same_place(&candidates->items[i], &candidates->items[best]);

		if (has > had || (has == had && same_proxy))
			best = i;
	}
	return best;
}

/* Ouroboros speaks like a Headscale, to people and their tokens: its own settings may lead it to itself. At the address that was
 * given there is no Headscale then; at the login URL it tells nothing of the one at the address. */
static ouro_status not_headscale(
	const struct ouro__candidates *candidates, size_t i, ouro_error *reterr)
{
	const struct ouro__candidate *item = &candidates->items[i];

	if (!same_place(item, &candidates->items[0]))
		return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
			"what answers at %s is ouroboros-web, not Headscale: check hs_login_url",
			item->place);
	(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
		"what answers at %s is ouroboros-web, not Headscale: set hs_address to Headscale's own address",
		item->place);
	reterr->http_status = HTTP_OK;
	return OURO_ERR_PROTOCOL;
}

/* ouroboros: the last one where that was met, count = none. */
static ouro_status all_failed(const struct ouro__candidates *candidates, ouro_error *errors,
	size_t ouroboros, ouro_error *reterr)
{
	size_t best = pick(candidates, errors);
	ouro_error *error = &errors[best];
	const struct ouro__candidate *first = &candidates->items[0];

	if (candidates->site && error->status == OURO_ERR_PROTOCOL)
		ouro__error_prefix(error, "there is no Ouroboros at %s", first->place);
	place_in_front(&candidates->items[best], error);
	if (!same_place(first, &candidates->items[best])) {
		place_in_front(first, &errors[0]);
		append(error, "; ", errors[0].text);
	} else if (candidates->restricted && error->status == OURO_ERR_PROTOCOL) {
		append(error, "; ", "hs_transport allows this way only, auto tries others");
	}
	if (ouroboros > 0 && ouroboros < candidates->count &&
		!same_place(&candidates->items[ouroboros], &candidates->items[best]))
		append(error, "; ", errors[ouroboros].text);
	ouro__error_copy(reterr, error);
	return error->status;
}

/* ---- walking ---- */

/* Has HTTP told lately which of the two this is, or shown that it does not tell? */
static int was_told(const struct ouro__candidates *candidates, const struct ouro__found *before,
	const struct ouro__found *found, const ouro__generation *other)
{
	if (!before || !candidates->told_ms || before->epoch != found->epoch ||
		(before->generation != found->generation && before->generation != other))
		return 0;
	return !before->certain || ouro__clock_ms() - candidates->told_ms < TOLD_MS;
}

/* Over gRPC neighbours may look alike. What HTTP told of this connection is not asked for every time; but behind a proxy the server
 * may be replaced without it. */
static void refine(struct ouro__candidates *candidates, const struct ouro__found *before,
	int64_t deadline, struct ouro__found *found)
{
	const ouro__generation *other = ouro__headscale_vague(found);
	int64_t until = ouro__clock_ms() + REFINE_MS;

	if (!other)
		return;
	if (was_told(candidates, before, found, other)) {
		*found = *before;
		return;
	}
	candidates->told_ms = ouro__clock_ms();
	until = until < deadline ? until : deadline;
	for (size_t i = 0; i < candidates->count && !found->certain; i++)
		if (!ouro__candidate_grpc(&candidates->items[i]))
			ouro__headscale_refine(candidates->items[i].channel, until, found);
	if (candidates->pages && !found->certain)
		ouro__headscale_refine(candidates->pages, until, found);
}

static void choose(struct ouro__candidates *candidates, size_t i, const struct ouro__found *found,
	int64_t deadline)
{
	int same = candidates->chosen == i;
	int64_t now = ouro__clock_ms();
	struct ouro__found fine = *found;

	if (ouro__candidate_grpc(&candidates->items[i]))
		refine(candidates, same ? &candidates->found : NULL, deadline, &fine);
	if (i == 0 || !same)
		candidates->prefer_delay = PREFER_FIRST_MS;
	if (now >= candidates->prefer_ms) {
		candidates->prefer_ms = now + candidates->prefer_delay;
		candidates->prefer_delay *= 2;
		if (candidates->prefer_delay > PREFER_LAST_MS)
			candidates->prefer_delay = PREFER_LAST_MS;
	}
	candidates->chosen = i;
	candidates->found = fine;
	candidates->looked_ms = now;
}

ouro_status ouro__candidates_find(
	struct ouro__candidates *candidates, int64_t deadline, ouro_error *reterr)
{
	ouro_error errors[OURO__CANDIDATES_MAX];
	size_t order[OURO__CANDIDATES_MAX];
	size_t count = make_order(candidates, order);
	size_t ouroboros = candidates->count;

	for (size_t i = 0; i < OURO__CANDIDATES_MAX; i++)
		errors[i] = (ouro_error)OURO_ERROR_INIT;
	for (size_t i = 0; i < count; i++) {
		const struct ouro__candidate *item = &candidates->items[order[i]];
		const struct ouro__found *likely = item->direct ? &ouro__found_on_socket : NULL;
		const struct ouro__found *last =
			order[i] == candidates->chosen ? &candidates->found : likely;
		ouro_error *error = &errors[order[i]];
		struct ouro__found found = {0};
		int64_t now = ouro__clock_ms();
		/* One that hangs leaves time for the others. */
		int64_t until = now + (deadline - now) / (int64_t)(count - i);
		ouro_status rc;

		rc = ouro__headscale_detect(
			item->channel, last, candidates->assumed, until, &found, error);
		if (rc == OURO_OK && found.ouroboros && !candidates->site) {
			rc = not_headscale(candidates, order[i], error);
			ouroboros = order[i];
		}
		if (rc == OURO_OK) {
			choose(candidates, order[i], &found, deadline);
			return OURO_OK;
		}
		if (is_our_own(rc)) {
			ouro__error_copy(reterr, error);
			return rc;
		}
	}
	return all_failed(candidates, errors, ouroboros, reterr);
}

void ouro__candidates_stop(struct ouro__candidates *candidates)
{
	for (size_t i = 0; i < candidates->count; i++)
		ouro__channel_stop(candidates->items[i].channel);
	ouro__channel_stop(candidates->pages);
}

void ouro__candidates_free(struct ouro__candidates *candidates)
{
	for (size_t i = 0; i < candidates->count; i++)
		ouro__channel_free(candidates->items[i].channel);
	ouro__channel_free(candidates->pages);
	free(candidates->log);
	candidates->count = 0;
	candidates->pages = NULL;
	candidates->log = NULL;
}
