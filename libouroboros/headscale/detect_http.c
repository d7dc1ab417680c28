/* Over HTTP: by the pages that every Headscale shows without a key. From 0.27 on /version says it; where that is missing or says
 * nothing ("dev"), the server's description of its own API does, and /key tells 0.24 from 0.25. The page that decided last time is
 * asked for first: one round trip. Other things than Headscale are told apart by what they answer instead. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "headscale/detect.h"
#include "rpc/json_text.h"

#define PAGE_MAX ((size_t)256 * 1024)
/* Pages that came over different connections are asked for again so often. */
#define ROUNDS 3
#define HTTP_OK 200

static const char page_version[] = "/version";
static const char page_swagger[] = "/swagger/v1/openapiv2.json";
static const char page_openapi[] = "/api/v1/openapi.json";
static const char page_key[] = "/key";

/* HTTP on a unix socket is 0.30 or newer, which has no other page there. */
const struct ouro__found ouro__found_on_socket = {.page = page_openapi};

struct walk {
	ouro__channel *channel;
	const ouro__generation *assumed;
	int64_t deadline;
	struct ouro__found found;
	int settled;                     /* found holds the result */
	int newer;                       /* newer than known: /version or the description says so */
	int other;                       /* a description that fits no known version */
	const ouro__generation *claimed; /* by /version, still to be held against the description */
	int ouroboros; /* /version is that of an Ouroboros server, whose number is what it speaks */
	/* What was answered instead, if anything: HTTP status, 0 = none. */
	int moved;  /* a redirect */
	int kept;   /* 401, 403 by something in front */
	int locked; /* 401 by Headscale itself: it is there, but its public pages are not */
	int web;    /* a success that is none of ours */
	int missing;
};

/* "before HTTP 502 after" */
static ouro_status network(
	ouro_error *reterr, ouro_status status, const char *before, int http, const char *after)
{
	(void)ouro__error_from(
		reterr, OURO_ORIGIN_NETWORK, status, "%s HTTP %d%s", before, http, after);
	if (reterr && reterr->size >= sizeof(*reterr)) {
		reterr->http_status = http;
		if (status == OURO_ERR_UNREACHABLE)
			reterr->flags |= OURO_ERROR_RETRYABLE;
	}
	return status;
}

/* What ends the search at once: nothing else will answer better. */
static ouro_status end_early(int http, const ouro__buf *body, ouro_error *reterr)
{
	if (http == 502 || http == 503 || http == 504)
		return network(reterr, OURO_ERR_UNREACHABLE, "the proxy in front answers", http,
			": the Headscale behind it is down");
	if (http == 429)
		return network(reterr, OURO_ERR_UNREACHABLE, "the proxy in front answers", http,
			" (too many requests)");
	if (http == 400 && ouro__str_has_fold(ouro__buf_str(body), "https"))
		return network(reterr, OURO_ERR_PROTOCOL, "the port wants TLS and answers", http,
			" to plain text: do not set hs_plaintext");
	if (http >= 500)
		return network(reterr, OURO_ERR_PROTOCOL, "the server fails with", http,
			" when asked for its version");
	return OURO_OK;
}

/* Remember an answer that is not what was asked for. */
static void note(struct walk *walk, const char *page, int http, const ouro__buf *body)
{
	if (http == 401 && page == page_openapi &&
		ouro__str_has_fold(ouro__buf_str(body), "unauthorized") &&
		!ouro__str_has_fold(ouro__buf_str(body), "<html"))
		walk->locked = http;
	else if (http == 401 || http == 403 || http == 407)
		walk->kept = http;
	else if (http >= 300 && http < 400)
		walk->moved = http;
	else if (http < 300)
		walk->web = http;
	else
		walk->missing = http;
}

/* Any answer is a success, also one that is too large to be Headscale's. */
static ouro_status get(
	struct walk *walk, const char *page, int *ret_http, ouro__buf *body, ouro_error *reterr)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = walk->channel->ops->get(
		walk->channel, page, walk->deadline, ret_http, body, &error);

	if (rc == OURO_ERR_LIMIT) {
		ouro__buf_done(body);
		*ret_http = HTTP_OK;
		return OURO_OK;
	}
	if (rc < 0)
		ouro__error_copy(reterr, &error);
	return rc;
}

static ouro_status fetch(
	struct walk *walk, const char *page, int *ret_http, ouro__buf *body, ouro_error *reterr)
{
	ouro_status rc = get(walk, page, ret_http, body, reterr);

	return rc < 0 ? rc : end_early(*ret_http, body, reterr);
}

