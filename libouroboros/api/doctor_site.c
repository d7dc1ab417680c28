/* The public site: does the proxy send everybody to the right door? Our own answers are known by a header of theirs, Headscale's by
 * what /key says. Asks without a secret, and only for what changes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/doctor_peek.h"
#include "api/doctor_web.h"
#include "base/str.h"
#include "base/sys.h"

#define PEEK_MS 8000u
/* A capability number that no client has yet: every Headscale that is served answers it. */
#define KEY_PATH "/key?v=999"
/* No key looks like that. */
#define NO_KEY "ouroboros-doctor"

struct state {
	struct ouro__doctor_web web;
	char login[OURO__URL_MAX + 1]; /* scheme and authority of hs_login_url */
	char base[OURO__URL_MAX + 1];  /* base_url */
	const char *base_path;         /* in base: "" or "/…" */
	const char *base_host;         /* in base_parts */
	struct ouro__url login_parts;
	struct ouro__url base_parts;
	int nobody;       /* told: no answer at all */
	int unreached[2]; /* told: the proxy does not reach whom */
	int other_host;   /* told: Ouroboros gets another host name */
	int itself;       /* ouroboros-web answers at listen */
	ouro__buf page;   /* what it says there to base_url's sign-in page */
};

/* ---- ouroboros-web, without the proxy ---- */

/* "http://127.0.0.1:8080"; 0 = it is not on this machine's loopback, or no port is known. */
static int own_door(const struct ouro__strand *strand, char ret[OURO__URL_MAX + 1])
{
	const char *listen = ouro__doctor_text(strand, "listen");
	struct ouro__url url;

	if (!listen || !ouro__url_authority(listen, strlen(listen), &url) || !url.port)
		return 0;
	if (!url.loopback && strcmp(url.host, "0.0.0.0") != 0)
		return 0;
	(void)snprintf(ret, OURO__URL_MAX + 1, "http://127.0.0.1:%u", (unsigned)url.port);
	return 1;
}

static void keep_page(struct ouro__strand *strand, struct state *state, const char *door)
{
	struct ouro__doctor_answer answer;
	char url[2 * OURO__URL_MAX];

	(void)snprintf(url, sizeof(url), "%s%s/auth", door, state->base_path);
	ouro__doctor_ask(strand, &state->web, "GET", url, state->base_host, &answer);
	if (answer.from == OURO__FROM_US && answer.reply.status == 200) {
		state->page = answer.reply.body;
		answer.reply.body = (ouro__buf)OURO__BUF_INIT(0);
	}
	ouro__doctor_answer_done(&answer);
}

static int look_itself(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	struct ouro__doctor_answer answer;
	const char *listen = ouro__doctor_text(strand, "listen");
	char door[OURO__URL_MAX + 1];
	char url[2 * OURO__URL_MAX];

	if (!own_door(strand, door))
		return 1;
	(void)snprintf(url, sizeof(url), "%s/healthz", door);
	ouro__doctor_ask(strand, &state->web, "GET", url, NULL, &answer);
	state->itself = answer.from == OURO__FROM_US;
	if (state->itself) {
		ouro__report_add(&strand->report, OURO_FINDING_OK, "answers at %s", listen);
		keep_page(strand, state, door);
	} else if (answer.from != OURO__FROM_NOBODY) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"something else answers at %s (HTTP %d)", listen, answer.reply.status);
		ouro__report_advise(&strand->report,
			"give it another port with listen, and the proxy the same; Headscale itself takes 127.0.0.1:8080 by default");
	}
	ouro__doctor_answer_done(&answer);
	return 1;
}

/* ---- the door of the site ---- */

