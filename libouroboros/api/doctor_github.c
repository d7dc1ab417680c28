/* GitHub: can it be reached, does it know the app, and does the app know where people come back? Asks for the very page that people are
 * sent to; the client secret is not used. */
#include <stdio.h>
#include <string.h>

#include "api/doctor_web.h"
#include "base/str.h"
#include "identity/github.h"

struct state {
	struct ouro__doctor_web web;
	char callback[OURO__URL_MAX + 32];
	ouro_sessions *sessions;
	ouro_github *github;
};

/* A client secret is needed to make the handle; it is never sent. */
static int set_up(struct ouro__strand *strand, struct state *state)
{
	ouro_sessions_options sessions = OURO_SESSIONS_OPTIONS_INIT;
	ouro_github_options options = OURO_GITHUB_OPTIONS_INIT;
	char base[OURO__URL_MAX + 1];

	if (!ouro__doctor_base_url(strand, base))
		return 0;
	(void)snprintf(state->callback, sizeof(state->callback), "%s/auth/callback", base);
	sessions.audience = base;
	ouro_settings_github(strand->doctor->settings, &options);
	options.callback_url = state->callback;
	options.client_secret = "none";
	if (ouro_sessions_new(&sessions, &state->sessions, NULL) < 0)
		return 0;
	options.sessions = state->sessions;
	return ouro_github_new(&options, &state->github, NULL) == OURO_OK &&
		ouro__doctor_web_trust(&state->web, ouro__doctor_text(strand, "github_ca_file"));
}

/* The API, without a token: it wants one. */
static int look_api(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	struct ouro__doctor_answer answer;
	char url[2 * OURO__URL_MAX];

	(void)snprintf(url, sizeof(url), "%.600s/user", ouro__github_api(state->github));
	ouro__doctor_ask(strand, &state->web, "GET", url, NULL, &answer);
	strand->clock = answer.clock;
	if (answer.from == OURO__FROM_NOBODY) {
		ouro__report_add(
			&strand->report, OURO_FINDING_WRONG, "%s: %s", url, answer.error.text);
		ouro__report_advise(&strand->report,
			"let this machine out to GitHub (https, port 443), or correct github_api_url: nobody can sign in without");
	} else if (answer.reply.status != 401 && answer.reply.status != 403 &&
		answer.reply.status != 429) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"%s: HTTP %d, which is not what GitHub's API says", url,
			answer.reply.status);
		ouro__report_advise(&strand->report, "correct github_url or github_api_url");
	} else {
		ouro__report_add(&strand->report, OURO_FINDING_OK, "the API at %s answers",
			ouro__github_api(state->github));
	}
	ouro__doctor_answer_done(&answer);
	return 1;
}

static int has_word(const struct ouro__doctor_answer *answer, const char *word)
{
	return strstr(answer->reply.location, word) ||
		ouro__str_has_fold(ouro__buf_str(&answer->reply.body), word);
}

/* The page where people are asked. */
static int look_app(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	struct ouro__doctor_answer answer;
	char url[OURO_AUTHORIZE_URL_MAX];
	char sealed[OURO_STATE_TEXT_MAX];
	char tag[OURO_STATE_TAG_MAX];
	int status;

	if (ouro_github_begin(state->github, "doctor", url, sealed, tag, NULL) < 0)
		return 1;
	ouro__doctor_ask(strand, &state->web, "GET", url, NULL, &answer);
	status = answer.reply.status;
	if (answer.from == OURO__FROM_NOBODY) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG, "%.*s: %s",
			(int)strcspn(url, "?"), url, answer.error.text);
		ouro__report_advise(&strand->report, "correct github_url");
	} else if (status == 404) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"GitHub knows no app with this client id");
		ouro__report_advise(&strand->report,
			"copy gh_client_id once more from the app's page at GitHub");
	} else if (status >= 400 || has_word(&answer, "redirect_uri_mismatch")) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"GitHub does not take %s as the callback URL of the app (HTTP %d)",
			state->callback, status);
		ouro__report_advise(&strand->report,
			"write exactly this URL as callback URL on the app's page at GitHub, or correct base_url");
	} else {
		ouro__report_add(&strand->report, OURO_FINDING_OK,
			"people come back to %s; the app at GitHub must have exactly this callback URL",
			state->callback);
	}
	ouro__doctor_answer_done(&answer);
	return 1;
}

void ouro__doctor_github(struct ouro__strand *strand)
{
	static const struct ouro__check_row rows[] = {
		{"github", look_api},
		{"callback", look_app},
	};
	struct state state = {.sessions = NULL};

	if (set_up(strand, &state))
		ouro__strand_run(strand, rows, sizeof(rows) / sizeof(rows[0]), &state);
	ouro_github_free(state.github);
	ouro_sessions_free(state.sessions);
	ouro__doctor_web_done(&state.web);
}
