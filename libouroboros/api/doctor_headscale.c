/* Headscale: the door, the key, the version, and whether the people of the map are there. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/doctor_peek.h"
#include "api/doctor_people.h"
#include "base/sys.h"
#include "net/stream.h"
#include "tailnet/tailnet.h"

#define CHECK_MS 10000u
#define KEY_DAYS 30
#define GRPC_PORT 443

struct state {
	ouro_tailnet_options options; /* borrows from the settings */
	int door_shut;                /* told already why it cannot be reached */
	ouro_tailnet *tailnet;
	ouro__snapshot *snapshot;
};

/* ---- the socket ---- */

static void owner_names(const struct stat *info, char ret[128])
{
	char room[2048];
	struct passwd user;
	struct passwd *found_user = NULL;
	struct group group;
	struct group *found_group = NULL;
	char owner[48];

	(void)snprintf(owner, sizeof(owner), "%u", (unsigned)info->st_uid);
	if (getpwuid_r(info->st_uid, &user, room, sizeof(room), &found_user) == 0 && found_user)
		(void)snprintf(owner, sizeof(owner), "%.40s", user.pw_name);
	if (getgrgid_r(info->st_gid, &group, room, sizeof(room), &found_group) == 0 && found_group)
		(void)snprintf(ret, 128, "%s:%.40s", owner, group.gr_name);
	else
		(void)snprintf(ret, 128, "%s:%u", owner, (unsigned)info->st_gid);
}

static void connect_socket(
	struct ouro__strand *strand, struct state *state, const char *path, const struct stat *info)
{
	struct ouro__report *report = &strand->report;
	ouro__stream *stream = ouro__stream_unix_new(path);
	ouro_error error = OURO_ERROR_INIT;
	char owner[128];
	ouro_status rc;

	owner_names(info, owner);
	rc = stream ? stream->ops->connect(stream, strand->doctor->deadline, -1, &error)
		    : ouro__error_nomem(&error);
	ouro__stream_free(stream);
	state->door_shut = rc < 0;
	if (rc == OURO_OK) {
		ouro__report_add(report, OURO_FINDING_OK, "%s is there (%s, mode %03o)%s", path,
			owner, (unsigned)info->st_mode & 0777u,
			geteuid() == 0 ? ", as root sees it" : "");
		return;
	}
	ouro__report_add(report, OURO_FINDING_WRONG, "%s (%s, mode %03o): %s", path, owner,
		(unsigned)info->st_mode & 0777u, error.text);
	if (error.os_errno == EACCES || error.os_errno == EPERM)
		ouro__report_advise(report,
			"put the user that runs Ouroboros into the group of the socket (%s), and start it again",
			owner);
	else
		ouro__report_advise(report, "start Headscale: nobody listens there");
}

static int look_socket(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	const char *path = state->options.socket_path;
	struct ouro__report *report = &strand->report;
	struct stat info;

	if (state->options.address || !path)
		return 1;
	if (stat(path, &info) != 0) {
		state->door_shut = 1;
		ouro__report_add(report, OURO_FINDING_WRONG, "%s: %s", path, strerror(errno));
		ouro__report_advise(report,
			errno == EACCES
				? "let the user that runs Ouroboros into the folder of the socket"
				: "start Headscale, or write its unix_socket in hs_socket; if it runs elsewhere, set hs_is_remote and hs_address");
	} else if (!S_ISSOCK(info.st_mode)) {
		state->door_shut = 1;
		ouro__report_add(report, OURO_FINDING_WRONG, "%s is no socket", path);
		ouro__report_advise(report, "write Headscale's unix_socket in hs_socket");
	} else {
		connect_socket(strand, state, path, &info);
	}
	return 1;
}

/* ---- the address ---- */

static int look_address(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	struct ouro__report *report = &strand->report;
	struct ouro__endpoint endpoint;
	struct ouro__peek peek;
	ouro_error error = OURO_ERROR_INIT;

	if (!state->options.address)
		return 1;
	if (ouro__endpoint_parse(state->options.address, GRPC_PORT, &endpoint, &error) < 0) {
		state->door_shut = 1;
		ouro__report_add(report, OURO_FINDING_WRONG, "%s", error.text);
		return 1;
	}
	ouro__doctor_peek(&endpoint, !state->options.plaintext, state->options.ca_file,
		ouro__clock_ms() + ouro__doctor_left(strand, CHECK_MS), &peek);
	state->door_shut = !ouro__doctor_tell_peek(report, "hs_address", endpoint.text, &peek);
	return 1;
}

/* ---- the server ---- */

