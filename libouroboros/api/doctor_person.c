/* A person's way: an Ouroboros server and a personal token. To the library the server is a Headscale that shows less. */
#include <string.h>

#include "api/doctor_peek.h"
#include "base/sys.h"
#include "tailnet/tailnet.h"

#define CHECK_MS 10000u
#define TOKEN_DAYS 14

struct state {
	ouro_tailnet *tailnet;
};

static int look_door(struct ouro__strand *strand, void *arg)
{
	const ouro_doctor_options *options = strand->doctor->options;
	struct ouro__endpoint endpoint;
	struct ouro__peek peek;
	struct ouro__url url;
	ouro_error error = OURO_ERROR_INIT;

	(void)arg;
	if (!ouro__url_parse(options->server, &url) ||
		ouro__endpoint_parse(url.authority, url.https ? 443 : 80, &endpoint, &error) < 0) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"%s is not the URL of an Ouroboros server", options->server);
		ouro__report_advise(
			&strand->report, "write it like https://vpn.example.org/ouroboros");
		return 0;
	}
	ouro__doctor_peek(&endpoint, url.https, options->ca_file,
		ouro__clock_ms() + ouro__doctor_left(strand, CHECK_MS), &peek);
	return ouro__doctor_tell_peek(&strand->report, "the server", options->server, &peek);
}

/* What to do about a token that is not taken. */
static const char *sign_in_advice(const ouro_doctor_options *options)
{
	return options->token ? "get a new one: ouroboros login, with the address of the server"
			      : "sign in: ouroboros login, with the address of the server";
}

static int look_server(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	const ouro_doctor_options *own = strand->doctor->options;
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	if (!own->token || !*own->token) {
		strand->report.topic = "token";
		ouro__report_add(&strand->report, OURO_FINDING_WRONG, "there is none");
		ouro__report_advise(&strand->report, "%s", sign_in_advice(own));
		return 0;
	}
	options.address = own->server;
	options.api_key = own->token;
	options.ca_file = own->ca_file;
	options.read_timeout_ms = ouro__doctor_left(strand, CHECK_MS);
	rc = ouro_tailnet_open(&options, &state->tailnet, &error);
	if (rc == OURO_OK)
		rc = ouro_tailnet_check(state->tailnet, &error);
	if (rc == OURO_OK && ouro_tailnet_status_get(state->tailnet, &status, NULL) == OURO_OK) {
		ouro__report_add(&strand->report, OURO_FINDING_OK,
			"%s speaks the API of Headscale %s", status.endpoint, status.version);
		return 1;
	}
	if (rc == OURO_ERR_UNAUTHENTICATED) {
		strand->report.topic = "token";
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"the server does not take it: it is over, revoked, or another server's");
		ouro__report_advise(&strand->report, "%s", sign_in_advice(own));
		return 0;
	}
	ouro__report_add(&strand->report, OURO_FINDING_WRONG, "%s", error.text);
	ouro__report_advise(&strand->report,
		"is this the address of the pages of Ouroboros? Ask whoever runs the server");
	return 0;
}

/* The server's word counts more than what was noted when the token was made. */
static int look_token(struct ouro__strand *strand, void *arg)
{
	const struct state *state = arg;
	const ouro_doctor_options *options = strand->doctor->options;
	ouro_error error = OURO_ERROR_INIT;
	int64_t until = options->token_until ? options->token_until : OURO_TIME_NEVER;
	ouro_status rc =
		ouro__tailnet_api_key_until(state->tailnet, options->token, &until, &error);

	if (rc == OURO_OK || until != OURO_TIME_NEVER)
		ouro__report_end(&strand->report, "the token", until, TOKEN_DAYS,
			"get a new one before that day: ouroboros login, with the address of the server");
	else
		ouro__report_add(&strand->report, OURO_FINDING_OK,
			"the server takes it, and does not say when it ends");
	return 1;
}

void ouro__doctor_person(struct ouro__strand *strand)
{
	static const struct ouro__check_row rows[] = {
		{"server", look_door},
		{"server", look_server},
		{"token", look_token},
	};
	struct state state = {NULL};

	ouro__strand_run(strand, rows, sizeof(rows) / sizeof(rows[0]), &state);
	ouro_tailnet_free(state.tailnet);
}
