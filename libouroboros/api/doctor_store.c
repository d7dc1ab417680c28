/* The store: is there one, is it whole, could it be written to? It is not made, not migrated and not written to. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "access/access.h"
#include "api/doctor.h"
#include "settings/partly.h"
#include "store/look.h"

#define LOOK_MS 5000u
/* Less room than this is too little. */
#define ROOM_MB 16u
#define FILE_NAME "ouroboros.db"

struct state {
	ouro_store_options options; /* borrows from the settings */
};

static int64_t token_life(const struct ouro__strand *strand)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro__policy *policy = NULL;
	int64_t life = 0;

	options.user_map = "{}";
	options.rules = ouro__doctor_text(strand, "rules");
	if (options.rules && ouro__policy_new(&options, NULL, NULL, &policy, NULL) == OURO_OK)
		life = ouro__policy_token_life(policy);
	ouro__policy_unref(policy);
	return life;
}

/* A person who may have tokens cannot, without a place to keep them. */
static int look_setting(struct ouro__strand *strand, void *arg)
{
	const struct state *state = arg;

	if (state->options.url || state->options.directory)
		return 1;
	if (token_life(strand)) {
		ouro__report_add(&strand->report, OURO_FINDING_NOTE,
			"there is none: no personal tokens, and so no command line for people");
		ouro__report_advise(&strand->report,
			"set state_dir to a directory of its own, or the rule tokens to \"off\"");
	}
	return 0;
}

static void tell_closed(struct ouro__strand *strand, const char *path)
{
	ouro__report_add(&strand->report, OURO_FINDING_NOTE,
		"%s is closed to the user that this runs as", path);
	ouro__report_advise(&strand->report,
		"run it once more as the user that runs ouroboros-web, or as root; if this is that user, give it the directory");
}

static int look_directory(struct ouro__strand *strand, void *arg)
{
	const struct state *state = arg;
	const char *directory = state->options.directory;
	struct ouro__report *report = &strand->report;
	struct stat info;

	if (state->options.url)
		return 1;
	if (stat(directory, &info) != 0 && errno == ENOENT) {
		ouro__report_add(report, OURO_FINDING_NOTE, "%s is not there yet", directory);
		ouro__report_advise(report, "start ouroboros-web once: it makes it");
		return 0;
	}
	if (stat(directory, &info) != 0 ||
		(S_ISDIR(info.st_mode) && access(directory, W_OK | X_OK) != 0)) {
		tell_closed(strand, directory);
		return 0;
	}
	if (!S_ISDIR(info.st_mode)) {
		ouro__report_add(report, OURO_FINDING_WRONG, "%s is no directory", directory);
		ouro__report_advise(report, "name another one in state_dir");
		return 0;
	}
	if (info.st_mode & S_IWOTH) {
		ouro__report_add(
			report, OURO_FINDING_WRONG, "everybody may write to %s", directory);
		ouro__report_advise(report, "chmod 700 %s", directory);
	}
	return 1;
}

/* 0 = the file cannot be looked at by this user. */
static int look_file(struct ouro__strand *strand, void *arg)
{
	const struct state *state = arg;
	struct ouro__report *report = &strand->report;
	char path[4096];
	struct stat info;

	if (state->options.url)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/" FILE_NAME, state->options.directory);
	if (stat(path, &info) != 0)
		return 1;
	if (S_ISREG(info.st_mode) && geteuid() != 0 && geteuid() != info.st_uid) {
		tell_closed(strand, path);
		return 0;
	}
	if (info.st_mode & (S_IRWXG | S_IRWXO)) {
		ouro__report_add(report, OURO_FINDING_NOTE,
			"%s is open to others than its owner (mode %03o)", path,
			(unsigned)info.st_mode & 0777u);
		ouro__report_advise(report, "chmod 600 %s", path);
	}
	return 1;
}

static int look_room(struct ouro__strand *strand, void *arg)
{
	const struct state *state = arg;
	struct statvfs disk;
	uint64_t left;

	if (state->options.url || statvfs(state->options.directory, &disk) != 0)
		return 1;
	left = (uint64_t)disk.f_bavail * disk.f_frsize >> 20;
	if (left < ROOM_MB) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"the disk of %s has %llu MiB left", state->options.directory,
			(unsigned long long)left);
		ouro__report_advise(&strand->report, "make room there");
	}
	return 1;
}

static int look_inside(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	struct ouro__report *report = &strand->report;
	const char *name =
		state->options.url ? "the PostgreSQL database" : state->options.directory;
	enum ouro__store_there there = OURO__STORE_NONE;
	ouro_error error = OURO_ERROR_INIT;

	state->options.timeout_ms = ouro__doctor_left(strand, LOOK_MS);
	if (ouro__store_look(&state->options, &there, &error) < 0) {
		ouro__report_add(report, OURO_FINDING_WRONG, "%s", error.text);
		ouro__report_advise(report,
			"until then there are no personal tokens; ouroboros-web(8) explains the text");
	} else if (there == OURO__STORE_NONE) {
		ouro__report_add(report, OURO_FINDING_NOTE, "%s: nothing is in it yet", name);
		ouro__report_advise(report, "start ouroboros-web once: it makes the tables");
	} else if (there == OURO__STORE_OLDER) {
		ouro__report_add(
			report, OURO_FINDING_NOTE, "%s was made by an older version", name);
		ouro__report_advise(
			report, "start ouroboros-web anew: it brings it to this version");
	} else {
		ouro__report_add(
			report, OURO_FINDING_OK, "%s is whole and can be written to", name);
	}
	return 1;
}

void ouro__doctor_store(struct ouro__strand *strand)
{
	static const struct ouro__check_row rows[] = {
		{"store", look_setting},
		{"store", look_directory},
		{"store", look_file},
		{"store", look_room},
		{"store", look_inside},
	};
	struct state state = {.options = OURO_STORE_OPTIONS_INIT};

	/* Settings that cannot be read name no store either; what is wrong with one that is named is told. */
	if (!ouro__doctor_text(strand, "rules") ||
		ouro__settings_faulty(strand->doctor->settings, "state_dir") ||
		ouro__settings_faulty(strand->doctor->settings, "store_url"))
		return;
	state.options.url = ouro__doctor_text(strand, "store_url");
	state.options.directory = ouro__doctor_text(strand, "state_dir");
	ouro__strand_run(strand, rows, sizeof(rows) / sizeof(rows[0]), &state);
}