static void settle(struct walk *walk, const ouro__generation *generation, const char *page)
{
	walk->found.generation = generation;
	walk->found.page = page;
	walk->found.certain = 1;
	walk->settled = 1;
}

/* If the text is /version's answer its words are found.version. PROTOCOL: it is not. NOMEM. */
static ouro_status read_version(struct walk *walk, const ouro__buf *body)
{
	char *ret_version = walk->found.version;
	ouro_status rc = OURO_OK;
	json_t *root = ouro__json_load(ouro__buf_str(body), body->size, 0, 0, &rc, NULL);
	const char *version = json_string_value(json_object_get(root, "version"));
	int dirty = json_is_true(json_object_get(root, "dirty"));

	if (version) {
		(void)snprintf(ret_version, OURO__FOUND_VERSION_MAX, "%.*s%s",
			OURO__FOUND_VERSION_MAX - 8, version,
			dirty && !strstr(version, "dirty") ? "+dirty" : "");
		ouro__str_one_line(ret_version);
		walk->ouroboros = json_is_string(json_object_get(root, "ouroboros"));
	}
	json_decref(root);
	return rc < 0 ? rc : version ? OURO_OK : OURO_ERR_PROTOCOL;
}

static ouro_status judge_version(struct walk *walk, ouro_error *reterr)
{
	const ouro__generation *generation = NULL;

	switch (ouro__detect_version(walk->found.version, &generation)) {
	case OURO__SAID_OLDER:
		return ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_UNSUPPORTED,
			"this is Headscale %s, which is not served; upgrade Headscale (" OURO__GENERATIONS_SERVED
			" are served)",
			walk->found.version);
	case OURO__SAID_NEWER: walk->newer = 1; break;
	case OURO__SAID_KNOWN:
		/* Of the newest, the release is held against what is known of it, once. An Ouroboros in front says what it
		   speaks itself, which no release of Headscale changes. */
		if (generation->band == OURO__BAND_I && !walk->ouroboros)
			walk->claimed = generation;
		else
			settle(walk, generation, page_version);
		break;
	case OURO__SAID_NOTHING:
	default: break;
	}
	return OURO_OK;
}

static ouro_status ask_version(
	struct walk *walk, const ouro__generation *confirmed, ouro_error *reterr)
{
	ouro__buf body = OURO__BUF_INIT(PAGE_MAX);
	int http = 0;
	ouro_status rc = fetch(walk, page_version, &http, &body, reterr);
	ouro_status is = OURO_ERR_PROTOCOL;

	if (rc >= 0 && http == HTTP_OK)
		is = read_version(walk, &body);
	if (is == OURO_ERR_NOMEM)
		rc = ouro__error_nomem(reterr);
	else if (is == OURO_OK)
		rc = judge_version(walk, reterr);
	else if (rc >= 0)
		note(walk, page_version, http, &body);
	if (rc >= 0 && walk->claimed && walk->claimed == confirmed)
		settle(walk, walk->claimed, page_version);
	ouro__buf_done(&body);
	return rc;
}

/* 0.24 or 0.25? Where it cannot be told, what is safe with the older one is safe with both. */
static ouro_status ask_key(struct walk *walk, const char *page, ouro_error *reterr)
{
	ouro__buf body = OURO__BUF_INIT(PAGE_MAX);
	int http = 0;
	ouro_status rc = get(walk, page_key, &http, &body, reterr);
	int newer = rc >= 0 && http == 400 &&
		ouro__str_has_fold(ouro__buf_str(&body), "capability version");

	settle(walk, ouro__generation_of(newer ? OURO__BAND_D : OURO__BAND_C), page);
	ouro__buf_done(&body);
	return rc;
}

static ouro_status judge_surface(struct walk *walk, const char *page,
	const struct ouro__surface *surface, ouro_error *reterr)
{
	const ouro__generation *generation = ouro__surface_generation(surface);

	if (ouro__surface_older(surface))
		return ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_UNSUPPORTED,
			"this is Headscale 0.22 or older, which is not served; upgrade Headscale (" OURO__GENERATIONS_SERVED
			" are served)");
	if (generation && generation->band == OURO__BAND_C)
		return ask_key(walk, page, reterr);
	if (generation)
		/* A release that is as known is known by its number the next time. */
		settle(walk, generation, walk->claimed == generation ? page_version : page);
	else if (ouro__surface_newer(surface) || walk->claimed)
		walk->newer = 1;
	else
		walk->other = 1;
	return OURO_OK;
}