/* A certificate of an authority of one's own counts where hs_ca_file names it; people's browsers must know it too. */
static int open_door(struct ouro__strand *strand, struct state *state, const struct ouro__url *url,
	const char *setting, int tell)
{
	const char *ca_file = ouro__doctor_text(strand, "hs_ca_file");
	struct ouro__endpoint endpoint;
	struct ouro__peek peek;
	ouro_error error = OURO_ERROR_INIT;

	if (ouro__endpoint_parse(url->authority, url->https ? 443 : 80, &endpoint, &error) < 0)
		return 0;
	ouro__doctor_peek(&endpoint, url->https, ca_file,
		ouro__clock_ms() + ouro__doctor_left(strand, PEEK_MS), &peek);
	if (peek.step == OURO__PEEK_TLS && ca_file) {
		ca_file = NULL;
		ouro__doctor_peek(&endpoint, url->https, NULL,
			ouro__clock_ms() + ouro__doctor_left(strand, PEEK_MS), &peek);
	}
	if (tell)
		(void)ouro__doctor_tell_peek(&strand->report, setting, url->authority, &peek);
	if (peek.step != OURO__PEEK_DONE)
		return 0;
	return ouro__doctor_web_trust(&state->web, ca_file);
}

/* 1 if hs_address is the same door: then that strand has told all about it. */
static int is_told(const struct ouro__strand *strand, const struct ouro__url *url)
{
	const char *address = ouro__doctor_text(strand, "hs_address");
	struct ouro__url other;

	return url->https && ouro__doctor_switch(strand, "hs_is_remote") &&
		!ouro__doctor_switch(strand, "hs_plaintext") && address &&
		ouro__url_authority(address, strlen(address), &other) &&
		ouro__str_same_fold(other.host, url->host) &&
		(other.port ? other.port : 443) == (url->port ? url->port : 443);
}

static int look_door(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;

	if (!open_door(strand, state, &state->login_parts, "hs_login_url",
		    !is_told(strand, &state->login_parts)))
		return 0;
	if (ouro__str_same_fold(state->login_parts.authority, state->base_parts.authority))
		return 1;
	return open_door(strand, state, &state->base_parts, "base_url", 1);
}

/* ---- who answers where ---- */

/* Who should answer. */
enum whom { HEADSCALE, OURSELVES };

static void tell_nobody(struct ouro__strand *strand, struct state *state, const char *url,
	const struct ouro__doctor_answer *answer)
{
	/* Once it is known that nobody is there, more of it tells nothing. */
	if (!state->nobody) {
		ouro__report_add(
			&strand->report, OURO_FINDING_WRONG, "%s: %s", url, answer->error.text);
		ouro__report_advise(&strand->report, "see the log of the proxy");
	}
	state->nobody = 1;
}

static void tell_gateway(struct ouro__strand *strand, struct state *state, const char *url,
	enum whom whom, int status)
{
	const char *name = whom == OURSELVES ? "ouroboros-web" : "Headscale";

	if (!state->unreached[whom]) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"%s: the proxy answers %d, because it does not reach %s", url, status,
			name);
		if (whom == OURSELVES && state->itself)
			ouro__report_advise(&strand->report,
				"it runs, at %s: have the proxy's rule name that address",
				ouro__doctor_text(strand, "listen"));
		else
			ouro__report_advise(&strand->report,
				"does %s run, and does the proxy's rule name the address that it listens on?",
				name);
	}
	state->unreached[whom] = 1;
}

/* No answer, or the proxy's own instead of one: told once for each of the two behind it. 1 = that is it. */
static int tell_silence(struct ouro__strand *strand, struct state *state, const char *url,
	enum whom whom, const struct ouro__doctor_answer *answer)
{
	if (answer->from == OURO__FROM_NOBODY)
		tell_nobody(strand, state, url, answer);
	else if (answer->from == OURO__FROM_GATEWAY)
		tell_gateway(strand, state, url, whom, answer->reply.status);
	else
		return 0;
	return 1;
}

/* Clients ask for this first. Its Date is Headscale's. */
static int look_key_page(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	struct ouro__doctor_answer answer;
	char url[2 * OURO__URL_MAX];

	(void)snprintf(url, sizeof(url), "%s" KEY_PATH, state->login);
	ouro__doctor_ask(strand, &state->web, "GET", url, NULL, &answer);
	if (tell_silence(strand, state, url, HEADSCALE, &answer)) {
		/* told */
	} else if (answer.from == OURO__FROM_US) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"%s/key goes to Ouroboros: no client can log in", state->login);
		ouro__report_advise(&strand->report,
			"have the proxy send only %s, /register/ and /admin to Ouroboros, and everything else to Headscale",
			*state->base_path ? state->base_path : "the pages");
	} else if (answer.reply.status == 200 &&
		strstr(ouro__buf_str(&answer.reply.body), "publicKey")) {
		strand->clock = answer.clock;
		ouro__report_add(
			&strand->report, OURO_FINDING_OK, "%s/key goes to Headscale", state->login);
	} else {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"%s/key: HTTP %d, and not from a Headscale", state->login,
			answer.reply.status);
		ouro__report_advise(&strand->report,
			"have the proxy send everything that is not for Ouroboros to Headscale's HTTP port; or correct hs_login_url");
	}
	ouro__doctor_answer_done(&answer);
	return 1;
}