static void tell_server(struct ouro__report *report, const struct state *state)
{
	ouro_tailnet_status status = OURO_TAILNET_STATUS_INIT;

	if (ouro_tailnet_status_get(state->tailnet, &status, NULL) < 0)
		return;
	if (status.capabilities & OURO_CAN_ONLY_READ) {
		ouro__report_add(report, OURO_FINDING_WRONG,
			"version %s: everything is shown and nothing can be changed",
			status.version);
		ouro__report_advise(report,
			"update Ouroboros; until then hs_assume says which version it is to be treated as, if its changes are known to be harmless");
		return;
	}
	ouro__report_add(report, OURO_FINDING_OK, "version %s over %s at %s", status.version,
		status.transport == OURO_TRANSPORT_HTTP ? "HTTP" : "gRPC", status.endpoint);
	if (status.capabilities & OURO_CAN_STALL_ON_EMPTY_NAME) {
		ouro__report_add(report, OURO_FINDING_NOTE,
			"version %s: one device without a name keeps all devices from getting a map of the network",
			status.version);
		ouro__report_advise(report, "upgrade Headscale");
	}
	if (status.capabilities & OURO_CAN_LOSE_LAST_WITHDRAWAL) {
		ouro__report_add(report, OURO_FINDING_NOTE,
			"version %s: a restart brings the approval of a device's last route back that was withdrawn",
			status.version);
		ouro__report_advise(report, "upgrade Headscale");
	}
}

static int look_server(struct ouro__strand *strand, void *arg)
{
	struct state *state = arg;
	struct ouro__report *report = &strand->report;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc;

	state->options.read_timeout_ms = ouro__doctor_left(strand, CHECK_MS);
	rc = ouro_tailnet_open(&state->options, &state->tailnet, &error);
	if (rc == OURO_OK)
		rc = ouro__tailnet_read_fresh(state->tailnet, &state->snapshot, &error);
	if (rc == OURO_OK) {
		tell_server(report, state);
		return 1;
	}
	/* Why is told by the door. */
	if (state->door_shut)
		return 0;
	if (rc == OURO_ERR_UNAUTHENTICATED)
		report->topic = "api key";
	ouro__report_add(report, OURO_FINDING_WRONG, "%s", error.text);
	if (rc == OURO_ERR_UNAUTHENTICATED)
		ouro__report_advise(report,
			"make a new key on the server (headscale apikeys create) and set hs_api_key");
	else if (rc != OURO_ERR_INVALID)
		ouro__report_advise(
			report, "see what Headscale's own log and the proxy's say of this moment");
	return 0;
}

static int look_key(struct ouro__strand *strand, void *arg)
{
	const struct state *state = arg;
	struct ouro__report *report = &strand->report;
	ouro_error error = OURO_ERROR_INIT;
	int64_t until = OURO_TIME_NEVER;
	ouro_status rc;

	/* The socket asks for none. */
	if (!state->options.address)
		return 1;
	rc = ouro__tailnet_api_key_until(state->tailnet, state->options.api_key, &until, &error);
	if (rc == OURO_OK) {
		ouro__report_end(report, "the API key", until, KEY_DAYS,
			"make a new one on the server (headscale apikeys create) and set hs_api_key before that day");
	} else {
		ouro__report_add(report, OURO_FINDING_NOTE,
			"the API key works, but not when it ends is known: %s", error.text);
		ouro__report_advise(report, "look it up on the server: headscale apikeys list");
	}
	return 1;
}

/* ---- the people ---- */

static int look_people(struct ouro__strand *strand, void *arg)
{
	const struct state *state = arg;

	ouro__doctor_people(strand, state->snapshot);
	return 1;
}

static int look_keepers(struct ouro__strand *strand, void *arg)
{
	const struct state *state = arg;

	ouro__doctor_keepers(strand, state->snapshot);
	return 1;
}

void ouro__doctor_headscale(struct ouro__strand *strand)
{
	static const struct ouro__check_row rows[] = {
		{"socket", look_socket},
		{"address", look_address},
		{"headscale", look_server},
		{"api key", look_key},
		{"people", look_people},
		{"keepers", look_keepers},
	};
	struct state state = {.options = OURO_TAILNET_OPTIONS_INIT};

	ouro_settings_tailnet(strand->doctor->settings, &state.options);
	/* Told already: the settings want an address, and do not say which. */
	if (ouro__doctor_switch(strand, "hs_is_remote")
			? !state.options.address || !state.options.api_key
			: !state.options.socket_path)
		return;
	ouro__strand_run(strand, rows, sizeof(rows) / sizeof(rows[0]), &state);
	ouro__snapshot_unref(state.snapshot);
	ouro_tailnet_free(state.tailnet);
}
