/* The doctor: runs the strands side by side and tells what they found, in a fixed order. */
#include "api/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/thread.h"
#include "settings/partly.h"

#define TIMEOUT_MS 30000u

typedef void (*strand_fn)(struct ouro__strand *strand);

/* The order of telling. */
enum { SITE = 2, GITHUB = 3 };
static const strand_fn operators[] = {ouro__doctor_settings, ouro__doctor_headscale,
	ouro__doctor_site, ouro__doctor_github, ouro__doctor_store};
static const strand_fn persons[] = {ouro__doctor_person};
enum { STRANDS_MAX = sizeof(operators) / sizeof(operators[0]) };

struct work {
	strand_fn run;
	struct ouro__strand strand;
	pthread_t thread;
	int started;
};

/* ---- what strands use ---- */

void ouro__strand_run(
	struct ouro__strand *strand, const struct ouro__check_row *rows, size_t count, void *state)
{
	for (size_t i = 0; i < count; i++) {
		strand->report.topic = rows[i].topic;
		if (!rows[i].look(strand, state))
			return;
	}
}

const char *ouro__doctor_text(const struct ouro__strand *strand, const char *key)
{
	return ouro_settings_text(strand->doctor->settings, key);
}

int ouro__doctor_switch(const struct ouro__strand *strand, const char *key)
{
	return ouro_settings_number(strand->doctor->settings, key) != 0;
}

int ouro__doctor_base_url(const struct ouro__strand *strand, char ret_url[OURO__URL_MAX + 1])
{
	const char *base = ouro__doctor_text(strand, "base_url");
	size_t length = base ? strlen(base) : 0;
	struct ouro__url url;

	while (length && base[length - 1] == '/')
		length--;
	if (!length || length > OURO__URL_MAX)
		return 0;
	memcpy(ret_url, base, length);
	ret_url[length] = '\0';
	return ouro__url_parse(ret_url, &url);
}

uint32_t ouro__doctor_left(const struct ouro__strand *strand, uint32_t most)
{
	int64_t left = strand->doctor->deadline - ouro__clock_ms();

	if (left < 1)
		return 1;
	return left < (int64_t)most ? (uint32_t)left : most;
}

/* ---- running ---- */

static void *run_strand(void *arg)
{
	struct work *work = arg;

	work->run(&work->strand);
	return NULL;
}

/* Without a thread it takes longer, that is all. */
static void start(struct work *work)
{
	work->started = ouro__thread_start(&work->thread, run_strand, work);
	if (!work->started)
		(void)run_strand(work);
}

static int is_off(const struct ouro__doctor_clock *clock)
{
	return clock->known &&
		(clock->ahead > OURO__DOCTOR_CLOCK_SECONDS ||
			clock->ahead < -OURO__DOCTOR_CLOCK_SECONDS);
}

static long long distance(const struct ouro__doctor_clock *clock)
{
	return clock->ahead < 0 ? -clock->ahead : clock->ahead;
}

/* GitHub's clock is right: if this machine differs from it, the fault is here. */
static void judge_clocks(struct ouro__report *report, const struct ouro__doctor_clock *github,
	const struct ouro__doctor_clock *headscale)
{
	report->topic = "clock";
	if (is_off(github)) {
		ouro__report_add(report, OURO_FINDING_WRONG,
			"this machine's clock is %lld s %s GitHub's", distance(github),
			github->ahead > 0 ? "behind" : "ahead of");
		ouro__report_advise(
			report, "have it set from the network: timedatectl set-ntp true");
	} else if (is_off(headscale)) {
		ouro__report_add(report, OURO_FINDING_WRONG,
			"the clock of Headscale's machine is %lld s %s this one's",
			distance(headscale), headscale->ahead > 0 ? "ahead of" : "behind");
		ouro__report_advise(report,
			"have both set from the network, on each: timedatectl set-ntp true");
	} else if (github->known || headscale->known) {
		const struct ouro__doctor_clock *clock = github->known ? github : headscale;

		ouro__report_add(report, OURO_FINDING_OK, "within %lld s of %s",
			headscale->known && distance(headscale) > distance(clock)
				? distance(headscale)
				: distance(clock),
			github->known && headscale->known ? "GitHub's and Headscale's"
				: github->known           ? "GitHub's"
							  : "Headscale's");
	}
}