static ouro_status ask_surface(struct walk *walk, const char *page, ouro_error *reterr)
{
	ouro__buf body = OURO__BUF_INIT(PAGE_MAX);
	struct ouro__surface surface = {0};
	int http = 0;
	ouro_status rc = fetch(walk, page, &http, &body, reterr);
	ouro_status is = OURO_ERR_PROTOCOL;

	if (rc >= 0 && http == HTTP_OK)
		is = ouro__surface_read(ouro__buf_str(&body), body.size, &surface);
	if (is == OURO_ERR_NOMEM)
		rc = ouro__error_nomem(reterr);
	else if (is == OURO_OK)
		rc = judge_surface(walk, page, &surface, reterr);
	else if (rc >= 0)
		note(walk, page, http, &body);
	ouro__buf_done(&body);
	return rc;
}

/* No page has settled it. */
static ouro_status conclude(struct walk *walk, ouro_error *reterr)
{
	if (walk->newer) {
		settle(walk, walk->assumed ? walk->assumed : ouro__generation_newer(), NULL);
		return OURO_OK;
	}
	if (walk->claimed) {
		/* Its description is kept back; its number is not. */
		settle(walk, walk->claimed, page_version);
		return OURO_OK;
	}
	if (walk->assumed && (walk->other || walk->locked || *walk->found.version)) {
		settle(walk, walk->assumed, NULL);
		return OURO_OK;
	}
	if (!walk->other && *walk->found.version)
		return ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_UNSUPPORTED,
			"its /version says \"%s\", which names no release, and neither /swagger/ nor /api/v1/openapi.json describes a "
			"Headscale: let them through, or set hs_assume",
			walk->found.version);
	if (walk->other)
		return ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_UNSUPPORTED,
			"a Headscale answers (version \"%s\") that can do neither more nor exactly what a known one can (" OURO__GENERATIONS_SERVED
			"); if it is like one, set hs_assume to that",
			walk->found.version);
	if (walk->locked)
		return ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_UNSUPPORTED,
			"Headscale answers, but the proxy keeps /version and /swagger/ back, so its version cannot be told; let them "
			"through, or set hs_assume");
	if (walk->moved)
		return network(reterr, OURO_ERR_PROTOCOL, "it redirects with", walk->moved,
			", like a login portal or a site that has moved: give an address that leads to Headscale itself");
	if (walk->kept)
		return network(reterr, OURO_ERR_PROTOCOL,
			"something in front wants a sign-in of its own and answers", walk->kept,
			": let Ouroboros through to Headscale's /version and /api/v1");
	if (walk->web)
		return network(reterr, OURO_ERR_PROTOCOL, "it answers", walk->web,
			" with a page that is not Headscale's: is the address right, and are /version and /api/v1 passed on?");
	return network(reterr, OURO_ERR_PROTOCOL, "a web server answers", walk->missing,
		" to all that Headscale would know: is the address right, and are /version and /api/v1 passed on?");
}

static ouro_status look(struct walk *walk, const struct ouro__found *last, ouro_error *reterr)
{
	static const char *const surfaces[] = {page_swagger, page_openapi};
	ouro_status rc = OURO_OK;

	if (last && (last->page == page_swagger || last->page == page_openapi))
		rc = ask_surface(walk, last->page, reterr);
	if (rc >= 0 && !walk->settled)
		rc = ask_version(walk, last ? last->generation : NULL, reterr);
	for (size_t i = 0; rc >= 0 && !walk->settled && !walk->newer && i < 2; i++)
		rc = ask_surface(walk, surfaces[i], reterr);
	if (rc >= 0 && !walk->settled)
		rc = conclude(walk, reterr);
	return rc;
}

ouro_status ouro__detect_http(ouro__channel *channel, const struct ouro__found *last,
	const ouro__generation *assumed, int64_t deadline, struct ouro__found *ret_found,
	ouro_error *reterr)
{
	ouro_status rc = OURO_OK;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t before = ouro__channel_epoch(channel);
		struct walk walk = {.channel = channel, .assumed = assumed, .deadline = deadline};

		rc = look(&walk, last, reterr);
		if (rc < 0)
			return rc;
		/* An Ouroboros speaks the same on every connection, and keeps none: its two calls of a read would be two servers. */
		walk.found.ouroboros = walk.ouroboros;
		walk.found.epoch = walk.ouroboros ? 0 : ouro__channel_epoch(channel);
		if (walk.ouroboros || walk.found.epoch == before) {
			*ret_found = walk.found;
			return OURO_OK;
		}
	}
	rc = ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
		"the connection to Headscale is replaced again and again");
	ouro__error_retryable(reterr);
	return rc;
}