static void tell_host(struct ouro__strand *strand, const struct state *state)
{
	ouro__report_add(&strand->report, OURO_FINDING_WRONG,
		"%s/auth: Ouroboros gets another host name than %s and refuses", state->base,
		state->base_host);
	ouro__report_advise(&strand->report,
		"have the proxy keep the Host header as it is (nginx: proxy_set_header Host $host), and base_url right");
}

/* The page has come; is it the one that was sent? */
static void compare_page(struct ouro__strand *strand, const struct state *state,
	const struct ouro__doctor_answer *answer)
{
	const ouro__buf *body = &answer->reply.body;
	int same = body->size == state->page.size && body->size &&
		memcmp(body->data, state->page.data, body->size) == 0;

	if (!state->page.size || same) {
		ouro__report_add(&strand->report, OURO_FINDING_OK, "%s/ goes to Ouroboros%s",
			state->base, same ? ", and its pages come as they were sent" : "");
		return;
	}
	ouro__report_add(&strand->report, OURO_FINDING_WRONG,
		"%s/auth comes with %zu bytes instead of the %zu that were sent, or with others",
		state->base, body->size, state->page.size);
	ouro__report_advise(&strand->report,
		"switch off whatever changes pages on the way: filters, minifying, scripts that a CDN puts in");
}

static int look_pages(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	struct ouro__doctor_answer answer;
	char url[2 * OURO__URL_MAX];

	(void)snprintf(url, sizeof(url), "%s/auth", state->base);
	ouro__doctor_ask(strand, &state->web, "GET", url, NULL, &answer);
	if (tell_silence(strand, state, url, OURSELVES, &answer)) {
		/* told */
	} else if (answer.from != OURO__FROM_US) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"%s: HTTP %d, and not from Ouroboros", url, answer.reply.status);
		ouro__report_advise(&strand->report,
			"have the proxy send %s/* to Ouroboros, before the rule for Headscale",
			state->base_path);
	} else if (answer.reply.status == 421) {
		state->other_host = 1;
		tell_host(strand, state);
	} else if (answer.reply.status != 200) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"%s: Ouroboros answers %d, so the path that it gets is another one", url,
			answer.reply.status);
		ouro__report_advise(&strand->report,
			"have the proxy pass paths on whole (Caddy: handle, not handle_path; nginx: proxy_pass without a path)");
	} else {
		compare_page(strand, state, &answer);
	}
	ouro__doctor_answer_done(&answer);
	return 1;
}

/* A redirect of ours to the sign-in, as it left us: relative, or to base_url. */
static int leads_to_sign_in(const struct state *state, const char *location)
{
	const char *rest = location;

	if (ouro__str_starts(location, state->base))
		rest += strlen(state->base);
	else if (ouro__str_starts(location, state->base_path))
		rest += strlen(state->base_path);
	return ouro__str_starts(rest, "/auth");
}

static void tell_other_host(struct ouro__strand *strand, const struct state *state)
{
	if (state->other_host)
		return;
	ouro__report_add(&strand->report, OURO_FINDING_WRONG,
		"%s/register/… is refused: base_url has another host (%s)", state->login,
		state->base_host);
	ouro__report_advise(&strand->report,
		"give base_url the host of hs_login_url, and have the proxy keep the Host header");
}