struct listener {
	ouro_finding_fn fn;
	void *user;
	size_t wrong;
	int lost;
};

static void tell(struct listener *listener, struct ouro__report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct ouro__remark *at = &report->items[i];
		const ouro_finding finding = {sizeof(finding), at->level, at->topic, at->text,
			at->advice ? at->advice : ""};

		listener->fn(listener->user, &finding);
	}
	listener->wrong += ouro__report_wrong(report);
	listener->lost |= report->lost;
	ouro__report_done(report);
}

static void run_all(struct ouro__doctor *doctor, const strand_fn *strands, size_t count,
	struct ouro__report *first, struct listener *listener)
{
	struct work works[STRANDS_MAX];

	for (size_t i = 0; i < count; i++) {
		works[i] = (struct work){.run = strands[i], .strand = {.doctor = doctor}};
		start(&works[i]);
	}
	tell(listener, first);
	for (size_t i = 0; i < count; i++) {
		if (works[i].started)
			(void)pthread_join(works[i].thread, NULL);
		tell(listener, &works[i].strand.report);
	}
	if (count > GITHUB) {
		judge_clocks(first, &works[GITHUB].strand.clock, &works[SITE].strand.clock);
		tell(listener, first);
	}
}

/* ---- settings ---- */

static void on_fault(void *user, const char *where, const char *text)
{
	ouro__report_add(user, OURO_FINDING_WRONG, "%s: %s", where, text);
}

static void on_notice(void *user, const char *where, const char *text)
{
	ouro__report_add(user, OURO_FINDING_NOTE, "%s: %s", where, text);
	if (ouro__str_ends(where, "session_key"))
		ouro__report_advise(user, OURO__SESSION_KEY_ADVICE);
}

static ouro_status read_settings(const ouro_doctor_options *options, struct ouro__report *report,
	ouro_settings **ret_settings, ouro_error *reterr)
{
	ouro_settings_options own = OURO_SETTINGS_OPTIONS_INIT;
	const char *file;
	ouro_status rc;

	report->topic = "settings";
	own.file = options->file;
	own.environment = options->environment;
	own.fault = on_fault;
	own.notice = on_notice;
	own.user = report;
	rc = ouro__settings_load_partly(&own, ret_settings, reterr);
	if (rc != OURO_OK)
		return rc == OURO_ERR_CONFIG ? OURO_OK : rc;
	file = ouro_settings_file(*ret_settings);
	if (!report->count)
		ouro__report_add(
			report, OURO_FINDING_OK, "%s: no fault", file ? file : "the environment");
	return OURO_OK;
}

static ouro_status check(
	const ouro_doctor_options *own, struct listener *listener, ouro_error *reterr)
{
	uint32_t timeout =
		own->timeout_ms && own->timeout_ms < TIMEOUT_MS ? own->timeout_ms : TIMEOUT_MS;
	struct ouro__doctor doctor = {own, NULL, ouro__clock_ms() + timeout};
	struct ouro__report first = {.topic = NULL};
	ouro_settings *settings = NULL;
	ouro_status rc = OURO_OK;

	if (own->server) {
		run_all(&doctor, persons, sizeof(persons) / sizeof(persons[0]), &first, listener);
	} else {
		rc = read_settings(own, &first, &settings, reterr);
		doctor.settings = settings;
		if (rc == OURO_OK && settings)
			run_all(&doctor, operators, STRANDS_MAX, &first, listener);
	}
	ouro_settings_free(settings);
	ouro__report_done(&first);
	return rc;
}

ouro_status ouro_doctor_run(const ouro_doctor_options *options, ouro_finding_fn finding, void *user,
	size_t *ret_wrong, ouro_error *reterr)
{
	ouro_doctor_options own = OURO_DOCTOR_OPTIONS_INIT;
	struct listener listener = {finding, user, 0, 0};
	ouro_status rc;

	if (!finding)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "nobody to tell the findings to");
	rc = ouro__options_import(&own, sizeof(own), options, reterr);
	if (rc == OURO_OK)
		rc = check(&own, &listener, reterr);
	if (rc < 0)
		return rc;
	if (listener.lost)
		return ouro__error_nomem(reterr);
	if (ret_wrong)
		*ret_wrong = listener.wrong;
	return OURO_OK;
}