/* The link that a device shows. */
static int look_register(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	struct ouro__doctor_answer answer;
	char url[2 * OURO__URL_MAX];

	(void)snprintf(url, sizeof(url), "%s/register/" NO_KEY, state->login);
	ouro__doctor_ask(strand, &state->web, "GET", url, NULL, &answer);
	if (tell_silence(strand, state, url, OURSELVES, &answer)) {
		/* told */
	} else if (answer.from != OURO__FROM_US) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"%s/register/… goes to Headscale, or nowhere (HTTP %d): the links that devices show lead to no page of Ouroboros",
			state->login, answer.reply.status);
		ouro__report_advise(&strand->report,
			"have the proxy send /register/* to Ouroboros, before the rule for Headscale");
	} else if (answer.reply.status == 421) {
		tell_other_host(strand, state);
	} else if (answer.reply.status != 303 || !leads_to_sign_in(state, answer.reply.location)) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"%s/register/…: HTTP %d to \"%.200s\" instead of the sign-in", state->login,
			answer.reply.status, answer.reply.location);
		ouro__report_advise(&strand->report,
			"have the proxy leave paths and redirects (Location) as they are");
	} else {
		ouro__report_add(&strand->report, OURO_FINDING_OK,
			"%s/register/… goes to Ouroboros", state->login);
	}
	ouro__doctor_answer_done(&answer);
	return 1;
}

/* 1 if Headscale has an OIDC sign-in of its own: its page is only there then. */
static int has_oidc(struct ouro__strand *strand, struct state *state)
{
	struct ouro__doctor_answer answer;
	char url[2 * OURO__URL_MAX];
	int there;

	(void)snprintf(url, sizeof(url), "%s/oidc/callback", state->login);
	ouro__doctor_ask(strand, &state->web, "GET", url, NULL, &answer);
	there = answer.from == OURO__FROM_OTHERS && answer.reply.status == 400;
	ouro__doctor_answer_done(&answer);
	return there;
}

/* Only Headscale's own OIDC sign-in sends this. */
static int look_confirm(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	struct ouro__doctor_answer answer;
	char url[2 * OURO__URL_MAX];

	(void)snprintf(url, sizeof(url), "%s/register/confirm/" NO_KEY, state->login);
	ouro__doctor_ask(strand, &state->web, "POST", url, NULL, &answer);
	if (tell_silence(strand, state, url, HEADSCALE, &answer)) {
		/* told */
	} else if (answer.from == OURO__FROM_US) {
		int oidc = has_oidc(strand, state);

		ouro__report_add(&strand->report, oidc ? OURO_FINDING_WRONG : OURO_FINDING_NOTE,
			"%s/register/confirm/… goes to Ouroboros: it is Headscale's%s",
			state->login,
			oidc ? ", and its OIDC sign-in cannot be finished"
			     : ", where it has an OIDC sign-in of its own");
		ouro__report_advise(&strand->report,
			"have the proxy send /register/confirm/* to Headscale, before the rule for /register/*");
	} else {
		ouro__report_add(&strand->report, OURO_FINDING_OK,
			"%s/register/confirm/… goes to Headscale", state->login);
	}
	ouro__doctor_answer_done(&answer);
	return 1;
}

/* ---- the strand ---- */

static int set_up(struct ouro__strand *strand, struct state *state)
{
	const char *login = ouro__doctor_text(strand, "hs_login_url");

	if (!login || !ouro__url_parse(login, &state->login_parts) ||
		!ouro__doctor_base_url(strand, state->base) ||
		!ouro__url_parse(state->base, &state->base_parts))
		return 0;
	(void)snprintf(state->login, sizeof(state->login), "%s://%s",
		state->login_parts.https ? "https" : "http", state->login_parts.authority);
	state->base_path = state->base_parts.path;
	state->base_host = state->base_parts.authority;
	return ouro__doctor_web_trust(&state->web, NULL);
}

void ouro__doctor_site(struct ouro__strand *strand)
{
	static const struct ouro__check_row rows[] = {
		{"ouroboros-web", look_itself},
		{"site", look_door},
		{"proxy", look_key_page},
		{"proxy", look_pages},
		{"proxy", look_register},
		{"proxy", look_confirm},
	};
	struct state state = {.page = OURO__BUF_INIT(0)};

	if (set_up(strand, &state))
		ouro__strand_run(strand, rows, sizeof(rows) / sizeof(rows[0]), &state);
	ouro__doctor_web_done(&state.web);
	ouro__buf_done(&state.page);
}
